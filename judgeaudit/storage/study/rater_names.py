"""The names of the people who labelled, read alone: whoever runs judges needs no label of theirs."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from judgeaudit.domain.errors import InputError
from judgeaudit.storage.files.json_cells import cell_of, object_of
from judgeaudit.storage.files.study_files import find_table


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
