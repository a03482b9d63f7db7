"""Dose and response: what a judge does as outputs get more degraded, level by level and as one slope."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from judgeaudit.audit.degradation.rate_curves import Response, curves_along, known_of, responses_of
from judgeaudit.audit.estimates.differences import jackknifed, no_surer, sides_in
from judgeaudit.audit.setting.context import Context
from judgeaudit.audit.setting.pair_statistics import PairStatistic, statistics_for
from judgeaudit.audit.strata_contrasts.differences import adjusted
from judgeaudit.audit.strata_contrasts.tables import JudgeInStrata, judge_in
from judgeaudit.domain.doses import tells_kinds
from judgeaudit.domain.ratings import Floats, Ratings
from judgeaudit.domain.results.audit import Contrast, Curve, Finding
from judgeaudit.stats.rates.trend import slope, slope_limits, slope_weights, trend_p_value


def dose_curves(context: Context, judge: str, findings: Sequence[Finding]) -> list[Curve]:
    """The judge's rates at each dose, with the intervals of the findings that they are; levels without a value are left out."""
    if not context.ratings.doses:
        return []
    known = known_of(judge, findings)
    return [
        curve
        for doses in context.ratings.doses.values()
        for curve in curves_along(context, judge, doses, known, kind="dose_response")
    ]


def dose_slopes(context: Context, judges: Sequence[str]) -> list[Contrast]:
    """How far each rate rises from the least degraded level to the most, along a straight line; Holm over the judges."""
    if context.scheme.many:
        return []
    shelf = {one.name: one for one in statistics_for(context.scheme, reference=True)}
    out: list[Contrast] = []
    for doses in context.ratings.doses.values():
        kept = {name: dose for name, dose in doses.items() if name in context.ratings.strata}
        if len(kept) < 2:
            continue
        desks = [(judge_in(context, one, list(kept)), _asked(context, one, list(kept))) for one in judges]
        for response in responses_of(context):
            about = [
                _slope(asked if response.statistic == "coverage" else desk, kept, response, shelf[response.statistic])
                for desk, asked in desks
            ]
            out += adjusted(about)
    return out


def _asked(context: Context, judge: str, strata: list[str]) -> JudgeInStrata:
    """No answer is told as what it is, however else the audit treats it."""
    return judge_in(context, judge, strata, unanswered="counted")


def _slope(desk: JudgeInStrata, doses: dict[str, float], response: Response, statistic: PairStatistic) -> Contrast:
    context, names, dose = desk.context, list(doses), np.array(list(doses.values()))
    sign = -1.0 if response.turned else 1.0
    assert statistic.share is not None
    tables = np.stack([desk.tables[name].table for name in names])
    share = statistic.share(tables, context.scheme)
    value = sign * float(slope(share.k, share.n, dose=dose)) + 0.0  # no minus before a zero
    known = Contrast(
        question=context.question,
        kind="dose",
        a=names[-1],
        b=names[0],
        stratum="all",
        statistic=response.name,
        value=None,
        subject=desk.name,
    )
    if np.isnan(value):
        return replace(known, undefined="no_pairable")
    known = replace(known, value=value)
    if not desk.exchangeable:
        return _from_units(desk, known, statistic, names, dose, sign)
    k = share.n - share.k if response.turned else share.k
    low, high = slope_limits(k, share.n, dose=dose, level=context.options.level)
    p = trend_p_value(k, share.n, dose=dose)
    return replace(known, low=low, high=high, p_value=p, test="cochran_armitage")


def _from_units(
    desk: JudgeInStrata, known: Contrast, statistic: PairStatistic, names: list[str], dose: Floats, sign: float
) -> Contrast:
    """Clusters may have items at several levels: one jackknife over them deletes from all at once."""
    context = desk.context
    units = desk.units(names)
    g, shape = len(units), units.shape[1:]
    assert statistic.share is not None
    counted = statistic.share

    def f(flat: Floats) -> Floats:
        share = counted(flat.reshape(*flat.shape[:-1], *shape), context.scheme)
        return np.asarray(sign * slope(share.k, share.n, dose=dose)[..., None])

    held = jackknifed(known, units.reshape(g, -1), f, level=context.options.level)
    tables = [desk.tables[name] for name in names]
    items = counted(np.stack([one.table for one in tables]), context.scheme).n
    there = items > 0  # levels without items have no share, and no part in the slope
    sides = sides_in(
        context,
        statistic,
        units[:, there],
        [one for one, seen in zip(tables, there, strict=True) if seen],
        weights=sign * slope_weights(items[there], dose=dose[there]),
    )
    return no_surer(held, sides, level=context.options.level)


# Kinds of degradation: what a judge does on each kind of spoilt output, so that the kinds that fool it are known by
# name.


def kind_curves(context: Context, judge: str, findings: Sequence[Finding]) -> list[Curve]:
    """The judge's rates on each kind, with the intervals of the findings that they are; x numbers the kinds from 0."""
    known = known_of(judge, findings)
    return [
        curve
        for names in kinds_of(context.ratings)
        for curve in curves_along(
            context, judge, {name: float(at) for at, name in enumerate(names)}, known, kind="by_kind"
        )
    ]


def kinds_of(ratings: Ratings) -> list[tuple[str, ...]]:
    """The strata of each column that names kinds of degradation, two or more; levels of one degradation are doses instead."""
    return [
        names
        for column, names in ratings.columns.items()
        if tells_kinds(column) and len(names) > 1 and set(names) - ratings.doses.get(column, {}).keys()
    ]
