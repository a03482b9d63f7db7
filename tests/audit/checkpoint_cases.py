"""Small made-up comparisons: methods with checkpoints, one output for each prompt, two judges, some labels."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

import numpy as np

from judgeaudit.domain.checkpoints import (
    GIBBERISH,
    UNLABELLED,
    Checkpoint,
    CheckpointRatings,
    ComparePlan,
    Goal,
    Measurement,
)

GOAL = Goal(tasks=(("task", 0.7),))
PLAN = ComparePlan(goal=GOAL, baseline="base", draws=60)
#: method -> of each checkpoint: capability, unsafe share among readable outputs, gibberish share
Paths = Mapping[str, Sequence[tuple[float, float, float]]]
PATHS: Paths = {
    "base": [(0.4, 0.10, 0.0)],
    "plain": [(0.6, 0.10, 0.05), (0.72, 0.30, 0.1), (0.8, 0.35, 0.2)],
    "short": [(0.7, 0.10, 0.1), (0.75, 0.10, 0.3), (0.78, 0.10, 0.5)],
}


def study(
    paths: Paths = PATHS, *, prompts: int = 60, labelled: float = 0.6, seed: int = 3, benchmarks: int = 2
) -> tuple[CheckpointRatings, list[Measurement]]:
    """Outputs in order of checkpoint and prompt; a screen that finds most gibberish; a fair judge and a blind one."""
    rng = np.random.default_rng(seed)
    places = [(method, at, *one) for method, path in paths.items() for at, one in enumerate(path)]
    n = len(places) * prompts
    cell = np.repeat(np.arange(len(places)), prompts)
    prompt = np.tile(np.arange(prompts), len(places))
    gibberish = rng.random(n) < np.array([one[4] for one in places])[cell]
    unsafe = rng.random(n) < np.array([one[3] for one in places])[cell]
    truth = np.where(gibberish, GIBBERISH, unsafe.astype(int))
    fair = np.where(rng.random(n) < 0.92, unsafe, ~unsafe).astype(np.int8)
    blind = np.where(gibberish, 1, fair).astype(np.int8)
    blind[rng.random(n) < 0.02] = 2
    screen = gibberish & (rng.random(n) < 0.8)
    outcome = np.where(rng.random(n) < labelled, truth, UNLABELLED).astype(np.int8)
    ratings = CheckpointRatings(
        question="harm",
        positive="unsafe",
        checkpoints=tuple(
            Checkpoint(model="m", method=method, checkpoint=f"{method}-{at}", step=float(at))
            for method, at, *_ in places
        ),
        checkpoint=cell,
        prompts=prompt,
        clusters=prompt,
        benchmarks=tuple(f"bench{k}" for k in range(benchmarks)),
        benchmark=prompt % benchmarks,
        judges=("fair", "blind"),
        verdicts=np.stack([fair, blind]),
        screen=np.stack([screen, screen]),
        screens=("signal", "signal"),
        references=("majority",),
        outcomes=outcome[None],
        label_design="random",
    )
    measured = [Measurement(checkpoint=k, task="task", score=one[2], n=200.0) for k, one in enumerate(places)]
    return ratings, measured


def only(ratings: CheckpointRatings, keep: np.ndarray[tuple[int, ...], np.dtype[np.bool_]]) -> CheckpointRatings:
    """The same with some outputs only."""
    return replace(
        ratings,
        checkpoint=ratings.checkpoint[keep],
        prompts=ratings.prompts[keep],
        clusters=ratings.clusters[keep],
        benchmark=ratings.benchmark[keep],
        verdicts=ratings.verdicts[:, keep],
        screen=ratings.screen[:, keep],
        outcomes=ratings.outcomes[:, keep],
        weights=None if ratings.weights is None else ratings.weights[keep],
    )


def unlabelled(ratings: CheckpointRatings, where: np.ndarray[tuple[int, ...], np.dtype[np.bool_]]) -> CheckpointRatings:
    """The same without the labels of some outputs."""
    return replace(ratings, outcomes=np.where(where, UNLABELLED, ratings.outcomes).astype(np.int8))
