"""Judging in batches: submit the missing calls, leave, come back, merge. Nothing is bought twice, whenever it is cut off."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from judgeaudit.domain.errors import InputError, one_line
from judgeaudit.storage.files.study_files import LEDGER
from judgeaudit.storage.ledger.batches import drop, of_changed
from judgeaudit.storage.ledger.calls import Ledger
from judgeaudit.workflows.judging.batch_run import BatchRun
from judgeaudit.workflows.judging.build import Judging
from judgeaudit.workflows.judging.connect import batches_of, refuse_no_batches
from judgeaudit.workflows.judging.report import JudgeReport, Tell, doubts_of, until_stopped

if TYPE_CHECKING:
    from judgeaudit.storage.files.rows_by_id import RowsById


@dataclass(frozen=True, slots=True, kw_only=True)
class Batching:
    """How batches are run: `wait` until all have ended, or come back later."""

    wait: bool = False


def refuse_unbatchable(judges: Iterable[Judging], max_cost: float | None) -> None:
    """Before anything is sent: each of the judges takes batches, and nothing is asked that batches cannot keep."""
    if max_cost is not None:
        msg = "--max-cost cannot be kept with --batch: a batch is paid for as a whole; see --estimate --batch, and use --limit"
        raise InputError(msg)
    for judge in judges:
        refuse_no_batches(judge)


def drop_batch(folder: Path, name: str) -> int:
    """A batch that never will be fetched is forgotten; how many calls are missing again."""
    Ledger(folder / LEDGER).close()  # where there is none, none is made
    with Ledger(folder / LEDGER, write=True) as ledger:
        found, others = drop(ledger, name)
    if found is None:
        listed = ", ".join(map(one_line, others)) or "none"
        msg = f"{folder}: no batch {one_line(name)!r} is under way; under way are: {listed}"
        raise InputError(msg)
    return found


def judge_in_batches(
    judge: Judging,
    outputs: RowsById,
    ledger: Ledger,
    report: JudgeReport,
    *,
    batch: Batching,
    limit: int | None,
    tell: Tell,
) -> None:
    """One run of a judge: fetches what has ended, submits what is missing, and with `wait` goes on until nothing is."""
    run = BatchRun(
        judge=judge,
        outputs=outputs,
        ledger=ledger,
        report=report,
        service=batches_of(judge),
        most=None if limit is None else limit * judge.calls_per_item,
        wait=batch.wait,
        tell=tell,
    )
    until_stopped(run.through(), run.stop, report)
    if left := of_changed(ledger, judge.name, judge.fingerprint):
        report.warnings.append(
            f"under way for this judge as it was before it was changed: {', '.join(map(one_line, left))}; what they bring is "
            "fetched once it is as it was, and --drop-batch forgets them"
        )
    if report.tally.cost and run.section.price is not None:
        report.remarks.append("its section's own price is taken in full; services ask less for batches")
    report.warnings += doubts_of(judge, report, ledger.models(judge.fingerprint))
