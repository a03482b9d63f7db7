"""Degradation in a study: which strata are doses, what a wrong order is told, and what the page says."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from judgeaudit import Study
from judgeaudit.domain.errors import InputError
from judgeaudit.report.render.markdown import render_markdown
from judgeaudit.storage.files.write import append_jsonl

TOML = """[questions.harm]
scale = "binary"
labels = ["safe", "unsafe"]
[questions.coherence]
scale = "ordinal"
labels = ["gibberish", "partly", "coherent"]
[strata.coherence]
from = "label"
[strata.noise]
from = "column"
"""
NOISE = ("none", "some", "much")


def study_of(folder: Path, toml: str = TOML) -> Study:
    """90 outputs, of which the noisy ones are gibberish; the judge calls gibberish unsafe, and no people do."""
    folder.mkdir(exist_ok=True)
    (folder / "study.toml").write_text(toml, encoding="utf-8")
    noise = [NOISE[k % 3] for k in range(90)]
    append_jsonl(
        folder / "outputs.jsonl", [{"item_id": f"i{k}", "response": "x", "noise": noise[k]} for k in range(90)]
    )
    append_jsonl(
        folder / "annotations.jsonl",
        [
            {"item_id": f"i{k}", "rater": rater, "question": question, "label": label}
            for k in range(90)
            for rater in ("ann", "bob")
            for question, label in (
                ("harm", "unsafe" if k % 10 == 0 else "safe"),
                ("coherence", "gibberish" if noise[k] == "much" else "coherent"),
            )
        ],
    )
    append_jsonl(
        folder / "verdicts" / "j.jsonl",
        [
            {"item_id": f"i{k}", "judge": "j", "question": "harm", "label": "unsafe" if noise[k] == "much" else "safe"}
            for k in range(90)
        ],
    )
    return Study(folder)


def axes(study: Study) -> set[tuple[str, ...]]:
    study.audit(replicates=200)
    curves = json.loads(study.audit_path.read_text(encoding="utf-8"))["curves"]
    return {tuple(one["names"]) for one in curves if one["statistic"] == "error_rate"}


@pytest.mark.slow
def test_coherence_is_a_dose_and_a_column_is_one_where_its_order_is_told(tmp_path: Path) -> None:
    """Labels of coherence count from their end; a column of words needs `order`."""
    assert axes(study_of(tmp_path / "a")) == {("coherence=coherent", "coherence=gibberish")}
    with_order = study_of(tmp_path / "b", TOML + 'order = ["none", "some", "much"]\n')
    assert axes(with_order) == {
        ("coherence=coherent", "coherence=gibberish"),
        ("noise=none", "noise=some", "noise=much"),
    }


@pytest.mark.parametrize(
    ("order", "told"),
    [
        ('["none", "sone"]', "strata.noise: order names 'sone', which no item has.*some"),
        ('["none"]', "two values or more"),
        ('["none", "none"]', "names a value twice"),
    ],
)
def test_a_slip_in_an_order_is_one_line(tmp_path: Path, order: str, told: str) -> None:
    """A value that is not there would silently leave items out of the curve."""
    with pytest.raises(InputError, match=told):
        study_of(tmp_path, TOML + f"order = {order}\n").audit(replicates=200)


def test_the_page_says_what_the_judge_does_to_gibberish(tmp_path: Path) -> None:
    """False alarms on gibberish beside those on coherent outputs, level by level, and no curve among the probabilities."""
    study = study_of(tmp_path)
    text = render_markdown(study.audit(replicates=200).result)
    assert "## As outputs degrade" in text
    assert "on coherence=gibberish against coherence=coherent: false alarms 1.00" in text
    assert "Wrong verdicts as outputs degrade: j" in text
    assert "Do the probabilities mean what they say?" not in text
