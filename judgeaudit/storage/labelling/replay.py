"""What one person says of one item now: as the rows of a file stand, and as it should be when they came in any order.

Whoever reads annotations takes the last row of a question, and a skip that names no question as a word about all of
them. What should stand there follows from the annotations themselves: each in its latest state, in the order of their
stamps, without those that were deleted.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from datetime import datetime

from judgeaudit.domain.timestamps import moment_of

Row = dict[str, str]
LABELLED, SKIPPED = "labelled", "skipped"


def amends(rows: Sequence[Row], *, alive: Callable[[Row], bool] = lambda row: True) -> list[Row]:
    """What to append to one person's rows about one showing of an item, so that the last rows say what holds.

    `alive` tells whether a row's annotation still exists. Rows are written again as they are, so that no stamp changes.
    """
    wanted, added = _should_stand([row for row in rows if alive(row)]), list[Row]()
    now = stands(rows)
    for question, row in wanted.items():
        if not row["question"] and _said(now.get(question)):  # a skip of the item, before what goes beyond it
            added.append(row)
            now = stands([*rows, *added])
    for question, row in wanted.items():
        if row["question"] and _said(now.get(question)) != _said(row):
            added.append(row)
    last = _latest(rows)
    for question, row in now.items():
        if question not in wanted and _said(row):
            stamp = last[_annotation(row)][0].get("labelled_at", "")
            added.append({**row, "label": "", "status": SKIPPED, "labelled_at": stamp})
    return added


def stands(rows: Iterable[Row]) -> dict[str, Row]:
    """Question -> the row that counts, as everybody reads it who goes from the first row to the last."""
    found: dict[str, Row] = {}
    for row in rows:
        question = row.get("question", "")
        if row.get("status") == SKIPPED and not question:
            found = dict.fromkeys(found, row)
        elif _status(row) != LABELLED or row.get("label"):
            found[question] = row
    return found


def gone(rows: Sequence[Row], stamp: str) -> list[Row]:
    """What takes back the answers of an annotation that does not exist any more, from its rows."""
    states = _latest(rows).values()
    standing = [row for state in states if not _is_withdrawn(state) for row in state if _said(row)]
    return [{**row, "label": "", "status": SKIPPED, "labelled_at": stamp} for row in standing]


def _should_stand(rows: Sequence[Row]) -> dict[str, Row]:
    """Question -> the row that should count. A skip of the whole item speaks for the project that it was made in."""
    found: dict[str, Row] = {}
    states = [state for state in _latest(rows).values() if not _is_withdrawn(state)]
    for state in sorted(states, key=lambda state: _moment(state[0])):
        for row in state:
            if row.get("question") or row.get("status") != SKIPPED:
                if _status(row) != LABELLED or row.get("label"):
                    found[row.get("question", "")] = row
                continue
            for question, held in found.items():
                if _project(row) == _project(held) or "" in (_project(row), _project(held)):
                    found[question] = row
    return found


def _latest(rows: Sequence[Row]) -> dict[object, list[Row]]:
    """Annotation -> its rows of the latest stamp, in the order of the last annotation's coming."""
    states: dict[object, list[Row]] = {}
    for row in rows:
        name = _annotation(row)
        held = states.get(name)
        if held is None or _moment(row) > _moment(held[0]):
            states[name] = [row]
        elif _moment(row) == _moment(held[0]):
            held.append(row)
    return states


def _annotation(row: Row) -> object:
    """What tells one annotation from another; a row that names none is one of its own."""
    return row.get("source") or id(row)


def _is_withdrawn(state: Sequence[Row]) -> bool:
    """Whether all that is left of an annotation takes its answers back."""
    return all(row.get("status") == SKIPPED and row.get("question") for row in state)


def _project(row: Row) -> str:
    return row.get("project") or row.get("round") or ""


def _moment(row: Row) -> datetime:
    return moment_of(row.get("labelled_at", ""))


def _status(row: Row) -> str:
    return row.get("status") or LABELLED


def _said(row: Row | None) -> tuple[str, str] | None:
    """Status and label; None where nothing is said."""
    if row is None or row.get("status") == SKIPPED:
        return None
    return _status(row), row.get("label", "")


def showing_of(row: Row) -> tuple[str, str, str, str]:
    """A repeat never replaces the first answer. What was planned by nobody is an item of the main round."""
    return row["item_id"], row["rater"], row.get("purpose") or "item", row.get("round") or "main"
