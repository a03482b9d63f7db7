"""How little would turn a decision: the fewest verdicts or labels that, changed, move a bound across its line."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

import numpy as np

from judgeaudit.audit.estimates import posterior_tables
from judgeaudit.domain.ratings import Floats
from judgeaudit.domain.results import Decision, Fragility, Requirement
from judgeaudit.gate.bounds import Sureness, binomial, normal, sampled, statistic_named
from judgeaudit.gate.words import name_of

if TYPE_CHECKING:
    from collections.abc import Sequence

    from judgeaudit.gate.decide import Held
    from judgeaudit.gate.requirements import Case


@dataclass(frozen=True, kw_only=True)
class Turn:
    """`changes` items of one cell (row, column) moved to another turn one requirement."""

    changes: int
    stratum: str
    requirement: Requirement
    start: tuple[int, int]
    end: tuple[int, int]

    @property
    def what(self) -> Literal["verdicts", "labels"]:
        return "verdicts" if self.start[0] == self.end[0] else "labels"


def fragility_of(case: Case, decision: Decision, held: Sequence[Held]) -> Fragility:
    """The smallest change that turns the decision of one judge, over single kinds of change; people's agreement is left as it is."""
    if decision.decision == "undetermined":
        return Fragility(changes=None, sentence="Nothing is decided, so there is nothing to turn.")
    telling = [h for h in held if decision.decision == "rejected" or h.stratum in decision.scope]
    turns = [turn for h in telling if (turn := _stratum_turn(case, h)) is not None]
    if not turns or (decision.decision == "rejected" and len(turns) < sum(h.state == "closed" for h in telling)):
        return Fragility(changes=None, sentence="No single kind of change among these items would turn it.")
    pick = max if decision.decision == "rejected" else min
    return _in_words(case, pick(turns, key=lambda t: t.changes))


def _stratum_turn(case: Case, h: Held) -> Turn | None:
    own = [r for r in h.requirements if r.subject == case.judge and r.contrast is None and r.bound is not None]
    if h.state == "open":
        turns = [t for r in own if (t := _turn(case, [r], until="unmet")) is not None]
        return min(turns, key=lambda t: t.changes, default=None)
    failing = [r for r in own if r.fails]
    if h.state != "closed" or not failing or any(r.fails and r.contrast for r in h.requirements):
        return None
    return _turn(case, failing, until="not failing")


def _turn(case: Case, lines: list[Requirement], *, until: Literal["unmet", "not failing"]) -> Turn | None:
    """The fewest moved items of one cell after which every one of `lines` is unmet, or none of them fails."""
    table = case.evidence.table(case.judge or "", lines[0].stratum)
    known = all(statistic_named(case.evidence, r.statistic) and r.statistic != "prevalence_bias" for r in lines)
    if table is None or not known:
        return None
    best: Turn | None = None
    for r in lines:
        downwards = (r.at_least is not None) == (until == "unmet")
        for start, end in _moves(case, table, r, downwards=downwards):
            most = int(table[start]) if best is None else min(int(table[start]), best.changes - 1)
            changes = _fewest(case, lines, table, (start, end), most, until)
            if changes is not None:
                best = Turn(changes=changes, stratum=r.stratum, requirement=r, start=start, end=end)
    return best


def _fewest(
    case: Case,
    lines: list[Requirement],
    table: Floats,
    move: tuple[tuple[int, int], tuple[int, int]],
    most: int,
    until: str,
) -> int | None:
    def turned(count: int) -> bool:
        return all(_turned(case, r, _moved(table, *move, count), until) for r in lines)

    if most < 1 or not turned(most):
        return None
    low, high = 1, most
    while low < high:
        middle = (low + high) // 2
        low, high = (low, middle) if turned(middle) else (middle + 1, high)
    return low


def _moves(
    case: Case, table: Floats, r: Requirement, *, downwards: bool
) -> list[tuple[tuple[int, int], tuple[int, int]]]:
    """The verdict change and the label change that move the statistic fastest, most promising first."""
    statistic = statistic_named(case.evidence, r.statistic)
    assert statistic is not None
    scheme, k = case.evidence.scheme, case.evidence.scheme.k
    before = float(statistic.value(table, scheme))
    ranked: dict[str, list[tuple[float, tuple[int, int], tuple[int, int]]]] = {"verdicts": [], "labels": []}
    for row in range(k):
        for column in range(k):
            if table[row, column] < 1:
                continue
            for other in range(k):
                ends = [("verdicts", (row, other))] if other != column else []
                ends += [("labels", (other, column))] if other != row else []
                for what, end in ends:
                    after = float(statistic.value(_moved(table, (row, column), end, 1), scheme))
                    if np.isfinite(after):
                        ranked[what].append((after - before, (row, column), end))
    out = []
    for moves in ranked.values():
        moves.sort(key=lambda m: m[0] if downwards else -m[0])
        out += [(start, end) for change, start, end in moves[:2] if (change < 0) == downwards and change != 0]
    return out


def _moved(table: Floats, start: tuple[int, int], end: tuple[int, int], count: int) -> Floats:
    out = table.copy()
    out[start] -= count
    out[end] += count
    return out


def _turned(case: Case, r: Requirement, table: Floats, until: str) -> bool:
    sure = _sureness(case, r, table)
    if sure is None:
        return False
    lower, upper = sure.lower(r.level), sure.upper(r.level)
    met = (r.at_least is None or lower >= r.at_least) and (r.at_most is None or upper <= r.at_most)
    fails = (r.at_least is not None and upper < r.at_least) or (r.at_most is not None and lower > r.at_most)
    return not met if until == "unmet" else not fails


def _sureness(case: Case, r: Requirement, table: Floats) -> Sureness | None:
    """The bounds that the changed table would have, made the way the present ones were."""
    scheme = case.evidence.scheme
    statistic = statistic_named(case.evidence, r.statistic)
    finding = case.finding(case.judge or "", r.stratum, r.statistic)
    assert statistic is not None
    if finding is None or finding.spread is None or finding.value is None:
        return None
    kind = finding.spread["kind"]
    if kind == "normal":
        shift = float(statistic.value(table, scheme)) - finding.value
        s = finding.spread
        return normal(s["center"] + shift, s["se"], s["df"], s["link"]) if np.isfinite(shift) else None
    if statistic.share is not None:
        k, n = (float(x) for x in statistic.share(table, scheme))
        return binomial(k, n) if n else None
    scale = float(finding.spread.get("scale", 1.0))
    names = (scheme.question.name, case.judge or "", "reference", r.stratum)
    draws = posterior_tables(table * scale, draws=min(case.evidence.draws, 1000), seed=case.evidence.seed, names=names)
    return sampled(statistic.value(draws, scheme))


def _in_words(case: Case, turn: Turn) -> Fragility:
    labels = [*case.about["labels"], "no answer"]
    table = case.evidence.confusions.get((case.judge or "", turn.stratum))
    items = list(table.cells.get(f"{turn.start[0]},{turn.start[1]}", [])) if table else []
    side = 1 if turn.what == "verdicts" else 0
    was, then = labels[turn.start[side]], labels[turn.end[side]]
    noun = turn.what[:-1] if turn.changes == 1 else turn.what
    examples = f" (such as {', '.join(items[:3])})" if items else ""
    sentence = (
        f"{turn.changes:,} {noun} changed from {was!r} to {then!r}{examples} would turn it, through "
        f"{name_of(turn.requirement.statistic)} in {turn.stratum}."
    )
    return Fragility(
        changes=turn.changes,
        sentence=sentence,
        stratum=turn.stratum,
        statistic=turn.requirement.statistic,
        what=turn.what,
        items=items,
    )
