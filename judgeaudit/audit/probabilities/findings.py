"""A judge's probabilities held against the reference: scores, calibration, ranking, and the curves."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from judgeaudit.audit.estimates.estimate import Estimate
from judgeaudit.audit.estimates.jackknife import by_jackknife
from judgeaudit.audit.probabilities.calibration import calibration_estimates, reliability_curve, smooth_by_chance
from judgeaudit.audit.probabilities.ranking import NAMES as RANKED
from judgeaudit.audit.probabilities.ranking import ranked
from judgeaudit.audit.probabilities.regression import regression_estimates
from judgeaudit.audit.probabilities.scored import Numbers, Scored, scored
from judgeaudit.audit.setting.context import Context
from judgeaudit.domain.ratings import Floats
from judgeaudit.domain.results.audit import Curve, Finding
from judgeaudit.stats.intervals.limits import Link
from judgeaudit.stats.intervals.resample import jackknife
from judgeaudit.stats.probabilities import scores as prob

NAMES = (
    "brier_score",
    "log_loss",
    "ece",
    "ece_equal_mass",
    "ece_squared_debiased",
    "smooth_ece",
    "brier_miscalibration",
    "brier_discrimination",
    "brier_uncertainty",
    "brier_reliability",
    "brier_resolution",
    "calibration_slope",
    "calibration_intercept",
    "calibration_in_the_large",
    "spiegelhalter_z",
)
VOTE_SHARE = "vote share of the panel"


def probability_findings(context: Context, judge: str, stratum: str) -> tuple[list[Finding], list[Curve]]:
    """Every statistic of one judge's probabilities of the positive side, on items with a reference and a probability."""
    one = of_probabilities(context, judge, stratum)
    if one is None:
        return [], []
    if one.n < 2:
        return [one.finding(name, Estimate(value=None, undefined="no_pairable")) for name in (*NAMES, *RANKED)], []
    p, y = one.score, one.y
    width, mass = prob.equal_width_bins(p, bins=prob.BINS), prob.equal_mass_bins(p, bins=prob.BINS)
    rows = {
        "brier_score": mean_of(one, prob.brier_terms(p, y), link="logit"),
        "log_loss": _log_loss(one),
        "ece": _error(one, width, prob.calibration_error, "logit"),
        "ece_equal_mass": _error(one, mass, prob.calibration_error, "logit"),
        "ece_squared_debiased": _error(one, mass, prob.debiased_squared_error, "identity"),
        **calibration_estimates(one),
        **regression_estimates(one),
    }
    findings = [one.finding(name, rows[name]) for name in NAMES]
    if stratum == "all":
        findings.append(one.finding("smooth_ece_by_chance", smooth_by_chance(one)))
    found, curves = ranked(one, np.where(one.verdict == 0, 1 - p, p))
    return [*findings, *found], [reliability_curve(one, width), *curves]


def of_probabilities(context: Context, judge: str, stratum: str) -> Scored | None:
    """The judge's probabilities of the positive side; None where it gives none, or no label is positive."""
    p = context.ratings.probability.get(judge)
    if p is None or not context.scheme.has_positive:
        return None
    return scored(context, judge, p, stratum, words=VOTE_SHARE if judge in context.ratings.vote_shares else "")


def mean_of(one: Scored, terms: Floats, *, link: Link) -> Estimate:
    """The weighted mean of one number for each item (n,), with the jackknife interval of its units."""
    sums = [np.bincount(one.unit, one.weights * v, minlength=one.g) for v in (terms, np.ones(one.n))]
    units = np.column_stack(sums).astype(float)
    return _jackknife(one, units, lambda t: (t[..., 0] / np.maximum(t[..., 1], 1e-300))[..., None], link)


def _log_loss(one: Scored) -> Estimate:
    terms = prob.log_terms(one.score, one.y)
    infinite = int(np.isinf(terms).sum())
    if infinite:
        return Estimate(value=None, undefined="infinite", k=float(infinite), n=float(one.n))
    return mean_of(one, terms, link="log")


def _error(one: Scored, which: Numbers, statistic: Callable[[Floats], Floats], link: Link) -> Estimate:
    bins = prob.BINS
    cell = one.unit * bins + which
    parts = [
        np.bincount(cell, one.weights * v, minlength=one.g * bins).astype(float).reshape(one.g, bins)
        for v in (np.ones(one.n), one.score, one.y)
    ]
    units = np.stack(parts, 1).reshape(one.g, 3 * bins)

    def f(t: Floats) -> Floats:
        return statistic(t.reshape(*t.shape[:-1], 3, bins))[..., None]

    return _jackknife(one, units, f, link)


def _jackknife(one: Scored, units: Floats, f: Callable[[Floats], Floats], link: Link) -> Estimate:
    spread = jackknife(units, counts=np.ones(len(units)), f=f)
    return by_jackknife(one.context, center=float(spread.estimate[0]), se=float(spread.se[0]), g=len(units), link=link)
