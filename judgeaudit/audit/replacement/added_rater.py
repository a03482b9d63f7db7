"""The judge as one more rater: what becomes of the people's agreement with it among them."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from itertools import combinations
from typing import NamedTuple

import numpy as np

from judgeaudit.audit.agreement.pairs import MANY_PEOPLE
from judgeaudit.audit.estimates.estimate import Estimate, finding_of
from judgeaudit.audit.estimates.jackknife import by_jackknife
from judgeaudit.audit.replacement.label_patterns import Company
from judgeaudit.audit.setting.context import Context
from judgeaudit.domain.ratings import Codes, Floats
from judgeaudit.domain.results.audit import Finding
from judgeaudit.stats.agreement import correlation as ranks
from judgeaudit.stats.agreement import many_raters as multi
from judgeaudit.stats.agreement import two_raters as agreement
from judgeaudit.stats.intervals.resample import jackknife, jackknife_of

ALPHA = "alpha_with_judge_delta"
KAPPA = "pairwise_kappa_delta"


class AlphaParts(NamedTuple):
    """(P, 2 D) what alpha is made from in each row, of the people and of people and judge; and how it is made of sums of one half."""

    per_row: Floats
    alpha: Callable[[Floats], Floats]


def added_rater(context: Context, judge: str, stratum: str, company: Company, parts: AlphaParts) -> list[Finding]:
    """Alpha of people and judge minus alpha of the people; mean kappa of judge and person minus that of two people.

    Below 0 the judge fits the people less well than they fit each other. Alpha is taken on items with one and the same number of
    labels by people (the most frequent one), since items with many labels weigh less once a judge is added to all. No answer agrees
    with nobody; on continuous scales it is left out.
    """
    people = company.rows.people[:, company.row]
    if int((people >= 0).any(1).sum()) < 2:
        rows = [(name, Estimate(value=None, undefined="too_few_raters"), 0, 0) for name in (ALPHA, KAPPA)]
    else:
        rows = [_alpha(context, company, parts), _kappa(context, company)]
    return [
        finding_of(
            e,
            question=context.question,
            stratum=stratum,
            subject=judge,
            versus="humans",
            statistic=name,
            n_items=n_items,
            n_clusters=n_clusters,
        )
        for name, e, n_items, n_clusters in rows
    ]


def _alpha(context: Context, company: Company, parts: AlphaParts) -> tuple[str, Estimate, int, int]:
    rows, scheme = company.rows, context.scheme
    labels = (rows.people >= 0).sum(0)
    fit = (labels >= 2) & (rows.judge >= 0)
    if scheme.many:
        fit &= rows.judge < scheme.k
    here = fit[company.row]
    if not here.any():
        return ALPHA, Estimate(value=None, undefined="no_pairable"), 0, 0
    often = int(np.argmax(np.bincount(labels[company.row][here], company.items[here])))
    fit &= labels == often
    alpha = parts.alpha
    units = company.totals(parts.per_row * fit[:, None])
    half = units.shape[1] // 2

    def f(t: Floats) -> Floats:
        return np.asarray((alpha(t[..., half:]) - alpha(t[..., :half]))[..., None])

    n_items, n_units = company.n_items(fit), company.n_units(fit)
    some = units.any(1)
    spread = jackknife(units[some], counts=company.repeats[some], f=f)
    e = _told(context, float(spread.estimate[0]), float(spread.se[0]), n_units)
    return ALPHA, e, n_items, n_units


def alpha_parts(context: Context, people: Codes, judge: Codes) -> AlphaParts:
    """The parts for all rows; a stratum is a sum over some of them."""
    scheme = context.scheme
    both = np.concatenate([people, judge[None]])
    if scheme.many:
        numbers = np.append(scheme.numbers - scheme.numbers.mean(), [np.nan, np.nan])
        per = np.concatenate([multi.value_totals(numbers[one]) for one in (people, both)], 1)
        return AlphaParts(per, multi.alpha_of_values)
    v, delta = scheme.k + 1, scheme.deltas["krippendorff_alpha"]
    counts = [multi.label_counts(one, n_labels=v) for one in (people, both)]
    if delta is not None:
        fixed = delta
        parts = [multi.distance_totals(one, delta=fixed) for one in counts]
        return AlphaParts(np.concatenate(parts, 1), lambda t: multi.alpha_of_distances(t, delta=fixed))
    parts = [multi.coincidences(one).reshape(len(judge), v * v) for one in counts]

    def ordinal(t: Floats) -> Floats:
        return agreement.alpha_of_coincidences(t.reshape(*t.shape[:-1], v, v), delta=None, no_answer=True)

    return AlphaParts(np.concatenate(parts, 1), ordinal)


def _kappa(context: Context, company: Company) -> tuple[str, Estimate, int, int]:
    """Kappa of every pair on the items of both that the judge was asked about; quadratic weights where labels have an order."""
    rows = company.rows
    n_people = len(rows.people)
    if n_people > MANY_PEOPLE and not context.options.pairs:
        return KAPPA, Estimate(value=None, undefined="too_many_raters"), 0, 0
    of_judge = [_pair(context, company, one, rows.judge) for one in rows.people]
    of_people = [_pair(context, company, *rows.people[[a, b]]) for a, b in combinations(range(n_people), 2)]
    sides = [[pair for pair in side if pair is not None] for side in (of_judge, of_people)]
    fit = (rows.judge >= 0) & (rows.people >= 0).any(0)
    n_items, n_units = company.n_items(fit), company.n_units(fit)
    if not all(sides):
        known = any(pair is not None for pair in (*of_judge, *of_people)) or n_items
        return KAPPA, Estimate(value=None, undefined="one_class_human" if known else "no_pairable"), n_items, n_units
    (value, deleted), (of_two, without) = (
        (np.mean([pair[0] for pair in side]), np.mean([pair[1] for pair in side], axis=0)) for side in sides
    )
    difference = np.array([value - of_two])
    spread = jackknife_of((deleted - without)[:, None], counts=company.repeats, estimate=difference)
    return KAPPA, _told(context, float(difference[0]), float(spread.se[0]), n_units), n_items, n_units


def _pair(context: Context, company: Company, a: Codes, b: Codes) -> tuple[float, Floats] | None:
    """Kappa of two raters, and without each unit (U,); None where it has no value."""
    scheme, u = context.scheme, company.repeats.size
    x, y, asked = a[company.row], b[company.row], company.rows.judge[company.row] >= 0
    both = asked & (x >= 0) & (y >= 0)
    if scheme.many:
        both &= y < scheme.k
        n = np.append(scheme.numbers - scheme.numbers.mean(), np.nan)
        p, q, w = n[x[both]], n[y[both]], company.weight[both]
        columns = [w, w * p, w * q, w * p**2, w * q**2, w * p * q]
        units = np.stack([np.bincount(company.unit[both], c, minlength=u) for c in columns], 1)
    else:
        v = scheme.k + 1
        weights = scheme.quadratic if scheme.ordered else scheme.identity
        unit, w = company.unit[both], company.weight[both]
        agree = np.bincount(unit, w * weights[x[both], y[both]], minlength=u)
        margins = [np.bincount(unit * v + one[both], w, minlength=u * v).reshape(u, v) for one in (x, y)]
        units = np.concatenate([agree[:, None], *margins], 1).astype(float)
    total = company.repeats @ units

    def kappa(t: Floats) -> Floats:
        if scheme.many:
            return ranks.cohen_kappa_quadratic_of_pair(ranks.Moments(*np.moveaxis(t, -1, 0)))
        return agreement.cohen_kappa_of_margins(t[..., 0], t[..., 1 : 1 + v], t[..., 1 + v :], weights=weights)

    value = float(kappa(total[None])[0])
    return None if np.isnan(value) else (value, kappa(total[None] - units))


def _told(context: Context, center: float, se: float, n_units: int) -> Estimate:
    if np.isnan(center):
        return Estimate(value=None, undefined="one_class_human")
    e = by_jackknife(context, center=center, se=se, g=n_units, link="identity")
    if e.low is None or e.high is None:
        return e
    return replace(e, low=max(e.low, min(-2.0, center)), high=min(e.high, max(2.0, center)))
