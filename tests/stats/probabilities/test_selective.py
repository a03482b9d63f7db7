"""Laws of the guaranteed threshold."""

from __future__ import annotations

import numpy as np
import pytest

from judgeaudit.stats.intervals.limits import clopper_pearson_upper
from judgeaudit.stats.probabilities.ranking import guaranteed_threshold, least_items


def test_least_items_is_the_bound_without_an_error() -> None:
    """So many items without an error just pass Clopper and Pearson's bound; one fewer does not."""
    for risk, level in ((0.1, 0.95), (0.05, 0.9), (0.01, 0.99)):
        n = least_items(risk, confidence=level)
        assert clopper_pearson_upper(0, n, confidence=level) <= risk < clopper_pearson_upper(0, n - 1, confidence=level)


def test_the_bound_holds_what_it_says() -> None:
    """Counts and bound are those of the items at or above the threshold, ties included, and the bound is within the risk."""
    rng = np.random.default_rng(0)
    sure = np.round(rng.random(500), 2)
    wrong = rng.random(500) < 0.3 * (1 - sure)
    found = guaranteed_threshold(sure, wrong, risk=0.1, level=0.95)
    assert found is not None
    kept = sure >= found.threshold
    assert (found.answered, found.errors) == (int(kept.sum()), int(wrong[kept].sum()))
    assert found.upper == clopper_pearson_upper(found.errors, found.answered, confidence=0.95)
    assert found.upper <= 0.1


@pytest.mark.parametrize("risk", [0.05, 0.2])
def test_a_larger_risk_keeps_more(risk: float) -> None:
    """A risk that is tolerated never keeps fewer items than a smaller one, where both start at the same place."""
    rng = np.random.default_rng(1)
    sure = rng.random(2000)
    wrong = rng.random(2000) < 0.4 * (1 - sure) ** 2
    small = guaranteed_threshold(sure, wrong, risk=risk, level=0.95)
    large = guaranteed_threshold(sure, wrong, risk=2 * risk, level=0.95)
    assert small is not None and large is not None
    assert large.answered >= small.answered


def test_nothing_can_be_promised() -> None:
    """No threshold for a judge that errs everywhere, for few items, for none; all items for one that never errs."""
    sure = np.linspace(0.5, 1, 200)
    assert guaranteed_threshold(sure, np.ones(200, bool), risk=0.1, level=0.95) is None
    assert guaranteed_threshold(sure[:20], np.zeros(20, bool), risk=0.1, level=0.95) is None
    assert guaranteed_threshold(sure[:0], np.zeros(0, bool), risk=0.1, level=0.95) is None
    whole = guaranteed_threshold(sure, np.zeros(200, bool), risk=0.1, level=0.95)
    assert whole is not None
    assert whole.answered == 200
    tied = guaranteed_threshold(np.full(200, 0.9), np.zeros(200, bool), risk=0.1, level=0.95)
    assert tied is not None
    assert (tied.threshold, tied.answered) == (0.9, 200)


@pytest.mark.parametrize("ties", [False, True])
def test_the_guarantee_holds(ties: bool) -> None:
    """Of 800 samples at most one in twenty gives a threshold whose true risk is above the one promised, by three errors of counting."""
    rng = np.random.default_rng(11)
    grid = np.linspace(0, 1, 20_001)
    above = 0
    for _ in range(800):
        sure = rng.random(400)
        sure = np.round(sure, 1) if ties else sure
        wrong = rng.random(400) < 0.3 * (1 - sure)
        found = guaranteed_threshold(sure, wrong, risk=0.1, level=0.95)
        if found is not None:
            values = np.round(grid, 1) if ties else grid
            above += float((0.3 * (1 - values[values >= found.threshold])).mean()) > 0.1 + 1e-9
    assert above / 800 <= 0.05 + 3 * np.sqrt(0.05 * 0.95 / 800)
