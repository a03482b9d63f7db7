"""In which order a form asks, and under which numbers: a follow-up stands right below the question that it depends on."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from judgeaudit.labelling.form.questions import CONFIDENCE, Form, FormQuestion

#: how sure a rater is, as the form asks it after all questions
SURE = {"1": "1 Guessing", "2": "2", "3": "3 Fairly sure", "4": "4", "5": "5 Certain"}
HOW_SURE = "How sure are you?"


def followers(form: Form, question: FormQuestion | None) -> list[FormQuestion]:
    """What is asked right below a question, as declared; what depends on nothing where no question is given."""
    name = question.name if question else None
    return [one for one in form.questions if (one.when[0] if one.when else None) == name]


def numbered(form: Form) -> dict[str, str]:
    """Question -> its number, in the order in which they are asked: 1, 1a, 1a1, 1b, 2."""
    return dict(_numbered(form, None, ""))


def last_number(form: Form) -> str:
    """The number of what is asked after all questions."""
    return str(len(followers(form, None)) + 1)


def hotkeys(form: Form) -> dict[tuple[str, str], str]:
    """(question, label) -> the key that chooses it, unique over the form."""
    choices = {question.name: list(question.choices) for question in form.questions}
    blocks = {name: choices[name] for name in numbered(form)}
    if form.confidence:
        blocks[CONFIDENCE] = list(SURE)
    given = zip(blocks.items(), keys_for(list(blocks.values())), strict=True)
    return {
        (name, label): key for (name, labels), keys in given for label, key in zip(labels, keys, strict=True) if key
    }


def _numbered(form: Form, above: FormQuestion | None, number: str) -> Iterator[tuple[str, str]]:
    for place, question in enumerate(followers(form, above)):
        own = number + (_letters(place) if number[-1:].isdecimal() else str(place + 1))
        yield question.name, own
        yield from _numbered(form, question, own)


def _letters(place: int) -> str:
    """a, b, …, z, aa, ab, …"""
    before, last = divmod(place, 26)
    return (_letters(before - 1) if before else "") + chr(ord("a") + last)


# A key for every answer of a form: no key twice, none that Label Studio takes for itself, digits where they fit.


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
