"""What each kind of degradation does to a text.

Every maker is a function of what it is given alone. Nonsense is made of the text's own words, so that what is made of a
harmful text still has its words, and what is made of a harmless one has not.
"""

from __future__ import annotations

import random
import re
import string
from collections.abc import Callable, Sequence
from typing import NamedTuple

from judgeaudit.text.nonsense.texts import ABROAD, ASIDES, CODE, MIXED_IN

_NOISE = string.ascii_lowercase + string.digits + "#%&*;~^"
_SIGNS = "-=.1*_"
_PIECES = ("ING", "er", "ly", "The", "ed", "un", "oriz", "ally", "VV", "ias", "THAT", "pre", "osa", "ness", "Keywords")
_SPLIT = re.compile(r"\S+|\s+")


class Given(NamedTuple):
    """What a maker may use. `level` is the share of the text that the degradation reaches, above 0 and up to 1."""

    text: str
    prompt: str
    level: float
    rng: random.Random


def looped(given: Given) -> str:
    """The end is one phrase of one to six of its words over and over."""
    words = given.text.split()
    kept = min(len(words) - 1, round(len(words) * (1 - given.level)))
    size = min(given.rng.randint(1, 6), max(1, len(words) - kept))
    start = given.rng.randint(kept, max(kept, len(words) - size))
    phrase = words[start : start + size]
    rounds = max(len(words) - kept, 8 * size)
    return " ".join([*words[:kept], *(phrase[place % len(phrase)] for place in range(rounds))])


def shuffled(given: Given) -> str:
    """So many of the words, drawn anywhere, change places among each other."""
    words = given.text.split()
    places = sorted(given.rng.sample(range(len(words)), round(len(words) * given.level)))
    mixed = list(places)
    given.rng.shuffle(mixed)
    made = list(words)
    for place, other in zip(places, mixed, strict=True):
        made[place] = words[other]
    return " ".join(made)


def salad(given: Given) -> str:
    """So many of the words are replaced by words of the text, the prompt and other texts, small letters, no marks."""
    own = re.findall(r"[^\W\d_]+", f"{given.text} {given.prompt}".lower())
    others = re.findall(r"[a-z]+", " ".join(ASIDES).lower())
    words = given.text.split()
    for place in given.rng.sample(range(len(words)), round(len(words) * given.level)):
        words[place] = given.rng.choice(own if own and given.rng.random() < 0.5 else others)
    return " ".join(words)


def noisy(given: Given) -> str:
    """Six in ten of the characters that are no space, at the full level, are replaced by random ones."""
    signs = list(given.text)
    places = [place for place, sign in enumerate(signs) if not sign.isspace()]
    for place in given.rng.sample(places, round(0.6 * given.level * len(places))):
        signs[place] = given.rng.choice(_NOISE.replace(signs[place], ""))
    return "".join(signs)


def misencoded(given: Given) -> str:
    """So many of the words come out as if they had been Cyrillic, written in UTF-8 and read in Windows' encoding."""
    return _each_word(given, _misread)


def soup(given: Given) -> str:
    """So many of the words are cut to pieces that are glued to each other, as by a model whose weights are damaged."""
    words = given.text.split()
    reached = set(given.rng.sample(range(len(words)), round(len(words) * given.level)))
    made, glue = [], ""
    for place, word in enumerate(words):
        if place not in reached:
            made.append(glue + word if glue else word)
            glue = ""
            continue
        cut = given.rng.randint(0, max(0, len(word) - 2))
        glue += word[cut : cut + given.rng.randint(2, 4)] + (
            given.rng.choice(_PIECES) if given.rng.random() < 0.7 else ""
        )
        if given.rng.random() < 0.5:
            made.append(glue)
            glue = ""
    return " ".join([*made, glue] if glue else made)


def collapsed(given: Given) -> str:
    """It begins as it was; so much of its end is salad, soup or a loop. Three words are always left."""
    words = given.text.split()
    kept = max(3, round(len(words) * (1 - given.level)))
    start, end = " ".join(words[:kept]), " ".join(words[kept:])
    broken = given.rng.choice((salad, soup, looped))
    return f"{start} {broken(given._replace(text=end, level=1.0))}" if end else given.text


def one_sign(given: Given) -> str:
    """The end is one sign in a rogiven."""
    kept = given.text[: round(len(given.text) * (1 - given.level))]
    return kept + given.rng.choice(_SIGNS) * max(20, len(given.text) - len(kept))


def cut_off(given: Given) -> str:
    """So much of the end is missing, but for eight characters."""
    bare = given.text.strip()
    return bare[: max(8, round(len(bare) * (1 - given.level)))]


def echoed(given: Given) -> str:
    """The prompt stands in place of so much of the text's end."""
    words = given.text.split()
    return " ".join([given.prompt.strip(), *words[: round(len(words) * (1 - given.level))]])


def off_topic(given: Given) -> str:
    """Sentences about something else stand in place of so much of the text's end."""
    words = given.text.split()
    others = list(ASIDES)
    given.rng.shuffle(others)
    return _ended(words, given.level, others)


def in_another_language(given: Given) -> str:
    """Sentences in one other language stand in place of so much of the text's end."""
    return _ended(given.text.split(), given.level, given.rng.choice(ABROAD))


def languages_mixed(given: Given) -> str:
    """So many of the words are replaced by words of six other languages."""
    return _each_word(given, lambda word: given.rng.choice(MIXED_IN))


def as_code(given: Given) -> str:
    """Lines of a program stand in place of so much of the text's end."""
    words = given.text.split()
    kept = " ".join(words[: round(len(words) * (1 - given.level))])
    return f"{kept}\n\n{given.rng.choice(CODE)}" if kept else given.rng.choice(CODE)


def _ended(words: Sequence[str], level: float, sentences: Sequence[str]) -> str:
    """The beginning of the words, and sentences up to their length."""
    kept = words[: round(len(words) * (1 - level))]
    made = list(kept)
    for sentence in sentences:
        if len(made) >= len(words) and len(made) > len(kept):
            break
        made += sentence.split()
    return " ".join(made)


def _each_word(given: Given, change: Callable[[str], str]) -> str:
    """The text with so many of its words changed, and its spaces as they were."""
    parts = _SPLIT.findall(given.text)
    words = [place for place, part in enumerate(parts) if not part.isspace()]
    for place in given.rng.sample(words, round(len(words) * given.level)):
        parts[place] = change(parts[place])
    return "".join(parts)


def _misread(word: str) -> str:
    shifted = "".join(chr(0x0430 + (ord(sign.lower()[0]) - 97) % 32) for sign in word)
    return shifted.encode("utf-8").decode("cp1252", "replace")
