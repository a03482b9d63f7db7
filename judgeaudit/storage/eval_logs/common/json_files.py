"""Logs of evaluation programs, read: JSON in a file, packed with gzip or not, and what may stand in it."""

from __future__ import annotations

import gzip
import json
import math
import zlib
from collections.abc import Iterator
from pathlib import Path

from judgeaudit.domain.errors import InputError
from judgeaudit.storage.files.write import cannot_read, shown

Json = dict[str, object]
_GZIP = b"\x1f\x8b"
_SUFFIXES = (".json", ".jsonl", ".json.gz", ".jsonl.gz")


def bytes_of(path: Path) -> bytes:
    """What a file holds, unpacked where it is gzipped."""
    try:
        data = path.read_bytes()
        return gzip.decompress(data) if data.startswith(_GZIP) else data
    except (OSError, EOFError, zlib.error) as error:
        raise cannot_read(path, error) from error


def json_of(data: bytes, where: str) -> object:
    """The JSON value that these bytes are; an InputError of one line where they are none."""
    if not data.strip():
        msg = f"{where}: the file is empty; there is nothing to import"
        raise InputError(msg)
    try:
        return json.loads(data.decode("utf-8-sig"))
    except json.JSONDecodeError as error:
        msg = f"{where}: not JSON ({error.msg} in line {error.lineno}); was it cut off while it was written or copied?"
        raise InputError(msg) from error
    except (ValueError, RecursionError) as error:
        msg = f"{where}: not JSON in UTF-8; copy the file again"
        raise InputError(msg) from error


def records_of(path: Path) -> list[Json]:
    """The objects of a file of JSON Lines, or of one JSON list."""
    data, where = bytes_of(path), shown(path)
    if data.lstrip().startswith(b"["):
        found = json_of(data, where)
        rows = found if isinstance(found, list) else []
    else:
        rows = [json_of(line, f"{where} row {number}") for number, line in _lines(data)]
    if not rows:
        msg = f"{where}: there are no samples in it; there is nothing to import"
        raise InputError(msg)
    for number, row in enumerate(rows, start=1):
        if not isinstance(row, dict):
            msg = f"{where} row {number}: not a JSON object, as a sample is"
            raise InputError(msg)
    return [row for row in rows if isinstance(row, dict)]


def first_of(path: Path) -> Json | None:
    """The first object of a file of JSON or JSON Lines, the whole of a file that is one object; None where there is none."""
    try:
        line = _first_line(path)
        if line.startswith(b"{") and line.rstrip().endswith(b"}"):
            return object_of_value(json_of(line, shown(path)))
        found = json_of(bytes_of(path), shown(path))
    except (OSError, EOFError, zlib.error, InputError):
        return None
    return object_of_value(found[0] if isinstance(found, list) and found else found)


def head_of(path: Path, length: int = 1000) -> bytes:
    """The beginning of a file, unpacked where it is gzipped; what cannot be unpacked is left as it is."""
    with path.open("rb") as file:
        head = file.read(length)
    try:
        return zlib.decompressobj(wbits=31).decompress(head, length) if head.startswith(_GZIP) else head
    except zlib.error:
        return head


def _first_line(path: Path) -> bytes:
    with path.open("rb") as file:
        packed = file.read(2) == _GZIP
    with gzip.open(path) if packed else path.open("rb") as file:
        return bytes(file.readline())


def object_of_value(value: object) -> Json | None:
    """The value where it is an object."""
    return value if isinstance(value, dict) else None


def part(value: object, *keys: str) -> object:
    """What lies under these keys, one within the other; None where any of them is not there."""
    for key in keys:
        value = value.get(key) if isinstance(value, dict) else None
    return value


def mapping(value: object, *keys: str) -> Json:
    """The object under these keys; an empty one where there is none."""
    found = part(value, *keys)
    return found if isinstance(found, dict) else {}


def listed(value: object, *keys: str) -> list[object]:
    """The list under these keys; an empty one where there is none."""
    found = part(value, *keys)
    return found if isinstance(found, list) else []


def text(value: object, *keys: str) -> str:
    """The text or number under these keys as text; "" where there is none."""
    found = part(value, *keys)
    return str(found) if isinstance(found, str | int | float) and not isinstance(found, bool) else ""


def number(value: object) -> float | None:
    """A finite number; None for anything else, "N/A" and nan among it."""
    try:
        return float(value) if isinstance(value, int | float) and math.isfinite(value) else None
    except OverflowError:
        return None


def files_under(folder: Path, suffixes: tuple[str, ...] = _SUFFIXES) -> list[Path]:
    """The files of a folder and of those in it whose names end so, by name; hidden ones left out."""
    found = (
        path
        for path in folder.rglob("*")
        if path.name.endswith(suffixes) and not any(part.startswith(".") for part in path.relative_to(folder).parts)
    )
    return sorted(path for path in found if path.is_file())


def dialogue(turns: object) -> tuple[str, str]:
    """A prompt, or messages as a JSON list, from turns with role and content: a lone turn of the user is a prompt."""
    told = [
        {"role": text(turn, "role") or "user", "content": spoken(part(turn, "content"))}
        for turn in (turns if isinstance(turns, list) else [])
        if isinstance(turn, dict)
    ]
    if len(told) == 1 and told[0]["role"] == "user":
        return told[0]["content"], ""
    return "", json.dumps(told, ensure_ascii=False) if told else ""


def spoken(content: object) -> str:
    """The text of a message, whose content is a text or a list of parts; parts that are no text are left out."""
    if isinstance(content, list):
        return "\n".join(text(one, "text") if isinstance(one, dict) else str(one) for one in content if _says(one))
    return content if isinstance(content, str) else ""


def _says(one: object) -> bool:
    return isinstance(one, str) or (isinstance(one, dict) and isinstance(one.get("text"), str))


def _lines(data: bytes) -> Iterator[tuple[int, bytes]]:
    return ((number, line) for number, line in enumerate(data.split(b"\n"), start=1) if line.strip())
