"""Sequence classifiers: raw logits, and the probabilities that they stand for by the model's own problem type."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, NamedTuple

from judgeaudit.judges.replies.reply import Request, WordsBy

if TYPE_CHECKING:
    from transformers import PreTrainedModel, PreTrainedTokenizerBase


class Classed(NamedTuple):
    """Class -> probability, class -> logit, and whether the classes exclude one another."""

    words: Mapping[str, float]
    logits: Mapping[str, float]
    by: WordsBy


def text_ids(tokenizer: PreTrainedTokenizerBase, request: Request) -> list[int]:
    """What a classifier reads: the last message, which is the response or all of a prompt of your own."""
    return [int(one) for one in tokenizer(request.turns[-1].content, split_special_tokens=True)["input_ids"]]


def classed(
    model: PreTrainedModel, tokenizer: PreTrainedTokenizerBase, texts: Sequence[Sequence[int]], *, batch_tokens: int
) -> list[Classed]:
    """The classes of each text; texts of similar lengths are read together."""
    import torch

    found: dict[int, Classed] = {}
    order = sorted(range(len(texts)), key=lambda place: (-len(texts[place]), place))
    while order:
        size = max(1, batch_tokens // max(1, len(texts[order[0]])))
        batch, order = order[:size], order[size:]
        width = len(texts[batch[0]])
        pad = tokenizer.pad_token_id if tokenizer.pad_token_id is not None else 0
        ids = torch.full((len(batch), width), pad, dtype=torch.long)
        mask = torch.zeros(len(batch), width, dtype=torch.long)
        for row, place in enumerate(batch):
            ids[row, : len(texts[place])] = torch.tensor(texts[place])
            mask[row, : len(texts[place])] = 1
        with torch.inference_mode():
            logits = model(input_ids=ids.to(model.device), attention_mask=mask.to(model.device)).logits.float().cpu()
        for place, row in zip(batch, logits.tolist(), strict=True):
            found[place] = _of_logits(row, model)
    return [found[place] for place in range(len(texts))]


def _of_logits(row: Sequence[float], model: PreTrainedModel) -> Classed:
    """Softmax where one class is the answer, a sigmoid for each where several may be, or where there is one alone."""
    import torch

    problem = model.config.problem_type
    names = [str(model.config.id2label.get(place, place)) for place in range(len(row))]
    separate = problem == "multi_label_classification" or len(row) == 1
    logits = torch.tensor(row, dtype=torch.float64)
    shares = (torch.sigmoid(logits) if separate else torch.softmax(logits, dim=-1)).tolist()
    by: WordsBy = "separate classes" if separate else "classes"
    return Classed(dict(zip(names, shares, strict=True)), dict(zip(names, row, strict=True)), by)
