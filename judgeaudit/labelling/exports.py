"""Exports of Label Studio: four formats, one meaning. A rater's last annotation wins; earlier ones stay as history."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Iterator, Mapping, Sequence
from itertools import groupby
from pathlib import Path

from judgeaudit.domain.errors import InputError, one_line
from judgeaudit.labelling.exports_flat import read_flat
from judgeaudit.labelling.exports_records import Export, Given, ImportedAnnotation, Reading
from judgeaudit.labelling.exports_tasks import read_tasks

CANNOT_JUDGE = "cannot_judge"
_COUNTED = ("tasks", "annotations", "usable", "skipped", "empty", "superseded", "ground_truth", "drafts", "malformed")
_FIELD_LIMIT = 2**31 - 1


def read_export(
    path: Path | str, *, questions: Mapping[str, Sequence[str]] | None = None, keep_ground_truth: bool = False
) -> Export:
    """The annotations and texts of an export: JSON (export or snapshot), JSON_MIN, CSV or TSV, told by its content.

    `questions` are those that a study declares, with their labels. Annotations marked as ground truth are nobody's
    independent label, so they are left out and counted; `keep_ground_truth` takes them as their maker's labels, for
    projects whose labels were imported without saying that they are none.
    """
    declared = questions or {}
    reading = _read(Path(path), declared)
    marked = [given for given in reading.given if given.ground_truth]
    counted = [given for given in reading.given if keep_ground_truth or not given.ground_truth]
    rows, usable, superseded = _rows(counted, declared)
    labelled = {row.item_id for row in rows if row.status != "skipped"}
    reading.counts.update(
        usable=usable,
        skipped=sum(given.skipped for given in counted),
        empty=sum(not given.answers and not given.skipped for given in counted),
        superseded=superseded,
        ground_truth=len(marked),
    )
    counts = {name: reading.counts[name] for name in _COUNTED}
    counts["unlabelled_tasks"] = len(set(reading.outputs) - labelled)
    return Export(
        annotations=tuple(rows),
        outputs=tuple(reading.outputs.values()),
        questions=_seen(rows),
        counts=counts,
        warnings=(*_warnings(reading, len(marked), kept=keep_ground_truth), *reading.told()),
    )


def _rows(given: Sequence[Given], declared: Mapping[str, Sequence[str]]) -> tuple[list[ImportedAnnotation], int, int]:
    """Rows in an order in which the last one wins, how many annotations count, and how many are history.

    An answer that a person's later annotation no longer gives is withdrawn by a row of its own.
    """
    rows: list[ImportedAnnotation] = []
    usable = superseded = 0
    ordered = sorted(given, key=lambda one: (one.item_id, one.rater, one.when))
    for _, group in groupby(ordered, key=lambda one: (one.item_id, one.rater)):
        annotations = list(group)
        standing: list[str] = []
        for one in annotations:
            rows.extend(_rows_of(one, standing, declared))
            standing = [] if one.skipped else list(one.answers)
        usable += bool(standing)
        superseded += len(annotations) - 1
    return rows, usable, superseded


def _rows_of(one: Given, standing: list[str], declared: Mapping[str, Sequence[str]]) -> Iterator[ImportedAnnotation]:
    if one.skipped or not one.answers:
        yield _row(one, question="", label="", status="skipped")
        return
    for question, label in one.answers.items():
        if label == CANNOT_JUDGE and label not in declared.get(question, ()):
            yield _row(one, question=question, label="", status=CANNOT_JUDGE)
        else:
            yield _row(one, question=question, label=label, status="labelled")
    for question in standing:
        if question not in one.answers:
            yield _row(one, question=question, label="", status="skipped")


def _row(one: Given, *, question: str, label: str, status: str) -> ImportedAnnotation:
    return ImportedAnnotation(
        item_id=one.item_id,
        rater=one.rater,
        question=question,
        label=label,
        status=status,
        confidence=one.confidence,
        seconds=one.seconds,
        labelled_at=one.stamp,
        note=one.note,
        source=f"label-studio:{one.number}",
    )


def _seen(rows: Sequence[ImportedAnnotation]) -> dict[str, tuple[str, ...]]:
    seen: dict[str, set[str]] = {}
    for row in rows:
        if row.question:
            seen.setdefault(row.question, set()).update([row.label] if row.label else [])
    return {question: tuple(sorted(labels)) for question, labels in sorted(seen.items())}


def _warnings(reading: Reading, marked: int, *, kept: bool) -> Iterator[str]:
    if marked and kept:
        yield f"{marked} annotations are marked as ground truth and were taken as their makers' labels"
    elif marked and marked == len(reading.given):
        yield (
            "every annotation is marked as ground truth, so none is a rater's label; Label Studio marks imported "
            "annotations so: read them with keep_ground_truth=True if people made them independently"
        )
    elif marked:
        yield f"{marked} annotations are marked as ground truth: left out of the raters' labels"
    for name, count in sorted(reading.counts.items()):
        if name.startswith("several:") and count:
            question = one_line(name.removeprefix("several:"))
            yield f"question '{question}' got several labels at once {count} times: joined by | into one label"
    textless = sum(not output.get("response") for output in reading.outputs.values())
    if textless:
        yield f"{textless} tasks have no text called response: their outputs are written without one"


def _read(path: Path, declared: Mapping[str, Sequence[str]]) -> Reading:
    text = _text(path)
    if text.lstrip()[:1] in ("[", "{"):
        return _read_json(text, path, declared)
    csv.field_size_limit(_FIELD_LIMIT)
    header = text.partition("\n")[0]
    reader = csv.DictReader(io.StringIO(text, newline=""), delimiter="\t" if "\t" in header else ",")
    try:
        rows = [{key: value for key, value in row.items() if key is not None} for row in reader]
    except csv.Error as error:
        msg = f"{_shown(path)}: not a Label Studio export: {error}"
        raise InputError(msg) from None
    if not {"id", "annotator", "annotation_id"} <= set(reader.fieldnames or ()):
        raise _foreign(path)
    if not rows:
        msg = f"{_shown(path)}: the export holds no annotations"
        raise InputError(msg)
    return read_flat(rows, ordered=False, questions=declared)


def _read_json(text: str, path: Path, declared: Mapping[str, Sequence[str]]) -> Reading:
    try:
        content: object = json.loads(text)
    except (ValueError, RecursionError) as error:
        msg = f"{_shown(path)}: not JSON: {one_line(str(error))}; export the project again"
        raise InputError(msg) from None
    tasks = [content] if isinstance(content, dict) else content
    if not isinstance(tasks, list) or not tasks:
        msg = f"{_shown(path)}: the export holds no tasks"
        raise InputError(msg)
    objects = [task for task in tasks if isinstance(task, dict)]
    if any("annotations" in task or "data" in task for task in objects):
        return read_tasks(tasks)
    if any("annotator" in task and "annotation_id" in task for task in objects):
        reading = read_flat(objects, ordered=True, questions=declared)
        for _ in range(len(tasks) - len(objects)):
            reading.trouble("a row is not an object: left out")
        return reading
    raise _foreign(path)


def _text(path: Path) -> str:
    try:
        return path.read_bytes().decode("utf-8-sig")
    except UnicodeDecodeError as error:
        msg = f"{_shown(path)}: not UTF-8 at byte {error.start}; export the project again as JSON"
        raise InputError(msg) from None
    except (OSError, ValueError) as error:
        reason = error.strerror if isinstance(error, OSError) and error.strerror else str(error)
        msg = f"{_shown(path)}: cannot be read ({one_line(reason)}); name a file that Label Studio exported"
        raise InputError(msg) from None


def _foreign(path: Path) -> InputError:
    needed = "tasks with annotations (JSON), or rows with id, annotator and annotation_id (JSON_MIN, CSV, TSV)"
    return InputError(f"{_shown(path)}: not a Label Studio export; expected {needed}")


def _shown(path: Path) -> str:
    return one_line(str(path), limit=300)
