"""A judge's probabilities held against the reference: Brier score, log loss, calibration error, reliability curve."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import numpy.typing as npt

from judgeaudit.audit.context import Context
from judgeaudit.audit.findings import Estimate, finding_of
from judgeaudit.audit.jackknifed import by_jackknife
from judgeaudit.domain.ratings import Floats
from judgeaudit.domain.results import Curve, Finding
from judgeaudit.stats import probability as prob
from judgeaudit.stats.intervals import Link, wilson
from judgeaudit.stats.resample import jackknife

Numbers = npt.NDArray[np.int64]

NAMES = ("brier_score", "log_loss", "ece", "ece_equal_mass")


def probability_findings(context: Context, judge: str, stratum: str) -> tuple[list[Finding], list[Curve]]:
    """Scores of one judge's probabilities of the positive side, on items with a reference and a probability."""
    p_all = context.ratings.probability.get(judge)
    if p_all is None or not context.scheme.has_positive:
        return [], []
    codes = context.reference.codes
    used = context.ratings.strata[stratum] & (codes >= 0) & ~np.isnan(p_all)
    if used.sum() < 2:
        return [
            _finding(context, judge, stratum, name, Estimate(value=None, undefined="no_pairable"), 0, 0)
            for name in NAMES
        ], []
    p = p_all[used]
    y = context.scheme.positive[codes[used]].astype(float)
    w = context.design.weights[used]
    _, dense = np.unique(context.design.units[used], return_inverse=True)
    unit = dense.ravel()
    g = int(unit.max()) + 1
    n = int(used.sum())
    width, mass = prob.equal_width_bins(p, bins=prob.BINS), prob.equal_mass_bins(p, bins=prob.BINS)
    rows = [
        ("brier_score", _mean(context, prob.brier_terms(p, y), w, unit, g, link="logit")),
        ("log_loss", _log_loss(context, p, y, w, unit, g)),
        ("ece", _error(context, p, y, w, unit, g, width)),
        ("ece_equal_mass", _error(context, p, y, w, unit, g, mass)),
    ]
    findings = [_finding(context, judge, stratum, name, e, n, g) for name, e in rows]
    return findings, [_curve(context, judge, stratum, p, y, width)]


def _finding(context: Context, judge: str, stratum: str, name: str, e: Estimate, n: int, g: int) -> Finding:
    return finding_of(
        e,
        question=context.question,
        stratum=stratum,
        subject=judge,
        versus="reference",
        statistic=name,
        n_items=n,
        n_clusters=g,
    )


def _mean(
    context: Context,
    terms: Floats,
    w: Floats,
    unit: Numbers,
    g: int,
    *,
    link: Link,
) -> Estimate:
    units = np.column_stack(
        [np.bincount(unit, w * terms, minlength=g).astype(float), np.bincount(unit, w, minlength=g).astype(float)]
    )
    return _jackknife(context, units, lambda t: (t[..., 0] / np.maximum(t[..., 1], 1e-300))[..., None], link)


def _log_loss(context: Context, p: Floats, y: Floats, w: Floats, unit: Numbers, g: int) -> Estimate:
    terms = prob.log_terms(p, y)
    infinite = int(np.isinf(terms).sum())
    if infinite:
        return Estimate(value=None, undefined="infinite", k=float(infinite), n=float(p.size))
    return _mean(context, terms, w, unit, g, link="log")


def _error(
    context: Context,
    p: Floats,
    y: Floats,
    w: Floats,
    unit: Numbers,
    g: int,
    which: Numbers,
) -> Estimate:
    bins = prob.BINS
    cell = unit * bins + which
    parts = [
        np.bincount(cell, w * v, minlength=g * bins).astype(float).reshape(g, bins) for v in (np.ones_like(p), p, y)
    ]
    units = np.stack(parts, 1).reshape(g, 3 * bins)

    def f(t: Floats) -> Floats:
        return prob.calibration_error(t.reshape(*t.shape[:-1], 3, bins))[..., None]

    return _jackknife(context, units, f, "logit")


def _jackknife(context: Context, units: Floats, f: Callable[[Floats], Floats], link: Link) -> Estimate:
    spread = jackknife(units, counts=np.ones(len(units)), f=f)
    return by_jackknife(context, center=float(spread.estimate[0]), se=float(spread.se[0]), g=len(units), link=link)


def _curve(context: Context, judge: str, stratum: str, p: Floats, y: Floats, which: Numbers) -> Curve:
    held = prob.bin_totals(p, y, which=which, bins=prob.BINS, weights=np.ones_like(p))
    used = np.flatnonzero(held.n > 0)
    limits = [wilson(float(held.y[b]), float(held.n[b]), level=context.options.level) for b in used]
    return Curve(
        question=context.question,
        kind="reliability",
        subject=judge,
        stratum=stratum,
        x=(held.p[used] / held.n[used]).tolist(),
        y=(held.y[used] / held.n[used]).tolist(),
        low=[interval.low for interval in limits],
        high=[interval.high for interval in limits],
        n=held.n[used].astype(int).tolist(),
    )
