"""Results: findings, contrasts, curves and decisions, as they stand in audit.json."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any, Literal

from judgeaudit.domain.policy import Policy
from judgeaudit.domain.results.comparison import ComparisonResult
from judgeaudit.domain.results.estimates import Spread
from judgeaudit.domain.results.groups import Together
from judgeaudit.domain.results.judges import Recalibration, Selective, Service, Silence
from judgeaudit.domain.results.people import ReferenceRule, Replacement
from judgeaudit.domain.results.plain import WHERE_KNOWN, plain_of
from judgeaudit.domain.results.probes import JudgeProbes
from judgeaudit.domain.results.questions import (
    Counts,
    Disagreement,
    Flow,
    Headline,
    InputRecord,
    Marks,
    QuestionRecord,
    StratumRecord,
    Treatment,
)
from judgeaudit.domain.results.raters import RaterRecord
from judgeaudit.domain.results.rates import RateRecord

Decided = Literal["certified", "restricted", "rejected", "undetermined"]
LABEL_SOURCES = ("people", "models", "construction", "simulation")


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """One estimate about one rater. Either `value` is a number, or `undefined` is the reason code why there is none.

    `k` and `n` are numerator and denominator where the statistic is a share of items that were counted one by one.
    `spread` is what bounds at another level are made from.
    """

    question: str
    stratum: str
    subject: str
    versus: str
    statistic: str
    value: float | None
    low: float | None = None
    high: float | None = None
    n_items: int = 0
    n_clusters: int = 0
    design_effect: float | None = None
    method: str = ""
    undefined: str | None = None
    k: float | None = None
    n: float | None = None
    spread: Spread | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Contrast:
    """The difference a − b of one statistic between two judges, strata or runs; kind "dose": along a line over all doses.

    Of two judges: `n_items` that both were asked, `p_exact` where the test has an exact form, and `p_discovery` for screening.
    """

    question: str
    kind: Literal["judges", "strata", "runs", "dose"]
    a: str
    b: str
    stratum: str
    statistic: str
    value: float | None
    low: float | None = None
    high: float | None = None
    p_value: float | None = None
    p_adjusted: float | None = None
    test: str = ""
    undefined: str | None = None
    subject: str = ""
    spread: Spread | None = None
    n_items: int | None = field(default=None, metadata=WHERE_KNOWN)
    p_exact: float | None = field(default=None, metadata=WHERE_KNOWN)
    p_discovery: float | None = field(default=None, metadata=WHERE_KNOWN)


@dataclass(frozen=True, slots=True, kw_only=True)
class Curve:
    """A line with points; every list has one entry per point. `statistic` and `names` of the points: of dose_response and by_kind;
    the band in which a calibrated judge would lie: of reliability alone."""

    question: str
    kind: Literal["reliability", "roc", "risk_coverage", "dose_response", "by_kind"]
    subject: str
    stratum: str
    x: list[float]
    y: list[float]
    low: list[float | None]
    high: list[float | None]
    n: list[int]
    statistic: str = field(default="", metadata=WHERE_KNOWN)
    names: list[str] = field(default_factory=list, metadata=WHERE_KNOWN)
    band_low: list[float] = field(default_factory=list, metadata=WHERE_KNOWN)
    band_high: list[float] = field(default_factory=list, metadata=WHERE_KNOWN)


@dataclass(frozen=True, slots=True, kw_only=True)
class Confusion:
    """Counts of reference label (row) by verdict (column); the last column is "no answer"."""

    question: str
    stratum: str
    judge: str
    labels: list[str]
    counts: list[list[float]]
    n_items: int
    exchangeable: bool
    #: "row,column" -> a few item ids of that cell, contested ones first
    cells: dict[str, list[str]] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class Requirement:
    """One line of a policy held against one stratum. `met` is None where the labels cannot tell."""

    statistic: str
    stratum: str
    bound: float | None
    met: bool | None
    at_least: float | None = None
    at_most: float | None = None
    value: float | None = None
    fails: bool = False
    subject: str = ""
    k: float | None = None
    n: float | None = None
    p_value: float | None = None
    lower: float | None = None
    upper: float | None = None
    labels_missing: int | None = None
    undefined: str | None = None
    contrast: str | None = None
    level: float = 0.95
    method: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class StratumDecision:
    """What is known of one judge in one stratum: open (it may be used there), closed, or undetermined."""

    stratum: str
    state: Literal["open", "closed", "undetermined"]
    code: str | None
    reason: str
    labels_missing: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Fragility:
    """The smallest change that would turn a decision: `changes` items moved from one cell to another."""

    changes: int | None
    sentence: str
    stratum: str | None = None
    statistic: str | None = None
    what: Literal["verdicts", "labels"] | None = None
    items: list[str] = field(default_factory=list)


@dataclass(frozen=True, slots=True, kw_only=True)
class Decision:
    """Whether one judge (None: the people alone) may be used for one question, where, and why."""

    question: str
    judge: str | None
    decision: Decided
    scope: list[str]
    excluded: list[str]
    requirements: list[Requirement]
    code: str | None
    reason: str
    strata: list[StratumDecision] = field(default_factory=list)
    corrected_rates: bool = False
    baseline: bool = False
    required: bool = True
    labels_missing: int | None = None
    fragility: Fragility | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class PolicyRecord(Policy):
    """The policy that an audit was decided under, with its rules in words, and what it passes over."""

    sentences: list[str] = field(default_factory=list)
    warnings: list[str] = field(default_factory=list, metadata=WHERE_KNOWN)


@dataclass(frozen=True, slots=True, kw_only=True)
class AuditResult:
    """Everything that one audit found; `as_dict` is audit.json.

    disagreements    the first fifty of each judge
    options          as given to the audit
    raters           of questions whose annotations tell times, repeats or known answers
    silence          of studies: what came back from each judge in each stratum, and why there is no label
    services         of judges whose models, tokens, US$ or seconds are known
    recalibrations   of judges with probabilities: the map that makes them better
    selective        the same: from which confidence on its verdicts are wrong at most so often
    rates            where some judged rows have no label: their design, and what was checked
    replacement      each judge in the alternative annotator test
    reference_rules  what would be decided if the reference were made by another rule
    comparisons      what no pair of judges or strata tells
    headline         which finding stands first, where outputs that are no language are told apart
    marks            digests of items, texts and labels, and codes item by item where they are few
    probes, comparison  what a report shows beside the audit; audit.json has none
    """

    schema: Literal[1] = 1
    judgeaudit: str
    created_at: str
    command: str
    seed: int
    level: float
    inputs: dict[str, InputRecord]
    counts: Counts
    label_source: str
    findings: list[Finding]
    contrasts: list[Contrast]
    curves: list[Curve]
    decisions: list[Decision]
    confusions: list[Confusion] = field(default_factory=list)
    questions: list[QuestionRecord] = field(default_factory=list)
    strata: dict[str, StratumRecord] = field(default_factory=dict)
    treatments: list[Treatment] = field(default_factory=list)
    flow: list[Flow] = field(default_factory=list)
    disagreements: list[Disagreement] = field(default_factory=list)
    warnings: list[str] = field(default_factory=list)
    options: dict[str, Any] = field(default_factory=dict)
    policy: PolicyRecord = field(default_factory=PolicyRecord)
    versions: dict[str, str] = field(default_factory=dict)
    #: statistic -> which of two equal implementations gave its point values: an installed package, or "judgeaudit"
    engines: dict[str, str] = field(default_factory=dict, metadata=WHERE_KNOWN)
    name: str = ""
    raters: list[RaterRecord] = field(default_factory=list, metadata=WHERE_KNOWN)
    silence: list[Silence] = field(default_factory=list, metadata=WHERE_KNOWN)
    services: list[Service] = field(default_factory=list, metadata=WHERE_KNOWN)
    recalibrations: list[Recalibration] = field(default_factory=list, metadata=WHERE_KNOWN)
    selective: list[Selective] = field(default_factory=list, metadata=WHERE_KNOWN)
    rates: list[RateRecord] = field(default_factory=list, metadata=WHERE_KNOWN)
    replacement: list[Replacement] = field(default_factory=list, metadata=WHERE_KNOWN)
    reference_rules: list[ReferenceRule] = field(default_factory=list, metadata=WHERE_KNOWN)
    comparisons: list[Together] = field(default_factory=list, metadata=WHERE_KNOWN)
    probes: list[JudgeProbes] = field(default_factory=list, metadata=WHERE_KNOWN)
    comparison: ComparisonResult | None = field(default=None, metadata=WHERE_KNOWN)
    headline: Headline | None = field(default=None, metadata=WHERE_KNOWN)
    marks: list[Marks] = field(default_factory=list, metadata=WHERE_KNOWN)

    def as_dict(self) -> dict[str, Any]:
        """The record as plain lists and dicts; what not every audit has only where it is known."""
        plain: dict[str, Any] = plain_of(self)
        return plain
