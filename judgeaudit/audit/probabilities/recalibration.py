"""What recalibration would gain, out of fold; and the map that does it."""

from __future__ import annotations

from typing import Any

import numpy as np

from judgeaudit.audit.estimates.estimate import Estimate
from judgeaudit.audit.probabilities.findings import mean_of
from judgeaudit.audit.probabilities.scored import Numbers, Scored
from judgeaudit.audit.setting.design import generator
from judgeaudit.domain.ratings import Floats
from judgeaudit.domain.results.audit import Finding
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


def recalibration(one: Scored) -> tuple[list[Finding], dict[str, Any]]:
    """Of one judge's probabilities of all items: the gains of the best map, and a record with every map that was tried."""
    context, why, fold = one.context, _why_not(one), _folds(one)
    value, place = coarser(*one.distinct, most=_CELLS)
    of_fold = [cells_of(value, place, one.y, np.where(fold == f, one.weights, 0.0)) for f in range(FOLDS)]
    tried = [_tried(one, kind, fold, of_fold, why) for kind in recal.KINDS]
    fits = [each for each in tried if each["undefined"] is None]
    best = min(fits, key=lambda each: each["brier"], default=None)
    made = None if best is None else recal.fit_map(best["method"], _joined(of_fold))
    gains = {name: Estimate(value=None, undefined=why or _first_reason(tried)) for name in GAINS}
    if best is not None and made is not None:
        gains = _gains(one, best["out_of_fold"])
    found = [one.finding(name, gains[name]) for name in GAINS]
    record = {
        "question": context.question,
        "judge": one.judge,
        "of": one.words or "probability",
        "method": None if best is None or made is None else best["method"],
        "numbers": [] if made is None else list(made.numbers),
        "n": one.n,
        "positives": int(one.positive.sum()),
        "folds": FOLDS,
        "folds_by": "clusters" if context.design.clustered else "items",
        "shown_better": _shown_better(gains),
        "tried": [{key: value for key, value in each.items() if key != "out_of_fold"} for each in tried],
        "undefined": None if made is not None else why or _first_reason(tried),
    }
    return found, record


def _shown_better(gains: dict[str, Estimate]) -> bool:
    """Whether the gain in Brier score lies above 0 with its whole interval."""
    low = gains["recalibration_gain_brier"].low
    return low is not None and low > 0


def _first_reason(tried: list[dict[str, Any]]) -> str:
    return next((str(each["undefined"]) for each in tried if each["undefined"] is not None), "too_few_items")


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


def _tried(one: Scored, kind: recal.Kind, fold: Numbers, of_fold: list[Cells], why: str | None) -> dict[str, Any]:
    """One kind of map: its scores out of fold, or why it is not offered."""
    plain: dict[str, Any] = {"method": kind, "log_loss": None, "brier": None, "undefined": why or _too_few(one, kind)}
    if plain["undefined"] is not None:
        return plain
    q = np.full(one.n, np.nan)
    for number in range(FOLDS):
        held_out = fold == number
        made = recal.fit_map(kind, _joined([c for f, c in enumerate(of_fold) if f != number]))
        if made is None:
            return {**plain, "undefined": "separation"}
        q[held_out] = recal.apply_map(one.score[held_out], made)
    scores = [float(np.average(terms(q, one.y), weights=one.weights)) for terms in (prob.log_terms, prob.brier_terms)]
    return {**plain, "log_loss": scores[0] if np.isfinite(scores[0]) else None, "brier": scores[1], "out_of_fold": q}


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
