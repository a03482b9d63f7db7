"""Results read back from JSON, every type checked, and their JSON Schema. Pydantic makes both from the dataclasses."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any, TypeVar

from judgeaudit.domain.errors import one_line

if TYPE_CHECKING:
    from collections.abc import Sequence

    from pydantic import TypeAdapter
    from pydantic_core import ErrorDetails

T = TypeVar("T")
#: characters of a wrong value that an error shows
_SHOWN = 60
#: making one takes longer than reading a file
_ADAPTERS: dict[type[Any], TypeAdapter[Any]] = {}


class UnfitError(ValueError):
    """What in a JSON text does not fit a record, in one line: the place, what should stand there, and what does."""


def record_from(kind: type[T], text: str) -> T:
    """The record that a JSON text holds. Keys that it does not know are dropped, so that a newer minor version can be read.

    Raises UnfitError for a text that is no JSON or holds something else. Numbers must be finite, and no type stands for
    another: "1" is no number and 1.5 is no count.
    """
    from pydantic import ValidationError

    try:
        found: T | None = _adapter(kind).validate_json(text)
    except ValidationError as error:
        raise UnfitError(_told(error.errors(include_url=False, include_context=False), text)) from None
    if found is None:
        msg = "null, where a record should stand"
        raise UnfitError(msg)
    return found


def audit_schema() -> dict[str, Any]:
    """The JSON Schema (2020-12) of audit.json."""
    from pydantic import TypeAdapter

    from judgeaudit.domain.results.audit import AuditResult

    schema = TypeAdapter(AuditResult).json_schema(mode="validation")
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        **schema,
        "title": "audit.json of judgeaudit",
        "description": "One audit. Keys that are not described here may be there, and a reader has to ignore them.",
    }


def _adapter(kind: type[T]) -> TypeAdapter[T | None]:
    """What reads a kind of record. "Or null" because pydantic takes settings from here for what is no dataclass itself."""
    from pydantic import ConfigDict, TypeAdapter

    if kind not in _ADAPTERS:
        or_null: Any = kind | None
        _ADAPTERS[kind] = TypeAdapter(or_null, config=ConfigDict(strict=True, allow_inf_nan=False))
    return _ADAPTERS[kind]


def _told(errors: Sequence[ErrorDetails], text: str) -> str:
    """The first error; of a value that may be one of several records the one that came furthest."""
    first = errors[0]
    try:
        plain = json.loads(text)
    except (ValueError, RecursionError):
        return one_line(first["msg"])
    place = _place(first["loc"], plain)
    alike = [one for one in errors if _place(one["loc"], plain).startswith(place)]
    worst = max(alike, key=lambda one: len(_steps(one["loc"], plain)))
    message = worst["msg"][:1].lower() + worst["msg"][1:]
    found = "" if worst["type"] == "missing" else f", found {_short(worst['input'])}"
    return one_line(f"{_place(worst['loc'], plain) or 'the file'}: {message}{found}")


def _short(value: Any) -> str:
    shown = json.dumps(value, default=str)
    return shown if len(shown) <= _SHOWN else f"{shown[:_SHOWN]}…"


def _place(loc: Sequence[str | int], plain: Any) -> str:
    """`findings[3].value`."""
    told = "".join(f"[{step}]" if isinstance(step, int) else f".{step}" for step in _steps(loc, plain))
    return told.removeprefix(".")


def _steps(loc: Sequence[str | int], plain: Any) -> list[str | int]:
    """The keys and positions on the way; pydantic also names the records that it tried, which stand in no file."""
    out: list[str | int] = []
    at: Any = plain
    for number, step in enumerate(loc):
        inside: dict[Any, Any] = dict(enumerate(at)) if isinstance(at, list) else at if isinstance(at, dict) else {}
        if step in inside:
            at = inside[step]
        elif number < len(loc) - 1 or not isinstance(at, dict):
            continue
        out.append(step)
    return out
