"""The embedded items with known answers: every study that is offered them can use them as they are."""

from __future__ import annotations

import json
from collections import Counter
from pathlib import Path

import pytest

from judgeaudit.study import Study


@pytest.mark.parametrize("template", ["safety", "refusal"])
def test_a_new_study_can_switch_the_known_items_on(tmp_path: Path, template: str) -> None:
    """With the line of study.toml uncommented they stand among the sampled items with their answers, every kind of answer
    as often as the others; one for every four items, so that people do not label known texts above all."""
    study = Study.init(tmp_path / "s", template=template)
    config = tmp_path / "s" / "study.toml"
    text = config.read_text(encoding="utf-8")
    assert '# calibration = "calibration.jsonl"' in text
    config.write_text(text.replace('# calibration = "cal', 'calibration = "cal'), encoding="utf-8")
    rows = [{"item_id": f"i{n}", "prompt_id": f"p{n}", "response": f"Answer {n}."} for n in range(80)]
    (tmp_path / "s" / "outputs.jsonl").write_text("".join(json.dumps(row) + "\n" for row in rows), encoding="utf-8")
    tasks = [task for task in study.label.sample(items=60).tasks if task.purpose == "calibration"]
    assert Counter(dict(task.known)["coherence"] for task in tasks) == {"coherent": 5, "partly": 5, "gibberish": 5}
    assert min(task.position for task in tasks) < 10
    few = [task for task in study.label.sample(pilot=6).tasks if task.purpose == "calibration"]
    assert sorted(dict(task.known)["coherence"] for task in few) == ["coherent", "gibberish", "partly"]


def test_the_datasheet_counts_what_is_there(repository: Path) -> None:
    """Labels, and who they are from, are as the datasheet says; no row claims to be labelled by people."""
    file = repository / "annotations" / "data" / "calibration.jsonl"
    rows = [json.loads(line) for line in file.read_text(encoding="utf-8").splitlines()]
    sheet = " ".join((file.parent / "README.md").read_text(encoding="utf-8").split())
    counts = Counter(row["coherence"] for row in rows)
    told = f"{len(rows)} short prompts"
    assert told in sheet
    assert f"{counts['coherent']} coherent, {counts['partly']} partly, {counts['gibberish']} gibberish" in sheet
    assert {row["label_source"] for row in rows} == {"construction"}
