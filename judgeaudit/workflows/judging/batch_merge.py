"""Merging a batch that has ended: each result becomes what a single call's reply would have become."""

from __future__ import annotations

from collections import Counter
from contextlib import aclosing
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Literal

from judgeaudit.domain.errors import one_line
from judgeaudit.domain.output import Asked, Order
from judgeaudit.services.batching import Failure, Result, Standing
from judgeaudit.services.messages import HaltError, RejectedError
from judgeaudit.services.runner import Done
from judgeaudit.storage.identity.judge import ask_sha256
from judgeaudit.storage.ledger.batches import BatchBook, BatchCall, BatchRow
from judgeaudit.workflows.judging.calls import Keeper
from judgeaudit.workflows.judging.report import JudgeReport, Tell

if TYPE_CHECKING:
    from judgeaudit.services.batching import BatchService


@dataclass(frozen=True, slots=True, kw_only=True)
class _Noted:
    """A call as it was noted when it was submitted: its prompt is gone, its fingerprint is there."""

    key: str
    item_id: str
    item_sha256: str
    asked: tuple[Asked, ...]
    run: int
    order: Order
    prompt_sha256: str


@dataclass(slots=True, kw_only=True)
class Merge:
    """One batch on its way into the ledger.

    again   why calls will be asked again, with how many for each reason
    strays  results that belong to no call, with how many for each reason
    lost    calls that the service says it has done and has no result for
    """

    keeper: Keeper
    book: BatchBook
    row: BatchRow
    standing: Standing
    report: JudgeReport
    tell: Tell
    again: Counter[str] = field(default_factory=Counter)
    strays: Counter[str] = field(default_factory=Counter)
    lost: set[str] = field(default_factory=set)
    _seen: set[str] = field(default_factory=set)
    _asks: dict[str, tuple[Asked, ...]] = field(default_factory=dict)

    async def through(self, service: BatchService) -> None:
        """Every result is in the ledger before the batch counts as merged; what is there already is not written again."""
        self._asks = {ask_sha256(ask): ask for ask in self.keeper.judge.asks}
        calls = self.book.calls(self.row.tag)
        there = self.keeper.ledger.final(list(calls))
        async with aclosing(service.results(self.standing)) as results:
            async for one in results:
                call = self._call_of(one, calls)
                if one is not None and call is not None and call.key not in there:
                    self._result(call, one)
        rest = {key: call for key, call in calls.items() if key not in self._seen}
        if rest and self.standing.refused:
            self._refused(rest)
        else:
            self._without_result(set(rest))
        self.book.merged(self.row.tag, datetime.now(UTC).isoformat(timespec="milliseconds"))
        self._say()

    def _call_of(self, one: Result | None, calls: dict[str, BatchCall]) -> BatchCall | None:
        """The call that a result is of. What belongs to none is counted, and so is a second result of one call."""
        if one is None:
            self.strays["have no custom id"] += 1
        elif one.custom_id not in calls:
            self.strays["have an unknown custom id"] += 1
        elif one.custom_id in self._seen:
            self.strays["are a second result of one call"] += 1
        else:
            self._seen.add(one.custom_id)
            return calls[one.custom_id]
        return None

    def _result(self, call: BatchCall, one: Result) -> None:
        if one.lacking:
            self.again[one.lacking] += 1
        elif one.failure is not None:
            self._failed(call, one.failure)
        else:
            self._keep(call, "reply", one.raw)

    def _failed(self, call: BatchCall, failure: Failure) -> None:
        """What no attempt mends is the item's; what would befall every call ends the run; the rest is asked again."""
        if isinstance(failure, RejectedError):
            self._keep(call, "rejected", failure.raw, error=str(failure), refused=failure.refused)
        elif isinstance(failure, HaltError):
            self.report.halted = self.report.halted or str(failure)
        else:
            self.again[f"failed: {failure}"] += 1

    def _refused(self, calls: dict[str, BatchCall]) -> None:
        """The service took no call of it. Those that it names have failed, the others are asked again."""
        by_line = {call.line: call for call in calls.values()}
        named = set()
        for line, failure in self.standing.refused:
            call = by_line.get(line) if line is not None else None
            if call is None:
                msg = f"batch {one_line(self.row.batch or '')} was not taken: {failure}"
                self.report.halted = self.report.halted or msg
            elif call.key not in named:
                named.add(call.key)
                self._failed(call, failure)
        if others := len(calls) - len(named):
            self.again["stood in a batch that was not taken"] += others

    def _without_result(self, keys: set[str]) -> None:
        if keys and self.standing.lacking:
            self.again[self.standing.lacking] += len(keys)
        else:
            self.lost |= keys

    def _keep(
        self,
        call: BatchCall,
        outcome: Literal["reply", "rejected"],
        raw: str,
        *,
        error: str | None = None,
        refused: bool = False,
    ) -> None:
        noted = _Noted(
            key=call.key,
            item_id=call.item_id,
            item_sha256=call.item_sha256,
            asked=self._asks.get(call.ask_sha256, ()),
            run=call.run,
            order="ba" if call.ord == "ba" else "ab",
            prompt_sha256=call.prompt_sha256,
        )
        self.keeper.keep(
            Done(
                call=noted,
                outcome=outcome,
                raw=raw,
                seconds=None,
                attempts=1,
                judged_at=self.standing.ended_at or datetime.now(UTC).isoformat(timespec="milliseconds"),
                error=error,
                refused=refused,
            )
        )
        self.tell(self.keeper.judge.name, self.report.tally)

    def _say(self) -> None:
        name, report = one_line(self.row.batch or ""), self.report
        for reason, count in self.again.items():
            report.remarks.append(f"batch {name}: {count:,} calls are asked again ({one_line(reason, limit=200)})")
        for reason, count in self.strays.items():
            report.warnings.append(f"batch {name}: {count:,} results {reason}; they are left aside")
        if self.lost:
            report.warnings.append(
                f"batch {name}: {len(self.lost):,} calls have no result there; the next run asks for them again"
            )
