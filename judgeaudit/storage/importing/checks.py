"""A table that shall go into a study, looked at before anything is written: what no audit could read is refused here."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from judgeaudit.domain.errors import InputError, one_line
from judgeaudit.domain.question import number_of
from judgeaudit.storage.files.columns import meant, missing, misspelt, refuse_missing
from judgeaudit.storage.files.number_cells import refuse_no_count, refuse_no_number
from judgeaudit.storage.files.read import Table
from judgeaudit.storage.files.study_files import find_table
from judgeaudit.storage.importing.table_doubts import (
    cells_of,
    gone,
    no_numbers,
    odd_numbers,
    odd_raters,
    odd_scores,
    other_layout,
    strange_labels,
    unprompted,
    unsliced,
)
from judgeaudit.storage.study.label_words import translated
from judgeaudit.storage.study.outputs import outputs_of
from judgeaudit.storage.study.people import other_sources, read_people
from judgeaudit.storage.study.verdicts import read_judges

if TYPE_CHECKING:
    from judgeaudit.storage.config.schema import StudyConfig

#: columns that say whom or what a row is about, and therefore cannot be empty
_IDENTITY = {
    "outputs": ("item_id",),
    "annotations": ("item_id", "rater"),
    "verdicts": ("item_id", "judge"),
    "capability": ("model", "checkpoint"),
}


class Told(NamedTuple):
    """What a person should know of a table that can be imported: an account of its rows, and what to look at."""

    lines: tuple[str, ...]
    warnings: tuple[str, ...]


def check_table(table: Table, kind: str, folder: Path, config: StudyConfig) -> Told:
    """Refuses a table with a cell that an audit of the study could not read, or without one row that it could use."""
    refuse_missing(table, kind)
    for column in _IDENTITY[kind]:
        blank = next((index for index, cell in enumerate(table.frame[column]) if not cell.strip()), None)
        if blank is not None:
            msg = f"{table.at(blank, column)}: the cell is empty; every row needs one"
            raise InputError(msg)
    told = _CHECKS[kind](table, folder, config)
    usual = (*misspelt(table, kind), *gone(table, _IDENTITY[kind]), *odd_numbers(table, kind))
    return Told(told.lines, (*usual, *other_layout(table, kind, config), *told.warnings))


def _outputs(table: Table, _: Path, config: StudyConfig) -> Told:
    empty = sum(response == "" for response in table.frame["response"])
    what = "every response is empty" if empty == table.rows else f"{empty} of {table.rows} responses are empty"
    why = "right where the model wrote nothing, wrong where its text is missing"
    return Told(
        (), (*([f"{table.name}: {what}: {why}"] if empty else []), *unprompted(table), *unsliced(table, config))
    )


def _annotations(table: Table, folder: Path, config: StudyConfig) -> Told:
    meant = translated(table, config)
    _refuse_silent(meant, given=("", "labelled"))
    held = _held(folder)
    people = read_people(meant, config, held or _own(table))
    _refuse_strangers(table, held, [purpose == "calibration" for purpose in cells_of(table, "purpose")])
    numbers = no_numbers(people.said, config, "annotations")
    return Told(people.join, (*odd_raters(table, "rater", config), *other_sources(people.rows, config), *numbers))


def _verdicts(table: Table, folder: Path, config: StudyConfig) -> Told:
    if "label" not in table.columns and not {"", "answered"}.isdisjoint(cells_of(table, "status")):
        raise missing(table, "verdicts", "label")
    _refuse_silent(table, given=("", "answered"))
    held = _held(folder)
    judges = read_judges([table], config, held or _own(table))
    _refuse_strangers(table, held, [False] * table.rows)
    said = zip(cells_of(table, "label"), cells_of(table, "status"), strict=True)
    mute = sum(label == status == "" for label, status in said)
    silent = [f"{mute} verdicts have no label and no status that says why: they count as unparsed"] if mute else []
    strange = strange_labels(judges.said, config)
    return Told(
        judges.join,
        (*odd_raters(table, "judge", config), *silent, *strange, *no_numbers(judges.said, config, "verdicts")),
    )


def _capability(table: Table, _: Path, __: StudyConfig) -> Told:
    for column in ("score", "n"):
        for index, cell in enumerate(cells_of(table, column)):
            value = number_of(cell)
            if value is None and (cell or column == "score"):
                refuse_no_number(table, index, column, cell)
            if column == "n" and value is not None:
                refuse_no_count(table, index, cell, value)
    _refuse_taskless(table)
    return Told((), tuple(odd_scores(table)))


def _refuse_taskless(table: Table) -> None:
    """Refuses rows that differ and name no task, where they are about one checkpoint: they measure several tasks."""
    named = ("model", "checkpoint", "method", "task", "score", "n")
    seen: dict[tuple[str, ...], tuple[int, tuple[str, ...]]] = {}
    for index, cells in enumerate(zip(*(cells_of(table, name) for name in named), strict=True)):
        before, known = seen.setdefault(cells[:3], (index, cells)) if not cells[3].strip() else (index, cells)
        if known == cells:
            continue
        rows = f"rows {table.row(before)} and {table.row(index)} measure one checkpoint otherwise"
        if "task" in table.columns:
            empty = sum(not cell.strip() for cell in cells_of(table, "task"))
            msg = f"{table.name}: {rows} and name no task, as {empty} of {table.rows} rows do not; fill their cells in column 'task'"
        else:
            msg = f"{table.name}: no column 'task'{meant(table, 'capability', 'task')}, and {rows}; say what each row measured"
        raise InputError(msg)


_CHECKS: dict[str, Callable[[Table, Path, StudyConfig], Told]] = {
    "outputs": _outputs,
    "annotations": _annotations,
    "verdicts": _verdicts,
    "capability": _capability,
}


def _held(folder: Path) -> tuple[str, ...]:
    """The study's items; none before it has outputs."""
    file = find_table(folder, "outputs")
    return () if file is None or file.stat().st_size == 0 else tuple(outputs_of(folder).frame["item_id"])


def _own(table: Table) -> tuple[str, ...]:
    return tuple(dict.fromkeys(table.frame["item_id"]))


def _refuse_strangers(table: Table, held: Sequence[str], elsewhere: Iterable[bool]) -> None:
    """Refuses a table of which no row is about an item of the study; rows about items `elsewhere` are no reason to."""
    about = [item for item, away in zip(table.frame["item_id"], elsewhere, strict=True) if not away]
    if not held or not about or not set(held).isdisjoint(about):
        return
    own, other = one_line(held[0], limit=40), one_line(about[0], limit=40)
    msg = (
        f"{table.name}: column 'item_id': none of its items is among the study's outputs, which have '{own}' and not "
        f"'{other}'; write the ids alike, or import the outputs of these items first"
    )
    raise InputError(msg)


def _refuse_silent(table: Table, *, given: Sequence[str]) -> None:
    """Refuses a table in which no row says anything, by a label or by a status other than `given`."""
    spoken = any(label.strip() for label in cells_of(table, "label"))
    if not spoken and set(given).issuperset(cells_of(table, "status")):
        msg = f"{table.name}: no row can be used: label is empty in every row, and no status says why; fill the cells"
        raise InputError(msg)
