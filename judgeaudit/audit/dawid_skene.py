"""Dawid and Skene's reference: labels weighted by how often each person agrees with the label that all make likely."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from judgeaudit.domain.ratings import MISSING, Codes

Array = npt.NDArray[np.float64]
STARTS = 10
SMOOTHING = 0.1


def dawid_skene_labels(people: Codes, *, n_labels: int) -> Codes:
    """The most likely label per item, MISSING where nobody labelled it or two labels are equally likely."""
    posterior = dawid_skene_posterior(people, n_labels=n_labels)
    top = posterior.max(1)
    sure = (posterior >= top[:, None] - 1e-9).sum(1) == 1
    return np.where(sure & (people >= 0).any(0), posterior.argmax(1), MISSING).astype(np.int32)


def dawid_skene_posterior(people: Codes, *, n_labels: int) -> Array:
    """(N, K) how likely each label is for each item, from the codes (R, N) of all raters."""
    patterns, inverse, n = np.unique(people.T, axis=0, return_inverse=True, return_counts=True)
    return _best_of_starts(patterns, n.astype(float), n_labels)[inverse.ravel()]


def _best_of_starts(patterns: Codes, n: Array, k: int) -> Array:
    """EM from the label shares and from nine jittered copies of them; the likeliest end wins (Dawid and Skene 1979)."""
    rng = np.random.default_rng(1979)
    shares = np.stack([(patterns == c).sum(1) for c in range(k)], 1) + 1e-3
    shares = shares / shares.sum(1, keepdims=True)
    best: tuple[float, Array] | None = None
    for start in range(STARTS):
        first = shares if start == 0 else shares * rng.gamma(4.0, 0.25, shares.shape)
        likelihood, posterior = _em(patterns, n, first / first.sum(1, keepdims=True), k)
        if best is None or likelihood > best[0] + 1e-9:
            best = (likelihood, posterior)
    assert best is not None
    return best[1]


def _em(patterns: Codes, n: Array, posterior: Array, k: int) -> tuple[float, Array]:
    previous = -np.inf
    total = previous
    for _ in range(500):
        weighted = posterior * n[:, None]
        prior = (weighted.sum(0) + SMOOTHING) / (weighted.sum() + SMOOTHING * k)
        log = np.log(prior)[None, :].repeat(len(patterns), 0)
        penalty = SMOOTHING * np.log(prior).sum()
        for column in patterns.T:
            seen = column >= 0
            confusion = np.full((k, k), SMOOTHING)
            for c in range(k):
                confusion[:, c] += weighted[seen & (column == c)].sum(0)
            confusion /= confusion.sum(1, keepdims=True)
            penalty += SMOOTHING * np.log(confusion).sum()
            log[seen] += np.log(confusion[:, column[seen]]).T
        peak = log.max(1, keepdims=True)
        mass = np.exp(log - peak)
        posterior = mass / mass.sum(1, keepdims=True)
        total = float((n * (peak[:, 0] + np.log(mass.sum(1)))).sum() + penalty)
        if abs(total - previous) < 1e-9 * max(1.0, abs(total)):
            break
        previous = total
    return total, posterior
