"""Several raters on the same items: who is right where the others are not."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import numpy.typing as npt
from scipy.special import bdtr, chdtrc, fdtrc

from judgeaudit.stats.agreement.two_raters import Array

#: the exact distribution of a sum of signs is made as long as it takes no more steps than this
EXACT_STEPS = 4_000_000


class Omnibus(NamedTuple):
    """A test that several shares or coefficients are one: its statistic, degrees of freedom and p-value. nan: undefined."""

    q: float
    df: float
    p_value: float


def mcnemar_midp(up: Array, down: Array) -> Array:
    """The mid-p value of "as many are right in one alone as in the other alone", (...) x (...) -> (...).

    The exact two-sided p-value less half the probability of what was seen, twice over (Fagerland, Lydersen and Laake 2013).
    1 where the two never differ. Airway hyper-responsiveness before and after a transplantation, their table 1:

    >>> mcnemar_midp(np.array([7, 3, 0]), np.array([1, 3, 0])).round(4).tolist()
    [0.0391, 1.0, 1.0]
    """
    up, down = np.asarray(up).astype(np.int64), np.asarray(down).astype(np.int64)
    n, least = up + down, np.minimum(up, down)
    p = bdtr(least, n, 0.5) + np.where(least > 0, bdtr(np.maximum(least - 1, 0), n, 0.5), 0.0)
    return np.asarray(np.where(up == down, 1.0, np.minimum(1.0, p)))


def cochran_q(right: Array, counts: Array) -> Omnibus:
    """Cochran's Q: k raters are right equally often (Cochran 1950). `right` (P, k) are patterns of 0 and 1, `counts` (P,) of items.

    Q = (k − 1) (k Σ G_j² − (Σ G_j)²) / (k Σ L_i − Σ L_i²), G_j the hits of rater j and L_i those on item i; χ² on k − 1 degrees.
    For two raters it is McNemar's statistic without correction. Where no item tells the raters apart Q is 0 and p is 1. Three
    drugs, favourable or not, in 46 patients (Grizzle, Starmer and Koch 1969):

    >>> patterns = np.array([[1, 1, 1], [1, 1, 0], [1, 0, 1], [1, 0, 0], [0, 1, 1], [0, 1, 0], [0, 0, 1], [0, 0, 0]])
    >>> [round(v, 4) for v in cochran_q(patterns, np.array([6, 16, 2, 4, 2, 4, 6, 6]))]
    [8.4706, 2.0, 0.0145]
    """
    right, counts = np.asarray(right, float), np.asarray(counts, float)
    k = right.shape[1]
    if k < 2 or not counts.sum():
        return Omnibus(np.nan, np.nan, np.nan)
    columns, rows = counts @ right, right.sum(1)
    below = k * (counts @ rows) - counts @ rows**2
    if below <= 0:
        return Omnibus(0.0, float(k - 1), 1.0)
    q = float((k - 1) * (k * (columns**2).sum() - columns.sum() ** 2) / below)
    return Omnibus(q, float(k - 1), float(chdtrc(k - 1, q)))


def equal_means(units: Array) -> Omnibus:
    """The same question where items come in clusters: `units` (G, k) hold each cluster's hits of each rater.

    Hotelling's T² of the differences to the first rater, in its F form on k − 1 and G − k + 1 degrees of freedom. Differences that do
    not vary between clusters are left out; nan where there are fewer than k + 1 clusters.
    """
    units = np.asarray(units, float)
    g, k = units.shape
    if k < 2 or g < k + 1:
        return Omnibus(np.nan, np.nan, np.nan)
    apart = units[:, 1:] - units[:, :1]
    mean, covariance = apart.mean(0), np.atleast_2d(np.cov(apart, rowvar=False)) / g
    return hotelling(mean, covariance, g=g)


def hotelling(gaps: Array, covariance: Array, *, g: float) -> Omnibus:
    """The test that gaps (d,) with a covariance (d, d) that g units gave are all 0 (Hotelling 1931); g infinite: χ².

    Its statistic is the quadratic form d' C⁻¹ d; directions in which nothing varies are left out.
    """
    values, vectors = np.linalg.eigh(np.asarray(covariance, float))
    kept = values > max(1e-12, 1e-10 * float(values.max(initial=0.0)))
    d = int(kept.sum())
    if d == 0:
        same = not np.any(np.abs(gaps) > 1e-12)
        return Omnibus(0.0, float(len(gaps)), 1.0) if same else Omnibus(np.nan, np.nan, np.nan)
    q = float((((vectors[:, kept].T @ np.asarray(gaps, float)) ** 2) / values[kept]).sum())
    if np.isinf(g):
        return Omnibus(q, float(d), float(chdtrc(d, q)))
    left = g - d
    return (
        Omnibus(q, float(d), float(fdtrc(d, left, q * left / (d * (g - 1.0))))) if left > 0 else Omnibus(q, d, np.nan)
    )


def sign_flip(nets: Array, *, rng: np.random.Generator, draws: int) -> float:
    """The two-sided p-value of Σ nets (G,) when each cluster's net might as well have the other sign.

    Exact for whole nets while that is quick (as `paired.exact_cluster_sign`); else from `draws` random sign vectors, the one seen
    counted among them. 1 where no cluster has a net.
    """
    nets = np.asarray(nets, float)
    nets = nets[nets != 0]
    if not nets.size:
        return 1.0
    whole = bool((nets == np.round(nets)).all())
    if whole and np.abs(nets).sum() * nets.size <= EXACT_STEPS:
        from judgeaudit.stats.comparisons.paired import exact_cluster_sign

        return exact_cluster_sign(nets.astype(int))
    seen, drawn = abs(nets.sum()), np.abs(random_signs(draws, nets.size, rng=rng) @ nets)
    return float((1 + (drawn >= seen * (1 - 1e-9)).sum()) / (1 + draws))


def random_signs(draws: int, g: int, *, rng: np.random.Generator) -> npt.NDArray[np.float32]:
    """(draws, g) of 1 and −1, single precision since there may be millions."""
    return (rng.integers(0, 2, (draws, g), dtype=np.int8) * 2 - 1).astype(np.float32)


def swapped(a: Array, b: Array, *, signs: npt.NDArray[np.float32]) -> Array:
    """Totals (B, 2, D) of two raters when in each cluster they change places at random; `a`, `b` (G, D), `signs` (B, G)."""
    middle, half = (a + b).sum(0) / 2.0, (a - b) / 2.0
    moved = (signs @ half.astype(np.float32)).astype(float)
    return np.stack([middle + moved, middle - moved], 1)


def swap_p_value(seen: float, drawn: Array) -> float:
    """The two-sided p-value of a difference among those (B,) of swapped raters, itself counted; undefined ones count as far off.

    >>> round(swap_p_value(0.3, np.array([0.1, -0.3, np.nan, 0.0])), 2)
    0.6
    """
    far = np.isnan(drawn) | (np.abs(drawn) >= abs(seen) * (1 - 1e-5) - 1e-12)
    return float((1 + far.sum()) / (1 + len(drawn)))


def error_totals(wrong: Array) -> Array:
    """Patterns of errors (P, k), 0 or 1, as what their correlations are made of (P, D): 1, the errors, their products by pairs."""
    wrong = np.asarray(wrong, float)
    i, j = np.triu_indices(wrong.shape[1], 1)
    return np.column_stack([np.ones(len(wrong)), wrong, wrong[:, i] * wrong[:, j]])


def error_correlation(totals: Array, *, k: int) -> Array:
    """The mean correlation of the errors of k raters over their pairs, (..., D) weighted sums of `error_totals` -> (...).

    Pairs of which one member is never wrong, or always, have no correlation and are left out; nan where none is left.
    """
    i, j = np.triu_indices(k, 1)
    n = np.maximum(totals[..., :1], 1e-300)
    mean, both = totals[..., 1 : k + 1] / n, totals[..., k + 1 :] / n
    spread = np.sqrt(np.maximum(mean * (1.0 - mean), 0.0))
    below = spread[..., i] * spread[..., j]
    known = below > 1e-9
    each = np.where(known, (both - mean[..., i] * mean[..., j]) / np.where(known, below, 1.0), 0.0)
    return np.asarray(np.where(known.any(-1), each.sum(-1) / np.maximum(known.sum(-1), 1), np.nan))


def effective_number(k: int, correlation: Array) -> Array:
    """As many independent raters as k with this mean correlation of their errors are worth: k / (1 + (k − 1) ρ) (Kish 1965).

    It is the design effect of a mean of k equally correlated errors, so it is between 1 (ρ = 1) and k; errors that exclude each other
    (ρ < 0) are not counted as more than k.

    >>> effective_number(5, np.array([0.0, 0.5, 1.0, -0.1])).round(2).tolist()
    [5.0, 1.67, 1.0, 5.0]
    """
    return np.asarray(k / (1.0 + (k - 1.0) * np.clip(correlation, 0.0, 1.0)))
