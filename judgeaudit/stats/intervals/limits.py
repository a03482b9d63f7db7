"""Intervals for shares, and the scales on which other intervals are made."""

from __future__ import annotations

from typing import Literal, NamedTuple

import numpy as np
from scipy.special import betainc, betaincinv, ndtri, stdtr, stdtrit

from judgeaudit.stats.agreement.two_raters import Array

Link = Literal["fisher", "logit", "identity", "log", "log-gap"]
_EDGE = {"fisher": 1e-4, "logit": 1e-4}


class Interval(NamedTuple):
    """Two bounds; nan where there are none."""

    low: float
    high: float


def wilson(k: float, n: float, *, level: float) -> Interval:
    """Wilson's score interval of k in n (Wilson 1927). [nan, nan] without items.

    >>> [round(v, 4) for v in wilson(81, 263, level=0.95)]
    [0.2553, 0.3662]
    """
    if n <= 0:
        return Interval(np.nan, np.nan)
    z = float(ndtri((1 + level) / 2))
    p = k / n
    centre, spread = (p + z * z / (2 * n)), z * np.sqrt(p * (1 - p) / n + z * z / (4 * n * n))
    scale = 1 + z * z / n
    return Interval(max(0.0, float((centre - spread) / scale)), min(1.0, float((centre + spread) / scale)))


def clopper_pearson_lower(k: float, n: float, *, confidence: float) -> float:
    """The one-sided exact lower bound of a share (Clopper and Pearson 1934). nan without items.

    >>> round(clopper_pearson_lower(81, 263, confidence=0.975), 4)
    0.2527
    """
    if n <= 0:
        return np.nan
    return 0.0 if k <= 0 else float(betaincinv(k, n - k + 1, 1 - confidence))


def clopper_pearson_upper(k: float, n: float, *, confidence: float) -> float:
    """The one-sided exact upper bound of a share.

    >>> round(clopper_pearson_upper(81, 263, confidence=0.975), 4)
    0.3676
    """
    if n <= 0:
        return np.nan
    return 1.0 if k >= n else float(betaincinv(k + 1, n - k, confidence))


def binomial_p_at_least(k: float, n: float, *, floor: float) -> float:
    """P(X ≥ k) when the true share is `floor`: the p-value of "the share is not above the floor"."""
    return 1.0 if k <= 0 else float(betainc(k, n - k + 1, floor))


def binomial_p_at_most(k: float, n: float, *, ceiling: float) -> float:
    """P(X ≤ k) when the true share is `ceiling`."""
    return binomial_p_at_least(n - k, n, floor=1.0 - ceiling)


def to_scale(value: Array, *, link: Link) -> tuple[Array, Array]:
    """A value on its scale, and the scale's slope there: atanh for agreement, logit for shares, log for positive numbers,
    −log(1 − v) for what is at most 1 and has no lower limit.

    Values at an edge are moved in by 1e-4, so that the slope is finite.
    """
    v = np.asarray(value, float)
    if link == "fisher":
        v = np.clip(v, -1 + _EDGE["fisher"], 1 - _EDGE["fisher"])
        return np.arctanh(v), 1.0 / (1.0 - v**2)
    if link == "logit":
        v = np.clip(v, _EDGE["logit"], 1 - _EDGE["logit"])
        return np.log(v / (1.0 - v)), 1.0 / (v * (1.0 - v))
    if link == "log":
        v = np.maximum(v, 1e-12)
        return np.log(v), 1.0 / v
    if link == "log-gap":
        gap = np.maximum(1.0 - v, 1e-12)
        return -np.log(gap), 1.0 / gap
    return v, np.ones_like(v)


def from_scale(z: Array, *, link: Link) -> Array:
    """The way back of `to_scale`."""
    z = np.asarray(z, float)
    if link == "fisher":
        return np.tanh(z)
    if link == "logit":
        return np.asarray(1.0 / (1.0 + np.exp(-np.clip(z, -700, 700))))
    if link == "log-gap":
        return 1.0 - np.exp(np.minimum(-z, 700))
    return np.exp(np.minimum(z, 700)) if link == "log" else z


def link_at(value: float, *, link: Link) -> Link:
    """The scale for this value: Fisher's ends at −1, which AC2 and the intraclass correlations can lie below.

    >>> link_at(-1.15, link="fisher"), link_at(-1.0, link="fisher")
    ('log-gap', 'fisher')
    """
    return "log-gap" if link == "fisher" and value < -1.0 - 1e-9 else link


def bound(*, center: float, se: float, df: float, link: Link, confidence: float) -> float:
    """The one-sided bound at `confidence` (0.95: upper, 0.05: lower) of an estimate with a standard error on a scale."""
    z, slope = to_scale(np.asarray(center), link=link)
    q = float(ndtri(confidence)) if np.isinf(df) else float(stdtrit(df, confidence))
    return float(from_scale(z + q * se * slope, link=link))


def tail(*, center: float, se: float, df: float, link: Link, threshold: float) -> float:
    """P-value of "not above `threshold`": the upper tail of (center − threshold) / se on the scale."""
    z, slope = to_scale(np.asarray(center), link=link)
    t, _ = to_scale(np.asarray(threshold), link=link)
    if se <= 0:
        return 0.0 if z > t else 1.0
    x = float((t - z) / (se * slope))
    from scipy.special import ndtr

    return float(ndtr(x)) if np.isinf(df) else float(stdtr(df, x))
