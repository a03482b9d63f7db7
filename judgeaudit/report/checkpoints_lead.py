"""What a comparison of checkpoints answers, in a few sentences, and what the arbitrary choices would have said instead."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from judgeaudit.report.compared import Compared, Plain, first_of, raw_of
from judgeaudit.report.compared_words import anchor_words, quoted_positive, signed, treatment_words
from judgeaudit.report.format import NO_VALUE, number
from judgeaudit.report.view import whole
from judgeaudit.report.words import listed

_MOST = 6
_TURNED = {"higher": "lower", "lower": "higher", "open": "open"}


def lead_sentences(compared: Compared, question: Plain) -> list[str]:
    """One to three sentences: against the baseline, between the others, and by the last checkpoint and the judge alone."""
    found = compared.primary(str(question.get("name", "")))
    against = [one for one in found if compared.baseline in (one.get("a"), one.get("b"))]
    among = [one for one in found if one not in against]
    told = [_against(compared, question, against), _among(among), _otherwise(compared, question, found)]
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
        said = concluded(one)
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
    if "unadjusted" in groups:
        parts.append(
            f"{_some(groups['unadjusted'])} would differ from {base} if it stood alone, but not among all contrasts"
        )
    if "open" in groups:
        parts.append(f"for {_some(groups['open'])} it is not decided")
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


def _some(names: list[str], joint: str = "and") -> str:
    more = len(names) - _MOST
    return listed([*names[:_MOST], *([f"{more} more"] if more > 0 else [])], joint)


def _among(found: Sequence[Plain]) -> str:
    said = {at: concluded(one) for at, one in enumerate(found)}
    told = [
        f"{one.get('a')} is {said[at]} than {one.get('b')} ({signed(one)})"
        for at, one in enumerate(found)
        if said[at] in ("higher", "lower")
    ]
    if told:
        return f"Among each other, {_some(told)}."
    return "Among each other no two of them are told apart." if set(said.values()) - {"none"} else ""


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
        turned.append(
            f"{a} against {b} {says} ({signed(other)})" if signed(other) != NO_VALUE else f"{a} against {b} {says}"
        )
    practice = f"The {anchor_words(raw['anchor'])} by {raw['judge']} alone, nothing corrected,"
    if turned:
        return f"{practice} says otherwise: {_some(turned)}."
    return f"{practice} says the same." if same else ""
