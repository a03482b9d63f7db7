"""`judgeaudit generate` and `judgeaudit degrade`: models answer the study's prompts; a model is made worse on purpose."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Optional

import typer

from judgeaudit.cli.shared.arguments import Folder
from judgeaudit.domain.degradation_recipes import RECIPES

if TYPE_CHECKING:
    from collections.abc import Callable

    from judgeaudit.workflows.generating.plan import GenerateReport


def generate(
    study: Folder = Path(),
    name: Annotated[
        Optional[list[str]],  # noqa: UP045 - typer reads it
        typer.Option("--model", metavar="NAME", help="Only this model of study.toml; may be given several times."),
    ] = None,
    limit: Annotated[
        Optional[int],  # noqa: UP045
        typer.Option("--limit", metavar="N", min=1, help="Of each model only the first N outputs that are missing."),
    ] = None,
) -> None:
    """Only outputs that are missing are made; the same command goes on after any interruption."""
    _share_the_processor()
    from judgeaudit.services.runner import keep_retries_to_themselves
    from judgeaudit.study import Study

    keep_retries_to_themselves()
    with _progress() as tell:
        reports = Study(study).generate(*(name or ()), limit=limit, tell=tell)
    _say(reports)


def degrade(
    model: Annotated[
        str, typer.Argument(metavar="MODEL", help="A folder, a name of `models list`, or one of the hub.")
    ],
    recipe: Annotated[str, typer.Option("--recipe", metavar="RECIPE", help=f"One of {', '.join(RECIPES)}.")],
    level: Annotated[float, typer.Option("--level", metavar="LEVEL", help="How much; what it counts is the recipe's.")],
    out: Annotated[Path, typer.Option("--out", metavar="FOLDER", help="Where the checkpoint goes; a new folder.")],
    seed: Annotated[int, typer.Option("--seed", help="Of noise, and of the order of training texts.")] = 1,
) -> None:
    """Writes weights (safetensors), tokenizer, and judgeaudit.json, which says how they were made."""
    _share_the_processor()
    from judgeaudit.cli.shared.screen import note
    from judgeaudit.cli.shared.screen import out as say
    from judgeaudit.workflows.generating.degrade import degrade_model

    say(f"{degrade_model(model, recipe, level, out, seed=seed, tell=note)}")


def _share_the_processor() -> None:
    """Threads of PyTorch that wait in a loop slow one another down many times where other programs run beside them."""
    os.environ.setdefault("OMP_WAIT_POLICY", "PASSIVE")


def _say(reports: list[GenerateReport]) -> None:
    from judgeaudit.cli.shared.screen import note, out
    from judgeaudit.domain.errors import OutsideError, StoppedError, one_line

    for report in reports:
        out(_line(report))
        for why, count in report.failed.most_common():
            note(f"warning: {report.name}: {count:,} without output: {one_line(why, limit=300)}")
    halted = next((one for one in reports if one.halted), None)
    if halted is not None:
        msg = f"{halted.name}: {halted.halted}; {halted.made:,} new outputs are saved, the same command goes on"
        raise OutsideError(msg)
    stopped = next((one for one in reports if one.stopped), None)
    if stopped is not None:
        msg = f"{stopped.name}: interrupted; what arrived is saved, the same command goes on"
        raise StoppedError(msg)


def _line(report: GenerateReport) -> str:
    parts = [f"{report.made:,} outputs made", f"{report.there:,} there already"]
    if report.missing:
        parts.append(f"{report.missing:,} still missing")
    ended = {"stop": "ended by themselves", "length": "cut off at max_new_tokens", "refused": "refused"}
    parts += [f"{count:,} {ended.get(finish, finish)}" for finish, count in report.finished.most_common()]
    parts += [f"{task} {score:.3f}" for task, score in report.measured.items()]
    return f"{report.name}: {', '.join(parts)}"


@contextmanager
def _progress() -> Iterator[Callable[[GenerateReport], None]]:
    """A bar for each model on a terminal; nothing elsewhere."""
    import sys

    if sys.stderr is None or not sys.stderr.isatty():
        yield lambda report: None
        return
    from rich.console import Console
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
    with Progress(*columns, console=Console(stderr=True), transient=True) as progress:
        tasks: dict[str, object] = {}

        def tell(report: GenerateReport) -> None:
            if report.name not in tasks:
                tasks[report.name] = progress.add_task(report.name, total=report.total, completed=report.there)
            progress.update(tasks[report.name], completed=report.there + report.made)  # type: ignore[arg-type]

        yield tell
