"""English words by the part they play in a sentence, told by a short list and by endings; no dictionary is needed."""

from __future__ import annotations

import re
from functools import lru_cache

#: words that hold sentences together; each is a class of its own
FUNCTION = tuple(
    word
    for words in (
        "the a an this that these those it its he she they we you i him her them us me his their our your my who which what",
        "and or but so if because as while when where although than then though since until unless whether how why not no nor",
        "of in on at to for from with by about into over after before between through during under without against within",
        "among is are was were be been being am has have had having do does did done can could will would may might must",
        "should shall there here all any each every some many much more most few other another such same both either one two",
        "first only also just even very too still again never always often now up out off down back",
    )
    for word in words.split()
)
#: what is none of these goes by how it looks
SHAPES = ("<s>", ",", ":", "#", "Name", "ing", "ed", "ly", "tion", "er", "s", "short", "word", "other")
#: the word "other" and the words that no rule places are one class
CLASSES = tuple(dict.fromkeys((*FUNCTION, *SHAPES)))
_KNOWN = {word: place for place, word in enumerate(CLASSES)}
_CONTRACTED = {"n't": "not", "'s": "is", "'re": "are", "'ve": "have", "'ll": "will", "'d": "would", "'m": "am"}
_ENDINGS = (
    ("ing", re.compile(r"...ing$")),
    ("ed", re.compile(r"..ed$")),
    ("ly", re.compile(r"..ly$")),
    ("tion", re.compile(r"...(?:tion|sion|ment|ness|ity|ance|ence)s?$")),
    ("er", re.compile(r"...(?:er|or|est)$")),
    ("s", re.compile(r"..[^s]s$")),
)
_TOKEN = re.compile(r"[^\W\d_]+|['’][a-z]{1,2}\b|\d+|[.!?]+|\n+|[,;()\"“”]|:|-{2,}|[–—]")
_APOSTROPHE = re.compile(r"n['’]t\b")
START, NUMBER = _KNOWN["<s>"], _KNOWN["#"]


@lru_cache(maxsize=4)
def classes_of(text: str) -> tuple[int, ...]:
    """The class of every word and mark of a text, as places in `CLASSES`; sentences are parted by `<s>`.

    >>> [CLASSES[place] for place in classes_of("The cats aren't sleeping.")]
    ['<s>', 'the', 's', 'are', 'not', 'ing', '<s>']
    """
    found = [START]
    for token in _TOKEN.findall(_APOSTROPHE.sub(" not", text)):
        place = _class(token, starts=found[-1] == START)
        if place != START or found[-1] != START:
            found.append(place)
    return tuple(found)


@lru_cache(maxsize=20_000)
def _class(token: str, *, starts: bool) -> int:
    first = token[0]
    if not first.isalpha():
        return _mark(token)
    word = token.lower()
    known = _KNOWN.get(word)
    if known is not None:
        return known
    if first.isupper() and not starts:
        return _KNOWN["Name"]
    if not word.isascii():
        return _KNOWN["other"]
    for name, ending in _ENDINGS:
        if ending.search(word):
            return _KNOWN[name]
    return _KNOWN["short" if len(word) < 5 else "word"]


def _mark(token: str) -> int:
    if token[0] in "'’":
        return _KNOWN[_CONTRACTED.get("'" + token[1:], "s")]
    if token[0].isdigit():
        return NUMBER
    return START if token[0] in ".!?\n" else _KNOWN[":"] if token in (":", "–", "—") or token[0] == "-" else _KNOWN[","]
