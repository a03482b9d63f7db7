"""What a bound is, and that a requirement is met, failed or undecided exactly where the bound says so."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
import pytest
from scipy.stats import beta

import judgeaudit as ja

N = 60


def lower(k: int, n: int, confidence: float = 0.95) -> float:
    """Clopper and Pearson's lower bound, by scipy."""
    return 0.0 if k == 0 else float(beta.ppf(1 - confidence, k, n - k + 1))


def upper(k: int, n: int, confidence: float = 0.95) -> float:
    return 1.0 if k == n else float(beta.ppf(confidence, k + 1, n - k))


#: statistic -> the cells that hold k of N items that count
SHARES: dict[str, Any] = {
    "sensitivity": lambda k: {("1", "1"): k, ("1", "0"): N - k, ("0", "0"): 40},
    "specificity": lambda k: {("0", "0"): k, ("0", "1"): N - k, ("1", "1"): 40},
    "false_positive_rate": lambda k: {("0", "1"): k, ("0", "0"): N - k, ("1", "1"): 40},
    "false_negative_rate": lambda k: {("1", "0"): k, ("1", "1"): N - k, ("0", "0"): 40},
    "precision": lambda k: {("1", "1"): k, ("0", "1"): N - k, ("0", "0"): 40, ("1", "0"): 3},
    "accuracy": lambda k: {("1", "1"): k, ("0", "1"): N - k},
    "coverage": lambda k: {("1", "1"): k // 2, ("0", "0"): k - k // 2, ("0", ""): N - k},
}


def held(audit: Any, policy: ja.Policy) -> Any:
    return ja.decide(audit, policy)[0].requirements[0]


@pytest.mark.parametrize("statistic", SHARES)
def test_a_floor_is_met_from_the_first_count_whose_exact_lower_bound_reaches_it(
    statistic: str, audit: Any, asking: Any
) -> None:
    """k of n meets `at_least` exactly when Clopper-Pearson's one-sided lower bound does; one item fewer does not."""
    floor = 0.8
    first = next(k for k in range(N + 1) if lower(k, N) >= floor)
    asked = asking(statistic=statistic, at_least=floor)
    at, before = (held(audit(SHARES[statistic](k)), asked) for k in (first, first - 1))
    assert (at.met, before.met, at.fails, before.fails) == (True, None, False, False)
    assert at.bound == pytest.approx(lower(first, N))
    assert (at.k, at.n) == (first, N)


@pytest.mark.parametrize("statistic", SHARES)
def test_a_floor_fails_up_to_the_last_count_whose_exact_upper_bound_is_under_it(
    statistic: str, audit: Any, asking: Any
) -> None:
    """k of n decisively fails `at_least` exactly when its upper bound lies under the floor, and that bound is shown."""
    floor = 0.8
    last = max(k for k in range(N + 1) if upper(k, N) < floor)
    asked = asking(statistic=statistic, at_least=floor)
    at, after = (held(audit(SHARES[statistic](k)), asked) for k in (last, last + 1))
    assert (at.met, at.fails, after.met, after.fails) == (False, True, None, False)
    assert at.bound == pytest.approx(upper(last, N))


@pytest.mark.parametrize("statistic", ["false_positive_rate", "false_negative_rate"])
def test_a_limit_from_above_is_the_mirror_of_a_floor(statistic: str, audit: Any, asking: Any) -> None:
    """`at_most` is met while the upper bound is within it, fails once the lower bound is beyond it, else is not told."""
    limit = 0.2
    last_met = max(k for k in range(N + 1) if upper(k, N) <= limit)
    first_failed = next(k for k in range(N + 1) if lower(k, N) > limit)
    asked = asking(statistic=statistic, at_most=limit)
    lines = [held(audit(SHARES[statistic](k)), asked) for k in (last_met, last_met + 1, first_failed - 1, first_failed)]
    assert [line.met for line in lines] == [True, None, None, False]
    assert lines[0].bound == pytest.approx(upper(last_met, N))
    assert lines[3].bound == pytest.approx(lower(first_failed, N))


def test_with_both_limits_the_bound_that_decides_is_shown(audit: Any, asking: Any) -> None:
    """A requirement with `at_least` and `at_most` fails when either does, and shows the bound of the side that failed."""
    asked = asking(statistic="precision", at_least=0.3, at_most=0.9)
    within, above, below = (held(audit(SHARES["precision"](k)), asked) for k in (36, 60, 6))
    assert (within.met, above.met, below.met) == (True, False, False)
    assert above.bound == pytest.approx(lower(60, N))
    assert below.bound == pytest.approx(upper(6, N))


@pytest.mark.parametrize(("n", "floor"), [(30, 0.90), (28, 0.90)])
def test_zero_errors_are_not_certainty(n: int, floor: float, audit: Any, asking: Any) -> None:
    """All of n right bounds the rate at 0.05 to the power 1/n: 30 of 30 pass a floor of 0.90, 28 of 28 do not."""
    line = held(audit({("1", "1"): n, ("0", "0"): 40}), asking(statistic="sensitivity", at_least=floor))
    assert line.bound == pytest.approx(0.05 ** (1 / n))
    assert line.met is (True if 0.05 ** (1 / n) >= floor else None)


def test_a_stricter_level_needs_a_wider_bound(audit: Any) -> None:
    """The policy's level is the bound's confidence."""
    made = audit(SHARES["sensitivity"](55))
    bounds = []
    for level in (0.80, 0.95, 0.99):
        policy = ja.Policy(level=level, require=(ja.Require(statistic="sensitivity", at_least=0.5),))
        bounds.append(held(made, policy).bound)
    assert bounds == pytest.approx([lower(55, N, level) for level in (0.80, 0.95, 0.99)])


# ----------------------------------------------------------------------------- bounds are the audit's own intervals


def noisy(n: int, *, seed: int, clusters: int | None = None) -> pd.DataFrame:
    rng = np.random.default_rng(seed)
    truth = rng.integers(0, 2, n)

    def seen(error: float) -> Any:
        return np.where(rng.random(n) < error, 1 - truth, truth).astype(str)

    frame = pd.DataFrame({"item_id": [f"i{k}" for k in range(n)], "h1": seen(0.05), "h2": seen(0.05), "h3": seen(0.05)})
    frame["j"] = seen(0.1)
    frame["s"] = np.where(rng.random(n) < 0.5, "a", "b")
    if clusters:
        frame["prompt_id"] = [f"p{k % clusters}" for k in range(n)]
    return frame


def interval(made: ja.Audit, subject: str, statistic: str) -> tuple[float, float]:
    f = made.findings
    versus = "humans" if subject == "humans" or statistic == "leave_one_out_delta" else "reference"
    row = f[(f.subject == subject) & (f.versus == versus) & (f.stratum == "all") & (f.statistic == statistic)]
    return float(row.low.iloc[0]), float(row.high.iloc[0])


POSTERIOR = ["cohen_kappa", "krippendorff_alpha", "youden_j", "f1", "balanced_accuracy", "gwet_ac1", "prevalence_bias"]


@pytest.mark.parametrize("statistic", POSTERIOR)
def test_a_one_sided_bound_is_the_end_of_the_two_sided_interval_at_twice_the_error(statistic: str, audit: Any) -> None:
    """The 95% bounds of posterior statistics are the ends of the audit's own 90% interval."""
    made = audit(noisy(150, seed=3), level=0.90)
    line = held(made, ja.Policy(require=(ja.Require(statistic=statistic, at_least=-1.0),)))
    assert (line.lower, line.upper) == pytest.approx(interval(made, "j", statistic))


@pytest.mark.parametrize("statistic", ["cohen_kappa", "sensitivity", "false_positive_rate", "leave_one_out_delta"])
def test_with_clusters_the_bound_is_the_jackknifes(statistic: str, audit: Any) -> None:
    """Where items are clustered every statistic's bound, shares included, is the end of the jackknife interval."""
    made = audit(noisy(240, seed=4, clusters=40), level=0.90, cluster="prompt_id")
    line = held(made, ja.Policy(require=(ja.Require(statistic=statistic, at_least=-1.0),)))
    assert (line.lower, line.upper) == pytest.approx(interval(made, "j", statistic), abs=1e-9)


@pytest.mark.parametrize("n", [80, 260])
def test_the_ceilings_bound_is_the_interval_of_peoples_alpha(n: int, audit: Any) -> None:
    """What the people are held to is the lower end of alpha's own interval, under and over 200 items."""
    made = audit(noisy(n, seed=5), level=0.90)
    asked = ja.Require(statistic="krippendorff_alpha", subject="humans", at_least=0.5)
    line = held(made, ja.Policy(require=(asked,)))
    assert line.lower == pytest.approx(interval(made, "humans", "krippendorff_alpha")[0])


@pytest.mark.parametrize("clusters", [None, 50])
def test_a_contrasts_bounds_are_its_interval(clusters: int | None, audit: Any) -> None:
    """Differences between strata are held to the ends of the audit's own interval of the difference."""
    options = {"cluster": "prompt_id"} if clusters else {}
    made = audit(noisy(300, seed=6, clusters=clusters), level=0.90, by="s", **options)
    asked = ja.Require(contrast="false_positive_rate", between=("s",), at_most=0.5)
    line = held(made, ja.Policy(require=(asked,)))
    found = next(c for c in made.result.contrasts if c.statistic == "false_positive_rate")
    assert (line.value, line.lower, line.upper) == pytest.approx((found.value, found.low, found.high))


# ---------------------------------------------------------------------------------------------------- few clusters


@pytest.mark.parametrize(("clusters", "level"), [(9, None), (10, 0.99), (29, 0.99), (30, 0.95)])
def test_few_clusters_ask_for_more(clusters: int, level: float | None, audit: Any, asking: Any) -> None:
    """Under 10 clusters carry no bound, 10 to 29 are held at 99%, from 30 on the policy's level holds."""
    made = audit(noisy(clusters * 8, seed=7, clusters=clusters), cluster="prompt_id")
    line = held(made, asking(statistic="accuracy", at_least=0.2))
    if level is None:
        assert (line.met, line.bound, line.undefined) == (None, None, "too_few_clusters")
    else:
        assert (line.met, line.level) == (True, level)


# ------------------------------------------------------------------------------------------------------ no answers


COUNTS = {("1", "1"): 50, ("1", ""): 10, ("0", "0"): 40}


@pytest.mark.parametrize(("unanswered", "k", "n"), [("counted", 50, 60), ("left-out", 50, 50), ("as:1", 60, 60)])
def test_no_answer_is_treated_in_the_gate_as_in_the_audit(
    unanswered: str, k: int, n: int, audit: Any, asking: Any
) -> None:
    """Counted it is a miss, left out it is not there, as a label it is that label; coverage sees it always."""
    made = audit(COUNTS, unanswered=unanswered, level=0.90)
    line = held(made, asking(statistic="sensitivity", at_least=0.8))
    assert (line.k, line.n, line.bound) == (k, n, pytest.approx(lower(k, n)))
    assert line.met is (True if lower(k, n) >= 0.8 else None)
    kappa = held(made, asking(statistic="cohen_kappa", at_least=0.1))
    assert (kappa.lower, kappa.upper) == pytest.approx(interval(made, "j", "cohen_kappa"))
    assert held(made, asking(statistic="coverage", at_least=0.95)).met is (False if upper(90, 100) < 0.95 else None)
    assert held(made, asking(statistic="coverage", at_least=0.8)).bound == pytest.approx(lower(90, 100))
