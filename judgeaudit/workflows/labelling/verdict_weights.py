"""What judges said, as plain weights of items: the one thing that a labelling plan learns of verdicts."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from judgeaudit.domain.errors import InputError, nearest, one_line
from judgeaudit.domain.question import canonical
from judgeaudit.domain.ratings import Floats

if TYPE_CHECKING:
    from judgeaudit.storage.study.rows import Said
    from judgeaudit.storage.study.verdicts import Judges

#: how much likelier an item may become than another: a rare verdict is reached, and no item decides alone
MOST = 10.0


def verdict_weights(study: Path) -> list[float]:
    """(N,) weights of the outputs, in their order: above 1 where verdicts are rare or a probability is near one half.

    For each judge and question, a label that a share s of the verdicts has weighs 1 / s (no more than 10 times the
    commonest), a probability p of the positive side weighs 1 + 4 p (1 − p) times as much; the weight is the mean over
    judges and questions. An item without any verdict weighs 1.
    """
    judges, items = _read(study)
    total, seen = np.zeros(len(items)), np.zeros(len(items))
    for name, said in judges.said.items():
        for number, judge in enumerate(said.names):
            places, weight = _rarity(said, number)
            probability = judges.probability[name].get(judge)
            if probability is not None:
                p = np.nan_to_num(probability[places], nan=0.0)
                weight = weight * (1.0 + 4.0 * p * (1.0 - p))
            total[places] += weight
            seen[places] += 1
    if not seen.any():
        msg = f"{study}: no verdict about any output, so none is rare; import verdicts first, or leave --verdicts away"
        raise InputError(msg)
    return [float(weight) for weight in np.where(seen > 0, total / np.maximum(seen, 1), 1.0)]


def labels_said(study: Path, question: str) -> list[str]:
    """Every usable verdict of one question, of all judges."""
    judges, _ = _read(study)
    said = judges.said.get(question)
    return [] if said is None else [str(label) for label in said.label if label]


def disagreement_weights(
    study: Path, judge: str, reference: Mapping[str, Mapping[str, str]]
) -> dict[str, dict[str, float]]:
    """By question, items on which the judge and the people's label differ: 1, or more where the judge was surer.

    `reference` holds, by question, each item's label by most people. Where the judge gave a probability of the positive
    side the weight is 0.5 plus how far it was from one half, so between 0.5 and 1.
    """
    judges, items = _read(study)
    known = sorted({name for said in judges.said.values() for name in said.names})
    if judge not in known:
        near = nearest(judge, known)
        msg = f"no verdict of a judge {one_line(judge)!r}{near}; judges here are {', '.join(known) or 'none'}"
        raise InputError(msg)
    weights: dict[str, dict[str, float]] = {}
    for name, said in judges.said.items():
        if judge not in said.names:
            continue
        mine = said.rater == said.names.index(judge)
        probability = judges.probability[name].get(judge)
        for place, label in zip(said.item[mine].tolist(), said.label[mine].tolist(), strict=True):
            person = reference.get(name, {}).get(items[place])
            if person is None or not label or canonical(person) == canonical(label):
                continue
            p = float("nan") if probability is None else float(probability[place])
            weights.setdefault(name, {})[items[place]] = 1.0 if np.isnan(p) else 0.5 + abs(p - 0.5)
    return weights


def _read(study: Path) -> tuple[Judges, tuple[str, ...]]:
    from judgeaudit.storage.config.read import read_study
    from judgeaudit.storage.study.outputs import outputs_of
    from judgeaudit.storage.study.verdict_tables import verdict_tables
    from judgeaudit.storage.study.verdicts import read_judges

    config, outputs = read_study(study), outputs_of(study)
    items = tuple(outputs.frame["item_id"])
    return read_judges(verdict_tables(study, config, outputs).all, config, items), items


def _rarity(said: Said, number: int) -> tuple[np.ndarray, Floats]:
    """Places of one judge's verdicts, and the weight of each: one over its label's share, no answer being a label too."""
    mine = said.rater == number
    _, codes, counts = np.unique(said.label[mine].astype(str), return_inverse=True, return_counts=True)
    weight: Floats = np.minimum(counts.max() / counts, MOST)[codes.ravel()]
    return said.item[mine], weight
