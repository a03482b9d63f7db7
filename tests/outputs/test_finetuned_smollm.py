"""The embedded outputs of fine-tuned checkpoints are those that the datasheet describes, and its labels are called what they are."""

from __future__ import annotations

import csv
import gzip
import hashlib
import json
import re
import shutil
import tomllib
from collections import Counter
from pathlib import Path

import pytest

from judgeaudit import Study
from judgeaudit.storage.config.read import read_study
from judgeaudit.storage.study.outputs import outputs_of
from judgeaudit.workflows.generating.plan import item_id

FILES = (
    "prompts.jsonl",
    "study.toml",
    "outputs.jsonl",
    "capability.csv",
    "annotations.jsonl",
    "labelling/main/tasks.jsonl",
    "labelling/main/plan.json",
    "verdicts/smollm2.jsonl.gz",
    "verdicts/rules.jsonl.gz",
    "verdicts/profanity-check.jsonl.gz",
    "profanity.py",
)
STEPS = {"plain": (12, 24, 36, 54, 80), "short-answers": (12, 24, 36, 54, 80), "mixed": (24, 48, 72, 108, 160)}
CHECKPOINTS = ("base", *(f"{method}-{step}" for method, steps in STEPS.items() for step in steps))
PROMPTS = 60
SAMPLED = 17


@pytest.fixture(scope="module")
def folder(repository: Path) -> Path:
    return repository / "annotations" / "finetuned-smollm"


@pytest.fixture(scope="module")
def sheet(folder: Path) -> str:
    return (folder / "DATASHEET.md").read_text(encoding="utf-8")


@pytest.fixture(scope="module")
def rows(folder: Path) -> dict[str, dict[str, str]]:
    frame = outputs_of(folder).frame
    found = [dict(zip(frame.columns, row, strict=True)) for row in frame.itertuples(index=False)]
    return {row["item_id"]: row for row in found}


@pytest.fixture(scope="module")
def labels(folder: Path) -> list[dict[str, str]]:
    return [json.loads(line) for line in (folder / "annotations.jsonl").read_text(encoding="utf-8").splitlines()]


@pytest.mark.parametrize("name", FILES)
def test_bytes_are_those_of_the_datasheet(folder: Path, sheet: str, name: str):
    """Every file's SHA-256 stands in DATASHEET.md."""
    told = dict(re.findall(r"^\| `([\w./-]+)` \| `([0-9a-f]{64})` \|", sheet, re.MULTILINE))
    assert set(told) == set(FILES)
    assert hashlib.sha256((folder / name).read_bytes()).hexdigest() == told[name]


def test_every_checkpoint_answered_every_prompt_once(folder: Path, rows: dict[str, dict[str, str]]):
    """Prompts repeat over checkpoints, and an item's id is that of its prompt and checkpoint."""
    lines = (folder / "prompts.jsonl").read_text(encoding="utf-8").splitlines()
    prompts = {row["prompt_id"]: row for row in map(json.loads, lines)}
    assert Counter(row["benchmark"] for row in prompts.values()) == {"direct": 20, "wrapped": 20, "borderline": 20}
    expected = {item_id(prompt, name, 0): (prompt, name) for name in CHECKPOINTS for prompt in prompts}
    assert {item: (row["prompt_id"], row["checkpoint"]) for item, row in rows.items()} == expected
    assert all(row["prompt"] == prompts[row["prompt_id"]]["prompt"] for row in rows.values())


def test_capability_of_each_checkpoint_stands_in_the_datasheet(folder: Path, sheet: str):
    """One score of 160 questions for each checkpoint."""
    with (folder / "capability.csv").open(encoding="utf-8", newline="") as stream:
        table = list(csv.DictReader(stream))
    assert [row["checkpoint"] for row in table] == list(CHECKPOINTS)
    assert {(row["task"], row["n"]) for row in table} == {("kinds", "160")}
    told = dict(re.findall(r"^\| `([\w-]+)` \| (\d\.\d{3}) \|", sheet, re.MULTILINE))
    assert told == {row["checkpoint"]: f"{float(row['score']):.3f}" for row in table}


def test_labels_are_those_of_the_plan_and_of_models(
    folder: Path, sheet: str, rows: dict[str, dict[str, str]], labels: list[dict[str, str]]
):
    """As many outputs of each checkpoint were drawn with a known chance, and every one has a label of a language model."""
    tasks = [
        json.loads(line)
        for line in (folder / "labelling" / "main" / "tasks.jsonl").read_text(encoding="utf-8").splitlines()
    ]
    assert Counter(rows[task["item_id"]]["checkpoint"] for task in tasks) == dict.fromkeys(CHECKPOINTS, SAMPLED)
    assert [task["probability"] for task in tasks] == pytest.approx([SAMPLED / PROMPTS] * len(tasks))
    assert {row["label_source"] for row in labels} == {read_study(folder).label_source} == {"models"}
    first = {(row["item_id"], row["question"]) for row in labels if row["rater"] == "reading-1"}
    assert first == {(task["item_id"], name) for task in tasks for name in ("coherence", "harm", "refusal")}
    assert "No person has labelled these outputs" in sheet


def test_counts_of_labels_stand_in_the_datasheet(
    sheet: str, rows: dict[str, dict[str, str]], labels: list[dict[str, str]]
):
    """What the first reading said of each checkpoint is what the datasheet's table says."""
    said = {(row["item_id"], row["question"]): row["label"] for row in labels if row["rater"] == "reading-1"}
    counted = Counter((rows[item]["checkpoint"], label) for (item, _), label in said.items())
    shown = ("gibberish", "partly", "coherent", "unsafe", "refuses")
    told = re.findall(r"^\| `([\w-]+)` \| \d\.\d{3} \|" + r" (\d+) \|" * len(shown), sheet, re.MULTILINE)
    assert [(name, *map(int, each)) for name, *each in told] == [
        (name, *(counted[name, label] for label in shown)) for name in CHECKPOINTS
    ]


@pytest.mark.slow
def test_an_audit_of_a_copy_certifies_nothing_by_labels_of_models(folder: Path, tmp_path: Path):
    """All recorded judges are audited, each with a verdict on every output, and none is certified."""
    shutil.copytree(folder, tmp_path / folder.name)
    shutil.copytree(folder.parent / "guidelines", tmp_path / "guidelines")
    result = Study(tmp_path / folder.name).audit(replicates=200).result
    judged = [one for one in result.decisions if one.judge is not None]
    declared = tomllib.loads((folder / "study.toml").read_text(encoding="utf-8"))["judges"]
    assert {one.judge for one in judged} == set(declared)
    assert not [one for one in judged if one.decision in ("certified", "restricted")]
    verdicts = Counter(
        json.loads(line)["judge"]
        for file in sorted((folder / "verdicts").iterdir())
        for line in gzip.decompress(file.read_bytes()).decode("utf-8").splitlines()
    )
    assert verdicts == dict.fromkeys(declared, len(CHECKPOINTS) * PROMPTS)


def test_the_goal_of_the_comparison_is_the_one_that_was_declared(folder: Path):
    """The goal was written down before any answer was made; nobody moves it afterwards."""
    compare = tomllib.loads((folder / "study.toml").read_text(encoding="utf-8"))["compare"]
    assert {name: compare[name] for name in ("capability_task", "goal", "baseline")} == {
        "capability_task": "kinds",
        "goal": 0.85,
        "baseline": "base",
    }
