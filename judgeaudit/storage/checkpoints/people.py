"""What people said of each question of a study, as a comparison takes it: no strata, no texts, no verdicts."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from judgeaudit.domain.question import Question
from judgeaudit.domain.ratings import MISSING, Ratings
from judgeaudit.storage.study.adjudicated import adjudicated
from judgeaudit.storage.study.load import reference_rater
from judgeaudit.storage.study.people import People
from judgeaudit.storage.study.weights import designed, weighted

if TYPE_CHECKING:
    from judgeaudit.storage.config.schema import StudyConfig

_DECLARE = "declare it in study.toml, say there by map what it means, or correct the row"


def labels_of(
    root: Path, config: StudyConfig, people: People, items: tuple[str, ...]
) -> tuple[dict[str, Ratings], tuple[str, ...]]:
    """The labels of each question that people answered, with weights and design; questions without labels are left out."""
    rule = config.audit.reference
    reference = reference_rater(rule, people)
    found = [
        one
        for name, question in config.questions.items()
        if not question.multiple and question.labels
        for one in [_labelled(question.question(name), people, items, reference)]
        if (one.people != MISSING).any()
    ]
    with_weights, told = weighted(root, found)
    found = list(designed(root, with_weights, stated=config.audit.label_design))
    return {one.question.name: one for one in found}, (*people.warnings, *told)


def _labelled(question: Question, people: People, items: tuple[str, ...], reference: str | None) -> Ratings:
    """What people said of one question; labels of dispute rounds stand as `adjudicated`."""
    said, name, n_items = people.said[question.name], question.name, len(items)
    codes = said.codes(question, people.rows, n_items=n_items, nothing=MISSING, way_out=_DECLARE)
    made = Ratings(
        question=question,
        items=items,
        people_names=said.names,
        judge_names=(),
        people=codes,
        judges=np.empty((0, n_items), dtype=np.int32),
        strata={"all": np.ones(n_items, dtype=np.bool_)},
        cannot_judge=people.cannot_judge[name],
    )
    if any(len(one.item) for one in people.second.values()):
        second, _ = adjudicated(made, people.second[name], people.rows)
        made = replace(made, adjudicated=second.reference)
    if reference is not None:
        mine = said.names.index(reference) if reference in said.names else None
        label = np.full(n_items, MISSING, dtype=np.int32) if mine is None else codes[mine]
        made = replace(made, reference=label, reference_name=reference)
    return made
