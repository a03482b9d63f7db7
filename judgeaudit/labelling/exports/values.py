"""What a person put into one control of a Label Studio form, as labels or a note."""

from __future__ import annotations

import hashlib
import math
from datetime import UTC, datetime
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
_PLACES = tuple(CONTROLS.values())
#: what a value holds when it speaks of a part of a text, picture or sound, and so not of the item
_REGION = frozenset({"start", "end", "startOffset", "endOffset", "x", "y", "points", "ranges", "sequence", "rle"})
#: older servers stamp with seconds since 1970
_EPOCH = range(1_000_000_000, 10_000_000_000)


class Answer(NamedTuple):
    """Labels of the closed set that were ticked, sorted and each once; or free texts, in order."""

    kind: Literal["label", "note"]
    texts: tuple[str, ...]


def answer_of(value: object, control: str | None = None) -> Answer | None:
    """The answer in the `value` of a result; None where there is none that could be a label or a note.

    >>> answer_of({"choices": ["b", "a"]}), answer_of({"taxonomy": [["harm", "violence"]]}).texts
    (Answer(kind='label', texts=('a', 'b')), ('harm > violence',))
    >>> answer_of({"rating": True}) is None, answer_of({"rectanglelabels": ["x"]}, "rectanglelabels") is None
    (True, True)
    """
    if not isinstance(value, dict):
        return None
    found = place_of(value, control)
    if found is None:
        return None
    inside = value[found]
    if found == "text":
        return _note(inside)
    if found == "choices":
        return _labels(inside if isinstance(inside, list) else [inside])
    if found == "taxonomy":
        paths = inside if isinstance(inside, list) else [inside]
        return _labels([_path(path) for path in paths])
    return _labels([inside])


def place_of(value: dict[str, object], control: str | None = None) -> str | None:
    """Where in a result's value the answer stands; None where no control that this program reads wrote it."""
    if control is not None:
        place = CONTROLS.get(control)
        return place if place in value else None
    found = [place for place in _PLACES if place in value]
    return found[0] if len(found) == 1 else None


def is_of_region(value: object) -> bool:
    """Whether a label was given to a part of a text, picture or sound."""
    return isinstance(value, dict) and len(value) > 1 and not _REGION.isdisjoint(value)


def label_of(value: object) -> Answer | None:
    """A lone text or number as a label."""
    return _labels([value])


def number_text(value: object) -> str:
    """A finite number as it was written, a text as it is, and nothing for everything else."""
    if isinstance(value, str):
        return value
    if isinstance(value, bool):
        return ""
    if isinstance(value, int):
        return str(value)
    return str(value) if isinstance(value, float) and math.isfinite(value) else ""


def stamp_of(value: object) -> str:
    """A stamp as it was written; seconds since 1970, which older servers write, as ISO 8601.

    >>> stamp_of(1577880000), stamp_of("2020-01-01T12:00:00Z")
    ('2020-01-01T12:00:00+00:00', '2020-01-01T12:00:00Z')
    """
    text = number_text(value)
    whole = text.partition(".")[0]
    if len(whole) == 10 and whole.isascii() and whole.isdecimal() and int(whole) in _EPOCH:
        return datetime.fromtimestamp(int(whole), UTC).isoformat()
    return text


def rater_name(person: object) -> str:
    """A pseudonym: the person's number, or a fingerprint where there is only an e-mail. "" where there is nobody.

    >>> rater_name(5), rater_name({"id": 5, "email": "a@example.com"}), rater_name("a@example.com, 5"), rater_name(None)
    ('rater-5', 'rater-5', 'rater-5', '')
    """
    if isinstance(person, int) and not isinstance(person, bool):
        return f"rater-{person}"
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
    if len(values) == 1:
        text = number_text(values[0])
        return Answer("label", (text,)) if text else None
    texts = {number_text(value) for value in values}
    if not texts or "" in texts:
        return None
    return Answer("label", tuple(sorted(texts)))


def _note(value: object) -> Answer | None:
    """All texts of a text area, each once, in order."""
    given: list[object] = value if isinstance(value, list) else [value]
    texts = [text for text in given if isinstance(text, str)]
    return Answer("note", tuple(dict.fromkeys(texts))) if len(texts) == len(given) else None


def _path(path: object) -> object:
    if isinstance(path, list) and path and all(isinstance(step, str) for step in path):
        return " > ".join(path)
    return path if isinstance(path, str) else None
