"""Exports of Label Studio: four formats, one meaning. A rater's last annotation wins; earlier ones stay as history."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from pathlib import Path

from judgeaudit.domain.errors import one_line
from judgeaudit.domain.gc_paused import uncollected
from judgeaudit.domain.labelling.tasks import PlannedTask
from judgeaudit.labelling.exports.clashes import without_clashes
from judgeaudit.labelling.exports.files import read_content
from judgeaudit.labelling.exports.flat import read_flat
from judgeaudit.labelling.exports.records import Export, ImportedAnnotation, Meaning, Reading, Terms
from judgeaudit.labelling.exports.rows import rows_of
from judgeaudit.labelling.exports.tasks import read_tasks

_COUNTED = (
    "tasks",
    "annotations",
    "usable",
    "skipped",
    "empty",
    "cannot_judge",
    "superseded",
    "ground_truth",
    "drafts",
)
_MORE = ("repeats", "calibration", "controls", "unknown_items", "unknown_choices", "edited", "primed", "malformed")
_PURPOSES = {"repeats": "repeat", "calibration": "calibration", "controls": "control"}


def read_export(
    path: Path | str,
    *,
    questions: Mapping[str, Sequence[str]] | None = None,
    keep_ground_truth: bool = False,
    known: Mapping[str, PlannedTask] | None = None,
    unswap: Callable[[str, str], str] | None = None,
    round_name: str | Mapping[str, str] = "",
    source: str = "label-studio",
    several: Collection[str] = (),
    words: Mapping[str, Mapping[str, str]] | None = None,
    meant: Meaning | None = None,
) -> Export:
    """The annotations and texts of an export: JSON (export or snapshot), JSON_MIN, CSV or TSV, told by its content.

    `questions` are those that a study declares, with their labels; `several` of them may have several labels at once, and
    `meant` tells what answers mean where one question goes by several names. `known` are the tasks of its plan by opaque id: their
    rows carry the plan's item, purpose, round and known answer, their texts are not outputs, and labels of swapped items
    go through `unswap`, after `words`, question -> shown text -> label, have told what the shown texts of its form stand for.
    Annotations marked as ground truth are nobody's independent label, so they are left out and
    counted, but for planned tasks; `keep_ground_truth` takes them as their maker's labels, for projects whose labels were
    imported without saying that they are none.
    """
    terms = Terms(
        questions=questions or {},
        keep_ground_truth=keep_ground_truth,
        known=known,
        unswap=unswap,
        round_name=round_name,
        source=source,
        several=frozenset(several),
        words=words or {},
        meant=meant,
    )
    with uncollected():
        return _export(_reading(Path(path), terms), terms)


def read_tasks_batch(
    tasks: Sequence[object],
    *,
    questions: Mapping[str, Sequence[str]],
    known: Mapping[str, PlannedTask],
    unswap: Callable[[str, str], str] | None = None,
    round_name: str | Mapping[str, str] = "",
    source: str = "label-studio",
    several: Collection[str] = (),
    words: Mapping[str, Mapping[str, str]] | None = None,
) -> Export:
    """Tasks as the server hands them out, whole, under the rules of `read_export`; none at all is no trouble."""
    terms = Terms(
        questions=questions,
        known=known,
        unswap=unswap,
        round_name=round_name,
        source=source,
        several=frozenset(several),
        words=words or {},
    )
    return _export(read_tasks(tasks, terms), terms)


def _reading(path: Path, terms: Terms) -> Reading:
    content = read_content(path)
    if content.flat:
        return read_flat(list(content.rows), terms, ordered=content.ordered)
    return read_tasks(content.rows, terms)


def _export(reading: Reading, terms: Terms) -> Export:
    marked = [given for given in reading.given if given.counts_as_gold]
    clear = without_clashes(
        [given for given in reading.given if terms.keep_ground_truth or not given.counts_as_gold], terms
    )
    counted = clear.given
    made = rows_of(counted, terms)
    purposes = Counter(given.shown.planned.purpose for given in counted if given.shown.planned)
    reading.counts.update(
        **made.counts,
        **{name: purposes[purpose] for name, purpose in _PURPOSES.items()},  # type: ignore[index]
        skipped=sum(given.skipped for given in counted),
        empty=sum(not given.answers and not given.skipped for given in counted),
        ground_truth=len(marked),
    )
    counts = {name: reading.counts[name] for name in _COUNTED}
    counts["unlabelled_tasks"] = len(reading.tasks - made.labelled)
    counts.update({name: reading.counts[name] for name in _MORE})
    return Export(
        annotations=tuple(made.rows),
        outputs=tuple(reading.outputs.values()),
        questions=_seen(made.rows),
        counts=counts,
        warnings=(*_warnings(reading, len(marked), terms), *clear.warnings, *reading.told()),
        flat=reading.flat,
        looked_at=frozenset(f"{terms.source}:{ja_id}" for ja_id in reading.whole),
        gold=frozenset() if terms.keep_ground_truth else frozenset(given.source(terms.source) for given in marked),
        present=frozenset(given.source(terms.source) for given in reading.given),
        planned=reading.counts["planned"],
        foreign=reading.counts["foreign"],
    )


def _seen(rows: Sequence[ImportedAnnotation]) -> dict[str, tuple[str, ...]]:
    seen: dict[str, set[str]] = {}
    for row in rows:
        if row.question:
            seen.setdefault(row.question, set()).update([row.label] if row.label else [])
    return {question: tuple(sorted(labels)) for question, labels in sorted(seen.items())}


def _warnings(reading: Reading, marked: int, terms: Terms) -> Iterator[str]:
    if marked and terms.keep_ground_truth:
        yield f"{marked} annotations are marked as ground truth and were taken as their makers' labels"
    elif marked and marked == len(reading.given):
        yield (
            "every annotation is marked as ground truth, so none is a rater's label; Label Studio marks imported "
            "annotations so: read them with keep_ground_truth=True, --keep-ground-truth on the command line, if people made "
            "them independently"
        )
    elif marked:
        yield (
            f"{marked} annotations are marked as ground truth: left out of the raters' labels; --keep-ground-truth takes "
            "them as labels of who made them"
        )
    several = Counter(name for given in reading.given for name, labels in given.answers.items() if len(labels) > 1)
    for name, count in sorted(several.items()):
        if name not in terms.several:
            yield f"question '{one_line(name)}' got several labels at once {count} times: joined by | into one label"
    if unknown := reading.counts["unknown_items"]:
        yield f"{unknown} items are not of the plan: kept under their own ids"
    textless = sum(not output.get("response") for output in reading.outputs.values())
    if textless:
        yield f"{textless} tasks have no text called response: their outputs are written without one"
