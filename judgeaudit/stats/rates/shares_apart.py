"""Differences of two shares that are known with beta laws and a correlation: limits, and the tail at which a limit reaches 0."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import numpy.typing as npt
from scipy.special import betaincinv, expit, logit, stdtrit

from judgeaudit.stats.agreement.two_raters import Array

_EDGE = 1e-4
_HALVINGS = 26


class Sure(NamedTuple):
    """A share, the beta law (a, b) of how sure it is, and where outputs do not stand for themselves a standard error with its
    degrees of freedom (0 where they do); each (...)."""

    value: Array
    a: Array
    b: Array
    se: Array
    df: Array


class Limits(NamedTuple):
    """Two bounds (...); nan where there are none."""

    low: Array
    high: Array


def take(sure: Sure, at: npt.NDArray[np.intp]) -> Sure:
    """The same shares, picked or reordered by their places along the first axis."""
    return Sure(*(np.asarray(part)[at] for part in sure))


def end(sure: Sure, *, confidence: Array | float, upper: bool) -> Array:
    """The one-sided bound at a confidence over ½: of the beta law, or further out by t on the logit scale; never past the value.

    >>> clear = Sure(np.array(0.0), np.array(0.5), np.array(100.5), np.array(0.0), np.array(1.0))
    >>> end(clear, confidence=0.975, upper=True).round(4).item()
    0.0247
    """
    tail = np.asarray(confidence if upper else 1.0 - np.asarray(confidence))
    found = betaincinv(sure.a, sure.b, tail)
    inside = np.clip(sure.value, _EDGE, 1.0 - _EDGE)
    away = stdtrit(np.maximum(sure.df, 1.0), tail) * sure.se / (inside * (1.0 - inside))
    wide = np.where(sure.se > 0, expit(logit(inside) + away), sure.value)
    if upper:
        return np.asarray(np.maximum(np.maximum(found, wide), sure.value))
    return np.asarray(np.minimum(np.minimum(found, wide), sure.value))


def limits(sure: Sure, *, level: float) -> Limits:
    """Equal-tailed limits of each share."""
    confidence = (1.0 + level) / 2.0
    return Limits(end(sure, confidence=confidence, upper=False), end(sure, confidence=confidence, upper=True))


def apart(a: Sure, b: Sure, together: Array, *, level: float) -> Limits:
    """Limits of a − b from the limits of each and their correlation (MOVER, Zou and Donner 2008)."""
    confidence = (1.0 + level) / 2.0
    return Limits(
        _apart(a, b, together, confidence=confidence, upper=False),
        _apart(a, b, together, confidence=confidence, upper=True),
    )


def _apart(a: Sure, b: Sure, together: Array, *, confidence: Array | float, upper: bool) -> Array:
    near = np.abs(end(a, confidence=confidence, upper=upper) - a.value)
    far = np.abs(end(b, confidence=confidence, upper=not upper) - b.value)
    away = np.sqrt(np.maximum(near**2 + far**2 - 2.0 * together * near * far, 0.0))
    return np.asarray(a.value - b.value + (away if upper else -away))


def p_apart(a: Sure, b: Sure, together: Array, *, higher: tuple[Array, Array] | None = None) -> Array:
    """The two-sided p-value of "a equals b": twice the tail at which the limit of a − b that is nearer to 0 reaches it.

    `higher` says by how much a and b may be higher than they are for want of verdicts; then the limit is that of the worst case.
    1 where the values are equal, or the worst case is; nan where a value is.
    """
    more_a, more_b = higher if higher is not None else (np.zeros(1), np.zeros(1))
    difference = np.asarray(a.value - b.value)
    small, large = np.zeros(difference.shape), np.full(difference.shape, 0.5)
    for _ in range(_HALVINGS):
        tail = (small + large) / 2.0
        low = _apart(a, b, together, confidence=1.0 - tail, upper=False) - more_b
        high = _apart(a, b, together, confidence=1.0 - tail, upper=True) + more_a
        out = np.where(difference > 0, low > 0, high < 0)
        small, large = np.where(out, small, tail), np.where(out, tail, large)
    return np.where(np.isnan(difference), np.nan, np.where(difference == 0, 1.0, 2.0 * large))
