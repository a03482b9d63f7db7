"""Which checkpoints belong to which method, in which order they were trained, and which of them is the baseline."""

from __future__ import annotations

import math
import re
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

from judgeaudit.audit.checkpoints.anchors.path import name_of
from judgeaudit.audit.checkpoints.anchors.words import listed, step_words
from judgeaudit.domain.checkpoints import Checkpoint, Note
from judgeaudit.domain.errors import InputError, nearest, one_line

_NUMBER = re.compile(r"[0-9]+(?:\.[0-9]+)?")
#: what a baseline may name, in this order
_NAMES: dict[str, Callable[[Checkpoint], str]] = {
    "method": lambda one: one.method,
    "checkpoint": lambda one: one.checkpoint,
    "model": lambda one: one.model,
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Methods:
    """Methods, the baseline first; each checkpoint belongs to one.

    places  of a method's checkpoints, in the order in which they were trained
    steps   of them in the same order; empty where neither steps nor the checkpoints' names tell
    notes   what a reader should know of the order
    """

    names: tuple[str, ...]
    places: dict[str, tuple[int, ...]]
    steps: dict[str, tuple[float, ...]] = field(default_factory=dict)
    notes: dict[str, tuple[Note, ...]] = field(default_factory=dict)


def methods_of(checkpoints: Sequence[Checkpoint], baseline: str) -> Methods:
    """The methods with their checkpoints in order: by step, else by the last number in each name, else as they appear.

    `baseline` is a method's name, else a checkpoint's, else a model's. What it names is the baseline and no longer part of
    another method's path. Equal steps follow the names.
    """
    members: dict[str, list[int]] = {baseline: _named(checkpoints, baseline)}
    taken = set(members[baseline])
    for place, one in enumerate(checkpoints):
        if place not in taken:
            members.setdefault(one.method, []).append(place)
    if len(members) == 1 and len(kinds := list(dict.fromkeys(one.method for one in checkpoints))) > 1:
        msg = (
            f"compare.baseline: {one_line(baseline)!r} names the checkpoints of all methods, and none is left to compare; "
            f"name one of {listed([one_line(kind) for kind in kinds], 'or')}"
        )
        raise InputError(msg)
    _refuse_several(checkpoints, baseline, members[baseline])
    found = {name: _in_order(name, checkpoints, places) for name, places in members.items()}
    return Methods(
        names=tuple(members),
        places={name: one[0] for name, one in found.items()},
        steps={name: one[1] for name, one in found.items()},
        notes={name: one[2] for name, one in found.items()},
    )


def _named(checkpoints: Sequence[Checkpoint], baseline: str) -> list[int]:
    for name in _NAMES.values():
        places = [place for place, one in enumerate(checkpoints) if name(one) == baseline]
        if places:
            return places
    offered = list(dict.fromkeys(name(one) for name in _NAMES.values() for one in checkpoints))
    methods = listed(list(dict.fromkeys(one_line(one.method) for one in checkpoints)))
    msg = (
        f"compare.baseline: no method, checkpoint or model {one_line(baseline)!r}{nearest(baseline, offered)}; "
        f"methods are {methods or 'none'}"
    )
    raise InputError(msg)


def _refuse_several(checkpoints: Sequence[Checkpoint], baseline: str, places: list[int]) -> None:
    """A name that checkpoints of several methods share says not which of them the baseline is."""
    methods = list(dict.fromkeys(checkpoints[place].method for place in places))
    if len(methods) > 1:
        msg = (
            f"compare.baseline: {one_line(baseline)!r} names {len(places)} checkpoints of {len(methods)} methods "
            f"({listed([one_line(one) for one in methods])}); name one method"
        )
        raise InputError(msg)


_Order = tuple[tuple[int, ...], tuple[float, ...], tuple[Note, ...]]


def _in_order(method: str, checkpoints: Sequence[Checkpoint], places: list[int]) -> _Order:
    """Places and steps in order, and notes on it."""
    own = [checkpoints[place] for place in places]
    steps = [one.step for one in own if one.step is not None and math.isfinite(one.step)]
    notes: list[Note] = []
    if len(steps) < len(own):
        steps = [number for one in own if (number := _last_number(one.checkpoint)) is not None]
        named = len(steps) == len(own)
        if named or len(own) > 1:
            notes.append(_no_steps(method, named=named))
        if not named:
            return tuple(places), (), tuple(notes)
    order = sorted(
        zip(steps, own, places, strict=True), key=lambda one: (one[0], one[1].checkpoint, one[1].model, one[2])
    )
    notes += _equal_steps(method, [(step, one) for step, one, _ in order])
    return tuple(place for _, _, place in order), tuple(step for step, _, _ in order), tuple(notes)


def _equal_steps(method: str, order: Sequence[tuple[float, Checkpoint]]) -> list[Note]:
    """A note on the first step that several checkpoints of a method share; none where every step has one."""
    times = Counter(step for step, _ in order)
    twice = [step for step in times if times[step] > 1]
    if not twice:
        return []
    first = min(twice)
    same = listed([name_of(one) for step, one in order if step == first])
    sentence = f"{one_line(method)} has step {step_words(first)} more than once ({same}): equal steps follow the names"
    return [Note(code="equal_steps", sentence=sentence)]


def _last_number(name: str) -> float | None:
    """The last number in a name.

    >>> _last_number("v2/checkpoint-200"), _last_number("epoch-1.5"), _last_number("final")
    (200.0, 1.5, None)
    """
    found = _NUMBER.findall(name)
    return float(found[-1]) if found and math.isfinite(float(found[-1])) else None


def _no_steps(method: str, *, named: bool) -> Note:
    how = (
        "the last number in each checkpoint's name stands for it"
        if named
        else "its checkpoints stand in the order in which they were given"
    )
    return Note(code="no_steps", sentence=f"{one_line(method)} has no step for each checkpoint: {how}")
