"""What services must be able to do that take many calls at once and answer within a day: the one door of all batches."""

from __future__ import annotations

import json
from collections.abc import AsyncGenerator, AsyncIterator, Callable, Sequence
from contextlib import aclosing
from dataclasses import dataclass
from typing import Protocol

from judgeaudit.services.http import answer_in, at, json_of, refusal_of_status, text_at
from judgeaudit.services.messages import HaltError, Json, PassingError, RejectedError, Request
from judgeaudit.services.protocol import Service

Failure = PassingError | HaltError | RejectedError
#: an upload of hundreds of megabytes is given this long
LONGEST = 900.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """How much one batch may hold."""

    requests: int
    bytes: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Sought:
    """A batch that was about to be submitted, as far as that can be recognised. `known`: batches that are others."""

    tag: str
    custom_ids: frozenset[str]
    noted_at: str
    known: frozenset[str]


@dataclass(frozen=True, slots=True, kw_only=True)
class Sighting:
    """What became of looking for a batch: its name, or the names of those of which it cannot be told yet."""

    batch: str | None = None
    unsure: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Standing:
    """How a batch stands. `words` is the service's own word for it.

    lacking   why calls without a result have none, where the batch ended before its time; empty where each must have one
    refused   the batch as a whole was not taken: why, for each line that the service names (None: for all of it)
    files     what the service calls the files with its results
    """

    words: str
    ended: bool
    done: int = 0
    lacking: str = ""
    ended_at: str | None = None
    refused: tuple[tuple[int | None, Failure], ...] = ()
    files: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Result:
    """What came of one call. raw: the service's answer. failure: why there is none. Neither: it was never asked."""

    custom_id: str
    raw: str = ""
    failure: Failure | None = None
    lacking: str = ""


class BatchService(Protocol):
    """Batches of one model behind one address. Every method raises what `Service.send` raises."""

    @property
    def service(self) -> Service:
        """What asks the same model by single calls, and reads its answers."""
        ...

    @property
    def limits(self) -> Limits: ...

    def line(self, custom_id: str, request: Request) -> bytes:
        """One call, as it stands in a batch."""
        ...

    async def submit(self, lines: Sequence[bytes], tag: str) -> str:
        """The service's name for a new batch."""
        ...

    async def find(self, sought: Sought) -> Sighting:
        """A batch that may have been submitted, by its tag or by what it holds."""
        ...

    async def discard(self, tag: str) -> None:
        """What was sent ahead for a batch that never was is deleted at the service, as far as that can be done."""
        ...

    async def standing(self, batch: str) -> Standing:
        """How far it is."""
        ...

    def results(self, standing: Standing) -> AsyncGenerator[Result | None]:
        """What came of its calls, in any order; None for what cannot be told to belong to any."""
        ...

    async def close(self) -> None:
        """Connections are given back."""
        ...


async def holds(service: BatchService, ended: Standing, custom_ids: frozenset[str]) -> bool:
    """Whether a batch that has ended is of these calls: any of its results tells, since keys are of one call alone."""
    async with aclosing(service.results(ended)) as results:
        async for one in results:
            if one is not None:
                return one.custom_id in custom_ids
    return False


async def lines_of(pieces: AsyncIterator[bytes]) -> AsyncIterator[Json]:
    """The values of JSON Lines as they come; None for a line that is no JSON. Only a line feed ends a line."""
    rest = b""
    async for piece in pieces:
        *whole, rest = (rest + piece).split(b"\n") if b"\n" in piece else (rest + piece,)
        for line in whole:
            if line.strip():
                yield _value(line)
    if rest.strip():
        yield _value(rest)


def answer_of(body: Json, read: Callable[[str], object], *, service: str, key: str) -> tuple[str, Failure | None]:
    """A result's answer as the service would have sent it by itself; or the error that stands in it."""
    try:
        return answer_in(json.dumps(body), read, service=service, key=key), None
    except (PassingError, HaltError, RejectedError) as error:
        return "", error


def failure_of(status: int, error: Json, *, service: str, key: str) -> Failure:
    """An error inside a batch, sorted as one that came by itself."""
    return refusal_of_status(status, {}, json.dumps({"error": error}), service=service, key=key)


def named(body: str, *, service: str, key: str) -> dict[str, Json]:
    """An object that a service names; a PassingError where it does not."""
    value: Json = json.loads(json_of(body, service=service, key=key))
    if not isinstance(value, dict) or not text_at(value, "id"):
        msg = f"{service} answered without an id"
        raise PassingError(msg)
    return value


def listed(body: str, after: str | None, *, service: str, key: str) -> tuple[list[Json], str | None]:
    """One page of a list, and the id after which the next one begins. A server that gives one page for ever has no next."""
    value: Json = json.loads(json_of(body, service=service, key=key))
    data = at(value, "data")
    if not isinstance(data, list):
        msg = f"{service} answered without a list"
        raise PassingError(msg)
    last = text_at(data, -1, "id")
    return data, last if at(value, "has_more") is True and last not in ("", after) else None


def _value(line: bytes) -> Json:
    try:
        value: Json = json.loads(line)
    except (ValueError, RecursionError):
        return None
    return value
