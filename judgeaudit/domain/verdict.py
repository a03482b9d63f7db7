"""A verdict: what a judge said of an item. A reply that gives no label is a status, never a label."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, get_args

from judgeaudit.domain.output import Order

#: answered: a label of the question. unparsed: a reply without one. refused: the judge, or its service, would not say.
#: failed: no reply was to be had of this item (too long, rejected by the service); what may pass is tried again instead
Status = Literal["answered", "unparsed", "refused", "failed"]
STATUSES: tuple[Status, ...] = get_args(Status)
#: why a verdict is unparsed: a label that is none of the question's, no answer in the form asked for, a reply that was cut off,
#: an empty one, or a reason that is not known
Reason = Literal["outside_labels", "malformed", "truncated", "empty", "unexplained"]
REASONS: tuple[Reason, ...] = get_args(Reason)
#: how the errors of verdicts begin that were recorded before verdicts had a reason
_BEGINNINGS: dict[Reason, tuple[str, ...]] = {
    "outside_labels": ("outside the labels", "no number to cut"),
    "malformed": ("malformed answer", "no JSON with", "no match of", "no answer at its end", "nothing that is a label"),
    "truncated": ("the reply was cut off",),
    "empty": ("the reply is empty", "it gave no answer"),
}


def reason_of(recorded: str, error: str) -> Reason:
    """Why a verdict is unparsed: as it was recorded, else as its error begins."""
    known: dict[str, Reason] = {reason: reason for reason in REASONS}
    if recorded in known:
        return known[recorded]
    return next((reason for reason, words in _BEGINNINGS.items() if error.startswith(words)), "unexplained")


#: where a confidence comes from: the model's own token probabilities, a number that it wrote, how many of several agree, or
#: what all members of a panel make likely
Source = Literal["log-probability", "stated", "vote share", "dawid-skene", "classifier"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Read:
    """What a reply says about one question. `reason` is why it is unparsed, `error` tells that to people."""

    status: Status
    label: str | None = None
    probability: float | None = None
    probability_from: Source | None = None
    label_mass: float | None = None
    confidence: float | None = None
    reason: Reason | None = None
    error: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Verdict:
    """One judge, one item, one question, one run.

    probability        of the positive labels together, from 0 to 1; only where the question has positive labels
    probability_from   what the probability is made of
    label_mass         how much of the model's probability was on labels at all, before it was shared out among them
    confidence         in the label given, as the judge stated it, from 0 to 1
    model              what the service says answered, which need not be what was asked for
    reason             why it is unparsed
    error              why there is no label, in one line
    """

    item_id: str
    judge: str
    question: str
    status: Status
    run: int = 0
    order: Order = "ab"
    label: str | None = None
    probability: float | None = None
    probability_from: Source | None = None
    label_mass: float | None = None
    confidence: float | None = None
    reply: str | None = None
    prompt_sha256: str | None = None
    model: str | None = None
    input_tokens: int | None = None
    output_tokens: int | None = None
    cost_usd: float | None = None
    seconds: float | None = None
    judged_at: str | None = None
    reason: Reason | None = None
    error: str | None = None

    def __post_init__(self) -> None:
        if (self.status == "answered") != (self.label is not None):
            msg = f"a verdict has a label exactly where its status is answered: {self.status}, {self.label!r}"
            raise ValueError(msg)
        for name, share in (("probability", self.probability), ("confidence", self.confidence)):
            if share is not None and not 0 <= share <= 1:
                msg = f"{name} {share!r} is not from 0 to 1"
                raise ValueError(msg)
