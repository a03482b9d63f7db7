"""Several judges as one: the label that most of them gave, or that has the most weight."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal

from judgeaudit.domain.output import Asked
from judgeaudit.domain.verdict import Source, Verdict

NO_LABEL = "no member gave a label"


def panel_verdict(
    name: str,
    members: Sequence[Verdict | None],
    question: Asked,
    rule: Literal["majority", "weighted", "any", "all"],
    *,
    weights: Sequence[float] = (),
) -> Verdict | None:
    """The panel's verdict on one item; None while a member's verdict is still to come.

    majority  the label that more members gave than any other; a tie, or no label at all, is no answer
    weighted  the same with one of the `weights` for each member
    any, all  the positive label where any, or every, member gave a positive one, else the other label (binary questions)

    The probability is the share of answering members, or of their weight, that gave a positive label.
    """
    there = [member for member in members if member is not None]
    if len(there) < len(members) or not there:
        return None
    votes = weights if rule == "weighted" else [1.0] * len(there)
    cast = [(member.label, vote) for member, vote in zip(there, votes, strict=True) if member.label is not None]
    labels = [label for label, _ in cast]
    if rule in ("majority", "weighted"):
        label, why = _heaviest(cast)
    else:
        label, why = _label(labels, len(there), sum(one in question.positive for one in labels), question, rule)
    share = _positive_share(cast, question)
    return of_members(name, there, question, label=label, probability=share, source="vote share", why=why)


def of_members(
    name: str,
    members: Sequence[Verdict],
    question: Asked,
    *,
    label: str | None,
    probability: float | None,
    source: Source,
    why: str,
) -> Verdict:
    """The verdict of a panel whose members are all there; without a label refused where all of them refused."""
    first = members[0]
    refused = label is None and all(member.label is None and member.status == "refused" for member in members)
    known = probability if label is not None else None
    return Verdict(
        item_id=first.item_id,
        judge=name,
        question=question.name,
        run=first.run,
        order=first.order,
        status="answered" if label is not None else "refused" if refused else "unparsed",
        label=label,
        probability=known,
        probability_from=source if known is not None else None,
        error=why or None,
        cost_usd=_sum([member.cost_usd for member in members]),
    )


def _positive_share(cast: Sequence[tuple[str, float]], question: Asked) -> float | None:
    """The share of the votes that are for a positive label; None without votes, or where no label is positive."""
    if not cast or not question.positive:
        return None
    return sum(vote for label, vote in cast if label in question.positive) / sum(vote for _, vote in cast)


def _heaviest(cast: Sequence[tuple[str, float]]) -> tuple[str | None, str]:
    """The label with the most weight; weights that add up to the same but for rounding are a tie."""
    if not cast:
        return None, NO_LABEL
    total: dict[str, float] = {}
    for label, vote in cast:
        total[label] = total.get(label, 0.0) + vote
    ranked = sorted(total.items(), key=lambda one: -one[1])
    if len(ranked) > 1 and ranked[0][1] - ranked[1][1] <= 1e-9 * ranked[0][1]:
        return None, f"the members are tied: {ranked[0][0]} and {ranked[1][0]}"
    return ranked[0][0], ""


def _label(labels: Sequence[str], members: int, positive: int, question: Asked, rule: str) -> tuple[str | None, str]:
    if not labels:
        return None, NO_LABEL
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
