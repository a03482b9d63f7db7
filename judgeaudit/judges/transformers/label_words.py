"""Which tokens a model's answer begins with: the words that are looked for, spelled as its tokenizer spells them."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

Tokens = tuple[int, ...]
Encode = Callable[[str], Sequence[int]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Spelled:
    """The words of a verdict as tokens.

    first  word -> tokens, each of which begins this word and no other one
    whole  words that begin with the same token as another one -> all their tokens
    """

    words: Sequence[str]
    first: Mapping[str, Tokens]
    whole: Mapping[str, Tokens]


def spell(words: Sequence[str], encode: Encode, *, end: int | None) -> Spelled:
    """How a tokenizer begins each word: with a space before it or not, in its own case or another.

    A word that is the beginning of another one, as `1` is of `10`, is read with the `end` of the answer after it.
    """
    own = {word: tuple(encode(word)) for word in words}
    heads = [tokens[:1] for tokens in own.values()]
    shared = {word for word, tokens in own.items() if heads.count(tokens[:1]) > 1}
    claimed = defaultdict(set)
    for word in words:
        for form in _forms(word, words):
            claimed[tuple(encode(form))[:1]].add(word)
    first = {
        word: tuple(head[0] for head, who in claimed.items() if head and who == {word})
        for word in words
        if word not in shared
    }
    return Spelled(words=words, first=first, whole={word: _closed(own[word], own, end) for word in shared})


def _forms(word: str, words: Sequence[str]) -> list[str]:
    """A word as a model may write it; another case only where that is not another one of the words."""
    cased = [one for one in (word.lower(), word.capitalize(), word.upper()) if one not in words]
    return [lead + one for one in dict.fromkeys((word, *cased)) for lead in ("", " ")]


def _closed(tokens: Tokens, own: Mapping[str, Tokens], end: int | None) -> Tokens:
    goes_on = any(other != tokens and other[: len(tokens)] == tokens for other in own.values())
    return (*tokens, end) if goes_on and end is not None else tokens
