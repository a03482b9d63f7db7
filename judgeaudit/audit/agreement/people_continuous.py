"""People on scales of numbers, and what they could not judge."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from judgeaudit.audit.estimates.estimate import Estimate
from judgeaudit.audit.estimates.jackknife import by_jackknife, unit_sums
from judgeaudit.audit.setting.context import Context
from judgeaudit.domain.ratings import Floats, Mask
from judgeaudit.domain.results.estimates import BinomialSpread
from judgeaudit.stats.agreement import correlation as ranks
from judgeaudit.stats.agreement import many_raters as multi
from judgeaudit.stats.agreement.two_raters import divide
from judgeaudit.stats.intervals.limits import Link, wilson
from judgeaudit.stats.intervals.resample import jackknife

RELIABILITY = "reference_reliability"
_LINKS: tuple[Link, Link] = ("fisher", "logit")


def icc_rows(context: Context, mask: Mask) -> list[tuple[str, Estimate]]:
    """ICC of people on items that everybody rated who rated anything here; interval scales only."""
    if context.scheme.question.scale != "interval":
        return []
    names = ("icc_2_1", "icc_2_k", "icc_3_1")
    people = context.ratings.people
    people = people[(people[:, mask] >= 0).any(1)]
    whole = mask & (people >= 0).all(0)
    if whole.sum() < 2 or len(people) < 2:
        return [(name, Estimate(value=None, undefined="no_complete_items")) for name in names]
    x = context.scheme.numbers[people[:, whole]]
    x = x - x.mean()
    w = context.design.weights[whole]
    per = w[:, None] * np.column_stack([np.ones(x.shape[1]), x.sum(0) ** 2, (x**2).sum(0), x.T])
    units = unit_sums(context.design.units[whole], per)

    def f(t: Floats) -> Floats:
        icc = ranks.intraclass(ranks.Anova(t[..., 0], t[..., 1], t[..., 2], t[..., 3:]))
        return np.stack(icc, -1)

    spread = jackknife(units, counts=np.ones(len(units)), f=f)
    if len(units) < 2:
        return [(name, Estimate(value=None, undefined="zero_variance")) for name in names]
    return [
        (
            name,
            by_jackknife(context, center=float(c), se=float(se), g=len(units), link="fisher", note=", complete items"),
        )
        for name, c, se in zip(names, spread.estimate, spread.se, strict=True)
    ]


def reliability(context: Context) -> Callable[[Floats], Floats]:
    """How well all labels of an item together, as many as there are in the mean, tell items apart: alpha, stepped up.

    Of totals that begin with coincidences (K²) and the weight of items with two labels.
    """
    k, delta = context.scheme.k, context.scheme.people_deltas["krippendorff_alpha"]

    def value(t: Floats) -> Floats:
        coincidence = t[..., : k * k]
        alpha = multi.krippendorff_alpha(coincidence, n_labels=k, delta=delta)
        return multi.stepped_up(alpha, divide(coincidence.sum(-1), t[..., k * k]))

    return value


def why_none(context: Context, name: str, total: Floats) -> str:
    """The reason code of a statistic that has no value although items have two labels; `total` begins with coincidences."""
    k = context.scheme.k
    used = np.count_nonzero(total[: k * k].reshape(k, k).sum(1))
    if name == RELIABILITY and used > 1:
        return "no_reliability"
    return "one_class_human" if name != "percent_agreement" else "no_pairable"


def cannot_judge(context: Context, mask: Mask) -> list[tuple[str, Estimate]]:
    """The share of asked labels that a person could not give."""
    unable = context.ratings.cannot_judge
    if unable is None:
        return []
    k = float(unable[:, mask].sum())
    n = k + float((context.ratings.people[:, mask] >= 0).sum())
    if n == 0:
        return [("cannot_judge_rate", Estimate(value=None, undefined="no_pairable"))]
    low, high = wilson(k, n, level=context.options.level)
    spread = BinomialSpread(k=k, n=n)
    return [("cannot_judge_rate", Estimate(value=k / n, low=low, high=high, method="wilson", k=k, n=n, spread=spread))]


def alpha_from_moments(context: Context, units: Floats) -> tuple[Estimate, Estimate]:
    """Alpha of numbers, and the reliability of the mean of as many as an item has; `units` (U, 5) end with the items' weights."""
    if len(units) < 2:
        nothing = Estimate(value=None, undefined="no_pairable")
        return nothing, nothing

    def f(t: Floats) -> Floats:
        alpha = multi.alpha_of_values(t[..., :4])
        return np.stack([alpha, multi.stepped_up(alpha, divide(t[..., 0], t[..., 4]))], -1)

    spread = jackknife(units, counts=np.ones(len(units)), f=f)
    alpha, stepped = (
        by_jackknife(context, center=float(c), se=float(se), g=len(units), link=link)
        for c, se, link in zip(spread.estimate, spread.se, _LINKS, strict=True)
    )
    unreliable = stepped.value is None and alpha.value is not None
    return alpha, Estimate(value=None, undefined="no_reliability") if unreliable else stepped
