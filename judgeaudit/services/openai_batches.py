"""OpenAI's Batch API: a file of requests goes up, one of answers and one of errors come down."""

from __future__ import annotations

import json
from collections.abc import AsyncGenerator, Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from judgeaudit.domain.errors import InputError
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
from judgeaudit.services.http import at, count_at, items_at, text_at
from judgeaudit.services.messages import HaltError, Json, PassingError, RejectedError, Request
from judgeaudit.services.openai import OpenAIService

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
