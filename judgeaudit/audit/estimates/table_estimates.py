"""Values with intervals for the statistics of one table: the interval follows from how the data were gathered."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np

from judgeaudit.audit.estimates.estimate import Estimate, clean
from judgeaudit.audit.estimates.jackknife import (
    BootstrapLimits,
    bootstrap_limits,
    cluster_df,
    normal_record,
    two_sided,
    varied,
)
from judgeaudit.audit.estimates.weighted_shares import effective_items, effective_units, no_narrower, without_variation
from judgeaudit.audit.setting.context import Context, Tables
from judgeaudit.audit.setting.design import generator
from judgeaudit.audit.setting.pair_statistics import PairStatistic
from judgeaudit.audit.setting.scheme import MANY_VALUES, Scheme
from judgeaudit.domain.ratings import Floats, Mask
from judgeaudit.domain.results.estimates import BinomialSpread, TableSpread
from judgeaudit.stats.intervals.limits import link_at, wilson
from judgeaudit.stats.intervals.resample import Spread, dirichlet_tables, jackknife, quantiles

POSTERIOR = "dirichlet, prior mass 2"
WILSON = "wilson"


def support_of(table: Floats) -> Mask:
    """Cells that could have been filled: labels by labels, and the no-answer column where any answer is missing."""
    support = np.ones(table.shape, bool)
    support[-1, :] = False
    support[:, -1] = bool(table[:, -1].any())
    return support


def posterior_tables(table: Floats, *, draws: int, seed: int, names: tuple[str, ...]) -> Floats:
    """Posterior draws (draws, V, V) that belong to one judge in one stratum; drawn again they are the same."""
    return dirichlet_tables(table, support=support_of(table), draws=draws, rng=generator(seed, *names))


def estimate_all(
    statistics: tuple[PairStatistic, ...], tables: Tables, context: Context, names: tuple[str, ...]
) -> list[Estimate]:
    """Every statistic of one pair of raters in one stratum, in order. `names` seeds the random draws."""
    values = np.array([float(s.value(tables.table, context.scheme)) for s in statistics])
    one_class = _one_class(tables.table)
    values = np.array([np.nan if one_class and s.one_class else v for s, v in zip(statistics, values, strict=True)])
    if tables.exchangeable and context.scheme.k <= MANY_VALUES:
        limits = _exchangeable(statistics, tables, context, names)
    else:
        limits = _by_units(statistics, tables, context, names)
    return [
        _finish(statistic, value, tables, context.scheme, limit)
        for statistic, value, limit in zip(statistics, values, limits, strict=True)
    ]


def _one_class(table: Floats) -> bool:
    """Whether the reference (the rows) uses one label only: kappa and its kin are then 0 whatever the judge does."""
    return bool(np.count_nonzero(table.sum(1)) == 1)


def _finish(statistic: PairStatistic, value: float, tables: Tables, scheme: Scheme, limit: Estimate) -> Estimate:
    if np.isnan(value):
        return Estimate(value=None, undefined=why_undefined(statistic, tables.table))
    share = statistic.share(tables.table, scheme) if statistic.share is not None else None
    return Estimate(
        value=float(value),
        low=clean(limit.low),
        high=clean(limit.high),
        method=limit.method,
        k=None if share is None else float(share.k),
        n=None if share is None else float(share.n),
        spread=limit.spread,
        design_effect=limit.design_effect,
    )


def why_undefined(statistic: PairStatistic, table: Floats) -> str:
    """The reason code of a statistic that has no value on this table."""
    if table.sum() == 0:
        return "no_pairable"
    if statistic.answered_only and table[:-1, :-1].sum() == 0:
        return "no_answers"
    rows = np.count_nonzero(table.sum(1))
    columns = np.count_nonzero(table[:, :-1].sum(0))
    if statistic.name in ("precision", "negative_predictive_value"):
        return "one_class_judge"
    if rows <= 1:
        return "one_class_human"
    if statistic.share is not None:
        return "one_class_human"
    return "one_class_judge" if columns <= 1 else "zero_variance"


# ------------------------------------------------------------------------------------------ items that are exchangeable


def _exchangeable(
    statistics: tuple[PairStatistic, ...], tables: Tables, context: Context, names: tuple[str, ...]
) -> list[Estimate]:
    if tables.table.sum() == 0:
        return [Estimate(value=None) for _ in statistics]
    options = context.options
    draws = posterior_tables(tables.table, draws=options.draws, seed=options.seed, names=names)
    asked = _on_request(statistics, tables, context, names)
    out: list[Estimate] = []
    spread: BinomialSpread | TableSpread
    for j, statistic in enumerate(statistics):
        if statistic.share is not None:
            k, n = (float(x) for x in statistic.share(tables.table, context.scheme))
            low, high = wilson(k, n, level=options.level)
            method, spread = WILSON, BinomialSpread(k=k, n=n)
        else:
            limits = quantiles(statistic.value(draws, context.scheme), level=options.level)
            low, high = float(limits[0]), float(limits[1])
            method, spread = POSTERIOR, TableSpread(scale=1.0)
        if asked is not None and np.isfinite(asked[0][j]):
            low, high, method = float(asked[0][j]), float(asked[1][j]), asked[2]
        out.append(Estimate(value=None, low=low, high=high, method=method, spread=spread, design_effect=1.0))
    return out


def _stacked(statistics: tuple[PairStatistic, ...], context: Context) -> Any:
    v = context.scheme.k + 1

    def f(flat: Floats) -> Floats:
        t = flat.reshape(*flat.shape[:-1], v, v)
        return np.stack([s.value(t, context.scheme) for s in statistics], -1)

    return f


def _on_request(
    statistics: tuple[PairStatistic, ...], tables: Tables, context: Context, names: tuple[str, ...]
) -> BootstrapLimits | None:
    """Bootstrap limits where the user asked for them; nan where the resamples do not vary."""
    options = context.options
    if options.interval == "auto" or not tables.repeats.sum():
        return None
    what = "items" if context.design.exchangeable else "clusters" if context.design.clustered else "weighted items"
    rng = generator(options.seed, "bootstrap", *names)
    f = _stacked(statistics, context)
    return bootstrap_limits(tables.units, tables.repeats, f, options, rng=rng, what=what)


# ----------------------------------------------------------------------------------------------- clusters and weights


def _by_units(
    statistics: tuple[PairStatistic, ...], tables: Tables, context: Context, names: tuple[str, ...]
) -> list[Estimate]:
    options = context.options
    g = int(tables.repeats.sum())
    if not tables.table.sum():
        return [Estimate(value=None) for _ in statistics]
    if g < 2:
        return [Estimate(value=None, method="none: a single cluster", undefined="single_cluster") for _ in statistics]
    f = _stacked(statistics, context)
    spread = jackknife(tables.units, counts=tables.repeats, f=f)
    plain = _item_errors(tables, f)
    asked = _on_request(statistics, tables, context, names)
    draws: Floats | None = None
    out = []
    for j, statistic in enumerate(statistics):
        effect = _ratio(spread.se[j], plain[j])
        if asked is not None and np.isfinite(asked[0][j]):
            limits = Estimate(value=None, low=asked[0][j], high=asked[1][j], method=asked[2])
        else:
            limits = Estimate(value=None)
        if _alive(spread, j):
            found = _jackknife_limits(statistic, spread, j, g, context, limits, effect)
            items = effective_items(statistic, tables, context)
            asked_for = limits.low is not None  # what the user asked for stays; the gate's bounds are never narrower
            wide = found if items is None else no_narrower(found, float(spread.estimate[j]), items, level=options.level)
            out.append(replace(found, spread=wide.spread) if asked_for else wide)
            continue
        if statistic.share is not None:
            units = effective_units(statistic, tables, context)
            center = float(spread.estimate[j])
            out.append(
                Estimate(value=None)
                if units is None
                else without_variation(center, units, level=options.level, what=varied(context))
            )
            continue
        if draws is None:
            scaled = tables.table * (g / tables.table.sum())
            few = options.draws if context.scheme.k <= MANY_VALUES else min(options.draws, 500)
            draws = posterior_tables(scaled, draws=few, seed=options.seed, names=names)
        out.append(_degenerate(statistic, tables, g, context, draws))
    return out


def _alive(spread: Spread, j: int) -> bool:
    return bool(np.isfinite(spread.se[j]) and spread.se[j] > 1e-9)


def _jackknife_limits(
    statistic: PairStatistic, spread: Spread, j: int, g: int, context: Context, limits: Estimate, effect: float | None
) -> Estimate:
    center, se, df = float(spread.estimate[j]), float(spread.se[j]), cluster_df(g)
    link = link_at(center, link=statistic.link)
    low, high = two_sided(context.options.level, center=center, se=se, df=df, link=link)
    if link == "identity":  # a difference of two shares
        low, high = max(low, -1.0), min(high, 1.0)
    return Estimate(
        value=None,
        low=low if limits.low is None else limits.low,
        high=high if limits.high is None else limits.high,
        method=limits.method or f"jackknife-t over {varied(context)}, {link} scale",
        spread=normal_record(center=center, se=se, df=df, link=link),
        design_effect=effect,
    )


def _degenerate(statistic: PairStatistic, tables: Tables, g: int, context: Context, draws: Floats) -> Estimate:
    """No deletion changes the value (every cluster is perfect, say): as if each cluster were one item."""
    scale = g / tables.table.sum()
    low, high = quantiles(statistic.value(draws, context.scheme), level=context.options.level)
    return Estimate(
        value=None,
        low=float(low),
        high=float(high),
        method=f"{POSTERIOR}, one item per cluster (no variation between clusters)",
        spread=TableSpread(scale=scale),
    )


def _item_errors(tables: Tables, f: Any) -> Floats:
    """Standard errors as if items were independent, from the cells of the table."""
    cells = tables.table.ravel() * (tables.n_items / max(tables.table.sum(), 1e-300))
    used = cells > 0
    return jackknife(np.eye(cells.size)[used], counts=cells[used], f=f).se


def _ratio(se: float, plain: float) -> float | None:
    return float((se / plain) ** 2) if np.isfinite(se) and np.isfinite(plain) and plain > 1e-9 else None
