"""OpenAI, and servers that speak its protocol: chat completions, responses, decisions, batches. The one door of its SDK."""

from __future__ import annotations

import json
import math
from collections.abc import AsyncGenerator, Callable, Mapping, Sequence
from contextlib import AbstractAsyncContextManager, suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, Literal

from judgeaudit.domain.errors import InputError
from judgeaudit.domain.option import option
from judgeaudit.services.batching import (
    LONGEST,
    Failure,
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
from judgeaudit.services.honoured import is_compatible, shortfalls
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
from judgeaudit.services.messages import (
    STRUCTURED,
    Ending,
    HaltError,
    Json,
    PassingError,
    RejectedError,
    Reply,
    Request,
    Token,
)
from judgeaudit.services.provider import Connection, Provider

if TYPE_CHECKING:
    from openai import AsyncOpenAI

Api = Literal["chat", "responses", "decisions"]
Temperature = float | Literal["unset"]
_TOP = 20
#: types of the parts of a message that are its text; others are what a model thought, or pictures
_SAID = ("", "text", "output_text")
_ENDINGS: dict[str, Ending] = {"length": "truncated", "max_output_tokens": "truncated", "content_filter": "refused"}


@dataclass(frozen=True, slots=True, kw_only=True)
class OpenAIKeys:
    """OpenAI, or any server that speaks its protocol (`base_url`).

    With `check` another server than OpenAI's own is asked once, before a judge's first call, what it heeds.
    """

    api: Api = option("chat")
    logprobs: bool = option(True)
    temperature: Temperature = option(0.0, limits={"ge": 0, "le": 2})
    seed: int | None = option(None)
    reasoning_effort: str | None = option(None)
    check: bool = option(True, run=True)


@dataclass(frozen=True, slots=True, kw_only=True)
class OpenAIWritingKeys:
    """OpenAI, or any server that speaks its protocol (`base_url`)."""

    api: Literal["chat", "responses"] = option("chat")
    temperature: Temperature = option(0.0, limits={"ge": 0, "le": 2})
    seed: int | None = option(None)
    reasoning_effort: str | None = option(None)


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


# Batches: a file of requests goes up, one of answers and one of errors come down.


#: the key of a batch's metadata that holds its tag
TAG = "judgeaudit"
_ENDPOINTS = {"chat": "/v1/chat/completions", "responses": "/v1/responses"}
_ENDED = {"completed": "", "failed": "", "expired": "expired", "cancelled": "cancelled"}
#: codes of calls that were never asked
_NEVER = {"batch_expired": "expired", "batch_cancelled": "cancelled"}
_STATUSES = {"model_not_found": 404, "invalid_api_key": 401, "token_limit_exceeded": 429, "server_error": 500}
LIMITS = Limits(requests=50_000, bytes=200_000_000)


@dataclass(frozen=True, slots=True, kw_only=True)
class OpenAIBatches:
    """Batches of a model of OpenAI, or of a server that speaks its protocol."""

    service: OpenAIService
    limits: Limits = LIMITS

    def line(self, custom_id: str, request: Request) -> bytes:
        body = {**self.service.body(request), **self.service.extra}
        call = {"custom_id": custom_id, "method": "POST", "url": self._endpoint, "body": body}
        return json.dumps(call).encode()

    async def submit(self, lines: Sequence[bytes], tag: str) -> str:
        client = self.service.opened()
        async with self.service.refusals(LONGEST):
            file = await client.files.with_raw_response.create(
                file=(_file_name(tag), b"\n".join(lines) + b"\n"), purpose="batch", timeout=LONGEST
            )
        file_id = text_at(self._named(file.text), "id")
        try:
            async with self.service.refusals(LONGEST):
                made = await client.batches.with_raw_response.create(
                    input_file_id=file_id,
                    endpoint=self._endpoint,  # type: ignore[arg-type]
                    completion_window="24h",
                    metadata={TAG: tag},
                )
        except (HaltError, RejectedError):
            await self._delete(file_id)
            raise
        return text_at(self._named(made.text), "id")

    async def find(self, sought: Sought) -> Sighting:
        """By its tag, or by the file that was uploaded for it, among batches made since a day before it was noted.

        Some servers keep no tags, and some tell no files. Which of several batches of the same size it is shows there in
        their results, once they have ended.
        """
        files, ours = await self._files(sought), _file_name(sought.tag)
        unsure: list[str] = []
        async for one in self._listed(self.service.opened().batches.with_raw_response.list, sought):
            name, tag = text_at(one, "id"), text_at(one, "metadata", TAG)
            of = files.get(text_at(one, "input_file_id"))
            if sought.tag == tag or of == ours:
                return Sighting(batch=name)
            size, status = count_at(one, "request_counts", "total"), text_at(one, "status")
            if of or tag or not status or name in sought.known or size not in (None, 0, len(sought.custom_ids)):
                continue
            if status not in _ENDED:
                unsure.append(name)
            elif await holds(self, await self.standing(name), sought.custom_ids):
                return Sighting(batch=name)
        return Sighting(unsure=tuple(unsure))

    async def discard(self, tag: str) -> None:
        sought = Sought(tag=tag, custom_ids=frozenset(), noted_at=datetime.now(UTC).isoformat(), known=frozenset())
        for file, name in (await self._files(sought)).items():
            if name == _file_name(tag):
                await self._delete(file)

    async def _files(self, sought: Sought) -> dict[str, str]:
        """The files that are at the service, with the names that they were uploaded under, as far as it tells them."""
        found: dict[str, str] = {}
        with suppress(HaltError, RejectedError):
            async for one in self._listed(self.service.opened().files.with_raw_response.list, sought, purpose="batch"):
                found[text_at(one, "id")] = text_at(one, "filename")
        return found

    async def _listed(self, page_of: Callable[..., Any], sought: Sought, **more: str) -> AsyncGenerator[Json]:
        """Page after page from the newest on, as far back as a day before it was noted: clocks differ."""
        since = datetime.fromisoformat(sought.noted_at).timestamp() - 86_400
        after: str | None = None
        while True:
            async with self.service.refusals():
                page = await page_of(limit=100, **more, **({"after": after} if after else {}))
            data, after = listed(page.text, after, **self._named_as)
            for one in data:
                yield one
            if after is None or (count_at(data, -1, "created_at") or since) < since:
                return

    async def _delete(self, file: str) -> None:
        """A file that cannot be deleted is left: it costs nothing."""
        with suppress(HaltError, RejectedError, PassingError):
            async with self.service.refusals():
                await self.service.opened().files.with_raw_response.delete(file)

    async def standing(self, batch: str) -> Standing:
        async with self.service.refusals():
            found = await self.service.opened().batches.with_raw_response.retrieve(batch)
        value = self._named(found.text)
        words = text_at(value, "status")
        ended = next((at(value, f"{name}_at") for name in _ENDED if isinstance(at(value, f"{name}_at"), int)), None)
        files = (text_at(value, "output_file_id"), text_at(value, "error_file_id"))
        return Standing(
            words=words,
            ended=words in _ENDED,
            done=(count_at(value, "request_counts", "completed") or 0)
            + (count_at(value, "request_counts", "failed") or 0),
            lacking=_ENDED.get(words, ""),
            ended_at=datetime.fromtimestamp(ended, UTC).isoformat() if isinstance(ended, int) else None,
            refused=tuple(self._refused(value)) if words == "failed" else (),
            files=tuple(filter(None, files)),
        )

    async def results(self, standing: Standing) -> AsyncGenerator[Result | None]:
        for file in standing.files:
            async with (
                self.service.refusals(None),
                self.service.opened().files.with_streaming_response.content(file) as answer,
            ):
                async for value in lines_of(answer.iter_bytes()):
                    yield self._result(value)

    async def close(self) -> None:
        await self.service.close()

    @property
    def _endpoint(self) -> str:
        if self.service.api not in _ENDPOINTS:
            msg = f'{self.service.name}: api = "{self.service.api}" takes no batches; leave out --batch'
            raise InputError(msg)
        return _ENDPOINTS[self.service.api]

    @property
    def _named_as(self) -> dict[str, str]:
        return {"service": self.service.name, "key": self.service.key_from}

    def _named(self, body: str) -> dict[str, Json]:
        return named(body, **self._named_as)

    def _result(self, value: Json) -> Result | None:
        custom_id, body = text_at(value, "custom_id"), at(value, "response", "body")
        status, error = count_at(value, "response", "status_code"), at(value, "error")
        if not custom_id:
            return None
        code = text_at(error, "code")
        if code in _NEVER:
            return Result(custom_id=custom_id, lacking=_NEVER[code])
        if error:
            return Result(custom_id=custom_id, failure=failure_of(_STATUSES.get(code, 500), error, **self._named_as))
        if status == 200 or (status is None and body):
            raw, failure = answer_of(body, self.service.read, **self._named_as)
            return Result(custom_id=custom_id, raw=raw, failure=failure)
        said = at(body, "error") or body
        return Result(custom_id=custom_id, failure=failure_of(status or 500, said, **self._named_as))

    def _refused(self, value: dict[str, Json]) -> list[tuple[int | None, Failure]]:
        """Why the service did not take the file: for some of its lines, or for all of it."""
        found: list[tuple[int | None, Failure]] = []
        for error in items_at(value, "errors", "data"):
            status = _STATUSES.get(text_at(error, "code"), 400)
            found.append((count_at(error, "line"), failure_of(status, error, **self._named_as)))
        return found or [(None, failure_of(400, {"message": "the batch failed, without a reason"}, **self._named_as))]


def _file_name(tag: str) -> str:
    return f"{tag}.jsonl"


def connect(to: Connection, keys: OpenAIKeys, made_by: type[OpenAIService] = OpenAIService) -> OpenAIService:
    """The connection that a section describes. Where reasons come first, the first token is no label: no probability."""
    return made_by(
        **to.shared(),
        api=keys.api,
        logprobs=keys.logprobs and not to.reasons,
        temperature=None if keys.temperature == "unset" else keys.temperature,
        seed=keys.seed,
        reasoning_effort=keys.reasoning_effort,
    )


PROVIDER = Provider(
    kind="openai",
    name="OpenAI",
    package="openai",
    key_env="OPENAI_API_KEY",
    address_env="OPENAI_BASE_URL",
    judging=OpenAIKeys,
    writing=OpenAIWritingKeys,
    written_as={"logprobs": False},
    connect=connect,
    batches=lambda service: OpenAIBatches(service=service),
    no_batches=lambda keys: 'api = "decisions" takes no batches' if keys.api == "decisions" else "",
    checks=lambda keys, base_url: keys.check and is_compatible(base_url),
    shortfalls=shortfalls,
    asks_shares=lambda keys: keys.logprobs,
)
