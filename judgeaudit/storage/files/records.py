"""Results read back from JSON with every type checked, and the JSON Schema of audit.json.

Reading is done here, not by pydantic, for two reasons: pydantic refuses texts with lone surrogates, which outputs of models hold,
and to prepare these records takes it 0.13 CPU seconds, a fifth of what `judgeaudit gate` costs. The schema is pydantic's.
"""

from __future__ import annotations

import json
import math
from collections.abc import Callable
from dataclasses import MISSING, fields, is_dataclass
from types import NoneType, UnionType
from typing import Any, Literal, NoReturn, TypeVar, Union, get_args, get_origin, get_type_hints

from judgeaudit.domain.errors import one_line

T = TypeVar("T")
#: what reads one value; raises UnfitError
Reader = Callable[[Any], Any]
#: characters of a wrong value that an error shows
_SHOWN = 40
#: JSON may hold whole numbers of any length; what is larger than this fits no number that is computed with
_MOST = 1e300
#: fields that tell records of a union apart
_TAGS = ("kind", "code")
_READERS: dict[Any, Reader] = {}


class UnfitError(ValueError):
    """What in a JSON value does not fit a record: the place, what should stand there, and what does."""

    def __init__(self, message: str, *steps: str | int) -> None:
        self.message, self.steps = message, steps
        place = "".join(f"[{step}]" if isinstance(step, int) else f".{step}" for step in steps).removeprefix(".")
        super().__init__(one_line(f"{place or 'the file'}: {message}"))

    def inside(self, step: str | int) -> UnfitError:
        """The same, seen from one step further out."""
        return UnfitError(self.message, step, *self.steps)


def record_from(kind: type[T], plain: object) -> T:
    """The record that plain JSON holds. Keys that it does not know are dropped, so that a newer minor version can be read.

    Raises UnfitError where something else is held. Numbers must be finite, and no type stands for another: "1" is no number
    and 1.5 is no count.
    """
    found: T = _reader(kind)(plain)
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


def _reader(hint: Any) -> Reader:
    if hint not in _READERS:
        _READERS[hint] = _made(hint)
    return _READERS[hint]


def _made(hint: Any) -> Reader:
    """What reads a value of this type."""
    origin, inside = get_origin(hint), get_args(hint)
    if hint in _PLAIN:
        return _PLAIN[hint]
    if is_dataclass(hint):
        return _record_reader(hint)
    if origin is Literal:
        return _literal_reader(inside)
    if origin in (Union, UnionType):
        return _union_reader(inside)
    if origin is list:
        return _list_reader(inside[0])
    if origin is dict:
        return _dict_reader(inside[1])
    if origin is tuple:
        return _tuple_reader(inside)
    msg = f"no way to read {hint!r}"
    raise TypeError(msg)


def _unfit(wanted: str, found: object) -> NoReturn:
    shown = json.dumps(found, default=str)
    shown = shown if len(shown) <= _SHOWN else f"{shown[:_SHOWN]}…"
    msg = f"{wanted} should stand here, not {shown}"
    raise UnfitError(msg)


def _text(value: Any) -> Any:
    return value if type(value) is str else _unfit("a text", value)


def _whole(value: Any) -> Any:
    return value if type(value) is int and abs(value) < _MOST else _unfit("a whole number", value)


def _truth(value: Any) -> Any:
    return value if type(value) is bool else _unfit("true or false", value)


def _nothing(value: Any) -> Any:
    return value if value is None else _unfit("null", value)


def _number(value: Any) -> Any:
    if type(value) is float and math.isfinite(value):
        return value
    return value if type(value) is int and abs(value) < _MOST else _unfit("a finite number", value)


def _anything(value: Any) -> Any:
    """Any JSON; NaN and infinities are none."""
    try:
        json.dumps(value, allow_nan=False)
    except (ValueError, TypeError):
        _unfit("JSON with finite numbers", value)
    return value


_PLAIN: dict[Any, Reader] = {
    str: _text,
    int: _whole,
    bool: _truth,
    float: _number,
    NoneType: _nothing,
    Any: _anything,
}


def _literal_reader(allowed: tuple[Any, ...]) -> Reader:
    wanted = " or ".join(json.dumps(one) for one in allowed)

    def read(value: Any) -> Any:
        return value if any(value == one and type(value) is type(one) for one in allowed) else _unfit(wanted, value)

    return read


def _list_reader(hint: Any) -> Reader:
    one = _later(hint)

    def read(value: Any) -> Any:
        if type(value) is not list:
            _unfit("a list", value)
        out: list[Any] = []
        try:
            for each in value:
                out.append(one(each))
        except UnfitError as error:
            raise error.inside(len(out)) from None
        return out

    return read


def _dict_reader(hint: Any) -> Reader:
    one = _later(hint)

    def read(value: Any) -> Any:
        if type(value) is not dict:
            _unfit("a record", value)
        out = {}
        for key, each in value.items():
            try:
                out[key] = one(each)
            except UnfitError as error:
                raise error.inside(key) from None
        return out

    return read


def _tuple_reader(inside: tuple[Any, ...]) -> Reader:
    if inside[1:] == (...,):
        every = _list_reader(inside[0])
        return lambda value: tuple(every(value))
    parts = [_reader(one) for one in inside]

    def read(value: Any) -> Any:
        if type(value) is not list or len(value) != len(parts):
            _unfit(f"a list of {len(parts)}", value)
        return tuple(one(each) for one, each in zip(parts, value, strict=True))

    return read


def _union_reader(inside: tuple[Any, ...]) -> Reader:
    """Null, or one type; of several records the one whose `kind` or `code` stands there."""
    nullable = NoneType in inside
    others = [one for one in inside if one is not NoneType]
    one = _reader(others[0]) if len(others) == 1 else _tagged_reader(others)
    return (lambda value: None if value is None else one(value)) if nullable else one


def _tagged_reader(kinds: list[Any]) -> Reader:
    tag = next(name for name in _TAGS if all(name in kind.__dataclass_fields__ for kind in kinds))
    known = {told: kind for kind in kinds for told in get_args(get_type_hints(kind)[tag])}

    def read(value: Any) -> Any:
        if type(value) is not dict:
            _unfit("a record", value)
        told = value.get(tag)
        if type(told) is not str or told not in known:
            msg = f"one of {', '.join(known)} should stand here, not {json.dumps(told)[:_SHOWN]}"
            raise UnfitError(msg, tag)
        return _reader(known[told])(value)

    return read


def _record_reader(kind: Any) -> Reader:
    hints = get_type_hints(kind)
    parts = [
        (one.name, _later(hints[one.name]), one.default is MISSING and one.default_factory is MISSING)
        for one in fields(kind)
    ]

    def read(value: Any) -> Any:
        if type(value) is not dict:
            _unfit("a record", value)
        known: dict[str, Any] = {}
        for name, one, required in parts:
            if name in value:
                try:
                    known[name] = one(value[name])
                except UnfitError as error:
                    raise error.inside(name) from None
            elif required:
                msg = f"{name} is missing"
                raise UnfitError(msg)
        try:
            return kind(**known)
        except UnfitError:
            raise
        except ValueError as error:
            raise UnfitError(str(error)) from None

    return read


def _later(hint: Any) -> Reader:
    """A reader of parts of a record: for records and lists made when the first one is read, which many audits have none of."""
    if hint in _PLAIN or get_origin(hint) is Literal:
        return _reader(hint)
    return lambda value: _reader(hint)(value)
