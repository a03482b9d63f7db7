"""Exports that hold whole tasks: Label Studio's JSON, from the export button or a snapshot."""

from __future__ import annotations

import hashlib
from collections import Counter

from judgeaudit.domain.errors import one_line
from judgeaudit.domain.escape import unescape
from judgeaudit.labelling.exports_records import Given, Reading
from judgeaudit.labelling.exports_values import CONTROLS, answer_of, number_text, rater_name

CONFIDENCE = "confidence"


def read_tasks(tasks: list[object]) -> Reading:
    """Every annotation of every task. Predictions are never read: they are not people's."""
    reading = Reading()
    ignored: Counter[str] = Counter()
    for position, task in enumerate(tasks, 1):
        reading.counts["tasks"] += 1
        if not isinstance(task, dict):
            reading.trouble(f"task {position} is not an object: left out")
            continue
        item = keep_output(task.get("data"), task.get("id"), reading, where=f"task {number_text(task.get('id'))}")
        drafts = task.get("drafts")
        reading.counts["drafts"] += len(drafts) if isinstance(drafts, list) else 0
        annotations = task.get("annotations", task.get("completions", []))
        for annotation in annotations if isinstance(annotations, list) else [annotations]:
            reading.counts["annotations"] += 1
            if item is not None:
                _keep(annotation, item, reading, ignored)
    for control, count in sorted(ignored.items()):
        reading.warnings.append(f"{count} results of type '{one_line(control)}' are no labels of an item: left out")
    return reading


def keep_output(data: object, number: object, reading: Reading, *, where: str) -> str | None:
    """The item of a task, whose texts are kept; None where the item is unclear or its texts contradict earlier ones."""
    texts = {str(key): value for key, value in data.items()} if isinstance(data, dict) else {}
    names = [number_text(texts.get("item_id")), number_text(texts.get("ja_id")), number_text(number)]
    item = next((name for name in names if name), None)
    if item is None:
        reading.trouble(f"{where} has neither an id nor an item_id in its data: left out")
        return None
    if not texts:
        reading.trouble(f"{where} has no data: its item is called '{one_line(item)}' and has no text")
    output = _output(item, texts)
    known = reading.outputs.setdefault(item, output)
    if any(known.get(key) != output.get(key) for key in ("prompt", "response", "response_b")):
        reading.trouble(f"{where} is about item '{one_line(item)}' with another text than an earlier task: left out")
        return None
    return item


def _output(item: str, texts: dict[str, object]) -> dict[str, object]:
    """A row of outputs: the task's data, with the names that outputs have."""
    if "ja_id" in texts:  # only what this program sent is escaped
        texts = {key: unescape(value) if isinstance(value, str) else value for key, value in texts.items()}
    row: dict[str, object] = {"item_id": item, **{key: value for key, value in texts.items() if key != "item_id"}}
    if "response" not in row and "answer_a" in row:
        row["response"], row["response_b"] = row["answer_a"], row.get("answer_b", "")
    row.setdefault("response", "")
    prompt = row.get("prompt")
    if "prompt_id" not in row and isinstance(prompt, str):
        row["prompt_id"] = f"prompt-{hashlib.sha256(prompt.encode('utf-8', 'surrogatepass')).hexdigest()[:12]}"
    return row


def _keep(annotation: object, item: str, reading: Reading, ignored: Counter[str]) -> None:
    if not isinstance(annotation, dict):
        reading.trouble(f"an annotation of item '{one_line(item)}' is not an object: left out")
        return
    number = number_text(annotation.get("id"))
    where = f"annotation {one_line(number)} of item '{one_line(item)}'"
    rater = rater_name(annotation.get("completed_by"))
    if not rater:
        reading.trouble(f"{where} names nobody who made it: left out")
        return
    answers, confidence, notes = _answers(annotation.get("result"), where, reading, ignored)
    reading.given.append(
        Given(
            item_id=item,
            rater=rater,
            number=number,
            stamp=number_text(annotation.get("updated_at")) or number_text(annotation.get("created_at")),
            answers=answers,
            skipped=annotation.get("was_cancelled") is True,
            ground_truth=annotation.get("ground_truth") is True,
            confidence=confidence,
            seconds=number_text(annotation.get("lead_time")),
            note="\n".join(notes),
        )
    )


def _answers(
    results: object, where: str, reading: Reading, ignored: Counter[str]
) -> tuple[dict[str, str], str, list[str]]:
    """Labels by question, the confidence, and notes. A control that was answered twice, differently, has no answer."""
    answers: dict[str, str] = {}
    notes: dict[str, None] = {}
    torn: set[str] = set()
    for result in results if isinstance(results, list) else [results] if results else []:
        name = result.get("from_name") if isinstance(result, dict) else None
        if not isinstance(result, dict) or not isinstance(name, str) or not name:
            reading.trouble(f"{where} has a result without from_name: that result is left out")
            continue
        control = result.get("type")
        if isinstance(control, str) and control not in CONTROLS:
            ignored[control] += 1
            continue
        answer = answer_of(result.get("value"), control if isinstance(control, str) else None)
        if answer is None:
            reading.trouble(f"{where} has no usable value for '{one_line(name)}': that result is left out")
        elif answer.kind == "note":
            notes.setdefault(answer.text)
        else:
            reading.counts[f"several:{name}"] += answer.several
            if answers.setdefault(name, answer.text) != answer.text:
                torn.add(name)
    for name in sorted(torn):
        del answers[name]
        reading.trouble(f"{where} answers '{one_line(name)}' twice, differently: that answer is left out")
    return answers, answers.pop(CONFIDENCE, ""), list(notes)
