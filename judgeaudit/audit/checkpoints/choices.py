"""What is compared with what: the options of every choice as declared, or all that the ratings offer."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace
from itertools import combinations
from typing import TYPE_CHECKING

import numpy as np

from judgeaudit.audit.checkpoints.analyses import Choices
from judgeaudit.domain.checkpoints import ALL_BENCHMARKS, NO_REFERENCE, Anchor, CheckpointRatings, ComparePlan
from judgeaudit.domain.errors import InputError, nearest, one_line

if TYPE_CHECKING:
    from judgeaudit.audit.anchors.methods import Methods


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
