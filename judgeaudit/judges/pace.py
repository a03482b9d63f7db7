"""How fast a service may be asked."""

from __future__ import annotations

from dataclasses import dataclass

from judgeaudit.judges.reply import Request


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
