"""A judge beside people: whether it could replace one, and what other rules for the reference would decide."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class PersonTest:
    """A judge against one person, held to the remaining people; `difference` is person minus judge, `advantage` the judge's."""

    rater: str
    n_items: int
    difference: float
    advantage: float
    p_value: float
    p_adjusted: float = 1.0
    won: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class LabelAdvantage:
    """The judge's advantage where most of the remaining people gave one label."""

    label: str
    n_items: int
    advantage: float | None
    low: float | None
    high: float | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Replacement:
    """The alternative annotator test of a judge in a stratum."""

    question: str
    judge: str
    stratum: str
    epsilon: float
    people: list[PersonTest]
    too_few_items: list[str]
    classes: list[LabelAdvantage]


@dataclass(frozen=True, slots=True, kw_only=True)
class ReferenceRule:
    """What a rule for the reference makes of the items, and what would be decided of a judge under it."""

    question: str
    judge: str
    rule: str
    used: bool
    n_items: int
    ties: int
    same_labels: float | None
    decision: str
    scope: list[str]
    code: str | None
    statistic: str
    value: float | None
    low: float | None
    high: float | None
    undefined: str | None
