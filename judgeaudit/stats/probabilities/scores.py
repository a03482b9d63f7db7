"""How honest probabilities are: scores, calibration error and the reliability curve. p and y are (N,); y is 0 or 1."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from judgeaudit.stats.agreement.two_raters import Array, divide

BINS = 10


class Bins(NamedTuple):
    """Per bin: weight of items, sum of probabilities, sum of outcomes; each (bins,)."""

    n: Array
    p: Array
    y: Array


def brier_terms(p: Array, y: Array) -> Array:
    """Each item's squared error (p − y)²; their mean is the Brier score (Brier 1950)."""
    return np.asarray((p - y) ** 2)


def log_terms(p: Array, y: Array) -> Array:
    """Each item's −log of the probability given to what happened, in nats; infinite where that was 0."""
    with np.errstate(divide="ignore"):
        return np.asarray(-np.log(np.where(y > 0.5, p, 1.0 - p)))


def equal_width_bins(p: Array, *, bins: int) -> npt.NDArray[np.int64]:
    """Bin number of each probability: [0, 1/bins), …, the last one closed."""
    return np.minimum((p * bins).astype(np.int64), bins - 1)


def equal_mass_bins(p: Array, *, bins: int) -> npt.NDArray[np.int64]:
    """Bin number of each probability when bins hold equally many items, in stable order of p."""
    out = np.empty(p.size, np.int64)
    for b, part in enumerate(np.array_split(np.argsort(p, kind="stable"), bins)):
        out[part] = b
    return out


def bin_totals(p: Array, y: Array, *, which: npt.NDArray[np.int64], bins: int, weights: Array) -> Bins:
    """What each bin holds."""
    return Bins(*(np.bincount(which, weights * v, minlength=bins).astype(float) for v in (np.ones_like(p), p, y)))


def calibration_error(flat: Array) -> Array:
    """Expected calibration error Σ n_b / n · |ȳ_b − p̄_b| from bin totals (..., 3, bins) (Naeini et al. 2015).

    Biased upwards: a perfectly calibrated judge scores above 0. nan without items.
    """
    n, p, y = flat[..., 0, :], flat[..., 1, :], flat[..., 2, :]
    return divide(np.abs(y - p).sum(-1), n.sum(-1))


def debiased_squared_error(flat: Array) -> Array:
    """Σ n_b / n [(ȳ_b − p̄_b)² − ȳ_b (1 − ȳ_b) / (n_b − 1)] from bin totals (..., 3, bins) (Kumar, Liang and Ma 2019).

    The squared calibration error less what chance adds; it may be below 0. Bins of one item are left out; nan without others.
    """
    n, p, y = flat[..., 0, :], flat[..., 1, :], flat[..., 2, :]
    used = n > 1
    safe = np.where(used, n, 2.0)
    rate = y / safe
    term = n * ((rate - p / safe) ** 2 - rate * (1 - rate) / (safe - 1))
    return divide(np.where(used, term, 0.0).sum(-1), np.where(used, n, 0.0).sum(-1))
