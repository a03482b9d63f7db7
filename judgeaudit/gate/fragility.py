"""How little would turn a decision: the fewest verdicts or labels of one kind that, changed, would lead to another one."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Literal, Protocol

import numpy as np

from judgeaudit.audit.setting.pair_statistics import PairStatistic
from judgeaudit.domain.catalogue.statistics import entry_of, phrase_of
from judgeaudit.domain.ratings import Floats
from judgeaudit.domain.results.audit import Confusion, Contrast, Decision, Finding, Fragility, Requirement
from judgeaudit.domain.results.estimates import BinomialSpread, NormalSpread, TableSpread
from judgeaudit.gate.requirements.bounds import Evidence, statistic_named
from judgeaudit.gate.requirements.check import Case
from judgeaudit.gate.requirements.strata import Held, corrected_for_choice, hold_stratum

if TYPE_CHECKING:
    from judgeaudit.gate.requirements.check import Case


# A case as it would be if items of one kind had been judged, or labelled, otherwise.


Cell = tuple[int, int]


@dataclass(frozen=True, slots=True, kw_only=True)
class Move:
    """Items of one stratum that lie in one cell (reference label, verdict) and would lie in another."""

    stratum: str
    start: Cell
    end: Cell

    @property
    def what(self) -> Literal["verdicts", "labels"]:
        return "verdicts" if self.start[0] == self.end[0] else "labels"


def moved_case(case: Case, move: Move, count: int) -> Case:
    """The case with `count` items moved, in their stratum and in all: tables, values and bounds as an audit would make them.

    Bounds from clusters keep their standard error, and people's agreement stays as it is.
    """
    judge = case.judge or ""
    confusions = dict(case.evidence.confusions)
    for stratum in {move.stratum, "all"}:
        confusions[judge, stratum] = _moved(confusions[judge, stratum], move, count)
    cache = {key: draws for key, draws in case.evidence.cache.items() if key[1] not in (move.stratum, "all")}
    evidence = replace(case.evidence, confusions=confusions, cache=cache)
    findings = {
        key: _finding(f, evidence) if key[:2] == (judge, "reference") and key[2] in (move.stratum, "all") else f
        for key, f in case.findings.items()
    }
    contrasts = {key: _contrast(c, evidence, move.stratum) for key, c in case.contrasts.items()}
    return replace(case, evidence=evidence, findings=findings, contrasts=contrasts)


def _moved(confusion: Confusion, move: Move, count: int) -> Confusion:
    counts = [list(row) for row in confusion.counts]
    counts[move.start[0]][move.start[1]] -= count
    counts[move.end[0]][move.end[1]] += count
    return replace(confusion, counts=counts)


def _finding(finding: Finding, evidence: Evidence) -> Finding:
    statistic = statistic_named(evidence, finding.statistic)
    table = evidence.table(finding.subject, finding.stratum)
    if statistic is None or table is None or statistic.name == "coverage":
        return finding
    value = float(statistic.value(table, evidence.scheme))
    if not np.isfinite(value) or (statistic.one_class and np.count_nonzero(table.sum(1)) == 1):
        return replace(finding, value=None, spread=None, k=None, n=None, undefined="one_class_human")
    spread = finding.spread
    if isinstance(spread, NormalSpread) and finding.value is not None:
        k = None if spread.n is None else value * spread.n
        moved = replace(spread, center=spread.center + value - finding.value, k=k)
        return replace(finding, value=value, spread=moved)
    return _counted(finding, statistic, table, value, evidence)


def _counted(finding: Finding, statistic: PairStatistic, table: Floats, value: float, evidence: Evidence) -> Finding:
    spread = finding.spread
    if statistic.share is None:
        scale = spread.scale if isinstance(spread, TableSpread) else 1.0
        return replace(finding, value=value, spread=TableSpread(scale=scale), undefined=None)
    k, n = (float(x) for x in statistic.share(table, evidence.scheme))
    # a share of clusters that do not vary is counted in clusters, not in items
    times = spread.n / finding.n if isinstance(spread, BinomialSpread) and finding.n else 1.0
    counted = BinomialSpread(k=k * times, n=n * times)
    return replace(finding, value=value, spread=counted, k=k, n=n, undefined=None)


def _contrast(contrast: Contrast, evidence: Evidence, stratum: str) -> Contrast:
    statistic = statistic_named(evidence, contrast.statistic)
    tables = [evidence.table(contrast.subject, s) for s in (contrast.a, contrast.b)]
    if stratum not in (contrast.a, contrast.b) or contrast.value is None or statistic is None:
        return contrast
    a, b = (np.nan if t is None else float(statistic.value(t, evidence.scheme)) for t in tables)
    if not np.isfinite(a - b):
        return replace(contrast, value=None, spread=None, undefined="one_class_human")
    spread = contrast.spread
    if isinstance(spread, NormalSpread):
        sides = spread.sides
        if sides is not None:
            shares = [(to, se, df, n) for to, (_, se, df, n) in zip((a, b), sides.shares, strict=True)]
            sides = replace(sides, shares=shares)
        spread = replace(spread, center=spread.center + (a - b) - contrast.value, sides=sides)
    return replace(contrast, value=a - b, spread=spread)


COARSE = 1000
NEAR = 40
PER_KIND = 2
MANY_LABELS = 5
CELLS_AT_ONCE = 500_000
WEIGHTED = (
    "Items differ in weight, so how many changed ones would turn it hangs on which they are, and no number is told."
)
#: what requirements may read of a stratum beside what they name
_ALWAYS = ("sensitivity", "specificity", "youden_j", "false_positive_rate", "false_negative_rate", "percent_agreement")


class Follows(Protocol):
    """What follows from a judge's strata."""

    @property
    def word(self) -> str: ...

    @property
    def scope(self) -> tuple[str, ...]: ...


Conclude = Callable[["Case", Sequence[Held]], Follows]


@dataclass(frozen=True, kw_only=True)
class Search:
    """One judge's decision with what is needed to try changes on it."""

    case: Case
    decision: Decision
    held: tuple[Held, ...]
    conclude: Conclude

    def held_after(self, case: Case, move: Move) -> list[Held]:
        """Every stratum as it would be held in the case after a move; strata that the move does not touch stay as they are."""
        touched = (move.stratum, "all")
        again = [hold_stratum(case, h.stratum) if h.stratum in touched else _alone(h) for h in self.held]
        return corrected_for_choice(again, case.policy.level)

    def turned(self, move: Move, count: int) -> bool:
        """Whether the decision, or the strata that it opens, would be others."""
        case = moved_case(self.case, move, count)
        found = self.conclude(case, self.held_after(case, move))
        return (found.word, list(found.scope)) != (self.decision.decision, self.decision.scope)


def _alone(h: Held) -> Held:
    """The stratum as it stands by itself, before picking strata was counted."""
    return replace(h, state="open", code=None) if h.code == "multiplicity" else h


def fragility_of(case: Case, decision: Decision, held: Sequence[Held], conclude: Conclude) -> Fragility:
    """The smallest change that turns the decision of one judge.

    A change moves items of one stratum from one cell (reference label, verdict) to another, and leaves each class of the stratum
    some item; people's agreement is left as it is.
    """
    if decision.decision == "undetermined":
        return Fragility(changes=None, sentence="Nothing is decided, so there is nothing to turn.")
    if _rests_on_correction(case, decision, held):
        return Fragility(
            changes=None,
            sentence="How few changes would turn it is not told: it rests on a corrected rate, which is not made anew for changed items.",
        )
    if case.about.weighted:
        return Fragility(changes=None, sentence=WEIGHTED)
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


def _rests_on_correction(case: Case, decision: Decision, held: Sequence[Held]) -> bool:
    """Whether changed items could turn the decision through a corrected rate, by a requirement or by its fitness for use."""
    if any(entry_of(r.statistic).needs == "label design" for h in held for r in h.requirements):
        return True
    record = case.rate_record("all")
    by_default = case.policy.purpose == "rate" and case.policy.require is None
    if not by_default or record is None or record.refused in ("no_unlabelled", "no_design"):
        return False
    return decision.decision == "rejected" or (decision.corrected_rates and not decision.scope)


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
    out: dict[Move, None] = {}
    for h in search.held:
        if not _could_turn(h, search.decision):
            continue
        for r in h.requirements:
            if r.subject == search.case.judge and r.bound is not None:
                for stratum in _compared(search.case, r) if r.contrast else [h.stratum]:
                    out.update(dict.fromkeys(_fastest(search.case, r, stratum)))
    return list(out)


def _could_turn(h: Held, decision: Decision) -> bool:
    """Closed strata where they reject; open ones where they are the scope; all of them where only corrected rates are left."""
    if decision.decision == "rejected":
        return h.state == "closed"
    return h.stratum in decision.scope or not decision.scope


def _compared(case: Case, r: Requirement) -> list[str]:
    pairs = [(a, b) for _, a, b in case.contrasts if f"{a} − {b}" == r.stratum]
    return list(pairs[0]) if pairs else []


def _fastest(case: Case, r: Requirement, stratum: str) -> list[Move]:
    """The moves of one stratum's items that change a statistic most per item, in both directions and of both kinds."""
    table, statistic = case.evidence.table(case.judge or "", stratum), statistic_named(case.evidence, r.statistic)
    counts = np.asarray(case.evidence.confusions[case.judge or "", stratum].counts)
    if table is None or statistic is None or counts.size == 0:
        return []
    moves = _possible(case, stratum)
    before = float(statistic.value(table, case.evidence.scheme))
    changes = _changes(table, moves, lambda t: statistic.value(t, case.evidence.scheme)) - before
    order = [int(n) for n in np.argsort(changes, kind="stable") if np.isfinite(changes[n])]
    out = []
    for what in ("verdicts", "labels"):
        down = [moves[n] for n in order if moves[n].what == what and changes[n] < 0]
        up = [moves[n] for n in reversed(order) if moves[n].what == what and changes[n] > 0]
        out += [*down[:PER_KIND], *up[:PER_KIND]]
    return out


def _changes(table: Floats, moves: list[Move], value: Callable[[Floats], Floats]) -> Floats:
    """The statistic after one item of each move, (M,), from stacks of tables that fit into memory."""
    size = max(1, CELLS_AT_ONCE // table.size)
    out = []
    for first in range(0, len(moves), size):
        part = moves[first : first + size]
        tables = np.repeat(table[None], len(part), axis=0)
        for n, move in enumerate(part):
            tables[(n, *move.start)] -= 1
            tables[(n, *move.end)] += 1
        out.append(value(tables))
    return np.concatenate(out) if out else np.zeros(0)


def _possible(case: Case, stratum: str) -> list[Move]:
    """Moves from every filled cell to the others that one item could lie in."""
    counts = np.asarray(case.evidence.confusions[case.judge or "", stratum].counts)
    k = case.evidence.scheme.k
    used = [row for row in range(k) if counts[row].sum() > 0]
    filled = [(row, column) for row in used for column in range(k) if counts[row, column] >= 1]
    return [Move(stratum=stratum, start=start, end=end) for start in filled for end in _ends(start, k, used)]


def _ends(start: Cell, k: int, used: Sequence[int]) -> list[Cell]:
    """The cells along a cell's row (other verdicts) and its column (other labels that occur).

    With many labels only those that make a right verdict wrong or a wrong one right.
    """
    row, column = start
    verdicts = [(row, other) for other in range(k) if other != column]
    labels = [(other, column) for other in used if other != row]
    if k > MANY_LABELS and row != column:
        return [end for end in (*verdicts, *labels) if end[0] == end[1]]
    return [*verdicts, *labels]


# ------------------------------------------------------------------------------------------------------------- words


def _in_words(search: Search, move: Move, changes: int) -> Fragility:
    case = search.case
    labels = [*case.about.labels, "no answer"]
    table = case.evidence.confusions.get((case.judge or "", move.stratum))
    items = list(table.cells.get(f"{move.start[0]},{move.start[1]}", [])) if table else []
    side = 1 if move.what == "verdicts" else 0
    was, then = labels[move.start[side]], labels[move.end[side]]
    noun = move.what[:-1] if changes == 1 else move.what
    examples = f" (such as {', '.join(items[:3])})" if items else ""
    line = _through(search, move, changes)
    through = "" if line is None else f", through {phrase_of(line.statistic)} in {line.stratum}"
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
    after = {h.stratum: h for h in search.held_after(moved_case(search.case, move, changes), move)}
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
