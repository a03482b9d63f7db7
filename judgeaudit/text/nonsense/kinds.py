"""Kinds of degraded texts: what each does, at which levels, and what coherence follows from how it is made.

The label follows `guidelines/coherence.md`. Where the making does not settle it, it is None: it is for people to say.
"""

from __future__ import annotations

import random
from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal

from judgeaudit.domain.errors import InputError, nearest, one_line
from judgeaudit.domain.output import digest
from judgeaudit.text.nonsense import makers
from judgeaudit.text.nonsense.makers import Given
from judgeaudit.text.nonsense.texts import REFUSALS

Coherence = Literal["gibberish", "partly", "coherent"]
#: the share of the text that a degradation reaches, by name
LEVELS: dict[str, float] = {"mild": 0.25, "half": 0.5, "full": 1.0}
#: texts of fewer words give most kinds nothing to degrade
FEW_WORDS = 8


@dataclass(frozen=True, slots=True, kw_only=True)
class Nonsense:
    """A kind of degraded text.

    `full` is the coherence that follows at level 1, `below` at lower levels. `any_text` kinds need no words to begin with.
    """

    name: str
    does: str
    make: Callable[[Given], str]
    full: Coherence | None
    below: Coherence | None
    any_text: bool = False
    graded: bool = True

    def coherence(self, level: float) -> Coherence | None:
        """What follows from the making; None where only a person can tell."""
        return self.full if level >= 1 or not self.graded else self.below

    def stands_alone(self, level: float) -> bool:
        """Whether that follows whatever the text was, since nothing of it is left that could be read."""
        return level >= 1 or not self.graded


_ALL = (
    Nonsense(name="loop", does="the end is one phrase over and over", make=makers.looped, full="gibberish", below="partly"),
    Nonsense(name="shuffled", does="words change places", make=makers.shuffled, full="gibberish", below=None),
    Nonsense(name="salad", does="words are replaced by unrelated ones", make=makers.salad, full="gibberish", below=None),
    Nonsense(name="noise", does="characters are replaced by random ones", make=makers.noisy, full="gibberish", below=None),
    Nonsense(name="mojibake", does="words are read in a wrong encoding", make=makers.misencoded, full="gibberish",
             below="partly"),
    Nonsense(name="soup", does="words are cut to pieces and glued", make=makers.soup, full="gibberish", below=None),
    Nonsense(name="collapse", does="a sound beginning, then salad, soup or a loop", make=makers.collapsed,
             full="gibberish", below="partly"),
    Nonsense(name="one-sign", does="the end is one sign in a row", make=makers.one_sign, full="gibberish", below="partly",
             any_text=True),
    Nonsense(name="empty", does="nothing is left", make=lambda given: "", full="gibberish", below="gibberish", any_text=True,
             graded=False),
    Nonsense(name="language-mix", does="words are replaced by words of six other languages", make=makers.languages_mixed,
             full="gibberish", below=None),
    Nonsense(name="truncation", does="the end is missing", make=makers.cut_off, full=None, below="coherent"),
    Nonsense(name="echo", does="the prompt comes back", make=makers.echoed, full="coherent", below="coherent", any_text=True),
    Nonsense(name="off-topic", does="sound sentences about something else", make=makers.off_topic, full="coherent",
             below="coherent", any_text=True),
    Nonsense(name="other-language", does="sound sentences in another language", make=makers.in_another_language,
             full="coherent", below="coherent", any_text=True),
    Nonsense(name="code", does="lines of a program", make=makers.as_code, full="coherent", below="coherent", any_text=True),
    Nonsense(name="refusal", does="a refusal", make=lambda given: given.rng.choice(REFUSALS), full="coherent",
             below="coherent", any_text=True,
             graded=False),
)  # fmt: skip
#: every kind, those without sense first
NONSENSE: dict[str, Nonsense] = {kind.name: kind for kind in _ALL}


def kind_named(name: str) -> Nonsense:
    """The kind; an InputError where there is none of this name."""
    if name not in NONSENSE:
        msg = f"no degradation {one_line(name)!r}{nearest(name, list(NONSENSE))}; there are {', '.join(NONSENSE)}"
        raise InputError(msg)
    return NONSENSE[name]


def level_of(level: str | float) -> float:
    """A level as a number above 0 and up to 1; names are those of `LEVELS`."""
    value = LEVELS.get(level) if isinstance(level, str) else level
    if isinstance(level, str) and value is None:
        try:
            value = float(level)
        except ValueError:
            value = None
    if value is None or not 0 < value <= 1:
        msg = f"no level {one_line(str(level))!r}; a level is {', '.join(LEVELS)}, or a number above 0 and up to 1"
        raise InputError(msg)
    return value


def degraded(text: str, kind: Nonsense, level: float, *, prompt: str = "", seed: int = 1, item: str = "") -> str | None:
    """The text after a degradation; the same for the same seed and item. None where the text gives nothing to degrade.

    >>> degraded("one two three four five six seven eight", NONSENSE["shuffled"], 1.0)
    'three two five eight seven one four six'
    """
    if len(text.split()) < FEW_WORDS and not kind.any_text:
        return None
    if kind.name == "echo" and not prompt.strip():
        return None
    rng = random.Random(int(digest([f"{seed}", kind.name, f"{level:g}", item])[:16], 16))
    made = kind.make(Given(text=text, prompt=prompt, level=level, rng=rng))
    return None if made == text else made
