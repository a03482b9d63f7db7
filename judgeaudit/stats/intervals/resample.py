"""Posterior draws, jackknife and bootstrap: each needs only totals that are linear in item weights."""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

import numpy as np
import numpy.typing as npt
from scipy.special import ndtr, ndtri

from judgeaudit.stats.agreement.two_raters import Array

Function = Callable[[Array], Array]
PRIOR_MASS = 2.0


class Spread(NamedTuple):
    """A delete-one jackknife of several statistics: estimate, standard error and acceleration, each (S,)."""

    estimate: Array
    se: Array
    acceleration: Array


def dirichlet_tables(table: Array, *, support: npt.NDArray[np.bool_], draws: int, rng: np.random.Generator) -> Array:
    """Draws from the posterior of a table's cell probabilities, (draws, V, V), unnormalised.

    The prior has total mass 2, spread evenly over the cells of `support` (½ a cell for 2 × 2); cells outside stay 0. Half a
    count per cell on larger tables would swamp small samples: at 5 labels and 50 items it covers 46% of the time.
    """
    cells = np.flatnonzero(support.ravel())
    shape = table.ravel()[cells] + PRIOR_MASS / cells.size
    out = np.zeros((draws, table.size))
    out[:, cells] = rng.standard_gamma(shape, size=(draws, cells.size))
    return out.reshape(draws, *table.shape)


def quantiles(draws: Array, *, level: float) -> tuple[Array, Array]:
    """Equal-tailed limits over the first axis, undefined draws left out; nan where more than one in a hundred is undefined."""
    bad = np.isnan(draws).mean(0)
    tails = [(1 - level) / 2, (1 + level) / 2]
    if not np.any(bad):
        low, high = np.quantile(draws, tails, axis=0)
        return low, high
    low, high = np.full(bad.shape, np.nan), np.full(bad.shape, np.nan)
    good = bad <= 0.01
    if good.any():
        low[good], high[good] = np.nanquantile(draws[:, good], tails, axis=0)
    return low, high


def jackknife(units: Array, *, counts: Array, f: Function) -> Spread:
    """Delete-one jackknife of f. `units` (U, D) are totals of the units, `counts` (U,) how many equal ones there are.

    f maps (..., D) to (..., S). Units whose deletion leaves f undefined are left out of the variance.
    """
    total = counts @ units
    return jackknife_of(f(total[None] - units), counts=counts, estimate=f(total[None])[0])


def jackknife_of(deleted: Array, *, counts: Array, estimate: Array) -> Spread:
    """The same from the statistics without one unit, (U, S)."""
    weight = np.where(np.isnan(deleted), 0.0, counts[:, None])
    n = weight.sum(0)
    safe = np.maximum(n, 1.0)
    clean = np.nan_to_num(deleted)
    u = np.where(weight > 0, (weight * clean).sum(0) / safe - clean, 0.0)
    squares, cubes = (weight * u**2).sum(0), (weight * u**3).sum(0)
    se = np.where(n >= 2, np.sqrt((safe - 1.0) / safe * squares), np.nan)
    skew = np.where(squares > 1e-30, cubes / (6.0 * np.maximum(squares, 1e-30) ** 1.5), 0.0)
    return Spread(estimate, se, skew)


def linear_spread(units: Array, *, counts: Array, f: Function) -> Spread:
    """Infinitesimal jackknife (delta method) of f; `counts` may be fractions, as pseudo-items are."""
    total = counts @ units
    estimate = f(total[None])[0]
    step = 1e-5 * max(float(counts.sum()), 1.0)
    slope = (f(total[None] + step * units) - f(total[None] - step * units)) / (2.0 * step)
    n = counts.sum()
    slope = slope - (counts @ slope) / n
    squares, cubes = counts @ slope**2, counts @ slope**3
    skew = np.where(squares > 1e-30, cubes / (6.0 * np.maximum(squares, 1e-30) ** 1.5), 0.0)
    return Spread(estimate, np.sqrt(squares), skew)


def multinomial_totals(units: Array, *, counts: Array, replicates: int, rng: np.random.Generator) -> Array:
    """Totals (B, D) of bootstrap resamples of the items, drawn as counts of distinct units: exact, and its cost does not grow with n."""
    n = int(counts.sum())
    drawn = rng.multinomial(n, counts / counts.sum(), size=replicates)
    return drawn.astype(float) @ units


def bca_limits(draws: Array, *, estimate: Array, acceleration: Array, level: float) -> tuple[Array, Array]:
    """Bias-corrected and accelerated limits (Efron 1987), (B, S) draws -> two (S,). nan where nothing varies."""
    low, high = np.full(draws.shape[1], np.nan), np.full(draws.shape[1], np.nan)
    z = ndtri(np.array([(1 - level) / 2, (1 + level) / 2]))
    for s in range(draws.shape[1]):
        b = draws[:, s][np.isfinite(draws[:, s])]
        if b.size < 0.99 * len(draws) or np.ptp(b) == 0:
            continue
        share = ((b < estimate[s]).sum() + 0.5 * (b == estimate[s]).sum()) / b.size
        z0 = ndtri(np.clip(share, 1e-9, 1 - 1e-9))
        low[s], high[s] = np.quantile(b, ndtr(z0 + (z0 + z) / (1 - acceleration[s] * (z0 + z))))
    return low, high


def percentile_limits(draws: Array, *, level: float) -> tuple[Array, Array]:
    """Percentile limits, (B, S) -> two (S,). nan where nothing varies or more than one in a hundred is undefined."""
    low, high = quantiles(draws, level=level)
    flat = np.nanmax(np.nan_to_num(draws, nan=-np.inf), 0) <= np.nanmin(np.nan_to_num(draws, nan=np.inf), 0)
    return np.where(flat, np.nan, low), np.where(flat, np.nan, high)


def holm(p: Array) -> Array:
    """Holm's adjusted p-values (Holm 1979), (m,) -> (m,)."""
    p = np.asarray(p, float)
    order = np.argsort(p, kind="stable")
    stepped = np.maximum.accumulate(p[order] * np.arange(p.size, 0, -1))
    out = np.empty_like(p)
    out[order] = np.minimum(stepped, 1.0)
    return out
