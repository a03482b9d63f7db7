"""How a plan grows that is with the raters: what it holds stays, and every item keeps the chances that it had."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from judgeaudit.domain.errors import InputError
from judgeaudit.domain.labelling import PlannedTask
from judgeaudit.domain.sampling import Draw

if TYPE_CHECKING:
    from judgeaudit.facade.label_plan import Wish
    from judgeaudit.storage.rounds import RoundFolder


@dataclass(frozen=True, slots=True, kw_only=True)
class Part:
    """What one part of a plan was drawn with."""

    per_stratum: int
    outputs_sha256: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Grown:
    """What a plan holds before it grows: its tasks, and its parts, oldest first; nothing where it is made anew."""

    tasks: tuple[PlannedTask, ...] = ()
    parts: tuple[Part, ...] = ()


def with_raters(folder: RoundFolder) -> bool:
    """Whether the round was sent, in part at least."""
    return folder.planned and (folder.project() is not None or bool(folder.sent()))


def grown_from(folder: RoundFolder, wish: Wish) -> Grown:
    """The plan that was sent; one that was not is made anew."""
    if not with_raters(folder):
        return Grown()
    about = folder.about()
    if about.get("kind") != wish.kind():
        msg = (
            f"round {folder.name} is with the raters and was drawn with {_spelled(about.get('kind'))}; it grows under these "
            f"choices alone, and this command says {_spelled(wish.kind())}: repeat the first ones"
        )
        raise InputError(msg)
    before = about.get("per_stratum")
    if isinstance(before, int) and wish.per_stratum < before:
        msg = (
            f"round {folder.name} is with the raters, drawn with {before:,} items a stratum; it can only grow, and here "
            f"{wish.per_stratum:,} are asked for: give --items {before} or more"
        )
        raise InputError(msg)
    return Grown(tasks=tuple(folder.tasks()), parts=_parts(about))


def _parts(about: Mapping[str, object]) -> tuple[Part, ...]:
    """The parts that plan.json tells of; one that does not tell of parts was drawn at once."""
    told = about.get("parts")
    rows = [row for row in told if isinstance(row, dict)] if isinstance(told, list) else [about]
    return tuple(
        Part(
            per_stratum=size if isinstance(size := row.get("per_stratum"), int) else 1,
            outputs_sha256=str(row.get("outputs_sha256")),
        )
        for row in rows
    )


def _spelled(kind: object) -> str:
    if not isinstance(kind, dict):
        return "other choices"
    by = ",".join(map(str, kind.get("by", ()))) or "no strata"
    return f"--seed {kind.get('seed')}, by {by}{', --verdicts' if kind.get('verdicts') else ''}"


def kept(task: PlannedTask, now: Draw, place: int | None, *, grows: bool) -> PlannedTask:
    """A task that was sent, under the grown plan: the chance that it has now, or the one that it had where that was larger.

    An item's rank is its own for good: whatever is added to the outputs, an item that was drawn with chance p stays drawn,
    so its chance over the whole plan is the larger one.
    """
    if task.purpose == "calibration" or task.probability is None:
        return task
    chance, cell = (0.0, "") if place is None else (float(now.probability[place]), now.cell[place])
    earlier = (*task.earlier, task.probability) if grows else task.earlier
    return replace(task, probability=max(task.probability, chance), cell=cell or task.cell, earlier=earlier)


def earlier_draws(parts: Sequence[Part], outputs_sha256: str, drawing: Callable[[int], Draw]) -> list[Draw | None]:
    """The draw of every part that came before; None where the outputs were others: what was added had no chance then."""
    same = {part.per_stratum for part in parts if part.outputs_sha256 == outputs_sha256}
    draws = {size: drawing(size) for size in same}
    return [draws.get(part.per_stratum) if part.outputs_sha256 == outputs_sha256 else None for part in parts]


def with_chances(task: PlannedTask, now: Draw, before: Sequence[Draw | None], place: int) -> PlannedTask:
    """A new task with its item's chance, and those that the item had in the parts before."""
    chance = float(now.probability[place])
    earlier = tuple(0.0 if draw is None else min(chance, float(draw.probability[place])) for draw in before)
    return replace(task, cell=now.cell[place], probability=chance, earlier=earlier)
