"""`judgeaudit import`: tables, exports and logs into a study."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from judgeaudit.cli.shared.arguments import Text

if TYPE_CHECKING:
    from judgeaudit.storage.importing.annotations import ImportReport


def import_command(
    arguments: Annotated[
        list[str],
        typer.Argument(
            metavar="[KIND] PATH [STUDY]",
            help="KIND: label-studio, lm-eval, inspect, table, outputs, annotations, verdicts or capability; told from the "
            "file when left out. PATH of lm-eval and inspect may be a folder of logs.",
        ),
    ],
    encoding: Annotated[str, typer.Option(help="Encoding of a table.")] = "utf-8",
    sep: Annotated[Text, typer.Option(metavar="CHAR", help="Separator of a table's cells.")] = None,
    keep_ground_truth: Annotated[
        bool,
        typer.Option(
            "--keep-ground-truth",
            help="Of Label Studio: take annotations marked as ground truth as labels of who made them.",
        ),
    ] = False,
    what: Annotated[
        Text, typer.Option(metavar="WHAT", help="Of lm-eval and inspect: capability (scores), outputs (texts) or both.")
    ] = None,
    capability_tasks: Annotated[
        Text,
        typer.Option(metavar="A,B", help="Of logs: these tasks are capability, the texts of all others are outputs."),
    ] = None,
    metric: Annotated[Text, typer.Option(metavar="NAME", help="Of logs: the metric that is a task's score.")] = None,
    model: Annotated[
        Text, typer.Option(help="Of logs: the model, where they do not say it or say it otherwise.")
    ] = None,
    checkpoint: Annotated[Text, typer.Option(help="Of logs: the checkpoint.")] = None,
    method: Annotated[Text, typer.Option(help="Of logs: how the checkpoint was made.")] = None,
    step: Annotated[Text, typer.Option(help="Of logs: how far training had come.")] = None,
    benchmark: Annotated[Text, typer.Option(help="Of logs: the benchmark of outputs, instead of the task.")] = None,
) -> None:
    """Adds what is new; the same file twice adds nothing."""
    from judgeaudit.cli.studies.import_kinds import Asked, bring_in, parse

    kind, path, study = parse(arguments)
    logs = {
        "what": what,
        "capability_tasks": capability_tasks,
        "metric": metric,
        "model": model,
        "checkpoint": checkpoint,
        "method": method,
        "step": step,
        "benchmark": benchmark,
    }
    given = {name: value for name, value in logs.items() if value is not None}
    asked = Asked(encoding=encoding, sep=sep, keep_ground_truth=keep_ground_truth, logs=given)
    show_import(bring_in(kind, path, study, asked), path)


def show_import(done: ImportReport, path: Path) -> None:
    from judgeaudit.cli.shared.screen import note, out

    for line in done.lines:
        out(f"{path.name or path}: {line}")
    for table, count in done.added.items():
        there = done.known.get(table, 0)
        out(f"{table}: {count:,} rows added{f', {there:,} there already' if there else ''}")
    for warning in done.warnings:
        note(f"warning: {warning}")
