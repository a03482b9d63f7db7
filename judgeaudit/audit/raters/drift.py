"""How a rater changes on the way: the last third of the work against the first, and one sitting after another."""

from __future__ import annotations

from typing import Any

import numpy as np

from judgeaudit.audit.estimates.estimate import Estimate
from judgeaudit.audit.raters.board import Board, estimate, jackknifed, rows_of, share, told
from judgeaudit.audit.raters.timing import Times, ratio_of_medians
from judgeaudit.domain.ratings import Floats, Mask
from judgeaudit.stats.agreement.two_raters import divide

#: seconds without an answer after which another sitting begins
PAUSE = 1800.0
FEWEST = 12
MOST_SITTINGS = 50
Thirds = tuple[Mask, Mask]


def drift(board: Board, times: Times, rater: int) -> dict[str, Any]:
    """Last third less first third: agreement with the others, labels (positive share or mean place), and time as a ratio."""
    thirds = _thirds(board, rater)
    if thirds is None:
        none = told(Estimate(value=None, undefined="no_order", n=0.0))
        return {"agreement": none, "labels": none, "seconds": none}
    usable = rows_of(board, rater)
    same = divide(board.same, board.others)
    first, last = (_flagged(board, third)[times.row] for third in thirds)
    return {
        "agreement": told(_difference(board, same, (thirds[0] & usable, thirds[1] & usable))),
        "labels": told(_difference(board, _level_of_label(board), thirds)),
        "seconds": told(ratio_of_medians(times.log[last], times.log[first], level=board.level)),
    }


def _thirds(board: Board, rater: int) -> Thirds | None:
    """(L,) first and last third of a rater's labels in time; None where the order is not known or the labels are few."""
    mine = np.flatnonzero(board.rater == rater)
    moment = board.work.moment[board.row[mine]]
    if mine.size < FEWEST or not np.isfinite(moment).all() or np.unique(moment).size < mine.size / 2:
        return None
    first, last = np.zeros(len(board.row), bool), np.zeros(len(board.row), bool)
    first[mine[: mine.size // 3]] = True
    last[mine[-(mine.size // 3) :]] = True
    return first, last


def _flagged(board: Board, third: Mask) -> Mask:
    """(M,) the rows of the work that are meant."""
    flags = np.zeros(len(board.work.rater), bool)
    flags[board.row[third]] = True
    return flags


def _level_of_label(board: Board) -> Floats:
    """(L,) 1 for a positive label where the scale has such a side, else the label's place between the scale's ends; nan."""
    scheme = board.scheme
    if scheme.has_positive:
        return scheme.positive[board.label].astype(float)
    if scheme.ordered:
        return np.asarray(board.points[board.label, 0])
    return np.full(len(board.label), np.nan)


def _difference(board: Board, values: Floats, thirds: Thirds) -> Estimate:
    first, last = (third & np.isfinite(values) for third in thirds)
    if not first.any() or not last.any():
        return Estimate(value=None, undefined="no_pairable", n=0.0)
    used = first | last
    y = values[used]
    per = np.column_stack([first[used], y * first[used], last[used], y * last[used]]).astype(float)
    found = jackknifed(lambda t: divide(t[..., 3], t[..., 2]) - divide(t[..., 1], t[..., 0]), per, board.unit[used])
    return estimate(found, link="identity", level=board.level, why="no_pairable")


def sittings(board: Board, times: Times, rater: int) -> list[dict[str, Any]]:
    """One record for each stretch of work without a pause of half an hour; none where there was one stretch only."""
    work = board.work
    rows = np.flatnonzero((work.rater == rater) & np.isfinite(work.moment))
    if rows.size < 2:
        return []
    moment = work.moment[rows]
    begun = moment - np.nan_to_num(work.seconds[rows])
    sitting = np.concatenate([[0], np.cumsum(begun[1:] - moment[:-1] > PAUSE)])
    if sitting[-1] == 0:
        return []
    of_row = np.full(len(work.rater), -1)
    of_row[rows] = sitting
    mine, timed = np.flatnonzero(rows_of(board, rater)), np.flatnonzero(times.rater == rater)
    of_label, of_time = of_row[board.row[mine]], of_row[times.row[timed]]
    out = []
    for number in range(min(int(sitting[-1]) + 1, MOST_SITTINGS)):
        inside, labels, taken = sitting == number, mine[of_label == number], np.exp(times.log[timed[of_time == number]])
        same = board.same[labels] / board.others[labels]
        out.append(
            {
                "answers": int(inside.sum()),
                "minutes": float((moment[inside].max() - begun[inside].min()) / 60.0),
                "seconds": float(np.median(taken)) if taken.size else None,
                "agreement": told(share(same, np.ones(len(same)), board.unit[labels], level=board.level)),
            }
        )
    return out
