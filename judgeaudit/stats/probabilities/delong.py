"""Two areas under ROC on the same items: their difference and its error, from structural components."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import numpy.typing as npt
from scipy.special import ndtr, ndtri, stdtr, stdtrit

from judgeaudit.stats.agreement.two_raters import Array

Mask = npt.NDArray[np.bool_]
Numbers = npt.NDArray[np.int64]


class PairedAreas(NamedTuple):
    """Both areas, their difference, its standard error, interval and two-sided p-value; nan where they do not exist."""

    a: float
    b: float
    difference: float
    se: float
    low: float
    high: float
    p_value: float


def placements(scores: Array | Numbers, positive: Mask, weights: Array) -> Array:
    """(n,) of each positive item the weighted share of negative items below it, of each negative one the share of positives above.

    A tie is half. The weighted mean over the positives, and that over the negatives, is the area under ROC (Mann and Whitney 1947).
    Scores that are whole numbers from 0 on are taken as ranks as they stand, so that sorting once serves every part of the items.
    """
    place, weights = np.asarray(scores), np.asarray(weights, float)
    if not np.issubdtype(place.dtype, np.integer):
        place = np.unique(place, return_inverse=True)[1].ravel()
    size = int(place.max(initial=-1)) + 1
    up = np.bincount(place, weights * positive, minlength=size)
    down = np.bincount(place, weights * ~positive, minlength=size)
    below = np.cumsum(down) - down / 2.0
    above = up.sum() - np.cumsum(up) + up / 2.0
    return np.asarray(np.where(positive, (below / down.sum())[place], (above / up.sum())[place]))


def paired_delong(
    a: Array | Numbers,
    b: Array | Numbers,
    positive: Mask,
    *,
    weights: Array | None,
    units: Numbers | None,
    df: float,
    level: float,
) -> PairedAreas:
    """The difference of two areas under ROC on the same n items (DeLong, DeLong and Clarke-Pearson 1988).

    Its variance is that of the differences of placements, var(positives) / m + var(negatives) / n. With `weights` (n,) or `units` (n,),
    the cluster of each item, it is the sum over clusters of the squared sums of the placements' deviations, each over the size of its
    class (Obuchowski 1997), times G / (G − 1); `df` are then the degrees of freedom of t, infinite for the normal distribution. nan
    without both classes; two judges that rank alike have no error, a p-value of 1 and no interval.
    """
    positive = np.asarray(positive, bool)
    nan = float(np.nan)
    w = np.ones(positive.size) if weights is None else np.asarray(weights, float)
    if not (w[positive].sum() > 0 and w[~positive].sum() > 0):
        return PairedAreas(nan, nan, nan, nan, nan, nan, nan)
    va, vb = placements(a, positive, w), placements(b, positive, w)
    area_a, area_b = (float(np.average(v[positive], weights=w[positive])) for v in (va, vb))
    gap = va - vb
    value = area_a - area_b
    plain = weights is None and units is None
    variance = _independent(gap, positive) if plain else _by_units(gap, positive, w, units, value)
    se = float(np.sqrt(variance)) if np.isfinite(variance) else np.nan
    if not se > 1e-12:
        return PairedAreas(
            area_a, area_b, value, se, np.nan, np.nan, 1.0 if se == se and abs(value) < 1e-12 else np.nan
        )
    far = abs(value) / se
    p, q = (
        (2.0 * ndtr(-far), ndtri((1 + level) / 2))
        if np.isinf(df)
        else (2.0 * stdtr(df, -far), stdtrit(df, (1 + level) / 2))
    )
    low, high = max(-1.0, value - q * se), min(1.0, value + q * se)
    return PairedAreas(area_a, area_b, value, se, float(low), float(high), float(min(1.0, p)))


def _independent(gap: Array, positive: Mask) -> float:
    parts = [gap[positive], gap[~positive]]
    if min(len(part) for part in parts) < 2:
        return np.nan
    return float(sum(part.var(ddof=1) / len(part) for part in parts))


def _by_units(gap: Array, positive: Mask, w: Array, units: Numbers | None, value: float) -> float:
    size = np.where(positive, w[positive].sum(), w[~positive].sum())
    pull = w * (gap - value) / size
    _, dense = np.unique(np.arange(gap.size) if units is None else units, return_inverse=True)
    sums = np.bincount(dense.ravel(), pull)
    g = sums.size
    return float((sums**2).sum() * g / (g - 1.0)) if g > 1 else np.nan
