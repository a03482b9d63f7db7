"""How far probabilities are from what they say, without a free choice of bins where that is possible.

Functions of `Cells` (values are probabilities, hits are positive items) take batches; p and y are (n,) otherwise.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from judgeaudit.stats.agreement.two_raters import Array, divide
from judgeaudit.stats.probabilities.ranking import Cells

GRID = 2001
COARSE = 129


class Parts(NamedTuple):
    """A Brier score taken apart: score = miscalibration − discrimination + uncertainty. Each (...)."""

    miscalibration: Array
    discrimination: Array
    uncertainty: Array


def murphy(c: Cells) -> Parts:
    """Reliability, resolution and uncertainty of a Brier score, by distinct probability (Murphy 1973). nan without items.

    Exact, and of use where many items share each probability: where each stands alone, reliability is the score itself.
    """
    return _parts(c, divide(c.y, c.n))


def corp(c: Cells) -> Parts:
    """Miscalibration, discrimination and uncertainty against the isotonic fit (Dimitriadis, Gneiting and Jordan 2021).

    The fit is the non-decreasing map of probabilities to frequencies with the least squared error (pool adjacent violators).
    Never negative; nan without items.
    """
    share, weight = np.nan_to_num(divide(c.y, c.n)), c.n
    flat = [pav(s, w) for s, w in zip(share.reshape(-1, c.value.size), weight.reshape(-1, c.value.size), strict=True)]
    return _parts(c, np.stack(flat).reshape(share.shape))


def pav(share: Array, weight: Array) -> Array:
    """The non-decreasing sequence nearest to `share` (V,) by weighted squares; cells without weight take a neighbour's value."""
    used = weight > 0
    if not used.any():
        return np.full(share.shape, np.nan)
    from scipy.optimize import isotonic_regression

    fitted = np.asarray(isotonic_regression(share[used], weights=weight[used]).x, float)
    if used.all():
        return fitted
    place = np.clip(np.cumsum(used) - 1, 0, None)
    return np.asarray(fitted[place])


def _parts(c: Cells, fitted: Array) -> Parts:
    total = c.n.sum(-1)
    rate = divide(c.y.sum(-1), total)[..., None]
    fitted = np.where(c.n > 0, fitted, 0.0)
    share = np.nan_to_num(divide(c.y, c.n))
    # Σ (v − y)² − Σ (f − y)² needs no square of y itself
    apart = c.n * ((c.value - share) ** 2 - (fitted - share) ** 2)
    gained = c.n * ((rate - share) ** 2 - (fitted - share) ** 2)
    rate = rate[..., 0]
    return Parts(divide(apart.sum(-1), total), divide(gained.sum(-1), total), rate * (1 - rate))


def residual_mass(p: Array, gap: Array, *, grid: int) -> Array:
    """Gaps y − p (n,) laid on a grid over [0, 1], each parted between its two neighbours, (grid,)."""
    at = p * (grid - 1)
    left = np.minimum(at.astype(np.int64), grid - 2)
    right = at - left
    return np.asarray(
        np.bincount(left, gap * (1 - right), minlength=grid) + np.bincount(left + 1, gap * right, minlength=grid)
    )


def smooth_ece(mass: Array) -> Array:
    """The calibration error without bins (Błasiok and Nakkiran 2024), from mean residuals on a grid, (..., m) -> (...).

    The σ at which ∫ |mean of K_σ(t, p) (y − p)| dt = σ, where K is the Gaussian kernel reflected at 0 and 1. Found by halving;
    the kernel is applied by a Fourier transform of the even periodic continuation.
    """
    m = mass.shape[-1]
    even = np.concatenate([mass, mass[..., -2:0:-1]], -1)
    even[..., 0] *= 2
    even[..., m - 1] *= 2  # a point at an edge is its own mirror image
    waves = np.fft.rfft(even, axis=-1)
    k = np.arange(waves.shape[-1]) * np.pi
    edge = np.ones(m)
    edge[[0, -1]] = 0.5
    low, high = np.zeros(mass.shape[:-1]), np.ones(mass.shape[:-1])
    for _ in range(40 if mass.ndim == 1 else 24):
        middle = (low + high) / 2
        smoothed = np.fft.irfft(waves * np.exp(-0.5 * (k * middle[..., None]) ** 2), even.shape[-1], axis=-1)[..., :m]
        under = np.abs(smoothed) @ edge < middle
        low, high = np.where(under, low, middle), np.where(under, middle, high)
    return np.where(np.abs(mass).sum(-1) > 0, (low + high) / 2, 0.0)


def spiegelhalter_z(p: Array, y: Array) -> float:
    """Σ (y − p)(1 − 2p) / √Σ (1 − 2p)² p (1 − p): standard normal where independent items are calibrated (Spiegelhalter 1986).

    nan where no probability but 0, ½ and 1 occurs.
    """
    lean = 1 - 2 * p
    variance = float((lean**2 * p * (1 - p)).sum())
    return float(((y - p) * lean).sum() / np.sqrt(variance)) if variance > 1e-15 else np.nan


def calibrated_draws(c: Cells, *, draws: int, rng: np.random.Generator) -> Array:
    """Hits (draws, V) as a judge would see them whose probabilities were right: binomial at each value."""
    items = np.rint(c.n).astype(np.int64)
    return rng.binomial(items, np.clip(c.value, 0.0, 1.0), size=(draws, c.value.size)).astype(float)


def consistency_bands(
    c: Cells, which: npt.NDArray[np.int64], *, bins: int, draws: int, level: float, rng: np.random.Generator
) -> tuple[Array, Array]:
    """Between which shares of hits each bin (bins,) lies in `level` of draws, were the probabilities right (Bröcker and Smith 2007).

    which (V,) is the bin of each value. nan in empty bins.
    """
    member = np.zeros((c.value.size, bins))
    member[np.arange(c.value.size), which] = 1.0
    shares = divide(calibrated_draws(c, draws=draws, rng=rng) @ member, np.rint(c.n) @ member)
    low, high = np.quantile(shares, [(1 - level) / 2, (1 + level) / 2], axis=0)
    return low, high
