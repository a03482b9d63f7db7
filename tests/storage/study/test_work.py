"""annotations as work: last states count, showings are kept apart, times are read, and nothing is guessed."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from pathlib import Path

import numpy as np
import pytest

from judgeaudit.domain.errors import InputError
from judgeaudit.domain.rater_work import Work
from judgeaudit.domain.ratings import MISSING
from judgeaudit.storage.files.write import append_jsonl
from judgeaudit.storage.study.load import load_study
from judgeaudit.study import Study

TOML = """
[questions.harm]
scale = "binary"
labels = ["safe", "unsafe"]
"""
Row = Mapping[str, object]


def label(item: str, rater: str, text: str, **more: str) -> Row:
    return {"item_id": item, "rater": rater, "question": "harm", "label": text, **more}


def folder(path: Path, annotations: Sequence[Row], *, toml: str = TOML, n: int = 3) -> Path:
    (path / "study.toml").write_text(toml, encoding="utf-8")
    outputs = [{"item_id": f"i{k}", "prompt": "why?", "response": "x" * (10 * k + 1)} for k in range(n)]
    append_jsonl(path / "outputs.jsonl", outputs)
    append_jsonl(path / "annotations.jsonl", annotations)
    return path


def work_of(path: Path, annotations: Sequence[Row], **more: str) -> Work:
    [work] = load_study(folder(path, annotations, **more))[1].work
    return work


def test_every_answer_is_a_row_in_time(tmp_path: Path) -> None:
    """Raters, items, labels, seconds, moments and lengths stand side by side, earliest first, unknown times last."""
    work = work_of(
        tmp_path,
        [
            label("i1", "ben", "unsafe", seconds="4.5", labelled_at="2026-05-01T10:01:00Z"),
            label("i0", "ann", "safe", seconds="7", labelled_at="2026-05-01T12:00:00+02:00"),
            label("i2", "ann", "safe", labelled_at="yesterday"),
        ],
    )
    assert [work.raters[a] for a in work.rater] == ["ann", "ben", "ann"]
    assert work.item.tolist() == [0, 1, 2]
    assert work.label.tolist() == [0, 1, 0]
    assert work.seconds.tolist()[:2] == [7.0, 4.5]
    assert (work.moment[1] - work.moment[0], np.isnan(work.moment[2]), np.isnan(work.seconds[2])) == (60.0, True, True)
    assert work.length.tolist() == [5.0, 15.0, 25.0]
    assert work.first.all()


def test_only_the_last_state_counts(tmp_path: Path) -> None:
    """A changed answer stands once, as it is now; a second showing is a row of its own."""
    work = work_of(
        tmp_path,
        [
            label("i0", "ann", "safe", source="7", seconds="5"),
            label("i0", "ann", "unsafe", source="7", seconds="9"),
            label("i0", "ann", "safe", source="8", seconds="3", purpose="repeat"),
            label("i0", "ann", "unsafe", source="8", seconds="4", purpose="repeat"),
        ],
    )
    assert work.label.tolist() == [1, 1]
    assert work.seconds.tolist() == [9.0, 4.0]
    assert work.repeat.tolist() == [False, True]


def test_known_answers_come_after_the_outputs(tmp_path: Path) -> None:
    """A calibration item is none of the outputs: it has a number and a cluster of its own, its answer, and no length."""
    work = work_of(
        tmp_path,
        [
            label("i0", "ann", "safe"),
            label("gold-1", "ann", "safe", purpose="calibration", known="unsafe"),
            label("gold-2", "ann", "safe", purpose="calibration"),
        ],
    )
    assert work.n_items == 5
    assert work.item.tolist() == [0, 3, 4]
    assert work.unit.tolist() == [0, 3, 4]
    assert work.known.tolist() == [MISSING, 1, MISSING]
    assert work.calibration.tolist() == [False, True, True]
    assert np.isnan(work.length[1:]).all()


def test_skips_and_other_rounds_are_counted(tmp_path: Path) -> None:
    """A skip is no answer, an answer taken back is no skip, "cannot judge" has no label, other rounds are counted only."""
    work = work_of(
        tmp_path,
        [
            label("i0", "ann", "safe", seconds="2", source="1"),
            label("i0", "ann", "", status="skipped", source="1"),
            {"item_id": "i1", "rater": "ann", "question": "", "label": "", "status": "skipped", "source": "2"},
            label("i2", "ann", "", status="cannot_judge", seconds="6"),
            label("i1", "ben", "safe", seconds="3"),
            label("i1", "ben", "unsafe", seconds="3", round="dispute"),
            label("i0", "ben", "brand new label", seconds="3", round="pilot"),
        ],
    )
    assert [(work.raters[a], int(c)) for a, c in zip(work.rater, work.label, strict=True)] == [
        ("ann", MISSING),
        ("ben", 0),
    ]
    assert (work.skipped.tolist(), work.elsewhere.tolist()) == ([1, 0], [0, 2])


def test_plain_labels_are_no_work(tmp_path: Path) -> None:
    """Without seconds, repeats and known answers there is nothing to say of raters, and audit.json has no such key."""
    path = folder(tmp_path, [label("i0", "ann", "safe"), label("i0", "ben", "unsafe")])
    assert load_study(path)[1].work == ()
    assert "raters" not in json.loads(Study(path).audit().to_json())


def test_an_audit_holds_the_raters(tmp_path: Path) -> None:
    """The records reach audit.json, repeats become findings, and a file read back holds the same."""
    rows = [label(f"i{k}", rater, "safe", seconds="5") for k in range(3) for rater in ("ann", "ben")]
    path = folder(tmp_path, [*rows, label("i1", "ann", "unsafe", purpose="repeat")])
    audit = Study(path).audit()
    assert [(one["rater"], one["labels"]) for one in audit.result.as_dict().get("raters", [])] == [
        ("ann", 3),
        ("ben", 3),
    ]
    found = [f for f in audit.result.findings if f.statistic == "self_agreement"]
    assert [(f.subject, f.versus, f.value, f.k, f.n) for f in found] == [
        ("ann", "ann", 0.0, 0.0, 1.0),
        ("humans", "humans", 0.0, 0.0, 1.0),
    ]
    assert json.loads((path / "audit.json").read_text(encoding="utf-8"))["raters"] == audit.result.as_dict().get(
        "raters", []
    )


def test_numbers_of_repeats_alone_widen_an_open_scale(tmp_path: Path) -> None:
    """On an interval scale without declared labels a number that only a repeat or a known answer has is a label, too."""
    toml = '[questions.harm]\nscale = "interval"\n'
    rows = [label("i0", "ann", "1"), label("i0", "ann", "2.5", purpose="repeat")]
    work = work_of(tmp_path, [*rows, label("g", "ann", "10", purpose="calibration", known="9")], toml=toml)
    assert work.question.values == (1.0, 2.5, 9.0, 10.0)
    assert (work.label.tolist(), work.known.tolist()) == ([0, 1, 3], [-1, -1, 2])


def test_seconds_that_are_no_number_are_told(tmp_path: Path) -> None:
    """They are not used, and a warning says how many there are and where the first stands."""
    rows = [label("i0", "ann", "safe", seconds="12s"), label("i1", "ann", "safe", seconds="3")]
    _, loaded = load_study(folder(tmp_path, rows))
    told = "1 annotations have seconds that are no number, '12s' at annotations.jsonl row 1, column 'seconds': not used"
    assert loaded.warnings[-1] == told


@pytest.mark.parametrize(
    ("row", "message"),
    [
        (
            label("i0", "ann", "saef", purpose="repeat"),
            "annotations.jsonl row 2, column 'label': 'saef' is not a label of question 'harm' (safe, unsafe) "
            "(did you mean 'safe'?); correct the row",
        ),
        (
            label("gold", "ann", "safe", purpose="calibration", known="dangerous"),
            "annotations.jsonl row 2, column 'known': 'dangerous' is not a label of question 'harm' (safe, unsafe); "
            "correct the row",
        ),
    ],
)
def test_labels_that_nobody_declared_are_refused(tmp_path: Path, row: Row, message: str) -> None:
    """A second showing and a known answer have the question's labels, or one line says which cell does not."""
    with pytest.raises(InputError) as refused:
        load_study(folder(tmp_path, [label("i0", "ann", "safe"), row]))
    assert str(refused.value) == message
