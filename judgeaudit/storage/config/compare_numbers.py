"""What [compare] was given in place of numbers and pairs of methods: refused with the value and how it is written."""

from __future__ import annotations

from judgeaudit.domain.errors import one_line
from judgeaudit.domain.question import number_of
from judgeaudit.storage.config.section_base import refuse


def number_given(value: object) -> object:
    """A number as it is; a text is none, however it looks."""
    if isinstance(value, bool) or not isinstance(value, int | float):
        refuse(f"{one_line(repr(value), limit=60)} is no number; write {_plain(value)}")
    return value


def pairs_given(value: object) -> object:
    """Pairs of two different methods, each once, in whichever order."""
    if value is None:
        return None
    if not isinstance(value, list | tuple):
        refuse(f'{one_line(repr(value), limit=60)} is no list of pairs; write [["plain", "base"]]')
    if not value:
        refuse("names no pair; name some, or leave it out for all pairs")
    seen: set[frozenset[object]] = set()
    for pair in value:
        if (
            not isinstance(pair, list | tuple)
            or len(pair) != 2
            or not all(isinstance(one, str) and one for one in pair)
        ):
            said = one_line(repr(list(pair) if isinstance(pair, tuple) else pair), limit=60)
            refuse(f'{said} is no pair; name two methods, as ["plain", "base"]')
        a, b = (one_line(one) for one in pair)
        if pair[0] == pair[1]:
            refuse(f"{a!r} is compared with itself; name two methods")
        if frozenset(pair) in seen:
            refuse(f"{a!r} and {b!r} are compared twice; name each pair once, in the order that a − b is wanted")
        seen.add(frozenset(pair))
    return value


def _plain(value: object) -> str:
    """How a number in quotes or in percent is written; else an example."""
    text = str(value).strip()
    if (share := number_of(text.removesuffix("%"))) is not None and not isinstance(value, bool):
        return f"{share / 100 if text.endswith('%') else share:.15g}"
    return "a score, as 0.70"
