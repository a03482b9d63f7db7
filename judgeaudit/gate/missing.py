"""How many labels would settle what these cannot: sample sizes for a bound to pass with 80% chance."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import numpy as np
from scipy.special import bdtr, ndtri

from judgeaudit.stats.intervals import Link, clopper_pearson_lower, to_scale

if TYPE_CHECKING:
    from judgeaudit.domain.results import Requirement

_LINKS: dict[str, Link] = {
    "prevalence_bias": "identity",
    "leave_one_out_delta": "identity",
    **dict.fromkeys(("alpha_with_judge_delta", "pairwise_kappa_delta", "cross_entropy_delta"), "identity"),
    **dict.fromkeys(("cross_entropy", "soft_brier_score", "jensen_shannon", "total_variation"), "identity"),
    "calibration_slope": "identity",
    "calibration_intercept": "identity",
    "mean_absolute_error": "log",
    "log_loss": "log",
}
POWER = 0.80
MOST = 10_000_000


def labels_missing(line: Requirement, *, n_items: int, counted: bool) -> int | None:
    """Further items of this kind that would settle an undecided requirement with 80% chance, if the value stays as it is.

    None where the requirement is decided, has no bound, or lies so near its line that no number settles it. `counted` says that
    the bound is exact for k of n; a share of the items only, such as the positive ones, is then all that counts.
    """
    if line.met is not None or line.value is None or line.bound is None or not n_items:
        return None
    if line.lower is None or line.upper is None:
        return None
    if counted and line.k is not None and line.n:
        total = _for_count(line, line.k / line.n, line.n / n_items)
    else:
        total = _for_value(line, line.value, line.lower, line.upper, n_items)
    return None if total is None else max(1, total - n_items)


def _for_count(line: Requirement, share: float, of_class: float) -> int | None:
    """Items for each threshold to be passed, or where the share is on the wrong side, decisively failed."""
    wanted = []
    for floor, p in ((line.at_least, share), (None if line.at_most is None else 1.0 - line.at_most, 1.0 - share)):
        if floor is not None:
            n = items_for_share(p, floor=floor, level=line.level)
            wanted.append(items_for_share(1.0 - p, floor=1.0 - floor, level=line.level) if n is None else n)
    return None if None in wanted else math.ceil(max(n for n in wanted if n is not None) / of_class)


def _for_value(line: Requirement, value: float, lower: float, upper: float, n_items: int) -> int | None:
    link: Link = "identity" if line.contrast else _LINKS.get(line.statistic, "fisher")
    if (line.contrast or line.statistic == "prevalence_bias") and line.at_least is None and value < 0:
        # what is required is |value| at most a limit, so that a negative value is mirrored
        value, lower, upper = -value, -upper, -lower
    wanted = []
    for threshold in (t for t in (line.at_least, line.at_most) if t is not None):
        side = lower if value >= threshold else upper
        wanted.append(items_for_value(value, bound=side, threshold=threshold, n=n_items, link=link, level=line.level))
    return None if None in wanted else max(n for n in wanted if n is not None)


def items_for_share(share: float, *, floor: float, level: float, power: float = POWER) -> int | None:
    """The smallest n at which the exact lower bound of a true `share` passes `floor` with chance `power`, and at n + 1 too.

    None where the share is not above the floor. The chance climbs in a sawtooth: a lone n that it lifts over `power`, and
    that one item more would undo, does not count.

    >>> [items_for_share(p, floor=f, level=0.95) for f, p in ((0.7, 0.9), (0.8, 0.9), (0.8, 0.95), (0.9, 0.95), (0.9, 0.98))]
    [28, 88, 37, 179, 61]
    """
    if share <= floor:
        return None
    gap = share - floor
    rough = ((ndtri(level) * math.sqrt(floor * (1 - floor)) + ndtri(power) * math.sqrt(share * (1 - share))) / gap) ** 2
    if not rough < MOST:
        return None
    if rough > 2000:
        return math.ceil(rough)
    n = max(1, int(rough * 0.6))
    while _power(share, floor, level, n) < power or _power(share, floor, level, n + 1) < power:
        n += 1
    return n


def _power(share: float, floor: float, level: float, n: int) -> float:
    """P(the bound passes) at n: the chance of at least the smallest count whose lower bound is above the floor."""
    low, high = 0, n + 1
    while low < high:
        middle = (low + high) // 2
        if middle <= n and clopper_pearson_lower(middle, n, confidence=level) < floor:
            low = middle + 1
        else:
            high = middle
    return 0.0 if low > n else 1.0 - float(bdtr(low - 1, n, share)) if low > 0 else 1.0


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
