"""The embedded outputs of degraded models are those that the datasheet describes, whole, and made by the study beside them."""

from __future__ import annotations

import csv
import hashlib
import json
import re
from collections import Counter
from pathlib import Path

import pytest

from judgeaudit.facade.generate_plan import item_id
from judgeaudit.storage.generate_prompts import read_prompts
from judgeaudit.storage.generator_identity import made_by
from judgeaudit.storage.study_config import read_study
from judgeaudit.storage.study_tables import outputs_of

FILES = ("prompts.jsonl", "study.toml", "outputs.jsonl", "capability.csv")


@pytest.fixture(scope="module")
def folder(repository: Path) -> Path:
    return repository / "annotations" / "degraded-smollm"


@pytest.fixture(scope="module")
def rows(folder: Path) -> list[dict[str, str]]:
    frame = outputs_of(folder).frame
    return [dict(zip(frame.columns, row, strict=True)) for row in frame.itertuples(index=False)]


@pytest.mark.parametrize("name", FILES)
def test_bytes_are_those_of_the_datasheet(folder: Path, name: str):
    """Every file's SHA-256 stands in DATASHEET.md."""
    sheet = (folder / "DATASHEET.md").read_text(encoding="utf-8")
    told = dict(re.findall(r"^\| `([\w.]+)` \| `([0-9a-f]{64})` \|", sheet, re.MULTILINE))
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


def test_nobody_labelled_them_yet(folder: Path):
    """No label lies beside them, so that nothing can be taken for one of people."""
    assert sorted(one.name for one in folder.iterdir() if not one.name.startswith(".")) == sorted(
        [*FILES, "DATASHEET.md", "compare.py"]
    )
    assert "label" not in json.loads((folder / "outputs.jsonl").read_text(encoding="utf-8").splitlines()[0])
