"""What a comparison of checkpoints answers, in a few sentences, and what the arbitrary choices would have said instead."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from judgeaudit.domain.checkpoints import AS_JUDGED
from judgeaudit.report.checkpoints.anchors import FEWER, by_signal, cannot, opening, reason_of, some
from judgeaudit.report.checkpoints.view import Compared, Plain, first_of, raw_of
from judgeaudit.report.checkpoints.words import anchor_words, counted_words, quoted_positive, signed, treatment_words
from judgeaudit.report.content.view import whole
from judgeaudit.report.words.codes import plural
from judgeaudit.report.words.numbers import p_value

_TURNED = {"higher": "lower", "lower": "higher", "open": "open"}


def lead_sentences(compared: Compared, question: Plain) -> list[str]:
    """The answer first; then what one interval alone would say, what gibberish turns, and what the judge alone would have said."""
    found = compared.primary(str(question.get("name", "")))
    against = [one for one in found if compared.baseline in (one.get("a"), one.get("b"))]
    among = [one for one in found if one not in against]
    told = [_against(compared, question, against), by_signal(compared, question), _among(question, among)]
    told += [_alone(question, found), _turned(question, found), *_practice(compared, question, found)]
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
    return _condition(question).removesuffix(", ") or "whatever gibberish is taken for"


def _condition(question: Plain) -> str:
    """Under what every sentence holds where gibberish is taken for one thing; nothing where it stands apart."""
    treatment = first_of(question)["treatment"]
    return "" if treatment == "own" else f"{counted_words(treatment, quoted_positive(question))}, "


def _against(compared: Compared, question: Plain, found: Sequence[Plain]) -> str:
    groups: dict[str, list[str]] = {}
    absent: list[tuple[str, Plain]] = []
    for one in found:
        other, mirrored = _other(compared, one)
        said = claimed(one)
        said = _TURNED.get(said, said) if mirrored else said
        if said == "none":
            absent.append((other, one))
            continue
        shown = f"{other} ({signed(one)})" if said in ("higher", "lower") and not mirrored else other
        groups.setdefault(said, []).append(shown)
    positive, base, condition = quoted_positive(question), compared.baseline, _condition(question)
    parts = []
    for said in ("higher", "lower"):
        if said in groups:
            has = "has" if len(groups[said]) == 1 else "have"
            holds = "" if condition else f", {whatever(question)}"
            parts.append(f"{some(groups[said])} {has} a {said} share of {positive} outputs than {base}{holds}")
    if "open" in groups:
        writes = "writes" if len(groups["open"]) == 1 else "write"
        parts.append(
            f"whether {some(groups['open'], 'or')} {writes} more or fewer {positive} outputs than {base} is not decided"
        )
    parts += cannot(compared, question, absent)
    stand = [base, *(_other(compared, one)[0] for one in found)]
    return f"{opening(compared, question, stand, condition)}{'; '.join(parts)}." if parts else ""


def _other(compared: Compared, one: Plain) -> tuple[str, bool]:
    """The side that is not the baseline, and whether the difference is told from the baseline's side."""
    mirrored = one.get("a") == compared.baseline
    return str(one.get("b" if mirrored else "a", "")), mirrored


def _among(question: Plain, found: Sequence[Plain]) -> str:
    said = [claimed(one) for one in found]
    told = [
        f"{one.get('a')} is {says} than {one.get('b')} ({signed(one)})"
        for one, says in zip(found, said, strict=True)
        if says in ("higher", "lower")
    ]
    each = f"Among each other, {_condition(question)}"
    if told:
        return f"{each}{some(told, most=FEWER)}."
    return f"{each}no two of them are told apart." if set(said) - {"none"} else ""


def _alone(question: Plain, found: Sequence[Plain]) -> str:
    """What one interval alone would say and all contrasts together do not, with p before and after."""
    held = [one for one in found if concluded(one) == "unadjusted"]
    n = plural(sum(whole(one, "p_adjusted") is not None for one in found), "contrast")
    condition = _condition(question)
    if len(held) == 1:
        [one] = held
        pair = f"{_pair(one)}, {condition}" if condition else f"{_pair(one)} "
        return (
            f"For {pair}one interval alone would say {one.get('conclusion', '')} (p {p_value(whole(one, 'p_value'))}), but not "
            f"after adjusting for {n} (p {p_value(whole(one, 'p_adjusted'))})."
        )
    told = [
        f"{_pair(one)} {one.get('conclusion', '')} (p {p_value(whole(one, 'p_value'))}, adjusted {p_value(whole(one, 'p_adjusted'))})"
        for one in held
    ]
    start = f"{condition[:1].upper()}{condition[1:]}one" if condition else "One"
    return (
        f"{start} interval alone would say {some(told, most=FEWER)}, but not after adjusting for {n}." if told else ""
    )


def _turned(question: Plain, found: Sequence[Plain]) -> str:
    """The contrasts in which the positive share moves one way, and that with gibberish the other, both beyond their intervals."""
    positive = quoted_positive(question)
    held = [one for one in found if {_side(one), _side(one, "other_")} == {"higher", "lower"}]
    told = [
        f"{_pair(one)} {_side(one)} in {positive} outputs alone ({signed(one)}), {_side(one, 'other_')} with gibberish added to them "
        f"({signed(one, 'other_')})"
        for one in held
    ]
    return f"What gibberish is taken for turns the answer: {some(told, most=FEWER)}." if told else ""


def second_reading(one: Plain, positive: str) -> str:
    """What the positive share and gibberish together say where the positive share alone leaves out 0 and nothing is concluded."""
    alone, other = _side(one), _side(one, "other_")
    if not alone or alone == other or claimed(one) != "open" or whole(one, "other_value") is None:
        return ""
    says = "says the opposite" if other else "is open"
    return f"{positive} or gibberish {signed(one, 'other_')} {says}"


def _side(one: Plain, key: str = "") -> str:
    """On which side of 0 an interval lies; nothing where it holds 0 or is not there."""
    low, high = whole(one, f"{key}low"), whole(one, f"{key}high")
    return "" if low is None or high is None else "higher" if low > 0 else "lower" if high < 0 else ""


def _pair(one: Plain) -> str:
    return f"{one.get('a', '')} against {one.get('b', '')}"


class _Practice(NamedTuple):
    """What a practice says of each contrast, sorted by what the first analysis says.

    turned   pairs of which it says something else
    same     how many contrasts it says the same of
    silent   pairs that it decides and the first analysis has no value for, by the reason why
    """

    turned: list[str]
    same: int
    silent: dict[str, list[str]]


def _practice(compared: Compared, question: Plain, found: Sequence[Plain]) -> list[str]:
    """What the last checkpoint and the judge alone would have said, where that is something else or the first analysis is silent."""
    raw = raw_of(compared, question)
    if raw == first_of(question):
        return []
    practice, says = _practice_words(question, raw), _said_by(compared, question, found, raw)
    told = []
    if says.turned:
        told = [f"{practice}, says otherwise: {some(says.turned, most=FEWER)}."]
    elif says.same:
        told = [f"{practice}, says the same."]
    if says.silent:
        start = "It" if told else f"{practice},"
        nothing = "the analysis that stands first can say nothing there"
        decided = "; ".join(f"{some(pairs, most=FEWER)} ({nothing}: {why})" for why, pairs in says.silent.items())
        told.append(f"{start} would say: {decided}.")
    return told


def _said_by(compared: Compared, question: Plain, found: Sequence[Plain], spec: dict[str, str]) -> _Practice:
    """The contrasts by another specification beside those of the first analysis; what it has no value for is left out."""
    turned, same = [], 0
    silent: dict[str, list[str]] = {}
    for one in found:
        other = compared.contrast(str(question.get("name", "")), str(one.get("a", "")), str(one.get("b", "")), **spec)
        if other is None or whole(other, "value") is None:
            continue
        here, there = claimed(one), claimed(other)
        says = f"{_pair(one)} {'not decided' if there == 'open' else there} ({signed(other)})"
        if here == there:
            same += 1
        elif here != "none":
            turned.append(says)
        elif there != "open":
            silent.setdefault(reason_of(compared, question, one), []).append(says)
    return _Practice(turned, same, silent)


def _practice_words(question: Plain, raw: dict[str, str]) -> str:
    """Which checkpoint, which judge, and what this practice does not look at."""
    looked = "verdicts taken as they are, gibberish not looked at"
    if raw["treatment"] != AS_JUDGED:
        looked = treatment_words(raw["treatment"], quoted_positive(question))
    return f"The {anchor_words(raw['anchor'])} by {raw['judge']} alone, {looked}, nothing corrected"
