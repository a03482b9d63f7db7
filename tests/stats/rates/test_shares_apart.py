"""Differences of two shares that are known with beta laws and a correlation."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from judgeaudit.stats.rates.shares_apart import Sure, apart, limits, p_apart


def share(k: int, n: int, se: float = 0.0, df: float = 1.0) -> Sure:
    """k of n with Jeffreys' prior."""
    return Sure(*(np.array([x]) for x in (k / n, k + 0.5, n - k + 0.5, se, df)))


counts = st.integers(1, 80).flatmap(lambda n: st.tuples(st.integers(0, n), st.just(n)))
rhos = st.floats(-0.9, 0.9)


def test_limits_are_jeffreys_interval() -> None:
    """Of 10 in 50 as statsmodels gives it, and never past the value at the ends."""
    from statsmodels.stats.proportion import proportion_confint

    low, high = limits(share(10, 50), level=0.95)
    assert (low[0], high[0]) == pytest.approx(proportion_confint(10, 50, method="jeffreys"))
    low, high = limits(share(0, 50), level=0.95)
    assert low[0] == 0.0
    assert high[0] > 0.0


@given(counts, counts, rhos)
def test_swapped_sides_change_the_sign(a: tuple[int, int], b: tuple[int, int], rho: float) -> None:
    """b − a has the limits of a − b with their signs and places changed, and the same p-value."""
    one, other, r = share(*a), share(*b), np.array([rho])
    low, high = apart(one, other, r, level=0.95)
    back = apart(other, one, r, level=0.95)
    assert low[0] == pytest.approx(-back.high[0])
    assert high[0] == pytest.approx(-back.low[0])
    assert p_apart(one, other, r)[0] == pytest.approx(p_apart(other, one, r)[0], abs=1e-6)


@given(counts, counts, rhos, st.sampled_from([0.8, 0.95, 0.99]))
def test_p_and_limits_agree(a: tuple[int, int], b: tuple[int, int], rho: float, level: float) -> None:
    """The interval leaves out 0 exactly where the p-value is below one less its level."""
    one, other, r = share(*a), share(*b), np.array([rho])
    low, high = apart(one, other, r, level=level)
    p = float(p_apart(one, other, r)[0])
    if abs(p - (1 - level)) > 1e-6:
        assert bool(low[0] > 0 or high[0] < 0) == (p < 1 - level)


@given(counts, counts, rhos)
def test_a_wider_standard_error_never_narrows(a: tuple[int, int], b: tuple[int, int], rho: float) -> None:
    """Each side's limits hold those without a standard error."""
    plain, wide = limits(share(*a), level=0.95), limits(share(*a, se=0.1, df=9.0), level=0.95)
    assert wide.low[0] <= plain.low[0]
    assert wide.high[0] >= plain.high[0]


@pytest.mark.parametrize(("p1", "p2", "n"), [(0.1, 0.1, 100), (0.05, 0.3, 80), (0.4, 0.4, 60)])
def test_the_interval_holds_the_difference(p1: float, p2: float, n: int) -> None:
    """In 4,000 pairs of independent samples the 95% interval holds the true difference in 94% to 98.5%."""
    rng = np.random.default_rng(7)
    k1, k2 = rng.binomial(n, p1, 4000), rng.binomial(n, p2, 4000)
    zero = np.zeros(4000)
    one = Sure((k1 / n).astype(float), (k1 + 0.5).astype(float), (n - k1 + 0.5).astype(float), zero, zero + 1)
    other = Sure((k2 / n).astype(float), (k2 + 0.5).astype(float), (n - k2 + 0.5).astype(float), zero, zero + 1)
    low, high = apart(one, other, zero, level=0.95)
    held = float(((low <= p1 - p2) & (p1 - p2 <= high)).mean())
    assert 0.94 <= held <= 0.985
