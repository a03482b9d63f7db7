"""Could the judge replace a person? The alternative annotator test of Calderon, Reichart and Dror (2025)."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from judgeaudit.audit.estimates.estimate import Estimate, clean, finding_of
from judgeaudit.audit.estimates.jackknife import by_jackknife, varied
from judgeaudit.audit.replacement.label_patterns import Company
from judgeaudit.audit.setting.context import Context
from judgeaudit.domain.ratings import Floats, Mask
from judgeaudit.domain.results.audit import Finding
from judgeaudit.domain.results.estimates import BinomialSpread, NamedSpread
from judgeaudit.domain.results.people import LabelAdvantage, PersonTest, Replacement
from judgeaudit.stats.agreement import alternative_annotator as alt
from judgeaudit.stats.agreement.many_raters import label_counts
from judgeaudit.stats.intervals.limits import wilson
from judgeaudit.stats.intervals.resample import jackknife

#: the false discovery rate over persons, the fewest items of a person, the fewest persons
RATE = 0.05
LEAST_ITEMS = 30
LEAST_PEOPLE = 3
WON = "alt_test_winning_rate"
ADVANTAGE = "alt_test_advantage"


@dataclass(frozen=True, kw_only=True)
class Compared:
    """The judge beside one person, row by row (P,), and the sums over units (U, 3): items, judge as near, person minus judge."""

    name: str
    rows: alt.Nearer
    units: Floats
    n_items: int


def replacement(
    context: Context, judge: str, stratum: str, company: Company, near: list[alt.Nearer]
) -> tuple[list[Finding], list[Replacement]]:
    """Winning rate and advantage of one judge in one stratum, and the record of every person that they come from.

    Undefined under three people (`too_few_raters`), where no item has a verdict and two labels (`no_pairable`), and where fewer
    than two people have 30 such items (`too_few_items`).
    """
    names, people = context.ratings.people_names, company.rows.people[:, company.row]
    if int((people >= 0).any(1).sum()) < LEAST_PEOPLE:
        return _undefined(context, judge, stratum, "too_few_raters", 0), []
    beside = [_beside(company, name, one) for name, one in zip(names, near, strict=True)]
    enough = [one for one in beside if one.n_items >= LEAST_ITEMS]
    seen = np.any([one.rows.compared for one in beside], axis=0)
    if len(enough) < 2:
        n = company.n_items(seen)
        return _undefined(context, judge, stratum, "too_few_items" if n else "no_pairable", n), []
    used = np.any([one.rows.compared for one in enough], axis=0)
    tested = _tested(context, company, enough)
    won = sum(person.won for person in tested)
    rate = Estimate(
        value=won / len(tested),
        method=f"one-sided tests against ε = {context.options.alt_test_epsilon:g}, Benjamini-Yekutieli at {RATE:g}",
        k=float(won),
        n=float(len(tested)),
        spread=NamedSpread(kind="tested"),
    )
    advantage = _advantage(context, company, enough, used)
    record = Replacement(
        question=context.question,
        judge=judge,
        stratum=stratum,
        epsilon=context.options.alt_test_epsilon,
        people=tested,
        too_few_items=[one.name for one in beside if 0 < one.n_items < LEAST_ITEMS],
        classes=[] if context.scheme.many else _classes(context, company, enough),
    )
    rows = [(WON, rate), (ADVANTAGE, advantage)]
    return [_finding(context, judge, stratum, name, e, company, used) for name, e in rows], [record]


def nearness(context: Context, people: Any, judge: Any) -> list[alt.Nearer]:
    """Judge and each person against the remaining people in every row: (R, P) and (P,) codes -> R comparisons."""
    scheme = context.scheme
    if not scheme.ordered:
        counts = label_counts(people, n_labels=scheme.k)
        return [alt.nearer_by_label(counts, own, judge) for own in people]
    numbers = np.append(scheme.numbers - scheme.numbers.mean(), [np.nan, np.nan])
    values = numbers[people]
    there = ~np.isnan(values)
    clear = np.where(there, values, 0.0)
    moments = np.stack([there.sum(0), clear.sum(0), (clear**2).sum(0)], 1).astype(float)
    return [alt.nearer_by_number(moments, own, numbers[judge], asked=judge >= 0) for own in values]


def _beside(company: Company, name: str, near: alt.Nearer) -> Compared:
    per = np.stack([near.compared, near.judge, near.person.astype(float) - near.judge], 1).astype(float)
    return Compared(name=name, rows=near, units=company.totals(per), n_items=company.n_items(near.compared))


def _tested(context: Context, company: Company, enough: list[Compared]) -> list[PersonTest]:
    """Of each person the mean of person minus judge, its p-value as it is and adjusted, and the judge's advantage."""
    out = []
    for one in enough:
        used = one.units[:, 0] > 0
        units, repeats = one.units[used], company.repeats[used]
        spread = jackknife(units, counts=repeats, f=lambda t: np.stack([t[..., 2], t[..., 1]], -1) / t[..., :1])
        n = company.n_units(one.rows.compared)
        seen = one.rows.compared[company.row]
        least = float((one.rows.person.astype(float) - one.rows.judge)[company.row][seen].min())
        p = alt.not_inferior_p(
            float(spread.estimate[0]),
            float(spread.se[0]) if n >= 2 else np.nan,
            company.df(n),
            epsilon=context.options.alt_test_epsilon,
            units=n,
            least=min(least, float(spread.estimate[0])),
        )
        out.append(
            PersonTest(
                rater=one.name,
                n_items=one.n_items,
                difference=float(spread.estimate[0]),
                advantage=float(spread.estimate[1]),
                p_value=p,
            )
        )
    adjusted = alt.benjamini_yekutieli(np.array([one.p_value for one in out]))
    return [replace(one, p_adjusted=float(p), won=bool(p <= RATE)) for one, p in zip(out, adjusted, strict=True)]


def _advantage(context: Context, company: Company, enough: list[Compared], used: Mask) -> Estimate:
    """The mean over persons of the share of items on which the judge is at least as near."""
    units = np.concatenate([one.units[:, :2] for one in enough], 1)
    return _share(context, company, units, company.n_units(used))


def _share(context: Context, company: Company, units: Floats, n: int) -> Estimate:
    """Mean of the shares in pairs of columns (U, 2 · M), with a jackknife, or Wilson's interval where nothing varies."""

    def f(t: Floats) -> Floats:
        items = t[..., 0::2]
        there = items > 1e-12
        each = np.where(there, t[..., 1::2] / np.where(there, items, 1.0), 0.0)
        return np.asarray((each.sum(-1) / np.maximum(there.sum(-1), 1))[..., None])

    some = units[:, 0::2].sum(1) > 0
    spread = jackknife(units[some], counts=company.repeats[some], f=f)
    value, se = float(np.clip(spread.estimate[0], 0.0, 1.0)), float(spread.se[0])
    if n < 2:
        return Estimate(value=value, method="none: a single cluster")
    if not se > 1e-12:
        low, high = wilson(value * n, float(n), level=context.options.level)
        kept = BinomialSpread(k=value * n, n=float(n))
        method = f"wilson, no variation between {varied(context)}"
        return Estimate(value=value, low=min(low, value), high=max(high, value), method=method, spread=kept)
    return by_jackknife(context, center=value, se=se, g=n, link="logit")


def _classes(context: Context, company: Company, enough: list[Compared]) -> list[LabelAdvantage]:
    """The advantage where most of the remaining people gave one label: pooled over persons, items with ties left out."""
    people, k = company.rows.people, context.scheme.k
    names = list(context.ratings.people_names)
    counts = label_counts(people, n_labels=k)
    sums = np.zeros((k, counts.shape[0], 2))
    for one in enough:
        row = np.flatnonzero(one.rows.compared)
        others = counts[row]
        others[np.arange(row.size), people[names.index(one.name), row]] -= 1
        top = others.max(1, initial=0)
        alone = (others == top[:, None]).sum(1) == 1
        which = others.argmax(1)[alone]
        # a person's rows are distinct, so that nothing is added twice to one place
        sums[which, row[alone]] += np.stack([np.ones(which.size), one.rows.judge[row[alone]]], 1)
    out = []
    for code in range(k):
        seen = sums[code, :, 0] > 0
        n = company.n_items(seen)
        if not n:
            continue
        e = _share(context, company, company.totals(sums[code]), company.n_units(seen))
        label = context.ratings.question.labels[code]
        out.append(LabelAdvantage(label=label, n_items=n, advantage=e.value, low=clean(e.low), high=clean(e.high)))
    return out


def _undefined(context: Context, judge: str, stratum: str, reason: str, n: int) -> list[Finding]:
    e = Estimate(value=None, undefined=reason)
    return [_row(context, judge, stratum, name, e, n, 0) for name in (WON, ADVANTAGE)]


def _finding(
    context: Context, judge: str, stratum: str, name: str, e: Estimate, company: Company, used: Mask
) -> Finding:
    return _row(context, judge, stratum, name, e, company.n_items(used), company.n_units(used))


def _row(context: Context, judge: str, stratum: str, name: str, e: Estimate, n_items: int, n_clusters: int) -> Finding:
    return finding_of(
        e,
        question=context.question,
        stratum=stratum,
        subject=judge,
        versus="humans",
        statistic=name,
        n_items=n_items,
        n_clusters=n_clusters,
    )
