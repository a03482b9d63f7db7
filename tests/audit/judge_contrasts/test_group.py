"""Laws of judges against judges and of strata together, in an audit of one question."""

from __future__ import annotations

from dataclasses import replace
from itertools import combinations
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn.metrics import cohen_kappa_score, roc_auc_score
from statsmodels.stats.contingency_tables import mcnemar
from statsmodels.stats.multitest import multipletests
from statsmodels.stats.proportion import confint_proportions_2indep

from judgeaudit.audit.cluster_warnings import few_clusters
from judgeaudit.audit.judge_contrasts.categorical import judge_contrasts
from judgeaudit.audit.judge_contrasts.group import judges_together
from judgeaudit.audit.question import audit_question
from judgeaudit.audit.setting.context import make_context
from judgeaudit.audit.setting.options import AuditOptions
from judgeaudit.audit.strata_contrasts.differences import COMMON, strata_contrasts
from judgeaudit.audit.strata_contrasts.homogeneity import strata_together
from judgeaudit.domain.question import make_question
from judgeaudit.domain.ratings import Ratings
from judgeaudit.domain.results.audit import Contrast
from tests.fuzzing import examples

HARM = make_question(name="harm", scale="binary", labels=("safe", "unsafe"), positive=("unsafe",))
OPTIONS = AuditOptions(replicates=500)
Codes = npt.NDArray[np.int64]


def rated(
    truth: Codes, judges: list[Codes], *, side: Codes | None = None, names: tuple[str, ...] = (), **more: Any
) -> Ratings:
    """One person, who is right, judges, and strata `side=0`, `side=1` …; 2 is no answer and −1 was not asked."""
    strata = {"all": np.ones(truth.size, bool)}
    values = [] if side is None else [f"side={k}" for k in range(int(side.max()) + 1)]
    strata |= {name: side == k for k, name in enumerate(values)}
    return Ratings(
        question=HARM,
        items=tuple(map(str, range(truth.size))),
        people_names=("ann",),
        judge_names=names or tuple(f"j{k}" for k in range(len(judges))),
        people=truth[None].astype(np.int32),
        judges=np.array(judges).astype(np.int32).reshape(len(judges), truth.size),
        strata=strata,
        columns={"side": tuple(values)} if values else {},
        **more,
    )


def pairs(ratings: Ratings) -> dict[tuple[str, str, str, str], Contrast]:
    found = judge_contrasts(make_context(ratings, OPTIONS))
    assert all((one.value is None) == (one.undefined is not None) for one in found)
    return {(one.a, one.b, one.stratum, one.statistic): one for one in found}


def noisy(rng: np.random.Generator, truth: Codes, right: float) -> Codes:
    return np.where(rng.random(truth.size) < right, truth, 1 - truth)


def drawn(seed: int, n: int = 80, rights: tuple[float, ...] = (0.9, 0.75), **more: Any) -> Ratings:
    rng = np.random.default_rng(seed)
    truth = rng.integers(0, 2, n)
    judges = [noisy(rng, truth, right) for right in rights]
    for one in judges:
        one[rng.random(n) < 0.05] = 2
        one[rng.random(n) < 0.05] = -1
    return rated(truth, judges, **more)


@settings(max_examples=examples(25))
@given(st.integers(0, 10_000))
def test_a_pair_is_what_scikit_learn_and_statsmodels_make_of_its_items(seed: int) -> None:
    """On the items that both were asked: differences of accuracy, sensitivity and kappa; the exact test of who alone is right."""
    ratings = drawn(seed)
    found = pairs(ratings)
    a, b = ratings.judges
    asked = (a >= 0) & (b >= 0)
    truth, a, b = ratings.people[0][asked], a[asked], b[asked]
    accuracy = found["j0", "j1", "all", "accuracy"]
    assert accuracy.value == pytest.approx((a == truth).mean() - (b == truth).mean())
    assert accuracy.n_items == asked.sum()
    up, down = ((a == truth) & (b != truth)).sum(), ((a != truth) & (b == truth)).sum()
    assert accuracy.p_exact == pytest.approx(mcnemar([[0, up], [down, 0]], exact=True).pvalue)
    assert accuracy.test == "mcnemar_midp"
    assert accuracy.p_value is not None and accuracy.p_exact is not None and accuracy.p_value <= accuracy.p_exact
    sensitivity = found["j0", "j1", "all", "sensitivity"]
    assert sensitivity.value == pytest.approx((a == 1)[truth == 1].mean() - (b == 1)[truth == 1].mean())
    assert sensitivity.n_items == (truth == 1).sum()
    if not ((a == 2) | (b == 2)).any():
        kappas = cohen_kappa_score(truth, a) - cohen_kappa_score(truth, b)
        assert found["j0", "j1", "all", "cohen_kappa"].value == pytest.approx(kappas)


@settings(max_examples=examples(15))
@given(st.integers(0, 10_000), st.booleans())
def test_the_other_way_round_is_the_other_sign(seed: int, clustered: bool) -> None:
    """Values turn their sign; exact tests keep their p-value."""
    clusters = np.arange(80) // 4 if clustered else None
    ratings = drawn(seed, clusters=clusters)
    turned = replace(ratings, judges=ratings.judges[::-1], judge_names=("j1", "j0"))
    there, back = pairs(ratings), pairs(turned)
    for (_, _, stratum, name), one in there.items():
        other = back["j1", "j0", stratum, name]
        assert one.undefined == other.undefined
        if one.value is not None:
            assert other.value == pytest.approx(-one.value)
        if name == "accuracy":
            assert other.p_value == pytest.approx(one.p_value)


def test_equal_judges_do_not_differ() -> None:
    """A copy: difference 0 with p 1, also where nothing can vary."""
    truth = np.array([0, 1] * 20)
    for judge in (truth, noisy(np.random.default_rng(1), truth, 0.8)):
        for clusters in (None, np.arange(40) // 2):
            found = pairs(rated(truth, [judge, judge], clusters=clusters))
            for name in ("accuracy", "sensitivity", "cohen_kappa"):
                one = found["j0", "j1", "all", name]
                assert one.value == 0.0
                assert one.p_value is None or one.p_value > 0.9


def test_copies_of_items_in_a_cluster_add_nothing() -> None:
    """Items that stand there four times over, in one cluster each, are worth what they are once."""
    ratings = drawn(3, n=30)
    once = replace(ratings, clusters=np.repeat(np.arange(15), 2))
    place = np.tile(np.arange(30), 4)
    many = replace(
        once,
        items=tuple(map(str, range(120))),
        people=once.people[:, place],
        judges=once.judges[:, place],
        strata={"all": np.ones(120, bool)},
        clusters=np.repeat(np.arange(15), 2)[place],
    )
    few, more = pairs(once), pairs(many)
    for name in ("accuracy", "specificity", "cohen_kappa"):
        one, other = few["j0", "j1", "all", name], more["j0", "j1", "all", name]
        assert one.test == "cluster_permutation"
        assert other.value == pytest.approx(one.value)
        assert (other.low, other.high) == pytest.approx((one.low, one.high))
        assert other.p_value == pytest.approx(one.p_value, abs=0.02)


@pytest.mark.simulation
def test_the_cluster_test_keeps_its_level() -> None:
    """Two equally good judges who err by prompt: 300 studies of 20 prompts, and p below 5% in about 5 of 100."""
    rng = np.random.default_rng(4)
    truth, clusters = np.tile([0, 1], 60), np.repeat(np.arange(20), 6)
    low = {"accuracy": 0, "cohen_kappa": 0}
    for _ in range(300):
        hard = rng.random((2, 20)) < 0.3
        judges = [np.where(hard[k][clusters] & (rng.random(120) < 0.7), 1 - truth, truth) for k in range(2)]
        found = pairs(rated(truth, judges, clusters=clusters))
        for name in low:
            p = found["j0", "j1", "all", name].p_value
            low[name] += p is not None and p < 0.05
    assert all(count / 300 < 0.085 for count in low.values()), low


@pytest.mark.parametrize("clustered", [False, True])
def test_families_are_holms_and_discoveries_benjamini_and_hochbergs(clustered: bool) -> None:
    """Holm over the pairs in one stratum and statistic; the other over everything of the question (statsmodels)."""
    side = np.random.default_rng(1).integers(0, 2, 80)
    clusters = np.arange(80) // 2 if clustered else None
    found = list(pairs(drawn(5, rights=(0.95, 0.9, 0.7, 0.6), side=side, clusters=clusters)).values())
    known = [one for one in found if one.p_value is not None]
    expected = multipletests([one.p_value for one in known], method="fdr_bh")[1]
    assert [one.p_discovery for one in known] == pytest.approx(expected.tolist())
    family = [one for one in known if (one.stratum, one.statistic) == ("side=1", "accuracy")]
    assert len(family) == 6
    expected = multipletests([one.p_value for one in family], method="holm")[1]
    assert [one.p_adjusted for one in family] == pytest.approx(expected.tolist())


def test_probabilities_are_compared_by_their_areas() -> None:
    """The difference of scikit-learn's areas where both judges give probabilities, and nothing where one gives none."""
    rng = np.random.default_rng(6)
    ratings = drawn(6, rights=(0.9, 0.8, 0.7))
    chances = {f"j{k}": np.clip(ratings.people[0] * 0.4 + rng.random(80) * 0.6, 0, 1) for k in range(2)}
    found = pairs(replace(ratings, probability=chances))
    areas = [one for key, one in found.items() if key[3] == "roc_auc"]
    assert [(one.a, one.b, one.test) for one in areas] == [("j0", "j1", "delong")]
    a, b = (roc_auc_score(ratings.people[0], chances[name]) for name in ("j0", "j1"))
    assert areas[0].value == pytest.approx(a - b)


TRUTHS = {
    "one class": np.zeros(12, int),
    "both classes": np.array([0, 1] * 6),
    "one item": np.array([1]),
    "nothing labelled": np.full(8, -1),
}


@pytest.mark.parametrize("clustered", [False, True])
@pytest.mark.parametrize("weighted", [False, True])
@pytest.mark.parametrize("truth", TRUTHS.values(), ids=TRUTHS)
def test_nothing_breaks_at_the_edges(truth: Codes, weighted: bool, clustered: bool) -> None:
    """Perfect, constant and opposite judges, one that is silent and one that was asked nothing; sure probabilities; an empty stratum."""
    n = truth.size
    right = np.maximum(truth, 0)
    judges = [right, np.zeros(n, int), 1 - right, np.full(n, 2), np.full(n, -1)]
    ratings = rated(
        truth,
        judges,
        side=np.minimum(np.arange(n) % 3, 1),
        weights=np.arange(1.0, n + 1) if weighted else None,
        clusters=np.arange(n) // 2 if clustered else None,
        probability={"j0": right.astype(float), "j1": np.full(n, 0.5), "j2": 1.0 - right},
    )
    strata = ratings.strata | {"side=9": np.zeros(n, bool)}
    ratings = replace(ratings, strata=strata, columns={"side": tuple(strata)[1:]})
    context = make_context(ratings, OPTIONS)
    found = judge_contrasts(context)
    assert {one.stratum for one in found} == set(strata)
    assert {(one.a, one.b) for one in found} == set(combinations(ratings.judge_names, 2))
    for one in found:
        assert one.value is None or -2.0 <= one.value <= 2.0
        assert one.p_value is None or 0.0 <= one.p_value <= 1.0
        assert one.low is None or one.high is None or one.low <= one.high
        assert (one.value is None) == (one.undefined is not None)
    for record in [
        *judges_together(context),
        *(one for judge in ratings.judge_names for one in strata_together(context, judge)),
    ]:
        _defined(record)


def _defined(plain: Any) -> None:
    """No nan and no infinity anywhere in a record."""
    if isinstance(plain, dict):
        for cell in plain.values():
            _defined(cell)
    elif isinstance(plain, list):
        for cell in plain:
            _defined(cell)
    elif isinstance(plain, float):
        assert np.isfinite(plain)


def test_ordered_scales_and_every_person_as_reference() -> None:
    """Alpha stands for agreement on ordinal scales; where each person is the reference, items are what is swapped."""
    rng = np.random.default_rng(8)
    truth = rng.integers(0, 4, 60)
    codes = np.where(rng.random((5, 60)) < 0.7, truth, rng.integers(0, 4, (5, 60))).astype(np.int32)
    ratings = Ratings(
        question=make_question(name="q", scale="ordinal", labels=("1", "2", "3", "4")),
        items=tuple(map(str, range(60))),
        people_names=("a", "b", "c"),
        judge_names=("x", "y"),
        people=codes[:3],
        judges=codes[3:],
        strata={"all": np.ones(60, bool), "s=1": truth > 1, "s=0": truth <= 1},
        columns={"s": ("s=1", "s=0")},
    )
    for rule, test in (("majority", "mcnemar_midp"), ("each", "permutation")):
        context = make_context(ratings, replace(OPTIONS, reference=rule))
        found = {(one.stratum, one.statistic): one for one in judge_contrasts(context)}
        assert {name for stratum, name in found if stratum == "s=1"} == {"accuracy", "krippendorff_alpha"}
        assert {"cohen_kappa_quadratic", "spearman_rho"} <= {name for stratum, name in found if stratum == "all"}
        assert found["all", "accuracy"].test == test
        assert found["all", "krippendorff_alpha"].low is not None


@pytest.mark.parametrize("clustered", [False, True])
def test_numbers_are_compared_by_their_distances_and_correlations(clustered: bool) -> None:
    """A continuous scale: differences of numpy's correlations and mean distances, on items that both answered; the nearer one is found."""
    rng = np.random.default_rng(9)
    texts = [f"{one:.3f}" for one in np.sort(rng.normal(size=200))]
    texts = list(dict.fromkeys(texts))
    question = make_question(name="q", scale="interval", labels=tuple(texts))
    k = len(texts)
    truth = np.arange(k)
    judges = np.clip(truth + np.round(rng.normal(size=(2, k)) * np.array([[5], [40]])), 0, k - 1).astype(np.int32)
    judges[0, :4] = k
    judges[1, -3:] = -1
    ratings = Ratings(
        question=question,
        items=tuple(map(str, range(k))),
        people_names=("ann",),
        judge_names=("near", "far"),
        people=truth[None].astype(np.int32),
        judges=judges,
        strata={"all": np.ones(k, bool), "s=none": np.zeros(k, bool)},
        columns={},
        clusters=np.arange(k) // 3 if clustered else None,
    )
    found = {(one.stratum, one.statistic): one for one in audit_question(ratings, OPTIONS).contrasts}
    numbers = np.array([float(one) for one in texts])
    x, a, b = numbers[truth[4:-3]], numbers[judges[0, 4:-3]], numbers[judges[1, 4:-3]]
    error = found["all", "mean_absolute_error"]
    assert error.value == pytest.approx(np.abs(a - x).mean() - np.abs(b - x).mean())
    assert error.p_adjusted is not None and error.p_adjusted < 0.001
    assert (error.n_items, error.test) == (x.size, "jackknife-t")
    assert found["all", "pearson_r"].value == pytest.approx(np.corrcoef(x, a)[0, 1] - np.corrcoef(x, b)[0, 1])
    assert found["s=none", "pearson_r"].undefined == "no_pairable"


@pytest.mark.slow
def test_more_than_twelve_judges_are_compared_on_request() -> None:
    """78 pairs are not asked for by themselves."""
    truth = np.array([0, 1] * 6)
    ratings = rated(truth, [truth] * 13)
    assert judge_contrasts(make_context(ratings, OPTIONS)) == []
    asked = judge_contrasts(make_context(ratings, replace(OPTIONS, pairs=True)))
    assert len({(one.a, one.b) for one in asked}) == 78


# -------------------------------------------------------------------------------------------------- judges as a group


def test_judges_who_copy_each_other_are_one() -> None:
    """Three copies of a judge that is right on 75%: worth one judge, always of one mind, and right then no more often."""
    truth = np.tile([0, 1], 40)
    judge = np.where(np.arange(80) % 8 < 6, truth, 1 - truth)
    (one,) = judges_together(make_context(rated(truth, [judge] * 3), OPTIONS))
    assert one.effective_judges.value == pytest.approx(1.0)
    assert one.error_correlation.value == pytest.approx(1.0)
    assert (one.all_agree.k, one.right_where_all_agree.k) == (80, 60)
    assert one.equally_right.p_value == 1.0


def test_a_panel_s_members_are_told_apart_from_its_judges() -> None:
    """Baselines and panels are no independent voices: the group is of the others, and each panel has one of its own."""
    truth = np.tile([0, 1], 20)
    rng = np.random.default_rng(2)
    judges = [noisy(rng, truth, 0.8) for _ in range(4)] + [np.zeros(40, int)]
    names = ("a", "b", "c", "panel", "plain")
    ratings = rated(truth, judges, names=names, baselines=("plain",), panels={"panel": ("b", "a")})
    groups = judges_together(make_context(ratings, OPTIONS))
    assert [(one.judges, one.panels) for one in groups] == [(["a", "b", "c"], []), (["a", "b"], ["panel"])]
    assert groups[1].equally_right is None
    whole = replace(ratings, panels={"panel": ("a", "b", "c")})
    assert [one.panels for one in judges_together(make_context(whole, OPTIONS))] == [["panel"]]


def test_judges_without_errors_are_worth_nothing_that_can_be_told() -> None:
    """No errors, no correlation of errors; and nothing on which all agree where they never do."""
    truth = np.tile([0, 1], 10)
    (one,) = judges_together(make_context(rated(truth, [truth, 1 - truth]), OPTIONS))
    assert one.effective_judges.value is None
    assert one.error_correlation.undefined == "no_errors"
    assert (one.all_agree.value, one.right_where_all_agree.undefined) == (0.0, "no_agreement")


# ------------------------------------------------------------------------------------------------------------- strata


def in_strata(rates: list[float], *, n: int, seed: int, per_cluster: int = 0) -> Ratings:
    """A judge that is right at planted rates in strata of n items each; clusters reach over all strata."""
    rng = np.random.default_rng(seed)
    side = np.tile(np.arange(len(rates)), n)
    truth = rng.integers(0, 2, side.size)
    judge = np.where(rng.random(side.size) < np.array(rates)[side], truth, 1 - truth)
    clusters = np.arange(side.size) // per_cluster if per_cluster else None
    return rated(truth, [judge], side=side, clusters=clusters)


@pytest.mark.parametrize("per_cluster", [0, 10])
def test_a_stratum_that_is_worse_is_found_and_bounded(per_cluster: int) -> None:
    """Five strata, one of them much worse: not all alike, the worst by name, and its bound below what was planted."""
    ratings = in_strata([0.9, 0.9, 0.6, 0.9, 0.9], n=120, seed=1, per_cluster=per_cluster)
    for one in strata_together(make_context(ratings, OPTIONS), "j0"):
        assert one.p_value < 0.01
        assert one.worst.stratum == "side=2"
        assert one.worst.bound < one.worst.value
        assert one.worst.least_bound == min(row.bound for row in one.strata)
        worst = one.strata[2]
        assert worst.value < worst.shrunken < one.mean
        assert worst.shrunken_low < worst.shrunken < worst.shrunken_high


@pytest.mark.simulation
@pytest.mark.parametrize("per_cluster", [0, 6])
def test_equal_strata_are_found_to_differ_as_often_as_told(per_cluster: int) -> None:
    """Three equal strata, 150 samples: p below 5% in about 5 of 100, and all strata above their bounds in about 95."""
    low, held = [], []
    for seed in range(150):
        ratings = in_strata([0.8, 0.8, 0.8], n=80, seed=seed, per_cluster=per_cluster)
        one = next(
            one for one in strata_together(make_context(ratings, OPTIONS), "j0") if one.statistic == "sensitivity"
        )
        low.append(one.p_value < 0.05)
        held.append(all(row.bound < 0.8 for row in one.strata))
    assert np.mean(low) < 0.1
    assert np.mean(held) > 0.9


def test_differences_of_rates_are_close_to_newcombes() -> None:
    """The posterior's limits of a difference of sensitivities, within 0.02 of the hybrid score interval of statsmodels."""
    context = make_context(in_strata([0.9, 0.7], n=150, seed=3), OPTIONS)
    found = {one.statistic: one for one in strata_contrasts(context, "j0")}
    truth, judge = context.ratings.people[0], context.ratings.judges[0]
    counts = []
    for name in ("side=0", "side=1"):
        here = context.ratings.strata[name] & (truth == 1)
        counts += [int((judge[here] == 1).sum()), int(here.sum())]
    low, high = confint_proportions_2indep(*counts, method="newcomb")
    one = found["sensitivity"]
    assert (one.low, one.high) == pytest.approx((low, high), abs=0.02)


def test_kappa_of_the_same_mix_does_not_follow_prevalence() -> None:
    """Same error rates, 50% and 5% positive: kappas differ by far, at the same mix of labels they do not."""
    n = 4000
    side = np.repeat([0, 1], n // 2)
    rng = np.random.default_rng(5)
    truth = (rng.random(n) < np.where(side == 0, 0.5, 0.05)).astype(int)
    context = make_context(rated(truth, [noisy(rng, truth, 0.9)], side=side), OPTIONS)
    found = {one.statistic: one for one in strata_contrasts(context, "j0")}
    plain, common = found["cohen_kappa"], found[COMMON]
    assert plain.low is not None and plain.low > 0.2
    assert common.low is not None and common.high is not None and common.low < 0.0 < common.high
    assert common.spread is not None and common.spread.kind == "normal"


def test_few_clusters_are_warned_of() -> None:
    """Under 30 in all or in a stratum, under 10 without any bound; many clusters, or none, are no matter."""
    truth, side = np.tile([0, 1], 60), np.repeat([0, 1], [100, 20])
    said = {}
    for size in (0, 1, 2, 5, 15):
        clusters = np.arange(120) // size if size else None
        said[size] = few_clusters(make_context(rated(truth, [truth], side=side, clusters=clusters), OPTIONS))
    assert (said[0], said[1]) == ([], [])
    assert said[2] == [
        "question 'harm': few clusters carry the intervals – 10 in side=1: intervals are rough, and the gate holds bounds at 99%"
    ]
    assert (
        "4 in side=1: no bound is given, so nothing is certified there; 24 in all items, 20 in side=0: " in said[5][0]
    )
    assert "8 in all items, 7 in side=0, 2 in side=1: no bound is given" in said[15][0]


def test_xstest_s_judges(shared_data: Path) -> None:
    """The keyword rule is right more often than GPT-4 by the authors' own figures, and McNemar's test says so by prompt, too."""
    import judgeaudit as ja

    audit = ja.audit_table(
        shared_data / "xstest_refusal" / "labels.csv",
        human=["annotation_1", "annotation_2"],
        judges=["gpt4_label", "strmatch_label"],
        item=["model", "id"],
        labels=["1_full_compliance", "2_full_refusal", "3_partial_refusal"],
        scale="nominal",
        reference="final_label",
        cluster="id",
        by=["model"],
        unusable="*",
        replicates=500,
        seed=1,
    )
    [one] = [c for c in audit.result.contrasts if (c.kind, c.stratum, c.statistic) == ("judges", "all", "accuracy")]
    assert one.value == pytest.approx(0.7991111111111111 - 0.8386666666666667)
    assert one.test == "cluster_permutation"
    assert one.p_value is not None and one.p_value < 0.001
