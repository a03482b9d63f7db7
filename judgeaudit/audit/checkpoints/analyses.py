"""Every analysis of a question: one benchmark, one judge, one way to correct; each gives all anchors and all contrasts at once."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from judgeaudit.audit.checkpoints.rows import Rows, Shares, Unknown, rows_of, shares_of, unknown_of
from judgeaudit.audit.checkpoints.shares import Ends, Parts, common_prompts, ends_of, missing_at, pair_of, together
from judgeaudit.domain.checkpoints import AS_JUDGED, CheckpointRatings, Floats, Mask
from judgeaudit.stats.rates.shares_apart import Sure, apart, take

Places = npt.NDArray[np.intp]


@dataclass(frozen=True, slots=True, kw_only=True)
class Choices:
    """What is declared for one question: the options of every choice, the first of each standing first.

    anchors  rule -> one entry per method, the checkpoints that stand for it; `contrasts` are places of methods
    """

    benchmarks: tuple[str, ...]
    judges: tuple[str, ...]
    references: tuple[str, ...]
    treatments: tuple[str, ...]
    anchors: dict[str, tuple[Parts, ...]]
    methods: tuple[str, ...]
    contrasts: tuple[tuple[int, int], ...]
    design: str | None
    level: float

    @property
    def flat(self) -> list[Parts]:
        """All anchors, rule by rule."""
        return [parts for one in self.anchors.values() for parts in one]

    def places(self) -> tuple[Places, Places]:
        """Where both sides of each contrast stand in `flat`, (rules × contrasts,)."""
        size = len(self.methods)
        sides = np.array(self.contrasts, dtype=np.intp).reshape(-1, 2)
        at = (np.arange(len(self.anchors), dtype=np.intp) * size)[:, None, None] + sides
        return at[..., 0].ravel(), at[..., 1].ravel()


@dataclass(frozen=True, slots=True, kw_only=True)
class Analysis:
    """Of all anchors: shares. Of rules × contrasts, flat: both sides, their correlation, the difference and its limits (n, M).

    Limits of verdicts alone hold whatever the missing ones would have been. `missing` is by how much each side could be
    higher for them; `restricted` holds, of contrasts over fewer prompts than their anchors have, what each cluster adds to the
    difference (G, M).
    """

    benchmark: str
    judge: str
    reference: str
    unknown: Unknown
    made: Shares
    ends: Ends
    a: Sure
    b: Sure
    rho: Floats
    value: Floats
    low: Floats
    high: Floats
    prompts: npt.NDArray[np.int64]
    dropped: npt.NDArray[np.int64]
    label_variance: Floats
    restricted: dict[int, Floats]
    missing: tuple[Floats, Floats]


def analyses_of(ratings: CheckpointRatings, choices: Choices) -> Iterator[Analysis]:
    """Benchmarks, judges, and for each the verdicts as they are without and with the screen, then each reference rule."""
    ways = ([AS_JUDGED] if AS_JUDGED in choices.treatments else []) + list(choices.references)
    for benchmark in choices.benchmarks:
        for judge in choices.judges:
            rows = rows_of(ratings, judge, benchmark)
            uneven, unknown = _uneven(rows, choices), unknown_of(rows)
            for way in ways:
                yield _analysis(rows, uneven, unknown, choices, (benchmark, judge, way))


@dataclass(frozen=True, slots=True, kw_only=True)
class _Uneven:
    """Prompts that all checkpoints of both sides of each contrast answered, how many only some did, and where that is any."""

    prompts: npt.NDArray[np.int64]
    dropped: npt.NDArray[np.int64]
    at: Places


def _uneven(rows: Rows, choices: Choices) -> _Uneven:
    first, second = choices.places()
    flat = choices.flat
    of_cell = {cell: frozenset(common_prompts(rows, [cell]).tolist()) for parts in flat for cell, _ in parts}
    prompts, dropped = np.zeros(len(first), dtype=np.int64), np.zeros(len(first), dtype=np.int64)
    for n, (a, b) in enumerate(zip(first, second, strict=True)):
        if not flat[a] or not flat[b]:
            continue
        sets = {of_cell[cell] for cell, _ in (*flat[a], *flat[b])}
        both = frozenset.intersection(*sets)
        prompts[n], dropped[n] = len(both), len(frozenset.union(*sets)) - len(both)
    return _Uneven(prompts=prompts, dropped=dropped, at=np.flatnonzero((dropped > 0) & (prompts > 0)))


def _analysis(rows: Rows, uneven: _Uneven, unknown: Unknown, choices: Choices, names: tuple[str, str, str]) -> Analysis:
    made = shares_of(rows, names[2], design=choices.design)
    flat = choices.flat
    ends = ends_of(made, flat)
    first, second = choices.places()
    a, b = take(ends.sure, first), take(ends.sure, second)
    rho = together(ends.influence, first, second)
    variance = ends.label_variance[first] + ends.label_variance[second]
    restricted: dict[int, Floats] = {}
    for n in uneven.at:
        pair = pair_of(rows, flat[first[n]], flat[second[n]], names[2], design=choices.design)
        for side, at in ((a, 0), (b, 1)):
            for part, new in zip(side, pair.sure, strict=True):
                part[n] = new[at]
        rho[n] = together(pair.influence, np.array([0]), np.array([1]))[0]
        variance[n] = pair.label_variance.sum(0)
        restricted[int(n)] = pair.influence[0] - pair.influence[1]
    nobody: Mask = (uneven.prompts == 0)[:, None]
    value = np.where(nobody, np.nan, a.value - b.value)
    low, high = apart(a, b, rho, level=choices.level)
    missing = missing_at(unknown, names[2], flat)
    low, high = np.maximum(low - missing[second], -1.0), np.minimum(high + missing[first], 1.0)
    return Analysis(
        benchmark=names[0],
        judge=names[1],
        reference=names[2],
        unknown=unknown,
        made=made,
        ends=ends,
        a=a,
        b=b,
        rho=rho,
        value=value,
        low=np.where(np.isnan(value), np.nan, low),
        high=np.where(np.isnan(value), np.nan, high),
        prompts=uneven.prompts,
        dropped=uneven.dropped,
        label_variance=variance,
        restricted=restricted,
        missing=(missing[first], missing[second]),
    )


def by_name(found: Sequence[Analysis]) -> dict[tuple[str, str, str], Analysis]:
    """(benchmark, judge, reference) -> analysis."""
    return {(one.benchmark, one.judge, one.reference): one for one in found}
