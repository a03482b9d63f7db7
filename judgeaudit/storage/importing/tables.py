"""A table into a study, under the name that a study gives it."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from judgeaudit.domain.errors import InputError, nearest, one_line
from judgeaudit.storage.config.read import read_study
from judgeaudit.storage.files.columns import PAGE, likeness, missing, needed, shape
from judgeaudit.storage.files.read import Table, read_table
from judgeaudit.storage.files.study_files import VERDICTS, find_table, find_verdicts
from judgeaudit.storage.files.write import append_jsonl, shown, write_table
from judgeaudit.storage.importing.annotations import ImportReport, undeclared
from judgeaudit.storage.importing.checks import check_table
from judgeaudit.storage.labelling.book import Row, not_appendable, rows_of

if TYPE_CHECKING:
    from judgeaudit.storage.config.schema import StudyConfig

#: kinds in the order in which a table's columns are held against them
KINDS = ("verdicts", "annotations", "outputs", "capability")
_VERDICT_KEY = ("item_id", "judge", "question", "run", "order")
_CAPABILITY_KEY = ("model", "checkpoint", "method", "task")


def import_table(
    kind: str, path: Path | str, study_folder: Path | str, *, encoding: str = "utf-8", sep: str | None = None
) -> ImportReport:
    """Brings outputs, annotations, verdicts or capability into a study; `kind` "table" tells which by the columns.

    A row that the study holds already is not doubled; one that contradicts what it holds is refused, with the file.
    """
    if kind != "table" and kind not in KINDS:
        offered = ["table", *KINDS]
        msg = f"no kind {one_line(kind)!r}{nearest(kind, offered)}; kinds are {', '.join(offered)}"
        raise InputError(msg)
    folder = Path(study_folder)
    config = read_study(folder)
    table = read_table(path, encoding=encoding, sep=sep)
    found = _told(table) if kind == "table" else kind
    told = check_table(table, found, folder, config)
    rows = _rows(table)
    strange = undeclared(config, _asked(rows, config)) if found == "annotations" else []
    imported = _IMPORTS[found](folder, table, rows)
    return ImportReport(
        added={found: imported},
        known={found: len(rows) - imported},
        lines=told.lines,
        warnings=(*_overlooked(table, found), *told.warnings, *strange),
    )


def _asked(rows: list[Row], config: StudyConfig) -> list[Row]:
    """The rows with the question that they answer: a study that asks one need not name it."""
    if len(config.questions) > 1:
        return rows
    only = next(iter(config.questions))
    return [{**row, "question": row.get("question") or only} for row in rows]


def _told(table: Table) -> str:
    """The kind whose needed columns the table has; where it has those of none, the error is about the nearest kind."""
    fitting = _fitting(table)
    if fitting:
        return fitting[0]
    near = max(KINDS, key=lambda kind: likeness(table, kind))
    if likeness(table, near) > (0, 0):
        raise missing(table, near, next(column for column in needed(near) if column not in table.columns))
    shapes = "; ".join(f"{kind}: {shape(kind)}" for kind in KINDS)
    columns = ", ".join(one_line(column, limit=40) for column in table.columns[:30])
    msg = f"{table.name}: no table of a study has these columns: {columns}; needed are for {shapes}; see {PAGE}{table.separator_hint()}"
    raise InputError(msg)


def _fitting(table: Table) -> list[str]:
    return [kind for kind in KINDS if set(needed(kind)) <= set(table.columns)]


def _overlooked(table: Table, found: str) -> list[str]:
    others = [kind for kind in _fitting(table) if kind != found]
    return [f"{table.name} could also be {kind}; it was read as {found}" for kind in others]


def _rows(table: Table) -> list[Row]:
    cells = (table.frame[column] for column in table.columns)
    return [dict(zip(table.columns, row, strict=True)) for row in zip(*cells, strict=True)]


def _outputs(folder: Path, table: Table, rows: list[Row]) -> int:
    there = _held(find_table(folder, "outputs"), rows_of(folder, "outputs", appendable=True))
    return _append(folder / "outputs.jsonl", _fresh(there, table, rows, ("item_id",)))


def _annotations(folder: Path, _: Table, rows: list[Row]) -> int:
    """Annotations have a history, so two rows of one rater may differ; only whole rows are doubles."""
    known = {_filled(row) for row in rows_of(folder, "annotations", appendable=True)}
    fresh = {_filled(row): row for row in rows if _filled(row) not in known}
    return _append(folder / "annotations.jsonl", list(fresh.values()))


def _verdicts(folder: Path, table: Table, rows: list[Row]) -> int:
    there = [held for file in find_verdicts(folder) for held in _held(file, _rows(read_table(file)))]
    name = re.sub(r"[^A-Za-z0-9._-]+", "-", table.name.split(".")[0]) or "verdicts"
    return _append(folder / VERDICTS / f"{name}.jsonl", _fresh(there, table, rows, _VERDICT_KEY))


def _capability(folder: Path, table: Table, rows: list[Row]) -> int:
    file, there = find_table(folder, "capability"), rows_of(folder, "capability")
    fresh = _fresh(_held(file, there), table, rows, _CAPABILITY_KEY)
    if not fresh:
        return 0
    if file is not None and file.name != "capability.csv":
        raise not_appendable(file, "capability", "capability.csv")
    columns = list(dict.fromkeys([*(there[0] if there else {}), *table.columns]))
    write_table(folder / "capability.csv", columns, [[row.get(name, "") for name in columns] for row in there + fresh])
    return len(fresh)


def _held(file: Path | None, rows: Sequence[Row]) -> list[tuple[Row, str]]:
    """Rows of the study, and the way out where one of an import contradicts them."""
    way_out = (
        f"{shown(file)} has it with another value, and nothing was imported: to replace that table delete the file and "
        "import again; to add to it, leave out what it holds"
        if file is not None
        else ""
    )
    return [(row, way_out) for row in rows]


def _append(file: Path, fresh: list[Row]) -> int:
    if fresh:
        append_jsonl(file, fresh)
    return len(fresh)


def _fresh(there: Sequence[tuple[Row, str]], table: Table, rows: list[Row], key: tuple[str, ...]) -> list[Row]:
    """Rows whose key is new. A known key with the same cells is known; with others it is refused."""
    known = {tuple(row.get(name, "") for name in key): (row, way_out) for row, way_out in there}
    fresh = []
    for index, row in enumerate(rows):
        which = tuple(row.get(name, "") for name in key)
        if which not in known:
            known[which] = row, f"row {table.row(index)} has it with another value; keep one of the two"
            fresh.append(row)
            continue
        before, way_out = known[which]
        differing = next((name for name, cell in _filled(row) if before.get(name, "") != cell), None)
        if differing is not None:
            called = " ".join(
                f"{name} '{one_line(part, limit=40)}'" for name, part in zip(key, which, strict=True) if part
            )
            msg = f"{table.at(index, differing)}: {called}: {way_out}"
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
