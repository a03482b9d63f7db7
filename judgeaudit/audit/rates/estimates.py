"""Corrected rates with their intervals, by design; and how an interval is made again from what a finding keeps of it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import numpy as np
from scipy.special import stdtr, stdtrit

from judgeaudit.audit.estimates.estimate import Estimate, clean
from judgeaudit.audit.estimates.jackknife import normal_record, two_sided, varied
from judgeaudit.audit.rates.cells import Sample
from judgeaudit.audit.setting.context import Context
from judgeaudit.audit.setting.design import generator
from judgeaudit.domain.ratings import Floats
from judgeaudit.domain.results.estimates import (
    BinomialSpread,
    CalibrationSpread,
    NormalSpread,
    RateOf,
    VerifiedOf,
    VerifiedSpread,
)
from judgeaudit.stats.intervals.limits import Link, wilson
from judgeaudit.stats.intervals.resample import jackknife, quantiles
from judgeaudit.stats.rates import corrected as rates

LEAST_YOUDEN = 0.10
POSTSTRATIFIED = "jeffreys monte carlo"
ASSUMED = "sensitivity and specificity taken to be the same in the unlabelled rows"
Names = tuple[str, ...]
_OF: dict[VerifiedOf, Callable[[Floats, rates.Verified], Floats]] = {
    "rate": lambda flagged, v: v.rate,
    "bias": lambda flagged, v: np.asarray(flagged - v.rate),
    "sensitivity": lambda flagged, v: v.sensitivity,
    "specificity": lambda flagged, v: v.specificity,
}


def _verified(cells: Floats) -> tuple[Floats, rates.Verified]:
    flagged = rates.flagged_share(cells, everywhere=True)
    return flagged, rates.verified(flagged, rates.precision(cells), rates.omission(cells))


def drawn(spread: VerifiedSpread, *, draws: int, seed: int) -> Floats:
    """The posterior draws (draws,) behind a post-stratified finding; drawn again they are the same."""
    rng = generator(seed, *spread.names)
    return _OF[spread.of](*rates.verified_draws(np.asarray(spread.counts), draws=draws, rng=rng))


# ------------------------------------------------------------------------------------------- random or weighted labels


def verified_estimates(sample: Sample, context: Context, names: Names) -> dict[str, Estimate]:
    """The post-stratified rate, the judge's bias against it, and sensitivity and specificity by Begg and Greenes.

    Rows that stand for themselves: Jeffreys Monte-Carlo limits. Clusters and weights: delete-one jackknife-t, and with weights
    no narrower than those limits for the effective numbers of rows.
    """
    of: dict[VerifiedOf, str] = {
        "rate": "prevalence_poststratified",
        "bias": "prevalence_bias_corrected",
        "sensitivity": "sensitivity_begg_greenes",
        "specificity": "specificity_begg_greenes",
    }
    return {name: _verified_one(sample, context, (*names, "rate"), kind) for kind, name in of.items()}


def _verified_one(sample: Sample, context: Context, names: Names, kind: VerifiedOf) -> Estimate:
    value = float(_OF[kind](*_verified(sample.cells)))
    if np.isnan(value):
        return Estimate(value=None, undefined=_why_unverified(sample, kind))
    counts = sample.effective_counts()
    cells = VerifiedSpread(counts=counts.tolist(), names=list(names), of=kind)
    spread: VerifiedSpread | NormalSpread = cells
    options = context.options
    low, high = quantiles(drawn(cells, draws=options.draws, seed=options.seed), level=options.level)
    method = POSTSTRATIFIED
    if not sample.exchangeable:
        method = f"{POSTSTRATIFIED}, effective numbers of rows"
        link: Link = "identity" if kind == "bias" else "logit"
        found = _jackknifed(sample, context, lambda c: _OF[kind](*_verified(c)), link=link)
        if found is not None and not sample.weighted:
            return found
        if found is not None and found.low is not None and found.high is not None:
            low, high = np.fmin(low, found.low), np.fmax(high, found.high)
            method = f"{found.method}, no narrower than {method}"
            if isinstance(found.spread, NormalSpread):
                spread = replace(found.spread, counts=cells.counts, names=cells.names, of=cells.of)
    return Estimate(value=value, low=float(low), high=float(high), method=method, spread=spread)


def _why_unverified(sample: Sample, kind: str) -> str:
    if not sample.n_judged:
        return "no_pairable"
    if np.isnan(_OF["rate"](*_verified(sample.cells))):
        return "verdict_unlabelled" if sample.n_labelled else "no_reference"
    return "no_positives" if kind == "sensitivity" else "no_negatives"


def ppi_estimate(sample: Sample, context: Context, *, tuned: bool, everywhere: bool) -> Estimate:
    """PPI or PPI++: the published normal interval for rows that stand for themselves, else a delete-one jackknife-t.

    Value and limits are clipped to [0, 1], which few labels may lead out of. Where the labelled rows show no error that varies
    (none at all, or one row) the published interval would take the judge for perfect: there is none.
    """
    found = rates.ppi(sample.cells, tuned=tuned, everywhere=everywhere)
    value = float(found.rate)
    if np.isnan(value):
        return Estimate(value=None, undefined="no_reference" if not sample.n_labelled else "no_unlabelled")
    if not float(found.of_labels) > 1e-9:
        return _within(Estimate(value=value, method="none: no variation"))
    if not sample.exchangeable:
        inside: Link = "logit" if 0.0 < value < 1.0 else "identity"
        made = _jackknifed(
            sample, context, lambda c: rates.ppi(c, tuned=tuned, everywhere=everywhere).rate, link=inside
        )
        return _within(made or Estimate(value=value, method="none: no variation"))
    se = float(found.se)
    low, high = two_sided(context.options.level, center=value, se=se, df=np.inf, link="identity")
    spread = normal_record(center=value, se=se, df=np.inf, link="identity")
    return _within(Estimate(value=value, low=low, high=high, method="ppi, normal interval", spread=spread))


def _within(e: Estimate) -> Estimate:
    value, low, high = (None if x is None else min(max(x, 0.0), 1.0) for x in (e.value, e.low, e.high))
    return replace(e, value=value, low=low, high=high)


def _jackknifed(sample: Sample, context: Context, f: Callable[[Floats], Floats], *, link: Link) -> Estimate | None:
    """The delete-one-unit interval of a value; None where nothing varies or one unit holds every label."""
    if sample.labelled_units < 2:
        return None
    spread = jackknife(sample.units, counts=sample.repeats, f=lambda c: np.asarray(f(c))[..., None])
    center, se = float(spread.estimate[0]), float(spread.se[0])
    if not (np.isfinite(se) and se > 1e-9):
        return None
    low, high = two_sided(context.options.level, center=center, se=se, df=sample.df, link=link)
    if link == "identity":
        low, high = max(low, -1.0), min(high, 1.0)
    return Estimate(
        value=center,
        low=low,
        high=high,
        method=f"jackknife-t over {varied(context)}, {link} scale",
        spread=normal_record(center=center, se=se, df=sample.df, link=link),
    )


# -------------------------------------------------------------------------------------------------- labels from elsewhere


def judged_estimate(sample: Sample, context: Context, *, everywhere: bool) -> Estimate:
    """The judge's own share of positives in the rows that the rate is wanted for."""
    value = float(rates.flagged_share(sample.cells, everywhere=everywhere))
    if np.isnan(value):
        return Estimate(value=None, undefined="no_unlabelled")
    if not sample.exchangeable:
        found = _jackknifed(sample, context, lambda c: rates.flagged_share(c, everywhere=everywhere), link="logit")
        if found is not None:
            return found
    n = float(sample.effective[0 if everywhere else 1])
    low, high = wilson(value * n, n, level=context.options.level)
    spread = BinomialSpread(k=value * n, n=n)
    k, size = (value * n, n) if sample.exchangeable else (None, None)
    return Estimate(value=value, low=low, high=high, method="wilson", k=k, n=size, spread=spread)


def rogan_gladen_estimates(sample: Sample, context: Context) -> dict[str, Estimate]:
    """The Rogan-Gladen rate, clipped to [0, 1], and the judge's bias against it, with Lang and Reiczigel's limits.

    With clusters or weights each share enters at its effective number of rows, and t stands for the normal distribution.
    """
    names: dict[RateOf, str] = {"rate": "prevalence_rogan_gladen", "bias": "prevalence_bias_corrected"}
    why = why_uncorrectable(sample, context)
    if why:
        return {name: Estimate(value=None, undefined=why) for name in names.values()}
    told = sample.calibration()
    raw = float(rates.rogan_gladen(sample.cells))
    rate = min(max(raw, 0.0), 1.0)
    note = "" if sample.exchangeable else ", effective numbers of rows, t"
    out = {}
    for kind, name in names.items():
        record = CalibrationSpread(**told._asdict(), df=clean(sample.df), of=kind)
        low, high = (limit(record, confidence=(1 + sign * context.options.level) / 2) for sign in (-1, 1))
        value = rate if kind == "rate" else told.p - rate
        out[name] = Estimate(
            value=value,
            low=min(low, value),
            high=max(high, value),
            method=f"rogan-gladen, lang-reiczigel interval{note}; {ASSUMED}",
            spread=record,
        )
    return out


def why_uncorrectable(sample: Sample, context: Context) -> str:
    """Why no Rogan-Gladen rate exists, or nothing: a judge whose Youden's J is under 0.10, or may be 0, corrects nothing."""
    if not sample.n_unlabelled:
        return "no_unlabelled"
    if not sample.n_labelled:
        return "no_reference"
    told = sample.calibration()
    if np.isnan(told.youden):
        return "no_positives" if np.isnan(told.sensitivity) else "no_negatives"
    least = rates.youden_interval(told, level=context.options.level).low
    return "se_plus_sp_le_1" if told.youden < LEAST_YOUDEN or not least > 0 else ""


def limit(record: CalibrationSpread, *, confidence: float, clipped: bool = True) -> float:
    """The one-sided limit at `confidence` of what a record of kind lang_reiczigel keeps."""
    told = calibration_in(record)
    df = np.inf if record.df is None else record.df
    x = rates.lang_reiczigel(told, z=float(stdtrit(df, confidence)), of=record.of)
    return float(np.clip(x, 0.0 if record.of == "rate" else -1.0, 1.0)) if clipped else x


def calibration_in(record: CalibrationSpread) -> rates.Calibration:
    """The shares and numbers that a corrected rate was made from."""
    return rates.Calibration(*(float(getattr(record, name)) for name in rates.Calibration._fields))


def p_not_above(record: CalibrationSpread, threshold: float) -> float:
    """P-value of "not above `threshold`": one less the confidence at which the lower limit reaches it."""
    told = calibration_in(record)
    df = np.inf if record.df is None else record.df
    low, high = -12.0, 12.0
    for _ in range(80):
        middle = (low + high) / 2.0
        if rates.lang_reiczigel(told, z=middle, of=record.of) < threshold:
            low = middle
        else:
            high = middle
    return float(stdtr(df, (low + high) / 2.0))
