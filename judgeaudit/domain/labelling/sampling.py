"""Which items are to be labelled: a stratified draw whose inclusion probabilities are known, and that can grow.

Items of one combination of strata form a cell. A cell gives as many items as the neediest of its strata wants of it. Every
item has a random number of its own, made from the seed and its id; the items with the smallest are taken, so a draw of more
items holds every draw of fewer, and the order of rows does not matter.
"""

from __future__ import annotations

import hashlib
import math
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from statistics import NormalDist

import numpy as np

from judgeaudit.domain.errors import InputError, one_line
from judgeaudit.domain.question import canonical
from judgeaudit.domain.ratings import Floats

#: cells hold a few of the labels each, so more of them than this is a mistake in the choice of columns
MOST_CELLS = 5000
#: an item that stands for more than a million others' worth of chance would decide every number alone
_LEAST_WEIGHT, _MOST_WEIGHT = 1e-3, 1e3
_MOST_ITEMS = 10_000_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Draw:
    """The items that were drawn, and what every item's chance was.

    chosen       indices of the drawn items, in the order of the items
    probability  (N,) chance of each item to be drawn: exact without weights, Pareto's target with them; 0 where excluded. Items
                 that are excluded were drawn at random, so that this is the chance to be left for this draw and drawn
    cell         (N,) the cell of each item, as "a=x & b=y"; "all" where nothing is stratified, "" where excluded
    strata       (N,) the strata of each item, one of each column, named as in `population`
    population   stratum -> its items, "all" first; excluded items are not counted
    sampled      stratum -> its drawn items
    """

    chosen: tuple[int, ...]
    probability: Floats
    cell: tuple[str, ...]
    strata: tuple[tuple[str, ...], ...]
    population: dict[str, int]
    sampled: dict[str, int]


#: a stratum as column and value, and a cell as its strata, one of each column
_Stratum = tuple[str, str]
_Cell = tuple[_Stratum, ...]


def draw(
    items: Sequence[str],
    strata: Mapping[str, Sequence[str]],
    *,
    per_stratum: int,
    seed: int,
    weights: Sequence[float] | None = None,
    exclude: Collection[str] = (),
    stage: str = "main",
) -> Draw:
    """At least `per_stratum` items of every stratum, or all that it has; `strata` gives each item's value by column.

    A cell of N_c items gives n_c = ⌈N_c · max min(1, n / N_s)⌉ over its strata s: the least that lets every stratum count on
    it, rounded up, so that a draw has less than one item a cell more than the strata want. Without `weights` those are a
    simple random sample of the cell (probability n_c / N_c). With weights they are a Pareto sample (Rosén 1997) whose odds
    of inclusion are proportional to the weight. An empty value is a value. Stages (a pilot, the main round) draw
    independently of each other; what one stage took is kept out of another's population by `exclude`.
    """
    weight = _checked(items, strata, per_stratum, weights)
    live = _not_excluded(items, set(exclude))
    whole = _cells_of(range(len(items)), strata)
    cells = _cells_within(live, whole)
    population = _tally({cell: len(inside) for cell, inside in cells.items()})
    probability, name_of = np.zeros(len(items)), [""] * len(items)
    strata_of: list[tuple[str, ...]] = [()] * len(items)
    taken_of: dict[_Cell, list[int]] = {}
    for cell, inside in cells.items():
        n = _wanted(len(inside), [population[stratum] for stratum in cell] or [len(live)], per_stratum)
        rank = {i: (_pareto_rank(_uniform(stage, seed, items[i]), weight[i]), items[i]) for i in inside}
        taken_of[cell] = sorted(inside, key=rank.__getitem__)[:n]
        probability[inside] = pareto_targets([weight[i] for i in inside], n=n) * len(inside) / len(whole[cell])
        parts = tuple(map(_named, cell))
        for index in inside:
            name_of[index], strata_of[index] = " & ".join(parts) or "all", parts
    sampled = _tally({cell: len(taken) for cell, taken in taken_of.items()})
    return Draw(
        chosen=tuple(sorted(index for taken in taken_of.values() for index in taken)),
        probability=probability,
        cell=tuple(name_of),
        strata=tuple(strata_of),
        population=_shown(population, len(live)),
        sampled=_shown(sampled, sum(map(len, taken_of.values()))),
    )


def pareto_targets(weights: Sequence[float], *, n: int) -> Floats:
    """(N,) probabilities λ with odds λ / (1 − λ) proportional to the weights and Σλ = n; all 1 where n is all of them.

    The factor between weights and odds cancels from Pareto's ranks, so ranks are the same for every n. Weights that are tiny
    against n / N give probabilities proportional to them; no weight is so large that its item must be taken.
    """
    w = np.asarray(weights, float)
    if n >= w.size:
        return np.ones(w.size)
    if np.all(w == w[0]):
        return np.full(w.size, n / w.size)
    low, high = math.log(n / w.size / w.max()) - 40.0, math.log(w.size / w.min()) + 40.0
    for _ in range(200):
        middle = (low + high) / 2.0
        odds = math.exp(middle) * w
        low, high = (middle, high) if float((odds / (1.0 + odds)).sum()) < n else (low, middle)
    odds = math.exp((low + high) / 2.0) * w
    target = odds / (1.0 + odds)
    return np.asarray(np.minimum(target * (n / target.sum()), 1.0))


def effective_size(probability: Floats) -> float:
    """How many equally likely items say as much as these with their chances do: (Σ1/p)² / Σ1/p² (Kish 1965, §11.2).

    >>> effective_size(np.array([0.1, 0.1, 0.1, 0.1])), round(effective_size(np.array([1.0, 0.1])), 2)
    (4.0, 1.2)
    """
    w = 1.0 / np.asarray(probability, float)
    return float(w.sum() ** 2 / (w**2).sum()) if w.size else 0.0


def items_for_precision(half_width: float, *, share: float = 0.5, level: float = 0.95) -> int:
    """The fewest items from which a share's Wilson interval reaches at most `half_width` to either side.

    >>> items_for_precision(0.05), items_for_precision(0.1), items_for_precision(0.05, share=0.1)
    (381, 93, 141)
    """
    if not 0.0 < half_width < 0.5:
        msg = f"precision {half_width:g}: half the width of an interval of a share lies between 0 and 0.5, such as 0.05"
        raise InputError(msg)
    if not (0.0 <= share <= 1.0 and 0.5 <= level < 1.0):
        msg = f"share {share:g} must lie in 0 to 1, and level {level:g} in 0.5 to 1"
        raise InputError(msg)
    z = NormalDist().inv_cdf((1.0 + level) / 2.0)
    low, high = 0, _MOST_ITEMS
    if _wilson_half(high, share, z) > half_width:
        msg = f"precision {half_width:g} needs more than {_MOST_ITEMS:,} items; ask for less"
        raise InputError(msg)
    while high - low > 1:
        middle = (low + high) // 2
        low, high = (low, middle) if _wilson_half(middle, share, z) <= half_width else (middle, high)
    return high


def half_width(n: float, *, share: float = 0.5, level: float = 0.95) -> float:
    """Half of the Wilson interval of a share of n items.

    >>> round(half_width(381), 3), round(half_width(38), 3)
    (0.05, 0.152)
    """
    return _wilson_half(n, share, NormalDist().inv_cdf((1.0 + level) / 2.0))


def _wilson_half(n: float, share: float, z: float) -> float:
    """Falls with n: half of Wilson's (1927) interval is z √(p (1 − p) n + z² / 4) / (n + z²)."""
    return z * math.sqrt(share * (1.0 - share) * n + z * z / 4.0) / (n + z * z)


def _checked(
    items: Sequence[str], strata: Mapping[str, Sequence[str]], per_stratum: int, weights: Sequence[float] | None
) -> list[float]:
    """The weight of each item, 1 where none are given, or what is wrong with the request."""
    if per_stratum < 1:
        msg = f"{per_stratum} items per stratum; ask for 1 or more"
        raise InputError(msg)
    seen: set[str] = set()
    for item in items:
        if item in seen:
            msg = f"item '{one_line(item)}' stands twice; every output needs an id of its own"
            raise InputError(msg)
        seen.add(item)
    given = [*strata.items(), *([("weights", weights)] if weights is not None else [])]
    for name, column in given:
        if len(column) != len(items):
            msg = f"'{one_line(name)}' has {len(column)} values for {len(items)} items; give each item one"
            raise InputError(msg)
    if weights is None:
        return [1.0] * len(items)
    for item, weight in zip(items, weights, strict=True):
        if not _LEAST_WEIGHT <= weight <= _MOST_WEIGHT:  # nan is not, either
            msg = f"item '{one_line(item)}': weight {weight:g} is not between {_LEAST_WEIGHT:g} and {_MOST_WEIGHT:g}"
            raise InputError(msg)
    return [float(weight) for weight in weights]


def _not_excluded(items: Sequence[str], left_out: Collection[str]) -> set[int]:
    """Indices of the items that may be drawn; an InputError where there are none."""
    live = {index for index, item in enumerate(items) if item not in left_out}
    if not live:
        msg = (
            f"no item is left to draw from: all {len(items):,} outputs are in another round; take fewer into it, as in "
            "`judgeaudit label sample --pilot 20`, or add outputs"
            if left_out
            else "no item is left to draw from: there are no outputs"
        )
        raise InputError(msg)
    return live


def _cells_of(live: Sequence[int], strata: Mapping[str, Sequence[str]]) -> dict[_Cell, list[int]]:
    """Items by combination of values; texts that spell the same number are one value, as everywhere."""
    named: dict[str, dict[str, str]] = {column: {} for column in strata}
    keys = {column: {text: canonical(text) for text in set(values)} for column, values in strata.items()}
    for column, values in strata.items():
        for index in live:
            key = keys[column][values[index]]
            named[column][key] = min(named[column].get(key, values[index]), values[index])
    cells: dict[_Cell, list[int]] = {}
    for index in live:
        cell = tuple((column, named[column][keys[column][values[index]]]) for column, values in strata.items())
        cells.setdefault(cell, []).append(index)
    if len(cells) > MOST_CELLS:
        columns = ", ".join(map(one_line, strata))
        msg = f"strata {columns} cross to {len(cells)} cells, more than {MOST_CELLS}; take fewer columns"
        raise InputError(msg)
    return dict(sorted(cells.items()))


def _cells_within(live: set[int], cells: Mapping[_Cell, Sequence[int]]) -> dict[_Cell, list[int]]:
    """The cells that hold live items, with those alone."""
    kept = {cell: [index for index in inside if index in live] for cell, inside in cells.items()}
    return {cell: inside for cell, inside in kept.items() if inside}


def _wanted(size: int, populations: Sequence[int], per_stratum: int) -> int:
    """⌈size · max min(1, n / N_s)⌉, in whole numbers."""
    return max(-(-size * min(per_stratum, n_s) // n_s) for n_s in populations)


def _tally(counts: Mapping[_Cell, int]) -> dict[_Stratum, int]:
    """Items by stratum from items by cell."""
    out: dict[_Stratum, int] = {}
    for cell, count in counts.items():
        for stratum in cell:
            out[stratum] = out.get(stratum, 0) + count
    return out


def _shown(counts: Mapping[_Stratum, int], total: int) -> dict[str, int]:
    return {"all": total, **{_named(stratum): count for stratum, count in sorted(counts.items())}}


def _named(stratum: _Stratum) -> str:
    return f"{stratum[0]}={stratum[1]}"


def _uniform(stage: str, seed: int, item: str) -> float:
    """The item's permanent random number, in (0, 1): BLAKE2b of stage, seed and id, 52 bits of it."""
    text = f"{len(stage)}:{stage}{seed}:{item}".encode("utf-8", "surrogatepass")
    number = int.from_bytes(hashlib.blake2b(text, digest_size=8, person=b"judgeaudit-draw").digest(), "big")
    return float(((number >> 12) + 0.5) * 2.0**-52)


def _pareto_rank(u: float, weight: float) -> float:
    """Pareto's ranking variable, odds(u) over the odds of inclusion, up to a factor that all items of the cell share."""
    return u / (1.0 - u) / weight
