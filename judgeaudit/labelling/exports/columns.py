"""Which columns of an export with one row per annotation are answers, and which are the data of its tasks."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from itertools import takewhile
from typing import NamedTuple

from judgeaudit.domain.errors import one_line
from judgeaudit.labelling.exports.cells import is_control_s, opened
from judgeaudit.labelling.exports.records import Terms
from judgeaudit.labelling.exports.values import number_text
from judgeaudit.labelling.form.questions import CONFIDENCE

#: where a control is called like a column of the data, some servers call the column so
DATA_PREFIX = "_data_"
_BOOKKEEPING = ("id", "annotator", "annotation_id", "created_at", "updated_at", "lead_time", "agreement", "history")
_IDENTITY = ("item_id", "ja_id", "prompt_id", "benchmark", "model", "checkpoint", "method", "degradation")
_DATA = frozenset({*_IDENTITY, "prompt", "messages", "response", "response_b", "answer_a", "answer_b"})
_NOTES = frozenset({"note", "notes", "comment", "comments", "remark", "remarks", "reason", "rationale", "explanation"})
_FEW, _SHORT = 20, 60
Rows = Sequence[Mapping[str, object]]


class Columns(NamedTuple):
    """Which columns are answers, which of these are free text, and which are the task's data, under the names they had.

    `packed` says that JSON stands in texts, as tables have it.
    """

    controls: tuple[str, ...]
    notes: frozenset[str]
    data: Mapping[str, str]
    packed: bool
    warnings: tuple[str, ...]


def columns_of(rows: Rows, terms: Terms, *, ordered: bool) -> Columns:
    """The columns of all rows. In `ordered` rows (JSON_MIN) data stand before the task's id, answers after it."""
    names = _names(rows, terms)
    before = _before_id(rows) if ordered else set()
    told = ordered and not _is_mixed(rows, names, before, terms)
    if told:
        controls = [name for name in names if name not in before]
    else:
        controls = [name for name in names if _is_answer(name, rows, names, terms, before=before, packed=not ordered)]
    notes = frozenset(name for name in controls if _is_note(name, rows, terms, packed=not ordered))
    lost = _answered_before(before - set(controls), rows)
    data = {name: name.removeprefix(DATA_PREFIX) for name in names if name not in controls and name not in lost}
    found = Columns(tuple(controls), notes, data, not ordered, ())
    warnings = (*_told(found, terms, told=told), *_lost(lost), *_overwritten(found, rows, terms, before))
    return found._replace(warnings=warnings)


def _names(rows: Rows, terms: Terms) -> list[str]:
    """The columns in the order in which they appear, but for those of the server's own."""
    return [name for name in dict.fromkeys(key for row in rows for key in row) if not _is_kept(name, rows, terms)]


def _told(found: Columns, terms: Terms, *, told: bool) -> Iterator[str]:
    """Which columns were taken for what, unless the format and the study have said it."""
    if told and terms.questions:
        return
    asked = [name for name in found.controls if name not in found.notes]
    parts = [f"taken as questions: {_listed(name for name in asked if name != CONFIDENCE or name in terms.questions)}"]
    if found.notes:
        parts.append(f"as notes: {_listed(found.notes)}")
    other = [name for name in found.data.values() if name not in _DATA]
    if other and not told:
        parts.append(f"as data of the tasks: {_listed(other)}, and where one of these is a question, declare it")
    why = "the study declares no question" if told else "this file does not say which columns are answers"
    yield f"{why}; {'; '.join(parts)}"


def _lost(names: Sequence[str]) -> Iterator[str]:
    for name in names:
        yield (
            f"column '{one_line(name)}' of the data differs within a task, so a question of that name stands in its place: "
            "both are left out; import the JSON export, which keeps them apart"
        )


def _overwritten(found: Columns, rows: Rows, terms: Terms, before: set[str]) -> Iterator[str]:
    """Sentences where a name stands for two things, of which the format keeps one."""
    for name in found.controls:
        if name in before and name in terms.questions:
            yield (
                f"question '{one_line(name)}' is called like a column of the data: where a rater did not answer it, this "
                "format shows the column's value as an answer; import the JSON export, which keeps them apart"
            )
    first = next((row for row in rows if "id" in row), {})
    own = not found.packed and next(iter(first), "") == "id"
    if own:
        yield "the data have an id of their own, in whose place this format shows the task's number"
    elif any((number := number_text(row.get("id"))) and not number.isdecimal() for row in rows):
        yield (
            "the data have an id of their own, which this format shows in place of the task's number; the JSON export calls "
            "the same items by their numbers: import one of them"
        )


def _is_kept(name: str, rows: Rows, terms: Terms) -> bool:
    """Whether a column is the server's own. A control may be called history; the server's is a list of objects."""
    if name != "history":
        return name in _BOOKKEEPING
    plain = any(isinstance(cell := row.get(name), str) and cell[:1] not in ("", "[", "{") for row in rows)
    return not plain and name not in terms.questions


def _answered_before(names: set[str], rows: Rows) -> list[str]:
    """Columns of the data that differ within a task: what a person answered overwrote them."""
    seen: dict[tuple[str, str], object] = {}
    found: dict[str, None] = {}
    for row in rows:
        number = number_text(row.get("id"))
        for name in names:
            if seen.setdefault((name, number), row.get(name)) != row.get(name):
                found[name] = None
    return sorted(found)


def _is_mixed(rows: Rows, names: Sequence[str], before: set[str], terms: Terms) -> bool:
    """Whether data and answers do not stand apart: the data have an `id` of their own, or a control is called like one."""
    if any(next(iter(row), "") == "id" for row in rows) or any(name in before for name in terms.questions):
        return True
    after = [name for name in names if name not in before and name not in terms.questions]
    return any(name in _DATA for name in after) or any(_is_of_task(name, rows, terms) for name in after)


def _is_of_task(name: str, rows: Rows, terms: Terms) -> bool:
    """Whether every row has a text and all people who had a task the same one: nobody wrote that.

    A short text may be an answer that all agree on; where a study says what it asks, only what it does not ask is looked at.
    """
    texts: defaultdict[str, list[object]] = defaultdict(list)
    for row in rows:
        texts[number_text(row.get("id"))].append(row.get(name))
    several = [cells for cells in texts.values() if len(cells) > 1]
    if not several or name == CONFIDENCE or not all(isinstance(row.get(name), str) for row in rows):
        return False
    enough = len(several) > 1 if terms.questions else all(len(str(row[name])) > _SHORT for row in rows)
    return enough and all(len(set(cells)) == 1 for cells in several)


def _is_answer(name: str, rows: Rows, names: Sequence[str], terms: Terms, *, before: set[str], packed: bool) -> bool:
    """Whether a column is an answer where the format does not say so: its name does, or it holds what only a control
    writes, or it differs within a task. Where no questions are known a column of few short values is one, too.
    """
    if name in terms.questions or name == CONFIDENCE or DATA_PREFIX + name in names:
        return True
    if name in before or name in _DATA or name.startswith(DATA_PREFIX):
        return False
    if name.lower() in _NOTES:
        return True
    structured = False
    for value in _distinct(name, rows, packed=packed):
        if is_control_s(value):
            return True
        structured |= isinstance(value, dict | list)
    by_task: defaultdict[str, set[str]] = defaultdict(set)
    for row in rows:
        by_task[number_text(row.get("id"))].add(_as_text(row.get(name)))
    if any(len(texts) > 1 for texts in by_task.values()):
        return True
    return not terms.questions and not structured and _are_few(by_task, len(rows))


def _distinct(name: str, rows: Rows, *, packed: bool) -> Iterator[object]:
    """The different values of a column, with JSON opened where it is packed in texts."""
    seen: set[str] = set()
    for row in rows:
        cell = row.get(name)
        text = _as_text(cell)
        if text not in seen:
            seen.add(text)
            yield opened(cell) if packed else cell


def _as_text(cell: object) -> str:
    return cell if isinstance(cell, str) else "" if cell is None else str(cell)


def _are_few(by_task: Mapping[str, set[str]], rows: int) -> bool:
    """Whether the values of a column are few and short, as labels are; not where each task has one of its own."""
    values = set().union(*by_task.values()) - {""}
    if len(by_task) > 2 and len(values) >= len(by_task):
        return False
    return 0 < len(values) <= min(_FEW, rows / 2) and max(map(len, values)) <= _SHORT


def _is_note(name: str, rows: Rows, terms: Terms, *, packed: bool) -> bool:
    """Whether a column holds remarks: its name says so, or its texts are long, or many, or each about another thing."""
    if name in terms.questions or name == CONFIDENCE:
        return False
    plain = _plain_texts(name, rows, packed=packed)
    seen = set(plain)
    if name.lower() in _NOTES or len(seen) > _FEW or any(len(text) > _SHORT or "\n" in text for text in seen):
        return True
    return len(plain) > 2 and len(seen) > len(plain) / 2 and any(" " in text for text in seen)


def _plain_texts(name: str, rows: Rows, *, packed: bool) -> list[str]:
    """The column's texts that are no JSON of a control."""
    cells = [cell for row in rows if isinstance(cell := row.get(name), str) and cell]
    return [cell for cell in cells if not packed or isinstance(opened(cell), str)]


def _before_id(rows: Rows) -> set[str]:
    """Columns that stand before the task's id in any row."""
    return {name for row in rows if "id" in row for name in takewhile(lambda name: name != "id", row)}


def _listed(names: Iterator[str] | Sequence[str] | frozenset[str]) -> str:
    return ", ".join(map(one_line, sorted(names) if isinstance(names, frozenset) else names)) or "none"
