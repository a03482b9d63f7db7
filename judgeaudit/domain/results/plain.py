"""Records as JSON holds them. A field with the metadata WHERE_KNOWN is left out while it has its default."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import fields, is_dataclass
from typing import Any, TypeVar

T = TypeVar("T")
#: what JSON writes as it is
_SCALARS = (str, int, float, bool, type(None))
#: `field(default=None, metadata=WHERE_KNOWN)`: the JSON holds the field only where it has another value
WHERE_KNOWN = {"left out while it has its default": True}
#: what is known of the fields of each kind of record, once one was written
_WRITTEN: dict[type[Any], Sequence[tuple[str, bool, Callable[[], Any] | None]]] = {}


def plain_of(value: Any) -> Any:
    """Lists, dicts, texts and numbers that hold what records hold, in the order of their fields."""
    if type(value) in _SCALARS:
        return value
    if isinstance(value, dict):
        return {key: plain_of(one) for key, one in value.items()}
    if isinstance(value, list | tuple):
        return [plain_of(one) for one in value]
    if is_dataclass(value):
        return _plain_record(value)
    return value


def _plain_record(record: Any) -> dict[str, Any]:
    out: dict[str, Any] = {}
    for name, left_out, default in _written(type(record)):
        value = getattr(record, name)
        if left_out and (value is None if default is None else value == default()):
            continue
        out[name] = plain_of(value)
    return out


def _written(kind: type[Any]) -> Sequence[tuple[str, bool, Callable[[], Any] | None]]:
    """Each field: its name, whether it is left out while it has its default, and what makes that (None: it is None)."""
    if kind in _WRITTEN:
        return _WRITTEN[kind]
    out = []
    for one in fields(kind):
        made = one.default_factory if callable(one.default_factory) else _always(one.default)
        out.append((one.name, bool(WHERE_KNOWN.items() <= one.metadata.items()), None if one.default is None else made))
    _WRITTEN[kind] = tuple(out)
    return _WRITTEN[kind]


def _always(value: T) -> Callable[[], T]:
    return lambda: value
