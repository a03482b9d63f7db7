"""A rater against another on a scale with very many numbers: moments instead of tables of labels."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from judgeaudit.audit.estimates.estimate import Estimate
from judgeaudit.audit.estimates.jackknife import by_jackknife, unit_sums, varied
from judgeaudit.audit.setting.context import Context
from judgeaudit.domain.ratings import Codes, Floats, Mask
from judgeaudit.domain.results.estimates import BinomialSpread
from judgeaudit.stats.agreement import correlation as ranks
from judgeaudit.stats.agreement.two_raters import divide
from judgeaudit.stats.intervals.limits import Link, wilson
from judgeaudit.stats.intervals.resample import jackknife

Numbers = npt.NDArray[np.int64]

_LINKS: dict[str, Link] = {"mean_absolute_error": "log"}
MOMENT_NAMES = (
    "pearson_r",
    "mean_absolute_error",
    "icc_2_1",
    "icc_2_k",
    "icc_3_1",
    "krippendorff_alpha",
    "cohen_kappa_quadratic",
)
TABLE_ONLY = ("percent_agreement", "cohen_kappa", "scott_pi", "gwet_ac1", "brennan_prediger", "matthews_corrcoef")
_GROUPS = 100
_FEWER_GROUPS = 40
MANY_ITEMS = 2000


def value_estimates(
    context: Context, rows: Codes, codes: Codes, mask: Mask, *, with_coverage: bool, with_ranks: bool = True
) -> list[tuple[str, Estimate]]:
    """Statistics of numbers, from answered items; statistics that need a table of labels say `too_many_values`.

    Correlations of ranks take most of the time, so they can be left away.
    """
    numbers = np.append(context.scheme.numbers, [np.nan, np.nan])
    pair, item = np.nonzero(mask & (rows >= 0) & (codes >= 0))
    x, y = numbers[rows[pair, item]], numbers[codes[item]]
    answered = ~np.isnan(y)
    out = list(_moment_estimates(context, x[answered], y[answered], item[answered]))
    if with_ranks:
        out += _rank_estimates(context, x[answered], y[answered], item[answered])
    out += [(name, Estimate(value=None, undefined="too_many_values")) for name in TABLE_ONLY]
    if with_coverage:
        k, n = float(answered.sum()), float(answered.size)
        if n == 0:
            return [*out, ("coverage", Estimate(value=None, undefined="no_pairable"))]
        low, high = wilson(k, n, level=context.options.level)
        spread = BinomialSpread(k=k, n=n)
        value = Estimate(value=k / n, low=low, high=high, method="wilson", k=k, n=n, spread=spread, design_effect=1.0)
        out.append(("coverage", value))
    return out


def moment_statistics(flat: Floats) -> Floats:
    """(..., 7) totals of 1, x, y, x², y², xy and |x − y| -> (..., 7) the statistics of `MOMENT_NAMES`."""
    m = ranks.Moments(*(flat[..., j] for j in range(6)))
    icc = ranks.intraclass(ranks.anova_of_pair(m))
    error = divide(flat[..., 6], m.n)
    return np.stack(
        [ranks.pearson_r(m), error, *icc, ranks.alpha_interval_of_pair(m), ranks.cohen_kappa_quadratic_of_pair(m)], -1
    )


def _moment_estimates(context: Context, x: Floats, y: Floats, item: Numbers) -> list[tuple[str, Estimate]]:
    if x.size < 2:
        return [(name, Estimate(value=None, undefined="no_pairable")) for name in MOMENT_NAMES]
    shift = float(x.mean())
    w = context.design.weights[item]
    a, b = x - shift, y - shift
    per = w[:, None] * np.column_stack([np.ones_like(a), a, b, a * a, b * b, a * b, np.abs(a - b)])
    units = unit_sums(context.design.units[item], per)
    spread = jackknife(units, counts=np.ones(len(units)), f=moment_statistics)
    return [
        (name, by_jackknife(context, center=float(center), se=float(se), g=len(units), link=_LINKS.get(name, "fisher")))
        for name, center, se in zip(MOMENT_NAMES, spread.estimate, spread.se, strict=True)
    ]


def _rank_estimates(context: Context, x: Floats, y: Floats, item: Numbers) -> list[tuple[str, Estimate]]:
    """Spearman and Kendall by scipy; their interval from deleting each of at most 100 groups of units."""
    from scipy import stats

    if x.size < 3 or np.ptp(x) == 0 or np.ptp(y) == 0:
        reason = "no_pairable" if x.size < 3 else "zero_variance"
        return [(name, Estimate(value=None, undefined=reason)) for name in ("spearman_rho", "kendall_tau_b")]

    def both(keep: Mask) -> tuple[float, float]:
        a, b = x[keep], y[keep]
        if a.size < 3 or np.ptp(a) == 0 or np.ptp(b) == 0:
            return np.nan, np.nan
        return float(stats.spearmanr(a, b).statistic), float(stats.kendalltau(a, b).statistic)

    _, dense = np.unique(context.design.units[item], return_inverse=True)
    g = int(dense.max()) + 1
    groups = min(g, _GROUPS if x.size <= MANY_ITEMS else _FEWER_GROUPS)
    group = np.random.default_rng(100).permutation(g)[dense.ravel()] % groups
    whole = both(np.ones(x.size, bool))
    deleted = np.array([both(group != one) for one in range(groups)])
    what = f"groups of {varied(context)}" if g > groups else varied(context)
    out = []
    for j, name in enumerate(("spearman_rho", "kendall_tau_b")):
        d = deleted[:, j][~np.isnan(deleted[:, j])]
        se = float(np.sqrt((d.size - 1) / d.size * ((d - d.mean()) ** 2).sum())) if d.size > 1 else np.nan
        out.append((name, by_jackknife(context, center=whole[j], se=se, g=d.size, link="fisher", what=what)))
    return out
