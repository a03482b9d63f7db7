"""What recalibration would gain, out of fold; and the map that does it."""

from __future__ import annotations

from dataclasses import replace
from typing import NamedTuple

import numpy as np

from judgeaudit.audit.estimates.estimate import Estimate
from judgeaudit.audit.probabilities.findings import mean_of
from judgeaudit.audit.probabilities.scored import Numbers, Scored
from judgeaudit.audit.setting.design import generator
from judgeaudit.domain.ratings import Floats
from judgeaudit.domain.results.audit import Finding
from judgeaudit.domain.results.judges import Recalibration, TriedMap
from judgeaudit.stats.probabilities import recalibration as recal
from judgeaudit.stats.probabilities import scores as prob
from judgeaudit.stats.probabilities.ranking import Cells, cells_of, coarser

FOLDS = 5
#: labels below which a map is not offered: of each side for curves of few coefficients, in all for isotonic
LEAST_OF_EACH_SIDE: dict[recal.Kind, int] = {"temperature": 10, "platt": 50, "beta": 50, "isotonic": 10}
LEAST_FOR_ISOTONIC = 1000
#: more scores than this share cells with their neighbours when a map is fitted
_CELLS = 5000
GAINS = ("recalibration_gain_log_loss", "recalibration_gain_brier")


class _Tried(NamedTuple):
    """A kind of map as it is told, and its probabilities out of fold (n,) where it was fitted."""

    told: TriedMap
    out_of_fold: Floats | None = None


class Recalibrated(NamedTuple):
    """The gains of the best map, and the record with every map that was tried."""

    gains: list[Finding]
    record: Recalibration


def recalibration(one: Scored) -> Recalibrated:
    """Of one judge's probabilities of all items."""
    why, fold = _why_not(one), _folds(one)
    value, place = coarser(*one.distinct, most=_CELLS)
    of_fold = [cells_of(value, place, one.y, np.where(fold == f, one.weights, 0.0)) for f in range(FOLDS)]
    tried = [_tried(one, kind, fold, of_fold, why) for kind in recal.KINDS]
    best, made = _best(tried, of_fold)
    undefined = why or _first_reason(tried)
    gains = {name: Estimate(value=None, undefined=undefined) for name in GAINS}
    if best is not None and best.out_of_fold is not None:
        gains = _gains(one, best.out_of_fold)
    record = Recalibration(
        question=one.context.question,
        judge=one.judge,
        of=one.words or "probability",
        method=None if made is None else made.kind,
        numbers=[] if made is None else list(made.numbers),
        n=one.n,
        positives=int(one.positive.sum()),
        folds=FOLDS,
        folds_by="clusters" if one.context.design.clustered else "items",
        shown_better=_shown_better(gains),
        tried=[each.told for each in tried],
        undefined=None if made is not None else undefined,
    )
    return Recalibrated([one.finding(name, gains[name]) for name in GAINS], record)


def _best(tried: list[_Tried], of_fold: list[Cells]) -> tuple[_Tried | None, recal.Map | None]:
    """The map with the least Brier score out of fold, fitted on all folds; nothing where that has no solution."""
    fits = [each for each in tried if each.told.brier is not None]
    best = min(fits, key=lambda each: each.told.brier or 0.0, default=None)
    made = None if best is None else recal.fit_map(best.told.method, _joined(of_fold))
    return (None, None) if made is None else (best, made)


def _shown_better(gains: dict[str, Estimate]) -> bool:
    """Whether the gain in Brier score lies above 0 with its whole interval."""
    low = gains["recalibration_gain_brier"].low
    return low is not None and low > 0


def _first_reason(tried: list[_Tried]) -> str:
    return next((each.told.undefined for each in tried if each.told.undefined is not None), "too_few_items")


def _why_not(one: Scored) -> str | None:
    if one.n == 0:
        return "no_pairable"
    if one.one_class:
        return "one_class_human"
    if np.ptp(one.score) < 1e-12:
        return "zero_variance"
    return "too_few_clusters" if one.g < FOLDS else None


def _folds(one: Scored) -> Numbers:
    """(n,) the fold of each item; units stay together."""
    rng = generator(one.context.options.seed, one.context.question, one.judge, "folds")
    return np.asarray((rng.permutation(max(one.g, 1)) % FOLDS)[one.unit], np.int64)


def _too_few(one: Scored, kind: recal.Kind) -> str | None:
    sides = int(one.positive.sum()), int((~one.positive).sum())
    short = min(sides) < LEAST_OF_EACH_SIDE[kind] or (kind == "isotonic" and one.n < LEAST_FOR_ISOTONIC)
    return "too_few_items" if short else None


def _tried(one: Scored, kind: recal.Kind, fold: Numbers, of_fold: list[Cells], why: str | None) -> _Tried:
    """One kind of map: its scores out of fold, or why it is not offered."""
    none = TriedMap(method=kind, log_loss=None, brier=None, undefined=why or _too_few(one, kind))
    if none.undefined is not None:
        return _Tried(none)
    q = np.full(one.n, np.nan)
    for number in range(FOLDS):
        held_out = fold == number
        made = recal.fit_map(kind, _joined([c for f, c in enumerate(of_fold) if f != number]))
        if made is None:
            return _Tried(replace(none, undefined="separation"))
        q[held_out] = recal.apply_map(one.score[held_out], made)
    log, brier = (
        float(np.average(terms(q, one.y), weights=one.weights)) for terms in (prob.log_terms, prob.brier_terms)
    )
    return _Tried(replace(none, log_loss=log if np.isfinite(log) else None, brier=brier), q)


def _joined(parts: list[Cells]) -> Cells:
    """The totals of several folds."""
    return Cells(parts[0].value, np.sum([c.n for c in parts], 0), np.sum([c.y for c in parts], 0))


def _gains(one: Scored, q: Floats) -> dict[str, Estimate]:
    """The raw loss less the loss out of fold, item by item, with the interval of their units: above 0 the map is better."""
    raw, new = prob.log_terms(one.score, one.y), prob.log_terms(q, one.y)
    brier = prob.brier_terms(one.score, one.y) - prob.brier_terms(q, one.y)
    infinite = int(np.isinf(raw).sum())
    log_gain = (
        Estimate(value=None, undefined="infinite", k=float(infinite), n=float(one.n))
        if infinite
        else mean_of(one, raw - new, link="identity")
    )
    return dict(zip(GAINS, (log_gain, mean_of(one, brier, link="identity")), strict=True))
