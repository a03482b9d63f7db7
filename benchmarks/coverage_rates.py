"""Cells of `coverage.py` about corrected rates: many verdicts, few labels, by each design of the labels.

Every sample goes the way of an audit: `Ratings` arrays, then `right_rate` with its defaults. The truth is the rate in the
population that the rows are drawn from.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from typing import Literal

import numpy as np

from judgeaudit.audit.rates.corrected_rate import right_rate
from judgeaudit.audit.setting.context import make_context
from judgeaudit.audit.setting.options import AuditOptions
from judgeaudit.domain.question import make_question
from judgeaudit.domain.ratings import MISSING, Floats, Mask, Ratings

JUDGED = 10_000
PROCESSES = 2
QUESTION = make_question(name="q", scale="binary", labels=("0", "1"))
SAMPLED = ("prevalence_poststratified", "prevalence_ppi", "prevalence_ppi_pp", "sensitivity_begg_greenes")
MOVED = ("prevalence_rogan_gladen", "prevalence_bias_corrected")
#: variance between prompts, as a share of what it could be: of the rate, and of both error rates
WITHIN = 0.2


@dataclass(frozen=True, slots=True, kw_only=True)
class RateCell:
    """One setting: rates in the judged rows, and how `labelled` of them (in the mean) come by their labels.

    `calibration` is the rate among the labelled rows where they come from elsewhere; `prompts` is how many rows share one.
    """

    name: str
    group: str
    design: Literal["random", "weighted", "elsewhere"]
    rate: float
    hit: float
    clear: float
    labelled: int
    calibration: float | None = None
    prompts: int = 1

    @property
    def truth(self) -> dict[str, float]:
        """By statistic."""
        flagged = self.rate * self.hit + (1 - self.rate) * (1 - self.clear)
        known = dict.fromkeys((*SAMPLED[:3], MOVED[0]), self.rate)
        known |= {"sensitivity_begg_greenes": self.hit, "prevalence_bias_corrected": flagged - self.rate}
        return {name: known[name] for name in (MOVED if self.design == "elsewhere" else SAMPLED)}


def intervals_of(cell: RateCell, *, seed: list[int]) -> dict[str, tuple[float, float]]:
    """One sample's intervals, by statistic; statistics without a value or an interval are left out."""
    rng = np.random.default_rng(seed)
    positive, flagged = _rows(rng, cell, JUDGED, cell.rate)
    weights = None
    if cell.design == "elsewhere":
        more, said = _rows(rng, cell, cell.labelled, cell.calibration or cell.rate)
        positive, flagged = np.concatenate([more, positive]), np.concatenate([said, flagged])
        told = np.arange(positive.size) < cell.labelled
    elif cell.design == "weighted":
        chance = np.where(flagged, 0.05, 0.005)
        told, weights = rng.random(JUDGED) < chance, 1.0 / chance
    else:
        told = np.arange(JUDGED) < cell.labelled  # rows and prompts stand in no order
    clusters = np.arange(positive.size) // cell.prompts if cell.prompts > 1 else None
    ratings = Ratings(
        question=QUESTION,
        items=_items(positive.size),
        people_names=("p",),
        judge_names=("judge",),
        people=np.where(told, positive, MISSING).astype(np.int32)[None, :],
        judges=flagged.astype(np.int32)[None, :],
        strata={"all": np.ones(positive.size, bool)},
        clusters=clusters,
        weights=weights,
        label_design=cell.design,
    )
    found = right_rate(make_context(ratings, AuditOptions(seed=seed[-1]))).findings
    return {
        f.statistic: (f.low, f.high)
        for f in found
        if f.statistic in cell.truth and f.low is not None and f.high is not None
    }


def _rows(rng: np.random.Generator, cell: RateCell, n: int, rate: float) -> tuple[Mask, Mask]:
    """What is true of n rows and what the judge says; prompts differ in rate and error rates (Beta, so that means are exact)."""
    prompts = -(-n // cell.prompts)
    each = np.arange(n) // cell.prompts

    def spread(mean: float) -> Floats:
        if cell.prompts == 1:
            return np.full(prompts, mean)
        size = 1.0 / WITHIN - 1.0
        return rng.beta(mean * size, (1.0 - mean) * size, prompts)

    positive = rng.random(n) < spread(rate)[each]
    hit, alarm = spread(cell.hit)[each], spread(1.0 - cell.clear)[each]
    return positive, rng.random(n) < np.where(positive, hit, alarm)


@cache
def _items(n: int) -> tuple[str, ...]:
    return tuple(map(str, range(n)))


def _cells() -> list[RateCell]:
    out = []
    settings = [(0.05, 0.8, 0.9, 100), (0.05, 0.95, 0.97, 100), (0.05, 0.95, 0.97, 400), (0.5, 0.8, 0.9, 100)]
    for rate, hit, clear, n in settings:
        name = f"random: rate {rate}, sensitivity {hit}, specificity {clear}, {n} labels"
        group = "Labels are a random sample of the judged rows"
        out.append(RateCell(name=name, group=group, design="random", rate=rate, hit=hit, clear=clear, labelled=n))
    moved = [(0.05, 0.8, 0.9, 100, 0.5), (0.05, 0.95, 0.97, 100, 0.5), (0.5, 0.95, 0.97, 400, 0.2)]
    for rate, hit, clear, n, there in moved:
        name = f"elsewhere: rate {rate}, sensitivity {hit}, specificity {clear}, {n} labels at rate {there}"
        out.append(
            RateCell(
                name=name,
                group="Labels come from elsewhere, where another share is positive",
                design="elsewhere",
                rate=rate,
                hit=hit,
                clear=clear,
                labelled=n,
                calibration=there,
            )
        )
    group = "Weights and prompts"
    weighted = "weighted: rate 0.05, sensitivity 0.8, specificity 0.9, flagged rows labelled ten times as often"
    out.append(RateCell(name=weighted, group=group, design="weighted", rate=0.05, hit=0.8, clear=0.9, labelled=110))
    for design, there in (("random", None), ("elsewhere", 0.5)):
        out.append(
            RateCell(
                name=f"{design}, in prompts: rate 0.3, sensitivity 0.9, specificity 0.8, 40 prompts of 10 labelled",
                group=group,
                design="random" if there is None else "elsewhere",
                rate=0.3,
                hit=0.9,
                clear=0.8,
                labelled=400,
                calibration=there,
                prompts=10,
            )
        )
    return out


CELLS = {cell.name: cell for cell in _cells()}
