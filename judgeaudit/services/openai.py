"""OpenAI, and servers that speak its protocol: chat completions, responses, decisions. The one door of its SDK."""

from __future__ import annotations

import json
import math
from collections.abc import Mapping
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Literal

from judgeaudit.domain.errors import InputError
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
from judgeaudit.services.messages import STRUCTURED, Ending, Json, Reply, Request, Token

if TYPE_CHECKING:
    from openai import AsyncOpenAI

Api = Literal["chat", "responses", "decisions"]
_TOP = 20
#: types of the parts of a message that are its text; others are what a model thought, or pictures
_SAID = ("", "text", "output_text")
_ENDINGS: dict[str, Ending] = {"length": "truncated", "max_output_tokens": "truncated", "content_filter": "refused"}


@dataclass(slots=True, kw_only=True)
class OpenAIService:
    """One model behind one address. `name` is what errors call it; `key_from` says where the key was looked for."""

    name: str
    model: str
    api_key: str
    key_from: str
    base_url: str | None = None
    api: Api = "chat"
    logprobs: bool = True
    temperature: float | None = 0.0
    seed: int | None = None
    reasoning_effort: str | None = None
    max_output_tokens: int = 1024
    structured: Literal["auto", "schema", "tool", "none"] = "auto"
    timeout: float = 120.0
    extra: Mapping[str, object] = field(default_factory=dict)
    _client: AsyncOpenAI | None = None

    async def send(self, request: Request) -> str:
        """The whole answer as JSON. The SDK makes one attempt; its errors are sorted by what helps."""
        async with self.refusals():
            answer = await self._create(self.opened(), request)
        return answer_in(answer, self.read, service=self.name, key=self.key_from)

    def refusals(self, seconds: float | None = 0.0) -> AbstractAsyncContextManager[None]:
        """Within it the SDK's errors are the runner's, sorted by what helps. All of it in `timeout`, or so many seconds."""
        import openai

        return sorted_by_what_helps(
            SdkErrors(openai.APIStatusError, openai.APITimeoutError, openai.APIConnectionError, openai.OpenAIError),
            service=self.name,
            key=self.key_from,
            limit=self.timeout if seconds == 0 else seconds,
            usual=self.timeout,
        )

    def read(self, raw: str) -> Reply:
        """A reply of any of the three endpoints, told by its shape."""
        value: Json = json.loads(raw)
        if items_at(value, "choices"):
            return _chat(value)
        if "output" in (value if isinstance(value, dict) else {}):
            return _response(value)
        if items_at(value, "answers"):
            return _decision(value)
        msg = "the answer holds neither choices, output nor answers"
        raise ValueError(msg)

    async def close(self) -> None:
        if self._client is not None:
            await self._client.close()
            self._client = None

    def body(self, request: Request) -> dict[str, Any]:
        """What is sent, but for `extra`."""
        bodies = {"chat": self._chat_body, "responses": self._responses_body, "decisions": self._decisions_body}
        return {"model": self.model, **bodies[self.api](sendable(request))}

    async def _create(self, client: AsyncOpenAI, request: Request) -> str:
        body, extra = self.body(request), dict(self.extra) or None
        if self.api == "chat":
            return str((await client.chat.completions.with_raw_response.create(**body, extra_body=extra)).text)
        if self.api == "responses":
            return str((await client.responses.with_raw_response.create(**body, extra_body=extra)).text)
        return str((await client.decisions.with_raw_response.create(**body, extra_body=extra)).text)

    def opened(self) -> AsyncOpenAI:
        if self._client is None:
            from openai import AsyncOpenAI

            self._client = AsyncOpenAI(
                api_key=self.api_key, base_url=self.base_url, max_retries=0, timeout=self.timeout
            )
        return self._client

    def _chat_body(self, request: Request) -> dict[str, Any]:
        messages = [{"role": turn.role, "content": turn.content} for turn in request.turns]
        if request.system:
            messages.insert(0, {"role": "system", "content": request.system})
        body: dict[str, Any] = {"messages": messages, "max_completion_tokens": self.max_output_tokens}
        if self.temperature is not None:
            body["temperature"] = self.temperature
        if self.seed is not None:
            body["seed"] = self.seed
        if self.logprobs:
            body |= {"logprobs": True, "top_logprobs": _TOP}
        if self.reasoning_effort is not None:
            body["reasoning_effort"] = self.reasoning_effort
        if request.schema is not None and self.structured == "tool":
            tool = {"name": "verdict", "parameters": request.schema, "strict": True}
            body["tools"] = [{"type": "function", "function": tool}]
            body["tool_choice"] = {"type": "function", "function": {"name": "verdict"}}
        elif request.schema is not None and self.structured != "none":
            schema = {"name": "verdict", "strict": True, "schema": request.schema}
            body["response_format"] = {"type": "json_schema", "json_schema": schema}
        return body

    def _responses_body(self, request: Request) -> dict[str, Any]:
        body: dict[str, Any] = {
            "input": [{"role": turn.role, "content": turn.content} for turn in request.turns],
            "max_output_tokens": self.max_output_tokens,
            "store": False,
        }
        if request.system:
            body["instructions"] = request.system
        if self.temperature is not None:
            body["temperature"] = self.temperature
        if self.logprobs:
            body |= {"include": ["message.output_text.logprobs"], "top_logprobs": _TOP}
        if self.reasoning_effort is not None:
            body["reasoning"] = {"effort": self.reasoning_effort}
        if request.schema is not None and self.structured != "none":
            form = {"type": "json_schema", "name": "verdict", "strict": True, "schema": request.schema}
            body["text"] = {"format": form}
        return body

    def _decisions_body(self, request: Request) -> dict[str, Any]:
        labels = items_at(dict(request.schema or {}), "properties", STRUCTURED, "enum")
        if not labels:
            msg = (
                f'{self.name}: api = "decisions" needs a question with a closed set of labels and no prompt of your own'
            )
            raise InputError(msg)
        question = {
            "type": "choice",
            "name": STRUCTURED,
            "instructions": request.system,
            "choices": [{"value": label} for label in labels],
        }
        turns = [{"role": turn.role, "content": turn.content} for turn in request.turns]
        return {"input": turns, "questions": [question]}


def _chat(value: Json) -> Reply:
    choice = at(value, "choices", 0)
    message, finish = at(choice, "message"), text_at(choice, "finish_reason")
    called = text_at(message, "tool_calls", 0, "function", "arguments")
    parts = items_at(message, "content")
    refusal = text_at(message, "refusal") or "".join(text_at(part, "refusal") for part in parts)
    said = text_at(message, "content") or "".join(
        text_at(one, "text") for one in parts if text_at(one, "type") in _SAID
    )
    return Reply(
        text=called or said or refusal,
        ending="refused" if refusal else _ENDINGS.get(finish, "ended"),
        note=refusal or ("content_filter" if finish == "content_filter" else ""),
        model=text_at(value, "model") or None,
        tokens=() if called else _tokens(items_at(choice, "logprobs", "content")),
        input_tokens=count_at(value, "usage", "prompt_tokens"),
        cached_tokens=count_at(value, "usage", "prompt_tokens_details", "cached_tokens"),
        output_tokens=count_at(value, "usage", "completion_tokens"),
    )


def _response(value: Json) -> Reply:
    parts = [part for item in items_at(value, "output") for part in items_at(item, "content")]
    said = [part for part in parts if text_at(part, "type") == "output_text"]
    refusal = "".join(text_at(part, "refusal") for part in parts if text_at(part, "type") == "refusal")
    reason = text_at(value, "incomplete_details", "reason")
    return Reply(
        text="".join(text_at(part, "text") for part in said) or refusal,
        ending="refused" if refusal else _ENDINGS.get(reason, "ended"),
        note=refusal or reason,
        model=text_at(value, "model") or None,
        tokens=tuple(token for part in said for token in _tokens(items_at(part, "logprobs"))),
        input_tokens=count_at(value, "usage", "input_tokens"),
        cached_tokens=count_at(value, "usage", "input_tokens_details", "cached_tokens"),
        output_tokens=count_at(value, "usage", "output_tokens"),
    )


def _decision(value: Json) -> Reply:
    answer = at(value, "answers", 0)
    choice = at(answer, "choice")
    refused = text_at(answer, "type") == "refusal"
    found = ((at(one, "value"), at(one, "probability")) for one in items_at(answer, "probabilities"))
    scores = tuple((str(label), float(share)) for label, share in found if isinstance(share, int | float))
    return Reply(
        text="" if refused else json.dumps({STRUCTURED: choice}),
        ending="refused" if refused else "ended",
        note="the model declined to answer" if refused else "",
        model=text_at(value, "model") or None,
        scores=scores,
        input_tokens=count_at(value, "usage", "input_tokens"),
        cached_tokens=count_at(value, "usage", "input_tokens_details", "cached_tokens"),
        output_tokens=count_at(value, "usage", "output_tokens"),
    )


def _tokens(found: list[Json]) -> tuple[Token, ...]:
    """Tokens with their log-probabilities; without one where the service left it out."""
    tokens = []
    for one in found:
        top = tuple((text_at(option, "token"), _log(at(option, "logprob"))) for option in items_at(one, "top_logprobs"))
        tokens.append(Token(text=text_at(one, "token"), logprob=_log(at(one, "logprob")), top=top))
    return tuple(tokens)


def _log(value: Json) -> float:
    return float(value) if isinstance(value, int | float) and not math.isnan(value) else -math.inf
