"""The adjudicated reference: what people said when they looked again, and what most said where nobody did."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from judgeaudit.audit.setting.reference import medians, plurality, with_numbers
from judgeaudit.domain.errors import InputError, one_line
from judgeaudit.domain.question import Question
from judgeaudit.domain.ratings import MISSING, Codes, Floats, Mask, Ratings
from judgeaudit.storage.study.rows import Rows, Said

ADJUDICATED = "adjudicated"


def adjudicated(ratings: Ratings, second: Said, rows: Rows) -> tuple[Ratings, tuple[str, ...]]:
    """The ratings with labels of dispute rounds, by strict plurality, before the plurality of the first labels.

    On an interval scale medians stand for pluralities. An item that was looked at again without a plurality has no
    reference, whatever was said before.
    """
    question, n_items = ratings.question, ratings.n_items
    way_out = "correct the row, or declare the label in study.toml"
    again = second.codes(question, rows, n_items=n_items, nothing=MISSING, way_out=way_out)
    looked: Mask = np.asarray((again >= 0).any(axis=0))
    first, later = _together(ratings.people, question), _together(again, question)
    reference = np.where(looked, later, first)
    split = np.isnan(reference) & (looked | (ratings.people >= 0).any(axis=0))
    told = _told(question.name, looked, first, later, controls=_controls(second, rows, n_items), split=int(split.sum()))
    if question.scale == "interval":
        ratings, codes = with_numbers(ratings, reference)
    else:
        codes = np.where(np.isnan(reference), MISSING, reference).astype(np.int32)
    return replace(ratings, reference=codes, reference_name=ADJUDICATED), told


def refuse_unadjudicated(second: dict[str, Said]) -> None:
    """Without any label of a dispute round there is nothing to adjudicate by."""
    if not any(len(said.item) for said in second.values()):
        msg = (
            "study.toml: audit.reference: adjudicated needs labels of a dispute round; "
            "push one with `judgeaudit label dispute` and fetch it with `judgeaudit label pull`"
        )
        raise InputError(msg)


def _controls(second: Said, rows: Rows, n_items: int) -> Mask:
    """(N,) items that were shown again though nobody disputed them."""
    mask = np.zeros(n_items, dtype=np.bool_)
    mask[second.item[rows.column("purpose")[second.place] == "control"]] = True
    return mask


def _together(people: Codes, question: Question) -> Floats:
    """(N,) the code that more people gave than any other, or the median of their numbers; nan where there is none."""
    if question.scale == "interval":
        return medians(people, question)
    codes, _ = plurality(people, n_labels=len(question.labels))
    return np.where(codes == MISSING, np.nan, codes)


def _told(name: str, looked: Mask, first: Floats, later: Floats, *, controls: Mask, split: int) -> tuple[str, ...]:
    disputed = int((looked & ~controls).sum())
    line = (
        f"question '{one_line(name)}': {disputed} disputed item{'s have' if disputed != 1 else ' has'} the label of a second look; "
        f"the others have what most people said first"
    )
    if split:
        line += (
            f"; {split} item{'s have' if split != 1 else ' has'} no label that most people gave, and so no reference"
        )
    seen = controls & ~np.isnan(first) & ~np.isnan(later)
    if seen.any():
        turned, shown = int((first[seen] != later[seen]).sum()), int(seen.sum())
        line += f"; of {shown} undisputed item{'s' * (shown != 1)} shown along with them {turned} got another label"
    return (line,)
