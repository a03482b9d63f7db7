"""Exports with one row per annotation: JSON_MIN, CSV and TSV. They have lost what the full JSON still holds."""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from typing import NamedTuple

from judgeaudit.domain.errors import one_line
from judgeaudit.labelling.exports_records import Given, Reading
from judgeaudit.labelling.exports_tasks import CONFIDENCE, keep_output
from judgeaudit.labelling.exports_values import flat_answer, number_text, rater_name

BOOKKEEPING = ("id", "annotator", "annotation_id", "created_at", "updated_at", "lead_time")
LOST = (
    "this export has lost skipped tasks, drafts, tasks without labels, and which annotations are ground truth: "
    "a ground truth row looks like a rater's; the JSON export keeps them"
)
_IDENTITY = ("item_id", "ja_id", "prompt_id", "benchmark", "model", "checkpoint", "method", "degradation")
_DATA = frozenset({*_IDENTITY, "prompt", "messages", "response", "response_b", "answer_a", "answer_b"})
_NOTES = frozenset({"note", "notes", "comment", "comments", "remark", "remarks", "reason", "rationale", "explanation"})
_FEW, _SHORT = 20, 60


class Columns(NamedTuple):
    """Which columns of a flat export are answers, and which of these are free text; the rest is the task's data."""

    controls: tuple[str, ...]
    notes: frozenset[str]


def read_flat(rows: Sequence[Mapping[str, object]], *, ordered: bool, questions: Collection[str]) -> Reading:
    """Every row as one annotation. In `ordered` rows (JSON_MIN) data stand before the task's id, answers after it."""
    reading = Reading()
    columns = _columns(rows, ordered=ordered, questions=questions)
    reading.warnings.append(LOST)
    if not ordered:
        asked = ", ".join(one_line(name) for name in columns.controls if name not in columns.notes) or "none"
        reading.warnings.append(f"a table does not say which columns are answers; taken as questions: {asked}")
    tasks: set[str] = set()
    for position, row in enumerate(rows, 1):
        reading.counts["annotations"] += 1
        where = f"row {position} (task {one_line(number_text(row.get('id')))})"
        data = {key: value for key, value in row.items() if key not in (*columns.controls, *BOOKKEEPING)}
        item = keep_output(data, row.get("id"), reading, where=where)
        if item is not None:
            tasks.add(item)
            _keep(row, item, columns, reading, where)
    reading.counts["tasks"] = len(tasks)
    return reading


def _keep(row: Mapping[str, object], item: str, columns: Columns, reading: Reading, where: str) -> None:
    rater = rater_name(row.get("annotator"))
    if not rater:
        reading.trouble(f"{where} names nobody who made it: left out")
        return
    answers: dict[str, str] = {}
    notes: dict[str, None] = {}
    for name in columns.controls:
        cell = _opened(row.get(name))
        if cell is None or cell in ("", [], {}):
            continue
        answer = flat_answer(cell)
        if answer is None:
            reading.trouble(f"{where} has no usable value for '{one_line(name)}': that value is left out")
        elif answer.kind == "note" or name in columns.notes:
            notes.setdefault(answer.text)
        else:
            reading.counts[f"several:{name}"] += answer.several
            answers[name] = answer.text
    reading.given.append(
        Given(
            item_id=item,
            rater=rater,
            number=number_text(row.get("annotation_id")),
            stamp=number_text(row.get("updated_at")) or number_text(row.get("created_at")),
            confidence=answers.pop(CONFIDENCE, ""),
            answers=answers,
            seconds=number_text(row.get("lead_time")),
            note="\n".join(notes),
        )
    )


def _columns(rows: Sequence[Mapping[str, object]], *, ordered: bool, questions: Collection[str]) -> Columns:
    names = [name for name in dict.fromkeys(key for row in rows for key in row) if name not in BOOKKEEPING]
    if ordered:
        before = {name for row in rows for name in _before_id(row)}
        controls = [name for name in names if name not in before]
    else:
        certain = {*questions, CONFIDENCE, *_NOTES}
        guessed = {name for name in names if name not in _DATA and _is_answer(name, rows, known=bool(questions))}
        controls = [name for name in names if name in certain or name in guessed]
    return Columns(tuple(controls), frozenset(name for name in controls if _is_note(name, rows, questions)))


def _before_id(row: Mapping[str, object]) -> list[str]:
    names = list(row)
    return names[: names.index("id")] if "id" in row else []


def _is_answer(name: str, rows: Sequence[Mapping[str, object]], *, known: bool) -> bool:
    """Whether a column of a table is an answer: it differs within a task, or holds what only a control writes.

    Where no questions are known a column of few short values is one, too.
    """
    by_task: defaultdict[object, set[str]] = defaultdict(set)
    for row in rows:
        cell = row.get(name)
        if isinstance(_opened(cell), dict | list):
            return True
        by_task[row.get("id")].add(str(cell or ""))
    if any(len(values) > 1 for values in by_task.values()):
        return True
    seen = set().union(*by_task.values()) - {""}
    return not known and 0 < len(seen) <= min(_FEW, len(rows) / 2) and max(map(len, seen)) <= _SHORT


def _is_note(name: str, rows: Sequence[Mapping[str, object]], questions: Collection[str]) -> bool:
    if name in questions or name == CONFIDENCE:
        return False
    seen = {cell for row in rows if isinstance(cell := row.get(name), str)}
    return name in _NOTES or len(seen) > _FEW or any(len(cell) > _SHORT or "\n" in cell for cell in seen)


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
