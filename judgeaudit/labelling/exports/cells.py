"""Cells of exports with one row per annotation: what only a control writes, and what it says of the item.

The server writes a lone choice or text as it is, several ticks or texts as one object, and everything else as a list of
objects, each with the key of its control and, where it speaks of a part of the text, the place of that part. Several
results of one choice or text area are a list. Tables hold all that as JSON.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Collection, Sequence
from typing import NamedTuple

from judgeaudit.labelling.exports.values import Answer, answer_of, is_of_region, label_of, number_text

_PLACES = frozenset(
    {"start", "end", "startOffset", "endOffset", "globalOffsets", "channel", "instant", "ranges"}  # of texts and sounds
    | {"x", "y", "width", "height", "rotation", "radiusX", "radiusY", "points", "closed", "vertices", "format", "rle"}
    | {"original_width", "original_height", "image_rotation", "sequence", "framesCount", "duration"}
)
_WITHIN = frozenset({"text", "id", "parentID"})  # beside the place of a part


class Cell(NamedTuple):
    """What a person put into one control. `parts` counts results that speak of no item; a `torn` cell has two answers."""

    answer: Answer | None = None
    parts: int = 0
    torn: bool = False


def is_control_s(value: object) -> bool:
    """Whether only a control writes such a value: the key of its kind, filled as that kind is, and places besides.

    >>> is_control_s([{"rating": 4}]), is_control_s([{"start": 0, "end": 2, "text": "an", "labels": ["x"]}])
    (True, True)
    >>> is_control_s([{"rating": 4, "name": "film"}]), is_control_s([{"author": "a", "text": "b"}]), is_control_s("safe")
    (False, False, False)
    """
    if isinstance(value, dict):
        return _kind(value) in ("choices", "text")
    if not isinstance(value, list) or not any(isinstance(one, dict) for one in value):
        return False
    return all(bool(_kind(one)) if isinstance(one, dict) else isinstance(one, str) for one in value)


def opened(cell: object, labels: Collection[str] | None = None) -> object:
    """A table's cell, with the JSON opened that the server wrote for a control; what a person wrote stays as it is.

    `labels` are those of the question that the column is known to answer: there any object is an answer.

    >>> opened('["x","y"]'), opened('["x"]'), opened('{"a": 1}'), opened('[{"rating":5}]')
    (['x', 'y'], '["x"]', '{"a": 1}', [{'rating': 5}])
    """
    if not isinstance(cell, str) or cell[:1] not in ("[", "{") or cell in (labels or ()):
        return cell
    try:
        inside: object = json.loads(cell)
    except (ValueError, RecursionError):
        return cell
    several = isinstance(inside, list) and len(inside) > 1 and all(isinstance(one, str) for one in inside)
    if several or is_control_s(inside) or (labels is not None and not isinstance(inside, str)):
        return inside
    return cell


def cell_of(value: object, *, question: bool, in_parts: bool) -> Cell:
    """The answer in an opened cell of a control. A text in a list may be a choice or a note.

    `question` says that the column is known to be one. `in_parts` says that parts of this text were marked: then several
    results of one control were asked for each of them.
    """
    if not isinstance(value, list):
        return _one(value)
    if in_parts and len(value) > 1:
        return Cell(parts=len(value))
    made = [_one(one) for one in value]
    answers = [one.answer for one in made if not one.parts]
    joined = _joined(answers, texts=not question and all(isinstance(one, str) for one in value))
    return joined._replace(parts=sum(one.parts for one in made))


def marks_parts(value: object) -> bool:
    """Whether a control wrote this about parts of a text, picture or sound."""
    return isinstance(value, list) and any(isinstance(one, dict) and _is_part(one) for one in value)


def _one(value: object) -> Cell:
    """What one result says."""
    if not isinstance(value, dict):
        return Cell(label_of(value))
    return Cell(parts=1) if _is_part(value) else Cell(answer_of(value))


def _joined(answers: Sequence[Answer | None], *, texts: bool) -> Cell:
    """What several results of one control say together. `texts` says that they may be remarks: plain texts of no question."""
    told = [answer for answer in answers if answer is not None]
    if not told or len(told) < len(answers):
        return Cell()
    if len(set(told)) == 1:
        return Cell(told[0])
    if texts or all(answer.kind == "note" for answer in told):
        return Cell(Answer("note", tuple(dict.fromkeys(text for answer in told for text in answer.texts))))
    return Cell(torn=True)


def _is_part(value: dict[str, object]) -> bool:
    """Whether a result is no label of the item: it is about a part of it, or its control gives none. A remark stays one."""
    kind = _kind(value)
    return kind not in ("", "text") and (is_of_region(value) or kind not in _FILLED)


def _kind(value: dict[str, object]) -> str:
    """The key of the control that wrote a value; "" where none did."""
    kinds = [key for key in value if key != "text" and (key in _FILLED or key in _OTHER or key.endswith("labels"))]
    kind = kinds[0] if kinds else "text"
    beside = value.keys() - _PLACES - {kind}
    if len(kinds) > 1 or kind not in value or beside - (_WITHIN if is_of_region(value) else frozenset()):
        return ""
    inside = value[kind]
    if kind in _OTHER:
        return kind
    return kind if _FILLED.get(kind, _are_texts)(inside) else ""


def _are_texts(inside: object) -> bool:
    return isinstance(inside, list) and bool(inside) and all(isinstance(one, str) for one in inside)


def _is_number(inside: object) -> bool:
    return isinstance(inside, int | float | str) and bool(number_text(inside))


def _is_side(inside: object) -> bool:
    return inside in ("left", "right")


def _are_paths(inside: object) -> bool:
    return isinstance(inside, list) and bool(inside) and all(_are_texts(one) for one in inside)


#: key of a control that speaks of items -> whether a value is as that control fills it
_FILLED: dict[str, Callable[[object], bool]] = {
    "choices": _are_texts,
    "text": _are_texts,
    "rating": _is_number,
    "number": _is_number,
    "taxonomy": _are_paths,
    "selected": _is_side,
}
_OTHER = frozenset({"datetime", "ranker"})
