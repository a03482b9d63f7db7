"""From a judge's own words to a label of the question: exactly, by its map, or not at all."""

from __future__ import annotations

from collections.abc import Mapping

from judgeaudit.domain.output import Asked
from judgeaudit.domain.question import canonical, number_of

_EDGES = " \t\r\n\"'`*_.,;:!?()[]{}<>“”‘’"


def label_of(word: object, asked: Asked, words: Mapping[str, str]) -> str | None:
    """The label that a word of a reply means; None where it means none.

    A label as it is written comes first, then `words` (a judge's `map`), then both without regard to case, to numbers
    written otherwise, and to quotes and full stops around them. Nothing is guessed from a part of a word.
    """
    text = _text(word)
    if text is None:
        return None
    if asked.scale == "interval" and not asked.labels:
        return text.strip() if number_of(text.strip()) is not None else words.get(text)
    for offered in ({label: label for label in asked.labels}, dict(words)):
        if text in offered:
            return offered[text]
    bare = _key(text)
    for offered in ({label: label for label in asked.labels}, dict(words)):
        meant = {label for said, label in offered.items() if _key(said) == bare}
        if len(meant) == 1:
            return meant.pop()
    return None


def _text(word: object) -> str | None:
    if isinstance(word, bool):
        return "true" if word else "false"
    if isinstance(word, int | float | str):
        return str(word)
    return None


def _key(text: str) -> str:
    bare = text.strip(_EDGES).casefold()
    signed = text.strip(_EDGES.replace(".", "")).casefold()
    return canonical(signed if number_of(signed) is not None else bare)


_RELATIONS = {
    ">=": lambda value, limit: value >= limit,
    "<=": lambda value, limit: value <= limit,
    ">": lambda value, limit: value > limit,
    "<": lambda value, limit: value < limit,
}


def cut_of(rule: str) -> tuple[str, float] | None:
    """The relation and the number of a cut-off such as ">= 4"; None where it is none.

    >>> cut_of(">= 4"), cut_of("4")
    (('>=', 4.0), None)
    """
    text = rule.strip()
    for relation in _RELATIONS:
        if text.startswith(relation):
            limit = number_of(text.removeprefix(relation).strip())
            return None if limit is None else (relation, limit)
    return None


def cut(word: object, rule: str, asked: Asked) -> str | None:
    """The positive label where a score meets the rule, the other label where it does not; None where it is no number."""
    text, parsed = _text(word), cut_of(rule)
    value = None if text is None or isinstance(word, bool) else number_of(text.strip())
    if value is None or parsed is None:
        return None
    relation, limit = parsed
    others = [label for label in asked.labels if label not in asked.positive]
    return asked.positive[0] if _RELATIONS[relation](value, limit) else others[0]
