"""How little would turn a decision: the fewest verdicts or labels of one kind that, changed, would lead to another one."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Protocol

import numpy as np

from judgeaudit.domain.results import Decision, Fragility, Requirement
from judgeaudit.gate.bounds import statistic_named
from judgeaudit.gate.held import Held, corrected_for_choice, hold_stratum
from judgeaudit.gate.moved import Cell, Move, moved_case
from judgeaudit.gate.words import name_of

if TYPE_CHECKING:
    from judgeaudit.gate.requirements import Case

COARSE = 1000
NEAR = 40
PER_KIND = 2
#: what requirements may read of a stratum beside what they name
_ALWAYS = ("sensitivity", "specificity", "youden_j", "false_positive_rate", "false_negative_rate", "percent_agreement")


class Follows(Protocol):
    """What follows from a judge's strata."""

    @property
    def word(self) -> str: ...

    @property
    def scope(self) -> tuple[str, ...]: ...


@dataclass(frozen=True, kw_only=True)
class Search:
    """One judge's decision with what is needed to try changes on it."""

    case: Case
    decision: Decision
    held: tuple[Held, ...]
    conclude: Callable[[Sequence[Held]], Follows]

    def held_after(self, move: Move, count: int) -> list[Held]:
        """Every stratum as it would be held if `count` items had been moved; other strata stay as they are."""
        case = moved_case(self.case, move, count)
        touched = (move.stratum, "all")
        again = [hold_stratum(case, h.stratum) if h.stratum in touched else _alone(h) for h in self.held]
        return corrected_for_choice(again, case.policy.level)

    def turned(self, move: Move, count: int) -> bool:
        """Whether the decision, or the strata that it opens, would be others."""
        found = self.conclude(self.held_after(move, count))
        return (found.word, list(found.scope)) != (self.decision.decision, self.decision.scope)


def _alone(h: Held) -> Held:
    """The stratum as it stands by itself, before picking strata was counted."""
    return replace(h, state="open", code=None) if h.code == "multiplicity" else h


def fragility_of(
    case: Case, decision: Decision, held: Sequence[Held], conclude: Callable[[Sequence[Held]], Follows]
) -> Fragility:
    """The smallest change that turns the decision of one judge.

    A change moves items of one stratum from one cell (reference label, verdict) to another, and leaves each class of the stratum
    some item; people's agreement is left as it is.
    """
    if decision.decision == "undetermined":
        return Fragility(changes=None, sentence="Nothing is decided, so there is nothing to turn.")
    exact = Search(case=_narrowed(case, held), decision=decision, held=tuple(held), conclude=conclude)
    evidence = replace(exact.case.evidence, draws=min(case.evidence.draws, COARSE), cache={})
    coarse = replace(exact, case=replace(exact.case, evidence=evidence))
    best: tuple[Move, int] | None = None
    for move in _moves(exact):
        most = _at_most(exact.case, move) if best is None else min(_at_most(exact.case, move), best[1] - 1)
        fewest = _fewest(coarse, move, most, thorough=best is None)
        best = best if fewest is None else (move, fewest)
    settled = None if best is None else _settled(exact, *best)
    if best is None or settled is None:
        return Fragility(changes=None, sentence="No change of a single kind was found that would turn it.")
    return _in_words(exact, best[0], settled)


def _narrowed(case: Case, held: Sequence[Held]) -> Case:
    """The case with only the findings that its requirements read."""
    names = {*_ALWAYS, *(r.statistic for h in held for r in h.requirements)}
    findings = {key: f for key, f in case.findings.items() if key[0] in (case.judge, "humans") and key[3] in names}
    used = {r.contrast for h in held for r in h.requirements}
    contrasts = {key: c for key, c in case.contrasts.items() if key[0] in used}
    return replace(case, findings=findings, contrasts=contrasts, plan=False)


# ------------------------------------------------------------------------------------------------------------ search


def _fewest(search: Search, move: Move, most: int, *, thorough: bool) -> int | None:
    """The smallest count up to `most` that turns; found by halving, since more of one change moves a bound further."""
    if most < 1:
        return None
    high = most
    if not search.turned(move, most):
        steps = [2**i for i in range(most.bit_length()) if 2**i < most] if thorough else []
        high = next((count for count in steps if search.turned(move, count)), 0)
    low = 1
    while low < high:
        middle = (low + high) // 2
        low, high = (low, middle) if search.turned(move, middle) else (middle + 1, high)
    return high or None


def _settled(search: Search, move: Move, count: int) -> int | None:
    """The count by all draws: one that turns, while one fewer does not."""
    most = _at_most(search.case, move)
    if search.turned(move, count):
        while count > 1 and search.turned(move, count - 1):
            count -= 1
        return count
    return next((n for n in range(count + 1, min(most, count + NEAR) + 1) if search.turned(move, n)), None)


def _at_most(case: Case, move: Move) -> int:
    """Items of the cell; of a label that is changed one item at least keeps it."""
    counts = case.evidence.confusions[case.judge or "", move.stratum].counts
    here = int(counts[move.start[0]][move.start[1]])
    return here if move.what == "verdicts" else min(here, int(sum(counts[move.start[0]])) - 1)


def _moves(search: Search) -> list[Move]:
    """For every requirement that could turn, the verdict and label changes that move it fastest."""
    wanted = "closed" if search.decision.decision == "rejected" else "open"
    strata = [
        h for h in search.held if h.state == wanted and (wanted == "closed" or h.stratum in search.decision.scope)
    ]
    out: dict[Move, None] = {}
    for h in strata:
        for r in h.requirements:
            if r.subject == search.case.judge and r.bound is not None:
                for stratum in r.stratum.split(" − ") if r.contrast else [h.stratum]:
                    out.update(dict.fromkeys(_fastest(search.case, r, stratum)))
    return list(out)


def _fastest(case: Case, r: Requirement, stratum: str) -> list[Move]:
    """The moves of one stratum's items that change a statistic most per item, in both directions and of both kinds."""
    table, statistic = case.evidence.table(case.judge or "", stratum), statistic_named(case.evidence, r.statistic)
    counts = np.asarray(case.evidence.confusions[case.judge or "", stratum].counts)
    if table is None or statistic is None or counts.size == 0:
        return []
    before = float(statistic.value(table, case.evidence.scheme))
    ranked: list[tuple[float, Move]] = []
    for move in _possible(case, stratum):
        after = table.copy()
        after[move.start] -= 1
        after[move.end] += 1
        change = float(statistic.value(after, case.evidence.scheme)) - before
        if np.isfinite(change) and change != 0:
            ranked.append((change, move))
    ranked.sort(key=lambda pair: pair[0])
    out = []
    for what in ("verdicts", "labels"):
        down = [move for change, move in ranked if move.what == what and change < 0]
        up = [move for change, move in reversed(ranked) if move.what == what and change > 0]
        out += [*down[:PER_KIND], *up[:PER_KIND]]
    return out


def _possible(case: Case, stratum: str) -> list[Move]:
    """Moves from every filled cell along its row (other verdicts) and its column (other labels that occur there)."""
    counts = np.asarray(case.evidence.confusions[case.judge or "", stratum].counts)
    k = case.evidence.scheme.k
    used = [row for row in range(k) if counts[row].sum() > 0]
    out = []
    for row in used:
        for column in range(k):
            if counts[row, column] >= 1:
                ends: list[Cell] = [(row, other) for other in range(k) if other != column]
                ends += [(other, column) for other in used if other != row]
                out += [Move(stratum=stratum, start=(row, column), end=end) for end in ends]
    return out


# ------------------------------------------------------------------------------------------------------------- words


def _in_words(search: Search, move: Move, changes: int) -> Fragility:
    case = search.case
    labels = [*case.about["labels"], "no answer"]
    table = case.evidence.confusions.get((case.judge or "", move.stratum))
    items = list(table.cells.get(f"{move.start[0]},{move.start[1]}", [])) if table else []
    side = 1 if move.what == "verdicts" else 0
    was, then = labels[move.start[side]], labels[move.end[side]]
    noun = move.what[:-1] if changes == 1 else move.what
    examples = f" (such as {', '.join(items[:3])})" if items else ""
    line = _through(search, move, changes)
    through = "" if line is None else f", through {name_of(line.statistic)} in {line.stratum}"
    return Fragility(
        changes=changes,
        sentence=f"{changes:,} {noun} changed from {was!r} to {then!r}{examples} would turn it{through}.",
        stratum=move.stratum if line is None or line.contrast else line.stratum,
        statistic=None if line is None else line.statistic,
        what=move.what,
        items=items,
    )


def _through(search: Search, move: Move, changes: int) -> Requirement | None:
    """The requirement that the change carries across its line; where it only counts picked strata, the least sure one."""
    after = {h.stratum: h for h in search.held_after(move, changes)}
    for h in sorted(search.held, key=lambda h: h.stratum != move.stratum):
        then = after[h.stratum]
        if then.state == h.state or (
            search.decision.decision == "restricted" and h.stratum not in search.decision.scope
        ):
            continue
        was = {(r.statistic, r.stratum, r.subject): (r.met, r.fails) for r in h.requirements}
        crossed = [r for r in then.requirements if (r.met, r.fails) != was.get((r.statistic, r.stratum, r.subject))]
        return max(crossed or then.requirements, key=lambda r: r.p_value or 0.0)
    return None
