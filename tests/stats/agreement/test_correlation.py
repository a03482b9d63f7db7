"""Laws of correlations, errors and intraclass coefficients."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from scipy import stats

from judgeaudit.stats.agreement import correlation as ranks
from judgeaudit.stats.agreement import two_raters as agreement
from judgeaudit.stats.agreement.two_raters import Array

tables = st.integers(2, 5).flatmap(lambda k: arrays(np.int64, (k, k), elements=st.integers(0, 12)))


def pairs_of(t: Array) -> tuple[Array, Array]:
    """The items that a table counts, as two columns of label positions."""
    rows, columns = np.nonzero(t)
    n = t[rows, columns]
    return np.repeat(rows, n).astype(float), np.repeat(columns, n).astype(float)


def moments_of(x: Array, y: Array) -> ranks.Moments:
    sums = (np.float64(x.size), x.sum(), y.sum(), (x * x).sum(), (y * y).sum(), (x * y).sum())
    return ranks.Moments(*(np.asarray(s) for s in sums))


def same(a: Array, b: Array) -> None:
    np.testing.assert_allclose(a, b, rtol=1e-9, atol=1e-9, equal_nan=True)


@given(tables)
def test_scipy_says_the_same(t: Array) -> None:
    """Correlations from counts are those of scipy on the items."""
    x, y = pairs_of(t)
    assume(x.size > 2 and np.ptp(x) > 0 and np.ptp(y) > 0)
    same(ranks.spearman_rho(t), np.asarray(stats.spearmanr(x, y).statistic))
    same(ranks.kendall_tau_b(t), np.asarray(stats.kendalltau(x, y).statistic))
    same(ranks.pearson_r(moments_of(x, y)), np.asarray(stats.pearsonr(x, y).statistic))


@given(tables)
def test_constant_rater_has_no_correlation(t: Array) -> None:
    """nan exactly where a rater uses one label only, or nothing is there."""
    flat = min(np.count_nonzero(t.sum(0)), np.count_nonzero(t.sum(1))) < 2
    x = np.arange(float(len(t)))
    for value in (ranks.spearman_rho(t), ranks.kendall_tau_b(t), ranks.pearson_r(ranks.moments(t, x))):
        assert bool(np.isnan(value)) == flat


@given(tables, st.data())
def test_monotone_maps(t: Array, data: st.DataObject) -> None:
    """Rank correlations see the order of labels, not their distances: unused labels between change nothing."""
    where = data.draw(st.integers(0, len(t)))
    wider = np.insert(np.insert(t, where, 0, axis=0), where, 0, axis=1)
    same(ranks.spearman_rho(t), ranks.spearman_rho(wider))
    same(ranks.kendall_tau_b(t), ranks.kendall_tau_b(wider))


@given(tables)
def test_reversed_rater_reverses_the_sign(t: Array) -> None:
    """A rater who reads the scale upside down has the opposite correlation."""
    x = np.arange(float(len(t)))
    same(ranks.spearman_rho(t[::-1]), -ranks.spearman_rho(t))
    same(ranks.kendall_tau_b(t[::-1]), -ranks.kendall_tau_b(t))
    same(ranks.pearson_r(ranks.moments(t[::-1], x)), -ranks.pearson_r(ranks.moments(t, x)))


@given(tables, st.floats(-20, 20), st.floats(0.1, 30))
def test_affine_maps(t: Array, shift: float, scale: float) -> None:
    """Pearson, ICC, interval alpha and quadratic kappa do not know unit or zero; the mean error has the unit."""
    x = np.arange(float(len(t)))
    a, b = ranks.moments(t, x), ranks.moments(t, shift + scale * x)
    for f in (ranks.pearson_r, ranks.alpha_interval_of_pair, ranks.cohen_kappa_quadratic_of_pair):
        np.testing.assert_allclose(f(a), f(b), rtol=1e-6, atol=1e-6, equal_nan=True)
    for one, other in zip(*(ranks.intraclass(ranks.anova_of_pair(m)) for m in (a, b)), strict=True):
        np.testing.assert_allclose(one, other, rtol=1e-6, atol=1e-6, equal_nan=True)
    scaled = ranks.mean_absolute_error(t, shift + scale * x)
    np.testing.assert_allclose(scale * ranks.mean_absolute_error(t, x), scaled, rtol=1e-6, equal_nan=True)


@given(tables)
def test_numbers_and_tables_agree(t: Array) -> None:
    """Sums over items give what the table of labels gives."""
    x, y = pairs_of(t)
    values = np.arange(float(len(t))) ** 1.5
    by_table, by_items = ranks.moments(t, values), moments_of(x**1.5, y**1.5)
    for one, other in zip(by_table, by_items, strict=True):
        same(one, other)
    square = agreement.agreement_weights(values, kind="quadratic", no_answer=False)
    delta = agreement.distances(values, metric="interval", no_answer=False)
    same(ranks.cohen_kappa_quadratic_of_pair(by_items), agreement.cohen_kappa(t, weights=square))
    same(ranks.alpha_interval_of_pair(by_items), agreement.krippendorff_alpha(t, delta=delta, no_answer=False))
    if x.size:
        same(ranks.mean_absolute_error(t, values), np.abs(x**1.5 - y**1.5).mean())


@given(st.integers(2, 4).flatmap(lambda k: arrays(np.int64, (2, 3, k, k), elements=st.integers(0, 9))))
def test_batch_is_loop(batch: Array) -> None:
    """Leading axes are batches."""
    x = np.arange(float(batch.shape[-1]))
    functions = [
        ranks.spearman_rho,
        ranks.kendall_tau_b,
        lambda t: ranks.pearson_r(ranks.moments(t, x)),
        lambda t: ranks.mean_absolute_error(t, x),
        lambda t: np.stack(ranks.intraclass(ranks.anova_of_pair(ranks.moments(t, x))), -1),
    ]
    for f in functions:
        same(f(batch), np.array([[f(t) for t in row] for row in batch]))


@given(tables)
def test_rater_order(t: Array) -> None:
    """It does not matter which rater comes first."""
    x = np.arange(float(len(t)))
    same(ranks.spearman_rho(t), ranks.spearman_rho(t.T))
    same(ranks.kendall_tau_b(t), ranks.kendall_tau_b(t.T))
    same(ranks.mean_absolute_error(t, x), ranks.mean_absolute_error(t.T, x))
    pair = [np.stack(ranks.intraclass(ranks.anova_of_pair(ranks.moments(m, x)))) for m in (t, t.T)]
    same(*pair)


@given(arrays(np.float64, st.tuples(st.integers(2, 4), st.integers(3, 15)), elements=st.integers(0, 9)))
def test_intraclass_from_sums_is_analysis_of_variance(x: Array) -> None:
    """ICC from sums that are linear in items is ICC from mean squares (Shrout and Fleiss 1979)."""
    k, n = x.shape
    item, rater, grand = x.mean(0), x.mean(1), x.mean()
    ms_r = k * ((item - grand) ** 2).sum() / (n - 1)
    ms_c = n * ((rater - grand) ** 2).sum() / (k - 1)
    ms_e = ((x - item - rater[:, None] + grand) ** 2).sum() / ((n - 1) * (k - 1))
    assume(ms_r > 1e-6 or ms_e > 1e-6)
    block = ranks.Anova(np.asarray(float(n)), (x.sum(0) ** 2).sum(), (x**2).sum(), x.sum(1))
    found = ranks.intraclass(block)
    one = ms_r + (k - 1) * ms_e + k * (ms_c - ms_e) / n
    three = ms_r + (k - 1) * ms_e
    assume(abs(one) > 1e-6 and abs(three) > 1e-6)
    np.testing.assert_allclose(found.icc_2_1, (ms_r - ms_e) / one, rtol=1e-7, atol=1e-7)
    np.testing.assert_allclose(found.icc_3_1, (ms_r - ms_e) / three, rtol=1e-7, atol=1e-7)


@pytest.mark.parametrize("n", [0, 1])
def test_intraclass_needs_two_items(n: int) -> None:
    """One item has no variance between items."""
    block = ranks.Anova(np.asarray(float(n)), np.asarray(9.0), np.asarray(5.0), np.array([1.0, 2.0]))
    assert np.isnan(ranks.intraclass(block)).all()
