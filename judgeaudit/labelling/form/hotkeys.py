"""A key for every answer of a form: no key twice, none that Label Studio takes for itself, digits where they fit."""

from __future__ import annotations

from collections.abc import Sequence

#: rows of a keyboard without r, h and u: the editor of Label Studio keeps these out of the keys that it gives, since
#: they relate, hide and unselect regions there
ROWS = ("1234567890", "qwetyiop", "asdfgjkl", "zxcvbnm")
_DIGITS, *_LETTERS = ROWS
#: shift with a digit zooms an image, so only letters are doubled
_POOL = (*"".join(ROWS), *(f"shift+{letter}" for row in _LETTERS for letter in row))


def keys_for(blocks: Sequence[Sequence[str]]) -> list[list[str]]:
    """One key for each label of each block, in order; "" once all 56 are used.

    A block stands in one row of the keyboard where a row has room, and a label that is a digit has that digit for its
    key: a rater who means 4 and presses 4 must not have answered 1.

    >>> keys_for([["no", "yes"], ["bad", "fair", "good"], ["1", "2", "3"]])
    [['1', '2'], ['3', '4', '5'], ['q', 'w', 'e']]
    >>> keys_for([["0", "5", "10", "cannot_judge"]])
    [['0', '5', '1', '2']]
    """
    used: set[str] = set()
    return [_keys_of(block, used) for block in blocks]


def _keys_of(block: Sequence[str], used: set[str]) -> list[str]:
    digits = [label for label in block if len(label) == 1 and label in _DIGITS]
    own = {label: label for label in digits} if not used.intersection(digits) else {}
    rows = ROWS if own or not digits else _LETTERS
    others = [label for label in block if label not in own]
    spare = iter(_room(len(others), rows, used | set(own)))
    keys = [own.get(label) or next(spare, "") for label in block]
    used.update(keys)
    return keys


def _room(count: int, rows: Sequence[str], used: set[str]) -> list[str]:
    """The first row's free keys if they are enough for all, else whatever is free anywhere, in order."""
    free = [[key for key in row if key not in used] for row in rows]
    whole = next((keys for keys in free if len(keys) >= count), None)
    barred = used.union(*(row for row in ROWS if row not in rows))
    return whole if whole is not None else [key for key in _POOL if key not in barred]
