"""Texts that are too long for a model: their middle is left out, and what is left out is counted."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

from judgeaudit.domain.output import Output, Turn
from judgeaudit.judges.replies.reply import RejectedError, Request

#: of a text that is cut at least so many characters stay
_LEAST = 64
_SAFE = 0.9


@dataclass(frozen=True, slots=True, kw_only=True)
class Fitted:
    """A prompt as tokens, and how many characters of the judged texts are not in it."""

    request: Request
    ids: Sequence[int]
    left_out: int = 0


def fitted(output: Output, render: Callable[[Output], tuple[Request, Sequence[int]]], limit: int) -> Fitted:
    """The prompt about an output in at most `limit` tokens. RejectedError where that cannot be."""
    request, ids = render(output)
    if len(ids) <= limit:
        return Fitted(request=request, ids=ids)
    longest = max(map(len, _texts(output)))
    most = longest
    while most > _LEAST:
        most = max(_LEAST, min(most - 1, int(most * _SAFE * limit / len(ids))))
        shorter = _each(output, most)
        request, ids = render(shorter)
        if len(ids) <= limit:
            left_out = sum(max(0, len(text) - most) for text in _texts(output))
            return Fitted(request=request, ids=ids, left_out=left_out)
    msg = f"too long: {len(ids):,} tokens without most of the judged text, where the model takes {limit:,}"
    raise RejectedError(msg)


def _texts(output: Output) -> list[str]:
    return [output.prompt, output.response, output.response_b or "", *(turn.content for turn in output.turns)]


def _each(output: Output, most: int) -> Output:
    return replace(
        output,
        prompt=_cut(output.prompt, most),
        response=_cut(output.response, most),
        response_b=None if output.response_b is None else _cut(output.response_b, most),
        turns=tuple(Turn(role=turn.role, content=_cut(turn.content, most)) for turn in output.turns),
    )


def _cut(text: str, most: int) -> str:
    """The beginning and the end of a text; what is between is left out, and the text says so."""
    if len(text) <= most:
        return text
    half = most // 2
    return f"{text[:half]}\n[… {len(text) - most:,} characters left out …]\n{text[len(text) - (most - half) :]}"
