"""Doses: strata that are steps of one degradation, from the least degraded (0) to the most (1)."""

from __future__ import annotations

from collections.abc import Sequence

from judgeaudit.domain.question import canonical, number_of

#: labels of coherence, the most degraded first, as the labels of an ordinal question are written
COHERENCE = ("gibberish", "partly", "coherent")
_LEVELS = ("degradation", "degradation_level")


def tells_kinds(column: str) -> bool:
    """Whether a column names kinds of degradation: `degradation`, alone or crossed with its level.

    >>> tells_kinds("degradation"), tells_kinds("degradation&degradation_level"), tells_kinds("degradation_level")
    (True, True, False)
    """
    parts = [part.strip() for part in column.split("&")]
    return _LEVELS[0] in parts and set(parts) <= set(_LEVELS)


def doses_of(column: str, values: Sequence[str], *, order: Sequence[str] | None = None) -> dict[str, float]:
    """Value -> dose in 0..1, ascending; empty where the column is no degradation or has one step only.

    `order` names the values from the least degraded to the most, evenly spaced; values that it leaves out have no dose. Without
    it two columns are known: `coherence` with its three labels, and `degradation` or `degradation_level` with numbers, whose
    spacing is kept.

    >>> doses_of("coherence", ["gibberish", "coherent"])
    {'coherent': 0.0, 'gibberish': 1.0}
    >>> doses_of("degradation", ["0", "0.1", "0.4"])
    {'0': 0.0, '0.1': 0.25, '0.4': 1.0}
    """
    if order is None and column == "coherence" and all(canonical(value) in COHERENCE for value in values):
        order = COHERENCE[::-1]
    if order is not None:
        return _evenly_spaced(values, order)
    return _as_numbers(values) if column in _LEVELS else {}


def _evenly_spaced(values: Sequence[str], order: Sequence[str]) -> dict[str, float]:
    """Doses of the values that `order` names, by their place in it."""
    place = {canonical(value): at for at, value in enumerate(order)}
    known = sorted((place[canonical(value)], value) for value in values if canonical(value) in place)
    return {value: at / (len(order) - 1) for at, value in known} if len(known) > 1 else {}


def _as_numbers(values: Sequence[str]) -> dict[str, float]:
    """Doses of values that all spell numbers, from the least to the largest."""
    numbers = [number for value in values if (number := number_of(value)) is not None]
    if len(numbers) < len(values) or len(set(numbers)) < 2:
        return {}
    low, high = min(numbers), max(numbers)
    return {value: (number - low) / (high - low) for number, value in sorted(zip(numbers, values, strict=True))}
