"""How able a model still is: how likely it finds plain prose, and how many plain questions it answers."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import TYPE_CHECKING, NamedTuple

from judgeaudit.outputs.degrade.examples import HELD_OUT, KNOWLEDGE

if TYPE_CHECKING:
    from transformers import PreTrainedModel, PreTrainedTokenizerBase

#: of the answer to a question
ANSWER_TOKENS = 16


class Score(NamedTuple):
    """A score, of how many things it is; nan where the model gives no numbers."""

    score: float
    n: int


def prose(model: PreTrainedModel, tokenizer: PreTrainedTokenizerBase) -> Score:
    """The mean log-probability of a token of the held-out prose, in nats; exp of its negative is the perplexity."""
    import torch

    total, count = 0.0, 0
    with torch.inference_mode():
        for text in HELD_OUT:
            ids = torch.tensor([tokenizer.encode(text, add_special_tokens=True)], device=model.device)
            logs = torch.log_softmax(model(input_ids=ids).logits[0, :-1].float(), dim=-1)
            total += float(logs.gather(-1, ids[0, 1:, None]).sum())
            count += ids.shape[1] - 1
    return Score(total / count, count)


def knowledge(answers: Sequence[str]) -> Score:
    """The share of answers, one for each question of KNOWLEDGE in order, that hold a right word as a word of their own.

    >>> knowledge(["It is Paris."] + [""] * 39)
    Score(score=0.025, n=40)
    """
    right = [_holds(answer, words) for answer, (_, words) in zip(answers, KNOWLEDGE, strict=True)]
    return Score(sum(right) / len(right), len(right))


def _holds(answer: str, words: Sequence[str]) -> bool:
    found = answer.casefold()
    return any(re.search(rf"(?<!\w){re.escape(word)}(?!\w)", found) for word in words)
