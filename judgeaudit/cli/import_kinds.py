"""What `judgeaudit import` was given: which kind of file, and the study that it goes into."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from judgeaudit.domain.errors import InputError, nearest, one_line
from judgeaudit.storage.table_columns import PAGE, shape

if TYPE_CHECKING:
    from judgeaudit.storage.study_import import ImportReport

TABLES = ("outputs", "annotations", "verdicts", "capability")
KINDS = ("label-studio", "table", *TABLES)


def needed_columns() -> str:
    """What each kind of table needs, for the help of `judgeaudit import`."""
    return "\n\n".join([*(f"{kind}: {shape(kind)}." for kind in TABLES), f"Every column: {PAGE}."])


def parse(arguments: Sequence[str]) -> tuple[str | None, Path, Path]:
    """`[KIND] PATH [STUDY]`: kind (None to be told from the file), path and study."""
    words = list(arguments)
    kind = words.pop(0) if words and words[0] in KINDS and (len(words) > 1) else None
    if not words or len(words) > 2:
        first = arguments[0] if arguments else ""
        msg = f"import: write [KIND] PATH [STUDY]; kinds are {', '.join(KINDS)}{nearest(first, list(KINDS)) if len(words) > 2 else ''}"
        raise InputError(msg)
    return kind, Path(words[0]), Path(words[1] if len(words) == 2 else ".")


def bring_in(kind: str | None, path: Path, study: Path, *, encoding: str, sep: str | None) -> ImportReport:
    """Imports one file into a study."""
    from judgeaudit.study import Study

    if not path.exists():
        name = str(path)
        needs = f"; a table of {name} is {shape(name)}, see {PAGE}" if name in TABLES else ""
        msg = f"import {name}: name the file, too{needs}" if name in KINDS else f"{path}: no such file"
        raise InputError(msg)
    target = Study(study)
    found = kind or told(path)
    if found == "label-studio":
        return target.import_label_studio(path)
    return target.import_table(path, kind=found, encoding=encoding, sep=sep)


def told(path: Path) -> str:
    """label-studio for a JSON file that holds a list, or a table with Label Studio's columns; otherwise a table."""
    if path.is_dir():
        msg = f"{path} is a folder; name the file to import, as in `judgeaudit import PATH {path}`"
        raise InputError(msg)
    try:
        return _told_by_content(path)
    except OSError as error:
        msg = f"cannot read {path}: {error.strerror}"
        raise InputError(msg) from error


def _told_by_content(path: Path) -> str:
    if path.suffix.lower() == ".json":
        return "label-studio"
    if path.suffix.lower() in (".csv", ".tsv"):
        with path.open(encoding="utf-8", errors="replace") as file:
            head = file.readline(10_000)
        return "label-studio" if "annotation_id" in head and "annotator" in head else "table"
    if path.suffix.lower() == ".jsonl":
        return "table"
    with path.open("rb") as file:
        start = file.read(1).decode("latin-1")
    try:
        return "label-studio" if start == "[" and isinstance(json.loads(path.read_bytes()), list) else "table"
    except ValueError as error:
        msg = f"{path}: not a file that can be imported ({one_line(str(error))})"
        raise InputError(msg) from None
