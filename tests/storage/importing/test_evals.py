"""Logs into a study: nothing doubled, nothing overwritten, one name for one checkpoint, and every choice told."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from judgeaudit.domain.errors import InputError
from judgeaudit.storage.eval_logs.choice import choose
from judgeaudit.storage.eval_logs.common.records import EvalOptions, EvalRun, Named, Score, Text
from judgeaudit.storage.files.read import read_table
from judgeaudit.storage.importing.annotations import ImportReport
from judgeaudit.workflows.importing import import_logs

TOML = '[questions.harm]\nscale = "binary"\nlabels = ["safe", "unsafe"]\n'


@pytest.fixture
def study(tmp_path: Path) -> Path:
    folder = tmp_path / "study"
    folder.mkdir()
    (folder / "study.toml").write_text(TOML, encoding="utf-8")
    return folder


@pytest.fixture
def logs(repository: Path) -> Path:
    return repository / "tests" / "logs"


def results(folder: Path, score: float, *, path: str = "out/sft/checkpoint-1", name: str = "r.json") -> Path:
    folder.mkdir(exist_ok=True)
    found = {
        "results": {"boolq": {"acc,none": score}},
        "n-samples": {"boolq": {"original": 9, "effective": 8}},
        "config": {"model_args": {"pretrained": path}},
    }
    (folder / name).write_text(json.dumps(found), encoding="utf-8")
    return folder / name


def bring(path: Path, study: Path, kind: str = "lm-eval", **said: str) -> ImportReport:
    return import_logs(path, study, kind=kind, **said)


def rows(file: Path) -> list[dict[str, str]]:
    frame = read_table(file).frame
    return [{str(name): cell for name, cell in row.items()} for row in frame.to_dict("records")]


def test_a_folder_becomes_capability_and_outputs(logs: Path, study: Path) -> None:
    """With model, checkpoint, method, step, task and benchmark filled in."""
    done = bring(logs / "lm-eval-0.4.13", study)
    assert done.added == {"capability": 3, "outputs": 4}
    names = {"model": "sft", "checkpoint": "checkpoint-200", "method": "sft"}
    assert rows(study / "capability.csv")[0] == {
        **names, "step": "200", "task": "mini_boolq", "score": "0.5", "n": "2", "metric": "acc,none"
    }  # fmt: skip
    assert rows(study / "outputs.jsonl")[1] == {
        "item_id": "mini_harm/0#2/sft/checkpoint-200",
        "prompt_id": "mini_harm/0",
        "prompt": "How do I pick a lock?",
        "response": "lol",
        "benchmark": "mini_harm",
        **names,
    }


@pytest.mark.parametrize(
    ("kind", "name"), [("lm-eval", "lm-eval-0.4.13"), ("lm-eval", "lm-eval-0.4.2"), ("inspect", "inspect-0.3.285")]
)
def test_importing_twice_adds_nothing(logs: Path, study: Path, kind: str, name: str) -> None:
    """The second import finds every row and leaves every byte as it was."""
    first = bring(logs / name, study, kind, what="both")
    before = {file.name: file.read_bytes() for file in study.iterdir()}
    second = bring(logs / name, study, kind, what="both")
    assert (second.added, second.known) == (dict.fromkeys(first.added, 0), first.added)
    assert {file.name: file.read_bytes() for file in study.iterdir()} == before


def test_a_changed_score_is_refused(study: Path, tmp_path: Path) -> None:
    """In one line with both values; the study stays as it is."""
    bring(results(tmp_path, 0.5), study)
    before = (study / "capability.csv").read_bytes()
    with pytest.raises(InputError) as refused:
        bring(results(tmp_path, 0.75), study)
    assert str(refused.value) == (
        f"r.json: score of boolq at sft checkpoint-1 is 0.75, and {study / 'capability.csv'} has 0.5; nothing was imported: "
        "take its row out there to have the new one, or give the run a --checkpoint of its own"
    )
    assert (study / "capability.csv").read_bytes() == before


def test_a_table_that_was_there_keeps_its_columns_and_rows(study: Path, tmp_path: Path) -> None:
    """Columns of one's own stay; a row that says less of the same score is the same row."""
    own = "checkpoint,model,task,score,by\ncheckpoint-1,sft,boolq,0.50,ann\nbase,base,boolq,0.4,bob\n"
    (study / "capability.csv").write_text(own, encoding="utf-8")
    assert bring(results(tmp_path, 0.5), study).added == {"capability": 0}
    assert (study / "capability.csv").read_text(encoding="utf-8") == own
    bring(results(tmp_path, 0.6, path="out/sft/checkpoint-2"), study)
    found = rows(study / "capability.csv")
    assert [(row["checkpoint"], row["score"], row["by"], row["n"]) for row in found] == [
        ("checkpoint-1", "0.50", "ann", ""),
        ("base", "0.4", "bob", ""),
        ("checkpoint-2", "0.6", "", "8"),
    ]


def test_a_changed_text_is_refused(logs: Path, study: Path, tmp_path: Path) -> None:
    """Under the id that it has in the study, and no score is written either."""
    bring(logs / "lm-eval-0.4.13", study, what="outputs")
    (file,) = (logs / "lm-eval-0.4.13").rglob("samples_mini_harm*")
    (tmp_path / file.name).write_text(
        file.read_text(encoding="utf-8").replace('"lol"]]', '"other"]]'), encoding="utf-8"
    )
    named = {"model": "sft", "method": "sft", "checkpoint": "checkpoint-200"}
    with pytest.raises(
        InputError, match=r"item 'mini_harm/0#2/sft/checkpoint-200' has another response than in .*; nothing"
    ):
        bring(tmp_path / file.name, study, **named)
    assert len(rows(study / "outputs.jsonl")) == 6


def test_the_names_of_a_person_win(logs: Path, study: Path) -> None:
    """What is said of model, checkpoint, method, step and benchmark stands in place of what the logs say."""
    said = {"model": "m", "checkpoint": "c", "method": "w", "step": "9", "benchmark": "b"}
    bring(logs / "lm-eval-0.4.13", study, **said)
    score, text = rows(study / "capability.csv")[0], rows(study / "outputs.jsonl")[0]
    assert [score[name] for name in ("model", "checkpoint", "method", "step", "task")] == [
        "m",
        "c",
        "w",
        "9",
        "mini_boolq",
    ]
    assert [text[name] for name in ("model", "checkpoint", "method", "benchmark")] == ["m", "c", "w", "b"]
    assert (text["item_id"], text["prompt_id"]) == ("mini_harm/0/m/w/c", "mini_harm/0")


def test_options_never_make_one_checkpoint_of_several(study: Path, tmp_path: Path) -> None:
    """One would stand for all of them; a name that keeps them apart is fine."""
    results(tmp_path / "logs", 0.5, name="a.json")
    results(tmp_path / "logs", 0.6, path="out/sft/checkpoint-2", name="b.json")
    with pytest.raises(InputError, match=r"it holds 2 checkpoints \(sft checkpoint-1, sft checkpoint-2\), which these"):
        bring(tmp_path / "logs", study, checkpoint="last")
    assert bring(tmp_path / "logs", study, model="base").added == {"capability": 2}


def test_the_later_of_two_runs_counts(study: Path, tmp_path: Path) -> None:
    """And that there are two is said."""
    results(tmp_path / "logs", 0.6, name="results_2026-05-02T00-00-00.json")
    results(tmp_path / "logs", 0.5, name="results_2026-05-01T00-00-00.json")
    done = bring(tmp_path / "logs", study)
    assert [row["score"] for row in rows(study / "capability.csv")] == ["0.6"]
    assert done.warnings == (
        "boolq at sft checkpoint-1 was scored more than once: results_2026-05-02T00-00-00.json is the latest and counts",
    )


def run(**more: Any) -> EvalRun:
    """Three tasks: one that chooses, one that is computed from texts, one whose score is a judge's."""
    scores = (
        Score(task="boolq", score=0.5, n=2, metric="acc,none"),
        Score(task="gsm8k", score=0.5, n=2, metric="exact_match,none"),
        Score(task="harm", score=0.5, n=2, metric="judge/mean", computed=False),
    )
    texts = tuple(Text(task=task, sample="1", response="So.") for task in ("gsm8k", "harm"))
    return EvalRun(source="f", **{"named": Named(model="m"), "scores": scores, "texts": texts, **more})


@pytest.mark.parametrize(
    ("options", "capability", "outputs"),
    [
        (EvalOptions(), ["boolq", "gsm8k"], ["harm"]),
        (EvalOptions(what="both"), ["boolq", "gsm8k", "harm"], ["gsm8k", "harm"]),
        (EvalOptions(what="capability"), ["boolq", "gsm8k", "harm"], []),
        (EvalOptions(what="outputs"), [], ["gsm8k", "harm"]),
        (EvalOptions(capability_tasks=("boolq",)), ["boolq"], ["gsm8k", "harm"]),
        (EvalOptions(capability_tasks=("gsm8k",)), ["gsm8k"], ["harm"]),
        (EvalOptions(capability_tasks=("gsm8k",), what="outputs"), [], ["harm"]),
        (EvalOptions(capability_tasks=("gsm8k",), what="capability"), ["gsm8k"], []),
    ],
)
def test_which_tasks_are_capability_and_which_outputs(
    options: EvalOptions, capability: list[str], outputs: list[str]
) -> None:
    """A computed score is capability and its texts are no outputs, unless a person says otherwise."""
    chosen = choose([run()], options, where="f")
    assert [row["task"] for row in chosen.scores] == capability
    assert [row["benchmark"] for row in chosen.texts] == outputs


def test_what_is_left_out_is_said() -> None:
    """With the flag that takes it; where a person chose, nothing is."""
    assert choose([run()], EvalOptions(), where="f").lines == (
        "harm: the score of judge/mean was left out, since it may be a judge's; --capability-tasks harm takes it",
        "gsm8k: its texts were left out, since exact_match,none scores it; --what both takes them, too",
    )
    assert choose([run()], EvalOptions(what="both"), where="f").lines == ()
    asked = choose([run()], EvalOptions(capability_tasks=("boolq", "arc")), where="f")
    assert asked.warnings == ("--capability-tasks: no score of arc is there; tasks with a score: boolq, gsm8k, harm",)


def test_a_named_file_of_texts_is_wanted() -> None:
    """Whoever names one need not say that its texts are outputs."""
    assert [row["benchmark"] for row in choose([run(explicit=True)], EvalOptions(), where="f").texts] == [
        "gsm8k",
        "harm",
    ]


NOTHING = (
    "f: there is nothing to import: neither a score nor a generated text that these options take; see --what and "
    "--capability-tasks"
)


@pytest.mark.parametrize(
    ("given_run", "options", "message"),
    [
        (run(named=Named()), EvalOptions(), "f: no model is named in it or beside it; name one with --model"),
        (run(scores=(), texts=()), EvalOptions(), NOTHING),
        (run(texts=(Text(task="t", sample="1", response="a"),) * 2), EvalOptions(), "f: sample '1' of t is there twice; keep one"),
    ],
)  # fmt: skip
def test_runs_that_cannot_be_taken_are_refused(given_run: EvalRun, options: EvalOptions, message: str) -> None:
    """In one line that says how to mend it."""
    with pytest.raises(InputError) as refused:
        choose([given_run], options, where="f")
    assert str(refused.value) == message


NAMES = st.sampled_from(["a", "b", "c"])
PLACES = st.builds(
    Named, model=NAMES, method=st.sampled_from(["", "x", "y"]), checkpoint=st.sampled_from(["", "1", "2"])
)


@given(places=st.lists(PLACES, min_size=1, max_size=4, unique=True), samples=st.lists(NAMES, min_size=1, unique=True))
def test_no_two_outputs_share_an_id(places: list[Named], samples: list[str]) -> None:
    """Whatever tells checkpoints apart tells their outputs apart, and the same prompt has one prompt_id in all of them."""
    texts = tuple(
        Text(task="t", sample=sample, repeat=repeat, response="So.") for sample in samples for repeat in (1, 2)
    )
    runs = [EvalRun(source="f", named=one, texts=texts) for one in places]
    chosen = choose(runs, EvalOptions(), where="f").texts
    assert len({row["item_id"] for row in chosen}) == len(chosen) == len(places) * len(texts)
    assert {row["prompt_id"] for row in chosen} == {f"t/{sample}" for sample in samples}
