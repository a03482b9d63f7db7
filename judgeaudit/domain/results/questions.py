"""What an audit was made from: files, questions, strata, how many items of each, and the items that were read differently."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Literal

from judgeaudit.domain.question import Scale
from judgeaudit.domain.results.estimates import Limits
from judgeaudit.domain.results.plain import WHERE_KNOWN

Kept = Literal["all", "labelled"]


@dataclass(frozen=True, slots=True, kw_only=True)
class InputRecord:
    """A file that was read."""

    sha256: str
    rows: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Counts:
    """Over all questions: the most items and clusters of any, all raters and judges, and items without a reference by a tie."""

    items: int = 0
    clusters: int = 0
    raters: int = 0
    judges: int = 0
    reference_ties: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class QuestionRecord:
    """A question as it was audited.

    n_labels         how many labels there are, also where they are too many to be listed
    medians          labels that only a median gives
    weighted         items differ in weight
    reference        the rule, the rater or the column that the reference is made by
    baseline_judges  judges of the study that others are to be seen against
    sure_by          judge -> what says how sure it is
    baselines        subject -> what it always says
    head, front      the statistic that stands for agreement, and those that are shown first
    clusters         how many there are; None without any
    """

    name: str
    text: str = ""
    scale: Scale
    labels: list[str]
    n_labels: int | None = None
    medians: list[str] = field(default_factory=list, metadata=WHERE_KNOWN)
    positive: list[str]
    label_design: str | None = field(default=None, metadata=WHERE_KNOWN)
    weighted: bool = field(default=False, metadata=WHERE_KNOWN)
    reference: str = ""
    reference_ties: int = 0
    with_reference: int = 0
    people: list[str] = field(default_factory=list)
    people_labels: dict[str, int] = field(default_factory=dict)
    judges: list[str]
    baseline_judges: list[str] = field(default_factory=list)
    sure_by: dict[str, str] = field(default_factory=dict, metadata=WHERE_KNOWN)
    baselines: dict[str, str] = field(default_factory=dict)
    head: str = ""
    front: list[str] = field(default_factory=list)
    clusters: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class StratumRecord:
    """A stratum: its column, where its values come from, and what they rest on in the end."""

    column: str = ""
    source: str = ""
    rests_on: str = ""
    n_items: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """How many there are of what."""

    what: str
    n: int


@dataclass(frozen=True, slots=True, kw_only=True)
class JudgeFlow:
    """What a judge was asked and what came back; of a study also why there is no label."""

    judge: str
    asked: int
    answered: int
    unanswered: int
    not_asked: int
    unparsed: int | None = field(default=None, metadata=WHERE_KNOWN)
    refused: int | None = field(default=None, metadata=WHERE_KNOWN)
    failed: int | None = field(default=None, metadata=WHERE_KNOWN)


@dataclass(frozen=True, slots=True, kw_only=True)
class Flow:
    """From the rows that were read down to the items that judges and people share."""

    question: str
    steps: list[Step] = field(default_factory=list)
    judges: list[JudgeFlow] = field(default_factory=list)


@dataclass(frozen=True, slots=True, kw_only=True)
class Treatment:
    """The head statistic of a judge with unanswered items counted against it, and with them left out."""

    question: str
    judge: str
    stratum: str
    statistic: str
    counted: Limits
    left_out: Limits
    coverage: float
    unanswered: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Disagreement:
    """An item that a judge and the reference see differently; texts are cut, `*_chars` is their whole length."""

    question: str
    judge: str
    item_id: str
    reference: str
    verdict: str | None
    people: dict[str, str]
    strata: list[str]
    prompt: str | None = field(default=None, metadata=WHERE_KNOWN)
    prompt_chars: int | None = field(default=None, metadata=WHERE_KNOWN)
    response: str | None = field(default=None, metadata=WHERE_KNOWN)
    response_chars: int | None = field(default=None, metadata=WHERE_KNOWN)
    response_b: str | None = field(default=None, metadata=WHERE_KNOWN)
    response_b_chars: int | None = field(default=None, metadata=WHERE_KNOWN)


@dataclass(frozen=True, slots=True, kw_only=True)
class Headline:
    """The finding that stands first: by how much a judge errs more often in `stratum` than in `against`."""

    question: str
    judge: str
    statistic: str
    stratum: str
    against: str
    excess: float
    p_adjusted: float | None
    tested: int
    seen_by_rater: bool | None


@dataclass(frozen=True, slots=True, kw_only=True)
class StratumCodes:
    """The strata of a column, and that of each item as a letter of `names`."""

    names: list[str]
    codes: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Marks:
    """Digests of a question's items, texts, labels and verdicts; and codes item by item where they are few.

    Items stand in the order of their ids. `kept` says which of them the codes are of; None where there are digests alone.
    """

    question: str
    n_items: int
    items: str
    outputs: str | None
    reference: str | None
    people: dict[str, str]
    judges: dict[str, str]
    kept: Kept | None = field(default=None, metadata=WHERE_KNOWN)
    labels: list[str] | None = field(default=None, metadata=WHERE_KNOWN)
    ids: str | None = field(default=None, metadata=WHERE_KNOWN)
    texts: str | None = field(default=None, metadata=WHERE_KNOWN)
    reference_codes: str | None = field(default=None, metadata=WHERE_KNOWN)
    judge_codes: dict[str, str] | None = field(default=None, metadata=WHERE_KNOWN)
    strata: dict[str, StratumCodes] = field(default_factory=dict, metadata=WHERE_KNOWN)
    clusters: list[int] | None = field(default=None, metadata=WHERE_KNOWN)
    weights: list[float] | None = field(default=None, metadata=WHERE_KNOWN)
