"""The reference pages say what the catalogue says: each has parts that are written from it.

A part stands between `<!-- catalogue: NAME -->` and `<!-- catalogue ends -->`. JUDGEAUDIT_DOCS=write writes all parts anew.
"""

from __future__ import annotations

import os
import re
from collections.abc import Iterable
from pathlib import Path
from typing import get_args

from judgeaudit.domain.catalogue.comparison_reasons import COMPARISON_REASONS
from judgeaudit.domain.catalogue.reasons import REASONS, Reason
from judgeaudit.domain.catalogue.record import Family, Statistic
from judgeaudit.domain.catalogue.statistics import STATISTICS

PART = re.compile(r"(<!-- catalogue: (\w+) -->\n).*?(<!-- catalogue ends -->)", re.DOTALL)
DIRECTIONS = {"higher": "higher is better", "lower": "lower is better", "descriptive": "neither end is better"}
BOUNDS = {
    "exact": "its exact bound (Clopper and Pearson)",
    "interval": "the bound of its posterior, jackknife or normal interval",
    "within": "`at_most` limits its absolute value, by both bounds",
    "value": "the value itself, since the tests in it are one-sided",
}
NEEDS = {
    "probabilities": "probabilities, scores or vote shares of the judge",
    "runs": "several runs of the judge",
    "orders": "verdicts in both orders of a pair",
    "label design": "a stated design of the labels (`--label-design`)",
}
CLASSES = {"two": "two reference labels", "positive": "positive items", "negative": "negative items"}


def number(x: float | None) -> str:
    return "∞" if x is None else f"{x:g}".replace("-", "−")


def section(one: Statistic) -> str:
    """What the reference says of one statistic, under a heading that is its anchor."""
    short = f" ({one.abbreviation})" if one.abbreviation else ""
    where = f" No value where {one.undefined}." if one.undefined else ""
    better = DIRECTIONS.get(one.direction, f"the nearer to {number(one.target)} the better")
    low = "−∞" if one.low is None else number(one.low)
    scales = "all scales" if len(one.scales) == 4 else ", ".join(one.scales)
    wide = "" if one.continuous or "interval" not in one.scales else " (interval: up to 20 distinct numbers)"
    needs = [
        *(["declared positive labels"] if one.positive else []),
        *([CLASSES[one.classes]] if one.classes != "any" else []),
        *([NEEDS[one.needs]] if one.needs else []),
        *(["of people items that were shown twice"] if one.needs == "runs" and "humans" in one.subjects else []),
    ]
    who = {"judge": "a judge", "humans": "the people together"}
    policy = BOUNDS.get(str(one.bound), f"none: {one.instead}")
    contrast = "; also as a contrast of strata" if one.between and one.bound in BOUNDS else ""
    facts = [
        f"**Range**: {low} to {number(one.high)}, {better}.",
        f"**Scales**: {scales}{wide}.",
        *([f"**Needs**: {', '.join(needs)}."] if needs else []),
        f"**Of**: {' or '.join(who[subject] for subject in one.subjects)}.",
        f"**Policy**: {policy}{contrast}.",
        *([f"**Published**: {one.citation}."] if one.citation else []),
    ]
    return f"### {one.name}\n\n**{one.title}**{short}. {one.says} {one.definition}{where}\n\n{' '.join(facts)}\n"


def reason_table(reasons: Iterable[Reason]) -> str:
    rows = [f"| `{one.code}` | {one.says} | {one.remedy} |" for one in sorted(reasons, key=lambda one: one.code)]
    return "\n".join(["| code | means | what to do |", "|---|---|---|", *rows])


def parts() -> dict[str, str]:
    """Every part by its name: a family of statistics, or a kind of reason codes."""
    out = {
        family: "\n".join(section(one) for one in STATISTICS.values() if one.family == family).rstrip()
        for family in get_args(Family)
    }
    kinds = ("value", "decision", "rate", "change")
    out |= {kind: reason_table(one for one in REASONS.values() if one.kind == kind) for kind in kinds}
    return {**out, "comparison": reason_table(COMPARISON_REASONS.values())}


def rendered(page: Path) -> str:
    """The page with its parts written anew."""
    known = parts()
    return PART.sub(lambda found: f"{found[1]}\n{known[found[2]]}\n\n{found[3]}", page.read_text(encoding="utf-8"))


def test_the_pages_say_what_the_catalogue_says(repository: Path) -> None:
    """docs/reference/statistics.md and reasons.md hold every part of the catalogue, word for word."""
    seen: list[str] = []
    for name in ("statistics.md", "reasons.md"):
        page = repository / "docs" / "reference" / name
        if os.environ.get("JUDGEAUDIT_DOCS") == "write":
            page.write_text(rendered(page), encoding="utf-8")
        assert page.read_text(encoding="utf-8") == rendered(page)
        seen += [found[1] for found in PART.findall(page.read_text(encoding="utf-8"))]
    assert sorted(seen) == sorted(parts())


def test_every_statistic_has_its_anchor(repository: Path) -> None:
    """The headings of the reference are the statistics of the catalogue, each where its record says."""
    page = (repository / "docs" / "reference" / "statistics.md").read_text(encoding="utf-8")
    assert re.findall(r"^### (\S+)$", page, re.MULTILINE) == [one.name for one in by_family()]
    assert {one.anchor.partition("#")[2] for one in STATISTICS.values()} == set(STATISTICS)
    assert {one.anchor.partition("#")[0] for one in STATISTICS.values()} == {"docs/reference/statistics.md"}


def by_family() -> list[Statistic]:
    return [one for family in get_args(Family) for one in STATISTICS.values() if one.family == family]
