"""Logistic regression by Newton's method, for a few coefficients and no penalty."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from scipy.special import expit

from judgeaudit.stats.agreement.two_raters import Array
from judgeaudit.stats.probabilities.ranking import Places

_STEPS = 60
_CLOSE = 1e-10
#: no log odds of a rate that labels can show come near this
_FAR = 300.0


class Fit(NamedTuple):
    """Coefficients (D,) and the inverse of the information (D, D); nan where there is no finite maximum."""

    beta: Array
    covariance: Array


def logistic_fit(x: Array, y: Array, *, weights: Array, offset: Array | None = None) -> Fit:
    """The maximum of the likelihood of logit P(y) = offset + x β. x (n, D); y (n,) shares of hits; weights (n,).

    nan where the sides are separated, so that the likelihood rises without end (Albert and Anderson 1984), and where columns
    of x say the same.
    """
    fixed = np.zeros(len(x)) if offset is None else offset
    beta = np.zeros(x.shape[1])
    reached = _likelihood(x, y, weights, fixed, beta)
    for _ in range(_STEPS):
        p = expit(fixed + x @ beta)
        information = (x * (weights * p * (1 - p))[:, None]).T @ x
        score = x.T @ (weights * (y - p))
        if not np.all(np.isfinite(information)) or np.linalg.cond(information) > 1e14:
            break
        step = np.linalg.solve(information, score)
        size, moved = 1.0, reached
        while size > 1e-6:
            moved = _likelihood(x, y, weights, fixed, beta + size * step)
            if moved >= reached - 1e-12 * abs(reached):
                break
            size /= 2
        beta, reached = beta + size * step, moved
        if np.abs(x @ beta).max(initial=0.0) > _FAR:
            break
        if np.abs(step).max() < _CLOSE * (1 + np.abs(beta).max()):
            return Fit(beta, np.asarray(np.linalg.inv(information), float))
    nothing = np.full(x.shape[1], np.nan)
    return Fit(nothing, np.outer(nothing, nothing))


def _likelihood(x: Array, y: Array, weights: Array, offset: Array, beta: Array) -> float:
    eta = offset + x @ beta
    return float((weights * (y * eta - np.logaddexp(0.0, eta))).sum())


def separated(x: Array, y: Array) -> bool:
    """Whether one cut through x (n,) parts hits from misses, ties at the cut allowed, or one side is empty."""
    hits, misses = x[y > 0], x[y < 1]
    if not hits.size or not misses.size:
        return True
    return bool(hits.min() >= misses.max() or hits.max() <= misses.min())


def sandwich(fit: Fit, x: Array, y: Array, *, weights: Array, offset: Array | None, unit: Places) -> Array:
    """The covariance of β when items of a unit (n,) hang together (Liang and Zeger 1986), with G / (G − 1)."""
    fixed = np.zeros(len(x)) if offset is None else offset
    residual = weights * (y - expit(fixed + x @ fit.beta))
    _, dense = np.unique(unit, return_inverse=True)
    g = int(dense.max()) + 1
    scores = np.stack([np.bincount(dense.ravel(), residual * x[:, d], minlength=g) for d in range(x.shape[1])], 1)
    return np.asarray(fit.covariance @ (scores.T @ scores) @ fit.covariance * g / max(g - 1, 1))
