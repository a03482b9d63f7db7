"""What does not need the others' labels: the same item shown again, and items whose answer is known."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from judgeaudit.audit.estimates.estimate import Estimate
from judgeaudit.audit.raters.board import share
from judgeaudit.audit.setting.scheme import Scheme
from judgeaudit.domain.rater_work import Numbers, Work
from judgeaudit.domain.ratings import Codes, Floats


class Trials(NamedTuple):
    """P pairs of labels that should be equal: whose they are, the item's cluster, and both labels as codes."""

    rater: Numbers
    unit: Numbers
    given: Codes
    wanted: Codes


def repeats_of(work: Work) -> Trials:
    """Both labels of each item that a rater labelled on its first and on its second showing."""
    first = np.flatnonzero(work.first & (work.label >= 0))
    again = np.flatnonzero(work.repeat & (work.label >= 0))
    place = dict(zip(_keys(work, first), first, strict=True)) if again.size else {}
    pairs = [(row, place[key]) for key, row in zip(_keys(work, again), again, strict=True) if key in place]
    later, earlier = (np.array([pair[j] for pair in pairs], dtype=np.int64) for j in (0, 1))
    return Trials(work.rater[later], work.unit[later], work.label[later], work.label[earlier])


def calibration_of(work: Work) -> Trials:
    """What raters said of items whose answer is known, and that answer."""
    rows = np.flatnonzero(work.calibration & ~work.repeat & (work.label >= 0) & (work.known >= 0))
    return Trials(work.rater[rows], work.unit[rows], work.label[rows], work.known[rows])


def right(trials: Trials, rater: int | None, *, level: float, why: str) -> Estimate:
    """The share of pairs that are equal, of one rater or of all together."""
    mine = np.ones(len(trials.rater), bool) if rater is None else trials.rater == rater
    hits = (trials.given == trials.wanted)[mine].astype(float)
    return share(hits, np.ones(len(hits)), trials.unit[mine], level=level, why=why)


def apart(trials: Trials, rater: int, scheme: Scheme) -> float | None:
    """Mean distance of the two labels in places of the scale, in its unit on an interval scale; None without an order."""
    mine = trials.rater == rater
    if not scheme.ordered or not mine.any():
        return None
    numbers: Floats = scheme.numbers
    return float(np.abs(numbers[trials.given[mine]] - numbers[trials.wanted[mine]]).mean())


def by_chance(trials: Trials, rater: int, shares: Floats) -> float:
    """The share of equal pairs to expect of a rater who draws labels with these shares, whatever is shown."""
    wanted = trials.wanted[trials.rater == rater]
    return float(shares[wanted].mean()) if wanted.size else 0.0


def _keys(work: Work, rows: Numbers) -> list[int]:
    return [int(key) for key in work.rater[rows] * work.n_items + work.item[rows]]
