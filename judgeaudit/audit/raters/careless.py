"""Signs that a rater clicks through: tests held to Holm's 1% over all raters, and facts that no careful rater makes.

Each test asks for two things: that the rater is worse than the others on the same items, decisively; and that the rater
is not above chance. Hard items make everybody disagree, and a strict reader of the guideline disagrees above chance:
neither is a sign of clicking through.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, NamedTuple

import numpy as np
from scipy.special import gammaln, ndtr, ndtri

from judgeaudit.audit.estimates.estimate import Estimate
from judgeaudit.audit.raters.board import Board, Measured, beyond_chance, farther, others_among_themselves, shortfall
from judgeaudit.audit.raters.repeats import Trials, by_chance
from judgeaudit.audit.raters.timing import FASTEST_READING, Quick, Times, growth, growth_of_others, growth_shortfall
from judgeaudit.domain.errors import one_line
from judgeaudit.domain.rater_work import Numbers
from judgeaudit.domain.ratings import Floats, Mask
from judgeaudit.stats.intervals.limits import Link, binomial_p_at_least, bound, tail

Kind = Literal["labels", "runs", "growth"]
#: a family-wise error in a hundred studies of careful raters
DECISIVE = 0.01
#: one-sided confidence with which "above chance" is told
ABOVE = 0.995
#: what floating-point sums leave of zero
ROUNDING = 1e-9
#: items on which a rater must stand alone before agreement is tested, and answers in a row before a run is
FEWEST_ALONE = 10
SHORTEST_RUN = 10
FEWEST_TIMES = 20
FEWEST_LENGTHS = 30
#: share of a rater's answers that must be too fast, and how much faster than the others' the rest must be
MOSTLY = 0.5
MUCH_FASTER = 0.5


class Sign(NamedTuple):
    """A test: its p-value, and what to say where it is decisive, which it cannot be unless the rater is down to `chance`."""

    kind: Kind
    p: float
    chance: bool
    words: str
    n: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Run:
    """The longest run of equal answers in time; `p` bounds the chance of one as long in any order that the items explain."""

    length: int = 0
    label: str = ""
    p: float | None = None


def labels_sign(board: Board, rater: int, agreement: Estimate, repeats: Trials, calibration: Trials) -> Sign | None:
    """The labels say nothing of the items: worse than the others' by agreement, repeats and known answers taken together
    (Stouffer's sum, weighted by their items as Liptak did), and above chance in none of them.
    """
    labels = board.label[board.rater == rater]
    shares: Floats = np.bincount(labels, minlength=board.scheme.k) / max(labels.size, 1)
    found = [
        _agreement(board, rater, agreement),
        _trials("gave the same label again to {} of {} items shown twice", repeats, rater, shares),
        _trials("is right on {} of {} items whose answer is known", calibration, rater, shares),
    ]
    parts = [part for part in found if part is not None]
    if not parts:
        return None
    weights = np.sqrt([part.n for part in parts])
    scores = -ndtri(np.clip([part.p for part in parts], 1e-300, 1.0 - 1e-16))
    p = float(ndtr(-(weights @ scores) / np.sqrt((weights**2).sum())))
    words = "; ".join(part.words for part in parts)
    return Sign("labels", p, all(part.chance for part in parts), words)


def _agreement(board: Board, rater: int, agreement: Estimate) -> Sign | None:
    """The others agree with each other more than with the rater. Needs two others, and items on which the rater stands alone."""
    if farther(board, rater) < FEWEST_ALONE:
        return None
    gap, own, theirs = shortfall(board, rater), beyond_chance(board, rater), others_among_themselves(board, rater)
    if np.isnan(gap.value) or np.isnan(own.value):
        return None
    p = tail(center=gap.value, se=gap.se, df=gap.df, link="identity", threshold=0.0)
    shown = figures(agreement)
    words = (
        f"agrees with the others no better than chance ({shown}) where they agree with each other ({theirs.value:z.2f})"
    )
    return Sign("labels", p, not above_nothing(own, "fisher"), words, gap.n)


def _trials(words: str, trials: Trials, rater: int, shares: Floats) -> Sign | None:
    """The others give equal labels more often than the rater (Fisher's exact test)."""
    equal = trials.given == trials.wanted
    mine = trials.rater == rater
    k, n, other_k, other_n = int(equal[mine].sum()), int(mine.sum()), int(equal[~mine].sum()), int((~mine).sum())
    if not n or not other_n:
        return None
    chance = binomial_p_at_least(k, n, floor=by_chance(trials, rater, shares)) > 1.0 - ABOVE
    told = f"{words.format(k, n)} (the others: {other_k} of {other_n})"
    return Sign("labels", fisher_p(k, n, other_k, other_n), chance, told, n)


def fisher_p(k: int, n: int, other_k: int, other_n: int) -> float:
    """P(fewer than k of n | margins) + ½ P(k of n): how surely the first share is below the second (mid-p, as sums need it).

    >>> round(fisher_p(1, 10, 9, 10), 6), fisher_p(4, 4, 8, 8)
    (0.000276, 0.5)
    """
    hits, total = k + other_k, n + other_n
    at = np.arange(max(0, hits - other_n), k + 1)
    chances = np.exp(_choose(n, at) + _choose(other_n, hits - at) - _choose(total, np.array([hits])))
    return float(chances.sum() - chances[-1] / 2.0)


def _choose(n: int, k: Numbers) -> Floats:
    return np.asarray(gammaln(n + 1) - gammaln(k + 1) - gammaln(n - k + 1))


def longest_run(board: Board, rater: int) -> Run:
    """The rater's longest run of one label, and a bound on the chance of one as long among the same labels in random order.

    There is no bound where the order is not known, or where the items explain the run: the others agree with it as they do
    with the rater's other labels. P ≤ Σ over places and labels of P(a run of that length begins there).
    """
    mine = np.flatnonzero(board.rater == rater)
    moment = board.work.moment[board.row[mine]]
    if mine.size < 2 * SHORTEST_RUN or not np.isfinite(moment).all():
        return Run()
    label = board.label[mine].astype(np.int64)
    ends = np.flatnonzero(np.append(label[1:] != label[:-1], True))
    lengths = np.diff(np.concatenate([[-1], ends]))
    best = int(lengths.argmax())
    length, end = int(lengths[best]), int(ends[best]) + 1
    name = board.work.question.labels[int(label[end - 1])]
    inside = np.zeros(mine.size, bool)
    inside[end - length : end] = True
    if np.unique(moment).size < mine.size / 2 or _explained(board, mine, inside):
        return Run(length=length, label=name)
    n, shares = label.size, np.bincount(label) / label.size
    p = float((shares**length * (1.0 + (n - length) * (1.0 - shares))).sum())
    return Run(length=length, label=name, p=min(1.0, p))


def _explained(board: Board, mine: Numbers, inside: Mask) -> bool:
    """Whether the others agree with the run as they do with the rater's other labels, or cannot be asked on half of the items."""
    known = board.others[mine] > 0
    own = board.points[board.label[mine]]
    far = board.square[mine] - 2.0 * (board.near[mine] * own).sum(1) + (own**2).sum(1)
    here, there = far[known & inside], far[known & ~inside]
    if known.mean() < 0.5 or here.size < 2 or there.size < 2:
        return True
    se = float(np.sqrt(here.var() / here.size + there.var() / there.size))
    return bool(here.mean() <= there.mean() + 1.645 * se)


def run_sign(run: Run, answers: int) -> Sign | None:
    """One label so many times in a row as no order of these items explains."""
    if run.p is None or run.length < SHORTEST_RUN:
        return None
    words = f"gave '{one_line(run.label, limit=40)}' {run.length} times in a row among {answers} labels, which the items do not explain"
    return Sign("runs", run.p, True, words)


def growth_sign(times: Times, rater: int, ratio: Estimate) -> Sign | None:
    """The others take longer over longer texts; the rater does not, and is faster than they are."""
    gap, own, theirs = growth_shortfall(times, rater), growth(times, rater), growth_of_others(times, rater)
    if np.isnan(gap.value) or gap.n < FEWEST_LENGTHS:
        return None
    p = tail(center=gap.value, se=gap.se, df=gap.df, link="identity", threshold=0.0)
    faster = ratio.high is not None and ratio.high < 1.0
    words = (
        f"takes no longer over longer texts (time grows with length to the power {own.value:z.2f}, the others' "
        f"to {theirs.value:z.2f}, n={gap.n}) and is faster than the others ({figures(ratio)} of their time)"
    )
    return Sign("growth", p, faster and not above_nothing(own, "identity"), words)


def above_nothing(found: Measured, link: Link) -> bool:
    """Whether a statistic is above 0, decisively."""
    if not found.se > ROUNDING:  # somebody who always gives one label has a kappa of 1e-15, not 0
        return found.value > ROUNDING
    return bound(center=found.value, se=found.se, df=found.df, link=link, confidence=1.0 - ABOVE) > 0


def fast_facts(quick: Quick, ratio: Estimate, median: float | None, characters: float | None) -> list[str]:
    """Most answers under a second; or most faster than reading while the others took more than twice the time."""
    if quick.timed < FEWEST_TIMES or median is None:
        return []
    if quick.instant > MOSTLY * quick.timed:
        return [f"{quick.instant} of {quick.timed} items answered within a second (median {median:.1f} s)"]
    much_faster = ratio.high is not None and ratio.high < MUCH_FASTER
    if quick.with_length < FEWEST_TIMES or quick.unread <= MOSTLY * quick.with_length or not much_faster:
        return []
    return [
        f"{quick.unread} of {quick.with_length} items answered faster than anyone could read them, over "
        f"{FASTEST_READING:.0f} characters a second (median {median:.1f} s for {characters or 0:.0f} characters; "
        f"{figures(ratio)} of the others' time)"
    ]


def figures(one: Estimate) -> str:
    """`0.02 [-0.08, 0.12], n=80`."""
    if one.value is None:
        return "no value"
    limits = "" if one.low is None or one.high is None else f" [{one.low:z.2f}, {one.high:z.2f}]"
    return f"{one.value:z.2f}{limits}, n={one.n or 0:.0f}"
