"""How many items a share needs: for its exact bound to pass a floor with some chance, or for its exact interval to be so wide."""

from __future__ import annotations

import math
from collections.abc import Callable

import numpy as np
import numpy.typing as npt
from scipy.special import bdtr, ndtri

from judgeaudit.stats.agreement.two_raters import Array
from judgeaudit.stats.intervals.limits import clopper_pearson_lower, clopper_pearson_upper

#: beyond this no number of labels is told
MOST = 10_000_000
#: where the normal distribution tells more items than this, its number stands
EXACT_UP_TO = 200_000
#: numbers of items that are tried at once, and how far below the normal number the search begins, in standard errors of the rarer side
_BLOCK, _BELOW = 512, 2.8
_HALVINGS = 40


def items_for_share(share: float, *, floor: float, level: float, power: float) -> int | None:
    """The smallest n at which the exact lower bound of a true `share` passes `floor` with chance `power`, and at n + 1 too.

    None where the share is not above the floor. The chance climbs in a sawtooth: a lone n that it lifts over `power`, and
    that one item more would undo, does not count. Beyond 200,000 items the number is the normal distribution's.

    >>> pairs = ((0.7, 0.9), (0.8, 0.9), (0.8, 0.95), (0.9, 0.95), (0.9, 0.98))
    >>> [items_for_share(p, floor=f, level=0.95, power=0.8) for f, p in pairs]
    [28, 88, 37, 179, 61]
    """
    if share <= floor or floor <= 0:
        return None if share <= floor else 1
    rough = _normal_items(share, floor=floor, level=level, power=power)
    if not rough < MOST:
        return None
    if rough > EXACT_UP_TO:
        return math.ceil(rough)
    rarer = max(1.0, rough * min(floor, 1 - floor))
    start = max(1, int(rough * (1 - min(0.4, _BELOW / math.sqrt(rarer)))))
    while True:
        n = np.arange(start, start + _BLOCK + 1)
        passes = _powers(share, floor=floor, level=level, n=n) >= power
        both = passes[:-1] & passes[1:]
        if both.any():
            return start + int(np.argmax(both))
        start += _BLOCK


def counted_exactly(share: float, *, floor: float, level: float, power: float) -> bool:
    """Whether `items_for_share` counts; of more than about 200,000 items it takes the normal distribution's number."""
    return _normal_items(share, floor=floor, level=level, power=power) <= EXACT_UP_TO


def _normal_items(share: float, *, floor: float, level: float, power: float) -> float:
    """The number by the normal distribution; inf where the share is not above the floor."""
    if share <= floor:
        return math.inf
    deviation = float(ndtri(level) * math.sqrt(floor * (1 - floor)) + ndtri(power) * math.sqrt(share * (1 - share)))
    return (deviation / (share - floor)) ** 2


def _powers(share: float, *, floor: float, level: float, n: npt.NDArray[np.int64]) -> Array:
    """`power_of_share` of many n (B,): the bound of k reaches the floor where fewer than k have a chance of `level` at the floor."""
    low, high = np.full(n.size, -1), n.copy()
    while np.any(high - low > 1):
        middle = (low + high) // 2
        enough = bdtr(middle, n, floor) >= level
        low, high = np.where(enough, low, middle), np.where(enough, middle, high)
    return np.asarray(1.0 - bdtr(high, n, share))


def power_of_share(share: float, *, floor: float, level: float, n: int) -> float:
    """P(the exact lower bound of n items reaches the floor): the chance of at least the smallest count whose bound does.

    >>> round(power_of_share(0.9, floor=0.8, level=0.95, n=88), 3)
    0.833
    """
    low, high = 0, n + 1
    while low < high:
        middle = (low + high) // 2
        if middle <= n and clopper_pearson_lower(middle, n, confidence=level) < floor:
            low = middle + 1
        else:
            high = middle
    return 0.0 if low > n else 1.0 - float(bdtr(low - 1, n, share)) if low > 0 else 1.0


def smallest_share(n: int, *, floor: float, level: float, power: float) -> float | None:
    """The least true share with which n items pass the floor with chance `power`; None where not even 1 does.

    >>> round(smallest_share(88, floor=0.8, level=0.95, power=0.8), 3), smallest_share(10, floor=0.8, level=0.95, power=0.8)
    (0.896, None)
    """
    if n < 1 or power_of_share(1.0, floor=floor, level=level, n=n) < power:
        return None
    low, high = floor, 1.0
    for _ in range(_HALVINGS):
        middle = (low + high) / 2
        enough = power_of_share(middle, floor=floor, level=level, n=n) >= power
        low, high = (low, middle) if enough else (middle, high)
    return high


def width_of_share(share: float, *, n: float, level: float) -> float:
    """How wide Clopper and Pearson's two-sided interval is where n items give just this share."""
    tail, k = (1 + level) / 2, n * share
    return clopper_pearson_upper(k, n, confidence=tail) - clopper_pearson_lower(k, n, confidence=tail)


def items_for_width(share: float, *, width: float, level: float) -> int | None:
    """The smallest n whose exact interval is no wider than `width` if the share comes out as expected.

    >>> [items_for_width(p, width=0.1, level=0.95) for p in (0.5, 0.9, 1.0)]
    [402, 158, 36]
    """
    return first_number(lambda n: width_of_share(share, n=n, level=level) <= width)


def first_number(enough: Callable[[int], bool]) -> int | None:
    """The smallest number from 1 on for which `enough` holds, which stays so beyond; None above 10,000,000.

    >>> first_number(lambda n: n * n >= 50)
    8
    """
    high = 1
    while not enough(high):
        if high >= MOST:
            return None
        high = min(2 * high, MOST)
    low = high // 2
    while high - low > 1:
        middle = (low + high) // 2
        low, high = (low, middle) if enough(middle) else (middle, high)
    return high


def neyman_split(sizes: list[float], deviations: list[float], *, total: int, least: int) -> list[int]:
    """Labels for each cell, n_h ∝ N_h σ_h (Neyman 1934), no fewer than `least` of each and no more than it has.

    `sizes` are the items in each cell and `deviations` the standard deviations of what is estimated there. Cells that would
    get less than `least` get that, or all they have; the others share the rest. A total that cannot give each cell its
    least is exceeded.

    >>> neyman_split([8000, 2000], [0.3, 0.45], total=400, least=20)
    [291, 109]
    >>> neyman_split([9000, 1000, 15], [0.1, 0.1, 0.5], total=200, least=20)
    [165, 20, 15]
    """
    size, spread = np.asarray(sizes, float), np.asarray(deviations, float)
    floor = np.minimum(least, size)
    out, free = floor.copy(), np.ones(size.size, bool)
    for _ in range(2 * size.size + 1):
        weight = np.where(free, size * spread, 0.0)
        if not weight.sum():
            weight = np.where(free, size, 0.0)
        left = max(0.0, total - out[~free].sum())
        share = left * weight / weight.sum() if weight.sum() else np.zeros(size.size)
        full, scarce = free & (share > size), free & (share < floor)
        if not (full.any() or scarce.any()):
            out = np.where(free, share, out)
            break
        # those that would get more than they have first: what they leave may lift the scarce ones
        settled = full if full.any() else scarce
        out, free = np.where(full, size, np.where(settled & scarce, floor, out)), free & ~settled
    return _whole(out, max(total, int(floor.sum())), size)


def _whole(parts: Array, total: int, most: Array) -> list[int]:
    """Largest remainders: whole numbers that sum to the total, or to all there are."""
    base = np.floor(parts + 1e-9)
    rest = round(min(float(total), float(most.sum())) - float(base.sum()))
    order = np.argsort(-(parts - base), kind="stable")
    for place in order[: max(rest, 0)]:
        base[place] += 1
    return [int(n) for n in base]
