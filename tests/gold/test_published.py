"""Worked examples as printed in the literature, written out here so that every copy of the project tests them."""

from __future__ import annotations

import numpy as np
import pytest

from judgeaudit.stats.agreement import correlation as ranks
from judgeaudit.stats.agreement import many_raters as multirater
from judgeaudit.stats.agreement import two_raters as agreement
from judgeaudit.stats.agreement.two_raters import Array
from judgeaudit.stats.intervals import limits as intervals
from judgeaudit.stats.rates import confusion


def test_krippendorff_four_observers() -> None:
    """Krippendorff (2011), Computing Krippendorff's Alpha-Reliability, section D: four observers, twelve units, holes."""
    data = np.array(
        [
            [1, 2, 3, 3, 2, 1, 4, 1, 2, 0, 0, 0],
            [1, 2, 3, 3, 2, 2, 4, 1, 2, 5, 0, 3],
            [0, 3, 3, 3, 2, 3, 4, 2, 2, 5, 1, 0],
            [1, 2, 3, 3, 2, 4, 4, 1, 2, 5, 1, 0],
        ]
    )
    counts = multirater.label_counts((data - 1).astype(np.int32), n_labels=5)
    total = multirater.coincidences(counts).sum(0).ravel()
    values = np.arange(1.0, 6.0)
    found = {
        metric: float(
            multirater.krippendorff_alpha(
                total, n_labels=5, delta=agreement.distances(values, metric=metric, no_answer=False)
            )
        )
        for metric in ("nominal", "interval", "ratio")
    }
    found["ordinal"] = float(multirater.krippendorff_alpha(total, n_labels=5, delta=None))
    assert found == pytest.approx({"nominal": 0.743, "ordinal": 0.815, "interval": 0.849, "ratio": 0.797}, abs=6e-4)


def test_krippendorff_two_observers() -> None:
    """Krippendorff (2011), section B: Ben and Gerry, five nominal values, alpha 0.692."""
    ben, gerry = (np.array(["abcde".index(c) for c in word]) for word in ("aabbdcccedda", "babbbccceddd"))
    t = np.zeros((5, 5))
    np.add.at(t, (ben, gerry), 1)
    nominal = agreement.distances(np.arange(5.0), metric="nominal", no_answer=False)
    assert agreement.krippendorff_alpha(t, delta=nominal, no_answer=False) == pytest.approx(0.692, abs=6e-4)


FLEISS = (
    "444444 222555 233335 555555 222444 113333 333355 113334 114444 555555 144444 124444 222333 144444 224445 "
    "333335 111455 111112 224444 133555 555555 244444 224555 114444 144445 222224 111155 224444 133333 555555"
)


def test_fleiss_psychiatric_diagnoses() -> None:
    """Fleiss (1971), Psychological Bulletin 76, 378: thirty patients, six psychiatrists, five diagnoses, kappa 0.430."""
    codes = np.array([[int(c) - 1 for c in patient] for patient in FLEISS.split()], np.int32).T
    eye = np.eye(5)
    counts = multirater.label_counts(codes, n_labels=5)
    total = multirater.agreement_totals(counts, weights=eye).sum(0)
    assert multirater.fleiss_kappa(total, weights=eye) == pytest.approx(0.430, abs=6e-4)
    per_label = []
    for label in range(5):
        two = np.column_stack([counts[:, label], 6 - counts[:, label]])
        total = multirater.agreement_totals(two, weights=np.eye(2)).sum(0)
        per_label.append(float(multirater.fleiss_kappa(total, weights=np.eye(2))))
    assert per_label == pytest.approx([0.245, 0.245, 0.520, 0.471, 0.566], abs=6e-4)


def test_cohen_sas() -> None:
    """SAS PROC FREQ's 3 × 3 example: kappa 0.4842, linearly weighted kappa 0.4701."""
    t = np.array([[0.0, 4.0, 1.0], [0.0, 8.0, 0.0], [0.0, 1.0, 5.0]])
    linear = agreement.agreement_weights(np.arange(3.0), kind="linear", no_answer=False)
    assert agreement.cohen_kappa(t, weights=np.eye(3)) == pytest.approx(0.4842, abs=6e-5)
    assert agreement.cohen_kappa(t, weights=linear) == pytest.approx(0.4701, abs=6e-5)


@pytest.mark.parametrize(("table", "kappa"), [([[40.0, 9.0], [6.0, 45.0]], 0.70), ([[80.0, 10.0], [5.0, 5.0]], 0.32)])
def test_prevalence_paradox(table: list[list[float]], kappa: float) -> None:
    """Feinstein and Cicchetti (1990), J Clin Epidemiol 43, 543: 85% agreement twice, kappa 0.70 or 0.32, PABAK 0.70."""
    t, eye = np.array(table), np.eye(2)
    assert confusion.accuracy(np.pad(t, ((0, 1), (0, 1)))).value == pytest.approx(0.85)
    assert agreement.cohen_kappa(t, weights=eye) == pytest.approx(kappa, abs=6e-3)
    assert agreement.brennan_prediger(t, weights=eye, n_labels=2) == pytest.approx(0.70, abs=6e-3)


def test_shrout_fleiss() -> None:
    """Shrout and Fleiss (1979), Psychological Bulletin 86, 420, tables 2 and 4: six targets, four judges."""
    x = np.array([[9, 2, 5, 8], [6, 1, 3, 2], [8, 4, 6, 8], [7, 1, 2, 6], [10, 5, 6, 9], [6, 2, 4, 7]], float)
    block = ranks.Anova(np.asarray(6.0), (x.sum(1) ** 2).sum(), (x**2).sum(), x.sum(0))
    icc = ranks.intraclass(block)
    assert [float(v) for v in icc] == pytest.approx([0.29, 0.62, 0.71], abs=6e-3)


@pytest.mark.parametrize(
    ("k", "n", "wilson", "exact"),
    [
        (81, 263, (0.2553, 0.3662), (0.2527, 0.3676)),
        (15, 148, (0.0624, 0.1605), (0.0578, 0.1617)),
        (0, 20, (0.0, 0.1611), (0.0, 0.1684)),
        (1, 29, (0.0061, 0.1718), (0.0009, 0.1776)),
    ],
)
def test_newcombe(k: int, n: int, wilson: tuple[float, float], exact: tuple[float, float]) -> None:
    """Newcombe (1998), Statistics in Medicine 17, 857, table I: Wilson and Clopper-Pearson, 95%."""
    assert intervals.wilson(k, n, level=0.95) == pytest.approx(wilson, abs=6e-5)
    low = intervals.clopper_pearson_lower(k, n, confidence=0.975)
    high = intervals.clopper_pearson_upper(k, n, confidence=0.975)
    assert (low, high) == pytest.approx(exact, abs=6e-5)


@pytest.mark.parametrize("kind", ["spearman", "kendall", "pearson"])
def test_hollander_wolfe(kind: str) -> None:
    """Hollander and Wolfe (1973), tuna lightness and panel scores: r 0.5712, rho 0.6, tau 0.4444."""
    x = np.array([44.4, 45.9, 41.9, 53.3, 44.7, 44.1, 50.7, 45.2, 60.1])
    y = np.array([2.6, 3.1, 2.5, 5.0, 3.6, 4.0, 5.2, 2.8, 3.8])
    t = np.zeros((9, 9))
    t[x.argsort().argsort(), y.argsort().argsort()] = 1

    def moments(a: Array, b: Array) -> ranks.Moments:
        return ranks.Moments(*(np.asarray(v) for v in (9.0, a.sum(), b.sum(), a @ a, b @ b, a @ b)))

    found = {
        "spearman": ranks.spearman_rho(t),
        "kendall": ranks.kendall_tau_b(t),
        "pearson": ranks.pearson_r(moments(x, y)),
    }
    expected = {"spearman": 0.6, "kendall": 0.4444, "pearson": 0.5712}
    assert float(found[kind]) == pytest.approx(expected[kind], abs=6e-5)
