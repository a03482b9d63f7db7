"""Keeping equals apart: an arrangement in which they touch as seldom as is possible at all."""

from __future__ import annotations

from collections import Counter, deque
from collections.abc import Sequence
from itertools import pairwise


def touching(names: Sequence[str]) -> int:
    """How many neighbours are equal."""
    return sum(a == b for a, b in pairwise(names))


def least_touching(names: Sequence[str]) -> int:
    """The least that any order can have: c equals need c − 1 others between them.

    >>> [least_touching(text) for text in ("abc", "aab", "aaab", "aaaab", "")]
    [0, 0, 1, 2, 0]
    """
    most = max(Counter(names).values(), default=0)
    return max(0, 2 * most - len(names) - 1)


def apart(names: Sequence[str]) -> list[int]:
    """The order of indices in which equals touch as seldom as possible, and else stays as it is given.

    One pass: the next name that is not like the last one. As soon as one name makes up more than half of what is left, it
    comes whenever it can; so c equals among m names touch max(0, 2c − m − 1) times, which no order can undercut.

    >>> ["".join(text[index] for index in apart(text)) for text in ("abab", "aabb", "baaa", "abcccc")]
    ['abab', 'abab', 'abaa', 'cacbcc']
    """
    left = _Left(names)
    out: list[int] = []
    last: str | None = None
    while len(out) < len(names):
        pressing = left.pressing()
        index = left.take(pressing) if pressing is not None and pressing != last else left.take_unlike(last)
        out.append(index)
        last = names[index]
    return out


class _Left:
    """What is still to be placed. Names that had to wait are alike: a second one waits only beside its likes."""

    def __init__(self, names: Sequence[str]) -> None:
        self.names = names
        self.places: dict[str, deque[int]] = {}
        for index, name in enumerate(names):
            self.places.setdefault(name, deque()).append(index)
        self.by_count: dict[int, dict[str, None]] = {}
        for name, places in self.places.items():
            self.by_count.setdefault(len(places), {})[name] = None
        self.most = max(self.by_count, default=0)
        self.total = len(names)
        self.placed = [False] * len(names)
        self.waiting: str | None = None
        self.cursor = 0

    def pressing(self) -> str | None:
        """The name that makes up more than half of what is left."""
        while self.most and not self.by_count.get(self.most):
            self.most -= 1
        return next(iter(self.by_count[self.most])) if 2 * self.most > self.total else None

    def take(self, name: str) -> int:
        """The first one of that name."""
        places = self.places[name]
        index = places.popleft()
        del self.by_count[len(places) + 1][name]
        self.by_count.setdefault(len(places), {})[name] = None
        self.placed[index] = True
        self.total -= 1
        return index

    def take_unlike(self, last: str | None) -> int:
        """The first one that is not named `last`; one that is where nothing else is left."""
        if self.waiting is not None and self.waiting != last and self._waits():
            return self.take(self.waiting)
        while self.cursor < len(self.names):
            index = self.cursor
            if not self.placed[index]:
                if self.names[index] != last:
                    return self.take(self.names[index])
                self.waiting = last
            self.cursor += 1
        return self.take(str(last))

    def _waits(self) -> bool:
        """Whether one of the waiting name was passed over and is not placed yet."""
        places = self.places[str(self.waiting)]
        return bool(places) and places[0] < self.cursor
