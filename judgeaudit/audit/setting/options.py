"""How an audit is to be made: everything that changes a number and is not data."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from judgeaudit.domain.errors import InputError

IntervalChoice = Literal["auto", "bca", "percentile"]
#: how a reference is made from the people's labels; every other word names a column or a rater
REFERENCE_RULES = ("majority", "each", "dawid-skene")


@dataclass(frozen=True, slots=True, kw_only=True)
class AuditOptions:
    """Options of one audit. `unanswered` is "counted", "left-out" or "as:LABEL"; `reference` a rule, or "column"."""

    level: float = 0.95
    interval: IntervalChoice = "auto"
    replicates: int = 2000
    seed: int = 1
    reference: str = "majority"
    unanswered: str = "counted"
    all_pairs: bool = False
    prevalence: float | None = None
    max_risk: float = 0.10
    #: by how much a judge may be worse than a person and still replace one: 0.2 beside experts, 0.15 skilled people, 0.1 a crowd
    alt_test_epsilon: float = 0.2

    def __post_init__(self) -> None:
        if not 0.5 <= self.level < 1:
            msg = f"level {self.level} is not between 0.5 and 1 (0.95 means 95% intervals)"
            raise InputError(msg)
        if self.interval not in ("auto", "bca", "percentile"):
            msg = f"no interval {self.interval!r}; choose auto, bca or percentile"
            raise InputError(msg)
        if not 200 <= self.replicates <= 200_000:
            msg = f"replicates {self.replicates} is not between 200 and 200,000"
            raise InputError(msg)
        if self.seed < 0:
            msg = f"seed {self.seed} is negative; take 0 or more"
            raise InputError(msg)
        if not 0 < self.max_risk < 1:
            msg = f"max_risk {self.max_risk} is not between 0 and 1 (0.1 means that at most a tenth of the kept verdicts is wrong)"
            raise InputError(msg)
        if not 0 <= self.alt_test_epsilon < 1:
            msg = f"--alt-test-epsilon {self.alt_test_epsilon:g} is not between 0 and 1 (0.2 beside experts, 0.1 beside a crowd)"
            raise InputError(msg)
        if self.unanswered not in ("counted", "left-out") and not self.unanswered.startswith("as:"):
            msg = f"--unanswered {self.unanswered!r} is none of counted, left-out, as:LABEL"
            raise InputError(msg)

    @property
    def draws(self) -> int:
        """Draws from a posterior: twice the replicates of a bootstrap, since its tails are all that is used."""
        return 2 * self.replicates
