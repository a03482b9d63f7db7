"""What a person put into one control of a Label Studio form, as a label or a note."""

from __future__ import annotations

import hashlib
import math
from typing import Literal, NamedTuple

#: type of a control -> where its value stands
CONTROLS = {
    "choices": "choices",
    "rating": "rating",
    "number": "number",
    "pairwise": "selected",
    "taxonomy": "taxonomy",
    "textarea": "text",
}


class Answer(NamedTuple):
    """A label of the closed set, or free text; `several` where a person ticked more than one label."""

    kind: Literal["label", "note"]
    text: str
    several: bool = False


def answer_of(value: object, control: str | None = None) -> Answer | None:
    """The answer in the `value` of a result; None where there is none that could be a label or a note.

    >>> answer_of({"choices": ["b", "a"]}), answer_of({"taxonomy": [["harm", "violence"]]}).text
    (Answer(kind='label', text='a|b', several=True), 'harm > violence')
    >>> answer_of({"rating": True}) is None, answer_of({"rectanglelabels": ["x"]}, "rectanglelabels") is None
    (True, True)
    """
    if not isinstance(value, dict):
        return None
    keys = [CONTROLS[control]] if control in CONTROLS else []
    keys = list(CONTROLS.values()) if control is None else keys
    found = [key for key in keys if key in value]
    if len(found) != 1:
        return None
    inside = value[found[0]]
    if found[0] == "text":
        return _note(inside)
    if found[0] == "choices":
        return _labels(inside if isinstance(inside, list) else [inside])
    if found[0] == "taxonomy":
        paths = inside if isinstance(inside, list) else [inside]
        return _labels([_path(path) for path in paths])
    return _labels([inside])


def flat_answer(value: object) -> Answer | None:
    """The answer in a cell of a flat export, where a lone text may be a choice or a note: it is taken as a label."""
    if isinstance(value, dict):
        return answer_of(value)
    if not isinstance(value, list):
        return _labels([value])
    if all(isinstance(one, str) for one in value):
        return _note(value)
    parts = [answer_of(one) for one in value]
    answers = [part for part in parts if part is not None]
    if not answers or len(answers) < len(parts):
        return None
    if answers[0].kind == "note":
        return _note([answer.text for answer in answers])
    return _labels([answer.text for answer in answers])


def number_text(value: object) -> str:
    """A finite number as it was written, a text as it is, and nothing for everything else."""
    if isinstance(value, str):
        return value
    if isinstance(value, bool) or not isinstance(value, int | float) or not math.isfinite(value):
        return ""
    return str(value)


def rater_name(person: object) -> str:
    """A pseudonym: the person's number, or a fingerprint where there is only an e-mail. "" where there is nobody.

    >>> rater_name(5), rater_name({"id": 5, "email": "a@example.com"}), rater_name("a@example.com, 5"), rater_name(None)
    ('rater-5', 'rater-5', 'rater-5', '')
    """
    if isinstance(person, dict):
        number = person.get("id")
        return rater_name(number if isinstance(number, int) else person.get("email") or person.get("username"))
    text = number_text(person).strip()
    if "@" in text and text.rpartition(",")[2].strip().isdecimal():
        text = text.rpartition(",")[2].strip()
    if not text or text.isdecimal():
        return f"rater-{text}" if text else ""
    return f"rater-{hashlib.sha256(text.encode('utf-8', 'surrogatepass')).hexdigest()[:8]}"


def _labels(values: list[object]) -> Answer | None:
    texts = {number_text(value) for value in values}
    if not texts or "" in texts:
        return None
    return Answer("label", "|".join(sorted(texts)), several=len(texts) > 1)


def _note(value: object) -> Answer | None:
    """All texts of a text area, each once, in order."""
    given: list[object] = value if isinstance(value, list) else [value]
    texts = [text for text in given if isinstance(text, str)]
    return Answer("note", "\n".join(dict.fromkeys(texts))) if len(texts) == len(given) else None


def _path(path: object) -> object:
    if isinstance(path, list) and path and all(isinstance(step, str) for step in path):
        return " > ".join(path)
    return path if isinstance(path, str) else None
