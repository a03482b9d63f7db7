"""Where methods are compared, which of them stand beyond the goal's tolerance, and why two of them cannot be compared there."""

from __future__ import annotations

from collections.abc import Sequence

from judgeaudit.domain.catalogue.comparison_reasons import comparison_with_remedy
from judgeaudit.report.checkpoints.view import Compared, Plain, first_of, rows
from judgeaudit.report.checkpoints.words import anchor_words
from judgeaudit.report.content.view import part, whole
from judgeaudit.report.words.codes import listed
from judgeaudit.report.words.numbers import number

#: names that a sentence lists
MOST, FEWER = 6, 3
#: the note of an anchor that stands as it was declared, whatever its score
_DECLARED = "reference_point"
#: the note that says that methods are further apart than the tolerance
_APART = "not_matched"
#: the note that gibberish was told by a signal of the text, by no judge and nobody's label
BY_SIGNAL = "gibberish_by_signal"


def goal_words(compared: Compared) -> str:
    """`0.70 in boolq`."""
    tasks = rows(part(compared.plain, "goal"), "tasks")
    return listed([f"{number(whole(one, 'goal'))} in {one.get('task', '')}" for one in tasks]) or "the goal"


def opening(compared: Compared, question: Plain, methods: Sequence[str], condition: str) -> str:
    """How the first sentence begins: at the goal, or past it where a method stands beyond the tolerance; with its condition."""
    rule = first_of(question)["anchor"]
    if anchor_words(rule) != "at the goal":
        return f"By the {anchor_words(rule)}, {condition}"
    told, past = _beyond(compared, rule, methods)
    tolerance = number(whole(part(compared.plain, "goal"), "tolerance"))
    if told:
        verbs = [" stands", *[""] * len(told)]
        stand = [f"{name}{verbs[at]} at {listed(scores)}" for at, (name, scores) in enumerate(told.items())]
        at = "At or past" if past else "At or near"
        aside = f"({some(stand, most=FEWER)}, beyond the tolerance of {tolerance})"
    elif any(one.get("code") == _APART for one in rows(compared.plain, "notes")):
        at, aside = "At", f"(scores further apart than the tolerance of {tolerance})"
    else:
        return f"At {goal_words(compared)}, {condition}"
    return f"{at} {goal_words(compared)} {aside}: {condition}"


def _beyond(compared: Compared, rule: str, methods: Sequence[str]) -> tuple[dict[str, list[str]], bool]:
    """The scores of each method that stands off the goal by more than the tolerance, and whether all of them are above it."""
    several = len(rows(part(compared.plain, "goal"), "tasks")) > 1
    told: dict[str, list[str]] = {}
    past = True
    for method in methods:
        anchor = compared.anchor(rule, method)
        if any(one.get("code") == _DECLARED for one in rows(anchor, "notes")):
            continue
        off = [one for one in rows(anchor, "capability") if one.get("within") is False]
        if off:
            past = past and all((whole(one, "score") or 0.0) >= (whole(one, "goal") or 0.0) for one in off)
            told[method] = [
                number(whole(one, "score"), places=3) + (f" in {one.get('task', '')}" if several else "") for one in off
            ]
    return told, past


def cannot(compared: Compared, question: Plain, found: Sequence[tuple[str, Plain]]) -> list[str]:
    """Who cannot be compared with the baseline there, one part of a sentence for each reason, with the way out."""
    groups: dict[str, list[str]] = {}
    for other, one in found:
        groups.setdefault(reason_of(compared, question, one), []).append(other)
    base = compared.baseline
    return [f"{some(names)} cannot be compared with {base} there: {told}" for told, names in groups.items()]


def reason_of(compared: Compared, question: Plain, one: Plain) -> str:
    """Why a contrast has no value, in words: of a side that stands nowhere by what its anchor says."""
    code = str(one.get("undefined") or "")
    rule = first_of(question)["anchor"]
    absent = [str(one.get(side, "")) for side in ("a", "b")]
    absent = [method for method in absent if not compared.stands(method, rule)]
    if code != "not_anchored" or not absent:
        return comparison_with_remedy(code)
    told = (str(compared.anchor(rule, method).get("sentence") or "").rstrip(".") for method in absent)
    return listed([said or f"{method} has no checkpoint there" for said, method in zip(told, absent, strict=True)])


def some(names: Sequence[str], joint: str = "and", *, most: int = MOST) -> str:
    """The first names, and how many more there are."""
    more = len(names) - most
    return listed([*names[:most], *([f"{more} more"] if more > 0 else [])], joint)


def notes_of(compared: Compared) -> list[str]:
    """The sentences of all notes in their order; that gibberish was told by a signal of the text stands before all."""
    found = rows(compared.plain, "notes")
    return [str(one.get("sentence", "")) for one in sorted(found, key=lambda one: one.get("code") != BY_SIGNAL)]


def by_signal(compared: Compared, question: Plain) -> str:
    """What is said of a question whose gibberish a signal of the text told; notes of one question begin with its name."""
    told = [str(one.get("sentence", "")) for one in rows(compared.plain, "notes") if one.get("code") == BY_SIGNAL]
    others = [f"{one.get('name', '')}:" for one in compared.questions if one.get("name") != question.get("name")]
    return next((one for one in told if not one.startswith(tuple(others))), "")
