"""The order in which tasks are shown: shuffled, with repeats far from their first showing and known answers in between."""

from __future__ import annotations

import random
from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from math import ceil

from judgeaudit.domain.errors import InputError, one_line
from judgeaudit.domain.labelling.tasks import Purpose

#: a repeat comes at least this share of the list after the first showing
GAP = 1 / 3
#: within how many tasks the first known answer comes, so that a misread guideline shows soon
EARLY = 10
_TRIES = 50
#: plans for the places of repeats before both ends of the list are taken
_PLANS = 5
#: lists up to this long are searched whole for an exchange that mends a place, longer ones by chance
_SHORT = 2000


@dataclass(frozen=True, slots=True, kw_only=True)
class Pick:
    """An item to be shown. Items with the same `prompt` are kept from following each other; "" is like no other."""

    item_id: str
    prompt: str = ""
    purpose: Purpose = "item"


@dataclass(frozen=True, slots=True, kw_only=True)
class Known:
    """An item whose answer is known, mixed in to see whether raters understood the question."""

    item_id: str
    prompt: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Slot:
    """One place of the list. `swapped`: the two answers of a pairwise item change sides."""

    item_id: str
    purpose: Purpose
    position: int
    swapped: bool = False


@dataclass(frozen=True, slots=True)
class _Showing:
    """One showing of an item. `pair` numbers the items that are shown twice; `fixed` ones keep their place."""

    item_id: str
    prompt: str
    purpose: Purpose
    pair: int | None = None
    fixed: bool = False


def ordered(
    chosen: Sequence[Pick],
    *,
    seed: int,
    repeats: float = 0.0,
    calibration: Sequence[Known] = (),
    gap: float = GAP,
    sides: bool = False,
    after: Pick | None = None,
) -> list[Slot]:
    """Every item once, a share `repeats` of them, drawn at random, once more, and the calibration items: one list.

    In this order of precedence: answers to one prompt never follow each other where the list can be arranged so at all, else
    as seldom as possible; a repeat comes at least `gap` of the list after its first showing; calibration items are spread
    evenly, at random places, the first of them early. With `sides` a random half of the items is shown with sides swapped; a
    repeat keeps the sides of its first showing, since it measures whether a rater gives the same answer again: with other
    sides it would measure the pull of a side as well. `after` is what stands before the list, where it goes on with another.
    The same arguments give the same list.
    """
    _refuse_doubles([*(pick.item_id for pick in chosen), *(known.item_id for known in calibration)])
    if not (0.0 <= repeats <= 1.0 and 0.0 <= gap <= 0.5):
        msg = f"repeats {repeats:g} must be a share of the items, 0 to 1, and gap {gap:g} a share of the list, 0 to 0.5"
        raise InputError(msg)
    rng = random.Random(f"order:{seed}")
    order = _arranged(chosen, calibration, repeats=repeats, gap=gap, rng=rng, after=_prompt(after) if after else "")
    swapped = _half([p.item_id for p in chosen], rng) | _half([k.item_id for k in calibration], rng) if sides else set()
    seen: set[str] = set()
    slots = []
    for position, showing in enumerate(order):
        purpose: Purpose = "repeat" if showing.item_id in seen else showing.purpose
        seen.add(showing.item_id)
        slots.append(
            Slot(item_id=showing.item_id, purpose=purpose, position=position, swapped=showing.item_id in swapped)
        )
    return slots


def _arranged(
    chosen: Sequence[Pick],
    calibration: Sequence[Known],
    *,
    repeats: float,
    gap: float,
    rng: random.Random,
    after: str,
) -> list[_Showing]:
    """Places first, for repeats and calibration items; then whatever stands beside its like is moved."""
    again = rng.sample(range(len(chosen)), int(repeats * len(chosen) + 0.5))
    size = len(chosen) + len(again) + len(calibration)
    least = ceil(gap * size)
    places = _calibration_places(len(calibration), size, rng)
    taken, twice = set(places), set(again)
    free = [place for place in range(size) if place not in taken]
    pairs = _pair_places(len(again), free, least, rng)
    order: list[_Showing | None] = [None] * size
    for place, known in zip(places, rng.sample(list(calibration), len(calibration)), strict=True):
        order[place] = _Showing(known.item_id, _prompt(known), "calibration", fixed=True)
    for number, (index, pair) in enumerate(zip(again, pairs, strict=True)):
        for place in pair:
            order[place] = _Showing(chosen[index].item_id, _prompt(chosen[index]), chosen[index].purpose, pair=number)
    once = [_Showing(p.item_id, _prompt(p), p.purpose) for k, p in enumerate(chosen) if k not in twice]
    rng.shuffle(once)
    rest = iter(once)
    return _settled([showing or next(rest) for showing in order], least, rng, after)


def _prompt(one: Pick | Known) -> str:
    """Items without a prompt follow each other freely; an item never follows itself."""
    return f"p{one.prompt}" if one.prompt else f"i{one.item_id}"


def _calibration_places(count: int, size: int, rng: random.Random) -> list[int]:
    """One random place in each of `count` equal stretches of the list; in the first stretch among the first ten."""
    places = []
    for k in range(count):
        start, end = size * k // count, size * (k + 1) // count
        places.append(rng.randrange(start, min(end, start + EARLY) if k == 0 else end))
    return places


def _pair_places(count: int, free: list[int], least: int, rng: random.Random) -> list[tuple[int, int]]:
    """Places for first showings and repeats at least `least` apart: at random, or, where too many are wanted, both ends."""
    for _ in range(_PLANS):
        found = _random_pairs(count, free, least, rng)
        if found is not None:
            return found
    firsts, seconds = free[:count], free[len(free) - count :]
    return list(zip(firsts, seconds, strict=True))


def _random_pairs(count: int, free: list[int], least: int, rng: random.Random) -> list[tuple[int, int]] | None:
    """Pairs drawn one by one from the places still free; None where a pair finds no partner soon."""
    used: set[int] = set()
    pairs = []
    for _ in range(count):
        for _ in range(_TRIES):
            a, b = sorted(rng.sample(free, 2)) if len(free) > 1 else (0, 0)
            if b - a >= max(least, 1) and a not in used and b not in used:
                break
        else:
            return None
        used |= {a, b}
        pairs.append((a, b))
    return pairs


def _settled(order: list[_Showing], least: int, rng: random.Random, after: str) -> list[_Showing]:
    """Moves what stands beside its like, keeping repeats far; where that is not enough, prompts come before distances."""
    _exchange(order, least, rng, after)
    prompts = [showing.prompt for showing in order]
    best = apart(prompts)
    if touching([prompts[index] for index in best]) < touching(prompts):
        order[:] = [order[index] for index in best]
        _exchange(order, least, rng, after)
    return order


def _exchange(order: list[_Showing], least: int, rng: random.Random, after: str) -> None:
    """Exchanges two places as long as that mends one and breaks none; a list that cannot be mended is soon given up."""
    board, failed = _Board(order, least, after), 0
    for place in range(len(order)):
        if not board.wrong(place):
            continue
        others = [rng.randrange(len(order)) for _ in range(_TRIES)]
        if len(order) <= _SHORT:
            others += rng.sample(range(len(order)), len(order))
        mended = any(board.mend(mine, other) for other in others for mine in (place, *board.partner(place)))
        failed = 0 if mended else failed + 1
        if failed > _TRIES:
            return


class _Board:
    """The list with where the showings of each pair stand, so that one exchange is judged without looking at all."""

    def __init__(self, order: list[_Showing], least: int, after: str) -> None:
        self.order, self.least, self.after = order, least, after
        self.places: dict[int, list[int]] = {}
        for place, showing in enumerate(order):
            if showing.pair is not None:
                self.places.setdefault(showing.pair, []).append(place)

    def partner(self, place: int) -> list[int]:
        pair = self.order[place].pair
        return [] if pair is None else [other for other in self.places[pair] if other != place]

    def wrong(self, place: int) -> bool:
        return self._beside(place) > 0 or self._near(place) > 0

    def mend(self, a: int, b: int) -> bool:
        """Exchanges a and b if that leaves fewer likes side by side, or as few and fewer repeats too near."""
        if a == b or self.order[a].fixed or self.order[b].fixed:
            return False
        before = self._faults(a, b)
        self._swap(a, b)
        after = self._faults(a, b)
        if after[0] <= before[0] and after[1] <= before[1] and after != before:
            return True
        self._swap(a, b)
        return False

    def _faults(self, a: int, b: int) -> tuple[int, int]:
        return self._beside(a) + self._beside(b), self._near(a) + self._near(b)

    def _swap(self, a: int, b: int) -> None:
        one, two = self.order[a], self.order[b]
        self.order[a], self.order[b] = two, one
        for showing, old, new in ((one, a, b), (two, b, a)):
            if showing.pair is not None and one.pair != two.pair:
                self.places[showing.pair] = [new if place == old else place for place in self.places[showing.pair]]

    def _beside(self, place: int) -> int:
        around = [k for k in (place - 1, place + 1) if 0 <= k < len(self.order)]
        seam = place == 0 and self.order[0].prompt == self.after
        return seam + sum(self.order[k].prompt == self.order[place].prompt for k in around)

    def _near(self, place: int) -> int:
        return sum(abs(place - other) < self.least for other in self.partner(place))


def _half(items: Sequence[str], rng: random.Random) -> set[str]:
    """A random half; which of two halves is the larger one is chance, too."""
    return set(rng.sample(list(items), (len(items) + rng.randrange(2)) // 2))


def _refuse_doubles(items: Sequence[str]) -> None:
    seen: set[str] = set()
    for item in items:
        if item in seen:
            msg = f"item '{one_line(item)}' is to be shown twice; a plan names each item once, and a calibration item is none of it"
            raise InputError(msg)
        seen.add(item)


# Keeping equals apart: an arrangement in which they touch as seldom as is possible at all.


def touching(names: Sequence[str]) -> int:
    """How many neighbours are equal."""
    return sum(a == b for a, b in pairwise(names))


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
