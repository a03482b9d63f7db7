"""A model in this process writes texts. Each one depends on its own prompt and seed, not on what is written beside it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

if TYPE_CHECKING:
    import torch
    from transformers import PreTrainedModel, PreTrainedTokenizerBase

#: stop: the model came to its end. length: it was cut off
Finish = Literal["stop", "length"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Decoding:
    """How tokens are chosen: the likeliest at temperature 0, else drawn among those that make up `top_p`."""

    temperature: float = 0.0
    top_p: float = 1.0
    max_new_tokens: int = 256


@dataclass(frozen=True, slots=True, kw_only=True)
class Text:
    """What was written, why it ended, and of how many tokens it is."""

    text: str
    finish: Finish
    tokens: int


def texts(
    model: PreTrainedModel,
    tokenizer: PreTrainedTokenizerBase,
    prompts: Sequence[Sequence[int]],
    seeds: Sequence[int],
    decoding: Decoding,
) -> list[Text]:
    """One text after each prompt, which is a list of tokens, by the seed at its place."""
    import torch
    from transformers import LogitsProcessorList

    width = max(map(len, prompts))
    ids = torch.zeros(len(prompts), width, dtype=torch.long)
    mask = torch.zeros(len(prompts), width, dtype=torch.long)
    for row, one in enumerate(prompts):
        ids[row, width - len(one) :] = torch.tensor(one)
        mask[row, width - len(one) :] = 1
    drawing = LogitsProcessorList([_Drawn(seeds, decoding)] if decoding.temperature > 0 else [])
    with torch.inference_mode():
        found = model.generate(
            input_ids=ids.to(model.device),
            attention_mask=mask.to(model.device),
            max_new_tokens=decoding.max_new_tokens,
            do_sample=False,  # what is drawn is made the likeliest
            num_beams=1,
            temperature=None,
            top_p=None,
            top_k=None,
            repetition_penalty=1.0,
            pad_token_id=tokenizer.pad_token_id if tokenizer.pad_token_id is not None else tokenizer.eos_token_id,
            logits_processor=drawing,
        )
    ends = _ends(model, tokenizer)
    return [_text(tokenizer, row, ends) for row in found[:, width:].tolist()]


class _Drawn:
    """Makes the likeliest token one that is drawn: argmax of log p + Gumbel noise is a draw from p (Gumbel 1954).

    Every row has its own noise, made on the processor, so that a text is the same in any batch and on any device.
    """

    def __init__(self, seeds: Sequence[int], decoding: Decoding) -> None:
        import torch

        self._decoding = decoding
        self._noise = [torch.Generator().manual_seed(seed) for seed in seeds]

    def __call__(self, _ids: torch.Tensor, scores: torch.Tensor) -> torch.Tensor:
        import torch

        logs = torch.log_softmax(scores.float() / self._decoding.temperature, dim=-1)
        if self._decoding.top_p < 1:
            logs = logs.masked_fill(_beyond(logs, self._decoding.top_p), -torch.inf)
        drawn = [torch.empty(logs.shape[-1]).exponential_(generator=one).log().neg() for one in self._noise]
        return logs + torch.stack(drawn).to(logs.device)


def _beyond(logs: torch.Tensor, top_p: float) -> torch.Tensor:
    """The tokens outside the smallest set that holds `top_p` of the probability; the likeliest is never among them."""
    ordered, places = logs.exp().sort(dim=-1, descending=True)
    late = ordered.cumsum(dim=-1) - ordered >= top_p
    return late.scatter(-1, places, late)


def _ends(model: PreTrainedModel, tokenizer: PreTrainedTokenizerBase) -> set[int]:
    told = model.generation_config.eos_token_id
    found = told if isinstance(told, list) else [told]
    return {one for one in (*found, tokenizer.eos_token_id) if isinstance(one, int)}


def _text(tokenizer: PreTrainedTokenizerBase, row: Sequence[int], ends: set[int]) -> Text:
    end = next((step for step, token in enumerate(row) if token in ends), None)
    kept = list(row) if end is None else list(row[:end])
    return Text(
        text=str(tokenizer.decode(kept, skip_special_tokens=True)),
        finish="length" if end is None else "stop",
        tokens=len(kept),
    )
