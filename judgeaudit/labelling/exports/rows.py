"""Annotations as people submitted them, made into rows: the last one of a person wins, earlier ones stay as history."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import groupby

from judgeaudit.domain.question import CANNOT_JUDGE, canonical
from judgeaudit.labelling.exports.records import Given, ImportedAnnotation, Terms


@dataclass(slots=True, kw_only=True)
class Rows:
    """Rows in an order in which the last one wins, and what they amount to.

    usable, superseded  annotations that count, and those that are history
    labelled            item and showing of every row that is not a skip
    """

    rows: list[ImportedAnnotation] = field(default_factory=list)
    labelled: set[tuple[str, str]] = field(default_factory=set)
    counts: Counter[str] = field(default_factory=Counter)


def rows_of(given: Sequence[Given], terms: Terms) -> Rows:
    """All rows. An answer that a person's later annotation no longer gives is withdrawn by a row of its own."""
    made = Rows()
    declared = {name: frozenset([*labels, *map(canonical, labels)]) for name, labels in terms.questions.items()}
    ordered = sorted(given, key=lambda one: (_whose(one), one.when))
    for (item, _, showing), group in groupby(ordered, key=_whose):
        annotations = list(group)
        standing: list[str] = []
        for one in annotations:
            answers = _unswapped(one, _in_labels(one, terms), terms)
            made.rows += _rows_of(one, answers, standing, terms)
            standing = [] if one.skipped else list(answers)
            made.counts["unknown_choices"] += sum(_is_strange(answers[name], declared.get(name)) for name in standing)
        made.counts["usable"] += bool(standing)
        made.counts["superseded"] += len(annotations) - 1
        if any(one.answers and not one.skipped for one in annotations):
            made.labelled.add((item, showing))
    made.counts["cannot_judge"] = sum(row.status == CANNOT_JUDGE for row in made.rows)
    return made


def _whose(one: Given) -> tuple[str, str, str]:
    return one.shown.item_id, one.rater, one.shown.showing


def _is_strange(labels: tuple[str, ...], declared: frozenset[str] | None) -> bool:
    """Whether a question that declares its labels got another one."""
    if not declared or declared.issuperset(labels) or labels == (CANNOT_JUDGE,):
        return False
    return not declared.issuperset(map(canonical, labels))


def _in_labels(one: Given, terms: Terms) -> Mapping[str, tuple[str, ...]]:
    """Answers in labels: an editor or a program that sends what a form of ours shows means the label behind it."""
    if one.shown.planned is None or not terms.words:
        return one.answers
    known = {name: terms.words.get(name, {}) for name in one.answers}
    return {
        name: tuple(sorted(known[name].get(label, label) for label in labels)) for name, labels in one.answers.items()
    }


def _unswapped(one: Given, answers: Mapping[str, tuple[str, ...]], terms: Terms) -> Mapping[str, tuple[str, ...]]:
    """Answers about the two answers of a pair as the outputs have them, whichever side they were shown on."""
    unswap = terms.unswap
    if unswap is None or one.shown.planned is None or not one.shown.planned.swapped:
        return answers
    return {name: tuple(sorted(unswap(name, label) for label in labels)) for name, labels in answers.items()}


def _rows_of(
    one: Given, answers: Mapping[str, tuple[str, ...]], standing: list[str], terms: Terms
) -> Iterator[ImportedAnnotation]:
    if one.skipped or not answers:
        yield _row(one, terms, question="", label="", status="skipped")
        return
    for question, labels in answers.items():
        if labels == (CANNOT_JUDGE,) and CANNOT_JUDGE not in terms.questions.get(question, ()):
            yield _row(one, terms, question=question, label="", status=CANNOT_JUDGE)
        else:
            yield _row(one, terms, question=question, label="|".join(labels), status="labelled")
    for question in standing:
        if question not in answers:
            yield _row(one, terms, question=question, label="", status="skipped")


def _row(one: Given, terms: Terms, *, question: str, label: str, status: str) -> ImportedAnnotation:
    shown, planned = one.shown, one.shown.planned
    return ImportedAnnotation(
        item_id=shown.item_id,
        rater=one.rater,
        question=question,
        label=label,
        status=status,
        confidence=one.confidence,
        seconds=one.seconds,
        labelled_at=one.stamp,
        note=one.note,
        source=one.source(terms.source),
        purpose=planned.purpose if planned else "",
        round=shown.round,
        known=dict(planned.known).get(question, "") if planned and planned.known else "",
        project="" if planned else one.project,
    )
