"""Calibration by regression on the log odds, and Spiegelhalter's test."""

from __future__ import annotations

import numpy as np
from scipy.special import logit, ndtr

from judgeaudit.audit.estimates.estimate import Estimate
from judgeaudit.audit.estimates.jackknife import cluster_df, normal_record, two_sided
from judgeaudit.audit.probabilities.scored import Scored
from judgeaudit.domain.ratings import Floats
from judgeaudit.stats.probabilities.calibration import spiegelhalter_z
from judgeaudit.stats.probabilities.logistic import Fit, logistic_fit, sandwich, separated

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
    return Estimate(value=z, method="none: a test of calibration", spread={"kind": "test", "p_value": p})
