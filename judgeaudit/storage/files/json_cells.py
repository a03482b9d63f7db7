"""Cells of text from values with types: JSON Lines and Parquet."""

from __future__ import annotations

import io
import json
from collections.abc import Iterator, Sequence

from judgeaudit.domain.errors import InputError, one_line
from judgeaudit.domain.escape import unescape
from judgeaudit.storage.files.write import missing_extra


class _Written(float):
    """A number that remembers how it was spelled, so that `1.10` stays the text "1.10"."""

    __slots__ = ("text",)
    text: str

    def __new__(cls, text: str) -> _Written:
        number = super().__new__(cls, text)
        number.text = text
        return number


class _DoubledKeyError(ValueError):
    """A JSON object that names one key twice: whichever value is kept, the other would be lost."""


def cells_of_json_lines(text: str, *, name: str) -> tuple[list[str], list[list[str]], tuple[int, ...]]:
    """Columns in order of appearance, cells by column, and each row's line. A missing key is an empty cell."""
    rows: list[dict[str, object]] = []
    starts: list[int] = []
    for number, line in enumerate(_lines(text), start=1):
        if line.strip(" \t\r"):
            rows.append(object_of(line, f"{name} row {number}"))
            starts.append(number)
    columns = list(dict.fromkeys(key for row in rows for key in row))
    cells = [[cell_of(row.get(column)) for row in rows] for column in columns]
    return columns, cells, tuple(starts)


def cells_of_parquet(data: bytes, *, name: str) -> tuple[list[str], list[list[str]]]:
    """Columns and cells by column; values are written as JSON writes them, moments in ISO 8601."""
    if data[:4] != b"PAR1":
        msg = f"{name}: this is not Parquet; name it for what it is (.csv, .tsv, .jsonl)"
        raise InputError(msg)
    try:
        import pyarrow as pa
        import pyarrow.parquet as pq
    except ImportError as error:
        raise missing_extra(extra="parquet", module="pyarrow", name=name) from error
    try:
        table = pq.ParquetFile(io.BytesIO(data)).read()
        cells = []
        for column in table.columns:
            narrow = pa.types.is_float16(column.type) or pa.types.is_float32(column.type)
            values = [None if v is None else float(str(v)) for v in column.to_numpy()] if narrow else column.to_pylist()
            cells.append([unescape(cell_of(value)) for value in values])
    except (pa.ArrowException, OSError, UnicodeDecodeError) as error:
        msg = f"{name}: this Parquet file cannot be read: {one_line(str(error))}; write it again"
        raise InputError(msg) from error
    return [unescape(column) for column in table.column_names], cells


def _lines(text: str) -> Iterator[str]:
    """`text.split("\\n")`, one after the other: the texts of a large table would stand in memory once more."""
    start = 0
    while (end := text.find("\n", start)) >= 0:
        yield text[start:end]
        start = end + 1
    yield text[start:]


def object_of(line: str, where: str) -> dict[str, object]:
    """The object on one line of JSON; numbers remember how they were spelled, for `cell_of`."""
    try:
        value: object = _DECODER.decode(line)
    except _DoubledKeyError as error:
        msg = f"{where}: the key '{one_line(str(error))}' stands twice in one object; keep one"
        raise InputError(msg) from error
    except json.JSONDecodeError as error:
        msg = f"{where}: not JSON ({error.msg} at character {error.pos + 1}); each line must be one JSON object"
        raise InputError(msg) from error
    except (ValueError, RecursionError) as error:
        msg = f"{where}: JSON that is too deep or a number that is too long"
        raise InputError(msg) from error
    if not isinstance(value, dict):
        kinds = {list: "a list", str: "a text", bool: "true or false", type(None): "null"}
        kind = kinds.get(type(value), "a number")
        msg = f'{where}: {kind}, not a JSON object; each line must be one, like {{"item_id": "1"}}'
        raise InputError(msg)
    return value


def _unique(pairs: list[tuple[str, object]]) -> dict[str, object]:
    found = dict(pairs)
    if len(found) < len(pairs):
        keys = [key for key, _ in pairs]
        raise _DoubledKeyError(next(key for key in keys if keys.count(key) > 1))
    return found


_DECODER = json.JSONDecoder(object_pairs_hook=_unique, parse_float=_Written)


def cell_of(value: object) -> str:
    """A value as the text of a cell: texts as they are, nothing for null, everything else as JSON writes it."""
    if isinstance(value, str):
        return value
    if value is None or value != value:  # nan is the only value that differs from itself
        return ""
    if isinstance(value, _Written):
        return value.text
    if isinstance(value, bool | int | float | Sequence | dict) and not isinstance(value, bytes):
        return json.dumps(value, ensure_ascii=False, separators=(",", ":"), default=str)
    return _odd(value)


def _odd(value: object) -> str:
    """What Parquet has and JSON has not: bytes, decimals, moments."""
    if isinstance(value, bytes):
        return value.decode("utf-8", "backslashreplace")
    iso = getattr(value, "isoformat", None)
    return str(iso()) if iso else str(value)
