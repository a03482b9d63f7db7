"""A judge's probabilities held against the reference: scores, calibration, ranking, and the curves."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from scipy.special import logit, ndtr

from judgeaudit.audit.estimates.estimate import Estimate
from judgeaudit.audit.estimates.jackknife import by_jackknife, cluster_df, normal_record, two_sided
from judgeaudit.audit.probabilities.calibration import calibration_estimates, reliability_curve, smooth_by_chance
from judgeaudit.audit.probabilities.ranking import NAMES as RANKED
from judgeaudit.audit.probabilities.ranking import ranked
from judgeaudit.audit.probabilities.scored import Numbers, Scored, scored
from judgeaudit.audit.setting.context import Context
from judgeaudit.domain.ratings import Floats
from judgeaudit.domain.results.audit import Curve, Finding
from judgeaudit.domain.results.estimates import PValueSpread
from judgeaudit.domain.verdict_log import VerdictLog
from judgeaudit.stats.agreement.two_raters import divide
from judgeaudit.stats.intervals.limits import Link
from judgeaudit.stats.intervals.resample import jackknife
from judgeaudit.stats.probabilities import scores as prob
from judgeaudit.stats.probabilities.calibration import spiegelhalter_z
from judgeaudit.stats.probabilities.logistic import Fit, logistic_fit, sandwich, separated

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


# Calibration by regression on the log odds, and Spiegelhalter's test.


_LINE = ("calibration_intercept", "calibration_slope")
#: items from which on a fit takes cells of neighbours, and how many
_MANY, _CELLS = 10_000, 5000
_LARGE = "calibration_in_the_large"


def regression_estimates(one: Scored) -> dict[str, Estimate]:
    """By name: intercept and slope of logit P(y) = a + b logit p, the intercept where b is held at 1, and Spiegelhalter's z."""
    return {**_line(one), _LARGE: _in_the_large(one), "spiegelhalter_z": _spiegelhalter(one)}


def _no_odds(one: Scored) -> str | None:
    if one.one_class:
        return "one_class_human"
    return "infinite_log_odds" if bool(((one.score <= 0) | (one.score >= 1)).any()) else None


def _line(one: Scored) -> dict[str, Estimate]:
    why = _no_odds(one)
    if why is None and np.ptp(one.score) < 1e-12:
        why = "zero_variance"
    if why is None and separated(one.score, one.y):
        why = "separation"
    if why is None:
        x = np.column_stack([np.ones(one.n), logit(one.score)])
        found = _fitted(one, x, None)
        if found is not None:
            return dict(zip(_LINE, found, strict=True))
    return {name: Estimate(value=None, undefined=why or "separation") for name in _LINE}


def _in_the_large(one: Scored) -> Estimate:
    why = _no_odds(one)
    found = None if why else _fitted(one, np.ones((one.n, 1)), logit(one.score))
    return found[0] if found is not None else Estimate(value=None, undefined=why or "separation")


def _fitted(one: Scored, x: Floats, offset: Floats | None) -> list[Estimate] | None:
    """Coefficients with their interval: of the likelihood for exchangeable items, else of units that hang together."""
    if one.n > _MANY:
        fit = _by_cells(one, slope=offset is None)
    else:
        fit = logistic_fit(x, one.y, weights=one.weights, offset=offset)
    if np.isnan(fit.beta).any():
        return None
    plain = one.context.design.exchangeable
    model = plain and offset is None  # with the slope held at 1 the model is wrong wherever the slope is not
    covariance = fit.covariance if model else sandwich(fit, x, one.y, weights=one.weights, offset=offset, unit=one.unit)
    if not plain and one.g <= x.shape[1]:
        return [Estimate(value=float(value), method="none: too few clusters") for value in fit.beta]
    df = np.inf if plain else cluster_df(one.g)
    robust = "logistic regression, sandwich by item" if plain else "logistic regression, sandwich by cluster"
    method = "logistic regression, Wald" if model else robust
    out = []
    for value, variance in zip(fit.beta.tolist(), np.diag(covariance).tolist(), strict=True):
        se = float(np.sqrt(max(variance, 0.0)))
        low, high = two_sided(one.context.options.level, center=value, se=se, df=df, link="identity")
        spread = normal_record(center=value, se=se, df=df, link="identity")
        out.append(Estimate(value=value, low=low, high=high, method=method, spread=spread))
    return out


def _by_cells(one: Scored, *, slope: bool) -> Fit:
    """The same of very many items, whose neighbours share a cell; it moves coefficients far less than their error."""
    c = one.cells(most=_CELLS)
    used, odds = c.n > 0, logit(c.value)
    columns = [np.ones(odds.size), odds] if slope else [np.ones(odds.size)]
    x = np.column_stack(columns)[used]
    share = np.clip(c.y[used] / c.n[used], 0.0, 1.0)
    return logistic_fit(x, share, weights=c.n[used], offset=None if slope else odds[used])


def _spiegelhalter(one: Scored) -> Estimate:
    if not one.context.design.exchangeable:
        return Estimate(value=None, undefined="needs_independence")
    if bool((np.abs(one.score - one.y) >= 1).any()):
        return Estimate(value=None, undefined="infinite")
    z = spiegelhalter_z(one.score, one.y)
    if np.isnan(z):
        return Estimate(value=None, undefined="zero_variance")
    p = 2 * float(ndtr(-abs(z)))
    return Estimate(value=z, method="none: a test of calibration", spread=PValueSpread(p_value=p))


# How sure a judge without probabilities is, told by its runs: the share of them that vote for the positive side.


def vote_shares(context: Context, log: VerdictLog) -> tuple[list[Finding], list[Curve], dict[str, str]]:
    """Rank statistics of vote shares, in all strata, and what each such judge is sure by.

    Of judges with two answered runs on some item and no probabilities. A share of votes is a score, not a probability, so its
    calibration is not told.
    """
    findings: list[Finding] = []
    curves: list[Curve] = []
    names: dict[str, str] = {}
    if not context.scheme.has_positive:
        return findings, curves, names
    for number, judge in enumerate(log.judges):
        if judge in context.ratings.probability or judge in context.ratings.scores:
            continue
        votes, positive = _votes(context, log, number)
        if votes.max(initial=0.0) < 2:
            continue
        most = int(votes.max())
        names[judge] = f"vote share of {most} runs"
        share = np.where(votes >= 2, divide(positive, votes), np.nan)
        for stratum in context.ratings.strata:
            one = scored(context, judge, share, stratum, words=names[judge])
            found, drawn = ranked(one, np.where(one.verdict == 0, 1 - one.score, one.score))
            findings += found
            curves += drawn
    return findings, curves, names


def _votes(context: Context, log: VerdictLog, judge: int) -> tuple[Floats, Floats]:
    """(N,) answered runs of each item, in order ab, and those of them that are positive."""
    rows = log.of(judge, turned=False)
    rows = rows[(log.label[rows] >= 0) & (log.label[rows] < log.no_answer)]
    wanted = np.array([label in context.ratings.question.positive for label in log.question.labels], float)
    n = context.ratings.n_items
    votes = np.bincount(log.item[rows], minlength=n).astype(float)
    return votes, np.bincount(log.item[rows], wanted[log.label[rows]], minlength=n).astype(float)
