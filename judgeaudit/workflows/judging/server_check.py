"""Before a judge's first call to a compatible server: one small request with its very parameters, and what came of them."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from judgeaudit.judges.prompts.rubric import Rubric
from judgeaudit.services.honoured import checking
from judgeaudit.services.messages import HaltError, Reply, Request, StrangeError
from judgeaudit.services.runner import Call, Done, Run
from judgeaudit.storage.config.judges import ServiceConfig
from judgeaudit.storage.ledger.calls import Ledger
from judgeaudit.storage.ledger.checks import CheckRow, check_of, keep_check
from judgeaudit.workflows.judging.build import Judging
from judgeaudit.workflows.judging.calls import price_of
from judgeaudit.workflows.judging.connect import pace_of
from judgeaudit.workflows.judging.report import JudgeReport, until_stopped

if TYPE_CHECKING:
    from judgeaudit.services.protocol import Service

#: what a person should read before a run goes on: the judge, and a line
Say = Callable[[str, str], None]


def left_aside(calls: int) -> str:
    """What is said of a judge that was changed, before it is asked anew."""
    return f"it was changed: {calls:,} calls that were made before that are left aside"


def say_left_aside(judge: Judging, ledger: Ledger, say: Say) -> None:
    """Says so where there are such calls; the judge is about to be asked anew."""
    if earlier := ledger.earlier(judge.name, judge.fingerprint):
        say(judge.name, left_aside(earlier))


def is_checked(judge: Judging) -> bool:
    """Whether the judge is asked through a server that may leave out what it is asked for."""
    section = judge.section
    return isinstance(section, ServiceConfig) and section.provider.checks(section.keys, section.base_url)


def check_is_due(judge: Judging, ledger: Ledger | None) -> bool:
    """Whether a run of the judge would begin with the small request."""
    return is_checked(judge) and (ledger is None or check_of(ledger, judge.fingerprint) is None)


def check_request(judge: Judging) -> Request:
    """The small request, with the form in which the judge's first question is answered."""
    prompt = judge.prompt
    return checking(prompt.schema(judge.asks[0][0]) if isinstance(prompt, Rubric) and prompt.structured else None)


def check_server(
    judge: Judging, ledger: Ledger, service: Service, report: JudgeReport, say: Say, *, again: bool = False
) -> None:
    """Says a line for each thing that the server does not heed; a server is asked once for each judge, or `again`.

    A server that cannot be asked at all, or whose answer is none of the protocol, halts the run. One that does not
    answer this time is asked again by the next run, and ends one that was to do nothing else (`again`).
    """
    section = judge.section
    if not isinstance(section, ServiceConfig) or not is_checked(judge):
        return
    there = None if again else check_of(ledger, judge.fingerprint)
    known = there or _asked(judge, service, report, say)
    if known is None:
        if again and report.check and not (report.halted or report.stopped):
            report.halted = f"{service.name} {report.check.pop()}"
        return
    reply = service.read(known.raw)
    if there is None:
        cost = price_of(judge, reply)
        report.tally.cost += cost or 0.0
        keep_check(ledger, replace(known, cost_usd=cost))
    for line in section.provider.shortfalls(service, check_request(judge), reply):
        report.check.append(line)
        say(judge.name, f"{service.name} {line}")


@dataclass(frozen=True, slots=True)
class _Strict:
    """A server of which it is asked whether it speaks the protocol at all: another answer ends the run."""

    server: Service

    @property
    def name(self) -> str:
        return self.server.name

    async def send(self, request: Request) -> str:
        try:
            return await self.server.send(request)
        except StrangeError as error:
            msg = f"{self.server.name} does not answer as OpenAI's protocol has it ({error.why}); see base_url and api"
            raise HaltError(msg) from error

    def read(self, raw: str) -> Reply:
        return self.server.read(raw)

    async def close(self) -> None:
        await self.server.close()


def _asked(judge: Judging, service: Service, report: JudgeReport, say: Say) -> CheckRow | None:
    """The server's answer, asked for as patiently as any call; None where there is none."""
    kept: list[Done] = []
    run = Run(service=_Strict(service), keep=kept.append, pace=replace(pace_of(judge), in_flight=1))
    call = Call(key="", item_id="", item_sha256="", asked=(), request=check_request(judge))
    until_stopped(run.through(iter([call])), run.stop, report)
    report.halted = run.halted
    report.checks += 1
    for done in kept:
        if done.outcome == "reply":
            return CheckRow(fingerprint=judge.fingerprint, checked_at=done.judged_at, raw=done.raw)
        report.check.append(f"does not answer the small request that checks it: {done.error}")
        say(judge.name, f"{service.name} {report.check[-1]}")
    return None
