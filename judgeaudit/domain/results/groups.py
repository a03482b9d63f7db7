"""What no pair tells: judges as a group, and the strata of a column together."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Literal

from judgeaudit.domain.results.estimates import EstimateRecord, OmnibusRecord
from judgeaudit.domain.results.plain import WHERE_KNOWN


@dataclass(frozen=True, slots=True, kw_only=True)
class JudgesTogether:
    """All judges that are neither baseline nor panel, or the members of `panels`, on the items that all were asked."""

    kind: Literal["judges"] = "judges"
    question: str
    stratum: str
    judges: list[str]
    n_items: int
    n_clusters: int
    equally_right: OmnibusRecord | None = field(default=None, metadata=WHERE_KNOWN)
    error_correlation: EstimateRecord
    effective_judges: EstimateRecord
    all_agree: EstimateRecord
    right_where_all_agree: EstimateRecord
    panels: list[str] = field(default_factory=list, metadata=WHERE_KNOWN)


@dataclass(frozen=True, slots=True, kw_only=True)
class StratumRow:
    """A stratum among others: its value, its simultaneous lower bound, and the value in the light of the others."""

    stratum: str
    n_items: int
    value: float | None
    undefined: str | None
    bound: float | None = field(default=None, metadata=WHERE_KNOWN)
    shrunken: float | None = field(default=None, metadata=WHERE_KNOWN)
    shrunken_low: float | None = field(default=None, metadata=WHERE_KNOWN)
    shrunken_high: float | None = field(default=None, metadata=WHERE_KNOWN)


@dataclass(frozen=True, slots=True, kw_only=True)
class WorstStratum:
    """The stratum with the lowest value, and the lowest of all bounds."""

    stratum: str
    value: float
    bound: float
    least_bound: float
    least_stratum: str


@dataclass(frozen=True, slots=True, kw_only=True)
class StrataTogether:
    """The strata of one column for one judge and statistic: whether all are alike, and the worst.

    i_squared, between, scale, mean  share of the spread that is no chance; its standard deviation on the scale; the mean
    odds_ratios                      Breslow and Day's test with Tarone's correction
    """

    kind: Literal["strata"] = "strata"
    question: str
    subject: str
    column: str
    statistic: str
    level: float
    strata: list[StratumRow]
    undefined: str | None
    test: str = field(default="", metadata=WHERE_KNOWN)
    q: float | None = None
    df: float | None = None
    p_value: float | None = None
    i_squared: float | None = field(default=None, metadata=WHERE_KNOWN)
    between: float | None = field(default=None, metadata=WHERE_KNOWN)
    scale: str = field(default="", metadata=WHERE_KNOWN)
    mean: float | None = field(default=None, metadata=WHERE_KNOWN)
    worst: WorstStratum | None = field(default=None, metadata=WHERE_KNOWN)
    odds_ratios: OmnibusRecord | None = field(default=None, metadata=WHERE_KNOWN)


Together = JudgesTogether | StrataTogether
