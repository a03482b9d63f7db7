"""What no pair tells: judges as a group, whose errors may be alike, and each judge's strata together."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from judgeaudit.audit.estimates.estimate import Estimate
from judgeaudit.audit.estimates.jackknife import by_jackknife
from judgeaudit.audit.judge_contrasts.categorical import MANY_JUDGES
from judgeaudit.audit.raters.board import share, told
from judgeaudit.audit.setting.context import Context
from judgeaudit.audit.strata_contrasts.tables import codes_of
from judgeaudit.domain.rater_work import Numbers
from judgeaudit.domain.ratings import Codes, Floats, Mask
from judgeaudit.domain.results.estimates import OmnibusRecord
from judgeaudit.domain.results.groups import JudgesTogether
from judgeaudit.stats.comparisons.matched import (
    Omnibus,
    cochran_q,
    effective_number,
    equal_means,
    error_correlation,
    error_totals,
)
from judgeaudit.stats.intervals.resample import jackknife


def judges_together(context: Context) -> list[JudgesTogether]:
    """A record for each stratum of all judges that are neither baseline nor panel, and of the members of each panel.

    Panels of the same members have one record; `panels` names them.
    """
    ratings = context.ratings
    single = [name for name in ratings.judge_names if name not in ratings.baselines and name not in ratings.panels]
    groups: dict[tuple[str, ...], list[str]] = {tuple(single): []}
    for panel, members in ratings.panels.items():
        known = tuple(name for name in ratings.judge_names if name in members)
        if panel in ratings.judge_names and len(known) == len(set(members)):
            groups.setdefault(known, []).append(panel)
    out = []
    for names, panels in groups.items():
        if not 2 <= len(names) <= MANY_JUDGES:
            continue
        rows, _ = codes_of(context, names[0])
        codes = np.stack([codes_of(context, name)[1] for name in names])
        for stratum, mask in ratings.strata.items():
            found = _together(context, names, rows, codes, stratum, mask)
            out.append(replace(found, panels=panels))
    return out


def _together(
    context: Context, names: Sequence[str], rows: Codes, codes: Codes, stratum: str, mask: Mask
) -> JudgesTogether:
    """`rows` (M, N) reference, `codes` (J, M, N) verdicts; those where all were asked."""
    used = mask & (rows >= 0) & (codes >= 0).all(0)
    _, item = np.nonzero(used)
    asked: Mask = np.asarray(used.any(0))
    said, reference = codes[:, used], rows[used]
    design = context.design
    weight, unit = design.weights[item], design.units[item]
    right = said == reference
    pattern, place = _patterns(right)
    alike = (said == said[0]).all(0) & (said[0] < context.scheme.k)
    plain = design.exchangeable and len(rows) == 1
    totals, counts = _totals(pattern, place, weight, unit, plain=plain)
    n_items = int(asked.sum())
    correlation = replace(_correlation(context, len(names), pattern, totals, counts), n=float(n_items))
    level = context.options.level
    agreed = share((right[0] * weight)[alike], weight[alike], unit[alike], level=level, why="no_agreement")
    return JudgesTogether(
        question=context.question,
        stratum=stratum,
        judges=list(names),
        n_items=n_items,
        n_clusters=design.n_clusters(asked),
        equally_right=_equally_right(pattern, totals, counts, plain=plain) if len(names) > 2 else None,
        error_correlation=told(correlation),
        effective_judges=told(_effective(len(names), correlation)),
        all_agree=told(share(alike * weight, weight, unit, level=level)),
        right_where_all_agree=told(agreed),
    )


def _patterns(right: Mask) -> tuple[Floats, Numbers]:
    """Who is right, as distinct patterns (P, J), and the pattern of each item."""
    bits = np.zeros(right.shape[1], np.int64)
    for place, one in enumerate(right):
        bits |= one.astype(np.int64) << place
    there = np.bincount(bits, minlength=1) > 0
    distinct = np.flatnonzero(there)
    return ((distinct[:, None] >> np.arange(len(right))) & 1).astype(float), (np.cumsum(there) - 1)[bits]


def _totals(pattern: Floats, place: Numbers, weight: Floats, unit: Numbers, *, plain: bool) -> tuple[Floats, Floats]:
    """Units (U, P) as totals of patterns, and how often each occurs: the patterns themselves, or clusters."""
    p = len(pattern)
    if plain:
        return np.eye(p), np.bincount(place, minlength=p).astype(float)
    distinct, dense = np.unique(unit, return_inverse=True)
    flat = np.bincount(dense.ravel() * p + place, weight, minlength=distinct.size * p).astype(float)
    return flat.reshape(distinct.size, p), np.ones(distinct.size)


def _equally_right(pattern: Floats, totals: Floats, counts: Floats, *, plain: bool) -> OmnibusRecord:
    found: Omnibus = cochran_q(pattern, counts) if plain else equal_means(totals @ pattern)
    known = np.isfinite(found.p_value)
    return OmnibusRecord(
        test="cochran_q" if plain else "hotelling_t2",
        q=float(found.q) if known else None,
        df=float(found.df) if known else None,
        p_value=float(found.p_value) if known else None,
        undefined=None if known else "no_pairable" if not counts.sum() else "too_few_clusters",
    )


def _correlation(context: Context, k: int, pattern: Floats, totals: Floats, counts: Floats) -> Estimate:
    """The mean correlation of errors; the fewer errors there are, the less is known of it."""
    if not counts.sum():
        return Estimate(value=None, undefined="no_pairable")
    units = totals @ error_totals(1.0 - pattern)
    spread = jackknife(units, counts=counts, f=lambda t: error_correlation(t, k=k)[..., None])
    center, se, g = float(spread.estimate[0]), float(spread.se[0]), int(counts.sum())
    if np.isnan(center):
        return Estimate(value=None, undefined="no_errors")
    return by_jackknife(context, center=center, se=se, g=g, link="fisher")


def _effective(k: int, correlation: Estimate) -> Estimate:
    """The number follows from the correlation, and its interval from that one's."""
    if correlation.value is None:
        return correlation

    def number(x: float | None) -> float | None:
        return None if x is None else float(effective_number(k, np.array(x)))

    return replace(
        correlation,
        value=number(correlation.value),
        low=number(correlation.high),
        high=number(correlation.low),
    )
