"""Laws of tests on the same items, held against statsmodels, scipy and what stands in books."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from sklearn.metrics import roc_auc_score
from statsmodels.stats.contingency_tables import StratifiedTable, cochrans_q

from judgeaudit.stats.agreement.two_raters import cohen_kappa
from judgeaudit.stats.comparisons.matched import (
    cochran_q,
    effective_number,
    equal_means,
    error_correlation,
    error_totals,
    hotelling,
    mcnemar_midp,
    random_signs,
    sign_flip,
    swap_p_value,
    swapped,
)
from judgeaudit.stats.comparisons.paired import exact_sign
from judgeaudit.stats.probabilities.delong import paired_delong
from judgeaudit.stats.rates.strata import at_shares, breslow_day, heterogeneity, shrunken, simultaneous_quantile
from tests.fuzzing import examples

RIGHT = st.integers(2, 5).flatmap(
    lambda k: arrays(np.int64, st.tuples(st.integers(1, 30), st.just(k)), elements=st.integers(0, 1))
)


@given(st.integers(0, 60), st.integers(0, 60))
def test_midp_is_the_exact_p_less_half_of_what_was_seen(up: int, down: int) -> None:
    """Fagerland's definition, both sides; never above the exact p, and 1 where nobody moves or as many each way."""
    from scipy.stats import binom

    found, exact = float(mcnemar_midp(np.array(up), np.array(down))), float(exact_sign(np.array(up), np.array(down)))
    assert 0.0 < found <= exact <= 1.0
    expected = 1.0 if up == down else exact - binom.pmf(min(up, down), up + down, 0.5)
    assert found == pytest.approx(expected, abs=1e-12)


@settings(max_examples=examples(50))
@given(RIGHT)
def test_cochrans_q_is_statsmodels(right: np.ndarray) -> None:  # type: ignore[type-arg]
    """Item by item or by patterns; where no item tells the raters apart it is 0 with p 1, and not nan."""
    found = cochran_q(right, np.ones(len(right)))
    patterns, counts = np.unique(right, axis=0, return_counts=True)
    assert found == pytest.approx(cochran_q(patterns, counts))
    if (right == right[:, :1]).all():
        assert (found.q, found.p_value) == (0.0, 1.0)
    else:
        oracle = cochrans_q(right)
        assert (found.q, found.p_value) == pytest.approx((oracle.statistic, oracle.pvalue))


def test_two_raters_make_cochrans_q_mcnemars() -> None:
    """(b − c)² / (b + c) on one degree of freedom."""
    found = cochran_q(np.array([[1, 0], [0, 1], [1, 1]]), np.array([9, 3, 20]))
    assert found.q == pytest.approx((9 - 3) ** 2 / 12)


def test_no_items_have_no_q() -> None:
    """nan for no items, one rater, and too few clusters for their number of raters."""
    assert np.isnan(cochran_q(np.ones((2, 3)), np.zeros(2)).p_value)
    assert np.isnan(cochran_q(np.ones((2, 1)), np.ones(2)).p_value)
    assert np.isnan(equal_means(np.ones((3, 3))).p_value)
    assert equal_means(np.ones((9, 3))).p_value == 1.0


def test_hotelling_with_one_gap_is_students_t() -> None:
    """Two raters over clusters: T² is the square of the paired t statistic."""
    from scipy.stats import ttest_rel

    rng = np.random.default_rng(1)
    units = rng.integers(0, 9, (12, 2)).astype(float)
    oracle = ttest_rel(units[:, 1], units[:, 0])
    found = equal_means(units)
    assert (found.q, found.p_value) == pytest.approx((oracle.statistic**2, oracle.pvalue))
    assert hotelling(np.array([1.0]), np.array([[0.25]]), g=np.inf).p_value == pytest.approx(0.0455, abs=1e-4)


@settings(max_examples=examples(30))
@given(st.lists(st.integers(-4, 4), min_size=1, max_size=9))
def test_signs_at_random_come_to_the_exact_p(nets: list[int]) -> None:
    """Halves of whole nets are no whole numbers, so signs are drawn for them; what is drawn is near what is exact."""
    rng = np.random.default_rng(1)
    exact = sign_flip(np.array(nets), rng=rng, draws=1)
    drawn = sign_flip(np.array(nets) * 0.25, rng=rng, draws=4000)
    assert drawn == pytest.approx(exact, abs=0.05)
    assert 0.0 < exact <= 1.0


def test_swapping_shares_is_flipping_signs() -> None:
    """Where the statistic is a sum, changing places in a cluster turns the sign of its net."""
    rng = np.random.default_rng(2)
    a, b = (rng.integers(0, 4, (14, 1)).astype(float) for _ in range(2))
    drawn = swapped(a, b, signs=random_signs(8000, 14, rng=rng))
    found = swap_p_value(float((a - b).sum()), drawn[:, 0, 0] - drawn[:, 1, 0])
    assert found == pytest.approx(sign_flip((a - b)[:, 0], rng=rng, draws=1), abs=0.03)


@settings(max_examples=examples(40))
@given(RIGHT)
def test_the_correlation_of_errors_is_numpys(wrong: np.ndarray) -> None:  # type: ignore[type-arg]
    """The mean over the pairs that have one."""
    k = wrong.shape[1]
    found = float(error_correlation(error_totals(wrong).sum(0), k=k))
    varied = [j for j in range(k) if wrong[:, j].std() > 0]
    pairs = [np.corrcoef(wrong[:, i], wrong[:, j])[0, 1] for i in varied for j in varied if i < j]
    assert np.isnan(found) if not pairs else found == pytest.approx(np.mean(pairs), abs=1e-9)


def test_copies_are_worth_one_judge_and_independent_ones_their_number() -> None:
    """Five copies of a judge are worth one; five whose errors have nothing to do with each other five."""
    rng = np.random.default_rng(3)
    one = rng.integers(0, 2, (4000, 1))
    for wrong, worth in ((one.repeat(5, 1), 1.0), (rng.integers(0, 2, (200_000, 5)), 5.0)):
        correlation = error_correlation(error_totals(wrong).sum(0), k=5)
        assert float(effective_number(5, correlation)) == pytest.approx(worth, abs=0.1)


# ------------------------------------------------------------------------------------------------------------ strata


@settings(max_examples=examples(40))
@given(arrays(np.int64, st.tuples(st.integers(2, 6), st.just(2), st.just(2)), elements=st.integers(1, 60)))
def test_breslow_and_day_is_statsmodels(tables: np.ndarray) -> None:  # type: ignore[type-arg]
    """With Tarone's correction; theirs divides by 0 where the common odds ratio is 1."""
    above, below = ((tables[:, 0, k] * tables[:, 1, 1 - k] / tables.sum((1, 2))).sum() for k in (0, 1))
    assume(abs(above / below - 1) > 1e-3)
    oracle = StratifiedTable([one.astype(float) for one in tables]).test_equal_odds(adjust=True)
    found = breslow_day(tables)
    assert found.q == pytest.approx(oracle.statistic, rel=1e-6, abs=1e-6)
    assert found.p_value == pytest.approx(oracle.pvalue, rel=1e-5, abs=1e-9)


def test_strata_without_a_class_say_nothing_of_odds() -> None:
    """An empty margin leaves a stratum out; one stratum alone has nothing to differ from."""
    good, empty = np.array([[8.0, 2], [3, 7]]), np.array([[5.0, 5], [0, 0]])
    assert breslow_day(np.stack([good, good + 1, empty])) == breslow_day(np.stack([good, good + 1]))
    assert np.isnan(breslow_day(np.stack([good, empty])).p_value)
    assert np.isnan(breslow_day(np.stack([np.diag([4.0, 4.0])] * 3)).q)
    assert breslow_day(np.full((2, 2, 2), 3.0)).q == pytest.approx(0.0)


def test_equal_strata_have_no_spread_and_shrink_to_their_mean() -> None:
    """Q 0, p 1, τ² 0; estimates that are all the same stay where they are."""
    spread = heterogeneity(np.full(6, 0.7), np.diag(np.full(6, 0.04)), g=np.inf)
    assert (spread.test.q, spread.test.p_value, spread.between, spread.i_squared) == (0.0, 1.0, 0.0, 0.0)
    estimates, variances = shrunken(np.full(6, 0.7), np.full(6, 0.04), spread)
    assert estimates == pytest.approx(np.full(6, 0.7))
    assert (variances < 0.04).all()


@settings(max_examples=examples(40))
@given(st.integers(0, 10_000), st.integers(4, 12))
def test_shrinking_stays_between_a_stratum_and_the_mean(seed: int, s: int) -> None:
    """The less sure a stratum, the nearer to the mean; fewer than four strata are left alone."""
    rng = np.random.default_rng(seed)
    z, v = rng.normal(size=s), rng.uniform(0.01, 1.0, s)
    spread = heterogeneity(z, np.diag(v), g=np.inf)
    found, variances = shrunken(z, v, spread)
    moved = (found - z) / (spread.mean - z)
    assert ((moved >= 0) & (moved < 1)).all()
    assert moved[np.argsort(v)] == pytest.approx(np.sort(moved))
    assert (variances > 0).all()
    assert np.isnan(shrunken(z[:3], v[:3], spread)[0]).all()


def test_shrunken_estimates_are_nearer_to_the_truth() -> None:
    """Mean squared error over 300 sets of eight strata; their intervals hold the truth in about 95 of 100."""
    rng = np.random.default_rng(5)
    alone, drawn, held = 0.0, 0.0, []
    for _ in range(300):
        truth, v = rng.normal(0, 0.3, 8), rng.uniform(0.05, 0.4, 8)
        z = rng.normal(truth, np.sqrt(v))
        found, variances = shrunken(z, v, heterogeneity(z, np.diag(v), g=np.inf))
        alone, drawn = alone + ((z - truth) ** 2).sum(), drawn + ((found - truth) ** 2).sum()
        held.append(np.abs(found - truth) < 1.96 * np.sqrt(variances))
    assert drawn < 0.75 * alone
    assert 0.93 < np.mean(held) < 0.985


@pytest.mark.parametrize("df", [np.inf, 20.0])
def test_the_worst_stratum_lies_above_its_bound_as_often_as_told(df: float) -> None:
    """All strata at once, in 2,000 samples of six strata; drawn quantiles of independent ones are Šidák's."""
    rng = np.random.default_rng(6)
    covariance = 0.5 * np.eye(6) + 0.5 if np.isfinite(df) else np.eye(6)
    t = simultaneous_quantile(covariance, level=0.95, df=df, rng=rng)
    z = rng.multivariate_normal(np.zeros(6), covariance, 2000)
    scale = np.sqrt(rng.chisquare(df, 2000) / df)[:, None] if np.isfinite(df) else 1.0
    assert (z / scale < t).all(1).mean() == pytest.approx(0.95, abs=0.015)


@given(st.integers(0, 10_000), st.floats(0.05, 0.95), st.floats(0.05, 0.95))
def test_kappa_at_common_shares_follows_from_error_rates_alone(seed: int, se: float, sp: float) -> None:
    """Two strata with the same error rates and any prevalence have the same kappa; it is that of the published formula."""
    rng = np.random.default_rng(seed)
    theta, shares = rng.uniform(0.05, 0.95, 2), np.array([0.7, 0.3, 0.0])
    tables = np.zeros((2, 3, 3))
    tables[:, 0, 0], tables[:, 0, 1] = (1 - theta) * sp * 100, (1 - theta) * (1 - sp) * 100
    tables[:, 1, 1], tables[:, 1, 0] = theta * se * 100, theta * (1 - se) * 100
    one, other = cohen_kappa(at_shares(tables, shares), weights=np.eye(3))
    q, agreed = 0.3 * se + 0.7 * (1 - sp), 0.3 * se + 0.7 * sp
    chance = 0.3 * q + 0.7 * (1 - q)
    assert one == pytest.approx(other, abs=1e-9)
    assert one == pytest.approx((agreed - chance) / (1 - chance), abs=1e-9)
    assert np.isnan(at_shares(np.diag([5.0, 0, 0]), shares)).all()


# ------------------------------------------------------------------------------------------------------------- areas


def test_paired_areas_are_mlstatkits() -> None:
    """Areas, z and p of five pairs of scores, with and without ties (tests/oracles/delong_mlstatkit.py)."""
    plain = json.loads((Path(__file__).parents[2] / "oracles" / "delong_mlstatkit.json").read_text("utf-8"))
    for one in plain["cases"]:
        truth = np.array(one["truth"], bool)
        found = paired_delong(
            np.array(one["a"]), np.array(one["b"]), truth, weights=None, units=None, df=np.inf, level=0.95
        )
        assert (found.a, found.b) == pytest.approx(tuple(one["areas"]))
        assert found.a == pytest.approx(roc_auc_score(truth, one["a"]))
        assert -found.difference / found.se == pytest.approx(one["z"])  # theirs is the second less the first
        assert found.p_value == pytest.approx(one["p"])
        assert found.low < found.difference < found.high


def test_a_cluster_for_each_item_is_nearly_delongs_error() -> None:
    """The two differ by n / (n − 1) alone; doubled items in one cluster leave the error where it was."""
    rng = np.random.default_rng(7)
    truth = rng.random(400) < 0.4
    a, b = (truth + rng.normal(size=400) for _ in range(2))
    items = np.arange(400)
    plain = paired_delong(a, b, truth, weights=None, units=None, df=np.inf, level=0.95)
    single = paired_delong(a, b, truth, weights=None, units=items, df=np.inf, level=0.95)
    twice = paired_delong(
        *(np.tile(one, 2) for one in (a, b)),
        np.tile(truth, 2),
        weights=None,
        units=np.tile(items, 2),
        df=np.inf,
        level=0.95,
    )
    weighted = paired_delong(a, b, truth, weights=np.full(400, 3.0), units=None, df=np.inf, level=0.95)
    assert single.se == pytest.approx(plain.se, rel=0.01)
    assert (twice.difference, twice.se) == pytest.approx((single.difference, single.se))
    assert weighted == pytest.approx(single)


def test_areas_at_the_edges() -> None:
    """One class has no area; equal ranks are no difference with p 1; a perfect judge against an anti-judge differs by 1."""
    truth = np.array([True, True, False, False])
    up = np.array([0.0, 1.0, 0.0, 1.0])
    how = {"weights": None, "units": None, "df": np.inf, "level": 0.95}
    assert np.isnan(paired_delong(up, up, np.ones(4, bool), **how).difference)
    same = paired_delong(up, up / 2, truth, **how)
    assert (same.difference, same.p_value, np.isnan(same.low)) == (0.0, 1.0, True)
    assert paired_delong(truth.astype(float), 1.0 - truth, truth, **how).difference == 1.0
