"""A study folder as ratings: last words of people, first runs of judges, and every other row accounted for."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from judgeaudit.domain.errors import InputError
from judgeaudit.domain.ratings import MISSING
from judgeaudit.domain.results.questions import JudgeFlow
from judgeaudit.simulation.study import simulate_study
from judgeaudit.storage.files.read import read_table
from judgeaudit.storage.files.write import append_jsonl, write_table
from judgeaudit.storage.study.load import load_study
from judgeaudit.storage.table.options import TableOptions
from judgeaudit.storage.table.wide import ratings_from_wide

TOML = """
name = "small"
[questions.harm]
scale = "binary"
labels = ["safe", "unsafe"]
[questions.coherence]
scale = "ordinal"
labels = ["gibberish", "partly", "coherent"]
"""
Row = Mapping[str, object]


def outputs(n: int = 3, **columns: Sequence[str]) -> list[Row]:
    rows = [{"item_id": f"i{k}", "response": f"answer {k}"} for k in range(n)]
    return [{**row, **{name: cells[k] for name, cells in columns.items()}} for k, row in enumerate(rows)]


def label(item: str, rater: str, text: str, question: str = "harm", **more: str) -> Row:
    return {"item_id": item, "rater": rater, "question": question, "label": text, **more}


def verdict(item: str, text: str, judge: str = "mini", question: str = "harm", **more: object) -> Row:
    return {"item_id": item, "judge": judge, "question": question, "label": text, **more}


def study(
    folder: Path,
    annotations: Sequence[Row],
    verdicts: Sequence[Row] = (),
    *,
    toml: str = TOML,
    items: Sequence[Row] = (),
) -> Path:
    (folder / "study.toml").write_text(toml, encoding="utf-8")
    append_jsonl(folder / "outputs.jsonl", items or outputs())
    append_jsonl(folder / "annotations.jsonl", annotations)
    if verdicts:
        append_jsonl(folder / "verdicts" / "mini.jsonl", verdicts)
    return folder


def refused(folder: Path) -> str:
    with pytest.raises(InputError) as caught:
        load_study(folder)
    message = str(caught.value)
    assert "\n" not in message
    return message.replace(str(folder), "FOLDER")


def test_the_last_annotation_of_a_rater_wins(tmp_path):
    """Earlier annotations are history: they count nowhere but in the account."""
    said = [label("i0", "ann", "safe"), label("i0", "bob", "safe"), label("i0", "ann", "unsafe")]
    _, loaded = load_study(study(tmp_path, said))
    assert loaded.ratings[0].people_names == ("ann", "bob")
    assert loaded.ratings[0].people[:, 0].tolist() == [1, 0]
    assert "1 annotations superseded by the same person's later ones: kept as history" in loaded.join


def test_a_later_skip_withdraws_every_answer(tmp_path):
    """A skip names no question and speaks of all; a label after it stands."""
    skip = {"item_id": "i0", "rater": "ann", "question": "", "label": "", "status": "skipped"}
    said = [label("i0", "ann", "safe"), label("i0", "ann", "partly", "coherence"), skip, label("i0", "ann", "unsafe")]
    _, loaded = load_study(study(tmp_path, [*said, label("i1", "ann", "partly", "coherence")]))
    harm, coherence = loaded.ratings
    assert harm.people.tolist() == [[1, MISSING, MISSING]]
    assert coherence.people.tolist() == [[MISSING, 1, MISSING]]


def test_cannot_judge_is_no_label_and_is_kept(tmp_path):
    """A person who could not judge gave no label, and is counted as such for that item alone."""
    said = [label("i0", "ann", "", status="cannot_judge"), label("i1", "ann", "safe")]
    ratings = load_study(study(tmp_path, said))[1].ratings[0]
    assert ratings.people.tolist() == [[MISSING, 0, MISSING]]
    assert ratings.cannot_judge is not None
    assert ratings.cannot_judge.tolist() == [[True, False, False]]


def test_verdicts_keep_their_three_nothings_apart(tmp_path):
    """No answer is a code of its own, with its status counted; never asked is missing; both are no label."""
    told = [verdict("i0", "unsafe", status="answered"), verdict("i1", "", status="refused")]
    ratings = load_study(study(tmp_path, [label("i0", "ann", "safe")], told))[1].ratings[0]
    assert ratings.judges.tolist() == [[1, 2, MISSING]]
    assert ratings.statuses == {"mini": {"answered": 1, "unparsed": 0, "refused": 1, "failed": 0}}


def test_a_status_without_answer_makes_its_label_unusable(tmp_path):
    """What a refused or failed verdict holds as a label is nobody's answer."""
    told = [verdict("i0", "unsafe", status="failed"), verdict("i1", "", status="answered")]
    _, loaded = load_study(study(tmp_path, [label("i0", "ann", "safe")], told))
    assert loaded.ratings[0].judges.tolist() == [[2, 2, MISSING]]
    assert loaded.ratings[0].statuses["mini"] == {"answered": 0, "unparsed": 1, "refused": 0, "failed": 1}
    assert "1 verdicts with status answered and no label: counted as unparsed" in loaded.join


def test_the_lowest_run_in_order_ab_counts(tmp_path):
    """Further runs and swapped orders are counted and change no verdict, whatever their order in the file."""
    told = [
        verdict("i0", "safe", run=10),
        verdict("i0", "unsafe", run=2),
        verdict("i1", "safe", order="ba"),
        verdict("i1", "unsafe", order="ab"),
    ]
    _, loaded = load_study(study(tmp_path, [label("i0", "ann", "safe")], told))
    assert loaded.ratings[0].judges.tolist() == [[1, 1, MISSING]]
    assert "1 verdicts of runs after a judge's first: used for its agreement with itself alone" in loaded.join
    assert "1 verdicts in order ba on questions that are not about pairs: not used" in loaded.join


def test_rows_about_unknown_items_and_questions_are_counted(tmp_path):
    """Nothing is dropped silently: what does not join is said, with the first item."""
    said = [label("i0", "ann", "safe"), label("x9", "ann", "safe"), label("i0", "ann", "rude", "tone")]
    told = [verdict("i0", "safe"), verdict("x8", "safe"), verdict("i0", "rude", question="tone")]
    _, loaded = load_study(study(tmp_path, said, told))
    assert "1 annotations about items that the outputs do not hold, 'x9' first: not used" in loaded.join
    assert "1 verdicts about items that the outputs do not hold, 'x8' first: not used" in loaded.join
    assert "1 verdicts on question 'tone', which study.toml does not declare: not used" in loaded.join
    assert "1 annotations answer question 'tone', which study.toml does not declare: not used" in loaded.warnings
    assert "question 'coherence' has no labels by people: left out" in loaded.warnings


def test_a_judge_s_words_are_translated_by_its_map(tmp_path):
    """`map` turns what a recorded verdict says into a label, and leaves labels alone."""
    toml = TOML + '[judges.mini]\nkind = "replay"\nbaseline = true\nmap = { yes = "unsafe", safe = "unsafe" }\n'
    told = [verdict("i0", "yes"), verdict("i1", "safe")]
    ratings = load_study(study(tmp_path, [label("i0", "ann", "safe")], told, toml=toml))[1].ratings[0]
    assert ratings.judges.tolist() == [[1, 0, MISSING]]
    assert ratings.baselines == ("mini",)


def test_strata_come_from_the_label_that_most_people_gave(tmp_path):
    """An item whose people tie is in no stratum; a question is not cut by its own labels."""
    toml = TOML + '[strata.coherence]\nfrom = "label"\n[strata.benchmark]\nfrom = "column"\n'
    said = [label(f"i{k}", "ann", "safe") for k in range(3)]
    said += [label("i0", "ann", "partly", "coherence"), label("i0", "bob", "coherent", "coherence")]
    said += [label("i1", "ann", "gibberish", "coherence")]
    items = outputs(benchmark=["b", "a", ""])
    harm, coherence = load_study(study(tmp_path, said, toml=toml, items=items))[1].ratings
    assert {name: mask.tolist() for name, mask in harm.strata.items()} == {
        "all": [True, True, True],
        "coherence=gibberish": [False, True, False],
        "benchmark=a": [False, True, False],
        "benchmark=b": [True, False, False],
    }
    assert harm.columns == {"coherence": ("coherence=gibberish",), "benchmark": ("benchmark=a", "benchmark=b")}
    assert harm.stratum_source["coherence=gibberish"] == "label"
    assert list(coherence.columns) == ["benchmark"]


def test_clusters_are_a_column_of_the_outputs(tmp_path):
    """Items of one prompt share a number."""
    toml = 'cluster = "prompt_id"\n' + TOML
    items = outputs(prompt_id=["p", "q", "p"])
    ratings = load_study(study(tmp_path, [label("i0", "ann", "safe")], toml=toml, items=items))[1].ratings[0]
    assert ratings.clusters is not None
    assert ratings.clusters.tolist() == [0, 1, 0]


def test_repeated_prompts_without_a_cluster_are_a_warning(tmp_path):
    """Intervals that would be too narrow are told before any number is."""
    items = outputs(prompt_id=["p", "q", "p"])
    _, loaded = load_study(study(tmp_path, [label("i0", "ann", "safe")], items=items))
    assert [line for line in loaded.warnings if 'write cluster = "prompt_id"' in line] != []


def test_a_rater_can_be_the_reference(tmp_path):
    """The rater whose labels are the reference is none of the people who are held against it."""
    toml = TOML + '[audit]\nreference = "bob"\n'
    ratings = load_study(study(tmp_path, [label("i0", "ann", "safe"), label("i1", "bob", "unsafe")], toml=toml))[
        1
    ].ratings
    assert (ratings[0].people_names, ratings[0].reference_name) == (("ann",), "bob")
    assert ratings[0].reference is not None
    assert ratings[0].reference.tolist() == [MISSING, 1, MISSING]


def test_several_labels_at_once_are_left_out_of_the_audit(tmp_path):
    """A question with multiple = true has no ratings, whatever its rows hold, and the audit says that it left it out."""
    kind = '[questions.kind]\nscale = "nominal"\nlabels = ["crime", "hate"]\nmultiple = true\n'
    rows = [label("i0", "ann", "safe"), label("i0", "ann", "crime|hate", "kind")]
    _, loaded = load_study(study(tmp_path, rows, toml=TOML + kind))
    assert [one.question.name for one in loaded.ratings] == ["harm"]
    left_out = "question 'kind' takes several labels at once, which this version does not audit: left out"
    assert left_out in loaded.warnings


def test_an_interval_scale_takes_the_numbers_that_were_said(tmp_path):
    """Without declared labels the numbers of people and judges are the labels, equal numbers once, in order."""
    toml = '[questions.score]\nscale = "interval"\n'
    said = [label("i0", "ann", "10", "score"), label("i1", "ann", "2.0", ""), label("i2", "ann", "2", "score")]
    ratings = load_study(study(tmp_path, said, [verdict("i0", "3.5", question="")], toml=toml))[1].ratings[0]
    assert ratings.question.labels == ("2.0", "3.5", "10")
    assert ratings.people.tolist() == [[2, 0, 0]]


def test_label_sources_that_contradict_the_study_are_told(tmp_path):
    """study.toml decides who gave the labels, and rows that say otherwise are no secret."""
    said = [label("i0", "ann", "safe", label_source="models"), label("i1", "ann", "safe")]
    _, loaded = load_study(study(tmp_path, said))
    expected = "1 annotations have label_source 'models' where study.toml says 'people': study.toml decides"
    assert expected in loaded.warnings


@pytest.mark.parametrize(
    ("said", "told", "message"),
    [
        (
            [label("i0", "ann", "unsave")],
            [],
            "annotations.jsonl row 1, column 'label': 'unsave' is not a label of question 'harm' "
            "(safe, unsafe) (did you "
            "mean 'unsafe'?); in study.toml declare it under questions.harm.labels, say under questions.harm.map what it "
            "means, or correct the row",
        ),
        (
            [label("i0", "ann", "safe")],
            [verdict("i0", "yes")],
            "mini.jsonl row 1, column 'label': 'yes' is not a label of question 'harm' (safe, unsafe); "
            "translate it with "
            "map in the judge's section of study.toml, or give the row status unparsed",
        ),
        (
            [label("i0", "", "safe")],
            [],
            "annotations.jsonl row 1, column 'rater': the cell is empty; every row needs one",
        ),
        (
            [label("i0", "ann", "safe", status="skiped")],
            [],
            "annotations.jsonl row 1, column 'status': 'skiped' is not one of labelled, skipped, cannot_judge (did you "
            "mean 'skipped'?)",
        ),
        (
            [label("i0", "ann", "safe", status="skipped")],
            [],
            "annotations.jsonl row 1, column 'label': status skipped cannot have a label; empty one of the two cells",
        ),
        (
            [label("i0", "ann", "safe", "")],
            [],
            "annotations.jsonl row 1, column 'question': which question? study.toml declares harm, coherence",
        ),
        (
            [label("i0", "mini", "safe")],
            [verdict("i0", "safe")],
            "'mini' is a rater in annotations and a judge in verdicts; rename one",
        ),
        (
            [label("i0", "humans", "safe")],
            [],
            "annotations.jsonl row 1, column 'rater': a rater cannot be called 'humans', which means "
            "all people or their "
            "reference; rename it",
        ),
        (
            [label("i0", "ann", "safe")],
            [verdict("i0", "safe", run="first")],
            "mini.jsonl row 1, column 'run': 'first' is not the number of a run",
        ),
        (
            [label("i0", "ann", "safe")],
            [verdict("i0", "safe", probability="1.5")],
            "mini.jsonl row 1, column 'probability': '1.5' is not a probability, which is a number from 0 to 1",
        ),
        (
            [label("i0", "ann", "safe")],
            [verdict("i1", "safe"), verdict("i0", "safe"), verdict("i0", "unsafe")],
            "mini.jsonl row 3, column 'label' and mini.jsonl row 2, column 'label': one judge's run "
            "gives two verdicts on "
            "one item; number the runs, or keep one of the rows",
        ),
        (
            [label("x", "ann", "safe")],
            [],
            "FOLDER/annotations.jsonl: no label of a declared question about an item of the outputs; "
            "nothing can be audited",
        ),
    ],
)  # fmt: skip
def test_a_row_that_cannot_be_used_is_named(tmp_path, said, told, message):
    """One line says the table, the row, the column, what is wrong, and how to mend it."""
    assert refused(study(tmp_path, said, told)) == message


def test_a_verdict_that_only_repeats_another_counts_once(tmp_path):
    """The same verdict in two files is one verdict."""
    folder = study(tmp_path, [label("i0", "ann", "safe")], [verdict("i0", "safe")])
    append_jsonl(folder / "verdicts" / "again.jsonl", [verdict("i0", "safe")])
    _, loaded = load_study(folder)
    assert loaded.ratings[0].statuses["mini"]["answered"] == 1
    assert "1 verdicts that repeat another row: not used for agreement" in loaded.join


@pytest.mark.parametrize(
    ("toml", "items", "message"),
    [
        (
            'cluster = "promt_id"\n' + TOML,
            outputs(prompt_id="abc"),
            "outputs.jsonl: no column 'promt_id' for cluster in study.toml (did you mean "
            "'prompt_id'?); columns are item_id, response, prompt_id; add the column to the outputs, or take cluster out of "
            "study.toml",
        ),
        (
            'cluster = "prompt_id"\n' + TOML,
            outputs(prompt_id=["a", "", "c"]),
            "outputs.jsonl row 2, column 'prompt_id': the cell is empty, and every item needs a "
            "cluster; fill it, or remove cluster from study.toml",
        ),
        (
            TOML + '[strata.repeats]\nfrom = "signal"\n',
            outputs(),
            "outputs.jsonl: no column 'repeats' for strata.repeats; signals computed here are "
            "looks_like_gibberish, length, so name one of them or add the column to the outputs",
        ),
        (
            TOML,
            [*outputs(2), {"item_id": "i0", "response": ""}],
            "outputs.jsonl: rows 1 and 3 are both item 'i0'; every output needs an id of its own",
        ),
        (
            TOML + '[audit]\nreference = "anna"\n',
            outputs(),
            "study.toml: audit.reference: 'anna' is neither majority, each, dawid-skene, adjudicated nor a rater in "
            "annotations (did you mean 'ann'?)",
        ),
    ],
)  # fmt: skip
def test_outputs_that_cannot_be_used_are_named(tmp_path, toml, items, message):
    """What study.toml asks of the outputs is there, or one line says what is missing."""
    assert refused(study(tmp_path, [label("i0", "ann", "safe")], toml=toml, items=items)) == message


def test_missing_tables_name_the_way_to_them(tmp_path):
    """Outputs and annotations are what an audit begins with; two files of one table are one too many."""
    (tmp_path / "study.toml").write_text(TOML, encoding="utf-8")
    assert refused(tmp_path).startswith("FOLDER: no outputs; bring them in with `judgeaudit import")
    append_jsonl(tmp_path / "outputs.jsonl", outputs())
    assert refused(tmp_path).startswith("FOLDER: no annotations; label items, or bring labels in")
    write_table(tmp_path / "outputs.csv", ["item_id", "response"], [["i0", "x"]])
    assert refused(tmp_path) == "FOLDER: both outputs.csv and outputs.jsonl hold outputs; keep one"


@pytest.mark.slow
@given(item=st.text(min_size=1), rater=st.text(min_size=1), response=st.text(), note=st.text())
def test_any_text_survives_a_study(tmp_path_factory, item, rater, response, note):
    """Ids, names and texts that a model or a person can emit come back as they were."""
    if rater in ("humans", "reference"):
        return
    items = [{"item_id": item, "response": response}]
    folder = study(tmp_path_factory.mktemp("any"), [label(item, rater, "safe", note=note)], items=items)
    ratings = load_study(folder)[1].ratings[0]
    assert (ratings.items, ratings.people_names) == ((item,), (rater,))
    assert ratings.texts["response"] == (response,)


def test_a_study_and_its_wide_table_are_the_same_ratings(tmp_path):
    """Two ways of writing the same labels and verdicts down lead to the same codes, clusters and probabilities."""
    simulated = simulate_study(tmp_path / "study", items=240, prompts=60)
    ratings = load_study(simulated.folder)[1].ratings[0]
    options = TableOptions(
        human=simulated.people,
        judge=simulated.judges,
        labels=("safe", "unsafe"),
        positive=("unsafe",),
        scale="binary",
        question="harm",
        cluster="prompt_id",
        probability={"careful": "careful_probability"},
    )
    wide = ratings_from_wide(read_table(simulated.table), options).ratings[0]
    order = [ratings.judge_names.index(name) for name in wide.judge_names]
    assert ratings.items == wide.items
    assert np.array_equal(ratings.people, wide.people)
    assert np.array_equal(ratings.judges[order], wide.judges)
    assert np.array_equal(ratings.clusters, wide.clusters)
    assert np.array_equal(ratings.probability["careful"], wide.probability["careful"], equal_nan=True)


def test_inputs_hold_every_file_that_was_read(tmp_path):
    """Each file stands under its name within the study, with its hash and its rows."""
    folder = study(tmp_path, [label("i0", "ann", "safe")], [verdict("i0", "safe")])
    _, loaded = load_study(folder)
    assert {name: entry.rows for name, entry in loaded.inputs.items()} == {
        "study.toml": 0,
        "outputs.jsonl": 3,
        "annotations.jsonl": 1,
        "verdicts/mini.jsonl": 1,
    }
    counted = {"asked": 1, "answered": 1, "unanswered": 0, "not_asked": 2, "unparsed": 0, "refused": 0, "failed": 0}
    assert loaded.flow[0].judges == [JudgeFlow(judge="mini", **counted)]
