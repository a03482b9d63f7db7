"""Sentences of a comparison."""

from __future__ import annotations

from judgeaudit.domain.errors import one_line
from judgeaudit.domain.results.comparison import Multiverse

#: choice -> how it is called in a sentence
CHOICE_WORDS = {
    "benchmark": "the benchmark",
    "judge": "the judge",
    "reference": "whether and how labels correct the judge",
    "treatment": "what gibberish is taken for",
    "anchor": "where training was stopped",
}


def multiverse_sentence(one: Multiverse, *, positive: str) -> str:
    """What all specifications say of one contrast, and which choice alone turns the primary conclusion most often."""
    pair = f"{one_line(one.a)} against {one_line(one.b)}, {one_line(positive)}"
    if not one.n_defined:
        return f"{pair}: no analysis has an estimate."
    open_ = one.n_defined - one.higher - one.lower
    counts = f"higher in {one.higher}, lower in {one.lower}, open in {open_} of {one.n_defined} analyses"
    if one.primary is None:
        return f"{pair}: {counts}; the primary analysis has no estimate."
    words = {"higher": "higher", "lower": "lower", "open": "not decided"}[one.primary]
    turning = next((part for part in one.decomposition if part["flips"]), None)
    if turning is None:
        said = "no single choice turns this"
    else:
        said = f"{CHOICE_WORDS[turning['choice']]} turns this most often ({turning['flips']} of {turning['of']} other options)"
    return f"{pair}: {words} in the primary analysis; {counts}; {said}."
