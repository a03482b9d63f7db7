"""`judgeaudit judge`: runs judges, prices them, reads replies again, and hands verdicts out."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Optional

import typer

from judgeaudit.cli.shared.arguments import Folder
from judgeaudit.domain.errors import InputError, JudgeAuditError

if TYPE_CHECKING:
    from judgeaudit.study import Study
    from judgeaudit.workflows.judging.estimate import Estimated
    from judgeaudit.workflows.judging.report import JudgeReport

Judges = Annotated[
    Optional[list[str]],  # noqa: UP045 - typer reads it
    typer.Option("--judge", metavar="NAME", help="Only this judge of study.toml; may be given several times."),
]
MaxCost = Annotated[
    Optional[float],  # noqa: UP045
    typer.Option("--max-cost", metavar="USD", min=0, help="Begin no further call once so much is spent."),
]
Estimate = Annotated[bool, typer.Option("--estimate", help="Say what it would cost; send nothing.")]
_Limit = Annotated[
    Optional[int],  # noqa: UP045
    typer.Option("--limit", metavar="N", min=1, help="Only the first N items that lack a verdict."),
]
_Batch = Annotated[
    bool,
    typer.Option("--batch", help="Hand calls to services in batches, at about half the price; run again to fetch."),
]
_Wait = Annotated[bool, typer.Option("--wait", help="With --batch: stay until every batch has ended.")]
_DropBatch = Annotated[
    Optional[str],  # noqa: UP045
    typer.Option("--drop-batch", metavar="ID", help="Forget a batch that the service has no more."),
]
_Check = Annotated[
    bool,
    typer.Option("--check", help="Ask compatible servers, with one small request each, what they heed; no verdict."),
]
_Reparse = Annotated[
    bool, typer.Option("--reparse", help="Read the stored replies again, as study.toml says now; no call is made.")
]
_Export = Annotated[
    Optional[Path],  # noqa: UP045
    typer.Option("--export", metavar="FILE", help="Write the ledger's verdicts to .jsonl, .csv or .parquet."),
]


#: what does one thing by itself -> the flags that it heeds
_ALONE: dict[str, tuple[str, ...]] = {
    "--estimate": ("--judge", "--batch"),
    "--export": ("--judge",),
    "--drop-batch": (),
    "--check": ("--judge",),
    "--reparse": ("--judge",),
}


def refuse_without_effect(given: Sequence[str], alone: Mapping[str, Sequence[str]] = _ALONE) -> None:
    """A flag that has no effect beside another one is refused: whoever gave it meant something by it."""
    for flag, heeded in alone.items():
        idle = [other for other in given if other not in (flag, *heeded)]
        if flag in given and idle:
            msg = f"{flag} does nothing with {', '.join(idle)}; give one or the other"
            raise InputError(msg)


def judge(
    study: Folder = Path(),
    name: Judges = None,
    estimate: Estimate = False,
    max_cost: MaxCost = None,
    limit: _Limit = None,
    batch: _Batch = False,
    wait: _Wait = False,
    drop_batch: _DropBatch = None,
    check: _Check = False,
    reparse: _Reparse = False,
    export: _Export = None,
) -> None:
    """Only calls that are missing are made; the same command goes on after any interruption."""
    from judgeaudit.cli.shared.screen import out
    from judgeaudit.study import Study

    names, asked = tuple(name or ()), Study(study)
    given = {"--judge": bool(names), "--max-cost": max_cost is not None, "--limit": limit is not None}
    given |= {"--batch": batch, "--wait": wait, "--estimate": estimate, "--export": export is not None}
    given |= {"--drop-batch": drop_batch is not None, "--check": check, "--reparse": reparse}
    refuse_without_effect([flag for flag, is_given in given.items() if is_given])
    if estimate:
        for line in lines_of_estimate(asked.estimate(*names, batch=batch)):
            out(line)
    elif export is not None:
        out(f"{export}: {asked.export_verdicts(export, *names):,} verdicts")
    elif drop_batch is not None:
        out(f"{asked.drop_batch(drop_batch):,} calls are missing again")
    elif check:
        _check(asked.check(*names))
    elif reparse:
        for one in asked.reparse(*names):
            out(f"{one.judge}: replies read again, {one.reread:,} verdicts changed")
    else:
        _run(asked, names, max_cost=max_cost, limit=limit, batch=batch, wait=wait)


def _run(
    study: Study, names: Sequence[str], *, max_cost: float | None, limit: int | None, batch: bool, wait: bool
) -> None:
    """Makes the missing calls, and says of each judge what came of it."""
    from judgeaudit.cli.judging.progress import progress
    from judgeaudit.services.runner import keep_retries_to_themselves

    keep_retries_to_themselves()
    reports: list[JudgeReport] = []
    with halts_told(reports), progress() as shown:

        def ended(report: JudgeReport) -> None:
            shown.end(report.judge)
            reports.append(report)
            say_run(report, batch=batch)

        study.judge(
            *names,
            max_cost=max_cost,
            limit=limit,
            batch=batch,
            wait=wait,
            tell=shown.tell,
            say=warned,
            ended=ended,
        )
    exit_as(reports)


def warned(judge: str, line: str) -> None:
    """What should be read before a run goes on."""
    from judgeaudit.cli.shared.screen import note

    note(f"warning: {judge}: {line}")


def _check(reports: list[JudgeReport]) -> None:
    """What each server does not heed, and whether one cannot be asked."""
    from judgeaudit.cli.shared.screen import out

    for report in reports:
        fine = [] if report.halted or report.stopped else ["heeds what it was asked for, as far as that can be seen"]
        for line in [report.note] if report.note else [f"its server {line}" for line in report.check or fine]:
            out(f"{report.judge}: {line}")
    exit_as(reports)


def say_run(report: JudgeReport, *, alone: bool = False, batch: bool = False) -> None:
    """One line for a judge that has ended, and its warnings. `alone`: stdout is for something else."""
    from judgeaudit.cli.shared.screen import flush, note, out

    (note if alone else out)(_line(report))
    for line in _batches(report, batch=batch):
        (note if alone else out)(line)
    flush()
    for warning in report.warnings:
        note(f"warning: {report.judge}: {warning}")


@contextmanager
def halts_told(reports: list[JudgeReport]) -> Iterator[None]:
    """An error of a later judge comes last, and hides no reason why an earlier one ended before its time."""
    from judgeaudit.cli.shared.screen import note

    try:
        yield
    except JudgeAuditError:
        for one in reports:
            if one.halted:
                note(f"judgeaudit: {_halt(one)}")
        raise


def _halt(report: JudgeReport) -> str:
    return f"{report.judge}: {report.halted}; {report.tally.made:,} new verdicts are saved, the same command goes on"


def exit_as(reports: list[JudgeReport]) -> None:
    """The exit code, and why a run ended before its time."""
    from judgeaudit.cli.shared.screen import note
    from judgeaudit.domain.errors import OutsideError, StoppedError

    halted = next((one for one in reports if one.halted), None)
    if halted is not None:
        raise OutsideError(_halt(halted))
    stopped = next((one for one in reports if one.stopped), None)
    if stopped is not None:
        msg = f"{stopped.judge}: {stopped.stopped}; what arrived is saved, the same command goes on"
        if stopped.stopped == "interrupted":
            raise StoppedError(msg)
        note(f"judgeaudit: {msg}")


def _line(report: JudgeReport) -> str:
    if report.note:
        return f"{report.judge}: {report.note}"
    tally = report.tally
    parts = [f"{tally.made:,} calls made", f"{tally.there:,} there already"]
    if report.checks:
        parts.append("1 more to see what the server heeds")
    if report.under_way:
        parts.append(f"{report.under_way:,} under way in batches")
    if report.missing:
        parts.append(f"{report.missing:,} still missing")
    parts += [f"{count:,} {status}" for status, count in tally.statuses.most_common()]
    if report.reread:
        parts.append(f"{report.reread:,} verdicts changed by reading replies again")
    if tally.cost:
        parts.append(
            f"US$ {tally.cost:.4f}" + (f" and {tally.unpriced:,} calls of unknown price" if tally.unpriced else "")
        )
    return f"{report.judge}: {', '.join(parts)}"


def _batches(report: JudgeReport, *, batch: bool) -> Iterator[str]:
    """What was submitted, how each batch stands, and how to come back."""
    if report.submitted:
        yield f"  {sum(report.submitted.values()):,} calls submitted in {len(report.submitted):,} batches"
    for name, standing in report.standings.items():
        yield f"  batch {name}: {standing}"
    for remark in report.remarks:
        yield f"  {remark}"
    if report.under_way:
        yield f"  to fetch them: {'the same command' if batch else 'this command with --batch'}; a batch may take a day"


def lines_of_estimate(found: list[Estimated]) -> Iterator[str]:
    """A line or a few for each judge: how many calls, how many tokens, what they cost."""
    for one in found:
        if one.note:
            yield f"{one.judge}: {one.note}"
            continue
        if not one.calls:
            yield f"{one.judge}: nothing to call, {one.there:,} there already"
            yield from _standing(one)
            continue
        if one.input_tokens is None:
            yield f"{one.judge}: {one.calls:,} verdicts to make here, {one.there:,} there already; nothing is paid for"
            yield from _left_aside(one)
            continue
        yield (
            f"{one.judge}: {one.calls:,} calls to make, {one.there:,} there already; about {one.input_tokens:,} tokens to "
            f"send and {one.output_tokens:,} to get ({'as its replies so far' if one.measured else 'a guess'})"
        )
        yield from _left_aside(one)
        if one.check:
            yield "  and one small request before them, to see what the server heeds"
        if one.cost_usd is None or one.most_usd is None:
            yield "  price unknown: give it in its section, as in price = { input = 0.1, output = 0.4 } (US$ a million tokens)"
        else:
            as_batch = {None: "", True: " in batches", False: ", at its section's own price in full"}[one.halved]
            most = f"at most US$ {one.most_usd:.4f} if every answer is as long as it may be"
            yield f"  about US$ {one.cost_usd:.4f}{as_batch}, {most}"
        yield from _standing(one)
    total = sum(one.cost_usd or 0 for one in found)
    if sum(one.cost_usd is not None and one.calls > 0 for one in found) > 1:
        yield f"together about US$ {total:.4f}"


def _left_aside(one: Estimated) -> Iterator[str]:
    from judgeaudit.workflows.judging.server_check import left_aside

    if one.earlier:
        yield f"  {left_aside(one.earlier)}"


def _standing(one: Estimated) -> Iterator[str]:
    """What is under way and what was spent."""
    if one.under_way:
        yield f"  {one.under_way:,} more are under way in batches"
    if one.spent_usd:
        yield f"  US$ {one.spent_usd:.4f} spent so far"
