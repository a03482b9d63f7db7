"""Correlations, errors and intraclass coefficients of two raters, from count tables of ordered labels or of numbers.

Tables are (..., V, V) without a "no answer" index: these statistics know answered items only. `x` are the labels' numbers (V,),
ascending.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from judgeaudit.stats.agreement.two_raters import Array, divide


class Moments(NamedTuple):
    """Sums over items of two raters' numbers x and y; each (...)."""

    n: Array
    x: Array
    y: Array
    xx: Array
    yy: Array
    xy: Array


def moments(t: Array, x: Array) -> Moments:
    """The sums that a table of labels with numbers `x` stands for, (..., V, V) -> six (...)."""
    rows, columns = t.sum(-1), t.sum(-2)
    return Moments(
        t.sum((-2, -1)), rows @ x, columns @ x, rows @ x**2, columns @ x**2, (t * (x[:, None] * x)).sum((-2, -1))
    )


def pearson_r(m: Moments) -> Array:
    """Pearson's correlation. nan when a rater uses one number only."""
    sx, sy = m.n * m.xx - m.x**2, m.n * m.yy - m.y**2
    flat = (sx <= 1e-12 * np.maximum(m.n * m.xx, 1e-300)) | (sy <= 1e-12 * np.maximum(m.n * m.yy, 1e-300))
    root = np.where(flat, 0.0, np.sqrt(np.maximum(sx, 0.0)) * np.sqrt(np.maximum(sy, 0.0)))
    r = divide(m.n * m.xy - m.x * m.y, root, unit=0.0)
    return np.clip(r, -1.0, 1.0)


def spearman_rho(t: Array) -> Array:
    """Spearman's rho: Pearson's correlation of midranks. nan when a rater uses one label only."""
    rows, columns = t.sum(-1), t.sum(-2)
    a, b = np.cumsum(rows, -1) - rows / 2, np.cumsum(columns, -1) - columns / 2
    cross = np.einsum("...ij,...i,...j->...", t, a, b)
    m = Moments(
        t.sum((-2, -1)),
        (rows * a).sum(-1),
        (columns * b).sum(-1),
        (rows * a**2).sum(-1),
        (columns * b**2).sum(-1),
        cross,
    )
    return pearson_r(m)


def kendall_tau_b(t: Array) -> Array:
    """Kendall's tau-b: (concordant − discordant) / √((pairs − ties_x)(pairs − ties_y)). nan when a rater is constant."""
    n = t.sum((-2, -1))
    before = np.cumsum(np.cumsum(t, -1), -2)
    low = np.zeros_like(t)
    low[..., 1:, 1:] = before[..., :-1, :-1]
    above = np.cumsum(np.cumsum(t[..., ::-1], -1), -2)[..., ::-1]
    high = np.zeros_like(t)
    high[..., 1:, :-1] = above[..., :-1, 1:]
    surplus = (t * (low - high)).sum((-2, -1))
    rows, columns = t.sum(-1), t.sum(-2)
    free_x, free_y = n**2 - (rows**2).sum(-1), n**2 - (columns**2).sum(-1)
    return divide(2.0 * surplus, np.sqrt(np.maximum(free_x * free_y, 0.0)))


def mean_absolute_error(t: Array, x: Array) -> Array:
    """Mean |x − y|, in the unit of the scale. nan without items."""
    return divide((t * np.abs(x[:, None] - x)).sum((-2, -1)), t.sum((-2, -1)))


class Anova(NamedTuple):
    """Sums of a complete block of n items by k raters: linear in items. Leading axes are batches; columns is (..., k)."""

    n: Array
    item_squares: Array  # Σ_i (Σ_r x_ir)²
    squares: Array  # Σ x²
    columns: Array  # Σ_i x_ir


class Icc(NamedTuple):
    """Intraclass correlations of Shrout and Fleiss (1979)."""

    icc_2_1: Array
    icc_2_k: Array
    icc_3_1: Array


def intraclass(a: Anova) -> Icc:
    """ICC(2,1), ICC(2,k), ICC(3,1) from two-way mean squares. nan with fewer than two items or no variance at all.

    ICC(2,1) and ICC(2,k) can be below −1, and are nan where the variance they divide by is estimated below 0.
    """
    k = a.columns.shape[-1]
    total = a.columns.sum(-1)
    few = a.n < 1.5
    n = np.where(few, 2.0, a.n)
    correction = total**2 / (n * k)
    between = a.item_squares / k - correction
    raters = (a.columns**2).sum(-1) / n - correction
    rest = np.maximum(a.squares - correction - between - raters, 0.0)
    ms_r, ms_c, ms_e = between / (n - 1), raters / (k - 1), rest / ((n - 1) * (k - 1))
    unit = np.maximum(a.squares / np.maximum(n, 1), 1e-300)
    dead = few | ((ms_r < 1e-12 * unit) & (ms_e < 1e-12 * unit))
    one = divide(ms_r - ms_e, np.maximum(ms_r + (k - 1) * ms_e + k * (ms_c - ms_e) / n, 0.0), unit=unit)
    many = divide(ms_r - ms_e, np.maximum(ms_r + (ms_c - ms_e) / n, 0.0), unit=unit)
    three = divide(ms_r - ms_e, ms_r + (k - 1) * ms_e, unit=unit)
    return Icc(*(np.where(dead, np.nan, v) for v in (one, many, three)))


def anova_of_pair(m: Moments) -> Anova:
    """The block of two raters whose sums are `m`."""
    return Anova(m.n, m.xx + m.yy + 2.0 * m.xy, m.xx + m.yy, np.stack([m.x, m.y], -1))


def alpha_interval_of_pair(m: Moments) -> Array:
    """Krippendorff's alpha (interval) of two raters from moments, any number of values: no V × V table is needed."""
    n = 2.0 * m.n
    squares = m.xx + m.yy
    observed = 2.0 * squares - (squares + 2.0 * m.xy)
    expected = n * squares - (m.x + m.y) ** 2
    return 1.0 - (n - 1.0) * divide(observed, expected, unit=n * squares)


def cohen_kappa_quadratic_of_pair(m: Moments) -> Array:
    """Cohen's quadratically weighted kappa from moments: 1 − E(x − y)² / (Var x + Var y + (x̄ − ȳ)²)."""
    gap = divide(m.xx + m.yy - 2.0 * m.xy, m.n)
    mx, my = divide(m.x, m.n), divide(m.y, m.n)
    spread = divide(m.xx, m.n) + divide(m.yy, m.n) - 2.0 * mx * my
    return 1.0 - divide(gap, spread, unit=np.nan_to_num(divide(m.xx + m.yy, m.n)))
