"""How long each rater took: medians, the others on the same items, and whether longer texts took longer."""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
from scipy.special import bdtr, ndtri

from judgeaudit.audit.estimates.estimate import Estimate
from judgeaudit.audit.raters.board import Measured, jackknifed
from judgeaudit.domain.rater_work import Numbers, Work
from judgeaudit.domain.ratings import Floats
from judgeaudit.stats.agreement.two_raters import divide

#: people read English prose silently at about 240 words a minute (Brysbaert 2019, J. Memory and Language 109), which is
#: near 24 characters a second with their spaces. Four times that is skimming at best; a glance at gibberish is as quick,
#: which is why a count above it never warns alone.
FASTEST_READING = 100.0
#: seconds from a page's appearance to its submission in which nothing can have been read, chosen and sent
REACTION = 1.0
#: an answer that took so long, and ten times the rater's own median, is taken for a break
BREAK = 300.0
BREAK_MEDIANS = 10.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Times:
    """T answers on first showings whose time is known; breaks are left out.

    row      (T,) rows of the work
    log      (T,) log seconds; `apart` that minus the mean of the others' logs on the item, nan without others
    length   (T,) log characters shown, nan where unknown
    breaks   (R,) answers left out
    """

    work: Work
    row: Numbers
    rater: Numbers
    unit: Numbers
    log: Floats
    apart: Floats
    length: Floats
    breaks: Numbers


class Quick(NamedTuple):
    """Answers faster than anyone reads, and how many have a known length; answers in under a second, and all timed."""

    unread: int
    with_length: int
    instant: int
    timed: int


def times_of(work: Work) -> Times:
    """The answers whose time is known. Zero or less is no time."""
    seconds = np.where(work.seconds > 0, work.seconds, np.nan)
    row = np.flatnonzero(work.first & np.isfinite(seconds))
    breaks = np.zeros(len(work.raters), np.int64)
    kept = np.ones(len(row), bool)
    for a in range(len(work.raters)):
        mine = np.flatnonzero(work.rater[row] == a)
        if mine.size:
            taken = seconds[row[mine]]
            long = taken > max(BREAK, BREAK_MEDIANS * float(np.median(taken)))
            kept[mine[long]] = False
            breaks[a] = long.sum()
    row = row[kept]
    item, log = work.item[row], np.log(seconds[row])
    m = np.bincount(item, minlength=work.n_items).astype(float)[item] - 1.0
    total = np.bincount(item, log, minlength=work.n_items).astype(float)[item]
    with np.errstate(divide="ignore"):
        length = np.log(np.where(work.length[row] > 0, work.length[row], np.nan))
    return Times(
        work=work,
        row=row,
        rater=work.rater[row],
        unit=work.unit[row],
        log=log,
        apart=log - divide(total - log, m),
        length=length,
        breaks=breaks,
    )


def quick(times: Times, rater: int) -> Quick:
    """How many answers came faster than the texts can be read, and faster than anything can be answered."""
    mine = times.rater == rater
    seconds, length = np.exp(times.log[mine]), np.exp(times.length[mine])
    known = np.isfinite(length)
    return Quick(
        unread=int((length[known] / seconds[known] > FASTEST_READING).sum()),
        with_length=int(known.sum()),
        instant=int((seconds < REACTION).sum()),
        timed=int(mine.sum()),
    )


def ratio_to_others(times: Times, rater: int, *, level: float) -> Estimate:
    """The median of the rater's seconds over the others' geometric mean on the same item: 0.5 is twice as fast."""
    apart = times.apart[times.rater == rater]
    apart = apart[np.isfinite(apart)]
    if not apart.size:
        return Estimate(value=None, undefined="no_times", n=0.0)
    middle, low, high = median_limits(apart, level=level)
    limits = (None, None) if np.isnan(low) else (float(np.exp(low)), float(np.exp(high)))
    method = "order statistics of the median" if limits[0] is not None else "none: too few items"
    return Estimate(value=float(np.exp(middle)), low=limits[0], high=limits[1], method=method, n=float(apart.size))


def ratio_of_medians(later: Floats, earlier: Floats, *, level: float) -> Estimate:
    """Median later over median earlier, from logs; the error of each median from its order statistics (Price, Bonett 2002)."""
    n = float(later.size + earlier.size)
    if not later.size or not earlier.size:
        return Estimate(value=None, undefined="no_times", n=n)
    (a, a_low, a_high), (b, b_low, b_high) = (median_limits(one, level=level) for one in (later, earlier))
    half = 0.5 * float(np.hypot(a_high - a_low, b_high - b_low))
    value = float(np.exp(a - b))
    if not half > 0:
        return Estimate(value=value, method="none: too few items", n=n)
    return Estimate(
        value=value,
        low=value * float(np.exp(-half)),
        high=value * float(np.exp(half)),
        method="order statistics of both medians",
        n=n,
    )


def median_limits(values: Floats, *, level: float) -> tuple[float, float, float]:
    """A median and the order statistics that hold the population's with at least `level`; nan where too few values do.

    >>> median_limits(np.arange(1.0, 11.0), level=0.95)
    (5.5, 2.0, 9.0)
    """
    ordered, n = np.sort(values), values.size
    middle = float(np.median(ordered))
    if n > 1000:
        rank = int(np.floor(n / 2 - ndtri((1 + level) / 2) * np.sqrt(n) / 2))
    else:
        rank = int((bdtr(np.arange(n // 2), n, 0.5) <= (1 - level) / 2).sum())
    if rank < 1:
        return middle, np.nan, np.nan
    return middle, float(ordered[rank - 1]), float(ordered[n - rank])


# ------------------------------------------------------------------------------- whether longer texts take more time


def growth(times: Times, rater: int) -> Measured:
    """The slope of log seconds on log length: 1 where twice the text takes twice the time, 0 where it takes the same."""
    return _slope(times, rater, times.log)


def growth_of_others(times: Times, rater: int) -> Measured:
    """The same of the others' mean log seconds on the rater's items."""
    return _slope(times, rater, times.log - times.apart)


def growth_shortfall(times: Times, rater: int) -> Measured:
    """By how much the others' time grows faster with the length than the rater's."""
    return _slope(times, rater, -times.apart)


def _slope(times: Times, rater: int, y: Floats) -> Measured:
    used = (times.rater == rater) & np.isfinite(times.apart) & np.isfinite(times.length)
    x, y = times.length[used], y[used]
    if used.sum() < 3 or np.std(x) < 0.05:
        return Measured(np.nan, np.nan, 1.0, int(used.sum()))
    x, y = x - x.mean(), y - y.mean()

    def f(t: Floats) -> Floats:
        n = t[..., 0]
        return divide(n * t[..., 4] - t[..., 1] * t[..., 2], n * t[..., 3] - t[..., 1] ** 2)

    return jackknifed(f, np.column_stack([np.ones_like(x), x, y, x * x, x * y]), times.unit[used])
