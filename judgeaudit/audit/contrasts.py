"""Differences between strata of one column: error rates that differ bend every comparison made across them."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from itertools import combinations

import numpy as np

from judgeaudit.audit.context import Context, Tables, tables_of, treated
from judgeaudit.audit.estimates import posterior_tables
from judgeaudit.audit.jackknifed import cluster_df, normal_record, two_sided
from judgeaudit.audit.pair_statistics import PairStatistic, statistics_for
from judgeaudit.audit.pairs import judge_codes, reference_rows
from judgeaudit.domain.ratings import Floats
from judgeaudit.domain.results import Contrast
from judgeaudit.stats.intervals import tail
from judgeaudit.stats.resample import holm, jackknife, quantiles

MANY_STRATA = 12
_WITH_POSITIVE = ("sensitivity", "specificity", "false_positive_rate", "false_negative_rate", "cohen_kappa")
_WITHOUT = ("percent_agreement", "cohen_kappa", "krippendorff_alpha")


@dataclass(frozen=True, kw_only=True)
class _Judge:
    """One judge in the strata of one column: tables and posterior draws are made once and serve every pair and statistic."""

    context: Context
    name: str
    tables: dict[str, Tables]
    draws: dict[str, Floats] = field(default_factory=dict)

    def drawn(self, stratum: str, statistic: PairStatistic) -> Floats:
        """Posterior draws of a statistic; strata hold different items, so those of two strata are independent."""
        options, context = self.context.options, self.context
        if stratum not in self.draws:
            names = (context.question, self.name, "reference", stratum)
            table = self.tables[stratum].table
            self.draws[stratum] = posterior_tables(table, draws=options.draws, seed=options.seed, names=names)
        return statistic.value(self.draws[stratum], context.scheme)


def strata_contrasts(context: Context, judge: str) -> list[Contrast]:
    """Every pair of strata of every column with at most twelve; Holm within column and statistic."""
    if context.scheme.many:
        return []
    wanted = _WITH_POSITIVE if context.scheme.has_positive else _WITHOUT
    statistics = tuple(s for s in statistics_for(context.scheme, reference=True) if s.name in wanted)
    out: list[Contrast] = []
    for names in context.ratings.columns.values():
        if 2 <= len(names) <= MANY_STRATA:
            here = _Judge(context=context, name=judge, tables={s: _tables(context, judge, s) for s in names})
            for statistic in statistics:
                out += _adjusted([_contrast(here, a, b, statistic) for a, b in combinations(names, 2)])
    return out


def _adjusted(contrasts: list[Contrast]) -> list[Contrast]:
    known = [c for c in contrasts if c.p_value is not None]
    adjusted = iter(holm(np.array([c.p_value for c in known])).tolist())
    return [c if c.p_value is None else replace(c, p_adjusted=next(adjusted)) for c in contrasts]


def _contrast(judge: _Judge, a: str, b: str, statistic: PairStatistic) -> Contrast:
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
    return _from_units(context, judge.name, known, statistic)


def _tables(context: Context, judge: str, stratum: str) -> Tables:
    rows = reference_rows(context)
    codes = np.broadcast_to(treated(judge_codes(context, judge), context), rows.shape)
    return tables_of(context, rows, codes, context.ratings.strata[stratum])


def _from_posteriors(judge: _Judge, known: Contrast, statistic: PairStatistic) -> Contrast:
    d = judge.drawn(known.a, statistic) - judge.drawn(known.b, statistic)
    low, high = quantiles(d, level=judge.context.options.level)
    p = min(1.0, 2.0 * float(min((d <= 0).mean(), (d >= 0).mean())))
    return replace(
        known,
        low=float(low),
        high=float(high),
        p_value=max(p, 1.0 / len(d)),
        test="posterior of the difference",
        spread={"kind": "tables"},
    )


def _from_units(context: Context, judge: str, known: Contrast, statistic: PairStatistic) -> Contrast:
    """Clusters may have items in both strata: one jackknife over them deletes from both at once."""
    ratings, design, options = context.ratings, context.design, context.options
    v = context.scheme.k + 1
    rows = reference_rows(context)
    codes = np.broadcast_to(treated(judge_codes(context, judge), context), rows.shape)
    both = (rows >= 0) & (codes >= 0)
    side = np.where(ratings.strata[known.a], 0, np.where(ratings.strata[known.b], 1, -1))
    pair, item = np.nonzero(both & (side >= 0))
    _, dense = np.unique(design.units[item], return_inverse=True)
    g = int(dense.max(initial=-1)) + 1
    cell = dense.ravel() * 2 * v * v + side[item] * v * v + rows[pair, item] * v + codes[pair, item]
    units = np.bincount(cell, design.weights[item], minlength=g * 2 * v * v).astype(float).reshape(g, 2 * v * v)

    def f(flat: Floats) -> Floats:
        t = flat.reshape(*flat.shape[:-1], 2, v, v)
        value = statistic.value(t, context.scheme)
        return np.asarray((value[..., 0] - value[..., 1])[..., None])

    spread = jackknife(units, counts=np.ones(g), f=f)
    se, df, value = float(spread.se[0]), cluster_df(g), float(spread.estimate[0])
    if not se > 1e-9:
        return replace(known, test="jackknife-t", undefined=None)
    low, high = two_sided(options.level, center=value, se=se, df=df, link="identity")
    upper = tail(center=value, se=se, df=df, link="identity", threshold=0.0)
    return replace(
        known,
        low=max(-2.0, low),
        high=min(2.0, high),
        p_value=min(1.0, 2.0 * min(upper, 1.0 - upper)),
        test="jackknife-t",
        spread=normal_record(center=value, se=se, df=df, link="identity"),
    )
