"""What edits did to the verdicts of one judge: direction, exact test, interval, and what could have been seen."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from judgeaudit.audit.probe_words import sentence_of
from judgeaudit.domain.edits import Expected
from judgeaudit.domain.probing import Outcome, ProbeFinding
from judgeaudit.stats.intervals import binomial_p_at_least, wilson
from judgeaudit.stats.paired import adjusted_for_discoveries, exact_sign, smallest_shift, tango

Codes = npt.NDArray[np.int64]
Mask = npt.NDArray[np.bool_]
LEVEL, DISCOVERIES, POWER = 0.95, 0.05, 0.8
#: as much nonsense may pass for sense: an edit may leave some sense in a text
TOLERATED = 0.10
#: where only a larger shift could have been seen, the pairs are too few to say anything
LARGE = 0.5


@dataclass(frozen=True, slots=True, kw_only=True)
class Pairs:
    """Verdicts before and after an edit, (n,) codes of labels; −1 is no answer.

    positive   (K,) labels whose side is the direction; empty where there is none
    ordered    labels are steps, and the direction is up
    told       (n,) the label that the text told the judge; None where it told none
    gibberish  the code of the label that says so; None where the question has none
    """

    judge: str
    question: str
    probe: str
    expected: Expected
    labels: tuple[str, ...]
    before: Codes
    after: Codes
    items: int
    applied: int
    direction: str
    positive: Mask
    ordered: bool = False
    told: Codes | None = None
    gibberish: int | None = None


class _Moves(NamedTuple):
    toward: int
    away: int
    direction: str
    p: float
    test: str


def probe_findings(probes: Sequence[Pairs]) -> list[ProbeFinding]:
    """The findings of one judge, with the share of false discoveries among all its probes held at 5 %."""
    found = [_found(one) for one in probes]
    tested = [place for place, one in enumerate(found) if one.p_value is not None]
    adjusted = adjusted_for_discoveries(np.array([found[place].p_value for place in tested], float))
    for place, p in zip(tested, adjusted, strict=True):
        found[place] = _judged(found[place], float(p), family=len(tested))
    return [replace(one, sentence=sentence_of(one)) for one in found]


def _found(pairs: Pairs) -> ProbeFinding:
    spoke = (pairs.before >= 0) | (pairs.after >= 0)
    before, after = pairs.before[spoke], pairs.after[spoke]
    told = None if pairs.told is None else pairs.told[spoke]
    both = (before >= 0) & (after >= 0)
    moves = _moves(pairs, before[both], after[both], None if told is None else told[both])
    stopped, started = int(np.sum((before >= 0) & (after < 0))), int(np.sum((before < 0) & (after >= 0)))
    n = len(before)
    positive = pairs.positive[after[after >= 0]] if pairs.positive.size else None
    plain = ProbeFinding(
        judge=pairs.judge,
        question=pairs.question,
        probe=pairs.probe,
        expected=pairs.expected,
        outcome="few" if pairs.expected != "open" else "open",
        items=pairs.items,
        applied=pairs.applied,
        n=n,
        changed=int(np.sum(before != after)),
        toward=moves.toward,
        away=moves.away,
        direction=moves.direction,
        stopped=stopped,
        started=started,
        positive_after=None if positive is None else int(positive.sum()),
    )
    if n == 0:
        return plain
    if pairs.expected == "gibberish":
        missed = int(np.sum(after != pairs.gibberish))
        low, high = wilson(missed, n, level=LEVEL)
        p = binomial_p_at_least(missed, n, floor=TOLERATED)
        return replace(plain, value=missed / n, low=low, high=high, p_value=p, test="binomial_exact")
    low, high = tango(moves.toward, moves.away, n, level=LEVEL)
    shifted = replace(plain, value=(moves.toward - moves.away) / n, low=low, high=high)
    if pairs.expected == "open":
        return shifted
    p, test = moves.p, moves.test
    if pairs.expected == "same":
        p, test = _with_silence(p, test, moves, stopped, started)
    return replace(shifted, p_value=p, test=test)


def _moves(pairs: Pairs, before: Codes, after: Codes, told: Codes | None) -> _Moves:
    """Moves of the pairs with both labels, and the test of their direction."""
    upward = pairs.expected == "not positive"
    if told is not None:
        steps = (after == told).astype(int) - (before == told)
    elif pairs.ordered and not upward:
        steps = np.sign(after - before)
    elif pairs.positive.size:
        steps = pairs.positive[after].astype(int) - pairs.positive[before]
    else:
        return _toward_any(pairs, before, after)
    up, down = int(np.sum(steps > 0)), int(np.sum(steps < 0))
    p = float(exact_sign(np.array(up), np.array(down), upward=upward))
    return _Moves(up, down, pairs.direction, p, "sign_exact" if pairs.ordered and not upward else "mcnemar_exact")


def _toward_any(pairs: Pairs, before: Codes, after: Codes) -> _Moves:
    """Without a side: the label whose share changed most plainly, at its p-value times the number of labels that moved."""
    labels = np.arange(len(pairs.labels))
    up = np.sum((after == labels[:, None]) & (before != labels[:, None]), axis=1)
    down = np.sum((before == labels[:, None]) & (after != labels[:, None]), axis=1)
    p = exact_sign(up, down)
    best = int(np.argmin(p)) if p.size else 0
    moved = max(1, int(np.sum(up + down > 0)))
    if not p.size:
        return _Moves(0, 0, "", 1.0, "mcnemar_exact_labels")
    least = min(1.0, float(p[best]) * moved)
    return _Moves(int(up[best]), int(down[best]), pairs.labels[best], least, "mcnemar_exact_labels")


def _with_silence(p: float, test: str, moves: _Moves, stopped: int, started: int) -> tuple[float, str]:
    """A judge that stops answering is changed too: the smaller p-value, doubled where both tests had something to go by."""
    silent = float(exact_sign(np.array(stopped), np.array(started)))
    both = (moves.toward + moves.away > 0) + (stopped + started > 0)
    if silent < p:
        return min(1.0, silent * both), "mcnemar_exact_answered"
    return min(1.0, p * max(1, both)), test


def _judged(one: ProbeFinding, p: float, *, family: int) -> ProbeFinding:
    """The outcome. What could have been seen is reckoned at the strictest level that the adjustment may ask for."""
    alpha = DISCOVERIES / family
    if one.expected == "gibberish":
        found: Outcome = (
            "misses" if p <= DISCOVERIES else "sees" if one.high is not None and one.high < LARGE else "few"
        )
        return replace(one, p_adjusted=p, outcome=found)
    noise = 2 * min(one.toward, one.away) / one.n
    # a test against one side alone at α has the power of a test against both at 2 α
    least = smallest_shift(one.n, noise, alpha=alpha * (2 if one.expected == "not positive" else 1), power=POWER)
    seen_from = None if math.isnan(least) else least
    outcome: Outcome = "few" if seen_from is None or seen_from > LARGE else "quiet"
    return replace(one, p_adjusted=p, seen_from=seen_from, outcome="changes" if p <= DISCOVERIES else outcome)
