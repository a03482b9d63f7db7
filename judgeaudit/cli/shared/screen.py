"""What is shown while a command runs and when it ends: progress on stderr, results on stdout."""

from __future__ import annotations

import os
import shutil
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from shlex import quote
from threading import Timer
from typing import TYPE_CHECKING

from judgeaudit.domain.errors import InputError

if TYPE_CHECKING:
    from judgeaudit.workflows.auditing.audit_object import Audit

PATIENCE = 1.0


def out(text: str = "") -> None:
    """A line of the result. What the screen's encoding cannot hold is written as an escape."""
    encoding = getattr(sys.stdout, "encoding", None) or "utf-8"
    with _written():
        print(text.encode(encoding, "backslashreplace").decode(encoding))  # noqa: T201 - stdout is the place


def flush() -> None:
    """Everything that `out` was given is now where stdout leads, or nobody reads it any more."""
    with _written():
        if sys.stdout is not None:
            sys.stdout.flush()


@contextmanager
def _written() -> Iterator[None]:
    """A reader that has gone away (`| head -1`) stops the text, not the command, whose exit code still counts."""
    try:
        yield
    except OSError as error:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        if not isinstance(error, BrokenPipeError):
            msg = f"cannot write to standard output: {error.strerror}; what else was written is whole"
            raise InputError(msg) from error


def note(text: str) -> None:
    """A line that is not the result: on stderr."""
    if sys.stderr is not None:  # None where it was closed, and print would take stdout instead
        print(text, file=sys.stderr)  # noqa: T201 - stderr is the place


@contextmanager
def working(what: str) -> Iterator[None]:
    """Shows that something is going on once it has taken a second; silent when stderr is not a terminal."""
    if sys.stderr is None or not sys.stderr.isatty():
        yield
        return
    from rich.console import Console
    from rich.progress import Progress, SpinnerColumn, TextColumn, TimeElapsedColumn

    columns = (SpinnerColumn(), TextColumn("{task.description}"), TimeElapsedColumn())
    progress = Progress(*columns, console=Console(stderr=True), transient=True)
    progress.add_task(what, total=None)
    timer = Timer(PATIENCE, progress.start)
    timer.daemon = True
    timer.start()
    try:
        yield
    finally:
        timer.cancel()
        timer.join()
        if progress.live.is_started:
            progress.stop()


def width() -> int:
    """Columns of the terminal, between 60 and 120; 100 when there is none."""
    import shutil

    return max(60, min(120, shutil.get_terminal_size((100, 24)).columns))


def show_audit(audit: Audit, *, full: bool) -> None:
    """How the tables were joined, then the summary, which ends with the warnings."""
    for line in audit.join:
        out(line)
    out()
    out(audit.to_text(full=full, width=width()).rstrip())


def program() -> str:
    """How this program was called, so that a line to copy runs: `judgeaudit` where that is found, else its path."""
    called = sys.argv[0]
    path = Path(called)
    if path.name != "judgeaudit" or path.parent == Path() or not path.is_file():
        return "judgeaudit"
    found = shutil.which("judgeaudit")
    return "judgeaudit" if found and Path(found).samefile(path) else quote(called)


def command_line() -> str:
    """The command that is running, fit to be pasted."""
    import shlex

    return shlex.join(["judgeaudit", *sys.argv[1:]])
