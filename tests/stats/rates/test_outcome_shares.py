"""Shares of safe, unsafe and gibberish outputs from verdicts on all and labels on some."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from judgeaudit.stats.rates import corrected as rates
from judgeaudit.stats.rates.outcome_shares import MEASURES, Counted, Estimated, believed, corrected, merged_into

UNSAFE, EITHER, OF_COHERENT, GIBBERISH = range(4)


def counted(judged: list[int], labelled: list[list[int]]) -> Counted:
    """One cell, unweighted."""
    table = np.array([labelled], float)
    return Counted(judged=np.array([judged], float), labelled=table, squares=table.sum(-1), labels=table.sum(-1))


cells = st.lists(st.integers(0, 40), min_size=4, max_size=4)
tables = st.lists(st.lists(st.integers(0, 12), min_size=3, max_size=3), min_size=4, max_size=4)


def of(judged: list[int], labelled: list[list[int]]) -> Counted:
    """A cell in which no more is labelled than was judged."""
    table = np.array(labelled)
    return counted([max(n, int(row.sum())) for n, row in zip(judged, table, strict=True)], labelled)


def test_two_classes_give_the_post_stratified_rate() -> None:
    """Without gibberish it is the estimator of Begg and Greenes (1983), whose scans of the liver are printed in the sources."""
    found = corrected(counted([221, 429, 0, 0], [[54, 27, 0], [32, 231, 0], [0, 0, 0], [0, 0, 0]]))
    cell = np.zeros(8)
    cell[[rates.TP, rates.FP, rates.FN, rates.TN]] = 231, 32, 27, 54
    cell[[rates.FLAGGED, rates.CLEARED]] = 429 - 263, 221 - 81
    cell[[rates.SEEN_FLAGGED, rates.SEEN_CLEARED]] = 263, 81
    flagged = rates.flagged_share(cell, everywhere=True)
    printed = rates.verified(flagged, rates.precision(cell), rates.omission(cell)).rate
    assert found.value[0, UNSAFE] == pytest.approx(float(printed), abs=1e-12)
    assert round(float(found.value[0, UNSAFE]), 3) == 0.693


def test_the_beta_law_has_the_moments_of_the_posterior() -> None:
    """Mean and variance are those of the draws behind the corrected rates."""
    found = corrected(counted([221, 429, 0, 0], [[54, 27, 0], [32, 231, 0], [0, 0, 0], [0, 0, 0]]))
    counts = np.array([429, 221, 231, 32, 27, 54], float)
    _, drawn = rates.verified_draws(counts, draws=400_000, rng=np.random.default_rng(1))
    mean, size = found.mean[0, UNSAFE], found.size[0, UNSAFE]
    assert mean == pytest.approx(drawn.rate.mean(), abs=2e-3)
    assert np.sqrt(mean * (1 - mean) / (size + 1)) == pytest.approx(drawn.rate.std(), rel=0.03)


@given(cells, tables)
def test_shares_are_of_one_whole(judged: list[int], labelled: list[list[int]]) -> None:
    """The unsafe share is at most that of unsafe or gibberish, which is the sum of both; all lie within 0 and 1."""
    value = corrected(of(judged, labelled)).value[0]
    if np.isnan(value[UNSAFE]):
        assert np.isnan(value).all()
        return
    assert value[EITHER] == pytest.approx(value[UNSAFE] + value[GIBBERISH], abs=1e-12)
    assert np.nanmin(value) >= -1e-12
    assert np.nanmax(value) <= 1 + 1e-12


@given(cells, tables)
def test_labels_of_all_outputs_are_the_truth(judged: list[int], labelled: list[list[int]]) -> None:
    """Where every output is labelled the share is that of the labels, whatever the verdicts were."""
    table = np.array(labelled)
    if not table.sum():
        return
    value = corrected(counted(table.sum(1).tolist(), labelled)).value[0]
    assert value[UNSAFE] == pytest.approx(table[:, 1].sum() / table.sum())
    assert value[GIBBERISH] == pytest.approx(table[:, 2].sum() / table.sum())


@given(cells, tables, st.integers(2, 5))
def test_weights_of_one_size_change_no_share(judged: list[int], labelled: list[list[int]], size: int) -> None:
    """A weight that all labels have in common cancels."""
    one = of(judged, labelled)
    heavy = Counted(one.judged, one.labelled * size, one.squares * size**2, one.labels)
    for first, second in zip(corrected(one)[:4], corrected(heavy)[:4], strict=True):
        np.testing.assert_allclose(first, second, atol=1e-9)


@given(cells)
def test_verdicts_believed_are_their_counts(judged: list[int]) -> None:
    """k of n; no answer counts among those that raise no alarm, and gibberish is out of the last denominator."""
    value = believed(np.array([judged], float)).value[0]
    n, gibberish = sum(judged), judged[2]
    wanted = [
        judged[1] / n if n else np.nan,
        (judged[1] + gibberish) / n if n else np.nan,
        judged[1] / (n - gibberish) if n > gibberish else np.nan,
        gibberish / n if n else np.nan,
    ]
    np.testing.assert_allclose(value, wanted)


@given(cells, tables, st.integers(0, 3), st.integers(0, 2))
def test_influence_is_the_derivative(judged: list[int], labelled: list[list[int]], f: int, z: int) -> None:
    """What one more labelled output adds, in the limit of small outputs, is its influence on each share."""
    judged = [n + 60 for n in judged]
    labelled = [[n + 5 for n in row] for row in labelled]
    at = of(judged, labelled)
    step = 1e-5
    moved = Counted(at.judged.copy(), at.labelled.copy(), at.squares.copy(), at.labels.copy())
    moved.judged[0, f] += step
    moved.labelled[0, f, z] += step
    first, second = corrected(at), corrected(moved)
    told = first.influence[0, :, f] + first.of_label[0, :, f, z]
    np.testing.assert_allclose((second.value - first.value)[0] / step, told, atol=1e-5)


def test_a_class_with_few_labels_is_merged() -> None:
    """Fewer labels than are needed go with the largest class that has enough; where none has, all are one."""
    few = counted([50, 40, 10, 0], [[20, 5, 0], [1, 9, 0], [0, 0, 2], [0, 0, 0]])
    assert merged_into(few).tolist() == [[0, 1, 0, 0]]
    bare = counted([50, 40, 10, 0], [[1, 1, 0], [0, 1, 0], [0, 0, 0], [0, 0, 0]])
    assert merged_into(bare).tolist() == [[0, 0, 0, 0]]
    assert corrected(bare).value[0, UNSAFE] == pytest.approx(2 / 3)


def test_without_labels_nothing_is_corrected() -> None:
    """nan everywhere, and no warning."""
    found: Estimated = corrected(counted([5, 5, 0, 0], [[0, 0, 0]] * 4))
    assert np.isnan(found.value).all()
    assert found.value.shape == (1, len(MEASURES))
