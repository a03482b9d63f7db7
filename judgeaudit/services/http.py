"""What services that answer over HTTP have in common: errors sorted by what helps, and values picked out of JSON."""

from __future__ import annotations

import json
import math
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any, NamedTuple

from judgeaudit.domain.errors import one_line
from judgeaudit.services.messages import HaltError, Json, PassingError, RejectedError, Request, StrangeError

#: 429s that waiting does not mend
_BUDGET = (
    "insufficient_quota",
    "billing_hard_limit_reached",
    "enforced_spend_limit_reached",
    "contract_spend_limit_reached",
    "credit_balance_too_low",
)
_REFUSED = ("content_filter", "content_policy_violation", "moderation_blocked", "invalid_prompt")
_NO_CREDIT = "credit balance is too low"  # told as an invalid request, without a code
_UNSUPPORTED = ("unsupported_parameter", "unsupported_value", "unknown_parameter")
_UNSUPPORTED_WORDS = (
    *("unsupported parameter", "unsupported value", "unrecognized request argument", "extra inputs are not permitted"),
    *("not allowed to request", "does not support", "not supported"),
)
#: what services call a parameter -> the key of study.toml that stands for it; the first that is found counts
_KEYS = {
    "temperature": "temperature",
    "max_completion_tokens": "max_output_tokens",
    "max_output_tokens": "max_output_tokens",
    "max_tokens": "max_output_tokens",
    "logprobs": "logprobs",
    "seed": "seed",
    "reasoning": "reasoning_effort",
    "thinking": "thinking",
    "effort": "effort",
    "response_format": "structured",
    "text.format": "structured",
    "output_config": "structured",
    "tool": "structured",
    "structured output": "structured",
}
_PASSING = frozenset((408, 409, 425, 429))
_HALTING = frozenset((401, 402, 403, 404, 405))
_RAW = 20_000


class SdkErrors(NamedTuple):
    """What an SDK raises, from the particular to the general."""

    status: type[Any]
    timeout: type[Exception]
    connection: type[Exception]
    any: type[Exception]


@asynccontextmanager
async def sorted_by_what_helps(
    errors: SdkErrors, *, service: str, key: str, limit: float | None, usual: float
) -> AsyncIterator[None]:
    """Within it an SDK's errors are the runner's. All of it in `limit` seconds; without one `usual` is the SDK's own."""
    import asyncio

    import httpx2

    try:
        async with asyncio.timeout(limit):  # the SDK's own is for each part of an answer
            yield
    except errors.status as error:
        answer = error.response
        raise refusal_of_status(error.status_code, answer.headers, answer.text, service=service, key=key) from error
    except (errors.timeout, TimeoutError) as error:
        msg = f"{service} did not answer within {limit or usual:g} s"
        raise PassingError(msg) from error
    except (errors.connection, httpx2.HTTPError) as error:
        msg = f"{service} cannot be reached ({error.__cause__ or error})"
        raise PassingError(msg) from error
    except errors.any as error:
        msg = f"{service}: {error}"
        raise HaltError(msg) from error


def refusal_of_status(
    status: int, headers: Mapping[str, str], body: str, *, service: str, key: str
) -> PassingError | HaltError | RejectedError:
    """What an HTTP status means for this call and for all others. `key` says where the service's key comes from."""
    code, said, parameter = _error_of(body)
    reason = f"{service} answered {status}{f' ({code})' if code else ''}: {said or 'nothing more'}"
    if code in _BUDGET or _NO_CREDIT in said.casefold():
        return HaltError(f"{reason}; the budget is used up: raise it at the service, and run the same command again")
    if status == 401:
        return HaltError(f"{reason}; the key in {key} is not accepted there: set the right one")
    if status in _HALTING or status < 400:  # a redirect that leads nowhere
        return HaltError(f"{reason}; see model, base_url and the rights of the key in {key}")
    if status in _PASSING or status >= 500:
        return PassingError(reason, wait=_wait(headers), slow_down=status in (429, 503, 529), limited=status == 429)
    if code in _UNSUPPORTED or any(words in said.casefold() for words in _UNSUPPORTED_WORDS):
        named = _key_of(parameter) or _key_of(said) or "that key"
        return HaltError(f"{reason}; change or leave out {named} in the judge's section of study.toml")
    return RejectedError(reason, raw=body[:_RAW], refused=code in _REFUSED)


def sendable(request: Request) -> Request:
    """The request with U+FFFD for each half of a character, which no JSON that is sent can hold."""
    turns = tuple(replace(turn, content=_whole(turn.content)) for turn in request.turns)
    return replace(request, system=_whole(request.system), turns=turns)


def json_of(body: str, *, service: str, key: str) -> str:
    """The body, where it is a JSON object; what was cut off on its way is tried again.

    An error may stand in it under a good status: gateways pass on what another service said, and a response may fail.
    """
    try:
        value = json.loads(body)
    except (ValueError, RecursionError):
        value = None
    if not isinstance(value, dict):
        msg = f"{service} sent no JSON object: {one_line(body)!r}"
        raise PassingError(msg)
    if value.get("error"):
        raise refusal_of_status(_status_of(at(value, "error", "code")), {}, body, service=service, key=key)
    return body


def answer_in(body: str, read: Callable[[str], object], *, service: str, key: str) -> str:
    """The body, where `read` finds an answer in it. Any other object is no fault of the judge's, and is tried again."""
    whole = json_of(body, service=service, key=key)
    try:
        read(whole)
    except ValueError as error:
        msg = f"{service} sent no answer: {error}: {one_line(whole)!r}"
        raise StrangeError(msg, why=str(error)) from error
    return whole


def at(value: Json, *path: str | int) -> Json:
    """What stands in nested JSON at a path; None where the path ends early.

    >>> at({"choices": [{"text": "a"}]}, "choices", 0, "text"), at({}, "choices", 0)
    ('a', None)
    """
    for step in path:
        if isinstance(value, dict) and isinstance(step, str):
            value = value.get(step)
        elif isinstance(value, list) and isinstance(step, int) and -len(value) <= step < len(value):
            value = value[step]
        else:
            return None
    return value


def text_at(value: Json, *path: str | int) -> str:
    """A text at a path; empty where there is none."""
    found = at(value, *path)
    return found if isinstance(found, str) else ""


def count_at(value: Json, *path: str | int) -> int | None:
    """A whole number at a path."""
    found = at(value, *path)
    return found if isinstance(found, int) and not isinstance(found, bool) else None


def items_at(value: Json, *path: str | int) -> list[Json]:
    """A list at a path; empty where there is none."""
    found = at(value, *path)
    return found if isinstance(found, list) else []


def _status_of(code: Json) -> int:
    """The status that an error under a good one would have had; 500 where it does not say."""
    if isinstance(code, int) and 400 <= code < 600:
        return code
    return {"invalid_prompt": 400, "rate_limit_exceeded": 429}.get(code, 500) if isinstance(code, str) else 500


def _whole(text: str) -> str:
    return text if text.isascii() else text.encode("utf-16", "surrogatepass").decode("utf-16", "replace")


class _Said(NamedTuple):
    """The code of an error, its words, and the parameter that it is about."""

    code: str
    words: str
    parameter: str = ""


def _error_of(body: str) -> _Said:
    """What an error says, as both families of services write it."""
    try:
        value: Json = json.loads(body)
    except (ValueError, RecursionError):
        return _Said("", one_line(body.strip(), limit=200))
    error = at(value, "error")
    if isinstance(error, str):
        return _Said("", one_line(error, limit=300))
    code = text_at(error, "code") or text_at(error, "details", "error_code") or text_at(error, "type")
    said = text_at(error, "message") or text_at(value, "message") or text_at(value, "detail")
    return _Said(one_line(code), one_line(said, limit=300), text_at(error, "param"))


def _key_of(words: str) -> str | None:
    """The key of study.toml that stands for the parameter which the words name."""
    return next((key for name, key in _KEYS.items() if name in words.casefold()), None)


def _wait(headers: Mapping[str, str]) -> float | None:
    """Seconds that a service asks to be left alone: a number, or a date by the service's own clock where it tells it."""
    for name, unit in (("retry-after-ms", 1000.0), ("retry-after", 1.0)):
        try:
            seconds = float(headers[name]) / unit
        except (KeyError, ValueError):
            continue
        if math.isfinite(seconds):
            return max(0.0, seconds)
    until = _moment(headers.get("retry-after", ""))
    if until is None:
        return None
    return max(0.0, (until - (_moment(headers.get("date", "")) or datetime.now(UTC))).total_seconds())


def _moment(text: str) -> datetime | None:
    """A date as HTTP writes it."""
    from email.utils import parsedate_to_datetime

    try:
        found = parsedate_to_datetime(text)
    except ValueError:
        return None
    return found if found.tzinfo is not None else found.replace(tzinfo=UTC)
