"""Findings about one rater against another: judges against the reference and against each person, persons likewise."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from judgeaudit.audit.agreement.alpha_package import alpha_of_table
from judgeaudit.audit.agreement.pairs_continuous import value_estimates
from judgeaudit.audit.estimates.estimate import Estimate, finding_of
from judgeaudit.audit.estimates.table_estimates import estimate_all
from judgeaudit.audit.setting.context import Context, Tables, left_out, tables_of, treated
from judgeaudit.audit.setting.pair_statistics import PairStatistic, statistics_for
from judgeaudit.domain.ratings import Codes, Mask
from judgeaudit.domain.results.audit import Confusion, Finding
from judgeaudit.domain.results.estimates import Limits
from judgeaudit.domain.results.questions import Treatment

MANY_PEOPLE = 12
EXAMPLES = 5
NOT_FOR_KAPPA = "one_class_human"


def reference_rows(context: Context) -> Codes:
    """The codes that raters are held against: one row, or every person's row when the rule is `each`."""
    return context.ratings.people if context.reference.rule == "each" else context.reference.codes[None, :]


def judge_codes(context: Context, judge: str) -> Codes:
    return np.asarray(context.ratings.judges[context.ratings.judge_names.index(judge)])


def against_reference(
    context: Context, subject: str, codes: Codes, stratum: str, *, seed_name: str | None = None
) -> list[Finding]:
    """Every statistic of one rater against the reference in one stratum; no answer is treated as the options say.

    `seed_name` stands for the subject where random numbers are drawn, so that equal raters get equal intervals.
    """
    rows, mask = reference_rows(context), context.ratings.strata[stratum]
    counted = tables_of(context, rows, np.broadcast_to(codes, rows.shape), mask)
    used = treated(codes, context)
    tables = counted if used is codes else tables_of(context, rows, np.broadcast_to(used, rows.shape), mask)
    if context.scheme.many:
        return _value_findings(context, subject, "reference", stratum, rows, used, tables)
    statistics = statistics_for(context.scheme, reference=True)
    names = (context.question, seed_name or subject, "reference", stratum)
    found = estimate_all(statistics, tables, context, names)
    rest = [(s.name, e) for s, e in zip(statistics, found, strict=True) if s.name != "coverage"]
    shares = tuple(s for s in statistics if s.name in ("coverage", "accuracy"))
    raw = dict(zip((s.name for s in shares), estimate_all(shares, counted, context, names), strict=True))
    rest.append(("coverage", raw["coverage"]))
    if (raw["coverage"].value or 1.0) < 1.0:
        rest.append(("accuracy_worst_case", raw["accuracy"]))
    rest = _package_values(context, tables, rest)
    return [_finding(context, subject, "reference", stratum, name, e, tables) for name, e in rest]


def between_raters(context: Context, subject: str, a: Codes, versus: str, b: Codes, stratum: str) -> list[Finding]:
    """Agreement of two raters: `a` is a judge or person, `b` the person it is held against."""
    tables = tables_of(context, b, treated(a, context), context.ratings.strata[stratum])
    if context.scheme.many:
        return _value_findings(context, subject, versus, stratum, b[None, :], a, tables)
    statistics = statistics_for(context.scheme, reference=False)
    found = estimate_all(statistics, tables, context, (context.question, subject, versus, stratum))
    both_people = subject in context.ratings.people_names
    rows = _package_values(context, tables, [(s.name, e) for s, e in zip(statistics, found, strict=True)])
    found = [e for _, e in rows]
    constant = both_people and np.count_nonzero(tables.table.sum(0)) == 1
    return [
        _finding(context, subject, versus, stratum, s.name, _quiet(s, e) if constant else e, tables)
        for s, e in zip(statistics, found, strict=True)
    ]


def _package_values(context: Context, tables: Tables, rows: list[tuple[str, Estimate]]) -> list[tuple[str, Estimate]]:
    """Alpha's point value by the `krippendorff` package, where it can compute it: every item counts once and is answered."""
    if not tables.exchangeable or tables.table[:, -1].any():
        return rows
    out = []
    for name, e in rows:
        value = alpha_of_table(context, name, tables.table[:-1, :-1]) if e.value is not None else None
        out.append((name, e if value is None else replace(e, value=value)))
    return out


def _quiet(statistic: PairStatistic, estimate: Estimate) -> Estimate:
    return Estimate(value=None, undefined=NOT_FOR_KAPPA) if statistic.one_class else estimate


def _value_findings(
    context: Context, subject: str, versus: str, stratum: str, rows: Codes, codes: Codes, tables: Tables
) -> list[Finding]:
    mask = context.ratings.strata[stratum]
    found = value_estimates(context, rows, codes, mask, with_coverage=versus == "reference")
    return [_finding(context, subject, versus, stratum, name, e, tables) for name, e in found]


def _finding(
    context: Context, subject: str, versus: str, stratum: str, statistic: str, e: Estimate, tables: Tables
) -> Finding:
    return finding_of(
        e,
        question=context.question,
        stratum=stratum,
        subject=subject,
        versus=versus,
        statistic=statistic,
        n_items=tables.n_items,
        n_clusters=tables.n_clusters,
    )


def confusion(context: Context, judge: str, stratum: str) -> Confusion:
    """Counts of reference by verdict, no answer in the last column; empty on a continuous scale."""
    rows, mask = reference_rows(context), context.ratings.strata[stratum]
    codes = judge_codes(context, judge)
    tables = tables_of(context, rows, np.broadcast_to(codes, rows.shape), mask)
    counts = [] if context.scheme.many else tables.table[:-1].tolist()
    return Confusion(
        question=context.question,
        stratum=stratum,
        judge=judge,
        labels=[] if context.scheme.many else list(context.ratings.question.labels),
        counts=counts,
        n_items=tables.n_items,
        exchangeable=tables.exchangeable,
        cells={} if context.scheme.many else _examples(context, codes, mask),
    )


def _examples(context: Context, codes: Codes, mask: Mask) -> dict[str, list[str]]:
    """A few items of every cell of the confusion table, those that the people disagree on first."""
    reference, people = context.reference.codes, context.ratings.people
    used = np.flatnonzero(mask & (reference >= 0) & (codes >= 0))
    apart = ((people >= 0) & (people != reference[None, :])).sum(0) if len(people) else np.zeros(len(codes), int)
    order = used[np.lexsort((used, -apart[used]))]
    out: dict[str, list[str]] = {}
    for r in np.unique(reference[used]):
        for c in np.unique(codes[used]):
            here = order[(reference[order] == r) & (codes[order] == c)][:EXAMPLES]
            if here.size:
                out[f"{r},{c}"] = [context.ratings.items[int(i)] for i in here]
    return out


def both_treatments(context: Context, judge: str, stratum: str, statistic: str) -> Treatment | None:
    """The head number counted and left out, where a judge did not answer everything."""
    rows, mask = reference_rows(context), context.ratings.strata[stratum]
    codes = judge_codes(context, judge)
    tables = tables_of(context, rows, np.broadcast_to(codes, rows.shape), mask)
    if context.scheme.many:
        return None
    missing = float(tables.table[:, -1].sum())
    chosen = tuple(s for s in statistics_for(context.scheme, reference=True) if s.name == statistic)
    if not missing or not chosen:
        return None
    names = (context.question, judge, "reference", stratum)
    counted = estimate_all(chosen, tables, context, names)[0]
    without = estimate_all(chosen, _drop(tables), context, names)[0]
    return Treatment(
        question=context.question,
        judge=judge,
        stratum=stratum,
        statistic=statistic,
        counted=Limits(value=counted.value, low=counted.low, high=counted.high),
        left_out=Limits(value=without.value, low=without.low, high=without.high),
        coverage=1.0 - missing / float(tables.table.sum()),
        unanswered=missing,
    )


def _drop(tables: Tables) -> Tables:
    cut = left_out(tables)
    keep = cut.repeats if not cut.exchangeable else cut.repeats[cut.units.sum(1) > 0]
    units = cut.units if not cut.exchangeable else cut.units[cut.units.sum(1) > 0]
    return Tables(
        table=cut.table,
        squares=cut.squares,
        units=units,
        repeats=keep,
        n_items=int(cut.table.sum()) if cut.exchangeable else cut.n_items,
        n_clusters=cut.n_clusters,
        exchangeable=cut.exchangeable,
    )


def ties_of_two(context: Context, subject: str, codes: Codes, mask: Mask, stratum: str) -> list[Finding]:
    """With two people a disagreement is no reference: the judge's accuracy if it is wrong on all of those, or right where it can be."""
    ratings = context.ratings
    if ratings.people.shape[0] != 2 or ratings.reference is not None or context.reference.rule != "majority":
        return []
    asked = mask & (codes >= 0) & (ratings.people >= 0).any(0)
    tied = asked & (context.reference.codes < 0)
    if not tied.any():
        return []
    n = float(context.design.weights[asked].sum())
    hit = asked & ~tied & (codes == context.reference.codes)
    could = tied & (codes == ratings.people).any(0)
    return [
        finding_of(
            Estimate(value=k / n, method="bound", k=k, n=n),
            question=context.question,
            stratum=stratum,
            subject=subject,
            versus="reference",
            statistic=name,
            n_items=int(asked.sum()),
            n_clusters=context.design.n_clusters(asked),
        )
        for name, which in (("accuracy_ties_wrong", hit), ("accuracy_ties_right", hit | could))
        for k in [float(context.design.weights[which].sum())]
    ]
