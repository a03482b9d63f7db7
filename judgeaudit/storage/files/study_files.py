"""Which files of a folder are a study's tables."""

from __future__ import annotations

from pathlib import Path

from judgeaudit.domain.errors import InputError
from judgeaudit.storage.files.write import COMPRESSIONS, FORMATS, shown, split_suffix

LEDGER = "verdicts.db"
VERDICTS = "verdicts"


def find_table(folder: Path, stem: str) -> Path | None:
    """The one file of a study that holds the table `stem`, whatever its format; None where there is none."""
    names = [f"{stem}{suffix}{compression}" for suffix in FORMATS for compression in ("", *COMPRESSIONS)]
    found = [folder / name for name in names if (folder / name).is_file()]
    if len(found) > 1:
        msg = f"{shown(folder)}: both {found[0].name} and {found[1].name} hold {stem}; keep one"
        raise InputError(msg)
    return found[0] if found else None


def find_plan(folder: Path) -> list[Path]:
    """The plan of the main round of labelling, whose probabilities weigh the labels; none where nothing was planned."""
    file = folder / "labelling" / "main" / "tasks.jsonl"
    return [file] if file.is_file() else []


def find_verdicts(folder: Path) -> list[Path]:
    """The tables of recorded verdicts, by name."""
    if not (folder / VERDICTS).is_dir():
        return []
    files = (file for file in (folder / VERDICTS).iterdir() if file.is_file() and not file.name.startswith("."))
    return sorted(file for file in files if split_suffix(file)[0] in FORMATS)
