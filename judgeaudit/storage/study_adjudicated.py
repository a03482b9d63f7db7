"""The adjudicated reference: what people said when they looked again, and what most said where nobody did."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from judgeaudit.audit.reference import plurality
from judgeaudit.domain.errors import InputError, one_line
from judgeaudit.domain.question import Question
from judgeaudit.domain.ratings import MISSING, Codes, Mask
from judgeaudit.storage.study_rows import Rows, Said

ADJUDICATED = "adjudicated"


class Adjudicated(NamedTuple):
    """(N,) codes of the reference, MISSING where it has none; and what to know about it."""

    codes: Codes
    warnings: tuple[str, ...]


def adjudicate(question: Question, people: Codes, second: Said, rows: Rows) -> Adjudicated:
    """Labels of dispute rounds, by strict plurality, before the plurality of the first labels.

    An item that was looked at again without a plurality has no reference, whatever was said before.
    """
    n_items = people.shape[1]
    way_out = "correct the row, or declare the label in study.toml"
    again = second.codes(question, rows, n_items=n_items, nothing=MISSING, way_out=way_out)
    looked: Mask = np.asarray((again >= 0).any(axis=0))
    first, _ = plurality(people, n_labels=len(question.labels))
    later, _ = plurality(again, n_labels=len(question.labels))
    controls = _controls(second, rows, n_items)
    return Adjudicated(
        codes=np.where(looked, later, first).astype(np.int32),
        warnings=tuple(_told(question.name, looked, first, later, controls)),
    )


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


def _told(name: str, looked: Mask, first: Codes, later: Codes, controls: Mask) -> list[str]:
    disputed = looked & ~controls
    lines = [
        f"question '{one_line(name)}': {int(disputed.sum())} disputed items have the label of a second look; "
        f"the others have what most people said first"
    ]
    seen = controls & looked & (first >= 0) & (later >= 0)
    if seen.any():
        turned = int((first[seen] != later[seen]).sum())
        lines[0] += f"; of {int(seen.sum())} undisputed items shown along with them {turned} got another label"
    return lines
