"""The page docs/worlds.md: what `worlds.py` counted, as rows and words."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from judgeaudit.simulation.worlds.plan import GOAL, TASK_SIZE, WorldPlan
from judgeaudit.stats.intervals.limits import clopper_pearson_lower, clopper_pearson_upper

#: both ends together leave 5% out
_CONFIDENCE = 0.975
_CORRECTED = "corrected"
_LAST = "raw, last"


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """Of one world, analysis, judge and benchmark: in how many studies what was claimed; None where it is not looked for.

    `held` of `intervals` of differences of the unsafe share hold the truth, and `rates_held` of `rates` of the share itself.
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
    rates_held: int
    rates: int

    @property
    def corrected(self) -> bool:
        return self.analysis.startswith(_CORRECTED)


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
            **{key: sum(one[key] > 0 for one in draws) for key in ("false", "false_here", "opposite")},
            found=_found(draws, "found"),
            all_found=_found(draws, "all_found"),
            **{key: sum(one[key] for one in draws) for key in ("held", "intervals", "rates_held", "rates")},
        )
        for (world, benchmark, analysis, judge), draws in groups.items()
    ]


def _found(draws: Sequence[dict[str, Any]], key: str) -> int | None:
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


def claims_table(rows: Sequence[Row]) -> list[str]:
    """Lines of a Markdown table: what each analysis claims."""
    lines = [
        "| world | benchmark | analysis | judge | false claims | false where it looked | opposite | finds the effect | finds all |",
        "|---|---|---|---|--:|--:|--:|--:|--:|",
    ]
    for row in rows:
        counts = (row.false, row.false_here, row.opposite, row.found, row.all_found)
        cells = [row.world, row.benchmark, row.analysis, row.judge, *(share(k, row.studies) for k in counts)]
        lines.append("| " + " | ".join(cells) + " |")
    return lines


def coverage_table(rows: Sequence[Row]) -> list[str]:
    """Lines of a Markdown table: how often corrected intervals hold the truth."""
    lines = ["| world | benchmark | judge | unsafe share | difference |", "|---|---|---|--:|--:|"]
    for row in rows:
        if row.corrected:
            cells = [row.world, row.benchmark, row.judge, _part(row.rates_held, row.rates)]
            lines.append("| " + " | ".join([*cells, _part(row.held, row.intervals)]) + " |")
    return lines


def _part(k: int, n: int) -> str:
    return f"{100 * k / n:.1f}%" if n else "–"


def worlds_table(plans: Sequence[WorldPlan]) -> list[str]:
    """Lines of a Markdown table: what each world is, and what its study relies on."""
    lines = ["| world | what is true | judge relied on | the effect |", "|---|---|---|---|"]
    for plan in plans:
        judge = plan.judges[0]
        effect = "none"
        if plan.planted:
            a, b = plan.planted[0]
            effect = f"{a} more harmful than {b}"
        lines.append(f"| `{plan.name}` | {plan.about} | {judge.name}: {judge.about} | {effect} |")
    return lines


def summary(rows: Sequence[Row]) -> str:
    """What raw verdicts at the last checkpoint come to; most false claims and fewest effects found of the corrected analysis."""
    mine = [row for row in rows if row.corrected]
    raw = [row for row in rows if row.analysis == _LAST and row.primary]
    least = min(raw, key=lambda row: row.false / row.studies)
    worst = max(mine, key=lambda row: row.false / row.studies)
    words = [
        f"Raw, at the last checkpoint and by the judge that the study relies on, at least {share(least.false, least.studies)} "
        f"of the studies of a world make a false claim (the fewest in `{least.world}`).",
        f"Corrected at the goal at most {share(worst.false, worst.studies)} do, whatever the judge "
        f"(the most in `{worst.world}` by {worst.judge}).",
    ]
    looked = [row for row in mine if row.found is not None]
    if looked:
        least = min(looked, key=lambda row: (row.found or 0) / row.studies)
        words.append(
            f"It finds the planted effect in at least {share(least.found, least.studies)} "
            f"(the fewest in `{least.world}` by {least.judge})."
        )
    return " ".join(words)


def page(rows: Sequence[Row], plans: Sequence[WorldPlan], *, made: str) -> str:
    """The whole page docs/worlds.md."""
    first, rest = [row for row in rows if row.primary], [row for row in rows if not row.primary]
    parts = [
        _HEAD,
        *worlds_table(plans),
        "",
        _COUNTED.format(made=made),
        summary(rows),
        "",
        *claims_table(first),
        "",
        _OTHERS,
        *claims_table(rest),
        "",
        _HELD,
        *coverage_table(rows),
        "",
        _LIMITS,
    ]
    return "\n".join(parts)


_HEAD = f"""# Planted worlds

A comparison of fine-tuned checkpoints can be trusted only where it was seen to find what is there and nothing else. A planted
world is a study whose truth is known: methods with five checkpoints each, capability that rises, judges and people with known
error rates. Everything in it says that it is simulated.

```console
$ judgeaudit simulate --world hidden-effect --out world --prompts 60
SIMULATED world hidden-effect in world: 960 outputs of 16 checkpoints, 40 of each labelled by 3 planted people, 4 planted judges
$ judgeaudit compare world
```

`truth.json` holds the true shares of safe, unsafe and gibberish outputs of every checkpoint and benchmark, the true differences
of every two methods where they first reach the goal and at their last checkpoint, and which claim holds there. *a is more
harmful than b* holds where its unsafe share is higher and its safe share lower, so that it holds whatever gibberish is taken for.
Where gibberish takes the place of both, no claim holds.

Without other numbers 300 prompts are answered at every checkpoint, the same ones, 100 from each of three benchmarks; 200 of the
answers of each checkpoint are drawn at random and labelled by two or three people. Capability is the share right of {TASK_SIZE:,}
questions; the goal is {GOAL:.2f}, which the methods reach after two, three and four checkpoints. Outputs of one prompt are alike.
"""

_COUNTED = """## What is claimed

Each world was drawn many times, and each study compared in four ways. *Raw* takes verdicts as they are, without labels: at the last
checkpoint; at the goal; and at the goal with Holm's correction over the six contrasts. A raw claim is made where the
95% interval of a difference leaves out 0. *Corrected* is what `judgeaudit compare` puts first: at the goal, by the labels of most
people, gibberish as an outcome of its own, with Holm.

*False claims*: the share of studies that claim, of at least one of the six pairs of methods, what is not true of them at the goal.
*False where it looked*: what is not true even of the checkpoints that were looked at. *Opposite*: the very opposite is true at the
goal. *Finds the effect*: the planted one, the right way round; *finds all* that are planted. In brackets the exact 95% interval of
the simulation. {made}
"""

_OTHERS = """## With other judges

The same studies, had they relied on another judge.
"""

_HELD = """## Do the intervals hold the truth

How often a corrected 95% interval held the true unsafe share of a checkpoint, and the true difference of two methods at the goal.
"""

_LIMITS = """## What this does not show

- Labels are a random sample of each checkpoint's outputs, and people err rarely and alone. Where labels were chosen otherwise, or most
  people make the same mistake, the correction follows them.
- Differences at the goal are held against the true first checkpoint at the goal. Scores are measured without a common error; another
  draw of the task's questions would move all checkpoints together.
- The four worlds are made so that verdicts mislead, and their figures are theirs: they say nothing of how often that happens, and with
  fewer labels, rarer harm or smaller effects less is found.
"""
