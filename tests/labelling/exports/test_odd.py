"""What else real exports hold: older servers, other controls, archives, columns called alike, numbers beyond measure."""

from __future__ import annotations

import csv
import gzip
import io
import json
import zipfile
from pathlib import Path

import pytest

from judgeaudit.domain.errors import InputError
from judgeaudit.labelling.exports.read import read_export
from judgeaudit.labelling.exports.records import Export

STAMP = "2026-05-01T10:00:01Z"


def choice(name: str, *labels: str, **more: object) -> dict[str, object]:
    return {"from_name": name, "to_name": "r", "type": "choices", "value": {"choices": list(labels), **more}}


def annotation(number: object, person: object, *results: object, **more: object) -> dict[str, object]:
    return {"id": number, "completed_by": person, "result": list(results), "updated_at": STAMP, **more}


def task(number: object, *annotations: object, **more: object) -> dict[str, object]:
    data = {"prompt": "Why?", "response": f"answer {number}"}
    return {"id": number, "data": data, "annotations": list(annotations), **more}


def read(folder: Path, content: object, **options: object) -> Export:
    file = folder / "export.json"
    file.write_text(json.dumps(content), encoding="ascii")
    return read_export(file, **options)  # type: ignore[arg-type]


def table(folder: Path, rows: list[dict[str, object]]) -> Path:
    columns = sorted({key for row in rows for key in row})
    file = folder / "export.csv"
    with file.open("w", encoding="utf-8", newline="") as stream:
        writer = csv.DictWriter(stream, columns, quoting=csv.QUOTE_NONNUMERIC)
        writer.writeheader()
        writer.writerows(rows)
    return file


def said(export: Export) -> set[tuple[str, str, str, str]]:
    return {(row.item_id, row.rater, row.question, row.label or row.status) for row in export.annotations}


def test_older_servers_wrote_completions(tmp_path):
    """Completions are annotations, a skip is called skipped, honeypots are gold, stamps are seconds since 1970."""
    old = [
        {"id": 1, "completed_by": 5, "created_at": 1577880000, "result": [choice("harm", "safe")]},
        {"id": 2, "completed_by": 6, "skipped": True, "result": []},
        {"id": 3, "completed_by": 7, "honeypot": True, "result": [choice("harm", "safe")]},
    ]
    export = read(tmp_path, [{"id": 9, "data": {"response": "r"}, "completions": old}])
    assert said(export) == {("9", "rater-5", "harm", "safe"), ("9", "rater-6", "", "skipped")}
    assert {row.labelled_at for row in export.annotations} == {"2020-01-01T12:00:00+00:00", ""}
    assert export.counts["ground_truth"] == 1


def test_a_page_of_the_server_s_list_of_tasks(tmp_path):
    """What the programming interface answers is read like an export."""
    export = read(tmp_path, {"tasks": [task(1, annotation(1, 7, choice("harm", "safe")))], "total": 1})
    assert said(export) == {("1", "rater-7", "harm", "safe")}


def test_tasks_without_annotations_are_no_trouble(tmp_path):
    """Null, missing and empty mean that nobody has labelled; so does a result of null, which is an empty submission."""
    nothing = [{**task(1), "annotations": None}, {"id": 2, "data": {"response": "r"}}, task(3)]
    export = read(tmp_path, [*nothing, task(4, {**annotation(1, 7), "result": None})])
    assert said(export) == {("4", "rater-7", "", "skipped")}
    assert (export.counts["malformed"], export.counts["empty"], export.counts["unlabelled_tasks"]) == (0, 1, 4)


def test_labels_of_parts_are_no_labels_of_the_whole(tmp_path):
    """A choice about a span of the text and relations between spans are counted and left out; its note stays."""
    span = choice("harm", "unsafe", start=0, end=3, text="ans")
    note = {"from_name": "why", "type": "textarea", "value": {"start": 0, "end": 3, "text": ["odd"]}}
    relation = {"from_id": "a", "to_id": "b", "type": "relation", "direction": "right"}
    rank = {"from_name": "rank", "type": "ranker", "value": {"ranker": {"rank": ["m2", "m1"]}}}
    day = {"from_name": "when", "type": "datetime", "value": {"datetime": "2020-01-01"}}
    export = read(tmp_path, [task(1, annotation(1, 7, span, note, relation, rank, day, choice("coherent", "yes")))])
    assert said(export) == {("1", "rater-7", "coherent", "yes")}
    assert export.annotations[0].note == "odd"
    assert export.counts["malformed"] == 0
    assert export.warnings == tuple(
        f"1 results of type '{kind}' are no labels of an item: left out"
        for kind in ("choices of a region", "datetime", "ranker", "relation")
    )


def test_numbers_may_be_texts_and_huge(tmp_path):
    """A number written as a text is that text; numbers beyond what floats hold are no traceback."""
    wide = {"from_name": "n", "type": "number", "value": {"number": 10**400}}
    text = {"from_name": "s", "type": "number", "value": {"number": "4"}}
    export = read(tmp_path, [task(1, annotation("9" * 5000, 7, wide, text), annotation(10**400, 8, text))])
    assert {(question, label) for _, _, question, label in said(export)} == {
        ("n", str(10**400)),
        ("s", "4"),
    }


def test_labels_that_are_not_independent_are_told(tmp_path):
    """A form filled in by a prediction, and an annotation changed by somebody else, are labels with a warning."""
    primed = {**choice("harm", "safe"), "origin": "prediction"}
    made = [annotation(1, 7, primed), annotation(2, 8, choice("harm", "safe"), updated_by={"id": 1, "email": "a@b.c"})]
    export = read(tmp_path, [task(1, *made)])
    assert len(export.annotations) == 2
    assert export.warnings == (
        "1 annotations were last changed by somebody else than who made them",
        "1 annotations began with a prediction that the person saw: these labels are not independent of it",
    )


def test_of_two_projects_in_one_file_none_is_mistaken_for_the_other(tmp_path):
    """Where two servers number their tasks alike, labels of the second text are left out and told, never mixed in."""
    other = {**task(1, annotation(1, 7, choice("harm", "unsafe"))), "data": {"prompt": "Why?", "response": "other"}}
    export = read(tmp_path, [task(1, annotation(1, 7, choice("harm", "safe"))), other])
    assert said(export) == {("1", "rater-7", "harm", "safe")}
    assert export.counts["malformed"] == 1


FLAT = {"prompt": "Why?", "response": "r", "annotator": 7, "annotation_id": 1, "updated_at": STAMP, "lead_time": 2}


def test_data_may_have_an_id_of_their_own(tmp_path):
    """JSON_MIN puts the task's number where the data's id stood, and then data stand after it: they are no questions."""
    rows = [{"id": n, **FLAT, "harm": label, "annotation_id": n} for n, label in enumerate(["safe", "unsafe"] * 3)]
    export = read(tmp_path, rows, questions={"harm": ("safe", "unsafe")})
    assert {question for _, _, question, _ in said(export)} == {"harm"}
    assert [output["response"] for output in export.outputs] == ["r"] * 6


def test_a_control_may_be_called_like_a_column_of_the_data(tmp_path):
    """Newer servers rename the column of the data in a table: the bare name is what people answered."""
    rows = [{**FLAT, "id": n, "_data_harm": "predicted", "harm": "safe", "annotation_id": n} for n in range(3)]
    export = read_export(table(tmp_path, rows))
    assert {label for _, _, _, label in said(export)} == {"safe"}
    assert {output["harm"] for output in export.outputs} == {"predicted"}


def test_rows_without_annotation_are_tasks(tmp_path):
    """A flat export of all tasks has rows for those that nobody has labelled yet: no trouble, and no label."""
    rows = [{**FLAT, "id": 1, "harm": "safe"}, {**FLAT, "id": 2, "annotator": "", "annotation_id": "", "harm": ""}]
    export = read_export(table(tmp_path, rows), questions={"harm": ("safe",)})
    assert (export.counts["tasks"], export.counts["annotations"], export.counts["malformed"]) == (2, 1, 0)
    assert export.counts["unlabelled_tasks"] == 1


def test_one_control_answered_twice_differently_is_no_answer_in_any_format(tmp_path):
    """Two results of one control that differ are left out of a flat export as they are of the JSON."""
    row = {**FLAT, "stars": [{"rating": 3}, {"rating": 4}], "harm": "safe", "id": 1}
    export = read(tmp_path, [{**{key: row[key] for key in ("prompt", "response", "id")}, **row}])
    assert said(export) == {("1", "rater-7", "harm", "safe")}
    assert export.counts["malformed"] == 1


def test_people_by_address_are_told(tmp_path):
    """A flat export that names people by e-mail cannot be joined with one that numbers them, and says so."""
    row = {"prompt": "p", "response": "r", "id": 1, "harm": "safe", **FLAT, "annotator": "a@example.com"}
    export = read(tmp_path, [row])
    assert any("named by e-mail" in warning for warning in export.warnings)
    assert "@" not in str(said(export))


@pytest.mark.parametrize("packed", ["gz", "zip"])
def test_packed_exports_are_read(tmp_path, packed):
    """A gzipped export, and one alone in an archive, whatever the file is called."""
    content = json.dumps([task(1, annotation(1, 7, choice("harm", "safe")))]).encode()
    file = tmp_path / "export"
    if packed == "gz":
        file.write_bytes(gzip.compress(content, mtime=0))
    else:
        with zipfile.ZipFile(file, "w") as archive:
            archive.writestr("result.json", content)
            archive.writestr("images/1.png", b"")
    assert said(read_export(file)) == {("1", "rater-7", "harm", "safe")}


def two_in_an_archive() -> bytes:
    with io.BytesIO() as stream:
        with zipfile.ZipFile(stream, "w") as archive:
            archive.writestr("a.json", "[]")
            archive.writestr("b.json", "[]")
        return stream.getvalue()


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (gzip.compress(b"[]" * 100, mtime=0)[:-9], "cannot be read (damaged gzip file"),
        (b"PK\x03\x04 and no more", "cannot be read (damaged or locked zip file"),
        (two_in_an_archive(), "cannot be read (an archive with 2 files that could be the export; unpack it)"),
        (b"id,annotator,annotation_id\n1,2,3\n4,5\n", "row 2 has 2 cells, where the header has 3; the file was cut"),
        (
            b"id,annotator,annotation_id,a,a\n1,2,3,4,5\n",
            "two columns are called 'a'; export the project again as JSON",
        ),
    ],
)
def test_damaged_files_are_refused(tmp_path, content, message):
    """A file that was cut or packed otherwise is one line that says so; no label of it is taken."""
    file = tmp_path / "export.csv"
    file.write_bytes(content)
    with pytest.raises(InputError) as caught:
        read_export(file)
    assert str(caught.value).startswith(f"{file}: {message}")
    assert "\n" not in str(caught.value)
