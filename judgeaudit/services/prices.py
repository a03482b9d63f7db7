"""What a call cost, from the tokens that a service counted. A price that nobody knows is None, never 0."""

from __future__ import annotations

import warnings
from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Price:
    """US dollars for a million tokens; `cached` is for tokens that the service had read before."""

    input: float
    output: float
    cached: float | None = None

    def of(self, *, input_tokens: int, output_tokens: int, cached_tokens: int = 0) -> float:
        """US dollars for so many tokens, of which `cached_tokens` are among the input."""
        cached = min(cached_tokens, input_tokens)
        dear = (input_tokens - cached) * self.input + output_tokens * self.output
        return (dear + cached * (self.input if self.cached is None else self.cached)) / 1_000_000


def known_price(
    kind: str, model: str, *, input_tokens: int, output_tokens: int, cached_tokens: int = 0
) -> float | None:
    """What the public price list of the provider says, each call at the price of its size; None where it has no such model."""
    from genai_prices import Usage, calc_price

    usage = Usage(
        input_tokens=input_tokens, output_tokens=output_tokens, cache_read_tokens=min(cached_tokens, input_tokens)
    )
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            return float(calc_price(usage, model, provider_id=kind).total_price)
    except (LookupError, ValueError):
        return None
