"""What came of running a judge, what a person should know of it, and how a person ends it."""

from __future__ import annotations

import asyncio
import signal
from collections.abc import Callable, Coroutine, Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from typing import Protocol

from judgeaudit.domain.errors import JudgeAuditError, one_line
from judgeaudit.services.honoured import NO_SHARES
from judgeaudit.storage.config.judges import ServiceConfig
from judgeaudit.workflows.judging.build import Judging
from judgeaudit.workflows.judging.calls import Tally

Tell = Callable[[str, Tally], None]
_HALF = 0.5


@dataclass(slots=True, kw_only=True)
class JudgeReport:
    """What came of running one judge. `halted` is why no further call could succeed; `stopped` that a person ended it.

    submitted  batches that this run handed over, with how many calls each
    under_way  calls in batches that have not been fetched
    standings  how those batches stand, in the service's words
    checks     requests that were made to see what a server heeds, beside those of the tally
    check      what it does not heed, a line each
    """

    judge: str
    tally: Tally = field(default_factory=Tally)
    reread: int = 0
    seconds: float = 0.0
    halted: str = ""
    stopped: str = ""
    note: str = ""
    submitted: dict[str, int] = field(default_factory=dict)
    under_way: int = 0
    standings: dict[str, str] = field(default_factory=dict)
    remarks: list[str] = field(default_factory=list)
    warnings: list[str] = field(default_factory=list)
    checks: int = 0
    check: list[str] = field(default_factory=list)

    @property
    def missing(self) -> int:
        """Calls that are still to be made."""
        return max(0, self.tally.total - self.tally.there - self.tally.made - self.under_way)


class Stoppable(Protocol):
    """A report that says whether a person ended the run."""

    stopped: str


Ended = Callable[[JudgeReport], None]


@contextmanager
def told(report: JudgeReport, ended: Ended) -> Iterator[None]:
    """Within it a judge is run. What was made is told where the run ends in an error, too; the error comes after it."""
    try:
        yield
    except JudgeAuditError:
        if report.tally.made:
            ended(report)
        raise
    ended(report)


def until_stopped(work: Coroutine[None, None, None], stop: Callable[[], None], report: Stoppable) -> None:
    """The first Ctrl-C lets replies that are under way come in; the second leaves at once."""

    async def main() -> None:
        loop = asyncio.get_running_loop()
        task = asyncio.current_task()

        def interrupted() -> None:
            if report.stopped and task is not None:
                task.cancel()
            report.stopped = "interrupted"
            stop()

        with suppress(NotImplementedError, RuntimeError, ValueError):  # Windows, or not in the main thread
            loop.add_signal_handler(signal.SIGINT, interrupted)
        await work

    try:
        asyncio.run(main())
    except asyncio.CancelledError:
        raise KeyboardInterrupt from None


def doubts_of(judge: Judging, report: JudgeReport, models: Mapping[str, int]) -> list[str]:
    """What a person should know of the replies before trusting them, and was not told before the run."""
    return [
        *_several_models(models),
        *_no_shares(judge, report),
        *_without_a_label(report.tally),
        *_read_in_part(report.tally),
    ]


def _several_models(models: Mapping[str, int]) -> Iterator[str]:
    if len(models) > 1:
        names = ", ".join(f"{one_line(name)} ({count})" for name, count in models.items())
        yield f"the service answered with several models: {names}; these verdicts are not of one judge"


def _no_shares(judge: Judging, report: JudgeReport) -> Iterator[str]:
    """Where log-probabilities were asked for, and none came, unless the check has said so."""
    section, tally = judge.section, report.tally
    asks = isinstance(section, ServiceConfig) and section.asks_shares
    positive = any(one.positive for ask in judge.asks for one in ask)
    told = any(line.startswith(NO_SHARES) for line in report.check)
    if asks and positive and not told and tally.statuses["answered"] and not tally.with_probability:
        yield "no log-probabilities came back, so verdicts have no probabilities; logprobs = false stops asking for them"


def _without_a_label(tally: Tally) -> Iterator[str]:
    """Each status but answered that a tenth of the verdicts have."""
    total = sum(tally.statuses.values())
    for status in ("unparsed", "refused", "failed"):
        if (count := tally.statuses[status]) and count * 10 >= total:
            why = next((f", most often: {text}" for text, _ in tally.errors.most_common(1)), "")
            yield f"{count} of {total} verdicts are {status}{why}"


def _read_in_part(tally: Tally) -> Iterator[str]:
    """Texts that were cut, probability that was on no label, and calls without a price."""
    if tally.cut:
        total = sum(tally.statuses.values())
        yield f"{tally.cut} of {total} texts were too long for the model and were read without their middle"
    if tally.masses and tally.mass < _HALF * tally.masses:
        share = f"{tally.mass / tally.masses:.0%}"
        yield f"on average {share} of the model's probability was on labels: it would rather say something else"
    if tally.unpriced:
        yield f"what {tally.unpriced} calls cost is not known: no price for this model; give it as price in its section"
