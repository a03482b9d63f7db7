"""Each rater beside the others on the same items: sums over items, from which agreement and its errors follow.

Sampling weights play no part: this is about the rater, not about the population of items.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import NamedTuple

import numpy as np

from judgeaudit.audit.estimates.estimate import Estimate
from judgeaudit.audit.estimates.jackknife import NO_VARIATION, cluster_df, normal_record, two_sided, unit_sums
from judgeaudit.audit.setting.scheme import Scheme
from judgeaudit.domain.rater_work import Numbers, Work
from judgeaudit.domain.ratings import Codes, Floats, Mask
from judgeaudit.domain.results.estimates import BinomialSpread, EstimateRecord
from judgeaudit.stats.agreement.two_raters import divide
from judgeaudit.stats.intervals.limits import Link, wilson
from judgeaudit.stats.intervals.resample import Spread, jackknife


@dataclass(frozen=True, slots=True, kw_only=True)
class Board:
    """L labels on first showings. Labels are points, so that squared distances are disagreements: 0 or 1 between nominal
    labels, the squared difference of positions or values, in parts of the scale's width, where labels have an order.

    points   (K, d) where the labels lie
    row      (L,) rows of the work
    others   (L,) how many others labelled the item; `same` how many of them gave the same label
    near, square  (L, d), (L,) mean point of the others' labels, and mean of their squared lengths
    """

    work: Work
    scheme: Scheme
    level: float
    points: Floats
    row: Numbers
    rater: Numbers
    item: Numbers
    unit: Numbers
    label: Codes
    others: Floats
    same: Floats
    near: Floats
    square: Floats


class Measured(NamedTuple):
    """A jackknifed statistic with what a test of it needs."""

    value: float
    se: float
    df: float
    n: int


def board_of(work: Work, *, level: float) -> Board:
    """The labels of all raters beside each other."""
    row = np.flatnonzero(work.first & (work.label >= 0))
    item, label = work.item[row], work.label[row]
    scheme = Scheme(question=work.question)
    points = _points(scheme)
    own = points[label]
    lengths = (own**2).sum(1)
    m = np.bincount(item, minlength=work.n_items).astype(float)[item] - 1.0
    total = np.stack([np.bincount(item, own[:, j], minlength=work.n_items) for j in range(own.shape[1])], 1)
    squares = np.bincount(item, lengths, minlength=work.n_items)
    _, key, alike = np.unique(item * max(scheme.k, 1) + label, return_inverse=True, return_counts=True)
    return Board(
        work=work,
        scheme=scheme,
        level=level,
        points=points,
        row=row,
        rater=work.rater[row],
        item=item,
        unit=work.unit[row],
        label=label,
        others=m,
        same=alike[key.ravel()] - 1.0,
        near=divide(total[item] - own, m[:, None]),
        square=divide(squares[item] - lengths, m),
    )


def _points(scheme: Scheme) -> Floats:
    if not scheme.ordered:
        return np.asarray(np.eye(scheme.k) / np.sqrt(2.0))
    numbers = scheme.numbers - scheme.numbers[0]
    return np.asarray((numbers / (np.ptp(numbers) or 1.0))[:, None])


def rows_of(board: Board, rater: int, *, others: int = 1) -> Mask:
    """(L,) the rater's labels on items that at least so many others labelled."""
    return np.asarray((board.rater == rater) & (board.others >= others))


def percent(board: Board, rater: int) -> Estimate:
    """How often another person gave the same label, in the mean over the rater's items."""
    mine = rows_of(board, rater)
    return share(board.same[mine] / board.others[mine], np.ones(mine.sum()), board.unit[mine], level=board.level)


def beyond_chance(board: Board, rater: int, *, others: int = 1) -> Measured:
    """1 − observed / expected disagreement with the others: Cohen's kappa, quadratic where labels have an order.

    With several others it is the kappa of pooled tables of the rater with each of them.
    """
    totals, units = _totals(board, rater, others=others)
    return jackknifed(lambda t: _kappa(t, board.points.shape[1]), totals, units)


def others_among_themselves(board: Board, rater: int) -> Measured:
    """The same of the others with each other (Scott's form), on the rater's items that two or more others labelled."""
    totals, units = _totals(board, rater, others=2)
    return jackknifed(lambda t: _kappa_of_others(t, board.points.shape[1]), totals, units)


def shortfall(board: Board, rater: int) -> Measured:
    """By how much the others agree more with each other than with the rater, beyond chance, on the same items."""
    totals, units = _totals(board, rater, others=2)
    d = board.points.shape[1]
    return jackknifed(lambda t: _kappa_of_others(t, d) - _kappa(t, d), totals, units)


def farther(board: Board, rater: int) -> int:
    """Items on which the rater is farther from the others than they are from each other."""
    totals, _ = _totals(board, rater, others=2)
    return int((totals[:, 2] + totals[:, 3] - 2.0 * totals[:, 4] > totals[:, 1] + 1e-9).sum())


def _totals(board: Board, rater: int, *, others: int) -> tuple[Floats, Numbers]:
    """Per item [1, others' disagreement, |own|², mean |other|², own · mean of others, own (d), mean of others (d)]."""
    mine = rows_of(board, rater, others=others)
    own, near, square, m = board.points[board.label[mine]], board.near[mine], board.square[mine], board.others[mine]
    apart = np.where(m > 1, 2.0 * divide(m, m - 1.0) * (square - (near**2).sum(1)), 0.0)
    parts = [np.ones(len(m)), np.nan_to_num(apart), (own**2).sum(1), square, (own * near).sum(1)]
    return np.column_stack([*parts, own, near]), board.unit[mine]


def _kappa(t: Floats, d: int) -> Floats:
    n = t[..., 0]
    observed = divide(t[..., 2] + t[..., 3] - 2.0 * t[..., 4], n)
    product = (divide(t[..., 5 : 5 + d], n[..., None]) * divide(t[..., 5 + d :], n[..., None])).sum(-1)
    return np.asarray(1.0 - divide(observed, divide(t[..., 2] + t[..., 3], n) - 2.0 * product))


def _kappa_of_others(t: Floats, d: int) -> Floats:
    n = t[..., 0]
    centre = (divide(t[..., 5 + d :], n[..., None]) ** 2).sum(-1)
    return np.asarray(1.0 - divide(divide(t[..., 1], n), 2.0 * (divide(t[..., 3], n) - centre)))


# -------------------------------------------------------------------------------------------------------- estimates


def summed(units: Numbers, per_item: Floats) -> Floats:
    """Rows summed over their units; as they are where each is a unit of its own."""
    return per_item if np.unique(units).size == len(per_item) else unit_sums(units, per_item)


def jackknifed(f: Callable[[Floats], Floats], per_item: Floats, units: Numbers) -> Measured:
    """f of the totals, its error from deleting one unit at a time; nan where f is undefined or nothing was seen."""
    if not len(per_item):
        return Measured(np.nan, np.nan, 1.0, 0)
    sums = summed(units, per_item)
    spread: Spread = jackknife(sums, counts=np.ones(len(sums)), f=lambda t: f(t)[..., None])
    return Measured(float(spread.estimate[0]), float(spread.se[0]), cluster_df(len(sums)), len(per_item))


def estimate(found: Measured, *, link: Link, level: float, why: str) -> Estimate:
    """A jackknifed statistic with its interval; `why` is the reason code where it has no value."""
    if np.isnan(found.value):
        return Estimate(value=None, undefined="no_pairable" if found.n == 0 else why, n=found.n)
    if not found.se > 1e-12:
        return Estimate(value=found.value, method=NO_VARIATION, n=found.n)
    low, high = two_sided(level, center=found.value, se=found.se, df=found.df, link=link)
    record = normal_record(center=found.value, se=found.se, df=found.df, link=link)
    return Estimate(
        value=found.value, low=low, high=high, method=f"jackknife-t, {link} scale", n=found.n, spread=record
    )


def share(hits: Floats, of: Floats, units: Numbers, *, level: float, why: str = "no_pairable") -> Estimate:
    """Σ hits / Σ of, both (n,): Wilson's interval where each unit is one item, else, for fractions and weights, jackknife-t."""
    k, n = float(hits.sum()), float(of.sum())
    if n == 0:
        return Estimate(value=None, undefined=why, k=0.0, n=0.0)
    whole = bool((hits == np.round(hits)).all() and (of == 1.0).all())
    if not (whole and np.unique(units).size == len(units)):
        found = jackknifed(lambda t: divide(t[..., 0], t[..., 1]), np.column_stack([hits, of]), units)
        if found.se > 1e-9:
            made = estimate(found, link="logit", level=level, why=why)
            return replace(made, value=k / n, k=k if whole else None, n=n)
    g = float(np.unique(units).size)
    low, high = wilson(k / n * g, g, level=level)
    spread = BinomialSpread(k=k / n * g, n=g)
    return Estimate(value=k / n, low=low, high=high, method="wilson", k=k if whole else None, n=n, spread=spread)


def told(one: Estimate) -> EstimateRecord:
    """An estimate as it stands in audit.json."""
    return EstimateRecord(
        value=one.value, low=one.low, high=one.high, n=one.n, k=one.k, method=one.method, undefined=one.undefined
    )
