"""Confidence sequences: they hold at every time at once, and what they say is consistent."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from judgeaudit.stats.intervals.anytime import (
    confidence_sequence,
    log_evidence,
    log_evidence_above,
    log_evidence_below,
    lower_sequence,
    state_of,
    upper_sequence,
)
from judgeaudit.stats.intervals.limits import clopper_pearson_lower, clopper_pearson_upper


@pytest.mark.simulation
@pytest.mark.parametrize("p", [0.5, 0.8, 0.95])
def test_whoever_looks_after_every_label_errs_as_seldom_as_promised(p: float) -> None:
    """Of 800 labellings of 500 items, in at most about 5% a bound leaves the truth out at any time."""
    rng = np.random.default_rng(11)
    n = np.arange(1, 501)
    hits = np.cumsum(rng.random((800, 500)) < p, axis=1)
    for evidence in (log_evidence, log_evidence_above, log_evidence_below):
        wrong = (evidence(hits, n, p=p) >= np.log(20)).any(axis=1).mean()
        # 5% and three standard errors of 800 samples
        assert wrong <= 0.05 + 3 * np.sqrt(0.05 * 0.95 / 800)


def test_looking_at_a_bound_of_fixed_n_errs_often() -> None:
    """Why it takes a sequence: with Clopper and Pearson's bound looked at after every label, 5% become many more."""
    rng = np.random.default_rng(11)
    hits = np.cumsum(rng.random((300, 300)) < 0.8, axis=1)
    wrong = [any(clopper_pearson_lower(row[m], m + 1, confidence=0.95) > 0.8 for m in range(20, 300)) for row in hits]
    assert np.mean(wrong) > 0.12


@given(st.integers(1, 400), st.floats(0.0, 1.0), st.sampled_from([0.9, 0.95, 0.99]))
def test_the_bounds_of_one_state_agree(n: int, share: float, level: float) -> None:
    """Bounds hold the share between them; one-sided ones are tighter; a sequence is wider than an interval of fixed n."""
    k = round(n * share)
    low, high = confidence_sequence(k, n, level=level)
    one_low, one_high = lower_sequence(k, n, level=level), upper_sequence(k, n, level=level)
    assert 0 <= low <= one_low + 1e-9 <= k / n + 2e-9
    assert k / n <= one_high + 1e-9 <= high + 2e-9 <= 1 + 2e-9
    assert one_low <= clopper_pearson_lower(k, n, confidence=level) + 1e-9
    assert one_high >= clopper_pearson_upper(k, n, confidence=level) - 1e-9


@given(st.integers(1, 300), st.integers(0, 300), st.floats(0.05, 0.95))
def test_what_is_turned_round_is_mirrored(n: int, k: int, p: float) -> None:
    """Counting the misses gives the bounds of 1 − p."""
    k = min(k, n)
    assert lower_sequence(k, n, level=0.95) == pytest.approx(1 - upper_sequence(n - k, n, level=0.95), abs=1e-9)
    assert float(log_evidence_above(k, n, p=p)) == pytest.approx(float(log_evidence_below(n - k, n, p=1 - p)), abs=1e-6)


@given(st.integers(1, 200), st.floats(0.0, 1.0))
def test_evidence_against_a_share_falls_towards_what_was_seen(n: int, share: float) -> None:
    """So that the bounds, found by halving, are the only places where it crosses the line."""
    k = round(n * share)
    below = np.linspace(1e-4, min(max(k / n, 2e-4), 0.9999), 60)
    values = np.array([float(log_evidence_above(k, n, p=p)) for p in below])
    assert np.all(np.diff(values) <= 1e-9)


def test_a_sequence_costs_about_half_as_much_again() -> None:
    """At 270 of 300 it is 1.4 to 1.8 times as wide as Clopper and Pearson's interval."""
    low, high = confidence_sequence(270, 300, level=0.95)
    exact = clopper_pearson_upper(270, 300, confidence=0.975) - clopper_pearson_lower(270, 300, confidence=0.975)
    assert 1.4 < (high - low) / exact < 1.8


@pytest.mark.parametrize(
    ("k", "n", "state"), [(0, 0, "go on"), (1, 1, "go on"), (60, 62, "certified"), (0, 60, "futile"), (48, 60, "go on")]
)
def test_label_until_certified_or_futile(k: int, n: int, state: str) -> None:
    """Nothing is decided without labels, nor on the line."""
    assert state_of(k, n, floor=0.8, level=0.95) == state


def test_without_items_everything_is_possible() -> None:
    """[0, 1]; and after one item the bound on its side still reaches the edge."""
    assert tuple(confidence_sequence(0, 0, level=0.95)) == (0.0, 1.0)
    assert upper_sequence(1, 1, level=0.95) == 1.0
    assert lower_sequence(0, 1, level=0.95) == 0.0
