"""A judge's distribution over the labels against that of the people, item by item."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import NamedTuple

import numpy as np

from judgeaudit.audit.estimates.estimate import Estimate, finding_of
from judgeaudit.audit.estimates.jackknife import by_jackknife
from judgeaudit.audit.replacement.label_patterns import (
    Company,
    Numbers,
    Rows,
    company_in,
    distinct_rows,
    item_rows,
)
from judgeaudit.audit.setting.context import Context, treated
from judgeaudit.audit.setting.design import generator
from judgeaudit.domain.ratings import MISSING, Floats, Mask
from judgeaudit.domain.results.audit import Finding
from judgeaudit.domain.verdict_log import VerdictLog
from judgeaudit.stats.agreement import many_raters as multi
from judgeaudit.stats.agreement import soft_labels as soft
from judgeaudit.stats.agreement.patterns import distinct_columns
from judgeaudit.stats.intervals.resample import jackknife

#: how much of a label's certainty is spread over all labels before a logarithm is taken
SMOOTHING = 0.05
DRAWS = 2000
NAMES = ("cross_entropy", "cross_entropy_delta", "soft_brier_score", "jensen_shannon", "total_variation")


@dataclass(frozen=True, kw_only=True)
class Told:
    """Rows of labels with the judge's distribution (P, K), nan where it gave none; `certain` where it is a label or votes."""

    rows: Rows
    p: Floats
    certain: bool


def soft_findings(context: Context, log: VerdictLog | None = None) -> list[Finding]:
    """The statistics of `NAMES` of every judge in every stratum, over answered items that two people or more labelled.

    The judge's distribution is its probability where it gives one, else the shares of its runs, else its label. Nothing on interval
    scales, where nobody had a second label, or without judges.
    """
    ratings = context.ratings
    if ratings.question.scale == "interval" or not ((ratings.people >= 0).sum(0) >= 2).any():
        return []
    floors: dict[str, tuple[Floats, Floats]] = {}
    counted = _counted(context)
    out = []
    for name in ratings.judge_names:
        told = _told(context, name, log)
        terms = _per_row(told)
        for stratum, mask in ratings.strata.items():
            if stratum not in floors:
                floors[stratum] = _floors(context, counted, stratum, mask)
            company = company_in(context, told.rows, mask)
            out += _rows(context, name, stratum, company, terms, floors[stratum])
    return out


def _told(context: Context, judge: str, log: VerdictLog | None) -> Told:
    ratings, k = context.ratings, context.scheme.k
    codes = treated(np.asarray(ratings.judges[ratings.judge_names.index(judge)]), context)
    codes = np.where(codes < k, codes, MISSING).astype(np.int32)
    probability = ratings.probability.get(judge)
    if probability is not None and k == 2 and int(context.scheme.positive.sum()) == 1:
        p = np.where(context.scheme.positive, probability[:, None], 1.0 - probability[:, None])
        return Told(rows=item_rows(ratings.people, codes), p=p, certain=False)
    votes = None if log is None or judge not in log.judges else _votes(log, judge, ratings.n_items)
    if votes is not None:
        return Told(rows=item_rows(ratings.people, codes), p=soft.shares(votes), certain=True)
    rows = distinct_rows(ratings.people, codes, n_labels=k)
    p = np.where(rows.judge[:, None] >= 0, np.eye(k)[np.maximum(rows.judge, 0)], np.nan)
    return Told(rows=rows, p=p, certain=True)


def _votes(log: VerdictLog, judge: str, n_items: int) -> Floats | None:
    """How often the judge gave each label to each item over its runs in order ab; None where no item has two labels."""
    k = log.no_answer
    rows = log.of(log.judges.index(judge), turned=False)
    rows = rows[(log.label[rows] >= 0) & (log.label[rows] < k)]
    votes = np.bincount(log.item[rows] * k + log.label[rows], minlength=n_items * k).reshape(n_items, k)
    return votes.astype(float) if (votes.sum(1) >= 2).any() else None


class Terms(NamedTuple):
    """Of each row: [used, cross-entropy, Brier, Jensen–Shannon, total variation | per person compared, judge's cross-entropy minus
    the person's] (P, 5 + 2 R); the number of its labels (P,); whether a probability of 0 met a label (P,)."""

    sums: Floats
    raters: Numbers
    infinite: Mask


def _per_row(told: Told) -> Terms:
    people, k = told.rows.people, told.p.shape[1]
    counts = multi.label_counts(people, n_labels=k)
    used = (counts.sum(1) >= 2) & ~np.isnan(told.p).any(1)
    counts, p = counts[used], told.p[used]
    m, q = counts.sum(1), soft.shares(counts)
    wide = soft.smoothed(p, mass=SMOOTHING) if told.certain else p
    entropy = soft.cross_entropy_terms(q, wide)
    infinite = np.isinf(entropy)
    columns = [
        np.ones(len(p)),
        np.where(infinite, 0.0, entropy),
        soft.brier_terms(counts, p),
        soft.jensen_shannon_terms(q, p),
        soft.total_variation_terms(q, p),
    ]
    surprise = -np.log(np.maximum(wide, 1e-300))
    hit, miss = (float(v) for v in -np.log(soft.smoothed(np.eye(k), mass=SMOOTHING)[0, :2]))
    row = np.arange(len(p))
    for own in people[:, used]:
        there = (own >= 0) & ~infinite
        mine = np.where(there, own, 0)
        alike = (counts[row, mine] - 1.0) / (m - 1.0)
        judge = (m * columns[1] - surprise[row, mine]) / (m - 1.0)
        columns += [there, np.where(there, judge - miss - (hit - miss) * alike, 0.0)]
    out = np.zeros((used.size, len(columns)))
    out[used] = np.stack(columns, 1)
    raters, certain = np.zeros(used.size, np.int64), np.zeros(used.size, bool)
    raters[used], certain[used] = m, infinite
    return Terms(out, raters, certain)


def _rows(
    context: Context, judge: str, stratum: str, company: Company, terms: Terms, floors: tuple[Floats, Floats]
) -> list[Finding]:
    used = terms.raters > 0
    n_items, n_units = company.n_items(used), company.n_units(used)
    if not n_items:
        found = [Estimate(value=None, undefined="no_pairable")] * len(NAMES)
    else:
        found = _estimates(context, company, terms, floors, n_units)
    return [
        finding_of(
            e,
            question=context.question,
            stratum=stratum,
            subject=judge,
            versus="humans",
            statistic=name,
            n_items=n_items,
            n_clusters=n_units,
        )
        for name, e in zip(NAMES, found, strict=True)
    ]


def _estimates(
    context: Context, company: Company, terms: Terms, floors: tuple[Floats, Floats], n_units: int
) -> list[Estimate]:
    certain_and_wrong = company.n_items(terms.infinite)
    less = np.stack([floor[terms.raters] for floor in floors], 1)
    units = np.concatenate([company.totals(terms.sums), company.totals(less)], 1)

    def f(t: Floats) -> Floats:
        n = np.maximum(t[..., :1], 1e-300)
        there = t[..., 5:-2:2] > 1e-12
        each = np.where(there, t[..., 6:-2:2] / np.where(there, t[..., 5:-2:2], 1.0), 0.0)
        delta = each.sum(-1) / np.maximum(there.sum(-1), 1)
        plain, corrected = t[..., 1:3] / n, (t[..., 3:5] - t[..., -2:]) / n
        return np.stack([plain[..., 0], delta, plain[..., 1], corrected[..., 0], corrected[..., 1]], -1)

    some = units[:, 0] > 0
    spread = jackknife(units[some], counts=company.repeats[some], f=f)
    found = [
        by_jackknife(context, center=float(c), se=float(se), g=n_units, link="identity")
        for c, se in zip(spread.estimate, spread.se, strict=True)
    ]
    if certain_and_wrong:
        gone = Estimate(value=None, undefined="infinite", k=float(certain_and_wrong), n=float(company.items.sum()))
        found[:2] = [gone, gone]
    total = company.repeats @ units
    for place, floor in ((3, total[-2] / total[0]), (4, total[-1] / total[0])):
        found[place] = replace(found[place], method=f"{found[place].method}, less {floor:.3g} for few raters")
    return found


class Counted(NamedTuple):
    """Distinct rows of label counts (P, K), and which one each item has (N,)."""

    counts: Floats
    of_item: Numbers


def _counted(context: Context) -> Counted:
    counts = multi.label_counts(context.ratings.people, n_labels=context.scheme.k)
    first, of_item = distinct_columns(counts.T.astype(np.int32), base=len(context.ratings.people) + 2)
    return Counted(counts[first], of_item)


def _floors(context: Context, counted: Counted, stratum: str, mask: Mask) -> tuple[Floats, Floats]:
    """By number of raters (M + 1,) what a judge that knows every item's distribution would get in this stratum."""
    k, m = context.scheme.k, counted.counts.sum(1)
    w = np.bincount(counted.of_item[mask], context.design.weights[mask], minlength=m.size)
    out = np.zeros((2, len(context.ratings.people) + 1))
    several = (m >= 2) & (w > 0)
    if not several.any():
        return out[0], out[1]
    flat = np.einsum("p,pab->ab", w[several], multi.coincidences(counted.counts[several]))
    alpha = float(multi.krippendorff_alpha(flat.reshape(-1), n_labels=k, delta=1.0 - np.eye(k)))
    base = flat.sum(1) / max(float(flat.sum()), 1e-300)
    raters = np.unique(m[several]).astype(int)
    rng = generator(context.options.seed, "soft labels", context.question, stratum)
    alpha = 1.0 if np.isnan(alpha) else alpha
    out[:, raters] = soft.floors(raters.astype(float), base=base, alpha=alpha, draws=DRAWS, rng=rng)
    return out[0], out[1]
