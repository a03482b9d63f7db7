"""Results: findings, contrasts, curves and decisions, as they stand in audit.json."""

from __future__ import annotations

from dataclasses import asdict, dataclass, field
from typing import Any, Literal

Decided = Literal["certified", "restricted", "rejected", "undetermined"]
_ALWAYS = ("question", "kind", "subject", "stratum", "x", "y", "low", "high", "n")
#: parts of an audit that are left out where there is nothing to tell
_WHERE_KNOWN = (
    "engines",
    "raters",
    "silence",
    "services",
    "recalibrations",
    "selective",
    "rates",
    "replacement",
    "reference_rules",
    "comparisons",
    "probes",
    "comparison",
    "headline",
    "marks",
)
_OF_JUDGES = ("n_items", "p_exact", "p_discovery")
LABEL_SOURCES = ("people", "models", "construction", "simulation")


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """One estimate about one rater. Either `value` is a number, or `undefined` is the reason code why there is none.

    `k` and `n` are numerator and denominator where the statistic is a share of items that were counted one by one.
    `spread` says how sure the value is, for bounds at another level: {"link", "center", "se", "df"} of a jackknife or
    delta interval; None where `k` and `n`, or the confusion table's posterior, say it.
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
    spread: dict[str, Any] | None = None


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
    spread: dict[str, Any] | None = None
    n_items: int | None = None
    p_exact: float | None = None
    p_discovery: float | None = None


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
    statistic: str = ""
    names: list[str] = field(default_factory=list)
    band_low: list[float] = field(default_factory=list)
    band_high: list[float] = field(default_factory=list)


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
class AuditResult:
    """Everything that one audit found; `as_dict` is audit.json."""

    judgeaudit: str
    created_at: str
    command: str
    seed: int
    level: float
    inputs: dict[str, dict[str, Any]]
    counts: dict[str, Any]
    label_source: str
    findings: list[Finding]
    contrasts: list[Contrast]
    curves: list[Curve]
    decisions: list[Decision]
    confusions: list[Confusion] = field(default_factory=list)
    questions: list[dict[str, Any]] = field(default_factory=list)
    strata: dict[str, dict[str, Any]] = field(default_factory=dict)
    treatments: list[dict[str, Any]] = field(default_factory=list)
    flow: list[dict[str, Any]] = field(default_factory=list)
    disagreements: list[dict[str, Any]] = field(default_factory=list)
    warnings: list[str] = field(default_factory=list)
    options: dict[str, Any] = field(default_factory=dict)
    policy: dict[str, Any] = field(default_factory=dict)
    versions: dict[str, str] = field(default_factory=dict)
    #: statistic -> which of two equal implementations gave its point values: an installed package, or "judgeaudit"
    engines: dict[str, str] = field(default_factory=dict)
    name: str = ""
    #: one record for each question and rater whose times, repeats or known answers are there
    raters: list[dict[str, Any]] = field(default_factory=list)
    #: one record for each question, judge and stratum of a study: what came back, and why there is no label
    silence: list[dict[str, Any]] = field(default_factory=list)
    #: one record for each judge whose models, tokens, US$ or seconds are known
    services: list[dict[str, Any]] = field(default_factory=list)
    #: one record for each question and judge with probabilities: the map that makes them better, and how much
    recalibrations: list[dict[str, Any]] = field(default_factory=list)
    #: the same: from which confidence on the judge's verdicts are wrong at most so often
    selective: list[dict[str, Any]] = field(default_factory=list)
    #: one record for each question, judge and stratum of which some judged rows have no label: their design, what was checked
    rates: list[dict[str, Any]] = field(default_factory=list)
    #: one record for each question, judge and stratum: every person beside the judge in the alternative annotator test
    replacement: list[dict[str, Any]] = field(default_factory=list)
    #: one record for each question, judge and rule: what would be decided if the reference were made by it
    reference_rules: list[dict[str, Any]] = field(default_factory=list)
    #: one record for all judges, each panel, and each judge's strata: what no pair of them tells, see `audit/comparisons.py`
    comparisons: list[dict[str, Any]] = field(default_factory=list)
    #: the records of probes.json that a report shows; an audit has none
    probes: list[dict[str, Any]] = field(default_factory=list)
    #: the comparison of checkpoints that a report shows, as compare.json holds it; an audit has none
    comparison: dict[str, Any] = field(default_factory=dict)
    #: which finding stands first, where outputs that are no language are told apart
    headline: dict[str, Any] = field(default_factory=dict)
    #: one record for each question: digests of items, texts and labels, and codes item by item where they are few
    marks: list[dict[str, Any]] = field(default_factory=list)
    schema: int = 1

    def as_dict(self) -> dict[str, Any]:
        """The record as plain lists and dicts, `schema` first; what not every audit has only where it is known."""
        plain = asdict(self)
        for name in _WHERE_KNOWN:
            if not plain[name]:
                del plain[name]
        plain["contrasts"] = [
            {key: cell for key, cell in one.items() if cell is not None or key not in _OF_JUDGES}
            for one in plain["contrasts"]
        ]
        plain["curves"] = [
            {key: cell for key, cell in one.items() if cell or key in _ALWAYS} for one in plain["curves"]
        ]
        return {"schema": plain.pop("schema"), **plain}


def result_from_dict(plain: dict[str, Any]) -> AuditResult:
    """An audit read back. Unknown keys are dropped, so that a newer minor version can still be read."""
    known = AuditResult.__dataclass_fields__
    fields = {key: value for key, value in plain.items() if key in known}
    fields["findings"] = [record_of(Finding, row) for row in plain.get("findings", [])]
    fields["contrasts"] = [record_of(Contrast, row) for row in plain.get("contrasts", [])]
    fields["curves"] = [record_of(Curve, row) for row in plain.get("curves", [])]
    fields["confusions"] = [record_of(Confusion, row) for row in plain.get("confusions", [])]
    fields["decisions"] = [_decision(row) for row in plain.get("decisions", [])]
    return AuditResult(**fields)


def _decision(row: dict[str, Any]) -> Decision:
    parts = dict(row)
    parts["requirements"] = [record_of(Requirement, one) for one in row.get("requirements", [])]
    parts["strata"] = [record_of(StratumDecision, one) for one in row.get("strata", [])]
    if row.get("fragility"):
        parts["fragility"] = record_of(Fragility, row["fragility"])
    decision: Decision = record_of(Decision, parts)
    return decision


def record_of(kind: Any, row: dict[str, Any]) -> Any:
    """A record of this kind from its keys; those that it does not know are dropped."""
    return kind(**{key: value for key, value in row.items() if key in kind.__dataclass_fields__})
