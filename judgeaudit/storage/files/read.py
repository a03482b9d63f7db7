"""Tables in: a file or a frame becomes cells of text, exactly as written, or an error that says how to mend it."""

from __future__ import annotations

import csv
import hashlib
import io
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from judgeaudit.domain.errors import InputError, nearest, one_line
from judgeaudit.domain.escape import SIGN, unescape
from judgeaudit.domain.gc_paused import uncollected
from judgeaudit.storage.files.json_cells import cells_of_json_lines, cells_of_parquet
from judgeaudit.storage.files.sniff import NEEDED, text_of, unpack
from judgeaudit.storage.files.write import FORMATS, cannot_read, shown, split_suffix, unknown_suffix

if TYPE_CHECKING:
    import pandas as pd

_FIELD_LIMIT = 2**31 - 1
_DEFAULT_SEPARATORS = {".csv": ",", ".tsv": "\t"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Table:
    """Cells of text under named columns. "" is an empty cell; nothing is converted, so "NA" is the text "NA".

    `lines` holds the number of the line where each row starts, where that is not simply `first_row`, `first_row` + 1, …
    """

    frame: pd.DataFrame
    name: str
    sha256: str
    rows: int
    first_row: int
    lines: tuple[int, ...] | None = None

    def row(self, index: int) -> int:
        """The number by which a person finds row `index` of the frame: a line of a CSV (its header is 1) or JSONL."""
        return self.lines[index] if self.lines is not None else self.first_row + int(index)

    def at(self, index: int, column: str) -> str:
        """Where a cell stands, to begin a message with."""
        return f"{self.name} row {self.row(index)}, column '{one_line(column)}'"

    @property
    def columns(self) -> list[str]:
        return [str(column) for column in self.frame.columns]

    def missing(self, column: str, flag: str, *, near: str | None = None) -> InputError:
        """The error for a column that was asked for and is not there. `near` is the phrase for the one that was meant."""
        columns = [one_line(name, limit=40) for name in self.columns]
        listed = ", ".join(columns[:30]) + (", …" if len(columns) > 30 else "")
        near = nearest(column, self.columns) if near is None else near
        return InputError(
            f"{self.name}: no column '{one_line(column)}' for {flag}{near}; columns are {listed}{self.separator_hint()}"
        )

    def separator_hint(self) -> str:
        """What to say besides where a column is missing, if everything stands in one column for want of a separator."""
        if len(self.columns) != 1:
            return ""
        for sep, spelled in ((";", "';'"), ("\t", r"'\t'"), ("|", "'|'"), (",", ",")):
            if sep in self.columns[0]:
                return f"; everything stands in one column: name the separator with --sep {spelled}"
        return ""


def read_table(path: str | Path, *, encoding: str = "utf-8", sep: str | None = None) -> Table:
    """The table in a file, or an InputError of one line. Nothing is guessed, converted or skipped but blank lines."""
    with uncollected():
        return _read(Path(path), encoding=encoding, sep=sep)


def _read(path: Path, *, encoding: str, sep: str | None) -> Table:
    suffix, compression = split_suffix(path)
    name = one_line(path.name)
    if suffix not in FORMATS and path.is_file():
        raise unknown_suffix(path)
    raw = _bytes_of(path)
    if not raw:
        msg = f"{name}: the file is empty; {NEEDED}"
        raise InputError(msg)
    if sep is not None and suffix not in _DEFAULT_SEPARATORS:
        msg = f"{name}: --sep is the separator of .csv and .tsv tables, and a {suffix} table has none; leave it out"
        raise InputError(msg)
    data = unpack(raw, name=name, compression=compression)
    digest = hashlib.sha256(raw).hexdigest()
    if suffix == ".parquet":
        columns, cells = cells_of_parquet(data, name=name)
        return _table(columns, cells, name=name, sha256=digest, first_row=1)
    text = text_of(data, name=name, suffix=suffix, encoding=encoding)
    del raw, data  # a large table is in memory as text and as cells; its bytes are not needed a third time
    if suffix == ".jsonl":
        columns, cells, starts = cells_of_json_lines(text, name=name)
        return _table(columns, cells, name=name, sha256=digest, first_row=1, starts=starts)
    columns, cells, starts = _cells_of_csv(text, name=name, sep=_separator(sep, suffix))
    return _table(columns, cells, name=name, sha256=digest, first_row=2, starts=starts)


def table_from_frame(frame: pd.DataFrame, name: str) -> Table:
    """A user's DataFrame as a table: missing values are empty cells, everything else is its `str`.

    Rows are numbered by position from 0, as `frame.iloc` does.
    """
    import json

    columns = [str(column) for column in frame.columns]
    cells = [_texts(frame.iloc[:, index]) for index in range(len(columns))]
    digest = hashlib.sha256(json.dumps(columns).encode())
    for column in cells:
        digest.update(json.dumps(column).encode())
    return _table(columns, cells, name=name, sha256=digest.hexdigest(), first_row=0)


def table_of_rows(columns: list[str], cells: list[list[str]], *, name: str, sha256: str) -> Table:
    """A table from cells by column, for what is no file of its own. Rows are numbered from 1."""
    return _table(columns, cells, name=name, sha256=sha256, first_row=1)


def _texts(column: pd.Series) -> list[str]:
    import pandas as pd

    if isinstance(column.dtype, pd.StringDtype):
        return list(column.to_numpy(dtype=object, na_value=""))
    values = column.to_numpy() if isinstance(column.dtype, np.dtype) and column.dtype.kind in "fiubO" else column.array
    empty = pd.isna(column.array).tolist()
    return ["" if gone else str(value) for value, gone in zip(values, empty, strict=True)]


def _bytes_of(path: Path) -> bytes:
    if path.is_dir():
        msg = f"{shown(path)}: this is a folder, not a table"
        raise InputError(msg)
    try:
        return path.read_bytes()
    except FileNotFoundError as error:
        msg = f"no file {shown(path)}"
        raise InputError(msg) from error
    except (OSError, ValueError) as error:
        raise cannot_read(path, error) from error


def _separator(sep: str | None, suffix: str) -> str:
    if sep is None:
        return _DEFAULT_SEPARATORS[suffix]
    sep = {"\\t": "\t", "tab": "\t"}.get(sep, sep)
    if len(sep) != 1 or sep in '"\r\n':
        msg = f"--sep '{one_line(sep)}': a separator is one character, such as , or ; or \\t"
        raise InputError(msg)
    return sep


def _cells_of_csv(text: str, *, name: str, sep: str) -> tuple[list[str], list[list[str]], tuple[int, ...]]:
    """Columns, cells by column, and the line where each row starts. Lines that hold nothing at all are no rows."""
    csv.field_size_limit(_FIELD_LIMIT)
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=sep, strict=True)
    rows: list[list[str]] = []
    ends = [0]
    try:
        for row in reader:
            rows.append(row)
            ends.append(reader.line_num)
    except csv.Error as error:
        msg = f"{name} row {ends[-1] + 1}: {error}; a cell that holds quotes must double them and be quoted whole"
        raise InputError(msg) from error
    starts = [end + 1 for end, row in zip(ends, rows, strict=False) if row]
    rows = [row for row in rows if row]
    width = len(rows[0])
    for start, row in zip(starts, rows, strict=True):
        if len(row) != width:
            mend = f"quote cells that hold '{one_line(sep)}'"
            cells = f"{len(row)} cell" if len(row) == 1 else f"{len(row)} cells"
            msg = f"{name} row {start}: {cells} where the header has {width}; {mend}"
            raise InputError(msg)
    columns = list(map(list, zip(*rows, strict=True)))
    if SIGN in text:
        columns = [[unescape(cell) for cell in column] for column in columns]
    return [column[0] for column in columns], [column[1:] for column in columns], tuple(starts[1:])


def _table(
    columns: list[str],
    cells: list[list[str]],
    *,
    name: str,
    sha256: str,
    first_row: int,
    starts: tuple[int, ...] | None = None,
) -> Table:
    import pandas as pd

    _refuse_bad_names(columns, name)
    n_rows = len(cells[0]) if cells else 0
    if not n_rows:
        msg = f"{name}: there are columns and no rows; {NEEDED}"
        raise InputError(msg)
    arrays = {index: _object_array(column) for index, column in enumerate(cells)}
    frame = pd.DataFrame(arrays, dtype=object)
    frame.columns = pd.Index(columns, dtype=object)
    plain = starts is None or starts == tuple(range(first_row, first_row + n_rows))
    return Table(
        frame=frame, name=name, sha256=sha256, rows=n_rows, first_row=first_row, lines=None if plain else starts
    )


def _object_array(column: list[str]) -> np.ndarray:
    array = np.empty(len(column), dtype=object)
    array[:] = column
    return array


def _refuse_bad_names(columns: list[str], name: str) -> None:
    seen: dict[str, int] = {}
    for number, column in enumerate(columns, start=1):
        if not column.strip():
            index = (
                " (pandas writes its index so, unless to_csv has index=False)"
                if number == 1 and ".csv" in name.casefold()
                else ""
            )
            msg = f"{name}: column {number} has no name; name every column in the first row{index}"
            raise InputError(msg)
        if column in seen:
            msg = f"{name}: columns {seen[column]} and {number} are both called '{one_line(column)}'; rename one"
            raise InputError(msg)
        seen[column] = number
