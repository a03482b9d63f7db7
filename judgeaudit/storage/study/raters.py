"""Raters whose labels study.toml leaves out of the audit."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from judgeaudit.domain.errors import InputError, nearest, one_line
from judgeaudit.domain.ratings import Mask
from judgeaudit.storage.files.json_cells import cell_of, object_of
from judgeaudit.storage.files.study_files import find_table
from judgeaudit.storage.study.rows import Rows

if TYPE_CHECKING:
    from judgeaudit.storage.config.schema import StudyConfig


def left_out_mask(rows: Rows, config: StudyConfig) -> Mask:
    """(M,) annotations by raters that audit.leave_out names."""
    return np.isin(rows.column("rater"), list(config.audit.leave_out))


def left_out_counts(rows: Rows, config: StudyConfig, *, reference: str) -> dict[str, int]:
    """How many annotations of each named rater are left out; refuses a name that nobody has, and leaving out everybody."""
    names = [str(name) for name in dict.fromkeys(rows.column("rater").tolist())]
    wanted = list(dict.fromkeys(config.audit.leave_out))
    for name in wanted:
        if name not in names:
            msg = f"study.toml: audit.leave_out: {one_line(name)!r} is no rater in annotations{nearest(name, names)}"
            raise InputError(msg)
        if name == reference:
            msg = f"study.toml: audit.leave_out names {one_line(name)!r}, whose labels are the reference; take one of the two back"
            raise InputError(msg)
    if wanted and len(wanted) == len(names):
        msg = "study.toml: audit.leave_out names every rater in annotations; keep one at least"
        raise InputError(msg)
    return {name: int((rows.column("rater") == name).sum()) for name in wanted}


def left_out_lines(counts: Mapping[str, int]) -> tuple[str, ...]:
    """What is said of them before any number."""
    who = ", ".join(f"{one_line(name)} {count}" for name, count in counts.items())
    return (f"{sum(counts.values())} annotations left out by audit.leave_out: {who}",) if counts else ()


# The names of the people who labelled, read alone: whoever runs judges needs no label of theirs.


def rater_names(root: Path) -> frozenset[str]:
    """Everybody whom annotations name; nobody where they cannot be read, since whoever reads their labels is told that."""
    try:
        file = find_table(root, "annotations")
        return frozenset() if file is None else frozenset(_named(file))
    except (InputError, OSError, UnicodeDecodeError):
        return frozenset()


def _named(file: Path) -> Iterator[str]:
    if file.suffix != ".jsonl":
        from judgeaudit.storage.files.read import read_table

        frame = read_table(file).frame
        yield from frame["rater"] if "rater" in frame.columns else ()
        return
    with file.open(encoding="utf-8-sig", newline="\n") as lines:
        for line in lines:
            if line.strip():
                yield cell_of(object_of(line, file.name).get("rater"))
