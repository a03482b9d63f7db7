"""How much a text looks like gibberish, in [0, 1], and what else it may be: quick, the same everywhere, explained.

Each measure says how far a text lies from sound English answers, in spreads of those; measures of one thing count once, by
the one that lies farthest. What goes beyond one spread is added up as the length of a vector, e, and the score is
e / (e + limit), so that it is 0.5 where one in forty of the sound answers begins that centre, spread and limit were fitted to
(`english.json`, made by benchmarks/coherence/fit.py). No degraded text was used to fit it.
"""

from __future__ import annotations

import math
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

from judgeaudit.text.gibberish.english import english
from judgeaudit.text.gibberish.measures import MEASURES, READ, Measured, certainty
from judgeaudit.text.gibberish.parts import parts_of
from judgeaudit.text.gibberish.refusals import refuses

TextKind = Literal["gibberish", "empty", "code", "other language", "echo", "refusal", "cut off", "prose"]
#: from this score on a text is called gibberish
SUSPECT = 0.5
#: how many spreads a measure must lie beyond the usual to be named as a reason
TELLING = 2.0
#: what signals of a model speak of, and in which words
MORE_WORDS: dict[str, tuple[str, str]] = {
    "surprise": ("model", "a language model finds a stretch of it surprising"),
    "foretold": ("model", "a language model could have foretold a stretch of it"),
    "mean_surprise": ("model", "a language model finds it surprising on the whole"),
}
_TEMPLATES = re.compile(
    r"<\|[^|>\n]{1,40}\|>|</?s>|\[/?(?:INST|SYS)\]|<</?SYS>>|<(?:no)?(?:in|out)put>|^[#\s]*(?:Instruction|Input|Response|Assistant|User):?\s*$",
    re.MULTILINE | re.IGNORECASE,
)
_SPELLED = re.compile(r"[^\W_]")
_WORD = re.compile(r"\w+")
_ENDED = re.compile(r"[.!?:;。！？…\"'”’»)\]}`*|>]\s*\Z")
_ECHOED, _FEW = 0.6, 4


@dataclass(frozen=True, slots=True, kw_only=True)
class TextReading:
    """What a text looks like. `beyond` is, for each measure, how many spreads it lies on the suspicious side of sound answers.

    `because` are the measures that speak for gibberish, the strongest first; `kind` is a guess.
    """

    score: float
    kind: TextKind
    because: tuple[str, ...]
    beyond: Mapping[str, float]

    @property
    def suspect(self) -> bool:
        """Whether the score is at least 0.5."""
        return self.score >= SUSPECT


def read_text(text: str, prompt: str = "", *, more: Mapping[str, Measured] | None = None) -> TextReading:
    """The score of a text, why, and what kind it may be. `prompt` tells echoes; `more` are signals of a model.

    >>> read_text("The ferry leaves at noon, and tickets are sold on board.").suspect, read_text("the the the the " * 5).suspect
    (False, True)
    >>> read_text("").kind
    'empty'
    """
    begun = text.lstrip()[:READ]
    if not _SPELLED.search(begun):
        kind: TextKind = "gibberish" if begun.strip() else "empty"
        return TextReading(score=1.0, kind=kind, because=("no_words",), beyond={})
    if not _SPELLED.search(_TEMPLATES.sub("", begun)):
        return TextReading(score=1.0, kind="gibberish", because=("template",), beyond={})
    parts = parts_of(begun)
    taken = {name: one.of(parts.prose if one.english else begun) for name, one in MEASURES.items()}
    beyond = {name: _beyond(name, found) for name, found in {**taken, **(more or {})}.items()}
    score = combined(beyond, english().limits["with a model" if more else "quick"])
    told = [name for name in sorted(beyond, key=lambda one: -beyond[one]) if beyond[name] >= TELLING]
    guessed = "gibberish" if score >= SUSPECT else _kind(begun, prompt, code=parts.code, foreign=parts.foreign)
    return TextReading(score=score, kind=guessed, because=tuple(told), beyond=beyond)


def combined(beyond: Mapping[str, float], limit: float) -> float:
    """The score of measures that lie so many spreads beyond the usual."""
    farthest: dict[str, float] = {}
    for name, value in beyond.items():
        of = MEASURES[name].speaks_of if name in MEASURES else MORE_WORDS[name][0]
        farthest[of] = max(farthest.get(of, 0.0), value - 1)
    excess = math.hypot(*farthest.values())
    return excess / (excess + limit)


def words_for(name: str) -> str:
    """What a measure says, in words.

    >>> words_for("loops"), words_for("no_words")
    ('a phrase is repeated without end', 'no words at all')
    """
    alone = {"no_words": "no words at all", "template": "nothing but marks of a chat template"}
    return alone.get(name) or (MEASURES[name].words if name in MEASURES else MORE_WORDS[name][1])


def echo_share(text: str, prompt: str) -> float:
    """Share of the text's runs of three words that stand in the prompt; 0 where the prompt has fewer than four words."""
    asked = _WORD.findall(prompt.casefold())
    words = _WORD.findall(text[:READ].casefold())
    if len(asked) < _FEW or len(words) < 3:
        return 0.0
    known = set(zip(asked, asked[1:], asked[2:], strict=False))
    runs = list(zip(words, words[1:], words[2:], strict=False))
    return sum(run in known for run in runs) / len(runs)


def _beyond(name: str, found: Measured) -> float:
    """Spreads above the usual; a text shorter than a window counts less, as its measure is less certain."""
    centre, spread = english().usual[name]
    return (found.value - centre) / spread * certainty(found.size)


def _kind(text: str, prompt: str, *, code: float, foreign: float) -> TextKind:
    if code > 0.5:
        return "code"
    if foreign > 0.5:
        return "other language"
    if echo_share(text, prompt) >= _ECHOED:
        return "echo"
    if refuses(text):
        return "refusal"
    if len(_WORD.findall(text)) >= 12 and not _ENDED.search(text):
        return "cut off"
    return "prose"
