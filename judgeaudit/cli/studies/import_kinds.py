"""What `judgeaudit import` was given: which kind of file, and the study that it goes into."""

from __future__ import annotations

import zlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

from judgeaudit.domain.errors import InputError, nearest
from judgeaudit.storage.files.columns import PAGE, shape

if TYPE_CHECKING:
    from judgeaudit.storage.importing.annotations import ImportReport

_HEAD = 100_000
_BINARY = (".parquet", ".zst")
TABLES = ("outputs", "annotations", "verdicts", "capability")


def needed_columns() -> str:
    """What each kind of table needs, for the help of `judgeaudit import`."""
    return "\n\n".join([*(f"{kind}: {shape(kind)}." for kind in TABLES), f"Every column: {PAGE}."])


def logs() -> tuple[str, ...]:
    """The programs whose logs can be imported."""
    from judgeaudit.storage.eval_logs.programs import PROGRAMS

    return tuple(PROGRAMS)


def kinds() -> tuple[str, ...]:
    """What may stand before the path."""
    return ("label-studio", *logs(), "table", *TABLES)


def parse(arguments: Sequence[str]) -> tuple[str | None, Path, Path]:
    """`[KIND] PATH [STUDY]`: kind (None to be told from the file), path and study."""
    words = list(arguments)
    kind = words.pop(0) if words and words[0] in kinds() and (len(words) > 1) else None
    if not words or len(words) > 2:
        first = arguments[0] if arguments else ""
        msg = f"import: write [KIND] PATH [STUDY]; kinds are {', '.join(kinds())}{nearest(first, list(kinds())) if len(words) > 2 else ''}"
        raise InputError(msg)
    return kind, Path(words[0]), Path(words[1] if len(words) == 2 else ".")


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """The flags of an import. `logs` holds those that belong to logs of evaluations, by name, as far as they are given."""

    encoding: str = "utf-8"
    sep: str | None = None
    keep_ground_truth: bool = False
    logs: Mapping[str, str] = field(default_factory=dict)


def bring_in(kind: str | None, path: Path, study: Path, asked: Asked) -> ImportReport:
    """Imports one file, or one folder of logs, into a study."""
    from judgeaudit.study import Study
    from judgeaudit.workflows.importing import import_logs

    if not path.exists():
        name = str(path)
        needs = f"; a table of {name} is {shape(name)}, see {PAGE}" if name in TABLES else ""
        msg = f"import {name}: name the file, too{needs}" if name in kinds() else f"{path}: no such file"
        raise InputError(msg)
    target = Study(study)
    found = kind or told(path)
    _refuse_foreign(asked, path, found)
    if found in logs():
        return import_logs(path, study, kind=found, **asked.logs)
    if found == "label-studio":
        return target.import_label_studio(path, keep_ground_truth=asked.keep_ground_truth)
    return target.import_table(path, kind=found, encoding=asked.encoding, sep=asked.sep)


def _refuse_foreign(asked: Asked, path: Path, found: str) -> None:
    """Refuses flags that belong to another kind of file."""
    flags = {
        "--keep-ground-truth": (asked.keep_ground_truth and found != "label-studio", "exports of Label Studio"),
        **{
            f"--{name.replace('_', '-')}": (found not in logs(), f"logs of {' and '.join(logs())}")
            for name in asked.logs
        },
        "--sep": (asked.sep is not None and found in logs(), "tables"),
    }
    for flag, (foreign, belongs) in flags.items():
        if foreign:
            msg = f"{flag}: belongs to {belongs}, and {path} is imported as {found}; leave it away"
            raise InputError(msg)


def told(path: Path) -> str:
    """Logs by what they hold; label-studio for other JSON that is no JSON Lines, or a table with its columns; else a table."""
    from judgeaudit.storage.eval_logs.programs import kind_of_folder, kind_of_log

    if path.is_dir():
        found = kind_of_folder(path)
        if found is not None:
            return found
        msg = f"{path} is a folder; name the file to import, as in `judgeaudit import PATH {path}`"
        raise InputError(msg)
    try:
        return kind_of_log(path) or _told_by_content(path)
    except OSError as error:
        msg = f"cannot read {path}: {error.strerror or error}"
        raise InputError(msg) from error


def _told_by_content(path: Path) -> str:
    suffixes = [suffix.lower() for suffix in path.suffixes]
    head = _head(path)
    if not head:
        msg = f"{path}: the file is empty; there is nothing to import"
        raise InputError(msg)
    if head.startswith(b"PK\x03\x04") and suffixes[-1:] != [".xlsx"]:
        msg = f"{path}: a zip archive; unzip it and name the file inside, or write `judgeaudit import label-studio {path}`"
        raise InputError(msg)
    if suffixes[-1:] and suffixes[-1] in _BINARY:
        return "table"
    if ".json" in suffixes[-2:]:
        return "label-studio"
    text = head.decode("utf-8", "replace").removeprefix("\ufeff").lstrip()
    columns = text.partition("\n")[0]
    exported = "annotation_id" in columns and "annotator" in columns and ".jsonl" not in suffixes[-2:]
    return "label-studio" if exported or text.startswith("[") else "table"


def _head(path: Path) -> bytes:
    """The beginning of a file, unpacked where it is gzipped, whatever it is called."""
    with path.open("rb") as file:
        head = file.read(_HEAD)
    if not head.startswith(b"\x1f\x8b"):
        return head
    try:
        return zlib.decompressobj(wbits=31).decompress(head, _HEAD)
    except zlib.error:
        return head
