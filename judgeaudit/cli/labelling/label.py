"""People in: label serve, sample, push, pull, watch, status, dispute."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Optional

import typer

from judgeaudit.cli.shared.arguments import Folder, Number, Text

if TYPE_CHECKING:
    from judgeaudit.workflows.labelling.pull import PullReport

Round = Annotated[str, typer.Option("--round", metavar="NAME", help="main, pilot, dispute, dispute-2, …")]
Url = Annotated[
    Text,
    typer.Option(metavar="URL", help="A Label Studio of yours (default: that of `label serve`, or LABEL_STUDIO_URL)."),
]
Token = Annotated[Text, typer.Option(metavar="TOKEN", help="Its access token, better given as LABEL_STUDIO_API_KEY.")]


def label() -> typer.Typer:
    """`label serve|sample|push|pull|watch|status|dispute`."""
    from judgeaudit.cli.labelling.serve import serve

    app = typer.Typer(no_args_is_help=True, rich_markup_mode=None, add_completion=False)
    app.command("serve", help="Runs a Label Studio of this study's own, on this machine alone.")(serve)
    app.command("sample", help="Chooses which outputs people shall label, and says what that can decide.")(sample)
    app.command("push", help="Sends the chosen outputs to Label Studio, blind; never one twice.")(push)
    app.command("pull", help="Fetches labels; what was fetched is never lost or doubled.")(pull)
    app.command("watch", help="Keeps pulling until Ctrl-C.")(watch)
    app.command("status", help="Progress, speed, agreement so far, what is in dispute, what is missing.")(status)
    app.command("dispute", help="A second blind round about items on which people, or judge and people, disagree.")(
        dispute
    )
    return app


def sample(
    study: Folder = Path(),
    items: Annotated[
        Number, typer.Option("--items", metavar="N", help="Items for each value of each stratum (default: study.toml).")
    ] = None,
    precision: Annotated[
        Optional[float],  # noqa: UP045
        typer.Option(metavar="X", help="Instead of --items: half the width of a rate's interval, such as 0.05."),
    ] = None,
    by: Annotated[
        Text, typer.Option(metavar="COLS", help="Columns or signals to stratify by, with commas; '' for none.")
    ] = None,
    verdicts: Annotated[
        bool, typer.Option("--verdicts", help="Reach rare classes: prefer items whose verdicts are rare or unsure.")
    ] = False,
    pilot: Annotated[
        Number, typer.Option(metavar="N", help="Plan a pilot of N items instead of the main round.")
    ] = None,
    repeats: Annotated[
        Optional[float],  # noqa: UP045
        typer.Option(metavar="SHARE", help="Share of items shown twice to the same person (default: study.toml)."),
    ] = None,
    seed: Annotated[int, typer.Option(help="Seed of everything random; the same seed gives the same plan.")] = 1,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Say what would be planned; write nothing.")] = False,
) -> None:
    """Run again with more items, it adds to the plan and changes nothing that was sent."""
    from judgeaudit.cli.shared.screen import note, out, working
    from judgeaudit.study import Study

    with working("drawing the sample"):
        plan = Study(study).label.sample(
            items=items,
            precision=precision,
            by=None if by is None else tuple(filter(None, by.split(","))),
            verdicts=verdicts,
            pilot=pilot,
            repeats=repeats,
            seed=seed,
            write=not dry_run,
        )
    for line in plan.lines:
        out(line)
    for warning in plan.warnings:
        note(f"warning: {warning}")
    out(
        "nothing written (--dry-run)"
        if dry_run
        else f"next: judgeaudit label push {_quoted(study)}{' --round pilot' if pilot else ''}"
    )


def push(
    study: Folder = Path(),
    round_: Round = "main",
    url: Url = None,
    token: Token = None,
    raters: Annotated[
        Number,
        typer.Option(
            metavar="N", help="How many people label in all, if more than label one item: repeats then go to each."
        ),
    ] = None,
    resend: Annotated[
        bool,
        typer.Option("--resend", help="Send tasks anew that somebody deleted on the server, or the whole project."),
    ] = False,
    restore_form: Annotated[
        bool, typer.Option("--restore-form", help="Put the study's form back where somebody changed it on the server.")
    ] = False,
) -> None:
    """Safe to run again at any time, after a crash too: the server ends with every task once."""
    from judgeaudit.cli.shared.screen import note, out
    from judgeaudit.study import Study

    with _counting("tasks sent") as progress:
        done = Study(study).label.push(
            round=round_,
            url=url,
            token=token,
            resend=resend,
            restore_form=restore_form,
            raters=raters,
            progress=progress,
        )
    verb = "made" if done.created else "there"
    out(f"project {done.project_id} at {done.url}: {verb}; {done.sent:,} tasks sent, {done.there:,} there already")
    for warning in done.warnings:
        note(f"warning: {warning}")
    if done.raters and done.raters > done.raters_per_item:
        out(f"{done.raters} people label in all: what is shown twice or has a known answer goes to each of them")
    out(f"{done.raters_per_item} people for each item; this link keeps the plan's order:")
    out(f"  {done.url}/projects/{done.project_id}/data?labeling=1")


def pull(
    study: Folder = Path(),
    round_: Annotated[
        Text, typer.Option("--round", metavar="NAME", help="One round (default: all that were pushed).")
    ] = None,
    url: Url = None,
    token: Token = None,
    full: Annotated[bool, typer.Option("--full", help="Look at every task again, not only at what changed.")] = False,
    source: Annotated[
        Path | None, typer.Option("--from", metavar="FILE", help="Read an export of the project instead of the server.")
    ] = None,
) -> None:
    """Names are replaced by pseudonyms before anything is written."""
    from judgeaudit.study import Study

    if source is not None:
        from judgeaudit.cli.studies.importing import show_import
        from judgeaudit.domain.errors import InputError

        if round_ is not None:
            msg = "--round: the tasks of an export know their rounds; leave it away with --from"
            raise InputError(msg)

        show_import(Study(study).import_label_studio(source, of_plan=True), source)
        return
    with _counting("tasks fetched") as progress:
        Study(study).label.pull(round=round_, url=url, token=token, full=full, progress=progress, done=_show_pull)


def watch(
    study: Folder = Path(),
    round_: Annotated[
        Text, typer.Option("--round", metavar="NAME", help="One round (default: all that were pushed).")
    ] = None,
    every: Annotated[float, typer.Option(metavar="SECONDS", help="How often to ask.")] = 30.0,
    url: Url = None,
    token: Token = None,
) -> None:
    """Ends with Ctrl-C; everything that was fetched is on disk."""
    from judgeaudit.cli.shared.screen import note
    from judgeaudit.study import Study

    watching = Study(study).label.watch(round=round_, every=every, url=url, token=token, tell=note)
    note(f"asking every {every:g} s; Ctrl-C ends it")
    for reports in watching:
        for report in reports:
            if report.added or report.retracted:
                _show_pull(report)


def status(
    study: Folder = Path(),
    round_: Round = "main",
    json: Annotated[bool, typer.Option("--json", help="One JSON object.")] = False,
) -> None:
    """From what was pulled; run `label pull` first to see the latest."""
    from judgeaudit.cli.shared.screen import out
    from judgeaudit.study import Study

    done = Study(study).label.status(round=round_)
    if json:
        import json as json_module

        out(json_module.dumps(done.as_dict(), indent=1, allow_nan=False))
        return
    for line in done.lines():
        out(line)


def dispute(
    study: Folder = Path(),
    most: Annotated[
        Number, typer.Option("--most", metavar="N", help="At most so many disputed items, the most disputed first.")
    ] = None,
    judge: Annotated[
        Text,
        typer.Option(
            metavar="NAME", help="Items on which this judge and the people disagree, instead of the people alone."
        ),
    ] = None,
    controls: Annotated[
        float, typer.Option(metavar="SHARE", help="Undisputed items mixed in, as a share of the disputed ones.")
    ] = 0.25,
    seed: Annotated[int, typer.Option(help="Seed of everything random.")] = 1,
    url: Url = None,
    token: Token = None,
    plan_only: Annotated[bool, typer.Option("--plan-only", help="Make the plan; send nothing yet.")] = False,
) -> None:
    """Raters of the second round see neither the first labels nor which items are in dispute."""
    from judgeaudit.cli.shared.screen import note, out
    from judgeaudit.study import Study

    labels = Study(study).label
    plan = labels.dispute(most=most, judge=judge, controls=controls, seed=seed)
    for line in plan.lines:
        out(line)
    for warning in plan.warnings:
        note(f"warning: {warning}")
    if plan_only:
        out(f"next: judgeaudit label push {_quoted(study)} --round {plan.round}")
    else:
        push(study, plan.round, url, token)


def _quoted(study: Path) -> str:
    """The folder as a shell wants it."""
    from shlex import quote

    return quote(str(study))


def _show_pull(report: PullReport) -> None:
    from judgeaudit.cli.shared.screen import note, out

    gone = f", {report.retracted:,} taken back" if report.retracted else ""
    out(f"round {report.round}: {report.changed:,} tasks fetched, {report.added:,} rows added{gone}")
    if report.counts:
        counts = {name: count for name, count in report.counts.items() if name != "tasks"}
        out("  in them: " + ", ".join(f"{count:,} {name.replace('_', ' ')}" for name, count in counts.items()))
    for warning in report.warnings:
        note(f"warning: {warning}")


@contextmanager
def _counting(what: str) -> Iterator[Callable[[int, int], None]]:
    """A bar on a terminal, a line now and then elsewhere; on stderr either way."""
    import sys
    import time

    from judgeaudit.cli.shared.screen import note

    if sys.stderr is not None and sys.stderr.isatty():
        from rich.console import Console
        from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

        columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
        with Progress(*columns, console=Console(stderr=True), transient=True) as bar:
            line = bar.add_task(what, total=None)
            yield lambda done, total: bar.update(line, completed=done, total=total)
        return
    last = time.monotonic()

    def say(done: int, total: int) -> None:
        nonlocal last
        if time.monotonic() - last > 5:
            last = time.monotonic()
            note(f"{what}: {done:,} of {total:,}")

    yield say
