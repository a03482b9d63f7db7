"""Where a judge may be used: strata that pass, what picking them costs, purposes, and differences between strata."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
import pytest
from scipy.stats import binom

import judgeaudit as ja

pytestmark = pytest.mark.slow

GOOD = {("1", "1"): 60, ("0", "0"): 60}
BAD = {("1", "1"): 30, ("1", "0"): 30, ("0", "0"): 30, ("0", "1"): 30}
UNSURE = {("1", "1"): 50, ("1", "0"): 8, ("0", "0"): 50, ("0", "1"): 8}
FINDS = ja.Policy(require=(ja.Require(statistic="sensitivity", at_least=0.8),))


def found(k: int, n: int = 100) -> dict[tuple[str, str], int]:
    """k of n positive items found; nothing else."""
    return {("1", "1"): k, ("1", "0"): n - k}


def p_value(k: int, n: int = 100, floor: float = 0.8) -> float:
    return float(binom.sf(k - 1, n, floor))


def states(decision: Any) -> dict[str, tuple[str, str | None]]:
    return {s.stratum: (s.state, s.code) for s in decision.strata}


# ---------------------------------------------------------------------------------------------------------- scopes


def test_all_strata_pass_certified_some_restricted_none_rejected(audit: Any) -> None:
    """The word follows from the declared strata, `all` included; a scope never holds `all` unless everything passes."""
    tables = ({"a": GOOD, "b": GOOD}, {"a": GOOD, "b": BAD}, {"a": BAD, "b": UNSURE}, {"a": UNSURE, "b": UNSURE})
    made = [ja.decide(audit(table))[0] for table in tables]
    assert [(d.decision, d.scope, d.excluded) for d in made] == [
        ("certified", ["all", "s=a", "s=b"], []),
        ("restricted", ["s=a"], ["s=b"]),
        ("rejected", [], ["s=a", "s=b"]),
        ("undetermined", [], ["s=a", "s=b"]),
    ]


def test_passing_in_all_opens_no_stratum(audit: Any) -> None:
    """Strata that cannot be told from their few items stay shut, however good the whole is."""
    small = {("1", "1"): 17, ("1", "0"): 1, ("0", "0"): 17, ("0", "1"): 1}
    (decision,) = ja.decide(audit(dict.fromkeys("abcdef", small)))
    assert states(decision)["all"] == ("open", None)
    assert (decision.decision, decision.scope, decision.code) == ("undetermined", [], "more_labels")


def test_a_stratum_under_thirty_items_is_left_out_and_said_to_be(audit: Any) -> None:
    """29 items are too few to ask anything of; 30 are asked. The judge may be certified, and not there."""
    (few,) = ja.decide(audit({"a": GOOD, "few": {("1", "1"): 23, ("1", "0"): 6}}))
    assert (few.decision, few.scope, few.excluded) == ("certified", ["all", "s=a"], ["s=few"])
    assert states(few)["s=few"] == ("undetermined", "too_few_items")
    assert (few.labels_missing, "s=few" in few.reason) == (1, True)
    (enough,) = ja.decide(audit({"a": GOOD, "few": {("1", "1"): 24, ("1", "0"): 6}}))
    assert (enough.decision, states(enough)["s=few"]) == ("restricted", ("undetermined", "more_labels"))


def test_a_stratum_that_a_policy_names_is_asked_however_small(audit: Any) -> None:
    """Who names a stratum wants it decided on."""
    policy = ja.Policy(require=(ja.Require(statistic="sensitivity", at_least=0.8, strata=("all", "s=few")),))
    (decision,) = ja.decide(audit({"a": GOOD, "few": {("1", "0"): 20}}), policy)
    assert states(decision)["s=few"] == ("closed", "fails")


def test_a_policy_that_names_strata_asks_nothing_of_others(audit: Any) -> None:
    """A certified judge is shut out of no stratum of which nothing was asked."""
    policy = ja.Policy(require=(ja.Require(statistic="sensitivity", at_least=0.8, strata=("all", "s=a")),))
    (decision,) = ja.decide(audit({"a": GOOD, "b": GOOD}), policy)
    assert (decision.decision, decision.scope, decision.excluded) == ("certified", ["all", "s=a"], [])


def test_labels_missing_are_summed_within_a_column_and_not_across(audit: Any, make: Any) -> None:
    """The strata of one column share no items, those of two columns do: the larger sum settles both."""
    frame = make({"a": UNSURE, "b": UNSURE, "c": GOOD})
    frame["t"] = frame["s"].map({"a": "x", "b": "x", "c": "y"})
    (decision,) = ja.decide(audit(frame, by=["s", "t"]))
    need = {s.stratum: s.labels_missing for s in decision.strata if s.state == "undetermined"}
    assert set(need) >= {"s=a", "s=b", "t=x"}
    assert decision.labels_missing == max(need["s=a"] + need["s=b"], need["t=x"])


# ------------------------------------------------------------------------------------------------------------ Holm


def test_strata_that_are_picked_pass_with_holm(audit: Any) -> None:
    """Three strata that pass alone at 5% do not pass as the pick of three, since a fourth fails; each of them says so."""
    k = next(k for k in range(101) if p_value(k) <= 0.05)
    assert 0.05 / 3 < p_value(k) <= 0.05
    (decision,) = ja.decide(audit({"a": found(k), "b": found(k), "c": found(k), "d": found(40)}), FINDS)
    assert {s: states(decision)[f"s={s}"] for s in "abcd"} == {
        "a": ("undetermined", "multiplicity"),
        "b": ("undetermined", "multiplicity"),
        "c": ("undetermined", "multiplicity"),
        "d": ("closed", "fails"),
    }
    assert (decision.decision, decision.scope) == ("rejected", [])
    assert all(r.met for r in decision.requirements if r.stratum in ("s=a", "s=b", "s=c"))


def test_holm_counts_the_strata_that_are_not_closed(audit: Any) -> None:
    """The family is what could still be picked: one stratum alone beside closed ones needs no correction."""
    k = next(k for k in range(101) if p_value(k) <= 0.05)
    (decision,) = ja.decide(audit({"a": found(k), "b": found(40), "c": found(40)}), FINDS)
    assert (decision.decision, decision.scope) == ("restricted", ["s=a"])


def test_holm_steps_down(audit: Any) -> None:
    """The surest stratum is held to 5%/3, the next to 5%/2, the last to 5%: those pass here and the fourth is shut."""
    ks = [next(k for k in range(101) if p_value(k) <= 0.05 / m) for m in (3, 2, 1)]
    cells = {name: found(k) for name, k in zip("abc", ks, strict=True)}
    (decision,) = ja.decide(audit({**cells, "d": found(40)}), FINDS)
    assert decision.scope == ["s=a", "s=b", "s=c"]
    (weaker,) = ja.decide(audit({**cells, "a": found(ks[0] - 1), "d": found(40)}), FINDS)
    assert "s=a" not in weaker.scope


def test_nothing_is_picked_where_everything_passes(audit: Any) -> None:
    """That all strata pass is one claim, which needs no correction."""
    k = next(k for k in range(101) if p_value(k) <= 0.05)
    (decision,) = ja.decide(audit({"a": found(k), "b": found(k), "c": found(k)}), FINDS)
    assert decision.decision == "certified"


# ----------------------------------------------------------------------------------------------------------- rates


def biased(shift: int) -> dict[tuple[str, str], int]:
    """400 items, half of them positive, with `shift` more false alarms than misses."""
    return {("1", "1"): 195, ("1", "0"): 5, ("0", "0"): 195 - shift, ("0", "1"): 5 + shift}


def test_a_rate_is_asked_its_bias(audit: Any) -> None:
    """For reported rates the default asks that the rate be off by at most max_bias, both ways, and a ceiling."""
    decision = ja.decide(audit(biased(0)), ja.Policy(purpose="rate"))[0]
    assert [(r.statistic, r.at_most, r.met) for r in decision.requirements] == [
        ("prevalence_bias", 0.05, True),
        ("krippendorff_alpha", None, True),
    ]
    assert decision.decision == "certified"
    assert decision.requirements[0].value == pytest.approx(0.0, abs=1e-12)


def test_the_bias_bound_is_the_farther_end_of_its_posterior(audit: Any) -> None:
    """|bias| is within the limit when both one-sided bounds are; the farther one is shown."""
    made = audit(biased(8), level=0.90)
    line = ja.decide(made, ja.Policy(purpose="rate"))[0].requirements[0]
    f = made.findings.query("subject == 'j' and statistic == 'prevalence_bias'").iloc[0]
    assert line.bound == pytest.approx(max(abs(f.low), abs(f.high)))


@pytest.mark.parametrize("shift", [16, 60])
def test_a_biased_judge_that_tells_the_classes_apart_may_give_corrected_rates(shift: int, audit: Any) -> None:
    """Bias undecided or beyond the limit, Youden's J decisively above 0.10: restricted to rates that are corrected."""
    (decision,) = ja.decide(audit(biased(shift)), ja.Policy(purpose="rate"))
    assert (decision.decision, decision.corrected_rates, decision.code) == ("restricted", True, "corrected_rates")
    assert "corrected" in decision.reason
    assert decision.scope == []


def test_a_judge_that_cannot_tell_the_classes_apart_gives_no_rate(audit: Any) -> None:
    """Without Youden's J nothing can be corrected: a failing bias rejects, an undecided one stays undetermined."""
    coin = {("1", "1"): 180, ("1", "0"): 20, ("0", "1"): 180, ("0", "0"): 20}
    even = {("1", "1"): 20, ("1", "0"): 20, ("0", "1"): 20, ("0", "0"): 20}
    bad, unsure = (ja.decide(audit(cells), ja.Policy(purpose="rate"))[0] for cells in (coin, even))
    assert (bad.decision, bad.corrected_rates) == ("rejected", False)
    assert (unsure.decision, unsure.corrected_rates) == ("undetermined", False)


def test_the_bias_is_that_at_the_stated_prevalence(audit: Any) -> None:
    """A judge without bias at 50% positives overstates a rate of 2%: its false alarms are then almost all it has."""
    cells = {("1", "1"): 180, ("1", "0"): 20, ("0", "0"): 180, ("0", "1"): 20}
    made = audit(cells)
    own, rare = (ja.decide(made, ja.Policy(purpose="rate", prevalence=p))[0] for p in (None, 0.02))
    assert own.decision == "certified"
    assert (rare.decision, rare.corrected_rates) == ("restricted", True)
    assert rare.requirements[0].value == pytest.approx(0.98 * 0.1 - 0.02 * 0.1)
    assert rare.requirements[0].fails


def test_the_stated_prevalence_is_held_with_clusters_too(audit: Any, make: Any) -> None:
    """Clustered items have bounds at a stated prevalence, no narrower than the error rates' errors added."""
    frame = make({"x": {("1", "1"): 90, ("1", "0"): 10, ("0", "0"): 90, ("0", "1"): 10}})
    rng = np.random.default_rng(2)
    frame["p"] = [f"p{k}" for k in rng.permutation(len(frame)) % 50]
    (decision,) = ja.decide(audit(frame, cluster="p"), ja.Policy(purpose="rate", prevalence=0.1, max_bias=0.4))
    line = decision.requirements[0]
    assert line.value == pytest.approx(0.9 * 0.1 - 0.1 * 0.1)
    assert line.lower is not None
    assert line.lower < line.value < line.upper
    assert line.met is True


def test_a_rate_that_passes_in_some_strata_is_open_there_and_corrected_elsewhere(audit: Any) -> None:
    """Some strata pass: restricted to them, and to corrected rates, since only rates are wanted."""
    (decision,) = ja.decide(audit({"a": biased(0), "b": biased(80)}), ja.Policy(purpose="rate"))
    assert (decision.decision, decision.scope, decision.corrected_rates) == ("restricted", ["s=a"], True)


# ------------------------------------------------------------------------------------------------------- contrasts


def alarms(share: float, n: int = 1000) -> dict[tuple[str, str], int]:
    return {("0", "1"): round(share * n), ("0", "0"): round((1 - share) * n), ("1", "1"): n}


DIFFER = ja.Policy(require=(ja.Require(contrast="false_positive_rate", between=("s",), at_most=0.05),))


def test_a_difference_between_strata_is_met_fails_or_cannot_be_told(audit: Any) -> None:
    """Equal error rates pass, decisively different ones fail, and few items cannot tell."""
    equal = ja.decide(audit({"a": alarms(0.05), "b": alarms(0.05)}), DIFFER)[0]
    apart = ja.decide(audit({"a": alarms(0.05), "b": alarms(0.20)}), DIFFER)[0]
    few = ja.decide(audit({"a": alarms(0.1, 40), "b": alarms(0.1, 40)}), DIFFER)[0]
    assert [(d.decision, d.code, d.requirements[0].met) for d in (equal, apart, few)] == [
        ("certified", None, True),
        ("rejected", "fails_contrast", False),
        ("undetermined", "more_labels", None),
    ]
    assert apart.requirements[0].stratum == "s=a − s=b"
    assert few.labels_missing is not None


def test_a_difference_may_go_either_way(audit: Any) -> None:
    """at_most limits the size of a difference, whichever stratum comes first."""
    one = ja.decide(audit({"a": alarms(0.2), "b": alarms(0.05)}), DIFFER)[0]
    other = ja.decide(audit({"a": alarms(0.05), "b": alarms(0.2)}), DIFFER)[0]
    assert one.requirements[0].value == pytest.approx(-other.requirements[0].value)
    assert one.requirements[0].bound == pytest.approx(other.requirements[0].bound, abs=0.01)
    assert one.requirements[0].fails
    assert other.requirements[0].fails


def test_the_default_of_compare_asks_both_error_rates_between_all_strata(audit: Any) -> None:
    """With purpose compare every pair of strata of every column is asked, and no stratum by itself."""
    (decision,) = ja.decide(audit({s: alarms(0.05) for s in "abc"}), ja.Policy(purpose="compare"))
    pairs = [f"s={a} − s={b}" for a, b in ("ab", "ac", "bc")]
    assert [(r.contrast, r.stratum) for r in decision.requirements] == [
        *(("false_positive_rate", pair) for pair in pairs),
        *(("false_negative_rate", pair) for pair in pairs),
        (None, "all"),
    ]
    assert (decision.decision, decision.scope, decision.excluded) == ("certified", ["all"], [])


def test_without_two_strata_there_is_nothing_to_compare(audit: Any) -> None:
    """A comparison without strata is undetermined, not passed."""
    (decision,) = ja.decide(audit(GOOD), ja.Policy(purpose="compare"))
    assert (decision.decision, decision.code) == ("undetermined", "no_strata")


def test_kappa_at_the_same_mix_may_be_asked_to_be_alike(audit: Any) -> None:
    """Strata that are rare in positives have a lower kappa; at the same mix of labels equal error rates pass, others fail."""
    policy = ja.Policy(require=(ja.Require(contrast="cohen_kappa_common_prevalence", between=("s",), at_most=0.1),))
    rare = alarms(0.05, 3000) | {("1", "1"): 150}
    (equal,) = ja.decide(audit({"a": alarms(0.05), "b": rare}), policy)
    (apart,) = ja.decide(audit({"a": alarms(0.05), "b": alarms(0.5)}), policy)
    assert [(d.decision, d.requirements[0].met) for d in (equal, apart)] == [("certified", True), ("rejected", False)]


def test_a_column_that_was_not_compared_is_not_passed_over(audit: Any, make: Any) -> None:
    """Where one of two columns has more strata than are compared, the requirement is not met by the other one alone."""
    frame = make({"a": alarms(0.05), "b": alarms(0.05)})
    frame["t"] = [f"t{k % 25}" for k in range(len(frame))]
    policy = ja.Policy(require=(ja.Require(contrast="false_positive_rate", between=("s", "t"), at_most=0.2),))
    (decision,) = ja.decide(audit(frame, by=["s", "t"]), policy)
    assert [(r.stratum, r.met, r.undefined) for r in decision.requirements] == [
        ("s=a − s=b", True, None),
        ("t=…", None, "not_compared"),
    ]
    assert decision.decision == "undetermined"


def test_small_strata_are_not_compared_and_excluded(audit: Any) -> None:
    """Under 30 items nothing is asked, of differences neither; the stratum is excluded by name."""
    (decision,) = ja.decide(audit({"a": alarms(0.05), "b": alarms(0.05), "few": alarms(0.5, 10)}), DIFFER)
    assert (decision.decision, decision.excluded) == ("certified", ["s=few"])


def test_a_signed_difference_is_held_one_sided(audit: Any, asking: Any) -> None:
    """With at_least a difference keeps its sign: the second stratum may be worse, by so much and no more."""
    made = audit({"a": alarms(0.2), "b": alarms(0.05)})
    up = asking(contrast="false_positive_rate", between=("s",), at_least=0.1)
    down = asking(contrast="false_positive_rate", between=("s",), at_least=0.2)
    assert [ja.decide(made, p)[0].requirements[0].met for p in (up, down)] == [True, False]


def test_a_crossed_column_may_be_compared(audit: Any, make: Any) -> None:
    """Strata of `a&b` are compared under that name."""
    frame = make({"a": alarms(0.05, 400), "b": alarms(0.05, 400)})
    frame["t"] = np.where(np.arange(len(frame)) % 2, "x", "y")
    policy = ja.Policy(require=(ja.Require(contrast="false_positive_rate", between=("s&t",), at_most=0.2),))
    (decision,) = ja.decide(audit(frame, by=["s&t"]), policy)
    assert len(decision.requirements) == 6
    assert decision.decision == "certified"


def test_clusters_of_the_smaller_stratum_set_the_level_of_a_difference(audit: Any, make: Any) -> None:
    """A stratum with under 30 clusters is compared at 99%, however many clusters the whole has."""
    frame = make({"a": alarms(0.05, 400), "b": alarms(0.05, 400)})
    rng = np.random.default_rng(0)
    few = frame["s"] == "a"
    frame["p"] = np.where(few, "a", "b") + pd.Series(rng.integers(0, np.where(few, 20, 200))).astype(str)
    policy = ja.Policy(require=(ja.Require(contrast="false_positive_rate", between=("s",), at_most=0.2),))
    (decision,) = ja.decide(audit(frame, by="s", cluster="p"), policy)
    assert decision.requirements[0].level == 0.99
