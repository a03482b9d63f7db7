"""What a model would say next: log-probabilities of tokens after each prompt, with one pass over what prompts share."""

from __future__ import annotations

import copy
import inspect
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import torch
    from transformers import PreTrainedModel

Ids = Sequence[int]
#: a shorter beginning is not worth keeping
_WORTH = 16


@dataclass(slots=True, kw_only=True)
class NextToken:
    """Reads a causal model after many prompts.

    batch_tokens  how many tokens one pass may hold
    shares        whether the beginning that all prompts have in common is read once
    """

    model: PreTrainedModel
    batch_tokens: int
    shares: bool = True
    _prefix: tuple[int, ...] = ()
    _cache: object = None
    _parameters: frozenset[str] = frozenset()
    passes: int = field(default=0, init=False)

    def log_probs(self, prompts: Sequence[Ids], tokens: Ids) -> list[list[float]]:
        """(prompts, tokens): the natural log-probability of each token right after each prompt."""
        import torch

        found: list[list[float]] = [[] for _ in prompts]
        with torch.inference_mode():
            start = self._common(prompts)
            for batch in self._batches(prompts):
                for place, row in zip(batch, self._read([prompts[one] for one in batch], start, tokens), strict=True):
                    found[place] = row
        return found

    def _common(self, prompts: Sequence[Ids]) -> int:
        """The length of the beginning that all prompts share and that is now in the cache; 0 where it is not worth it."""
        if not self.shares or len(prompts) < 2:
            return 0
        ordered = sorted(map(tuple, prompts))
        first, last = ordered[0], ordered[-1]  # what these two share, all that sort between them share
        most = min(map(len, prompts)) - 1
        length = next((n for n in range(most) if first[n] != last[n]), most)
        if length < _WORTH:
            return 0
        prefix = tuple(first[:length])
        if prefix != self._prefix:
            self._prefix, self._cache = prefix, self._filled(prefix)
        return length if self._cache is not None else 0

    def _filled(self, prefix: Ids) -> object:
        """The model's memory of a beginning; None where it is of a kind that cannot be repeated for a batch."""
        import torch
        from transformers.cache_utils import DynamicCache, DynamicLayer

        ids = torch.tensor([prefix], device=self.model.device)
        self.passes += 1
        said = self.model(input_ids=ids, use_cache=True, **self._last([0]))
        cache = said[self._cache_name()]
        plain = isinstance(cache, DynamicCache) and all(isinstance(layer, DynamicLayer) for layer in cache.layers)
        return cache if plain else None

    def _batches(self, prompts: Sequence[Ids]) -> Iterator[list[int]]:
        """Places of prompts of similar lengths, the longest first, so many that a pass holds `batch_tokens` at most."""
        order = sorted(range(len(prompts)), key=lambda place: (-len(prompts[place]), place))
        while order:
            size = max(1, self.batch_tokens // len(prompts[order[0]]))
            yield order[:size]
            order = order[size:]

    def _read(self, prompts: Sequence[Ids], start: int, tokens: Ids) -> list[list[float]]:
        """One pass; where the device has too little memory for it, two of half the size."""
        import torch

        try:
            return self._pass(prompts, start, tokens)
        except torch.OutOfMemoryError:
            if len(prompts) == 1:
                raise
        half = len(prompts) // 2
        return self._read(prompts[:half], start, tokens) + self._read(prompts[half:], start, tokens)

    def _pass(self, prompts: Sequence[Ids], start: int, tokens: Ids) -> list[list[float]]:
        """Prompts stand at the left and padding at the right of them, where no prompt looks."""
        import torch

        rest = [prompt[start:] for prompt in prompts]
        rows, width = len(rest), len(max(rest, key=len))
        ids = torch.zeros(rows, width, dtype=torch.long)
        mask = torch.zeros(rows, start + width, dtype=torch.long)
        mask[:, :start] = 1
        for row, one in enumerate(rest):
            ids[row, : len(one)] = torch.tensor(one)
            mask[row, start : start + len(one)] = 1
        given: dict[str, object] = {"use_cache": False}
        if start:
            cache = copy.deepcopy(self._cache)
            cache.batch_repeat_interleave(rows)  # type: ignore[attr-defined]
            given = {self._cache_name(): cache, "use_cache": True}
        ends = [len(one) - 1 for one in rest]
        kept = sorted(set(ends))
        where = self.model.device
        if "position_ids" in self._takes():
            given["position_ids"] = torch.arange(start, start + width, device=where)[None].expand(rows, -1)
        self.passes += 1
        logits = self.model(
            input_ids=ids.to(where),
            attention_mask=mask.to(where),
            **given,
            **self._last(kept),
        ).logits
        at = [kept.index(end) for end in ends] if logits.shape[1] == len(kept) else ends
        last: torch.Tensor = logits[torch.arange(rows), torch.tensor(at)]
        found: list[list[float]] = torch.log_softmax(last.float(), dim=-1)[:, list(tokens)].tolist()
        return found

    def _last(self, places: Sequence[int]) -> dict[str, object]:
        """Only these places are turned into logits, where the model can leave the others out."""
        import torch

        keeps = "logits_to_keep" in self._takes()
        return {"logits_to_keep": torch.tensor(places, device=self.model.device)} if keeps else {}

    def _cache_name(self) -> str:
        """What this release of transformers calls a model's memory."""
        return "cache" if "cache" in self._takes() else "past_key_values"

    def _takes(self) -> frozenset[str]:
        if not self._parameters:
            self._parameters = frozenset(inspect.signature(self.model.forward).parameters)
        return self._parameters
