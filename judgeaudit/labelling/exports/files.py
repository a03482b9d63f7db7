"""Files that a Label Studio exported, opened: what is in them, told by content and not by name."""

from __future__ import annotations

import csv
import io
import json
import re
from collections.abc import Iterable, Iterator
from itertools import chain
from pathlib import Path
from typing import NamedTuple

from judgeaudit.domain.errors import InputError, one_line

_FIELD_LIMIT = 2**31 - 1
_FLAT = {"annotator", "annotation_id"}
_WHOLE = {"annotations", "completions"}
_SPACE = re.compile(r"[ \t\r\n]*")
_FIRST, _NEXT = re.compile(r"[ \t\r\n]*\]?"), re.compile(r"[ \t\r\n]*(\]|,[ \t\r\n]*)")


class Content(NamedTuple):
    """Whole tasks; or rows with one annotation each, whose keys stand in the server's order only in JSON_MIN."""

    rows: Iterable[object]
    flat: bool
    ordered: bool


def read_content(path: Path) -> Content:
    """The tasks or rows of an export, plain, gzipped or alone in a zip archive; an InputError where it is none.

    Tasks are read one after the other, so that a file that breaks off says so only when its end is reached.
    """
    text = _text(path)
    start = _space_end(text, 0)
    if start == len(text):
        msg = f"{_shown(path)}: the file is empty; export the project again"
        raise InputError(msg)
    if text[start : start + 1] == "[":
        return _from_tasks(_elements(text, start + 1, path), path)
    if text[start : start + 1] == "{":
        return _from_object(text, path)
    return Content(_from_table(text, path), flat=True, ordered=False)


def _from_object(text: str, path: Path) -> Content:
    """A page of the server's own list of tasks, or one task."""
    try:
        content: dict[str, object] = json.loads(text)
    except (ValueError, RecursionError) as error:
        raise _not_json(path, error) from None
    tasks = content.get("tasks")
    if isinstance(tasks, list) and "data" not in content:
        return _from_tasks(iter(tasks), path)
    if "data" not in content and not content.keys() >= _FLAT:
        raise _foreign(path)  # other tools write objects with annotations, too
    return _from_tasks(iter([content]), path)


def _from_tasks(tasks: Iterator[object], path: Path) -> Content:
    """Told by the first task that shows what it is; most exports show it at once."""
    first: list[object] = []
    for task in tasks:
        first.append(task)
        if isinstance(task, dict) and task.keys() >= _FLAT:
            return Content(chain(first, tasks), flat=True, ordered=True)
        if isinstance(task, dict) and ("data" in task or ("id" in task and not _WHOLE.isdisjoint(task))):
            return Content(chain(first, tasks), flat=False, ordered=False)
    if not first:
        msg = f"{_shown(path)}: the export holds no tasks: the project had none, or in JSON_MIN none that was labelled"
        raise InputError(msg)
    raise _foreign(path)


def _elements(text: str, place: int, path: Path) -> Iterator[object]:
    """What a JSON list holds, one after the other: all of a large export at once takes many times its size."""
    decode, separator = json.JSONDecoder().raw_decode, _FIRST
    try:
        while True:
            found = separator.match(text, place)
            if found is None:
                raise _broken(text, place, "Expecting ',' delimiter")
            place = found.end()
            if "]" in found[0]:
                break
            element, place = decode(text, place)
            separator = _NEXT
            yield element
        if _space_end(text, place) < len(text):
            raise _broken(text, place, "Extra data")
    except (ValueError, RecursionError) as error:
        raise _not_json(path, error) from None


def _broken(text: str, place: int, what: str) -> json.JSONDecodeError:
    return json.JSONDecodeError(what, text, _space_end(text, place))


def _space_end(text: str, place: int) -> int:
    found = _SPACE.match(text, place)
    return found.end() if found else place


def _not_json(path: Path, error: Exception) -> InputError:
    return InputError(f"{_shown(path)}: not JSON: {one_line(str(error))}; export the project again")


def _from_table(text: str, path: Path) -> list[dict[str, str]]:
    csv.field_size_limit(_FIELD_LIMIT)
    header = text.partition("\n")[0]
    reader = csv.reader(io.StringIO(text, newline=""), delimiter="\t" if "\t" in header else ",", strict=True)
    rows: list[dict[str, str]] = []
    try:
        names = _names(reader, path)
        for number, cells in enumerate(reader, 1):
            if len(cells) == len(names):
                rows.append(dict(zip(names, cells, strict=True)))
            elif cells:
                counted = f"{len(cells)} cells, where the header has {len(names)}"
                msg = (
                    f"{_shown(path)}: row {number} has {counted}; the file was cut or edited, export the project again"
                )
                raise InputError(msg)
    except csv.Error as error:
        why = "ends within a cell" if "unexpected end" in str(error) else f"cannot be read ({error})"
        msg = f"{_shown(path)}: row {len(rows) + 1} {why}; the file was cut or edited, export the project again"
        raise InputError(msg) from None
    if not rows:
        msg = f"{_shown(path)}: the export holds no annotations: nobody had labelled a task of the project when it was made"
        raise InputError(msg)
    if "id" not in names:
        raise _foreign(path)
    return rows


def _names(reader: Iterator[list[str]], path: Path) -> list[str]:
    names = next(reader, [])
    if not set(names) >= _FLAT:
        raise _foreign(path)
    if len(set(names)) < len(names):
        double = next(name for name in names if names.count(name) > 1)
        msg = f"{_shown(path)}: two columns are called '{one_line(double)}'; export the project again as JSON"
        raise InputError(msg)
    return names


def _text(path: Path) -> str:
    try:
        return _unpacked(path).decode("utf-8-sig")
    except UnicodeDecodeError as error:
        msg = f"{_shown(path)}: not UTF-8 at byte {error.start}; export the project again as JSON"
        raise InputError(msg) from None
    except (OSError, ValueError) as error:
        reason = error.strerror if isinstance(error, OSError) and error.strerror else str(error)
        msg = f"{_shown(path)}: cannot be read ({one_line(reason)}); name a file that Label Studio exported"
        raise InputError(msg) from None


def _unpacked(path: Path) -> bytes:
    content = path.read_bytes()
    if content[:2] == b"\x1f\x8b":
        return _gunzipped(content)
    return _unzipped(content) if content[:4] == b"PK\x03\x04" else content


def _gunzipped(content: bytes) -> bytes:
    import gzip
    import zlib

    try:
        return gzip.decompress(content)
    except (EOFError, zlib.error) as error:
        msg = f"damaged gzip file: {error}"
        raise ValueError(msg) from None


def _unzipped(content: bytes) -> bytes:
    """The one file of an archive that can be an export; pictures and other things may lie beside it."""
    import zipfile
    import zlib

    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            names = [name for name in archive.namelist() if name.lower().endswith((".json", ".csv", ".tsv"))]
            names = [name for name in names if not name.startswith("__MACOSX/")]
            if len(names) != 1:
                msg = f"an archive with {len(names)} files that could be the export; unpack it"
                raise ValueError(msg)
            return archive.read(names[0])
    except (zipfile.BadZipFile, zlib.error, RuntimeError, NotImplementedError) as error:
        msg = f"damaged or locked zip file: {error}"
        raise ValueError(msg) from None


def _foreign(path: Path) -> InputError:
    needed = "tasks with annotations (JSON), or rows with id, annotator and annotation_id (JSON_MIN, CSV, TSV)"
    return InputError(f"{_shown(path)}: not a Label Studio export; expected {needed}")


def _shown(path: Path) -> str:
    return one_line(str(path), limit=300)
