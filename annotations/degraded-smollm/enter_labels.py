"""Enters the labels of a study through a Label Studio server of its own, and keeps what the server exports.

python enter_labels.py STUDY: every rater of STUDY/annotations.jsonl signs in at a real server and submits exactly the answers
that stand there. STUDY gets labelling/main (which task is which item) and label-studio.json.gz.
"""

from __future__ import annotations

import gzip
import json
import sys
import tempfile
import urllib.request
from pathlib import Path

from judgeaudit import Study
from judgeaudit.domain.question import CANNOT_JUDGE
from judgeaudit.labelling.server.server import Server, running_server
from judgeaudit.storage.labelling.rounds import RoundFolder

Answers = dict[str, str]


def answers_of(folder: Path) -> dict[tuple[str, str], Answers]:
    """Item and rater -> what was said: question -> label, or that it cannot be judged."""
    said: dict[tuple[str, str], Answers] = {}
    for row in map(json.loads, (folder / "annotations.jsonl").read_text(encoding="utf-8").splitlines()):
        label = row["label"] if row["status"] == "labelled" else CANNOT_JUDGE
        said.setdefault((row["item_id"], row["rater"]), {})[row["question"]] = label
    return said


def result_of(answers: Answers) -> list[dict[str, object]]:
    """What the form submits for these answers."""
    shown = {"to_name": "response", "type": "choices", "origin": "manual"}
    return [{"id": name, "from_name": name, **shown, "value": {"choices": [label]}} for name, label in answers.items()]


def ask(server: Server, token: str, path: str, body: object = None) -> bytes:
    """One request as the person whose token it is."""
    sent = None if body is None else json.dumps(body).encode()
    headers = {"Authorization": f"Token {token}", "Content-Type": "application/json"}
    with urllib.request.urlopen(urllib.request.Request(server.url + path, sent, headers), timeout=300) as answer:
        return bytes(answer.read())


def main(folder: Path) -> None:
    if (folder / "labelling").exists():
        sys.exit(f"{folder / 'labelling'} is there already; move it away, a plan is drawn anew")
    said, study = answers_of(folder), Study(folder)
    with tempfile.TemporaryDirectory() as place, running_server(Path(place)) as server:
        tokens = {f"rater-{rater.number}": rater.token for rater in server.raters}
        plan = study.label.sample(items=len({item for item, _ in said}))
        project = study.label.push(url=server.url, token=server.admin.token).project_id
        sent = RoundFolder(folder, "main").sent()
        for task in plan.tasks:
            for rater, token in tokens.items():
                where = f"/api/tasks/{sent[task.ja_id].task_id}/annotations/"
                ask(server, token, where, {"result": result_of(said[task.item_id, rater])})
        every = f"/api/projects/{project}/export?exportType=JSON&download_all_tasks=true"
        export = ask(server, server.admin.token, every)
    (folder / "label-studio.json.gz").write_bytes(gzip.compress(export, mtime=0))
    sys.stdout.write(f"{folder / 'label-studio.json.gz'}: {len(plan.tasks)} tasks, {len(said)} annotations\n")


if __name__ == "__main__":
    main(Path(sys.argv[1]))
