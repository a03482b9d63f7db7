"""Worked examples of probabilities and scores in the collection beside the checkout, within their tolerance."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from scipy.special import logit

from judgeaudit.stats.agreement.two_raters import Array
from judgeaudit.stats.probabilities import calibration
from judgeaudit.stats.probabilities import ranking as cells
from judgeaudit.stats.probabilities import scores as probability
from judgeaudit.stats.probabilities.logistic import logistic_fit

Entry = dict[str, Any]


@pytest.fixture(scope="module")
def gold(shared_data: Path) -> dict[str, Entry]:
    """Entries by id."""
    plain = json.loads((shared_data / "gold" / "gold_values.json").read_text("utf-8"))
    return {entry["id"]: entry for entry in plain["entries"]}


def forecasts(entry: Entry) -> tuple[Array, Array]:
    return np.asarray(entry["data"]["forecast"], float), np.asarray(entry["data"]["obs"], float)


def held(score: Array, hit: Array) -> cells.Cells:
    return cells.cells_of(*cells.places_of(score), hit, np.ones_like(score))


def test_corp_of_niamey(gold: dict[str, Entry]) -> None:
    """Miscalibration, discrimination and uncertainty of a published forecast (Dimitriadis, Gneiting and Jordan 2021)."""
    entry = gold["corp_niamey_EMOS"]
    parts = calibration.corp(held(*forecasts(entry)))
    found = {"mcb": float(parts[0]), "dsc": float(parts[1]), "unc": float(parts[2])}
    assert found == pytest.approx({key: entry["expected"][key] for key in found}, abs=entry["tolerance"])
    assert found == pytest.approx({key: entry["recomputed"][key] for key in found}, abs=1e-12)


def test_other_figures_of_niamey(gold: dict[str, Entry]) -> None:
    """Slope, intercepts, Spiegelhalter's z, debiased and smooth calibration error of the same forecast."""
    entry = gold["corp_niamey_EMOS"]
    p, y = forecasts(entry)
    ones = np.ones_like(p)
    line = logistic_fit(np.column_stack([ones, logit(p)]), y, weights=ones)
    found = {
        "cal_slope": line.beta[1],
        "cal_slope_se": np.sqrt(line.covariance[1, 1]),
        "cal_intercept_given_slope": line.beta[0],
        "cal_in_the_large": logistic_fit(ones[:, None], y, weights=ones, offset=logit(p)).beta[0],
        "spiegelhalter_z": calibration.spiegelhalter_z(p, y),
    }
    for bins in (5, 10):
        which = probability.equal_mass_bins(p, bins=bins)
        flat = np.stack(probability.bin_totals(p, y, which=which, bins=bins, weights=ones))
        found[f"ece2_sq_debiased_equal_mass_{bins}"] = probability.debiased_squared_error(flat)
    assert {key: float(one) for key, one in found.items()} == pytest.approx(
        {key: entry["recomputed"][key] for key in found}, abs=1e-7
    )
    smooth = calibration.smooth_ece(calibration.residual_mass(p, (y - p) / p.size, grid=calibration.GRID))
    assert float(smooth) == pytest.approx(entry["recomputed"]["smece_definition"], abs=1e-6)


def test_murphy_by_hand(gold: dict[str, Entry]) -> None:
    """Reliability, resolution and uncertainty of the hand-checkable example, and Murphy's identity."""
    entry = gold["murphy_exact_toy"]
    parts = calibration.murphy(held(*forecasts(entry)))
    expected = [entry["expected"][key] for key in ("reliability", "resolution", "uncertainty")]
    assert [float(one) for one in parts] == pytest.approx(expected, abs=1e-12)
    assert parts[0] - parts[1] + parts[2] == pytest.approx(entry["expected"]["brier"], abs=1e-12)


def test_smooth_ece_toy(gold: dict[str, Entry]) -> None:
    """The authors' package within its tolerance, and the definition to seven digits."""
    entry = gold["smece_toy"]
    p, y = forecasts(entry)
    found = float(calibration.smooth_ece(calibration.residual_mass(p, (y - p) / p.size, grid=calibration.GRID)))
    assert found == pytest.approx(entry["expected"]["smece"], abs=entry["tolerance"])
    assert found == pytest.approx(entry["recomputed"]["smece"], abs=1e-7)


def hanley_mcneil_se(area: float, *, positives: float, negatives: float) -> float:
    """The standard error of an area from the area alone, under negative exponential scores (Hanley and McNeil 1982)."""
    q1, q2 = area / (2.0 - area), 2.0 * area**2 / (1.0 + area)
    variance = area * (1 - area) + (positives - 1) * (q1 - area**2) + (negatives - 1) * (q2 - area**2)
    return float(np.sqrt(variance / (positives * negatives)))


def test_hanley_mcneil(gold: dict[str, Entry]) -> None:
    """The area of 109 CT images read on five steps, with both standard errors (Hanley and McNeil 1982, Table I)."""
    entry = gold["hanley_mcneil1982_ct"]
    counts = [entry["data"]["ratings_1_to_5"][key] for key in ("normal", "abnormal")]
    score = np.concatenate([np.repeat(np.arange(5.0), one) for one in counts])
    positive = np.repeat([False, True], [sum(one) for one in counts])
    place = cells.places_of(score)[1]
    area = cells.delong(place, positive, np.ones(score.size), np.arange(score.size))
    old = hanley_mcneil_se(area.value, positives=sum(counts[1]), negatives=sum(counts[0]))
    assert (area.value, old) == pytest.approx(
        (entry["expected"]["auc"], entry["expected"]["se_hanley_mcneil"]), abs=entry["tolerance"]
    )
    assert area == pytest.approx((entry["recomputed"]["auc"], entry["recomputed"]["se_delong"]), abs=1e-12)


def test_aurc_toy(gold: dict[str, Entry]) -> None:
    """The mean selective risk, and each risk on the way."""
    entry = gold["aurc_toy"]
    c = held(np.asarray(entry["data"]["confidence"]), np.asarray(entry["data"]["error"], float))
    assert float(cells.aurc(c)) == pytest.approx(entry["expected"]["aurc"], abs=entry["tolerance"])
    _, answered, errors = cells.risk_points(c)
    assert (errors / answered).tolist() == pytest.approx(entry["recomputed"]["risk_coverage"])
