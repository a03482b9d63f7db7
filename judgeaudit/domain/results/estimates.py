"""What a number's interval is made from again, and estimates as parts of other records."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Literal

from judgeaudit.domain.results.plain import WHERE_KNOWN

VerifiedOf = Literal["rate", "bias", "sensitivity", "specificity"]
RateOf = Literal["rate", "bias"]
SpreadScale = Literal["fisher", "logit", "identity", "log", "log-gap"]


@dataclass(frozen=True, slots=True, kw_only=True)
class BinomialSpread:
    """A share k / n of items, or of as many independent ones as they are worth."""

    kind: Literal["binomial"] = "binomial"
    k: float
    n: float


@dataclass(frozen=True, slots=True, kw_only=True)
class SideRecord:
    """Several shares (L,) as (value, se, df, n), the weights of their sum, and how their errors hang together (L, L)."""

    shares: list[tuple[float, float, float, float]]
    weights: list[float]
    together: list[list[float]]


@dataclass(frozen=True, slots=True, kw_only=True)
class NormalSpread:
    """A standard error on a scale; `df` None stands for the normal distribution.

    k, n               a share whose bounds are no narrower than those of n independent items
    counts, names, of  cells of a corrected rate whose posterior's bounds they are no narrower than
    sides              shares whose difference it is, and whose own bounds together it is no surer than
    """

    kind: Literal["normal"] = "normal"
    link: SpreadScale
    center: float
    se: float
    df: float | None
    k: float | None = field(default=None, metadata=WHERE_KNOWN)
    n: float | None = field(default=None, metadata=WHERE_KNOWN)
    counts: list[float] | None = field(default=None, metadata=WHERE_KNOWN)
    names: list[str] | None = field(default=None, metadata=WHERE_KNOWN)
    of: VerifiedOf | None = field(default=None, metadata=WHERE_KNOWN)
    sides: SideRecord | None = field(default=None, metadata=WHERE_KNOWN)


@dataclass(frozen=True, slots=True, kw_only=True)
class TableSpread:
    """The posterior of a table: the judge's own one in the stratum counted `scale` times, or `table` with the seeds `names`."""

    kind: Literal["table"] = "table"
    scale: float
    table: list[list[float]] | None = field(default=None, metadata=WHERE_KNOWN)
    names: list[str] | None = field(default=None, metadata=WHERE_KNOWN)


@dataclass(frozen=True, slots=True, kw_only=True)
class VerifiedSpread:
    """The posterior of a post-stratified rate (or its bias, sensitivity, specificity) from six counts."""

    kind: Literal["poststratified"] = "poststratified"
    counts: list[float]
    names: list[str]
    of: VerifiedOf


@dataclass(frozen=True, slots=True, kw_only=True)
class CalibrationSpread:
    """Lang and Reiczigel's interval of a Rogan-Gladen rate, or of the judge's bias against it, from a calibration set."""

    kind: Literal["lang_reiczigel"] = "lang_reiczigel"
    p: float
    n: float
    sensitivity: float
    m1: float
    specificity: float
    m0: float
    df: float | None
    of: RateOf


@dataclass(frozen=True, slots=True, kw_only=True)
class PValueSpread:
    """A test statistic, which is held to its p-value."""

    kind: Literal["test"] = "test"
    p_value: float


@dataclass(frozen=True, slots=True, kw_only=True)
class NamedSpread:
    """`tested`: a count of tests that were passed. `tables`: a difference between the posteriors of two tables."""

    kind: Literal["tested", "tables"]


Spread = BinomialSpread | TableSpread | NormalSpread | NamedSpread | VerifiedSpread | CalibrationSpread | PValueSpread


@dataclass(frozen=True, slots=True, kw_only=True)
class EstimateRecord:
    """An estimate that is part of a record: a value with its interval, or the reason why there is none."""

    value: float | None
    low: float | None = None
    high: float | None = None
    n: float | None = None
    k: float | None = field(default=None, metadata=WHERE_KNOWN)
    method: str = ""
    undefined: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """A value with its interval."""

    value: float | None
    low: float | None
    high: float | None


@dataclass(frozen=True, slots=True, kw_only=True)
class CountOf:
    """k of n."""

    k: int
    n: int


@dataclass(frozen=True, slots=True, kw_only=True)
class OmnibusRecord:
    """A test that several things are alike; without a p-value the reason why."""

    test: str
    q: float | None
    df: float | None
    p_value: float | None
    undefined: str | None
