"""A policy: what a judge must show before its verdicts may be used, for a stated purpose."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

Purpose = Literal["filter", "rate", "compare"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Require:
    """One requirement. Either `statistic` or `contrast` is named; bounds are one-sided at the policy's level.

    `strata` None means "all" and every declared stratum with at least `Policy.least_items` items. `contrast` asks that the
    statistic differ by no more than `at_most` between any two strata of each column in `between`.
    """

    statistic: str | None = None
    contrast: str | None = None
    question: str | None = None
    subject: Literal["judge", "humans"] = "judge"
    between: tuple[str, ...] = ()
    at_least: float | None = None
    at_most: float | None = None
    strata: tuple[str, ...] | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Policy:
    """What is wanted of a judge. `require` None means the default policy of the purpose."""

    purpose: Purpose = "filter"
    prevalence: float | None = None
    max_bias: float = 0.05
    level: float = 0.95
    label_source: Literal["people", "any"] = "people"
    judges: tuple[str, ...] | None = None
    require: tuple[Require, ...] | None = None
    least_items: int = 30
    source: str = "default"
