"""The reference: one label per item, made from the people's labels by a named rule."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from judgeaudit.domain.errors import InputError
from judgeaudit.domain.question import Question
from judgeaudit.domain.ratings import MISSING, Codes, Floats, Ratings
from judgeaudit.stats.agreement.many_raters import label_counts


@dataclass(frozen=True, kw_only=True)
class Reference:
    """Codes (N,) with MISSING where no label was reached; `ties` are items whose people were split evenly."""

    codes: Codes
    ties: int
    rule: str


def with_reference(ratings: Ratings, *, rule: str) -> tuple[Ratings, Reference]:
    """The ratings and their reference. On an interval scale the labels grow by the medians that people did not give."""
    if ratings.reference is not None:
        if ratings.question.scale == "interval":
            ratings = _sorted(ratings, np.unique(np.asarray(ratings.question.values)))
        assert ratings.reference is not None
        return ratings, Reference(codes=ratings.reference, ties=0, rule=ratings.reference_name or rule)
    if rule == "dawid-skene":
        from judgeaudit.audit.setting.dawid_skene import dawid_skene_labels

        if ratings.question.scale == "interval":
            msg = (
                f"question '{ratings.question.name}': the reference dawid-skene is for labels, and this is an interval scale; "
                f"leave --reference out for the median"
            )
            raise InputError(msg)
        codes, ties = dawid_skene_labels(ratings.people, n_labels=len(ratings.question.labels))
        return ratings, Reference(codes=codes, ties=ties, rule=rule)
    if ratings.question.scale == "interval":
        ratings, codes = with_numbers(ratings, medians(ratings.people, ratings.question))
        return ratings, Reference(codes=codes, ties=0, rule="each" if rule == "each" else "median")
    codes, ties = plurality(ratings.people, n_labels=len(ratings.question.labels))
    return ratings, Reference(codes=codes, ties=ties, rule=rule)


def plurality(people: Codes, *, n_labels: int) -> tuple[Codes, int]:
    """The label that more people gave than any other; MISSING where none did or two labels tie, and how many tie."""
    counts = label_counts(people, n_labels=n_labels)
    top = counts.max(1, initial=0)
    alone = (counts == top[:, None]).sum(1) == 1
    labelled = top > 0
    codes = np.where(labelled & alone, counts.argmax(1), MISSING).astype(np.int32)
    return codes, int((labelled & ~alone).sum())


def medians(people: Codes, question: Question) -> Floats:
    """(N,) the median of the numbers that people gave; nan where nobody gave one."""
    if not question.values:
        return np.full(people.shape[1], np.nan)
    numbers = np.where(people >= 0, np.asarray(question.values)[np.maximum(people, 0)], np.nan)
    labelled = ~np.isnan(numbers).all(0)
    middle = np.full(people.shape[1], np.nan)
    middle[labelled] = np.nanmedian(numbers[:, labelled], axis=0)
    return middle


def with_numbers(ratings: Ratings, numbers: Floats) -> tuple[Ratings, Codes]:
    """The ratings with labels that hold these numbers, and the (N,) codes of the numbers; nan is MISSING."""
    values, told = np.asarray(ratings.question.values), ~np.isnan(numbers)
    merged = np.unique(np.concatenate([values, numbers[told]]))
    grown = _grow(ratings, merged) if merged.size > values.size else _sorted(ratings, merged)
    codes = np.full(ratings.n_items, MISSING, np.int32)
    codes[told] = np.searchsorted(merged, numbers[told])
    return grown, codes


def _sorted(ratings: Ratings, merged: np.ndarray[tuple[int], np.dtype[np.float64]]) -> Ratings:
    return ratings if tuple(merged.tolist()) == ratings.question.values else _grow(ratings, merged)


def _grow(ratings: Ratings, merged: np.ndarray[tuple[int], np.dtype[np.float64]]) -> Ratings:
    """The same ratings on a longer, ascending list of numbers; `medians` are those that people did not give."""
    old = ratings.question
    spelled = dict(zip(old.values, old.labels, strict=True))
    labels = tuple(spelled.get(value, f"{value:g}") for value in merged.tolist())
    question = Question(
        name=old.name,
        scale=old.scale,
        labels=labels,
        positive=old.positive,
        text=old.text,
        values=tuple(merged.tolist()),
        medians=tuple(label for label in labels if label in old.medians or label not in old.labels),
    )
    lookup = np.append(np.searchsorted(merged, np.asarray(old.values)), [len(labels), MISSING]).astype(np.int32)
    return replace(
        ratings,
        question=question,
        people=lookup[ratings.people],
        judges=lookup[ratings.judges],
        reference=None if ratings.reference is None else lookup[ratings.reference],
    )
