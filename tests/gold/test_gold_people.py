"""Worked examples of the collection beside the checkout that speak of people: the alternative annotator test, latent and soft labels."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from judgeaudit.audit.question import audit_question
from judgeaudit.audit.setting.options import AuditOptions
from judgeaudit.domain.question import make_question
from judgeaudit.domain.ratings import Ratings
from judgeaudit.stats.agreement import alternative_annotator as alternative
from judgeaudit.stats.agreement import correlation as ranks
from judgeaudit.stats.agreement import many_raters as multirater
from judgeaudit.stats.agreement import soft_labels
from judgeaudit.stats.agreement.dawid_skene import dawid_skene

Entry = dict[str, Any]


@pytest.fixture(scope="module")
def gold(shared_data: Path) -> dict[str, Entry]:
    """Entries by id."""
    plain = json.loads((shared_data / "gold" / "gold_values.json").read_text("utf-8"))
    return {entry["id"]: entry for entry in plain["entries"]}


@pytest.mark.slow
@pytest.mark.parametrize(
    ("scale", "scoring"), [("nominal", "accuracy"), ("ordinal", "neg_rmse"), ("interval", "neg_rmse")]
)
@pytest.mark.parametrize("epsilon", [0.0, 0.1, 0.2])
def test_alternative_annotator_test(gold: dict[str, Entry], scale: str, scoring: str, epsilon: float) -> None:
    """Winning rate and advantage are those of the authors' own program (Calderon, Reichart and Dror 2025)."""
    entry = gold["alt_test_synthetic_5"]
    humans, judge = entry["data"]["humans"], entry["data"]["llm"]
    items = tuple(judge)
    ratings = Ratings(
        question=make_question(name="q", scale=scale, labels=("0", "1", "2")),
        items=items,
        people_names=tuple(humans),
        judge_names=("llm",),
        people=np.array([[said.get(item, -1) for item in items] for said in humans.values()], np.int32),
        judges=np.array([[judge[item] for item in items]], np.int32),
        strata={"all": np.ones(len(items), bool)},
    )
    found = {
        f.statistic: f.value
        for f in audit_question(ratings, AuditOptions(alt_test_epsilon=epsilon)).findings
        if f.versus == "humans"
    }
    expected = entry["expected"][f"{scoring}_eps{epsilon}"]
    assert found["alt_test_winning_rate"] == expected["winning_rate"]
    assert found["alt_test_advantage"] == pytest.approx(expected["advantage_prob"], abs=1e-12)


def test_benjamini_yekutieli(gold: dict[str, Entry]) -> None:
    """Adjusted p-values, and how many survive at 5%."""
    entry = gold["bh1995_15p"]
    adjusted = alternative.benjamini_yekutieli(np.asarray(entry["data"]["p"]))
    np.testing.assert_allclose(adjusted, entry["recomputed"]["adjusted_by"], atol=1e-12)
    assert int((adjusted <= 0.05).sum()) == entry["recomputed"]["n_rejected_by"]


def test_dawid_skene(gold: dict[str, Entry]) -> None:
    """From the labels' shares alone EM ends where the authors' did; among ten starts one is likelier by 1.33."""
    entry = gold["dawid_skene1979_anaesthetic"]
    data, exact = entry["data"], entry["recomputed"]
    rows = np.asarray(data["rating"], np.int32).reshape(45, 7) - 1
    raters = np.asarray(data["rater"]).reshape(45, 7)[0] - 1
    options: dict[str, Any] = {"raters": raters, "n_labels": 4, "smoothing": 0.0, "seed": 1}
    published = dawid_skene(rows, np.ones(45), starts=1, **options)
    expected = [entry["expected"][f"prev{c}"] for c in range(1, 5)]
    np.testing.assert_allclose(published.prior, expected, atol=entry["tolerance"])
    np.testing.assert_allclose(published.prior, [exact[f"prev{c}"] for c in range(1, 5)], atol=1e-5)
    np.testing.assert_allclose(published.confusion[0], exact["confusion_rater1"], atol=1e-5)
    assert published.log_likelihood == pytest.approx(exact["loglik"], abs=1e-6)
    assert (published.posterior.argmax(1) + 1).tolist() == exact["map_labels"]
    assert dawid_skene(rows, np.ones(45), starts=10, **options).log_likelihood == pytest.approx(-189.4053, abs=1e-3)


def test_soft_labels(gold: dict[str, Entry]) -> None:
    """The example that can be checked by hand."""
    entry = gold["soft_label_toy"]
    q, p = soft_labels.shares(np.array([entry["data"]["human"]], float)), np.array([entry["data"]["judge"]])
    found = {
        "ce": soft_labels.cross_entropy_terms(q, p)[0],
        "kl": soft_labels.kullback_leibler_terms(q, p)[0],
        "jsd": soft_labels.jensen_shannon_terms(q, p)[0],
        "tvd": soft_labels.total_variation_terms(q, p)[0],
    }
    assert found == pytest.approx(entry["expected"], abs=1e-12)


def test_reliability_of_a_mean_is_stepped_up(gold: dict[str, Entry]) -> None:
    """Spearman and Brown's formula leads from ICC(1,1) to ICC(1,4), from ICC(3,1) to ICC(3,4) (Shrout and Fleiss 1979, Table 4)."""
    entry = gold["shrout_fleiss1979_6x4"]
    x = np.asarray(entry["data"]["units_by_raters"], float)
    for kind in ("1", "3"):
        stepped = float(multirater.stepped_up(np.asarray(entry["recomputed"][f"ICC({kind},1)"]), np.asarray(4.0)))
        assert stepped == pytest.approx(entry["recomputed"][f"ICC({kind},k)"], abs=1e-12)
        assert stepped == pytest.approx(entry["expected"][f"ICC({kind},k)"], abs=entry["tolerance"])
    block = ranks.Anova(np.asarray(6.0), (x.sum(1) ** 2).sum(), (x**2).sum(), x.sum(0))
    assert float(ranks.intraclass(block).icc_2_k) == pytest.approx(entry["recomputed"]["ICC(2,k)"], abs=1e-9)
