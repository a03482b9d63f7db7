"""A judge beside the people: the alternative annotator test and the judge as one more rater, by their definitions and at their edges."""

from __future__ import annotations

from dataclasses import replace
from itertools import combinations

import krippendorff
import numpy as np
import pytest
from sklearn.metrics import cohen_kappa_score

from judgeaudit.audit.question import QuestionAudit, audit_question
from judgeaudit.audit.setting.options import AuditOptions
from judgeaudit.domain.question import make_question
from judgeaudit.domain.ratings import Codes, Ratings
from judgeaudit.domain.results.audit import Finding

LABELS = {"binary": ("no", "yes"), "nominal": ("a", "b", "c"), "ordinal": ("1", "2", "3"), "interval": ("0", "1", "4")}
WON, ADVANTAGE = "alt_test_winning_rate", "alt_test_advantage"
ALPHA, KAPPA = "alpha_with_judge_delta", "pairwise_kappa_delta"


def ratings_of(people: np.ndarray, judge: np.ndarray, scale: str = "binary") -> Ratings:
    n = people.shape[1]
    return Ratings(
        question=make_question(name="q", scale=scale, labels=LABELS[scale]),
        items=tuple(map(str, range(n))),
        people_names=tuple(f"p{r}" for r in range(len(people))),
        judge_names=("j",),
        people=people.astype(np.int32),
        judges=judge[None].astype(np.int32),
        strata={"all": np.ones(n, bool)},
    )


def drawn(scale: str, *, seed: int, n: int = 80, people: int = 4, holes: float = 0.2) -> Ratings:
    rng = np.random.default_rng(seed)
    k = len(LABELS[scale])
    truth = rng.integers(0, k, n)
    codes = np.where(rng.random((people + 1, n)) < 0.3, rng.integers(0, k, (people + 1, n)), truth)
    codes[:-1][rng.random((people, n)) < holes] = -1
    codes[-1][rng.random(n) < 0.1] = k
    return ratings_of(codes[:-1], codes[-1], scale)


def audited(ratings: Ratings, epsilon: float = 0.2) -> tuple[dict[str, Finding], QuestionAudit]:
    """The judge's findings against the people, and the whole audit."""
    done = audit_question(ratings, AuditOptions(alt_test_epsilon=epsilon, replicates=200))
    return {f.statistic: f for f in done.findings if (f.subject, f.versus, f.stratum) == ("j", "humans", "all")}, done


@pytest.mark.parametrize("scale", list(LABELS))
def test_the_comparison_is_the_one_of_the_paper(scale: str) -> None:
    """Item by item from the definition: nearness to the remaining people, ties for both, no answer never as near as a label."""
    ratings = drawn(scale, seed=1)
    x = np.array([0.0, 1.0, 4.0]) if scale == "interval" else np.arange(3.0)
    record = audited(ratings)[1].replacement[0]
    k = len(LABELS[scale])
    for r, told in enumerate(record.people):
        gaps, near = [], []
        for i in range(ratings.n_items):
            own, judge = ratings.people[r, i], ratings.judges[0, i]
            others = [c for q, c in enumerate(ratings.people[:, i]) if q != r and c >= 0]
            if own < 0 or not others:
                continue

            def fit(code: int, others: list[int] = others) -> float:
                if code == k:
                    return -np.inf
                if scale in ("binary", "nominal"):
                    return float(np.mean([code == c for c in others]))
                return -float(np.sqrt(np.mean([(x[code] - x[c]) ** 2 for c in others])))

            gaps.append(float(fit(own) >= fit(judge) - 1e-12) - float(fit(judge) >= fit(own) - 1e-12))
            near.append(fit(judge) >= fit(own) - 1e-12)
        assert told.n_items == len(gaps)
        assert told.difference == pytest.approx(np.mean(gaps), abs=1e-12)
        assert told.advantage == pytest.approx(np.mean(near), abs=1e-12)


def test_alpha_and_kappa_with_the_judge_are_those_of_libraries() -> None:
    """Alpha by the `krippendorff` package, on items with the most frequent number of labels; kappas by scikit-learn."""
    ratings = drawn("nominal", seed=2)
    judge, people = ratings.judges[0], ratings.people
    judge = np.where(judge == 3, 0, judge)
    found, _ = audited(replace(ratings, judges=judge[None].astype(np.int32)))
    m = (people >= 0).sum(0)
    often = np.argmax(np.bincount(m[m >= 2]))
    table = np.where(people >= 0, people, np.nan)[:, m == often]
    both = np.vstack([table, judge[m == often]])
    alphas = [krippendorff.alpha(one, level_of_measurement="nominal", value_domain=[0, 1, 2]) for one in (both, table)]
    assert found[ALPHA].value == pytest.approx(alphas[0] - alphas[1], abs=1e-9)
    assert found[ALPHA].n_items == int((m == often).sum())

    def kappa(a: Codes, b: Codes) -> float:
        seen = (a >= 0) & (b >= 0)
        return float(cohen_kappa_score(a[seen], b[seen]))

    with_judge = np.mean([kappa(judge, one) for one in people])
    assert found[KAPPA].value == pytest.approx(with_judge - np.mean([kappa(a, b) for a, b in combinations(people, 2)]))


@pytest.mark.parametrize("scale", list(LABELS))
def test_a_judge_that_is_one_of_the_people_is_no_worse_than_that_one(scale: str) -> None:
    """Against the person that it copies it never loses; with n items the t-test would be certain, and (1 − ε)ⁿ is what is known."""
    ratings = drawn(scale, seed=3, holes=0.0)
    copy = replace(ratings, judges=ratings.people[:1])
    told = audited(copy)[1].replacement[0].people[0]
    assert (told.difference, told.advantage) == (0.0, 1.0)
    assert told.p_value == pytest.approx(0.8**80, rel=1e-9)


def test_a_constant_judge_wins_where_one_label_is_frequent_and_its_classes_say_so() -> None:
    """At 10% positives a judge that always says no has a high advantage over all and none where the others said yes."""
    rng = np.random.default_rng(4)
    truth = (rng.random(300) < 0.1).astype(int)
    people = np.where(rng.random((3, 300)) < 0.05, 1 - truth, truth)
    found, done = audited(ratings_of(people, np.zeros(300, int)))
    classes = {one.label: one for one in done.replacement[0].classes}
    assert found[WON].value == 1.0 and (found[ADVANTAGE].value or 0) > 0.85
    assert classes["no"].advantage == 1.0 and classes["no"].low > 0.9
    assert classes["yes"].high < 0.5


def test_all_agree_and_all_are_contradicted() -> None:
    """A perfect judge of people who agree wins for sure enough and not with certainty; its opposite wins nowhere."""
    truth = np.arange(60) % 2
    people = np.stack([truth] * 3)
    found, _ = audited(ratings_of(people, truth))
    assert (found[WON].value, found[ADVANTAGE].value) == (1.0, 1.0)
    assert found[ADVANTAGE].low is not None and 0.9 < found[ADVANTAGE].low < 1.0
    found, done = audited(ratings_of(people, 1 - truth))
    assert (found[WON].value, found[ADVANTAGE].value) == (0.0, 0.0)
    assert [one.p_value for one in done.replacement[0].people] == [1.0] * 3


def test_epsilon_zero_is_never_passed_by_a_tie() -> None:
    """Without an allowance a judge that equals everybody is not shown to be better than anybody."""
    truth = np.arange(60) % 2
    found, _ = audited(ratings_of(np.stack([truth] * 3), truth), epsilon=0.0)
    assert found[WON].value == 0.0


@pytest.mark.parametrize(
    ("people", "n", "reason"),
    [(1, 60, "too_few_raters"), (2, 60, "too_few_raters"), (3, 20, "too_few_items"), (3, 1, "too_few_items")],
)
def test_too_few_people_or_items_are_a_reason(people: int, n: int, reason: str) -> None:
    """Three people, and thirty items of two of them, are the least."""
    rng = np.random.default_rng(5)
    found, done = audited(ratings_of(rng.integers(0, 2, (people, n)), rng.integers(0, 2, n)))
    assert {found[name].undefined for name in (WON, ADVANTAGE)} == {reason}
    assert done.replacement == []


def test_nothing_to_compare_is_a_reason() -> None:
    """A judge that was never asked, people who share no item, a stratum without items."""
    rng = np.random.default_rng(6)
    people, nobody = rng.integers(0, 2, (3, 60)), np.full(60, -1)
    assert audited(ratings_of(people, nobody))[0][WON].undefined == "no_pairable"
    alone = np.where(np.arange(60) % 3 == np.arange(3)[:, None], people, -1)
    found, _ = audited(ratings_of(alone, people[0]))
    assert (found[WON].undefined, found[ALPHA].undefined) == ("no_pairable", "no_pairable")
    empty = replace(ratings_of(people, people[0]), strata={"all": np.ones(60, bool), "s=x": np.zeros(60, bool)})
    rows = [f for f in audit_question(empty, AuditOptions(replicates=200)).findings if f.stratum == "s=x"]
    mine = [f for f in rows if f.statistic in (WON, ADVANTAGE, ALPHA, KAPPA)]
    assert len(mine) == 4 and all(f.value is None and f.undefined for f in mine)


def test_no_answer_never_wins() -> None:
    """A silent judge is as near as nobody, also where a person is alone with a label."""
    rng = np.random.default_rng(7)
    found, _ = audited(ratings_of(rng.integers(0, 2, (3, 60)), np.full(60, 2)))
    assert (found[WON].value, found[ADVANTAGE].value) == (0.0, 0.0)


@pytest.mark.parametrize("scale", list(LABELS))
def test_weight_two_is_twice_there(scale: str) -> None:
    """Advantages and differences of items of weight 2 are those of items that stand there twice."""
    ratings = drawn(scale, seed=8)
    twice = np.random.default_rng(8).random(ratings.n_items) < 0.4
    again = np.repeat(np.arange(ratings.n_items), 1 + twice)
    repeated = ratings_of(ratings.people[:, again], ratings.judges[0, again], scale)
    a, b = audited(replace(ratings, weights=1.0 + twice)), audited(repeated)
    assert a[0][ADVANTAGE].value == pytest.approx(b[0][ADVANTAGE].value, abs=1e-12)
    for one, two in zip(a[1].replacement[0].people, b[1].replacement[0].people, strict=True):
        assert one.difference == pytest.approx(two.difference, abs=1e-12)


def test_copies_within_clusters_are_no_evidence() -> None:
    """Five copies of every item leave the p-values near those of the items once they are clusters, and shrink them if they are not."""
    ratings = drawn("binary", seed=9, holes=0.0)
    again = np.repeat(np.arange(ratings.n_items), 5)
    copies = ratings_of(ratings.people[:, again], ratings.judges[0, again])
    p = {}
    for name, one in {"once": ratings, "copies": copies, "clusters": replace(copies, clusters=again)}.items():
        p[name] = np.array([told.p_value for told in audited(one, 0.1)[1].replacement[0].people])
    unsure = (p["once"] > 0.001) & (p["once"] < 0.5)
    assert unsure.any()
    assert (p["copies"] < p["once"])[unsure].all()
    np.testing.assert_allclose(p["clusters"][unsure], p["once"][unsure], rtol=0.25)


def test_more_people_than_pairs_are_shown_for() -> None:
    """Kappas of all pairs of 13 people are made on demand."""
    rng = np.random.default_rng(10)
    ratings = ratings_of(rng.integers(0, 2, (13, 40)), rng.integers(0, 2, 40))
    assert audited(ratings)[0][KAPPA].undefined == "too_many_raters"
    done = audit_question(ratings, AuditOptions(replicates=200, pairs=True))
    assert next(f for f in done.findings if f.statistic == KAPPA).value is not None


@pytest.mark.parametrize("scale", list(LABELS))
def test_reliability_of_the_reference_is_alpha_stepped_up(scale: str) -> None:
    """k α / (1 + (k − 1) α) for k labels an item; it lies in 0 … 1 with its interval."""
    ratings = drawn(scale, seed=11, holes=0.0)
    rows = audit_question(ratings, AuditOptions(replicates=200)).findings
    found = {f.statistic: f for f in rows if (f.subject, f.stratum) == ("humans", "all")}
    alpha, mean = found["krippendorff_alpha"], found["reference_reliability"]
    assert alpha.value is not None and mean.value is not None and mean.low is not None and mean.high is not None
    assert mean.value == pytest.approx(4 * alpha.value / (1 + 3 * alpha.value), abs=1e-9)
    assert 0 <= mean.low < mean.value < mean.high <= 1


def test_people_at_odds_have_no_reliability() -> None:
    """Agreement below chance is a reason and no negative reliability; one label only is another one."""
    truth = np.arange(40) % 2
    for people, reason in ((np.stack([truth, 1 - truth]), "no_reliability"), (np.zeros((2, 40)), "one_class_human")):
        rows = audit_question(ratings_of(people, truth), AuditOptions(replicates=200)).findings
        assert next(f for f in rows if f.statistic == "reference_reliability").undefined == reason
