"""annotations.jsonl as it grows: nothing twice, nothing lost, a line cut off by a crash mended."""

from __future__ import annotations

import json

from hypothesis import given
from hypothesis import strategies as st

from judgeaudit.storage.labelling.book import AnnotationBook


def row(item="i1", rater="rater-1", label="safe", stamp="2026-05-01T10:00:00Z", source="label-studio:main:7:1", **more):
    return {
        "item_id": item,
        "rater": rater,
        "question": "harm",
        "label": label,
        "status": "labelled",
        "labelled_at": stamp,
        "source": source,
        **more,
    }


def lines(folder):
    return [json.loads(line) for line in (folder / "annotations.jsonl").read_text(encoding="utf-8").splitlines()]


def said_last(folder):
    return {
        (r["item_id"], r["rater"], r["question"], r.get("purpose", "")): (r["status"], r["label"])
        for r in lines(folder)
    }


def test_the_same_rows_twice_add_nothing(tmp_path):
    """Across books, as across runs."""
    assert AnnotationBook(tmp_path).add([row(), row(item="i2")])[:2] == (2, 0)
    assert AnnotationBook(tmp_path).add([row(), row(item="i2")])[:2] == (0, 2)
    assert len(lines(tmp_path)) == 2


def test_a_repeat_stands_beside_the_first_answer(tmp_path):
    """The later answer to a second showing does not replace the first one, nor does it reorder it."""
    book = AnnotationBook(tmp_path)
    book.add([row(label="unsafe", stamp="2026-05-01T11:00:00Z", source="label-studio:main:8:2", purpose="repeat")])
    book.add([row()])
    assert len(lines(tmp_path)) == 2
    assert said_last(tmp_path) == {
        ("i1", "rater-1", "harm", ""): ("labelled", "safe"),
        ("i1", "rater-1", "harm", "repeat"): ("labelled", "unsafe"),
    }


def test_an_annotation_that_is_gone_is_taken_back_and_kept_as_history(tmp_path):
    """Only annotations of tasks that were looked at, and only once."""
    book = AnnotationBook(tmp_path)
    book.add(
        [row(), row(item="i2", source="label-studio:main:8:2"), row(rater="rater-2", source="label-studio:main:7:3")]
    )
    looked, present = {"label-studio:main:7"}, {"label-studio:main:7:3"}
    assert book.retract(looked, present=present, stamp="2026-05-02T00:00:00Z") == 1
    assert book.retract(looked, present=present, stamp="2026-05-03T00:00:00Z") == 0
    assert AnnotationBook(tmp_path).retract(looked, present=present, stamp="2026-05-04T00:00:00Z") == 0
    assert said_last(tmp_path)["i1", "rater-1", "harm", ""] == ("skipped", "")
    assert said_last(tmp_path)["i2", "rater-1", "harm", ""] == ("labelled", "safe")
    assert len(lines(tmp_path)) == 4


@given(cut=st.integers(1, 200))
def test_a_line_that_a_crash_cut_off_is_set_aside_and_written_whole_again(tmp_path_factory, cut):
    """Wherever a write was torn, the next book reads the rest and adding again completes it."""
    folder = tmp_path_factory.mktemp("torn")
    rows = [row(), row(item="i2", label="unsafe\ud800", source="label-studio:main:8:2")]
    AnnotationBook(folder).add(rows)
    file = folder / "annotations.jsonl"
    whole = file.read_bytes()
    file.write_bytes(whole[: max(0, len(whole) - cut)])
    AnnotationBook(folder).add(rows)
    assert sorted(map(json.dumps, lines(folder))) == sorted(json.dumps(one) for one in rows)


def test_a_last_line_without_its_end_that_is_whole_stays(tmp_path):
    """Editors leave the last line's end out; that is no damage."""
    (tmp_path / "annotations.jsonl").write_text(json.dumps(row()), encoding="utf-8")
    assert AnnotationBook(tmp_path).add([row()])[:2] == (0, 1)
    assert AnnotationBook(tmp_path).add([row(item="i2")])[:2] == (1, 0)
    assert [one["item_id"] for one in lines(tmp_path)] == ["i1", "i2"]
