"""Judge against judge on a scale with very many numbers: who is nearer to the reference on the items that both answered."""

from __future__ import annotations

from dataclasses import replace
from itertools import combinations

import numpy as np

from judgeaudit.audit.agreement.pairs_continuous import MOMENT_NAMES, moment_statistics
from judgeaudit.audit.estimates.differences import jackknifed
from judgeaudit.audit.estimates.jackknife import unit_sums
from judgeaudit.audit.judge_contrasts.categorical import MANY_JUDGES, screened
from judgeaudit.audit.setting.context import Context
from judgeaudit.audit.strata_contrasts.differences import adjusted
from judgeaudit.audit.strata_contrasts.tables import codes_of
from judgeaudit.domain.ratings import Floats
from judgeaudit.domain.results.audit import Contrast

_TOTALS = 7


def judge_value_contrasts(context: Context) -> list[Contrast]:
    """Differences of correlations and errors for every pair of judges, in all items and strata, with their jackknife's p-values.

    Holm over the pairs of one stratum and statistic, as for labels.
    """
    names = context.ratings.judge_names
    if len(names) > MANY_JUDGES and not context.options.pairs:
        return []
    found: dict[tuple[str, str], list[Contrast]] = {}
    for a, b in combinations(names, 2):
        for one in _pair(context, a, b):
            found.setdefault((one.stratum, one.statistic), []).append(one)
    return screened([one for family in found.values() for one in adjusted(family)])


def _pair(context: Context, a: str, b: str) -> list[Contrast]:
    numbers = np.append(context.scheme.numbers, [np.nan, np.nan])  # no answer, and not asked
    rows, one = codes_of(context, a)
    _, other = codes_of(context, b)
    x, y, z = numbers[rows], numbers[one], numbers[other]
    told = ~(np.isnan(x) | np.isnan(y) | np.isnan(z))
    out = []
    for stratum, mask in context.ratings.strata.items():
        pair, item = np.nonzero(told & mask)
        known = Contrast(
            question=context.question,
            kind="judges",
            a=a,
            b=b,
            stratum=stratum,
            statistic="",
            value=None,
            n_items=int(np.unique(item).size),
        )
        if pair.size < 2:
            out += [replace(known, statistic=name, undefined="no_pairable") for name in MOMENT_NAMES]
            continue
        shift = float(x[pair, item].mean())
        weight = context.design.weights[item][:, None]
        p = x[pair, item] - shift
        per = [_totals(p, said[pair, item] - shift) for said in (y, z)]
        units = unit_sums(context.design.units[item], weight * np.column_stack(per))
        out += [_contrast(context, replace(known, statistic=name), units, k) for k, name in enumerate(MOMENT_NAMES)]
    return out


def _totals(p: Floats, q: Floats) -> Floats:
    return np.column_stack([np.ones_like(p), p, q, p * p, q * q, p * q, np.abs(p - q)])


def _contrast(context: Context, known: Contrast, units: Floats, k: int) -> Contrast:
    def f(t: Floats) -> Floats:
        return (moment_statistics(t[..., :_TOTALS]) - moment_statistics(t[..., _TOTALS:]))[..., k, None]

    value = float(f(units.sum(0))[0])
    if np.isnan(value):
        return replace(known, undefined="zero_variance")
    return jackknifed(replace(known, value=value), units, f, level=context.options.level)
