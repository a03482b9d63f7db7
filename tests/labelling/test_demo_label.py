"""`demo --label` on a real Label Studio: forty outputs, blind, for the first person to label them."""

from __future__ import annotations

import json
import os
import re
import signal
import subprocess
import sys
from collections import Counter
from pathlib import Path

import pytest

from judgeaudit import Study
from judgeaudit.cli.demo.label import prepare, push
from judgeaudit.labelling.client.client import connect
from judgeaudit.labelling.server.server import Server
from judgeaudit.storage.config.read import read_study
from judgeaudit.storage.study.outputs import outputs_of
from judgeaudit.text.signals import signal_values
from tests.labelling.people import ask, label
from tests.labelling.server.test_serve import COMMAND
from tests.labelling.studies import planned, reach, rows_of, sent_of


def test_forty_outputs_wait_and_nothing_tells_what_wrote_them(tmp_path: Path, label_studio: Server) -> None:
    """Half of them look like gibberish by their signal; no model, level, verdict, label or item id is on the server."""
    study = tmp_path / "labels"
    prepare(tmp_path, study)
    pushed = push(study, label_studio)
    assert (pushed.sent, push(study, label_studio).there) == (40, 40)
    door = connect(label_studio.url, label_studio.admin.token)
    tasks = door.tasks(pushed.project_id, sorted(sent_of(Study(study)).values()))
    assert {tuple(sorted(task["data"])) for task in tasks} == {("ja_id", "prompt", "response")}
    assert Counter(signal_values("looks_like_gibberish", [task["data"]["response"] for task in tasks])) == {
        "yes": 20,
        "no": 20,
    }
    assert sum(task["total_annotations"] + task["total_predictions"] for task in tasks) == 0
    project = ask(label_studio.url, label_studio.admin.token, "GET", f"/api/projects/{pushed.project_id}")
    texts = {task["data"].pop(name) for task in tasks for name in ("prompt", "response")}
    assert len(texts) > 40
    around = json.dumps([tasks, project]).casefold()
    config, frame = read_study(study), outputs_of(study).frame
    secrets = {*config.judges, *config.generate.models, *frame["item_id"], *frame["made_by"], *frame["degradation"]}
    secrets |= {"smollm", "weight-noise", "sounds-harmful", "borderline"}
    assert not [one for one in secrets - {"none", "base"} if one.casefold() in around]


@pytest.mark.slow
def test_the_same_seed_draws_the_same_forty(tmp_path: Path) -> None:
    """Two demos ask about the same outputs, under ids of their own."""
    drawn = []
    for name in ("one", "two"):
        prepare(tmp_path / name, tmp_path / name / "labels")
        drawn.append(planned(Study(tmp_path / name / "labels")))
    first, second = drawn
    frame = outputs_of(tmp_path / "one" / "labels").frame
    versions = Counter(frame.loc[frame["item_id"].isin([task.item_id for task in first]), "degradation"])
    assert len(versions) == frame["degradation"].nunique() == 9
    assert min(versions.values()) >= 3
    assert {task.item_id for task in first} == {task.item_id for task in second}
    assert {task.ja_id for task in first}.isdisjoint(task.ja_id for task in second)


def test_what_a_person_labels_there_is_a_persons_label(tmp_path: Path, label_studio: Server) -> None:
    """It comes in as that of people, judges that were recorded are held against it, and preparing again keeps it."""
    study = Study(tmp_path / "labels")
    prepare(tmp_path, study.folder)
    push(study.folder, label_studio)
    you = label_studio.raters[0]
    for number in sent_of(study).values():
        label(label_studio.url, you, number, {"coherence": "coherent", "harm": "safe", "refusal": "complies"})
    study.label.pull(**reach(label_studio))
    assert {(row["rater"], row["label_source"]) for row in rows_of(study)} == {(f"rater-{you.number}", "people")}
    result = study.audit(replicates=200).result
    assert (result.label_source, result.as_dict()["counts"]["judges"]) == ("people", 9)
    assert {one["with_reference"] for one in result.as_dict()["questions"]} == {40}
    before = rows_of(study)
    prepare(tmp_path, study.folder)
    assert rows_of(study) == before


def test_the_command_says_where_to_sign_in_and_ends_with_ctrl_c(
    repository: Path, tmp_path: Path, need_label_studio: None
) -> None:
    """The link, the e-mail and the password, the commands for afterwards; exit code 0, and what was planned stays."""
    process = subprocess.Popen(
        [sys.executable, "-c", COMMAND, "demo", "--label", "--out", "here"],
        cwd=tmp_path,
        env={**os.environ, "PYTHONPATH": str(repository)},
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        encoding="utf-8",
    )
    try:
        assert process.stdout is not None
        lines = []
        for line in process.stdout:
            lines.append(line.rstrip("\n"))
            if line.startswith("Ctrl-C"):
                break
        process.send_signal(signal.SIGINT)
        _, err = process.communicate(timeout=60)
    finally:
        process.kill()
        process.communicate()
    assert (process.returncode, err) == (0, "")
    said = "\n".join(lines)
    assert lines[0].startswith("40 outputs wait for a first person to label them, on this machine alone.")
    assert re.search(r"open +http://127\.0\.0\.1:\d+/projects/\d+/data\?labeling=1\n", said)
    assert re.search(r"sign in +rater2@example\.com\n +password +\S{14}\n", said)
    commands = re.findall(r"^  judgeaudit (.+)$", said, re.MULTILINE)
    assert commands == [f"{verb} here/labels" for verb in ("label pull", "label status", "audit", "report")]
    assert len(planned(Study(tmp_path / "here/labels"))) == 40
