"""Laws of posterior draws, jackknife and bootstrap."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from scipy import stats
from statsmodels.stats.multitest import multipletests

from judgeaudit.stats.agreement import two_raters as agreement
from judgeaudit.stats.agreement.two_raters import Array
from judgeaudit.stats.intervals import resample


def mean(t: Array) -> Array:
    """The mean from totals [Σ x, n]."""
    return np.asarray((t[..., 0] / t[..., 1])[..., None])


def units_of(x: Array) -> Array:
    return np.column_stack([x, np.ones_like(x)])


@given(arrays(np.float64, st.integers(3, 40), elements=st.integers(-9, 9)))
def test_jackknife_of_a_mean(x: Array) -> None:
    """The jackknife's standard error of a mean is s / √n."""
    spread = resample.jackknife(units_of(x), counts=np.ones(x.size), f=mean)
    np.testing.assert_allclose(spread.estimate[0], x.mean(), atol=1e-12)
    np.testing.assert_allclose(spread.se[0], x.std(ddof=1) / np.sqrt(x.size), atol=1e-12)


@given(arrays(np.float64, st.integers(3, 40), elements=st.integers(-9, 9)))
def test_delta_method_of_a_mean(x: Array) -> None:
    """The infinitesimal jackknife's standard error of a mean is √Σ(x − x̄)² / n."""
    spread = resample.linear_spread(units_of(x), counts=np.ones(x.size), f=mean)
    np.testing.assert_allclose(spread.se[0], x.std(ddof=0) / np.sqrt(x.size), rtol=1e-6, atol=1e-7)


@given(arrays(np.int64, 4, elements=st.integers(1, 9)))
def test_jackknife_counts_are_repetitions(n: Array) -> None:
    """Equal units with a count are the units written out."""
    cells = np.eye(4)

    def kappa(t: Array) -> Array:
        return agreement.cohen_kappa(t.reshape(*t.shape[:-1], 2, 2), weights=np.eye(2))[..., None]

    short = resample.jackknife(cells, counts=n.astype(float), f=kappa)
    long = resample.jackknife(np.repeat(cells, n, axis=0), counts=np.ones(n.sum()), f=kappa)
    for a, b in zip(short, long, strict=True):
        np.testing.assert_allclose(a, b, rtol=1e-9, atol=1e-12, equal_nan=True)


def test_jackknife_is_near_the_delta_method() -> None:
    """On many items the jackknife is the delta method: kappa's standard error is Fleiss, Cohen and Everitt's."""
    from statsmodels.stats.inter_rater import cohens_kappa

    t = np.array([[420.0, 60.0], [45.0, 175.0]])

    def kappa(flat: Array) -> Array:
        return agreement.cohen_kappa(flat.reshape(*flat.shape[:-1], 2, 2), weights=np.eye(2))[..., None]

    published = float(cohens_kappa(t).std_kappa)
    delta = resample.linear_spread(np.eye(4), counts=t.ravel(), f=kappa)
    np.testing.assert_allclose(delta.se[0], published, rtol=1e-5)
    np.testing.assert_allclose(resample.jackknife(np.eye(4), counts=t.ravel(), f=kappa).se[0], published, rtol=5e-3)


def test_pattern_bootstrap_is_the_item_bootstrap() -> None:
    """Multinomial counts of patterns have the mean and spread of resampled items."""
    rng = np.random.default_rng(11)
    units = rng.normal(size=(6, 3))
    counts = np.array([10.0, 1.0, 25.0, 4.0, 0.0, 60.0])
    items = np.repeat(units, counts.astype(int), axis=0)
    drawn = resample.multinomial_totals(units, counts=counts, replicates=20_000, rng=rng)
    plain = np.stack([items[rng.integers(0, 100, 100)].sum(0) for _ in range(5_000)])
    error = plain.std(0) / np.sqrt(5_000)
    assert (np.abs(drawn.mean(0) - plain.mean(0)) < 5 * error).all()
    assert (np.abs(drawn.mean(0) - items.sum(0)) < 5 * error).all()
    np.testing.assert_allclose(drawn.std(0), plain.std(0), rtol=0.05)


def test_posterior_is_a_dirichlet() -> None:
    """Normalised draws have the Dirichlet posterior's mean and variance; prior mass is 2, whatever the table's size."""
    table = np.array([[30.0, 2.0, 0.0], [4.0, 14.0, 0.0], [0.0, 0.0, 0.0]])
    support = np.zeros((3, 3), bool)
    support[:2, :2] = True
    draws = resample.dirichlet_tables(table, support=support, draws=40_000, rng=np.random.default_rng(2))
    assert not draws[:, ~support].any()
    shares = (draws / draws.sum((1, 2), keepdims=True))[:, support]
    posterior = stats.dirichlet(table[support] + 0.5)
    np.testing.assert_allclose(shares.mean(0), posterior.mean(), atol=2e-3)
    np.testing.assert_allclose(shares.var(0), posterior.var(), rtol=0.05)


def test_undefined_draws_are_not_hidden() -> None:
    """Limits leave undefined draws out up to one in a hundred; beyond that there are none."""
    draws = np.linspace(0, 1, 1000)[:, None].repeat(3, 1)
    draws[:5, 1] = np.nan
    draws[:50, 2] = np.nan
    low, high = resample.quantiles(draws, level=0.9)
    np.testing.assert_allclose([low[0], high[0]], [0.05, 0.95], atol=1e-3)
    assert np.isfinite([low[1], high[1]]).all()
    assert np.isnan([low[2], high[2]]).all()


def test_resamples_that_do_not_vary_have_no_limits() -> None:
    """A bootstrap of a perfect judge is [1, 1], which is no interval: it is undefined."""
    flat = np.ones((500, 1))
    assert np.isnan(resample.percentile_limits(flat, level=0.95)).all()
    none = resample.bca_limits(flat, estimate=np.ones(1), acceleration=np.zeros(1), level=0.95)
    assert np.isnan(none).all()


def test_bca_is_scipy() -> None:
    """BCa limits of a mean are those of scipy, up to the resamples."""
    x = np.random.default_rng(8).exponential(size=60)
    spread = resample.jackknife(units_of(x), counts=np.ones(60), f=mean)
    rng = np.random.default_rng(9)
    draws = mean(resample.multinomial_totals(units_of(x), counts=np.ones(60), replicates=20_000, rng=rng))
    ours = resample.bca_limits(draws, estimate=spread.estimate, acceleration=spread.acceleration, level=0.95)
    theirs = stats.bootstrap(
        (x,), np.mean, n_resamples=20_000, method="BCa", rng=np.random.default_rng(10), vectorized=True
    ).confidence_interval
    np.testing.assert_allclose(np.ravel(ours), theirs, atol=0.02)


@given(arrays(np.float64, st.integers(1, 12), elements=st.floats(0, 1)))
def test_holm_is_statsmodels(p: Array) -> None:
    """Holm's adjusted p-values are those of statsmodels, in the order given."""
    np.testing.assert_allclose(resample.holm(p), multipletests(p, method="holm")[1], atol=1e-12)


@pytest.mark.parametrize("seed", [1, 2])
def test_draws_follow_from_the_generator(seed: int) -> None:
    """The same generator gives the same draws."""
    t = np.array([[5.0, 1.0], [0.0, 6.0]])
    one, two = (
        resample.dirichlet_tables(t, support=np.ones((2, 2), bool), draws=50, rng=np.random.default_rng(seed))
        for _ in range(2)
    )
    assert np.array_equal(one, two)
