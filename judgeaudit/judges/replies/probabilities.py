"""From token log-probabilities to the probability of each label, and how much of the model's probability labels had."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import NamedTuple

from judgeaudit.judges.replies.reply import Token


class Shares(NamedTuple):
    """Label -> probability among the labels, which sum to 1, and the mass that they had before."""

    of: Mapping[str, float]
    mass: float


def shares_at(tokens: Sequence[Token], said: str, labels: Sequence[str]) -> Shares | None:
    """Probabilities of the labels at the place where the answer's label begins to differ from the others.

    `said` is the label as it stands in the reply; its last occurrence among the tokens counts. At its first token that
    not all labels share, every likely token votes for the one label that it begins or completes. None where no token
    decides: no log-probabilities, or labels that cannot be told apart by one token.
    """
    place = _place(tokens, said)
    if place is None:
        return None
    first, offset = place
    written = "".join(token.text for token in tokens)
    start = sum(len(token.text) for token in tokens[:first]) + offset
    before = ""
    at = first
    while at < len(tokens):
        token = tokens[at]
        lead = token.text[:offset] if at == first else ""
        options = [label for label in labels if label.casefold().startswith(before.casefold())]
        votes = _votes(token, lead, before, options)
        if len(votes) > 1 or (len(options) == 1 and votes):
            mass = sum(votes.values())
            return (
                Shares({label: votes.get(label, 0.0) / mass for label in labels}, min(mass, 1.0)) if mass > 0 else None
            )
        end = sum(len(one.text) for one in tokens[: at + 1])
        before = written[start:end]
        if len(before) >= len(said):
            return None
        at += 1
    return None


def of_scores(scores: Mapping[str, float], labels: Sequence[str]) -> Shares | None:
    """Probabilities that a service states outright, shared out among the labels."""
    found = {label: scores[label] for label in labels if label in scores and math.isfinite(scores[label])}
    mass = sum(found.values())
    if len(found) < len(labels) or mass <= 0 or min(found.values()) < 0:
        return None
    return Shares({label: value / mass for label, value in found.items()}, min(mass, 1.0))


def _place(tokens: Sequence[Token], said: str) -> tuple[int, int] | None:
    """The token in which the last occurrence of `said` begins, and how many of its characters come before it."""
    start = "".join(token.text for token in tokens).rfind(said) if said else -1
    if start < 0:
        return None
    for number, token in enumerate(tokens):
        if start < len(token.text):
            return number, start
        start -= len(token.text)
    return None


def _votes(token: Token, lead: str, before: str, options: Sequence[str]) -> dict[str, float]:
    """Label -> probability of the tokens that lead to it and to no other one."""
    votes: dict[str, float] = {}
    likely = dict(token.top) or {token.text: token.logprob}
    likely.setdefault(token.text, token.logprob)
    for text, logprob in likely.items():
        said = _continued(text, lead)
        if not said:
            continue
        leads = [label for label in options if _agrees(before + said, label)]
        if len(leads) == 1:
            votes[leads[0]] = votes.get(leads[0], 0.0) + math.exp(min(logprob, 0.0))
    return votes


def _continued(text: str, lead: str) -> str:
    """What a token adds to the label, where the chosen token began with `lead` that belongs to what stands before."""
    if text.startswith(lead):
        return text[len(lead) :]
    return text.lstrip() if not lead.strip() else ""


def _agrees(said: str, label: str) -> bool:
    """Whether what was written so far begins the label, or is the label with what follows it. Case is no difference."""
    said, label = said.casefold(), label.casefold()
    return label.startswith(said) or (said.startswith(label) and not said[len(label) : len(label) + 1].isalnum())
