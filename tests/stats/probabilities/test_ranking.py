"""Laws of rankings and risk curves."""

from __future__ import annotations

from itertools import permutations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn.metrics import average_precision_score, roc_auc_score, roc_curve

from judgeaudit.stats.agreement.two_raters import Array, divide
from judgeaudit.stats.intervals.resample import jackknife
from judgeaudit.stats.probabilities import ranking as cells
from tests.fuzzing import examples

ranked = st.integers(2, 40).flatmap(
    lambda n: st.tuples(
        st.lists(st.integers(0, 12), min_size=n, max_size=n), st.lists(st.booleans(), min_size=n, max_size=n)
    )
)


def held(score: Array, hit: Array) -> cells.Cells:
    return cells.cells_of(*cells.places_of(score), hit.astype(float), np.ones(score.size))


def area_under_roc(c: cells.Cells) -> Array:
    """Mann and Whitney's U over pairs, ties half, from totals by value; nan where hits or misses are absent."""
    misses = c.n - c.y
    below = np.cumsum(misses, -1) - misses
    return divide((c.y * (below + 0.5 * misses)).sum(-1), c.y.sum(-1) * misses.sum(-1))


def delong(score: Array, hit: Array) -> cells.Area:
    """The shipped area of independent items."""
    return cells.delong(cells.places_of(score)[1], hit, np.ones(score.size), np.arange(score.size))


def drawn(seed: int, n: int = 60) -> tuple[Array, np.ndarray]:  # type: ignore[type-arg]
    rng = np.random.default_rng(seed)
    hit = rng.random(n) < 0.4
    return np.round(rng.normal(hit * 1.0, 1.0), 1), hit


@given(ranked)
def test_areas_are_scikit_learn(case: tuple[list[int], list[bool]]) -> None:
    """Area under ROC and average precision are those of scikit-learn, ties and all; undefined with one class."""
    score, hit = np.array(case[0], float), np.array(case[1])
    c = held(score, hit)
    if hit.any():
        assert float(cells.average_precision(c)) == pytest.approx(average_precision_score(hit, score))
    else:
        assert np.isnan(cells.average_precision(c))
    if hit.any() and not hit.all():
        assert delong(score, hit).value == pytest.approx(roc_auc_score(hit, score))
    else:
        assert np.isnan(delong(score, hit).value)


@pytest.mark.parametrize("seed", range(3))
def test_roc_points_are_scikit_learn(seed: int) -> None:
    """The same corners as scikit-learn's curve, from nothing called positive to everything."""
    score, hit = drawn(seed)
    x, y = cells.roc_points(held(score, hit))
    wanted = roc_curve(hit, score, drop_intermediate=False)
    np.testing.assert_allclose(x, wanted[0])
    np.testing.assert_allclose(y, wanted[1])


@given(ranked)
def test_turning_the_score_turns_the_area(case: tuple[list[int], list[bool]]) -> None:
    """The area of the reversed score is 1 less the area, and a rising map of the score changes nothing."""
    score, hit = np.array(case[0], float), np.array(case[1])
    if hit.any() and not hit.all():
        area = delong(score, hit).value
        assert delong(-score, hit).value == pytest.approx(1 - area)
        assert delong(np.exp(score / 5), hit).value == pytest.approx(area)


@settings(max_examples=examples(20))
@given(st.lists(st.tuples(st.integers(0, 2), st.booleans()), min_size=1, max_size=6))
def test_aurc_is_the_mean_over_orders_of_ties(items: list[tuple[int, bool]]) -> None:
    """Items of equal confidence come in every order: the closed form is the mean over all of them."""
    score, wrong = (np.array(part, float) for part in zip(*items, strict=True))
    values = []
    for order in permutations(range(len(items))):
        placed = sorted(order, key=lambda i: -score[i])
        risks = np.cumsum(wrong[placed]) / np.arange(1, len(items) + 1)
        values.append(risks.mean())
    assert float(cells.aurc(held(score, wrong))) == pytest.approx(np.mean(values))


def test_weights_are_copies() -> None:
    """An item of weight two is two items, for all three areas."""
    score, hit = drawn(1)
    weights = np.random.default_rng(0).integers(1, 4, score.size).astype(float)
    copies = np.repeat(np.arange(score.size), weights.astype(int))
    light = cells.cells_of(*cells.places_of(score), hit.astype(float), weights)
    heavy = held(score[copies], hit[copies])
    for statistic in (cells.average_precision, cells.aurc):
        assert float(statistic(light)) == pytest.approx(float(statistic(heavy)))
    area = cells.delong(cells.places_of(score)[1], hit, weights, np.arange(score.size)).value
    assert area == pytest.approx(delong(score[copies], hit[copies]).value)


def by_pairs(score: Array, hit: Array) -> tuple[float, float]:
    """Area and DeLong's variance from the matrix of pairs, as they are printed."""
    a, b = score[hit == 1], score[hit == 0]
    won = (a[:, None] > b) + 0.5 * (a[:, None] == b)
    return won.mean(), float(np.sqrt(won.mean(1).var(ddof=1) / len(a) + won.mean(0).var(ddof=1) / len(b)))


@pytest.mark.parametrize("seed", range(4))
def test_delong_is_the_variance_of_pairs(seed: int) -> None:
    """The fast placements give DeLong's variance as it follows from all pairs."""
    score, hit = drawn(seed)
    assert delong(score, hit) == pytest.approx(by_pairs(score, hit.astype(float)))


@pytest.mark.parametrize("seed", range(3))
def test_clusters_are_near_the_jackknife(seed: int) -> None:
    """Obuchowski's error by cluster is within a tenth of the delete-one-cluster jackknife."""
    rng = np.random.default_rng(seed)
    unit = np.repeat(np.arange(60), 5)
    shift = rng.normal(0, 1, 60)[unit]
    hit = rng.random(300) < 1 / (1 + np.exp(-shift))
    score = np.round(hit + shift + rng.normal(0, 1, 300), 1)
    value, place = cells.places_of(score)
    whole = cells.cells_of(value, place, hit.astype(float), np.ones(300))
    totals = cells.unit_totals(place, hit.astype(float), np.ones(300), unit, size=value.size)
    wanted = jackknife(totals, counts=np.ones(60), f=lambda t: area_under_roc(whole.split(t))[..., None])
    found = cells.delong(place, hit, np.ones(300), unit)
    assert found.value == pytest.approx(wanted.estimate[0])
    assert found.se == pytest.approx(wanted.se[0], rel=0.1)


def test_coarser_cells_keep_the_mean() -> None:
    """Cells of neighbours hold all items in order, and their values keep the items' mean."""
    score = np.random.default_rng(0).normal(size=500)
    value, place = cells.coarser(*cells.places_of(score), most=20)
    assert value.size == 20
    assert (np.diff(value) > 0).all()
    assert np.bincount(place).tolist() == [25] * 20
    assert value[place].mean() == pytest.approx(score.mean())
