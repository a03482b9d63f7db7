"""annotations in the words of study.toml: labels gathered elsewhere keep their own, and mean what the study says they mean."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

from judgeaudit.domain.question import CANNOT_JUDGE, canonical
from judgeaudit.storage.files.read import Table

if TYPE_CHECKING:
    import pandas as pd

    from judgeaudit.storage.config.questions import QuestionConfig
    from judgeaudit.storage.config.schema import StudyConfig


def translated(table: Table, config: StudyConfig) -> Table:
    """The table with each question under its name in the study and each label through its question's `map`.

    A word that is a label already stays. What means `cannot_judge` becomes that status, without a label. The file stays
    as it is.
    """
    questions = config.questions.values()
    if not any(question.map or question.also_called for question in questions):
        return table
    frame = table.frame.copy(deep=False)
    named = also_called(config)
    if "question" in frame.columns:
        frame["question"] = frame["question"].map(lambda name: named.get(name, name))
    if "label" in frame.columns:
        frame["label"], frame["status"] = _translated(frame, config)
    return replace(table, frame=frame)


def _translated(frame: pd.DataFrame, config: StudyConfig) -> tuple[list[str], list[str]]:
    """The labels of a table in the words of the study, and the statuses, of which some come of labels."""
    nothing = [""] * len(frame)
    asked = frame["question"] if "question" in frame.columns else nothing
    status = frame["status"] if "status" in frame.columns else nothing
    only = next(iter(config.questions)) if len(config.questions) == 1 else ""
    labels, statuses = [], []
    for name, label, said in zip(asked, frame["label"], status, strict=True):
        question = config.questions.get(name or only)
        word = _meant(label, question) if question and question.map and label else label
        unable = word == CANNOT_JUDGE != label and said in ("", "labelled")
        labels.append("" if unable else word)
        statuses.append(CANNOT_JUDGE if unable else said)
    return labels, statuses


def also_called(config: StudyConfig) -> dict[str, str]:
    """Another name of a question -> its name in the study."""
    return {other: name for name, question in config.questions.items() for other in question.also_called}


def understood(config: StudyConfig) -> dict[str, tuple[str, ...]]:
    """Every name that a question goes by -> the words that its answers may have: its labels, and those it translates."""
    words = {
        name: (*question.labels, *question.map) if question.labels else ()
        for name, question in config.questions.items()
    }
    return words | {other: words[name] for other, name in also_called(config).items()}


def several(config: StudyConfig) -> frozenset[str]:
    """Every name of a question that may have several labels at once."""
    named = {name: name for name in config.questions} | also_called(config)
    return frozenset(name for name, question in named.items() if config.questions[question].multiple)


def meaning(config: StudyConfig) -> Callable[[str, Sequence[str]], tuple[str, tuple[str, ...]]]:
    """A function of a question's name and labels, as they came: the question in the study and what they mean there."""
    named = also_called(config)

    def meant(name: str, labels: Sequence[str]) -> tuple[str, tuple[str, ...]]:
        question = config.questions.get(named.get(name, name))
        if question is None:
            return name, tuple(labels)
        own = {canonical(one) for one in question.labels}
        words = {canonical(_word(label, question.map, own)) for label in labels}
        return named.get(name, name), tuple(sorted(words))

    return meant


def _meant(label: str, question: QuestionConfig) -> str:
    parts = label.split("|") if question.multiple else [label]
    own = {canonical(one) for one in question.labels}
    return "|".join(_word(part, question.map, own) for part in parts)


def _word(word: str, meanings: Mapping[str, str], own: set[str]) -> str:
    return word if canonical(word) in own else meanings.get(word, word)
