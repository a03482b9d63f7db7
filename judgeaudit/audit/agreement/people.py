"""The ceiling: how far people agree among themselves, and the leave-one-out comparison of a judge with them."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import NamedTuple

import numpy as np

from judgeaudit.audit.agreement.alpha_package import package_alpha
from judgeaudit.audit.agreement.people_continuous import (
    RELIABILITY,
    alpha_from_moments,
    cannot_judge,
    icc_rows,
    reliability,
    why_none,
)
from judgeaudit.audit.estimates.estimate import Estimate, finding_of
from judgeaudit.audit.estimates.jackknife import (
    NO_VARIATION,
    BootstrapLimits,
    bootstrap_limits,
    cluster_df,
    normal_record,
    two_sided,
    unit_sums,
    varied,
)
from judgeaudit.audit.estimates.table_estimates import estimate_all
from judgeaudit.audit.setting.context import Context, tables_of
from judgeaudit.audit.setting.design import generator
from judgeaudit.audit.setting.pair_statistics import statistics_for
from judgeaudit.domain.ratings import Floats, Mask
from judgeaudit.domain.results.audit import Finding
from judgeaudit.domain.results.estimates import TableSpread
from judgeaudit.stats.agreement import many_raters as multi
from judgeaudit.stats.intervals.limits import Link, link_at
from judgeaudit.stats.intervals.resample import Spread, jackknife, linear_spread

SMALL = 200
HUMANS = "humans"


class PeopleStatistic(NamedTuple):
    """One ceiling statistic: which columns of the totals it reads, and how."""

    name: str
    function: Callable[[Floats], Floats]
    link: Link


class Totals(NamedTuple):
    """Per-unit totals (U, D), how many equal units there are (U,), and items and units used."""

    units: Floats
    repeats: Floats
    n_items: int
    n_clusters: int


def people_findings(context: Context, stratum: str) -> list[Finding]:
    """One row per ceiling statistic in one stratum; a reason where fewer than two people labelled anything twice."""
    mask = context.ratings.strata[stratum]
    if context.scheme.many:
        return _many_values(context, stratum, mask)
    statistics = _statistics(context)
    if context.ratings.people.shape[0] < 2:
        rows = [(s.name, Estimate(value=None, undefined="too_few_raters")) for s in statistics]
        return [_finding(context, stratum, name, e, 0, 0) for name, e in rows]
    totals = _totals(context, mask)
    complete = _complete_pair(context, mask)
    if complete is not None:
        found = [*complete, *_estimates(context, stratum, [_reliability(context)], totals, mask)]
    else:
        found = _estimates(context, stratum, statistics, totals, mask)
    rows = [*found, *icc_rows(context, mask), *cannot_judge(context, mask)]
    return [_finding(context, stratum, name, e, totals.n_items, totals.n_clusters) for name, e in rows]


def _finding(context: Context, stratum: str, name: str, e: Estimate, n_items: int, n_clusters: int) -> Finding:
    return finding_of(
        e,
        question=context.question,
        stratum=stratum,
        subject=HUMANS,
        versus=HUMANS,
        statistic=name,
        n_items=n_items,
        n_clusters=n_clusters,
    )


def _statistics(context: Context) -> list[PeopleStatistic]:
    """Totals are [coincidences K² | m ≥ 2, identity agreement, m ≥ 1, shares K | the same three with quadratic weights]."""
    s = context.scheme
    k, declared = s.k, s.declared
    coincidence, plain = slice(0, k * k), slice(k * k, k * k + 3 + k)
    eye = np.eye(k)

    def alpha(delta: Floats | None) -> Callable[[Floats], Floats]:
        return lambda t: multi.krippendorff_alpha(t[..., coincidence], n_labels=k, delta=delta)

    out = [
        PeopleStatistic("percent_agreement", lambda t: multi.percent_agreement(t[..., plain]), "logit"),
        PeopleStatistic("fleiss_kappa", lambda t: multi.fleiss_kappa(t[..., plain], weights=eye), "fisher"),
        PeopleStatistic("gwet_ac1", lambda t: multi.gwet_ac(t[..., plain], weights=eye, n_labels=declared), "fisher"),
        PeopleStatistic(
            "brennan_prediger",
            lambda t: multi.brennan_prediger(t[..., plain], weights=eye, n_labels=declared),
            "fisher",
        ),
    ]
    out += [PeopleStatistic(name, alpha(delta), "fisher") for name, delta in s.people_deltas.items()]
    if s.ordered:
        weighted = slice(k * k + 3 + k, k * k + 2 * (3 + k))
        first = s.declared_first[:declared]
        w = s.quadratic[np.ix_(first, first)]
        out.append(
            PeopleStatistic(
                "gwet_ac2", lambda t: multi.gwet_ac(t[..., weighted], weights=w, n_labels=declared), "fisher"
            )
        )
    return [*out, _reliability(context)]


def _reliability(context: Context) -> PeopleStatistic:
    return PeopleStatistic(RELIABILITY, reliability(context), "logit")


def _parts(counts: Floats, context: Context) -> Floats:
    k = context.scheme.k
    parts = [multi.coincidences(counts).reshape(len(counts), k * k)]
    parts.append(multi.agreement_totals(counts, weights=np.eye(k)))
    if context.scheme.ordered:
        parts.append(multi.agreement_totals(counts, weights=context.scheme.quadratic[:-1, :-1]))
    return np.concatenate(parts, 1)


def _totals(context: Context, mask: Mask) -> Totals:
    counts = multi.label_counts(context.ratings.people[:, mask], n_labels=context.scheme.k)
    design = context.design
    paired = counts.sum(1) >= 2
    n_items = int(paired.sum())
    inside = mask.copy()
    inside[mask] = paired
    n_clusters = design.n_clusters(inside)
    if design.exchangeable:
        patterns = multi.collapse(counts)
        return Totals(_parts(patterns.counts, context), patterns.items, n_items, n_clusters)
    labelled = counts.sum(1) > 0
    per = _parts(counts[labelled], context) * design.weights[mask][labelled, None]
    units = unit_sums(design.units[mask][labelled], per)
    return Totals(units, np.ones(len(units)), n_items, n_clusters)


def _estimates(
    context: Context, stratum: str, statistics: list[PeopleStatistic], totals: Totals, mask: Mask
) -> list[tuple[str, Estimate]]:
    if totals.n_items == 0:
        return [(s.name, Estimate(value=None, undefined="no_pairable")) for s in statistics]

    def f(t: Floats) -> Floats:
        return np.stack([s.function(t) for s in statistics], -1)

    values = f((totals.repeats @ totals.units)[None])[0]
    spread, df, method = _spread(context, totals, f, values)
    asked = _on_request(context, stratum, totals, f)
    out = []
    for j, s in enumerate(statistics):
        if np.isnan(values[j]):
            reason = why_none(context, s.name, totals.repeats @ totals.units)
            out.append((s.name, Estimate(value=None, undefined=reason)))
            continue
        value = float(values[j])
        exact = package_alpha(context, s.name, mask)
        if exact is not None:
            value = exact
        center, se = float(spread.estimate[j]), float(spread.se[j])
        if not (np.isfinite(center) and np.isfinite(se)):
            out.append((s.name, Estimate(value=value, method=NO_VARIATION)))
            continue
        link = link_at(center, link=s.link)
        low, high = two_sided(context.options.level, center=center, se=se, df=df, link=link)
        how = f"{method}, {link} scale"
        if asked is not None and np.isfinite(asked[0][j]):
            low, high, how = float(asked[0][j]), float(asked[1][j]), asked[2]
        # pseudo-items pull the interval towards the middle; the raw value stays inside it
        low, high = min(low, value), max(high, value)
        record = normal_record(center=center, se=se, df=df, link=link)
        effect = None if context.design.clustered else 1.0
        out.append((s.name, Estimate(value=value, low=low, high=high, method=how, spread=record, design_effect=effect)))
    return out


def _spread(
    context: Context,
    totals: Totals,
    f: Callable[[Floats], Floats],
    values: Floats,
) -> tuple[Spread, float, str]:
    """Jackknife-t; under 200 exchangeable items, or without any variation, the delta method with pseudo-items."""
    n_units = float(totals.repeats.sum())
    plain = jackknife(totals.units, counts=totals.repeats, f=f)
    still = np.isfinite(values) & ~(plain.se > 1e-9)
    small = context.design.exchangeable and totals.n_items < SMALL
    if not small and not still.any():
        return plain, cluster_df(int(n_units)), f"jackknife-t over {varied(context)}"
    raters = max(2.0, float(np.round(_mean_raters(context))))
    counts, weight = multi.pseudo_items(context.scheme.k, raters)
    units = np.concatenate([totals.units, _parts(counts, context)])
    repeats = np.concatenate([totals.repeats, weight])
    augmented = linear_spread(units, counts=repeats, f=f)
    return augmented, np.inf, "delta method with pseudo-items (1.5 in all)"


def _mean_raters(context: Context) -> float:
    per = (context.ratings.people >= 0).sum(0)
    return float(per[per > 0].mean()) if (per > 0).any() else 2.0


def _on_request(
    context: Context, stratum: str, totals: Totals, f: Callable[[Floats], Floats]
) -> BootstrapLimits | None:
    options = context.options
    if options.interval == "auto":
        return None
    rng = generator(options.seed, "bootstrap", context.question, HUMANS, stratum)
    return bootstrap_limits(totals.units, totals.repeats, f, options, rng=rng, what=varied(context))


def _complete_pair(context: Context, mask: Mask) -> list[tuple[str, Estimate]] | None:
    """Two people without holes are a table of counts, whose posterior is the best-covering interval.

    People without a label here are not counted: a rater who never says anything changes nothing.
    """
    people = context.ratings.people
    people = people[(people[:, mask] >= 0).any(1)]
    seen = (people[:, mask] >= 0).sum(0)
    if (
        people.shape[0] != 2
        or not context.design.exchangeable
        or not np.isin(seen, (0, 2)).all()
        or not (seen == 2).any()
    ):
        return None
    tables = tables_of(context, people[0], people[1], mask)
    wanted = {s.name: s for s in statistics_for(context.scheme, reference=False)}
    names = [s.name for s in _statistics(context) if s.name != RELIABILITY]
    source = ["scott_pi" if name == "fleiss_kappa" else name for name in names]
    # a pair's own kappa-like values are symmetric in the two people
    found = estimate_all(
        tuple(wanted[name] for name in source), tables, context, (context.question, HUMANS, HUMANS, "pair")
    )
    out = []
    for name, estimate in zip(names, found, strict=True):
        exact = package_alpha(context, name, mask)
        if estimate.value is not None:
            value = estimate.value if exact is None else exact
            spread = estimate.spread
            if isinstance(spread, TableSpread):
                names_ = [context.question, HUMANS, HUMANS, "pair"]
                spread = TableSpread(scale=1.0, table=tables.table.tolist(), names=names_)
            estimate = replace(estimate, value=value, spread=spread)
        out.append((name, estimate))
    return out


def _many_values(context: Context, stratum: str, mask: Mask) -> list[Finding]:
    """People on a continuous scale: alpha from moments, ICC from complete items."""
    people = context.ratings.people
    if people.shape[0] < 2:
        e = Estimate(value=None, undefined="too_few_raters")
        return [_finding(context, stratum, name, e, 0, 0) for name in ("krippendorff_alpha", RELIABILITY)]
    x = np.where(people[:, mask] >= 0, context.scheme.numbers[np.maximum(people[:, mask], 0)], np.nan)
    shift = float(np.nanmean(x)) if np.isfinite(x).any() else 0.0
    per = multi.value_totals(x - shift) * context.design.weights[mask][:, None]
    used = per[:, 0] > 0
    inside = mask.copy()
    inside[mask] = used
    per = np.column_stack([per, context.design.weights[mask] * used])
    units = unit_sums(context.design.units[inside], per[used])
    alpha, reliability = alpha_from_moments(context, units)
    rows = [
        ("krippendorff_alpha", alpha),
        (RELIABILITY, reliability),
        *icc_rows(context, mask),
        *cannot_judge(context, mask),
    ]
    rows += [
        (name, Estimate(value=None, undefined="too_many_values"))
        for name in ("percent_agreement", "fleiss_kappa", "gwet_ac1", "brennan_prediger")
    ]
    return [_finding(context, stratum, name, e, int(used.sum()), context.design.n_clusters(inside)) for name, e in rows]
