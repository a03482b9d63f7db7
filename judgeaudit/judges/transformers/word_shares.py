"""How probable each word of a verdict is as a model's whole answer, from tokens alone: nothing is generated."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Protocol

from judgeaudit.judges.transformers.label_words import Spelled, Tokens


class Reads(Protocol):
    """What is needed of a model."""

    def log_probs(self, prompts: Sequence[Sequence[int]], tokens: Sequence[int]) -> list[list[float]]: ...


def word_shares(model: Reads, prompts: Sequence[Sequence[int]], spelled: Spelled) -> list[dict[str, float]]:
    """For each prompt word -> probability, before it is shared out among the words.

    A word that begins like no other has the probability of the tokens that begin it. Words that begin with one token
    have that of all their tokens, one after another: the sum of their log-probabilities.
    """
    firsts = [token for tokens in spelled.first.values() for token in tokens]
    firsts += [tokens[0] for tokens in spelled.whole.values()]
    firsts = list(dict.fromkeys(firsts))
    begun = [dict(zip(firsts, row, strict=True)) for row in model.log_probs(prompts, firsts)]
    later = _continued(model, prompts, list(spelled.whole.values()))
    found = []
    for place, row in enumerate(begun):
        shares = {word: sum(math.exp(row[one]) for one in tokens) for word, tokens in spelled.first.items()}
        for word, tokens in spelled.whole.items():
            steps = (later[tokens[:length]][place][tokens[length]] for length in range(1, len(tokens)))
            shares[word] = math.exp(row[tokens[0]] + sum(steps))
        found.append({word: shares[word] for word in spelled.words})
    return found


def _continued(
    model: Reads, prompts: Sequence[Sequence[int]], words: Sequence[Tokens]
) -> dict[Tokens, list[dict[int, float]]]:
    """Beginning of a word -> for each prompt the log-probabilities of the tokens that some word goes on with."""
    nexts: dict[Tokens, list[int]] = {}
    for tokens in words:
        for length in range(1, len(tokens)):
            after = nexts.setdefault(tokens[:length], [])
            if tokens[length] not in after:
                after.append(tokens[length])
    found = {}
    for begun, after in nexts.items():
        rows = model.log_probs([[*prompt, *begun] for prompt in prompts], after)
        found[begun] = [dict(zip(after, row, strict=True)) for row in rows]
    return found
