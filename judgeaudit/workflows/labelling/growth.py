"""How a plan grows that is with the raters: what it holds stays, and every item keeps the chances that it had."""

from __future__ import annotations

import random
from collections.abc import Callable, Mapping, Sequence, Set
from dataclasses import dataclass, replace
from math import ceil
from typing import TYPE_CHECKING, NamedTuple

from judgeaudit.domain.errors import InputError
from judgeaudit.domain.labelling.sampling import Draw
from judgeaudit.domain.labelling.tasks import PlannedTask

if TYPE_CHECKING:
    from judgeaudit.storage.labelling.rounds import RoundFolder


@dataclass(frozen=True, slots=True, kw_only=True)
class Wish:
    """What a plan was asked for; a plan that was sent can only grow under the same wish."""

    by: tuple[str, ...]
    per_stratum: int
    seed: int
    verdicts: bool
    repeats: float
    pilot: bool = False
    precision: float | None = None

    def kind(self) -> dict[str, object]:
        """What must stay the same for a plan to grow."""
        return {"by": list(self.by), "seed": self.seed, "verdicts": self.verdicts}


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


class Again(NamedTuple):
    """Items of the earlier part to be shown again, how many repeats the new part has of itself, and how far apart."""

    items: tuple[str, ...]
    share: float
    gap: float
    left_out: int


def repeated(first: PlannedTask, again: PlannedTask) -> PlannedTask:
    """The task that shows an item once more, with the sides, cell and chances of its first showing."""
    return replace(first, ja_id=again.ja_id, purpose=again.purpose, position=again.position, part=again.part)


def shown_again(
    earlier: Sequence[PlannedTask], outputs: Set[str], fresh: int, known: int, *, share: float, seed: int
) -> Again:
    """What a part of `fresh` items and `known` answers repeats, so that every repeat comes a third of the whole list later.

    A part that is long enough repeats its own items. A shorter one repeats items of the earlier part that stand far enough
    from its end, as many as there are.
    """
    from judgeaudit.labelling.order import GAP

    count = int(share * fresh + 0.5)
    size = fresh + count + known
    least = ceil(GAP * (len(earlier) + size))
    if not earlier or not count or 2 * least <= size:
        return Again((), share, max(GAP, least / max(size, 1)) if count else GAP, 0)
    twice = {task.item_id for task in earlier if task.purpose == "repeat"}
    far = [task for task in earlier if task.purpose == "item" and len(earlier) - task.position >= least]
    free = [task.item_id for task in far if task.item_id in outputs - twice]
    chosen = random.Random(f"again:{seed}").sample(free, min(count, len(free)))
    return Again(tuple(chosen), 0.0, GAP, count - len(chosen))
