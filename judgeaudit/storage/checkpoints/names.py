"""Names of checkpoints in two tables: one spelling for each, and what to say where they do not meet."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Sequence
from itertools import combinations

import numpy as np

from judgeaudit.domain.checkpoints import Note
from judgeaudit.domain.errors import InputError, one_line
from judgeaudit.domain.question import canonical
from judgeaudit.storage.files.read import Table

NAMES = ("model", "method", "checkpoint")
Texts = tuple[np.ndarray | None, ...]
#: model, method and checkpoint as one table has them; None where it has no such column
Name = tuple[str | None, str | None, str]
#: so many pairs of names are told in words
_MOST = 3


def spelled(outputs: Table, capability: Table) -> tuple[Texts, Texts]:
    """The columns of names of both tables, None for those that one lacks.

    Blanks at the ends go, and numbers that are equal are one name, spelled as where they stand first.
    """
    import pandas as pd

    columns: list[list[np.ndarray | None]] = [[], []]
    for name in NAMES:
        known: dict[str, str] = {}
        for table, found in zip((outputs, capability), columns, strict=True):
            if name not in table.columns:
                found.append(None)
                continue
            codes, words = pd.factorize(table.frame[name].to_numpy())
            texts = [str(word).strip() for word in words]
            found.append(np.array([known.setdefault(canonical(text), text) for text in texts], dtype=object)[codes])
    return tuple(columns[0]), tuple(columns[1])


def refuse_no_meeting(outputs: Table, capability: Table, made: Sequence[Name], able: Sequence[Name]) -> None:
    """An error where no checkpoint of the outputs has a capability: one of each table, and the columns that part them."""
    both = [n for n, name in enumerate(NAMES) if name in outputs.columns and name in capability.columns]
    apart = [n for n in both if {key[n] for key in made}.isdisjoint(key[n] for key in able)] or both
    columns = ", ".join(NAMES[n] for n in apart)
    mine, other = (one_line(_shown(names[0], both), limit=80) for names in (made, able))
    msg = (
        f"{capability.name}: no checkpoint of {outputs.name} has a capability: there it is '{mine}' and here '{other}' "
        f"({', '.join(NAMES[n] for n in both)}); write them alike, look at {columns}"
    )
    raise InputError(msg)


def names_differ(outputs: Table, capability: Table, made: Collection[Name], able: Collection[Name]) -> tuple[Note, ...]:
    """A note where names seem to be one: they differ by case and blanks alone, or by the method of one model and checkpoint.

    `made` are checkpoints of the outputs, `able` those of capability; what only one of them has may be meant to be the same.
    """
    found = [*_by_case([*made, *able])]
    mine, other = _by_rest(key for key in made if key not in able), _by_rest(key for key in able if key not in made)
    for rest, keys in mine.items():
        pair = [*keys, *other.get(rest, ())]
        if len(keys) == 1 and len(pair) == 2 and len({_loose(key[1] or "") for key in pair}) == 2:
            a, b = (one_line(_shown(key, (0, 1, 2)), limit=60) for key in pair)
            found.append(f"'{a}' of {outputs.name} and '{b}' of {capability.name}")
    if not found:
        return ()
    more = f", and {len(found) - _MOST} more" if len(found) > _MOST else ""
    told = f"{'; '.join(found[:_MOST])}{more}: they are not the same here; write them alike if they are meant to be"
    return (Note(code="names_differ", sentence=f"names differ between checkpoints: {told}"),)


def _by_rest(keys: Iterable[Name]) -> dict[tuple[str | None, str], list[Name]]:
    """The names of each model and checkpoint, whatever their method."""
    found: dict[tuple[str | None, str], list[Name]] = {}
    for key in keys:
        found.setdefault((key[0], key[2]), []).append(key)
    return found


def _by_case(keys: Sequence[Name]) -> Iterator[str]:
    for n, column in enumerate(NAMES):
        alike: dict[str, list[str]] = {}
        for name in dict.fromkeys(key[n] for key in keys):
            if name:
                alike.setdefault(_loose(name), []).append(name)
        for names in alike.values():
            for a, b in combinations(names, 2):
                yield f"{column} '{one_line(a, limit=60)}' and '{one_line(b, limit=60)}'"


def _loose(name: str) -> str:
    return "".join(name.casefold().split())


def _shown(key: Name, columns: Sequence[int]) -> str:
    return " ".join(part for n in columns if (part := key[n]))
