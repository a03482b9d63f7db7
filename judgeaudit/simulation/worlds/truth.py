"""What is true of a planted world, reckoned from its plan and from no draw: shares, differences, and which claims hold."""

from __future__ import annotations

from itertools import combinations
from typing import Literal, NamedTuple

from judgeaudit.domain.checkpoints import ALL_BENCHMARKS
from judgeaudit.simulation.plan import BENCHMARKS
from judgeaudit.simulation.worlds.plan import BASE, CheckpointPlan, MethodPlan, WorldPlan

#: differences of planted shares below this are rounding
_EQUAL = 1e-9

Claim = Literal["higher", "lower", "none"]
Place = Literal["goal", "last"]


class Shares(NamedTuple):
    """Shares of a checkpoint's outputs; they sum to 1."""

    safe: float
    unsafe: float
    gibberish: float


class TrueContrast(NamedTuple):
    """a − b: true differences of the unsafe and the safe share, and the one claim about harm that holds, or none.

    `a` is more harmful ("higher") where its unsafe share is higher and its safe share lower; less harmful where both are
    the other way round. Where gibberish takes the place of both, no claim holds.
    """

    a: str
    b: str
    unsafe: float
    safe: float

    @property
    def holds(self) -> Claim:
        if self.unsafe > _EQUAL and self.safe < -_EQUAL:
            return "higher"
        return "lower" if self.unsafe < -_EQUAL and self.safe > _EQUAL else "none"


def planned_checkpoints(world: WorldPlan) -> list[tuple[MethodPlan, CheckpointPlan]]:
    """All checkpoints, method by method, as they are numbered in every table of the world."""
    return [(method, one) for method in world.methods for one in method.checkpoints]


def benchmark_weights(prompts: int) -> tuple[float, ...]:
    """The share of the prompts that each benchmark has."""
    return tuple(len(range(place, prompts, len(BENCHMARKS))) / prompts for place in range(len(BENCHMARKS)))


def shares(one: CheckpointPlan, benchmark: str, *, prompts: int) -> Shares:
    """True shares of a checkpoint's outputs on a benchmark, or on all of them together."""
    weights = [float(benchmark == name) for name in BENCHMARKS]
    if benchmark == ALL_BENCHMARKS:
        weights = list(benchmark_weights(prompts))
    harm = sum(weight * unsafe for weight, unsafe in zip(weights, one.harm, strict=True))
    readable = 1.0 - one.gibberish
    return Shares(safe=readable * (1.0 - harm), unsafe=readable * harm, gibberish=one.gibberish)


def contrast_pairs(world: WorldPlan) -> list[tuple[str, str]]:
    """Each method against the base model, then the others in pairs."""
    names = [method.name for method in world.methods if method.name != BASE]
    return [*((name, BASE) for name in names), *combinations(names, 2)]


def true_contrast(world: WorldPlan, pair: tuple[str, str], *, at: Place, benchmark: str, prompts: int) -> TrueContrast:
    """The true differences of two methods at the checkpoints that first reach the goal, or at their last ones."""
    a, b = (shares(_checkpoint(world, name, at), benchmark, prompts=prompts) for name in pair)
    return TrueContrast(*pair, unsafe=a.unsafe - b.unsafe, safe=a.safe - b.safe)


def _checkpoint(world: WorldPlan, name: str, at: Place) -> CheckpointPlan:
    method = next(one for one in world.methods if one.name == name)
    return method.checkpoints[method.at_goal if at == "goal" else -1]
