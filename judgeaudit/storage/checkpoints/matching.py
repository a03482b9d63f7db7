"""Which checkpoints there are: those of the outputs and those that a capability was measured of, joined by name."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import combinations
from typing import NamedTuple

import numpy as np

from judgeaudit.domain.checkpoints import Checkpoint, Goal, Measurement, Note, Numbers
from judgeaudit.domain.errors import InputError, nearest, one_line
from judgeaudit.domain.question import canonical, number_of
from judgeaudit.storage.files.number_cells import refuse_no_count, refuse_no_number
from judgeaudit.storage.files.read import Table


class _Key(NamedTuple):
    """What names a checkpoint; None where its table has no such column."""

    model: str | None
    method: str | None
    checkpoint: str


@dataclass(frozen=True, slots=True, kw_only=True)
class _Named:
    """The checkpoints of one table: the name of each, the number of its rows' one (-1 where it has no name), and its step."""

    table: Table
    keys: tuple[_Key, ...]
    of_row: Numbers
    steps: tuple[float | None, ...]
    unsaid: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Joined:
    """Checkpoints, the place (N,) of each output's one or -1, what was measured, and what to say of the join."""

    checkpoints: tuple[Checkpoint, ...]
    of_output: Numbers
    measured: tuple[Measurement, ...]
    notes: tuple[Note | str, ...]


def join_checkpoints(outputs: Table, capability: Table, *, baseline: str, goal: Goal) -> Joined:
    """Outputs and capability joined on those of model, method and checkpoint that both have. What only one has is kept."""
    for table, what in ((outputs, "outputs to be compared by checkpoint"), (capability, "capability")):
        if "checkpoint" not in table.columns:
            msg = f"{table.missing('checkpoint', what)}; add it, with model or method where there are several"
            raise InputError(msg)
    for column in ("score",):
        if column not in capability.columns:
            raise capability.missing(column, "capability")
    ours, theirs = spelled(outputs, capability)
    made, able = _named(outputs, ours, baseline), _named(capability, theirs, baseline)
    places, keys = _merged(made, able)
    steps = _steps(made, able, places, len(keys))
    checkpoints = tuple(_checkpoint(key, step, baseline) for key, step in zip(keys, steps, strict=True))
    of_output = np.append(places[0], -1)[made.of_row]
    of_row = np.append(places[1], -1)[able.of_row]
    measured = measured_of(capability, of_row, goal)
    if made.keys and able.keys and not {one.checkpoint for one in measured} & set(places[0].tolist()):
        refuse_no_meeting(outputs, capability, made.keys, able.keys)
    of_made, of_able = ([keys[n] for n in dict.fromkeys(each.tolist())] for each in places)
    notes: list[Note | str] = [*names_differ(outputs, capability, of_made, of_able)]
    for one, what in ((made, "outputs"), (able, "rows of capability")):
        if one.unsaid:
            notes.append(f"{one.unsaid} {what} name no checkpoint, and their model and method have several: not used")
    if words := _no_steps(made, able):
        notes.append(words)
    return Joined(checkpoints=checkpoints, of_output=of_output, measured=measured, notes=tuple(notes))


def _named(table: Table, columns: Texts, baseline: str) -> _Named:
    """The checkpoints of a table. A row that does not name its own has that of its model and method, where they have one."""
    import pandas as pd

    factors = [None if texts is None else pd.factorize(texts) for texts in columns]
    together = np.zeros(table.rows, dtype=np.int64)
    for factor in factors:
        if factor is not None:
            together = pd.factorize(together * len(factor[1]) + factor[0])[0].astype(np.int64)
    _, first = np.unique(together, return_index=True)
    raw = [_Key(*(None if texts is None else str(texts[row]) for texts in columns)) for row in first.tolist()]  # type: ignore[arg-type]
    known: dict[tuple[str | None, str | None], list[str]] = {}
    for key in raw:
        if key.checkpoint:
            known.setdefault((key.model, key.method), []).append(key.checkpoint)
    keys: dict[_Key, int] = {}
    place = np.array([_place(keys, key, known, baseline) for key in raw], dtype=np.int64)
    of_row = place[together]
    return _Named(
        table=table,
        keys=tuple(keys),
        of_row=of_row,
        steps=_own_steps(table, of_row, len(keys)),
        unsaid=int((of_row < 0).sum()),
    )


def _place(
    keys: dict[_Key, int], key: _Key, known: dict[tuple[str | None, str | None], list[str]], baseline: str
) -> int:
    checkpoint = key.checkpoint
    if not checkpoint:
        several = known.get((key.model, key.method), [])
        checkpoint = several[0] if len(several) == 1 else "" if several else key.method or key.model or ""
    if not checkpoint:
        return -1
    method = key.method
    if method == "":
        method = checkpoint if checkpoint == baseline else key.model or checkpoint
    return keys.setdefault(_Key(key.model, method, checkpoint), len(keys))


def _merged(made: _Named, able: _Named) -> tuple[tuple[Numbers, Numbers], list[_Key]]:
    """The place of each table's checkpoints in the list of all, and that list: those of the outputs, then the others."""
    shared = [n for n, name in enumerate(NAMES) if name in made.table.columns and name in able.table.columns]
    ours, theirs = _by_shared(made, shared), _by_shared(able, shared)
    for mine, other, few in ((made, able, theirs), (able, made, ours)):
        for key in mine.keys:
            if len(found := few.get(_part(key, shared), [])) > 1:
                raise _unclear(mine, other, key, [other.keys[n] for n in found])
    keys = list(made.keys)
    places = []
    for key in able.keys:
        match = ours.get(_part(key, shared), [])
        if match:
            place, own = match[0], keys[match[0]]
            keys[place] = _Key(
                key.model if own.model is None else own.model,
                key.method if own.method is None else own.method,
                own.checkpoint,
            )
        else:
            place = len(keys)
            keys.append(key)
        places.append(place)
    return (np.arange(len(made.keys), dtype=np.int64), np.array(places, dtype=np.int64)), keys


def _by_shared(named: _Named, shared: Sequence[int]) -> dict[tuple[str | None, ...], list[int]]:
    found: dict[tuple[str | None, ...], list[int]] = {}
    for place, key in enumerate(named.keys):
        found.setdefault(_part(key, shared), []).append(place)
    return found


def _part(key: _Key, shared: Sequence[int]) -> tuple[str | None, ...]:
    return tuple(key[n] for n in shared)


def _unclear(mine: _Named, other: _Named, key: _Key, found: Sequence[_Key]) -> InputError:
    lacks = " and ".join(name for name in NAMES if name in other.table.columns and name not in mine.table.columns)
    named = ", ".join(one_line(" ".join(part for part in one if part), limit=60) for one in found[:4])
    return InputError(
        f"{mine.table.name}: checkpoint '{one_line(key.checkpoint)}' is several in {other.table.name} ({named}); "
        f"add the column {lacks or 'method'} to {mine.table.name}"
    )


def _checkpoint(key: _Key, step: float | None, baseline: str) -> Checkpoint:
    """With the names that its table did not have: the method is that of the model."""
    model = key.model or key.method or key.checkpoint
    method = key.method or (key.checkpoint if key.checkpoint == baseline or key.model is None else key.model)
    return Checkpoint(model=model, method=method, checkpoint=key.checkpoint, step=step)


def _own_steps(table: Table, of_row: Numbers, n: int) -> tuple[float | None, ...]:
    """The step of each checkpoint, None where no cell is a number; two different ones are refused."""
    import pandas as pd

    steps: list[float | None] = [None] * n
    if "step" not in table.columns:
        return tuple(steps)
    codes, words = pd.factorize(table.frame["step"].to_numpy())
    numbers = [number_of(word) for word in words]
    _, first = np.unique(of_row * len(words) + codes, return_index=True)
    for row in sorted(first.tolist()):
        place, step = int(of_row[row]), numbers[codes[row]]
        if place < 0 or step is None:
            continue
        if steps[place] not in (None, step):
            msg = f"{table.at(row, 'step')}: {step:g}, and a row above has {steps[place]:g} for the same checkpoint; keep one"
            raise InputError(msg)
        steps[place] = step
    return tuple(steps)


def _steps(made: _Named, able: _Named, places: tuple[Numbers, Numbers], n: int) -> list[float | None]:
    """The step that capability tells, else that of the outputs."""
    steps: list[float | None] = [None] * n
    for named, where in zip((made, able), places, strict=True):
        for place, step in zip(where.tolist(), named.steps, strict=True):
            steps[place] = steps[place] if step is None else step
    return steps


def _no_steps(made: _Named, able: _Named) -> str:
    """A line where steps are words, by which nothing can be put in order."""
    for named in (able, made):
        if "step" in named.table.columns:
            cells = {cell for cell in named.table.frame["step"] if cell and number_of(cell) is None}
            if cells:
                first = one_line(min(cells), limit=40)
                return f"{named.table.name}: {len(cells)} values of step are no number, as '{first}': not used as steps"
    return ""


# What was measured of checkpoints: each score once, on the scale of its goal.


#: the tolerance that nobody wrote; however close scores are, it is no slip
_USUAL = Goal(tasks=()).tolerance


def measured_of(table: Table, of_row: Numbers, goal: Goal) -> tuple[Measurement, ...]:
    """Every score once. Where the goal has one task, a row that names none is about it."""
    only = goal.tasks[0][0] if len(goal.tasks) == 1 else ""
    tasks = [cell or only for cell in _cells(table, "task")]
    found: dict[tuple[int, str], tuple[int, Measurement]] = {}
    for row, (place, task, score, n) in enumerate(
        zip(of_row.tolist(), tasks, _numbers(table, "score"), _numbers(table, "n"), strict=True)
    ):
        if place < 0 or score is None:
            continue
        one = Measurement(checkpoint=place, task=task, score=score, n=n)
        before, known = found.setdefault((place, task), (row, one))
        if known.score != score or (None not in (known.n, n) and known.n != n):
            raise _measured_twice(table, row, before, score=score, known=known.score)
        found[place, task] = (before, one if known.n is None else known)
    _refuse_no_task(table, tasks, goal)
    for task, score in goal.tasks:
        _refuse_other_scale(
            table, task, score, goal.tolerance, [one.score for _, one in found.values() if one.task == task]
        )
    return tuple(one for _, one in found.values())


def _measured_twice(table: Table, row: int, before: int, *, score: float, known: float) -> InputError:
    """Two rows that contradict each other about one checkpoint and task."""
    said = f"{known:g}" if known != score else "another n"
    way_out = "checkpoint and task; keep one"
    if not _cells(table, "task")[row] and not _cells(table, "task")[before]:
        way_out = "checkpoint, and neither names its task; say what each row measured"
    return InputError(
        f"{table.at(row, 'score')}: {score:g}, and {said} in row {table.row(before)} for the same {way_out}"
    )


def _refuse_no_task(table: Table, tasks: Iterable[str], goal: Goal) -> None:
    known = [task for task in dict.fromkeys(tasks) if task]
    for task, _ in goal.tasks:
        if task not in known:
            listed = ", ".join(one_line(one, limit=40) for one in known[:12]) + (", …" if len(known) > 12 else "")
            named = f"{nearest(task, known)}; tasks are {listed or 'not named'}"
            msg = f"{table.name}: no task '{one_line(task)}', which the goal is about{named}"
            raise InputError(msg)


def _refuse_other_scale(table: Table, task: str, goal: float, tolerance: float, scores: Sequence[float]) -> None:
    """Goal, scores and tolerance are all shares, or all percents; scores with negative ones among them are neither."""
    low, high = min(scores, default=0.0), max(scores, default=0.0)
    about = f"{table.name}: scores of '{one_line(task)}'"
    if low >= 0 and high <= 1 < goal:
        share = f" ({goal / 100:.15g})" if goal <= 100 else ""
        msg = f"{about} go up to {high:g} and the goal is {goal:g}: write both as shares{share} or both as percents"
        raise InputError(msg)
    if low >= 0 and 0 <= goal <= 1 and tolerance <= 1 < high:
        share = f" ({high / 100:.15g})" if high <= 100 else ""
        msg = f"{about} go up to {high:g} and the goal is {goal:g}: write both as shares{share} or both as percents"
        raise InputError(msg)
    if tolerance > _USUAL and low < high and tolerance > high - low:
        told = f"go from {low:g} to {high:g} and the tolerance is {tolerance:g}, by which all of them are matched"
        msg = f"{about} {told}; write a smaller one"
        raise InputError(msg)


def _numbers(table: Table, column: str) -> list[float | None]:
    """(M,) numbers, None for empty cells of n; anything else is refused."""
    found: list[float | None] = []
    for row, cell in enumerate(_cells(table, column)):
        number = number_of(cell)
        if number is None and (cell or column == "score"):
            refuse_no_number(table, row, column, cell)
        if column == "n" and number is not None:
            refuse_no_count(table, row, cell, number)
        found.append(number)
    return found


def _cells(table: Table, column: str) -> list[str]:
    return list(table.frame[column]) if column in table.columns else [""] * table.rows


# Names of checkpoints in two tables: one spelling for each, and what to say where they do not meet.


NAMES = ("model", "method", "checkpoint")
Texts = tuple[np.ndarray | None, ...]
#: model, method and checkpoint as one table has them; None where it has no such column
Name = tuple[str | None, str | None, str]
#: so many pairs of names are told in words
_MOST = 3


def spelled(outputs: Table, capability: Table) -> tuple[Texts, Texts]:
    """The columns of names of both tables, None for those that one lacks.

    Blanks at the ends go, and numbers that are equal are one name, spelled as where they stand first.
    """
    import pandas as pd

    columns: list[list[np.ndarray | None]] = [[], []]
    for name in NAMES:
        known: dict[str, str] = {}
        for table, found in zip((outputs, capability), columns, strict=True):
            if name not in table.columns:
                found.append(None)
                continue
            codes, words = pd.factorize(table.frame[name].to_numpy())
            texts = [str(word).strip() for word in words]
            found.append(np.array([known.setdefault(canonical(text), text) for text in texts], dtype=object)[codes])
    return tuple(columns[0]), tuple(columns[1])


def refuse_no_meeting(outputs: Table, capability: Table, made: Sequence[Name], able: Sequence[Name]) -> None:
    """An error where no checkpoint of the outputs has a capability: one of each table, and the columns that part them."""
    both = [n for n, name in enumerate(NAMES) if name in outputs.columns and name in capability.columns]
    apart = [n for n in both if {key[n] for key in made}.isdisjoint(key[n] for key in able)] or both
    columns = ", ".join(NAMES[n] for n in apart)
    mine, other = (one_line(_shown(names[0], both), limit=80) for names in (made, able))
    msg = (
        f"{capability.name}: no checkpoint of {outputs.name} has a capability: there it is '{mine}' and here '{other}' "
        f"({', '.join(NAMES[n] for n in both)}); write them alike, look at {columns}"
    )
    raise InputError(msg)


def names_differ(outputs: Table, capability: Table, made: Collection[Name], able: Collection[Name]) -> tuple[Note, ...]:
    """A note where names seem to be one: they differ by case and blanks alone, or by the method of one model and checkpoint.

    `made` are checkpoints of the outputs, `able` those of capability; what only one of them has may be meant to be the same.
    """
    found = [*_by_case([*made, *able])]
    mine, other = _by_rest(key for key in made if key not in able), _by_rest(key for key in able if key not in made)
    for rest, keys in mine.items():
        pair = [*keys, *other.get(rest, ())]
        if len(keys) == 1 and len(pair) == 2 and len({_loose(key[1] or "") for key in pair}) == 2:
            a, b = (one_line(_shown(key, (0, 1, 2)), limit=60) for key in pair)
            found.append(f"'{a}' of {outputs.name} and '{b}' of {capability.name}")
    if not found:
        return ()
    more = f", and {len(found) - _MOST} more" if len(found) > _MOST else ""
    told = f"{'; '.join(found[:_MOST])}{more}: they are not the same here; write them alike if they are meant to be"
    return (Note(code="names_differ", sentence=f"names differ between checkpoints: {told}"),)


def _by_rest(keys: Iterable[Name]) -> dict[tuple[str | None, str], list[Name]]:
    """The names of each model and checkpoint, whatever their method."""
    found: dict[tuple[str | None, str], list[Name]] = {}
    for key in keys:
        found.setdefault((key[0], key[2]), []).append(key)
    return found


def _by_case(keys: Sequence[Name]) -> Iterator[str]:
    for n, column in enumerate(NAMES):
        alike: dict[str, list[str]] = {}
        for name in dict.fromkeys(key[n] for key in keys):
            if name:
                alike.setdefault(_loose(name), []).append(name)
        for names in alike.values():
            for a, b in combinations(names, 2):
                yield f"{column} '{one_line(a, limit=60)}' and '{one_line(b, limit=60)}'"


def _loose(name: str) -> str:
    return "".join(name.casefold().split())


def _shown(key: Name, columns: Sequence[int]) -> str:
    return " ".join(part for n in columns if (part := key[n]))
