"""How each rater worked: agreement with the others and with themselves, time, change, and signs of clicking through."""

from __future__ import annotations

from dataclasses import dataclass, field

from judgeaudit.domain.results.estimates import CountOf, EstimateRecord
from judgeaudit.domain.results.plain import WHERE_KNOWN


@dataclass(frozen=True, slots=True, kw_only=True)
class TimeRecord:
    """Seconds an item, breaks left out; without known times `n` is 0 and `undefined` says so.

    characters         the median length of what was shown
    ratio_to_others    over the others' time on the same items
    growth_*           the power of the length that time grows with
    """

    n: int
    breaks: int = 0
    undefined: str | None = field(default=None, metadata=WHERE_KNOWN)
    median: float | None = None
    quartiles: tuple[float, float] | None = None
    characters: float | None = None
    ratio_to_others: EstimateRecord | None = None
    faster_than_reading: CountOf | None = None
    within_a_second: CountOf | None = None
    growth_with_length: EstimateRecord | None = None
    growth_of_others: EstimateRecord | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class DriftRecord:
    """The last third of the work less the first; of seconds the ratio."""

    agreement: EstimateRecord
    labels: EstimateRecord
    seconds: EstimateRecord


@dataclass(frozen=True, slots=True, kw_only=True)
class Sitting:
    """Work between two pauses of half an hour."""

    answers: int
    minutes: float
    seconds: float | None
    agreement: EstimateRecord


@dataclass(frozen=True, slots=True, kw_only=True)
class RunRecord:
    """The longest run of one label in time."""

    n: int
    label: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class SignRecord:
    """The test of a sign of clicking through."""

    p_value: float
    p_adjusted: float
    above_chance: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class RaterRecord:
    """One rater and question; counts are of items, the others are those who labelled the same ones."""

    question: str
    rater: str
    labels: int
    skipped: int
    cannot_judge: int
    elsewhere: int
    agreement: EstimateRecord
    beyond_chance: EstimateRecord
    others_beyond_chance: EstimateRecord
    self_agreement: EstimateRecord
    self_distance: float | None
    calibration: EstimateRecord
    time: TimeRecord
    drift: DriftRecord
    sittings: list[Sitting]
    longest_run: RunRecord
    tests: dict[str, SignRecord] = field(default_factory=dict)
    warnings: list[str] = field(default_factory=list)
