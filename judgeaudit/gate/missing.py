"""How many labels would settle what these cannot: sample sizes for a bound to pass with 80% chance."""

from __future__ import annotations

import math

import numpy as np
from scipy.special import bdtr, ndtri

from judgeaudit.stats.intervals import Link, clopper_pearson_lower, to_scale

POWER = 0.80
MOST = 10_000_000


def items_for_share(share: float, *, floor: float, level: float, power: float = POWER) -> int | None:
    """The smallest n at which the exact lower bound of a true `share` is above `floor` with chance `power`.

    None where the share is not above the floor. The chance climbs in a sawtooth, so that a slightly larger n may dip
    under `power` again.

    >>> [items_for_share(p, floor=f, level=0.95) for f, p in ((0.7, 0.9), (0.8, 0.95), (0.9, 0.98))]
    [28, 30, 61]
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
    while _power(share, floor, level, n) < power:
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
