"""Bounds that hold however often one looks: confidence sequences of a share by Robbins' mixture (Robbins 1970).

For k of n in random order and any p the mixture of likelihood ratios M(p) = ∫ (q/p)^k ((1−q)/(1−p))^(n−k) dBeta(½, ½)(q) is a
martingale of mean 1 under p, so M(p) ≥ 1/α at any time with chance α at most (Ville 1939). The p with M(p) < 1/α are the
sequence. One-sided bounds mix over the q beyond p alone, which tests "at most p" and costs fewer labels.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Literal

import numpy as np
from scipy.special import betainc, betaincc, betaln

from judgeaudit.stats.agreement.two_raters import Array
from judgeaudit.stats.intervals.limits import Interval

State = Literal["certified", "futile", "go on"]
_HALVINGS = 60
_A = 0.5


def log_evidence(k: Array | float, n: Array | float, *, p: float) -> Array:
    """log M(p) after k of n, (...) x (...) -> (...): evidence against p from either side."""
    k, n = np.asarray(k, float), np.asarray(n, float)
    return np.asarray(betaln(k + _A, n - k + _A) - betaln(_A, _A) - _log_likelihood(k, n, p))


def log_evidence_above(k: Array | float, n: Array | float, *, p: float) -> Array:
    """log of the mixture over q > p: evidence against "the share is at most p".

    >>> float(np.exp(log_evidence_above(30, 30, p=0.8))) > 20 > float(np.exp(log_evidence_above(15, 15, p=0.8)))
    True
    """
    k, n = np.asarray(k, float), np.asarray(n, float)
    beyond = betaincc(k + _A, n - k + _A, p) / betaincc(_A, _A, p)
    return np.asarray(log_evidence(k, n, p=p) + np.log(np.maximum(beyond, 1e-300)))


def log_evidence_below(k: Array | float, n: Array | float, *, p: float) -> Array:
    """log of the mixture over q < p: evidence against "the share is at least p"."""
    k, n = np.asarray(k, float), np.asarray(n, float)
    beyond = betainc(k + _A, n - k + _A, p) / betainc(_A, _A, p)
    return np.asarray(log_evidence(k, n, p=p) + np.log(np.maximum(beyond, 1e-300)))


def confidence_sequence(k: float, n: float, *, level: float) -> Interval:
    """The two-sided bounds after k of n. They hold for all n at once with chance `level`. [0, 1] without items.

    >>> [round(v, 3) for v in confidence_sequence(270, 300, level=0.95)]
    [0.829, 0.95]
    """
    return Interval(
        _crossing(lambda p: log_evidence(k, n, p=p), k, n, 1 - level, lower=True),
        _crossing(lambda p: log_evidence(k, n, p=p), k, n, 1 - level, lower=False),
    )


def lower_sequence(k: float, n: float, *, level: float) -> float:
    """The one-sided lower bound after k of n, which holds for all n at once with chance `level`; 0 without items."""
    return _crossing(lambda p: log_evidence_above(k, n, p=p), k, n, 1 - level, lower=True)


def upper_sequence(k: float, n: float, *, level: float) -> float:
    """The one-sided upper bound; 1 without items."""
    return _crossing(lambda p: log_evidence_below(k, n, p=p), k, n, 1 - level, lower=False)


def state_of(k: float, n: float, *, floor: float, level: float) -> State:
    """Label until certified or futile: whether the bound is above the floor by now, or can be taken to be below it.

    >>> [state_of(k, n, floor=0.8, level=0.95) for k, n in ((60, 62), (30, 40), (20, 50))]
    ['certified', 'go on', 'futile']
    """
    if lower_sequence(k, n, level=level) >= floor:
        return "certified"
    return "futile" if upper_sequence(k, n, level=level) < floor else "go on"


def _log_likelihood(k: Array, n: Array, p: float) -> Array:
    with np.errstate(divide="ignore", invalid="ignore"):
        hits = np.where(k > 0, k * np.log(p), 0.0)
        return np.asarray(hits + np.where(n > k, (n - k) * np.log1p(-p), 0.0))


def _crossing(evidence: Callable[[float], Array], k: float, n: float, alpha: float, *, lower: bool) -> float:
    """Where the evidence against p falls below 1/α on the way from the edge to k / n."""
    edge = 0.0 if lower else 1.0
    if n <= 0 or k / n == edge:
        return edge
    outside, inside = edge, k / n
    for _ in range(_HALVINGS):
        middle = (outside + inside) / 2
        rejected = float(evidence(middle)) >= -np.log(alpha)
        outside, inside = (middle, inside) if rejected else (outside, middle)
    return inside
