"""What a labelled item stands for: sampling weights from the plan that its labels were gathered by.

An item of the plan weighs 1 / its chance to be drawn and labelled by now. A labelled item outside the plan, imported say, was
drawn by nobody and stands for itself: weight 1. Every finding about a judge is made from items that people labelled, so the weight of an
item without labels (judged and not drawn, or drawn and not labelled yet) enters no number; it is written as 1.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np
import numpy.typing as npt

from judgeaudit.domain.errors import InputError, one_line
from judgeaudit.domain.labelling.tasks import MAIN, PlannedTask
from judgeaudit.domain.ratings import Floats, Mask, Ratings
from judgeaudit.storage.config.read import STUDY_FILE
from judgeaudit.storage.files.write import shown
from judgeaudit.storage.labelling.rounds import TASKS, RoundFolder
from judgeaudit.storage.table.ratings import labelled_mask


def weighted(root: Path, ratings: Sequence[Ratings]) -> tuple[tuple[Ratings, ...], tuple[str, ...]]:
    """Ratings with the weights of the main round's plan, and what to say of them.

    Where all labelled items weigh the same they are exchangeable, and nothing changes.
    """
    tasks = _item_tasks(root)
    if not tasks or not ratings:
        return tuple(ratings), ()
    items = ratings[0].items
    labelled = np.logical_or.reduce([labelled_mask(one) for one in ratings])
    unable = [one.cannot_judge.any(axis=0) for one in ratings if one.cannot_judge is not None]
    seen = np.logical_or.reduce([labelled, *unable])
    chances = reached_chances(tasks, dict(zip(items, seen.tolist(), strict=True)))
    weights = np.array([1.0 / chances.get(item, 1.0) for item in items])
    warnings = _said(tasks, items, labelled, seen)
    if not labelled.any() or np.ptp(weights[labelled]) <= 1e-9 * weights[labelled].max():
        return tuple(ratings), warnings
    weights[~labelled] = 1.0
    return tuple(replace(one, weights=weights) for one in ratings), warnings


def designed(root: Path, ratings: Sequence[Ratings], *, stated: str | None) -> tuple[Ratings, ...]:
    """Ratings that know how their labelled items were chosen: as study.toml says, else by the plan.

    A plan with one chance for all is random, another weighted. Labelled items outside the plan were chosen by nobody knows
    what, and without a plan nothing is known: no design.
    """
    planned = {task.item_id for task in _item_tasks(root)}
    unequal = any(one.weights is not None for one in ratings)
    if stated == "random" and unequal:
        msg = f'{STUDY_FILE}: audit.label_design = "random", but the labelling plan drew with unequal chances; leave the key out'
        raise InputError(msg)
    if stated == "weighted" and not planned:
        msg = f'{STUDY_FILE}: audit.label_design = "weighted", but there is no labelling plan that knows chances; weights are of plans'
        raise InputError(msg)
    found = stated or _by_plan(planned, ratings, unequal=unequal)
    return tuple(ratings) if found is None else tuple(replace(one, label_design=found) for one in ratings)


def _by_plan(planned: set[str], ratings: Sequence[Ratings], *, unequal: bool) -> str | None:
    if not planned:
        return None
    for one in ratings:
        labelled = labelled_mask(one)
        if any(item not in planned for item, has in zip(one.items, labelled.tolist(), strict=True) if has):
            return None
    return "weighted" if unequal else "random"


def reached_chances(tasks: Sequence[PlannedTask], seen: Mapping[str, bool]) -> dict[str, float]:
    """Item -> its chance to be drawn and answered by now, for the items of the plan that somebody answered.

    `seen` says of every output whether it has an answer; "cannot judge" is one. A plan that grew came in parts, of each of
    which a share r_k of the items in the cell is answered; which ones is taken to be chance. An item with the chances
    λ_0 ≤ λ_1 ≤ … under the plan as it grew is among the answered with chance Σ (λ_k − λ_{k−1}) r_k. So the first part of a
    plan counts as what it was while nothing of the second is answered, and equal chances become answered / outputs of a cell.
    """
    cells: dict[str, list[PlannedTask]] = {}
    for task in tasks:
        if task.item_id in seen:
            cells.setdefault(task.cell, []).append(task)
    out: dict[str, float] = {}
    for inside in cells.values():
        parts = np.array([task.part for task in inside])
        done = np.array([seen[task.item_id] for task in inside])
        count = max(int(parts.max()), *(len(task.earlier) for task in inside)) + 1
        shares = _divided(np.bincount(parts[done], minlength=count), np.bincount(parts, minlength=count))
        for task in (task for task in inside if seen[task.item_id]):
            known = (*task.earlier, float(task.probability or 0.0))
            steps = np.diff(np.maximum.accumulate([0.0] * (count + 1 - len(known)) + list(known)))
            chance = float(steps @ shares)
            # no chance to come in with its part, after outputs or verdicts changed: as if chance had left out some of the cell
            out[task.item_id] = chance if chance > 0 else known[-1] * float(done.mean())
    return out


def _divided(done: npt.NDArray[np.int64], planned: npt.NDArray[np.int64]) -> Floats:
    """The share of each part that is answered; a part without items in the cell keeps nobody out."""
    return np.where(planned > 0, done / np.maximum(planned, 1), 1.0)


def _said(tasks: Sequence[PlannedTask], items: Sequence[str], labelled: Mask, seen: Mask) -> tuple[str, ...]:
    names = {task.item_id for task in tasks}
    planned = np.array([item in names for item in items])
    done = {item for item, has in zip(items, seen, strict=True) if has}
    warnings = []
    if missing := int((planned & ~seen).sum()):
        warnings.append(
            f"{missing} of the {int(planned.sum())} items of the labelling plan have no label yet: in each cell the labelled "
            "ones stand for them, by how much of each part of the plan is labelled, as if chance had left these out"
        )
    bare = sorted({task.cell for task in tasks} - {task.cell for task in tasks if task.item_id in done})
    if missing and bare and done:
        named = ", ".join(one_line(cell, limit=60) for cell in bare[:3]) + (", …" if len(bare) > 3 else "")
        warnings.append(f"no item of the plan in {named} has a label yet: no number speaks of the outputs there")
    if outside := int((labelled & ~planned).sum()):
        warnings.append(
            f"{outside} labelled items are not of the labelling plan: each stands for itself (weight 1), "
            "a planned one for 1 / its probability"
        )
    return tuple(warnings)


def plan_chances(root: Path) -> dict[str, float]:
    """Item -> its chance to be drawn, for every item of the main round's plan; empty where there is no plan."""
    return {task.item_id: float(task.probability or 0.0) for task in _item_tasks(root)}


def _item_tasks(root: Path) -> list[PlannedTask]:
    """The items of the main round's plan, once each, with chances that can be believed."""
    folder = RoundFolder(root, MAIN)
    tasks = [task for task in folder.tasks() if task.purpose == "item"] if folder.planned else []
    for task in tasks:
        wrong: list[object] = [chance for chance in task.earlier if not _is_chance(chance, least=0.0)]
        wrong += [] if _is_chance(task.probability, least=math.ulp(0.0)) else [task.probability]
        if wrong:
            msg = (
                f"{shown(folder.path / TASKS)}: item '{one_line(task.item_id)}' has probability {one_line(str(wrong[0]))}, "
                "which is no chance above 0 and up to 1; restore the file from a copy"
            )
            raise InputError(msg)
        if isinstance(task.part, bool) or not isinstance(task.part, int) or not 0 <= task.part <= len(task.earlier):
            msg = (
                f"{shown(folder.path / TASKS)}: item '{one_line(task.item_id)}' has part {one_line(str(task.part))}, which its "
                "plan has not; restore the file from a copy"
            )
            raise InputError(msg)
    return list({task.item_id: task for task in tasks}.values())


def _is_chance(value: object, *, least: float) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool) and least <= value <= 1.0


def label_design(root: Path, *, stated: str | None = None) -> dict[str, object]:
    """How the labelled items were chosen, for the options of an audit: as study.toml states, else by a plan; seed and counts of a plan."""
    chances = plan_chances(root)
    if not chances:
        return {} if stated is None else {"label_design": stated}
    about = RoundFolder(root, MAIN).about()
    plan: dict[str, object] = {"items": len(chances), "least_probability": min(chances.values())}
    kind = about.get("kind")
    if isinstance(kind, dict):
        plan |= {key: kind[key] for key in ("seed", "by", "verdicts") if key in kind}
    plan |= {key: about[key] for key in ("per_stratum", "population", "sampled") if key in about}
    return {"label_design": stated or "plan", "plan": plan}
