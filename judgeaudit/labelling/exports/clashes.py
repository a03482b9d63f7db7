"""Answers that contradict each other once they stand in a table: none of them is taken."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Sequence
from dataclasses import replace
from typing import NamedTuple

from judgeaudit.domain.errors import one_line
from judgeaudit.labelling.exports.records import Given, Terms


class Clear(NamedTuple):
    """Annotations without the answers that contradict others, and sentences about these."""

    given: list[Given]
    warnings: tuple[str, ...]


def without_clashes(given: Sequence[Given], terms: Terms) -> Clear:
    """Answers to one question under two names must mean the same, and several labels must not read as another label."""
    joined = _joined(given, terms)
    twice: Counter[tuple[str, ...]] = Counter()
    mistaken: Counter[tuple[str, str]] = Counter()
    clear = []
    for one in given:
        dropped: set[str] = set()
        for names in _contradicting(one, terms):
            twice[names] += 1
            dropped.update(names)
        for name, labels in one.answers.items():
            text = "|".join(labels)
            if text in joined[name] and (len(labels) == 1) == (name in terms.several):
                mistaken[name, text] += 1
                dropped.add(name)
        kept = {name: labels for name, labels in one.answers.items() if name not in dropped}
        clear.append(replace(one, answers=kept) if dropped else one)
    return Clear(clear, (*_told_twice(twice), *_told_mistaken(mistaken)))


def _contradicting(one: Given, terms: Terms) -> list[tuple[str, ...]]:
    """Names in one annotation that stand for one question of the study and say different things of it."""
    if terms.meant is None or len(one.answers) < 2:
        return []
    named: defaultdict[str, list[str]] = defaultdict(list)
    said: defaultdict[str, set[tuple[str, ...]]] = defaultdict(set)
    for name, labels in one.answers.items():
        question, words = terms.meant(name, labels)
        named[question].append(name)
        said[question].add(words)
    return [tuple(sorted(named[question])) for question, words in said.items() if len(words) > 1]


def _joined(given: Sequence[Given], terms: Terms) -> defaultdict[str, set[str]]:
    """Question -> texts that are one label here and several labels there, as "a|b" and a with b."""
    found: defaultdict[str, set[str]] = defaultdict(set)
    single: defaultdict[str, set[str]] = defaultdict(set)
    for one in given:
        for name, labels in one.answers.items():
            if len(labels) > 1:
                found[name].add("|".join(labels))
            elif "|" in labels[0]:
                single[name].add(labels[0])
    for name in {*found, *single}:
        if name in terms.several:
            found[name] = single[name]
        else:
            found[name] &= single[name] | set(terms.questions.get(name, ()))
    return found


def _told_twice(twice: Counter[tuple[str, ...]]) -> list[str]:
    return [
        f"{count} annotations answer {' and '.join(_quoted(name) for name in names)}, which study.toml calls one question, "
        "differently: these answers are left out"
        for names, count in sorted(twice.items())
    ]


def _told_mistaken(mistaken: Counter[tuple[str, str]]) -> list[str]:
    return [
        f"question {_quoted(name)} has {_quoted(text)} both as one label and as several labels at once: {count} such answers "
        "are left out; rename the label in the project"
        for (name, text), count in sorted(mistaken.items())
    ]


def _quoted(text: str) -> str:
    return f"'{one_line(text)}'"
