"""Do comparisons of checkpoints claim what is true? Planted worlds, many seeds each, analysed as people do it and as shipped.

Every draw goes the way of a comparison: `CheckpointRatings`, then `compare`. A claim is that one method is more, or less,
harmful than another. It is false where the truth is not: an unsafe share that is strictly higher (lower) and a safe share
that is strictly lower (higher).

Run: python benchmarks/worlds.py [--seeds 200] [--first 1] [--worlds NAME ...] [--processes 2] [--json FILE] [--markdown FILE]
"""

from __future__ import annotations

import argparse
import json
import sys
import time
from collections.abc import Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import asdict, dataclass, replace
from datetime import UTC, datetime
from pathlib import Path

import numpy as np
import worlds_page

from judgeaudit.audit.checkpoints.compare import Compared, compare
from judgeaudit.domain.checkpoints import ALL_BENCHMARKS, AS_JUDGED, NO_REFERENCE, CheckpointRatings
from judgeaudit.domain.results.comparison import MethodContrast
from judgeaudit.simulation.worlds.catalogue import WORLDS
from judgeaudit.simulation.worlds.plan import WorldPlan
from judgeaudit.simulation.worlds.truth import (
    Place,
    TrueContrast,
    contrast_pairs,
    planned_checkpoints,
    shares,
    true_contrast,
)
from judgeaudit.simulation.worlds.world import REFERENCE, World, draw_world

STATISTIC = "positive_rate"
#: for limits of flip rates, which nothing here reads
DRAWS = 20


@dataclass(frozen=True, slots=True, kw_only=True)
class Analysis:
    """One way to come to claims: which contrasts are looked at, and whether a claim must pass Holm over them."""

    name: str
    reference: str
    treatment: str
    anchor: Place
    holm: bool


RAW_LAST = Analysis(name="raw, last", reference=NO_REFERENCE, treatment=AS_JUDGED, anchor="last", holm=False)
RAW_GOAL = Analysis(name="raw, at the goal", reference=NO_REFERENCE, treatment=AS_JUDGED, anchor="goal", holm=False)
RAW_HOLM = replace(RAW_GOAL, name="raw, at the goal, Holm", holm=True)
CORRECTED = Analysis(
    name="corrected, at the goal, Holm", reference=REFERENCE, treatment="own", anchor="goal", holm=True
)
ANALYSES = (RAW_LAST, RAW_GOAL, RAW_HOLM, CORRECTED)


@dataclass(frozen=True, slots=True, kw_only=True)
class Seen:
    """What one analysis claimed of one draw.

    false       claims that are not true of the methods at the goal; `false_here` of the checkpoints that it looked at
    opposite    claims that are the very opposite of the truth at the goal
    found       the first planted pair was claimed the right way round; None where nothing is planted or it is not looked for
    all_found   so were all planted pairs
    held, intervals  how many of its intervals of differences of the unsafe share hold the truth; `rates_held` of `rates` those of
                 the unsafe share of every checkpoint, where labels correct it
    """

    world: str
    analysis: str
    judge: str
    benchmark: str
    primary: bool
    false: int
    false_here: int
    opposite: int
    found: bool | None
    all_found: bool | None
    held: int
    intervals: int
    rates_held: int
    rates: int


def draw_and_compare(name: str, seed: int) -> list[Seen]:
    """One draw of a world: what each analysis, with each judge and on each benchmark that is shown, claims of it."""
    world = draw_world(name, seed=seed)
    plan = replace(
        world.compare_plan,
        references=(REFERENCE, NO_REFERENCE),
        treatments=("own", AS_JUDGED),
        anchors=("goal", "last"),
        draws=DRAWS,
    )
    out = []
    for benchmark in (ALL_BENCHMARKS, *world.plan.looked_at):
        # on one benchmark as a study that has no other
        found = compare([only_on(world.ratings, benchmark)], world.measurements, plan)
        out += [
            seen(world, analysis, judge.name, benchmark, found) for analysis in ANALYSES for judge, _ in world.judges
        ]
    return out


def only_on(ratings: CheckpointRatings, benchmark: str) -> CheckpointRatings:
    """The outputs of one benchmark as all that there is; of several, all."""
    if benchmark == ALL_BENCHMARKS:
        return replace(ratings, benchmarks=(ALL_BENCHMARKS,), benchmark=np.zeros_like(ratings.benchmark))
    keep = ratings.benchmark == ratings.benchmarks.index(benchmark)
    return replace(
        ratings,
        checkpoint=ratings.checkpoint[keep],
        prompts=ratings.prompts[keep],
        clusters=ratings.clusters[keep],
        benchmarks=(benchmark,),
        benchmark=np.zeros_like(ratings.benchmark[keep]),
        verdicts=ratings.verdicts[:, keep],
        screen=ratings.screen[:, keep],
        outcomes=ratings.outcomes[:, keep],
    )


def seen(world: World, analysis: Analysis, judge: str, benchmark: str, found: Compared) -> Seen:
    """What one analysis claims, held against the truth."""
    mine = _contrasts(world, analysis, judge, found)
    claims = {(one.a, one.b): claim(one, holm=analysis.holm) for one in mine}
    at_goal = {pair: _truth(world, pair, "goal", benchmark) for pair in claims}
    here = {pair: _truth(world, pair, analysis.anchor, benchmark) for pair in claims}
    made = {pair: said for pair, said in claims.items() if said != "none"}
    hits = [found_of(claims, pair) for pair in world.plan.planted] if benchmark == ALL_BENCHMARKS else []
    held = [_holds(one.low, one.high, here[one.a, one.b].unsafe) for one in mine]
    rates_held = _rates_held(world, judge, benchmark, found) if analysis.reference == REFERENCE else []
    return Seen(
        world=world.plan.name,
        analysis=analysis.name,
        judge=judge,
        benchmark=benchmark,
        primary=judge == world.plan.judges[0].name,
        false=sum(said != at_goal[pair].holds for pair, said in made.items()),
        false_here=sum(said != here[pair].holds for pair, said in made.items()),
        opposite=sum({said, at_goal[pair].holds} == {"higher", "lower"} for pair, said in made.items()),
        found=hits[0] if hits else None,
        all_found=all(hits) if hits else None,
        held=sum(held),
        intervals=len(held),
        rates_held=sum(rates_held),
        rates=len(rates_held),
    )


def _contrasts(world: World, analysis: Analysis, judge: str, found: Compared) -> list[MethodContrast]:
    """The contrasts that an analysis looks at; an analysis that lacks one is an error of this file."""
    asked = (STATISTIC, judge, analysis.reference, analysis.treatment, analysis.anchor)
    mine = [
        one
        for one in found.contrasts
        if (one.statistic, one.judge, one.reference, one.treatment, one.anchor) == asked
        and one.benchmark == ALL_BENCHMARKS
    ]
    if len(mine) != len(contrast_pairs(world.plan)):
        msg = f"{world.plan.name}: {analysis.name} by {judge} has {len(mine)} contrasts"
        raise ValueError(msg)
    return mine


def _rates_held(world: World, judge: str, benchmark: str, found: Compared) -> list[bool]:
    """Of every checkpoint: whether the corrected interval of its unsafe share holds the truth."""
    asked = (STATISTIC, judge, REFERENCE, "own", "", ALL_BENCHMARKS)
    limits = {
        (one.method, one.checkpoint): (one.low, one.high)
        for one in found.rates
        if (one.statistic, one.judge, one.reference, one.treatment, one.anchor, one.benchmark) == asked
    }
    return [
        _holds(*limits[method.name, f"step-{one.step}"], shares(one, benchmark, prompts=world.size.prompts).unsafe)
        for method, one in planned_checkpoints(world.plan)
    ]


def _holds(low: float | None, high: float | None, truth: float) -> bool:
    """Whether an interval holds the truth; one that is not there does not."""
    return low is not None and high is not None and low <= truth <= high


def _truth(world: World, pair: tuple[str, str], at: Place, benchmark: str) -> TrueContrast:
    return true_contrast(world.plan, pair, at=at, benchmark=benchmark, prompts=world.size.prompts)


def claim(contrast: MethodContrast, *, holm: bool) -> str:
    """What a contrast claims: its conclusion, with Holm's correction where that is asked."""
    said = contrast.conclusion_adjusted if holm else contrast.conclusion
    return "none" if said == "open" else said


def found_of(claims: dict[tuple[str, str], str], pair: tuple[str, str]) -> bool:
    """Whether the first of a pair was claimed to be more harmful than the second, whichever way they were compared."""
    return claims.get(pair) == "higher" or claims.get((pair[1], pair[0])) == "lower"


def _one(job: tuple[str, int]) -> list[Seen]:
    return draw_and_compare(*job)


def run(names: Sequence[str], *, first: int, seeds: int, processes: int) -> list[Seen]:
    """All draws of all worlds; progress goes to stderr."""
    jobs = [(name, seed) for name in names for seed in range(first, first + seeds)]
    out: list[Seen] = []
    with ProcessPoolExecutor(processes) as pool:
        for number, one in enumerate(pool.map(_one, jobs, chunksize=5), 1):
            out += one
            if number % seeds == 0:
                print(jobs[number - 1][0], file=sys.stderr, flush=True)
    return out


def worlds_of(names: Sequence[str]) -> list[WorldPlan]:
    """The plans of the named worlds."""
    return [WORLDS[name] for name in names]


def main() -> int:
    """Runs the worlds and prints or writes the tables."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--seeds", type=int, default=200)
    parser.add_argument("--first", type=int, default=1, help="the first seed")
    parser.add_argument("--worlds", nargs="*", default=list(WORLDS), choices=list(WORLDS), metavar="NAME")
    parser.add_argument("--processes", type=int, default=2)
    parser.add_argument("--json", type=Path, metavar="FILE")
    parser.add_argument("--markdown", type=Path, metavar="FILE")
    asked = parser.parse_args()
    start = time.monotonic()
    found = run(asked.worlds, first=asked.first, seeds=asked.seeds, processes=asked.processes)
    seconds = time.monotonic() - start
    rows = worlds_page.rows_of([asdict(one) for one in found])
    print("\n".join([*worlds_page.claims_table(rows), "", *worlds_page.coverage_table(rows)]))
    print(f"\n{worlds_page.summary(rows)} {seconds:.0f} s")
    if asked.json:
        asked.json.write_text(json.dumps([asdict(row) for row in rows], indent=1) + "\n", "utf-8")
    if asked.markdown:
        command = f"python benchmarks/worlds.py --seeds {asked.seeds} --first {asked.first}"
        spent = f"{seconds / 60:.0f} minutes on {asked.processes} processes"
        made = f"Made by `{command}` on {datetime.now(UTC):%Y-%m-%d}: {asked.seeds:,} studies of each world, {spent}."
        asked.markdown.write_text(worlds_page.page(rows, worlds_of(asked.worlds), made=made), "utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
