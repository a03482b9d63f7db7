"""Calibration without a regression: smooth error, the parts of the Brier score, the reliability curve and its bands."""

from __future__ import annotations

import numpy as np

from judgeaudit.audit.estimates.estimate import Estimate
from judgeaudit.audit.probabilities.scored import Numbers, Scored
from judgeaudit.audit.setting.design import generator
from judgeaudit.domain.ratings import Floats
from judgeaudit.domain.results.audit import Curve
from judgeaudit.stats.agreement.two_raters import divide
from judgeaudit.stats.intervals.limits import wilson
from judgeaudit.stats.probabilities import calibration as cal
from judgeaudit.stats.probabilities import ranking as rank
from judgeaudit.stats.probabilities import scores as prob
from judgeaudit.stats.probabilities.ranking import Cells

#: distinct probabilities up to which Murphy's parts are given: beyond, most would hold an item or two
FEW_VALUES = 40
DRAWS = 400
FITTED = "none: fitted to the labels"
_DRAWN_CELLS = 300
_BAND_CELLS = 100


def calibration_estimates(one: Scored) -> dict[str, Estimate]:
    """By name: the smooth error, and the Brier score's parts after CORP and after Murphy."""
    return {"smooth_ece": _smooth(one), **_corp(one), **_murphy(one)}


def _smooth(one: Scored) -> Estimate:
    p, gap = one.score, one.weights * (one.y - one.score)
    heavy = float(one.weights.sum())
    exact = float(cal.smooth_ece(cal.residual_mass(p, gap / heavy, grid=cal.GRID)))
    group, grid = one.groups[0], cal.COARSE
    count = int(group.max()) + 1
    left = np.minimum((p * (grid - 1)).astype(np.int64), grid - 2)
    right = p * (grid - 1) - left
    mass = np.bincount(group * grid + left, gap * (1 - right), minlength=count * grid)
    mass = mass + np.bincount(group * grid + left + 1, gap * right, minlength=count * grid)
    weight = np.bincount(group, one.weights, minlength=count)

    def f(t: Floats) -> Floats:
        return cal.smooth_ece(t[..., :-1] / np.maximum(t[..., -1:], 1e-300))[..., None]

    return one.by_groups([exact], np.column_stack([mass.reshape(count, grid), weight]), f, ["logit"])[0]


def smooth_by_chance(one: Scored) -> Estimate:
    """What the smooth error would be if the probabilities were right: mean and quantiles over labels drawn from them."""
    c = one.cells(most=_DRAWN_CELLS, weighted=False)
    rng = generator(one.context.options.seed, one.context.question, one.judge, one.stratum, "smooth by chance")
    gaps = (cal.calibrated_draws(c, draws=DRAWS // 2, rng=rng) - np.rint(c.n) * c.value) / np.rint(c.n).sum()
    grid = cal.COARSE
    left = np.minimum((c.value * (grid - 1)).astype(np.int64), grid - 2)
    right = c.value * (grid - 1) - left
    spread = np.zeros((c.value.size, grid))
    spread[np.arange(c.value.size), left] = 1 - right
    spread[np.arange(c.value.size), left + 1] = right
    errors = cal.smooth_ece(gaps @ spread)
    level = one.context.options.level
    low, high = np.quantile(errors, [(1 - level) / 2, (1 + level) / 2])
    return Estimate(
        value=float(errors.mean()), low=float(low), high=float(high), method="labels drawn as probabilities say"
    )


def _corp(one: Scored) -> dict[str, Estimate]:
    parts = cal.corp(one.cells(most=None))
    return {
        "brier_miscalibration": _fitted(float(parts.miscalibration)),
        "brier_discrimination": _fitted(float(parts.discrimination)),
        "brier_uncertainty": _uncertainty(one, float(parts.uncertainty)),
    }


def _murphy(one: Scored) -> dict[str, Estimate]:
    if one.distinct[0].size > FEW_VALUES:
        nothing = Estimate(value=None, undefined="too_many_probabilities")
        return {"brier_reliability": nothing, "brier_resolution": nothing}
    parts = cal.murphy(one.cells(most=None))
    return {
        "brier_reliability": _fitted(float(parts.miscalibration)),
        "brier_resolution": _fitted(float(parts.discrimination)),
    }


def _fitted(value: float) -> Estimate:
    """Frequencies that were fitted to the labels follow chance, too: both parts come out too large, and limits would not hold the truth."""
    return Estimate(value=value, method=FITTED)


def _uncertainty(one: Scored, value: float) -> Estimate:
    group = one.groups[0]
    totals = np.column_stack([np.bincount(group, one.weights * v) for v in (np.ones(one.n), one.y)]).astype(float)

    def f(t: Floats) -> Floats:
        rate = divide(t[..., 1], t[..., 0])
        return (rate * (1 - rate))[..., None]

    return one.by_groups([value], totals, f, ["logit"])[0]


def reliability_curve(one: Scored, which: Numbers) -> Curve:
    """Ten bins of equal width: share of positives with Wilson's limits, and the band that shares of a calibrated judge keep to."""
    level = one.context.options.level
    held = prob.bin_totals(one.score, one.y, which=which, bins=prob.BINS, weights=np.ones(one.n))
    used = np.flatnonzero(held.n > 0)
    limits = [wilson(float(held.y[b]), float(held.n[b]), level=level) for b in used]
    cells = _within_bins(one, which)
    bands = cal.consistency_bands(
        cells,
        prob.equal_width_bins(cells.value, bins=prob.BINS),
        bins=prob.BINS,
        draws=DRAWS,
        level=level,
        rng=generator(one.context.options.seed, one.context.question, one.judge, one.stratum, "reliability"),
    )
    return Curve(
        question=one.context.question,
        kind="reliability",
        subject=one.judge,
        stratum=one.stratum,
        x=(held.p[used] / held.n[used]).tolist(),
        y=(held.y[used] / held.n[used]).tolist(),
        low=[interval.low for interval in limits],
        high=[interval.high for interval in limits],
        n=held.n[used].astype(int).tolist(),
        band_low=bands[0][used].tolist(),
        band_high=bands[1][used].tolist(),
    )


def _within_bins(one: Scored, which: Numbers) -> Cells:
    """Cells of which none reaches over the edge of a bin."""
    if one.distinct[0].size <= _BAND_CELLS:
        return one.cells(most=None, weighted=False)
    fine = prob.equal_width_bins(one.score, bins=_BAND_CELLS)
    used, place = rank.places_of((which * _BAND_CELLS + fine).astype(float))
    mean = np.bincount(place, one.score, minlength=used.size) / np.bincount(place)
    return rank.cells_of(mean, place, one.y, np.ones(one.n))
