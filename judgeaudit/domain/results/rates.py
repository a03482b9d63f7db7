"""How the rate of a judge may be corrected by labels, and what was seen against the design of the labels."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Literal

from judgeaudit.domain.results.plain import WHERE_KNOWN


@dataclass(frozen=True, slots=True, kw_only=True)
class RateSign:
    """A `judge_rate` among the labelled rows other than among the `others`. `rate_of_another`: so it is of another judge."""

    code: Literal["judge_rate", "rate_of_another"] = "judge_rate"
    labelled: float
    others: float
    p_value: float
    judge: str | None = field(default=None, metadata=WHERE_KNOWN)


@dataclass(frozen=True, slots=True, kw_only=True)
class MixSign:
    """A column is `apart` in another mix; `unseen` is the share of unlabelled rows with a value that no labelled row has."""

    code: Literal["mix"] = "mix"
    column: str
    apart: float
    unseen: float
    p_value: float


@dataclass(frozen=True, slots=True, kw_only=True)
class JudgeSign:
    """The corrected rate lies `apart` from that of another judge on the same rows."""

    code: Literal["other_judge"] = "other_judge"
    judge: str
    apart: float
    p_value: float


@dataclass(frozen=True, slots=True, kw_only=True)
class UnjudgedSign:
    """Raters could not judge a `share` of the rows that they were given."""

    code: Literal["cannot_judge"] = "cannot_judge"
    rows: int
    share: float


@dataclass(frozen=True, slots=True, kw_only=True)
class NoShareSign:
    """The corrected rate lies below 0 or above 1 with its whole interval."""

    code: Literal["no_share"] = "no_share"
    low: float
    high: float


Sign = RateSign | MixSign | JudgeSign | UnjudgedSign | NoShareSign


@dataclass(frozen=True, slots=True, kw_only=True)
class RateRecord:
    """A judge's rate in a stratum: rows that were judged, and why there is a corrected rate or none.

    design             how the labelled rows were chosen; None where nobody stated it
    without_reference  rows that went to raters and got none; of those, `cannot_judge` that a rater could not judge
    statistic          the corrected rate that stands for the others of its design
    refused, flagged   why there is no such rate; what is against it where there is one
    youden_j           of design "elsewhere", beside the rate before it was clipped (`unclipped`)
    """

    question: str
    judge: str
    stratum: str
    design: str | None
    judged: int
    labelled: int
    unlabelled: int
    without_reference: int
    cannot_judge: int
    statistic: str | None = field(default=None, metadata=WHERE_KNOWN)
    refused: str | None = None
    flagged: str | None = None
    youden_j: float | None = field(default=None, metadata=WHERE_KNOWN)
    unclipped: float | None = field(default=None, metadata=WHERE_KNOWN)
    signs: list[Sign] = field(default_factory=list)
    assumes: str = field(default="", metadata=WHERE_KNOWN)
