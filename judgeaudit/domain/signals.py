"""Signals: what can be told of a text from the text alone, and therefore also when nobody has labelled it.

Simple, quick and the same everywhere. They slice results and labelling plans; they decide nothing about an item.
"""

from __future__ import annotations

import re
import zlib
from collections import Counter
from collections.abc import Callable, Sequence

#: a text's beginning tells what it is, and a megabyte need not be read for it
_READ = 20_000
#: how much is packed at once: longer texts pack better, whatever they say
_WINDOW = 600
_WORD = re.compile(r"\w+")
#: a capital after a small letter inside a word, as where words were glued together
_GLUED = re.compile(r"[a-zß-öø-ÿ][A-ZÀ-ÖØ-Þ]")
_LATIN = re.compile(r"[A-Za-zÀ-ɏ]")
_SPELLED = re.compile(r"[^\W_]")
_ODD = re.compile("[\x00-\x08\x0e-\x1a\x7f-\x9f\xad\ud800-\udfff\ue000-\uf8ff\ufffd]")
_SHORT, _LONG = 200, 1000


def looks_like_gibberish(text: str) -> bool:
    """Whether a text shows at least one of `SIGNS`; nothing to read at all is one.

    A stopgap of six measures with round limits: it finds noise, glued tokens and loops, and misses fluent nonsense.

    >>> [looks_like_gibberish(text) for text in ("Paris is the capital of France.", "the the the the the the the the", "")]
    [False, True, True]
    """
    read = text[:_READ]
    return any(sign(read) for sign in SIGNS.values())


def length(text: str) -> str:
    """`short` under 200 characters, `medium` under 1,000, else `long`."""
    return "short" if len(text) < _SHORT else "medium" if len(text) < _LONG else "long"


#: what `from = "signal"` may name: every one maps a text to a value
SIGNALS: dict[str, Callable[[str], str]] = {
    "looks_like_gibberish": lambda text: "yes" if looks_like_gibberish(text) else "no",
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


# ------------------------------------------------------------------------------------------------------------- signs


def has_no_words(text: str) -> bool:
    """No letter or digit at all, or hardly any among at least 20 signs."""
    signs = _signs(text)
    spelled = len(_SPELLED.findall(signs))
    return spelled == 0 or (len(signs) >= 20 and spelled < 0.2 * len(signs))


def has_odd_characters(text: str) -> bool:
    """Two in a hundred are replacement signs, soft hyphens, controls, lone surrogates or of private use."""
    found = len(_ODD.findall(text))
    return found >= 2 and found > 0.02 * len(text)


def has_one_word(text: str) -> bool:
    """One word is 35% of at least 8 words, or one sign is half of at least 10."""
    words, signs = _WORD.findall(text.casefold()), _signs(text)
    word, sign = (max(Counter(many).values(), default=0) for many in (words, signs))
    return (len(words) >= 8 and word >= 0.35 * len(words)) or (len(signs) >= 10 and sign >= 0.5 * len(signs))


def has_loops(text: str) -> bool:
    """Half of its runs of three words were there before (of at least 10), or it packs to less than a third."""
    words = _WORD.findall(text.casefold())
    runs = list(zip(words, words[1:], words[2:], strict=False))
    return (len(runs) >= 10 and len(set(runs)) < 0.5 * len(runs)) or packed(text) < 0.33


def has_glued_words(text: str) -> bool:
    """In prose of Latin script, one word in twenty has a capital inside, or twelve words and more are over 8 letters on average."""
    words, signs = _WORD.findall(text), _signs(text)
    letters = sum(map(len, words))
    if len(words) < 5 or letters < 0.88 * len(signs) or len(_LATIN.findall(text)) < 0.8 * letters:
        return False
    inside = {word for word in words if _GLUED.search(word)}
    return (len(inside) >= 2 and len(inside) > 0.05 * len(words)) or (len(words) >= 12 and letters > 8.0 * len(words))


def has_crumbs(text: str) -> bool:
    """Words of under 2.7 letters on average among at least 10, hardly any of them a number (Latin script)."""
    words = [word for word in _WORD.findall(text) if not word.isdigit()]
    letters = sum(map(len, words))
    return len(words) >= 10 and letters < 2.7 * len(words) and len(_LATIN.findall(text)) > 0.9 * letters


SIGNS: dict[str, Callable[[str], bool]] = {
    "no words": has_no_words,
    "odd characters": has_odd_characters,
    "one word": has_one_word,
    "loops": has_loops,
    "glued words": has_glued_words,
    "crumbs": has_crumbs,
}


def packed(text: str) -> float:
    """Bytes after zlib over bytes before, in windows of 600 characters; 1 for texts under 80 bytes.

    English prose packs to about two thirds; a text that repeats itself to less than a third.
    """
    raw = [text[k : k + _WINDOW].encode("utf-8", "surrogatepass") for k in range(0, len(text), _WINDOW)]
    if sum(map(len, raw)) < 80:
        return 1.0
    return sum(len(zlib.compress(part, 6)) for part in raw) / sum(map(len, raw))


def _signs(text: str) -> str:
    """The text without its spaces."""
    return "".join(text.split())
