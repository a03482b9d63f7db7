"""What a small language model finds surprising in a text: in the worst stretch, in the most foreseeable one, on the whole.

No single number will do: loops and code are the least surprising texts of all, shuffled words and noise the most. So the
surprise is taken in stretches of sixteen tokens, and both ends count.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import TYPE_CHECKING

from judgeaudit.text.gibberish.measures import READ, Measured

if TYPE_CHECKING:
    from transformers import PreTrainedModel, PreTrainedTokenizerBase

#: tokens of a stretch, and of one pass through the model
STRETCH, PASS = 16, 2048


def surprises(
    model: PreTrainedModel,
    tokenizer: PreTrainedTokenizerBase,
    texts: Sequence[str],
    *,
    limit: int,
    tell: Callable[[str], None] = lambda line: None,
) -> list[dict[str, Measured]]:
    """For each text, in nats for each token:

    surprise       of the stretch of 16 tokens that is most surprising; English answers are near 5, noise and salad above 7
    foretold       minus that of the stretch that is least surprising; English answers are near -2, loops near 0
    mean_surprise  on the whole
    """
    ids = [tokenizer(text[:READ], add_special_tokens=False)["input_ids"][: limit - 1] for text in texts]
    found: list[list[float]] = [[] for _ in texts]
    done = 0
    for part in _batches([len(one) for one in ids]):
        for place, row in zip(part, _nats(model, tokenizer, [ids[place] for place in part]), strict=True):
            found[place] = row
        before, done = done, done + len(part)
        if before // 200 != done // 200:
            tell(f"{done:,} of {len(texts):,} texts read by the model")
    return [_signals(row, text) for row, text in zip(found, texts, strict=True)]


def _signals(nats: Sequence[float], text: str) -> dict[str, Measured]:
    words = len(text.split())
    if not nats:
        nothing = Measured(0.0, 0)
        return {"surprise": nothing, "foretold": nothing, "mean_surprise": nothing}
    size = min(STRETCH, len(nats))
    means = [sum(nats[k : k + size]) / size for k in range(0, len(nats) - size + 1, 4)]
    return {
        "surprise": Measured(max(means), words),
        "foretold": Measured(-min(means), words),
        "mean_surprise": Measured(sum(nats) / len(nats), words),
    }


def _batches(lengths: Sequence[int]) -> Iterator[list[int]]:
    """Places of texts of similar lengths, so many that a pass holds about `PASS` tokens; texts without tokens in none."""
    order = sorted((place for place, length in enumerate(lengths) if length), key=lambda place: -lengths[place])
    while order:
        size = max(1, PASS // (lengths[order[0]] + 1))
        yield order[:size]
        order = order[size:]


def _nats(
    model: PreTrainedModel, tokenizer: PreTrainedTokenizerBase, ids: Sequence[Sequence[int]]
) -> list[list[float]]:
    """How surprising each token is after those before it; the first after the token that begins texts."""
    import torch

    first = tokenizer.bos_token_id if tokenizer.bos_token_id is not None else tokenizer.eos_token_id
    width = 1 + max(map(len, ids))
    held = torch.zeros(len(ids), width, dtype=torch.long)
    mask = torch.zeros(len(ids), width, dtype=torch.long)
    for row, one in enumerate(ids):
        held[row, : len(one) + 1] = torch.tensor([first or 0, *one])
        mask[row, : len(one) + 1] = 1
    held, mask = held.to(model.device), mask.to(model.device)
    with torch.inference_mode():
        logits = model(input_ids=held, attention_mask=mask, use_cache=False).logits[:, :-1].float()
        nats = torch.logsumexp(logits, dim=2) - logits.gather(2, held[:, 1:, None]).squeeze(2)
    return [row[: len(one)] for row, one in zip(nats.tolist(), ids, strict=True)]
