"""Rows of a table by their item, read when they are asked for: a push of many outputs holds one batch of them at a time."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import BinaryIO, NamedTuple

from judgeaudit.domain.errors import InputError
from judgeaudit.storage.files.json_cells import cell_of, object_of
from judgeaudit.storage.files.read import Table

Row = Mapping[str, str]
_BOM = b"\xef\xbb\xbf"


class _Plain(NamedTuple):
    """Where each item's line begins in a file of JSON Lines, and the columns that any of its rows has."""

    places: dict[str, int]
    columns: frozenset[str]


class RowsById:
    """Some columns of a table with one row for each item. JSON Lines stay on disk, other formats are held.

    `whole` reads the table as everything else reads it: where a file is not plain JSON Lines with these `needed` columns,
    that reader either tells what is wrong or gives the rows. `columns` are those wanted that the table has, all where
    nothing is said.
    """

    def __init__(
        self, file: Path | None, wanted: Sequence[str] | None, *, needed: Sequence[str], whole: Callable[[], Table]
    ) -> None:
        plain = _plain(file) if file is not None and file.suffix == ".jsonl" else None
        self._file: Path | None = None
        self._places: dict[str, int] = {}
        self._held: dict[str, Row] = {}
        if plain is not None and plain.columns.issuperset(needed):
            self._file, self._places = file, plain.places
            self.columns = tuple(column for column in wanted or sorted(plain.columns) if column in plain.columns)
        else:
            table = whole()
            self.columns = tuple(column for column in wanted or table.columns if column in table.columns)
            self._held = {row["item_id"]: row for row in self._records(table)}

    @property
    def ids(self) -> list[str]:
        """The items, in the order of the table."""
        return list(self._places or self._held)

    def __contains__(self, item: str) -> bool:
        return item in self._places or item in self._held

    def rows(self, items: Sequence[str]) -> list[Row]:
        """The rows of these items, in this order; a KeyError for an item that is not there."""
        if self._file is None:
            return [self._held[item] for item in items]
        with self._file.open("rb") as stream:
            return [self._read(stream, self._places[item], self._file.name) for item in items]

    def _read(self, stream: BinaryIO, place: int, name: str) -> Row:
        stream.seek(place)
        row = object_of(stream.readline().decode("utf-8"), name)
        return {column: cell_of(row.get(column)) for column in self.columns}

    def _records(self, table: Table) -> Iterator[Row]:
        for row in zip(*(table.frame[column] for column in self.columns), strict=True):
            yield dict(zip(self.columns, row, strict=True))


def _plain(file: Path) -> _Plain | None:
    """None where the file is not plain enough to be read line by line."""
    places: dict[str, int] = {}
    columns: set[str] = set()
    place = 0
    try:
        with file.open("rb") as stream:
            if stream.read(len(_BOM)) == _BOM:
                place = len(_BOM)
            stream.seek(place)
            for line in stream:
                if line.strip(b" \t\r\n"):
                    row = object_of(line.decode("utf-8"), file.name)
                    item = cell_of(row.get("item_id"))
                    if not item or item in places:
                        return None
                    places[item] = place
                    columns.update(row)
                place += len(line)
    except (OSError, UnicodeDecodeError, InputError):
        return None
    return _Plain(places, frozenset(columns)) if places else None
