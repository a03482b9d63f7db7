"""Files that a Label Studio exported, opened: what is in them, told by content and not by name."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

from judgeaudit.domain.errors import InputError, one_line

_FIELD_LIMIT = 2**31 - 1
_FLAT = {"annotator", "annotation_id"}
_WHOLE = {"annotations", "completions", "data"}


class Content(NamedTuple):
    """Whole tasks; or rows with one annotation each, whose keys stand in the server's order only in JSON_MIN."""

    rows: Sequence[object]
    flat: bool
    ordered: bool


def read_content(path: Path) -> Content:
    """The tasks or rows of an export, plain, gzipped or alone in a zip archive; an InputError where it is none."""
    text = _text(path)
    if text.lstrip()[:1] in ("[", "{"):
        return _from_json(text, path)
    return Content(_from_table(text, path), flat=True, ordered=False)


def _from_json(text: str, path: Path) -> Content:
    try:
        content: object = json.loads(text)
    except (ValueError, RecursionError) as error:
        msg = f"{_shown(path)}: not JSON: {one_line(str(error))}; export the project again"
        raise InputError(msg) from None
    if isinstance(content, dict) and isinstance(content.get("tasks"), list) and "data" not in content:
        content = content["tasks"]  # a page of the server's own list of tasks
    tasks = [content] if isinstance(content, dict) else content
    if not isinstance(tasks, list) or not tasks:
        msg = f"{_shown(path)}: the export holds no tasks"
        raise InputError(msg)
    objects = [task for task in tasks if isinstance(task, dict)]
    if any(task.keys() >= _FLAT for task in objects):
        return Content(tasks, flat=True, ordered=True)
    if any(not _WHOLE.isdisjoint(task) for task in objects):
        return Content(tasks, flat=False, ordered=False)
    raise _foreign(path)


def _from_table(text: str, path: Path) -> list[dict[str, str]]:
    csv.field_size_limit(_FIELD_LIMIT)
    header = text.partition("\n")[0]
    reader = csv.reader(io.StringIO(text, newline=""), delimiter="\t" if "\t" in header else ",")
    rows: list[dict[str, str]] = []
    try:
        names = next(reader, [])
        if not {"id", *_FLAT} <= set(names):
            raise _foreign(path)
        if len(set(names)) < len(names):
            double = next(name for name in names if names.count(name) > 1)
            msg = f"{_shown(path)}: two columns are called '{one_line(double)}'; export the project again as JSON"
            raise InputError(msg)
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
        msg = f"{_shown(path)}: not a Label Studio export: {error}"
        raise InputError(msg) from None
    if not rows:
        msg = f"{_shown(path)}: the export holds no annotations"
        raise InputError(msg)
    return rows


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
