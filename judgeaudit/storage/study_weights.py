"""What a labelled item stands for: sampling weights from the plan that its labels were gathered by.

An item of the plan weighs 1 / its chance to be drawn. A labelled item outside the plan, imported say, was drawn by nobody
and stands for itself: weight 1. Every finding about a judge is made from items that people labelled, so the weight of an
item without labels (judged and not drawn, or drawn and not labelled yet) enters no number; it is written as 1.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np

from judgeaudit.domain.errors import InputError, one_line
from judgeaudit.domain.labelling import MAIN
from judgeaudit.domain.ratings import Ratings
from judgeaudit.storage.build import labelled_mask
from judgeaudit.storage.files import shown
from judgeaudit.storage.rounds import TASKS, RoundFolder


def weighted(root: Path, ratings: Sequence[Ratings]) -> tuple[tuple[Ratings, ...], tuple[str, ...]]:
    """Ratings with the weights of the main round's plan, and what to say of them.

    Where all labelled items weigh the same they are exchangeable, and nothing changes.
    """
    chances = plan_chances(root)
    if not chances or not ratings:
        return tuple(ratings), ()
    items = ratings[0].items
    planned = np.array([item in chances for item in items])
    labelled = np.logical_or.reduce([labelled_mask(one) for one in ratings])
    weights = np.array([1.0 / chances.get(item, 1.0) for item in items])
    warnings = []
    if missing := int((planned & ~labelled).sum()):
        warnings.append(
            f"{missing} of the {int(planned.sum())} items of the labelling plan have no label yet: "
            "the weights suppose that these lack at random"
        )
    if outside := int((labelled & ~planned).sum()):
        warnings.append(
            f"{outside} labelled items are not of the labelling plan: each stands for itself (weight 1), "
            "a planned one for 1 / its probability"
        )
    if np.unique(weights[labelled]).size < 2:
        return tuple(ratings), tuple(warnings)
    weights[~labelled] = 1.0
    return tuple(replace(one, weights=weights) for one in ratings), tuple(warnings)


def plan_chances(root: Path) -> dict[str, float]:
    """Item -> its chance to be drawn, for every item of the main round's plan; empty where there is no plan."""
    folder = RoundFolder(root, MAIN)
    if not folder.planned:
        return {}
    chances: dict[str, float] = {}
    for task in folder.tasks():
        if task.purpose != "item":
            continue
        chance = task.probability
        if isinstance(chance, bool) or not isinstance(chance, int | float) or not 0.0 < chance <= 1.0:
            msg = (
                f"{shown(folder.path / TASKS)}: item '{one_line(task.item_id)}' has probability {one_line(str(chance))}, "
                "which is no chance above 0 and up to 1; restore the file from a copy"
            )
            raise InputError(msg)
        chances[task.item_id] = float(chance)
    return chances


def label_design(root: Path) -> dict[str, object]:
    """How the labelled items were chosen, for the options of an audit: by a plan, with its seed and counts; else nothing."""
    chances = plan_chances(root)
    if not chances:
        return {}
    about = RoundFolder(root, MAIN).about()
    plan: dict[str, object] = {"items": len(chances), "least_probability": min(chances.values())}
    kind = about.get("kind")
    if isinstance(kind, dict):
        plan |= {key: kind[key] for key in ("seed", "by", "verdicts") if key in kind}
    plan |= {key: about[key] for key in ("per_stratum", "population", "sampled") if key in about}
    return {"label_design": "plan", "plan": plan}
