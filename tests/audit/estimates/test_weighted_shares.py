"""A weighted share is never surer than as many equally weighted items as its own are worth."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import beta

import judgeaudit as ja

LABELS = ("safe", "unsafe")
ROW = st.tuples(st.integers(0, 1), st.integers(0, 1), st.sampled_from([1.0, 2.0, 20.0]))
#: statistic -> (which items count, which of them hit), of labels by people and judge
SHARES = {
    "accuracy": lambda h, j: (h >= 0, h == j),
    "sensitivity": lambda h, j: (h == 1, j == 1),
    "specificity": lambda h, j: (h == 0, j == 0),
    "precision": lambda h, j: (j == 1, h == 1),
    "false_positive_rate": lambda h, j: (h == 0, j == 1),
}


def audited(rows: list[tuple[int, int, float]], *, at_least: float = 0.8, cluster: int | None = None) -> ja.Audit:
    frame = pd.DataFrame(
        {
            "item_id": [f"i{n}" for n in range(len(rows))],
            "h": [LABELS[h] for h, _, _ in rows],
            "j": [LABELS[j] for _, j, _ in rows],
            "w": [str(w) for _, _, w in rows],
            "c": [f"c{n // (cluster or 1)}" for n in range(len(rows))],
        }
    )
    policy = ja.Policy(require=(ja.Require(statistic="sensitivity", at_least=at_least),))
    return ja.audit_table(
        frame,
        human=("h",),
        judges=("j",),
        labels=LABELS,
        positive="unsafe",
        scale="binary",
        weight="w",
        cluster="c" if cluster else None,
        policy=policy,
        replicates=200,
    )


def limits(k: float, n: float, confidence: float) -> tuple[float, float]:
    """Clopper and Pearson's bounds, by scipy; n may be a fraction."""
    low = 0.0 if k <= 0 else float(beta.ppf(1 - confidence, k, n - k + 1))
    return low, 1.0 if k >= n - 1e-9 else float(beta.ppf(confidence, k + 1, n - k))


def worth(rows: list[tuple[int, int, float]], statistic: str) -> tuple[float, float]:
    """k of n for the effective number of items of Kish's in the denominator."""
    h, j, w = (np.array(column) for column in zip(*rows, strict=True))
    inside, hit = SHARES[statistic](h, j)
    n = w[inside].sum() ** 2 / (w[inside] ** 2).sum()
    return float(n * w[inside & hit].sum() / w[inside].sum()), float(n)


@pytest.mark.slow
@given(st.lists(ROW, min_size=12, max_size=40).filter(lambda rows: len({w for *_, w in rows}) > 1))
def test_no_limit_is_nearer_than_that_of_the_effective_items(rows: list[tuple[int, int, float]]) -> None:
    """Whatever the sample shows of variation, for every share with its own denominator."""
    found = audited(rows).findings
    for statistic in SHARES:
        one = found[(found.statistic == statistic) & (found.subject == "j") & (found.versus == "reference")].iloc[0]
        if one.undefined is not None and not pd.isna(one.undefined):
            continue
        low, high = limits(*worth(rows, statistic), 0.975)
        assert one.low <= low + 1e-9
        assert one.high >= high - 1e-9


def few_heavy() -> list[tuple[int, int, float]]:
    """Forty light positives of which two are missed and three heavy ones that are all found: nearly no variation."""
    return [(1, 1, 1.0)] * 38 + [(1, 0, 1.0)] * 2 + [(1, 1, 20.0)] * 3 + [(0, 0, 20.0)] * 60


def test_the_gate_does_not_pass_a_rate_that_three_heavy_items_carry() -> None:
    """Its one-sided bound is that of as many items as they are worth: 0.98 of 8 items shows no 0.80."""
    line = audited(few_heavy()).result.decisions[0].requirements[0]
    k, n = worth(few_heavy(), "sensitivity")
    assert (line.met, line.lower) == (None, pytest.approx(limits(k, n, 0.95)[0]))
    assert 8.0 < n < 8.5
    assert line.p_value == pytest.approx(float(beta.cdf(0.8, k, n - k + 1)))


@pytest.mark.parametrize(("cluster", "weights"), [(None, [1.0] * 38 + [20.0] * 4), (2, [2.0] * 19 + [40.0] * 2)])
def test_heavy_items_without_a_miss_are_no_more_items_than_they_are_worth(
    cluster: int | None, weights: list[float]
) -> None:
    """Where nothing varies, the share of the weight is no number of items; and a cluster is one item."""
    rows = [(1, 1, 1.0)] * 38 + [(1, 1, 20.0)] * 4 + [(0, 0, 1.0)] * 20
    line = audited(rows, cluster=cluster).result.decisions[0].requirements[0]
    n = sum(weights) ** 2 / sum(w * w for w in weights)
    assert line.lower == pytest.approx(0.05 ** (1 / n))


def test_light_items_alone_do_not_speak_for_heavy_ones() -> None:
    """Forty positives without a miss that hold a tenth of the weight count as a tenth of the items."""
    rows = [(1, 1, 1.0)] * 40 + [(0, 0, 12.0)] * 30
    line = audited(rows).result.decisions[0].requirements[0]
    assert line.lower == pytest.approx(0.05 ** (1 / (70 * 40 / 400)))
