"""Draws of a planted world. Every share is exact; the same prompts are answered at every checkpoint and are alike there."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from judgeaudit.simulation.draw import (
    Codes,
    Floats,
    Mask,
    PersonLabels,
    Truth,
    draw_asked,
    draw_person,
    shared_uniforms,
    stream,
)
from judgeaudit.simulation.plan import (
    BENCHMARKS,
    COHERENCE_CORRELATION,
    HARM_CORRELATION,
    JUDGE_CORRELATION,
    PersonPlan,
    people_plans,
)
from judgeaudit.simulation.worlds.plan import TASK_SIZE, WorldJudge, WorldPlan
from judgeaudit.simulation.worlds.truth import planned_checkpoints

#: What a prompt adds at all checkpoints of one method, beside what it adds everywhere.
METHOD_CORRELATION = 0.2


@dataclass(frozen=True, slots=True, kw_only=True)
class Outputs:
    """What is true of N outputs: places of checkpoint, prompt and benchmark, labels, whether it talks in warnings; each (N,).

    A gibberish output is neither safe nor unsafe; its `harm` is 0, since nobody can use it.
    """

    checkpoint: Codes
    prompt: Codes
    benchmark: Codes
    coherence: Codes
    harm: Codes
    styled: Mask


@dataclass(frozen=True, slots=True, kw_only=True)
class WorldVerdicts:
    """What one judge says: flagged as unsafe, no usable label, coherence label; each (N,)."""

    flagged: Mask
    silent: Mask
    coherence: Codes


def draw_outputs(world: WorldPlan, *, prompts: int, seed: int) -> Outputs:
    """One output for each checkpoint and prompt; prompts take the benchmarks in turn."""
    places = planned_checkpoints(world)
    methods = np.array([world.methods.index(method) for method, _ in places])
    cells = np.array([[one.gibberish, one.partly] for _, one in places])
    checkpoint = np.repeat(np.arange(len(places)), prompts)
    prompt = np.tile(np.arange(prompts), len(places))
    benchmark = prompt % len(BENCHMARKS)
    method = methods[checkpoint]

    u = _uniforms(stream(seed, f"{world.name}: coherence"), prompt, method, correlation=COHERENCE_CORRELATION)
    gibberish, partly = cells[checkpoint].T
    coherence = (u >= gibberish).astype(np.int64) + (u >= gibberish + (1.0 - gibberish) * partly)
    harm = np.array([one.harm for _, one in places])[checkpoint, benchmark]
    v = _uniforms(stream(seed, f"{world.name}: harm"), prompt, method, correlation=HARM_CORRELATION)
    styled = np.array([one.styled for _, one in places])[checkpoint, benchmark]
    return Outputs(
        checkpoint=checkpoint,
        prompt=prompt,
        benchmark=benchmark,
        coherence=coherence,
        harm=((v < harm) & (coherence > 0)).astype(np.int64),
        styled=(stream(seed, f"{world.name}: warnings").random(prompt.size) < styled) & (coherence > 0),
    )


def _uniforms(rng: np.random.Generator, prompt: Codes, method: Codes, *, correlation: float) -> Floats:
    """(N,) uniforms alike within a prompt, more so within a prompt and method; each one alone is exactly uniform."""
    from scipy.special import ndtr

    prompts = int(prompt.max()) + 1
    everywhere = rng.standard_normal(prompts)[prompt]
    here = rng.standard_normal((int(method.max()) + 1, prompts))[method, prompt]
    own = rng.standard_normal(prompt.size)
    rest = 1.0 - correlation - METHOD_CORRELATION
    normal = np.sqrt(correlation) * everywhere + np.sqrt(METHOD_CORRELATION) * here + np.sqrt(rest) * own
    uniforms: npt.NDArray[np.float64] = ndtr(normal)
    return uniforms


def draw_judge(world: WorldPlan, judge: WorldJudge, outputs: Outputs, *, seed: int) -> WorldVerdicts:
    """Each output is called unsafe with the chance of its kind; errors are alike within a prompt."""
    rng = stream(seed, f"{world.name}: judge: {judge.name}")
    chance = flag_chances(judge, outputs)
    u = shared_uniforms(rng, outputs.prompt, correlation=JUDGE_CORRELATION)
    wrong = u < np.where(outputs.harm == 1, 1.0 - chance, chance)
    notices = rng.random(outputs.prompt.size) < np.array(judge.notices)[outputs.coherence]
    return WorldVerdicts(
        flagged=wrong != (outputs.harm == 1),
        silent=rng.random(outputs.prompt.size) < judge.silent,
        coherence=np.where(notices, 0, np.maximum(outputs.coherence, 1)),
    )


def flag_chances(judge: WorldJudge, outputs: Outputs) -> Floats:
    """(N,) the judge's chance to call each output unsafe, by what is true of it."""
    partly, coherent, styled = (np.array(pair)[outputs.harm] for pair in (judge.partly, judge.coherent, judge.styled))
    readable = np.where(outputs.styled, styled, np.where(outputs.coherence == 1, partly, coherent))
    return np.where(outputs.coherence == 0, judge.gibberish, readable)


def draw_people(
    world: WorldPlan, outputs: Outputs, *, people: int, labelled: int, seed: int
) -> tuple[tuple[PersonPlan, PersonLabels], ...]:
    """Labels on `labelled` outputs of each checkpoint, drawn at random; one person in turn is not asked about some."""
    chosen = _sampled(stream(seed, f"{world.name}: sample"), outputs.checkpoint, labelled=labelled)
    asked = draw_asked(stream(seed, f"{world.name}: asked"), people=people, items=chosen.size) & chosen
    truth = Truth(prompt=outputs.prompt, checkpoint=outputs.checkpoint, coherence=outputs.coherence, harm=outputs.harm)
    return tuple(
        (plan, draw_person(stream(seed, f"{world.name}: person: {plan.name}"), plan, truth, asked=asked[number]))
        for number, plan in enumerate(people_plans(people))
    )


def _sampled(rng: np.random.Generator, checkpoint: Codes, *, labelled: int) -> Mask:
    """(N,) a simple random sample of each checkpoint's outputs."""
    order = np.lexsort((rng.random(checkpoint.size), checkpoint))
    first = np.searchsorted(checkpoint[order], np.arange(checkpoint.max() + 1))
    chosen = np.zeros(checkpoint.size, dtype=bool)
    chosen[order[np.arange(checkpoint.size) - first[checkpoint[order]] < labelled]] = True
    return chosen


def draw_scores(world: WorldPlan, *, seed: int) -> Floats:
    """(C,) measured scores: the share right of TASK_SIZE questions."""
    true = np.array([one.score for _, one in planned_checkpoints(world)])
    scores: Floats = stream(seed, f"{world.name}: scores").binomial(TASK_SIZE, true) / TASK_SIZE
    return scores
