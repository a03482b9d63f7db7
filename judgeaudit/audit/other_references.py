"""What judges would be held against if the reference were made by another rule: their tables and the numbers a gate reads."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace

import numpy as np

from judgeaudit.audit.agreement.pairs import confusion, judge_codes, reference_rows
from judgeaudit.audit.agreement.pairs_continuous import value_estimates
from judgeaudit.audit.estimates.estimate import Estimate, finding_of
from judgeaudit.audit.estimates.table_estimates import estimate_all
from judgeaudit.audit.replacement.label_patterns import Company, Rows, company_in
from judgeaudit.audit.setting.context import Context, Tables, treated
from judgeaudit.audit.setting.dawid_skene import dawid_skene_labels, identifiable
from judgeaudit.audit.setting.pair_statistics import statistics_for
from judgeaudit.audit.setting.reference import Reference, plurality
from judgeaudit.audit.strata_contrasts.differences import strata_contrasts
from judgeaudit.domain.ratings import Codes
from judgeaudit.domain.results.audit import Confusion, Contrast, Finding
from judgeaudit.stats.agreement.patterns import distinct_columns

ADJUDICATED = "adjudicated"


@dataclass(frozen=True, kw_only=True)
class UnderRule:
    """What one rule makes of all judges of a question. `agreement` is the share of items, of those that both rules give a label,
    with the same one; None for `each`, which gives items several."""

    reference: Reference
    agreement: float | None
    findings: list[Finding]
    confusions: list[Confusion]
    contrasts: list[Contrast]


def other_references(context: Context) -> Iterator[Reference]:
    """The references by every other rule that these people allow: nothing where it would be the same, or where one person labelled.

    `dawid-skene` needs three people and labels; on interval scales only `each` stands beside the median.
    """
    ratings, used = context.ratings, context.reference
    n_people = int((ratings.people >= 0).any(1).sum())
    if n_people == 0 or (n_people == 1 and ratings.reference is None):
        return
    if ratings.question.scale != "interval":
        k = len(ratings.question.labels)
        if used.rule != "majority":
            codes, ties = plurality(ratings.people, n_labels=k)
            yield Reference(codes=codes, ties=ties, rule="majority")
        if used.rule != "dawid-skene" and identifiable(ratings.people):
            codes, ties = dawid_skene_labels(ratings.people, n_labels=k)
            yield Reference(codes=codes, ties=ties, rule="dawid-skene")
    if used.rule != "each":
        yield Reference(codes=used.codes, ties=0, rule="each")
    if ratings.adjudicated is not None and used.rule != ADJUDICATED:
        yield Reference(codes=ratings.adjudicated, ties=0, rule=ADJUDICATED)


def same_labels(context: Context, other: Reference) -> bool:
    """Whether a reference gives every item the label that the used one gives."""
    rules = (context.reference.rule, other.rule)
    return "each" not in rules and bool(np.array_equal(context.reference.codes, other.codes))


def under_rule(context: Context, reference: Reference, *, names: frozenset[str], contrasts: bool) -> UnderRule:
    """Statistics in `names` of every judge in every stratum against another reference; differences of strata where asked for."""
    other = replace(context, reference=reference)
    findings: list[Finding] = []
    confusions: list[Confusion] = []
    for judge in context.ratings.judge_names:
        for found, table in _one_judge(other, judge, names):
            findings += found
            confusions.append(table)
    differences = (
        [c for judge in context.ratings.judge_names for c in strata_contrasts(other, judge)] if contrasts else []
    )
    return UnderRule(
        reference=reference,
        agreement=_agreement(context, reference),
        findings=findings,
        confusions=confusions,
        contrasts=differences,
    )


def _agreement(context: Context, other: Reference) -> float | None:
    a, b = context.reference.codes, other.codes
    both = (a >= 0) & (b >= 0)
    if "each" in (context.reference.rule, other.rule) or not both.any():
        return None
    return float((a[both] == b[both]).mean())


def _one_judge(context: Context, judge: str, names: frozenset[str]) -> Iterator[tuple[list[Finding], Confusion]]:
    """Findings and counts of a judge, stratum by stratum; items with equal labels are taken together."""
    codes = judge_codes(context, judge)
    people = reference_rows(context)
    if context.scheme.many:
        ranked = bool(names & {"spearman_rho", "kendall_tau_b"})
        for stratum, mask in context.ratings.strata.items():
            used = treated(codes, context)
            found = value_estimates(context, people, used, mask, with_coverage=True, with_ranks=ranked)
            table = confusion(context, judge, stratum)
            sizes = table.n_items, context.design.n_clusters(mask & (people >= 0).any(0) & (used >= 0))
            yield [_finding(context, judge, stratum, name, e, *sizes) for name, e in found if name in names], table
        return
    first, of_item = distinct_columns(np.concatenate([people, codes[None]]), base=context.scheme.k + 2)
    rows = Rows(people[:, first], codes[first], of_item)
    for stratum, mask in context.ratings.strata.items():
        company = company_in(context, rows, mask)
        counted = _tables(context, company, rows.judge)
        used = treated(rows.judge, context)
        held = counted if used is rows.judge else _tables(context, company, used)
        yield _found(context, judge, stratum, held, names), _counts(context, judge, stratum, counted)


def _tables(context: Context, company: Company, judge: Codes) -> Tables:
    """The tables of references by verdicts (several people's are added), as `context.tables_of` makes them of items."""
    v, u = context.scheme.k + 1, company.repeats.size
    reference = company.rows.people[:, company.row]
    verdict = judge[company.row]
    pair, cell = np.nonzero((reference >= 0) & (verdict >= 0))
    where = reference[pair, cell] * v + verdict[cell]
    times = np.bincount(cell, minlength=company.row.size)[cell]
    how_often = company.repeats[company.unit[cell]]
    units = np.bincount(company.unit[cell] * v * v + where, company.weight[cell], minlength=u * v * v)
    flat = units.reshape(u, v * v).astype(float)
    squares = np.bincount(where, times * company.squares[cell] * how_often, minlength=v * v).astype(float)
    seen = np.zeros(company.rows.judge.size, bool)
    seen[company.row[cell]] = True
    some = flat.any(1)
    n_units = company.n_units(seen)
    return Tables(
        table=(company.repeats @ flat).reshape(v, v),
        squares=squares.reshape(v, v),
        units=flat[some],
        repeats=company.repeats[some],
        n_items=company.n_items(seen),
        n_clusters=n_units,
        exchangeable=company.exchangeable and len(company.rows.people) == 1,
    )


def _found(context: Context, judge: str, stratum: str, tables: Tables, names: frozenset[str]) -> list[Finding]:
    wanted = tuple(s for s in statistics_for(context.scheme, reference=True) if s.name in names)
    estimates = estimate_all(wanted, tables, context, (context.question, judge, "reference", stratum))
    sizes = tables.n_items, tables.n_clusters
    return [_finding(context, judge, stratum, s.name, e, *sizes) for s, e in zip(wanted, estimates, strict=True)]


def _finding(
    context: Context, judge: str, stratum: str, name: str, e: Estimate, n_items: int, n_clusters: int
) -> Finding:
    return finding_of(
        e,
        question=context.question,
        stratum=stratum,
        subject=judge,
        versus="reference",
        statistic=name,
        n_items=n_items,
        n_clusters=n_clusters,
    )


def _counts(context: Context, judge: str, stratum: str, tables: Tables) -> Confusion:
    return Confusion(
        question=context.question,
        stratum=stratum,
        judge=judge,
        labels=list(context.ratings.question.labels),
        counts=tables.table[:-1].tolist(),
        n_items=tables.n_items,
        exchangeable=tables.exchangeable,
    )
