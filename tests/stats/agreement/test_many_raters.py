"""Laws of the coefficients of any number of raters with holes."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import numpy.typing as npt
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from judgeaudit.stats.agreement import many_raters as multi
from judgeaudit.stats.agreement import two_raters as agreement
from judgeaudit.stats.agreement.two_raters import Array

K = 4
Codes = npt.NDArray[np.int32]
Coefficient = Callable[[Codes], float]

codes_with_holes = st.tuples(st.integers(2, 5), st.integers(1, 25)).flatmap(
    lambda shape: arrays(np.int32, shape, elements=st.integers(-1, K - 1))
)


def alpha(codes: Codes, *, delta: Array | None, weights: Array | None = None) -> float:
    counts = multi.label_counts(codes, n_labels=K)
    o = multi.coincidences(counts).reshape(len(counts), K * K)
    each = np.ones(len(counts)) if weights is None else weights
    return float(multi.krippendorff_alpha(each @ o, n_labels=K, delta=delta))


def totals(codes: Codes, weights: Array, *, each: Array | None = None) -> Array:
    per = multi.agreement_totals(multi.label_counts(codes, n_labels=K), weights=weights)
    return np.asarray((np.ones(len(per)) if each is None else each) @ per)


def coefficients(*, each: Array | None = None) -> dict[str, Coefficient]:
    """Every coefficient as a function of codes (R, N); `each` are item weights."""
    x = np.arange(float(K))
    eye = np.eye(K)
    square = agreement.agreement_weights(x, kind="quadratic", no_answer=False)
    nominal = agreement.distances(x, metric="nominal", no_answer=False)
    interval = agreement.distances(x, metric="interval", no_answer=False)
    return {
        "percent_agreement": lambda c: float(multi.percent_agreement(totals(c, eye, each=each))),
        "fleiss_kappa": lambda c: float(multi.fleiss_kappa(totals(c, eye, each=each), weights=eye)),
        "gwet_ac1": lambda c: float(multi.gwet_ac(totals(c, eye, each=each), weights=eye, n_labels=K)),
        "brennan_prediger": lambda c: float(multi.brennan_prediger(totals(c, eye, each=each), weights=eye, n_labels=K)),
        "alpha_nominal": lambda c: alpha(c, delta=nominal, weights=each),
        "gwet_ac2": lambda c: float(multi.gwet_ac(totals(c, square, each=each), weights=square, n_labels=K)),
        "alpha_interval": lambda c: alpha(c, delta=interval, weights=each),
        "alpha_ordinal": lambda c: alpha(c, delta=None, weights=each),
    }


NOMINAL = ("percent_agreement", "fleiss_kappa", "gwet_ac1", "brennan_prediger", "alpha_nominal")


def same(a: float | Array, b: float | Array, *, name: str = "") -> None:
    np.testing.assert_allclose(a, b, rtol=1e-9, atol=1e-9, equal_nan=True, err_msg=name)


@given(codes_with_holes, st.permutations(range(K)))
def test_relabelling(codes: Codes, order: list[int]) -> None:
    """Nominal coefficients ignore which label is called what."""
    renamed = np.append(np.array(order), -1)[codes].astype(np.int32)
    for name in NOMINAL:
        same(coefficients()[name](codes), coefficients()[name](renamed), name=name)


@given(codes_with_holes, st.data())
def test_order_of_raters_and_items(codes: Codes, data: st.DataObject) -> None:
    """Neither the order of raters nor that of items is information."""
    raters = data.draw(st.permutations(range(codes.shape[0])))
    items = data.draw(st.permutations(range(codes.shape[1])))
    for name, f in coefficients().items():
        same(f(codes), f(codes[raters][:, items]), name=name)


@given(codes_with_holes, st.data())
def test_who_said_what_does_not_matter(codes: Codes, data: st.DataObject) -> None:
    """Raters may change places item by item: these coefficients are made from counts."""
    shuffled = codes.copy()
    for i in range(codes.shape[1]):
        shuffled[:, i] = codes[data.draw(st.permutations(range(codes.shape[0]))), i]
    for name, f in coefficients().items():
        same(f(codes), f(shuffled), name=name)


@given(codes_with_holes)
def test_silent_rater_is_inert(codes: Codes) -> None:
    """A rater who gave no label, and an item that got none, change nothing."""
    more = np.full((codes.shape[0] + 1, codes.shape[1] + 1), -1, np.int32)
    more[:-1, :-1] = codes
    for name, f in coefficients().items():
        same(f(codes), f(more), name=name)


@given(codes_with_holes)
def test_single_labels_are_inert_for_alpha(codes: Codes) -> None:
    """An item with one label has no pair: alpha and observed agreement do not see it."""
    more = np.concatenate([codes, np.full((codes.shape[0], 1), -1, np.int32)], axis=1)
    more[0, -1] = 0
    for name in ("percent_agreement", "alpha_nominal", "alpha_interval", "alpha_ordinal"):
        same(coefficients()[name](codes), coefficients()[name](more), name=name)


@given(codes_with_holes)
def test_weights_are_repetitions(codes: Codes) -> None:
    """Items of weight 2 are items that stand there twice, alpha's small-sample correction included."""
    twice = np.concatenate([codes, codes], axis=1)
    for name, f in coefficients(each=np.full(codes.shape[1], 2.0)).items():
        same(f(codes), coefficients()[name](twice), name=name)


@given(codes_with_holes, st.integers(0, 25))
def test_strata_add_up(codes: Codes, cut: int) -> None:
    """The totals of two strata are together the totals of their union."""
    parts = [multi.coincidences(multi.label_counts(c, n_labels=K)) for c in (codes[:, :cut], codes[:, cut:])]
    whole = multi.coincidences(multi.label_counts(codes, n_labels=K))
    same(parts[0].sum(0) + parts[1].sum(0), whole.sum(0))
    eye = np.eye(K)
    same(totals(codes[:, :cut], eye) + totals(codes[:, cut:], eye), totals(codes, eye))


@given(codes_with_holes)
def test_patterns_stand_for_items(codes: Codes) -> None:
    """Items collapsed to patterns have the totals of the items, and every item finds its pattern again."""
    counts = multi.label_counts(codes, n_labels=K)
    patterns = multi.collapse(counts)
    same(patterns.counts[patterns.of_item], counts)
    assert patterns.items.sum() == len(counts)
    per = multi.coincidences(patterns.counts).reshape(len(patterns.counts), -1)
    same(patterns.items @ per, multi.coincidences(counts).reshape(len(counts), -1).sum(0))


@given(codes_with_holes)
def test_batch_is_loop(codes: Codes) -> None:
    """A matrix of item weights gives at once what its rows give one by one."""
    w = np.random.default_rng(3).integers(0, 3, (4, codes.shape[1])).astype(float)
    counts = multi.label_counts(codes, n_labels=K)
    o = multi.coincidences(counts).reshape(len(counts), K * K)
    at_once = multi.krippendorff_alpha(w @ o, n_labels=K, delta=None)
    same(at_once, np.array([alpha(codes, delta=None, weights=row) for row in w]))
    eye = np.eye(K)
    per = multi.agreement_totals(counts, weights=eye)
    for f in (
        lambda t: multi.fleiss_kappa(t, weights=eye),
        lambda t: multi.gwet_ac(t, weights=eye, n_labels=K),
        lambda t: multi.brennan_prediger(t, weights=eye, n_labels=K),
    ):
        same(f(w @ per), np.array([f(row @ per) for row in w]))


@given(arrays(np.int32, st.tuples(st.just(2), st.integers(1, 30)), elements=st.integers(0, K - 1)))
def test_two_raters_without_holes_are_a_table(codes: Codes) -> None:
    """Two complete raters: Fleiss is Scott's pi, the others are their two-rater forms."""
    t = np.zeros((K, K))
    np.add.at(t, (codes[0], codes[1]), 1)
    eye = np.eye(K)
    f = coefficients()
    same(f["fleiss_kappa"](codes), agreement.scott_pi(t, weights=eye))
    same(f["gwet_ac1"](codes), agreement.gwet_ac(t, weights=eye, n_labels=K))
    same(f["brennan_prediger"](codes), agreement.brennan_prediger(t, weights=eye, n_labels=K))
    same(f["alpha_ordinal"](codes), agreement.krippendorff_alpha(t, delta=None, no_answer=False))


@given(codes_with_holes)
def test_numbers_and_tables_agree(codes: Codes) -> None:
    """Interval alpha from sums of numbers is interval alpha from coincidences of labels."""
    values = np.where(codes >= 0, codes.astype(float), np.nan)
    by_values = multi.alpha_of_values(multi.value_totals(values).sum(0))
    same(by_values, coefficients()["alpha_interval"](codes))


@given(codes_with_holes, st.floats(-30, 30), st.floats(0.1, 50))
def test_alpha_of_numbers_is_affine(codes: Codes, shift: float, scale: float) -> None:
    """Interval alpha of numbers does not know unit or zero."""
    values = np.where(codes >= 0, codes.astype(float), np.nan)
    a, b = (multi.alpha_of_values(multi.value_totals(v).sum(0)) for v in (values, shift + scale * values))
    np.testing.assert_allclose(a, b, rtol=1e-6, atol=1e-6, equal_nan=True)


@given(codes_with_holes)
def test_ordinal_alpha_is_interval_alpha_of_midranks(codes: Codes) -> None:
    """Ordinal alpha is interval alpha of the midranks of the labels that have a partner."""
    counts = multi.label_counts(codes, n_labels=K)
    n_c = counts[counts.sum(1) >= 2].sum(0)
    midrank = np.append(np.cumsum(n_c) - n_c / 2, np.nan)
    by_ranks = multi.alpha_of_values(multi.value_totals(midrank[codes]).sum(0))
    same(by_ranks, coefficients()["alpha_ordinal"](codes))


@given(st.integers(2, 6), st.integers(2, 5))
def test_pseudo_items_weigh_one_and_a_half(k: int, raters: int) -> None:
    """Pseudo-items weigh 1.5 items in all, treat all labels alike, and hold both agreement and disagreement."""
    counts, weight = multi.pseudo_items(k, float(raters))
    assert np.isclose(weight.sum(), 1.5)
    same(counts.sum(1), np.full(len(counts), float(raters)))
    shares = weight @ counts
    same(shares, np.full(k, shares[0]))
    agreeing = (counts.max(1) == raters) @ weight
    assert np.isclose(agreeing, 1.0)


def test_too_many_patterns_for_a_number() -> None:
    """Counts whose mixed-radix key would overflow are collapsed all the same."""
    rng = np.random.default_rng(5)
    counts = rng.integers(0, 9, (40, 25)).astype(float)
    doubled = np.concatenate([counts, counts])
    patterns = multi.collapse(doubled)
    assert np.array_equal(patterns.counts[patterns.of_item], doubled)
    assert patterns.items.tolist() == [2.0] * 40
