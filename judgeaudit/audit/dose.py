"""Dose and response: what a judge does as outputs get more degraded, level by level and as one slope."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import NamedTuple

import numpy as np

from judgeaudit.audit.context import Context
from judgeaudit.audit.contrasts import adjusted, jackknifed
from judgeaudit.audit.judge_strata import JudgeInStrata, judge_in
from judgeaudit.audit.pair_statistics import PairStatistic, statistics_for
from judgeaudit.domain.ratings import Floats
from judgeaudit.domain.results import Contrast, Curve, Finding
from judgeaudit.stats.trend import slope, slope_limits, trend_p_value


class _Response(NamedTuple):
    """A curve, the statistic it is read from, and whether it is that statistic's complement."""

    name: str
    statistic: str
    turned: bool = False


class _Point(NamedTuple):
    """A level with a value."""

    stratum: str
    dose: float
    found: Finding

    @property
    def looked_at(self) -> int:
        """Items that the share is of: the negative ones for false alarms."""
        return self.found.n_items if self.found.n is None else round(self.found.n)


_EVERYWHERE = (
    _Response("error_rate", "percent_agreement", turned=True),
    _Response("unanswered_rate", "coverage", turned=True),
)
_WITH_POSITIVE = (
    _Response("prevalence_judge", "prevalence_judge"),
    _Response("false_positive_rate", "false_positive_rate"),
    _Response("false_negative_rate", "false_negative_rate"),
)


def dose_curves(context: Context, judge: str, findings: Sequence[Finding]) -> list[Curve]:
    """The judge's rates at each dose, with the intervals of the findings that they are; levels without a value are left out."""
    if not context.ratings.doses:
        return []
    found = {
        (one.stratum, one.statistic): one
        for one in findings
        if one.subject == judge and one.versus == "reference" and one.value is not None
    }
    curves = []
    for doses in context.ratings.doses.values():
        for response in _responses(context):
            points = [
                _Point(name, dose, one)
                for name, dose in doses.items()
                if (one := found.get((name, response.statistic))) is not None
            ]
            if len(points) > 1:
                curves.append(_curve(context, judge, response, points))
    return curves


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
        for response in _responses(context):
            about = [
                _slope(asked if response.statistic == "coverage" else desk, kept, response, shelf[response.statistic])
                for desk, asked in desks
            ]
            out += adjusted(about)
    return out


def _responses(context: Context) -> tuple[_Response, ...]:
    if context.scheme.many:
        return ()
    return (*_EVERYWHERE, *(_WITH_POSITIVE if context.scheme.has_positive else ()))


def _asked(context: Context, judge: str, strata: list[str]) -> JudgeInStrata:
    """No answer is told as what it is, however else the audit treats it."""
    return judge_in(context, judge, strata, unanswered="counted")


def _curve(context: Context, judge: str, response: _Response, points: list[_Point]) -> Curve:
    limits = [_limits(point.found, turned=response.turned) for point in points]
    return Curve(
        question=context.question,
        kind="dose_response",
        subject=judge,
        stratum="all",
        statistic=response.name,
        names=[point.stratum for point in points],
        x=[point.dose for point in points],
        y=[value for value, _, _ in limits],
        low=[low for _, low, _ in limits],
        high=[high for _, _, high in limits],
        n=[point.looked_at for point in points],
    )


def _limits(found: Finding, *, turned: bool) -> tuple[float, float | None, float | None]:
    """Value and interval of a finding, or of its complement."""
    assert found.value is not None
    if not turned:
        return found.value, found.low, found.high
    low, high = (None if end is None else 1.0 - end for end in (found.high, found.low))
    return 1.0 - found.value, low, high


def _slope(desk: JudgeInStrata, doses: dict[str, float], response: _Response, statistic: PairStatistic) -> Contrast:
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

    return jackknifed(known, units.reshape(g, -1), f, level=context.options.level)
