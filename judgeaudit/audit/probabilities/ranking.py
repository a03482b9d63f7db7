"""How well a score puts positive items above negative ones, and errors below right verdicts; any score will do."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Literal

import numpy as np

from judgeaudit.audit.estimates.estimate import Estimate
from judgeaudit.audit.estimates.jackknife import NO_VARIATION, cluster_df, normal_record, two_sided
from judgeaudit.audit.probabilities.scored import CELLS, Scored, scored
from judgeaudit.audit.setting.context import Context
from judgeaudit.domain.ratings import Floats, Mask
from judgeaudit.domain.results.audit import Curve, Finding
from judgeaudit.domain.results.estimates import BinomialSpread
from judgeaudit.stats.intervals.limits import clopper_pearson_lower, clopper_pearson_upper, wilson
from judgeaudit.stats.probabilities import ranking as rank
from judgeaudit.stats.probabilities.ranking import Cells, Places

NAMES = ("roc_auc", "average_precision", "aurc")
POINTS = 41
SCORE = "score less its cut"


def score_findings(context: Context, judge: str, stratum: str) -> tuple[list[Finding], list[Curve]]:
    """Rank statistics of a judge whose verdicts are cut from a score, and who gives no probabilities."""
    score = context.ratings.scores.get(judge)
    if score is None or judge in context.ratings.probability or not context.scheme.has_positive:
        return [], []
    one = scored(context, judge, score, stratum, words=SCORE)
    return ranked(one, np.abs(one.score))


def ranked(one: Scored, sure: Floats) -> tuple[list[Finding], list[Curve]]:
    """The statistics and, over all items, the curves. sure (n,) is how sure the judge is of its own verdict."""
    answered = one.verdict >= 0
    verdicts = one.where(answered)
    wrong = (verdicts.verdict == 1) != verdicts.positive
    found = [
        one.finding("roc_auc", _named(one, area_under_roc(one))),
        one.finding("average_precision", _named(one, _average_precision(one))),
        verdicts.finding("aurc", _named(one, _aurc(verdicts, sure[answered], wrong))),
    ]
    if one.stratum != "all":
        return found, []
    return found, [*_roc(one), *_risk_coverage(verdicts, sure[answered], wrong)]


def _named(one: Scored, e: Estimate) -> Estimate:
    """The method says what was ranked where that is no probability."""
    return replace(e, method=f"{e.method}; of the {one.words}") if one.words and e.value is not None else e


def _nothing(one: Scored) -> Estimate | None:
    if one.n == 0:
        return Estimate(value=None, undefined="no_pairable")
    return Estimate(value=None, undefined="one_class_human") if one.one_class else None


def area_under_roc(one: Scored) -> Estimate:
    """The area with DeLong's interval on the logit scale; exact bounds of disjoint pairs where the sides are parted completely.

    The variance is estimated from the placements of the rarer class more than from anything else, so t has as many degrees of
    freedom as that has items, less one. With 10 positive items of 100 and an area of 0.92 the normal distribution holds the
    truth in 91% of samples, with 6% below its lower limit; t in 96% and 3% (docs/coverage.md).
    """
    if (nothing := _nothing(one)) is not None:
        return nothing
    area = rank.delong(one.distinct[1], one.positive, one.weights, one.unit)
    if area.value > 1 - 1e-12 or area.value < 1e-12:
        return _parted(one, float(round(area.value)))
    if not area.se > 1e-12:
        return Estimate(value=area.value, method=NO_VARIATION)
    plain = one.context.design.exchangeable
    rarer = min(int(one.positive.sum()), int((~one.positive).sum()))
    df = float(rarer - 1) if plain else cluster_df(one.g)
    low, high = two_sided(one.context.options.level, center=area.value, se=area.se, df=df, link="logit")
    return Estimate(
        value=area.value,
        low=low,
        high=high,
        method="DeLong, logit scale" if plain else "placements by cluster, logit scale",
        spread=normal_record(center=area.value, se=area.se, df=df, link="logit"),
        design_effect=1.0 if plain else None,
    )


def _parted(one: Scored, value: float) -> Estimate:
    """No error can be told from placements: as many pairs as share no unit are counted, each of which could have gone wrong."""
    units = [np.unique(one.unit[one.positive == side]).size for side in (True, False)]
    pairs = float(max(min(*units, one.g // 2), 1))
    tail = (1 + one.context.options.level) / 2
    k = pairs * value
    return Estimate(
        value=value,
        low=clopper_pearson_lower(k, pairs, confidence=tail),
        high=clopper_pearson_upper(k, pairs, confidence=tail),
        method="clopper-pearson, disjoint pairs (labels are separated)",
        spread=BinomialSpread(k=k, n=pairs),
    )


def _average_precision(one: Scored) -> Estimate:
    if (nothing := _nothing(one)) is not None:
        return nothing
    return _of_cells(one, one.distinct, one.y, rank.average_precision)


def _aurc(one: Scored, sure: Floats, wrong: Mask) -> Estimate:
    if one.n == 0:
        return Estimate(value=None, undefined="no_answers")
    return _of_cells(one, rank.places_of(sure), wrong, rank.aurc)


def _of_cells(
    one: Scored, distinct: tuple[Floats, Places], hit: Floats | Mask, statistic: Callable[[Cells], Floats]
) -> Estimate:
    hits = hit.astype(float)
    exact = float(statistic(rank.cells_of(*distinct, hits, one.weights)))
    value, place = rank.coarser(*distinct, most=CELLS)
    whole = rank.cells_of(value, place, hits, one.weights)
    totals = rank.unit_totals(place, hits, one.weights, one.groups[0], size=value.size)

    def f(flat: Floats) -> Floats:
        return np.asarray(statistic(whole.split(flat)))[..., None]

    return one.by_groups([exact], totals, f, ["logit"])[0]


def _roc(one: Scored) -> list[Curve]:
    if one.n == 0 or one.one_class:
        return []
    plain = one.cells(most=None, weighted=False)
    x, y = rank.roc_points(plain)
    called = np.concatenate([[0.0], np.cumsum(plain.n[::-1])])
    kept = _thinned(called)
    nothing: list[float | None] = [None] * kept.size
    return [_curve(one, "roc", x[kept], y[kept], nothing, nothing, called[kept])]


def _risk_coverage(one: Scored, sure: Floats, wrong: Mask) -> list[Curve]:
    if one.n == 0:
        return []
    _, answered, errors = rank.risk_points(rank.cells_of(*rank.places_of(sure), wrong.astype(float), np.ones(one.n)))
    kept = _thinned(answered)
    limits = [
        wilson(float(k), float(n), level=one.context.options.level)
        for k, n in zip(errors[kept], answered[kept], strict=True)
    ]
    x, y = answered[kept] / answered[-1], errors[kept] / answered[kept]
    low, high = ([float(limit[side]) for limit in limits] for side in (0, 1))
    return [_curve(one, "risk_coverage", x, y, list(low), list(high), answered[kept])]


def _thinned(count: Floats) -> Places:
    """Places of at most 41 points, about equally far apart in items, the first and the last among them."""
    if count.size <= POINTS:
        return np.arange(count.size)
    return np.unique(np.searchsorted(count, np.linspace(count[0], count[-1], POINTS)))


def _curve(
    one: Scored,
    kind: Literal["roc", "risk_coverage"],
    x: Floats,
    y: Floats,
    low: list[float | None],
    high: list[float | None],
    n: Floats,
) -> Curve:
    return Curve(
        question=one.context.question,
        kind=kind,
        subject=one.judge,
        stratum=one.stratum,
        x=x.tolist(),
        y=y.tolist(),
        low=low,
        high=high,
        n=n.astype(int).tolist(),
    )
