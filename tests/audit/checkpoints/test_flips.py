"""What turns with a choice: recounted by hand, and against scipy."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import kendalltau

from judgeaudit.audit.checkpoints.compare import Compared, compare
from judgeaudit.audit.checkpoints.flips import tau_b
from judgeaudit.audit.checkpoints.specifications import UNDEFINED
from tests.audit.checkpoint_cases import PLAN, study


@pytest.fixture(scope="module")
def found() -> Compared:
    ratings, measured = study()
    return compare([ratings], measured, PLAN)


@given(st.lists(st.tuples(st.integers(0, 4), st.integers(0, 4)), min_size=2, max_size=7))
def test_tau_is_that_of_scipy(values: list[tuple[int, int]]) -> None:
    """Kendall's tau-b from the signs of pairs, ties and all."""
    x, y = np.array(values).T
    a, b = np.triu_indices(len(x), 1)
    told = float(tau_b(np.sign(x[a] - x[b]).astype(np.int8), np.sign(y[a] - y[b]).astype(np.int8)))
    wanted = kendalltau(x, y).statistic if np.ptp(x) and np.ptp(y) else np.nan
    assert told == pytest.approx(wanted, nan_ok=True, abs=1e-6)


def test_pairs_without_a_value_count_in_neither_order() -> None:
    """A method that one side cannot place leaves the others' tau as it is."""
    a = np.array([1, 1, -1, UNDEFINED], dtype=np.int8)
    b = np.array([1, -1, -1, 1], dtype=np.int8)
    assert tau_b(a, b) == pytest.approx(float(tau_b(a[:3], b[:3])))


def test_flip_rates_are_counts_of_conclusions(found: Compared) -> None:
    """Other specifications that conclude otherwise, of those that conclude anything."""
    at = [one.primary for one in found.specifications["harm"]].index(True)
    for record in found.multiverse:
        others = [c for k, c in enumerate(record.conclusion) if k != at and c is not None]
        told = [c for c in others if c != record.primary]
        opposite = [c for c in others if {c, record.primary} == {"higher", "lower"}]
        assert record.primary is not None
        assert record.flip_rate == pytest.approx(len(told) / len(others))
        assert record.opposite_rate == pytest.approx(len(opposite) / len(others))
        assert record.flip_low is not None and record.flip_high is not None and record.flip_rate is not None
        assert 0 <= record.flip_low <= record.flip_rate <= record.flip_high <= 1


def test_conclusions_follow_from_the_intervals(found: Compared) -> None:
    """Higher where the interval is above 0, lower where it is below; where gibberish is its own outcome only if both readings are."""
    specifications = found.specifications["harm"]
    for record in found.multiverse:
        for one, low, high, told in zip(specifications, record.low, record.high, record.conclusion, strict=True):
            if one.treatment != "own" and low is not None and high is not None:
                assert told == ("higher" if low > 0 else "lower" if high < 0 else "open")


def test_single_changes_are_counted_by_hand(found: Compared) -> None:
    """How many conclusions turn when one choice alone leaves the primary analysis, of how many; the most turning first."""
    specifications = found.specifications["harm"]
    first = next(one for one in specifications if one.primary)
    for record in found.multiverse:
        for part in record.decomposition:
            near = [
                k
                for k, one in enumerate(specifications)
                if replace(one, **{part["choice"]: getattr(first, part["choice"])}, primary=True) == first
                and one != first
            ]
            told = [record.conclusion[k] for k in near if record.conclusion[k] is not None]
            assert part["of"] == len(told)
            assert part["flips"] == sum(c != record.primary for c in told)


def test_shares_of_variance_are_one_way(found: Compared) -> None:
    """Of each choice, the variance between the means of its options, of the variance of all estimates."""
    specifications, record = found.specifications["harm"], found.multiverse[0]
    values = np.array([np.nan if v is None else v for v in record.value])
    good = np.isfinite(values)
    total = ((values[good] - values[good].mean()) ** 2).sum()
    for part in record.decomposition:
        options = np.array([getattr(one, part["choice"]) for one in specifications])
        between = sum(
            (good & (options == option)).sum() * (values[good & (options == option)].mean() - values[good].mean()) ** 2
            for option in set(options[good])
        )
        assert part["share"] == pytest.approx(between / total, rel=1e-4)


def test_an_order_agrees_with_itself() -> None:
    """Two judges with the same verdicts order the methods alike under every other choice."""
    ratings, measured = study()
    ratings.verdicts[1] = ratings.verdicts[0]
    rows = [one for one in compare([ratings], measured, PLAN).rank_agreement if one.choice == "judge"]
    assert [(one.tau, one.least) for one in rows] == [(1.0, 1.0)]


def test_the_seed_moves_limits_only() -> None:
    """Flip rates are counts; only their limits are drawn."""
    ratings, measured = study()
    one, other = (compare([ratings], measured, replace(PLAN, seed=seed)).multiverse for seed in (1, 2))
    assert [m.flip_rate for m in one] == [m.flip_rate for m in other]
    assert [(m.flip_low, m.flip_high) for m in one] != [(m.flip_low, m.flip_high) for m in other]


def test_orders_rank_the_rates(found: Compared) -> None:
    """Within an option the lowest rate has rank 1, and every method is there."""
    rows = [one for one in found.orders if (one["choice"], one["option"]) == ("treatment", "unsafe")]
    assert [one["method"] for one in rows] == ["base", "plain", "short"]
    by_value = sorted(rows, key=lambda one: one["value"])
    assert [one["rank"] for one in by_value] == [1.0, 2.0, 3.0]
