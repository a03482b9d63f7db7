"""Laws of the rates of a judge against a reference; tables have a column for no answer."""

from __future__ import annotations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from judgeaudit.stats.agreement.two_raters import Array
from judgeaudit.stats.rates import confusion as rates

POSITIVE = np.array([False, True])


def table(k: int, *, most: int = 20) -> st.SearchStrategy[Array]:
    """Counts (K + 1, K + 1): the last row, a reference without a label, is empty."""
    return arrays(np.int64, (k, k + 1), elements=st.integers(0, most)).map(lambda t: np.pad(t, ((0, 1), (0, 0))))


def same(a: Array, b: Array) -> None:
    np.testing.assert_allclose(a, b, rtol=1e-12, atol=1e-12, equal_nan=True)


@given(table(2))
def test_shares_are_the_textbook_ones(t: Array) -> None:
    """Every share counts the cells that its name says; no answer is a miss, clears nothing and is no false alarm."""
    (tn, fp, silent_n), (fn, tp, silent_p) = t[0], t[1]
    negatives, positives, asked = tn + fp + silent_n, tp + fn + silent_p, t.sum()
    shares = {
        "sensitivity": (tp, positives),
        "specificity": (tn, negatives),
        "false_positive_rate": (fp, negatives),
        "false_negative_rate": (fn + silent_p, positives),
        "precision": (tp, tp + fp),
        "negative_predictive_value": (tn, tn + fn),
        "prevalence_reference": (positives, asked),
        "prevalence_judge": (tp + fp, asked),
    }
    for name, expected in shares.items():
        share = getattr(rates, name)(t, positive=POSITIVE)
        assert (float(share.k), float(share.n)) == expected, name
    assert (float(rates.accuracy(t).k), float(rates.accuracy(t).n)) == (tn + tp, asked)
    assert (float(rates.coverage(t).k), float(rates.coverage(t).n)) == (asked - silent_n - silent_p, asked)


@given(table(2))
def test_undefined_is_nan(t: Array) -> None:
    """A share of nothing is nan, never 0 or 1."""
    for name in ("sensitivity", "specificity", "precision", "negative_predictive_value"):
        share = getattr(rates, name)(t, positive=POSITIVE)
        assert bool(np.isnan(share.value)) == (float(share.n) == 0), name
    lonely = np.count_nonzero(t.sum(1)) < 2
    assert bool(np.isnan(rates.balanced_accuracy(t))) == lonely
    assert bool(np.isnan(rates.youden_j(t, positive=POSITIVE))) == lonely


@given(table(4), st.permutations(range(4)))
def test_relabelling(t: Array, order: list[int]) -> None:
    """Multiclass rates ignore which label is called what."""
    moved = t[np.ix_([*order, 4], [*order, 4])]
    for f in (rates.balanced_accuracy, rates.f1_macro, rates.matthews_corrcoef):
        same(f(t), f(moved))
    same(rates.accuracy(t).value, rates.accuracy(moved).value)


@given(table(2))
def test_the_two_classes_mirror_each_other(t: Array) -> None:
    """With the other class as the positive one, sensitivity is specificity and precision the negative value."""
    other = ~POSITIVE
    same(rates.sensitivity(t, positive=POSITIVE).value, rates.specificity(t, positive=other).value)
    same(rates.precision(t, positive=POSITIVE).value, rates.negative_predictive_value(t, positive=other).value)
    same(rates.youden_j(t, positive=POSITIVE), rates.youden_j(t, positive=other))


@given(arrays(np.int64, (2, 3, 4, 4), elements=st.integers(0, 9)))
def test_batch_is_loop(batch: Array) -> None:
    """Leading axes are batches."""
    positive = np.array([False, True, True])
    functions = [
        rates.balanced_accuracy,
        rates.f1_macro,
        rates.matthews_corrcoef,
        lambda t: rates.f1(t, positive=positive),
        lambda t: rates.youden_j(t, positive=positive),
        lambda t: rates.sensitivity(t, positive=positive).value,
        lambda t: rates.precision(t, positive=positive).value,
        lambda t: rates.prevalence_bias(t, positive=positive, prevalence=0.1),
    ]
    for f in functions:
        same(f(batch), np.array([[f(t) for t in row] for row in batch]))


@given(table(3), table(3))
def test_strata_add_up(a: Array, b: Array) -> None:
    """Numerators and denominators of two strata add up to those of their union."""
    positive = np.array([False, False, True])
    for name in ("sensitivity", "specificity", "precision", "prevalence_judge"):
        f = getattr(rates, name)
        one, two, whole = (f(t, positive=positive) for t in (a, b, a + b))
        assert float(one.k + two.k) == float(whole.k), name
        assert float(one.n + two.n) == float(whole.n), name


@given(table(2))
def test_bias_at_the_items_own_prevalence(t: Array) -> None:
    """The bias at the prevalence that the items have is the difference of the two rates, if all is answered."""
    answered = t.copy()
    answered[:, -1] = 0
    own = rates.prevalence_reference(answered, positive=POSITIVE).value
    if 0 < own < 1:
        plain = rates.prevalence_bias(answered, positive=POSITIVE, prevalence=None)
        same(plain, rates.prevalence_bias(answered, positive=POSITIVE, prevalence=float(own)))


@given(table(2))
def test_matthews_is_the_correlation_of_the_two_codes(t: Array) -> None:
    """MCC of two labels is Pearson's correlation of 0 and 1."""
    inner = t[:2, :2]
    rows, columns = np.nonzero(inner)
    n = inner[rows, columns]
    x, y = np.repeat(rows, n), np.repeat(columns, n)
    if x.size and np.ptp(x) and np.ptp(y):
        np.testing.assert_allclose(rates.matthews_corrcoef(t), np.corrcoef(x, y)[0, 1], atol=1e-9)
    else:
        assert np.isnan(rates.matthews_corrcoef(t))
