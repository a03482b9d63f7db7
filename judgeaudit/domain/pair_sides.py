"""Pairwise questions: which labels change into each other when the two answers change sides."""

from __future__ import annotations

from collections.abc import Sequence

from judgeaudit.domain.errors import InputError, one_line
from judgeaudit.domain.question import canonical

Swap = tuple[tuple[str, str], ...]
#: pairs of labels that plainly name the first and the second answer
_SIDES = (
    ("a", "b"),
    ("1", "2"),
    ("first", "second"),
    ("left", "right"),
    ("response", "response b"),
    ("response a", "response b"),
    ("answer a", "answer b"),
    ("a is better", "b is better"),
)
#: labels that plainly mean the same whichever answer stands first
_NEUTRAL = frozenset(
    ("tie", "draw", "equal", "same", "about the same", "both", "neither", "none", "both good", "both bad", "unclear")
)


def plain_swap(name: str, labels: Sequence[str]) -> Swap:
    """The pairs that change, where the labels themselves say so; else an InputError that asks for `swap`.

    >>> plain_swap("better", ["tie", "A", "B"]), plain_swap("better", ["response", "response_b"])
    ((('A', 'B'),), (('response', 'response_b'),))
    """
    spoken = {_spoken(label): label for label in labels}
    for first, second in _SIDES:
        if first in spoken and second in spoken and _NEUTRAL.issuperset(spoken.keys() - {first, second}):
            return ((spoken[first], spoken[second]),)
    pairs = ", ".join(f'"{one_line(label, limit=30)}"' for label in labels[:2]) or '"A", "B"'
    msg = (
        f"question {one_line(name)!r}: which labels change into each other when the two answers change sides? "
        f"Say it in study.toml, as in swap = [[{pairs}]], or swap = [] if none does"
    )
    raise InputError(msg)


def side_of(label: str, swap: Swap) -> int:
    """1 where a label means the first answer, −1 where it means the second, 0 where it means neither.

    Where names do not say it, the first of each pair is taken to mean the first answer.

    >>> [side_of(label, (("B", "A"),)) for label in ("A", "B", "tie")], side_of("-2", (("-2", "2"),))
    ([1, -1, 0], 1)
    """
    for pair in swap:
        first, second = pair[::-1] if (_spoken(pair[1]), _spoken(pair[0])) in _SIDES else pair
        if canonical(label) in (canonical(first), canonical(second)):
            return 1 if canonical(label) == canonical(first) else -1
    return 0


def unswapped(label: str, swap: Swap) -> str:
    """The label as if the answers had not changed sides. It is its own inverse; labels in no pair stay.

    >>> unswapped("A", (("A", "B"),)), unswapped("tie", (("A", "B"),)), unswapped("5", (("-5.0", "5.0"),))
    ('B', 'tie', '-5.0')
    """
    other = {canonical(first): second for pair in swap for first, second in (pair, pair[::-1])}
    return other.get(canonical(label), label)


def _spoken(label: str) -> str:
    return label.casefold().replace("_", " ").replace("-", " ").strip()
