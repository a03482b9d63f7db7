"""The rows of a long table: who says what of which item, and the checks that no row is lost or said twice."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from judgeaudit.domain.errors import InputError, nearest, one_line
from judgeaudit.domain.question import canonical, number_of
from judgeaudit.storage.files.read import Table
from judgeaudit.storage.table.cells import Rows, Texts
from judgeaudit.storage.table.options import DEFAULT_QUESTION, TableOptions
from judgeaudit.storage.table.strata import crossed

#: what a status says of the label beside it; "" and the first two leave it as it stands
_GIVEN = ("", "labelled", "answered")
_WITHOUT_LABEL = ("skipped", "cannot_judge", "unparsed", "refused", "failed")

Codes64 = npt.NDArray[np.int64]


@dataclass(frozen=True, slots=True, kw_only=True)
class LongRows:
    """The table's rows: `item`, `rater` and `question` (n,) are codes into the names, in order of appearance."""

    table: Table
    item: Codes64
    items: tuple[str, ...]
    rater: Codes64
    raters: tuple[str, ...]
    question: Codes64
    questions: tuple[str, ...]
    labels: Texts
    status: Texts | None
    label_column: str
    first_rows: Rows


def long_rows(table: Table, options: TableOptions) -> LongRows:
    named = options.long or ()
    if len(named) not in (3, 4) or len(set(named)) < len(named):
        msg = f"{table.name}: --long needs the columns item,rater,label or item,rater,label,question, in this order"
        raise InputError(msg)
    for column in named:
        if column not in table.columns:
            raise table.missing(column, "--long")
    item, items, first_rows = _coded(table, named[0])
    rater, raters, _ = _coded(table, named[1])
    single = (options.question or DEFAULT_QUESTION,)
    question, questions = (
        _coded(table, named[3])[:2] if len(named) == 4 else (np.zeros(table.rows, dtype=np.int64), single)
    )
    status = _statuses(table)
    labels: Texts = table.frame[named[2]].to_numpy()
    if status is not None:
        labels = np.where(np.isin(status, _WITHOUT_LABEL), "", labels).astype(object)
    return LongRows(
        table=table,
        item=item,
        items=items,
        rater=rater,
        raters=raters,
        question=question,
        questions=questions,
        labels=labels,
        status=status,
        label_column=named[2],
        first_rows=first_rows,
    )


def _coded(table: Table, column: str) -> tuple[Codes64, tuple[str, ...], Rows]:
    """(n,) codes, the texts in order of appearance, and the first row of each. No cell may be empty."""
    import pandas as pd

    codes, found = pd.factorize(table.frame[column].to_numpy())
    if "" in found:
        row = int(np.argmax(table.frame[column].to_numpy() == ""))
        msg = f"{table.at(row, column)}: the cell is empty; every row of a long table needs one"
        raise InputError(msg)
    _, first = np.unique(codes, return_index=True)
    return codes.astype(np.int64), tuple(found), first.astype(np.int64)


def _statuses(table: Table) -> Texts | None:
    if "status" not in table.columns:
        return None
    import pandas as pd

    codes, found = pd.factorize(table.frame["status"].to_numpy())
    known = (*_GIVEN, *_WITHOUT_LABEL)
    for code, text in enumerate(found):
        if text not in known:
            at = table.at(int(np.argmax(codes == code)), "status")
            near = nearest(text, list(known))
            msg = f"{at}: no status '{one_line(text)}'{near}; statuses are {', '.join(filter(None, known))}"
            raise InputError(msg)
    statuses: Texts = np.asarray(found, dtype=object)[codes]
    return statuses


def refuse_silent(long: LongRows, options: TableOptions) -> None:
    """A rater whose every label is empty, with no status that says why, is a mistake and no rater."""
    if long.status is not None:
        return
    speaks = np.bincount(long.rater, weights=long.labels != "", minlength=len(long.raters)) > 0
    for code in np.flatnonzero(~speaks):
        rater = long.raters[code]
        if rater in options.threshold and rater in options.probability:
            continue
        role = "judge" if rater in options.judge else "rater"
        msg = (
            f"{long.table.name}: {role} '{one_line(rater)}' is empty: no row of it has a label in column "
            f"'{one_line(long.label_column)}'; leave its rows out, or say why in a column called status"
        )
        raise InputError(msg)


def refuse_doubles(long: LongRows) -> None:
    """A rater labels an item once per question."""
    key = (long.question * len(long.raters) + long.rater) * len(long.items) + long.item
    order = np.argsort(key, kind="stable")
    again = np.flatnonzero(np.diff(key[order]) == 0)
    if again.size:
        place = again[np.argmin(order[again + 1])]
        one, two = int(order[place]), int(order[place + 1])
        rater, item = one_line(long.raters[long.rater[two]]), one_line(long.items[long.item[two]])
        msg = (
            f"{long.table.name} rows {long.table.row(one)} and {long.table.row(two)}: rater '{rater}' labels item "
            f"'{item}' twice; keep one row, or name the question's column as the fourth in --long"
        )
        raise InputError(msg)


def refuse_changing(long: LongRows, options: TableOptions, reference_column: str | None) -> None:
    """Strata, clusters, weights and a reference column belong to the item, so all its rows say the same."""
    import pandas as pd

    by = [part for given in options.by for part in crossed(given, long.table)]
    named = [("--cluster", options.cluster), ("--weight", options.weight), ("--reference", reference_column)]
    for flag, column in [*(("--by", part) for part in by), *named]:
        if column is None:
            continue
        if column not in long.table.columns:
            raise long.table.missing(column, flag)
        codes, found = pd.factorize(long.table.frame[column].to_numpy())
        same = np.unique([canonical(text) for text in found], return_inverse=True)[1][codes]
        differs = same != same[long.first_rows][long.item]
        if differs.any():
            row = int(np.argmax(differs))
            first = long.table.row(int(long.first_rows[long.item[row]]))
            msg = (
                f"{long.table.name} rows {first} and {long.table.row(row)}, column '{one_line(column)}': item "
                f"'{one_line(long.items[long.item[row]])}' has two values, and {flag} needs one; make them equal"
            )
            raise InputError(msg)


def look_alikes(long: LongRows) -> list[str]:
    """A warning where two ids spell one number, since ids are compared as texts."""
    seen: dict[float, str] = {}
    for item in long.items:
        number = number_of(item)
        if number is not None and seen.setdefault(number, item) != item:
            return [
                f"items '{one_line(seen[number])}' and '{one_line(item)}' are kept apart: ids are compared as texts"
            ]
    return []
