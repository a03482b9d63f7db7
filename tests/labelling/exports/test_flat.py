"""JSON_MIN, CSV and TSV: what only a control writes, what is the data's, and what these formats cannot tell apart."""

from __future__ import annotations

import csv
import json
from pathlib import Path

import pytest

from judgeaudit.domain.errors import InputError
from judgeaudit.labelling.exports.read import read_export
from judgeaudit.labelling.exports.records import Export

HARM = {"harm": ("safe", "unsafe")}
SPAN = {"start": 0, "end": 2, "text": "an", "labels": ["odd"]}


def row(number: int, person: int = 7, **answers: object) -> dict[str, object]:
    """A row as the server writes it: data, the task's number, answers, who and when."""
    who = {"annotator": person, "annotation_id": 10 * number + person, "updated_at": "2026-05-01T10:00:01Z"}
    return {"item_id": f"i{number}", "response": f"answer {number}", "id": number, **answers, **who, "lead_time": 2}


def with_data(made: dict[str, object], **data: object) -> dict[str, object]:
    return {**data, **{key: value for key, value in made.items() if key not in data}}


def minimal(folder: Path, rows: list[dict[str, object]], **options: object) -> Export:
    file = folder / "export.json"
    file.write_text(json.dumps(rows), encoding="ascii")
    return read_export(file, **options)  # type: ignore[arg-type]


def table(folder: Path, rows: list[dict[str, object]], **options: object) -> Export:
    """The rows as the server writes a table: columns in order of the alphabet, JSON in cells, every text quoted."""
    columns = sorted({key for one in rows for key in one})
    file = folder / "export.csv"
    with file.open("w", encoding="utf-8", newline="") as stream:
        writer = csv.writer(stream, quoting=csv.QUOTE_NONNUMERIC)
        writer.writerow(columns)
        writer.writerows([cell(one.get(name, "")) for name in columns] for one in rows)
    return read_export(file, **options)  # type: ignore[arg-type]


def cell(value: object) -> object:
    return json.dumps(value, separators=(",", ":")) if isinstance(value, list | dict) else value


def said(export: Export) -> set[tuple[str, str, str]]:
    return {(one.item_id, one.question, one.label) for one in export.annotations}


def told(export: Export, words: str) -> list[str]:
    return [warning for warning in export.warnings if words in warning]


BOTH = pytest.mark.parametrize("export", [minimal, table])


@BOTH
@pytest.mark.parametrize(
    "data",
    [[{"author": "ann", "text": "hello"}], [{"rating": 5, "name": "film"}], [{"text": "one"}, {"text": "two"}], [1, 2]],
)
def test_lists_in_the_data_are_no_answers(export, tmp_path, data):
    """Objects that hold more than a control writes are the task's data, kept with its output."""
    made = export(tmp_path, [with_data(row(1, harm="safe"), thread=data)], questions=HARM)
    assert said(made) == {("i1", "harm", "safe")}
    assert [json.loads(cell(output["thread"])) if export is table else output["thread"] for output in made.outputs] == [
        data
    ]
    assert made.annotations[0].note == ""


@BOTH
@pytest.mark.parametrize(
    ("value", "label"),
    [
        ([{"rating": 4}], "4"),
        ([{"number": 4.5}], "4.5"),
        ([{"selected": "left"}], "left"),
        ([{"taxonomy": [["harm", "violence"]]}], "harm > violence"),
        ({"choices": ["b", "a"]}, "a|b"),
    ],
)
def test_what_only_a_control_writes_is_an_answer(export, tmp_path, value, label):
    """Whatever the column is called and whoever has declared it."""
    rows = [row(1, harm="safe", stars=value), row(2, harm="safe", stars=value)]
    assert ("i1", "stars", label) in said(export(tmp_path, rows, questions=HARM))


@BOTH
def test_marked_parts_are_no_answers_about_the_item(export, tmp_path):
    """The text of a span is no note and a choice about each span no label: counted and left out."""
    answers = {
        "spans": [SPAN, SPAN],
        "kind": ["a", {"choices": ["b", "c"], "start": 0, "end": 2, "text": "an"}],
        "harm": "safe",
    }
    made = export(tmp_path, [row(1, **answers)], questions=HARM)
    assert said(made) == {("i1", "harm", "safe")}
    assert made.annotations[0].note == ""
    assert told(made, "column 'spans' holds 2 results that are no labels of an item: left out")
    assert told(made, "column 'kind' holds 2 results")
    assert told(made, "a single answer about a part looks like one about the item")


@BOTH
def test_an_answer_given_twice_alike_is_that_answer(export, tmp_path):
    """Two results of one control that say the same are one answer; two that differ are none."""
    made = export(tmp_path, [row(1, harm=["safe", "safe"]), row(2, harm=["safe", "unsafe"])], questions=HARM)
    assert said(made) == {("i1", "harm", "safe"), ("i2", "", "")}
    assert told(made, "answers 'harm' twice, differently")


@BOTH
def test_remarks_stay_as_they_were_written(export, tmp_path):
    """A remark that looks like JSON is its text; several remarks are several lines."""
    rows = [row(1, notes='{"a": 1}'), row(2, notes='["x"]'), row(3, notes={"text": ["one", "two"]}), row(4, notes="-")]
    made = export(tmp_path, [{**one, "harm": "safe"} for one in rows], questions=HARM)
    assert [one.note for one in made.annotations] == ['{"a": 1}', '["x"]', "one\ntwo", "-"]


def test_short_remarks_are_no_question(tmp_path):
    """A text area of few words, each another, is a note though nobody declared it and nothing calls it so."""
    rows = [row(n, harm="safe", thoughts=words) for n, words in enumerate(["looks fine", "hm", "so so", "not sure"])]
    made = minimal(tmp_path, rows, questions=HARM)
    assert {one.question for one in made.annotations} == {"harm"}
    assert [one.note for one in made.annotations] == ["looks fine", "hm", "so so", "not sure"]


def test_data_with_an_id_first_invent_no_questions(tmp_path):
    """The task's number stands where the data's id stood, before all data: they are told from answers by what they hold."""
    rows = [
        {"id": n, "source": f"https://example.org/{n}", **row(n, who, harm=label)}
        for n in range(4)
        for who, label in ((5, "safe"), (6, "unsafe"))
    ]
    made = minimal(tmp_path, rows)
    assert {one.question for one in made.annotations} == {"harm"}
    assert {output["source"] for output in made.outputs} == {f"https://example.org/{n}" for n in range(4)}
    assert told(made, "taken as questions: harm")
    assert told(made, "the data have an id of their own")


def test_data_with_an_id_amid_them_are_told_by_texts_that_nobody_wrote(tmp_path):
    """A long text after the number that all raters of a task have alike is the task's."""
    long = "x" * 100
    rows = [
        {"lang": "en", "id": n, "passage": f"{long}{n}", "harm": label, "annotator": who, "annotation_id": 9 * n + who}
        for n in range(3)
        for who, label in ((5, "safe"), (6, "unsafe"))
    ]
    made = minimal(tmp_path, rows)
    assert {one.question for one in made.annotations} == {"harm"}
    assert [output["passage"] for output in made.outputs] == [f"{long}{n}" for n in range(3)]


def test_what_nobody_asked_and_all_have_alike_is_the_task_s(tmp_path):
    """Where the study declares its questions a column that never differs between people is no new one, and that is said."""
    rows = [
        {"lang": "en", "id": n, "source": "web", "harm": label, "annotator": who, "annotation_id": 9 * n + who}
        for n in range(3)
        for who, label in ((5, "safe"), (6, "unsafe"))
    ]
    made = minimal(tmp_path, rows, questions=HARM)
    assert {one.question for one in made.annotations} == {"harm"}
    assert {output["source"] for output in made.outputs} == {"web"}
    assert told(made, "as data of the tasks: lang, source, and where one of these is a question, declare it")


def test_an_id_of_the_data_names_items_only_in_tables(tmp_path):
    """Tables show the data's id in place of the number; that other exports do otherwise is said."""
    made = table(tmp_path, [{**row(1, harm="safe"), "id": "film-1"}], questions=HARM)
    assert told(made, "the JSON export calls the same items by their numbers")


def test_what_was_taken_for_a_question_is_said(tmp_path):
    """Where a study has declared no question the questions found are named, in every flat format."""
    rows = [row(1, 5, harm="safe"), row(1, 6, harm="unsafe")]
    assert told(minimal(tmp_path, rows), "the study declares no question; taken as questions: harm")
    assert told(table(tmp_path, rows), "taken as questions: harm")
    assert not told(minimal(tmp_path, rows, questions=HARM), "taken as")


def test_what_a_table_hides_is_said(tmp_path):
    """An undeclared column that one rater per task filled in may be a question: it is named among the data."""
    made = table(tmp_path, [row(n, harm="safe", tone="kind") for n in range(4)], questions=HARM)
    assert {one.question for one in made.annotations} == {"harm"}
    assert told(made, "as data of the tasks: tone, and where one of these is a question, declare it")


def test_a_question_called_like_a_column_of_the_data(tmp_path):
    """JSON_MIN keeps one of the two: undeclared it is left out and told, declared it is taken with a warning."""
    rows = [with_data(row(1, who), tone=label) for who, label in ((5, "kind"), (6, "rude"))]
    lost = minimal(tmp_path, [{**one, "harm": "safe"} for one in rows], questions=HARM)
    assert said(lost) == {("i1", "harm", "safe")}
    assert "tone" not in lost.outputs[0]
    assert told(lost, "column 'tone' of the data differs within a task")
    declared = minimal(tmp_path, rows, questions={"tone": ("kind", "rude")})
    assert said(declared) == {("i1", "tone", "kind"), ("i1", "tone", "rude")}
    assert told(declared, "question 'tone' is called like a column of the data")


@BOTH
def test_a_control_may_be_called_history(export, tmp_path):
    """The server's own history is a list; a control of that name is a question like any other."""
    made = export(tmp_path, [row(1, 5, history="long"), row(1, 6, history="short")])
    assert said(made) == {("i1", "history", "long"), ("i1", "history", "short")}
    servers = export(tmp_path, [row(1, harm="safe", history=[{"action": "submitted"}])], questions=HARM)
    assert said(servers) == {("i1", "harm", "safe")}


def test_tasks_that_share_an_id_are_not_mixed(tmp_path):
    """Labels given to a second text under the same id are left out, whatever the column of the text is called."""
    one, two = ("A passage that is long enough to be read by somebody: " + text for text in ("one", "two"))
    rows = [with_data(row(1, 5, harm="safe"), passage=one), {**with_data(row(1, 6), passage=two), "harm": "unsafe"}]
    rows[1]["id"] = 2
    made = table(tmp_path, rows, questions=HARM)
    assert said(made) == {("i1", "harm", "safe")}
    assert told(made, "is about item 'i1' with another 'passage' than an earlier task: left out")


def test_an_item_shown_once_more_keeps_its_labels(tmp_path):
    """The same texts under the same id are the same item, whatever mark its second task carries, and that is said."""
    first = with_data(row(1, 5, harm="safe"), item_id="i", response="one text", position="3")
    second = {**with_data(row(1, 6), item_id="i", response="one text", position="40"), "harm": "unsafe", "id": 2}
    made = table(tmp_path, [first, second], questions=HARM)
    assert sorted(one.label for one in made.annotations) == ["safe", "unsafe"]
    assert told(made, "1 tasks show an item once more, with the same texts and another 'position'")


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (
            b'"id","annotator","annotation_id","note"\n1,2,3,"whole"\n1,2,4,"cut of',
            "row 2 ends within a cell; the file was cut or edited, export the project again",
        ),
        (
            b'"annotation_id","annotator","created_at","lead_time","updated_at"\n',
            "the export holds no annotations: nobody had labelled a task of the project when it was made",
        ),
        (b"", "the file is empty; export the project again"),
        (b" \n", "the file is empty; export the project again"),
        (
            b'{"images": [], "annotations": [{"id": 1}], "categories": []}',
            "not a Label Studio export; expected tasks with annotations (JSON), or rows with id, annotator and "
            "annotation_id (JSON_MIN, CSV, TSV)",
        ),
        (b'[{"id": 1, "annotations": []}, {"id": 2', "not JSON: Expecting ',' delimiter: line 1 column 40 (char 39); "),
        (b'[{"id": 1, "annotations": []}] []', "not JSON: Extra data: line 1 column 32 (char 31); export the project"),
    ],
)
def test_what_is_no_whole_export_is_refused(tmp_path, content, message):
    """A file that was cut, that is empty, or that another tool wrote is one line that says so."""
    file = tmp_path / "export"
    file.write_bytes(content)
    with pytest.raises(InputError) as caught:
        read_export(file)
    assert str(caught.value).startswith(f"{file}: {message}")
