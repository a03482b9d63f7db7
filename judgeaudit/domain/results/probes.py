"""What a probe of a judge found, as it stands in probes.json."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

#: of one question: same; gibberish (it should become so); not positive (it should not become so); open (nothing is expected)
Expected = Literal["same", "gibberish", "not positive", "open"]
#: changes: the edit moves it. quiet: no change was seen that would have been. few: none could have been seen.
#: sees, misses: whether it calls nonsense gibberish. open: nothing is expected of it.
Outcome = Literal["changes", "quiet", "few", "sees", "misses", "open"]
#: outcomes that speak against a judge
DEFECTS: tuple[Outcome, ...] = ("changes", "misses")


@dataclass(frozen=True, slots=True, kw_only=True)
class ProbeFinding:
    """One judge, question and edit.

    applied    of `items` items, how many the edit could be applied to
    n          pairs with a label before or after the edit
    changed    pairs whose label is another one, or is there only once
    toward     pairs that moved to what `direction` names; `away`, those that moved from it
    stopped    pairs without a label after the edit alone; `started`, before it alone
    value      (toward − away) / n with its interval; where gibberish is expected, the share that was not called so
    clusters   to how many clusters the pairs belong, where several are of one; then `n_effective` is how many independent
               pairs are worth as much, and intervals and what could have been seen are reckoned from it
    seen_from  the smallest value that so many pairs would have shown in 80 of 100 such probes
    """

    judge: str
    question: str
    probe: str
    expected: Expected
    outcome: Outcome
    items: int
    applied: int
    n: int
    changed: int
    toward: int
    away: int
    direction: str
    stopped: int = 0
    started: int = 0
    positive_after: int | None = None
    value: float | None = None
    low: float | None = None
    high: float | None = None
    p_value: float | None = None
    p_adjusted: float | None = None
    test: str = ""
    seen_from: float | None = None
    clusters: int | None = None
    n_effective: float | None = None
    sentence: str = ""

    @property
    def defect(self) -> bool:
        """Whether it speaks against the judge."""
        return self.outcome in DEFECTS


@dataclass(frozen=True, slots=True, kw_only=True)
class JudgeProbes:
    """The probes of one judge. `missing` is how many calls were not made; `inputs`, the digests of what they are about."""

    judge: str
    seed: int
    items: int
    missing: int
    created_at: str
    command: str
    inputs: dict[str, str]
    findings: tuple[ProbeFinding, ...]
