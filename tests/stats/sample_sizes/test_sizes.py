"""Sample sizes: the tables that were worked out by simulation, other libraries, and exact enumeration."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import beta, binom
from statsmodels.stats.inter_rater import cohens_kappa
from statsmodels.stats.proportion import proportion_confint

from judgeaudit.stats.agreement import two_raters as agreement
from judgeaudit.stats.intervals.resample import dirichlet_tables
from judgeaudit.stats.sample_sizes.agreement import (
    Coefficient,
    deviation,
    expected_table,
    items_for_agreement,
    items_for_agreement_width,
)
from judgeaudit.stats.sample_sizes.corrected import (
    Judge,
    calibration_labels,
    lee_ratio,
    needed_deviation,
    random_labels,
    random_labels_deviation,
    rogan_gladen_deviation,
)
from judgeaudit.stats.sample_sizes.shares import (
    first_number,
    items_for_share,
    items_for_width,
    neyman_split,
    power_of_share,
    smallest_share,
    width_of_share,
)

#: floor, true kappa -> items at 2, 5, 10, 20 and 50% positive; bounds at 95%, power 80%, equal margins
KAPPA = {
    (0.40, 0.60): (1775, 729, 382, 212, 134),
    (0.60, 0.75): (2454, 1005, 525, 290, 181),
    (0.60, 0.80): (1415, 580, 303, 168, 105),
    (0.667, 0.80): (2703, 1108, 579, 320, 200),
    (0.80, 0.90): (3089, 1269, 666, 370, 234),
}
PREVALENCES = (0.02, 0.05, 0.1, 0.2, 0.5)
COEFFICIENTS: tuple[Coefficient, ...] = (
    "cohen_kappa",
    "krippendorff_alpha",
    "scott_pi",
    "gwet_ac1",
    "brennan_prediger",
)


def two(prevalence: float) -> np.ndarray:
    return np.array([1 - prevalence, prevalence])


@pytest.mark.parametrize(
    ("floor", "share", "n"), [(0.7, 0.9, 28), (0.8, 0.9, 88), (0.8, 0.95, 37), (0.9, 0.95, 179), (0.9, 0.98, 61)]
)
def test_items_for_a_rate(floor: float, share: float, n: int) -> None:
    """Positive items for an exact one-sided 95% bound to pass with 80% chance."""
    assert items_for_share(share, floor=floor, level=0.95, power=0.8) == n


@pytest.mark.parametrize("case", KAPPA, ids=str)
def test_items_for_kappa(case: tuple[float, float]) -> None:
    """Items for kappa at five shares of positives, which the posterior's bound was simulated with."""
    floor, true = case
    found = [
        items_for_agreement(true, floor=floor, shares=two(p), name="cohen_kappa", level=0.95, power=0.8)
        for p in PREVALENCES
    ]
    assert tuple(found) == KAPPA[case]


def test_the_posterior_bound_has_the_planned_power() -> None:
    """With the planned 168 items the audit's own bound passes 0.6 in about 80% of samples of kappa 0.8 or more."""
    table = expected_table(0.8, shares=two(0.2), name="cohen_kappa")
    assert table is not None
    rng = np.random.default_rng(3)
    passed = 0
    for _ in range(200):
        drawn = rng.multinomial(168, table.ravel()).reshape(2, 2).astype(float)
        draws = dirichlet_tables(drawn, support=np.ones((2, 2), bool), draws=1000, rng=rng)
        passed += float(np.quantile(agreement.cohen_kappa(draws, weights=np.eye(2)), 0.05)) >= 0.6
    assert 0.76 <= passed / 200 <= 0.92


@given(st.floats(0.05, 0.95), st.lists(st.floats(0.05, 1.0), min_size=2, max_size=5))
def test_the_deviation_of_kappa_is_that_of_fleiss_cohen_and_everitt(value: float, raw: list[float]) -> None:
    """√n times the standard error that statsmodels gives of the same table."""
    shares = np.array(raw) / sum(raw)
    table = expected_table(value, shares=shares, name="cohen_kappa")
    assert table is not None
    expected = np.sqrt(cohens_kappa(table * 1e4).var_kappa * 1e4)
    assert deviation(table, name="cohen_kappa") == pytest.approx(expected, rel=1e-5)


@given(st.sampled_from(COEFFICIENTS), st.floats(0.3, 0.9), st.floats(0.2, 0.5))
def test_the_expected_table_has_the_value(name: Coefficient, value: float, prevalence: float) -> None:
    """The table is one of shares with these margins, in which the coefficient is what is expected."""
    table = expected_table(value, shares=two(prevalence), name=name)
    if table is None:  # AC1 cannot be so low where one label is rare
        assert name in ("gwet_ac1", "brennan_prediger")
        return
    same = np.eye(2)
    found = {
        "gwet_ac1": lambda: agreement.gwet_ac(table, weights=same, n_labels=2),
        "brennan_prediger": lambda: agreement.brennan_prediger(table, weights=same, n_labels=2),
    }.get(name, lambda: agreement.cohen_kappa(table, weights=same))()
    assert float(found) == pytest.approx(value, abs=1e-9)
    assert table.sum() == pytest.approx(1.0)
    assert table.sum(0) == pytest.approx(two(prevalence))


def test_a_table_that_cannot_be_has_no_size() -> None:
    """AC1 of 0.2 with 2% positive would need more disagreement than there are positive labels."""
    assert expected_table(0.2, shares=two(0.02), name="gwet_ac1") is None
    assert items_for_agreement(0.2, floor=0.1, shares=two(0.02), name="gwet_ac1", level=0.95, power=0.8) is None
    assert items_for_agreement(0.6, floor=0.6, shares=two(0.5), name="cohen_kappa", level=0.95, power=0.8) is None


@given(st.floats(0.3, 0.9), st.floats(0.05, 0.4), st.floats(0.1, 0.5))
def test_the_width_is_reached_at_n_and_not_before(value: float, width: float, prevalence: float) -> None:
    """tanh(z ± q σ_z / √n) is no wider than asked at n, and wider at n − 1."""
    shares = two(prevalence)
    n = items_for_agreement_width(value, width=width, shares=shares, name="cohen_kappa", level=0.95)
    table = expected_table(value, shares=shares, name="cohen_kappa")
    assert n is not None and table is not None
    half = 1.959963984540054 * deviation(table, name="cohen_kappa") / (1 - value**2)

    def wide(m: int) -> float:
        z = np.arctanh(value)
        return float(np.tanh(z + half / np.sqrt(m)) - np.tanh(z - half / np.sqrt(m)))

    assert wide(n) <= width + 1e-9
    assert n == 2 or wide(n - 1) > width


@given(st.integers(1, 400), st.floats(0.0, 1.0), st.sampled_from([0.9, 0.95, 0.99]))
def test_the_width_of_a_share_is_that_of_statsmodels(n: int, share: float, level: float) -> None:
    """Clopper and Pearson's interval of a whole count, as statsmodels has it."""
    k = round(n * share)
    low, high = proportion_confint(k, n, alpha=1 - level, method="beta")
    assert width_of_share(k / n, n=n, level=level) == pytest.approx(high - low, abs=1e-9)


@pytest.mark.parametrize("share", [0.0, 0.1, 0.5, 0.97, 1.0])
def test_the_first_n_of_a_width(share: float) -> None:
    """At n the interval is no wider than asked, at n − 1 it is."""
    n = items_for_width(share, width=0.08, level=0.95)
    assert n is not None
    assert width_of_share(share, n=n, level=0.95) <= 0.08 < width_of_share(share, n=n - 1, level=0.95)


@given(st.integers(5, 300), st.floats(0.3, 0.95), st.floats(0.3, 1.0))
def test_power_by_enumeration(n: int, floor: float, share: float) -> None:
    """The sum of the chances of all counts whose bound reaches the floor, by scipy's beta and binomial."""
    k = np.arange(n + 1)
    bounds = np.where(k > 0, beta.ppf(0.05, np.maximum(k, 1), n - k + 1), 0.0)
    assert power_of_share(share, floor=floor, level=0.95, n=n) == pytest.approx(
        float(binom.pmf(k, n, share)[bounds >= floor].sum()), abs=1e-9
    )


@given(st.integers(30, 300), st.floats(0.3, 0.9))
def test_the_smallest_share_passes_and_a_smaller_does_not(n: int, floor: float) -> None:
    """The present labels show it with 80% chance, and no share below it."""
    share = smallest_share(n, floor=floor, level=0.95, power=0.8)
    if share is None:
        assert power_of_share(1.0, floor=floor, level=0.95, n=n) < 0.8
        return
    assert power_of_share(share, floor=floor, level=0.95, n=n) >= 0.8
    assert power_of_share(share - 1e-6, floor=floor, level=0.95, n=n) < 0.8


def test_no_number_is_enough() -> None:
    """What is never reached has no first number."""
    assert first_number(lambda n: False) is None
    assert first_number(lambda n: True) == 1


# ------------------------------------------------------------------------------------------------------- corrected


@pytest.mark.parametrize(
    ("judge", "n", "expected"),
    [
        (Judge(0.05, 0.8, 0.9), 100, 0.020),
        (Judge(0.05, 0.95, 0.97), 100, 0.015),
        (Judge(0.05, 0.95, 0.97), 400, 0.0075),
        (Judge(0.5, 0.8, 0.9), 100, 0.036),
    ],
)
def test_random_labels_have_the_error_that_was_simulated(judge: Judge, n: int, expected: float) -> None:
    """Root mean squared errors of the post-stratified rate in 4,000 samples of n labels among 10,000 judged items."""
    assert random_labels_deviation(judge, labels=n, judged=10_000) == pytest.approx(expected, rel=0.06)


def test_a_calibration_set_has_the_error_that_was_simulated() -> None:
    """Root mean squared error of Rogan and Gladen's rate with 80 positive and 320 negative labels from elsewhere: 0.016."""
    found = rogan_gladen_deviation(Judge(0.5, 0.95, 0.97), positives=80, negatives=320, judged=10_000)
    assert found == pytest.approx(0.016, rel=0.08)


@given(st.floats(0.02, 0.5), st.floats(0.85, 0.99), st.floats(0.85, 0.99))
def test_the_split_of_lee_is_near_the_best(prevalence: float, se: float, sp: float) -> None:
    """No split of the same labels is better by more than a quarter; the rule puts √(1 − Sp) for √(Sp (1 − Sp))."""
    judge = Judge(prevalence, se, sp)
    ratio, total = lee_ratio(judge), 3000
    parts = np.linspace(0.02, 0.98, 97) * total
    best = min(rogan_gladen_deviation(judge, positives=m, negatives=total - m, judged=1e9) for m in parts)
    mine = total / (1 + ratio)
    assert rogan_gladen_deviation(judge, positives=mine, negatives=total - mine, judged=1e9) <= 1.25 * best


def test_labels_for_a_corrected_rate() -> None:
    """The deviation is reached with the labels and not with fewer; too few judged items are never made up for."""
    judge = Judge(0.1, 0.9, 0.95)
    wanted = needed_deviation(level=0.95, power=0.8, gap=None, width=0.05)
    n = random_labels(judge, deviation=wanted, judged=1e9)
    assert n is not None
    assert random_labels_deviation(judge, labels=n, judged=1e9) <= wanted
    assert random_labels_deviation(judge, labels=n - 1, judged=1e9) > wanted
    assert random_labels(judge, deviation=wanted, judged=100) is None
    split = calibration_labels(judge, deviation=wanted, judged=1e9, least=20)
    assert split is not None
    assert split.negatives / split.positives == pytest.approx(lee_ratio(judge), rel=0.05)
    assert calibration_labels(Judge(0.1, 0.5, 0.55), deviation=wanted, judged=1e9, least=20) is None


@pytest.mark.parametrize("judge", [Judge(0.1, 1.0, 1.0), Judge(0.1, 1.0, 0.9), Judge(0.1, 0.9, 1.0)], ids=str)
def test_a_judge_without_errors_still_needs_labels(judge: Judge) -> None:
    """A rate without any expected error has a size: the items that are added keep its interval open."""
    assert calibration_labels(judge, deviation=0.01, judged=1e9, least=20) is not None
    assert random_labels(judge, deviation=0.01, judged=1e9) is not None


# ---------------------------------------------------------------------------------------------------------- strata


@given(
    st.lists(st.tuples(st.integers(1, 5000), st.floats(0.0, 0.5)), min_size=1, max_size=6),
    st.integers(1, 3000),
    st.integers(0, 30),
)
def test_a_split_gives_what_there_is(cells: list[tuple[int, float]], total: int, least: int) -> None:
    """No cell gets more than it has or less than the least, and the sum is the total as far as that allows."""
    sizes, spreads = [float(n) for n, _ in cells], [s for _, s in cells]
    split = neyman_split(sizes, spreads, total=total, least=least)
    floors = [min(least, n) for n, _ in cells]
    assert all(low <= n <= size for low, n, size in zip(floors, split, sizes, strict=True))
    assert sum(split) == min(max(total, sum(floors)), int(sum(sizes)))


def test_no_other_split_is_better() -> None:
    """Neyman's variance Σ (N σ)² / n is the least of all splits of 300 labels between two strata."""
    sizes, spreads = [8000.0, 2000.0], [0.2, 0.5]
    a, _ = neyman_split(sizes, spreads, total=300, least=1)

    def variance(n: int) -> float:
        return (sizes[0] * spreads[0]) ** 2 / n + (sizes[1] * spreads[1]) ** 2 / (300 - n)

    assert a == min(range(1, 300), key=variance)


@pytest.mark.parametrize(("floor", "share"), [(0.5, 0.52), (0.985, 0.99), (0.89, 0.9), (0.997, 0.999)])
def test_thousands_of_items_are_counted_too(floor: float, share: float) -> None:
    """No number below has the power together with the next one: all are tried with scipy's own binomial and beta."""
    from scipy import stats

    n = items_for_share(share, floor=floor, level=0.95, power=0.8)
    assert n is not None
    m = np.arange(1, n + 2)
    fewest = stats.binom.ppf(0.95, m, floor).astype(int) + 1  # whose exact lower bound reaches the floor
    passes = (fewest <= m) & (stats.binom.sf(fewest - 1, m, share) >= 0.8)
    assert int(np.argmax(passes[:-1] & passes[1:])) + 1 == n
    least = int(fewest[n - 1])
    assert stats.beta.ppf(0.05, least, n - least + 1) >= floor > stats.beta.ppf(0.05, least - 1, n - least + 2)
