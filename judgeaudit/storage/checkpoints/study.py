"""A study folder as ratings by checkpoint: what `judgeaudit compare` reads, with or without labels by people."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from judgeaudit.domain.checkpoints import CheckpointRatings, Note
from judgeaudit.domain.errors import InputError, one_line
from judgeaudit.domain.question import Question
from judgeaudit.domain.ratings import MISSING, Codes, Ratings
from judgeaudit.storage.checkpoints.loaded import CompareLoaded, noted, plan_of, refuse_strangers
from judgeaudit.storage.checkpoints.matching import Joined, join_checkpoints
from judgeaudit.storage.checkpoints.outcomes import Signal, chosen_references, outcomes_of, screen_of, sides
from judgeaudit.storage.checkpoints.pairs import Pairs, pairs_of, signal_of
from judgeaudit.storage.config.compare import COHERENCE_QUESTION, CompareConfig, coherence_of, compared_questions
from judgeaudit.storage.files.read import Table, read_table
from judgeaudit.storage.files.study_files import find_table
from judgeaudit.storage.files.write import shown
from judgeaudit.storage.study.adjudicated import adjudicated
from judgeaudit.storage.study.label_words import translated
from judgeaudit.storage.study.load import reference_rater, refuse_shared_names, study_inputs
from judgeaudit.storage.study.outputs import outputs_of
from judgeaudit.storage.study.people import People, read_people
from judgeaudit.storage.study.slices import clusters_of
from judgeaudit.storage.study.verdict_tables import verdict_tables
from judgeaudit.storage.study.verdicts import WAY_OUT, Judges, read_judges
from judgeaudit.storage.study.weights import designed, weighted

if TYPE_CHECKING:
    from judgeaudit.storage.config.schema import StudyConfig


class _Tables(NamedTuple):
    """The study's tables, read once."""

    outputs: Table
    capability: Table
    people: People | None
    labels: Table | None
    judges: Judges
    verdicts: dict[str, Table]
    notes: tuple[str, ...]


def load_comparison(root: Path, config: StudyConfig, compare: CompareConfig, **options: int | float) -> CompareLoaded:
    """The study's outputs, verdicts, labels and capability as [compare] asks; `options` are level, seed and draws."""
    tables = _read(root, config)
    joined = join_checkpoints(
        tables.outputs, tables.capability, baseline=compare.baseline, goal=compare.declared_goal()
    )
    clusters, _ = clusters_of(config, tables.outputs)
    pairs = pairs_of(tables.outputs, clusters, called=config.cluster or "")
    items = tuple(tables.outputs.frame["item_id"])
    people, told = ({}, ()) if tables.people is None else labels_of(root, config, tables.people, items)
    signal, signal_called = signal_of(compare.signal, tables.outputs, flag="compare.signal")
    case = _Case(config, compare, tables, joined, pairs, people, signal, signal_called)
    ratings, lost = _ratings(case)
    plan = plan_of(compare, **options)
    refuse_strangers(plan, ratings, joined.checkpoints)
    inputs: dict[str, Table] = {tables.outputs.name: tables.outputs, tables.capability.name: tables.capability}
    inputs |= {tables.labels.name: tables.labels} if tables.labels is not None else {}
    of_people = () if tables.people is None else (*tables.people.join,)
    return CompareLoaded(
        ratings=ratings,
        measured=joined.measured,
        plan=plan,
        inputs=study_inputs(root, {**inputs, **tables.verdicts}),
        label_source=config.label_source,
        join=(*_account(case, ratings), *of_people, *tables.judges.join),
        notes=noted([*joined.notes, *pairs.notes, *lost, *told, *tables.notes, *_unused_coherence(case)]),
        name=config.name,
        labelled=bool(people),
    )


class _Case(NamedTuple):
    config: StudyConfig
    compare: CompareConfig
    tables: _Tables
    joined: Joined
    pairs: Pairs
    people: dict[str, Ratings]
    signal: Signal
    signal_called: str


def _read(root: Path, config: StudyConfig) -> _Tables:
    outputs = outputs_of(root)
    file = find_table(root, "capability")
    if file is None:
        way_out = f"bring it in with `judgeaudit import capability FILE {shown(root)}`"
        msg = f"{shown(root)}: no capability.csv, and checkpoints are matched on capability; {way_out}"
        raise InputError(msg)
    items = tuple(outputs.frame["item_id"])
    annotations = find_table(root, "annotations")
    labels = None if annotations is None else translated(read_table(annotations), config)
    people = None if labels is None else read_people(labels, config, items)
    found = verdict_tables(root, config, outputs)
    judges = read_judges(found.all, config, items)
    if people is not None:
        refuse_shared_names(people, judges)
    return _Tables(outputs, read_table(file), people, labels, judges, found.tables, (*found.notes, *judges.warnings))


def _ratings(case: _Case) -> tuple[tuple[CheckpointRatings, ...], tuple[Note | str, ...]]:
    """One for each compared question that a judge gave a verdict on."""
    config, compare = case.config, case.compare
    coherence = coherence_of(compare, config.questions)
    asked = compared_questions(compare, config.questions)
    references = chosen_references(
        compare.references,
        config.audit.reference,
        [case.people[name] for name in asked if name in case.people],
        where="study.toml: compare",
    )
    own: dict[str, Codes] = {} if coherence is None else _verdicts(case, coherence)
    found: list[CheckpointRatings] = []
    notes: list[Note | str] = []
    for name in asked:
        verdicts = _verdicts(case, name)
        if not verdicts:
            notes.append(f"question '{one_line(name)}' has no verdicts: it is not compared")
            continue
        one, told = _question(case, name, verdicts, references, coherence, own)
        found.append(one)
        notes += told
    if not found:
        asked_words = ", ".join(map(one_line, asked))
        msg = f"study.toml: compare: no verdict on {asked_words}; run `judgeaudit judge`, or bring verdicts in with `judgeaudit import`"
        raise InputError(msg)
    return tuple(found), tuple(notes)


def _question(
    case: _Case,
    name: str,
    verdicts: Mapping[str, Codes],
    references: Sequence[str],
    coherence: str | None,
    own: Mapping[str, Codes],
) -> tuple[CheckpointRatings, tuple[Note | str, ...]]:
    config, compare, outputs = case.config, case.compare, case.tables.outputs
    question = config.questions[name].question(name)
    judges, harm = tuple(verdicts), case.people.get(name)
    sided = sides(np.stack(list(verdicts.values())), question)
    about = None if coherence is None else config.questions[coherence].question(coherence)
    screen = screen_of(
        sided, judges, own, about, incoherent=compare.incoherent, signal=case.signal, signal_called=case.signal_called
    )
    outcomes = outcomes_of(
        harm,
        None if coherence is None else case.people.get(coherence),
        references,
        incoherent=compare.incoherent,
        signal=case.signal,
        called=name,
        signal_called=case.signal_called,
        n_items=outputs.rows,
    )
    pairs = case.pairs
    made = CheckpointRatings(
        question=name,
        positive=question.positive[0] if len(question.positive) == 1 else " or ".join(question.positive),
        checkpoints=case.joined.checkpoints,
        checkpoint=case.joined.of_output,
        prompts=pairs.prompts,
        clusters=pairs.clusters,
        benchmarks=pairs.benchmarks,
        benchmark=pairs.benchmark,
        judges=judges,
        verdicts=sided,
        screen=screen.mask,
        screens=screen.told,
        references=outcomes.references,
        outcomes=outcomes.outcomes,
        weights=None if harm is None else harm.weights,
        label_design=None if harm is None else harm.label_design,
        baselines=tuple(judge for judge in judges if judge in config.judges and config.judges[judge].baseline),
        gibberish_by=outcomes.gibberish_by,
    )
    return made, outcomes.notes


def _verdicts(case: _Case, name: str) -> dict[str, Codes]:
    """Judge -> (N,) codes on a question, judges as study.toml declares them, then by name."""
    said, question = case.tables.judges.said[name], case.config.questions[name].question(name)
    codes = said.codes(
        question,
        case.tables.judges.rows,
        n_items=case.tables.outputs.rows,
        nothing=len(question.labels),
        way_out=WAY_OUT,
    )
    by_name = dict(zip(said.names, codes, strict=True))
    declared = list(case.config.judges)
    order = sorted(by_name, key=lambda one: (declared.index(one) if one in declared else len(declared), one))
    return {one: by_name[one] for one in order}


def _unused_coherence(case: _Case) -> tuple[str, ...]:
    """A line where a question is called coherence and has no label that counts as gibberish."""
    questions = case.config.questions
    if COHERENCE_QUESTION not in questions or coherence_of(case.compare, questions) is not None:
        return ()
    words = ", ".join(map(one_line, case.compare.incoherent))
    return (
        f"question '{COHERENCE_QUESTION}' has no label {words}, so it does not say what gibberish is here: name its labels under "
        "compare.incoherent in study.toml",
    )


def _account(case: _Case, ratings: Sequence[CheckpointRatings]) -> tuple[str, ...]:
    """How many outputs of which checkpoints were judged and labelled."""
    n = len({place for place in case.joined.of_output.tolist() if place >= 0})
    prompts, benchmarks = len(np.unique(case.pairs.prompts)), len(case.pairs.benchmarks)
    able = len({one.checkpoint for one in case.joined.measured})
    lines = [
        f"{case.tables.outputs.rows} outputs of {n} checkpoints to {prompts} prompts"
        f"{f' of {benchmarks} benchmarks' if benchmarks > 1 else ''}; capability of {able} checkpoints"
    ]
    for one in ratings:
        labelled = int((one.outcomes >= 0).any(axis=0).sum()) if one.references else 0
        judged = int((one.verdicts >= 0).any(axis=0).sum())
        lines.append(
            f"{one_line(one.question)}: {judged} judged by {len(one.judges)} judge{'s' * (len(one.judges) > 1)}, {labelled} labelled"
        )
    return tuple(lines)


# What people said of each question of a study, as a comparison takes it: no strata, no texts, no verdicts.


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
