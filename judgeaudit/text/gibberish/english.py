"""What sound English looks like, in numbers. They lie in `english.json`, which benchmarks/coherence makes.

The file holds four tables. `letter_bits` and `class_bonds` were counted in the documentation of Python's standard library,
`usual` and `limits` were fitted to sound answers; each says so in its `from`. A digit of the first two is a number from 0
to 63. The file is read when the first text is scored, not at import: an audit whose texts nobody scores never reads it.
"""

from __future__ import annotations

import string
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from typing import NamedTuple

#: what the tables write the numbers from 0 to 63 with
DIGITS = string.digits + string.ascii_uppercase + string.ascii_lowercase + "-_"
#: the signs of words, in the order of a row of `letter_bits`
LETTERS = string.ascii_lowercase + " "
_LEAST_BOND = -2.0


class Usual(NamedTuple):
    """A measure's middle in sound answers, and the spread of which 97 in 100 of them lie within two."""

    centre: float
    spread: float


@dataclass(frozen=True, slots=True, kw_only=True)
class English:
    """The four tables.

    letter_bits  bits of the third of three signs after the first two, in English words
    class_bonds  in nats, how much likelier a class of word (second place) is after another one (first place) than anywhere;
                 places are those of `words.CLASSES`
    usual        what is usual for each measure
    limits       the excess that one in forty sound answers reaches: `quick`, and `with a model`
    """

    letter_bits: Mapping[str, float]
    class_bonds: Sequence[Sequence[float]]
    usual: Mapping[str, Usual]
    limits: Mapping[str, float]


@cache
def english() -> English:
    """The tables of `english.json`, read once.

    >>> english().letter_bits["the"] < english().letter_bits["thq"]
    True
    """
    import json
    from importlib.resources import files

    tables = json.loads(files(__package__).joinpath("english.json").read_text(encoding="utf-8"))
    bits = {digit: number / 4 for number, digit in enumerate(DIGITS)}
    bonds = {digit: max(_LEAST_BOND, (number - 32) / 8) for number, digit in enumerate(DIGITS)}
    return English(
        letter_bits={
            two + third: bits[digit]
            for two, row in tables["letter_bits"]["rows"].items()
            for third, digit in zip(LETTERS, row, strict=True)
        },
        class_bonds=[[bonds[digit] for digit in row] for row in tables["class_bonds"]["rows"].values()],
        usual={name: Usual(*row) for name, row in tables["usual"]["rows"].items()},
        limits=tables["limits"]["rows"],
    )
