"""Labels and tables into a study: what is there already is not doubled, what differs is not lost."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from judgeaudit.domain.errors import InputError, one_line
from judgeaudit.domain.moments import moment_of
from judgeaudit.domain.question import canonical
from judgeaudit.storage.files import append_jsonl, shown
from judgeaudit.storage.study_files import find_table
from judgeaudit.storage.tables import read_table

if TYPE_CHECKING:
    from judgeaudit.storage.study_schema import StudyConfig

Row = dict[str, str]
_IDENTITY = ("item_id", "rater", "question", "label", "status", "labelled_at", "source")


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
    there = rows_of(folder, "annotations", appendable=True)
    fresh_outputs, differing = _fresh_outputs(folder, outputs)
    known = {_identity(row) for row in there}
    new = [row for row in annotations if _identity(row) not in known]
    fresh = new + [row for row in _withdrawn(there, annotations) if _identity(row) not in known]
    held = _by_pair(there)
    appended = [row for pair, rows in _by_pair(fresh).items() for row in _merged(held.get(pair, []), rows)]
    if fresh_outputs:
        append_jsonl(folder / "outputs.jsonl", fresh_outputs)
    if appended:
        append_jsonl(folder / "annotations.jsonl", appended)
    return ImportReport(
        added={"outputs": len(fresh_outputs), "annotations": len(fresh)},
        known={"outputs": len(outputs) - len(fresh_outputs), "annotations": len(annotations) - len(new)},
        warnings=(*differing, *undeclared(config, annotations)),
    )


def rows_of(folder: Path, stem: str, *, appendable: bool = False) -> list[Row]:
    """The rows of one of a study's tables; none where it is not there. `appendable` tables must be JSON Lines."""
    file = find_table(folder, stem)
    if file is None or file.stat().st_size == 0:
        return []
    if appendable and file.suffix != ".jsonl":
        msg = f"{shown(file)}: rows are added to {stem}.jsonl only; convert this table to it first"
        raise InputError(msg)
    frame = read_table(file).frame
    columns = [str(column) for column in frame.columns]
    return [dict(zip(columns, row, strict=True)) for row in zip(*(frame[column] for column in columns), strict=True)]


def undeclared(config: StudyConfig, annotations: Sequence[Mapping[str, str]]) -> list[str]:
    """Sentences about questions and labels that study.toml does not know, so that an audit could not use them."""
    questions: dict[str, int] = {}
    labels: dict[tuple[str, str], int] = {}
    for row in annotations:
        question, label = row.get("question", ""), row.get("label", "")
        if question and question not in config.questions:
            questions[question] = questions.get(question, 0) + 1
        elif question and label and config.questions[question].labels:
            known = {canonical(one) for one in config.questions[question].labels}
            if canonical(label) not in known:
                labels[question, label] = labels.get((question, label), 0) + 1
    sentences = [
        f"{count} annotations answer question '{one_line(question)}', which study.toml does not declare: "
        "they are imported and no audit uses them"
        for question, count in sorted(questions.items())
    ]
    return sentences + [
        f"question '{one_line(question)}' has no label '{one_line(label)}' in study.toml, "
        f"which {count} annotations give: declare it, or no audit can be made"
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


def _withdrawn(there: Sequence[Row], annotations: Sequence[Row]) -> list[Row]:
    """Rows that take back what an annotation answered before and, in a later state, answers no more."""
    given: dict[tuple[str, str, str], list[Row]] = {}
    for row in annotations:
        given.setdefault((row["source"], row["item_id"], row["rater"]), []).append(row)
    withdrawn: dict[tuple[str, ...], Row] = {}
    for row in there:
        now = given.get((row.get("source", ""), row["item_id"], row["rater"]), [])
        question = row.get("question", "")
        if not now or not row.get("source") or not question or row.get("status") == "skipped":
            continue
        answered = any(one["question"] in ("", question) for one in now)
        if not answered and moment_of(now[0]["labelled_at"]) > moment_of(row.get("labelled_at", "")):
            gone = {**now[0], "question": question, "label": "", "status": "skipped"}
            withdrawn[_identity(gone)] = gone
    return list(withdrawn.values())


def _by_pair(rows: Sequence[Row]) -> dict[tuple[str, str], list[Row]]:
    """Rows by item and rater, in the order in which these first appear."""
    pairs: dict[tuple[str, str], list[Row]] = {}
    for row in rows:
        pairs.setdefault((row["item_id"], row["rater"]), []).append(row)
    return pairs


def _merged(there: Sequence[Row], fresh: Sequence[Row]) -> list[Row]:
    """What to append so that one rater's rows of one item stand in the order of their stamps.

    Where rows that are there are later than new ones, they are written once more after them.
    """
    entries = [(moment_of(row.get("labelled_at", "")), False, row) for row in there]
    entries += [(moment_of(row["labelled_at"]), True, row) for row in fresh]
    entries.sort(key=lambda entry: entry[0])
    first = next(number for number, entry in enumerate(entries) if entry[1])
    return [row for _, _, row in entries[first:]]


def _identity(row: Mapping[str, str]) -> tuple[str, ...]:
    return tuple(row.get(key, "") for key in _IDENTITY)
