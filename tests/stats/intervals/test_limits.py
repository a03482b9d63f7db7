"""Laws of intervals for shares and of the scales on which other intervals are made."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats
from statsmodels.stats.proportion import proportion_confint

from judgeaudit.stats.intervals import limits as intervals
from judgeaudit.stats.intervals.limits import Link

counted = st.integers(1, 400).flatmap(lambda n: st.tuples(st.integers(0, n), st.just(n)))
levels = st.sampled_from([0.8, 0.9, 0.95, 0.99])
LINKS: tuple[Link, ...] = ("fisher", "logit", "identity", "log", "log-gap")


@given(counted, levels)
def test_wilson_is_statsmodels(counts: tuple[int, int], level: float) -> None:
    """Wilson's interval is that of statsmodels, within [0, 1], around the share."""
    k, n = counts
    low, high = intervals.wilson(k, n, level=level)
    expected = np.clip(proportion_confint(k, n, alpha=1 - level, method="wilson"), 0, 1)
    np.testing.assert_allclose([low, high], expected, atol=1e-12)
    assert low <= k / n + 1e-12
    assert high >= k / n - 1e-12


@given(counted, levels)
def test_clopper_pearson_is_statsmodels(counts: tuple[int, int], level: float) -> None:
    """Two one-sided exact bounds are the two-sided interval of statsmodels."""
    k, n = counts
    confidence = (1 + level) / 2
    low = intervals.clopper_pearson_lower(k, n, confidence=confidence)
    high = intervals.clopper_pearson_upper(k, n, confidence=confidence)
    np.testing.assert_allclose([low, high], proportion_confint(k, n, alpha=1 - level, method="beta"), atol=1e-12)


@given(counted, st.floats(0.01, 0.99))
def test_binomial_tails(counts: tuple[int, int], share: float) -> None:
    """P-values are the binomial tails, and the exact bound is where the p-value is one minus the confidence."""
    k, n = counts
    at_least = intervals.binomial_p_at_least(k, n, floor=share)
    np.testing.assert_allclose(at_least, stats.binom.sf(k - 1, n, share), atol=1e-10)
    at_most = intervals.binomial_p_at_most(k, n, ceiling=share)
    np.testing.assert_allclose(at_most, stats.binom.cdf(k, n, share), atol=1e-10)
    low = intervals.clopper_pearson_lower(k, n, confidence=0.95)
    if k > 0:
        np.testing.assert_allclose(intervals.binomial_p_at_least(k, n, floor=low), 0.05, atol=1e-9)


def test_nothing_has_no_interval() -> None:
    """Without items there is no bound."""
    assert np.isnan(intervals.wilson(0, 0, level=0.95)).all()
    assert np.isnan(intervals.clopper_pearson_lower(0, 0, confidence=0.95))
    assert np.isnan(intervals.clopper_pearson_upper(0, 0, confidence=0.95))


@pytest.mark.parametrize("link", LINKS)
@given(center=st.floats(0.05, 0.95), se=st.floats(1e-3, 0.3), df=st.sampled_from([3.0, 30.0, np.inf]))
def test_bounds_and_tails_are_one_thing(link: Link, center: float, se: float, df: float) -> None:
    """The p-value of "not above the lower bound at confidence c" is 1 − c, on every scale."""
    for confidence in (0.6, 0.95, 0.99):
        low = intervals.bound(center=center, se=se, df=df, link=link, confidence=1 - confidence)
        high = intervals.bound(center=center, se=se, df=df, link=link, confidence=confidence)
        assert low < center < high
        if abs(low) < 0.999 and low > 1e-3:
            p = intervals.tail(center=center, se=se, df=df, link=link, threshold=low)
            np.testing.assert_allclose(p, 1 - confidence, rtol=1e-6)


@pytest.mark.parametrize("link", LINKS)
@given(value=st.floats(0.01, 0.99))
def test_scales_come_back(link: Link, value: float) -> None:
    """The way onto a scale and back is no way; its slope is its derivative."""
    z, slope = intervals.to_scale(np.asarray(value), link=link)
    np.testing.assert_allclose(intervals.from_scale(z, link=link), value, rtol=1e-9)
    step = 1e-6 * value * (1 - value)
    up, down = (float(intervals.to_scale(np.asarray(value + d), link=link)[0]) for d in (step, -step))
    np.testing.assert_allclose(float(slope), (up - down) / (2 * step), rtol=1e-4)


@pytest.mark.parametrize(("link", "edges"), [("fisher", (-1.0, 1.0)), ("logit", (0.0, 1.0))])
def test_bounds_stay_inside(link: Link, edges: tuple[float, float]) -> None:
    """No bound leaves the range of its statistic, at the edges neither."""
    for center in edges:
        for confidence in (0.025, 0.975):
            value = intervals.bound(center=center, se=0.2, df=9, link=link, confidence=confidence)
            assert edges[0] <= value <= edges[1]
