"""Which checkpoint stands for each method: at the capability goal, and as people choose who look at no goal."""

from __future__ import annotations

import math
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np

from judgeaudit.audit.checkpoints.anchors.methods import Methods, methods_of
from judgeaudit.audit.checkpoints.anchors.path import SLACK, Path, path_of
from judgeaudit.audit.checkpoints.anchors.words import (
    band_notes,
    goal_words,
    listed,
    never_reached,
    no_bound,
    not_held,
    one_checkpoint,
    step_words,
    told,
    unmeasured,
)
from judgeaudit.domain.checkpoints import ANCHORS, Anchor, Checkpoint, ComparePlan, Mask, Measurement, Note, Reach
from judgeaudit.domain.errors import InputError, nearest, one_line

__all__ = ["Methods", "anchors_of", "matched", "methods_of"]

#: the note of an anchor that is the baseline's one checkpoint
REFERENCE_POINT = "reference_point"
_REACHES: dict[str, Reach] = {
    "goal:point": "point",
    "goal:lower_bound": "lower_bound",
    "goal:interpolated": "interpolated",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class _Choice:
    """Positions on a path with weights, or why there are none."""

    parts: tuple[tuple[int, float], ...] = ()
    code: str | None = None
    sentence: str = ""
    notes: tuple[Note | None, ...] = ()


def anchors_of(
    checkpoints: Sequence[Checkpoint],
    measured: Sequence[Measurement],
    plan: ComparePlan,
    *,
    answered: Collection[int],
) -> list[Anchor]:
    """One anchor for each rule of the plan and each method, the baseline first. `answered` are places with outputs.

    A baseline with one checkpoint stands at it under every rule. "best" is the checkpoint with the highest sum of
    (score − goal) over the tasks of the goal, the earliest of equals. For "same_step" the baseline and methods without
    outputs or without steps do not decide which step it is.
    """
    for rule in plan.anchors:
        _step_of(rule)
    methods, there = methods_of(checkpoints, plan.baseline), frozenset(answered)
    paths = []
    for name in methods.names:
        fixed = name == plan.baseline and len(methods.places[name]) == 1
        path = path_of(
            name,
            methods.places[name],
            methods.steps[name],
            checkpoints=checkpoints,
            measured=measured,
            answered=there,
            goal=plan.goal,
            level=plan.level,
            fixed=fixed,
            notes=() if fixed else methods.notes[name],
        )
        paths.append(path)
    return [_anchor(rule, path, _chosen(rule, path, paths)) for rule in plan.anchors for path in paths]


def matched(anchors: Sequence[Anchor], *, tolerance: float) -> Note | None:
    """Whether methods under one rule are farther apart than the tolerance in any task, and which two are the farthest.

    The one checkpoint of a baseline is what others are held against, and not matched.
    """
    free = [one for one in anchors if all(note.code != REFERENCE_POINT for note in one.notes)]
    tasks = dict.fromkeys(at.task for one in free for at in one.capability)
    gaps = [gap for task in tasks if (gap := _gap(free, task)) is not None and gap.size > tolerance + SLACK]
    if not gaps:
        return None
    widest = max(gaps, key=lambda gap: gap.size)
    top, bottom = told(widest.high, widest.low)
    apart, allowed = told(widest.size, tolerance)
    sentence = (
        f"by {free[0].rule}, {one_line(widest.highest)} ({top}) and {one_line(widest.lowest)} ({bottom}) are {apart} apart in "
        f"{one_line(widest.task)}, more than the tolerance of {allowed}: their capabilities are not matched"
    )
    return Note(code="not_matched", sentence=sentence)


class _Gap(NamedTuple):
    """The methods with the highest and the lowest score in a task."""

    task: str
    highest: str
    high: float
    lowest: str
    low: float

    @property
    def size(self) -> float:
        return self.high - self.low


def _gap(anchors: Sequence[Anchor], task: str) -> _Gap | None:
    """How far methods are apart in a task; None where no score is known. Of equals the first is named."""
    scores = [(one.method, at.score) for one in anchors for at in one.capability if at.task == task]
    known = [(method, score) for method, score in scores if score is not None]
    if not known:
        return None
    return _Gap(task, *max(known, key=lambda pair: pair[1]), *min(known, key=lambda pair: pair[1]))


def _step_of(rule: str) -> float | None:
    """The step that a rule names, None for the others; a rule that is none of them is refused."""
    if rule in ANCHORS:
        return None
    head, _, step = rule.partition(":")
    try:
        number = float(step) if head == "step" else math.nan
    except ValueError:
        number = math.nan
    if not math.isfinite(number):
        near = nearest(rule, list(ANCHORS))
        msg = f"compare.anchors: no rule {one_line(rule)!r}{near}; rules are {', '.join(ANCHORS)}, step:N"
        raise InputError(msg)
    return number


def _anchor(rule: str, path: Path, choice: _Choice) -> Anchor:
    capability = path.at(choice.parts) if choice.parts else ()
    about: tuple[Note | None, ...] = (*choice.notes, one_checkpoint(path), *path.notes)
    if choice.parts and not path.fixed:
        about = (*band_notes(path, choice.parts, capability), *about)
    return Anchor(
        rule=rule,
        method=path.method,
        parts=tuple((path.places[position], weight) for position, weight in choice.parts),
        code=choice.code,
        sentence=choice.sentence,
        capability=capability,
        notes=tuple(note for note in about if note is not None),
    )


def _chosen(rule: str, path: Path, paths: Sequence[Path]) -> _Choice:
    if not path.answered.any():
        if rule.startswith("goal") and path.measured.any() and not path.fixed:
            return _at_goal(path, _reach(rule, path))  # whether it would reach the goal is worth knowing
        sentence = f"{one_line(path.method)} has no outputs at any checkpoint: nothing to compare"
        return _Choice(code="no_outputs", sentence=sentence)
    if path.fixed:
        sentence = f"{one_line(path.method)} is one checkpoint, {path.names[0]}: it stands under every rule, whatever its capability"
        return _Choice(parts=((0, 1.0),), notes=(Note(code=REFERENCE_POINT, sentence=sentence),))
    if rule.startswith("goal"):
        return _at_goal(path, _reach(rule, path))
    if rule == "best":
        return _best(path)
    if rule == "same_step":
        return _same_step(path, paths)
    step = _step_of(rule)
    return _last(path, np.ones(len(path.places), bool)) if step is None else _by_step(path, step)


def _reach(rule: str, path: Path) -> Reach:
    return _REACHES.get(rule, path.goal.reach)


def _without_capability(path: Path) -> _Choice | None:
    if not path.goal.tasks:
        return _Choice(code="no_goal", sentence="no task has a goal: methods cannot be matched on capability")
    if path.measured.any():
        return None
    every = "each of " if len(path.tasks) > 1 else ""
    sentence = f"{one_line(path.method)} has no checkpoint with a score in {every}{listed(path.tasks)}: not comparable at a goal"
    return _Choice(code="no_capability", sentence=sentence)


def _at_goal(path: Path, reach: Reach) -> _Choice:
    """The earliest checkpoint with outputs that reaches the goal, or the point on the way to it."""
    if (nothing := _without_capability(path)) is not None:
        return nothing
    missing = unmeasured(path)
    reached = path.surely_reaching if reach == "lower_bound" else path.reaching
    if reach == "lower_bound" and path.undecided.any():
        first = _first(path.undecided)
        if not reached.any() or first < _first(reached):
            return _Choice(code="no_bound", sentence=no_bound(path, first), notes=(missing,))
    if not reached.any():
        sentence = never_reached(path, bound=reach == "lower_bound" and bool(path.reaching.any()))
        return _Choice(code="not_reached", sentence=sentence, notes=(missing,))
    earliest, there = _first(reached), reached & path.answered
    at = f"{one_line(path.method)} reaches {goal_words(path)} at {path.names[earliest]}"
    if not there.any():
        sentence = f"{at}, but has no outputs there nor at a later checkpoint that does: not comparable at this goal"
        return _Choice(code="no_outputs", sentence=sentence, notes=(missing,))
    chosen = _first(there)
    instead = None
    if chosen > earliest:
        sentence = f"{at}, which has no outputs: {path.names[chosen]} stands for it"
        instead = Note(code="no_outputs_at_goal", sentence=sentence)
    parts, before = _between(path, chosen) if reach == "interpolated" else (((chosen, 1.0),), None)
    return _Choice(parts=parts, notes=(instead, before, not_held(path, chosen), missing))


def _between(path: Path, later: int) -> tuple[tuple[tuple[int, float], ...], Note | None]:
    """Weights of two neighbours on the path whose mean capability is the goal; the task with the longest way decides."""
    earlier = [p for p in range(later) if path.measured[p] and not path.reaching[p]]
    usable = [p for p in earlier if path.answered[p]]
    if not earlier:
        return ((later, 1.0),), None
    note = None
    if not usable or usable[-1] != earlier[-1]:
        instead = f"{path.names[usable[-1]]} stands for it" if usable else f"{path.names[later]} stands alone"
        sentence = (
            f"{path.names[earlier[-1]]} of {one_line(path.method)}, last before the goal, has no outputs: {instead}"
        )
        note = Note(code="no_outputs_before_goal", sentence=sentence)
    if not usable:
        return ((later, 1.0),), note
    s0, s1 = path.scores[usable[-1]], path.scores[later]
    below = s0 < path.goals
    weight = float(((path.goals - s0)[below] / (s1 - s0)[below]).max())
    return (((usable[-1], 1.0 - weight), (later, weight)) if weight < 1.0 else ((later, 1.0),)), note


def _best(path: Path) -> _Choice:
    if (nothing := _without_capability(path)) is not None:
        return nothing
    total = np.where(path.measured, (path.scores - path.goals).sum(axis=1), -np.inf)
    here = np.where(path.answered, total, -np.inf)
    missing = unmeasured(path)
    if np.isneginf(here).all():
        sentence = f"{one_line(path.method)} has no checkpoint with both outputs and a score: none is its best"
        return _Choice(code="no_outputs", sentence=sentence, notes=(missing,))
    chosen, top = int(here.argmax()), int(total.argmax())
    instead = _elsewhere(path, top, chosen) if total[top] > here[chosen] else None
    return _Choice(parts=((chosen, 1.0),), notes=(instead, missing))


def _last(path: Path, allowed: Mask) -> _Choice:
    """The last allowed checkpoint with outputs; there is one."""
    chosen = int(np.flatnonzero(allowed & path.answered)[-1])
    wanted = int(np.flatnonzero(allowed)[-1])
    return _Choice(parts=((chosen, 1.0),), notes=(_elsewhere(path, wanted, chosen) if wanted > chosen else None,))


def _by_step(path: Path, step: float) -> _Choice:
    if not path.steps:
        return _stepless(path)
    allowed = np.array(path.steps) <= step
    if not (allowed & path.answered).any():
        first = _first(path.answered)
        sentence = (
            f"{one_line(path.method)} has no checkpoint with outputs at or before step {step_words(step)}: "
            f"its first is {path.names[first]} at step {step_words(path.steps[first])}"
        )
        return _Choice(code="no_step", sentence=sentence)
    return _last(path, allowed)


def _same_step(path: Path, paths: Sequence[Path]) -> _Choice:
    if not path.steps:
        return _stepless(path)
    others = {one.method: _answered_steps(one) for one in paths[1:] if one.steps and one.answered.any()}
    common = set.intersection(*others.values()) if others else set()
    if not common:
        each = [
            f"{one_line(name)}: {listed([step_words(step) for step in sorted(own)])}" for name, own in others.items()
        ]
        sentence = f"no step has outputs of every method ({'; '.join(each[:4])}{'; …' if len(each) > 4 else ''})"
        return _Choice(code="no_common_step", sentence=sentence)
    step = max(common)
    there = (np.array(path.steps) == step) & path.answered
    if there.any():
        return _Choice(parts=((int(np.flatnonzero(there)[-1]), 1.0),))
    sentence = f"{one_line(path.method)} has no outputs at step {step_words(step)}, the largest that all others have"
    return _Choice(code="no_common_step", sentence=sentence)


def _answered_steps(path: Path) -> set[float]:
    return {step for step, there in zip(path.steps, path.answered, strict=True) if there}


def _stepless(path: Path) -> _Choice:
    sentence = f"the steps of {one_line(path.method)} are not known: give a step for each checkpoint"
    return _Choice(code="no_steps", sentence=sentence)


def _elsewhere(path: Path, wanted: int, chosen: int) -> Note:
    sentence = f"{path.names[wanted]} of {one_line(path.method)} has no outputs: {path.names[chosen]} stands for it"
    return Note(code="no_outputs_at_choice", sentence=sentence)


def _first(mask: Mask) -> int:
    return int(np.flatnonzero(mask)[0])
