"""Labels and tables into a study: what is there already is not doubled, what differs is not lost."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from judgeaudit.domain.errors import InputError, one_line
from judgeaudit.domain.question import canonical
from judgeaudit.storage.annotation_book import AnnotationBook, Row, rows_of
from judgeaudit.storage.files import append_jsonl, shown
from judgeaudit.storage.people_words import also_called, understood
from judgeaudit.storage.study_files import find_table

if TYPE_CHECKING:
    from judgeaudit.storage.study_schema import StudyConfig


@dataclass(frozen=True, slots=True, kw_only=True)
class ImportReport:
    """What an import did: rows that are new and rows that were there, by table; sentences; what to look at."""

    added: dict[str, int]
    known: dict[str, int]
    lines: tuple[str, ...] = ()
    warnings: tuple[str, ...] = ()


def add_annotations(
    folder: Path, config: StudyConfig, *, annotations: Sequence[Row], outputs: Sequence[Mapping[str, object]]
) -> ImportReport:
    """Appends what the study does not hold yet, such that for every rater, item and question the latest stamp wins.

    An answer that a later state of the same annotation (`source`) no longer gives is withdrawn. Adding the same twice
    adds nothing.
    """
    book = AnnotationBook(folder)
    fresh_outputs, differing = _fresh_outputs(folder, outputs)
    if fresh_outputs:
        append_jsonl(folder / "outputs.jsonl", fresh_outputs)
    added = book.add(annotations)
    return ImportReport(
        added={"outputs": len(fresh_outputs), "annotations": added.rows},
        known={"outputs": len(outputs) - len(fresh_outputs), "annotations": added.known},
        warnings=(*differing, *undeclared(config, annotations)),
    )


def undeclared(config: StudyConfig, annotations: Sequence[Mapping[str, str]]) -> list[str]:
    """Sentences about questions and labels that study.toml does not know, so that an audit could not use them."""
    questions: Counter[str] = Counter()
    labels: Counter[tuple[str, str]] = Counter()
    known = understood(config)
    words = {name: {canonical(one) for one in labels} for name, labels in known.items()}
    named = also_called(config)
    for row in annotations:
        question, label = row.get("question", ""), row.get("label", "")
        if question and question not in known:
            questions[question] += 1
        elif question and label and known[question]:
            several = label.split("|") if config.questions[named.get(question, question)].multiple else [label]
            if any(canonical(one) not in words[question] for one in several):
                labels[named.get(question, question), label] += 1
    sentences = [
        f"{count} annotations answer question '{one_line(question)}', which study.toml does not declare: they are imported "
        "and no audit uses them; declare it, or name it in also_called of the question that it is"
        for question, count in sorted(questions.items())
    ]
    return sentences + [
        f"question '{one_line(question)}' has no label '{one_line(label)}' in study.toml, which {count} annotations give: "
        "declare it, or say in the question's map what it means, or no audit can be made"
        for (question, label), count in sorted(labels.items())
    ]


def _fresh_outputs(
    folder: Path, outputs: Sequence[Mapping[str, object]]
) -> tuple[list[Mapping[str, object]], list[str]]:
    """Outputs of items that the study does not hold, and a sentence where a known item has another response."""
    there = {row.get("item_id", ""): row for row in rows_of(folder, "outputs")}
    fresh = [output for output in outputs if output["item_id"] not in there]
    file = find_table(folder, "outputs")
    if fresh and file is not None and file.suffix != ".jsonl":
        missing = f"{len(fresh)} items are not in it"
        msg = f"{shown(file)}: {missing}, and rows are added to outputs.jsonl only; convert this table to it first"
        raise InputError(msg)
    other = [
        str(output["item_id"])
        for output in outputs
        if output["item_id"] in there and there[str(output["item_id"])].get("response") != output.get("response")
    ]
    if not other:
        return fresh, []
    first = one_line(other[0])
    return fresh, [f"{len(other)} items have another response than in the study, '{first}' first: the study's stay"]
