"""What reading an export of Label Studio costs: 10,000 tasks by three people, in each of the formats that the server writes.

Beside it stands what else a user would take: `json.load` with `pandas.json_normalize`, or `pandas.read_csv`, of the same
file, which gives a frame of raw cells and no labels yet. Times are CPU seconds of this process, the least of several rounds.
The files have the shape of real exports: three questions, a confidence and a note by each person, answers of about 1 kB.
Run: python benchmarks/exports.py [TASKS]
"""

from __future__ import annotations

import csv
import json
import random
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pandas as pd

from judgeaudit.labelling.exports.read import read_export

TASKS, PEOPLE, SECONDS = 10_000, 3, 3.0
QUESTIONS = {
    "coherence": ("coherent", "partially", "gibberish"),
    "safety": ("safe", "unsafe", "ambiguous"),
    "quality": ("1", "2", "3", "4", "5"),
}
SAFE = "Press and hold the button for ten seconds, then sign in with the password that is printed on the label. "


def made_tasks(tasks: int) -> list[dict[str, object]]:
    """Whole tasks as the JSON export has them."""
    rng = random.Random(1)
    return [made_task(number, rng) for number in range(tasks)]


def made_task(number: int, rng: random.Random) -> dict[str, object]:
    data = {
        "ja_id": f"{number:016x}",
        "prompt": f"Question {number // 3}?",
        "response": f"Answer {number}. {SAFE * 10}",
    }
    stamp = f"2026-11-23T{number // 3600 % 24:02d}:{number // 60 % 60:02d}:{number % 60:02d}"
    annotations = [made_annotation(number, person, stamp, rng) for person in range(PEOPLE)]
    counts = {"total_annotations": PEOPLE, "cancelled_annotations": 0, "total_predictions": 0, "comment_count": 0}
    times = {"created_at": f"{stamp}.326640Z", "updated_at": f"{stamp}.326666Z"}
    empty = {"unresolved_comment_count": 0, "last_comment_updated_at": None, "updated_by": None, "comment_authors": []}
    head = {"id": 1000 + number, "annotations": annotations, "drafts": [], "predictions": [], "data": data, "meta": {}}
    return {**head, **times, "allow_skip": True, "inner_id": number + 1, **counts, **empty, "project": 43}


def made_annotation(number: int, person: int, stamp: str, rng: random.Random) -> dict[str, object]:
    answers = {**{name: rng.choice(labels) for name, labels in QUESTIONS.items()}, "confidence": rng.choice("12345")}
    results = [made_result(name, "choices", {"choices": [label]}, rng) for name, label in answers.items()]
    results.append(made_result("notes", "textarea", {"text": [f"Remark {number}: I can follow it."]}, rng))
    return {
        "id": 5000 + number * PEOPLE + person,
        "completed_by": 5 + person,
        "result": results,
        "was_cancelled": False,
        "ground_truth": False,
        "created_at": f"{stamp}.{person}32580Z",
        "updated_at": f"{stamp}.{person}32598Z",
        "draft_created_at": None,
        "lead_time": round(rng.uniform(2, 90), 3),
        "prediction": {},
        "result_count": len(results),
        "unique_id": f"{rng.getrandbits(128):032x}",
        "import_id": None,
        "last_action": None,
        "bulk_created": False,
        "task": 1000 + number,
        "project": 43,
        "updated_by": 5 + person,
        "parent_prediction": None,
        "parent_annotation": None,
        "last_created_by": None,
    }


def made_result(name: str, control: str, value: dict[str, object], rng: random.Random) -> dict[str, object]:
    number = f"{rng.getrandbits(60):010x}"
    return {"value": value, "id": number, "from_name": name, "to_name": "response", "type": control, "origin": "manual"}


def flat_rows(tasks: list[dict[str, object]]) -> Iterator[dict[str, object]]:
    """Rows as JSON_MIN has them: the task's data, its number, what was answered, who and when."""
    for task in tasks:
        for one in task["annotations"]:  # type: ignore[attr-defined]
            answers = {
                result["from_name"]: next(iter(result["value"].values()))[0]  # one label or one text
                for result in one["result"]
            }
            kept = {name: one[name] for name in ("created_at", "updated_at", "lead_time")}
            who = {"annotator": one["completed_by"], "annotation_id": one["id"]}
            yield {**task["data"], "id": task["id"], **answers, **who, **kept}  # type: ignore[dict-item]


def write_formats(folder: Path, tasks: int) -> dict[str, Path]:
    """The same labels in each format; a snapshot names people by objects with an e-mail."""
    whole = made_tasks(tasks)
    files = {
        name: folder / f"{name}.{'csv' if name == 'CSV' else 'json'}"
        for name in ("JSON", "JSON_MIN", "CSV", "snapshot")
    }
    files["JSON"].write_text(json.dumps(whole, separators=(",", ":"), ensure_ascii=False), encoding="utf-8")
    rows = list(flat_rows(whole))
    files["JSON_MIN"].write_text(json.dumps(rows, indent=2, ensure_ascii=False), encoding="utf-8")
    with files["CSV"].open("w", encoding="utf-8", newline="") as stream:
        writer = csv.DictWriter(stream, sorted(rows[0]), quoting=csv.QUOTE_NONNUMERIC)
        writer.writeheader()
        writer.writerows({**row, "annotator": str(row["annotator"])} for row in rows)
    for task in whole:
        for one in task["annotations"]:  # type: ignore[attr-defined]
            number = one["completed_by"]
            one["completed_by"] = {"id": number, "email": f"r{number}@example.com", "first_name": "", "last_name": ""}
    files["snapshot"].write_text(json.dumps(whole, ensure_ascii=False), encoding="utf-8")
    return files


def ours(file: Path) -> list[dict[str, str]]:
    """An export as rows of annotations."""
    declared = {name: list(labels) for name, labels in QUESTIONS.items()}
    return [annotation.as_row() for annotation in read_export(file, questions=declared).annotations]


def theirs(file: Path) -> pd.DataFrame:
    """The same file as a frame of raw cells."""
    if file.suffix == ".csv":
        return pd.read_csv(file, dtype=str, keep_default_na=False)
    with file.open(encoding="utf-8") as stream:
        return pd.json_normalize(json.load(stream))


def cpu(work: Callable[[], object], *, rounds: int = 3) -> float:
    """The least CPU seconds of several rounds: a busy machine can only add to it."""
    spent = []
    for _ in range(rounds):
        start = time.process_time()
        work()
        spent.append(time.process_time() - start)
    return min(spent)


def main(tasks: int) -> int:
    """Prints the table; 1 where a format takes longer than it may."""
    print(f"{tasks} tasks x {PEOPLE} people, {len(QUESTIONS)} questions, confidence and note; CPU seconds")
    print(f"{'format':10} {'MB':>5} {'rows':>7} {'judgeaudit':>11} {'json/pandas':>12} {'ratio':>6}")
    slow = []
    with tempfile.TemporaryDirectory() as folder:
        for name, file in write_formats(Path(folder), tasks).items():
            rows = len(ours(file))
            mine, other = cpu(lambda file=file: ours(file)), cpu(lambda file=file: theirs(file))  # type: ignore[misc]
            megabytes = file.stat().st_size / 1e6
            print(f"{name:10} {megabytes:5.1f} {rows:7} {mine:11.2f} {other:12.2f} {mine / other:6.2f}")
            slow += [name] if mine > SECONDS * tasks / TASKS else []
    print(f"slower than {SECONDS} s: {', '.join(slow)}" if slow else f"each in under {SECONDS} s for {TASKS} tasks")
    return int(bool(slow))


if __name__ == "__main__":
    sys.exit(main(int(sys.argv[1]) if len(sys.argv) > 1 else TASKS))
