"""A study by checkpoint: outputs, verdicts, labels and capability joined, and what each output is by labels."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path

import numpy as np
import pytest

from judgeaudit.domain.checkpoints import (
    CLEARED,
    FLAGGED,
    GIBBERISH,
    READABLE,
    SAFE,
    SILENT,
    UNASKED,
    UNLABELLED,
    UNSAFE,
    CheckpointRatings,
    Measurement,
    Note,
)
from judgeaudit.domain.errors import InputError
from judgeaudit.storage.checkpoints.loaded import CompareLoaded
from judgeaudit.storage.checkpoints.study import load_comparison
from judgeaudit.storage.config.read import read_study
from judgeaudit.storage.files.write import append_jsonl, write_table

HARM = '[questions.harm]\nscale = "binary"\nlabels = ["safe", "unsafe"]\n'
COHERENCE = '[questions.coherence]\nscale = "ordinal"\nlabels = ["gibberish", "partly", "coherent"]\n'
COMPARE = '[compare]\ncapability_task = "boolq"\ngoal = 0.7\nbaseline = "base"\n'
TOML = HARM + COHERENCE + COMPARE
MODELS = (("m", "", "base"), ("m", "plain", "s1"), ("m", "plain", "s2"), ("m", "mild", "s1"))
Row = Mapping[str, object]


def outputs(models: Sequence[tuple[str, str, str]] = MODELS, *, prompts: int = 2, **more: str) -> list[Row]:
    """One output of each checkpoint to each prompt; items are i0, i1, … in that order."""
    rows: list[Row] = []
    for model, method, checkpoint in models:
        for prompt in range(prompts):
            named = {"model": model, "method": method, "checkpoint": checkpoint, "prompt_id": f"p{prompt}"}
            rows.append({"item_id": f"i{len(rows)}", "response": "Paris is the capital of France.", **named, **more})
    return rows


def scores(*rows: tuple[str, str, float | str], task: str = "boolq") -> list[Row]:
    return [{"model": "m", "method": a, "checkpoint": b, "task": task, "score": c, "n": 100} for a, b, c in rows]


SCORES = scores(("", "base", 0.6), ("plain", "s1", 0.7), ("plain", "s2", 0.8), ("mild", "s1", 0.75))


def label(item: str, text: str, question: str = "harm", rater: str = "ann", **more: str) -> Row:
    return {"item_id": item, "rater": rater, "question": question, "label": text, **more}


def verdict(item: str, text: str, judge: str = "mini", question: str = "harm", **more: object) -> Row:
    return {"item_id": item, "judge": judge, "question": question, "label": text, **more}


def written(folder: Path, file: str, rows: Sequence[Row]) -> None:
    columns = list(dict.fromkeys(column for row in rows for column in row))
    write_table(folder / file, columns, [[row.get(column, "") for column in columns] for row in rows])  # type: ignore[misc]


def study(
    folder: Path,
    *,
    toml: str = TOML,
    items: Sequence[Row] = (),
    capability: Sequence[Row] = SCORES,
    labels: Sequence[Row] = (),
    verdicts: Sequence[Row] = (),
) -> Path:
    (folder / "study.toml").write_text(toml, encoding="utf-8")
    append_jsonl(folder / "outputs.jsonl", items or outputs())
    if capability:
        written(folder, "capability.csv", capability)
    if labels:
        append_jsonl(folder / "annotations.jsonl", labels)
    append_jsonl(folder / "verdicts" / "mini.jsonl", verdicts or [verdict("i0", "safe")])
    return folder


def loaded(folder: Path, **tables: object) -> CompareLoaded:
    study(folder, **tables)  # type: ignore[arg-type]
    config = read_study(folder)
    assert config.compare is not None
    return load_comparison(folder, config, config.compare)


def told(found: CompareLoaded) -> list[str]:
    return [one.sentence for one in found.notes]


def rated(folder: Path, **tables: object) -> CheckpointRatings:
    (one,) = loaded(folder, **tables).ratings
    return one


def refused(folder: Path, **tables: object) -> str:
    with pytest.raises(InputError) as caught:
        loaded(folder, **tables)
    message = str(caught.value)
    assert "\n" not in message
    return message.replace(str(folder), "FOLDER")


def test_checkpoints_are_those_of_the_outputs_and_of_capability(tmp_path):
    """A checkpoint that one table alone knows is kept: without outputs, or without a measurement."""
    found = loaded(tmp_path, capability=[*SCORES[:3], *scores(("mild", "s9", 0.9))])
    (one,) = found.ratings
    names = [(c.method, c.checkpoint) for c in one.checkpoints]
    assert names == [("base", "base"), ("plain", "s1"), ("plain", "s2"), ("mild", "s1"), ("mild", "s9")]
    assert one.checkpoint.tolist() == [0, 0, 1, 1, 2, 2, 3, 3]
    assert [(m.checkpoint, m.score) for m in found.measured] == [(0, 0.6), (1, 0.7), (2, 0.8), (4, 0.9)]


def test_a_capability_table_without_methods_joins_on_what_it_has(tmp_path):
    """Model and checkpoint tell the method where each pair of them has one."""
    models = [("a", "plain", "s1"), ("b", "mild", "s1"), ("b", "mild", "base")]
    capability = [
        {"model": model, "checkpoint": checkpoint, "score": score}
        for model, checkpoint, score in (("a", "s1", 0.7), ("b", "s1", 0.8), ("b", "base", 0.5))
    ]
    found = loaded(tmp_path, items=outputs(models), capability=capability)
    assert [c.method for c in found.ratings[0].checkpoints] == ["plain", "mild", "mild"]
    assert found.measured == tuple(
        Measurement(checkpoint=n, task="boolq", score=score) for n, score in enumerate([0.7, 0.8, 0.5])
    )


def test_without_a_method_column_the_model_is_the_method(tmp_path):
    """And the baseline, where it is a checkpoint of the same model, is a method of its own."""
    items = [
        {key: cell for key, cell in row.items() if key != "method"}
        for row in outputs([("m", "", "base"), ("m", "", "s1")])
    ]
    capability = [{"model": "m", "checkpoint": c, "score": 0.7} for c in ("base", "s1")]
    one = rated(tmp_path, items=items, capability=capability)
    assert [(c.model, c.method, c.checkpoint) for c in one.checkpoints] == [("m", "base", "base"), ("m", "m", "s1")]


def test_a_checkpoint_that_is_several_is_refused(tmp_path):
    """What cannot be told apart is not guessed."""
    capability = [{"model": "m", "checkpoint": c, "score": 0.7} for c in ("base", "s1", "s2")]
    assert refused(tmp_path, capability=capability) == (
        "capability.csv: checkpoint 's1' is several in outputs.jsonl (m plain s1, m mild s1); "
        "add the column method to capability.csv"
    )


def test_an_output_without_a_checkpoint_has_the_only_one_of_its_method(tmp_path):
    """Where its method has several it is in none, and counted."""
    models = [
        ("m", "base", ""),
        ("m", "mild", ""),
        ("m", "mild", "s1"),
        ("m", "plain", ""),
        ("m", "plain", "s1"),
        ("m", "plain", "s2"),
    ]
    found = loaded(
        tmp_path, items=outputs(models, prompts=1), capability=scores(("base", "base", 0.6), ("mild", "s1", 0.7))
    )
    assert found.ratings[0].checkpoint.tolist() == [0, 1, 1, -1, 2, 3]
    assert "1 outputs name no checkpoint, and their model and method have several: not used" in told(found)


def test_steps_are_numbers_of_either_table(tmp_path):
    """Words are told and not used as steps; two different numbers for one checkpoint are refused."""
    rows = [{**row, "step": step} for row, step in zip(SCORES, ("0", "100", "", "late"), strict=True)]
    found = loaded(tmp_path, capability=rows)
    assert [c.step for c in found.ratings[0].checkpoints] == [0.0, 100.0, None, None]
    assert "capability.csv: 1 values of step are no number, as 'late': not used as steps" in told(found)


@pytest.mark.parametrize(
    ("capability", "message"),
    [
        (
            [],
            "FOLDER: no capability.csv, and checkpoints are matched on capability; bring it in with "
            "`judgeaudit import capability FILE FOLDER`",
        ),
        (scores(("", "base", "high")), "capability.csv row 2, column 'score': 'high' is not a number, which score has to be"),
        (
            scores(("", "base", 0.6), ("", "base", 0.7)),
            "capability.csv row 3, column 'score': 0.7, and 0.6 in row 2 for the same checkpoint and task; keep one",
        ),
        (
            scores(("", "base", 0.6), task="boolQ"),
            "capability.csv: no task 'boolq', which the goal is about (did you mean 'boolQ'?); tasks are boolQ",
        ),
        (
            [{**SCORES[0], "n": "12.5"}],
            "capability.csv row 2, column 'n': '12.5' is no number of items; write how many were measured, or nothing",
        ),
        (
            [{**SCORES[0], "task": ""}, {**SCORES[0], "task": "", "score": 0.2}],
            "capability.csv row 3, column 'score': 0.2, and 0.6 in row 2 for the same checkpoint, and neither names its task; "
            "say what each row measured",
        ),
    ],
)  # fmt: skip
def test_capability_that_cannot_be_used_is_one_line(tmp_path, capability, message):
    """File, row, column, and how to mend it."""
    assert refused(tmp_path, capability=capability) == message


@pytest.mark.parametrize(
    ("toml", "message"),
    [
        (TOML + 'judge = "max"\n', "compare: judge: 'max' has given no verdict; judges are mini"),
        (
            TOML + 'contrasts = [["plain", "milt"]]\n',
            "compare: contrasts: 'milt' is no method; methods are base, plain, mild (did you mean 'mild'?)",
        ),
        (TOML + 'benchmarks = ["xs"]\n', "compare: benchmarks: 'xs' is no benchmark of the outputs; there are all"),
        (
            TOML + 'signal = "looks_gibberish"\n',
            "compare.signal: 'looks_gibberish' is neither a column of outputs.jsonl nor the signal looks_like_gibberish "
            "(did you mean 'looks_like_gibberish'?)",
        ),
        (
            TOML + 'references = ["majority"]\n',
            "study.toml: compare: references: 'majority' needs labels, and there are none; bring them in, or write none",
        ),
    ],
)  # fmt: skip
def test_names_that_are_not_there_are_refused(tmp_path, toml, message):
    """With what is there and the nearest."""
    assert refused(tmp_path, toml=toml) == message


def test_outputs_need_a_checkpoint_and_a_prompt(tmp_path):
    """Checkpoints are what is compared, prompts what pairs them."""
    bare = [{key: cell for key, cell in row.items() if key != "checkpoint"} for row in outputs()]
    (tmp_path / "a").mkdir()
    assert refused(tmp_path / "a", items=bare) == (
        "outputs.jsonl: no column 'checkpoint' for outputs to be compared by checkpoint; columns are item_id, response, model, "
        "method, prompt_id; add it, with model or method where there are several"
    )
    bare = [{key: cell for key, cell in row.items() if key != "prompt_id"} for row in outputs()]
    (tmp_path / "b").mkdir()
    assert refused(tmp_path / "b", items=bare).endswith("checkpoints are compared prompt by prompt; add one of them")


def test_verdicts_are_sides(tmp_path):
    """A positive label flags, another clears; asked without a label is silent, and never asked is neither."""
    said = [verdict("i0", "unsafe"), verdict("i1", "safe"), verdict("i2", "", status="refused")]
    one = rated(tmp_path, verdicts=said)
    assert one.verdicts.tolist() == [[FLAGGED, CLEARED, SILENT, *[UNASKED] * 5]]
    assert (one.question, one.positive, one.judges) == ("harm", "unsafe", ("mini",))


def test_gibberish_decides_whatever_was_said_of_harm(tmp_path):
    """Nobody needs to judge the harm of gibberish; what is readable and has no reference of harm is told apart, and all are counted."""
    labels = [
        *(label(f"i{n}", word, "coherence") for n, word in enumerate(["gibberish", "gibberish", "coherent", "partly", "coherent"])),
        label("i0", "unsafe"), label("i1", "", status="cannot_judge"), label("i2", "unsafe"), label("i3", "safe"), label("i5", "safe"),
    ]  # fmt: skip
    found = loaded(tmp_path, labels=labels)
    (one,) = found.ratings
    assert one.references == ("majority",)
    assert one.outcomes.tolist() == [[GIBBERISH, GIBBERISH, UNSAFE, SAFE, READABLE, *[UNLABELLED] * 3]]
    assert [note for note in told(found) if "count as unlabelled" in note] == [
        "question 'harm': 1 labelled outputs have no reference for coherence, so nobody knows whether they are gibberish: "
        "they count as unlabelled"
    ]


def test_ties_are_unlabelled_and_told(tmp_path):
    """Two people who differ make no reference; Dawid and Skene's is offered from three people on."""
    labels = [label("i0", "safe"), label("i0", "unsafe", rater="bob"), label("i1", "safe")]
    found = loaded(tmp_path, labels=labels, toml=HARM + COMPARE)
    assert found.ratings[0].outcomes.tolist() == [[UNLABELLED, SAFE, *[UNLABELLED] * 6]]
    assert any("1 labelled outputs have no reference, since labels tie" in note for note in told(found))


def test_references_are_those_asked_for(tmp_path):
    """Each rule has its row of outcomes; a rater's name is a rule."""
    labels = [label("i0", "safe"), *(label("i0", "unsafe", rater=rater) for rater in ("bob", "eve"))]
    toml = HARM + COMPARE + 'references = ["none", "majority", "ann"]\n'
    one = rated(tmp_path, labels=labels, toml=toml)
    assert one.references == ("majority", "ann")
    assert one.outcomes[:, 0].tolist() == [UNSAFE, SAFE]
    assert loaded_again(tmp_path, HARM + COMPARE).references == ("majority", "dawid-skene")


def loaded_again(folder: Path, toml: str) -> CheckpointRatings:
    (folder / "study.toml").write_text(toml, encoding="utf-8")
    config = read_study(folder)
    assert config.compare is not None
    return load_comparison(folder, config, config.compare).ratings[0]


def test_without_a_question_of_coherence_the_signal_tells(tmp_path):
    """Of labelled outputs alone, which is said."""
    items = [
        {**row, "response": "the the the the the the the the" if n < 2 else "Paris is the capital of France."}
        for n, row in enumerate(outputs())
    ]
    found = loaded(tmp_path, items=items, labels=[label("i0", "safe"), label("i2", "safe")], toml=HARM + COMPARE)
    assert found.ratings[0].outcomes.tolist() == [[GIBBERISH, UNLABELLED, SAFE, *[UNLABELLED] * 5]]
    assert found.ratings[0].gibberish_by == "signal"
    assert found.notes[0] == Note(
        code="gibberish_by_signal",
        sentence="question 'harm': nobody labelled coherence; which labelled outputs are gibberish is what the signal "
        "looks_like_gibberish says (1 of 2): label coherence, too, before you rely on corrected rates",
    )


def test_a_judge_screens_by_its_own_verdict(tmp_path):
    """By the signal only where it gave none, and by the signal alone where it was never asked about coherence."""
    items = [{**row, "looks_like_gibberish": "yes" if n in (1, 2) else "no"} for n, row in enumerate(outputs())]
    said = [verdict(f"i{n}", "safe", judge) for judge in ("mini", "maxi") for n in range(4)]
    said += [verdict("i0", "gibberish", question="coherence"), verdict("i1", "coherent", question="coherence")]
    one = rated(tmp_path, items=items, verdicts=said)
    assert one.screen.tolist() == [[False, True, True, *[False] * 5], [True, False, True, *[False] * 5]]
    assert one.judges == ("maxi", "mini")
    assert one.screens == (
        "the column looks_like_gibberish",
        "its own verdict on coherence, else the column looks_like_gibberish",
    )


def test_a_study_without_labels_is_compared_by_verdicts_alone(tmp_path):
    """There is no reference but none."""
    found = loaded(tmp_path)
    assert (found.ratings[0].references, found.labelled) == ((), False)
    assert found.ratings[0].outcomes.shape == (0, 8)


def test_prompts_pair_within_a_benchmark(tmp_path):
    """The same id on two benchmarks is two prompts, resampled together; a cluster that parts a prompt is not used, which is told."""
    items = [{**row, "benchmark": "ab"[n % 2], "prompt_id": "p"} for n, row in enumerate(outputs())]
    found = loaded(tmp_path, items=items, toml='cluster = "item_id"\n' + TOML)
    (one,) = found.ratings
    assert one.benchmarks == ("a", "b")
    assert one.prompts.tolist() == [0, 1] * 4
    assert np.unique(one.clusters).size == 1
    assert any("cluster 'item_id' part outputs of one prompt" in note for note in told(found))


def test_inputs_are_every_table_that_was_read(tmp_path):
    """With their digests, capability among them."""
    found = loaded(tmp_path, labels=[label("i0", "safe")])
    assert list(found.inputs) == [
        "study.toml",
        "outputs.jsonl",
        "capability.csv",
        "annotations.jsonl",
        "verdicts/mini.jsonl",
    ]


def test_no_benchmark_is_called_all(tmp_path):
    """The word means all of them together."""
    items = [{**row, "benchmark": ["xs", "all"][n % 2]} for n, row in enumerate(outputs())]
    assert refused(tmp_path, items=items) == (
        "outputs.jsonl row 2, column 'benchmark': a benchmark is called 'all', which means all benchmarks together; rename it"
    )


@pytest.mark.parametrize(
    ("goal", "found", "message"),
    [
        ("goal = 70", (0.6, 0.78), "go up to 0.78 and the goal is 70: write both as shares (0.7) or both as percents"),
        ("goal = 0.7", (60, 78), "go up to 78 and the goal is 0.7: write both as shares (0.78) or both as percents"),
        ("goal = 0.7", (0.6, 78), "go up to 78 and the goal is 0.7: write both as shares (0.78) or both as percents"),
        (
            "tolerance = 2\ngoal = 0.7",
            (0.6, 0.78),
            "go from 0.6 to 0.78 and the tolerance is 2, by which all of them are matched; write a smaller one",
        ),
    ],
)
def test_goal_scores_and_tolerance_are_on_one_scale(tmp_path, goal, found, message):
    """Shares or percents, not one here and another there."""
    capability = scores(("", "base", found[0]), ("plain", "s1", found[1]))
    toml = TOML.replace("goal = 0.7", goal)
    assert refused(tmp_path, toml=toml, capability=capability) == f"capability.csv: scores of 'boolq' {message}"


@pytest.mark.parametrize(
    ("goal", "found"), [("-0.4", (-0.6, -0.3)), ("70", (0.6, 78)), ("0.5", (-1.5, 1.5)), ("0.7", (0.7, 0.7))]
)
def test_scores_may_have_a_scale_of_their_own(tmp_path, goal, found):
    """Log-probabilities, percents below one, and scores that are all alike."""
    capability = scores(("", "base", found[0]), ("plain", "s1", found[1]))
    one = loaded(tmp_path, toml=TOML.replace("0.7", goal), capability=capability)
    assert [each.score for each in one.measured] == list(found)


def test_names_are_one_whatever_blanks_and_zeros_surround_them(tmp_path):
    """Blanks at the ends go, and equal numbers are one name, as it is spelled where it stands first."""
    capability = [
        {"model": "m ", "method": f" {a}", "checkpoint": b, "task": "boolq", "score": c}
        for a, b, c in (("", "0.0", 0.6), ("plain", "100.0", 0.7), ("plain", "2e2", 0.8))
    ]
    models = [("m", "", "0"), ("m", "plain ", "100"), ("m", "plain", "200")]
    toml = TOML.replace('baseline = "base"', 'baseline = "0"')
    found = loaded(tmp_path, items=outputs(models), capability=capability, toml=toml)
    assert [(c.method, c.checkpoint) for c in found.ratings[0].checkpoints] == [
        ("0", "0"),
        ("plain", "100"),
        ("plain", "200"),
    ]
    assert [one.checkpoint for one in found.measured] == [0, 1, 2]


def test_tables_that_have_no_checkpoint_in_common_are_refused(tmp_path):
    """With one of each, and the columns in which nothing is alike."""
    other = [{**row, "model": "n", "checkpoint": f"x{row['checkpoint']}"} for row in SCORES]
    assert refused(tmp_path, capability=other, toml=TOML.replace('"base"', '"plain"')) == (
        "capability.csv: no checkpoint of outputs.jsonl has a capability: there it is 'm m base' and here 'n n xbase' "
        "(model, method, checkpoint); write them alike, look at model, checkpoint"
    )


@pytest.mark.parametrize(
    ("method", "words"),
    [
        ("Plain", "method 'plain' and 'Plain'"),
        ("pl ain", "method 'plain' and 'pl ain'"),
        ("sft", "'m plain s2' of outputs.jsonl and 'm sft s2' of capability.csv"),
    ],
)
def test_names_that_may_be_one_are_told(tmp_path, method, words):
    """Those that differ by case and blanks alone, and one checkpoint under two methods."""
    found = loaded(tmp_path, capability=[*SCORES[:2], {**SCORES[2], "method": method}, SCORES[3]])
    assert [one for one in found.notes if one.code == "names_differ"] == [
        Note(
            code="names_differ",
            sentence=f"names differ between checkpoints: {words}: they are not the same here; write them alike if they are meant to be",
        )
    ]


def test_of_many_names_that_differ_a_few_are_told(tmp_path):
    """And how many more there are."""
    models = [("m", "", "base"), *(("m", f"a{n}", "s1") for n in range(5))]
    capability = scores(("", "base", 0.6), *((f"A{n}", "s1", 0.7) for n in range(5)))
    found = loaded(tmp_path, items=outputs(models), capability=capability)
    assert "'a2' and 'A2', and 2 more: they" in next(one.sentence for one in found.notes if one.code == "names_differ")
