"""Exports of Label Studio, written by hand: one law per trap, no server and no file but the test's own."""

from __future__ import annotations

import csv
import json
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from judgeaudit.domain.errors import InputError
from judgeaudit.labelling.exports.read import read_export
from judgeaudit.labelling.exports.records import Export

DAY = "2026-05-01T10:00:{:02d}.000000Z"


def choice(name: str, *labels: str) -> dict[str, object]:
    return {"from_name": name, "to_name": "response", "type": "choices", "value": {"choices": list(labels)}}


def annotation(number: int, person: object, *results: object, **more: object) -> dict[str, object]:
    made = {
        "id": number,
        "completed_by": person,
        "result": list(results),
        "was_cancelled": False,
        "ground_truth": False,
    }
    return {**made, "created_at": DAY.format(number), "updated_at": DAY.format(number), "lead_time": 9.5, **more}


def task(number: int, *annotations: object, **data: object) -> dict[str, object]:
    texts = {"item_id": f"i{number}", "prompt": "Why?", "response": f"answer {number}", **data}
    return {"id": number, "data": texts, "annotations": list(annotations), "drafts": [], "predictions": []}


def read(folder: Path, content: object, **options: object) -> Export:
    file = folder / "export.json"
    file.write_text(json.dumps(content), encoding="ascii")
    return read_export(file, **options)  # type: ignore[arg-type]


def said(export: Export) -> list[tuple[str, str, str, str, str]]:
    return [(row.item_id, row.rater, row.question, row.label, row.status) for row in export.annotations]


def test_every_control_is_a_question(tmp_path):
    """Choices, ratings, numbers, pairs and taxonomies are questions; `confidence` and text areas are not."""
    results = [
        choice("harm", "unsafe"),
        {"from_name": "stars", "type": "rating", "value": {"rating": 4}},
        {"from_name": "count", "type": "number", "value": {"number": 4.5}},
        {"from_name": "pair", "type": "pairwise", "value": {"selected": "left"}},
        {"from_name": "kind", "type": "taxonomy", "value": {"taxonomy": [["harm", "violence"]]}},
        {"from_name": "confidence", "type": "rating", "value": {"rating": 5}},
        {"from_name": "why", "type": "textarea", "value": {"text": ["so", "so", "and so"]}},
    ]
    export = read(tmp_path, [task(1, annotation(1, 7, *results))])
    assert {row.question: row.label for row in export.annotations} == {
        "harm": "unsafe",
        "stars": "4",
        "count": "4.5",
        "pair": "left",
        "kind": "harm > violence",
    }
    assert {(row.confidence, row.note, row.seconds, row.labelled_at) for row in export.annotations} == {
        ("5", "so\nand so", "9.5", DAY.format(1))
    }


def test_several_labels_at_once_are_one_label_in_order(tmp_path):
    """A control where a person may tick several labels gives one row, and a warning."""
    export = read(tmp_path, [task(1, annotation(1, 7, choice("harm", "hate", "crime")))])
    assert said(export) == [("i1", "rater-7", "harm", "crime|hate", "labelled")]
    assert export.warnings == ("question 'harm' got several labels at once 1 times: joined by | into one label",)


def test_an_item_is_named_by_its_data_before_its_task(tmp_path):
    """item_id, then ja_id, then the number of the task."""
    bare = {"id": 9, "data": {"prompt": "Why?"}, "annotations": [annotation(1, 7, choice("harm", "safe"))]}
    opaque = {**bare, "id": 8, "data": {"ja_id": "f00d"}}
    export = read(tmp_path, [task(1, annotation(1, 7, choice("harm", "safe"))), opaque, bare])
    assert [row.item_id for row in export.annotations] == ["9", "f00d", "i1"]


def test_people_are_numbers_never_addresses(tmp_path):
    """Whatever form a person has in the export, no e-mail leaves it."""
    people = [5, {"id": 6, "email": "six@example.com"}, {"email": "no-number@example.com"}, "eight@example.com, 8"]
    made = [annotation(n, person, choice("harm", "safe")) for n, person in enumerate(people)]
    export = read(tmp_path, [task(1, *made)])
    assert {"rater-5", "rater-6", "rater-8"} < {row.rater for row in export.annotations}
    assert len({row.rater for row in export.annotations}) == 4
    assert "@" not in json.dumps([row.as_row() for row in export.annotations])


def test_the_last_annotation_of_a_rater_comes_last(tmp_path):
    """Time decides, not the order of the file; earlier ones stay before it as history."""
    early, late = annotation(8, 7, choice("harm", "safe")), annotation(3, 7, choice("harm", "unsafe"))
    late["updated_at"] = "2026-05-01T14:00:00+02:00"
    export = read(tmp_path, [task(1, late, early)])
    assert [row.label for row in export.annotations] == ["safe", "unsafe"]
    assert (export.counts["superseded"], export.counts["usable"]) == (1, 1)


def test_an_answer_that_is_no_longer_given_is_withdrawn(tmp_path):
    """A control that a later annotation leaves out had an answer once and has none now."""
    first = annotation(1, 7, choice("safety", "unsafe"), choice("harm", "crime"))
    export = read(tmp_path, [task(1, first, annotation(2, 7, choice("safety", "safe")))])
    assert said(export)[2:] == [
        ("i1", "rater-7", "safety", "safe", "labelled"),
        ("i1", "rater-7", "harm", "", "skipped"),
    ]


def test_a_skip_is_a_row_without_a_question(tmp_path):
    """A skipped task is told, even where the form held answers when it was skipped."""
    export = read(tmp_path, [task(1, annotation(1, 7, choice("harm", "safe"), was_cancelled=True))])
    assert said(export) == [("i1", "rater-7", "", "", "skipped")]
    assert (export.counts["skipped"], export.counts["usable"], export.counts["unlabelled_tasks"]) == (1, 0, 1)


def test_ground_truth_is_nobody_s_label(tmp_path):
    """Gold is left out of raters' labels and counted, unless the caller knows that people made it."""
    tasks = [
        task(1, annotation(1, 7, choice("harm", "safe")), annotation(2, 1, choice("harm", "safe"), ground_truth=True))
    ]
    export = read(tmp_path, tasks)
    assert [row.rater for row in export.annotations] == ["rater-7"]
    assert export.counts["ground_truth"] == 1
    assert export.warnings == (
        "1 annotations are marked as ground truth: left out of the raters' labels; --keep-ground-truth takes them as labels "
        "of who made them",
    )
    kept = read(tmp_path, tasks, keep_ground_truth=True)
    assert [row.rater for row in kept.annotations] == ["rater-1", "rater-7"]


def test_a_project_of_nothing_but_gold_is_explained(tmp_path):
    """Imported annotations are gold by default; a person who lost all labels to that reads why."""
    export = read(tmp_path, [task(1, annotation(1, 7, choice("harm", "safe"), ground_truth=True))])
    assert export.annotations == ()
    assert "read them with keep_ground_truth=True" in export.warnings[0]


def test_cannot_judge_is_a_status_unless_it_is_a_label(tmp_path):
    """A choice called cannot_judge says that there is no label; where a study declares it, it is one."""
    tasks = [task(1, annotation(1, 7, choice("harm", "cannot_judge")))]
    assert said(read(tmp_path, tasks)) == [("i1", "rater-7", "harm", "", "cannot_judge")]
    declared = {"harm": ("safe", "cannot_judge")}
    assert said(read(tmp_path, tasks, questions=declared)) == [("i1", "rater-7", "harm", "cannot_judge", "labelled")]


def test_drafts_and_predictions_are_no_labels(tmp_path):
    """Drafts are counted; predictions, which may be a judge's, are not even read."""
    one = task(1)
    one["drafts"], one["predictions"] = (
        [{"id": 1, "result": [choice("harm", "safe")]}],
        [{"result": [choice("harm", "safe")]}],
    )
    export = read(tmp_path, [one])
    assert (export.annotations, export.counts["drafts"], export.counts["unlabelled_tasks"]) == ((), 1, 1)


def test_malformed_parts_are_counted_and_the_rest_is_read(tmp_path):
    """One bad annotation costs itself alone; each is told once."""
    good = annotation(9, 7, choice("harm", "safe"))
    bad = [
        "no object",
        annotation(1, None, choice("harm", "safe")),
        annotation(2, 5, {"value": {"choices": ["safe"]}}),
        annotation(3, 6, {"from_name": "harm", "type": "choices"}),
        annotation(4, 8, choice("harm", "safe"), choice("harm", "unsafe")),
        annotation(5, 10, {"from_name": "harm", "type": "choices", "value": {"choices": [None]}}),
    ]
    no_data = {"id": 2, "data": None, "annotations": [annotation(6, 7, choice("harm", "safe"))]}
    export = read(tmp_path, [task(1, *bad, good), "no task", no_data, {"data": {"prompt": ""}, "annotations": []}])
    labelled = [(row.item_id, row.rater) for row in export.annotations if row.status == "labelled"]
    assert labelled == [("2", "rater-7"), ("i1", "rater-7")]
    assert export.counts["malformed"] == 9
    assert export.warnings[-9:] == (
        "an annotation of item 'i1' is not an object: left out",
        "annotation 1 of item 'i1' names nobody who made it (a user who was deleted has no name): left out",
        "annotation 2 of item 'i1' has a result without from_name: that result is left out",
        "annotation 3 of item 'i1' has no usable value for 'harm': that result is left out",
        "annotation 4 of item 'i1' answers 'harm' twice, differently: that answer is left out",
        "annotation 5 of item 'i1' has no usable value for 'harm': that result is left out",
        "task 2 is not an object: left out",
        "task 2 has no data: its item is called '2' and has no text",
        "task  has neither an id nor an item_id in its data: left out",
    )


def test_regions_of_a_text_are_no_labels_of_it(tmp_path):
    """Results of other controls are counted by type; a span's text is not a note."""
    span = {"from_name": "spans", "type": "labels", "value": {"start": 0, "end": 2, "text": "an", "labels": ["x"]}}
    export = read(tmp_path, [task(1, annotation(1, 7, span, choice("harm", "safe")))])
    assert [row.note for row in export.annotations] == [""]
    assert export.warnings == ("1 results of type 'labels' are no labels of an item: left out",)


def test_two_tasks_of_one_item_must_show_the_same_text(tmp_path):
    """A label belongs to the text that its rater read; another text under the same name is left out and told."""
    other = task(1, annotation(2, 8, choice("harm", "unsafe")), response="another answer")
    export = read(tmp_path, [task(1, annotation(1, 7, choice("harm", "safe"))), other])
    assert [row.rater for row in export.annotations] == ["rater-7"]
    assert "with another text than an earlier task: left out" in export.warnings[-1]


def test_outputs_bring_what_an_audit_needs(tmp_path):
    """Texts and columns of a task become a row of outputs; equal prompts share a prompt_id; pairs become A and B."""
    pair = {"id": 3, "data": {"item_id": "i3", "prompt": "Why?", "answer_a": "a", "answer_b": "b"}, "annotations": []}
    first, second, third = read(tmp_path, [task(1, benchmark="x"), task(2), pair]).outputs
    assert (first["benchmark"], first["prompt_id"]) == ("x", second["prompt_id"])
    assert (third["response"], third["response_b"]) == ("a", "b")


ROWS = [
    {"prompt": "Why?", "response": "a", "ja_id": "x1", "id": 1, "harm": "safe", "confidence": [{"rating": 5}],
     "why": "because of the\nsecond line", "annotator": 7, "annotation_id": 1, "updated_at": DAY.format(1),
     "lead_time": 2.0},
    {"prompt": "Why?", "response": "a", "ja_id": "x1", "id": 1, "harm": {"choices": ["hate", "crime"]},
     "annotator": 8, "annotation_id": 2, "updated_at": DAY.format(2), "lead_time": 2.0},
]  # fmt: skip


def test_json_min_holds_the_same_labels(tmp_path):
    """Answers stand after the task's number, whatever they are called; what the format lost is told."""
    export = read(tmp_path, ROWS)
    assert said(export) == [
        ("x1", "rater-7", "harm", "safe", "labelled"),
        ("x1", "rater-8", "harm", "crime|hate", "labelled"),
    ]
    assert (export.annotations[0].confidence, export.annotations[0].note) == ("5", "because of the\nsecond line")
    assert any("has lost skipped tasks" in warning for warning in export.warnings)


@pytest.mark.parametrize("separator", [",", "\t"])
def test_tables_hold_the_same_labels(tmp_path, separator):
    """CSV and TSV are told by their content, and mean what JSON_MIN means."""
    columns = sorted({key for row in ROWS for key in row})
    file = tmp_path / "export.txt"
    with file.open("w", encoding="utf-8", newline="") as stream:
        writer = csv.writer(stream, delimiter=separator)
        writer.writerow(columns)
        cells = [[row.get(name, "") for name in columns] for row in ROWS]
        writer.writerows([cell if isinstance(cell, str) else json.dumps(cell) for cell in row] for row in cells)
    assert read_export(file).annotations == read(tmp_path, ROWS).annotations


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"[]", "the export holds no tasks"),
        (b"[1", "not JSON: Expecting ',' delimiter: line 1 column 3 (char 2); export the project again"),
        (b'[{"a": 1}]', "not a Label Studio export; expected tasks with annotations (JSON), or rows with id, annotator "
         "and annotation_id (JSON_MIN, CSV, TSV)"),
        (b"a,b\n1,2\n", "not a Label Studio export; expected tasks with annotations (JSON), or rows with id, annotator "
         "and annotation_id (JSON_MIN, CSV, TSV)"),
        (b"id,annotator,annotation_id\n", "the export holds no annotations"),
        (b'["caf\xe9"]', "not UTF-8 at byte 5; export the project again as JSON"),
        (b"[" * 100_000, "not JSON: "),
    ],
)  # fmt: skip
def test_what_is_no_export_is_refused(tmp_path, content, message):
    """A file that cannot be an export is one line that names it."""
    file = tmp_path / "export.json"
    file.write_bytes(content)
    with pytest.raises(InputError) as caught:
        read_export(file)
    assert str(caught.value).startswith(f"{file}: {message}")
    assert "\n" not in str(caught.value)


def test_a_missing_export_is_refused(tmp_path):
    """A name without a file is one line."""
    with pytest.raises(InputError, match=r"gone\.json: cannot be read \(No such file or directory\)"):
        read_export(tmp_path / "gone.json")


KEYS = ("id", "data", "annotations", "result", "value", "choices", "from_name", "type", "completed_by", "item_id")
JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(),
    lambda inner: st.lists(inner) | st.dictionaries(st.sampled_from(KEYS) | st.text(), inner),
    max_leaves=12,
)


@pytest.mark.slow
@given(
    content=st.lists(st.fixed_dictionaries({"data": JSON, "annotations": st.lists(JSON) | JSON, "id": JSON})), more=JSON
)
def test_no_content_is_a_traceback(tmp_path_factory, content, more):
    """Whatever stands in a JSON file, it is an export or an InputError of one line."""
    for whole in (
        content,
        more,
        [task(1, annotation(1, 7, more)), task(2, annotation(1, 7, {"from_name": "q", "value": more}))],
    ):
        try:
            export = read(tmp_path_factory.mktemp("any"), whole)
        except InputError as error:
            assert "\n" not in str(error)
        else:
            assert all(isinstance(cell, str) for row in export.annotations for cell in row.as_row().values())


@given(label=st.text(min_size=1), note=st.text(), response=st.text())
def test_any_text_survives_an_export(tmp_path_factory, label, note, response):
    """Labels, notes and texts come out as they went in."""
    notes = {"from_name": "notes", "type": "textarea", "value": {"text": [note]}}
    made = task(1, annotation(1, 7, choice("harm", label), notes), response=response)
    export = read(tmp_path_factory.mktemp("any"), [made])
    row = export.annotations[0]
    assert (row.label if row.status == "labelled" else "cannot_judge", row.note) == (label, note)
    assert export.outputs[0]["response"] == response
