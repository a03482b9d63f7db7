"""Vote shares: of several runs they are scores, of a panel they are told apart from probabilities."""

from __future__ import annotations

import itertools
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from sklearn.metrics import roc_auc_score

from judgeaudit import Study
from judgeaudit.domain.results.audit import AuditResult
from judgeaudit.storage.files.write import append_jsonl

TOML = '[questions.harm]\nscale = "binary"\nlabels = ["safe", "unsafe"]\npositive = ["unsafe"]\n'
LABELS = ("safe", "unsafe")
RANKED = {"roc_auc", "average_precision", "aurc"}


def audited(folder: Path, verdicts: list[dict[str, Any]], truth: list[int], more: str = "") -> AuditResult:
    folder.mkdir(exist_ok=True)
    (folder / "study.toml").write_text(TOML + more, encoding="utf-8")
    ids = [f"i{n}" for n in range(len(truth))]
    append_jsonl(folder / "outputs.jsonl", [{"item_id": one, "response": one} for one in ids])
    people = [
        {"item_id": one, "rater": rater, "label": LABELS[t]}
        for rater in ("ann", "bob")
        for one, t in zip(ids, truth, strict=True)
    ]
    append_jsonl(folder / "annotations.jsonl", people)
    append_jsonl(folder / "verdicts" / "all.jsonl", verdicts)
    return Study(folder).audit(replicates=200, write=False).result


def voted(votes: list[list[int]], judge: str = "mini") -> list[dict[str, Any]]:
    """One verdict for each item and run."""
    return [
        {"item_id": f"i{n}", "judge": judge, "run": run, "label": LABELS[vote]}
        for n, runs in enumerate(votes)
        for run, vote in enumerate(runs)
    ]


def drawn(runs: int, n: int = 60) -> tuple[list[list[int]], list[int]]:
    rng = np.random.default_rng(runs)
    truth = (rng.random(n) < 0.5).astype(int)
    return [(rng.random(runs) < 0.2 + 0.6 * t).astype(int).tolist() for t in truth], truth.tolist()


def test_runs_vote(tmp_path: Path) -> None:
    """Three runs and no probability: areas of the share of votes, named so, and no calibration."""
    votes, truth = drawn(3)
    result = audited(tmp_path, voted(votes), truth)
    found = {f.statistic: f for f in result.findings if f.subject == "mini" and "vote share of 3 runs" in f.method}
    assert set(found) == RANKED
    assert found["roc_auc"].value == pytest.approx(roc_auc_score(truth, np.mean(votes, axis=1)))
    assert not any(f.statistic in ("brier_score", "smooth_ece") for f in result.findings)
    assert result.as_dict()["questions"][0]["sure_by"] == {"mini": "vote share of 3 runs"}
    assert {c.kind for c in result.curves} == {"roc", "risk_coverage"}


def test_risk_is_of_the_first_verdict(tmp_path: Path) -> None:
    """How sure the first run's label is, is the share of runs that agree with it."""
    votes, truth = [[1, 1, 1], [1, 0, 0], [0, 0, 0], [0, 0, 1]] * 5, [1, 0, 0, 1] * 5
    result = audited(tmp_path, voted(votes), truth)
    (risk,) = (c for c in result.curves if c.kind == "risk_coverage")
    assert (risk.x, risk.y) == ([0.5, 0.75, 1.0], [0.0, pytest.approx(1 / 3), 0.5])


def test_one_run_votes_for_nothing(tmp_path: Path) -> None:
    """With a single run no share is told."""
    votes, truth = drawn(1)
    result = audited(tmp_path, voted(votes), truth)
    assert not RANKED & {f.statistic for f in result.findings}
    assert "sure_by" not in result.as_dict()["questions"][0]


def test_a_panels_share_is_called_one(tmp_path: Path) -> None:
    """A panel of three has probabilities that are shares of its members, and the audit says so wherever it ranks them."""
    votes, truth = drawn(3)
    members = [
        {"item_id": f"i{n}", "judge": f"m{k}", "label": LABELS[vote]}
        for (n, runs), k in itertools.product(enumerate(votes), range(3))
        for vote in [runs[k]]
    ]
    judges = "".join(f'[judges.m{k}]\nkind = "replay"\n' for k in range(3))
    panel = '[judges.jury]\nkind = "panel"\nof = ["m0", "m1", "m2"]\n'
    result = audited(tmp_path, members, truth, judges + panel)
    assert result.as_dict()["questions"][0]["sure_by"] == {"jury": "vote share of the panel"}
    (area,) = (f for f in result.findings if f.statistic == "roc_auc" and f.subject == "jury" and f.stratum == "all")
    assert area.method.endswith("of the vote share of the panel")
    assert area.value == pytest.approx(roc_auc_score(truth, np.mean(votes, axis=1)))
    assert result.as_dict().get("recalibrations", [])[0]["of"] == "vote share of the panel"
