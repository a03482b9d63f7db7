"""A result on disk, read back: audit.json or compare.json, or one line that says what is wrong with it."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import TypeVar

from judgeaudit.domain.errors import InputError, one_line

T = TypeVar("T")


def read_result(
    kind: type[T],
    path: str | Path,
    *,
    name: str,
    article: str,
    noun: str,
    verb: str,
    key: str,
    check: Callable[[T], str] | None = None,
) -> T:
    """The record in a file; a folder means the file of that name in it. `key` is one that every such result has; `check` says what
    of it contradicts itself.

    Raises InputError, one line that says what is wrong, where in the file, and how to make it again.
    """
    from judgeaudit.storage.files.records import UnfitError, record_from
    from judgeaudit.storage.files.write import cannot_read

    file = Path(path)
    if file.is_dir():
        file = file / name
    if not file.exists():
        msg = f"{file}: no such {noun}; make it with `judgeaudit {verb}`"
        raise InputError(msg)
    again = f"make it again with `judgeaudit {verb}`"
    try:
        plain = json.loads(file.read_text(encoding="utf-8"))
    except OSError as error:
        raise cannot_read(file, error) from None
    except (ValueError, RecursionError) as error:
        msg = f"{file}: not JSON ({one_line(str(error))}); {again}"
        raise InputError(msg) from None
    if not isinstance(plain, dict) or plain.get("schema") != 1 or key not in plain:
        msg = f"{file}: not {article} {name} of schema 1; make it with `judgeaudit {verb}`"
        raise InputError(msg)
    try:
        found = record_from(kind, plain)
        unfit = "" if check is None else check(found)
    except UnfitError as error:
        unfit = str(error)
    if unfit:
        msg = f"{file}: a damaged {name} ({unfit}); {again}"
        raise InputError(msg)
    return found
