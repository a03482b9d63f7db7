"""Fine-tuned checkpoints at a capability goal: rates, contrasts, and what flips, for every question."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass, field, replace
from itertools import combinations
from typing import TYPE_CHECKING, Any

import numpy as np

from judgeaudit.audit.checkpoints.analyses import Choices, analyses_of, by_name
from judgeaudit.audit.checkpoints.anchors.choose import anchors_of, methods_of
from judgeaudit.audit.checkpoints.flips import Flip, decomposition, flips_of, rank_agreement, resample
from judgeaudit.audit.checkpoints.method_contrasts import method_contrasts
from judgeaudit.audit.checkpoints.notes import URGENT, general_notes, question_notes
from judgeaudit.audit.checkpoints.rates import rates_of
from judgeaudit.audit.checkpoints.shares import MEASURE_OF
from judgeaudit.audit.checkpoints.specifications import (
    CHOICES,
    CONCLUSIONS,
    UNDEFINED,
    Found,
    Grid,
    analysis_of,
    grid_of,
    methods_slot,
    specifications_of,
)
from judgeaudit.audit.estimates.estimate import clean
from judgeaudit.domain.checkpoints import (
    ALL_BENCHMARKS,
    AS_JUDGED,
    NO_REFERENCE,
    Anchor,
    Checkpoint,
    CheckpointRatings,
    ComparePlan,
    Floats,
    Measurement,
    Note,
)
from judgeaudit.domain.errors import InputError, nearest, one_line
from judgeaudit.domain.results.comparison import MethodContrast, Multiverse, RankAgreement, Rate, Specification
from judgeaudit.stats.library import share_interval

if TYPE_CHECKING:
    from judgeaudit.audit.checkpoints.anchors.methods import Methods


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


# Sentences of a comparison.


#: choice -> how it is called in a sentence
CHOICE_WORDS = {
    "benchmark": "the benchmark",
    "judge": "the judge",
    "reference": "whether and how labels correct the judge",
    "treatment": "what gibberish is taken for",
    "anchor": "where training was stopped",
}


def multiverse_sentence(one: Multiverse, *, positive: str) -> str:
    """What all specifications say of one contrast, and which choice alone turns the primary conclusion most often."""
    pair = f"{one_line(one.a)} against {one_line(one.b)}, {one_line(positive)}"
    if not one.n_defined:
        return f"{pair}: no analysis has an estimate."
    open_ = one.n_defined - one.higher - one.lower
    counts = f"higher in {one.higher}, lower in {one.lower}, open in {open_} of {one.n_defined} analyses"
    if one.primary is None:
        return f"{pair}: {counts}; the primary analysis has no estimate."
    words = {"higher": "higher", "lower": "lower", "open": "not decided"}[one.primary]
    turning = next((part for part in one.decomposition if part["flips"]), None)
    if turning is None:
        said = "no single choice turns this"
    else:
        said = f"{CHOICE_WORDS[turning['choice']]} turns this most often ({turning['flips']} of {turning['of']} other options)"
    return f"{pair}: {words} in the primary analysis; {counts}; {said}."


# The methods in order, where one choice at a time leaves the primary analysis.


def orders_of(
    question: str, specifications: tuple[Specification, ...], found: Found, choices: Choices
) -> list[dict[str, Any]]:
    """Choice by choice, option by option: each method's rate and its rank among those that have one (1 is the lowest)."""
    first = next(one for one in specifications if one.primary)
    out = []
    for choice in CHOICES:
        for one in specifications:
            if any(getattr(one, other) != getattr(first, other) for other in CHOICES if other != choice):
                continue
            option = getattr(one, choice)
            values = analysis_of(one, found).ends.sure.value[methods_slot(one, choices), MEASURE_OF[one.treatment]]
            there = np.isfinite(values)
            ranks = np.full(len(values), np.nan)
            if there.any():
                ranks[there] = _ranks(values[there].round(12))
            for method, value, rank in zip(choices.methods, values, ranks, strict=True):
                out.append(
                    {
                        "question": question,
                        "choice": choice,
                        "option": option,
                        "method": method,
                        "value": clean(value),
                        "rank": clean(rank),
                    }
                )
    return out


def _ranks(values: Floats) -> Floats:
    """Ranks from 1, ties share their mean.

    >>> _ranks(np.array([0.2, 0.1, 0.2])).tolist()
    [2.5, 1.0, 2.5]
    """
    below, equal = (values[None] < values[:, None]).sum(1), (values[None] == values[:, None]).sum(1)
    return np.asarray(below + (equal + 1) / 2.0, dtype=float)


# What is compared with what: the options of every choice as declared, or all that the ratings offer.


def choices_of(ratings: CheckpointRatings, plan: ComparePlan, methods: Methods, anchors: Sequence[Anchor]) -> Choices:
    """The options for one question. All declared benchmarks together stand first, then each; the reference that is named first, else
    the study's rule, stands first among references.
    """
    several = len(ratings.benchmarks) > 1
    offered = (ALL_BENCHMARKS, *(one for one in ratings.benchmarks if one != ALL_BENCHMARKS))
    benchmarks = _declared("benchmarks", plan.benchmarks, offered) if several else (ALL_BENCHMARKS,)
    if several and ALL_BENCHMARKS not in benchmarks:
        benchmarks = (ALL_BENCHMARKS, *benchmarks)
    references = _declared("references", plan.references, (*ratings.references, NO_REFERENCE))
    if NO_REFERENCE not in references:
        references = (*references, NO_REFERENCE)
    by_rule: dict[str, dict[str, Anchor]] = {}
    for one in anchors:
        by_rule.setdefault(one.rule, {})[one.method] = one
    return Choices(
        benchmarks=benchmarks,
        judges=_judges(ratings, plan),
        references=references,
        treatments=plan.treatments,
        anchors={rule: tuple(found[method].parts for method in methods.names) for rule, found in by_rule.items()},
        methods=tuple(methods.names),
        contrasts=_contrasts(plan, tuple(methods.names)),
        design=ratings.label_design,
        level=plan.level,
    )


def primary_judge(ratings: CheckpointRatings, plan: ComparePlan) -> str | None:
    """The judge that stands first: as declared, else the first that is no baseline; None where there is none."""
    judges = _judges(ratings, plan)
    if plan.judge is not None and plan.judge in judges:
        return plan.judge
    return next((one for one in judges if one not in ratings.baselines), judges[0] if judges else None)


def _judges(ratings: CheckpointRatings, plan: ComparePlan) -> tuple[str, ...]:
    """Those of this question; a declared one that another question has is no slip, and the loader refuses one that none has."""
    if plan.judges is None:
        return ratings.judges
    return tuple(one for one in plan.judges if one in ratings.judges)


def _declared(what: str, wanted: Sequence[str] | None, offered: Sequence[str]) -> tuple[str, ...]:
    if wanted is None:
        return tuple(offered)
    for one in wanted:
        if one not in offered:
            msg = f"compare.{what}: no {one_line(one)!r}{nearest(one, list(offered))}; there are {_listed(offered)}"
            raise InputError(msg)
    return tuple(dict.fromkeys(wanted))


def _contrasts(plan: ComparePlan, methods: tuple[str, ...]) -> tuple[tuple[int, int], ...]:
    """Declared pairs, else every method against the baseline, which is the first, and then all others in pairs."""
    if plan.contrasts is None:
        others = range(1, len(methods))
        return (*((at, 0) for at in others), *((b, a) for a, b in combinations(others, 2)))
    out = []
    for a, b in plan.contrasts:
        for one in (a, b):
            if one not in methods:
                msg = f"compare.contrasts: no method {one_line(one)!r}{nearest(one, list(methods))}; there are {_listed(methods)}"
                raise InputError(msg)
        if a == b:
            msg = f"compare.contrasts: {one_line(a)!r} is held against itself; name two methods"
            raise InputError(msg)
        pair = methods.index(a), methods.index(b)
        if pair in out or pair[::-1] in out:
            msg = f"compare.contrasts: {one_line(a)!r} and {one_line(b)!r} are named twice; name each pair once"
            raise InputError(msg)
        out.append(pair)
    if not out:
        msg = "compare.contrasts: no pair is named; leave it out to compare all methods"
        raise InputError(msg)
    return tuple(out)


def _listed(names: Iterable[str]) -> str:
    return ", ".join(one_line(name) for name in names)


def of_benchmarks(ratings: CheckpointRatings, plan: ComparePlan) -> CheckpointRatings:
    """The outputs of the declared benchmarks only, where some are declared; "all" among them is all that there are."""
    wanted = plan.benchmarks
    if wanted is None or ALL_BENCHMARKS in wanted or len(ratings.benchmarks) < 2:
        return ratings
    names = _declared("benchmarks", wanted, ratings.benchmarks)
    keep = np.isin(ratings.benchmark, [ratings.benchmarks.index(name) for name in names])
    place = np.full(len(ratings.benchmarks), -1, dtype=np.int64)
    place[[ratings.benchmarks.index(name) for name in names]] = np.arange(len(names))
    return replace(
        ratings,
        benchmarks=names,
        benchmark=place[ratings.benchmark[keep]],
        checkpoint=ratings.checkpoint[keep],
        prompts=ratings.prompts[keep],
        clusters=ratings.clusters[keep],
        verdicts=ratings.verdicts[:, keep],
        screen=ratings.screen[:, keep],
        outcomes=ratings.outcomes[:, keep],
        weights=None if ratings.weights is None else ratings.weights[keep],
    )
