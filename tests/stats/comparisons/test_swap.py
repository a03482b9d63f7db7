"""A change taken apart: parts sum to the whole, what did not change has none, and intervals cover."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from judgeaudit.stats.agreement import two_raters as agreement
from judgeaudit.stats.agreement.two_raters import Array
from judgeaudit.stats.comparisons.swap import Change, Pairing, change_of, parts_of, tables_of
from judgeaudit.stats.rates import confusion

SAME = np.eye(3)


def f(tables: Array) -> Array:
    return np.stack([agreement.cohen_kappa(tables, weights=SAME), confusion.accuracy(tables).value], -1)


def drawn(
    rng: np.random.Generator,
    n: int,
    *,
    gone: int = 0,
    new: int = 0,
    rejudged: float = 0.06,
    relabelled: float = 0.03,
    cluster: int = 1,
) -> Pairing:
    """Labels with 30% positive, a judge wrong on a tenth, and so many of both turned round in the new audit."""
    labels = (rng.random(n) < 0.3).astype(np.int64)
    verdicts = np.where(rng.random(n) < 0.1, 1 - labels, labels)
    other_verdicts = np.where(rng.random(n) < rejudged, 1 - verdicts, verdicts)
    other_labels = np.where(rng.random(n) < relabelled, 1 - labels, labels)
    old, now = np.arange(n) >= new, np.arange(n) < n - gone
    return Pairing(
        old_labels=np.where(old, labels, -1),
        new_labels=np.where(now, other_labels, -1),
        old_verdicts=np.where(old, verdicts, -1),
        new_verdicts=np.where(now, other_verdicts, -1),
        old=old,
        new=now,
        weights=np.ones((2, n)),
        units=np.arange(n) // cluster,
        size=3,
    )


def change(pairing: Pairing, seed: int = 1, draws: int = 1000) -> Change:
    rng = np.random.default_rng(seed)
    return change_of(pairing, f, level=0.95, draws=draws, rng=rng, quantile=lambda n: 1.98)


def within_jackknife(pairing: Pairing) -> Pairing:
    """The same items with weights that make no difference, and so a jackknife instead of a posterior."""
    return replace(pairing, weights=pairing.weights * 2.0)


@given(st.integers(0, 10_000), st.integers(0, 30), st.integers(0, 30), st.sampled_from([1, 3]))
def test_the_parts_sum_to_the_whole(seed: int, gone: int, new: int, cluster: int) -> None:
    """Judge, labels and items together are the change, and the whole is f of one table less f of the other."""
    pairing = drawn(np.random.default_rng(seed), 120, gone=gone, new=new, cluster=cluster)
    tables = tables_of(pairing)
    parts = parts_of(f(tables))
    assert parts[0] == pytest.approx(parts[1:].sum(0))
    assert parts[0] == pytest.approx(f(tables[5]) - f(tables[0]))


@pytest.mark.parametrize("cluster", [1, 4])
@pytest.mark.parametrize(
    ("what", "asked"),
    [
        (1, {"relabelled": 0.0}),
        (2, {"rejudged": 0.0}),
        (3, {"rejudged": 0.0, "relabelled": 0.0, "gone": 20, "new": 20}),
    ],
    ids=["judge", "labels", "items"],
)
def test_who_alone_changed_has_the_whole_change(what: int, asked: dict[str, float], cluster: int) -> None:
    """The others' parts are 0, and known to be."""
    found = change(drawn(np.random.default_rng(3), 160, cluster=cluster, **asked))  # type: ignore[arg-type]
    others = [part for part in (1, 2, 3) if part != what]
    assert found.value[what] == pytest.approx(found.value[0])
    assert np.all(found.value[others] == 0)
    assert np.all(found.low[others] == 0)
    assert np.all(found.high[others] == 0)
    assert np.all(found.low[what] <= found.value[what])
    assert np.all(found.value[what] <= found.high[what])


def test_nothing_changed() -> None:
    """The same audit twice: 0, and no doubt about it."""
    found = change(drawn(np.random.default_rng(3), 90, rejudged=0.0, relabelled=0.0))
    assert np.all(found.value == 0)
    assert np.all(found.high == found.low)


def test_without_shared_items_only_the_whole_is_known() -> None:
    """Two disjoint audits: the parts have no value, the difference has an interval."""
    found = change(drawn(np.random.default_rng(3), 200, gone=100, new=100))
    assert np.all(np.isnan(found.value[1:]))
    assert np.all(found.low[0] < found.value[0])
    assert np.all(found.value[0] < found.high[0])


@pytest.mark.simulation
@pytest.mark.parametrize("jackknife", [False, True], ids=["posterior", "jackknife"])
def test_intervals_cover(jackknife: bool) -> None:
    """The true change and its parts lie inside in about 95% of 150 samples with some items gone and some new."""
    rng = np.random.default_rng(5)
    truth = parts_of(f(tables_of(drawn(rng, 400_000))))
    inside = np.zeros_like(truth)
    for _ in range(150):
        pairing = drawn(rng, 200, gone=30, new=40)
        found = change(within_jackknife(pairing) if jackknife else pairing, draws=500)
        inside += (found.low <= truth) & (truth <= found.high)
    # 150 samples at 93% give at least 85% in 999 of 1,000 cases
    assert np.all(inside / 150 >= 0.85)


def test_clusters_that_change_as_one_widen_the_interval() -> None:
    """Where the verdicts on a whole prompt turn together the interval is wider than for single items."""
    rng = np.random.default_rng(8)
    base = drawn(rng, 240, rejudged=0.0, relabelled=0.0)
    turned = np.repeat(rng.random(60) < 0.1, 4)
    verdicts = np.where(turned, 1 - base.old_verdicts, base.old_verdicts)
    together = replace(base, new_verdicts=verdicts, units=np.arange(240) // 4)
    alone = within_jackknife(replace(together, units=np.arange(240)))
    a, b = change(together), change(alone)
    assert np.all(a.high[0] - a.low[0] > 1.3 * (b.high[0] - b.low[0]))


def test_no_answer_and_one_item() -> None:
    """An item without an answer agrees with nobody; with one item there is no interval to speak of, and no error."""
    one = Pairing(
        old_labels=np.array([0]),
        new_labels=np.array([0]),
        old_verdicts=np.array([0]),
        new_verdicts=np.array([2]),
        old=np.array([True]),
        new=np.array([True]),
        weights=np.ones((2, 1)),
        units=np.array([0]),
        size=3,
    )
    found = change(one)
    assert np.isnan(found.value[0, 0]) or found.value[0, 0] <= 0
    assert found.value[:, 1].tolist() == [-1.0, -1.0, 0.0, 0.0]
    with_jackknife = change(within_jackknife(one))
    assert np.isnan(with_jackknife.low[0, 1])
