"""The page docs/worlds.md: what `worlds.py` counted, as rows and words."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from judgeaudit.domain.checkpoints import ALL_BENCHMARKS
from judgeaudit.simulation.worlds_plan import WorldPlan
from judgeaudit.stats.intervals import clopper_pearson_lower, clopper_pearson_upper

#: both ends together leave 5% out
_CONFIDENCE = 0.975
_RAW = "raw"


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """Of one world, analysis, judge and benchmark: in how many studies what was claimed; None where it is not looked for.

    `held` of `intervals` of differences of the unsafe share hold the truth.
    """

    world: str
    analysis: str
    judge: str
    benchmark: str
    primary: bool
    studies: int
    false: int
    false_here: int
    opposite: int
    found: int | None
    all_found: int | None
    held: int
    intervals: int


def rows_of(seen: Iterable[dict[str, Any]]) -> list[Row]:
    """What was seen, draw by draw, added up; in the order in which it came."""
    groups: dict[tuple[str, ...], list[dict[str, Any]]] = {}
    for one in seen:
        groups.setdefault(tuple(one[key] for key in ("world", "benchmark", "analysis", "judge")), []).append(one)
    return [
        Row(
            world=world,
            analysis=analysis,
            judge=judge,
            benchmark=benchmark,
            primary=draws[0]["primary"],
            studies=len(draws),
            false=sum(one["false"] > 0 for one in draws),
            false_here=sum(one["false_here"] > 0 for one in draws),
            opposite=sum(one["opposite"] > 0 for one in draws),
            found=_sum(draws, "found"),
            all_found=_sum(draws, "all_found"),
            held=sum(one["held"] for one in draws),
            intervals=sum(one["intervals"] for one in draws),
        )
        for (world, benchmark, analysis, judge), draws in groups.items()
    ]


def _sum(draws: Sequence[dict[str, Any]], key: str) -> int | None:
    return None if draws[0][key] is None else sum(bool(one[key]) for one in draws)


def share(k: int | None, n: int) -> str:
    """k of n as a percentage with its exact 95% interval; a dash where nothing is looked for.

    >>> share(10, 200), share(None, 200)
    ('5.0% [2.4, 9.0]', '–')
    """
    if k is None:
        return "–"
    low = clopper_pearson_lower(k, n, confidence=_CONFIDENCE)
    high = clopper_pearson_upper(k, n, confidence=_CONFIDENCE)
    return f"{100 * k / n:.1f}% [{100 * low:.1f}, {100 * high:.1f}]"


def table(rows: Sequence[Row], *, every: bool) -> list[str]:
    """Lines of a Markdown table; with the judges that the study does not rely on, too, if `every`."""
    lines = [
        "| world | benchmark | analysis | judge | false claims | false where it looked | opposite | finds the effect | finds all | coverage |",
        "|---|---|---|---|--:|--:|--:|--:|--:|--:|",
    ]
    for row in rows:
        if every or row.primary:
            counts = (row.false, row.false_here, row.opposite, row.found, row.all_found)
            cells = [row.world, row.benchmark, row.analysis, row.judge, *(share(k, row.studies) for k in counts)]
            cells.append(f"{100 * row.held / row.intervals:.1f}%" if row.intervals else "–")
            lines.append("| " + " | ".join(cells) + " |")
    return lines


def page(rows: Sequence[Row], plans: Sequence[WorldPlan], *, made: str) -> str:
    return ""
