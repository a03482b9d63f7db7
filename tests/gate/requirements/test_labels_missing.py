"""How many labels would settle what these cannot, and that they do."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import beta, binom

import judgeaudit as ja
from judgeaudit.domain.results.audit import Requirement
from judgeaudit.gate.requirements.labels_missing import items_for_value, labels_missing, passing_value
from judgeaudit.gate.words.labels_missing_words import more_words
from judgeaudit.stats.sample_sizes.shares import items_for_share


def power(share: float, floor: float, n: int, level: float = 0.95) -> float:
    """The chance that n items of a true share have an exact lower bound of at least the floor, by scipy."""
    k = np.arange(1, n + 1)
    passing = k[beta.ppf(1 - level, k, n - k + 1) >= floor]
    return float(binom.sf(passing[0] - 1, n, share)) if passing.size else 0.0


@pytest.mark.parametrize(
    ("floor", "share", "n"), [(0.7, 0.9, 28), (0.8, 0.9, 88), (0.8, 0.95, 37), (0.9, 0.95, 179), (0.9, 0.98, 61)]
)
def test_sizes_for_a_rate(floor: float, share: float, n: int) -> None:
    """Positive items for a one-sided 95% bound to pass with 80% chance."""
    assert items_for_share(share, floor=floor, level=0.95, power=0.8) == n


@given(st.floats(0.3, 0.9), st.floats(0.06, 0.4), st.sampled_from([0.8, 0.9, 0.95, 0.99]))
def test_the_size_has_the_chance_that_it_promises(floor: float, gap: float, level: float) -> None:
    """At n and at n + 1 the bound passes with at least 80% chance, by an independent count."""
    share = min(0.995, floor + gap)
    n = items_for_share(share, floor=floor, level=level, power=0.8)
    assert n is not None
    assert min(power(share, floor, n, level), power(share, floor, n + 1, level)) >= 0.80 - 1e-9


def test_no_number_settles_what_lies_on_the_line() -> None:
    """A share at or under its floor never passes, however many items there are."""
    assert items_for_share(0.8, floor=0.8, level=0.95, power=0.8) is None
    assert items_for_share(0.7, floor=0.8, level=0.95, power=0.8) is None
    assert items_for_value(0.667, bound=0.6, threshold=0.667, n=100, link="fisher", level=0.95) is None


@given(st.floats(0.7, 0.95), st.floats(0.01, 0.2), st.integers(30, 2000))
def test_a_wider_bound_needs_more_items(value: float, gap: float, n: int) -> None:
    """The farther the present bound, the more items; and a value on the wrong side of its line has none."""
    near, far = (
        items_for_value(value, bound=value - width, threshold=0.6, n=n, link="fisher", level=0.95)
        for width in (gap, gap + 0.1)
    )
    assert near is not None
    assert far is not None
    assert far > near
    assert items_for_value(value, bound=value - gap, threshold=0.96, n=n, link="fisher", level=0.95) is None


def undecided(made: ja.Audit, policy: ja.Policy) -> Any:
    (decision,) = ja.decide(made, policy)
    line = decision.requirements[0]
    assert (line.met, decision.labels_missing) == (None, line.labels_missing)
    return line


@pytest.mark.simulation
@pytest.mark.parametrize(
    "asked",
    [
        {"statistic": "specificity", "at_least": 0.8},
        {"statistic": "false_positive_rate", "at_most": 0.2},
        {"statistic": "cohen_kappa", "at_least": 0.667},
        {"statistic": "prevalence_bias", "at_most": 0.05},
    ],
    ids=lambda asked: asked["statistic"],
)
def test_so_many_more_labels_settle_it(asked: dict[str, Any], audit: Any, asking: Any) -> None:
    """With the named number of labels more, at the same rates, the requirement is settled in about 80% of samples or more."""
    cells = {("1", "1"): 42, ("1", "0"): 4, ("0", "0"): 40, ("0", "1"): 5}
    if asked["statistic"] == "cohen_kappa":
        cells = {("1", "1"): 40, ("1", "0"): 5, ("0", "0"): 39, ("0", "1"): 6}
    policy = asking(**asked)
    line = undecided(audit(cells), policy)
    n = sum(cells.values()) + line.labels_missing
    rng = np.random.default_rng(8)
    settled = 0
    for _ in range(25):
        drawn = rng.multinomial(n, np.array(list(cells.values())) / sum(cells.values()))
        counts = dict(zip(cells, (int(x) for x in drawn), strict=True))
        settled += ja.decide(audit(counts, seed=1), policy)[0].requirements[0].met is not None
    # 25 samples at a true chance of 80% give 15 or more in 99 of 100 cases
    assert settled >= 15
    assert line.labels_missing < 5000


@pytest.mark.parametrize("side", ["over", "under"])
def test_the_bias_needs_as_many_labels_on_either_side(side: str, audit: Any) -> None:
    """A judge that overstates and one that understates as much need about as many labels more."""
    verdicts = {"over": ("0", "1"), "under": ("1", "0")}[side]
    cells = {("1", "1"): 100, ("0", "0"): 100, verdicts: 7}
    line = undecided(audit(cells, replicates=2000), ja.Policy(purpose="rate", max_bias=0.05))
    # (1.645 + 0.842)² · 0.0338 · 0.9662 / 0.0162² − 207 by the normal distribution; the posterior's far end is wider
    assert 500 < line.labels_missing < 900


def test_what_is_decided_needs_no_more_labels(audit: Any) -> None:
    """Met or failed, nothing is missing."""
    made = audit({("1", "1"): 60, ("0", "0"): 20, ("0", "1"): 60})
    (decision,) = ja.decide(made)
    assert [r.labels_missing for r in decision.requirements if r.met is not None] == [None] * 4


def two_sided(value: float, lower: float, upper: float, *, limit: float, **given: Any) -> int | None:
    line = Requirement(
        statistic="prevalence_bias",
        stratum="all",
        bound=max(-lower, upper),
        met=None,
        at_most=limit,
        value=value,
        lower=lower,
        upper=upper,
        **given,
    )
    return labels_missing(line, n_items=300, counted=None)


@pytest.mark.parametrize("sign", [1, -1])
def test_a_limit_of_the_absolute_value_is_missed_on_the_side_of_the_farther_bound(sign: int) -> None:
    """The farther bound sets the number, whatever the value's sign: 300 · ((1 + 0.842/1.645) · 0.0316 / 0.0242)² − 300."""
    lower, upper = sorted((sign * -0.0072, sign * 0.0274))
    missing = two_sided(sign * -0.0042, lower, upper, limit=0.02)
    assert missing == pytest.approx(300 * ((1 + 0.8416 / 1.6449) * 0.0316 / 0.0242) ** 2 - 300, abs=2)


@pytest.mark.parametrize("statistic", ["prevalence_bias", "prevalence_bias_corrected"])
def test_a_limit_of_the_absolute_value_has_no_single_passing_value(statistic: str) -> None:
    """What passes is a range around 0, so that no "at most" is told."""
    line = Requirement(
        statistic=statistic, stratum="all", bound=0.07, met=None, at_most=0.05, value=-0.03, lower=-0.07, upper=0.01
    )
    assert passing_value(line, counted=None) is None


def test_a_share_that_is_counted_in_clusters_is_missed_in_clusters() -> None:
    """110 of 110 in 3.7 clusters' worth: as many items more as 14 such units take, and no passing value that it denies."""
    line = Requirement(
        statistic="sensitivity", stratum="all", bound=0.286, met=None, at_least=0.8,
        value=1.0, lower=0.286, upper=1.0, k=110.0, n=110.0,
    )  # fmt: skip
    needed = items_for_share(1.0, floor=0.8, level=0.95, power=0.8)
    assert needed == 14
    assert labels_missing(line, n_items=220, counted=(3.7, 3.7)) == pytest.approx(14 / (3.7 / 220) - 220, abs=1)
    assert passing_value(line, counted=(3.7, 3.7)) is None


def test_labels_are_not_asked_where_something_fails_already(audit: Any) -> None:
    """People who disagree and a kappa that fails are settled: two positives more would tell nothing that counts."""
    rows = pd.DataFrame(
        {
            "item_id": range(300),
            "h1": ["1"] * 8 + ["0"] * 292,
            "h2": ["0"] * 8 + ["1"] * 8 + ["0"] * 284,
            "h3": ["1"] * 2 + ["0"] * 14 + ["1"] * 8 + ["0"] * 276,
            "j": ["1"] + ["0"] * 199 + ["1"] * 10 + ["0"] * 90,
            "s": "x",
        }
    )
    (decision,) = ja.decide(audit(rows, by="s"))
    lines = {(r.statistic, r.subject): r for r in decision.requirements if r.stratum == "s=x"}
    (held,) = [s for s in decision.strata if s.stratum == "s=x"]
    assert held.code == "people_disagree"
    assert lines["sensitivity", "j"].labels_missing is not None
    assert held.labels_missing is None
    assert "more labelled" not in held.reason


def test_the_line_that_needs_the_most_labels_is_named() -> None:
    """A number that is not the shown requirement's own says whose it is."""
    shown, other = (
        Requirement(
            statistic="false_negative_rate", contrast="false_negative_rate", stratum=f"{pair}", bound=0.3, met=None,
            at_most=0.05, value=-0.18, lower=-0.3, upper=0.0, labels_missing=missing,
        )
        for pair, missing in (("a − b", 944), ("b − c", 149_048))
    )  # fmt: skip
    assert more_words((shown, other), shown) == (
        "About 940 more labelled items of this kind would settle this. The false negative rate, b − c, lies almost on the line: "
        "over 100,000 more labelled items of this kind would settle all that is open there."
    )
    assert more_words((shown,), shown).endswith("would settle all that is open there.")
    assert "About 1 more labelled item of" in more_words((replace(shown, labels_missing=1),), shown)


@pytest.mark.parametrize(
    ("cells", "fails"), [({("1", "1"): 1, ("0", "1"): 1}, False), ({("1", "1"): 5, ("0", "1"): 5}, True)]
)
def test_a_handful_of_items_fails_no_coefficient(cells: Any, fails: bool, audit: Any, asking: Any) -> None:
    """With 2 items a posterior bound under the line leaves kappa open and says that labels are missing; with 10 it fails."""
    (decision,) = ja.decide(audit(cells), asking(statistic="cohen_kappa", at_least=0.667))
    (line,) = decision.requirements
    assert line.upper is not None
    assert line.upper < 0.667
    assert (line.fails, decision.code) == (fails, "fails" if fails else "more_labels")
    assert fails or (line.labels_missing or 0) >= 8
