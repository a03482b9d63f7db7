"""An output: what a model wrote, and what it was asked. `Asked` is what a judge is asked about it."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Literal

from judgeaudit.domain.pair_sides import unswapped
from judgeaudit.domain.question import Scale

#: where a prompt of one's own takes something in: a word in single braces
PLACE = re.compile(r"\{([A-Za-z_][A-Za-z0-9_]*)\}")
#: what a prompt takes of an output by these names
OF_OUTPUTS = ("prompt", "response", "response_b", "dialogue")
Layout = Literal["single", "pairwise"]
#: pairwise: which response stands first. Everything else is asked in order ab.
Order = Literal["ab", "ba"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Turn:
    """One message of a dialogue."""

    role: str
    content: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Output:
    """One item. `turns` is the dialogue before the response, where there is one; else `prompt` stands alone.

    `columns` are further columns of the outputs table, which a prompt of yours may name.
    """

    item_id: str
    response: str
    prompt: str = ""
    turns: tuple[Turn, ...] = ()
    response_b: str | None = None
    columns: tuple[tuple[str, str], ...] = field(default=(), repr=False)

    @property
    def sha256(self) -> str:
        """What a verdict is about: texts that judges see. The item's name and further columns are no part of it."""
        turns = [text for turn in self.turns for text in (turn.role, turn.content)]
        second = [] if self.response_b is None else [self.response_b]
        return digest((self.prompt, self.response, f"{len(turns)}", *turns, *second))


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """A question as a judge gets it: its words, labels in order, and the guideline that people were given."""

    name: str
    text: str
    scale: Scale
    labels: tuple[str, ...]
    positive: tuple[str, ...] = ()
    guideline: str = ""
    layout: Layout = "single"
    #: pairwise: label -> what it becomes when the two responses change sides
    swap: tuple[tuple[str, str], ...] = ()

    @property
    def sha256(self) -> str:
        """Changes with whatever a judge may read of the question."""
        swap = [text for pair in self.swap for text in pair]
        lists = (self.labels, self.positive, swap)
        counted = [word for words in lists for word in (f"{len(words)}", *words)]
        return digest((self.name, self.text, self.scale, self.layout, self.guideline, *counted))

    def swapped(self, label: str) -> str:
        """The label as it is when the two responses change sides."""
        return unswapped(label, self.swap)


def digest(parts: Iterable[str]) -> str:
    """The SHA-256 of texts in their order; no two lists of texts share one because of where they are cut.

    >>> digest(["ab", "c"]) == digest(["a", "bc"])
    False
    """
    found = hashlib.sha256()
    for part in parts:
        data = part.encode("utf-8", "surrogatepass")
        found.update(f"{len(data)}:".encode("ascii"))
        found.update(data)
    return found.hexdigest()
