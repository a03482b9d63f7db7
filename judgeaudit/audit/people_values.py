"""People on scales of numbers, and what they could not judge."""

from __future__ import annotations

import numpy as np

from judgeaudit.audit.context import Context
from judgeaudit.audit.estimates import Estimate, cluster_df
from judgeaudit.domain.ratings import Floats, Mask
from judgeaudit.stats import multirater as multi
from judgeaudit.stats import ranks
from judgeaudit.stats.intervals import bound, wilson
from judgeaudit.stats.resample import jackknife

#: people who agree to the last digit leave nothing to estimate an error from: a value without an interval
NO_VARIATION = "none: no variation"


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
    _, dense = np.unique(context.design.units[whole], return_inverse=True)
    units = np.zeros((int(dense.max()) + 1, per.shape[1]))
    np.add.at(units, dense.ravel(), per)

    def f(t: Floats) -> Floats:
        icc = ranks.intraclass(ranks.Anova(t[..., 0], t[..., 1], t[..., 2], t[..., 3:]))
        return np.stack(icc, -1)

    spread = jackknife(units, counts=np.ones(len(units)), f=f)
    out = []
    for j, name in enumerate(names):
        center, se = float(spread.estimate[j]), float(spread.se[j])
        if np.isnan(center) or len(units) < 2:
            out.append((name, Estimate(value=None, undefined="zero_variance")))
            continue
        if not se > 1e-12:
            out.append((name, Estimate(value=center, method=NO_VARIATION)))
            continue
        df = cluster_df(len(units))
        tails = ((1 - context.options.level) / 2, (1 + context.options.level) / 2)
        low, high = (bound(center=center, se=se, df=df, link="fisher", confidence=c) for c in tails)
        what = "clusters" if context.design.clustered else "items"
        record = {"kind": "normal", "link": "fisher", "center": center, "se": se, "df": df}
        method = f"jackknife-t over {what}, fisher scale, complete items"
        out.append((name, Estimate(value=center, low=low, high=high, method=method, spread=record)))
    return out


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
    spread = {"kind": "binomial", "k": k, "n": n}
    return [("cannot_judge_rate", Estimate(value=k / n, low=low, high=high, method="wilson", k=k, n=n, spread=spread))]


def alpha_from_moments(context: Context, units: Floats) -> Estimate:
    if len(units) < 2:
        return Estimate(value=None, undefined="no_pairable")
    spread = jackknife(units, counts=np.ones(len(units)), f=lambda t: multi.alpha_of_values(t)[..., None])
    center, se, df = float(spread.estimate[0]), float(spread.se[0]), cluster_df(len(units))
    if np.isnan(center):
        return Estimate(value=None, undefined="zero_variance")
    if not se > 1e-12:
        return Estimate(value=center, method=NO_VARIATION)
    tails = ((1 - context.options.level) / 2, (1 + context.options.level) / 2)
    low, high = (bound(center=center, se=se, df=df, link="fisher", confidence=c) for c in tails)
    what = "clusters" if context.design.clustered else "items"
    record = {"kind": "normal", "link": "fisher", "center": center, "se": se, "df": df}
    return Estimate(value=center, low=low, high=high, method=f"jackknife-t over {what}, fisher scale", spread=record)
