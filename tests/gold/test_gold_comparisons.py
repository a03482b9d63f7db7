"""Published comparisons of judges: worked examples of tests on the same items, and LLMBar's evaluators in both orders."""

from __future__ import annotations

import csv
import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from scipy.stats import chi2

from judgeaudit.audit.behaviour.self_agreement import steadiness
from judgeaudit.audit.setting.context import make_context
from judgeaudit.audit.setting.options import AuditOptions
from judgeaudit.domain.question import make_question
from judgeaudit.domain.ratings import Ratings
from judgeaudit.domain.verdict_log import VerdictLog
from judgeaudit.stats.comparisons.matched import cochran_q, mcnemar_midp
from judgeaudit.stats.comparisons.paired import exact_sign


@pytest.fixture(scope="module")
def gold(shared_data: Path) -> dict[str, dict[str, Any]]:
    """Entries by id."""
    plain = json.loads((shared_data / "gold" / "gold_values.json").read_text("utf-8"))
    return {entry["id"]: entry for entry in plain["entries"]}


def test_mcnemar(gold: dict[str, dict[str, Any]]) -> None:
    """Exact and mid-p of Fagerland, Lydersen and Laake; Q of two raters is their asymptotic test."""
    entry = gold["fagerland2013_ahr"]
    (both, up), (down, none) = entry["data"]["table"]
    patterns, counts = np.array([[1, 1], [1, 0], [0, 1], [0, 0]]), np.array([both, up, down, none])
    found = {
        "exact": float(exact_sign(np.array(up), np.array(down))),
        "midp": float(mcnemar_midp(np.array(up), np.array(down))),
        "asymptotic": cochran_q(patterns, counts).p_value,
    }
    assert found == pytest.approx({name: entry["recomputed"][name] for name in found}, abs=1e-9)
    assert found == pytest.approx({name: entry["expected"][name] for name in found}, abs=entry["tolerance"])
    assert chi2.sf((up - down) ** 2 / (up + down), 1) == pytest.approx(found["asymptotic"])


def test_cochran(gold: dict[str, dict[str, Any]]) -> None:
    """Three drugs in 46 patients."""
    entry = gold["agresti_drug_cochranQ"]
    counts = entry["data"]["pattern_counts"]
    found = cochran_q(np.array([[int(one) for one in pattern] for pattern in counts]), np.array(list(counts.values())))
    named = {"Q": found.q, "df": found.df, "p": found.p_value}
    assert named == pytest.approx(entry["recomputed"], abs=1e-9)
    assert named == pytest.approx(entry["expected"], abs=entry["tolerance"])


def test_llmbars_evaluators_in_both_orders(shared_data: Path) -> None:
    """Agreement of orders of all 325 evaluators and sets, as the authors give it, and kappa; they count silence twice as the same,
    we leave such pairs out."""
    with (shared_data / "llmbar_pairwise" / "verdicts.csv").open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    expected = json.loads((shared_data / "llmbar_pairwise" / "expected.json").read_text("utf-8"))
    checked = 0
    for subset, judges in expected.items():
        mine = [row for row in rows if row["subset"] == subset]
        found, silent = _both_orders(mine)
        for judge, strategies in judges.items():
            for strategy, want in strategies.items():
                name = f"{judge} {strategy}"
                agreement, n = found[name, "position_consistency"]
                total = n + silent[name]
                assert total == want["n"]
                assert (agreement * n + silent[name]) / total == pytest.approx(want["position_agreement"], abs=1e-9)
                if not silent[name]:
                    assert found[name, "position_kappa"][0] == pytest.approx(want["position_kappa"], abs=1e-9)
                checked += 1
    assert checked == 325


def _both_orders(rows: list[dict[str, str]]) -> tuple[dict[tuple[str, str], tuple[float, int]], dict[str, int]]:
    """The findings of all evaluators on one set, and on how many pairs each gave no winner in either order."""
    question = make_question(name="better", scale="nominal", labels=("1", "2"))
    items = list(dict.fromkeys(row["item"] for row in rows))
    judges = list(dict.fromkeys(f"{row['judge']} {row['strategy']}" for row in rows))
    code = {"1.0": 0, "2.0": 1, "1": 0, "2": 1, "": 2}
    told = [
        (judges.index(f"{row['judge']} {row['strategy']}"), items.index(row["item"]), turned, code[row[column]])
        for row in rows
        for turned, column in enumerate(("winner_original", "winner_swapped"))
    ]
    judge, item, turned, label = np.array(told).T
    nobody = np.full(len(told), "", dtype=object)
    log = VerdictLog(
        question=question,
        judges=tuple(judges),
        judge=judge,
        item=item,
        run=np.zeros(len(told)),
        turned=turned == 1,
        label=label.astype(np.int32),
        status=nobody,
        reason=nobody,
        model=nobody,
        first=turned == 0,
        side=np.array([1, -1, 0], np.int32),
        pairwise=True,
    )
    people = np.zeros((1, len(items)), np.int32)
    ratings = Ratings(
        question=question,
        items=tuple(items),
        people_names=("gold",),
        judge_names=(),
        people=people,
        judges=np.zeros((0, len(items)), np.int32),
        strata={"all": np.ones(len(items), bool)},
    )
    context = make_context(ratings, AuditOptions(replicates=200))
    found = {
        (one.subject, one.statistic): (one.value or 0.0, one.n_items)
        for one in steadiness(context, log)
        if one.statistic in ("position_consistency", "position_kappa")
    }
    silent = {
        name: sum(
            row["winner_original"] == row["winner_swapped"] == ""
            for row in rows
            if f"{row['judge']} {row['strategy']}" == name
        )
        for name in judges
    }
    return found, silent
