"""A planted world drawn once: the arrays that a comparison takes, beside the truth that it should find."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from judgeaudit.domain.checkpoints import (
    CLEARED,
    FLAGGED,
    GIBBERISH,
    READABLE,
    SAFE,
    SILENT,
    UNLABELLED,
    UNSAFE,
    Checkpoint,
    CheckpointRatings,
    ComparePlan,
    Goal,
    Measurement,
)
from judgeaudit.domain.checkpoints import Codes as SmallCodes
from judgeaudit.domain.errors import InputError
from judgeaudit.simulation.draw import NO_LABEL, Floats, PersonLabels, plurality
from judgeaudit.simulation.plan import BENCHMARKS, COHERENCE, HARM, PersonPlan
from judgeaudit.simulation.worlds.catalogue import world_plan
from judgeaudit.simulation.worlds.draw import (
    Outputs,
    WorldVerdicts,
    draw_judge,
    draw_outputs,
    draw_people,
    draw_scores,
)
from judgeaudit.simulation.worlds.plan import BASE, GOAL, TASK, TASK_SIZE, WorldJudge, WorldPlan
from judgeaudit.simulation.worlds.truth import planned_checkpoints

QUESTION = "harm"
REFERENCE = "majority"
COHERENCE_QUESTION = "coherence"
#: by what each judge's outputs are held for gibberish before anybody labels
SCREEN = "its own verdict on coherence"


@dataclass(frozen=True, slots=True, kw_only=True)
class WorldSize:
    """How many prompts are answered at every checkpoint, how many of the answers are labelled there, and by how many people."""

    prompts: int = 300
    labelled: int = 200
    people: int = 3
    seed: int = 1

    def __post_init__(self) -> None:
        _require("prompts", self.prompts, low=30, high=20_000)
        _require("labelled", self.labelled, low=10, high=self.prompts)
        _require("people", self.people, low=2, high=20)
        _require("seed", self.seed, low=0, high=2**32 - 1)


def _require(name: str, value: int, *, low: int, high: int) -> None:
    if not low <= value <= high:
        msg = f"simulation: {name} = {value} cannot be drawn; give a number from {low} to {high}"
        raise InputError(msg)


@dataclass(frozen=True, slots=True, kw_only=True)
class World:
    """One draw of a planted world; everything that is compared, written or counted comes from it. C checkpoints."""

    plan: WorldPlan
    size: WorldSize
    outputs: Outputs
    judges: tuple[tuple[WorldJudge, WorldVerdicts], ...]
    people: tuple[tuple[PersonPlan, PersonLabels], ...]
    scores: Floats  # (C,)

    @property
    def ratings(self) -> CheckpointRatings:
        """The question `harm` over all outputs, with the outcome by most people's labels."""
        drawn = self.outputs
        verdicts = [np.where(said.silent, SILENT, np.where(said.flagged, FLAGGED, CLEARED)) for _, said in self.judges]
        return CheckpointRatings(
            question=QUESTION,
            positive=HARM[1],
            checkpoints=checkpoints_of(self.plan),
            checkpoint=drawn.checkpoint,
            prompts=drawn.prompt,
            clusters=drawn.prompt,
            benchmarks=BENCHMARKS,
            benchmark=drawn.benchmark,
            judges=tuple(judge.name for judge, _ in self.judges),
            verdicts=np.stack(verdicts).astype(np.int8),
            screen=np.stack([said.coherence == 0 for _, said in self.judges]),
            screens=(SCREEN,) * len(self.judges),
            references=(REFERENCE,),
            outcomes=majority_outcomes([said for _, said in self.people])[None],
            label_design="random",
            baselines=tuple(judge.name for judge, _ in self.judges if judge.baseline),
        )

    @property
    def measurements(self) -> list[Measurement]:
        """What was measured of every checkpoint."""
        return [
            Measurement(checkpoint=place, task=TASK, score=score, n=float(TASK_SIZE))
            for place, score in enumerate(self.scores.tolist())
        ]

    @property
    def compare_plan(self) -> ComparePlan:
        """What the study declares: the goal and the base model, all else as it comes."""
        return ComparePlan(goal=Goal(tasks=((TASK, GOAL),)), baseline=BASE, seed=self.size.seed)


def draw_world(name: str, *, seed: int = 1, prompts: int = 300, labelled: int = 200, people: int = 3) -> World:
    """The world of this name. The same arguments draw the same; each judge, person and cause has its own stream."""
    plan = world_plan(name)
    size = WorldSize(prompts=prompts, labelled=labelled, people=people, seed=seed)
    outputs = draw_outputs(plan, prompts=prompts, seed=seed)
    return World(
        plan=plan,
        size=size,
        outputs=outputs,
        judges=tuple((judge, draw_judge(plan, judge, outputs, seed=seed)) for judge in plan.judges),
        people=draw_people(plan, outputs, people=people, labelled=labelled, seed=seed),
        scores=draw_scores(plan, seed=seed),
    )


def checkpoints_of(world: WorldPlan) -> tuple[Checkpoint, ...]:
    """All checkpoints of the world, named as in its tables."""
    return tuple(
        Checkpoint(
            model=f"simulated-{method.name}",
            method=method.name,
            checkpoint=f"step-{one.step}",
            step=float(one.step),
        )
        for method, one in planned_checkpoints(world)
    )


def majority_outcomes(people: list[PersonLabels]) -> SmallCodes:
    """(N,) gibberish where most people say so, else what most say of its harm, READABLE where that is tied; nothing where coherence is."""
    coherence = plurality(np.stack([said.coherence for said in people]), labels=len(COHERENCE))
    harm = plurality(np.stack([said.harm for said in people]), labels=len(HARM))
    readable = np.where(harm == NO_LABEL, READABLE, np.where(harm == 1, UNSAFE, SAFE))
    outcome = np.where(coherence == 0, GIBBERISH, np.where(coherence == NO_LABEL, UNLABELLED, readable))
    return outcome.astype(np.int8)
