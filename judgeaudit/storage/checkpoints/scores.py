"""What was measured of checkpoints: each score once, on the scale of its goal."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from judgeaudit.domain.checkpoints import Goal, Measurement, Numbers
from judgeaudit.domain.errors import InputError, nearest, one_line
from judgeaudit.domain.question import number_of
from judgeaudit.storage.files.number_cells import refuse_no_count, refuse_no_number
from judgeaudit.storage.files.read import Table

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
            said = (
                f"{known.score:g} in row {table.row(before)}"
                if known.score != score
                else f"another n in row {table.row(before)}"
            )
            way_out = "checkpoint and task; keep one"
            if not _cells(table, "task")[row] and not _cells(table, "task")[before]:
                way_out = "checkpoint, and neither names its task; say what each row measured"
            msg = f"{table.at(row, 'score')}: {score:g}, and {said} for the same {way_out}"
            raise InputError(msg)
        found[place, task] = (before, one if known.n is None else known)
    _refuse_no_task(table, tasks, goal)
    for task, score in goal.tasks:
        _refuse_other_scale(
            table, task, score, goal.tolerance, [one.score for _, one in found.values() if one.task == task]
        )
    return tuple(one for _, one in found.values())


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
