"""The same items before and after: who moved up, who moved down, and how small a shift could have been seen."""

from __future__ import annotations

import numpy as np
from scipy.special import bdtr, bdtrc, ndtri

from judgeaudit.stats.agreement.two_raters import Array
from judgeaudit.stats.intervals.limits import Interval

_HALVINGS, _COARSE = 60, 14


def exact_sign(up: Array, down: Array) -> Array:
    """The exact p-value of "as many move up as down" (McNemar 1947 for two labels), (...) x (...) -> (...).

    1 where nobody moves.

    >>> exact_sign(np.array([9, 0]), np.array([1, 0])).round(4).tolist()
    [0.0215, 1.0]
    """
    up, down = np.asarray(up).astype(np.int64), np.asarray(down).astype(np.int64)
    return np.asarray(np.minimum(1.0, 2.0 * bdtr(np.minimum(up, down), up + down, 0.5)))


def exact_cluster_sign(nets: Array, *, upward: bool = False) -> float:
    """The same test where clusters move as one: `nets` (C,) are moves up less moves down of each; p of a sum so far from 0.

    Each cluster may as well have moved the other way, whatever hangs together within it. With one pair in each it is
    `exact_sign`.

    >>> round(exact_cluster_sign(np.array([1] * 9 + [-1])), 4), exact_cluster_sign(np.array([9, -1]))
    (0.0215, 1.0)
    """
    sizes = [abs(int(net)) for net in nets if net]
    chances: Array = np.ones(1)
    for size in sizes:  # the distribution of what moves up in all
        longer = np.zeros(len(chances) + size)
        longer[: len(chances)] += chances / 2
        longer[size:] += chances / 2
        chances = longer
    up = (sum(sizes) + int(np.sum(nets))) // 2
    above, below = float(chances[up:].sum()), float(chances[: up + 1].sum())
    return min(1.0, above if upward else 2.0 * min(above, below))


def independent_pairs(values: Array, clusters: Array) -> float:
    """As many independent pairs as (n,) values in (n,) clusters are worth: n over the design effect (Rao and Scott 1992).

    The variance of the mean between clusters over that of independent values, at least 1. Where no value differs from
    another, nothing tells how alike a cluster's are, and each cluster counts as one.

    >>> round(independent_pairs(np.array([1, 1, 0, 0, 1, 0]), np.array([0, 0, 1, 1, 2, 2])), 2)
    3.6
    """
    values, groups = np.asarray(values, float), np.unique(clusters, return_inverse=True)[1]
    n, m = len(values), int(groups.max()) + 1 if len(groups) else 0
    left = values - values.mean() if n else values
    if m < 2 or not np.any(left):
        return float(m)
    left = left / np.abs(left).max()  # the scale does not matter, and squares of tiny numbers are 0
    between = m / (m - 1) * np.sum(np.bincount(groups, weights=left) ** 2)
    effect = max(1.0, between / (n / (n - 1) * np.sum(left**2)))
    return float(n / effect)


def tango(up: float, down: float, n: float, *, level: float) -> Interval:
    """The score interval of the difference of two paired shares, (up − down) / n (Tango 1998). [nan, nan] without pairs.

    It knows only who moved, so it holds for moves on a scale as well. For 12 and 2 of 50, one of the tables on which Newcombe
    (1998) compares methods, as the likelihood maximised by search gives it, too:

    >>> [round(v, 4) for v in tango(12, 2, 50, level=0.95)]
    [0.0611, 0.3447]
    """
    if n <= 0:
        return Interval(np.nan, np.nan)
    z, found = float(ndtri((1 + level) / 2)), (up - down) / n
    return Interval(_end(up, down, n, found, -1.0, z), _end(up, down, n, found, 1.0, z))


def _end(up: float, down: float, n: float, inside: float, outside: float, z: float) -> float:
    for _ in range(_HALVINGS):
        middle = (inside + outside) / 2
        if abs(_score(up, down, n, middle)) <= z:
            inside = middle
        else:
            outside = middle
    return inside


def _score(up: float, down: float, n: float, delta: float) -> float:
    """Tango's T at a difference, with the share of moves down that is then most likely (his equation 7)."""
    b = -up - down + (2 * n - up + down) * delta
    q = (np.sqrt(max(0.0, b * b + 8 * n * down * delta * (1 - delta))) - b) / (4 * n)
    variance = n * (2 * q + delta * (1 - delta))
    gap = up - down - n * delta
    return float(gap / np.sqrt(variance)) if variance > 1e-12 else float(np.copysign(np.inf, gap)) if gap else 0.0


def _needed(n: int, alpha: float) -> Array:
    """(n + 1,) how many of 0, 1, … n moves must go one way for the test to find something."""
    from scipy.stats import binom

    moved = np.arange(n + 1)
    return np.asarray(binom.isf(alpha / 2, moved, 0.5) + 1)


def _power(n: int, up: float, down: float, needed: Array) -> float:
    moved = np.arange(n + 1)
    part, share = (up / (up + down) if up + down > 0 else 0.5), min(1.0, up + down)
    can = needed <= moved
    moved, needed = moved[can], needed[can]
    found = bdtrc(needed - 1, moved, part) + bdtr(moved - needed, moved, part)
    chance = bdtr(moved, n, share) - np.where(moved > 0, bdtr(np.maximum(moved - 1, 0), n, share), 0.0)
    return float(chance @ found)


def smallest_shift(n: int, both_ways: float, *, alpha: float, power: float) -> float:
    """The smallest shift that n pairs show with this power, while the share `both_ways` moves up and down at random.

    nan where no shift could be shown.

    >>> round(smallest_shift(100, 0.0, alpha=0.05, power=0.8), 3)
    0.078
    """
    most = 1.0 - both_ways
    needed = _needed(max(n, 0), alpha)
    if n <= 0 or _power(n, most + both_ways / 2, both_ways / 2, needed) < power:
        return np.nan
    low, high = 0.0, most
    for _ in range(_COARSE):
        middle = (low + high) / 2
        seen = _power(n, middle + both_ways / 2, both_ways / 2, needed) >= power
        low, high = (low, middle) if seen else (middle, high)
    return high


def adjusted_for_discoveries(p_values: Array) -> Array:
    """P-values such that those below q hold at most the share q of false ones (Benjamini and Hochberg 1995), (M,) -> (M,)."""
    p = np.asarray(p_values, float)
    order = np.argsort(-p, kind="stable")
    least = np.minimum.accumulate(p[order] * p.size / np.arange(p.size, 0, -1))
    out = np.empty_like(p)
    out[order] = np.minimum(least, 1.0)
    return out
