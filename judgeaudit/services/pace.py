"""How fast a service may be asked."""

from __future__ import annotations

from dataclasses import dataclass

from judgeaudit.services.messages import PassingError, Request

#: a service that wants a longer pause than this is left alone until the next run
LONGEST_WAIT = 120.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Pace:
    """How fast a service may be asked. Tokens are estimated from the length of what is sent and may come back."""

    in_flight: int = 16
    requests_per_minute: int | None = None
    tokens_per_minute: int | None = None
    attempts: int = 6
    first_wait: float = 0.5
    longest_backoff: float = 60.0
    answer_tokens: int = 256

    @property
    def patience(self) -> float:
        """Seconds for which a service that answers nothing but "too many requests" is asked on; 300 by default."""
        return 600 * self.first_wait


@dataclass(slots=True, kw_only=True)
class Tries:
    """The attempts of one call that failed: `wait_of` says whether there is another one, and after how long."""

    pace: Pace
    failures: int = 0
    limits: int = 0

    def wait_of(self, error: PassingError, *, silent: float) -> bool | float:
        """The seconds that the service named, or True for the usual pause, or False: it is enough.

        An error counts as one of the call's `attempts`. A limit of requests does not: it is waited out while the service
        has let no call through for no more than `patience` seconds (`silent`), and named pauses grow where they do not help.
        """
        wait = error.wait
        if wait is not None and wait > LONGEST_WAIT:
            return False
        if not error.limited:
            self.failures += 1
            return self.failures < self.pace.attempts and (True if wait is None else wait)
        self.limits += 1
        if silent >= self.pace.patience:
            return False
        if wait is None or self.limits < self.pace.attempts:
            return True if wait is None else wait
        return max(wait, self.usual)

    @property
    def usual(self) -> float:
        """The pause after so many attempts, where the service names none."""
        return min(self.pace.longest_backoff, self.pace.first_wait * 2.0 ** min(self.failures + self.limits, 30))


class Buckets:
    """Requests and tokens a minute, spread evenly rather than spent in one burst."""

    def __init__(self, pace: Pace) -> None:
        from aiolimiter import AsyncLimiter

        self._answer = pace.answer_tokens
        self._requests = None if pace.requests_per_minute is None else AsyncLimiter(*_even(pace.requests_per_minute))
        self._tokens = None if pace.tokens_per_minute is None else AsyncLimiter(pace.tokens_per_minute, 60)

    async def taken(self, request: Request) -> None:
        if self._requests is not None:
            await self._requests.acquire()
        if self._tokens is not None:
            wanted = tokens_about(request) + self._answer
            await self._tokens.acquire(min(wanted, self._tokens.max_rate))


def tokens_about(request: Request) -> int:
    """About how many tokens a request has: a token is about four bytes of text."""
    size = len(request.system.encode("utf-8", "surrogatepass"))
    size += sum(len(turn.content.encode("utf-8", "surrogatepass")) for turn in request.turns)
    return size // 4 + 8


def _even(per_minute: int) -> tuple[float, float]:
    """The same rate over the shortest time in which it allows one call."""
    return (per_minute / 60, 1.0) if per_minute >= 60 else (1.0, 60 / per_minute)
