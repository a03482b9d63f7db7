"""Progress and second rounds over labels that came some other way, and over tables that cannot be used."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

import pytest

from judgeaudit.domain.errors import InputError
from judgeaudit.study import Study
from tests.labelling.studies import make_study

ONE_QUESTION = """\
schema = 1
name = "one"
[questions.harm]
scale = "binary"
labels = ["safe", "unsafe"]
"""


def one_question(folder: Path, rows: Sequence[Mapping[str, str]]) -> Study:
    """Six outputs, one question, and these annotations."""
    study = make_study(folder, [f"Answer {n}" for n in range(6)])
    (folder / "study.toml").write_text(ONE_QUESTION, encoding="utf-8")
    (folder / "annotations.jsonl").write_text("".join(json.dumps(row) + "\n" for row in rows), encoding="utf-8")
    return study


def split(items: Sequence[str]) -> Iterator[dict[str, str]]:
    """Two people who disagree on each item, and say no question."""
    for item in items:
        yield {"item_id": item, "rater": "anna", "label": "safe"}
        yield {"item_id": item, "rater": "ben", "label": "unsafe"}


def test_a_study_of_one_question_needs_no_column_for_it(tmp_path: Path) -> None:
    """Labels without a question answer the only one that is asked, in second rounds and progress as in the audit."""
    rows = [*split(["item-00001", "item-00003"]), {"item_id": "item-00004", "rater": "anna", "status": "skipped"}]
    study = one_question(tmp_path / "s", rows)
    assert {task.item_id for task in study.label.dispute().tasks} == {"item-00001", "item-00003"}
    study.label.sample(items=6, repeats=0.0)
    status = study.label.status().progress
    assert (status.whole.given, [rater.skipped for rater in status.raters]) == (4, [1, 0])


def test_items_that_are_no_outputs_are_in_no_second_round(tmp_path: Path) -> None:
    """Nobody can look again at what is not there: of disputed items those of the outputs are chosen, and none is an error."""
    study = one_question(tmp_path / "s", list(split(["gone-1", "item-00002", "gone-2"])))
    assert [task.item_id for task in study.label.dispute(most=1).tasks] == ["item-00002"]
    study = one_question(tmp_path / "t", list(split(["gone-1"])))
    with pytest.raises(InputError, match="no item on which people disagree"):
        study.label.dispute()


@pytest.mark.parametrize(
    ("row", "said"),
    [
        ({"item_id": "item-00001", "label": "safe"}, "annotations.jsonl: no column 'rater'"),
        (
            {"item_id": "item-00001", "rater": "anna", "label": "safe", "status": "done"},
            "'done' is not one of labelled",
        ),
        ({"item_id": "item-00001", "rater": "anna", "label": "safe", "round": "third"}, "no round 'third'"),
    ],
)
def test_unusable_labels_are_one_line(tmp_path: Path, row: dict[str, str], said: str) -> None:
    """What the audit refuses, progress and second rounds refuse in the same words, rather than count it as nothing."""
    study = one_question(tmp_path / "s", [row])
    study.label.sample(items=6)
    for verb in (study.label.status, study.label.dispute):
        with pytest.raises(InputError, match=said) as caught:
            verb()
        assert "\n" not in str(caught.value)


@pytest.mark.parametrize("every", [0.0, -1.0, float("nan"), float("inf"), 1e300])
def test_watching_needs_a_time_that_can_be_waited(tmp_path: Path, every: float) -> None:
    """Whatever cannot be slept through is refused before anything is asked."""
    study = one_question(tmp_path / "s", [])
    with pytest.raises(InputError, match="--every"):
        next(study.label.watch(every=every))


def test_pairwise_outputs_have_two_answers(tmp_path: Path) -> None:
    """Without a second answer raters would compare every answer with an empty box, so nothing is planned."""
    folder = tmp_path / "s"
    study = Study.init(folder, template="pairwise")
    (folder / "outputs.jsonl").write_text('{"item_id": "a", "response": "x", "prompt": "q"}\n', encoding="utf-8")
    with pytest.raises(InputError, match="no column 'response_b'"):
        study.label.sample(items=1)
