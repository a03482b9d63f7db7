"""Laws of labels as shares: a judge that knows the shares is perfect whatever the number of raters, and a label is not."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from judgeaudit import Study
from judgeaudit.audit.replacement.soft_labels import NAMES, SMOOTHING, soft_findings
from judgeaudit.audit.setting.context import make_context
from judgeaudit.audit.setting.options import AuditOptions
from judgeaudit.domain.question import make_question
from judgeaudit.domain.ratings import Ratings
from judgeaudit.domain.results.audit import Finding
from judgeaudit.stats.agreement import soft_labels
from judgeaudit.storage.files.write import append_jsonl


def ratings_of(people: np.ndarray, judge: np.ndarray, probability: np.ndarray | None = None, k: int = 2) -> Ratings:
    n = people.shape[1]
    labels = ("no", "yes", "maybe")[:k]
    return Ratings(
        question=make_question(name="q", scale="binary" if k == 2 else "nominal", labels=labels),
        items=tuple(map(str, range(n))),
        people_names=tuple(f"p{r}" for r in range(len(people))),
        judge_names=("j",),
        people=people.astype(np.int32),
        judges=judge[None].astype(np.int32),
        strata={"all": np.ones(n, bool)},
        probability={} if probability is None else {"j": probability},
    )


def found(ratings: Ratings) -> dict[str, Finding]:
    return {f.statistic: f for f in soft_findings(make_context(ratings, AuditOptions(replicates=200)))}


@pytest.mark.parametrize("raters", [2, 3, 5])
def test_who_knows_the_shares_is_at_0_with_few_raters(raters: int) -> None:
    """The unbiased Brier form and both corrected divergences are 0 for the true probabilities, which raw ones are far from."""
    rng = np.random.default_rng(raters)
    q = rng.beta(0.8, 1.6, 6000)
    people = (rng.random((raters, 6000)) < q).astype(int)
    mine = found(ratings_of(people, (q > 0.5).astype(int), q))
    for name in ("soft_brier_score", "jensen_shannon", "total_variation"):
        f = mine[name]
        assert f.value is not None and f.low is not None and f.high is not None
        assert abs(f.value) < 0.012
        assert f.high - f.low < 0.03
    shares = soft_labels.shares(np.stack([(people == c).sum(0) for c in (0, 1)], 1).astype(float))
    raw = soft_labels.total_variation_terms(shares, np.stack([1 - q, q], 1)).mean()
    assert raw > 0.1 and "for few raters" in mine["total_variation"].method


def test_a_label_is_held_by_hand() -> None:
    """Three items, two people, a judge that gives labels: cross-entropy of the smoothed label, Brier form and its delta."""
    people, judge = np.array([[0, 1, 1], [0, 1, 0]]), np.array([0, 0, 1])
    mine = found(ratings_of(people, judge))
    hit, miss = -np.log(1 - SMOOTHING / 2), -np.log(SMOOTHING / 2)
    assert mine["cross_entropy"].value == pytest.approx((hit + miss + (hit + miss) / 2) / 3)
    assert mine["soft_brier_score"].value == pytest.approx((0 + 2 + (0.5 - 0.5)) / 3)
    # against the other one: item 0 equal, item 1 miss − hit for both, item 2 (hit − miss) beside p1 whose other is p0, 0 beside p0
    assert mine["cross_entropy_delta"].value == pytest.approx(((miss - hit) / 3 + (miss - hit + hit - miss) / 3) / 2)


def test_certain_and_wrong_is_infinite_and_said_so() -> None:
    """A probability of 0 for a label that somebody gave has no cross-entropy; what is finite stays."""
    people = np.array([[0, 1, 1, 0], [0, 1, 1, 1]])
    mine = found(ratings_of(people, np.array([0, 0, 1, 1]), np.array([0.0, 0.0, 1.0, 0.5])))
    assert mine["cross_entropy"].undefined == mine["cross_entropy_delta"].undefined == "infinite"
    assert mine["cross_entropy"].k == 1
    assert mine["total_variation"].value is not None


def test_without_a_second_label_there_is_nothing() -> None:
    """One person, or people who share no item, say nothing of shares; silent judges have a reason."""
    judge = np.array([0, 1, 0, 1])
    assert found(ratings_of(np.array([[0, 1, 0, 1]]), judge)) == {}
    assert found(ratings_of(np.array([[0, 1, -1, -1], [-1, -1, 0, 1]]), judge)) == {}
    silent = found(ratings_of(np.array([[0, 1, 0, 1], [0, 1, 1, 1]]), np.full(4, 2)))
    assert {f.undefined for f in silent.values()} == {"no_pairable"}
    assert tuple(silent) == NAMES


@pytest.mark.parametrize("k", [2, 3])
def test_one_class_and_perfect_judges_are_at_0(k: int) -> None:
    """Where everybody says one thing and the judge, too, nothing is to be corrected and every divergence is 0."""
    mine = found(ratings_of(np.zeros((3, 12), int), np.zeros(12, int), k=k))
    for name in ("soft_brier_score", "jensen_shannon", "total_variation", "cross_entropy_delta"):
        assert mine[name].value == 0.0
        assert mine[name].low is None


def test_relabelling_changes_nothing() -> None:
    """The numbers of labels are names, but for the draws of the correction."""
    rng = np.random.default_rng(3)
    people, judge = rng.integers(0, 3, (3, 90)), rng.integers(0, 3, 90)
    turn = np.array([2, 0, 1])
    a, b = found(ratings_of(people, judge, k=3)), found(ratings_of(turn[people], turn[judge], k=3))
    for name in NAMES:
        assert a[name].value == pytest.approx(b[name].value, abs=1e-9 if name[0] in "cs" else 0.01), name


def test_runs_are_votes(tmp_path: Path) -> None:
    """A judge whose two runs differ is half and half, as its people are: total variation is nearer than by its first label."""
    (tmp_path / "study.toml").write_text('[questions.harm]\nscale = "binary"\nlabels = ["safe", "unsafe"]\n')
    items = [f"i{k}" for k in range(8)]
    append_jsonl(tmp_path / "outputs.jsonl", [{"item_id": i, "response": i} for i in items])
    rows = [{"item_id": i, "rater": "a", "label": "safe"} for i in items]
    append_jsonl(
        tmp_path / "annotations.jsonl", [*rows, *({"item_id": i, "rater": "b", "label": "unsafe"} for i in items)]
    )
    (tmp_path / "verdicts").mkdir()
    runs = [{"item_id": i, "judge": "mini", "run": 1, "label": "safe"} for i in items]
    runs += [{"item_id": i, "judge": "mini", "run": 2, "label": "unsafe"} for i in items]
    append_jsonl(tmp_path / "verdicts" / "all.jsonl", runs)
    audit = Study(tmp_path).audit(replicates=200, write=False)
    brier = next(f for f in audit.result.findings if f.statistic == "soft_brier_score" and f.subject == "mini")
    # people are 1 of 2: (½ − ½)² twice, less ½ for few raters
    assert brier.value == pytest.approx(-0.5)
