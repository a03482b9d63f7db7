"""A question: what is asked about an item, its scale, and the closed set of labels."""

from __future__ import annotations

import math
import re
from dataclasses import dataclass
from typing import Literal, get_args

from judgeaudit.domain.errors import InputError

Scale = Literal["binary", "nominal", "ordinal", "interval"]
#: tables of labels by labels are drawn thousands of times, so their number is bounded
MOST_LABELS = 64
#: the status of who could not tell; no label is called so
CANNOT_JUDGE = "cannot_judge"
SCALES: tuple[Scale, ...] = get_args(Scale)
_NUMBER = re.compile(r"\s*[+-]?(\d+(\.\d*)?|\.\d+)([eE][+-]?\d+)?\s*")

#: squares of interval values, and of their reciprocals, must stay finite
_LARGEST = 1e100


def number_of(text: str) -> float | None:
    """The finite decimal number that a cell spells, else None. `1_000`, `nan` and `inf` are words, not numbers."""
    if not _NUMBER.fullmatch(text):
        return None
    value = float(text)
    return value if math.isfinite(value) else None


def canonical(text: str) -> str:
    """The key under which two cells are one label: equal texts, or texts that spell the same finite number.

    >>> canonical("1.0") == canonical("1"), canonical("1 ") == canonical("1"), canonical("safe ") == canonical("safe")
    (True, True, False)
    """
    value = number_of(text)
    return text if value is None else f"#{value + 0.0!r}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Question:
    """One question with its labels in order. `positive` is a subset of `labels`, empty where the scale has no such side.

    `values` are the numbers behind the labels of an interval scale, in the same order; empty on other scales.
    """

    name: str
    scale: Scale
    labels: tuple[str, ...]
    positive: tuple[str, ...] = ()
    text: str = ""
    values: tuple[float, ...] = ()
    #: those labels that were not declared: medians, which only the reference takes
    medians: tuple[str, ...] = ()

    @property
    def n_labels(self) -> int:
        """K, the declared number of labels; chance terms that depend on K use this one."""
        return len(self.labels) - len(self.medians)

    @property
    def positive_mask(self) -> tuple[bool, ...]:
        return tuple(label in self.positive for label in self.labels)


def make_question(
    *, name: str, scale: str, labels: tuple[str, ...], positive: tuple[str, ...] = (), text: str = ""
) -> Question:
    """A question whose scale fits its labels, or an InputError that says why not."""
    if scale not in SCALES:
        msg = f"question {name!r}: no scale {scale!r}; scales are {', '.join(SCALES)}"
        raise InputError(msg)
    _refuse_doubles(name, labels)
    _refuse_number(name, scale, labels)
    values = _interval_values(name, labels) if scale == "interval" else ()
    words = positive or (labels[1:] if scale == "binary" else ())
    positive = _positive_labels(name, labels, words)
    return Question(name=name, scale=scale, labels=labels, positive=positive, text=text, values=values)


def _refuse_number(name: str, scale: Scale, labels: tuple[str, ...]) -> None:
    """An InputError where a scale cannot have so many labels."""
    if scale == "binary" and len(labels) != 2:
        msg = f"question {name!r}: a binary scale has 2 labels, here are {len(labels)} ({', '.join(labels)}); use --scale nominal or --map"
        raise InputError(msg)
    if scale in ("nominal", "ordinal") and len(labels) < 2:
        msg = f"question {name!r}: a {scale} scale needs at least 2 labels, here is {len(labels)}; declare them with --labels"
        raise InputError(msg)
    if scale != "interval" and len(labels) > MOST_LABELS:
        msg = (
            f"question {name!r}: {len(labels)} labels, more than the {MOST_LABELS} that a closed set may have; "
            f"join some with --map, or use --scale interval for numbers"
        )
        raise InputError(msg)


def _positive_labels(name: str, labels: tuple[str, ...], words: tuple[str, ...]) -> tuple[str, ...]:
    """The labels that `words` name as positive; not all of them may be."""
    keys = {canonical(label): label for label in labels}
    unknown = [word for word in words if canonical(word) not in keys]
    if unknown:
        msg = f"question {name!r}: positive label {unknown[0]!r} is not one of the labels {', '.join(labels)}"
        raise InputError(msg)
    positive = tuple(keys[canonical(word)] for word in words)
    if positive and len(set(positive)) == len(labels):
        msg = f"question {name!r}: every label is positive; at least one must not be"
        raise InputError(msg)
    return positive


def _refuse_doubles(name: str, labels: tuple[str, ...]) -> None:
    seen: dict[str, str] = {}
    for label in labels:
        if not label:
            msg = f"question {name!r}: an empty text cannot be a label, since an empty cell means no label"
            raise InputError(msg)
        if canonical(label) in seen:
            msg = f"question {name!r}: labels {seen[canonical(label)]!r} and {label!r} are the same label"
            raise InputError(msg)
        seen[canonical(label)] = label


def _interval_values(name: str, labels: tuple[str, ...]) -> tuple[float, ...]:
    values = [number_of(label) for label in labels]
    for label, value in zip(labels, values, strict=True):
        if value is None:
            msg = f"question {name!r}: label {label!r} is not a number, so the scale is not interval; use --scale ordinal or nominal"
            raise InputError(msg)
        if abs(value) > _LARGEST:
            msg = f"question {name!r}: label {label!r} is too large to reckon with; rescale the numbers below {_LARGEST:g}"
            raise InputError(msg)
    numbers = tuple(value for value in values if value is not None)
    if len(numbers) > 1 and max(numbers) - min(numbers) < 1 / _LARGEST:
        msg = f"question {name!r}: the labels differ by too little to reckon with; rescale the numbers"
        raise InputError(msg)
    return numbers
