"""The strata of one column together: whether a judge is equally good in all, each estimate in the light of the others, the worst."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import NamedTuple

import numpy as np
from scipy.special import ndtri, stdtrit

from judgeaudit.audit.estimates.estimate import clean
from judgeaudit.audit.estimates.jackknife import cluster_df
from judgeaudit.audit.estimates.table_estimates import posterior_tables, why_undefined
from judgeaudit.audit.setting.context import Context
from judgeaudit.audit.setting.design import generator
from judgeaudit.audit.setting.pair_statistics import PairStatistic, statistics_for
from judgeaudit.audit.strata_contrasts.tables import JudgeInStrata, judge_in
from judgeaudit.domain.ratings import Floats
from judgeaudit.domain.results.estimates import OmnibusRecord
from judgeaudit.domain.results.groups import StrataTogether, StratumRow, WorstStratum
from judgeaudit.stats.comparisons.matched import Omnibus
from judgeaudit.stats.intervals.limits import Link, from_scale, to_scale
from judgeaudit.stats.rates import strata as many

#: numbers in the tables of all clusters and strata up to which clusters are deleted in turn
MANY_NUMBERS = 40_000_000
_WITH_POSITIVE = ("cohen_kappa", "sensitivity", "specificity")


class _OnScale(NamedTuple):
    """Strata on a statistic's scale: their places among the names, estimates (S,), covariance (S, S), units and degrees of freedom."""

    place: list[int]
    z: Floats
    covariance: Floats
    g: float
    df: float


def strata_together(context: Context, judge: str) -> list[StrataTogether]:
    """A record for each column with two strata or more and each statistic; higher is better in all of them."""
    if context.scheme.many:
        return []
    head = "krippendorff_alpha" if context.scheme.ordered else "cohen_kappa"
    wanted = (head, *(_WITH_POSITIVE[1:] if context.scheme.has_positive else ("percent_agreement",)))
    shelf = {s.name: s for s in statistics_for(context.scheme, reference=True)}
    out = []
    for column, names in context.ratings.columns.items():
        if len(names) < 2:
            continue
        desk = judge_in(context, judge, names)
        for name in wanted:
            out.append(_record(desk, column, names, shelf[name]))
        if context.scheme.has_positive and desk.exchangeable:
            tested = _tested(_odds_ratios(desk, names), "breslow_day_tarone")
            out[-len(wanted)] = replace(out[-len(wanted)], odds_ratios=tested)
    return out


def _record(desk: JudgeInStrata, column: str, names: Sequence[str], statistic: PairStatistic) -> StrataTogether:
    context, level = desk.context, desk.context.options.level
    values, reasons = _values(desk, names, statistic)
    held = _on_scale(desk, names, statistic, [k for k, why in enumerate(reasons) if why is None])
    rows = [
        StratumRow(
            stratum=name,
            n_items=desk.tables[name].n_items,
            value=clean(values[k]) if reasons[k] is None else None,
            undefined=reasons[k],
        )
        for k, name in enumerate(names)
    ]
    record = StrataTogether(
        question=context.question,
        subject=desk.name,
        column=column,
        statistic=statistic.name,
        level=level,
        strata=rows,
        undefined="too_few_strata",
    )
    if held is None or len(held.place) < 2:
        return record
    spread = many.heterogeneity(held.z, held.covariance, g=held.g)
    found = _tested(spread.test, "cochran_q_of_strata" if np.isinf(held.g) else "hotelling_t2")
    seen = _in_their_light(desk, column, statistic, held, spread, rows)
    return replace(
        record,
        strata=seen,
        undefined=found.undefined,
        test=found.test,
        q=found.q,
        df=found.df,
        p_value=found.p_value,
        i_squared=spread.i_squared,
        between=float(np.sqrt(spread.between)),
        scale=statistic.link,
        mean=_back(spread.mean, statistic.link),
        worst=_worst([seen[place] for place in held.place]),
    )


def _in_their_light(
    desk: JudgeInStrata,
    column: str,
    statistic: PairStatistic,
    held: _OnScale,
    spread: many.Spread,
    rows: Sequence[StratumRow],
) -> list[StratumRow]:
    """Strata with their simultaneous lower bound, and their value drawn towards the mean of all."""
    context, level, link = desk.context, desk.context.options.level, statistic.link
    variances = np.diag(held.covariance)
    centre, their = many.shrunken(held.z, variances, spread)
    rng = generator(context.options.seed, "strata", context.question, desk.name, column, statistic.name)
    t = many.simultaneous_quantile(held.covariance, level=level, df=held.df, rng=rng)
    q = float(ndtri((1 + level) / 2)) if np.isinf(held.df) else float(stdtrit(held.df, (1 + level) / 2))
    out = list(rows)
    for at, place in enumerate(held.place):
        out[place] = replace(out[place], bound=_back(held.z[at] - t * np.sqrt(variances[at]), link))
        if np.isfinite(centre[at]):
            half = q * np.sqrt(their[at])
            out[place] = replace(
                out[place],
                shrunken=_back(centre[at], link),
                shrunken_low=_back(centre[at] - half, link),
                shrunken_high=_back(centre[at] + half, link),
            )
    return out


def _worst(known: Sequence[StratumRow]) -> WorstStratum:
    """Of strata that have a value and a bound."""
    worst, least = min(known, key=_value_in), min(known, key=_bound_in)
    return WorstStratum(
        stratum=worst.stratum,
        value=_value_in(worst),
        bound=_bound_in(worst),
        least_bound=_bound_in(least),
        least_stratum=least.stratum,
    )


def _value_in(row: StratumRow) -> float:
    return np.nan if row.value is None else row.value


def _bound_in(row: StratumRow) -> float:
    return np.nan if row.bound is None else row.bound


def _back(z: float, link: Link) -> float:
    return float(from_scale(np.asarray(z), link=link))


def _tested(found: Omnibus, test: str) -> OmnibusRecord:
    known = np.isfinite(found.p_value)
    return OmnibusRecord(
        undefined=None if known else "too_few_strata" if np.isnan(found.q) else "too_few_clusters",
        test=test,
        q=float(found.q) if known else None,
        df=float(found.df) if known else None,
        p_value=float(found.p_value) if known else None,
    )


def _values(
    desk: JudgeInStrata, names: Sequence[str], statistic: PairStatistic
) -> tuple[list[float], list[str | None]]:
    """Each stratum's value, and why it has none."""
    tables = [desk.tables[name].table for name in names]
    values = [float(statistic.value(one, desk.context.scheme)) for one in tables]
    reasons: list[str | None] = []
    for value, table in zip(values, tables, strict=True):
        lonely = statistic.one_class and np.count_nonzero(table.sum(1)) < 2
        reasons.append(why_undefined(statistic, table) if lonely or np.isnan(value) else None)
    return values, reasons


def _on_scale(desk: JudgeInStrata, names: Sequence[str], statistic: PairStatistic, place: list[int]) -> _OnScale | None:
    if len(place) < 2:
        return None
    if desk.exchangeable:
        pairs = [_alone(desk, names[k], statistic, scale=1.0) for k in place]
        z, variances = (np.array(side) for side in zip(*pairs, strict=True))
        return _OnScale(place, z, np.diag(variances), np.inf, np.inf)
    return _by_units(desk, names, statistic, place)


def _alone(desk: JudgeInStrata, name: str, statistic: PairStatistic, *, scale: float) -> tuple[float, float]:
    """Estimate and variance of one stratum on the scale, its table counted `scale` times: with half an item more on either side of
    a share, else from the posterior."""
    context, table = desk.context, desk.tables[name].table * scale
    if statistic.share is not None:
        k, n = (float(x) for x in statistic.share(table, context.scheme))
        up, down = k + 0.5, n - k + 0.5
        return float(np.log(up / down)), 1.0 / up + 1.0 / down
    if scale == 1.0:
        draws = desk.drawn(name, statistic)
    else:
        seeds = (context.question, desk.name, "reference", name)
        options = context.options
        draws = statistic.value(
            posterior_tables(table, draws=options.draws, seed=options.seed, names=seeds), context.scheme
        )
    z, _ = to_scale(draws[np.isfinite(draws)], link=statistic.link)
    return float(z.mean()), float(z.var())


def _by_units(desk: JudgeInStrata, names: Sequence[str], statistic: PairStatistic, place: list[int]) -> _OnScale | None:
    """Delete one cluster at a time from all strata; a stratum in which nothing varies counts each cluster as one item."""
    context, v = desk.context, desk.context.scheme.k + 1
    chosen = [names[k] for k in place]
    if context.ratings.n_items and (int(context.design.units.max()) + 1) * len(names) * v * v > MANY_NUMBERS:
        return None
    units = desk.units(chosen)
    g = len(units)
    if g < 2:
        return None
    total = units.sum(0)
    deleted = statistic.value(total - units, context.scheme)
    scaled, _ = to_scale(deleted, link=statistic.link)
    apart = np.where(np.isfinite(deleted), scaled - np.nanmean(scaled, 0), 0.0)
    covariance = (g - 1.0) / g * apart.T @ apart
    z, _ = to_scale(statistic.value(total, context.scheme), link=statistic.link)
    for at, name in enumerate(chosen):
        if not covariance[at, at] > 1e-12:
            clusters = desk.tables[name].n_clusters
            z[at], covariance[at, at] = _alone(
                desk, name, statistic, scale=clusters / float(desk.tables[name].table.sum())
            )
    return _OnScale(place, z, covariance, float(g), cluster_df(g))


def _odds_ratios(desk: JudgeInStrata, names: Sequence[str]) -> Omnibus:
    """Breslow and Day's test on the answered items, positive or not by reference and by judge."""
    positive = desk.context.scheme.positive
    cells = []
    for name in names:
        t = desk.tables[name].table[:-1, :-1]
        sides = [t[rows][:, columns].sum() for rows in (positive, ~positive) for columns in (positive, ~positive)]
        cells.append(np.array(sides).reshape(2, 2))
    return many.breslow_day(np.stack(cells))
