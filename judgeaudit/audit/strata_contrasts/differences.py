"""Differences between strata of one column: error rates that differ bend every comparison made across them."""

from __future__ import annotations

from dataclasses import replace
from itertools import combinations

import numpy as np

from judgeaudit.audit.estimates.differences import jackknifed, most_apart, no_steadier, no_surer, sides_in, within
from judgeaudit.audit.estimates.estimate import clean
from judgeaudit.audit.estimates.jackknife import normal_record
from judgeaudit.audit.setting.context import Context
from judgeaudit.audit.setting.pair_statistics import PairStatistic, statistics_for
from judgeaudit.audit.setting.scheme import Scheme
from judgeaudit.audit.strata_contrasts.tables import JudgeInStrata, judge_in
from judgeaudit.domain.ratings import Floats
from judgeaudit.domain.results.audit import Contrast
from judgeaudit.domain.results.estimates import NamedSpread
from judgeaudit.stats.agreement.two_raters import cohen_kappa
from judgeaudit.stats.intervals.resample import holm, quantiles
from judgeaudit.stats.rates.strata import at_shares

#: strata up to which every pair of a column is compared
MANY_STRATA = 24
COMMON = "cohen_kappa_common_prevalence"
POSTERIOR_OF_DIFFERENCE = "posterior of the difference"
_WITH_POSITIVE = ("sensitivity", "specificity", "false_positive_rate", "false_negative_rate", "cohen_kappa")
_WITHOUT = ("percent_agreement", "cohen_kappa", "krippendorff_alpha")


def strata_contrasts(context: Context, judge: str) -> list[Contrast]:
    """Every pair of strata of every column with at most 24; Holm within column and statistic."""
    if context.scheme.many:
        return []
    wanted = _WITH_POSITIVE if context.scheme.has_positive else _WITHOUT
    statistics = tuple(s for s in statistics_for(context.scheme, reference=True) if s.name in wanted)
    out: list[Contrast] = []
    for names in context.ratings.columns.values():
        if 2 <= len(names) <= MANY_STRATA:
            here = judge_in(context, judge, names)
            for statistic in statistics:
                out += adjusted([_contrast(here, a, b, statistic) for a, b in combinations(names, 2)])
            if "cohen_kappa" in wanted:
                common = at_common_shares(here)
                out += adjusted([_contrast(here, a, b, common) for a, b in combinations(names, 2)])
    return out


def at_common_shares(judge: JudgeInStrata) -> PairStatistic:
    """Kappa as it would be if labels were as frequent in each stratum as they are in all of these together."""
    total = sum((one.table.sum(1) for one in judge.tables.values()), start=np.zeros(judge.context.scheme.k + 1))
    shares = total / max(float(total.sum()), 1e-300)

    def value(t: Floats, scheme: Scheme) -> Floats:
        return cohen_kappa(at_shares(t, shares), weights=scheme.identity)

    return PairStatistic(name=COMMON, link="fisher", function=value, one_class=True)


def _contrast(judge: JudgeInStrata, a: str, b: str, statistic: PairStatistic) -> Contrast:
    context, one, two = judge.context, judge.tables[a], judge.tables[b]
    x, y = (float(statistic.value(t.table, context.scheme)) for t in (one, two))
    lonely = any(np.count_nonzero(t.table.sum(1)) < 2 for t in (one, two)) and statistic.one_class
    empty = Contrast(
        question=context.question,
        kind="strata",
        a=a,
        b=b,
        stratum="all",
        statistic=statistic.name,
        value=None,
        subject=judge.name,
    )
    if np.isnan(x) or np.isnan(y) or lonely:
        short = one if np.isnan(x) else two
        reason = "no_pairable" if short.table.sum() == 0 else "one_class_human"
        return replace(empty, undefined=reason)
    known = replace(empty, value=x - y)
    if one.exchangeable and two.exchangeable:
        return _from_posteriors(judge, known, statistic)
    return _from_units(judge, known, statistic)


def _from_posteriors(judge: JudgeInStrata, known: Contrast, statistic: PairStatistic) -> Contrast:
    d = judge.drawn(known.a, statistic) - judge.drawn(known.b, statistic)
    low, high = quantiles(d, level=judge.context.options.level)
    normal = normal_record(center=known.value or 0.0, se=float(np.std(d[np.isfinite(d)])), df=np.inf, link="identity")
    return replace(
        known,
        low=clean(float(low)),
        high=clean(float(high)),
        p_value=tail_of_draws(d),
        test=POSTERIOR_OF_DIFFERENCE,
        spread=normal if statistic.name == COMMON else NamedSpread(kind="tables"),
    )


def tail_of_draws(d: Floats) -> float:
    """Two-sided: twice the share of draws (B,) on the smaller side of 0, at least 1 / B."""
    return max(min(1.0, 2.0 * float(min((d <= 0).mean(), (d >= 0).mean()))), 1.0 / len(d))


def _from_units(judge: JudgeInStrata, known: Contrast, statistic: PairStatistic) -> Contrast:
    """Clusters may have items in both strata: one jackknife over them deletes from both at once."""
    context, options = judge.context, judge.context.options
    units = judge.units((known.a, known.b))
    g, v = len(units), context.scheme.k + 1

    def f(flat: Floats) -> Floats:
        t = flat.reshape(*flat.shape[:-1], 2, v, v)
        value = statistic.value(t, context.scheme)
        return np.asarray((value[..., 0] - value[..., 1])[..., None])

    held = jackknifed(known, units.reshape(g, -1), f, level=options.level)
    if statistic.share is not None:
        tables = [judge.tables[known.a], judge.tables[known.b]]
        sides = sides_in(context, statistic, units, tables, weights=np.array([1.0, -1.0]))
        return no_surer(held, sides, level=options.level)
    return within(no_steadier(held, units, f, level=options.level), most_apart(statistic))


def adjusted(contrasts: list[Contrast]) -> list[Contrast]:
    """Holm's p-values over these contrasts as one family; those without a p-value stay as they are."""
    known = [c for c in contrasts if c.p_value is not None]
    found = iter(holm(np.array([c.p_value for c in known])).tolist())
    return [c if c.p_value is None else replace(c, p_adjusted=next(found)) for c in contrasts]
