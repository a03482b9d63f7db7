"""What statsmodels computes for us, against our closed forms, scipy and published numbers: never against statsmodels."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import binomtest, false_discovery_control

from judgeaudit.stats.comparisons.paired import adjusted_for_discoveries, exact_sign
from judgeaudit.stats.intervals.limits import clopper_pearson_lower, clopper_pearson_upper, wilson
from judgeaudit.stats.library import Method, fdr_adjusted, share_interval, share_lower, sign_test

counts = st.integers(1, 3000).flatmap(lambda n: st.tuples(st.integers(0, n), st.just(n)))
levels = st.floats(0.5, 0.999)
METHODS: tuple[Method, ...] = ("wilson", "beta")


@given(counts, levels)
def test_intervals_are_our_closed_forms(counts: tuple[int, int], level: float) -> None:
    """Limits are those that an audit computes by itself, to twelve digits."""
    k, n = counts
    assert share_interval(k, n, level=level, method="wilson") == pytest.approx(wilson(k, n, level=level), abs=1e-12)
    tail = (1 + level) / 2
    exact = clopper_pearson_lower(k, n, confidence=tail), clopper_pearson_upper(k, n, confidence=tail)
    assert share_interval(k, n, level=level, method="beta") == pytest.approx(exact, abs=1e-12)
    assert share_lower(k, n, confidence=level) == pytest.approx(
        clopper_pearson_lower(k, n, confidence=level), abs=1e-12
    )


@given(counts, st.floats(0.01, 0.99), levels, st.sampled_from(METHODS))
def test_fractions_of_items_have_an_interval(
    counts: tuple[int, int], share: float, level: float, method: Method
) -> None:
    """An effective number of items need not be whole; the interval holds the share and lies between 0 and 1."""
    n = counts[1] + 0.37
    low, high = share_interval(share * n, n, level=level, method=method)
    assert 0 <= low <= share + 1e-9
    assert share - 1e-9 <= high <= 1
    if method == "wilson":
        assert (low, high) == pytest.approx(wilson(share * n, n, level=level), abs=1e-12)


@given(counts, levels)
def test_intervals_are_scipys(counts: tuple[int, int], level: float) -> None:
    """scipy's binomtest gives both intervals from code of its own."""
    k, n = counts
    for method in METHODS:
        told = binomtest(k, n).proportion_ci(level, method="exact" if method == "beta" else method)
        assert share_interval(k, n, level=level, method=method) == pytest.approx((told.low, told.high), abs=1e-9)


@pytest.mark.parametrize(
    ("k", "n", "method", "expected"),
    [
        (81, 263, "wilson", (0.2553, 0.3662)),
        (15, 148, "wilson", (0.0624, 0.1605)),
        (0, 20, "wilson", (0.0000, 0.1611)),
        (1, 29, "wilson", (0.0061, 0.1718)),
        (81, 263, "beta", (0.2527, 0.3676)),
        (15, 148, "beta", (0.0578, 0.1617)),
        (0, 20, "beta", (0.0000, 0.1684)),
        (1, 29, "beta", (0.0009, 0.1776)),
    ],
)
def test_intervals_that_newcombe_published(k: int, n: int, method: Method, expected: tuple[float, float]) -> None:
    """Newcombe 1998, Statistics in Medicine 17, table I: methods 3 and 5."""
    assert share_interval(k, n, level=0.95, method=method) == pytest.approx(expected, abs=5e-5)


@given(st.integers(0, 200), st.integers(0, 200))
def test_the_sign_test_is_that_of_a_fair_coin(up: int, down: int) -> None:
    """Two-sided it is our closed form and scipy's; against one side scipy's; 1 where nobody moves."""
    two, one = sign_test(up, down), sign_test(up, down, upward=True)
    assert two == pytest.approx(float(exact_sign(np.array(up), np.array(down))), rel=1e-12)
    if up + down:
        assert two == pytest.approx(binomtest(up, up + down).pvalue, rel=1e-9)
        assert one == pytest.approx(binomtest(up, up + down, alternative="greater").pvalue, rel=1e-9)
    else:
        assert (two, one) == (1.0, 1.0)


def test_a_test_against_one_side_sees_that_side_alone() -> None:
    """Moves down are no evidence of moves up."""
    assert [round(sign_test(*moves, upward=True), 3) for moves in ((12, 0), (0, 12))] == [0.0, 1.0]


def test_the_exact_test_that_fagerland_published() -> None:
    """Airway hyper-responsiveness, 7 and 1: Fagerland, Lydersen and Laake 2013, table 1."""
    assert sign_test(7, 1) == pytest.approx(0.0703, abs=5e-5)


@given(st.lists(st.floats(0, 1), max_size=30))
def test_adjusted_p_values_are_our_closed_form(p_values: list[float]) -> None:
    """Benjamini and Hochberg's adjustment, as we compute it in an audit and as scipy does; none of none."""
    p = np.array(p_values)
    found = fdr_adjusted(p)
    np.testing.assert_allclose(found, adjusted_for_discoveries(p), atol=1e-12)
    if p_values:
        np.testing.assert_allclose(found, false_discovery_control(p), atol=1e-12)


def test_the_example_that_benjamini_and_hochberg_published() -> None:
    """Their 15 p-values of 1995: at 0.05 four hypotheses are rejected."""
    small = [0.0001, 0.0004, 0.0019, 0.0095, 0.0201, 0.0278, 0.0298, 0.0344]
    large = [0.0459, 0.3240, 0.4262, 0.5719, 0.6528, 0.7590, 1.0]
    assert int((fdr_adjusted(np.array(small + large)) <= 0.05).sum()) == 4
