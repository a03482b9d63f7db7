"""Corrected rates: laws, the authors' package, and what degenerate tables give."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.special import ndtri
from statsmodels.stats.proportion import confint_proportions_2indep

from judgeaudit.stats.agreement.two_raters import Array
from judgeaudit.stats.rates import corrected as rates
from judgeaudit.stats.rates.hui_walter import hui_walter
from tests.fuzzing import examples

SHARE = st.floats(0.02, 0.98)
COUNTS = st.lists(st.integers(1, 60), min_size=8, max_size=8)
Z = float(ndtri(0.975))


def expected_cells(rate: float, hit: float, alarm: float, *, told_flagged: float, told_cleared: float) -> Array:
    """Cells of a population without end, of which a share of each verdict is labelled."""
    tp, fp, fn, tn = rate * hit, (1 - rate) * alarm, rate * (1 - hit), (1 - rate) * (1 - alarm)
    a, b = told_flagged, told_cleared
    flagged, cleared = tp + fp, fn + tn
    return np.array([a * tp, a * fp, b * fn, b * tn, a * flagged, b * cleared, (1 - a) * flagged, (1 - b) * cleared])


def poststratified(cells: Array) -> Array:
    """The labelled share within each verdict, weighted by how often the verdict occurs in all judged rows."""
    flagged = rates.flagged_share(cells, everywhere=True)
    return rates.verified(flagged, rates.precision(cells), rates.omission(cells)).rate


@given(SHARE, SHARE, SHARE, SHARE, SHARE)
@settings(max_examples=examples(30))
def test_labelling_by_verdict_is_undone(rate: float, hit: float, alarm: float, a: float, b: float) -> None:
    """Whatever share of each verdict is labelled, post-stratification and Begg and Greenes give the truth."""
    cells = expected_cells(rate, hit, alarm, told_flagged=a, told_cleared=b)
    assert poststratified(cells) == pytest.approx(rate)
    flagged = rates.flagged_share(cells, everywhere=True)
    found = rates.verified(flagged, rates.precision(cells), rates.omission(cells))
    assert [float(x) for x in found] == pytest.approx([rate, hit, 1 - alarm])


@given(SHARE, SHARE, SHARE, SHARE, SHARE)
@settings(max_examples=examples(30))
def test_another_prevalence_is_undone(here: float, there: float, hit: float, alarm: float, share: float) -> None:
    """Rogan and Gladen's rate is that of the unlabelled rows, whatever the rate among the labelled ones."""
    if abs(hit - alarm) < 0.05:
        hit = min(1.0, alarm + 0.5)
    told = expected_cells(here, hit, alarm, told_flagged=1.0, told_cleared=1.0)
    waiting = expected_cells(there, hit, alarm, told_flagged=0.0, told_cleared=0.0)
    assert rates.rogan_gladen(share * told + (1 - share) * waiting) == pytest.approx(there)


@given(COUNTS)
@settings(max_examples=examples(30))
def test_a_perfect_judge_is_not_corrected(counts: list[int]) -> None:
    """Without errors every estimate is what the judge says."""
    cells = np.array(counts, float)
    cells[[rates.FP, rates.FN]] = 0.0
    cells[4:6] = cells[rates.TP], cells[rates.TN]
    assert rates.rogan_gladen(cells) == pytest.approx(rates.flagged_share(cells, everywhere=False))
    assert poststratified(cells) == pytest.approx(rates.flagged_share(cells, everywhere=True))
    assert rates.ppi(cells, tuned=False, everywhere=False).rate == pytest.approx(
        rates.flagged_share(cells, everywhere=False)
    )


@given(COUNTS)
@settings(max_examples=examples(30))
def test_tuning_is_never_worse_than_its_ends(counts: list[int]) -> None:
    """λ lies in [0, 1]; the tuned error is no more than that of people alone or of λ = 1, but for the divisor of λ."""
    cells = np.array(counts, float)
    tuned, plain = (rates.ppi(cells, tuned=t, everywhere=False) for t in (True, False))
    n = cells[:4].sum()
    y = (cells[rates.TP] + cells[rates.FN]) / n
    alone = np.sqrt(y * (1 - y) / n)
    assert 0.0 <= float(tuned.tuning) <= 1.0
    assert float(tuned.se) <= 1.1 * min(float(plain.se), float(alone))


def test_a_constant_judge_adds_nothing() -> None:
    """A judge that says one thing leaves the people's own rate, by every estimate that exists."""
    cells = np.array([0.0, 0, 7, 33, 0, 40, 0, 200])
    assert float(rates.ppi(cells, tuned=True, everywhere=False).tuning) == 0.0
    assert rates.ppi(cells, tuned=True, everywhere=False).rate == pytest.approx(7 / 40)
    assert poststratified(cells) == pytest.approx(7 / 40)
    assert np.isnan(rates.rogan_gladen(cells))


@pytest.mark.parametrize(
    ("cells", "told"),
    [
        ([0, 0, 3, 9, 0, 12, 20, 80], (True, False)),  # nothing flagged is labelled
        ([0, 0, 0, 0, 0, 0, 20, 80], (True, True)),  # nothing is labelled
        ([5, 0, 2, 0, 5, 2, 20, 80], (False, True)),  # every label is positive
        ([0, 5, 0, 2, 5, 2, 20, 80], (False, True)),  # every label is negative
    ],
)
def test_what_cannot_be_estimated_is_nan(cells: list[int], told: tuple[bool, bool]) -> None:
    """Post-stratification needs a label on each side that rows are on, Rogan and Gladen both classes."""
    found = (poststratified(np.array(cells, float)), rates.rogan_gladen(np.array(cells, float)))
    assert (bool(np.isnan(found[0])), bool(np.isnan(found[1]))) == (told[0], told[1] or told[0])


@given(
    SHARE, st.integers(5, 5000), st.floats(0.6, 0.99), st.integers(3, 300), st.floats(0.6, 0.99), st.integers(3, 300)
)
@settings(max_examples=examples(40))
def test_limits_rise_with_confidence(p: float, n: int, hit: float, m1: int, clear: float, m0: int) -> None:
    """A limit at more standard errors is farther out, and with very many rows all limits close in on the rate."""
    told = rates.Calibration(p=p, n=n, sensitivity=hit, m1=m1, specificity=clear, m0=m0)
    for of in ("rate", "bias"):
        at = [rates.lang_reiczigel(told, z=z, of=of) for z in (-2.5, -1.6, -0.5, 0.5, 1.6, 2.5)]
        assert at == sorted(at)
    many = told._replace(n=1e12, m1=1e12, m0=1e12)
    rate = (p + clear - 1) / (hit + clear - 1)
    assert rates.lang_reiczigel(many, z=Z) == pytest.approx(rate, abs=1e-4)
    assert rates.lang_reiczigel(many, z=Z, of="bias") == pytest.approx(p - rate, abs=1e-4)


def test_youden_interval_is_newcombes() -> None:
    """Square-and-add of two Wilson intervals, as statsmodels makes it."""
    told = rates.Calibration(p=0.4, n=9, sensitivity=31 / 40, m1=40, specificity=52 / 70, m0=70)
    low, high = confint_proportions_2indep(31, 40, 18, 70, method="newcomb", compare="diff", alpha=0.1)
    assert rates.youden_interval(told, level=0.9) == pytest.approx((low, high))


def test_ppi_is_that_of_its_authors() -> None:
    """Rates and intervals of ppi-python, with λ = 1 and with its own λ (tests/oracles/ppi.py)."""
    stored = json.loads((Path(__file__).parents[2] / "oracles" / "ppi.json").read_text("utf-8"))
    for case in stored["cases"]:
        for name, tuned in (("ppi", False), ("ppi_pp", True)):
            found = rates.ppi(np.array(case["cells"]), tuned=tuned, everywhere=False)
            limits = [float(found.rate), float(found.rate - Z * found.se), float(found.rate + Z * found.se)]
            assert limits == pytest.approx(case[name], abs=1e-9)


@given(st.floats(0.05, 0.4), st.floats(0.6, 0.95), st.floats(0.6, 0.95), st.floats(0.02, 0.3), st.floats(0.02, 0.3))
@settings(max_examples=examples(10))
def test_hui_walter_recovers_what_made_its_tables(r: float, s1: float, s2: float, a1: float, a2: float) -> None:
    """Of tables that follow from rates and error rates it gives these back: two groups whose rates differ by half."""
    yes = np.array([s1 * s2, s1 * (1 - s2), (1 - s1) * s2, (1 - s1) * (1 - s2)])
    no = np.array([a1 * a2, a1 * (1 - a2), (1 - a1) * a2, (1 - a1) * (1 - a2)])
    found = hui_walter(np.stack([1e4 * (x * yes + (1 - x) * no) for x in (r, r + 0.5)]))
    told = [*found.rates, *found.sensitivity, *found.false_positive_rate]
    assert [float(x) for x in told] == pytest.approx([r, r + 0.5, s1, s2, a1, a2], abs=1e-4)


def test_hui_walter_without_a_group_says_nothing() -> None:
    """Two groups are needed, and items in both."""
    assert np.isnan(hui_walter(np.array([[1, 2, 3, 4], [0, 0, 0, 0]])).rates).all()
