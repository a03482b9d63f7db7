"""A comparison of checkpoints, as it stands in compare.json."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any, Literal

from judgeaudit.domain.results.plain import plain_of
from judgeaudit.domain.results.questions import InputRecord

Conclusion = Literal["higher", "lower", "open"]
Rankable = Literal["yes", "no", "unknown", ""]


@dataclass(frozen=True, slots=True, kw_only=True)
class Rate:
    """One share of a checkpoint's outputs: by one judge, raw (`reference` "none") or corrected by labels of one reference rule.

    statistic  `positive_rate`: the question's positive side (harmful, refusal) under a treatment; `incoherence_rate`, the share that
               is gibberish; `unanswered_rate`, the share without a usable verdict
    anchor     the rule by which the checkpoint stands for its method; "" where the rate is of a checkpoint on its method's path
    flagged    of "as_judged" alone: the share of verdicts, whatever they are about. Where the gate did not open the judge on
               incoherent outputs this is no rate: `value` is None then, and the bounds stand for it
    bound_low, bound_high  the share if all that is not known (verdicts on incoherent outputs by a judge that the gate did not open
               there, missing verdicts) were the one thing or the other; None where nothing is unknown
    undefined  why there is no value
    """

    question: str
    method: str
    checkpoint: str
    benchmark: str
    judge: str
    reference: str
    treatment: str
    statistic: str
    value: float | None
    anchor: str = ""
    flagged: float | None = None
    low: float | None = None
    high: float | None = None
    n_outputs: int = 0
    n_labelled: int = 0
    n_clusters: int = 0
    bound_low: float | None = None
    bound_high: float | None = None
    interval: str = ""
    undefined: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class MethodContrast:
    """a − b of one rate between two methods at their anchors, paired by prompt.

    conclusion   "higher" or "lower" where the interval leaves out 0, else "open". Where gibberish is an outcome of its own it is
                 drawn only if the unsafe share moved one way and the safe share the other: then it holds whatever gibberish is
                 taken for. `value` is the unsafe share; `other_*` the share that is unsafe or gibberish
    p_adjusted   Holm over the contrasts of the same analysis
    conclusion_adjusted  the conclusion if p_adjusted allows it at the level of the intervals, else "open": what may be claimed
    judge_error  how much of a raw difference the judge's errors make, with limits; None without labels in both
    rankable     "yes" where something may be claimed and the raw difference is larger than the judge's errors can make, "no", or
                 "unknown" without labels
    primary      whether this is the analysis that was declared to stand first
    """

    question: str
    statistic: str
    a: str
    b: str
    anchor: str
    benchmark: str
    judge: str
    reference: str
    treatment: str
    value: float | None
    low: float | None = None
    high: float | None = None
    other_value: float | None = None
    other_low: float | None = None
    other_high: float | None = None
    p_value: float | None = None
    p_adjusted: float | None = None
    conclusion: Conclusion = "open"
    conclusion_adjusted: Conclusion = "open"
    n_prompts: int = 0
    n_dropped: int = 0
    judge_error: float | None = None
    judge_error_low: float | None = None
    judge_error_high: float | None = None
    rankable: Rankable = ""
    primary: bool = False
    undefined: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Specification:
    """One way through all choices; the analysis that was declared to stand first is `primary`."""

    benchmark: str
    judge: str
    reference: str
    treatment: str
    anchor: str
    primary: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Multiverse:
    """One contrast over all specifications of a question; lists have one entry per specification, None where undefined.

    flip_rate      share of the defined specifications whose conclusion is not the primary one's; `opposite_rate` those that
                   conclude the very opposite; limits by joint resampling of prompts
    decomposition  {"choice", "share", "flips", "of"}: share of the variance of the estimates that lies between the options of one
                   choice, and how many conclusions change when this choice alone is changed from the primary analysis, of how many
    """

    question: str
    a: str
    b: str
    value: list[float | None]
    low: list[float | None]
    high: list[float | None]
    conclusion: list[str | None]
    n_defined: int
    higher: int
    lower: int
    flip_rate: float | None = None
    flip_low: float | None = None
    flip_high: float | None = None
    opposite_rate: float | None = None
    opposite_low: float | None = None
    opposite_high: float | None = None
    pair_flip: float | None = None
    decomposition: list[dict[str, Any]] = field(default_factory=list)
    primary: str | None = None
    rankable: str = ""
    sentence: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class RankAgreement:
    """Kendall's tau-b of the methods' order between two options of one choice, all else equal; mean over the rest, with limits.

    `least` is the smallest tau of any pair of specifications that differ in this choice alone; `n` how many pairs there are.
    """

    question: str
    choice: str
    a: str
    b: str
    tau: float | None
    low: float | None
    high: float | None
    least: float | None
    n: int
    undefined: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ComparisonResult:
    """Everything that one comparison found; `as_dict` is compare.json.

    goal         {"tasks": [{"task", "goal"}], "reach", "tolerance", "sha256"}; the digest is of the goal as it stood when compared
    checkpoints  {"model", "method", "checkpoint", "step", "n_outputs", "capability": [{"task", "score", "low", "high", "n"}]}
    anchors      one for each rule and method, see `domain.checkpoints.Anchor`; parts are {"checkpoint", "weight"}
    questions    {"name", "positive", "judges": [{"judge", "screen", "certified", "baseline"}], "references", "label_design",
                 "n_labelled", "primary": {...}}
    orders       {"question", "choice", "option", "method", "value", "rank"}: the methods by their rate where one choice alone leaves the
                 primary analysis; rank 1 is the lowest rate, ties share the mean of their ranks
    notes        {"code", "sentence"}: all that a reader should know, the most important first
    """

    schema: Literal[1] = 1
    judgeaudit: str
    created_at: str
    command: str
    seed: int
    level: float
    inputs: dict[str, InputRecord]
    label_source: str
    baseline: str
    goal: dict[str, Any]
    checkpoints: list[dict[str, Any]]
    anchors: list[dict[str, Any]]
    questions: list[dict[str, Any]]
    rates: list[Rate]
    contrasts: list[MethodContrast]
    specifications: dict[str, list[Specification]]
    multiverse: list[Multiverse]
    rank_agreement: list[RankAgreement]
    orders: list[dict[str, Any]]
    notes: list[dict[str, str]]
    options: dict[str, Any] = field(default_factory=dict)
    versions: dict[str, str] = field(default_factory=dict)
    name: str = ""

    def as_dict(self) -> dict[str, Any]:
        """The record as plain lists and dicts."""
        plain: dict[str, Any] = plain_of(self)
        return plain
