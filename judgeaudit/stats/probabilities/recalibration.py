"""Maps from a judge's probabilities to better ones: fitted on labels, kept as a few numbers, applied to any probability."""

from __future__ import annotations

from typing import Literal, NamedTuple

import numpy as np
from scipy.special import expit, logit

from judgeaudit.stats.agreement.two_raters import Array, divide
from judgeaudit.stats.probabilities.calibration import pav
from judgeaudit.stats.probabilities.logistic import logistic_fit, separated
from judgeaudit.stats.probabilities.ranking import Cells

Kind = Literal["temperature", "platt", "beta", "isotonic"]
KINDS: tuple[Kind, ...] = ("temperature", "platt", "beta", "isotonic")
#: probabilities of 0 and 1 have no log odds; they are moved in by so much
EDGE = 1e-6


class Map(NamedTuple):
    """A fitted map; `numbers` are its coefficients, or for isotonic its knots x, then their values y.

    temperature  logit q = b logit p                  (b,)   (Guo et al. 2017)
    platt        logit q = a + b logit p              (a, b) (Platt 1999, on log odds)
    beta         logit q = c + a ln p − b ln(1 − p)   (a, b, c), a and b at least 0 (Kull, Silva Filho and Flach 2017)
    isotonic     linear between knots, flat beyond    (x…, y…) (Zadrozny and Elkan 2002)
    """

    kind: Kind
    numbers: tuple[float, ...]


def inside(p: Array) -> Array:
    """Probabilities that have log odds."""
    return np.clip(p, EDGE, 1 - EDGE)


def fit_map(kind: Kind, c: Cells) -> Map | None:
    """The map of this kind with the greatest likelihood (isotonic: the least squared error). None where labels are separated."""
    used = c.n > 0
    p, n, y = inside(c.value[used]), c.n[used], np.clip(divide(c.y, c.n)[used], 0.0, 1.0)
    x = logit(p)
    if kind == "isotonic":
        return _isotonic(c.value[used], n, y)
    if kind == "temperature":
        found = logistic_fit(x[:, None], y, weights=n).beta
    elif separated(x, y):
        return None
    elif kind == "platt":
        found = logistic_fit(np.column_stack([np.ones_like(x), x]), y, weights=n).beta
    else:
        found = _beta(p, n, y)
    return None if np.isnan(found).any() else Map(kind, tuple(float(one) for one in found))


def _beta(p: Array, n: Array, y: Array) -> Array:
    """(a, b, c); a coefficient below 0 would turn the order of probabilities around, and is held at 0."""
    columns = np.column_stack([np.log(p), -np.log1p(-p), np.ones_like(p)])
    kept = [0, 1, 2]
    while True:
        found = logistic_fit(columns[:, kept], y, weights=n).beta
        slopes = {place: value for place, value in zip(kept, found.tolist(), strict=True) if place < 2}
        if np.isnan(found).any() or not slopes or min(slopes.values()) >= 0:
            break
        kept.remove(min(slopes, key=lambda place: slopes[place]))
    out = np.zeros(3)
    out[kept] = found
    return out


def _isotonic(value: Array, n: Array, y: Array) -> Map:
    """Knots at the ends of each flat piece. No knot says 0 or 1: half an item of the other side is always thinkable."""
    fitted = pav(y, n)
    edge = 0.5 / (float(n.sum()) + 1.0)
    first = np.concatenate([[True], np.diff(fitted) > 1e-12])
    last = np.concatenate([first[1:], [True]])
    knots = np.flatnonzero(first | last)
    return Map("isotonic", (*value[knots].tolist(), *np.clip(fitted[knots], edge, 1 - edge).tolist()))


def apply_map(p: Array, m: Map) -> Array:
    """What the map makes of probabilities (n,); nan stays nan."""
    if m.kind == "isotonic":
        half = len(m.numbers) // 2
        mapped = np.interp(p, m.numbers[:half], m.numbers[half:])
        return np.where(np.isnan(p), np.nan, mapped)
    x = inside(np.asarray(p, float))
    if m.kind == "temperature":
        return np.asarray(expit(m.numbers[0] * logit(x)))
    if m.kind == "platt":
        return np.asarray(expit(m.numbers[0] + m.numbers[1] * logit(x)))
    a, b, c = m.numbers
    return np.asarray(expit(c + a * np.log(x) - b * np.log1p(-x)))
