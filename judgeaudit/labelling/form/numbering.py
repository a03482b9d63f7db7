"""In which order a form asks, and under which numbers: a follow-up stands right below the question that it depends on."""

from __future__ import annotations

from collections.abc import Iterator

from judgeaudit.labelling.form.hotkeys import keys_for
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
