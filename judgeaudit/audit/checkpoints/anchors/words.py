"""What a reader should know of the checkpoints that stand for methods, in sentences with names and numbers."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from judgeaudit.audit.checkpoints.anchors.path import SLACK, Path
from judgeaudit.domain.checkpoints import AtGoal, Floats, Note
from judgeaudit.domain.errors import one_line

_SHOWN = 4
_DIGITS = range(2, 7)


def listed(words: Sequence[str], joint: str = "and", *, shown: int = _SHOWN) -> str:
    """Words in a row; of many the first few and how many more.

    >>> listed(["a", "b", "c"]), listed(list("abcdefg"))
    ('a, b and c', 'a, b, c, d and 3 more')
    """
    if len(words) > shown + 1:
        return f"{', '.join(words[:shown])} {joint} {len(words) - shown} more"
    return f" {joint} ".join([", ".join(words[:-1]), words[-1]] if len(words) > 1 else words)


def told(*values: float) -> list[str]:
    """Numbers with two digits, or as many more as tell them apart.

    >>> told(0.7, 0.64), told(0.7, 0.698), told(0.7, 0.7)
    (['0.70', '0.64'], ['0.700', '0.698'], ['0.70', '0.70'])
    """
    for digits in _DIGITS:
        texts = [f"{value:z.{digits}f}" for value in values]
        if len(set(texts)) == len(set(values)):
            return texts
    return [f"{value:z.2f}" for value in values]


def step_words(step: float) -> str:
    """A step without digits that say nothing.

    >>> step_words(2_000_000.0), step_words(1.5)
    ('2000000', '1.5')
    """
    return f"{step:.15g}" if abs(step) < 1e15 else f"{step:g}"


def goal_words(path: Path) -> str:
    """The goal that all tasks together make: "0.70 in boolq and 0.50 in arc"."""
    goals = zip(told(*path.goals), path.tasks, strict=True)
    return listed([f"{goal} in {task}" for goal, task in goals])


def never_reached(path: Path, *, bound: bool) -> str:
    """Which tasks stay below their goals, and how near they come; `bound` where lower bounds had to reach them."""
    who = f"the lower bound of {one_line(path.method)}" if bound else one_line(path.method)
    held = np.where(path.measured[:, None], path.bounds if bound else path.scores, np.nan)
    short = [t for t in range(len(path.tasks)) if not (held[:, t] >= path.goals[t]).any()]
    parts = [_its_best(path, held[:, t], t) for t in short if np.isfinite(held[:, t]).any()]
    what = "; nor ".join(parts) or _nowhere_together(path, held)
    return f"{who} never reaches {what}; not comparable at this goal"


def _its_best(path: Path, held: Floats, t: int) -> str:
    best = int(np.nanargmax(held))
    value, goal = told(held[best], path.goals[t])
    return f"{goal} in {path.tasks[t]}: its best is {value} at {path.names[best]}"


def _nowhere_together(path: Path, held: Floats) -> str:
    """Each goal may be reached somewhere, but nowhere all of them."""
    gaps = np.min(held - path.goals, axis=1)
    if np.isnan(gaps).all():
        return f"{goal_words(path)} at one checkpoint"
    near = int(np.nanargmax(gaps))
    scores = [f"{told(held[near, t], path.goals[t])[0]} in {task}" for t, task in enumerate(path.tasks)]
    return f"{goal_words(path)} at one checkpoint: nearest is {path.names[near]} with {listed(scores)}"


def no_bound(path: Path, position: int) -> str:
    """Why a score has no lower bound, and what to do."""
    t = int(np.flatnonzero(np.isnan(path.bounds[position]))[0])
    score = float(path.scores[position, t])
    where = f"{path.names[position]} of {one_line(path.method)}, {told(score)[0]} in {path.tasks[t]}"
    if 0 <= score <= 1:
        return f'the score of {where}, has no lower bound without n: give n, or take reach = "point"'
    return f'the score of {where}, is no share and has no lower bound: give shares with n, or take reach = "point"'


def unmeasured(path: Path) -> Note | None:
    """Which checkpoints a goal cannot choose, for want of a score."""
    without = [name for name, known in zip(path.names, path.measured, strict=True) if not known]
    if not without:
        return None
    tasks = listed([task for t, task in enumerate(path.tasks) if np.isnan(path.scores[:, t]).any()], "or")
    has, them = ("has", "it") if len(without) == 1 else ("have", "them")
    sentence = f"{listed(without)} of {one_line(path.method)} {has} no score in {tasks}: a goal cannot choose {them}"
    return Note(code="unmeasured", sentence=sentence)


def one_checkpoint(path: Path) -> Note | None:
    """A method without a path may have passed the goal long ago."""
    if len(path.places) != 1 or path.fixed:
        return None
    reached = bool(path.goal.tasks) and bool(path.reaching[0])
    what = f"when it passed {goal_words(path)}" if reached else "how its capability moved"
    sentence = f"{one_line(path.method)} has one checkpoint only, {path.names[0]}: {what} is not known"
    return Note(code="one_checkpoint", sentence=sentence)


def not_held(path: Path, after: int) -> Note | None:
    """Where a capability that was reached falls below the band again, and whether it comes back."""
    least = path.goals - path.goal.tolerance
    low = path.measured[:, None] & (path.scores < least - SLACK)
    fallen = [p for p in range(after + 1, len(path.places)) if low[p].any()]
    if not fallen:
        return None
    first = fallen[0]
    t = int(np.flatnonzero(low[first])[0])
    value, floor = told(path.scores[first, t], least[t])
    back = [p for p in range(first + 1, len(path.places)) if path.measured[p] and not low[p].any()]
    again = "no later checkpoint comes back"
    if back:
        again = f"it is back at {told(path.scores[back[0], t], least[t])[0]} at {path.names[back[0]]}"
    sentence = (
        f"after {path.names[after]} {one_line(path.method)} falls below {floor} in {path.tasks[t]}: "
        f"{value} at {path.names[first]}; {again}"
    )
    return Note(code="not_held", sentence=sentence)


def band_notes(path: Path, parts: Sequence[tuple[int, float]], capability: Sequence[AtGoal]) -> tuple[Note, ...]:
    """What lies above or below the band at an anchor is not matched; what has no score may be."""
    where = listed([path.names[position] for position, _ in parts])
    out = []
    for code, side, sign in (("overshoots", "above", 1.0), ("below_goal", "below", -1.0)):
        off = [_off(one, side) for one in capability if one.within is False and _gap(one) * sign > 0]
        if off:
            sentence = f"{one_line(path.method)} has {listed(off)}, at {where}: not matched with the others"
            out.append(Note(code=code, sentence=sentence))
    blank = [one_line(one.task) for one in capability if one.score is None]
    if blank:
        sentence = f"{where} of {one_line(path.method)} has no score in {listed(blank, 'or')}: whether it is matched is not known"
        out.append(Note(code="unmeasured", sentence=sentence))
    return tuple(out)


def _gap(one: AtGoal) -> float:
    return 0.0 if one.score is None or one.goal is None else one.score - one.goal


def _off(one: AtGoal, side: str) -> str:
    value, goal = told(one.score or 0.0, one.goal or 0.0)
    return f"{value} in {one_line(one.task)}, {told(abs(_gap(one)), 0.0)[0]} {side} the goal of {goal}"
