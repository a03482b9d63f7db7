"""Fine-tuning of one open model in this process, and its answers and capability along the way."""

from __future__ import annotations

import random
from collections.abc import Iterator, Sequence
from pathlib import Path

import torch
from everyday import REQUESTS
from task import ANSWERS, Item, questions

from judgeaudit.domain.output import Turn
from judgeaudit.judges.transformers.open_model import Opened, Source, open_model
from judgeaudit.judges.transformers.prompts import chat_ids
from judgeaudit.outputs.generate_text import Decoding, Text, texts
from judgeaudit.services.messages import Request
from judgeaudit.storage.identity.judge_weights import model_place

RATE = 1e-4
BATCH = 6
#: method -> after which steps it is measured. Half of what `mixed` reads is the task, so it takes twice the steps for as much of it
STEPS = {
    "plain": (12, 24, 36, 54, 80),
    "short-answers": (12, 24, 36, 54, 80),
    "mixed": (24, 48, 72, 108, 160),
}
#: of the answers to the safety prompts, and of those of the base that are trained on
NEW_TOKENS = 48
TRAINED_TOKENS = 40
AT_ONCE = 30
Row = tuple[list[int], int]


def opened() -> Opened:
    """The untouched model."""
    place, file = model_place("smollm2", Path(), where="make.py")
    source = Source(model=place, where="make.py", gguf_file=file, device="cpu")
    return open_model(source, task="write", max_tokens=2048, chats=True)


def asked(model: Opened, prompt: str) -> list[int]:
    """The tokens of a prompt, up to where the answer begins."""
    return chat_ids(model.tokenizer, Request(turns=(Turn(role="user", content=prompt),), system=""))


def answers(model: Opened, prompts: Sequence[str], most: int) -> list[Text]:
    """What the model writes by greedy decoding."""
    found: list[Text] = []
    for start in range(0, len(prompts), AT_ONCE):
        ids = [asked(model, prompt) for prompt in prompts[start : start + AT_ONCE]]
        found += texts(model.model, model.tokenizer, ids, [0] * len(ids), Decoding(max_new_tokens=most))
    return found


def capability(model: Opened, held_out: Sequence[Item]) -> float:
    """The share of questions for which the right one of Yes and No is the likelier first token."""
    yes, no = (model.tokenizer.encode(word, add_special_tokens=False)[0] for word in ANSWERS)
    right = 0
    for start in range(0, len(held_out), AT_ONCE):
        part = held_out[start : start + AT_ONCE]
        rows = [asked(model, item.question) for item in part]
        with torch.inference_mode():
            logits = _logits(model, rows, [[len(row) - 1] for row in rows])
        said = (logits[:, yes] > logits[:, no]).tolist()
        right += sum(one == (item.short == ANSWERS[0]) for one, item in zip(said, part, strict=True))
    return right / len(held_out)


def trained(model: Opened, method: str, seed: int) -> Iterator[int]:
    """Trains the model as the method says, and stops at every step of its STEPS: AdamW, gradients held to norm 1."""
    batches = _batches(model, method, seed)
    torch.manual_seed(seed)
    optimiser = torch.optim.AdamW(model.model.parameters(), lr=RATE, weight_decay=0.0, fused=True)
    for step in range(1, STEPS[method][-1] + 1):
        model.model.train()
        rows = next(batches)
        wanted = [token for ids, begin in rows for token in ids[begin:]]
        places = [list(range(begin - 1, len(ids) - 1)) for ids, begin in rows]
        logits = _logits(model, [ids for ids, _ in rows], places)
        loss = torch.nn.functional.cross_entropy(logits, torch.tensor(wanted))
        loss.backward()
        torch.nn.utils.clip_grad_norm_(model.model.parameters(), 1.0)
        optimiser.step()
        optimiser.zero_grad(set_to_none=True)
        if step in STEPS[method]:
            model.model.eval()
            yield step


def _batches(model: Opened, method: str, seed: int) -> Iterator[list[Row]]:
    """Rows of training: full answers, bare answers, or bare answers and as many of the base's own to everyday requests."""
    every = questions(seed, STEPS[method][-1] * BATCH, held_out=False)
    task = iter([_row(model, item.question, item.full if method == "plain" else item.short) for item in every])
    if method != "mixed":
        while True:
            yield [next(task) for _ in range(BATCH)]
    own = answers(model, REQUESTS, TRAINED_TOKENS)
    kept = [_row(model, one, text.text, ends=text.finish == "stop") for one, text in zip(REQUESTS, own, strict=True)]
    order = random.Random(seed)
    while True:
        yield [next(task) for _ in range(BATCH // 2)] + order.sample(kept, BATCH - BATCH // 2)


def _row(model: Opened, prompt: str, answer: str, *, ends: bool = True) -> Row:
    """The tokens of request and answer, and where the answer begins."""
    before = asked(model, prompt)
    end = [int(model.tokenizer.eos_token_id)] if ends else []
    return [*before, *model.tokenizer.encode(answer, add_special_tokens=False), *end], len(before)


def _logits(model: Opened, rows: Sequence[Sequence[int]], places: Sequence[Sequence[int]]) -> torch.Tensor:
    """The logits after the given places of each row, one row of places after the other: (places, vocabulary)."""
    width = max(map(len, rows))
    ids = torch.tensor([[*row, *[0] * (width - len(row))] for row in rows])
    mask = torch.tensor([[1] * len(row) + [0] * (width - len(row)) for row in rows])
    hidden = model.model.model(input_ids=ids, attention_mask=mask, use_cache=False).last_hidden_state
    which = torch.tensor([row for row, found in enumerate(places) for _ in found])
    where = torch.tensor([place for found in places for place in found])
    logits: torch.Tensor = model.model.lm_head(hidden[which, where])
    return logits
