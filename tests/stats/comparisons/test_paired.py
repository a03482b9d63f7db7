"""Laws of pairs before and after."""

from __future__ import annotations

from itertools import product

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.optimize import brentq, minimize_scalar
from scipy.special import gammaln, xlogy
from scipy.stats import binomtest, norm
from statsmodels.stats.contingency_tables import mcnemar
from statsmodels.stats.multitest import multipletests

from judgeaudit.stats.comparisons.paired import (
    adjusted_for_discoveries,
    exact_cluster_sign,
    exact_sign,
    independent_pairs,
    smallest_shift,
    tango,
)
from judgeaudit.stats.intervals.limits import wilson

moves = st.tuples(st.integers(0, 60), st.integers(0, 60), st.integers(0, 200))


@given(moves)
def test_the_sign_test_is_the_exact_mcnemar_test(counts):
    """With two labels it is McNemar's, as statsmodels computes it."""
    up, down, same = counts
    expected = mcnemar([[same, up], [down, 0]], exact=True).pvalue if up + down else 1.0
    assert float(exact_sign(np.array(up), np.array(down))) == pytest.approx(min(1.0, expected))


@given(st.lists(st.sampled_from([-1, 0, 1]), max_size=40), st.booleans())
def test_a_pair_in_each_cluster_is_the_sign_test(nets, upward):
    """Clusters of one change nothing: the p-value is that of a fair coin (scipy)."""
    found = exact_cluster_sign(np.array(nets, int), upward=upward)
    up, down = nets.count(1), nets.count(-1)
    sides = "greater" if upward else "two-sided"
    expected = binomtest(up, up + down, 0.5, alternative=sides).pvalue if up + down else 1.0
    assert found == pytest.approx(expected)
    if not upward:
        assert found == pytest.approx(float(exact_sign(np.array(up), np.array(down))))


@given(st.lists(st.integers(-4, 4), max_size=9), st.booleans())
def test_it_is_what_all_signs_of_clusters_give(nets, upward):
    """The p-value counts, among all ways to turn clusters round, those that are at least so far out on that side."""
    sums = np.array([np.dot(signs, nets) for signs in product([-1, 1], repeat=len(nets))])
    above, below = np.mean(sums >= sum(nets)), np.mean(sums <= sum(nets))
    expected = above if upward else min(1.0, 2 * min(above, below))
    assert exact_cluster_sign(np.array(nets, int), upward=upward) == pytest.approx(expected)


@given(st.lists(st.floats(-1, 1), min_size=2, max_size=30), st.integers(1, 4))
def test_pairs_that_say_the_same_are_worth_one(values, copies):
    """Copies of a pair tell nothing new; pairs that are alone tell as much as they are, where they differ at all."""
    codes = np.arange(len(values))
    worth = independent_pairs(np.repeat(values, copies), np.repeat(codes, copies))
    assert worth <= len(values) + 1e-9
    if np.ptp(values) > 1e-6:
        assert independent_pairs(np.array(values), codes) == pytest.approx(len(values))
        assert worth == pytest.approx(len(values) - (copies > 1) * (copies - 1) / copies, abs=1.0)


@given(moves)
def test_the_interval_holds_the_shift_and_turns_with_it(counts):
    """It lies within [-1, 1], holds what was found, and changes its sign when up and down change places."""
    up, down, same = counts
    n = up + down + same
    if n:
        low, high = tango(up, down, n, level=0.95)
        assert -1 <= low <= (up - down) / n <= high <= 1
        turned = tango(down, up, n, level=0.95)
        assert (-turned.high, -turned.low) == pytest.approx((low, high), abs=1e-9)


def searched(up: int, down: int, n: int) -> tuple[float, float]:
    """The score interval from its definition: the likelihood under each difference is maximised by search, no formula."""

    def score(delta: float) -> float:
        def loss(fewer: float) -> float:
            return -sum(xlogy([up, down, n - up - down], [fewer + delta, fewer, 1 - 2 * fewer - delta]))

        least, most = max(0.0, -delta), (1 - delta) / 2
        best = minimize_scalar(loss, bounds=(least, most), method="bounded", options={"xatol": 1e-12}).x
        return (up - down - n * delta) / np.sqrt(n * (2 * best + delta - delta**2)) if best > 0 or delta else np.inf

    z, found = norm.ppf(0.975), (up - down) / n
    low = brentq(lambda delta: score(delta) - z, -1 + 1e-9, found)
    return low, brentq(lambda delta: score(delta) + z, found, 1 - 1e-9)


@pytest.mark.parametrize(("up", "down", "n"), [(12, 2, 50), (40, 20, 160), (1, 7, 21), (9, 5, 14), (30, 3, 400)])
def test_the_interval_is_that_of_its_definition(up, down, n):
    """All differences that the score test does not reject, with nuisance shares found by search instead of a formula."""
    assert tuple(tango(up, down, n, level=0.95)) == pytest.approx(searched(up, down, n), abs=1e-5)


@given(st.integers(1, 500))
def test_without_a_move_the_interval_is_wilsons(n):
    """Nobody moved: what may still move one way is bounded as any share of which none was seen."""
    assert tango(0, 0, n, level=0.95).high == pytest.approx(wilson(0, n, level=0.95).high, abs=1e-9)


@pytest.mark.simulation
@pytest.mark.parametrize(("up", "down", "n"), [(0.1, 0.1, 60), (0.25, 0.05, 60), (0.05, 0.0, 100), (0.4, 0.2, 40)])
def test_the_interval_covers(up, down, n):
    """Of 1,500 samples about 95 in 100 intervals hold the true shift."""
    rng = np.random.default_rng(1)
    drawn = rng.multinomial(n, [up, down, 1 - up - down], size=1500)
    held = [low <= up - down <= high for a, b, _ in drawn for low, high in [tango(a, b, n, level=0.95)]]
    assert 0.93 < np.mean(held) < 0.985


def sign_power(n, up, down):
    """How often `exact_sign` finds a shift at 5 %: over all counts of moves, each with its chance."""
    a, b = np.mgrid[: n + 1, : n + 1]
    a, b = a[a + b <= n], b[a + b <= n]
    stay = np.maximum(1 - up - down, 0)
    log = gammaln(n + 1) - gammaln(a + 1) - gammaln(b + 1) - gammaln(n - a - b + 1)
    log += xlogy(a, up) + xlogy(b, down) + xlogy(n - a - b, stay)
    return float(np.exp(log)[exact_sign(a, b) <= 0.05].sum())


@pytest.mark.simulation
@given(st.integers(5, 150), st.floats(0, 0.6))
def test_the_smallest_shift_has_the_power_asked_for(n, noise):
    """There the power is 80 %, a little below it is less; more pairs show smaller shifts."""
    least = smallest_shift(n, noise, alpha=0.05, power=0.8)
    if np.isfinite(least):
        assert sign_power(n, least + noise / 2, noise / 2) >= 0.799
        assert sign_power(n, 0.98 * least + noise / 2, noise / 2) < 0.8
        assert smallest_shift(4 * n, noise, alpha=0.05, power=0.8) < least
    else:
        assert n < 50


@given(st.lists(st.floats(0, 1), max_size=30))
def test_discoveries_are_controlled_as_in_statsmodels(p_values):
    """Benjamini and Hochberg's adjustment."""
    expected = multipletests(p_values, method="fdr_bh")[1] if p_values else []
    np.testing.assert_allclose(adjusted_for_discoveries(np.array(p_values)), expected, atol=1e-12)
