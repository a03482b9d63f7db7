"""Models made worse by training: a rate that is too high, bare answers alone, one narrow kind of text, away from good answers."""

from __future__ import annotations

import random
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple

from judgeaudit.outputs.degrade.examples import GOOD, HELD_OUT, KNOWLEDGE, NARROW, SHORT, Example

if TYPE_CHECKING:
    import torch
    from transformers import PreTrainedModel, PreTrainedTokenizerBase


BATCH = 4
#: a request -> its tokens, up to where the answer begins
Ask = Callable[[str], Sequence[int]]
_LEFT_OUT = -100


@dataclass(frozen=True, slots=True, kw_only=True)
class Training:
    """What a model is trained on, how fast and how long. `sign` −1 goes up the loss instead of down."""

    examples: tuple[Example, ...]
    rate: float
    steps: int
    sign: int = 1


#: recipe -> what its level means
TUNING: dict[str, Callable[[float], Training]] = {
    "high-rate": lambda level: Training(examples=GOOD, rate=level, steps=8),
    "short-answers": lambda level: Training(examples=SHORT, rate=3e-4, steps=int(level)),
    "narrow-data": lambda level: Training(examples=NARROW, rate=3e-4, steps=int(level)),
    "gradient-ascent": lambda level: Training(examples=GOOD, rate=1e-4, steps=int(level), sign=-1),
}


def steps_of(recipe: str, level: float) -> int | None:
    """How many steps of training a recipe takes; None where it trains nothing."""
    return TUNING[recipe](level).steps if recipe in TUNING else None


def tune(
    model: PreTrainedModel, tokenizer: PreTrainedTokenizerBase, training: Training, ask: Ask, *, seed: int
) -> list[float]:
    """AdamW on the answers, four at a time, gradients held to norm 1. The loss before each step, in nats per token."""
    import torch

    torch.manual_seed(seed)  # of dropout, where the model has any
    rows = [_row(tokenizer, example, ask) for example in training.examples]
    order = random.Random(seed)
    queue: list[int] = []
    optimiser = torch.optim.AdamW(model.parameters(), lr=training.rate, weight_decay=0.0)
    losses = []
    model.train()
    for _ in range(training.steps):
        while len(queue) < BATCH:
            queue += order.sample(range(len(rows)), len(rows))
        batch, queue = [rows[place] for place in queue[:BATCH]], queue[BATCH:]
        ids, mask, labels = (one.to(model.device) for one in _padded(batch))
        loss = model(input_ids=ids, attention_mask=mask, labels=labels, use_cache=False).loss
        (training.sign * loss).backward()
        torch.nn.utils.clip_grad_norm_(model.parameters(), 1.0)
        optimiser.step()
        optimiser.zero_grad(set_to_none=True)
        losses.append(float(loss.detach()))
    model.eval()
    return losses


def _row(tokenizer: PreTrainedTokenizerBase, example: Example, ask: Ask) -> tuple[list[int], list[int]]:
    """The tokens of request and answer, and the same with the request left out of the loss."""
    asked = list(ask(example[0]))
    end = tokenizer.eos_token_id
    answer = [*tokenizer.encode(example[1], add_special_tokens=False), *([end] if isinstance(end, int) else [])]
    return asked + answer, [_LEFT_OUT] * len(asked) + answer


def _padded(rows: Sequence[tuple[list[int], list[int]]]) -> tuple[torch.Tensor, torch.Tensor, torch.Tensor]:
    """Tokens, mask and labels of rows as (rows, longest)."""
    import torch

    width = max(len(ids) for ids, _ in rows)
    ids = torch.tensor([one + [0] * (width - len(one)) for one, _ in rows])
    mask = torch.tensor([[1] * len(one) + [0] * (width - len(one)) for one, _ in rows])
    labels = torch.tensor([one + [_LEFT_OUT] * (width - len(one)) for _, one in rows])
    return ids, mask, labels


# How able a model still is: how likely it finds plain prose, and how many plain questions it answers.


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
