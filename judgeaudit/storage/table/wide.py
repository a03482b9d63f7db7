"""A wide table: one row per item, one column per rater."""

from __future__ import annotations

import numpy as np

from judgeaudit.domain.errors import InputError, nearest, one_line
from judgeaudit.domain.results.questions import InputRecord
from judgeaudit.storage.files.read import Table
from judgeaudit.storage.table.cells import Cells, Rows
from judgeaudit.storage.table.loaded import Loaded, flow_of, join_report
from judgeaudit.storage.table.options import DEFAULT_QUESTION, REFERENCE_RULES, TableOptions, check_roles
from judgeaudit.storage.table.ratings import Sheet, build_ratings
from judgeaudit.storage.table.roles import refuse_two_roles, taken_line

ITEM_SEPARATOR = " | "


def ratings_from_wide(table: Table, options: TableOptions) -> Loaded:
    """The ratings of a table with one row per item, or an InputError that names the row and column to mend."""
    check_roles(options, table.name)
    refuse_two_roles(options, table.name)
    rows = np.arange(table.rows, dtype=np.int64)
    items = _items(table, options.item)
    probability = {
        judge: _cells(table, judge, column, "--probability", rows) for judge, column in options.probability.items()
    }
    people = tuple(_cells(table, name, name, "--human", rows) for name in options.human)
    reference = _reference(table, options, rows)
    sheet = Sheet(
        table=table,
        raters=(*options.human, *options.judge, *([reference.name] if reference else [])),
        question=options.question or DEFAULT_QUESTION,
        items=items,
        rows=rows,
        people=people,
        judges=tuple(_judge(table, name, options, probability, rows) for name in options.judge),
        reference=reference,
        probability=probability,
    )
    for cells in people:
        _refuse_empty(cells, "human", table)
    if reference is not None:
        _refuse_empty(reference, "reference", table)
    built = build_ratings(sheet, options)
    labels = (*people, *sheet.judges, *probability.values(), *([reference] if reference else []))
    used = {*options.item, *(cells.column for cells in labels)}
    roles = {
        "item": options.item,
        "people": options.human,
        "judges": options.judge,
        "reference": [reference.name] if reference else [],
    }
    return Loaded(
        ratings=(built.ratings,),
        join=(*join_report([built], label_source=options.label_source), taken_line(table, roles, options, used)),
        warnings=(*built.idle, *built.warnings),
        inputs={table.name: InputRecord(sha256=table.sha256, rows=table.rows)},
        flow=[flow_of(built.ratings, [(f"rows of {table.name}", table.rows)])],
    )


def _items(table: Table, columns: tuple[str, ...]) -> tuple[str, ...]:
    """One id per row: the cells of the item columns, joined; each stands once."""
    for column in columns:
        if column not in table.columns:
            raise table.missing(column, "--item")
    if not columns:
        msg = f"{table.name}: --item names no column"
        raise InputError(msg)
    items = list(zip(*(table.frame[column].tolist() for column in columns), strict=True))
    first: dict[tuple[str, ...], int] = {}
    for index, parts in enumerate(items):
        if not any(parts):
            msg = (
                f"{table.at(index, columns[0])}: the item has no id; fill the cell, or name another column with --item"
            )
            raise InputError(msg)
        if first.setdefault(parts, index) != index:
            item = one_line(ITEM_SEPARATOR.join(parts))
            msg = (
                f"{table.name} rows {table.row(first[parts])} and {table.row(index)}: item '{item}' stands twice; "
                "keep one row, or name the columns that tell items apart with --item a,b"
            )
            raise InputError(msg)
    return tuple(map(ITEM_SEPARATOR.join, items))


def _cells(table: Table, name: str, column: str, flag: str, rows: Rows) -> Cells:
    if column not in table.columns:
        raise table.missing(column, flag)
    return Cells(name=name, column=column, texts=table.frame[column].to_numpy(), rows=rows)


def _judge(table: Table, name: str, options: TableOptions, probability: dict[str, Cells], rows: Rows) -> Cells:
    """The judge's own column; its probability column where it has no other and a threshold makes its verdicts."""
    if name not in table.columns and name in options.threshold and name in probability:
        cells = probability[name]
    else:
        cells = _cells(table, name, name, "--judge", rows)
    source = probability.get(name, cells) if name in options.threshold else cells
    _refuse_empty(source, "judge", table)
    return cells


def _reference(table: Table, options: TableOptions, rows: Rows) -> Cells | None:
    """The reference column, where --reference names no rule."""
    name = options.reference
    if name not in REFERENCE_RULES:
        if name not in table.columns:
            near = nearest(name, [*REFERENCE_RULES, *table.columns])
            rules = ", ".join(REFERENCE_RULES)
            msg = f"{table.name}: --reference '{one_line(name)}' is no rule ({rules}) and no column{near}"
            raise InputError(msg)
        return _cells(table, name, name, "--reference", rows)
    if not options.human and options.labels_needed:
        msg = (
            f"{table.name}: nobody to hold a judge against; name the columns of people's labels with --human, "
            "or a column that holds the reference with --reference"
        )
        raise InputError(msg)
    return None


def _refuse_empty(cells: Cells, role: str, table: Table) -> None:
    if not cells.texts.any():
        msg = f"{table.name}: {role} column '{one_line(cells.column)}' is empty: no cell says anything; leave it out"
        raise InputError(msg)
