"""Differences over clusters or weighted items: one jackknife, no surer than its sides are by themselves."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace

import numpy as np

from judgeaudit.audit.estimates.jackknife import cluster_df, normal_record, two_sided
from judgeaudit.audit.estimates.weighted_shares import effective_items
from judgeaudit.audit.setting.context import Context, Tables
from judgeaudit.audit.setting.pair_statistics import PairStatistic
from judgeaudit.domain.catalogue.statistics import entry_of
from judgeaudit.domain.ratings import Floats
from judgeaudit.domain.results.audit import Contrast
from judgeaudit.domain.results.estimates import NormalSpread, SideRecord
from judgeaudit.stats.intervals.limits import tail
from judgeaudit.stats.intervals.resample import PRIOR_MASS, jackknife
from judgeaudit.stats.rates.differences import Sides, combined_limit, not_above, sides_of


def jackknifed(
    known: Contrast, units: Floats, f: Callable[[Floats], Floats], *, level: float, counts: Floats | None = None
) -> Contrast:
    """A contrast of known value with the interval and p-value of a jackknife over its units (U, D); f maps (..., D) to (..., 1).

    `counts` (U,) says how many equal units there are, one of each if it is left out.
    """
    times = np.ones(len(units)) if counts is None else counts
    g = int(times.sum())
    spread = jackknife(units, counts=times, f=f)
    se, df, value = float(spread.se[0]), cluster_df(g), float(spread.estimate[0])
    if not se > 1e-9:
        return replace(known, test="jackknife-t", undefined=None)
    low, high = two_sided(level, center=value, se=se, df=df, link="identity")
    upper = tail(center=value, se=se, df=df, link="identity", threshold=0.0)
    return replace(
        known,
        low=low,
        high=high,
        p_value=min(1.0, 2.0 * min(upper, 1.0 - upper)),
        test="jackknife-t",
        spread=normal_record(center=value, se=se, df=df, link="identity"),
    )


def sides_in(
    context: Context, statistic: PairStatistic, units: Floats, tables: Sequence[Tables], *, weights: Floats
) -> Sides:
    """A share in each of several strata, from each unit's table in each of them (U, L, V, V), and the strata's tables."""
    assert statistic.share is not None
    share = statistic.share(units, context.scheme)
    worth = [effective_items(statistic, one, context) for one in tables]
    most = None if worth[0] is None else np.array([0.0 if one is None else one for one in worth])
    return sides_of(share.k, share.n, weights=weights, worth=most, degrees=cluster_df)


def no_surer(held: Contrast, sides: Sides, *, level: float) -> Contrast:
    """The contrast with an interval and a p-value that say no more than its sides' own bounds together do.

    A jackknife takes a side whose items all fall on one side for certain. The record keeps the sides for the gate.
    """
    low, high = (combined_limit(sides, confidence=c) for c in ((1.0 - level) / 2.0, (1.0 + level) / 2.0))
    above = not_above(sides, 0.0)
    p = min(1.0, 2.0 * min(above, 1.0 - above))
    least, most = (sum(w for w in sides.weights if sign * w > 0) for sign in (-1, 1))
    value = sides.value if held.value is None else held.value
    alone = NormalSpread(link="identity", center=value, se=0.0, df=None)
    spread = held.spread if isinstance(held.spread, NormalSpread) else alone
    return replace(
        held,
        low=max(least, low if held.low is None else min(low, held.low)),
        high=min(most, high if held.high is None else max(high, held.high)),
        p_value=p if held.p_value is None else max(p, held.p_value),
        test="jackknife-t, mover",
        spread=replace(spread, sides=_record_of(sides)),
    )


def _record_of(sides: Sides) -> SideRecord:
    shares = [(float(one.value), float(one.se), float(one.df), float(one.n)) for one in sides.shares]
    return SideRecord(shares=shares, weights=list(sides.weights), together=[list(row) for row in sides.together])


def no_steadier(held: Contrast, units: Floats, f: Callable[[Floats], Floats], *, level: float) -> Contrast:
    """The contrast of two coefficients, no surer than with a weak prior's items among the units (U, 2, V, V).

    Each side gets the prior of the posterior of a table: total mass 2, spread over the cells that could be filled. Where
    all of a side's few positive items are right, say, the jackknife alone takes them for certain.
    """
    side, v = units.shape[1], units.shape[2]
    total = units.sum(0)
    support = np.ones((side, v, v), bool)
    support[:, -1, :] = False
    support[:, :, -1] = total[:, :, -1].any(1)[:, None] & support[:, :, -1]
    cells = np.argwhere(support)
    prior = np.zeros((len(cells), *units.shape[1:]))
    prior[(np.arange(len(cells)), *cells.T)] = 1.0
    each = PRIOR_MASS / support.sum((1, 2))[cells[:, 0]]
    g = len(units)
    grown = np.concatenate([units, prior]).reshape(g + len(cells), -1)
    with np.errstate(over="ignore", invalid="ignore"):  # labels such as 1e99 on an interval scale
        spread = jackknife(grown, counts=np.concatenate([np.ones(g), each]), f=f)
    center, se, df = float(spread.estimate[0]), float(spread.se[0]), cluster_df(g)
    if not 1e-9 < se < np.inf or not np.isfinite(center) or held.value is None:
        return held
    low, high = two_sided(level, center=center, se=se, df=df, link="identity")
    upper = tail(center=center, se=se, df=df, link="identity", threshold=0.0)
    p = min(1.0, 2.0 * min(upper, 1.0 - upper))
    wide = not isinstance(held.spread, NormalSpread) or se > held.spread.se
    return replace(
        held,
        low=min(low, held.value, held.value if held.low is None else held.low),
        high=max(high, held.value, held.value if held.high is None else held.high),
        p_value=p if held.p_value is None else max(p, held.p_value),
        spread=normal_record(center=held.value, se=se, df=df, link="identity") if wide else held.spread,
    )


def most_apart(statistic: PairStatistic) -> float | None:
    """How far two values can be from each other: 1 for shares, 2 for coefficients from −1 to 1, None where there is no limit."""
    if entry_of(statistic.name).low is None or statistic.link == "log":
        return None
    return 1.0 if statistic.link == "logit" else 2.0


def within(one: Contrast, most: float | None) -> Contrast:
    """The contrast with its interval kept to what is possible."""
    if most is None or one.low is None or one.high is None:
        return one
    return replace(one, low=max(-most, one.low), high=min(most, one.high))
