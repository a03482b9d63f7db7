"""The way of one method: its checkpoints in order of training, how able each was, and which of them have outputs."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass

import numpy as np

from judgeaudit.audit.estimates.estimate import clean
from judgeaudit.domain.checkpoints import AtGoal, Checkpoint, Floats, Goal, Mask, Measurement, Note
from judgeaudit.domain.errors import one_line
from judgeaudit.stats.library import share_interval, share_lower

#: what sums of decimal fractions may be off: 0.72 lies within 0.02 of 0.70
SLACK = 1e-9


@dataclass(frozen=True, slots=True, kw_only=True)
class Path:
    """P checkpoints of a method in order, T tasks of the goal.

    places    in the list of all checkpoints; `names` as people call them
    steps     (P,) or empty where nobody knows them
    scores    (P, T), nan where unmeasured; `sizes` (P, T) items behind a score, nan where nobody said
    bounds    (P, T) one-sided lower bounds of the scores that are shares of so many items, else nan
    answered  (P,) whether there are outputs
    fixed     the baseline's one checkpoint: it stands whatever the rule
    """

    method: str
    places: tuple[int, ...]
    names: tuple[str, ...]
    steps: tuple[float, ...]
    scores: Floats
    sizes: Floats
    bounds: Floats
    answered: Mask
    goal: Goal
    level: float
    fixed: bool
    notes: tuple[Note, ...]

    @property
    def tasks(self) -> tuple[str, ...]:
        return tuple(one_line(task) for task, _ in self.goal.tasks)

    @property
    def goals(self) -> Floats:
        return np.array([goal for _, goal in self.goal.tasks], float)

    @property
    def measured(self) -> Mask:
        """(P,) Whether there is a score in every task: a goal can choose no others."""
        return np.asarray(np.isfinite(self.scores).all(axis=1))

    @property
    def reaching(self) -> Mask:
        """(P,) Whether every task's score is at its goal."""
        return np.asarray((self.scores >= self.goals).all(axis=1))

    @property
    def surely_reaching(self) -> Mask:
        """(P,) Whether every task's lower bound is at its goal, the score itself with it."""
        return np.asarray(self.reaching & (self.bounds >= self.goals).all(axis=1))

    @property
    def undecided(self) -> Mask:
        """(P,) Whether only a bound that cannot be had could tell if the goal is surely reached."""
        below = (self.bounds < self.goals).any(axis=1)
        return np.asarray(self.reaching & ~below & np.isnan(self.bounds).any(axis=1))

    def at(self, parts: Sequence[tuple[int, float]]) -> tuple[AtGoal, ...]:
        """Each task at one position of the path, or between two of them."""
        alone = parts[0][0] if len(parts) == 1 else None
        out = []
        for t, (task, goal) in enumerate(self.goal.tasks):
            score = sum(weight * float(self.scores[position, t]) for position, weight in parts)
            known = bool(np.isfinite(score))
            n = np.nan if alone is None else float(self.sizes[alone, t])
            low = high = np.nan
            if known and has_bound(score, n):
                low, high = share_interval(score * n, n, level=self.level, method="wilson")
            out.append(
                AtGoal(
                    task=task,
                    score=score if known else None,
                    low=clean(low),
                    high=clean(high),
                    n=clean(n),
                    goal=goal,
                    within=bool(abs(score - goal) <= self.goal.tolerance + SLACK) if known else None,
                )
            )
        return tuple(out)


def has_bound(score: float, n: float) -> bool:
    """Whether a score is a share of a known number of items."""
    return bool(0.0 <= score <= 1.0 and np.isfinite(n) and n > 0)


def path_of(
    method: str,
    places: tuple[int, ...],
    steps: tuple[float, ...],
    *,
    checkpoints: Sequence[Checkpoint],
    measured: Iterable[Measurement],
    answered: Collection[int],
    goal: Goal,
    level: float,
    fixed: bool,
    notes: tuple[Note, ...],
) -> Path:
    """The path of a method. Of several scores of one checkpoint in one task the lowest stands, and a note says so."""
    names = tuple(name_of(checkpoints[place]) for place in places)
    found = _by_cell(measured, places, [task for task, _ in goal.tasks])
    scores = np.full((len(places), len(goal.tasks)), np.nan)
    sizes, bounds = scores.copy(), scores.copy()
    for cell, several in found.items():
        score, n = min(several)
        scores[cell], sizes[cell] = score, n if np.isfinite(n) else np.nan
        if has_bound(score, n):
            bounds[cell] = share_lower(score * n, n, confidence=level)
    return Path(
        method=method,
        places=places,
        names=names,
        steps=steps,
        scores=scores,
        sizes=sizes,
        bounds=bounds,
        answered=np.array([place in answered for place in places], bool),
        goal=goal,
        level=level,
        fixed=fixed,
        notes=(*notes, *_measured_twice(method, names, found)),
    )


_Cells = dict[tuple[int, int], set[tuple[float, float]]]


def _by_cell(measured: Iterable[Measurement], places: tuple[int, ...], tasks: list[str]) -> _Cells:
    """The different (score, n) of each position and task; n is infinite where nobody said, and the last of equals."""
    row, column = {place: p for p, place in enumerate(places)}, {task: t for t, task in enumerate(tasks)}
    found: _Cells = {}
    for one in measured:
        if one.checkpoint in row and one.task in column and np.isfinite(one.score):
            n = one.n if one.n is not None and one.n > 0 else np.inf
            found.setdefault((row[one.checkpoint], column[one.task]), set()).add((one.score, n))
    return found


def _measured_twice(method: str, names: tuple[str, ...], found: _Cells) -> tuple[Note, ...]:
    several = sorted({position for (position, _), scores in found.items() if len({score for score, _ in scores}) > 1})
    if not several:
        return ()
    sentence = f"{one_line(method)} has several scores in one task at {', '.join(names[p] for p in several)}: the lowest stands"
    return (Note(code="measured_twice", sentence=sentence),)


def name_of(checkpoint: Checkpoint) -> str:
    """What people call a checkpoint; one without a name goes by its model's."""
    return one_line(checkpoint.checkpoint or checkpoint.model)
