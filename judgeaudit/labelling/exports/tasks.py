"""Exports that hold whole tasks: Label Studio's JSON, from the export button, a snapshot or the server itself."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping
from typing import NamedTuple

from judgeaudit.domain.errors import one_line
from judgeaudit.labelling.exports.records import Given, Reading, Shown, Terms
from judgeaudit.labelling.exports.values import (
    CONTROLS,
    Answer,
    answer_of,
    is_of_region,
    number_text,
    rater_name,
    stamp_of,
)
from judgeaudit.labelling.form.questions import CONFIDENCE, UNABLE
from judgeaudit.labelling.texts import raw_text

_TEXTS = ("prompt", "response", "response_b", "messages")
#: the longest value that is taken for a mark on a task rather than for a text to read
_MARK = 40
#: origins of results that a person did not begin
_PREDICTED = ("prediction", "prediction-changed")


class Place(NamedTuple):
    """Which annotation is read; its sentence is made only where there is something to say."""

    number: str
    item: str

    def __str__(self) -> str:
        return f"annotation {one_line(self.number)} of item '{one_line(self.item)}'"


class Answered(NamedTuple):
    """What one annotation holds; `primed` where the form was filled in by a prediction."""

    answers: dict[str, tuple[str, ...]]
    confidence: str
    note: str
    primed: bool


def read_tasks(tasks: Iterable[object], terms: Terms) -> Reading:
    """Every annotation of every task. Predictions are never read: they are not people's."""
    reading = Reading()
    for position, task in enumerate(tasks, 1):
        reading.counts["tasks"] += 1
        if isinstance(task, dict):
            _keep_task(task, reading, terms)
        else:
            reading.trouble(f"task {position} is not an object: left out")
    for control, count in sorted(reading.ignored.items()):
        reading.warnings.append(f"{count} results of type '{one_line(control)}' are no labels of an item: left out")
    reading.warnings += _told(reading)
    return reading


def shown_by(
    data: object, number: object, reading: Reading, terms: Terms, *, where: str, project: str = ""
) -> Shown | None:
    """What a task showed; None where that is unclear, or another task of the same item showed other data.

    Texts of planned items are not kept: the study has them as they were before they were sent.
    """
    texts = {str(key): value for key, value in data.items()} if isinstance(data, dict) else {}
    ja_id = number_text(texts.get("ja_id"))
    task = terms.known.get(ja_id) if terms.known else None
    if task is not None:
        shown = Shown(item_id=task.item_id, planned=task, round=terms.round_of(ja_id))
        reading.tasks.add((shown.item_id, shown.showing))
        reading.counts["planned"] += 1
        return shown
    called = _name_of(texts, number)
    if isinstance(called, str):
        reading.trouble(f"{where} {called}")
        return None
    named, item = called
    if not texts:
        reading.trouble(f"{where} has no data: its item is called '{one_line(item)}' and has no text")
    if fault := _unlike(reading, item, _output(item, texts), named):
        reading.trouble(
            f"{where} is about item '{one_line(item)}' {fault}: left out; give each text an item_id of its own"
        )
        return None
    if (item, "") not in reading.tasks:
        reading.counts["unknown_items"] += terms.known is not None
        reading.counts["foreign"] += named == "ja_id"
        reading.counts["own_ids"] += named == "number" and "id" in texts and not reading.flat
    reading.tasks.add((item, ""))
    return Shown(item_id=item, round=terms.round_of(ja_id), project=project)


class _Named(NamedTuple):
    """What a task's item is called, and by what: item_id or ja_id of its data, or the task's number."""

    by: str
    item: str


def _name_of(texts: Mapping[str, object], number: object) -> _Named | str:
    """How a task outside the plan calls its item, or what is wrong with it."""
    own = texts.get("item_id")
    if own not in (None, "") and not number_text(own):
        return "has an item_id that is neither text nor number: left out; correct it in the task's data"
    names = {"item_id": number_text(own), "ja_id": number_text(texts.get("ja_id")), "number": number_text(number)}
    return next(
        (_Named(by, item) for by, item in names.items() if item),
        "has neither an id nor an item_id in its data: left out",
    )


def _unlike(reading: Reading, item: str, output: dict[str, object], named: str) -> str:
    """In what a task contradicts an earlier one of the same item; "" where it does not, and then it is remembered."""
    known = reading.outputs.setdefault(item, output)
    if reading.named.setdefault(item, named) != named:
        return "by another id than an earlier task"
    if known is output or known == output:
        return ""
    other = [key for key in {**known, **output} if known.get(key) != output.get(key)]
    if any(key in _TEXTS for key in other):
        return "with another text than an earlier task"
    told = next((key for key in other if not known["response"] or _may_be_read(known, output, key)), None)
    if told is not None:
        return f"with another '{one_line(told)}' than an earlier task"
    reading.repeated.update(other[:1])
    return ""


def _may_be_read(known: dict[str, object], output: dict[str, object], key: str) -> bool:
    """Whether a column may be a text that raters see, and no mark such as a place in a list or a date."""
    return any(isinstance(row.get(key), str | list | dict) and len(str(row[key])) > _MARK for row in (known, output))


def question_of(control: str, terms: Terms) -> str:
    """The question that a control answers: "cannot judge" stands beside a number as a control of its own."""
    name = control.removesuffix(UNABLE)
    return name if name in terms.questions else control


def _output(item: str, texts: dict[str, object]) -> dict[str, object]:
    """A row of outputs: the task's data, with the names that outputs have."""
    if "ja_id" in texts:  # only what this program sent is escaped
        texts = {key: raw_text(value) if isinstance(value, str) else value for key, value in texts.items()}
    row: dict[str, object] = {"item_id": item, **{key: value for key, value in texts.items() if key != "item_id"}}
    if "response" not in row and "answer_a" in row:
        row["response"], row["response_b"] = row["answer_a"], row.get("answer_b", "")
    row.setdefault("response", "")
    prompt = row.get("prompt")
    if "prompt_id" not in row and isinstance(prompt, str):
        row["prompt_id"] = f"prompt-{hashlib.sha256(prompt.encode('utf-8', 'surrogatepass')).hexdigest()[:12]}"
    return row


def _keep_task(task: dict[str, object], reading: Reading, terms: Terms) -> None:
    where, project = f"task {one_line(number_text(task.get('id')))}", number_text(task.get("project"))
    shown = shown_by(task.get("data"), task.get("id"), reading, terms, where=where, project=project)
    drafts = task.get("drafts")
    reading.counts["drafts"] += len(drafts) if isinstance(drafts, list) else 0
    annotations = task.get("annotations", task.get("completions"))
    held = annotations if isinstance(annotations, list) else [] if annotations is None else [annotations]
    reading.counts["annotations"] += len(held)
    if shown is None:
        return
    kept = [_keep(annotation, shown, reading, terms) for annotation in held]
    if shown.planned and all(kept):
        reading.whole.add(shown.planned.ja_id)


def _keep(annotation: object, shown: Shown, reading: Reading, terms: Terms) -> bool:
    if not isinstance(annotation, dict):
        reading.trouble(f"an annotation of item '{one_line(shown.item_id)}' is not an object: left out")
        return False
    place = Place(number_text(annotation.get("id")), shown.item_id)
    rater = rater_name(annotation.get("completed_by"))
    if not rater:
        reading.trouble(f"{place} names nobody who made it (a user who was deleted has no name): left out")
        return False
    said = _answers(annotation.get("result"), place, reading, terms)
    editor = rater_name(annotation.get("updated_by"))
    gold = annotation.get("ground_truth") is True or annotation.get("honeypot") is True
    reading.counts["edited"] += bool(editor) and editor != rater and not gold  # setting the star is an edit, too
    reading.counts["primed"] += said.primed or annotation.get("parent_prediction") is not None
    reading.given.append(
        Given(
            shown=shown,
            rater=rater,
            number=place.number,
            stamp=stamp_of(annotation.get("updated_at")) or stamp_of(annotation.get("created_at")),
            answers=said.answers,
            skipped=annotation.get("was_cancelled") is True or annotation.get("skipped") is True,
            ground_truth=gold,
            confidence=said.confidence,
            seconds=number_text(annotation.get("lead_time")),
            note=said.note,
            project=number_text(annotation.get("project")) or shown.project,
        )
    )
    return True


def _answers(results: object, place: Place, reading: Reading, terms: Terms) -> Answered:
    """Labels by question, the confidence, and notes. A control that was answered twice, differently, has no answer."""
    answers: dict[str, tuple[str, ...]] = {}
    notes: dict[str, None] = {}
    torn: dict[str, None] = {}
    primed = False
    for result in results if isinstance(results, list) else [results] if results else []:
        read = _result(result, place, reading)
        if read is None:
            continue
        if read.answer.kind == "note":
            notes.update(dict.fromkeys(read.answer.texts))
            continue
        primed = primed or read.predicted
        name = question_of(read.control, terms)
        if answers.setdefault(name, read.answer.texts) != read.answer.texts:
            torn[name] = None
    for name in torn:
        del answers[name]
        reading.trouble(f"{place} answers '{one_line(name)}' twice, differently: that answer is left out")
    sure = () if CONFIDENCE in terms.questions else answers.pop(CONFIDENCE, ())
    return Answered(answers, "|".join(sure), "\n".join(notes), primed)


class _Result(NamedTuple):
    """The answer of one control; `predicted` where a prediction had filled it in."""

    control: str
    answer: Answer
    predicted: bool


def _result(result: object, place: Place, reading: Reading) -> _Result | None:
    """One result of an annotation. None for what is no answer about the item: `reading` counts it, or says what is wrong."""
    if not isinstance(result, dict):
        reading.trouble(f"{place} has a result without from_name: that result is left out")
        return None
    name, value = result.get("from_name"), result.get("value")
    control = kind if isinstance(kind := result.get("type"), str) else None
    if control is not None and control not in CONTROLS:
        reading.ignored[control] += 1  # a relation between regions has no name either
    elif not isinstance(name, str) or not name:
        reading.trouble(f"{place} has a result without from_name: that result is left out")
    elif control != "textarea" and is_of_region(value):
        reading.ignored[f"{control} of a region" if control is not None else "region"] += 1
    elif (answer := answer_of(value, control)) is None:
        reading.trouble(f"{place} has no usable value for '{one_line(name)}': that result is left out")
    else:
        return _Result(name, answer, result.get("origin") in _PREDICTED)
    return None


def _told(reading: Reading) -> list[str]:
    """Sentences about what makes labels other than independent, and items other than expected."""
    sentences = []
    if edited := reading.counts["edited"]:
        sentences.append(f"{edited} annotations were last changed by somebody else than who made them")
    if primed := reading.counts["primed"]:
        sentences.append(
            f"{primed} annotations began with a prediction that the person saw: these labels are not independent of it"
        )
    sentences += told_of_repeats(reading)
    if own := reading.counts["own_ids"]:
        sentences.append(
            f"{own} tasks have an id in their data, kept as column id, and no item_id: their items are called by the numbers "
            "of the tasks"
        )
    return sentences


def told_of_repeats(reading: Reading) -> list[str]:
    """Sentences about tasks that show an item once more under other marks."""
    return [
        f"{count} tasks show an item once more, with the same texts and another '{one_line(column)}': their labels are "
        "the item's, whose columns are those of its first task"
        for column, count in sorted(reading.repeated.items())
    ]
