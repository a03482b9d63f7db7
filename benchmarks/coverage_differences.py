"""Cells of `coverage.py` about two strata, two judges, and probabilities: each sample goes the way of an audit."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from typing import NamedTuple

import numpy as np
from coverage_models import Array, detector
from scipy.special import expit, ndtr

from judgeaudit.audit.judge_contrasts.categorical import judge_contrasts
from judgeaudit.audit.probabilities.findings import probability_findings
from judgeaudit.audit.setting.context import Context, make_context
from judgeaudit.audit.setting.options import AuditOptions
from judgeaudit.audit.setting.scheme import Scheme
from judgeaudit.audit.strata_contrasts.differences import strata_contrasts
from judgeaudit.domain.question import make_question
from judgeaudit.domain.ratings import Codes, Ratings
from judgeaudit.stats.agreement.two_raters import cohen_kappa

QUESTION = make_question(name="q", scale="binary", labels=("0", "1"))
BY_STRATA = ("cohen_kappa", "sensitivity", "specificity")
BY_JUDGES = ("cohen_kappa", "accuracy", "sensitivity")
PER_PROMPT = 10
#: how far a prompt's items hang together: the share of items that take their prompt's luck
SHARED = 0.3


class Population(NamedTuple):
    """Share of positives, sensitivity, specificity."""

    rate: float
    hit: float
    clear: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Cell:
    """One setting; `sample` gives each statistic's limits."""

    name: str
    group: str
    truth: dict[str, float]
    sample: Callable[[np.random.Generator, AuditOptions], dict[str, tuple[float, float]]]


def intervals_of(cell: Cell, *, seed: list[int]) -> dict[str, tuple[float, float]]:
    """One sample's intervals, by statistic; statistics without a value or an interval are left out."""
    return cell.sample(np.random.default_rng(seed), AuditOptions(seed=seed[-1]))


def _kappa(who: Population) -> float:
    table = np.zeros((3, 3))
    table[:-1, :-1] = detector(*who) * 1e9
    return float(cohen_kappa(table, weights=Scheme(question=QUESTION).identity))


def _known(one: Population, two: Population, names: tuple[str, ...]) -> dict[str, float]:
    def of(who: Population, name: str) -> float:
        right = who.rate * who.hit + (1 - who.rate) * who.clear
        return {"cohen_kappa": _kappa(who), "accuracy": right, "sensitivity": who.hit, "specificity": who.clear}[name]

    return {name: of(one, name) - of(two, name) for name in names}


def _luck(rng: np.random.Generator, n: int, *, prompts: bool) -> Array:
    """(n,) uniform; with prompts, items share some of it."""
    own = rng.random(n)
    if not prompts:
        return own
    common = rng.random(-(-n // PER_PROMPT))[np.arange(n) // PER_PROMPT]
    return np.where(rng.random(n) < SHARED, common, own)


def _context(
    reference: Codes,
    judges: Codes,
    options: AuditOptions,
    *,
    prompts: bool,
    side: Array | None = None,
    p: Array | None = None,
) -> Context:
    n = reference.size
    strata = {"all": np.ones(n, bool)}
    if side is not None:
        strata |= {"s=a": side == 0, "s=b": side == 1}
    ratings = Ratings(
        question=QUESTION,
        items=_items(n),
        people_names=(),
        judge_names=tuple(f"j{i}" for i in range(len(judges))),
        people=np.zeros((0, n), np.int32),
        judges=judges,
        reference=reference,
        strata=strata,
        columns={"s": ("s=a", "s=b")} if side is not None else {},
        clusters=np.arange(n) // PER_PROMPT if prompts else None,
        probability={} if p is None else {"j0": p},
    )
    return make_context(ratings, options)


@cache
def _items(n: int) -> tuple[str, ...]:
    return tuple(map(str, range(n)))


def _strata(one: Population, two: Population, sizes: tuple[int, int], *, prompts: bool) -> Cell:
    side = np.repeat([0, 1], sizes)
    rate, hit, clear = (np.array([a, b])[side] for a, b in zip(one, two, strict=True))

    def sample(rng: np.random.Generator, options: AuditOptions) -> dict[str, tuple[float, float]]:
        truth = _luck(rng, side.size, prompts=prompts) < rate
        right = _luck(rng, side.size, prompts=prompts) < np.where(truth, hit, clear)
        said = np.where(right, truth, ~truth).astype(np.int32)
        context = _context(truth.astype(np.int32), said[None], options, prompts=prompts, side=side)
        found = {c.statistic: c for c in strata_contrasts(context, "j0")}
        sign = {c.statistic: 1 if c.a == "s=a" else -1 for c in found.values()}
        return _limits({name: (found[name].low, found[name].high, sign[name]) for name in BY_STRATA if name in found})

    where = f", prompts of {PER_PROMPT}" if prompts else ""
    name = f"strata: {sizes[0]} at {one.rate} ({one.hit}/{one.clear}), {sizes[1]} at {two.rate} ({two.hit}/{two.clear}){where}"
    return Cell(
        name=name, group="One judge in two strata: the difference", truth=_known(one, two, BY_STRATA), sample=sample
    )


def _judges(one: Population, two: Population, n: int, *, prompts: bool) -> Cell:
    def sample(rng: np.random.Generator, options: AuditOptions) -> dict[str, tuple[float, float]]:
        truth = _luck(rng, n, prompts=prompts) < one.rate
        hard = _luck(rng, n, prompts=prompts)  # both judges err on hard items: their errors hang together
        said = []
        for who in (one, two):
            luck = np.where(rng.random(n) < 0.5, hard, rng.random(n))
            right = luck < np.where(truth, who.hit, who.clear)
            said.append(np.where(right, truth, ~truth))
        context = _context(truth.astype(np.int32), np.array(said).astype(np.int32), options, prompts=prompts)
        found = {c.statistic: c for c in judge_contrasts(context)}
        sign = {c.statistic: 1 if c.a == "j0" else -1 for c in found.values()}
        return _limits({name: (found[name].low, found[name].high, sign[name]) for name in BY_JUDGES if name in found})

    where = f", prompts of {PER_PROMPT}" if prompts else ""
    name = f"judges: rate {one.rate}, {one.hit}/{one.clear} against {two.hit}/{two.clear}, n {n}{where}"
    return Cell(
        name=name,
        group="Two judges on the same items: the difference",
        truth=_known(one, two, BY_JUDGES),
        sample=sample,
    )


def _limits(found: dict[str, tuple[float | None, float | None, int]]) -> dict[str, tuple[float, float]]:
    out = {}
    for name, (low, high, sign) in found.items():
        if low is not None and high is not None:
            out[name] = (low, high) if sign > 0 else (-high, -low)
    return out


def _probabilities(rate: float, apart: float, slope: float, n: int, *, prompts: bool) -> Cell:
    """Scores are normal in each class, `apart` standard deviations from each other; true log odds are `slope` times the judge's."""
    offset = np.log(rate / (1 - rate))

    def sample(rng: np.random.Generator, options: AuditOptions) -> dict[str, tuple[float, float]]:
        truth = rng.random(n) < rate
        noise = rng.standard_normal(n)
        if prompts:
            noise = (
                np.sqrt(1 - SHARED) * noise
                + np.sqrt(SHARED) * rng.standard_normal(-(-n // PER_PROMPT))[np.arange(n) // PER_PROMPT]
            )
        score = noise + np.where(truth, apart / 2, -apart / 2)
        p = expit((apart * score + offset) / slope)
        reference, said = truth.astype(np.int32), (p >= 0.5).astype(np.int32)
        context = _context(reference, said[None], options, prompts=prompts, p=p)
        found = {f.statistic: (f.low, f.high, 1) for f in probability_findings(context, "j0", "all")[0]}
        return _limits({name: found[name] for name in known if name in found})

    known = {
        "roc_auc": float(ndtr(apart / np.sqrt(2))),
        "average_precision": _precision(rate, apart),
        "calibration_slope": slope,
    }
    where = f", prompts of {PER_PROMPT}" if prompts else ""
    name = f"probabilities: rate {rate}, classes {apart} apart, slope {slope}, n {n}{where}"
    return Cell(name=name, group="Probabilities against a reference", truth=known, sample=sample)


def _precision(rate: float, apart: float) -> float:
    """The area under precision by recall of two normal classes."""
    at = np.linspace(-9, 9, 200_001)
    recall, alarms = 1 - ndtr(at - apart / 2), 1 - ndtr(at + apart / 2)
    share = rate * recall + (1 - rate) * alarms
    return float(np.trapezoid(rate * recall[::-1] / np.maximum(share[::-1], 1e-300), recall[::-1]))


def _cells() -> list[Cell]:
    rare, often = Population(0.05, 0.8, 0.98), Population(0.3, 0.9, 0.95)
    even, worse = Population(0.5, 0.9, 0.9), Population(0.5, 0.7, 0.9)
    out = [
        _strata(rare, often, (100, 300), prompts=False),
        _strata(worse, even, (60, 200), prompts=False),
        _strata(Population(0.3, 0.7, 0.6), often, (60, 200), prompts=False),
        _strata(worse, even, (300, 300), prompts=True),
    ]
    for one, two in ((rare, Population(0.05, 0.7, 0.98)), (even, worse)):
        out += [_judges(one, two, n, prompts=False) for n in (100, 300)]
        out.append(_judges(one, two, 400, prompts=True))
    for rate, apart, slope in ((0.3, 1.5, 1.0), (0.1, 2.0, 0.5)):
        out += [_probabilities(rate, apart, slope, n, prompts=False) for n in (100, 400)]
        out.append(_probabilities(rate, apart, slope, 400, prompts=True))
    return out


CELLS: dict[str, Cell] = {cell.name: cell for cell in _cells()}
