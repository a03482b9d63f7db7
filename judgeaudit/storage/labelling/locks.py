"""The folder of a study's labelling, and the locks that let one command at a time work in it."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import TextIO

from judgeaudit.domain.errors import InputError
from judgeaudit.storage.files.write import cannot_write, shown

FOLDER = "labelling"


class BusyError(InputError):
    """Another command is at work on the same files; it will have ended soon."""


def labelling_folder(study: Path) -> Path:
    """Where the rounds lie. It holds known answers and which task is which, so a new one is for its owner's eyes only."""
    folder = study / FOLDER
    try:
        study.mkdir(parents=True, exist_ok=True)
        folder.mkdir(mode=0o700, exist_ok=True)
    except OSError as error:
        raise cannot_write(folder, error) from error
    return folder


@contextmanager
def alone_to_annotate(study: Path) -> Iterator[None]:
    """One command at a time adds to a study's annotations."""
    with locked(labelling_folder(study) / ".pull.lock", f"{shown(study)}: another pull or import"):
        yield


@contextmanager
def locked(file: Path, what: str) -> Iterator[None]:
    """Held while inside; freed by the system when the process ends, however it ends. The file is gone after it.

    It is removed while it is held, and whoever locks a file that is no longer the one of this name has come too late and
    opens it anew: so there is never a second holder.
    """
    try:
        import fcntl
    except ImportError:  # not a POSIX system: one person is trusted not to start two at once
        yield
        return
    try:
        file.parent.mkdir(parents=True, exist_ok=True)
        stream = file.open("w")
        fcntl.flock(stream, fcntl.LOCK_EX | fcntl.LOCK_NB)
        while not _is_there(file, stream):
            stream.close()
            stream = file.open("w")
            fcntl.flock(stream, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        stream.close()
        msg = f"{what} is at work; wait until it ends"
        raise BusyError(msg) from None
    except OSError as error:
        raise cannot_write(file, error) from error
    with stream:
        try:
            yield
        finally:
            with suppress(OSError):  # a file that stays is locked by nobody
                file.unlink()


def _is_there(file: Path, stream: TextIO) -> bool:
    """Whether an open file is still the one of its name: whoever held it may have removed it since it was opened."""
    with suppress(FileNotFoundError):
        return os.path.samestat(os.fstat(stream.fileno()), file.stat())
    return False
