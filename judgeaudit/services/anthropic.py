"""Anthropic's Messages API and its batches. The one door of its SDK."""

from __future__ import annotations

import json
from collections.abc import AsyncGenerator, Mapping, Sequence
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any, Literal

from judgeaudit.domain.option import option
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
from judgeaudit.services.http import (
    SdkErrors,
    answer_in,
    at,
    count_at,
    items_at,
    sendable,
    sorted_by_what_helps,
    text_at,
)
from judgeaudit.services.messages import Ending, Json, Reply, Request
from judgeaudit.services.provider import Connection, Provider

if TYPE_CHECKING:
    from anthropic import AsyncAnthropic

Effort = Literal["low", "medium", "high", "xhigh", "max"]
_ENDINGS: dict[str, Ending] = {
    "max_tokens": "truncated",
    "model_context_window_exceeded": "truncated",
    "refusal": "refused",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class AnthropicKeys:
    """Anthropic's Messages API. It takes no temperature: how far a judge agrees with itself is measured by `runs`."""

    effort: Effort | None = option(None)
    thinking: bool = option(False)


@dataclass(frozen=True, slots=True, kw_only=True)
class AnthropicWritingKeys:
    """Anthropic's Messages API, which takes no temperature."""

    effort: Effort | None = option(None)
    thinking: bool = option(False)


@dataclass(slots=True, kw_only=True)
class AnthropicService:
    """One model behind one address. It takes no temperature and gives no log-probabilities."""

    name: str
    model: str
    api_key: str
    key_from: str
    base_url: str | None = None
    effort: str | None = None
    thinking: bool = False
    max_output_tokens: int = 1024
    structured: Literal["auto", "schema", "tool", "none"] = "auto"
    timeout: float = 120.0
    extra: Mapping[str, object] = field(default_factory=dict)
    _client: AsyncAnthropic | None = None

    async def send(self, request: Request) -> str:
        """The whole answer as JSON. The SDK makes one attempt; its errors are sorted by what helps."""
        async with self.refusals():
            answer = await self.opened().messages.with_raw_response.create(
                **self.body(request), extra_body=dict(self.extra) or None
            )
            text = await answer.text()
        return answer_in(text, self.read, service=self.name, key=self.key_from)

    def refusals(self, seconds: float | None = 0.0) -> AbstractAsyncContextManager[None]:
        """Within it the SDK's errors are the runner's, sorted by what helps. All of it in `timeout`, or so many seconds."""
        import anthropic

        return sorted_by_what_helps(
            SdkErrors(
                anthropic.APIStatusError,
                anthropic.APITimeoutError,
                anthropic.APIConnectionError,
                anthropic.AnthropicError,
            ),
            service=self.name,
            key=self.key_from,
            limit=self.timeout if seconds == 0 else seconds,
            usual=self.timeout,
        )

    def read(self, raw: str) -> Reply:
        """The text of a message, or the input of the tool that it was made to call."""
        value: Json = json.loads(raw)
        if not isinstance(value, dict) or "content" not in value:
            msg = "the answer holds no content"
            raise ValueError(msg)
        blocks = items_at(value, "content")
        called = [block for block in blocks if text_at(block, "type") == "tool_use" and isinstance(block, dict)]
        said = "".join(text_at(block, "text") for block in blocks if text_at(block, "type") == "text")
        stop, category = text_at(value, "stop_reason"), text_at(value, "stop_details", "category")
        explained = text_at(value, "stop_details", "explanation")
        return Reply(
            text=json.dumps(called[-1].get("input")) if called else said,
            ending=_ENDINGS.get(stop, "ended"),
            note=": ".join(filter(None, (category, explained))),
            model=text_at(value, "model") or None,
            input_tokens=_input(value),
            cached_tokens=count_at(value, "usage", "cache_read_input_tokens"),
            output_tokens=count_at(value, "usage", "output_tokens"),
        )

    async def close(self) -> None:
        if self._client is not None:
            await self._client.close()
            self._client = None

    def body(self, request: Request) -> dict[str, Any]:
        """What is sent, but for `extra`. The rubric is marked as what may be cached."""
        request = sendable(request)
        body: dict[str, Any] = {
            "model": self.model,
            "max_tokens": self.max_output_tokens,
            "messages": [{"role": turn.role, "content": turn.content} for turn in request.turns],
        }
        if request.system:
            body["system"] = [{"type": "text", "text": request.system, "cache_control": {"type": "ephemeral"}}]
        if self.thinking:
            body["thinking"] = {"type": "adaptive"}
        if self.effort is not None:
            body["output_config"] = {"effort": self.effort}
        if request.schema is not None and self.structured == "tool":
            body["tools"] = [{"name": "verdict", "input_schema": dict(request.schema), "strict": True}]
            body["tool_choice"] = {"type": "tool", "name": "verdict", "disable_parallel_tool_use": True}
        elif request.schema is not None and self.structured != "none":
            form = {"type": "json_schema", "schema": dict(request.schema)}
            body["output_config"] = {**body.get("output_config", {}), "format": form}
        return body

    def opened(self) -> AsyncAnthropic:
        if self._client is None:
            from anthropic import AsyncAnthropic

            self._client = AsyncAnthropic(
                api_key=self.api_key, base_url=self.base_url, max_retries=0, timeout=self.timeout
            )
        return self._client


def _input(value: Json) -> int | None:
    """All tokens that were read, from the cache or not: the service counts them apart."""
    parts = [
        count_at(value, "usage", name)
        for name in ("input_tokens", "cache_creation_input_tokens", "cache_read_input_tokens")
    ]
    return sum(part or 0 for part in parts) if parts[0] is not None else None


# Batches: requests go up in one body, results come down as lines, in any order.


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


def connect(to: Connection, keys: AnthropicKeys) -> AnthropicService:
    """The connection that a section describes."""
    return AnthropicService(**to.shared(), effort=keys.effort, thinking=keys.thinking)


PROVIDER = Provider(
    kind="anthropic",
    name="Anthropic",
    package="anthropic",
    key_env="ANTHROPIC_API_KEY",
    address_env="ANTHROPIC_BASE_URL",
    judging=AnthropicKeys,
    writing=AnthropicWritingKeys,
    connect=connect,
    batches=lambda service: AnthropicBatches(service=service),
)
