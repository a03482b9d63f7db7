"""From one question's cells to `Ratings`: the part that wide and long tables share."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

import numpy as np

from judgeaudit.domain.errors import InputError, one_line
from judgeaudit.domain.question import Question, canonical
from judgeaudit.domain.ratings import MISSING, Codes, Floats, Mask, Ratings
from judgeaudit.storage.files.read import Table
from judgeaudit.storage.table.cells import (
    UNUSABLE,
    Cells,
    Rows,
    Texts,
    Words,
    is_probability,
    numbers_of,
    probabilities_of,
    sorted_words,
    translations,
    unusable_of,
    words_of,
)
from judgeaudit.storage.table.cuts import Cut, cuts_of
from judgeaudit.storage.table.labels import judge_codes, not_asked_as_missing, people_codes, question_of
from judgeaudit.storage.table.options import TableOptions
from judgeaudit.storage.table.strata import (
    Strata,
    clusters_of,
    dose_columns,
    repeated_prompts,
    strata_of,
    told_sources,
    weights_of,
)

_TEXT_COLUMNS = ("prompt", "response", "response_b")


@dataclass(frozen=True, slots=True, kw_only=True)
class Sheet:
    """One question's cells, whatever layout they came from. `rows` (N,) is the first row of the table for each item."""

    table: Table
    question: str
    #: every rater that a flag may name, also those without a cell here
    raters: tuple[str, ...]
    items: tuple[str, ...]
    rows: Rows
    people: tuple[Cells, ...]
    judges: tuple[Cells, ...]
    reference: Cells | None = None
    probability: Mapping[str, Cells] = field(default_factory=dict)
    cannot_judge: Mask | None = None
    statuses: dict[str, dict[str, int]] = field(default_factory=dict)

    def values(self, column: str, flag: str) -> Texts:
        """(N,) the texts of a column for the items."""
        if column not in self.table.columns:
            raise self.table.missing(column, flag)
        texts: Texts = self.table.frame[column].to_numpy()[self.rows]
        return texts


class Built(NamedTuple):
    """Ratings, how often each text of each rater was set aside, warnings, and flags that match no cell here."""

    ratings: Ratings
    set_aside: dict[str, dict[str, int]]
    warnings: tuple[str, ...]
    idle: tuple[str, ...]


class _Read(NamedTuple):
    """The sorted words of a sheet, by what the raters are."""

    people: list[Words]
    judges: list[Words]
    reference: Words | None
    probability: dict[str, Words]
    idle: tuple[str, ...]


class _Verdicts(NamedTuple):
    codes: list[Codes]
    probability: dict[str, Floats]
    scores: dict[str, Floats]


def build_ratings(sheet: Sheet, options: TableOptions) -> Built:
    """The ratings of one question. Every cell is a label, a kind of nothing, or an InputError with its row."""
    cuts = cuts_of(options, sheet.raters, sheet.table.name)
    read = _read(sheet, options, cuts)
    plain = [words for words in read.judges if words.cells.name not in {*cuts, *options.threshold}]
    said = [*read.people, *([read.reference] if read.reference else [])]
    uncut = [words for words in said if words.cells.name not in cuts]
    question = question_of(sheet.question, options, uncut, plain, sheet.table)
    _refuse_without_sides(question, options, cuts)
    people = [_person(words, question, cuts, sheet.table) for words in read.people]
    reference = _person(read.reference, question, cuts, sheet.table) if read.reference else None
    verdicts = _verdicts(read, question, options, cuts, sheet.table)
    strata = strata_of(options.by, sheet.values, table=sheet.table, n_items=len(sheet.items), labels=question.labels)
    ratings = _ratings(sheet, options, question, strata, people, reference, verdicts)
    if options.labels_needed:
        refuse_no_overlap(ratings, sheet.table.name)
    repeated = () if options.cluster else repeated_prompts(sheet.table, sheet.values, len(sheet.items))
    set_aside = {words.cells.name: _set_aside(words) for words in (*read.people, *read.judges)}
    return Built(ratings, set_aside, (*strata.warnings, *repeated), read.idle)


def refuse_no_overlap(ratings: Ratings, name: str) -> None:
    """Judges can be held against people only where both have spoken of the same item."""
    labelled = labelled_mask(ratings)
    if not labelled.any():
        msg = f"{name}: question '{one_line(ratings.question.name)}': no item has a label by a person or a reference"
        raise InputError(msg)
    if ratings.judge_names and not (labelled & judged_mask(ratings)).any():
        msg = (
            f"{name}: question '{one_line(ratings.question.name)}': no overlap between labels and verdicts: "
            "no item has both; check that both name the items alike"
        )
        raise InputError(msg)


def labelled_mask(ratings: Ratings) -> Mask:
    """(N,) items with a label by a person, or a reference."""
    labelled: Mask = (ratings.people != MISSING).any(axis=0)
    return labelled if ratings.reference is None else labelled | (ratings.reference != MISSING)


def judged_mask(ratings: Ratings) -> Mask:
    """(N,) items that at least one judge was asked about."""
    judged: Mask = (ratings.judges != MISSING).any(axis=0)
    return judged


def _read(sheet: Sheet, options: TableOptions, cuts: Mapping[str, Cut]) -> _Read:
    declared = {canonical(label) for label in options.labels}
    _refuse_not_asked(options, declared)
    reference = [sheet.reference] if sheet.reference else []
    columns = [*sheet.people, *sheet.judges, *reference]
    by_rater, unmatched = translations(options.map, columns, sheet.raters, sheet.table)
    words = [words_of(cells, by_rater[cells.name]) for cells in columns]
    others = {judge: words_of(cells, {}) for judge, cells in sheet.probability.items()}
    unusable, unused = unusable_of(options, [*words, *others.values()], declared)

    def settled(one: Words, *, numeric: bool) -> Words:
        return sorted_words(
            one,
            unusable=unusable,
            not_asked=options.not_asked,
            kept=lambda w: canonical(w) in declared,
            numeric=numeric,
        )

    def scores(one: Words) -> Words:
        return sorted_words(one, unusable=unusable, not_asked=options.not_asked, kept=is_probability, numeric=True)

    numbers = options.scale == "interval" and not options.labels
    scored = {judge for judge in options.threshold if judge not in sheet.probability}
    done = [
        scores(one) if one.cells.name in scored else settled(one, numeric=numbers or one.cells.name in cuts)
        for one in words
    ]
    n_people, n_judges = len(sheet.people), len(sheet.judges)
    return _Read(
        people=done[:n_people],
        judges=done[n_people : n_people + n_judges],
        reference=done[-1] if reference else None,
        probability={judge: scores(one) for judge, one in others.items()},
        idle=(*unmatched, *unused),
    )


def _person(words: Words, question: Question, cuts: Mapping[str, Cut], table: Table) -> Codes:
    cut = cuts.get(words.cells.name)
    return people_codes(words, question, table) if cut is None else _cut(words, cut, question, table, nothing=MISSING)


def _verdicts(
    read: _Read, question: Question, options: TableOptions, cuts: Mapping[str, Cut], table: Table
) -> _Verdicts:
    codes: list[Codes] = []
    scores: dict[str, Floats] = {}
    probability = {judge: probabilities_of(words, table) for judge, words in read.probability.items()}
    for words in read.judges:
        judge = words.cells.name
        if judge in options.threshold:
            source = read.probability.get(judge, words)
            numbers = probability.setdefault(judge, probabilities_of(source, table))
            sided = _sides(question, numbers >= options.threshold[judge], ~np.isnan(numbers), len(question.labels))
            codes.append(not_asked_as_missing(not_asked_as_missing(sided, source), words))
        elif judge in cuts:
            codes.append(_cut(words, cuts[judge], question, table, nothing=len(question.labels)))
            scores[judge] = cuts[judge].beyond(numbers_of(words, table, what="--cut"))
        else:
            codes.append(judge_codes(words, question, table))
    return _Verdicts(codes, probability, scores)


def _cut(words: Words, cut: Cut, question: Question, table: Table, *, nothing: int) -> Codes:
    numbers = numbers_of(words, table, what="--cut")
    return not_asked_as_missing(_sides(question, cut.holds(numbers), ~np.isnan(numbers), nothing), words)


def _sides(question: Question, positive: Mask, given: Mask, nothing: int) -> Codes:
    """(N,) the code of the positive label, of the other one, or `nothing` where no number was given."""
    yes = question.labels.index(question.positive[0])
    return np.where(given, np.where(positive, yes, 1 - yes), nothing).astype(np.int32)


def _refuse_without_sides(question: Question, options: TableOptions, cuts: Mapping[str, Cut]) -> None:
    for flag, named in (("--cut", cuts), ("--threshold", options.threshold)):
        if named and question.scale != "binary":
            msg = f"{flag} makes one of two labels, so the scale must be binary, not {question.scale}"
            raise InputError(msg)
    if options.probability and not question.positive:
        msg = "--probability is that of the positive labels; name them with --positive"
        raise InputError(msg)


def _refuse_not_asked(options: TableOptions, declared: set[str]) -> None:
    if options.not_asked is None:
        return
    key = canonical(options.not_asked)
    taken = "--labels" if key in declared else "--unusable" if key in map(canonical, options.unusable) else ""
    if taken:
        msg = f"--not-asked '{one_line(options.not_asked)}' also stands in {taken}; a cell cannot mean both"
        raise InputError(msg)


def _ratings(
    sheet: Sheet,
    options: TableOptions,
    question: Question,
    strata: Strata,
    people: Sequence[Codes],
    reference: Codes | None,
    verdicts: _Verdicts,
) -> Ratings:
    cluster = options.cluster
    stacked = _stacked(people, len(sheet.items))
    return Ratings(
        question=question,
        items=sheet.items,
        people_names=tuple(cells.name for cells in sheet.people),
        judge_names=tuple(cells.name for cells in sheet.judges),
        people=stacked,
        judges=_stacked(verdicts.codes, len(sheet.items)),
        strata=strata.masks,
        reference=reference,
        reference_name=options.reference if reference is not None else None,
        probability=verdicts.probability,
        scores=verdicts.scores,
        clusters=clusters_of(cluster, sheet.values(cluster, "--cluster"), sheet.rows, sheet.table) if cluster else None,
        weights=_weights(sheet, options, stacked, reference),
        label_design=options.label_design,
        columns=strata.columns,
        stratum_source={name: "column" for name in strata.masks if name != "all"},
        stratum_told=told_sources(strata.columns, strata.masks, _made(sheet)),
        doses=dose_columns(strata.columns),
        cannot_judge=sheet.cannot_judge,
        statuses=sheet.statuses,
        texts={name: tuple(sheet.values(name, name)) for name in _TEXT_COLUMNS if name in sheet.table.columns},
    )


def _made(sheet: Sheet) -> Texts | None:
    """(N,) who gave the coherence of outputs that were degraded by construction; in other tables the column speaks of labels."""
    columns = {"label_source", "made_from"}
    return sheet.values("label_source", "--by") if columns <= set(sheet.table.columns) else None


def _weights(sheet: Sheet, options: TableOptions, people: Codes, reference: Codes | None) -> Floats | None:
    """The weights of the rows; where labels are weighted, a row without a label needs none."""
    if not options.weight:
        return None
    texts = sheet.values(options.weight, "--weight")
    if options.label_design == "weighted":
        bare = (people == MISSING).all(axis=0) & (True if reference is None else reference == MISSING)
        texts = np.where(bare & (texts == ""), "1", texts)
    return weights_of(options.weight, texts, sheet.rows, sheet.table)


def _stacked(codes: Sequence[Codes], n_items: int) -> Codes:
    return np.stack(codes) if codes else np.empty((0, n_items), dtype=np.int32)


def _set_aside(words: Words) -> dict[str, int]:
    """How often each word was set aside."""
    counts = np.bincount(words.codes, minlength=len(words.words))
    return {word: int(counts[n]) for n, word in enumerate(words.words) if words.kinds[n] == UNUSABLE}
