"""Rates of a judge against a reference: every one is a share, so each function returns its numerator and denominator.

Tables are (..., V, V) with V = K + 1: rows are reference labels, columns verdicts, the last column "no answer" (the last row is
empty). `positive` is a (K,) mask. An item without an answer is no true positive and no true negative, and no false alarm either.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from judgeaudit.stats.agreement.two_raters import Array, divide

Mask = npt.NDArray[np.bool_]


class Share(NamedTuple):
    """Items that count, out of items looked at; both (...)."""

    k: Array
    n: Array

    @property
    def value(self) -> Array:
        return divide(self.k, self.n)


def accuracy(t: Array) -> Share:
    """Items with the reference's label, of all items asked; no answer is wrong."""
    return Share(np.trace(t[..., :-1, :-1], axis1=-2, axis2=-1), t.sum((-2, -1)))


def coverage(t: Array) -> Share:
    """Items with a usable verdict, of all items asked."""
    return Share(t[..., :-1].sum((-2, -1)), t.sum((-2, -1)))


def sensitivity(t: Array, *, positive: Mask) -> Share:
    """Positive items found; no answer is a miss. Undefined without positive items."""
    rows = t[..., :-1, :][..., positive, :]
    return Share(rows[..., :-1][..., positive].sum((-2, -1)), rows.sum((-2, -1)))


def specificity(t: Array, *, positive: Mask) -> Share:
    """Negative items cleared; no answer clears nothing. Undefined without negative items."""
    rows = t[..., :-1, :][..., ~positive, :]
    return Share(rows[..., :-1][..., ~positive].sum((-2, -1)), rows.sum((-2, -1)))


def false_positive_rate(t: Array, *, positive: Mask) -> Share:
    """False alarms among negative items; no answer is no alarm."""
    rows = t[..., :-1, :][..., ~positive, :]
    return Share(rows[..., :-1][..., positive].sum((-2, -1)), rows.sum((-2, -1)))


def false_negative_rate(t: Array, *, positive: Mask) -> Share:
    """1 − sensitivity: positive items that were not flagged, answered or not."""
    found = sensitivity(t, positive=positive)
    return Share(found.n - found.k, found.n)


def precision(t: Array, *, positive: Mask) -> Share:
    """Truly positive items among the flagged. Undefined when nothing is flagged."""
    flagged = t[..., :-1, :-1][..., positive]
    return Share(flagged[..., positive, :].sum((-2, -1)), flagged.sum((-2, -1)))


def negative_predictive_value(t: Array, *, positive: Mask) -> Share:
    """Truly negative items among those that the judge cleared. Undefined when nothing is cleared."""
    cleared = t[..., :-1, :-1][..., ~positive]
    return Share(cleared[..., ~positive, :].sum((-2, -1)), cleared.sum((-2, -1)))


def prevalence_reference(t: Array, *, positive: Mask) -> Share:
    """Positive items by the reference, among the items that the judge was asked about."""
    return Share(t[..., :-1, :][..., positive, :].sum((-2, -1)), t.sum((-2, -1)))


def prevalence_judge(t: Array, *, positive: Mask) -> Share:
    """Items that the judge calls positive, among the items that it was asked about."""
    return Share(t[..., :-1][..., positive].sum((-2, -1)), t.sum((-2, -1)))


def youden_j(t: Array, *, positive: Mask) -> Array:
    """Sensitivity + specificity − 1 (Youden 1950). nan unless both classes occur."""
    return np.asarray(sensitivity(t, positive=positive).value + specificity(t, positive=positive).value - 1.0)


def balanced_accuracy(t: Array) -> Array:
    """Mean recall over the labels that the reference uses. nan when the reference uses one label only."""
    inner = t[..., :-1, :]
    rows = inner.sum(-1)
    recall = divide(np.diagonal(inner[..., :-1], axis1=-2, axis2=-1), rows)
    used = rows > 0
    total = np.where(used, np.nan_to_num(recall), 0.0).sum(-1)
    return np.where(used.sum(-1) >= 2, total / np.maximum(used.sum(-1), 1), np.nan)


def f1(t: Array, *, positive: Mask) -> Array:
    """Harmonic mean of precision and sensitivity, 2 TP / (flagged + positive). nan when neither occurs."""
    found, flagged = sensitivity(t, positive=positive), precision(t, positive=positive)
    return divide(2.0 * found.k, flagged.n + found.n)


def f1_macro(t: Array) -> Array:
    """Mean of the labels' F1, over the labels that reference or judge use. nan without items."""
    hits = np.diagonal(t[..., :-1, :-1], axis1=-2, axis2=-1)
    size = t[..., :-1, :].sum(-1) + t[..., :-1].sum(-2)
    each = divide(2.0 * hits, size)
    used = size > 0
    return divide(np.where(used, np.nan_to_num(each), 0.0).sum(-1), used.sum(-1).astype(float))


def matthews_corrcoef(t: Array) -> Array:
    """Matthews' correlation (R_K for more than two labels, Gorodkin 2004) of the answered items.

    nan when either side uses one label only.
    """
    inner = t[..., :-1, :-1]
    n = inner.sum((-2, -1))
    rows, columns = inner.sum(-1), inner.sum(-2)
    covariance = n * np.trace(inner, axis1=-2, axis2=-1) - (rows * columns).sum(-1)
    spread = (n**2 - (rows**2).sum(-1)) * (n**2 - (columns**2).sum(-1))
    return divide(covariance, np.sqrt(np.maximum(spread, 0.0)))


def prevalence_bias(t: Array, *, positive: Mask, prevalence: float | None) -> Array:
    """The judge's rate of positives minus the reference's, at the items' own or at a stated prevalence θ.

    At θ: (1 − θ) · false positive rate − θ · false negative rate. nan where a class that θ needs is absent.
    """
    if prevalence is None:
        return np.asarray(
            prevalence_judge(t, positive=positive).value - prevalence_reference(t, positive=positive).value
        )
    fpr, fnr = false_positive_rate(t, positive=positive).value, false_negative_rate(t, positive=positive).value
    return np.asarray((1.0 - prevalence) * fpr - prevalence * fnr)
