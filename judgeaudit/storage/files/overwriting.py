"""Files that a command reads are not the ones that it writes."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from judgeaudit.domain.errors import InputError


def refuse_clashes(read: Mapping[str, str | Path | None], written: Mapping[str, str | Path | None]) -> None:
    """An InputError where a file would be written over one that is read, or over another that is written."""
    taken = {place: what for what, path in read.items() for place in _place(path)}
    for flag, path in written.items():
        for place in _place(path):
            if place in taken:
                msg = f"{flag} {path}: this file is {taken[place]} already; name another"
                raise InputError(msg)
            taken[place] = flag


def tables_of(study: Path) -> dict[str, Path]:
    """What an audit of a study reads."""
    from judgeaudit.storage.files.study_files import find_table, find_verdicts

    found = [find_table(study, stem) for stem in ("outputs", "annotations")]
    files = [study / "study.toml", *(file for file in found if file is not None), *find_verdicts(study)]
    return {f"the study's {file.name}": file for file in files}


def _place(path: str | Path | None) -> list[Path]:
    """Where a path leads, as a list of one; of none where it is no file (`/dev/null`, a folder)."""
    if path is None:
        return []
    place = Path(path).resolve()
    return [] if place.exists() and not place.is_file() else [place]
