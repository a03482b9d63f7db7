"""Items on which people disagree, and which of them to look at again."""

from __future__ import annotations

import math
import random
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations
from typing import NamedTuple

from judgeaudit.domain.errors import InputError
from judgeaudit.domain.labelling.tasks import MAIN, Purpose
from judgeaudit.domain.question import Question, canonical, number_of
from judgeaudit.labelling.sync.standing import Showing, showings

#: purposes under which people label what a round is about; repeats and calibration items tell of the raters
ABOUT_ITEMS = ("item", "control")


@dataclass(frozen=True, slots=True, kw_only=True)
class Split:
    """How people's labels of one item divide on one question.

    counts    labels and how many people gave each, most first
    distance  mean distance of the labels of two people, from 0 (all agree) to 1
    tied      no label was given more often than every other, so that there is no majority
    """

    question: str
    counts: tuple[tuple[str, int], ...]
    distance: float
    tied: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Dispute:
    """An item on which people disagree, with the questions on which they do."""

    item_id: str
    splits: tuple[Split, ...]

    @property
    def tied(self) -> bool:
        return any(split.tied for split in self.splits)

    @property
    def distance(self) -> float:
        """The largest over the questions."""
        return max(split.distance for split in self.splits)


class Votes(NamedTuple):
    """How many people gave the label that most gave, and how many gave one at all."""

    most: int
    people: int


def disputed(
    rows: Iterable[Mapping[str, str]],
    questions: Mapping[str, Question],
    *,
    min_raters: int = 2,
    round_name: str = MAIN,
) -> list[Dispute]:
    """Items whose labels differ, the most disputed first: ties before majorities, then by the distance of the labels.

    Two labels are 1 apart on a nominal scale, as far as their positions on an ordinal one, and as far as their numbers
    on an interval one, where a median stands for a majority, so that nothing ties. "Cannot judge" is no label and
    disputes nothing.
    """
    return disputes_among(showings(rows, round_name=round_name), questions, min_raters=min_raters)


def disputes_among(
    shown: Iterable[Showing], questions: Mapping[str, Question], *, min_raters: int = 2
) -> list[Dispute]:
    """`disputed`, of showings."""
    labels = _labels(shown, questions)
    ranges = {name: _range(question, labels.values()) for name, question in questions.items()}
    found = []
    for item, answers in labels.items():
        splits = tuple(
            _split(questions[name], given, ranges[name])
            for name, given in answers.items()
            if len(given) >= max(min_raters, 2) and len(set(given)) > 1
        )
        if splits:
            found.append(Dispute(item_id=item, splits=splits))
    return sorted(found, key=lambda one: (not one.tied, -one.distance, -len(one.splits), one.item_id))


def votes(rows: Iterable[Mapping[str, str]], question: Question, *, round_name: str = MAIN) -> dict[str, Votes]:
    """How united people are on each item that has a label."""
    labels = _labels(showings(rows, round_name=round_name), {question.name: question})
    counts = {item: Counter(answers[question.name]) for item, answers in labels.items()}
    return {item: Votes(max(given.values()), given.total()) for item, given in counts.items()}


def most_informative(disagreement: Mapping[str, float], people: Mapping[str, Votes], *, most: int) -> list[str]:
    """Items where somebody else than the raters contradicts them, those first whose second look would teach most.

    `disagreement` is a plain weight above 0: how firmly the people's label is contradicted. It counts as much as it is
    likely that people erred: the share of them outside the majority, each side half a vote richer, so that a unanimous
    item with a firm contradiction comes up, too, and more people are harder to doubt. Items without labels are left out.
    """
    scores: dict[str, float] = {}
    for item, weight in disagreement.items():
        vote = people.get(item)
        if vote is not None and vote.people > 0 and math.isfinite(weight) and weight > 0:
            scores[item] = weight * (vote.people - vote.most + 0.5) / (vote.people + 1)
    return sorted(scores, key=lambda item: (-scores[item], item))[: max(most, 0)]


def second_round(
    disputed_items: Sequence[str],
    undisputed_items: Sequence[str],
    *,
    share_of_controls: float = 0.25,
    most: int | None = None,
    seed: int,
) -> list[tuple[str, Purpose]]:
    """The first `most` disputed items with undisputed controls among them, in random order.

    Controls are drawn at random, `share_of_controls` of the number of disputed items, as far as there are so many. Raters
    who knew that an item is disputed would look for what is wrong with it, so they must not be able to tell. And labels
    change when anybody looks again: had only the items been looked at where somebody disagreed, the reference would move
    towards whoever disagreed. The share of controls whose label changes says how much of what changed is that.
    """
    if not (math.isfinite(share_of_controls) and share_of_controls >= 0):
        msg = f"controls: {share_of_controls:g} is not a share of the disputed items; give a number from 0 on, such as 0.25"
        raise InputError(msg)
    if most is not None and most < 1:
        msg = f"most: a round of {most} disputed items; give at least 1"
        raise InputError(msg)
    chosen = list(dict.fromkeys(disputed_items))[:most]
    others = sorted(set(undisputed_items) - set(disputed_items))
    drawn = random.Random(f"second round {seed}")
    controls = drawn.sample(others, min(math.ceil(len(chosen) * share_of_controls - 1e-9), len(others)))
    tasks: list[tuple[str, Purpose]] = [(item, "item") for item in chosen]
    tasks += [(item, "control") for item in controls]
    drawn.shuffle(tasks)
    return tasks


def _labels(shown: Iterable[Showing], questions: Mapping[str, Question]) -> dict[str, dict[str, list[str]]]:
    """Item -> question -> the label of each person, as the question declares it."""
    declared = {name: {canonical(label): label for label in one.labels} for name, one in questions.items()}
    labels: defaultdict[str, dict[str, list[str]]] = defaultdict(dict)
    for showing in shown:
        if showing.purpose not in ABOUT_ITEMS:
            continue
        for name, label in showing.answers.items():
            if name in declared:
                labels[showing.item_id].setdefault(name, []).append(declared[name].setdefault(canonical(label), label))
    return labels


def _split(question: Question, given: Sequence[str], widest: float) -> Split:
    counts = Counter(given).most_common()
    apart = sum(n * m * _distance(question, one, other, widest) for (one, n), (other, m) in combinations(counts, 2))
    pairs = len(given) * (len(given) - 1) / 2
    tied = question.scale != "interval" and counts[0][1] == counts[1][1]
    return Split(question=question.name, counts=tuple(counts), distance=apart / pairs, tied=tied)


def _distance(question: Question, one: str, other: str, widest: float) -> float:
    if question.scale == "ordinal" and one in question.labels and other in question.labels:
        return abs(question.labels.index(one) - question.labels.index(other)) / (len(question.labels) - 1)
    first, second = number_of(one), number_of(other)
    if question.scale == "interval" and first is not None and second is not None and widest > 0:
        return min(abs(first - second) / widest, 1.0)
    return float(canonical(one) != canonical(other))


def _range(question: Question, labels: Iterable[Mapping[str, Sequence[str]]]) -> float:
    """How far numbers on an interval scale can be apart: as declared, else as they were given."""
    if question.scale != "interval":
        return 0.0
    given = question.labels or [label for answers in labels for label in answers.get(question.name, ())]
    numbers = [number for label in given if (number := number_of(label)) is not None]
    return max(numbers) - min(numbers) if numbers else 0.0
