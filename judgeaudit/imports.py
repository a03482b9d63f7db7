"""What people labelled elsewhere, into a study: the labelling room reads, the storage room writes."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from judgeaudit.domain.errors import one_line

if TYPE_CHECKING:
    from judgeaudit.domain.labelling import PlannedTask
    from judgeaudit.storage.study_import import ImportReport
    from judgeaudit.storage.study_schema import StudyConfig

Row = Mapping[str, str]


def import_label_studio(path: Path | str, study_folder: Path | str, *, keep_ground_truth: bool = False) -> ImportReport:
    """Adds an export of Label Studio to a study. Importing the same file twice adds nothing.

    Tasks of the study's own plan come in as a pull brings them in: under their items, with round and purpose.
    """
    from dataclasses import replace

    from judgeaudit.labelling.exports import read_export
    from judgeaudit.storage.annotation_book import rows_of
    from judgeaudit.storage.people_words import understood
    from judgeaudit.storage.study_config import read_study
    from judgeaudit.storage.study_import import add_annotations

    folder = Path(study_folder)
    config = read_study(folder)
    known, rounds = _planned(folder)
    export = read_export(
        path,
        questions=understood(config),
        keep_ground_truth=keep_ground_truth,
        known=known or None,
        unswap=_unswapper(config),
        round_name=rounds,
    )
    rows = [annotation.as_row() for annotation in export.annotations]
    there = rows_of(folder, "annotations", appendable=True)
    held = {row["source"]: row["item_id"] for row in there if row.get("source")}
    doubts = [
        *_other_items(held, rows),
        *(_hidden_gold(held, rows) if export.flat else _gold_within(held, export.gold)),
    ]
    report = add_annotations(folder, config, annotations=rows, outputs=export.outputs)
    counted = ", ".join(f"{count} {name.replace('_', ' ')}" for name, count in export.counts.items() if count)
    return replace(report, lines=(counted, *report.lines), warnings=(*export.warnings, *doubts, *report.warnings))


def _planned(folder: Path) -> tuple[dict[str, PlannedTask], dict[str, str]]:
    """Opaque id -> task, and opaque id -> round, over all rounds that the study planned."""
    from judgeaudit.storage.rounds import RoundFolder, rounds_of

    tasks = [(task, name) for name in rounds_of(folder) for task in RoundFolder(folder, name).tasks()]
    return {task.ja_id: task for task, _ in tasks}, {task.ja_id: name for task, name in tasks}


def _unswapper(config: StudyConfig) -> Callable[[str, str], str]:
    """A function of question and label: the label as if the two answers of its item had not changed sides."""
    from judgeaudit.domain.sides import plain_swap, unswapped

    def unswap(name: str, label: str) -> str:
        question = config.questions.get(name)
        if question is None or question.layout != "pairwise":
            return label
        return unswapped(label, plain_swap(name, question.labels) if question.swap is None else question.swap)

    return unswap


def _other_items(held: Mapping[str, str], rows: Sequence[Row]) -> list[str]:
    """A sentence where one annotation is about two items: tables have another id where the data hold one of their own."""
    other = {row["source"]: row["item_id"] for row in rows if held.get(row["source"], row["item_id"]) != row["item_id"]}
    if not other:
        return []
    first = min(other)
    return [
        f"{len(other)} annotations are in the study about other items, such as '{one_line(first)}' about "
        f"'{one_line(held[first])}' and here about '{one_line(other[first])}': unless they come from two servers, "
        "the labels are now there twice; import one format only"
    ]


def _hidden_gold(held: Mapping[str, str], rows: Sequence[Row]) -> list[str]:
    """A sentence where a format that hides known answers meets another export of the same project.

    The full export left ground truth out; here it comes back looking like labels that are merely new.
    """
    sources = {row["source"]: row["rater"] for row in rows}
    fresh = Counter(rater for source, rater in sources.items() if source not in held)
    if not fresh or held.keys().isdisjoint(sources):
        return []
    who = ", ".join(f"{one_line(rater)} ({count})" for rater, count in sorted(fresh.items()))
    return [
        f"the study holds {len(held.keys() & sources.keys())} annotations of this project from another import and not these: "
        f"{who}; if they are ground truth, which this format hides, they are no rater's labels: "
        "import the JSON export instead"
    ]


def _gold_within(held: Mapping[str, str], gold: frozenset[str]) -> list[str]:
    """A sentence where an earlier import of a format that hides known answers brought them in as labels."""
    within = sorted(gold & held.keys())
    if not within:
        return []
    return [
        f"the study already holds {len(within)} annotations that this export marks as ground truth, '{within[0]}' first: "
        "an earlier import took them for raters' labels; remove the rows with these sources from annotations.jsonl"
    ]
