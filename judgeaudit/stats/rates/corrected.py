"""The rate of positives from many verdicts and few labels: post-stratified, PPI and PPI++, Rogan-Gladen; Begg and Greenes.

Cells are (..., 8) totals: labelled rows by label and verdict (TP, FP, FN, TN; sampling weights count here), judged rows that
wait for no label by verdict (flagged, cleared), and unlabelled rows by verdict. All are linear in rows, so that a jackknife
needs nothing else. Where nothing can be estimated the value is nan.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from judgeaudit.stats.agreement.two_raters import Array, divide
from judgeaudit.stats.intervals.limits import Interval, wilson

TP, FP, FN, TN, SEEN_FLAGGED, SEEN_CLEARED, FLAGGED, CLEARED = range(8)


class Verified(NamedTuple):
    """What a judge does, freed from which verdicts happened to be verified; each (...)."""

    rate: Array
    sensitivity: Array
    specificity: Array


def flagged_share(cells: Array, *, everywhere: bool) -> Array:
    """The judge's share of positives: of all judged rows (`everywhere`) or of the unlabelled ones. nan without rows."""
    flagged, cleared = cells[..., FLAGGED], cells[..., CLEARED]
    if everywhere:
        flagged, cleared = flagged + cells[..., SEEN_FLAGGED], cleared + cells[..., SEEN_CLEARED]
    return divide(flagged, flagged + cleared)


def precision(cells: Array) -> Array:
    """Truly positive among the labelled rows that the judge flagged."""
    return divide(cells[..., TP], cells[..., TP] + cells[..., FP])


def omission(cells: Array) -> Array:
    """Truly positive among the labelled rows that the judge cleared."""
    return divide(cells[..., FN], cells[..., FN] + cells[..., TN])


def sensitivity(cells: Array) -> Array:
    """Flagged among the positive labelled rows."""
    return divide(cells[..., TP], cells[..., TP] + cells[..., FN])


def false_positive_rate(cells: Array) -> Array:
    """Flagged among the negative labelled rows; a row without an answer is not flagged."""
    return divide(cells[..., FP], cells[..., FP] + cells[..., TN])


def verified(flagged: Array, precise: Array, omitted: Array) -> Verified:
    """Begg and Greenes (1983): P(J=1) PPV + P(J=0) FOR, and the judge's sensitivity and specificity in all judged rows.

    Holds where a row's chance to be labelled depends on its verdict only. A side that no row is on needs no label; a side
    with rows and no label leaves nothing to say. Below, their scans of the liver (sensitivity 0.895 among the verified).

    >>> from judgeaudit.stats.rates.corrected import verified
    >>> [round(float(x), 3) for x in verified(np.array(429 / 650), np.array(231 / 263), np.array(27 / 81))]
    [0.693, 0.836, 0.738]
    """
    hits = np.where(flagged > 0, flagged * precise, 0.0)
    misses = np.where(flagged < 1, (1.0 - flagged) * omitted, 0.0)
    alarms = np.where(flagged > 0, flagged * (1.0 - precise), 0.0)
    rate = np.asarray(hits + misses)
    return Verified(rate, divide(hits, rate), 1.0 - divide(alarms, 1.0 - rate))


def verified_draws(counts: Array, *, draws: int, rng: np.random.Generator) -> tuple[Array, Verified]:
    """Posterior draws (draws,) of the judge's share and of `verified`, three shares with Jeffreys priors.

    `counts` (6,): flagged and cleared judged rows, then TP, FP, FN, TN; they may be fractions (effective numbers).
    """
    a = np.asarray(counts, float) + 0.5
    flagged, precise, omitted = (rng.beta(a[k], a[k + 1], draws) for k in (0, 2, 4))
    return flagged, verified(flagged, precise, omitted)


# --------------------------------------------------------------------------------------------------------------- PPI


class PPI(NamedTuple):
    """A prediction-powered rate, its standard error for rows that stand for themselves, the part of it that comes from the
    labels, and its tuning λ; each (...).
    """

    rate: Array
    se: Array
    of_labels: Array
    tuning: Array


def ppi(cells: Array, *, tuned: bool, everywhere: bool) -> PPI:
    """mean λ f + mean (y − λ f), f the verdict and y the label (Angelopoulos et al. 2023); λ = 1, or tuned (PPI++, 2023).

    λ = Cov(y, f) / ((1 + n / N) Var f), within [0, 1]; 0 for a judge that says one thing only. The mean of f is over the
    unlabelled rows, as published, or over all judged rows (`everywhere`), as weighted labels need. Variances divide by n, that
    of f in λ by n + N − 1, as in ppi-python.
    """
    tp, fp, fn, tn = (cells[..., k] for k in (TP, FP, FN, TN))
    n = tp + fp + fn + tn
    y, f, both = divide(tp + fn, n), divide(tp + fp, n), divide(tp, n)
    other = flagged_share(cells, everywhere=everywhere)
    big = cells[..., FLAGGED] + cells[..., CLEARED]
    if everywhere:
        small = cells[..., SEEN_FLAGGED] + cells[..., SEEN_CLEARED]
        of_f, big = other * (1.0 - other), big + small
    else:
        small, pooled = n, divide(tp + fp + cells[..., FLAGGED], n + big)
        of_f = pooled * (1.0 - pooled) * divide(n + big, n + big - 1.0)
    tuning = np.ones_like(n)
    if tuned:
        slope = divide(both - y * f, (1.0 + divide(small, big)) * of_f)
        tuning = np.clip(np.where(of_f > 0, slope, 0.0), 0.0, 1.0)
    error = y * (1 - y) + tuning**2 * f * (1 - f) - 2 * tuning * (both - y * f)
    of_labels = np.sqrt(divide(np.maximum(error, 0.0), n))
    se = np.sqrt(tuning**2 * divide(other * (1 - other), big) + of_labels**2)
    return PPI(np.asarray(tuning * other + y - tuning * f), se, of_labels, tuning)


# ------------------------------------------------------------------------------------------------------ Rogan-Gladen


def rogan_gladen(cells: Array) -> Array:
    """(p − FPR) / (sensitivity − FPR), p the judge's share in the unlabelled rows (Rogan and Gladen 1978); not clipped.

    nan where a class has no labelled row or both error rates cancel. Only sensible where Youden's J is well above 0.
    """
    alarm = false_positive_rate(cells)
    return divide(flagged_share(cells, everywhere=False) - alarm, sensitivity(cells) - alarm)


class Calibration(NamedTuple):
    """The judge's share p of n unlabelled rows, its sensitivity in m1 positive and specificity in m0 negative labelled ones."""

    p: float
    n: float
    sensitivity: float
    m1: float
    specificity: float
    m0: float

    @property
    def youden(self) -> float:
        return self.sensitivity + self.specificity - 1.0


def lang_reiczigel(c: Calibration, *, z: float, of: str = "rate") -> float:
    """The limit at z standard errors (z below 0: lower) of a Rogan-Gladen rate (Lang and Reiczigel 2014); not clipped.

    `of` "bias" limits p − rate instead. The same interval as that of Lee et al. (2025). nan where the adjusted judge tells
    nothing apart. Below, the worked numbers of Lee et al.

    >>> told = Calibration(p=0.4, n=1000, sensitivity=0.9, m1=200, specificity=0.7, m0=200)
    >>> [round(lang_reiczigel(told, z=z), 4) for z in (-1.959964, 1.959964)]
    [0.0564, 0.2627]
    """
    q = z * z
    n, m0, m1 = c.n + q, c.m0 + 2.0, c.m1 + 2.0
    p = (c.n * c.p + q / 2.0) / n
    q0, q1 = (c.m0 * c.specificity + 1.0) / m0, (c.m1 * c.sensitivity + 1.0) / m1
    d = q0 + q1 - 1.0
    if not d > 0:
        return np.nan
    rate = (p + q0 - 1.0) / d
    v0, v1 = q0 * (1.0 - q0) / m0, q1 * (1.0 - q1) / m1
    shift = 2.0 * q * (rate * v1 - (1.0 - rate) * v0)
    of_labels = ((1.0 - rate) ** 2 * v0 + rate**2 * v1) / d**2
    if of == "bias":
        se = np.sqrt((1.0 - 1.0 / d) ** 2 * p * (1.0 - p) / n + of_labels)
        return float(p - rate - shift + z * se)
    return float(rate + shift + z * np.sqrt(p * (1.0 - p) / n / d**2 + of_labels))


def youden_interval(c: Calibration, *, level: float) -> Interval:
    """Newcombe's (1998) square-and-add interval of sensitivity − false positive rate, from Wilson's of both.

    >>> told = Calibration(p=0.4, n=1000, sensitivity=0.9, m1=200, specificity=0.7, m0=200)
    >>> [round(x, 3) for x in youden_interval(told, level=0.95)]
    [0.517, 0.668]
    """
    a, b = 1.0 - c.specificity, c.sensitivity
    la, ua = wilson(a * c.m0, c.m0, level=level)
    lb, ub = wilson(b * c.m1, c.m1, level=level)
    down, up = np.hypot(b - lb, ua - a), np.hypot(ub - b, a - la)
    return Interval(float(b - a - down), float(b - a + up))
