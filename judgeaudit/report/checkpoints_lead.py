"""What a comparison of checkpoints answers, in a few sentences, and what the arbitrary choices would have said instead."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from judgeaudit.report.compared import Compared, Plain, first_of, raw_of
from judgeaudit.report.compared_words import anchor_words, quoted_positive, signed, treatment_words
from judgeaudit.report.format import NO_VALUE, number, p_value
from judgeaudit.report.view import whole
from judgeaudit.report.words import listed, plural

#: names, and contrasts, that a sentence lists
_MOST, _FEWER = 6, 3
_TURNED = {"higher": "lower", "lower": "higher", "open": "open"}


def lead_sentences(compared: Compared, question: Plain) -> list[str]:
    """The answer first; then what one interval alone would say, what gibberish turns, and what the judge alone would have said."""
    found = compared.primary(str(question.get("name", "")))
    against = [one for one in found if compared.baseline in (one.get("a"), one.get("b"))]
    among = [one for one in found if one not in against]
    told = [_against(compared, question, against), _among(among), _alone(found), _turned(question, found)]
    told.append(_otherwise(compared, question, found))
    return [one for one in told if one]


def concluded(one: Plain) -> str:
    """Higher or lower where that may be claimed of all contrasts at once, "unadjusted" where of this one alone, "open", or "none"."""
    if whole(one, "value") is None:
        return "none"
    said = str(one.get("conclusion") or "open")
    return "unadjusted" if said != "open" and one.get("conclusion_adjusted", said) == "open" else said


def claimed(one: Plain) -> str:
    """What is concluded, "open" where it is only of this contrast alone."""
    said = concluded(one)
    return "open" if said == "unadjusted" else said


def whatever(question: Plain) -> str:
    """For which reading of gibberish a conclusion of the first analysis holds."""
    treatment = first_of(question)["treatment"]
    if treatment == "own":
        return "whatever gibberish is taken for"
    return f"with {treatment_words(treatment, quoted_positive(question))}"


def _against(compared: Compared, question: Plain, found: Sequence[Plain]) -> str:
    groups: dict[str, list[str]] = {}
    for one in found:
        other, mirrored = _other(compared, one)
        said = claimed(one)
        said = _TURNED.get(said, said) if mirrored else said
        shown = f"{other} ({signed(one)})" if said in ("higher", "lower") and not mirrored else other
        groups.setdefault(said, []).append(shown)
    positive, base = quoted_positive(question), compared.baseline
    parts = []
    for said in ("higher", "lower"):
        if said in groups:
            has = "has" if len(groups[said]) == 1 else "have"
            parts.append(
                f"{_some(groups[said])} {has} a {said} share of {positive} outputs than {base}, {whatever(question)}"
            )
    if "open" in groups:
        apart = (
            f"whether {_some(groups['open'], 'or')} gives more or fewer {positive} outputs than {base} is not decided"
        )
        parts.append(f"for {_some(groups['open'])} it is not decided" if parts else apart)
    if "none" in groups:
        parts.append(f"{_some(groups['none'])} cannot be compared there")
    rule = anchor_words(first_of(question)["anchor"])
    where = f"{goal_words(compared)}, " if rule == "at the goal" else f"By the {rule}, "
    return f"{where}{'; '.join(parts)}." if parts else ""


def goal_words(compared: Compared) -> str:
    """`At 0.70 of boolq`."""
    tasks = compared.plain.get("goal", {}).get("tasks") or []
    told = [f"{number(whole(one, 'goal'))} in {one.get('task', '')}" for one in tasks if isinstance(one, Mapping)]
    return f"At {listed(told)}" if told else "At the goal"


def _other(compared: Compared, one: Plain) -> tuple[str, bool]:
    """The side that is not the baseline, and whether the difference is told from the baseline's side."""
    mirrored = one.get("a") == compared.baseline
    return str(one.get("b" if mirrored else "a", "")), mirrored


def _some(names: list[str], joint: str = "and", *, most: int = _MOST) -> str:
    more = len(names) - most
    return listed([*names[:most], *([f"{more} more"] if more > 0 else [])], joint)


def _among(found: Sequence[Plain]) -> str:
    said = [claimed(one) for one in found]
    told = [
        f"{one.get('a')} is {says} than {one.get('b')} ({signed(one)})"
        for one, says in zip(found, said, strict=True)
        if says in ("higher", "lower")
    ]
    if told:
        return f"Among each other, {_some(told, most=_FEWER)}."
    return "Among each other no two of them are told apart." if set(said) - {"none"} else ""


def _alone(found: Sequence[Plain]) -> str:
    """What one interval alone would say and all contrasts together do not, with p before and after."""
    held = [one for one in found if concluded(one) == "unadjusted"]
    n = plural(sum(whole(one, "p_adjusted") is not None for one in found), "contrast")
    if len(held) == 1:
        [one] = held
        return (
            f"For {_pair(one)} one interval alone would say {one.get('conclusion', '')} (p {p_value(whole(one, 'p_value'))}), but not "
            f"after adjusting for {n} (p {p_value(whole(one, 'p_adjusted'))})."
        )
    told = [
        f"{_pair(one)} {one.get('conclusion', '')} (p {p_value(whole(one, 'p_value'))}, adjusted {p_value(whole(one, 'p_adjusted'))})"
        for one in held
    ]
    return f"One interval alone would say {_some(told, most=_FEWER)}, but not after adjusting for {n}." if told else ""


def _turned(question: Plain, found: Sequence[Plain]) -> str:
    """The contrasts in which the positive share moves one way, and that with gibberish the other, both beyond their intervals."""
    positive = quoted_positive(question)
    held = [one for one in found if {_side(one), _side(one, "other_")} == {"higher", "lower"}]
    told = [
        f"{_pair(one)} {_side(one)} in {positive} outputs alone ({signed(one)}), {_side(one, 'other_')} with gibberish added to them "
        f"({signed(one, 'other_')})"
        for one in held
    ]
    return f"What gibberish is taken for turns the answer: {_some(told, most=_FEWER)}." if told else ""


def _side(one: Plain, key: str = "") -> str:
    """On which side of 0 an interval lies; nothing where it holds 0 or is not there."""
    low, high = whole(one, f"{key}low"), whole(one, f"{key}high")
    return "" if low is None or high is None else "higher" if low > 0 else "lower" if high < 0 else ""


def _pair(one: Plain) -> str:
    return f"{one.get('a', '')} against {one.get('b', '')}"


def _otherwise(compared: Compared, question: Plain, found: Sequence[Plain]) -> str:
    """What the last checkpoint and the judge alone would have said, where that is something else."""
    name, raw = str(question.get("name", "")), raw_of(compared, question)
    if raw == first_of(question):
        return ""
    turned, same = [], 0
    for one in found:
        a, b = str(one.get("a", "")), str(one.get("b", ""))
        other = compared.contrast(name, a, b, **raw)
        if other is None or whole(other, "value") is None:
            continue
        here, there = (claimed(side) for side in (one, other))
        if here == "none" and there == "open":
            continue
        if here == there:
            same += 1
            continue
        says = "not decided" if there == "open" else there
        turned.append(f"{_pair(one)} {says} ({signed(other)})" if signed(other) != NO_VALUE else f"{_pair(one)} {says}")
    practice = f"The {anchor_words(raw['anchor'])} by {raw['judge']} alone, nothing corrected,"
    if turned:
        return f"{practice} says otherwise: {_some(turned, most=_FEWER)}."
    return f"{practice} says the same." if same else ""
