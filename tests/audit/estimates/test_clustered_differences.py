"""Shares over clusters that all fall on one side, and differences between strata where one side is small."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from scipy.stats import beta, fisher_exact

import judgeaudit as ja
from judgeaudit.audit.estimates.jackknife import cluster_df
from judgeaudit.stats.rates.differences import Sides, combined_limit, not_above, sides_of

BOTH = np.array([1.0, -1.0])


def audited(rows: list[tuple[str, str, int, int]], *, policy: ja.Policy | None = None) -> ja.Audit:
    """Rows are (prompt, level, label, verdict)."""
    frame = pd.DataFrame(rows, columns=["prompt_id", "coherence", "h", "j"]).astype(str)
    frame["item_id"] = [f"i{n}" for n in range(len(frame))]
    return ja.audit_table(
        frame,
        human=("h",),
        judges=("j",),
        labels=("0", "1"),
        positive="1",
        scale="binary",
        cluster="prompt_id",
        by=("coherence",),
        policy=policy,
        replicates=200,
    )


def found(audit: ja.Audit, statistic: str, stratum: str = "all") -> pd.Series:
    f = audit.findings
    wanted = (f.statistic == statistic) & (f.subject == "j") & (f.versus == "reference") & (f.stratum == stratum)
    return f[wanted].iloc[0]


def few_coherent(missed: int = 20) -> list[tuple[str, str, int, int]]:
    """Sixty prompts: of gibberish 20 of 60 positives are missed (or so many), of coherent outputs none of 4."""
    rows = []
    for p in range(60):
        rows += [(f"p{p}", "gibberish", 1, int(p >= missed)), (f"p{p}", "gibberish", 0, int(p % 7 == 0))]
        rows += [(f"p{p}", "coherent", int(p < 4), int(p < 4)), (f"p{p}", "coherent", 0, int(p % 9 == 0))]
    return rows


# ------------------------------------------------------------------------------------------------------- one share


@pytest.mark.parametrize(("held", "others"), [(5, 1), (5, 40), (4, 9)])
def test_prompts_without_an_item_of_the_denominator_do_not_count(held: int, others: int) -> None:
    """None of n positives in n prompts is Clopper and Pearson's none of n, however many negatives or other prompts there are."""
    rows = [(f"p{p}", "coherent", 1, 0) for p in range(held)]
    rows += [(f"p{p % (held + 3)}", "coherent", 0, p % 2) for p in range(others + held + 3)]
    one = found(audited(rows), "sensitivity")
    assert (one.low, one.high) == (0.0, pytest.approx(beta.ppf(0.975, 1, held)))


def test_positives_in_every_prompt_count_as_many_items_as_there_are_prompts() -> None:
    """110 positives, eleven in each of 10 prompts, all found: the gate's bound at 99% is that of 10 of 10."""
    rows = [(f"p{n % 10}", "coherent", 1, 1) for n in range(110)]
    rows += [(f"p{n % 10}", "coherent", 0, n % 3 // 2) for n in range(189)]
    policy = ja.Policy(require=(ja.Require(statistic="sensitivity", at_least=0.6),))
    line = audited(rows, policy=policy).result.decisions[0].requirements[0]
    assert line.lower == pytest.approx(0.01**0.1)


def test_a_large_prompt_is_not_as_many_as_its_items() -> None:
    """One prompt with 45 positives and five with one each are worth (Σ n)² / Σ n² prompts."""
    rows = [("big", "coherent", 1, 1)] * 45 + [(f"p{n}", "coherent", 1, 1) for n in range(5)]
    rows += [(f"p{n % 5}", "coherent", 0, n % 2) for n in range(20)]
    assert found(audited(rows), "sensitivity").low == pytest.approx(0.025 ** ((45**2 + 5) / 50**2))


@pytest.mark.parametrize("within", [0.1, 0.3, 0.9])
def test_samples_that_fall_on_one_side_hold_the_truth(within: float) -> None:
    """Whatever correlation within clusters: with 5, 10 and 34 uneven clusters the truth is above the limit in 2.5% at most."""
    rng = np.random.default_rng(3)
    for g in (5, 10, 34):
        for p in (0.02, 0.05, 0.1, 0.2, 0.3):
            size = np.maximum(1, rng.lognormal(1, 1, (4000, g)).round()).astype(int)
            chances = rng.beta(p * (1 / within - 1), (1 - p) * (1 / within - 1), size.shape)
            none = rng.binomial(size, chances).sum(1) == 0
            worth = np.square(size.sum(1)) / np.square(size).sum(1)
            assert (none & (1 - 0.025 ** (1 / worth) < p)).mean() <= 0.025


# ------------------------------------------------------------------------------------------------------ differences


def test_none_of_four_is_not_certain() -> None:
    """20 of 60 misses against 0 of 4 are no difference, as Fisher's test says: strata, dose, and the sentence about gibberish."""
    audit = audited(few_coherent())
    assert fisher_exact([[20, 40], [0, 4]]).pvalue > 0.25
    misses = audit.contrasts[audit.contrasts.statistic == "false_negative_rate"]
    misses = misses[misses.subject == "j"]
    assert set(misses.kind) == {"strata", "dose"}
    for one in misses.itertuples():
        assert one.p_value > 0.25
        assert -1.0 <= one.low < 0.0 < one.high <= 1.0
    assert "+0.33 [-0.28, 0.47] against coherent outputs" in audit.result.decisions[0].reason


def test_the_gate_does_not_hold_a_side_of_four_for_certain() -> None:
    """The difference that a policy allows is held against the bounds of both sides."""
    policy = ja.Policy(require=(ja.Require(contrast="false_negative_rate", between=("coherence",), at_most=0.2),))
    line = audited(few_coherent(3), policy=policy).result.decisions[0].requirements[0]
    assert (line.value, line.met) == (pytest.approx(-0.05), None)


def test_differences_of_rates_stay_between_minus_one_and_one() -> None:
    """Two prompts a side with one error leave a jackknife no way to know; its limits still are differences of shares."""
    rows = [(f"p{n}", "gibberish", 1, int(n == 0)) for n in range(3)]
    rows += [(f"p{n}", "coherent", 1, int(n != 1)) for n in range(3)]
    rows += [(f"p{n}", level, 0, 0) for n in range(3) for level in ("gibberish", "coherent")]
    contrasts = audited(rows).contrasts
    rates = contrasts[contrasts.statistic.str.contains("rate|sensitivity|specificity") & contrasts.low.notna()]
    assert len(rates) > 4
    assert (rates.low >= -1).all() and (rates.high <= 1).all()


def clustered(rng: np.random.Generator, few: int) -> tuple[np.ndarray, np.ndarray]:
    """Misses and positives (60, 2) by prompt: two gibberish ones each, and a few coherent ones in some; 15% are missed in both."""
    chance = rng.beta(0.6, 3.4, 60)  # correlation 0.2 within prompts
    counts = np.column_stack([np.full(60, 2), np.bincount(rng.integers(0, 60, few), minlength=60)])
    return rng.binomial(counts, chance[:, None]), counts


def p_value(sides: Sides) -> float:
    above = not_above(sides, 0.0)
    return min(1.0, 2.0 * min(above, 1.0 - above))


@pytest.mark.parametrize("few", [4, 8, 15, 30])
def test_equal_miss_rates_are_told_apart_in_one_of_twenty_at_most(few: int) -> None:
    """In 300 samples of equal miss rates (0.15) p was below .05 in 52, 29, 9 and 4% by the jackknife alone, with 4, 8, 15 and 30
    coherent positives; it is in 0, 0.7, 0.7 and 1.3% now, and with 120 in 5% both ways."""
    rng = np.random.default_rng(7)
    samples = [sides_of(*clustered(rng, few), weights=BOTH, worth=None, degrees=cluster_df) for _ in range(100)]
    assert np.mean([p_value(sides) < 0.05 for sides in samples]) <= 0.05


def test_large_sides_add_up_as_the_jackknife_has_it() -> None:
    """With many items the sides' bounds are the jackknife's of the difference, correlation between strata included."""
    rng = np.random.default_rng(11)
    chance = rng.beta(0.5, 0.5, 2000)
    counts = np.full((2000, 2), 3)
    hits = rng.binomial(counts, chance[:, None])
    sides = sides_of(hits, counts, weights=BOTH, worth=None, degrees=cluster_df)
    apart = (hits[:, 0] - hits[:, 1]) / 3
    assert combined_limit(sides, confidence=0.975) == pytest.approx(
        apart.mean() + 1.96 * apart.std() / 2000**0.5, abs=1e-3
    )
    assert sides.together[0][1] > 0.5


@pytest.mark.parametrize("least", [1.0, 1e-12])
def test_a_side_of_one_item_is_worth_one_item_whatever_it_weighs(least: float) -> None:
    """Kish's number does not change with the scale of the weights, and no nan comes of tiny ones."""
    hits, counts = np.array([[1.0, 0.0], [0.0, least]]), np.array([[1.0, 0.0], [0.0, least]])
    found = sides_of(hits, counts, weights=np.array([1.0, -1.0]), worth=np.array([1.0, 1.0]), degrees=float)
    assert [one.n for one in found.shares] == [1.0, 1.0]
