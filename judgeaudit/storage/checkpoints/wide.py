"""One table with a row per output and a column per rater as ratings by checkpoint, with a table of capability beside it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np

from judgeaudit.domain.checkpoints import CheckpointRatings
from judgeaudit.domain.errors import InputError, nearest, one_line
from judgeaudit.domain.question import Question, canonical
from judgeaudit.domain.ratings import MISSING, Mask, Ratings
from judgeaudit.storage.checkpoints.loaded import CompareLoaded, noted, plan_of, refuse_strangers
from judgeaudit.storage.checkpoints.matching import join_checkpoints
from judgeaudit.storage.checkpoints.outcomes import Signal, chosen_references, outcomes_of, screen_of, sides
from judgeaudit.storage.checkpoints.pairs import pairs_of, signal_of
from judgeaudit.storage.config.compare import CompareConfig, all_of_them
from judgeaudit.storage.files.read import Table
from judgeaudit.storage.table.loaded import Loaded
from judgeaudit.storage.table.options import TableOptions
from judgeaudit.storage.table.wide import ratings_from_wide
from judgeaudit.text.signals import LOOKS


class Wide(NamedTuple):
    """Which columns say what gibberish is: `coherence` by people, `gibberish` before anybody labels."""

    reading: TableOptions
    coherence: tuple[str, ...]
    gibberish: str | None


def load_wide_comparison(
    table: Table, capability: Table, wide: Wide, compare: CompareConfig, **options: int | float
) -> CompareLoaded:
    """The table's outputs with their verdicts and labels; without labels rates are raw or bounds."""
    reading = wide.reading
    read = _with_judges(table, reading)
    (one,) = read.ratings
    joined = join_checkpoints(table, capability, baseline=compare.baseline, goal=compare.declared_goal())
    pairs = pairs_of(table, one.clusters, called=reading.cluster or "")
    labelled = one if (one.people != MISSING).any() or one.reference is not None else None
    coherence = _coherence(table, wide.coherence, one, compare)
    signal, called, told = _signal(table, wide.gibberish)
    rule = one.reference_name or reading.reference
    references = chosen_references(compare.references, rule, [labelled] if labelled else [], where=table.name)
    verdicts = sides(one.judges, one.question)
    screen = screen_of(verdicts, one.judge_names, {}, None, incoherent=(), signal=signal, signal_called=called)
    outcomes = outcomes_of(
        labelled,
        coherence,
        references,
        incoherent=compare.incoherent,
        signal=signal,
        called=one.question.name,
        signal_called=called,
        n_items=table.rows,
    )
    rated = CheckpointRatings(
        question=one.question.name,
        positive=" or ".join(one.question.positive),
        checkpoints=joined.checkpoints,
        checkpoint=joined.of_output,
        prompts=pairs.prompts,
        clusters=pairs.clusters,
        benchmarks=pairs.benchmarks,
        benchmark=pairs.benchmark,
        judges=one.judge_names,
        verdicts=verdicts,
        screen=screen.mask,
        screens=screen.told,
        references=outcomes.references,
        outcomes=outcomes.outcomes,
        weights=one.weights if labelled else None,
        label_design=one.label_design if labelled else None,
        gibberish_by=outcomes.gibberish_by,
    )
    plan = plan_of(compare, **options)
    refuse_strangers(plan, [rated], joined.checkpoints)
    both = {table.name: table, capability.name: capability}
    return CompareLoaded(
        ratings=(rated,),
        measured=joined.measured,
        plan=plan,
        inputs={name: {"sha256": each.sha256, "rows": each.rows} for name, each in both.items()},
        label_source=reading.label_source,
        join=read.join,
        notes=noted([*joined.notes, *pairs.notes, *outcomes.notes, *told, *_of_reading(read.warnings)]),
        labelled=labelled is not None,
    )


def _with_judges(table: Table, reading: TableOptions) -> Loaded:
    """The ratings of a table that has what a rate needs: verdicts, and a positive label."""
    if not reading.judge:
        msg = f"{table.name}: no judges; name the columns of verdicts with judges="
        raise InputError(msg)
    read = ratings_from_wide(table, reading)
    if not all(one.question.positive for one in read.ratings):
        msg = f"{table.name}: no positive labels, and so no rate; name them with positive="
        raise InputError(msg)
    return read


def _of_reading(warnings: Sequence[str]) -> tuple[str, ...]:
    """What reading the table gave to say, but that prompts repeat: they are what is resampled here."""
    return tuple(line for line in warnings if "no cluster is named" not in line)


def _coherence(table: Table, columns: Sequence[str], one: Ratings, compare: CompareConfig) -> Ratings | None:
    """The labels of coherence in these columns, one for each person; None where there are none."""
    import pandas as pd

    if not columns:
        return None
    for column in columns:
        if column not in table.columns:
            raise table.missing(column, "coherence")
    texts = np.stack([table.frame[column].to_numpy() for column in columns])
    codes, words = pd.factorize(texts.ravel())
    labels = list({canonical(word): str(word) for word in words if word}.values())
    if not labels:
        return None
    for word in compare.incoherent:
        if canonical(word) not in map(canonical, labels):
            listed = ", ".join(one_line(label, limit=40) for label in labels[:8])
            where = f"{table.name}: coherence: no label {one_line(word)!r}{nearest(word, labels)}"
            msg = f"{where}; labels are {listed}: say with incoherent= which of them mean gibberish"
            raise InputError(msg)
    if said := all_of_them(compare.incoherent, labels):
        msg = f"{table.name}: incoherent= {said}"
        raise InputError(msg)
    place = {canonical(label): number for number, label in enumerate(labels)}
    lookup = np.array([place[canonical(word)] if word else MISSING for word in words], dtype=np.int32)
    return Ratings(
        question=Question(name="coherence", scale="nominal", labels=tuple(labels)),
        items=one.items,
        people_names=tuple(columns),
        judge_names=(),
        people=lookup[codes].reshape(texts.shape),
        judges=np.empty((0, table.rows), dtype=np.int32),
        strata={"all": np.ones(table.rows, dtype=np.bool_)},
    )


def _signal(table: Table, column: str | None) -> tuple[Signal, str, tuple[str, ...]]:
    """The column that was named, else the signal, where the table has it or texts to compute it from."""
    if column is not None and column not in table.columns:
        raise table.missing(column, "gibberish")
    if column is not None or LOOKS in table.columns or "response" in table.columns:
        name = column or LOOKS
        empty = int((table.frame[name] == "").sum()) if name in table.columns else 0
        blank = f"{table.name}: column '{one_line(name)}' is empty in {empty} of {table.rows} rows: they count as no gibberish"
        return *signal_of(name, table, flag="gibberish"), (blank,) if empty else ()
    way_out = "name a column with gibberish=, or add the texts as response"
    return _never, "nothing", (f"{table.name}: nothing says what is gibberish before it is labelled; {way_out}",)


def _never(places: np.ndarray) -> Mask:
    return np.zeros(places.shape, dtype=np.bool_)
