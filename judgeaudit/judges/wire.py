"""What services that answer over HTTP have in common: errors sorted by what helps, and values picked out of JSON."""

from __future__ import annotations

import json
from collections.abc import Mapping

from judgeaudit.domain.errors import one_line
from judgeaudit.judges.reply import HaltError, Json, PassingError, RejectedError

#: 429s that waiting does not mend
_BUDGET = (
    "insufficient_quota",
    "billing_hard_limit_reached",
    "enforced_spend_limit_reached",
    "contract_spend_limit_reached",
    "credit_balance_too_low",
)
_REFUSED = ("content_filter", "content_policy_violation", "moderation_blocked")
_UNSUPPORTED = ("unsupported_parameter", "unsupported_value", "unknown_parameter")
_PASSING = frozenset((408, 409, 425, 429))
_HALTING = frozenset((401, 402, 403, 404, 405))
_RAW = 20_000


def refusal_of_status(
    status: int, headers: Mapping[str, str], body: str, *, service: str, key: str
) -> PassingError | HaltError | RejectedError:
    """What an HTTP status means for this call and for all others. `key` says where the service's key comes from."""
    code, said = _error_of(body)
    reason = f"{service} answered {status}{f' ({code})' if code else ''}: {said or 'nothing more'}"
    if code in _BUDGET:
        return HaltError(f"{reason}; the budget is used up: raise it at the service, and run the same command again")
    if status == 401:
        return HaltError(f"{reason}; the key in {key} is not accepted there: set the right one")
    if status in _HALTING:
        return HaltError(f"{reason}; see model, base_url and the rights of the key in {key}")
    if status in _PASSING or status >= 500:
        return PassingError(reason, wait=_wait(headers), slow_down=status in (429, 503, 529))
    if code in _UNSUPPORTED or "unsupported parameter" in said.casefold() or "unsupported value" in said.casefold():
        return HaltError(f"{reason}; change or leave out that key in the judge's section of study.toml")
    return RejectedError(reason, raw=body[:_RAW], refused=code in _REFUSED)


def json_of(body: str, *, service: str) -> str:
    """The body, where it is a JSON object; what was cut off on its way is tried again."""
    try:
        value = json.loads(body)
    except (ValueError, RecursionError):
        value = None
    if not isinstance(value, dict):
        msg = f"{service} sent no JSON object: {one_line(body)!r}"
        raise PassingError(msg)
    return body


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


def _error_of(body: str) -> tuple[str, str]:
    """The code and the words of an error, as both families of services write them."""
    try:
        value: Json = json.loads(body)
    except (ValueError, RecursionError):
        return "", one_line(body.strip(), limit=200)
    error = at(value, "error")
    if isinstance(error, str):
        return "", one_line(error, limit=300)
    code = text_at(error, "code") or text_at(error, "details", "error_code") or text_at(error, "type")
    said = text_at(error, "message") or text_at(value, "message") or text_at(value, "detail")
    return one_line(code), one_line(said, limit=300)


def _wait(headers: Mapping[str, str]) -> float | None:
    """Seconds that a service asks to be left alone; a date instead of a number is not waited for."""
    for name, unit in (("retry-after-ms", 1000.0), ("retry-after", 1.0)):
        try:
            return max(0.0, float(headers[name]) / unit)
        except (KeyError, ValueError):
            continue
    return None
