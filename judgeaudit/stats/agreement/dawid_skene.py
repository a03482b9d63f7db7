"""Dawid and Skene's latent labels (1979): EM on distinct rows of labels, from several starts, with smoothing."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np
import numpy.typing as npt

from judgeaudit.stats.agreement.two_raters import Array

if TYPE_CHECKING:
    from scipy.sparse import csr_matrix

Codes = npt.NDArray[np.int32]
MOST = 1000
SHORT = 50
KEPT = 3
CLOSE = 1e-10
DENSE = 100_000


class Latent(NamedTuple):
    """The likeliest end of all starts.

    prior (K,), confusion (R, K, K) with rows of the latent label, posterior (P, K) of each row of labels, the log-likelihood with
    its smoothing, and `spread`: how far the starts' ends lie apart in log-likelihood.
    """

    prior: Array
    confusion: Array
    posterior: Array
    log_likelihood: float
    spread: float


def dawid_skene(
    rows: Codes,
    counts: Array,
    *,
    raters: npt.NDArray[np.int64],
    n_labels: int,
    starts: int,
    smoothing: float,
    seed: int,
) -> Latent:
    """Latent labels of rows (P, C), codes below 0 holes, that occur `counts` (P,) times. `raters` (C,) says whose column each is.

    The first start are the shares of labels per row, the others are jittered copies. `smoothing` is added to every cell of every
    rater's confusion matrix and to every label of the prior. All starts run 50 steps; the three likeliest are then run to the
    end. Labels may change places in EM: the result is turned so that latent labels lie with the labels that people gave.
    """
    k = n_labels
    share = np.stack([(rows == c).sum(1) for c in range(k)], 1) + 1e-3
    share = share / share.sum(1, keepdims=True)
    rng = np.random.default_rng(seed)
    jitter = [share if s == 0 else share * rng.gamma(4.0, 0.25, share.shape) for s in range(starts)]
    posterior = np.stack([first / first.sum(1, keepdims=True) for first in jitter], 1)
    seen = _seen(rows, raters, k)
    posterior, likelihood = _run(seen, counts, posterior, smoothing, SHORT)
    best = np.argsort(-likelihood, kind="stable")[:KEPT]
    posterior, ends = _run(seen, counts, posterior[:, best], smoothing, MOST)
    top = int(np.argmax(ends >= ends.max() - 1e-7))
    turned = _turned(posterior[:, top], share, counts)
    prior, confusion = _steps(seen, counts, turned[:, None], smoothing)
    spread = float(ends.max() - min(likelihood.min(), ends.min()))
    return Latent(prior[:, 0], confusion[..., 0].transpose(0, 2, 1), turned, float(ends[top]), spread)


def _seen(rows: Codes, raters: npt.NDArray[np.int64], k: int) -> Array | csr_matrix:
    """(P, R · K): how often each rater gave each label in a row. Sparse where it is large; scipy.sparse is slow to import."""
    row, column = np.nonzero(rows >= 0)
    cell = raters[column] * k + rows[row, column]
    width = (int(raters.max(initial=0)) + 1) * k
    if len(rows) * width <= DENSE:
        return np.bincount(row * width + cell, minlength=len(rows) * width).reshape(len(rows), width).astype(float)
    from scipy.sparse import csr_matrix

    return csr_matrix((np.ones(row.size), (row, cell)), shape=(len(rows), width))


def _steps(seen: Array | csr_matrix, counts: Array, posterior: Array, smoothing: float) -> tuple[Array, Array]:
    """M step of S starts at once: (P, S, K) -> prior (K, S), and (R, K given, K latent, S) chances of giving a label."""
    p, s, k = posterior.shape
    weighted = posterior * counts[:, None, None]
    prior = weighted.sum(0).T + smoothing
    confusion = (seen.T @ weighted.reshape(p, s * k)).reshape(-1, k, s, k).transpose(0, 1, 3, 2) + smoothing
    return prior / prior.sum(0), confusion / confusion.sum(1, keepdims=True)


def _run(seen: Array | csr_matrix, counts: Array, posterior: Array, smoothing: float, most: int) -> tuple[Array, Array]:
    """EM until no start's log-likelihood moves, or `most` steps: posteriors (P, S, K) and log-likelihoods (S,)."""
    p, s, k = posterior.shape
    floor = 1e-300
    total = np.full(s, -np.inf)
    for _ in range(most):
        prior, confusion = _steps(seen, counts, posterior, smoothing)
        log_prior, log_confusion = np.log(np.maximum(prior, floor)), np.log(np.maximum(confusion, floor))
        flat = log_confusion.transpose(0, 1, 3, 2).reshape(-1, s * k)
        log = (seen @ flat).reshape(p, s, k) + log_prior.T
        peak = log.max(-1, keepdims=True)
        mass = np.exp(log - peak)
        posterior = mass / mass.sum(-1, keepdims=True)
        penalty = smoothing * (log_prior.sum(0) + log_confusion.sum((0, 1, 2)))
        now = counts @ (peak[..., 0] + np.log(mass.sum(-1))) + penalty
        if np.all(np.abs(now - total) < CLOSE * np.maximum(1.0, np.abs(now))):
            return posterior, now
        total = now
    return posterior, total


def _turned(posterior: Array, share: Array, counts: Array) -> Array:
    """Latent labels in the order in which they go with the labels that people gave most."""
    together = (posterior * counts[:, None]).T @ share
    given = together.argmax(1)
    if np.unique(given).size < given.size:
        from scipy.optimize import linear_sum_assignment

        _, given = linear_sum_assignment(-together)
    out = np.empty_like(posterior)
    out[:, given] = posterior
    return out
