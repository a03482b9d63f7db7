"""The labels of a question, declared or seen, and every rater's words as their codes."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from judgeaudit.domain.errors import InputError, nearest, one_line
from judgeaudit.domain.question import SCALES, Question, canonical, make_question, number_of
from judgeaudit.domain.ratings import MISSING, Codes
from judgeaudit.storage.files.read import Table
from judgeaudit.storage.table.cells import EMPTY, UNUSABLE, WORD, Words, numbers_of
from judgeaudit.storage.table.options import TableOptions

_LISTED = 20


def question_of(
    name: str, options: TableOptions, people: Sequence[Words], judges: Sequence[Words], table: Table
) -> Question:
    """The question with its labels; where none are declared, and the scale allows it, from what was said."""
    labels = options.labels or _seen_labels(name, options.scale, people, judges, table)
    return make_question(name=name, scale=options.scale, labels=labels, positive=options.positive)


def people_codes(words: Words, question: Question, table: Table) -> Codes:
    """(N,) label codes; MISSING where the person gave no label."""
    return _coded(words, question, table, nothing=MISSING)


def judge_codes(words: Words, question: Question, table: Table) -> Codes:
    """(N,) label codes; K where the judge gave no usable label, MISSING where it was never asked."""
    return _coded(words, question, table, nothing=len(question.labels))


def not_asked_as_missing(codes: Codes, words: Words) -> Codes:
    """The codes with MISSING where a cell has no row or says that nothing was asked."""
    asked = np.isin(words.kind_of_cells(), (WORD, EMPTY, UNUSABLE)) & (words.cells.rows >= 0)
    return np.where(asked, codes, MISSING).astype(np.int32)


def sorted_values(values: Sequence[str]) -> list[str]:
    """Distinct cells in an order people expect: by number where all are numbers, else by text."""
    first: dict[str, str] = {}
    for value in values:
        first.setdefault(canonical(value), value)
    found = list(first.values())
    if any(number_of(value) is None for value in found):
        return sorted(found)
    return sorted(found, key=lambda value: number_of(value) or 0.0)


def _coded(words: Words, question: Question, table: Table, *, nothing: int) -> Codes:
    codes = {canonical(label): code for code, label in enumerate(question.labels)}
    table_of_codes = np.full(len(words.words), nothing, dtype=np.int32)
    for number, word in words.said():
        code = codes.get(canonical(word))
        if code is None:
            raise _outside(words, number, question, table)
        table_of_codes[number] = code
    return not_asked_as_missing(table_of_codes[words.codes], words)


def _outside(words: Words, number: int, question: Question, table: Table) -> InputError:
    word = words.words[number]
    at = table.at(words.row_of(number), words.cells.column)
    labels = _listed(question.labels)
    near = nearest(word, list(question.labels))
    return InputError(
        f"{at}: '{one_line(word)}' is not one of the labels {labels}{near}; "
        "translate it with --map or set it aside with --unusable"
    )


def _seen_labels(
    name: str, scale: str, people: Sequence[Words], judges: Sequence[Words], table: Table
) -> tuple[str, ...]:
    """Labels that nobody declared: all numbers of an interval scale, or 0 and 1; other labels have to be declared."""
    if scale not in SCALES:
        return ()  # make_question says what the scales are
    if scale == "interval":
        for words in (*people, *judges):
            numbers_of(words, table, what="an interval scale")
        return tuple(sorted_values(_said([*people, *judges])))
    said = _said(people)
    whose = "people's labels" if said else "labels"
    seen = sorted_values(said or _said(judges))
    if scale == "binary" and people and {canonical(word) for word in seen} == {canonical("0"), canonical("1")}:
        return ("0", "1")
    flag = ",".join(one_line(word, limit=40) for word in seen[:_LISTED]) + (",…" if len(seen) > _LISTED else "")
    here = f"; the {whose} here are --labels {flag}" if seen else ""
    msg = f"{table.name}: question '{one_line(name)}' is {scale} and needs --labels, in order{here}"
    raise InputError(msg)


def _said(columns: Sequence[Words]) -> list[str]:
    return [word for words in columns for _, word in words.said()]


def _listed(labels: Sequence[str]) -> str:
    shown = ", ".join(one_line(label, limit=40) for label in labels[:_LISTED])
    return shown if len(labels) <= _LISTED else f"{shown}, … ({len(labels)} in all)"
