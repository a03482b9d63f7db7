"""How many labels a corrected rate needs, and how they are best split between classes or between verdicts.

θ is the true share of positives, Se and Sp are the judge's sensitivity and specificity, p = θ Se + (1 − θ)(1 − Sp) is the rate
that it reports. Every function supposes these as they are expected.
"""

from __future__ import annotations

import math
from typing import NamedTuple

from scipy.special import ndtri

from judgeaudit.stats.sample_sizes.shares import first_number

#: below this Youden index a rate is not corrected
LEAST_YOUDEN = 0.1


class Judge(NamedTuple):
    """What is expected: the true share of positives and the judge's two rates."""

    prevalence: float
    sensitivity: float
    specificity: float

    @property
    def rate(self) -> float:
        return self.prevalence * self.sensitivity + (1 - self.prevalence) * (1 - self.specificity)

    @property
    def youden(self) -> float:
        return self.sensitivity + self.specificity - 1

    @property
    def precision(self) -> float:
        return self.prevalence * self.sensitivity / self.rate if self.rate > 0 else math.nan

    @property
    def missed(self) -> float:
        """The share of positives among the items that the judge cleared (false omission rate)."""
        return self.prevalence * (1 - self.sensitivity) / (1 - self.rate) if self.rate < 1 else math.nan


def lee_ratio(judge: Judge, *, each: float = math.inf) -> float:
    """Negative items per positive one in a calibration set, (1/p − 1) √((1 − Sp)/(1 − Se)) (Lee et al. 2025).

    p is the judge's rate. `each` is how many items of a class there may be: one miss and one hit more are supposed among
    them, as the interval does, so that a judge without errors has a ratio, too. nan where nothing, or all, is flagged.

    >>> round(lee_ratio(Judge(0.1, 0.9, 0.95)), 2)
    4.53
    """
    alarms, misses = (_with_one_more(1 - rate, each) for rate in (judge.specificity, judge.sensitivity))
    if not misses or not 0 < judge.rate < 1:
        return math.nan
    return (1 / judge.rate - 1) * math.sqrt(alarms / misses)


def _with_one_more(share: float, n: float) -> float:
    return share if math.isinf(n) else (n * share + 1) / (n + 2)


def rogan_gladen_deviation(judge: Judge, *, positives: float, negatives: float, judged: float) -> float:
    """The standard deviation of a rate corrected with labels from elsewhere, as in Lang and Reiczigel's (2014) interval.

    `positives` and `negatives` labelled items tell Se and Sp, one and two items being added to each (+1 of +2);
    `judged` items tell p (inf: all there is to know).
    """
    m1, m0 = positives + 2, negatives + 2
    se, sp = (positives * judge.sensitivity + 1) / m1, (negatives * judge.specificity + 1) / m0
    youden = se + sp - 1
    if youden < LEAST_YOUDEN:
        return math.inf
    theta, p = judge.prevalence, judge.rate
    variance = p * (1 - p) / judged + (1 - theta) ** 2 * sp * (1 - sp) / m0 + theta**2 * se * (1 - se) / m1
    return math.sqrt(variance) / youden


def random_labels_deviation(judge: Judge, *, labels: float, judged: float) -> float:
    """The standard deviation of a rate corrected with a random sample of the judged items: within / n + between / N.

    Post-stratification by verdict, which PPI++ equals in large samples. Without a judge it would be √(θ (1 − θ) / n).
    """
    p, v, m = judge.rate, judge.precision, judge.missed
    flagged = p * v * (1 - v) if p > 0 else 0.0
    cleared = (1 - p) * m * (1 - m) if p < 1 else 0.0
    between = p * (1 - p) * (v - m) ** 2 if 0 < p < 1 else 0.0
    return math.sqrt((flagged + cleared) / labels + between / judged)


class Split(NamedTuple):
    """Labels of positive and of negative items."""

    positives: int
    negatives: int


def split_of_calibration(judge: Judge, *, total: int, least: int) -> Split:
    """`total` labels split as m1 : m0 = 1 : `lee_ratio`, no fewer than `least` of a class."""
    ratio = lee_ratio(judge, each=total / 2)
    part = 0.5 if math.isnan(ratio) else 1 / (1 + ratio)
    least = min(least, total // 2)
    positives = min(max(round(total * part), least), total - least)
    return Split(positives, total - positives)


def needed_deviation(*, level: float, power: float, gap: float | None, width: float | None) -> float:
    """The deviation at which a two-sided interval is `width` wide, or a one-sided bound passes a line `gap` away."""
    if width is not None:
        return width / (2 * float(ndtri((1 + level) / 2)))
    assert gap is not None
    return gap / (float(ndtri(level)) + float(ndtri(power)))


def calibration_labels(judge: Judge, *, deviation: float, judged: float, least: int) -> Split | None:
    """The fewest labels with which a Rogan–Gladen rate has this deviation, split by Lee et al.; None where none do."""

    def enough(total: int) -> bool:
        m1, m0 = split_of_calibration(judge, total=total, least=least)
        return rogan_gladen_deviation(judge, positives=m1, negatives=m0, judged=judged) <= deviation

    if judge.youden < LEAST_YOUDEN:
        return None
    total = first_number(enough)
    return None if total is None else split_of_calibration(judge, total=max(total, 2 * least), least=least)


def random_labels(judge: Judge, *, deviation: float, judged: float) -> int | None:
    """The fewest random labels with which a post-stratified or PPI++ rate has this deviation; None where none do."""
    return first_number(lambda n: random_labels_deviation(judge, labels=n, judged=judged) <= deviation)
