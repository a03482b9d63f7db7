"""Exports of Label Studio: four formats, one meaning. A rater's last annotation wins; earlier ones stay as history."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from itertools import groupby
from pathlib import Path
from typing import NamedTuple

from judgeaudit.domain.errors import one_line
from judgeaudit.domain.gc_paused import uncollected
from judgeaudit.domain.labelling.tasks import PlannedTask
from judgeaudit.domain.question import CANNOT_JUDGE, canonical
from judgeaudit.labelling.exports.cells import Cell, cell_of, marks_parts, opened
from judgeaudit.labelling.exports.columns import Columns, columns_of
from judgeaudit.labelling.exports.files import read_content
from judgeaudit.labelling.exports.records import Export, Given, ImportedAnnotation, Meaning, Reading, Shown, Terms
from judgeaudit.labelling.exports.tasks import question_of, read_tasks, shown_by, told_of_repeats
from judgeaudit.labelling.exports.values import number_text, rater_name, stamp_of
from judgeaudit.labelling.form.questions import CONFIDENCE

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
    made = rows_of(clear.given, terms)
    counts = _counts(reading, clear.given, made, marked=len(marked))
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


def _counts(reading: Reading, counted: Sequence[Given], made: Rows, *, marked: int) -> dict[str, int]:
    """What the export says of itself in numbers, in the order in which they are shown; `reading` takes them up."""
    purposes = Counter(given.shown.planned.purpose for given in counted if given.shown.planned)
    reading.counts.update(
        **made.counts,
        **{name: purposes[purpose] for name, purpose in _PURPOSES.items()},  # type: ignore[index]
        skipped=sum(given.skipped for given in counted),
        empty=sum(not given.answers and not given.skipped for given in counted),
        ground_truth=marked,
    )
    return {
        **{name: reading.counts[name] for name in _COUNTED},
        "unlabelled_tasks": len(reading.tasks - made.labelled),
        **{name: reading.counts[name] for name in _MORE},
    }


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


# Answers that contradict each other once they stand in a table: none of them is taken.


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


# Annotations as people submitted them, made into rows: the last one of a person wins, earlier ones stay as history.


@dataclass(slots=True, kw_only=True)
class Rows:
    """Rows in an order in which the last one wins, and what they amount to.

    usable, superseded  annotations that count, and those that are history
    labelled            item and showing of every row that is not a skip
    """

    rows: list[ImportedAnnotation] = field(default_factory=list)
    labelled: set[tuple[str, str]] = field(default_factory=set)
    counts: Counter[str] = field(default_factory=Counter)


def rows_of(given: Sequence[Given], terms: Terms) -> Rows:
    """All rows. An answer that a person's later annotation no longer gives is withdrawn by a row of its own."""
    made = Rows()
    declared = {name: frozenset([*labels, *map(canonical, labels)]) for name, labels in terms.questions.items()}
    ordered = sorted(given, key=lambda one: (_whose(one), one.when))
    for (item, _, showing), group in groupby(ordered, key=_whose):
        annotations = list(group)
        standing: list[str] = []
        for one in annotations:
            answers = _unswapped(one, _in_labels(one, terms), terms)
            made.rows += _rows_of(one, answers, standing, terms)
            standing = [] if one.skipped else list(answers)
            made.counts["unknown_choices"] += sum(_is_strange(answers[name], declared.get(name)) for name in standing)
        made.counts["usable"] += bool(standing)
        made.counts["superseded"] += len(annotations) - 1
        if any(one.answers and not one.skipped for one in annotations):
            made.labelled.add((item, showing))
    made.counts["cannot_judge"] = sum(row.status == CANNOT_JUDGE for row in made.rows)
    return made


def _whose(one: Given) -> tuple[str, str, str]:
    return one.shown.item_id, one.rater, one.shown.showing


def _is_strange(labels: tuple[str, ...], declared: frozenset[str] | None) -> bool:
    """Whether a question that declares its labels got another one."""
    if not declared or declared.issuperset(labels) or labels == (CANNOT_JUDGE,):
        return False
    return not declared.issuperset(map(canonical, labels))


def _in_labels(one: Given, terms: Terms) -> Mapping[str, tuple[str, ...]]:
    """Answers in labels: an editor or a program that sends what a form of ours shows means the label behind it."""
    if one.shown.planned is None or not terms.words:
        return one.answers
    known = {name: terms.words.get(name, {}) for name in one.answers}
    return {
        name: tuple(sorted(known[name].get(label, label) for label in labels)) for name, labels in one.answers.items()
    }


def _unswapped(one: Given, answers: Mapping[str, tuple[str, ...]], terms: Terms) -> Mapping[str, tuple[str, ...]]:
    """Answers about the two answers of a pair as the outputs have them, whichever side they were shown on."""
    unswap = terms.unswap
    if unswap is None or one.shown.planned is None or not one.shown.planned.swapped:
        return answers
    return {name: tuple(sorted(unswap(name, label) for label in labels)) for name, labels in answers.items()}


def _rows_of(
    one: Given, answers: Mapping[str, tuple[str, ...]], standing: list[str], terms: Terms
) -> Iterator[ImportedAnnotation]:
    if one.skipped or not answers:
        yield _row(one, terms, question="", label="", status="skipped")
        return
    for question, labels in answers.items():
        if labels == (CANNOT_JUDGE,) and CANNOT_JUDGE not in terms.questions.get(question, ()):
            yield _row(one, terms, question=question, label="", status=CANNOT_JUDGE)
        else:
            yield _row(one, terms, question=question, label="|".join(labels), status="labelled")
    for question in standing:
        if question not in answers:
            yield _row(one, terms, question=question, label="", status="skipped")


def _row(one: Given, terms: Terms, *, question: str, label: str, status: str) -> ImportedAnnotation:
    shown, planned = one.shown, one.shown.planned
    return ImportedAnnotation(
        item_id=shown.item_id,
        rater=one.rater,
        question=question,
        label=label,
        status=status,
        confidence=one.confidence,
        seconds=one.seconds,
        labelled_at=one.stamp,
        note=one.note,
        source=one.source(terms.source),
        purpose=planned.purpose if planned else "",
        round=shown.round,
        known=dict(planned.known).get(question, "") if planned and planned.known else "",
        project="" if planned else one.project,
    )


# Exports with one row per annotation: JSON_MIN, CSV and TSV. They have lost what the full JSON still holds.


LOST = (
    "this export has lost skipped tasks, drafts, tasks without labels, and which annotations are ground truth: "
    "a ground truth row, whose answer was known beforehand, looks like a rater's; the JSON export keeps them"
)


class Row(NamedTuple):
    """What the task of a row showed, and which row it is."""

    shown: Shown
    where: str


def read_flat(rows: Sequence[object], terms: Terms, *, ordered: bool) -> Reading:
    """Every row as one annotation. In `ordered` rows (JSON_MIN) data stand before the task's id, answers after it."""
    reading = Reading(flat=True)
    objects = [row for row in rows if isinstance(row, dict)]
    for _ in range(len(rows) - len(objects)):
        reading.trouble("a row is not an object: left out")
    columns = columns_of(objects, terms, ordered=ordered)
    reading.warnings += (LOST, *columns.warnings)
    if any("@" in str(row.get("annotator")) for row in objects):
        reading.warnings.append(
            "raters are named by e-mail here, and by number in other exports, "
            "which would make two raters of each: import one of them"
        )
    parts: Counter[str] = Counter()
    for position, row in enumerate(objects, 1):
        where = f"row {position} (task {one_line(number_text(row.get('id')))})"
        data = {as_data: row[name] for name, as_data in columns.data.items() if name in row}
        shown = shown_by(data, row.get("id"), reading, terms, where=where)
        if number_text(row.get("annotation_id")) or number_text(row.get("annotator")):  # else a task without labels
            reading.counts["annotations"] += 1
            if shown is not None:
                _keep(row, Row(shown, where), columns, reading, terms, parts)
    reading.counts["tasks"] = len(reading.tasks)
    reading.warnings += [*_told(parts), *told_of_repeats(reading)]
    return reading


def _told(parts: Counter[str]) -> list[str]:
    """What was left out because it is about parts of a text, and what cannot be told from it."""
    sentences = [
        f"column '{one_line(name)}' holds {count} results that are no labels of an item: left out"
        for name, count in sorted(parts.items())
    ]
    if parts:
        sentences.append(
            "people marked parts of texts here: a single answer about a part looks like one about the item in this format; "
            "the JSON export tells them apart"
        )
    return sentences


def _keep(
    row: Mapping[str, object], place: Row, columns: Columns, reading: Reading, terms: Terms, parts: Counter[str]
) -> None:
    where = place.where
    rater = "" if row.get("annotator") == "None" else rater_name(row.get("annotator"))  # a table's word for nobody
    if not rater:
        reading.trouble(f"{where} names nobody who made it (a user who was deleted has no name): left out")
        return
    answers: dict[str, tuple[str, ...]] = {}
    notes: dict[str, None] = {}
    torn: dict[str, None] = {}
    for name, cell in _cells(row, columns, reading, terms, where).items():
        parts.update({name: cell.parts} if cell.parts else {})
        question, answer = question_of(name, terms), cell.answer
        if cell.torn or (answer and answers.get(question, answer.texts) != answer.texts):
            torn[question] = None
        elif answer is None:
            continue
        elif answer.kind == "note" or name in columns.notes:
            notes.update(dict.fromkeys(answer.texts))
        else:
            answers[question] = answer.texts
    for question in torn:
        answers.pop(question, None)
        reading.trouble(f"{where} answers '{one_line(question)}' twice, differently: that answer is left out")
    sure = () if CONFIDENCE in terms.questions else answers.pop(CONFIDENCE, ())
    reading.given.append(
        Given(
            shown=place.shown,
            rater=rater,
            number=number_text(row.get("annotation_id")),
            stamp=stamp_of(row.get("updated_at")) or stamp_of(row.get("created_at")),
            confidence="|".join(sure),
            answers=answers,
            seconds=number_text(row.get("lead_time")),
            note="\n".join(notes),
        )
    )


def _cells(row: Mapping[str, object], columns: Columns, reading: Reading, terms: Terms, where: str) -> dict[str, Cell]:
    """What the row's controls say. A cell that says nothing usable is told."""
    filled = {name: row[name] for name in columns.controls if row.get(name) not in (None, "", [], {})}
    if columns.packed:
        filled = {name: opened(cell, terms.questions.get(name)) for name, cell in filled.items()}
    in_parts = any(marks_parts(value) for value in filled.values())
    made = {name: cell_of(value, question=name in terms.questions, in_parts=in_parts) for name, value in filled.items()}
    for name, cell in made.items():
        if cell == Cell():
            reading.trouble(f"{where} has no usable value for '{one_line(name)}': that value is left out")
    return made
