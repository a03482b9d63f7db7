"""annotations.jsonl while rows are added to it: read once, appended to, never rewritten."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from pathlib import Path
from typing import NamedTuple

from judgeaudit.domain.errors import InputError, one_line
from judgeaudit.domain.question import canonical
from judgeaudit.storage.files.read import Table, read_table
from judgeaudit.storage.files.study_files import find_table
from judgeaudit.storage.files.write import append_jsonl, mend_jsonl, shown
from judgeaudit.storage.labelling.replay import amends, gone, showing_of
from judgeaudit.storage.labelling.tally import identity_of

Row = dict[str, str]
Pair = tuple[str, str, str, str]


class Added(NamedTuple):
    """How many rows of a call were appended, and how many of those given were there.

    differing  rows that are there with another answer: somebody corrected the file by hand, and the file stays
    """

    rows: int
    known: int
    differing: int


class AnnotationBook:
    """The rows of one study, in order. The last row of a rater, item and question is what the rater says now."""

    def __init__(self, folder: Path) -> None:
        self.file = folder / "annotations.jsonl"
        mend_jsonl(self.file)
        self.rows = rows_of(folder, "annotations", appendable=True, needed=("item_id", "rater"))
        self._known: dict[tuple[str, ...], Row] = {}
        self._pairs: defaultdict[Pair, list[Row]] = defaultdict(list)
        #: task of an annotation -> annotation -> its rows
        self._tasks: defaultdict[str, defaultdict[str, list[Row]]] = defaultdict(lambda: defaultdict(list))
        self._index(self.rows)

    def of_round(self, name: str, *, after: int = 0) -> list[Row]:
        """The rows of this round in their order, but for the first `after` rows of the file."""
        return [row for row in self.rows[after:] if row.get("round") == name]

    def add(self, rows: Sequence[Row], *, unsettled: Collection[Pair] = ()) -> Added:
        """Appends what is new, and what is needed for the last rows to say what each annotation says in its latest state.

        The latter may be missing of `unsettled` showings, though their rows are there. Where a row of somebody's own, one
        that names no annotation, is among them, it stays the last word.
        """
        new = self._unknown(rows)
        before = {pair for row in new if (pair := showing_of(row)) in self._pairs}
        given = {showing_of(row) for row in rows} if unsettled else set()
        before |= {
            pair for pair in given.intersection(unsettled) if all(row.get("source") for row in self._pairs[pair])
        }
        self._append(new)
        amended = [row for pair in before for row in amends(self._pairs[pair])]
        self._append(amended)
        return Added(
            rows=len(new) + len(amended),
            known=len(rows) - len(new),
            differing=sum(self._differs(row) for row in rows),
        )

    def retract(self, looked_at: Collection[str], *, present: Collection[str], stamp: str) -> int:
        """Takes back what annotations said that the server does not hold any more; returns how many annotations.

        A source is `TASK:ANNOTATION`; `looked_at` holds the tasks whose annotations are `present`, all of them. The rows
        stay as history. What another annotation of the same person says of the item counts again.
        """
        taken = 0
        for task in looked_at:
            for source in [source for source in self._tasks.get(task, ()) if source not in present]:
                rows = self._tasks[task][source]
                pairs = {showing_of(row) for row in rows}
                withdrawn = gone(rows, stamp)
                self._append(withdrawn)
                again = [
                    row
                    for pair in pairs
                    for row in amends(self._pairs[pair], alive=lambda row: _is_alive(row, looked_at, present))
                ]
                self._append(again)
                taken += bool(withdrawn or again)
        return taken

    def _unknown(self, rows: Iterable[Row]) -> list[Row]:
        fresh: dict[tuple[str, ...], Row] = {}
        for row in rows:
            identity = identity_of(row)
            if identity not in self._known:
                fresh.setdefault(identity, row)
        return list(fresh.values())

    def _differs(self, row: Row) -> bool:
        """Whether the file has this very answer of this annotation otherwise."""
        there = self._known[identity_of(row)]
        return (there.get("status") or "labelled") != (row.get("status") or "labelled") or canonical(
            there.get("label", "")
        ) != canonical(row.get("label", ""))

    def _append(self, rows: Sequence[Row]) -> None:
        if rows:
            append_jsonl(self.file, rows)
            self.rows += rows
            self._index(rows)

    def _index(self, rows: Iterable[Row]) -> None:
        for row in rows:
            self._known[identity_of(row)] = row
            self._pairs[showing_of(row)].append(row)
            source = row.get("source", "")
            self._tasks[source.rpartition(":")[0]][source].append(row)


def rows_of(folder: Path, stem: str, *, appendable: bool = False, needed: Sequence[str] = ()) -> list[Row]:
    """The rows of one of a study's tables; none where it is not there. `appendable` tables must be JSON Lines."""
    file = find_table(folder, stem)
    if file is None or file.stat().st_size == 0:
        return []
    if appendable and file.suffix != ".jsonl":
        raise not_appendable(file, stem, f"{stem}.jsonl")
    table = read_table(file)
    for column in needed:
        if column not in table.columns:
            raise table.missing(column, stem)
    return rows_of_table(table)


def not_appendable(file: Path, stem: str, wanted: str) -> InputError:
    """The error for a table that a person put into the study in a format that no rows are added to."""
    return InputError(
        f"{shown(file)}: rows are added to {wanted} only; convert this table to it first: move it out of the study and "
        f"bring it in with `judgeaudit import {stem} {one_line(file.name)} {shown(file.parent)}`"
    )


def rows_of_table(table: Table) -> list[Row]:
    """Every row under the names of its columns."""
    columns = table.columns
    return [
        dict(zip(columns, row, strict=True)) for row in zip(*(table.frame[column] for column in columns), strict=True)
    ]


def _is_alive(row: Mapping[str, str], looked_at: Collection[str], present: Collection[str]) -> bool:
    source = row.get("source", "")
    return source in present or source.rpartition(":")[0] not in looked_at
