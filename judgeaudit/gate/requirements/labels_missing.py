"""How many labels would settle what these cannot: sample sizes for a bound to pass with 80% chance."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import numpy as np
from scipy.special import ndtri

from judgeaudit.domain.catalogue.statistics import entry_of
from judgeaudit.domain.results.estimates import BinomialSpread
from judgeaudit.stats.intervals.limits import Link, from_scale, to_scale
from judgeaudit.stats.sample_sizes.shares import MOST, items_for_share, smallest_share

if TYPE_CHECKING:
    from judgeaudit.domain.results.audit import Finding, Requirement

#: (k, n) of a share whose bound is Clopper and Pearson's
Counted = tuple[float, float]
POWER = 0.80


def counted_of(finding: Finding | None) -> Counted | None:
    """The k of n that a finding's bound is exact for; None where it is made otherwise."""
    spread = None if finding is None else finding.spread
    return (spread.k, spread.n) if isinstance(spread, BinomialSpread) and spread.n else None


def labels_missing(line: Requirement, *, n_items: int, counted: Counted | None) -> int | None:
    """Further items of this kind that would settle an undecided requirement with 80% chance, if the value stays as it is.

    None where the requirement is decided, has no bound, or lies so near its line that no number settles it. `counted` is the k
    of n that the bound is exact for: only some of the items, such as the positive ones, count, or clusters instead of items.
    """
    if line.met is not None or line.value is None or line.bound is None or not n_items:
        return None
    if line.lower is None or line.upper is None:
        return None
    if counted is not None:
        k, n = counted
        total = _for_count(line, k / n, n / n_items)
    else:
        total = _for_value(line, line.value, line.lower, line.upper, n_items)
    return None if total is None else max(1, total - n_items)


def passing_value(line: Requirement, *, counted: Counted | None) -> float | None:
    """The true value nearest to the line that the present labels would show to be on its good side, with 80% chance.

    None where no value would do, or the line has no bound or two sides: two thresholds, or a limit of |value|. `counted` as in
    `labels_missing`.
    """
    if line.value is None or line.lower is None or line.upper is None:
        return None
    at_least, at_most = line.at_least, line.at_most
    if (at_least is None) == (at_most is None) or _limits_size(line):
        return None
    if counted is not None:
        n = int(counted[1] + 1e-9)
        if at_least is not None:
            return smallest_share(n, floor=at_least, level=line.level, power=POWER)
        share = smallest_share(n, floor=1.0 - (at_most or 0.0), level=line.level, power=POWER)
        return None if share is None else 1.0 - share
    link: Link = entry_of(line.statistic).planned_on
    side, threshold, sign = (line.lower, at_least, 1.0) if at_least is not None else (line.upper, at_most, -1.0)
    (v, _), (b, _), (t, _) = (to_scale(np.asarray(x), link=link) for x in (line.value, side, threshold))
    needed = abs(float(v - b)) * (1.0 + float(ndtri(POWER)) / float(ndtri(line.level)))
    return float(from_scale(t + sign * needed, link=link))


def _for_count(line: Requirement, share: float, of_class: float) -> int | None:
    """Items for each threshold to be passed, or where the share is on the wrong side, decisively failed."""
    wanted = []
    for floor, p in ((line.at_least, share), (None if line.at_most is None else 1.0 - line.at_most, 1.0 - share)):
        if floor is not None:
            n = items_for_share(p, floor=floor, level=line.level, power=POWER)
            if n is None:
                n = items_for_share(1.0 - p, floor=1.0 - floor, level=line.level, power=POWER)
            wanted.append(n)
    return None if None in wanted else math.ceil(max(n for n in wanted if n is not None) / of_class)


def _for_value(line: Requirement, value: float, lower: float, upper: float, n_items: int) -> int | None:
    link: Link = "identity" if line.contrast else entry_of(line.statistic).planned_on
    sides = thresholds_of(line, value, lower, upper)
    wanted = [
        items_for_value(value, bound=side, threshold=t, n=n_items, link=link, level=line.level) for t, side in sides
    ]
    return None if None in wanted else max(n for n in wanted if n is not None)


def thresholds_of(line: Requirement, value: float, lower: float, upper: float) -> list[tuple[float, float]]:
    """(threshold, bound) pairs that settle a requirement once every bound is on the value's side of its threshold.

    A limit of |value| is settled by both bounds within it, or by the nearer one beyond it.
    """
    limit = line.at_most
    if _limits_size(line) and line.at_least is None and limit is not None:
        if abs(value) <= limit:
            return [(limit, upper), (-limit, lower)]
        return [(limit, lower)] if value > 0 else [(-limit, upper)]
    return [(t, lower if value >= t else upper) for t in (line.at_least, line.at_most) if t is not None]


def _limits_size(line: Requirement) -> bool:
    """Whether `at_most` limits the absolute value, as it does for differences and biases."""
    return bool(line.contrast) or entry_of(line.statistic).bound == "within"


def items_for_value(
    value: float, *, bound: float, threshold: float, n: float, link: Link, level: float, power: float = POWER
) -> int | None:
    """Items for a bound to reach `threshold`, if the value stays as it is: the distance shrinks with 1/√n on the scale.

    `bound` is the present one-sided bound from `n` items. None where the value is on the wrong side of the threshold.
    """
    (v, _), (b, _), (t, _) = (to_scale(np.asarray(x), link=link) for x in (value, bound, threshold))
    have, want = abs(float(v - b)), float(abs(v - t))
    if (v - t) * (v - b) <= 0 or want < 1e-9 or have == 0:
        return None
    per_item = have / float(ndtri(level))
    needed = n * ((float(ndtri(level)) + float(ndtri(power))) * per_item / want) ** 2
    return math.ceil(needed) if needed < MOST else None
