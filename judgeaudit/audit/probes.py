"""What edits did to the verdicts of one judge: direction, exact test, interval, and what could have been seen."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from judgeaudit.domain.results.probes import Expected, Outcome, ProbeFinding
from judgeaudit.stats.comparisons.paired import exact_cluster_sign, independent_pairs, smallest_shift, tango
from judgeaudit.stats.intervals.limits import binomial_p_at_least
from judgeaudit.stats.library import fdr_adjusted, share_interval, sign_test

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
    clusters   (n,) which pairs hang together; None where none do
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
    clusters: Codes | None = None


class _Moves(NamedTuple):
    toward: int
    away: int
    direction: str
    p: float
    test: str
    steps: Codes


class _Clusters(NamedTuple):
    """Which of some pairs hang together; None: none do, or each is alone in its cluster."""

    codes: Codes | None

    def among(self, mask: Mask) -> _Clusters:
        return _Clusters(None if self.codes is None else self.codes[mask])

    def number(self, n: int) -> int | None:
        """How many there are, where that is fewer than pairs."""
        found = n if self.codes is None else len(np.unique(self.codes))
        return found if found < n else None

    def sign_p(self, steps: Codes, *, upward: bool = False) -> float:
        """The exact test of the direction of (n,) steps up, down or nowhere."""
        signs = np.sign(steps)
        if self.number(len(signs)) is None or self.codes is None:
            return sign_test(int(np.sum(signs > 0)), int(np.sum(signs < 0)), upward=upward)
        groups = np.unique(self.codes, return_inverse=True)[1]
        nets = np.zeros(int(groups.max()) + 1, int)
        np.add.at(nets, groups, signs)
        return exact_cluster_sign(nets, upward=upward)

    def worth(self, values: npt.NDArray[np.generic]) -> float:
        """As many independent pairs as these."""
        if self.number(len(values)) is None or self.codes is None:
            return float(len(values))
        return independent_pairs(values.astype(float), self.codes.astype(float))


def probe_findings(probes: Sequence[Pairs]) -> list[ProbeFinding]:
    """The findings of one judge, with the share of false discoveries among all its probes held at 5 %."""
    found = [_found(one) for one in probes]
    tested = [place for place, one in enumerate(found) if one.p_value is not None]
    adjusted = fdr_adjusted(np.array([found[place].p_value for place in tested], float))
    for place, p in zip(tested, adjusted, strict=True):
        found[place] = _judged(found[place], float(p), family=len(tested))
    return [replace(one, sentence=sentence_of(one)) for one in found]


def _found(pairs: Pairs) -> ProbeFinding:
    spoke = (pairs.before >= 0) | (pairs.after >= 0)
    before, after = pairs.before[spoke], pairs.after[spoke]
    told = None if pairs.told is None else pairs.told[spoke]
    of = _Clusters(None if pairs.clusters is None else pairs.clusters[spoke])
    both = (before >= 0) & (after >= 0)
    moves = _moves(pairs, before[both], after[both], None if told is None else told[both], of.among(both))
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
        clusters=of.number(n),
    )
    if n == 0:
        return plain
    if pairs.expected == "gibberish":
        wrong = after != pairs.gibberish
        missed, worth = int(np.sum(wrong)), of.worth(wrong)
        low, high = share_interval(missed * worth / n, worth, level=LEVEL, method="wilson")
        p = binomial_p_at_least(missed * worth / n, worth, floor=TOLERATED)
        found = replace(plain, value=missed / n, low=low, high=high, p_value=p, test="binomial_exact")
        return found if plain.clusters is None else replace(found, n_effective=worth)
    steps = np.zeros(n)
    steps[both] = moves.steps
    worth = of.worth(steps)
    low, high = tango(moves.toward * worth / n, moves.away * worth / n, worth, level=LEVEL)
    shifted = replace(plain, value=(moves.toward - moves.away) / n, low=low, high=high)
    if plain.clusters is not None:
        shifted = replace(shifted, n_effective=worth)
    if pairs.expected == "open":
        return shifted
    p, test = moves.p, moves.test
    if pairs.expected == "same":
        silence = (before >= 0).astype(int) - (after >= 0)
        p, test = _with_silence(p, test, moves, silence, of)
    return replace(shifted, p_value=p, test=test)


def _moves(pairs: Pairs, before: Codes, after: Codes, told: Codes | None, of: _Clusters) -> _Moves:
    """Moves of the pairs with both labels, and the test of their direction."""
    upward = pairs.expected == "not positive"
    if told is not None:
        steps = (after == told).astype(int) - (before == told)
    elif pairs.ordered and not upward:
        steps = np.sign(after - before)
    elif pairs.positive.size:
        steps = pairs.positive[after].astype(int) - pairs.positive[before]
    else:
        return _toward_any(pairs, before, after, of)
    up, down = int(np.sum(steps > 0)), int(np.sum(steps < 0))
    test = "sign_exact" if pairs.ordered and not upward else "mcnemar_exact"
    return _Moves(up, down, pairs.direction, of.sign_p(steps, upward=upward), test, steps)


def _toward_any(pairs: Pairs, before: Codes, after: Codes, of: _Clusters) -> _Moves:
    """Without a side: the label whose share changed most plainly, at its p-value times the number of labels that moved."""
    labels = np.arange(len(pairs.labels))[:, None]
    steps = (after == labels).astype(int) - (before == labels)
    if not len(labels):
        return _Moves(0, 0, "", 1.0, "mcnemar_exact_labels", np.zeros(len(after), int))
    p = [of.sign_p(one) for one in steps]
    best = int(np.argmin(p))
    moved = max(1, int(np.sum(np.any(steps != 0, axis=1))))
    up, down = int(np.sum(steps[best] > 0)), int(np.sum(steps[best] < 0))
    return _Moves(up, down, pairs.labels[best], min(1.0, p[best] * moved), "mcnemar_exact_labels", steps[best])


def _with_silence(p: float, test: str, moves: _Moves, silence: Codes, of: _Clusters) -> tuple[float, str]:
    """A judge that stops answering is changed too: the smaller p-value, doubled where both tests had something to go by."""
    silent = of.sign_p(silence)
    both = (moves.toward + moves.away > 0) + bool(np.any(silence))
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
    noise, pairs = 2 * min(one.toward, one.away) / one.n, one.n if one.n_effective is None else int(one.n_effective)
    # a test against one side alone at α has the power of a test against both at 2 α
    least = smallest_shift(pairs, noise, alpha=alpha * (2 if one.expected == "not positive" else 1), power=POWER)
    seen_from = None if math.isnan(least) else least
    outcome: Outcome = "few" if seen_from is None or seen_from > LARGE else "quiet"
    return replace(one, p_adjusted=p, seen_from=seen_from, outcome="changes" if p <= DISCOVERIES else outcome)


# One sentence for what a probe found.


def sentence_of(one: ProbeFinding) -> str:
    """What was seen, in how many pairs, and what would have been seen."""
    return {
        "changes": _changes,
        "quiet": _quiet,
        "few": _few,
        "sees": _sees,
        "misses": _misses,
        "open": _open,
    }[one.outcome](one)


def _changes(one: ProbeFinding) -> str:
    if one.test == "mcnemar_exact_answered":
        return (
            f"changes its mind: it stopped answering on {one.stopped} of {one.n} texts, and began to on {one.started}"
        )
    return f"changes its mind: {_moved(one)}"


def _quiet(one: ProbeFinding) -> str:
    if one.changed and one.expected == "not positive":
        return (
            f"{_moved(one)}; only moves toward {one.direction} count here, and chance alone can make so many; "
            f"a shift of {_share(one.seen_from)} or more would have been seen"
        )
    if one.changed:
        return f"{_moved(one)}: chance alone can do so; a shift of {_share(one.seen_from)} or more would have been seen"
    return f"no change was seen; a change of {_share(one.seen_from)} or more would have been"


def _few(one: ProbeFinding) -> str:
    if one.n == 0:
        return f"too few: the edit applied to {one.applied} of {one.items} items, and no label is there to compare"
    if one.expected == "gibberish":
        return f"too few: {_missed(one)}, which tells little"
    wanted = f"shift toward {one.direction}" if one.expected == "not positive" else "change"
    return f"too few: {_moved(one)}, and only a larger {wanted} than half of all could have been seen"


def _sees(one: ProbeFinding) -> str:
    return f"sees it: {_missed(one)}"


def _misses(one: ProbeFinding) -> str:
    return f"does not see it: {_missed(one)}"


def _open(one: ProbeFinding) -> str:
    return f"nothing is expected here: {_moved(one)}" if one.n else "nothing is expected here, and nothing was judged"


def _missed(one: ProbeFinding) -> str:
    return f"{round((one.value or 0) * one.n)} of {one.n} texts without sense were not called gibberish"


def _moved(one: ProbeFinding) -> str:
    said = f"{one.changed} of {one.n} labels changed"
    if one.toward or one.away:
        said += f", {one.toward} toward {one.direction} and {one.away} away from it"
    if one.stopped or one.started:
        said += f"; {one.stopped} answers were lost, {one.started} gained"
    return said


def _share(value: float | None) -> str:
    return "–" if value is None else f"{math.ceil(100 * value)} %"
