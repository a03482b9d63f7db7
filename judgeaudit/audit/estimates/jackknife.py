"""Estimates whose interval comes from a standard error over units, and the sums over units that it is made from."""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from judgeaudit.audit.estimates.estimate import Estimate
from judgeaudit.audit.setting.context import Context
from judgeaudit.audit.setting.design import ranked
from judgeaudit.audit.setting.options import AuditOptions
from judgeaudit.domain.ratings import Floats
from judgeaudit.domain.results.estimates import NormalSpread
from judgeaudit.stats.intervals.limits import Interval, Link, bound, link_at
from judgeaudit.stats.intervals.resample import bca_limits, jackknife, multinomial_totals, percentile_limits


def cluster_df(g: int) -> float:
    """Degrees of freedom of a jackknife over g clusters: 2 (g − 1) / 3, not below 1.

    The variance is itself estimated from g terms; Satterthwaite's rule gives it 2 (g − 1) / (κ − 1) degrees, g − 1 for terms
    with the normal kurtosis κ = 3. Prompts are not normal: a few hard ones hold most errors, so κ = 4 is taken. With 10 prompts
    of 20 items and a judge that is right on 85%, the truth then lies below a 95% interval in 2.5% of samples (3.8% with g − 1),
    where prompts differ starkly in 5% (6%); from 50 clusters on it makes no difference (docs/coverage.md).
    """
    return max(2.0 * (g - 1) / 3.0, 1.0)


def varied(context: Context) -> str:
    """What is deleted in turn, in words."""
    return "clusters" if context.design.clustered else "items"


def unit_sums(units: npt.NDArray[np.int64], per_item: Floats) -> Floats:
    """Rows of items (n, D) summed over the units (n,) that they belong to, (U, D), units ascending."""
    dense, n = ranked(units)
    return np.column_stack([np.bincount(dense, column, minlength=n) for column in per_item.T]).astype(float)


def normal_record(*, center: float, se: float, df: float, link: Link) -> NormalSpread:
    """How sure an estimate is, for bounds at any level; `df` None stands for the normal distribution."""
    return NormalSpread(link=link, center=center, se=se, df=df if np.isfinite(df) else None)


def two_sided(level: float, *, center: float, se: float, df: float, link: Link) -> Interval:
    """The equal-tailed interval of an estimate with a standard error on a scale; at the edge of the scale it still holds it."""
    low, high = (
        bound(center=center, se=se, df=df, link=link, confidence=tail) for tail in ((1 - level) / 2, (1 + level) / 2)
    )
    return Interval(min(low, center), max(high, center))


class BootstrapLimits(NamedTuple):
    """Limits of several statistics, each (S,), nan where the resamples do not vary; and their name."""

    low: Floats
    high: Floats
    method: str


def bootstrap_limits(
    units: Floats,
    repeats: Floats,
    f: Callable[[Floats], Floats],
    options: AuditOptions,
    *,
    rng: np.random.Generator,
    what: str,
) -> BootstrapLimits:
    """The percentile or BCa limits that the user asked for, from resampled units."""
    totals = multinomial_totals(units, counts=repeats, replicates=options.replicates, rng=rng)
    draws = np.concatenate([f(part) for part in np.array_split(totals, max(1, len(totals) // 500))])
    if options.interval == "percentile":
        return BootstrapLimits(*percentile_limits(draws, level=options.level), f"percentile bootstrap of {what}")
    spread = jackknife(units, counts=repeats, f=f)
    limits = bca_limits(draws, estimate=spread.estimate, acceleration=spread.acceleration, level=options.level)
    return BootstrapLimits(*limits, f"BCa bootstrap of {what}")


#: raters who agree to the last digit leave nothing to estimate an error from: a value without an interval
NO_VARIATION = "none: no variation"


def by_jackknife(
    context: Context, *, center: float, se: float, g: int, link: Link, what: str | None = None, note: str = ""
) -> Estimate:
    """A value with its jackknife-t interval over g units, without one where nothing varies, or `zero_variance`."""
    if np.isnan(center):
        return Estimate(value=None, undefined="zero_variance")
    if g < 2 or not se > 1e-12:
        return Estimate(value=center, method=NO_VARIATION)
    df, link = cluster_df(g), link_at(center, link=link)
    low, high = two_sided(context.options.level, center=center, se=se, df=df, link=link)
    return Estimate(
        value=center,
        low=low,
        high=high,
        method=f"jackknife-t over {what or varied(context)}, {link} scale{note}",
        spread=normal_record(center=center, se=se, df=df, link=link),
    )
