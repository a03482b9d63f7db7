"""Whether a judge can stand in for a person: who is nearer to the remaining people, and the tests over persons."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import numpy.typing as npt
from scipy.special import stdtr

from judgeaudit.stats.agreement.two_raters import Array

Codes = npt.NDArray[np.int32]
Seen = npt.NDArray[np.bool_]
_EQUAL = 1e-9


class Nearer(NamedTuple):
    """Of each row (P,): whether it can be compared, whether the judge is at least as near to the others as the person, and
    whether the person is at least as near as the judge. Both are true of a tie."""

    compared: Seen
    judge: Seen
    person: Seen


def nearer_by_label(counts: Array, own: Codes, judge: Codes) -> Nearer:
    """Nearness is how many of the others gave the same label (Calderon, Reichart and Dror 2025, accuracy).

    `counts` (P, K) are all people's labels, `own` (P,) the person's code, below 0 a hole, `judge` (P,) the judge's: K is no answer,
    which is never as near as a label, below 0 was not asked. Rows with a person alone cannot be compared.
    """
    k, row = counts.shape[1], np.arange(len(own))
    compared = (own >= 0) & (judge >= 0) & (counts.sum(1) >= 2)
    answered = (judge >= 0) & (judge < k)
    of_person = counts[row, np.maximum(own, 0)] - 1.0
    of_judge = counts[row, np.where(answered, judge, 0)] - (judge == own)
    return _sides(compared, answered, of_judge - of_person, 0.0)


def nearer_by_number(moments: Array, own: Array, judge: Array, *, asked: Seen) -> Nearer:
    """Nearness is minus the root mean square distance to the others' numbers (ibid., RMSE).

    `moments` (P, 3) are [m, Σx, Σx²] of all people; `own` and `judge` (P,) are numbers, nan a hole or no answer; `asked` (P,) tells
    the two apart for the judge.
    """
    there = ~np.isnan(own)
    mine = np.where(there, own, 0.0)
    m, s1, s2 = moments[:, 0] - there, moments[:, 1] - mine, moments[:, 2] - mine**2
    compared = there & asked & (m >= 1)
    answered = ~np.isnan(judge)
    his = np.where(answered, judge, 0.0)
    of_person = s2 - 2.0 * mine * s1 + m * mine**2
    of_judge = s2 - 2.0 * his * s1 + m * his**2
    scale = float(np.abs(moments[:, 2]).max(initial=0.0)) + float((his**2).max(initial=0.0))
    return _sides(compared, answered, of_person - of_judge, _EQUAL * max(scale, 1e-300))


def _sides(compared: Seen, answered: Seen, lead: Array, equal: float) -> Nearer:
    """`lead` (P,) is by how much the judge is nearer."""
    return Nearer(compared, compared & answered & (lead >= -equal), compared & (~answered | (lead <= equal)))


def not_inferior_p(mean: float, se: float, df: float, *, epsilon: float, units: float, least: float) -> float:
    """One-sided t-test of "the mean of person minus judge is at least ε"; small where the judge is no worse than the person.

    Where nothing varies the t-test would claim certainty. Then the p-value is the largest chance, over all distributions on
    {−1, 0, 1} with mean ε, that all `units` show the one value that was seen (`mean`, or `least` where means were averaged).
    """
    if se > 1e-12:
        return float(stdtr(df, (mean - epsilon) / se))
    if mean >= epsilon:
        return 1.0
    other = (epsilon - least) / (1.0 - least)
    return float((1.0 - min(max(other, 0.0), 1.0)) ** units)


def benjamini_yekutieli(p: Array) -> Array:
    """P-values adjusted for the false discovery rate under any dependence (Benjamini and Yekutieli 2001), (m,) -> (m,).

    >>> benjamini_yekutieli(np.array([0.01, 0.02, 0.5])).round(4).tolist()
    [0.055, 0.055, 0.9167]
    """
    p = np.asarray(p, float)
    m = p.size
    order = np.argsort(p, kind="stable")
    rank = np.arange(1, m + 1)
    stepped = p[order] * m * (1.0 / rank).sum() / rank
    out = np.empty_like(p)
    out[order] = np.minimum(np.minimum.accumulate(stepped[::-1])[::-1], 1.0)
    return out
