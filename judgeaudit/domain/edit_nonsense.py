"""Edits that take the sense out of a text, as degraded models do it."""

from __future__ import annotations

import random
import string

_NOISE = string.ascii_lowercase + string.digits + "#%&*;~^"
_FEW_WORDS, _FEW_CHARACTERS, _SHORT = 6, 12, 40
_LOOPED, _ROUNDS = 4, 12


def shuffled(text: str, rng: random.Random) -> str | None:
    """The same words in another order; None for fewer than six words, or four different ones."""
    words = text.split()
    if len(words) < _FEW_WORDS or len(set(words)) < _LOOPED:
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
    """The first four words over and over, about as long as the text; None for fewer than six words."""
    words = text.split()
    if len(words) < _FEW_WORDS:
        return None
    return " ".join(words[:_LOOPED] * max(_ROUNDS, len(words) // _LOOPED))


def cut_off(text: str) -> str | None:
    """The first half of the characters; None for fewer than forty."""
    bare = text.strip()
    return bare[: len(bare) // 2] if len(bare) >= _SHORT else None
