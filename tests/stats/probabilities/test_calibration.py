"""Laws of calibration errors, of the parts of the Brier score, and of maps that make probabilities better."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest
import statsmodels.api as sm
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from scipy.special import expit, logit
from sklearn.isotonic import IsotonicRegression
from sklearn.linear_model import LogisticRegression

from judgeaudit.stats.agreement.two_raters import Array
from judgeaudit.stats.probabilities import calibration as cal
from judgeaudit.stats.probabilities import recalibration as recal
from judgeaudit.stats.probabilities import scores as prob
from judgeaudit.stats.probabilities.logistic import logistic_fit, sandwich, separated
from judgeaudit.stats.probabilities.ranking import Cells, cells_of, places_of

judged = st.integers(1, 40).flatmap(
    lambda n: st.tuples(
        arrays(np.float64, n, elements=st.floats(0, 1)), arrays(np.float64, n, elements=st.sampled_from([0.0, 1.0]))
    )
)


def held(p: Array, y: Array) -> Cells:
    return cells_of(*places_of(p), y, np.ones_like(p))


def drawn(seed: int, n: int = 400, slope: float = 2.0, shift: float = 0.5) -> tuple[Array, Array]:
    rng = np.random.default_rng(seed)
    odds = rng.normal(0, 1.5, n)
    return expit(slope * odds + shift), (rng.random(n) < expit(odds)).astype(float)


def smooth(p: Array, y: Array) -> float:
    return float(cal.smooth_ece(cal.residual_mass(p, (y - p) / p.size, grid=cal.GRID)))


@given(judged)
def test_pav_is_scikit_learn(case: tuple[Array, Array]) -> None:
    """The isotonic fit is scikit-learn's."""
    c = held(*case)
    wanted = IsotonicRegression().fit_transform(np.arange(float(c.value.size)), c.y / c.n, sample_weight=c.n)
    np.testing.assert_allclose(cal.pav(c.y / c.n, c.n), wanted, atol=1e-9)


@given(judged)
def test_parts_add_up_to_the_brier_score(case: tuple[Array, Array]) -> None:
    """After CORP and after Murphy: score = miscalibration − discrimination + uncertainty, none of them below 0."""
    p, y = case
    for parts in (cal.corp(held(p, y)), cal.murphy(held(p, y))):
        assert min(float(one) for one in parts) >= -1e-12
        assert parts[0] - parts[1] + parts[2] == pytest.approx(prob.brier_terms(p, y).mean(), abs=1e-9)


@given(judged)
def test_smooth_error_lies_between_bounds(case: tuple[Array, Array]) -> None:
    """The smooth error is not below half the gap of means, and not above the mean distance."""
    p, y = case
    found = smooth(p, y)
    assert -1e-9 <= found <= np.abs(y - p).mean() + 1e-6
    assert found >= abs(float((y - p).mean())) / 2 - 1e-3


def test_smooth_error_of_certainty() -> None:
    """Certain and right is 0; the mirror image, p and y turned around, has the same error; order does not count."""
    p, y = drawn(1)
    assert smooth(y, y) == pytest.approx(0.0, abs=1e-6)
    assert smooth(1 - p, 1 - y) == pytest.approx(smooth(p, y), abs=1e-6)
    assert smooth(p[::-1], y[::-1]) == pytest.approx(smooth(p, y), abs=1e-9)


def test_other_peoples_code(repository: Path) -> None:
    """relplot's smooth error to three decimals; betacal's map to three decimals."""
    plain = json.loads((repository / "tests" / "oracles" / "calibration.json").read_text(encoding="utf-8"))
    assert len(plain["cases"]) == 3
    for case in plain["cases"].values():
        p, y = np.array(case["p"]), np.array(case["y"], float)
        assert smooth(p, y) == pytest.approx(case["smooth_ece"], abs=1e-3)
        fitted = recal.fit_map("beta", held(p, y))
        assert fitted is not None
        assert recal.apply_map(np.array(case["beta_at"]), fitted).tolist() == pytest.approx(case["beta"], abs=1e-3)


def test_debiased_error_is_unbiased() -> None:
    """Over many samples of a calibrated judge the debiased error is near 0, where the plain squared one is far above."""
    rng = np.random.default_rng(3)
    p = rng.random(100)
    which, ones = prob.equal_mass_bins(p, bins=10), np.ones(100)
    values, plain = [], []
    for _ in range(400):
        y = (rng.random(100) < p).astype(float)
        flat = np.stack(prob.bin_totals(p, y, which=which, bins=10, weights=ones))
        values.append(float(prob.debiased_squared_error(flat)))
        plain.append(float((flat[0] / 100 * ((flat[2] - flat[1]) / flat[0]) ** 2).sum()))
    assert abs(np.mean(values)) < 0.002
    assert np.mean(plain) > 0.01


@pytest.mark.parametrize("seed", range(3))
def test_regressions_are_statsmodels(seed: int) -> None:
    """Slope, intercept, errors and the intercept in the large are those of statsmodels; so is the sandwich by cluster."""
    p, y = drawn(seed)
    x, ones = np.column_stack([np.ones_like(p), logit(p)]), np.ones_like(p)
    wanted = sm.GLM(y, x, family=sm.families.Binomial()).fit()
    found = logistic_fit(x, y, weights=ones)
    np.testing.assert_allclose(found.beta, wanted.params, rtol=1e-7)
    np.testing.assert_allclose(found.covariance, wanted.cov_params(), rtol=1e-6)
    large = sm.GLM(y, ones, family=sm.families.Binomial(), offset=logit(p)).fit()
    assert logistic_fit(ones[:, None], y, weights=ones, offset=logit(p)).beta[0] == pytest.approx(large.params[0])
    unit = np.arange(p.size) // 4
    robust = sm.GLM(y, x, family=sm.families.Binomial()).fit(
        cov_type="cluster", cov_kwds={"groups": unit, "use_correction": False}
    )
    g = p.size // 4
    np.testing.assert_allclose(
        sandwich(found, x, y, weights=ones, offset=None, unit=unit), robust.cov_params() * g / (g - 1), rtol=1e-5
    )


def test_separated_labels_have_no_line() -> None:
    """Where a cut parts the labels, ties at the cut allowed, the likelihood has no maximum: nan, and said beforehand."""
    x = np.array([-2.0, -1.0, 0.0, 0.0, 1.0, 2.0])
    for y in (np.array([0, 0, 0, 1, 1, 1.0]), np.array([1, 1, 1, 0, 0, 0.0]), np.ones(6)):
        assert separated(x, y)
        assert np.isnan(logistic_fit(np.column_stack([np.ones(6), x]), y, weights=np.ones(6)).beta).all()
    assert not separated(x, np.array([0, 1, 0, 1, 0, 1.0]))


def test_spiegelhalter_is_standard_normal() -> None:
    """Under calibration z has mean 0 and variance 1; probabilities of 0, ½ and 1 alone say nothing."""
    rng = np.random.default_rng(5)
    p = rng.random(300)
    z = [cal.spiegelhalter_z(p, (rng.random(300) < p).astype(float)) for _ in range(600)]
    assert abs(np.mean(z)) < 0.12
    assert np.std(z) == pytest.approx(1.0, abs=0.1)
    assert np.isnan(cal.spiegelhalter_z(np.array([0.0, 0.5, 1.0]), np.array([0.0, 1.0, 1.0])))


def test_bands_hold_a_calibrated_judge() -> None:
    """Shares of a judge whose probabilities are right lie in the band in nine of ten cases; bins without items have none."""
    rng = np.random.default_rng(7)
    p = np.round(rng.random(400) * 0.7, 2)
    which = prob.equal_width_bins(p, bins=10)
    inside = []
    for _ in range(60):
        y = (rng.random(400) < p).astype(float)
        c = held(p, y)
        bands = cal.consistency_bands(
            c, prob.equal_width_bins(c.value, bins=10), bins=10, draws=300, level=0.9, rng=np.random.default_rng(1)
        )
        n = np.bincount(which, minlength=10)
        share = np.bincount(which, y, minlength=10)[n > 0] / n[n > 0]
        inside.append((bands[0][n > 0] <= share + 1e-12) & (share <= bands[1][n > 0] + 1e-12))
        assert np.isnan(bands[0][8:]).all()
    assert 0.86 < np.mean(inside) < 0.97


# ------------------------------------------------------------------------------------------------------------- maps


@pytest.mark.parametrize("seed", range(3))
def test_maps_are_the_regressions_they_say(seed: int) -> None:
    """Platt is a logistic regression on log odds, temperature the same without intercept, isotonic scikit-learn's between its knots."""
    p, y = drawn(seed)
    c = held(p, y)
    x = logit(p)[:, None]
    at = np.linspace(0.001, 0.999, 50)
    for kind, intercept in (("platt", True), ("temperature", False)):
        wanted = LogisticRegression(C=np.inf, fit_intercept=intercept, tol=1e-10, max_iter=1000).fit(x, y)
        made = recal.fit_map(kind, c)  # type: ignore[arg-type]
        assert made is not None
        np.testing.assert_allclose(recal.apply_map(at, made), wanted.predict_proba(logit(at)[:, None])[:, 1], atol=1e-5)
    made = recal.fit_map("isotonic", c)
    assert made is not None
    edge = 0.5 / (p.size + 1)
    wanted_at = IsotonicRegression(out_of_bounds="clip").fit(p, y).predict(at)
    np.testing.assert_allclose(recal.apply_map(at, made), np.clip(wanted_at, edge, 1 - edge), atol=edge)


@pytest.mark.parametrize("kind", recal.KINDS)
def test_maps_keep_the_order_of_a_judge_that_knows_something(kind: recal.Kind) -> None:
    """Every map is rising, stays within (0, 1) at the edges, leaves nan alone, and gives the mean of the labels or nearly so."""
    p, y = drawn(4)
    made = recal.fit_map(kind, held(p, y))
    assert made is not None
    q = recal.apply_map(np.array([0.0, 1e-9, 0.3, 0.5, 0.9, 1.0, np.nan]), made)
    assert (np.diff(q[:-1]) >= 0).all()
    assert 0 < q[0] < q[-2] < 1
    assert np.isnan(q[-1])
    gap = abs(recal.apply_map(p, made).mean() - y.mean())
    assert gap < (0.08 if kind == "temperature" else 0.005)


def test_beta_never_turns_the_order_around() -> None:
    """A judge that is mostly wrong gets a flat map from beta, whose coefficients may not be below 0."""
    p, y = drawn(5)
    made = recal.fit_map("beta", held(1 - p, y))
    assert made is not None
    assert min(made.numbers[:2]) >= 0.0


def test_separated_labels_get_no_map() -> None:
    """Platt and beta have no finite fit there; isotonic has, and stays within (0, 1)."""
    p = np.linspace(0.1, 0.9, 40)
    c = held(p, (p > 0.5).astype(float))
    assert recal.fit_map("platt", c) is None
    assert recal.fit_map("beta", c) is None
    assert recal.fit_map("temperature", c) is None
    made = recal.fit_map("isotonic", c)
    assert made is not None
    assert min(made.numbers[len(made.numbers) // 2 :]) > 0
