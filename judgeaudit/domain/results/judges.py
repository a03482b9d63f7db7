"""What judges did: where they gave no label, what answered for them, and what their probabilities are good for."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Literal

from judgeaudit.domain.verdict import Reason

MapKind = Literal["temperature", "platt", "beta", "isotonic"]
Silent = Literal["refused", Reason, "failed"]


@dataclass(frozen=True, slots=True, kw_only=True)
class SilenceTest:
    """One kind of silence in a stratum against the judge's other items; counts are of items, the test takes one of each cluster."""

    kind: Silent
    k: int
    n: int
    elsewhere_k: int
    elsewhere_n: int
    test: str
    p_value: float
    p_adjusted: float = 1.0
    decisive: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Silence:
    """What came back from a judge in a stratum: items by status, then the parts of `unparsed`."""

    question: str
    judge: str
    stratum: str
    asked: int
    answered: int
    unparsed: int
    refused: int
    failed: int
    outside_labels: int
    malformed: int
    truncated: int
    empty: int
    unexplained: int
    against_elsewhere: list[SilenceTest]


@dataclass(frozen=True, slots=True, kw_only=True)
class ModelRecord:
    """A model that answered, with the stamps of its first and its last answer."""

    model: str
    calls: int
    first: str | None
    last: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Total:
    """A sum, and of how many calls it is known."""

    sum: float | None
    n: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Typical:
    """A median, and of how many calls it is known."""

    median: float | None
    n: int


@dataclass(frozen=True, slots=True, kw_only=True)
class ModelAgreement:
    """Agreement with the reference on the items that one of several models answered."""

    question: str
    model: str
    statistic: str
    value: float | None
    low: float | None
    high: float | None
    n_items: int
    undefined: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Service:
    """What answered for a judge, over all questions, runs and orders, and what it took."""

    judge: str
    calls: int
    models: list[ModelRecord]
    input_tokens: Total
    output_tokens: Total
    cost_usd: Total
    seconds: Typical
    agreement: list[ModelAgreement] = field(default_factory=list)


@dataclass(frozen=True, slots=True, kw_only=True)
class TriedMap:
    """A kind of map and its losses out of fold, or why it was not offered."""

    method: MapKind
    log_loss: float | None
    brier: float | None
    undefined: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Recalibration:
    """The map that makes a judge's probabilities better, as numbers; None without one, and why in `undefined`.

    of            what the probabilities are
    n, positives  labels that it was fitted on
    shown_better  the gain in Brier score lies above 0 with its whole interval
    """

    question: str
    judge: str
    of: str
    method: MapKind | None
    numbers: list[float]
    n: int
    positives: int
    folds: int
    folds_by: str
    shown_better: bool
    tried: list[TriedMap]
    undefined: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class SelectiveStratum:
    """What a threshold does in a stratum, for which nothing is promised."""

    stratum: str
    n: int
    answered: int
    errors: int
    upper: float | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Selective:
    """From which confidence on at most a share `risk` of a judge's verdicts is wrong, with confidence `level`.

    n         items that were used, `sampled` how
    answered  items at or above the threshold; `errors` how many of them are wrong, `coverage` their share of n
    upper     the bound of the risk
    """

    question: str
    judge: str
    risk: float
    level: float
    n: int
    sampled: str
    threshold: float | None = None
    answered: int | None = None
    errors: int | None = None
    coverage: float | None = None
    upper: float | None = None
    undefined: str | None = None
    strata: list[SelectiveStratum] = field(default_factory=list)
