"""Many calls to one service: bounded in flight, paced, tried again where that may help, and stopped where it cannot."""

from __future__ import annotations

import asyncio
import logging
import time
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Literal

from judgeaudit.domain.output import Asked, Order
from judgeaudit.services.messages import Asking, HaltError, PassingError, RejectedError, Request
from judgeaudit.services.pace import Buckets, Pace, Tries
from judgeaudit.services.protocol import Service

if TYPE_CHECKING:
    from anyio import CapacityLimiter

#: so many calls in a row that failed in passing, each after all its attempts, and the service is given up for now
_GIVE_UP = 3
#: so many first calls that were all turned away for one and the same reason, and it is no matter of single items
_ALL_ALIKE = 20
_COOLDOWN = 5.0
_SLOWER = 0.7
_SILENT = logging.NullHandler()


@dataclass(frozen=True, slots=True, kw_only=True)
class Call:
    """One request about one item, and what it is known by."""

    key: str
    item_id: str
    item_sha256: str
    asked: tuple[Asked, ...]
    request: Request
    run: int = 0
    order: Order = "ab"

    @property
    def prompt_sha256(self) -> str:
        return self.request.sha256


@dataclass(frozen=True, slots=True, kw_only=True)
class Done:
    """What became of a call. reply: `raw` is the service's answer. rejected: it never will answer. passing: not this time."""

    call: Asking
    outcome: Literal["reply", "rejected", "passing"]
    raw: str
    seconds: float | None
    attempts: int
    judged_at: str
    error: str | None = None
    refused: bool = False


@dataclass(slots=True, kw_only=True)
class Run:
    """Calls of one judge under way. `keep` is given every outcome as it comes, and what it was given is safe."""

    service: Service
    keep: Callable[[Done], None]
    pace: Pace = field(default_factory=Pace)
    halted: str = ""
    stopped: bool = False
    _bad_in_a_row: int = 0
    _turned_away: Counter[str] | None = field(default_factory=Counter)
    _slowed_at: float = -_COOLDOWN
    _answered_at: float = 0.0
    _allowed: float = 0.0
    _sending: set[asyncio.Task[None]] = field(default_factory=set)
    _workers: list[asyncio.Task[None]] = field(default_factory=list)

    async def through(self, calls: Iterator[Call]) -> None:
        """Makes the calls. After `stop`, or once a call shows that none can succeed, those in flight still come in."""
        from anyio import CapacityLimiter

        self._allowed, self._answered_at = self.pace.in_flight, time.monotonic()
        room = CapacityLimiter(self.pace.in_flight)
        buckets = Buckets(self.pace)

        async def work() -> None:
            while not self.stopped and (call := next(calls, None)) is not None:
                done = await self._made(call, room, buckets)
                if done is not None:
                    self._kept(done)

        self._workers = [asyncio.create_task(work()) for _ in range(self.pace.in_flight)]
        try:
            outcomes = await asyncio.gather(*self._workers, return_exceptions=True)
        finally:
            await self.service.close()
        for outcome in outcomes:
            if isinstance(outcome, Exception):
                raise outcome

    def stop(self) -> None:
        """No further call is begun. Who waits for another attempt gives up; who waits for a reply gets it."""
        self.stopped = True
        for worker in self._workers:
            if worker not in self._sending:
                worker.cancel()

    def _kept(self, done: Done) -> None:
        """What cannot be kept must not be paid for: no further call is begun."""
        try:
            self.keep(done)
        except BaseException:
            self.stop()
            raise

    async def _made(self, call: Call, room: CapacityLimiter, buckets: Buckets) -> Done | None:
        """The outcome of a call with all its attempts; None where the whole run halts instead."""
        started, attempts = time.monotonic(), _Counter()
        try:
            try:
                raw = await self._sent(call, room, buckets)
            except PassingError as error:
                raw = await self._again(error, call, room, buckets, attempts)
        except PassingError as error:
            if error.limited and self.stopped:  # it was put off, not made: the next run makes it
                return None
            if error.limited and self._silent >= self.pace.patience:
                self._halt(
                    f"{error}; it has let no call through for {self._silent:,.0f} s: requests_per_minute in the judge's "
                    "section of study.toml asks more slowly"
                )
                return None
            self._count_failure(error)
            return _done(call, "passing", "", started, attempts.value, error=str(error))
        except RejectedError as error:
            self._bad_in_a_row = 0
            self._count_rejection(str(error))
            return _done(call, "rejected", error.raw, started, attempts.value, error=str(error), refused=error.refused)
        except HaltError as error:
            self._halt(str(error))
            return None
        self._bad_in_a_row, self._turned_away = 0, None
        return _done(call, "reply", raw, started, attempts.value)

    async def _again(
        self, first: PassingError, call: Call, room: CapacityLimiter, buckets: Buckets, count: _Counter
    ) -> str:
        """The reply of a later attempt. The attempt that failed is told to the policy first, so that it counts and waits."""
        import stamina

        tries = Tries(pace=self.pace)

        def wait_of(error: Exception) -> bool | float:
            return isinstance(error, PassingError) and not self.stopped and tries.wait_of(error, silent=self._silent)

        logging.getLogger("stamina").addHandler(_SILENT)  # what is tried again is no news on a terminal
        async for attempt in stamina.retry_context(
            on=wait_of,
            attempts=None,
            timeout=None,
            wait_initial=self.pace.first_wait,
            wait_max=self.pace.longest_backoff,
            wait_jitter=self.pace.first_wait,
        ):
            with attempt:
                if attempt.num == 1:
                    raise first
                count.value = attempt.num
                return await self._sent(call, room, buckets)
        raise first

    async def _sent(self, call: Call, room: CapacityLimiter, buckets: Buckets) -> str:
        await buckets.taken(call.request)
        await _take_place(room)
        task = asyncio.current_task()
        if task is not None:
            self._sending.add(task)
        try:
            raw = await self.service.send(call.request)
        except PassingError as error:
            if error.slow_down:
                self._slow_down(room)
            raise
        finally:
            if task is not None:
                self._sending.discard(task)
            room.release()
        self._answered_at = time.monotonic()
        if self._allowed < self.pace.in_flight:
            self._allow(self._allowed + 1 / self._allowed, room)
        return raw

    @property
    def _silent(self) -> float:
        """Seconds since a call got a reply."""
        return time.monotonic() - self._answered_at

    def _slow_down(self, room: CapacityLimiter) -> None:
        """Fewer at once after a refusal for haste; the refusals of one moment count once."""
        now = time.monotonic()
        if now - self._slowed_at >= _COOLDOWN:
            self._slowed_at = now
            self._allow(self._allowed * _SLOWER, room)

    def _allow(self, at_once: float, room: CapacityLimiter) -> None:
        """So many calls in flight, at least one; the limiter itself counts whole ones."""
        self._allowed = min(max(1.0, at_once), self.pace.in_flight)
        room.total_tokens = int(self._allowed)

    def _count_failure(self, error: PassingError) -> None:
        self._bad_in_a_row += 1
        if self._bad_in_a_row >= _GIVE_UP:
            self._halt(
                f"{self._bad_in_a_row} calls in a row failed after all their attempts, the last one because: {error}"
            )

    def _count_rejection(self, reason: str) -> None:
        """A service that has turned away every call so far, each for the same reason, will turn away the others."""
        if self._turned_away is None:
            return
        self._turned_away[reason] += 1
        if self._turned_away == {reason: _ALL_ALIKE}:
            self._halt(
                f"the first {_ALL_ALIKE} calls were all turned away: {reason}; see the judge's section of study.toml"
            )

    def _halt(self, reason: str) -> None:
        self.halted = self.halted or reason
        self.stop()


def keep_retries_to_themselves() -> None:
    """In this process nothing is told of attempts that are made again; otherwise they are logged, or even printed."""
    from importlib.util import find_spec

    if find_spec("stamina") is not None:
        from stamina.instrumentation import set_on_retry_hooks

        set_on_retry_hooks(())


async def _take_place(room: CapacityLimiter) -> None:
    """A place in flight. One that is free is taken without a turn of the loop: a turn lasts as long as all replies that
    have come in take to be kept, and the next requests would go out together after it, in waves."""
    from anyio import WouldBlock

    try:
        room.acquire_nowait()
    except WouldBlock:
        await room.acquire()


@dataclass(slots=True)
class _Counter:
    """How many attempts a call has had."""

    value: int = 1


def _done(
    call: Call,
    outcome: Literal["reply", "rejected", "passing"],
    raw: str,
    started: float,
    attempts: int,
    *,
    error: str | None = None,
    refused: bool = False,
) -> Done:
    return Done(
        call=call,
        outcome=outcome,
        raw=raw,
        seconds=time.monotonic() - started,
        attempts=attempts,
        judged_at=datetime.now(UTC).isoformat(timespec="milliseconds"),
        error=error,
        refused=refused,
    )
