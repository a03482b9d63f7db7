"""Exports with one row per annotation: JSON_MIN, CSV and TSV. They have lost what the full JSON still holds."""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Mapping, Sequence
from typing import NamedTuple

from judgeaudit.domain.errors import one_line
from judgeaudit.labelling.exports_records import Given, Reading, Shown, Terms
from judgeaudit.labelling.exports_tasks import question_of, shown_by
from judgeaudit.labelling.exports_values import (
    Answer,
    flat_answer,
    is_of_region,
    number_text,
    place_of,
    rater_name,
    stamp_of,
)
from judgeaudit.labelling.form_questions import CONFIDENCE

BOOKKEEPING = ("id", "annotator", "annotation_id", "created_at", "updated_at", "lead_time", "agreement", "history")
#: where a control is called like a column of the data, newer servers call the column so in a table
DATA_PREFIX = "_data_"
LOST = (
    "this export has lost skipped tasks, drafts, tasks without labels, and which annotations are ground truth: "
    "a ground truth row, whose answer was known beforehand, looks like a rater's; the JSON export keeps them"
)
_IDENTITY = ("item_id", "ja_id", "prompt_id", "benchmark", "model", "checkpoint", "method", "degradation")
_DATA = frozenset({*_IDENTITY, "prompt", "messages", "response", "response_b", "answer_a", "answer_b"})
_NOTES = frozenset({"note", "notes", "comment", "comments", "remark", "remarks", "reason", "rationale", "explanation"})
_FEW, _SHORT = 20, 60


class Columns(NamedTuple):
    """Which columns of a flat export are answers, which of these are free text; the rest is the task's data."""

    controls: tuple[str, ...]
    notes: frozenset[str]


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
    told = ordered and not any(_is_mixed(row, terms) for row in objects)
    columns = _columns(objects, terms, ordered=told)
    reading.warnings.append(LOST)
    if not told:
        asked = ", ".join(one_line(name) for name in columns.controls if name not in columns.notes) or "none"
        reading.warnings.append(f"a table does not say which columns are answers; taken as questions: {asked}")
    if any("@" in str(row.get("annotator")) for row in objects):
        reading.warnings.append(
            "raters are named by e-mail here, and by number in other exports, "
            "which would make two raters of each: import one of them"
        )
    left_out = {*columns.controls, *BOOKKEEPING}
    for position, row in enumerate(objects, 1):
        where = f"row {position} (task {one_line(number_text(row.get('id')))})"
        data = {key.removeprefix(DATA_PREFIX): value for key, value in row.items() if key not in left_out}
        shown = shown_by(data, row.get("id"), reading, terms, where=where)
        if number_text(row.get("annotation_id")) or number_text(row.get("annotator")):  # else a task without labels
            reading.counts["annotations"] += 1
            if shown is not None:
                _keep(row, Row(shown, where), columns, reading, terms)
    reading.counts["tasks"] = len(reading.tasks)
    return reading


def _keep(row: Mapping[str, object], place: Row, columns: Columns, reading: Reading, terms: Terms) -> None:
    where = place.where
    rater = "" if row.get("annotator") == "None" else rater_name(row.get("annotator"))  # a table's word for nobody
    if not rater:
        reading.trouble(f"{where} names nobody who made it: left out")
        return
    answers: dict[str, tuple[str, ...]] = {}
    notes: dict[str, None] = {}
    torn: dict[str, None] = {}
    for name in columns.controls:
        cell = row.get(name)
        if cell is None or cell in ("", [], {}):
            continue
        answer = _answer(cell, name, reading, where)
        if answer is None:
            continue
        if answer.kind == "note" or name in columns.notes:
            notes.update(dict.fromkeys(answer.texts))
        else:
            question = question_of(name, terms)
            if answers.setdefault(question, answer.texts) != answer.texts:
                torn[question] = None
    for question in torn:
        del answers[question]
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


def _answer(cell: object, name: str, reading: Reading, where: str) -> Answer | None:
    opened = _opened(cell)
    parts = opened if isinstance(opened, list) else [opened]
    unread = [part for part in parts if isinstance(part, dict) and (not place_of(part) or is_of_region(part))]
    if unread and "text" not in unread[0]:
        sentence = f"column '{one_line(name)}' holds results that are no labels of an item: left out"
        if sentence not in reading.warnings:
            reading.warnings.append(sentence)
        return None
    answer = flat_answer(opened)
    if answer is None:
        reading.trouble(f"{where} has no usable value for '{one_line(name)}': that value is left out")
    return answer


def _columns(rows: Sequence[Mapping[str, object]], terms: Terms, *, ordered: bool) -> Columns:
    names = [name for name in dict.fromkeys(key for row in rows for key in row) if name not in BOOKKEEPING]
    if ordered:
        before = {name for row in rows for name in _around_id(row)[0]}
        controls = [name for name in names if name not in before]
    else:
        data = {name for name in names if name in _DATA or name.startswith(DATA_PREFIX)}
        doubled = {name.removeprefix(DATA_PREFIX) for name in data if name.startswith(DATA_PREFIX)}
        certain = {*terms.questions, *doubled, CONFIDENCE, *_NOTES}
        known = bool(terms.questions)
        controls = [
            name for name in names if name in certain or (name not in data and _is_answer(name, rows, known=known))
        ]
    return Columns(tuple(controls), frozenset(name for name in controls if _is_note(name, rows, terms)))


def _is_mixed(row: Mapping[str, object], terms: Terms) -> bool:
    """Whether data and answers do not stand apart: the data have an `id` of their own, or a control is called like one."""
    before, after = _around_id(row)
    return any(name in _DATA and name not in terms.questions for name in after) or any(
        name in terms.questions for name in before
    )


def _around_id(row: Mapping[str, object]) -> tuple[list[str], list[str]]:
    names = list(row)
    place = names.index("id") if "id" in row else 0
    return names[:place], names[place + 1 :]


def _is_answer(name: str, rows: Sequence[Mapping[str, object]], *, known: bool) -> bool:
    """Whether a column of a table is an answer: it differs within a task, or holds what only a control writes.

    Where no questions are known a column of few short values is one, too.
    """
    by_task: defaultdict[object, set[str]] = defaultdict(set)
    seen: set[str] = set()
    lists = False
    for row in rows:
        cell = row.get(name)
        text = cell if isinstance(cell, str) else "" if cell is None else str(cell)
        if text not in seen:
            seen.add(text)
            opened = _opened(cell)
            parts = opened if isinstance(opened, list) else [opened]
            if any(isinstance(part, dict) and place_of(part) for part in parts):
                return True
            lists |= isinstance(opened, dict | list)
        by_task[number_text(row.get("id"))].add(text)
    if any(len(values) > 1 for values in by_task.values()):
        return True
    seen.discard("")
    few = 0 < len(seen) <= min(_FEW, len(rows) / 2) and max(map(len, seen)) <= _SHORT
    return not known and few and not lists


def _is_note(name: str, rows: Sequence[Mapping[str, object]], terms: Terms) -> bool:
    if name in terms.questions or name == CONFIDENCE:
        return False
    seen = {cell for row in rows if isinstance(cell := row.get(name), str) and not _is_json(cell)}
    return name in _NOTES or len(seen) > _FEW or any(len(cell) > _SHORT or "\n" in cell for cell in seen)


def _is_json(cell: str) -> bool:
    return cell[:1] in ("[", "{") and not isinstance(_opened(cell), str)


def _opened(cell: object) -> object:
    """A cell, with the JSON opened that a table writes for controls of several values."""
    if isinstance(cell, str) and cell[:1] in ("[", "{"):
        try:
            inside: object = json.loads(cell)
        except (ValueError, RecursionError):
            return cell
        parts = inside if isinstance(inside, list) else [inside]
        if parts and all(isinstance(part, dict) for part in parts):
            return inside
        return inside if parts and all(isinstance(part, str) for part in parts) else cell
    return cell
