"""Laws of the coefficients that are made from a table of two raters."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import numpy.typing as npt
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from judgeaudit.stats.agreement import two_raters as agreement
from judgeaudit.stats.agreement.two_raters import Array
from judgeaudit.stats.rates import confusion

Coefficient = Callable[[Array], Array]


def counts(k: int, *, least: int = 0) -> st.SearchStrategy[npt.NDArray[np.int64]]:
    return arrays(np.int64, (k, k), elements=st.integers(least, 25))


tables = st.integers(2, 5).flatmap(counts)


def observed(t: Array) -> Array:
    """Share of items with the same label; the shipped function wants a place for no answer."""
    return confusion.accuracy(np.pad(t, [(0, 0)] * (np.ndim(t) - 2) + [(0, 1)] * 2)).value


def nominal(k: int) -> dict[str, Coefficient]:
    """Every coefficient that knows no order of the labels."""
    eye = np.eye(k)
    delta = agreement.distances(np.arange(float(k)), metric="nominal", no_answer=False)
    return {
        "percent_agreement": observed,
        "cohen_kappa": lambda t: agreement.cohen_kappa(t, weights=eye),
        "scott_pi": lambda t: agreement.scott_pi(t, weights=eye),
        "gwet_ac1": lambda t: agreement.gwet_ac(t, weights=eye, n_labels=k),
        "brennan_prediger": lambda t: agreement.brennan_prediger(t, weights=eye, n_labels=k),
        "krippendorff_alpha": lambda t: agreement.krippendorff_alpha(t, delta=delta, no_answer=False),
    }


def ordered(k: int) -> dict[str, Coefficient]:
    """Every coefficient that knows the order of the labels or their numbers."""
    x = np.arange(float(k))
    linear = agreement.agreement_weights(x, kind="linear", no_answer=False)
    quadratic = agreement.agreement_weights(x, kind="quadratic", no_answer=False)
    interval = agreement.distances(x, metric="interval", no_answer=False)
    return {
        "linear": lambda t: agreement.cohen_kappa(t, weights=linear),
        "quadratic": lambda t: agreement.cohen_kappa(t, weights=quadratic),
        "gwet_ac2": lambda t: agreement.gwet_ac(t, weights=quadratic, n_labels=k),
        "alpha_interval": lambda t: agreement.krippendorff_alpha(t, delta=interval, no_answer=False),
        "alpha_ordinal": lambda t: agreement.krippendorff_alpha(t, delta=None, no_answer=False),
    }


def every(k: int) -> dict[str, Coefficient]:
    return {**nominal(k), **ordered(k)}


def same(a: Array, b: Array, *, name: str = "") -> None:
    np.testing.assert_allclose(a, b, rtol=1e-9, atol=1e-9, equal_nan=True, err_msg=name)


@given(tables, st.randoms(use_true_random=False))
def test_relabelling(t: Array, random: object) -> None:
    """Nominal coefficients ignore which label is called what."""
    order = np.arange(len(t))
    random.shuffle(order)  # type: ignore[attr-defined]
    for name, f in nominal(len(t)).items():
        same(f(t), f(t[np.ix_(order, order)]), name=name)


@given(tables)
def test_rater_order(t: Array) -> None:
    """It does not matter which rater stands in the rows."""
    for name, f in every(len(t)).items():
        same(f(t), f(t.T), name=name)


@given(tables)
def test_reversed_order(t: Array) -> None:
    """A scale read from its other end is the same scale."""
    for name, f in every(len(t)).items():
        same(f(t), f(t[::-1, ::-1]), name=name)


@given(st.integers(2, 4).flatmap(lambda k: arrays(np.int64, (2, 3, k, k), elements=st.integers(0, 12))))
def test_batch_is_loop(batch: Array) -> None:
    """Leading axes are batches: the whole is what the parts are."""
    for name, f in every(batch.shape[-1]).items():
        same(f(batch), np.array([[f(t) for t in row] for row in batch]), name=name)


@given(tables, st.integers(2, 5))
def test_repeated_items(t: Array, times: int) -> None:
    """Items counted twice are the same shares: all but alpha, which corrects for how few there are, stay."""
    for name, f in every(len(t)).items():
        if "alpha" not in name:
            same(f(t), f(times * t), name=name)


@given(tables)
def test_coefficients_are_at_most_one(t: Array) -> None:
    """No coefficient passes 1, and 1 means that every item agrees."""
    for name, f in every(len(t)).items():
        value = float(f(t))
        assert not value > 1 + 1e-12, name
        if value > 1 - 1e-12:
            assert np.trace(t) == t.sum(), name


@given(tables)
def test_undefined_is_nan(t: Array) -> None:
    """Kappa, pi and alpha are nan exactly when both raters use one and the same label, or there is nothing."""
    used = np.count_nonzero(t.sum(0) + t.sum(1))
    for name in ("cohen_kappa", "scott_pi", "krippendorff_alpha"):
        assert bool(np.isnan(nominal(len(t))[name](t))) == (used < 2), name
    for name in ("gwet_ac1", "brennan_prediger", "percent_agreement"):
        assert bool(np.isnan(nominal(len(t))[name](t))) == (used < 1), name


@given(counts(2))
def test_two_labels_have_no_middle(t: Array) -> None:
    """With two labels weighted kappas are kappa, and every metric of alpha is the nominal one."""
    plain, weighted = nominal(2), ordered(2)
    same(plain["cohen_kappa"](t), weighted["linear"](t))
    same(plain["cohen_kappa"](t), weighted["quadratic"](t))
    same(plain["gwet_ac1"](t), weighted["gwet_ac2"](t))
    same(plain["krippendorff_alpha"](t), weighted["alpha_interval"](t))
    same(plain["krippendorff_alpha"](t), weighted["alpha_ordinal"](t))


@given(tables)
def test_alpha_of_two_raters_is_corrected_pi(t: Array) -> None:
    """Without holes alpha = 1 − (1 − π)(1 − 1 / 2n)."""
    f = nominal(len(t))
    n = np.maximum(t.sum(), 1)
    same(f["krippendorff_alpha"](t), 1 - (1 - f["scott_pi"](t)) * (1 - 1 / (2 * n)))


@given(counts(2))
def test_pabak(t: Array) -> None:
    """Brennan and Prediger's coefficient of two labels is 2 p − 1 (Byrt, Bishop and Carlin 1993)."""
    f = nominal(2)
    same(f["brennan_prediger"](t), 2 * f["percent_agreement"](t) - 1)


@given(tables, st.floats(-50, 50), st.floats(0.01, 100), st.booleans())
def test_affine_maps(t: Array, shift: float, scale: float, mirrored: bool) -> None:
    """Interval alpha and weighted kappa do not know the unit of the scale, its zero, or its direction."""
    x = np.arange(len(t)) ** 2.0
    y = shift + (-scale if mirrored else scale) * x
    results = []
    for values in (x, y):
        d = agreement.distances(values, metric="interval", no_answer=False)
        w = [agreement.agreement_weights(values, kind=kind, no_answer=False) for kind in ("linear", "quadratic")]
        results.append(
            [
                agreement.krippendorff_alpha(t, delta=d, no_answer=False),
                *(agreement.cohen_kappa(t, weights=one) for one in w),
                agreement.gwet_ac(t, weights=w[1], n_labels=len(t)),
            ]
        )
    np.testing.assert_allclose(*results, rtol=1e-6, atol=1e-6)


@given(counts(3, least=1), st.sampled_from([1e-9, 1e-6, 1e6, 1e9]))
def test_tiny_and_huge_units(t: Array, unit: float) -> None:
    """A scale in nanometres has the alpha of the same scale in kilometres."""
    x = np.array([0.0, 1.0, 3.0])
    one, other = (agreement.distances(v, metric="interval", no_answer=False) for v in (x, unit * x))
    a = agreement.krippendorff_alpha(t, delta=one, no_answer=False)
    same(a, agreement.krippendorff_alpha(t, delta=other, no_answer=False))


@given(tables, st.data())
def test_empty_label_between(t: Array, data: st.DataObject) -> None:
    """A label that nobody used changes neither kappa, pi nor any alpha but the interval one."""
    where = data.draw(st.integers(0, len(t)))
    wider = np.insert(np.insert(t, where, 0, axis=0), where, 0, axis=1)
    for name in ("cohen_kappa", "scott_pi", "krippendorff_alpha", "percent_agreement"):
        same(nominal(len(t))[name](t), nominal(len(wider))[name](wider), name=name)
    same(ordered(len(t))["alpha_ordinal"](t), ordered(len(wider))["alpha_ordinal"](wider))


@given(tables)
def test_ordinal_alpha_is_interval_alpha_of_midranks(t: Array) -> None:
    """Ordinal alpha is interval alpha of the midranks of all labels given."""
    given_ = (t.sum(0) + t.sum(1)).astype(float)
    midranks = np.cumsum(given_) - given_ / 2
    d = agreement.distances(midranks, metric="interval", no_answer=False)
    ordinal = agreement.krippendorff_alpha(t, delta=None, no_answer=False)
    same(ordinal, agreement.krippendorff_alpha(t, delta=d, no_answer=False))


@given(tables)
def test_no_answer_column_unused(t: Array) -> None:
    """Where every question was answered, a place for no answer changes nothing."""
    k = len(t)
    wide = np.pad(t, ((0, 1), (0, 1)))
    x = np.arange(float(k))
    for kind in ("identity", "linear", "quadratic"):
        inner = agreement.agreement_weights(x, kind=kind, no_answer=False)
        outer = agreement.agreement_weights(x, kind=kind, no_answer=True)
        same(agreement.cohen_kappa(t, weights=inner), agreement.cohen_kappa(wide, weights=outer))
        same(agreement.scott_pi(t, weights=inner), agreement.scott_pi(wide, weights=outer))
        a, b = (agreement.gwet_ac(m, weights=w, n_labels=k) for m, w in ((t, inner), (wide, outer)))
        same(a, b)
        a, b = (agreement.brennan_prediger(m, weights=w, n_labels=k) for m, w in ((t, inner), (wide, outer)))
        same(a, b)
    for metric in ("nominal", "interval", "ratio"):
        inner, outer = (agreement.distances(x, metric=metric, no_answer=flag) for flag in (False, True))
        a = agreement.krippendorff_alpha(t, delta=inner, no_answer=False)
        same(a, agreement.krippendorff_alpha(wide, delta=outer, no_answer=True))
    a = agreement.krippendorff_alpha(t, delta=None, no_answer=False)
    same(a, agreement.krippendorff_alpha(wide, delta=None, no_answer=True))


@given(counts(3, least=1), arrays(np.int64, 3, elements=st.integers(0, 9)), st.data())
def test_silence_never_helps(t: Array, silent: Array, data: st.DataObject) -> None:
    """A right answer that is withheld lowers observed agreement."""
    before = np.pad(t, ((0, 1), (0, 1)))
    before[:3, 3] = silent
    label = data.draw(st.integers(0, 2))
    after = before.copy()
    after[label, label] -= 1
    after[label, 3] += 1
    assert confusion.accuracy(after).value < confusion.accuracy(before).value
