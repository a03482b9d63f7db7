"""Measures of a text that tell whether it reads as language. Pure functions of the text; no dictionary, no model.

A measure that needs a stretch of text is taken in windows, and the worst window counts: an answer that begins well and
then breaks down is found by its end. Each says what it means, its range, and which way is suspicious.
"""

from __future__ import annotations

import math
import re
import zlib
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from functools import cache
from itertools import pairwise
from typing import NamedTuple, TypeVar

from judgeaudit.text.gibberish.english import english
from judgeaudit.text.gibberish.words import FUNCTION, classes_of

#: a text's beginning tells what it is, and a megabyte need not be read for it
READ = 20_000
#: how many words (and marks) are looked at together, and how far the next window starts
WINDOW, STEP = 40, 20
#: how much is packed at once: longer texts pack better, whatever they say
PACKED = 600
LONGEST_LOOP = 24

_WORD = re.compile(r"[^\W\d_]+")
_ANY_WORD = re.compile(r"\w+")
_ROW = re.compile(r"(.{1,24}?)\1{3,}", re.DOTALL)
_ODD = re.compile(
    "[\x00-\x08\x0e-\x1a\x7f-\x9f\xad\ud800-\udfff\ue000-\uf8ff\ufffd]|[ÃÂâÐÑ][\x80-\xff\u0152-\u0192\u02c6\u02dc\u2013-\u203a\u20ac\u2122]"
)
_GLUED = re.compile(r"[a-zß-öø-ÿ][A-ZÀ-ÖØ-Þ]|[A-Z]{2}[a-z]{2}|[a-zA-Z]\d[a-zA-Z]|[^\W\d_][^\w\s'’.,:/@()\"*-][^\W\d_]")
_SMALL = re.compile(r"(?<![^\W\d_])[a-z]{2,}")
_FUNCTION = frozenset(FUNCTION)
T = TypeVar("T")


class Measured(NamedTuple):
    """A measure's worst value, and over how many words it was taken."""

    value: float
    size: int


def loops(text: str) -> Measured:
    """Share of the words that repeat what stands 1 to 24 words before them, in the longest unbroken run. 0 to 1, high is a loop."""
    words = _ANY_WORD.findall(text.casefold())
    runs = list(zip(words, words[1:], words[2:], strict=False))
    if len(words) < 6 or len(set(runs)) == len(runs):  # a loop repeats three words at least
        return Measured(0.0, len(words))
    longest = 0
    for period in range(1, min(LONGEST_LOOP, len(words) // 2) + 1):
        run = best = 0
        for same in map(str.__eq__, words, words[period:]):
            run = run + 1 if same else 0
            best = max(best, run)
        if best >= max(2 * period, 4):
            longest = max(longest, best + period)
    return Measured(longest / len(words), len(words))


def rows(text: str) -> Measured:
    """Share of the characters that stand in one to 24 signs written four times and more, as `-----` or `ighterighter`. 0 to 1, high."""
    held = sum(len(found.group()) for found in _ROW.finditer(text) if len(found.group()) >= 8 and found.group().strip())
    return Measured(held / max(1, len(text)), len(text) // 5)


def repeats(text: str) -> Measured:
    """Share of the runs of three words that were there before. 0 to 1, high is suspicious."""
    words = _ANY_WORD.findall(text.casefold())
    runs = list(zip(words, words[1:], words[2:], strict=False))
    return Measured(1 - len(set(runs)) / len(runs) if runs else 0.0, len(words))


def packing(text: str) -> Measured:
    """Minus the bytes after zlib over those before, in the best packed window of 600 characters. -1 to 0, near 0 is a loop.

    English prose packs to about two thirds; a text that repeats itself to less than a third. -1 for texts under 80 bytes.
    """
    raw = [text[k : k + PACKED].encode("utf-8", "surrogatepass") for k in range(0, len(text), PACKED)]
    long = [part for part in raw if len(part) >= 80]
    return Measured(max((-len(zlib.compress(part, 6)) / len(part) for part in long), default=-1.0), len(text) // 6)


def unspelled(text: str) -> Measured:
    """Bits for each letter under a table of three letters of English words, in the worst window. English is near 3, noise near 6.

    Words that begin with a capital are left out, since names of people and places are spelled in any way.
    """
    found = [_spelled(word) for word in _SMALL.findall(text)]
    return _worst([bits for bits, _ in found], [size for _, size in found])


def disorder(text: str) -> Measured:
    """How much less the words bind to their neighbours than chance would have it, in nats, in the worst window.

    English prose is near -0.5, the same words in random order near 0 and above.
    """
    places = classes_of(text)
    bonds = english().class_bonds
    return _worst([-bonds[a][b] for a, b in pairwise(places)])


def shuffling(text: str) -> Measured:
    """How much less the words bind to their neighbours than the same words would in random order, in nats, over the whole text.

    English prose is near -1, shuffled words near 0, whatever the text is about.
    """
    places = classes_of(text)
    size, bonds, counts = len(places), english().class_bonds, Counter(places)
    if size < 3:
        return Measured(-1.0, 0)
    real = sum(bonds[a][b] for a, b in pairwise(places)) / (size - 1)
    every = sum(n * m * bonds[a][b] for a, n in counts.items() for b, m in counts.items())
    return Measured((every - sum(n * bonds[a][a] for a, n in counts.items())) / (size * (size - 1)) - real, size)


def unheld(text: str) -> Measured:
    """Share of words that are not among the 160 that hold English sentences together, in the worst window. Two-sided, near 0.5."""
    words = _WORD.findall(text.lower())
    return _worst([word not in _FUNCTION for word in words])


def overheld(text: str) -> Measured:
    """Share of words that are among the 160, in the window that has most. High is a string of small words."""
    words = _WORD.findall(text.lower())
    return _worst([word in _FUNCTION for word in words])


def odd(text: str) -> Measured:
    """Share of characters that are replacement signs, controls, of private use, lone surrogates, or letters read in a wrong encoding."""
    return Measured(len(_ODD.findall(text)) / max(1, len(text)), len(text) // 5)


def glued(text: str) -> Measured:
    """Share of words with a capital, a digit or a sign inside, in the worst window. 0 to 1, high is suspicious."""
    return _worst([_GLUED.search(word) is not None for word in text.split()])


def long_words(text: str) -> Measured:
    """Letters of a word on average, in the window where they are longest. English prose is near 4.5; high are glued words."""
    return _worst([len(word) for word in _WORD.findall(text)])


def short_words(text: str) -> Measured:
    """Minus the letters of a word on average, where they are shortest. Near -4.5; high (towards -2) are crumbs of words."""
    return _worst([-len(word) for word in _WORD.findall(text)])


def marks(text: str) -> Measured:
    """Share of the characters that are neither letters nor spaces, in the worst window of words. English prose is under 0.1."""
    words = text.split()
    return _worst([len(word) - sum(map(len, _WORD.findall(word))) for word in words], [len(word) for word in words])


def one_word(text: str) -> Measured:
    """Share of the commonest word, in the worst window. English prose is near 0.08; high is suspicious."""
    words = _ANY_WORD.findall(text.casefold())
    shares = [max(Counter(part).values()) / len(part) for part in _windows(words) if part]
    return Measured(max(shares, default=0.0), min(len(words), WINDOW))


class Measure(NamedTuple):
    """A measure and what it speaks of. `english` ones are held against English prose alone. High is always the suspicious way."""

    of: Callable[[str], Measured]
    speaks_of: str
    english: bool
    words: str


MEASURES: dict[str, Measure] = {
    "loops": Measure(loops, "loops", False, "a phrase is repeated without end"),
    "rows": Measure(rows, "loops", False, "the same few signs again and again in a row"),
    "repeats": Measure(repeats, "loops", False, "the same three words come again and again"),
    "packing": Measure(packing, "loops", False, "it packs like a text that repeats itself"),
    "one_word": Measure(one_word, "loops", False, "one word is everywhere"),
    "odd": Measure(odd, "spelling", False, "characters of a broken encoding"),
    "unspelled": Measure(unspelled, "spelling", True, "letters follow each other as in no English word"),
    "glued": Measure(glued, "spelling", True, "words are glued or broken by signs"),
    "marks": Measure(marks, "spelling", True, "many marks and digits among few letters"),
    "disorder": Measure(disorder, "order", True, "words follow each other as in no sentence"),
    "shuffling": Measure(shuffling, "order", True, "the words could as well stand in random order"),
    "unheld": Measure(unheld, "words", True, "hardly any of the small words that hold sentences together"),
    "overheld": Measure(overheld, "words", True, "hardly anything but small words"),
    "long_words": Measure(long_words, "words", True, "words are very long"),
    "short_words": Measure(short_words, "words", True, "words are crumbs"),
}


def certainty(words: int) -> float:
    """How much a measure over so many words counts: all from a window on, less below."""
    return math.pow(min(1.0, words / WINDOW), 0.75)


def _worst(amounts: Sequence[float], sizes: Sequence[float] | None = None) -> Measured:
    """The largest mean over windows: of the amounts, each divided by its size where there are sizes."""
    if not amounts:
        return Measured(0.0, 0)
    if sizes is None:
        means = [sum(window) / len(window) for window in _windows(amounts)]
    else:
        both = zip(_windows(amounts), _windows(sizes), strict=True)
        means = [sum(window) / max(1e-9, sum(size)) for window, size in both]
    return Measured(max(means), min(len(amounts), WINDOW))


def _windows(parts: Sequence[T]) -> Iterator[Sequence[T]]:
    """Windows that cover a sequence, the last one whole; one window where it is shorter."""
    last = len(parts) - WINDOW
    yield from (parts[k : k + WINDOW] for k in range(0, max(1, last), STEP))
    if last > 0:
        yield parts[last:]


@cache
def _spelled(word: str) -> tuple[float, float]:
    """The bits of a word and its end, and how many signs that are."""
    bits, padded = english().letter_bits, f"  {word[:40]} "
    return sum(bits[padded[k : k + 3]] for k in range(len(padded) - 2)), len(padded) - 2.0
