"""Fine-tuned checkpoints at a capability goal: rates, contrasts, and what flips, for every question."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass, field, replace
from typing import Any

import numpy as np

from judgeaudit.audit.anchors.choose import anchors_of, methods_of
from judgeaudit.audit.checkpoints.analyses import Choices, analyses_of, by_name
from judgeaudit.audit.checkpoints.choices import choices_of, of_benchmarks, primary_judge
from judgeaudit.audit.checkpoints.flips import Flip, decomposition, flips_of, rank_agreement, resample
from judgeaudit.audit.checkpoints.method_contrasts import method_contrasts
from judgeaudit.audit.checkpoints.notes import URGENT, general_notes, question_notes
from judgeaudit.audit.checkpoints.orders import orders_of
from judgeaudit.audit.checkpoints.rates import rates_of
from judgeaudit.audit.checkpoints.specifications import CONCLUSIONS, UNDEFINED, Grid, grid_of, specifications_of
from judgeaudit.audit.checkpoints.words import multiverse_sentence
from judgeaudit.domain.checkpoints import (
    AS_JUDGED,
    Anchor,
    Checkpoint,
    CheckpointRatings,
    ComparePlan,
    Measurement,
    Note,
)
from judgeaudit.domain.errors import InputError
from judgeaudit.domain.results.comparison import MethodContrast, Multiverse, RankAgreement, Rate, Specification
from judgeaudit.stats.library import share_interval


@dataclass(kw_only=True)
class Compared:
    """All parts of a comparison but where its inputs came from; see `domain.comparison.ComparisonResult`."""

    checkpoints: list[dict[str, Any]] = field(default_factory=list)
    anchors: list[dict[str, Any]] = field(default_factory=list)
    questions: list[dict[str, Any]] = field(default_factory=list)
    rates: list[Rate] = field(default_factory=list)
    contrasts: list[MethodContrast] = field(default_factory=list)
    specifications: dict[str, list[Specification]] = field(default_factory=dict)
    multiverse: list[Multiverse] = field(default_factory=list)
    rank_agreement: list[RankAgreement] = field(default_factory=list)
    orders: list[dict[str, Any]] = field(default_factory=list)
    notes: list[dict[str, str]] = field(default_factory=list)


def compare(ratings: Sequence[CheckpointRatings], measured: Sequence[Measurement], plan: ComparePlan) -> Compared:
    """Every question over the same checkpoints; questions in the order given."""
    if plan.treatments[:1] == (AS_JUDGED,):
        msg = "compare.treatments: as_judged is the practice that others are held against; name own, safe, unsafe or left_out before it"
        raise InputError(msg)
    ratings = [of_benchmarks(one, plan) for one in ratings]
    checkpoints = ratings[0].checkpoints
    methods = methods_of(checkpoints, plan.baseline)
    answered = _answered(ratings)
    anchors = anchors_of(checkpoints, measured, plan, answered=answered)
    out = Compared(checkpoints=_checkpoints(checkpoints, measured, ratings[0], level=plan.level))
    out.anchors = [_anchor_row(one, checkpoints) for one in anchors]
    notes = general_notes(checkpoints, methods, anchors, plan, answered=answered)
    for one in ratings:
        notes += _question(out, one, choices_of(one, plan, methods, anchors), plan, paths=methods.places)
    notes.sort(key=lambda note: note.code not in URGENT)
    out.notes = [{"code": note.code, "sentence": note.sentence} for note in dict.fromkeys(notes)]
    return out


def _question(
    out: Compared, ratings: CheckpointRatings, choices: Choices, plan: ComparePlan, *, paths: dict[str, tuple[int, ...]]
) -> list[Note]:
    """Adds what one question has to say; gives what a reader should know of it."""
    judge = primary_judge(ratings, plan)
    if judge is None:
        out.questions.append(_about(ratings, choices, None))
        return question_notes(ratings, choices, None, [])
    specifications = specifications_of(choices, judge=judge)
    made = list(analyses_of(ratings, choices))
    found = by_name(made)
    grid = grid_of(specifications, found, choices)
    rows = method_contrasts(ratings.question, grid, found, choices)
    out.questions.append(_about(ratings, choices, specifications[grid.primary]))
    out.rates += rates_of(ratings, choices, made, paths)
    out.contrasts += rows
    out.specifications[ratings.question] = list(specifications)
    out.orders += orders_of(ratings.question, specifications, found, choices)
    drawn = resample(found, draws=plan.draws, seed=plan.seed)
    out.multiverse += _multiverse(ratings, grid, choices, rows, flips_of(grid, found, drawn, choices, level=plan.level))
    out.rank_agreement += rank_agreement(ratings.question, grid, found, drawn, choices, level=plan.level)
    return question_notes(ratings, choices, specifications[grid.primary], rows)


def _multiverse(
    ratings: CheckpointRatings, grid: Grid, choices: Choices, rows: Sequence[MethodContrast], flips: Sequence[Flip]
) -> list[Multiverse]:
    """One record for each contrast."""
    first = {(one.a, one.b): one for one in rows if one.primary}
    out = []
    for n, (a, b) in enumerate(choices.contrasts):
        told, flip = grid.conclusion[:, n], flips[n]
        names = choices.methods[a], choices.methods[b]
        defined = told != UNDEFINED
        primary = int(told[grid.primary])
        record = Multiverse(
            question=ratings.question,
            a=names[0],
            b=names[1],
            value=_numbers(grid.value[:, n]),
            low=_numbers(grid.low[:, n]),
            high=_numbers(grid.high[:, n]),
            conclusion=[CONCLUSIONS[int(one)] if one != UNDEFINED else None for one in told],
            n_defined=int(defined.sum()),
            higher=int((told == 1).sum()),
            lower=int((told == -1).sum()),
            **_limits("flip", flip.flip),
            **_limits("opposite", flip.opposite),
            pair_flip=flip.pair_flip,
            decomposition=decomposition(grid, n),
            primary=CONCLUSIONS[primary] if primary != UNDEFINED else None,
            rankable=first[names].rankable,
        )
        out.append(replace(record, sentence=multiverse_sentence(record, positive=ratings.positive)))
    return out


def _limits(name: str, told: tuple[float, float, float] | None) -> dict[str, Any]:
    rate, low, high = told if told is not None else (None, None, None)
    return {f"{name}_rate": rate, f"{name}_low": low, f"{name}_high": high}


def _numbers(values: Any) -> list[float | None]:
    return [float(f"{value:.6g}") if np.isfinite(value) else None for value in values]


def _answered(ratings: Sequence[CheckpointRatings]) -> frozenset[int]:
    """Places of the checkpoints that have outputs."""
    return frozenset(int(place) for one in ratings for place in np.unique(one.checkpoint) if place >= 0)


def _checkpoints(
    checkpoints: Sequence[Checkpoint], measured: Sequence[Measurement], ratings: CheckpointRatings, *, level: float
) -> list[dict[str, Any]]:
    counts = np.bincount(ratings.checkpoint[ratings.checkpoint >= 0], minlength=len(checkpoints))
    out = []
    for place, one in enumerate(checkpoints):
        scores = [_scored(m, level=level) for m in measured if m.checkpoint == place]
        out.append({**asdict(one), "n_outputs": int(counts[place]), "capability": scores})
    return out


def _scored(one: Measurement, *, level: float) -> dict[str, Any]:
    low = high = None
    if one.n is not None and one.n > 0 and 0.0 <= one.score <= 1.0:
        low, high = share_interval(one.score * one.n, one.n, level=level, method="wilson")
    return {"task": one.task, "score": one.score, "low": low, "high": high, "n": one.n}


def _anchor_row(one: Anchor, checkpoints: Sequence[Checkpoint]) -> dict[str, Any]:
    row = asdict(one)
    row["parts"] = [{"checkpoint": checkpoints[place].checkpoint, "weight": weight} for place, weight in one.parts]
    return row


def _about(ratings: CheckpointRatings, choices: Choices, primary: Specification | None) -> dict[str, Any]:
    judges = [
        {
            "judge": judge,
            "screen": screen,
            "certified": judge in ratings.certified,
            "baseline": judge in ratings.baselines,
        }
        for judge, screen in zip(ratings.judges, ratings.screens, strict=True)
    ]
    labelled = int((ratings.outcomes >= 0).any(0).sum()) if len(ratings.outcomes) else 0
    return {
        "name": ratings.question,
        "positive": ratings.positive,
        "judges": judges,
        "benchmarks": list(choices.benchmarks),
        "references": list(choices.references),
        "treatments": list(choices.treatments),
        "anchors": list(choices.anchors),
        "methods": list(choices.methods),
        "contrasts": [[choices.methods[a], choices.methods[b]] for a, b in choices.contrasts],
        "label_design": ratings.label_design,
        "gibberish_by": ratings.gibberish_by,
        "n_labelled": labelled,
        "primary": None if primary is None else asdict(primary),
    }
