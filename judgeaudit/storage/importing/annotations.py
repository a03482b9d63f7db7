"""Labels and tables into a study: what is there already is not doubled, what differs is not lost."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from judgeaudit.domain.errors import InputError, one_line
from judgeaudit.domain.question import canonical
from judgeaudit.storage.files.study_files import find_table
from judgeaudit.storage.files.write import append_jsonl, shown
from judgeaudit.storage.importing.same_texts import compare_texts
from judgeaudit.storage.labelling.book import AnnotationBook, Row, rows_of
from judgeaudit.storage.study.label_words import also_called, understood

if TYPE_CHECKING:
    from judgeaudit.storage.config.schema import StudyConfig


@dataclass(frozen=True, slots=True, kw_only=True)
class ImportReport:
    """What an import did: rows that are new and rows that were there, by table; sentences; what to look at."""

    added: dict[str, int]
    known: dict[str, int]
    lines: tuple[str, ...] = ()
    warnings: tuple[str, ...] = ()


def add_annotations(
    folder: Path,
    config: StudyConfig,
    *,
    annotations: Sequence[Row],
    outputs: Sequence[Mapping[str, object]],
    book: AnnotationBook | None = None,
) -> ImportReport:
    """Appends what the study does not hold yet, such that for every rater, item and question the latest stamp wins.

    Labels about an item that has another text in the study than where they were given are left out. An answer that a
    later state of the same annotation (`source`) no longer gives is withdrawn. Adding the same twice adds nothing.
    """
    book = book or AnnotationBook(folder)
    there = rows_of(folder, "outputs")
    texts = compare_texts(there, outputs)
    _refuse_unaddable(folder, texts.fresh)
    kept = [row for row in annotations if row["item_id"] not in texts.other]
    if texts.fresh:
        append_jsonl(folder / "outputs.jsonl", texts.fresh)
    added = book.add(kept)
    return ImportReport(
        added={"outputs": len(texts.fresh), "annotations": added.rows},
        known={"outputs": len(outputs) - len(texts.fresh), "annotations": added.known},
        warnings=(
            *texts.told(len(annotations) - len(kept)),
            *_corrected(added.differing),
            *_without_cluster(config, [*there, *texts.fresh]),
            *undeclared(config, kept),
        ),
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
    if questions and not any(row.get("question", "") in known for row in annotations):
        return _none_declared(config, questions)
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


def _none_declared(config: StudyConfig, questions: Mapping[str, int]) -> list[str]:
    """What to say where labels and study.toml have no question in common."""
    found, first = (
        ", ".join(f"'{one_line(name)}'" for name in sorted(questions)),
        one_line(next(iter(config.questions))),
    )
    return [
        f"no question of these {sum(questions.values())} annotations is declared in study.toml, which asks "
        f"{', '.join(map(one_line, config.questions))}; found: {found}. They are imported and no audit uses them; say which "
        f'is which there, as also_called = ["{one_line(min(questions))}"] under [questions.{first}], with map for labels of '
        "other names"
    ]


def _corrected(differing: int) -> list[str]:
    if not differing:
        return []
    return [
        f"{differing:,} answers stand in annotations.jsonl otherwise than in this export, corrected there by hand: the file "
        "stays; remove its rows to have the export's"
    ]


def _without_cluster(config: StudyConfig, rows: Sequence[Mapping[str, object]]) -> list[str]:
    """A sentence where study.toml names a cluster that outputs lack, which an audit would refuse."""
    lacking = sum(row.get(config.cluster or "") in (None, "") for row in rows)
    if not lacking or not config.cluster:
        return []
    return [
        f"{lacking} of {len(rows)} outputs have no '{one_line(config.cluster)}', which study.toml names as cluster: no "
        "audit can be made until the column is filled in outputs.jsonl, or cluster is taken out of study.toml"
    ]


def _refuse_unaddable(folder: Path, fresh: Sequence[Mapping[str, object]]) -> None:
    file = find_table(folder, "outputs")
    if fresh and file is not None and file.suffix != ".jsonl":
        missing = f"{len(fresh)} items are not in it"
        msg = f"{shown(file)}: {missing}, and rows are added to outputs.jsonl only; convert this table to it first"
        raise InputError(msg)
