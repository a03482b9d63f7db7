"""Which conclusions turn with a choice: flip rates, orders of methods, and the choice that turns most."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from itertools import combinations
from typing import Any

import numpy as np
import numpy.typing as npt

from judgeaudit.audit.checkpoints.analyses import Analysis, Choices
from judgeaudit.audit.checkpoints.shares import MEASURE_OF
from judgeaudit.audit.checkpoints.specifications import (
    CHOICES,
    UNDEFINED,
    Found,
    Grid,
    Places,
    Signs,
    analysis_of,
    concluded,
    order_signs,
    slot,
)
from judgeaudit.domain.checkpoints import Floats
from judgeaudit.domain.results.comparison import RankAgreement, Specification
from judgeaudit.stats.agreement.two_raters import divide

#: signs of pairs over all draws that are kept at once
_MOST = 30_000_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Drawn:
    """Every analysis in B resamplings of the prompts: by name the shares of its anchors (B, K, M)."""

    shares: Mapping[tuple[str, str, str], npt.NDArray[np.float32]]
    weights: npt.NDArray[np.float32]
    draws: int

    def of(self, analysis: Analysis) -> npt.NDArray[np.float32]:
        """The shares of one analysis, (B, K, M)."""
        return self.shares[analysis.benchmark, analysis.judge, analysis.reference]


@dataclass(frozen=True, slots=True, kw_only=True)
class Flip:
    """Of one contrast: shares of specifications that do not conclude as the primary one, and their limits; None where it is undefined."""

    flip: tuple[float, float, float] | None
    opposite: tuple[float, float, float] | None
    pair_flip: float | None


def resample(found: Found, *, draws: int, seed: int) -> Drawn:
    """All analyses with the same draws: each prompt cluster counts 1 + a standard normal weight, and shares follow their influence."""
    first = next(iter(found.values()))
    rng = np.random.default_rng([seed, 2606])
    weights = rng.standard_normal((draws, first.ends.influence.shape[1])).astype(np.float32)
    shares = {name: _drawn(one, weights) for name, one in found.items()}
    return Drawn(shares=shares, weights=weights, draws=draws)


def _drawn(one: Analysis, weights: npt.NDArray[np.float32]) -> npt.NDArray[np.float32]:
    k, g, m = one.ends.influence.shape
    flat = one.ends.influence.astype(np.float32).transpose(1, 0, 2).reshape(g, k * m)
    moved = (weights @ flat).reshape(len(weights), k, m)
    return np.asarray(moved + one.ends.sure.value.astype(np.float32), dtype=np.float32)


def flips_of(grid: Grid, found: Found, drawn: Drawn, choices: Choices, *, level: float) -> list[Flip]:
    """Of each contrast: how often another specification concludes otherwise than the primary one, and the very opposite.

    The primary specification is not counted among the others, and what it concludes is held fast: how sure it is of that is
    `pair_flip`. Limits are percentiles over the joint draws, in each of which every interval keeps its width.
    """
    others = [at for at in range(len(grid.specifications)) if at != grid.primary]
    first = grid.conclusion[grid.primary][None]
    told, opposite = _rates(first, (grid.conclusion[at][None] for at in others))
    each = (_concluded_in(grid.specifications[at], found, drawn, choices) for at in others)
    drawn_told, drawn_opposite = _rates(first, each)
    pair = _pair_flips(grid, found, drawn, choices)
    out = []
    for n in range(len(choices.contrasts)):
        out.append(
            Flip(
                flip=_with_limits(told[0, n], drawn_told[:, n], level=level),
                opposite=_with_limits(opposite[0, n], drawn_opposite[:, n], level=level),
                pair_flip=pair[n],
            )
        )
    return out


def _rates(first: Signs, others: Iterable[Signs]) -> tuple[Floats, Floats]:
    """Shares of the other specifications' conclusions (B, n) that are not the first ones, and that are their opposite; nan where
    the first says nothing. They come one at a time, so that little is kept.
    """
    n, told, opposite = (np.zeros(first.shape) for _ in range(3))
    for one in others:
        defined = (one != UNDEFINED) & (first != UNDEFINED)
        n = n + defined
        told = told + (defined & (one != first))
        opposite = opposite + (defined & (one * first == -1))
    return divide(told, n), divide(opposite, n)


def _concluded_in(one: Specification, found: Found, drawn: Drawn, choices: Choices) -> Signs:
    """(B, n): what a specification concludes in each draw, its intervals moved with the differences."""
    analysis, at = analysis_of(one, found), slot(one, choices)
    moved = _moved(analysis, drawn, choices, at)
    return concluded(one.treatment, analysis.low[at][None] + moved, analysis.high[at][None] + moved)


def _moved(analysis: Analysis, drawn: Drawn, choices: Choices, at: slice) -> Floats:
    """(B, n, M): how far each difference lies from the one observed, in every draw."""
    first, second = choices.places()
    shares = drawn.of(analysis)
    value = analysis.ends.sure.value
    moved: Floats = (
        shares[:, first[at]] - shares[:, second[at]] - (value[first[at]] - value[second[at]])[None]
    ).astype(float)
    for n, influence in analysis.restricted.items():
        if at.start <= n < at.stop:
            moved[:, n - at.start] = drawn.weights @ influence.astype(np.float32)
    return moved


def _pair_flips(grid: Grid, found: Found, drawn: Drawn, choices: Choices) -> list[float | None]:
    """The share of draws in which the primary difference has the other sign; None where it has none."""
    one = grid.specifications[grid.primary]
    analysis, at, m = analysis_of(one, found), slot(one, choices), MEASURE_OF[one.treatment]
    value = grid.value[grid.primary]
    apart = value[None] + _moved(analysis, drawn, choices, at)[..., m]
    turned = (np.sign(apart) * np.sign(value)[None] < 0).mean(0)
    return [float(t) if np.isfinite(v) and v != 0 else None for t, v in zip(turned, value, strict=True)]


def _with_limits(value: float, draws: Floats, *, level: float) -> tuple[float, float, float] | None:
    if not np.isfinite(value):
        return None
    good = draws[np.isfinite(draws)]
    if not good.size:
        return None
    low, high = np.quantile(good, [(1 - level) / 2, (1 + level) / 2])
    return float(value), float(min(low, value)), float(max(high, value))


# ------------------------------------------------------------------------------------------------------- single choices


def decomposition(grid: Grid, n: int) -> list[dict[str, Any]]:
    """Of contrast n: the share of the estimates' variance between the options of each choice, and conclusions that turn with it alone.

    Shares are of one choice at a time and need not add up to 1. The most turning choice stands first.
    """
    value, conclusion = grid.value[:, n], grid.conclusion[:, n]
    good = np.isfinite(value)
    away = np.where(good, value - (value[good].mean() if good.any() else 0.0), 0.0)
    total = float((away**2).sum())
    out = []
    for choice in CHOICES:
        options, near = grid.options[choice]
        count = np.bincount(options, good)
        between = float((np.bincount(options, away) ** 2 / np.maximum(count, 1.0)).sum())
        told = near[conclusion[near] != UNDEFINED]
        turned = (conclusion[told] != conclusion[grid.primary]).sum()
        known = conclusion[grid.primary] != UNDEFINED
        out.append(
            {
                "choice": choice,
                "share": between / total if total > 1e-18 else None,
                "flips": int(turned) if known else None,
                "of": len(told),
            }
        )
    return sorted(out, key=lambda one: (-(one["flips"] or 0) / max(one["of"], 1), -(one["share"] or 0.0)))


# --------------------------------------------------------------------------------------------------- orders of methods


def rank_agreement(
    question: str, grid: Grid, found: Found, drawn: Drawn, choices: Choices, *, level: float
) -> list[RankAgreement]:
    """Kendall's tau-b (1938) of the methods' order between any two options of a choice, all else equal."""
    every = grid.specifications
    (signs,) = order_signs(every, choices, of=lambda one: analysis_of(one, found).ends.sure.value[None], draws=1)
    draws = min(drawn.draws, max(20, _MOST // max(signs.size, 1)))
    moved = order_signs(
        every, choices, of=lambda one: drawn.of(analysis_of(one, found))[:draws].astype(float), draws=draws
    )
    out = []
    for choice, a, b, at, to in _neighbours(grid.specifications):
        taus = tau_b(signs[at], signs[to])
        defined = taus[np.isfinite(taus)]
        low = high = None
        if defined.size:
            each = _means(tau_b(moved[:, at], moved[:, to]))
            good = each[np.isfinite(each)]
            if good.size:
                low, high = (float(x) for x in np.quantile(good, [(1 - level) / 2, (1 + level) / 2]))
        out.append(
            RankAgreement(
                question=question,
                choice=choice,
                a=a,
                b=b,
                tau=float(defined.mean()) if defined.size else None,
                low=low,
                high=high,
                least=float(defined.min()) if defined.size else None,
                n=int(defined.size),
                undefined=None if defined.size else "no_order",
            )
        )
    return out


def tau_b(a: Signs, b: Signs) -> Floats:
    """Kendall's tau-b of two orders from the signs of their pairs, (..., P) -> (...); undefined pairs count in neither.

    nan where one of them ties everything.
    """
    both = (a != UNDEFINED) & (b != UNDEFINED)
    x, y = np.where(both, a, 0).astype(np.float32), np.where(both, b, 0).astype(np.float32)
    return divide((x * y).sum(-1), np.sqrt(np.abs(x).sum(-1) * np.abs(y).sum(-1)))


def _means(taus: Floats) -> Floats:
    """(B, n) -> (B,) the mean over those that are defined; nan where none is."""
    good = np.isfinite(taus)
    return divide(np.where(good, taus, 0.0).sum(-1), good.sum(-1).astype(float))


def _neighbours(specifications: tuple[Specification, ...]) -> Iterator[tuple[str, str, str, Places, Places]]:
    """Choice, two of its options, and the specifications that differ in it alone, as two lists of places."""
    for choice in CHOICES:
        by_rest: dict[tuple[str, ...], dict[str, int]] = defaultdict(dict)
        for s, one in enumerate(specifications):
            rest = tuple(getattr(one, other) for other in CHOICES if other != choice)
            by_rest[rest][getattr(one, choice)] = s
        options = list(dict.fromkeys(getattr(one, choice) for one in specifications))
        for a, b in combinations(options, 2):
            both = [(group[a], group[b]) for group in by_rest.values() if a in group and b in group]
            if both:
                at, to = np.array(both, dtype=np.intp).T
                yield choice, a, b, at, to
