"""What a model in this process said, as JSON in the ledger, and read again without the model."""

from __future__ import annotations

import json
import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import get_args

from judgeaudit.services.http import at, count_at, items_at, text_at
from judgeaudit.services.messages import Json, RejectedError, Reply, Request, Token, WordsBy

_BY: tuple[WordsBy, ...] = get_args(WordsBy)


@dataclass(frozen=True, slots=True, kw_only=True)
class Said:
    """One answer of a model.

    words   word or class -> its probability; empty where a text was generated
    by      of tokens; of classes that exclude one another; of classes that do not
    raw     the numbers as the model gave them, where they are not the probabilities
    """

    model: str
    dtype: str
    input_tokens: int
    words: Mapping[str, float] | None = None
    by: WordsBy = "tokens"
    raw: Mapping[str, float] | None = None
    text: str = ""
    truncated: bool = False
    tokens: tuple[Token, ...] = ()
    output_tokens: int = 0
    left_out: int = 0

    def as_json(self) -> str:
        """For the ledger. RejectedError where a number is none."""
        numbers = [*(self.words or {}).values(), *(self.raw or {}).values()]
        if not all(map(math.isfinite, numbers)):
            msg = "the model's probabilities are no numbers (nan); its weights or its dtype do not fit"
            raise RejectedError(msg)
        tokens = [[one.text, one.logprob, [list(top) for top in one.top]] for one in self.tokens]
        plain: dict[str, object] = {
            "model": self.model,
            "dtype": self.dtype,
            "input_tokens": self.input_tokens,
            "output_tokens": self.output_tokens,
            "left_out": self.left_out,
        }
        if self.words is None:
            plain |= {"text": self.text, "truncated": self.truncated, "tokens": tokens}
        else:
            plain |= {"words": dict(self.words), "by": self.by}
        if self.raw is not None:
            plain["raw"] = dict(self.raw)
        return json.dumps(plain)


@dataclass(frozen=True, slots=True)
class ModelReplies:
    """Reads what `Said` wrote. It sends nothing: models in this process are asked many items at a time."""

    name = "a model in this process"

    async def send(self, request: Request) -> str:  # noqa: ARG002
        msg = "a model in this process is not called over a network"
        raise TypeError(msg)

    def read(self, raw: str) -> Reply:
        """The reply, with words and probabilities where no text was generated."""
        value: Json = json.loads(raw)
        words = at(value, "words")
        shared = {
            "model": text_at(value, "model") or None,
            "input_tokens": count_at(value, "input_tokens"),
            "output_tokens": count_at(value, "output_tokens"),
            "left_out": count_at(value, "left_out") or 0,
        }
        if isinstance(words, dict):
            found = tuple((word, float(share)) for word, share in words.items() if isinstance(share, int | float))
            by = text_at(value, "by")
            return Reply(
                text=max(found, key=lambda pair: pair[1])[0] if found else "",
                words=found,
                words_by=next((one for one in _BY if one == by), "tokens"),
                **shared,  # type: ignore[arg-type]
            )
        return Reply(
            text=text_at(value, "text"),
            ending="truncated" if at(value, "truncated") is True else "ended",
            tokens=tuple(_token(one) for one in items_at(value, "tokens")),
            **shared,  # type: ignore[arg-type]
        )

    async def close(self) -> None:
        """Nothing is open."""


def _token(value: Json) -> Token:
    top = tuple((text_at(one, 0), _number(at(one, 1))) for one in items_at(value, 2))
    return Token(text=text_at(value, 0), logprob=_number(at(value, 1)), top=top)


def _number(value: Json) -> float:
    return float(value) if isinstance(value, int | float) else -math.inf
