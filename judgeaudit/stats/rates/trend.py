"""A rate against a dose: the straight line through the shares of several levels."""

from __future__ import annotations

import numpy as np
from scipy.special import ndtr

from judgeaudit.stats.agreement.two_raters import Array, divide
from judgeaudit.stats.intervals.limits import Interval, wilson


def slope(k: Array, n: Array, *, dose: Array) -> Array:
    """Rise of a share from dose 0 to dose 1 along the least-squares line through all items, (..., L) x (..., L) -> (...).

    k of n items count at each of the doses (L,); levels without items do not matter. nan where fewer than two doses have items.
    It is the estimate behind the Cochran–Armitage test for a trend (Armitage 1955), as a difference of shares.

    >>> slope(np.array([0.0, 5.0, 10.0]), np.array([10.0, 10.0, 10.0]), dose=np.array([0.0, 0.5, 1.0])).item()
    1.0
    """
    away, across = _away(np.asarray(n, float), dose)
    return divide((np.asarray(k, float) * away).sum(-1), across)


def slope_weights(n: Array, *, dose: Array) -> Array:
    """The weight of each level's share in the slope, (L,) x (L,) -> (L,): the slope is their weighted sum.

    >>> slope_weights(np.array([10.0, 10.0, 10.0]), dose=np.array([0.0, 0.5, 1.0])).tolist()
    [-1.0, 0.0, 1.0]
    """
    n = np.asarray(n, float)
    away, across = _away(n, dose)
    return divide(away * n, across)


def slope_limits(k: Array, n: Array, *, dose: Array, level: float) -> Interval:
    """The slope's interval from the Wilson intervals of the levels (L,), independent of each other.

    The slope is a weighted sum of the shares; the squared distances of the levels' limits add up as variances do (MOVER, Zou and
    Donner 2008), so that a level whose items all fall on one side still adds its doubt.

    >>> [round(v, 3) for v in slope_limits(np.array([0.0, 20.0]), np.array([20.0, 20.0]), dose=np.array([0.0, 1.0]), level=0.95)]
    [0.772, 1.0]
    """
    k, n = np.asarray(k, float), np.asarray(n, float)
    weights = slope_weights(n, dose=dose)
    below = above = 0.0
    for hits, items, part in zip(k, n, weights, strict=True):
        if items > 0:
            low, high = wilson(float(hits), float(items), level=level)
            down, up = part * (hits / items - low), part * (high - hits / items)
            below, above = (below + down**2, above + up**2) if part > 0 else (below + up**2, above + down**2)
    value = float(slope(k, n, dose=dose))
    return Interval(value - float(np.sqrt(below)), value + float(np.sqrt(above)))


def trend_p_value(k: Array, n: Array, *, dose: Array) -> float:
    """The two-sided p-value of no trend (Cochran 1954, Armitage 1955), (L,) -> one number; 1 where all items fall on one side."""
    k, n = np.asarray(k, float), np.asarray(n, float)
    _, across = _away(n, dose)
    share = k.sum() / n.sum()
    spread = share * (1.0 - share) / float(across)
    return 1.0 if spread <= 0 else float(2.0 * ndtr(-abs(float(slope(k, n, dose=dose))) / np.sqrt(spread)))


def _away(n: Array, dose: Array) -> tuple[Array, Array]:
    """How far each dose is from the mean dose of the items (..., L), and the sum of its squares (...), 0 for a single dose."""
    total = n.sum(-1, keepdims=True)
    away = dose - divide((n * dose).sum(-1, keepdims=True), total)
    across = (n * away**2).sum(-1)
    return away, np.where(across > 1e-12 * np.maximum(total[..., 0], 1.0), across, 0.0)
