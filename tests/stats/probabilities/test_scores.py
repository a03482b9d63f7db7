"""Laws of scores and calibration errors."""

from __future__ import annotations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from sklearn.metrics import brier_score_loss, log_loss

from judgeaudit.stats.agreement.two_raters import Array
from judgeaudit.stats.probabilities import scores as prob

judged = st.integers(1, 40).flatmap(
    lambda n: st.tuples(
        arrays(np.float64, n, elements=st.floats(0, 1)),
        arrays(np.float64, n, elements=st.sampled_from([0.0, 1.0])),
    )
)


def error(p: Array, y: Array, which: Array) -> float:
    held = prob.bin_totals(p, y, which=which, bins=prob.BINS, weights=np.ones_like(p))
    return float(prob.calibration_error(np.stack(held)))


@given(judged)
def test_scores_are_scikit_learn(case: tuple[Array, Array]) -> None:
    """Brier score and log loss are those of scikit-learn; a certain error costs infinitely much."""
    p, y = case
    np.testing.assert_allclose(prob.brier_terms(p, y).mean(), brier_score_loss(y, p, pos_label=1), atol=1e-12)
    inside = np.clip(p, 1e-6, 1 - 1e-6)
    np.testing.assert_allclose(prob.log_terms(inside, y).mean(), log_loss(y, inside, labels=[0, 1]), rtol=1e-9)
    assert prob.log_terms(np.array([0.0]), np.array([1.0]))[0] == np.inf


@given(judged)
def test_calibration_error_is_a_mean_of_gaps(case: tuple[Array, Array]) -> None:
    """ECE is the items' mean of |bin's outcome − bin's probability|, between 0 and 1, for both kinds of bins."""
    p, y = case
    for bins in (prob.equal_width_bins(p, bins=prob.BINS), prob.equal_mass_bins(p, bins=prob.BINS)):
        gap = [abs(y[bins == b].mean() - p[bins == b].mean()) for b in bins]
        np.testing.assert_allclose(error(p, y, bins), np.mean(gap), atol=1e-12)


@given(arrays(np.float64, st.integers(1, 60), elements=st.floats(0, 1)))
def test_bins_hold_what_they_say(p: Array) -> None:
    """Bins of equal width follow the value, bins of equal mass differ by at most one item and keep the order."""
    width = prob.equal_width_bins(p, bins=10)
    assert ((width / 10 <= p + 1e-12) & (p <= (width + 1) / 10 + 1e-12)).all()
    mass = prob.equal_mass_bins(p, bins=10)
    sizes = np.bincount(mass, minlength=10)
    assert sizes.max() - sizes.min() <= 1
    order = np.argsort(p, kind="stable")
    assert (np.diff(mass[order]) >= 0).all()


def test_perfect_and_worst() -> None:
    """Certainty that is right has error 0, certainty that is wrong has error 1; nothing has none."""
    y = np.array([0.0, 1.0, 1.0])
    assert error(y, y, prob.equal_width_bins(y, bins=prob.BINS)) == 0.0
    assert error(1 - y, y, prob.equal_width_bins(1 - y, bins=prob.BINS)) == 1.0
    assert np.isnan(prob.calibration_error(np.zeros((3, 10))))
