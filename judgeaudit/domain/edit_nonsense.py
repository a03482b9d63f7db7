"""Edits that take the sense out of a text, as degraded models do it."""

from __future__ import annotations

import random
import string

_NOISE = string.ascii_lowercase + string.digits + "#%&*;~^"
_FEW_WORDS, _FEW_CHARACTERS, _SHORT = 6, 12, 40
_DIFFERENT, _LOOPED, _ROUNDS = 4, 3, 4


def shuffled(text: str, rng: random.Random) -> str | None:
    """The same words in another order; None for fewer than six words, or four different ones."""
    words = text.split()
    if len(words) < _FEW_WORDS or len(set(words)) < _DIFFERENT:
        return None
    mixed = list(words)
    while mixed == words:
        rng.shuffle(mixed)
    return " ".join(mixed)


def noisy(text: str, rng: random.Random) -> str | None:
    """Half of the characters that are no space are replaced; None for fewer than twelve of them."""
    letters = list(text)
    places = [place for place, letter in enumerate(letters) if not letter.isspace()]
    if len(places) < _FEW_CHARACTERS:
        return None
    for place in rng.sample(places, len(places) // 2):
        letters[place] = rng.choice(_NOISE.replace(letters[place], ""))
    return "".join(letters)


def looped(text: str) -> str | None:
    """The first three words over and over, as many words as the text has; None for fewer than twelve."""
    words = text.split()
    if len(words) < _ROUNDS * _LOOPED:
        return None
    return " ".join(words[place % _LOOPED] for place in range(len(words)))


def cut_off(text: str) -> str | None:
    """The first half of the characters; None for fewer than forty."""
    bare = text.strip()
    return bare[: len(bare) // 2] if len(bare) >= _SHORT else None
