"""A model in this process that writes its answer out, with the likeliest tokens at each place."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from judgeaudit.judges.replies.reply import Token

if TYPE_CHECKING:
    import torch
    from transformers import PreTrainedModel, PreTrainedTokenizerBase

_TOP = 20
#: where a model has channels, the answer stands in the one of this name
_FINAL = "<|channel|>final<|message|>"


@dataclass(frozen=True, slots=True, kw_only=True)
class Written:
    """A text, whether it was cut off, and its tokens."""

    text: str
    truncated: bool
    tokens: tuple[Token, ...]
    count: int


@dataclass(slots=True)
class _Likely:
    """Keeps the likeliest tokens of each step while a text is generated."""

    steps: list[tuple[torch.Tensor, torch.Tensor]] = field(default_factory=list)

    def __call__(self, _ids: torch.Tensor, scores: torch.Tensor) -> torch.Tensor:
        import torch

        found = torch.log_softmax(scores.float(), dim=-1).topk(min(_TOP, scores.shape[-1]), dim=-1)
        self.steps.append((found.indices.cpu(), found.values.cpu()))
        return scores


def written(
    model: PreTrainedModel, tokenizer: PreTrainedTokenizerBase, prompts: Sequence[Sequence[int]], *, most: int
) -> list[Written]:
    """The likeliest text after each prompt, token by token, of `most` tokens at most."""
    import torch
    from transformers import LogitsProcessorList

    width = max(map(len, prompts))
    ids = torch.zeros(len(prompts), width, dtype=torch.long)
    mask = torch.zeros(len(prompts), width, dtype=torch.long)
    for row, one in enumerate(prompts):
        ids[row, width - len(one) :] = torch.tensor(one)
        mask[row, width - len(one) :] = 1
    likely = _Likely()
    with torch.inference_mode():
        found = model.generate(
            input_ids=ids.to(model.device),
            attention_mask=mask.to(model.device),
            max_new_tokens=most,
            do_sample=False,
            num_beams=1,
            temperature=None,
            top_p=None,
            top_k=None,
            pad_token_id=tokenizer.pad_token_id if tokenizer.pad_token_id is not None else tokenizer.eos_token_id,
            logits_processor=LogitsProcessorList([likely]),
        )
    ends = _ends(model, tokenizer)
    return [_one(tokenizer, row, place, likely, ends) for place, row in enumerate(found[:, width:].tolist())]


def _ends(model: PreTrainedModel, tokenizer: PreTrainedTokenizerBase) -> set[int]:
    told = model.generation_config.eos_token_id
    found = told if isinstance(told, list) else [told]
    return {one for one in (*found, tokenizer.eos_token_id) if isinstance(one, int)}


def _one(
    tokenizer: PreTrainedTokenizerBase, row: Sequence[int], place: int, likely: _Likely, ends: set[int]
) -> Written:
    end = next((step for step, token in enumerate(row) if token in ends), None)
    kept = list(row) if end is None else list(row[:end])
    tokens = tuple(_token(tokenizer, token, place, *likely.steps[step]) for step, token in enumerate(kept))
    whole = tokenizer.decode(kept, skip_special_tokens=False)
    text = whole.rpartition(_FINAL)[2] if _FINAL in whole else tokenizer.decode(kept, skip_special_tokens=True)
    return Written(text=text, truncated=end is None, tokens=tokens, count=len(kept))


def _token(
    tokenizer: PreTrainedTokenizerBase, token: int, place: int, ids: torch.Tensor, values: torch.Tensor
) -> Token:
    top = dict(zip(ids[place].tolist(), values[place].tolist(), strict=True))
    return Token(
        text=tokenizer.decode([token]),
        logprob=top.get(token, -float("inf")),
        top=tuple((tokenizer.decode([one]), share) for one, share in top.items()),
    )
