"""Many strata: do they differ at all, what is each one's value given the others, and how low may the worst one be."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from scipy.special import chdtrc, ndtri

from judgeaudit.stats.agreement.two_raters import Array
from judgeaudit.stats.comparisons.matched import Omnibus, hotelling

#: strata from which on estimates are shrunken: with fewer, the spread between strata cannot be told
LEAST_TO_SHRINK = 4


class Spread(NamedTuple):
    """How far strata differ: the test, the mean, the variance between strata τ², and the share of it I²."""

    test: Omnibus
    mean: float
    between: float
    i_squared: float


def heterogeneity(z: Array, covariance: Array, *, g: float) -> Spread:
    """S estimates (S,) with covariance (S, S): is there one value behind them? g is the number of clusters, infinite without.

    Q = Σ w (z − z̄)² with w = 1 / variance (Cochran 1954) where strata are independent; where clusters reach over strata, the quadratic
    form of the contrasts in their covariance, as Hotelling's T². τ² is DerSimonian and Laird's (1986), I² = max(0, 1 − df / Q) (Higgins
    and Thompson 2002), both from the variances alone.
    """
    z, covariance = np.asarray(z, float), np.asarray(covariance, float)
    s = z.size
    variances = np.diag(covariance)
    w = 1.0 / variances
    mean = float((w * z).sum() / w.sum())
    q = float((w * (z - mean) ** 2).sum())
    if np.isinf(g) and not np.any(covariance - np.diag(variances)):
        test = Omnibus(q, float(s - 1), float(chdtrc(s - 1, q)))
    else:
        apart = np.column_stack([-np.ones(s - 1), np.eye(s - 1)])
        test = hotelling(apart @ z, apart @ covariance @ apart.T, g=g)
    between = max(0.0, (q - (s - 1)) / float(w.sum() - (w**2).sum() / w.sum()))
    spread = 1.0 / (variances + between)
    centre = float((spread * z).sum() / spread.sum())
    share = max(0.0, 1.0 - (s - 1) / q) if q > 0 else 0.0
    return Spread(test, centre, between, share)


def shrunken(z: Array, variances: Array, spread: Spread) -> tuple[Array, Array]:
    """Empirical-Bayes estimates (S,) of the strata and their variances (Morris 1983): drawn to the mean, the more the less sure.

    B = (S − 3) / (S − 1) · v / (v + τ²); the estimate is z − B (z − mean), its variance v (1 − B (S − 1) / S) + 2 / (S − 3) B² (z − mean)²,
    the second part since τ² is estimated. nan with fewer than four strata, where B would be 0 or less.
    """
    z, v = np.asarray(z, float), np.asarray(variances, float)
    s = z.size
    if s < LEAST_TO_SHRINK:
        return np.full(s, np.nan), np.full(s, np.nan)
    pull = (s - 3.0) / (s - 1.0) * v / (v + spread.between)
    apart = z - spread.mean
    return z - pull * apart, v * (1.0 - pull * (s - 1.0) / s) + 2.0 / (s - 3.0) * pull**2 * apart**2


def simultaneous_quantile(
    covariance: Array, *, level: float, df: float, rng: np.random.Generator, draws: int = 20_000
) -> float:
    """t such that all S true values lie above estimate − t · error together, with this confidence: a quantile of max t.

    Independent strata with known errors: Φ⁻¹(level^(1/S)) (Šidák 1967); else from draws of the multivariate t distribution with the
    estimates' correlation (Hothorn, Bretz and Westfall 2008), every stratum's own error included.

    >>> round(simultaneous_quantile(np.eye(4), level=0.95, df=np.inf, rng=np.random.default_rng(1)), 4)
    2.234
    """
    covariance = np.asarray(covariance, float)
    s = len(covariance)
    if np.isinf(df) and not np.any(covariance - np.diag(np.diag(covariance))):
        return float(ndtri(level ** (1.0 / s)))
    error = np.sqrt(np.diag(covariance))
    values, vectors = np.linalg.eigh(covariance / error[:, None] / error[None, :])
    drawn = rng.standard_normal((draws, s)) @ (vectors * np.sqrt(np.maximum(values, 0.0))).T
    if np.isfinite(df):
        drawn /= np.sqrt(rng.chisquare(df, draws) / df)[:, None]
    return float(np.quantile(drawn.max(1), level))


def breslow_day(tables: Array) -> Omnibus:
    """The odds ratio of judge and reference is one in all strata, (S, 2, 2) counts (Breslow and Day 1980, corrected by Tarone 1985).

    Σ (a − A)² / V − (Σ a − Σ A)² / Σ V, A the count that each table would have at the common odds ratio of Mantel and Haenszel (1959) and
    its own margins; χ² on S − 1 degrees. Strata in which a margin is empty say nothing and are left out; nan with fewer than two others, or
    where the common odds ratio is 0 or infinite.
    """
    t = np.asarray(tables, float)
    t = t[(t.sum(1) > 0).all(1) & (t.sum(2) > 0).all(1)]
    if len(t) < 2:
        return Omnibus(np.nan, np.nan, np.nan)
    a, b, c, d, n = t[:, 0, 0], t[:, 0, 1], t[:, 1, 0], t[:, 1, 1], t.sum((1, 2))
    above, below = (a * d / n).sum(), (b * c / n).sum()
    if not (above > 0 and below > 0):
        return Omnibus(np.nan, np.nan, np.nan)
    ratio = above / below
    row, column = a + b, a + c
    expected = _at_ratio(row, column, n, ratio)
    cells = np.stack([expected, row - expected, column - expected, n - row - column + expected])
    variance = 1.0 / (1.0 / cells).sum(0)
    q = float(((a - expected) ** 2 / variance).sum() - (a - expected).sum() ** 2 / variance.sum())
    return Omnibus(q, float(len(t) - 1), float(chdtrc(len(t) - 1, q)))


def at_shares(t: Array, shares: Array) -> Array:
    """Tables (..., V, V) with rows rescaled to common shares (V,) of the reference's labels, (..., V, V).

    Kappa of such tables depends on the error rates alone, not on how frequent the labels are. nan where a label with a share has no
    item.
    """
    rows = t.sum(-1)
    needed = shares > 0
    safe = np.where(rows > 0, rows, 1.0)
    out = t * np.where(needed, shares / safe, 0.0)[..., None]
    known = (~needed | (rows > 0)).all(-1)
    return np.asarray(np.where(known[..., None, None], out, np.nan))


def _at_ratio(row: Array, column: Array, n: Array, ratio: float) -> Array:
    """The upper left count of tables with these margins and this odds ratio: the root of a quadratic that lies within the margins."""
    middle = n + (ratio - 1.0) * (row + column)
    root = np.sqrt(middle**2 + 4.0 * (1.0 - ratio) * ratio * row * column)
    return np.asarray(2.0 * ratio * row * column / (middle + root))
