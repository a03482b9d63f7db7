"""Labelling by people: what is to be shown, what was sent, and which project of a server holds it."""

from __future__ import annotations

import hashlib
import re
from dataclasses import dataclass
from typing import Literal, get_args

from judgeaudit.domain.errors import InputError, one_line

#: why a task is shown: an item of the plan, the same item once more to the same person, an item whose answer is known,
#: or an undisputed item in a round about disputed ones
Purpose = Literal["item", "repeat", "calibration", "control"]
PURPOSES: tuple[Purpose, ...] = get_args(Purpose)
#: rounds whose labels are the people's independent labels; labels of other rounds are kept and never mixed with these
MAIN, PILOT, DISPUTE = "main", "pilot", "dispute"
_ROUND = re.compile(r"main|pilot|dispute(-[2-9]|-[1-9][0-9]+)?")


@dataclass(frozen=True, slots=True, kw_only=True)
class PlannedTask:
    """One task that raters shall see. `ja_id` is all that the server learns of which item it is.

    probability  that the plan draws the item from the study's outputs; None for calibration items, which are not of them
    part         how often the plan had grown when the task was added
    earlier      the item's chances under the plan before each time it grew, oldest first
    cell         the crossing of strata that the item was drawn in, as "a=x & b=y"; "all" where nothing is stratified
    position     where it stands in the order of tasks, from 0
    swapped      whether the two answers of a pairwise item change sides
    known        question -> the answer that is known, for calibration items
    """

    ja_id: str
    item_id: str
    purpose: Purpose = "item"
    position: int = 0
    cell: str = "all"
    probability: float | None = None
    swapped: bool = False
    known: tuple[tuple[str, str], ...] = ()
    part: int = 0
    earlier: tuple[float, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Sent:
    """A task that the server holds: its number there, and a fingerprint of the texts that it was sent with."""

    ja_id: str
    task_id: int
    sha256: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Project:
    """The project of a Label Studio server that holds one round. `mark` is how the project is known again there.

    overlap  how many people label an item
    raters   how many label in all, where that was said: items that are shown twice, or are known, then go to each of them
    """

    url: str
    project_id: int
    title: str
    mark: str
    overlap: int
    raters: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Outgoing:
    """A task as the server gets it: opaque id and texts, nothing else."""

    ja_id: str
    data: dict[str, str]

    @property
    def sha256(self) -> str:
        parts = [f"{len(value)}:{name}={value}" for name, value in sorted(self.data.items())]
        return hashlib.sha256("\x1f".join(parts).encode("utf-8", "surrogatepass")).hexdigest()


def opaque_id(key: bytes, *parts: str) -> str:
    """16 hexadecimal digits that say nothing about `parts` to whoever lacks the key (BLAKE2b, keyed).

    >>> opaque_id(b"key", "main", "item-7", "item") == opaque_id(b"key", "main", "item-7", "item")
    True
    >>> opaque_id(b"key", "main", "ab", "c") == opaque_id(b"key", "main", "a", "bc")
    False
    """
    text = "\x1f".join(f"{len(part)}:{part}" for part in parts)
    return hashlib.blake2b(text.encode("utf-8", "surrogatepass"), digest_size=8, key=key[:64]).hexdigest()


def is_round(name: str) -> bool:
    """Whether a round can be called so: `main`, `pilot`, `dispute`, `dispute-2`, …"""
    return _ROUND.fullmatch(name) is not None


def checked_round(name: str) -> str:
    """The name of a round, or an InputError."""
    if not is_round(name):
        msg = f"no round {one_line(name)!r}; rounds are main, pilot, dispute, dispute-2 and so on"
        raise InputError(msg)
    return name
