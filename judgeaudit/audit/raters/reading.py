"""Whether a rater who is fast reads all the same: an acquittal, which asks for less than an accusation.

How fast a page is answered belongs to the page, so one question, or known answers, that fit acquit the rater of all of them.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from judgeaudit.audit.raters.board import Board, Measured, beyond_chance, others_among_themselves, rows_of, shortfall
from judgeaudit.audit.raters.careless import above_nothing, fisher_p
from judgeaudit.audit.raters.repeats import Trials, by_chance
from judgeaudit.stats.intervals.limits import binomial_p_at_least, tail

#: somebody who clicks is taken for a reader this often, over all questions together
LENIENT = 0.05
#: scales with more labels have no table to test
MOST_LABELS = 12


class Reading(NamedTuple):
    """What one question says for a rater: whether the labels fit, and p-values of "they have nothing to do with the items"."""

    fits: bool
    p_values: tuple[float, ...]


def reading(board: Board, rater: int, calibration: Trials) -> Reading:
    """Agreement with the others, and tests against the others' labels and the known answers."""
    found = (_association(board, rater), _known(calibration, rater, board.scheme.k))
    agrees = fits(beyond_chance(board, rater), others_among_themselves(board, rater), shortfall(board, rater))
    return Reading(agrees, tuple(p for p in found if p is not None))


def reads(said: list[Reading]) -> bool:
    """Whether any question acquits; the tests of all questions share one error."""
    ps = [p for one in said for p in one.p_values]
    return any(one.fits for one in said) or bool(ps and min(ps) * len(ps) <= LENIENT)


def fits(own: Measured, theirs: Measured, gap: Measured) -> bool:
    """Above chance and not below what the others reach among themselves; or nearer to that than to chance, where few items
    carry it: 0.80 [-1.00, 1.00] is no evidence against anybody.
    """
    below = not np.isnan(gap.value) and (
        tail(center=gap.value, se=gap.se, df=gap.df, link="identity", threshold=0.0) <= LENIENT
    )
    return not below and (above_nothing(own, "fisher") or own.value > max(theirs.value, 0.0) / 2.0)


def _association(board: Board, rater: int) -> float | None:
    """Fisher's exact test: the rater gives a label where somebody else does. For each label but the commonest, Bonferroni."""
    mine, k = rows_of(board, rater), board.scheme.k
    if not mine.any() or not 2 <= k <= MOST_LABELS:
        return None
    counts = np.zeros((board.work.n_items, k))
    np.add.at(counts, (board.item, board.label), 1.0)
    label = board.label[mine]
    others = counts[board.item[mine]]
    others[np.arange(label.size), label] -= 1.0
    ps = []
    for one in np.argsort(-others.sum(0), kind="stable")[1:]:
        given, wanted = label == one, others[:, one] > 0
        there, here = int((wanted & ~given).sum()), int((wanted & given).sum())
        ps.append(fisher_p(there, int((~given).sum()), here, int(given.sum())))
    return min(1.0, min(ps) * len(ps))


def _known(trials: Trials, rater: int, k: int) -> float | None:
    """The known answers are met more often than by somebody who gives labels as often, whatever is shown."""
    mine = trials.rater == rater
    if not mine.any():
        return None
    shares = np.bincount(trials.given[mine], minlength=k) / mine.sum()
    hits = int((trials.given == trials.wanted)[mine].sum())
    return binomial_p_at_least(hits, int(mine.sum()), floor=by_chance(trials, rater, shares))
