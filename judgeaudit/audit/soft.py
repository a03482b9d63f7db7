"""A judge's distribution over the labels against that of the people, item by item."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from judgeaudit.audit.company import Company, Rows, company_in, distinct_rows, item_rows
from judgeaudit.audit.context import Context, treated
from judgeaudit.audit.design import generator
from judgeaudit.audit.findings import Estimate, finding_of
from judgeaudit.audit.jackknifed import by_jackknife
from judgeaudit.domain.ratings import MISSING, Floats, Mask
from judgeaudit.domain.results import Finding
from judgeaudit.domain.verdict_log import VerdictLog
from judgeaudit.stats import multirater as multi
from judgeaudit.stats import soft_labels as soft
from judgeaudit.stats.resample import jackknife

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
    out = []
    for name in ratings.judge_names:
        told = _told(context, name, log)
        per = _per_row(told)
        for stratum, mask in ratings.strata.items():
            if stratum not in floors:
                floors[stratum] = _floors(context, stratum, mask)
            company = company_in(context, told.rows, mask)
            out += _rows(context, name, stratum, company, per, floors[stratum])
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


def _per_row(told: Told) -> Floats:
    """(P, 6 + 2 R): used, raters, the four terms; and per person compared, judge's cross-entropy minus the person's."""
    people, k = told.rows.people, told.p.shape[1]
    counts = multi.label_counts(people, n_labels=k)
    m = counts.sum(1)
    used = (m >= 2) & ~np.isnan(told.p).any(1)
    counts, p, m = counts[used], told.p[used], m[used]
    q = soft.shares(counts)
    wide = soft.smoothed(p, mass=SMOOTHING) if told.certain else p
    terms = [
        np.ones(len(p)),
        m,
        soft.cross_entropy_terms(q, wide),
        soft.brier_terms(counts, p),
        soft.jensen_shannon_terms(q, p),
        soft.total_variation_terms(q, p),
    ]
    of_person = soft.smoothed(np.eye(k), mass=SMOOTHING)
    for own in people[:, used]:
        there = own >= 0
        mine = np.maximum(own, 0)
        others = (counts - np.eye(k)[mine] * there[:, None]) / np.where(there, np.maximum(m - 1, 1), m)[:, None]
        gap = soft.cross_entropy_terms(others, wide) - soft.cross_entropy_terms(others, of_person[mine])
        terms += [there, np.where(there, gap, 0.0)]
    out = np.zeros((len(used), len(terms)))
    out[used] = np.stack(terms, 1)
    return out


def _rows(
    context: Context, judge: str, stratum: str, company: Company, per: Floats, floors: tuple[Floats, Floats]
) -> list[Finding]:
    used = per[:, 0] > 0
    n_items, n_units = company.n_items(used), company.n_units(used)
    if not n_items:
        found = [Estimate(value=None, undefined="no_pairable")] * len(NAMES)
    else:
        found = _estimates(context, company, per, floors, n_units)
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
    context: Context, company: Company, per: Floats, floors: tuple[Floats, Floats], n_units: int
) -> list[Estimate]:
    infinite = np.isinf(per[:, 2])
    certain_and_wrong = company.n_items(infinite)
    per = np.where(np.isfinite(per), per, 0.0)
    raters = per[:, 1].astype(int)
    less = [(per[:, 0] * floor[raters])[:, None] for floor in floors]
    units = company.totals(np.concatenate([per, *less], 1))

    def f(t: Floats) -> Floats:
        n = np.maximum(t[..., :1], 1e-300)
        there = t[..., 6:-2:2] > 1e-12
        each = np.where(there, t[..., 7:-2:2] / np.where(there, t[..., 6:-2:2], 1.0), 0.0)
        delta = each.sum(-1) / np.maximum(there.sum(-1), 1)
        plain, corrected = t[..., 2:4] / n, (t[..., 4:6] - t[..., -2:]) / n
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


def _floors(context: Context, stratum: str, mask: Mask) -> tuple[Floats, Floats]:
    """By number of raters (M + 1,) what a judge that knows every item's distribution would get in this stratum."""
    k = context.scheme.k
    counts = multi.label_counts(context.ratings.people[:, mask], n_labels=k)
    m, w = counts.sum(1), context.design.weights[mask]
    out = np.zeros((2, len(context.ratings.people) + 1))
    several = m >= 2
    if not several.any():
        return out[0], out[1]
    flat = (multi.coincidences(counts[several]) * w[several, None, None]).sum(0)
    alpha = float(multi.krippendorff_alpha(flat.reshape(-1), n_labels=k, delta=1.0 - np.eye(k)))
    base = flat.sum(1) / max(float(flat.sum()), 1e-300)
    raters = np.unique(m[several]).astype(int)
    rng = generator(context.options.seed, "soft labels", context.question, stratum)
    alpha = 1.0 if np.isnan(alpha) else alpha
    out[:, raters] = soft.floors(raters.astype(float), base=base, alpha=alpha, draws=DRAWS, rng=rng)
    return out[0], out[1]
