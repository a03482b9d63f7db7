"""Bars on a terminal while judges are run."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from rich.progress import TaskID

    from judgeaudit.workflows.judging.calls import Tally


class Shown(NamedTuple):
    """tell: a judge's bar goes on. end: it goes away, and stdout, which bars take for their own, is free for a line."""

    tell: Callable[[str, Tally], None]
    end: Callable[[str], None]


@contextmanager
def progress() -> Iterator[Shown]:
    """A bar on a terminal, with rate, cost and time left; nothing elsewhere."""
    import sys

    if sys.stderr is None or not sys.stderr.isatty():
        yield Shown(tell=lambda name, tally: None, end=lambda name: None)
        return
    from rich.console import Console
    from rich.progress import (
        BarColumn,
        MofNCompleteColumn,
        Progress,
        TextColumn,
        TimeElapsedColumn,
        TimeRemainingColumn,
    )

    columns = (
        TextColumn("{task.description}"),
        BarColumn(),
        MofNCompleteColumn(),
        TextColumn("{task.fields[rate]}"),
        TimeElapsedColumn(),
        TimeRemainingColumn(),
    )
    with Progress(*columns, console=Console(stderr=True), transient=True) as progress:
        tasks: dict[str, TaskID] = {}

        def tell(name: str, tally: Tally) -> None:
            progress.start()
            if name not in tasks:
                tasks[name] = progress.add_task(name, total=tally.total, completed=tally.there, rate="")
            cost = f"US$ {tally.cost:.2f}" if tally.cost else ""
            progress.update(tasks[name], total=tally.total, completed=tally.there + tally.made, rate=cost)

        def end(name: str) -> None:
            if name in tasks:
                progress.remove_task(tasks.pop(name))
            progress.stop()

        yield Shown(tell=tell, end=end)
