"""Running a study's judges: only what is missing, and nothing that arrived is lost."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, datetime
from itertools import chain, islice
from pathlib import Path
from typing import TYPE_CHECKING

from judgeaudit.domain.errors import InputError, one_line
from judgeaudit.domain.output import Order, Output
from judgeaudit.judges.protocol import in_order
from judgeaudit.services.runner import Done, Run
from judgeaudit.storage.config.judges import ServiceConfig, TransformersConfig
from judgeaudit.storage.files.study_files import LEDGER
from judgeaudit.storage.identity.judge import ask_sha256
from judgeaudit.storage.ledger.calls import Ledger
from judgeaudit.storage.ledger.rows import CallRow, VerdictRow
from judgeaudit.workflows.judging.batch_run import not_under_way
from judgeaudit.workflows.judging.batches import Batching, judge_in_batches, refuse_unbatchable
from judgeaudit.workflows.judging.build import Judging, judging
from judgeaudit.workflows.judging.calls import (
    PART,
    Keeper,
    Tally,
    Wanted,
    as_call,
    read_one,
    reply_of,
    verdict_row,
    wanted,
)
from judgeaudit.workflows.judging.connect import local_judge, pace_of, reader_of, service_of
from judgeaudit.workflows.judging.kinds import kind_of
from judgeaudit.workflows.judging.local_models import judge_with_model
from judgeaudit.workflows.judging.refusals import chosen, ready, refuse_unpriced
from judgeaudit.workflows.judging.report import Ended, JudgeReport, Tell, doubts_of, told, until_stopped
from judgeaudit.workflows.judging.server_check import Say, check_server, is_checked, say_left_aside

if TYPE_CHECKING:
    from judgeaudit.domain.verdict import Verdict
    from judgeaudit.judges.protocol import Judge
    from judgeaudit.storage.files.rows_by_id import RowsById
    from judgeaudit.workflows.judging.build import Judging
    from judgeaudit.workflows.judging.calls import Tally, Wanted


#: the calls of a judge that a ledger lacks
Missing = Callable[[Ledger, Tally], Iterator[Wanted]]
#: what is done with them instead of calling
Instead = Callable[[Ledger], None]


def run_judges(
    folder: Path,
    names: Sequence[str] = (),
    *,
    max_cost: float | None = None,
    limit: int | None = None,
    batch: Batching | None = None,
    tell: Tell = lambda name, tally: None,
    say: Say = lambda name, line: None,
    ended: Ended = lambda report: None,
) -> list[JudgeReport]:
    """Runs the judges one after another. `limit` is how many items, from the first on; `max_cost` in US dollars for all.

    With `batch` services get their calls in batches; judges of other kinds run as always. `say` is given what should be
    read before a judge's run goes on; `ended` the report of each judge before the next one's turn.
    """
    from judgeaudit.storage.config.read import read_study

    config, outputs = read_study(folder), study_outputs(folder)
    judges = ready(config, folder, names, outputs.columns)
    if batch is not None:
        refuse_unbatchable(judges, max_cost)
    if max_cost is not None:
        refuse_unpriced(folder, judges, lambda judge, ledger: wanted(judge, outputs, ledger, Tally()))
    reports = []
    for judge in judges:
        report = JudgeReport(judge=judge.name)
        reports.append(report)
        if (made := kind_of(judge.section).made) is not None:
            report.note = f"{made(judge.section)}: nothing to run"
            ended(report)
            continue
        with told(report, ended):
            run_calls(
                folder,
                judge,
                _missing(judge, outputs, report, limit),
                report,
                max_cost=left_of(max_cost, reports),
                tell=tell,
                say=say,
                instead=None if batch is None else _in_batches(judge, outputs, report, batch, limit, tell, say),
            )
        if report.stopped:
            break
    return reports


def left_of(max_cost: float | None, reports: Sequence[JudgeReport]) -> float | None:
    """What may still be spent; None where there is no limit."""
    return None if max_cost is None else max(0.0, max_cost - sum(one.tally.cost for one in reports))


def _missing(judge: Judging, outputs: RowsById, report: JudgeReport, limit: int | None) -> Missing:
    def missing(ledger: Ledger, tally: Tally) -> Iterator[Wanted]:
        calls = not_under_way(wanted(judge, outputs, ledger, tally), ledger, report)
        return calls if limit is None else islice(calls, limit * judge.calls_per_item)

    return missing


def _in_batches(
    judge: Judging, outputs: RowsById, report: JudgeReport, batch: Batching, limit: int | None, tell: Tell, say: Say
) -> Instead | None:
    """Batches are for services; judges of other kinds run as always."""
    if not isinstance(judge.section, ServiceConfig):
        return None

    def instead(ledger: Ledger) -> None:
        free = not_under_way(wanted(judge, outputs, ledger, Tally()), ledger, JudgeReport(judge=judge.name))
        if next(free, None) is not None:
            say_left_aside(judge, ledger, say)
            check_server(judge, ledger, service_of(judge), report, say)
        if report.halted or report.stopped:
            return
        judge_in_batches(judge, outputs, ledger, report, batch=batch, limit=limit, tell=tell)

    return instead


def reparse(folder: Path, names: Sequence[str] = ()) -> list[JudgeReport]:
    """Reads the stored replies again, as study.toml says now. No call is made."""
    from judgeaudit.storage.config.read import read_study

    config = read_study(folder)
    outputs = study_outputs(folder)
    reports = []
    for name in chosen(config, names):
        if kind_of(config.judges[name]).reader is None:
            continue
        judge = judging(config, folder, name, outputs.columns)
        with Ledger(folder / LEDGER, write=True) as ledger:
            reports.append(JudgeReport(judge=name, reread=_reread(judge, ledger)))
    return reports


def study_outputs(folder: Path) -> RowsById:
    """The study's outputs, read from disk as they are asked for."""
    from judgeaudit.storage.files.rows_by_id import RowsById
    from judgeaudit.storage.files.study_files import find_table
    from judgeaudit.storage.study.outputs import outputs_of

    file = find_table(folder, "outputs")
    return RowsById(file, None, needed=("item_id", "response"), whole=lambda: outputs_of(folder))


def run_calls(
    folder: Path,
    judge: Judging,
    missing_in: Missing,
    report: JudgeReport,
    *,
    max_cost: float | None,
    tell: Tell,
    say: Say,
    instead: Instead | None = None,
) -> None:
    """Asks the judge for those of its calls that are missing in the ledger; the report says what came of it."""
    started = time.monotonic()
    with _alone(folder, judge) as ledger:
        report.reread = _reread_if_changed(judge, ledger)
        if instead is not None:
            instead(ledger)
            report.seconds = time.monotonic() - started
            return
        missing = missing_in(ledger, report.tally)
        if (first := next(missing, None)) is not None:
            say_left_aside(judge, ledger, say)
            missing = chain((first,), missing)
        if isinstance(judge.section, ServiceConfig):
            _through_service(judge, ledger, missing, report, max_cost=max_cost, tell=tell, say=say)
        elif isinstance(judge.section, TransformersConfig):
            judge_with_model(folder, judge, ledger, missing, report.tally, tell)
            report.warnings += doubts_of(judge, report, {})
        else:
            judge_here(folder, judge, ledger, missing, report.tally, tell)
            report.warnings += doubts_of(judge, report, {})
    report.seconds = time.monotonic() - started


def check_judges(folder: Path, names: Sequence[str] = ()) -> list[JudgeReport]:
    """Asks the servers of the judges what they heed, whether they were asked before or not; no verdict is made."""
    from judgeaudit.storage.config.read import read_study

    config, reports = read_study(folder), []
    columns = study_outputs(folder).columns
    for name in chosen(config, names):
        judge, report = judging(config, folder, name, columns), JudgeReport(judge=name)
        reports.append(report)
        if not is_checked(judge):
            report.note = "nothing to check: it is asked through no compatible server, or check = false"
            continue
        with _alone(folder, judge) as ledger:
            check_server(judge, ledger, service_of(judge), report, lambda name, line: None, again=True)
        if report.stopped:
            break
    return reports


@contextmanager
def _alone(folder: Path, judge: Judging) -> Iterator[Ledger]:
    """The ledger, which knows the judge, while no other command runs it."""
    from judgeaudit.storage.labelling.locks import locked

    what = f"{folder}: judge '{one_line(judge.name)}' is being run by another command, which"
    with locked(folder / f".judge-{judge.fingerprint[:12]}.lock", what), Ledger(folder / LEDGER, write=True) as ledger:
        now = datetime.now(UTC).isoformat(timespec="seconds")
        ledger.knows(judge=judge.name, fingerprint=judge.fingerprint, identity=judge.identity, now=now)
        yield ledger


def _through_service(
    judge: Judging,
    ledger: Ledger,
    missing: Iterator[Wanted],
    report: JudgeReport,
    *,
    max_cost: float | None,
    tell: Tell,
    say: Say,
) -> None:
    """Calls over the network, until they are all made, a person stops them, or the money is spent."""
    first = next(missing, None)
    if first is None:
        return
    service = service_of(judge)
    check_server(judge, ledger, service, report, say)
    if report.checks and max_cost is not None and report.tally.cost >= max_cost:
        report.stopped = report.stopped or f"--max-cost {max_cost:g} is reached"
    if report.halted or report.stopped:
        return
    keeper = Keeper(judge=judge, service=service, ledger=ledger, tally=report.tally)
    run = Run(service=service, keep=lambda done: kept(done), pace=pace_of(judge))

    def kept(done: Done) -> None:
        keeper.keep(done)
        tell(judge.name, report.tally)
        if max_cost is not None and report.tally.cost >= max_cost and not run.stopped:
            report.stopped = f"--max-cost {max_cost:g} is reached"
            run.stop()
        if max_cost is not None and report.tally.unpriced and not run.stopped:
            report.stopped = "the price of its model is not known, so --max-cost cannot be kept; give it as price"
            run.stop()

    def calls() -> Iterator[Wanted]:
        yield first
        yield from missing

    through = run.through(as_call(judge, one) for one in calls())
    until_stopped(through, run.stop, report)
    report.halted = run.halted
    report.warnings += doubts_of(judge, report, ledger.models(judge.fingerprint))


def _reread_if_changed(judge: Judging, ledger: Ledger) -> int:
    """Stored replies are read again where `parse` or `map` changed, for they cost nothing."""
    unread = set(ledger.readings(judge.fingerprint)) - {judge.reading}
    return _reread(judge, ledger) if unread and kind_of(judge.section).reader is not None else 0


def _reread(judge: Judging, ledger: Ledger) -> int:
    """How many verdicts are others now."""
    service, asks = reader_of(judge), {ask_sha256(ask): ask for ask in judge.asks}
    changed, calls = 0, ledger.calls(judge.fingerprint, replies=True)
    while part := list(islice(calls, PART)):
        found = []
        for call in part:
            reply, error = reply_of(service, call.raw)
            order: Order = "ba" if call.ord == "ba" else "ab"
            read = {one.name: read_one(reply, error, one, judge, order) for one in asks.get(call.ask_sha256, ())}
            found.append((call.key, [verdict_row(name, judge.reading, one) for name, one in read.items()]))
        changed += ledger.reread(found)
    ledger.mark_read(judge.fingerprint, judge.reading)
    return changed


# Judges that run in this process: what they gave is in the ledger before they are asked again.


Found = tuple[CallRow, Sequence[VerdictRow]]


def judge_here(
    folder: Path,
    judge: Judging,
    ledger: Ledger,
    missing: Iterator[Wanted],
    tally: Tally,
    tell: Callable[[str, Tally], None],
) -> None:
    """Asks the judge for what is missing. A function of yours that takes one item gets one at a time."""
    local = local_judge(judge, folder)
    at_once = kind_of(judge.section).at_once(judge.section)
    while part := list(islice(missing, at_once)):
        started = time.monotonic()
        groups: dict[tuple[str, int, str, str], list[Wanted]] = {}
        for one in part:  # an item comes once in what a judge is given at a time
            groups.setdefault((one.ask[0].name, one.run, one.order, one.edit), []).append(one)
        found = [row for group in groups.values() for row in _judged(judge, local, group)]
        seconds = round((time.monotonic() - started) / len(part), 6)
        ledger.add_many([(replace(call, seconds=call.seconds or seconds), rows) for call, rows in found])
        tally.made += len(part)
        for _, rows in found:
            tally.statuses.update(one.status for one in rows)
            tally.errors.update(one.error for one in rows if one.error)
        tell(judge.name, tally)


def _judged(judge: Judging, local: Judge, group: Sequence[Wanted]) -> list[Found]:
    """The rows of calls about one question, in one run and order."""
    question = group[0].ask[0]
    outputs = [_shown(one) for one in group]
    verdicts = list(local.judge(outputs, question))
    if wrong := in_order(judge.name, question, outputs, verdicts):
        raise InputError(wrong)
    now = datetime.now(UTC).isoformat(timespec="milliseconds")
    return [
        (_call(judge, one, verdict, now), [_row(judge, one, verdict)])
        for one, verdict in zip(group, verdicts, strict=True)
    ]


def _shown(one: Wanted) -> Output:
    """The output as the judge sees it: in order ba the two responses change sides."""
    if one.order == "ab":
        return one.output
    return replace(one.output, response=one.output.response_b or "", response_b=one.output.response)


def _call(judge: Judging, one: Wanted, verdict: Verdict, now: str) -> CallRow:
    return CallRow(
        key=one.key,
        fingerprint=judge.fingerprint,
        ask_sha256=ask_sha256(one.ask),
        item_id=one.item_id,
        item_sha256=one.item_sha256,
        run=one.run,
        ord=one.order,
        outcome="passing" if verdict.status == "failed" else "reply",  # what was raised may not be raised again
        raw="",
        judged_at=now,
        reply=verdict.reply,
        model=verdict.model,
        input_tokens=verdict.input_tokens,
        output_tokens=verdict.output_tokens,
        cost_usd=verdict.cost_usd,
        seconds=verdict.seconds,
        attempts=1,
    )


def _row(judge: Judging, one: Wanted, verdict: Verdict) -> VerdictRow:
    question, label = one.ask[0], verdict.label
    if label is not None and one.order == "ba":
        label = question.swapped(label)
    return VerdictRow(
        question=question.name,
        status=verdict.status,
        reading=judge.reading,
        label=label,
        probability=verdict.probability,
        probability_from=verdict.probability_from,
        label_mass=verdict.label_mass,
        confidence=verdict.confidence,
        reason=verdict.reason,
        error=verdict.error,
    )
