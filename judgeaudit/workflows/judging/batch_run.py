"""One run of a judge's batches: look for what was cut off, fetch what has ended, submit what is missing."""

from __future__ import annotations

import asyncio
import time
import uuid
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime
from itertools import islice
from typing import TYPE_CHECKING

from judgeaudit.domain.errors import one_line
from judgeaudit.services.batching import Sought
from judgeaudit.services.messages import HaltError, PassingError, RejectedError
from judgeaudit.services.pace import Tries
from judgeaudit.storage.config.judges import ServiceConfig
from judgeaudit.storage.identity.judge import ask_sha256
from judgeaudit.storage.ledger.batches import BatchBook, BatchCall, BatchRow, under_way
from judgeaudit.storage.ledger.calls import Ledger
from judgeaudit.workflows.judging.batch_merge import Merge
from judgeaudit.workflows.judging.build import Judging
from judgeaudit.workflows.judging.calls import PART, Keeper, Tally, Wanted, as_call, wanted
from judgeaudit.workflows.judging.connect import pace_of
from judgeaudit.workflows.judging.report import JudgeReport, Tell

if TYPE_CHECKING:
    from judgeaudit.services.batching import BatchService
    from judgeaudit.storage.files.rows_by_id import RowsById

#: times `first_wait`: a batch whose submission was cut off may still be on its way for so long
_SETTLE = 120
#: times `first_wait`: the pauses between two looks at a batch, from the first to the longest
_FIRST_LOOK, _LONGEST_LOOK = 10, 120


@dataclass(slots=True, kw_only=True)
class BatchRun:
    """A judge's batches in one run of the command."""

    judge: Judging
    outputs: RowsById
    ledger: Ledger
    report: JudgeReport
    service: BatchService
    most: int | None
    wait: bool
    tell: Tell
    submits: bool = True
    rounds: int = 0
    left: set[str] = field(default_factory=set)
    stopped: asyncio.Event = field(default_factory=asyncio.Event)

    def stop(self) -> None:
        """What is being submitted or fetched is finished, and nothing further begun."""
        self.stopped.set()

    async def through(self) -> None:
        """Round after round, where a person waits; what fails in passing is tried again as often as single calls are."""
        tries, well, looks, report = Tries(pace=pace_of(self.judge)), time.monotonic(), 0, self.report
        for _ in wanted(self.judge, self.outputs, self.ledger, report.tally):
            pass  # what is there is counted before anything is merged
        try:
            while not self.stopped.is_set():
                try:
                    await self._round()
                    tries, well = Tries(pace=tries.pace), time.monotonic()
                except PassingError as error:
                    wait = tries.wait_of(error, silent=time.monotonic() - well)
                    if wait is False:
                        report.halted = str(error)
                        break
                    await self._pause(tries.usual if wait is True else wait)
                    continue
                finally:
                    report.under_way = sum(row.requests for row in self.book.open())
                if report.halted or not self.wait or not (self.book.open() or self.may_submit):
                    break
                looks += 1
                await self._pause(self.section.first_wait * min(_FIRST_LOOK * looks, _LONGEST_LOOK))
        except (HaltError, RejectedError) as error:
            report.halted = str(error)
        finally:
            await self.service.close()

    @property
    def section(self) -> ServiceConfig:
        if not isinstance(self.judge.section, ServiceConfig):
            msg = f"judge {self.judge.name!r} is not called over a network"
            raise TypeError(msg)
        return self.judge.section

    @property
    def book(self) -> BatchBook:
        return BatchBook(self.ledger, self.judge.fingerprint)

    @property
    def may_submit(self) -> bool:
        """Calls that fail whenever they are submitted are not submitted for ever."""
        return self.submits and self.rounds < self.section.attempts

    async def _round(self) -> None:
        """Everything that can be done now. Cut off at any point, or failed, it can be done again from its beginning."""
        self.report.standings.clear()
        for row in self.book.open():
            await (self._found(row) if row.batch is None else self._fetched(row))
        if self.may_submit and not self.report.halted and not self.stopped.is_set():
            self.submits = False
            try:
                await self._submitted()
            except PassingError:
                self.submits = True
                raise

    async def _found(self, row: BatchRow) -> None:
        """A batch whose submission was cut off: it was taken, or it was not, or that will show."""
        ids, names = frozenset(self.book.calls(row.tag)), frozenset(self.book.names())
        sought = Sought(tag=row.tag, custom_ids=ids, noted_at=row.noted_at, known=names)
        end = asyncio.get_running_loop().time() + _SETTLE * self.section.first_wait
        age = (datetime.now(UTC) - datetime.fromisoformat(row.noted_at)).total_seconds()
        end -= max(0.0, age)
        while True:
            seen = await self.service.find(sought)
            if seen.batch is not None:
                self.book.taken(row.tag, seen.batch)
                await self._fetched(
                    BatchRow(tag=row.tag, requests=row.requests, noted_at=row.noted_at, batch=seen.batch)
                )
                return
            if seen.unsure:
                names_ = ", ".join(map(one_line, seen.unsure))
                self.report.standings[row.tag] = (
                    f"its submission was cut off; whether it was taken shows when {names_} has ended "
                    f"(--drop-batch {row.tag} if it was not)"
                )
                return
            if asyncio.get_running_loop().time() >= end:
                await self.service.discard(row.tag)
                self.book.forget(row.tag)
                self.submits = True
                return
            await self._pause(_FIRST_LOOK * self.section.first_wait)
            if self.stopped.is_set():
                return

    async def _fetched(self, row: BatchRow) -> None:
        """Merged where it has ended, else how far it is."""
        name = row.batch or ""
        try:
            standing = await self.service.standing(name)
        except HaltError as error:
            msg = f"batch {one_line(name)}: {error}; if the service has it no more, --drop-batch makes its calls missing again"
            self.report.halted = self.report.halted or msg
            return
        if not standing.ended:
            self.report.standings[name] = (
                f"{one_line(standing.words)}, {standing.done:,} of {row.requests:,} calls done"
            )
            return
        keeper = Keeper(
            judge=self.judge, service=self.service.service, ledger=self.ledger, tally=self.report.tally, batched=True
        )
        merge = Merge(keeper=keeper, book=self.book, row=row, standing=standing, report=self.report, tell=self.tell)
        await merge.through(self.service)
        self.left |= merge.lost
        self.submits = self.submits or bool(merge.again)

    async def _submitted(self) -> None:
        """The calls that are missing and in no batch, in parts."""
        missing = wanted(self.judge, self.outputs, self.ledger, Tally())
        if self.most is not None:
            missing = islice(missing, max(0, self.most - self.report.tally.made))
        free = not_under_way(missing, self.ledger, JudgeReport(judge=self.judge.name))
        before = len(self.report.submitted)
        for part in self._parts(one for one in free if one.key not in self.left):
            await self._submit(part)
            if self.stopped.is_set():
                break
        self.rounds += len(self.report.submitted) > before

    def _parts(self, missing: Iterator[Wanted]) -> Iterator[list[tuple[BatchCall, bytes]]]:
        """As many calls at a time as one batch may hold, each with its line."""
        limits, size = self.service.limits, 0
        most = min(limits.requests, self.section.batch_size or limits.requests)
        part: list[tuple[BatchCall, bytes]] = []
        for one in missing:
            call = as_call(self.judge, one)
            line = self.service.line(one.key, call.request)
            if part and (len(part) == most or size + len(line) + 2 > limits.bytes):
                yield part
                part, size = [], 0
            part.append((_row(one, call.prompt_sha256, len(part) + 1), line))
            size += len(line) + 2
        if part:
            yield part

    async def _submit(self, part: list[tuple[BatchCall, bytes]]) -> None:
        """Noted, submitted, and noted that it was taken. Where the service says no, it is as if it never had been."""
        tag, now = uuid.uuid4().hex, datetime.now(UTC).isoformat(timespec="milliseconds")
        self.book.note(tag, [call for call, _ in part], now)
        try:
            name = await self.service.submit([line for _, line in part], tag)
        except HaltError:
            self.book.forget(tag)
            raise
        except RejectedError as error:
            self.book.forget(tag)
            msg = f"the service does not take the batch: {error}; a smaller batch_size in its section may help"
            raise HaltError(msg) from error
        self.book.taken(tag, name)
        self.report.submitted[name] = len(part)
        self.report.standings[name] = f"submitted just now, {len(part):,} calls"

    async def _pause(self, seconds: float) -> None:
        with suppress(TimeoutError):
            await asyncio.wait_for(self.stopped.wait(), seconds)


def not_under_way(missing: Iterator[Wanted], ledger: Ledger, report: JudgeReport) -> Iterator[Wanted]:
    """The calls that no batch holds; those that one does are counted."""
    while part := list(islice(missing, PART)):
        held = under_way(ledger, [one.key for one in part])
        report.under_way += len(held)
        yield from (one for one in part if one.key not in held)


def _row(one: Wanted, prompt_sha256: str, line: int) -> BatchCall:
    return BatchCall(
        key=one.key,
        line=line,
        ask_sha256=ask_sha256(one.ask),
        item_id=one.output.item_id,
        item_sha256=one.item_sha256,
        run=one.run,
        ord=one.order,
        prompt_sha256=prompt_sha256,
    )
