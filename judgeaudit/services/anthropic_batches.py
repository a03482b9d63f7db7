"""Anthropic's Message Batches: requests go up in one body, results come down as lines, in any order."""

from __future__ import annotations

import json
from collections.abc import AsyncGenerator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from judgeaudit.services.anthropic import AnthropicService
from judgeaudit.services.batching import (
    LONGEST,
    Limits,
    Result,
    Sighting,
    Sought,
    Standing,
    answer_of,
    failure_of,
    holds,
    lines_of,
    listed,
    named,
)
from judgeaudit.services.http import at, count_at, text_at
from judgeaudit.services.messages import Json, Request

_NEVER = {"canceled": "cancelled", "expired": "expired"}
_COUNTS = ("processing", "succeeded", "errored", "canceled", "expired")
_STATUSES = {
    "invalid_request_error": 400,
    "authentication_error": 401,
    "billing_error": 402,
    "permission_error": 403,
    "not_found_error": 404,
    "request_too_large": 413,
    "rate_limit_error": 429,
    "overloaded_error": 529,
}

LIMITS = Limits(requests=100_000, bytes=256_000_000)


@dataclass(frozen=True, slots=True, kw_only=True)
class AnthropicBatches:
    """Batches of a model of Anthropic. A batch can have no tag there, so it is known by its custom ids."""

    service: AnthropicService
    limits: Limits = LIMITS

    def line(self, custom_id: str, request: Request) -> bytes:
        params = {**self.service.body(request), **self.service.extra}
        return json.dumps({"custom_id": custom_id, "params": params}).encode()

    async def submit(self, lines: Sequence[bytes], tag: str) -> str:
        requests = [json.loads(line) for line in lines]
        async with self.service.refusals(LONGEST):
            made = await self.service.opened().messages.batches.with_raw_response.create(
                requests=requests, timeout=LONGEST, extra_headers={"Idempotency-Key": tag}
            )
            text = await made.text()
        return text_at(self._named(text), "id")

    async def find(self, sought: Sought) -> Sighting:
        """By its custom ids, which show once a batch has ended; until then one of the same size may be it."""
        since = datetime.fromisoformat(sought.noted_at) - timedelta(days=1)
        after: str | None = None
        unsure: list[str] = []
        while True:
            async with self.service.refusals():
                pages = self.service.opened().messages.batches.with_raw_response
                page = await (pages.list(limit=100, after_id=after) if after else pages.list(limit=100))
                text = await page.text()
            data, after = listed(text, after, **self._named_as)
            for one in data:
                if (name := text_at(one, "id")) in sought.known or _size(one) != len(sought.custom_ids):
                    continue
                if text_at(one, "processing_status") != "ended":
                    unsure.append(name)
                elif await holds(self, Standing(words="ended", ended=True, files=(name,)), sought.custom_ids):
                    return Sighting(batch=name)
            made = _moment(text_at(data, -1, "created_at"))
            if after is None or (made is not None and made < since):
                return Sighting(unsure=tuple(unsure))

    async def discard(self, tag: str) -> None:
        """Nothing is sent ahead: requests go up with the batch itself."""

    async def standing(self, batch: str) -> Standing:
        async with self.service.refusals():
            found = await self.service.opened().messages.batches.with_raw_response.retrieve(batch)
            text = await found.text()
        value = self._named(text)
        words = text_at(value, "processing_status")
        return Standing(
            words=words,
            ended=words == "ended",
            done=(_size(value) or 0) - (count_at(value, "request_counts", "processing") or 0),
            ended_at=text_at(value, "ended_at") or None,
            files=(batch,),
        )

    async def results(self, standing: Standing) -> AsyncGenerator[Result | None]:
        for batch in standing.files:
            async with (
                self.service.refusals(None),
                self.service.opened().messages.batches.with_streaming_response.results(batch) as answer,
            ):
                async for value in lines_of(answer.iter_bytes()):
                    yield self._result(value)

    async def close(self) -> None:
        await self.service.close()

    @property
    def _named_as(self) -> dict[str, str]:
        return {"service": self.service.name, "key": self.service.key_from}

    def _named(self, body: str) -> dict[str, Json]:
        return named(body, **self._named_as)

    def _result(self, value: Json) -> Result | None:
        custom_id, kind = text_at(value, "custom_id"), text_at(value, "result", "type")
        if not custom_id:
            return None
        if kind in _NEVER:
            return Result(custom_id=custom_id, lacking=_NEVER[kind])
        if kind == "succeeded":
            raw, failure = answer_of(at(value, "result", "message"), self.service.read, **self._named_as)
            return Result(custom_id=custom_id, raw=raw, failure=failure)
        error = at(value, "result", "error", "error") or at(value, "result", "error")
        status = _STATUSES.get(text_at(error, "type"), 500)
        return Result(custom_id=custom_id, failure=failure_of(status, error, **self._named_as))


def _size(value: Json) -> int | None:
    """How many requests a batch holds."""
    counts = [count_at(value, "request_counts", name) for name in _COUNTS]
    return sum(one or 0 for one in counts) if any(one is not None for one in counts) else None


def _moment(text: str) -> datetime | None:
    try:
        found = datetime.fromisoformat(text)
    except ValueError:
        return None
    return found if found.tzinfo is not None else found.replace(tzinfo=UTC)
