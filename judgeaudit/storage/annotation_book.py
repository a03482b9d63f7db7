"""annotations.jsonl while rows are added to it: read once, appended to, never rewritten."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from pathlib import Path
from typing import NamedTuple

from judgeaudit.domain.errors import InputError
from judgeaudit.domain.moments import moment_of
from judgeaudit.storage.files import append_jsonl, mend_jsonl, shown
from judgeaudit.storage.study_files import find_table
from judgeaudit.storage.tables import Table, read_table

Row = dict[str, str]
_IDENTITY = ("item_id", "rater", "question", "label", "status", "labelled_at", "source", "purpose", "round")
Pair = tuple[str, str, str, str]


class Added(NamedTuple):
    """How many rows of a call were new, how many of those given were there, and how many take something back."""

    rows: int
    known: int
    withdrawn: int


class AnnotationBook:
    """The rows of one study, in order. The last row of a rater, item and question is what the rater says now."""

    def __init__(self, folder: Path) -> None:
        self.file = folder / "annotations.jsonl"
        mend_jsonl(self.file)
        self.rows = rows_of(folder, "annotations", appendable=True)
        self._known = {_identity(row) for row in self.rows}
        self._pairs: defaultdict[Pair, list[Row]] = defaultdict(list)
        self._sources: defaultdict[tuple[str, str, str], list[Row]] = defaultdict(list)
        self._index(self.rows)

    def add(self, rows: Sequence[Row]) -> Added:
        """Appends what is new, such that for every rater, item and question the latest stamp comes last."""
        new = self._unknown(rows)
        withdrawn = self._unknown(self._given_up(rows))
        self._append([*new, *withdrawn])
        return Added(rows=len(new) + len(withdrawn), known=len(rows) - len(new), withdrawn=len(withdrawn))

    def retract(self, looked_at: Collection[str], *, present: Collection[str], stamp: str) -> int:
        """Takes back what annotations said that the server does not hold any more; returns how many annotations.

        A source is `TASK:ANNOTATION`; `looked_at` holds the tasks whose annotations are `present`, all of them. The rows
        stay as history.
        """
        rows: list[Row] = []
        gone = 0
        for (source, _, _), held in self._sources.items():
            if source in present or source.rpartition(":")[0] not in looked_at:
                continue
            last = {row.get("question", ""): row for row in held}
            standing = [row for row in last.values() if row.get("status") != "skipped"]
            rows += [{**row, "label": "", "status": "skipped", "labelled_at": stamp} for row in standing]
            gone += bool(standing)
        self._append(self._unknown(rows))
        return gone

    def _unknown(self, rows: Iterable[Row]) -> list[Row]:
        fresh: dict[tuple[str, ...], Row] = {}
        for row in rows:
            identity = _identity(row)
            if identity not in self._known:
                fresh.setdefault(identity, row)
        return list(fresh.values())

    def _given_up(self, rows: Sequence[Row]) -> list[Row]:
        """Rows that take back what an annotation answered before and, in a later state, answers no more."""
        now: defaultdict[tuple[str, str, str], list[Row]] = defaultdict(list)
        for row in rows:
            now[_source(row)].append(row)
        withdrawn = []
        for source, given in now.items():
            for row in self._sources.get(source, []) if source[0] else []:
                question = row.get("question", "")
                if not question or row.get("status") == "skipped":
                    continue
                answered = any(one["question"] in ("", question) for one in given)
                if not answered and moment_of(given[0]["labelled_at"]) > moment_of(row.get("labelled_at", "")):
                    withdrawn.append({**given[0], "question": question, "label": "", "status": "skipped"})
        return withdrawn

    def _append(self, rows: Sequence[Row]) -> None:
        """Where rows that are there are later than new ones, they are written once more after them."""
        fresh: defaultdict[Pair, list[Row]] = defaultdict(list)
        for row in rows:
            fresh[_pair(row)].append(row)
        appended = [row for pair, new in fresh.items() for row in _merged(self._pairs[pair], new)]
        if appended:
            append_jsonl(self.file, appended)
            self.rows += appended
            self._known |= {_identity(row) for row in rows}
            self._index(appended)

    def _index(self, rows: Iterable[Row]) -> None:
        for row in rows:
            self._pairs[_pair(row)].append(row)
            self._sources[_source(row)].append(row)


def rows_of(folder: Path, stem: str, *, appendable: bool = False) -> list[Row]:
    """The rows of one of a study's tables; none where it is not there. `appendable` tables must be JSON Lines."""
    file = find_table(folder, stem)
    if file is None or file.stat().st_size == 0:
        return []
    if appendable and file.suffix != ".jsonl":
        msg = f"{shown(file)}: rows are added to {stem}.jsonl only; convert this table to it first"
        raise InputError(msg)
    return rows_of_table(read_table(file))


def rows_of_table(table: Table) -> list[Row]:
    """Every row under the names of its columns."""
    columns = table.columns
    return [
        dict(zip(columns, row, strict=True)) for row in zip(*(table.frame[column] for column in columns), strict=True)
    ]


def _merged(there: Sequence[Row], fresh: Sequence[Row]) -> list[Row]:
    """What to append so that one rater's rows of one item stand in the order of their stamps."""
    entries = [(moment_of(row.get("labelled_at", "")), False, row) for row in there]
    entries += [(moment_of(row["labelled_at"]), True, row) for row in fresh]
    entries.sort(key=lambda entry: entry[0])
    first = next(number for number, entry in enumerate(entries) if entry[1])
    return [row for _, _, row in entries[first:]]


def _identity(row: Mapping[str, str]) -> tuple[str, ...]:
    return tuple(row.get(key, "") for key in _IDENTITY)


def _source(row: Mapping[str, str]) -> tuple[str, str, str]:
    return row.get("source", ""), row["item_id"], row["rater"]


def _pair(row: Mapping[str, str]) -> Pair:
    """Showings of one item to one rater that may replace one another: a repeat never replaces the first answer."""
    return row["item_id"], row["rater"], row.get("purpose", ""), row.get("round", "")
