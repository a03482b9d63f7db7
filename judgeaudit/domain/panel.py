"""Several judges as one: the label that most of them gave."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from typing import Literal

from judgeaudit.domain.output import Asked
from judgeaudit.domain.verdict import Verdict


def panel_verdict(
    name: str, members: Sequence[Verdict | None], question: Asked, rule: Literal["majority", "any", "all"]
) -> Verdict | None:
    """The panel's verdict on one item; None while a member's verdict is still to come.

    majority  the label that more members gave than any other; a tie, or no label at all, is no answer
    any, all  the positive label where any, or every, member gave a positive one, else the other label (binary questions)

    The probability is the share of answering members that gave a positive label.
    """
    there = [member for member in members if member is not None]
    if len(there) < len(members) or not there:
        return None
    first = there[0]
    labels = [member.label for member in there if member.label is not None]
    positive = sum(label in question.positive for label in labels)
    label, why = _label(labels, len(there), positive, question, rule)
    share = positive / len(labels) if labels and question.positive else None
    refused = not labels and all(member.status == "refused" for member in there)
    return Verdict(
        item_id=first.item_id,
        judge=name,
        question=question.name,
        run=first.run,
        order=first.order,
        status="answered" if label is not None else "refused" if refused else "unparsed",
        label=label,
        probability=share if label is not None else None,
        probability_from="vote share" if label is not None and share is not None else None,
        error=why or None,
        cost_usd=_sum([member.cost_usd for member in there]),
    )


def _label(labels: Sequence[str], members: int, positive: int, question: Asked, rule: str) -> tuple[str | None, str]:
    if not labels:
        return None, "no member gave a label"
    if rule == "majority":
        ranked = Counter(labels).most_common(2)
        if len(ranked) > 1 and ranked[0][1] == ranked[1][1]:
            return None, f"the members are tied: {ranked[0][0]} and {ranked[1][0]}"
        return ranked[0][0], ""
    others = [label for label in question.labels if label not in question.positive]
    if rule == "any" and positive == 0 and len(labels) < members:
        return None, "no member said so, and not all answered"
    if rule == "all" and positive == len(labels) < members:
        return None, "all who answered said so, and not all answered"
    holds = positive > 0 if rule == "any" else positive == members
    return (question.positive[0] if holds else others[0]), ""


def _sum(costs: Sequence[float | None]) -> float | None:
    known = [cost for cost in costs if cost is not None]
    return sum(known) if known else None
