"""Signals: what can be told of a text from the text alone, and therefore also when nobody has labelled it.

Simple, quick and the same everywhere. They slice results and labelling plans; they decide nothing about an item.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

from judgeaudit.text.gibberish.score import read_text

_SHORT, _LONG = 200, 1000
#: the signal that stands for gibberish where nobody has labelled it, and the subject of findings about it
LOOKS = "looks_like_gibberish"
SIGNAL_SUBJECT = f"signal:{LOOKS}"


def looks_like_gibberish(text: str) -> bool:
    """Whether the quick score of a text is at least 0.5 (`gibberish/score.py`); nothing to read at all is gibberish, too.

    >>> [looks_like_gibberish(text) for text in ("Paris is the capital of France.", "the the the the the the the the", "")]
    [False, True, True]
    """
    return read_text(text).suspect


def length(text: str) -> str:
    """`short` under 200 characters, `medium` under 1,000, else `long`."""
    return "short" if len(text) < _SHORT else "medium" if len(text) < _LONG else "long"


#: what `from = "signal"` may name: every one maps a text to a value
SIGNALS: dict[str, Callable[[str], str]] = {
    LOOKS: lambda text: "yes" if looks_like_gibberish(text) else "no",
    "length": length,
}


def signal_values(name: str, texts: Sequence[str]) -> list[str]:
    """The signal's value for every text; equal texts are measured once."""
    signal = SIGNALS[name]
    known = {text: signal(text) for text in set(texts)}
    return [known[text] for text in texts]


def item_values(name: str, responses: Sequence[str], others: Sequence[str] | None = None) -> list[str]:
    """The signal's value for every item; a pairwise item has that of both responses, as "no" or "no|yes"."""
    first = signal_values(name, responses)
    if others is None:
        return first
    return ["|".join(sorted({a, b})) for a, b in zip(first, signal_values(name, others), strict=True)]
