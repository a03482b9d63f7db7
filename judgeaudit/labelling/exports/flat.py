"""Exports with one row per annotation: JSON_MIN, CSV and TSV. They have lost what the full JSON still holds."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from typing import NamedTuple

from judgeaudit.domain.errors import one_line
from judgeaudit.labelling.exports.cells import Cell, cell_of, marks_parts, opened
from judgeaudit.labelling.exports.columns import Columns, columns_of
from judgeaudit.labelling.exports.records import Given, Reading, Shown, Terms
from judgeaudit.labelling.exports.tasks import question_of, shown_by, told_of_repeats
from judgeaudit.labelling.exports.values import number_text, rater_name, stamp_of
from judgeaudit.labelling.form.questions import CONFIDENCE

LOST = (
    "this export has lost skipped tasks, drafts, tasks without labels, and which annotations are ground truth: "
    "a ground truth row, whose answer was known beforehand, looks like a rater's; the JSON export keeps them"
)


class Row(NamedTuple):
    """What the task of a row showed, and which row it is."""

    shown: Shown
    where: str


def read_flat(rows: Sequence[object], terms: Terms, *, ordered: bool) -> Reading:
    """Every row as one annotation. In `ordered` rows (JSON_MIN) data stand before the task's id, answers after it."""
    reading = Reading(flat=True)
    objects = [row for row in rows if isinstance(row, dict)]
    for _ in range(len(rows) - len(objects)):
        reading.trouble("a row is not an object: left out")
    columns = columns_of(objects, terms, ordered=ordered)
    reading.warnings += (LOST, *columns.warnings)
    if any("@" in str(row.get("annotator")) for row in objects):
        reading.warnings.append(
            "raters are named by e-mail here, and by number in other exports, "
            "which would make two raters of each: import one of them"
        )
    parts: Counter[str] = Counter()
    for position, row in enumerate(objects, 1):
        where = f"row {position} (task {one_line(number_text(row.get('id')))})"
        data = {as_data: row[name] for name, as_data in columns.data.items() if name in row}
        shown = shown_by(data, row.get("id"), reading, terms, where=where)
        if number_text(row.get("annotation_id")) or number_text(row.get("annotator")):  # else a task without labels
            reading.counts["annotations"] += 1
            if shown is not None:
                _keep(row, Row(shown, where), columns, reading, terms, parts)
    reading.counts["tasks"] = len(reading.tasks)
    reading.warnings += [*_told(parts), *told_of_repeats(reading)]
    return reading


def _told(parts: Counter[str]) -> list[str]:
    """What was left out because it is about parts of a text, and what cannot be told from it."""
    sentences = [
        f"column '{one_line(name)}' holds {count} results that are no labels of an item: left out"
        for name, count in sorted(parts.items())
    ]
    if parts:
        sentences.append(
            "people marked parts of texts here: a single answer about a part looks like one about the item in this format; "
            "the JSON export tells them apart"
        )
    return sentences


def _keep(
    row: Mapping[str, object], place: Row, columns: Columns, reading: Reading, terms: Terms, parts: Counter[str]
) -> None:
    where = place.where
    rater = "" if row.get("annotator") == "None" else rater_name(row.get("annotator"))  # a table's word for nobody
    if not rater:
        reading.trouble(f"{where} names nobody who made it (a user who was deleted has no name): left out")
        return
    answers: dict[str, tuple[str, ...]] = {}
    notes: dict[str, None] = {}
    torn: dict[str, None] = {}
    for name, cell in _cells(row, columns, reading, terms, where).items():
        parts.update({name: cell.parts} if cell.parts else {})
        question, answer = question_of(name, terms), cell.answer
        if cell.torn or (answer and answers.get(question, answer.texts) != answer.texts):
            torn[question] = None
        elif answer is None:
            continue
        elif answer.kind == "note" or name in columns.notes:
            notes.update(dict.fromkeys(answer.texts))
        else:
            answers[question] = answer.texts
    for question in torn:
        answers.pop(question, None)
        reading.trouble(f"{where} answers '{one_line(question)}' twice, differently: that answer is left out")
    sure = () if CONFIDENCE in terms.questions else answers.pop(CONFIDENCE, ())
    reading.given.append(
        Given(
            shown=place.shown,
            rater=rater,
            number=number_text(row.get("annotation_id")),
            stamp=stamp_of(row.get("updated_at")) or stamp_of(row.get("created_at")),
            confidence="|".join(sure),
            answers=answers,
            seconds=number_text(row.get("lead_time")),
            note="\n".join(notes),
        )
    )


def _cells(row: Mapping[str, object], columns: Columns, reading: Reading, terms: Terms, where: str) -> dict[str, Cell]:
    """What the row's controls say. A cell that says nothing usable is told."""
    filled = {name: row[name] for name in columns.controls if row.get(name) not in (None, "", [], {})}
    if columns.packed:
        filled = {name: opened(cell, terms.questions.get(name)) for name, cell in filled.items()}
    in_parts = any(marks_parts(value) for value in filled.values())
    made = {name: cell_of(value, question=name in terms.questions, in_parts=in_parts) for name, value in filled.items()}
    for name, cell in made.items():
        if cell == Cell():
            reading.trouble(f"{where} has no usable value for '{one_line(name)}': that value is left out")
    return made
