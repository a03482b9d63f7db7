"""A table into a study, under the name that a study gives it."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from pathlib import Path

from judgeaudit.domain.errors import InputError, nearest, one_line
from judgeaudit.storage.annotation_book import Row, rows_of
from judgeaudit.storage.files import append_jsonl, shown, write_table
from judgeaudit.storage.study_config import read_study
from judgeaudit.storage.study_files import VERDICTS, find_table, find_verdicts
from judgeaudit.storage.study_import import ImportReport, undeclared
from judgeaudit.storage.tables import Table, read_table

#: kind -> the columns that tell it, in the order in which kinds are tried
TELLING = {
    "verdicts": ("item_id", "judge"),
    "annotations": ("item_id", "rater", "label"),
    "outputs": ("item_id", "response"),
    "capability": ("model", "checkpoint", "score"),
}
_VERDICT_KEY = ("item_id", "judge", "question", "run", "order")
_CAPABILITY_KEY = ("model", "checkpoint", "method", "step", "task")


def import_table(
    kind: str, path: Path | str, study_folder: Path | str, *, encoding: str = "utf-8", sep: str | None = None
) -> ImportReport:
    """Brings outputs, annotations, verdicts or capability into a study; `kind` "table" tells which by the columns.

    A row that the study holds already is not doubled; one that contradicts what it holds is refused, with the file.
    """
    if kind != "table" and kind not in TELLING:
        offered = ["table", *TELLING]
        msg = f"no kind {one_line(kind)!r}{nearest(kind, offered)}; kinds are {', '.join(offered)}"
        raise InputError(msg)
    folder = Path(study_folder)
    config = read_study(folder)
    table = read_table(path, encoding=encoding, sep=sep)
    found = _kind(kind, table)
    rows = _rows(table)
    imported = _IMPORTS[found](folder, table, rows)
    told = undeclared(config, rows) if found == "annotations" else []
    return ImportReport(
        added={found: imported}, known={found: len(rows) - imported}, warnings=(*_overlooked(table, found), *told)
    )


def _kind(kind: str, table: Table) -> str:
    if kind in TELLING:
        for column in TELLING[kind]:
            if column not in table.columns:
                raise table.missing(column, kind)
        return kind
    for name, columns in TELLING.items():
        if set(columns) <= set(table.columns):
            return name
    needs = "; ".join(f"{name}: {', '.join(columns)}" for name, columns in TELLING.items())
    msg = f"{table.name}: no columns of a study's table; needed are for {needs}{table.separator_hint()}"
    raise InputError(msg)


def _overlooked(table: Table, found: str) -> list[str]:
    others = [kind for kind, columns in TELLING.items() if kind != found and set(columns) <= set(table.columns)]
    return [f"{table.name} could also be {kind}; it was read as {found}" for kind in others]


def _rows(table: Table) -> list[Row]:
    cells = (table.frame[column] for column in table.columns)
    return [dict(zip(table.columns, row, strict=True)) for row in zip(*cells, strict=True)]


def _outputs(folder: Path, table: Table, rows: list[Row]) -> int:
    return _append(folder / "outputs.jsonl", rows_of(folder, "outputs", appendable=True), table, rows, ("item_id",))


def _annotations(folder: Path, _: Table, rows: list[Row]) -> int:
    """Annotations have a history, so two rows of one rater may differ; only whole rows are doubles."""
    known = {_filled(row) for row in rows_of(folder, "annotations", appendable=True)}
    fresh = {_filled(row): row for row in rows if _filled(row) not in known}
    if fresh:
        append_jsonl(folder / "annotations.jsonl", fresh.values())
    return len(fresh)


def _verdicts(folder: Path, table: Table, rows: list[Row]) -> int:
    there = [row for file in find_verdicts(folder) for row in _rows(read_table(file))]
    name = re.sub(r"[^A-Za-z0-9._-]+", "-", table.name.split(".")[0]) or "verdicts"
    return _append(folder / VERDICTS / f"{name}.jsonl", there, table, rows, _VERDICT_KEY)


def _capability(folder: Path, table: Table, rows: list[Row]) -> int:
    there = rows_of(folder, "capability")
    fresh = _fresh(there, table, rows, _CAPABILITY_KEY)
    if not fresh:
        return 0
    file = find_table(folder, "capability")
    if file is not None and file.name != "capability.csv":
        msg = f"{shown(file)} is already there, and rows are added to capability.csv only; convert it first"
        raise InputError(msg)
    columns = list(dict.fromkeys([*(there[0] if there else {}), *table.columns]))
    write_table(folder / "capability.csv", columns, [[row.get(name, "") for name in columns] for row in there + fresh])
    return len(fresh)


def _append(file: Path, there: Sequence[Row], table: Table, rows: list[Row], key: tuple[str, ...]) -> int:
    fresh = _fresh(there, table, rows, key)
    if fresh:
        append_jsonl(file, fresh)
    return len(fresh)


def _fresh(there: Sequence[Row], table: Table, rows: list[Row], key: tuple[str, ...]) -> list[Row]:
    """Rows whose key is new. A known key with the same cells is known; with others it is refused."""
    known = {tuple(row.get(name, "") for name in key): row for row in there}
    fresh = []
    for index, row in enumerate(rows):
        which = tuple(row.get(name, "") for name in key)
        if not which[0]:
            msg = f"{table.at(index, key[0])}: the cell is empty; every row needs one"
            raise InputError(msg)
        if which not in known:
            known[which] = row
            fresh.append(row)
            continue
        differing = next((name for name, cell in _filled(row) if known[which].get(name, "") != cell), None)
        if differing is not None:
            called = " ".join(
                f"{name} '{one_line(part, limit=40)}'" for name, part in zip(key, which, strict=True) if part
            )
            msg = f"{table.at(index, differing)}: {called} is already there with another value; keep one of the two"
            raise InputError(msg)
    return fresh


def _filled(row: Row) -> tuple[tuple[str, str], ...]:
    """A row as its cells that hold something, whatever the order of the columns."""
    return tuple(sorted((name, cell) for name, cell in row.items() if cell))


_IMPORTS: dict[str, Callable[[Path, Table, list[Row]], int]] = {
    "outputs": _outputs,
    "annotations": _annotations,
    "verdicts": _verdicts,
    "capability": _capability,
}
