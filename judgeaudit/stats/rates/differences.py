"""Differences of shares whose items hang together: each share brings its own doubt, also where all its items fall on one side."""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

import numpy as np

from judgeaudit.stats.agreement.two_raters import Array, divide
from judgeaudit.stats.intervals.limits import bound, clopper_pearson_lower, clopper_pearson_upper
from judgeaudit.stats.intervals.resample import jackknife_of

_HALVINGS = 40
_LEAST = 1e-9


class Side(NamedTuple):
    """A share, its jackknife's standard error (0: nothing varies) and degrees of freedom, and the n items that it is worth at
    most (0: as many as its standard error says)."""

    value: float
    se: float
    df: float
    n: float


class Sides(NamedTuple):
    """Several shares (L,), the weights of their sum (L,), and how their errors hang together (L, L)."""

    shares: tuple[Side, ...]
    weights: tuple[float, ...]
    together: tuple[tuple[float, ...], ...]

    @property
    def value(self) -> float:
        """The weighted sum, such as 1 and −1 make a difference."""
        return float(sum(w * one.value for w, one in zip(self.weights, self.shares, strict=True)))


def sides_of(
    hits: Array, counts: Array, *, weights: Array, worth: Array | None, degrees: Callable[[int], float]
) -> Sides:
    """Shares of `hits` in `counts`, both (G, L) by cluster and side.

    A side's clusters are those that hold items of it; where they do not vary, or are a single one, it is worth Kish's
    (Σ n)² / Σ n² clusters. `worth` (L,) are numbers of items that weighted shares are not to exceed; `degrees` of so many clusters.
    """
    hits, counts = np.asarray(hits, float), np.asarray(counts, float)
    most = counts.max(0, initial=0.0)
    scale = np.where(most > 0, most, 1.0)  # weights may be of any size, also of 1e-12, and nothing here depends on it
    hits, counts = hits / scale, counts / scale
    g = (counts > 0).sum(0)
    total, of = hits.sum(0), counts.sum(0)
    value = divide(total, of)
    deleted = divide(total - hits, of - counts)
    deleted = np.where((counts > 0) & np.isfinite(deleted), deleted, np.nan)
    spread = jackknife_of(deleted, counts=np.ones(len(hits)), estimate=value)
    se = np.nan_to_num(spread.se)
    se = np.where(se > _LEAST, se, 0.0)
    away = np.nan_to_num(deleted - np.nanmean(np.where(np.isnan(deleted), np.nan_to_num(value), deleted), 0))
    size = np.sqrt(np.square(away).sum(0))
    together = divide(away.T @ away, np.outer(size, size))
    together = np.where(np.outer(se > 0, se > 0), np.nan_to_num(together), 0.0)
    np.fill_diagonal(together, 1.0)
    kish = divide(of**2, np.square(counts).sum(0))
    worth = None if worth is None else np.where(np.isfinite(worth), worth, 1.0)
    n = np.where(se > 0, 0.0 if worth is None else worth, kish if worth is None else np.minimum(kish, worth))
    return Sides(
        shares=tuple(
            Side(float(v), float(s), degrees(int(c)), float(m)) for v, s, c, m in zip(value, se, g, n, strict=True)
        ),
        weights=tuple(float(w) for w in weights),
        together=tuple(tuple(float(r) for r in row) for row in together),
    )


def side_limit(side: Side, *, confidence: float) -> float:
    """The bound of one share below which it lies with this confidence (over ½), or above which (under ½), never past the value."""
    upper = confidence > 0.5
    ends = [side.value]
    if side.se > 0:
        ends.append(bound(center=side.value, se=side.se, df=side.df, link="logit", confidence=confidence))
    if side.n > 0:
        k = side.value * side.n
        if upper:
            ends.append(clopper_pearson_upper(k, side.n, confidence=confidence))
        else:
            ends.append(clopper_pearson_lower(k, side.n, confidence=1.0 - confidence))
    return max(ends) if upper else min(ends)


def combined_limit(sides: Sides, *, confidence: float) -> float:
    """The one-sided bound of a weighted sum of shares from the bounds of each (MOVER, Zou and Donner 2008, with their correlations).

    Twenty misses of 60 against none of 4, each item for itself:

    >>> one, none = Side(1 / 3, 0.061, 40.0, 0.0), Side(0.0, 0.0, 2.0, 4.0)
    >>> both = Sides((one, none), (1.0, -1.0), ((1.0, 0.0), (0.0, 1.0)))
    >>> [round(combined_limit(both, confidence=c), 2) for c in (0.025, 0.975)]
    [-0.28, 0.47]
    """
    away = []
    for weight, side in zip(sides.weights, sides.shares, strict=True):
        near = confidence if weight > 0 else 1.0 - confidence
        away.append(abs(weight) * (side_limit(side, confidence=near) - side.value) if weight else 0.0)
    far = float(np.array(away) @ np.array(sides.together) @ np.array(away))
    return sides.value + float(np.copysign(np.sqrt(max(far, 0.0)), confidence - 0.5))


def not_above(sides: Sides, threshold: float) -> float:
    """The p-value of "the sum is not above the threshold", from the confidence at which its bound gets there."""
    if sides.value < threshold:
        return 1.0 - _reached(sides, threshold, lower=False)
    return _reached(sides, threshold, lower=True)


def _reached(sides: Sides, threshold: float, *, lower: bool) -> float:
    """The smallest tail, up to ½, at which the bound leaves the threshold out."""
    small, large = 0.0, 0.5
    for _ in range(_HALVINGS):
        tail = (small + large) / 2
        end = combined_limit(sides, confidence=tail if lower else 1.0 - tail)
        out = end > threshold if lower else end < threshold
        small, large = (small, tail) if out else (tail, large)
    return large
