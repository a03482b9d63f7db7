"""The embedded outputs of degraded models are those that the datasheet describes, whole, and made by the study beside them."""

from __future__ import annotations

import csv
import gzip
import hashlib
import json
import re
import shutil
from collections import Counter
from pathlib import Path

import pytest

from judgeaudit import Study
from judgeaudit.report.render.markdown import render_markdown
from judgeaudit.storage.config.read import read_study
from judgeaudit.storage.identity.generator import made_by
from judgeaudit.storage.study.outputs import outputs_of
from judgeaudit.storage.study.prompts import read_prompts
from judgeaudit.workflows.generating.plan import item_id

FILES = (
    "prompts.jsonl",
    "study.toml",
    "yes-or-no.md",
    "outputs.jsonl",
    "capability.csv",
    "label-studio.json.gz",
    "labelling/main/tasks.jsonl",
    "labelling/main/plan.json",
    "verdicts/smollm2.jsonl.gz",
    "verdicts/rules.jsonl.gz",
    "verdicts/profanity-check.jsonl.gz",
    "profanity.py",
)

JUDGES = 9


@pytest.fixture(scope="module")
def folder(repository: Path) -> Path:
    return repository / "annotations" / "degraded-smollm"


@pytest.fixture(scope="module")
def rows(folder: Path) -> list[dict[str, str]]:
    frame = outputs_of(folder).frame
    return [dict(zip(frame.columns, row, strict=True)) for row in frame.itertuples(index=False)]


@pytest.fixture(scope="module")
def study(folder: Path, tmp_path_factory: pytest.TempPathFactory) -> Study:
    """A fresh copy with the labels brought in from the export."""
    place = tmp_path_factory.mktemp("annotations")
    shutil.copytree(folder, place / folder.name)
    shutil.copytree(folder.parent / "guidelines", place / "guidelines")
    copy = Study(place / folder.name)
    report = copy.import_label_studio(folder / "label-studio.json.gz", of_plan=True)
    assert (report.added, report.warnings) == ({"outputs": 0, "annotations": 4860}, ())
    return copy


@pytest.mark.parametrize("name", FILES)
def test_bytes_are_those_of_the_datasheet(folder: Path, name: str):
    """Every file's SHA-256 stands in DATASHEET.md."""
    sheet = (folder / "DATASHEET.md").read_text(encoding="utf-8")
    told = dict(re.findall(r"^\| `([\w./-]+)` \| `([0-9a-f]{64})` \|", sheet, re.MULTILINE))
    assert set(told) == set(FILES)
    assert hashlib.sha256((folder / name).read_bytes()).hexdigest() == told[name]


def test_every_model_answered_every_prompt_once(folder: Path, rows: list[dict[str, str]]):
    """Items are called as `judgeaudit generate` calls them, and the settings of study.toml made them."""
    config = read_study(folder)
    prompts = {one.prompt_id: one for one in read_prompts(folder, config.generate.prompts)}
    assert len(prompts) == 60
    expected = {
        item_id(prompt, name, 0): (prompt, name, made_by(section, folder, name))
        for name, section in config.generate.models.items()
        for prompt in prompts
    }
    assert {row["item_id"]: (row["prompt_id"], row["generator"], row["made_by"]) for row in rows} == expected
    assert all(row["prompt"] == prompts[row["prompt_id"]].row["prompt"] for row in rows)
    assert {row["finish_reason"] for row in rows} == {"stop", "length"}


def test_the_datasheet_counts_what_is_there(folder: Path, rows: list[dict[str, str]]):
    """How many outputs each model gave, and its measures, stand in the datasheet as in the files."""
    sheet = (folder / "DATASHEET.md").read_text(encoding="utf-8")
    told = re.findall(r"^\| `([^`]+)` \| [^|]+ \| (\d+) \| (\d+) \| (\d\.\d+) \| (-\d+\.\d+) \|", sheet, re.MULTILINE)
    made, ended = Counter(row["generator"] for row in rows), Counter()
    ended.update(row["generator"] for row in rows if row["finish_reason"] == "stop")
    scores = {
        (row["checkpoint"], row["task"]): float(row["score"])
        for row in csv.DictReader((folder / "capability.csv").read_text(encoding="utf-8").splitlines())
    }
    assert [(name, int(n), int(stopped)) for name, n, stopped, _, _ in told] == [
        (name, made[name], ended[name]) for name in made
    ]
    for name, _, _, knows, likely in told:
        assert float(knows) == pytest.approx(scores[name, "knowledge"], abs=0.0005)
        assert float(likely) == pytest.approx(scores[name, "prose_log_probability"], abs=0.005)


def test_the_export_brings_exactly_the_labels_of_the_datasheet(folder: Path, study: Study):
    """Item, rater, question, status and label of all 4,860 rows are those whose SHA-256 the datasheet tells; twice adds nothing."""
    columns = ("item_id", "rater", "question", "status", "label")
    lines = sorted("\t".join(row[name] for name in columns) + "\n" for row in labels_of(study.folder))
    digest = hashlib.sha256("".join(lines).encode()).hexdigest()
    assert f"`{digest}`" in (folder / "DATASHEET.md").read_text(encoding="utf-8")
    again = study.import_label_studio(folder / "label-studio.json.gz")
    assert (again.added["annotations"], again.known["annotations"]) == (0, 4860)


def test_the_export_holds_opaque_ids_texts_and_answers_alone(folder: Path, rows: list[dict[str, str]]):
    """No address, no e-mail, no path, no name but three numbers, no item id, and nothing of what made a text."""
    text = gzip.decompress((folder / "label-studio.json.gz").read_bytes()).decode("utf-8")
    tasks = json.loads(text)
    assert {tuple(sorted(task["data"])) for task in tasks} == {("ja_id", "prompt", "response")}
    assert {one["completed_by"] for task in tasks for one in task["annotations"]} == {2, 3, 4}
    for task in tasks:
        task["data"] = {"ja_id": task["data"]["ja_id"]}
    around = json.dumps(tasks)
    assert not [word for word in ("@", "/", "\\\\", "localhost", "127.0.0", "oken", "smollm") if word in around]
    assert not [row for row in rows if row["item_id"] in text or row["made_by"] in text]
    assert [one.name for one in sorted((folder / "labelling").rglob("*")) if one.is_file()] == [
        "plan.json",
        "tasks.jsonl",
    ]


def test_labels_are_called_what_they_are(folder: Path, study: Study, rows: list[dict[str, str]]):
    """Three readings of every output and question, by language models: the rows, the study and the datasheet say so."""
    said = labels_of(study.folder)
    assert read_study(folder).label_source == "models"
    assert {row["label_source"] for row in said} == {"models"}
    asked = Counter((row["item_id"], row["question"]) for row in said)
    assert asked == {(row["item_id"], name): 3 for row in rows for name in ("coherence", "harm", "refusal")}
    sheet = (folder / "DATASHEET.md").read_text(encoding="utf-8")
    assert "No person has labelled these outputs" in sheet
    votes: dict[str, Counter[str]] = {}
    for row in said:
        if row["question"] == "coherence":
            votes.setdefault(row["item_id"], Counter())[row["label"]] += 1
    made = {row["item_id"]: row["generator"] for row in rows}
    counted = Counter((made[item], vote.most_common(1)[0][0]) for item, vote in votes.items())
    told = {name: each for name, each in threes_of(sheet).items() if name in set(made.values())}
    labels = ("gibberish", "partly", "coherent")
    assert told == {name: [counted[name, label] for label in labels] for name in dict.fromkeys(made.values())}


@pytest.mark.slow
def test_nothing_is_certified_by_labels_of_models(folder: Path, study: Study):
    """The audit certifies no judge, its report says whose labels they are, and its false alarms stand in the datasheet."""
    audit = study.audit(replicates=200)
    judged = [one for one in audit.result.decisions if one.judge is not None]
    assert len({one.judge for one in judged}) == JUDGES
    assert not [one for one in judged if one.decision in ("certified", "restricted")]
    assert "coherence: 540 items, 540 labelled by 3 raters, 540 judged by 2 judges" in audit.result.options["join"]
    page = render_markdown(audit.result)
    assert "labelled by language models, not by people" in page.casefold()
    assert "Each rater against the reference" in page
    assert "Each person" not in page
    assert page.count("Baselines alone were asked") == 1
    assert "holds no decision" not in page
    alarms = {
        one.subject: [100 * share for share in one.y]
        for one in audit.result.curves
        if (one.question, one.statistic) == ("harm", "false_positive_rate")
        and one.names == ["coherence=coherent", "coherence=partly", "coherence=gibberish"]
    }
    told = threes_of((folder / "DATASHEET.md").read_text(encoding="utf-8"))
    assert {name: told[name] for name in alarms} == {
        name: pytest.approx(each, abs=0.501) for name, each in alarms.items()
    }


def threes_of(sheet: str) -> dict[str, list[int]]:
    """The rows of the datasheet's tables that hold a name and three numbers."""
    rows = re.findall(r"^\| `([^`]+)` \| (\d+) \| (\d+) \| (\d+) \|$", sheet, re.MULTILINE)
    return {name: [int(n) for n in each] for name, *each in rows}


def labels_of(folder: Path) -> list[dict[str, str]]:
    return [json.loads(line) for line in (folder / "annotations.jsonl").read_text(encoding="utf-8").splitlines()]
