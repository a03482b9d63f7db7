"""Anthropic's Messages API. The one door of its SDK."""

from __future__ import annotations

import json
from collections.abc import Mapping
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Literal

from judgeaudit.services.http import (
    SdkErrors,
    answer_in,
    count_at,
    items_at,
    sendable,
    sorted_by_what_helps,
    text_at,
)
from judgeaudit.services.messages import Ending, Json, Reply, Request

if TYPE_CHECKING:
    from anthropic import AsyncAnthropic

_ENDINGS: dict[str, Ending] = {
    "max_tokens": "truncated",
    "model_context_window_exceeded": "truncated",
    "refusal": "refused",
}


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
