"""Rates at the gate: a judge's own, a corrected one that is sure enough, or the reason why there is none."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import pandas as pd
import pytest

import judgeaudit as ja
from judgeaudit.domain.results.audit import Finding, Requirement
from judgeaudit.domain.results.estimates import CalibrationSpread
from judgeaudit.domain.results.rates import RateRecord
from judgeaudit.gate.requirements.bounds import lang_reiczigel
from judgeaudit.gate.requirements.corrected_rate_labels import labels_for_line
from judgeaudit.stats.rates import corrected as rates

pytestmark = pytest.mark.slow

RATE = ja.Policy(purpose="rate")


def drawn(
    n: int, labelled: int, *, hit: float = 0.9, clear: float = 0.8, rate: float = 0.3, seed: int = 3
) -> pd.DataFrame:
    """Rows of two people who agree, the first `labelled` ones of them labelled, and a judge who flags too much."""
    rng = np.random.default_rng(seed)
    y = rng.random(n) < rate
    j = np.where(y, rng.random(n) < hit, rng.random(n) >= clear)
    label = np.where(np.arange(n) < labelled, y.astype(int).astype(str), "")
    return pd.DataFrame({"item_id": np.arange(n), "h1": label, "h2": label, "j": j.astype(int).astype(str)})


def decided(frame: pd.DataFrame, design: str | None, policy: ja.Policy = RATE, **options: Any) -> ja.Decision:
    audit = ja.audit_table(
        frame, human=["h1", "h2"], judges=["j"], labels=["0", "1"], label_design=design, policy=policy, **options
    )
    return audit.decisions[0]


@pytest.mark.parametrize("design", ["random", "elsewhere"])
def test_a_biased_judge_may_be_used_for_a_corrected_rate_that_is_sure_enough(design: str) -> None:
    """Its own rate is off by more than the limit; the corrected one is known to within it."""
    decision = decided(drawn(8000, 800), design)
    assert (decision.decision, decision.code, decision.corrected_rates) == ("restricted", "corrected_rates", True)
    assert "The corrected rate is 0." in decision.reason
    assert decision.scope == []


def test_a_corrected_rate_that_is_not_sure_enough_asks_for_labels() -> None:
    """The same judge with few labels: no use yet, and how many labels would do."""
    decision = decided(drawn(8000, 60), "random")
    assert not decision.corrected_rates
    assert decision.decision in ("rejected", "undetermined")
    assert "not sure to 0.05" in decision.reason
    assert decision.labels_missing is not None
    enough = decided(drawn(8000, 60 + 2 * decision.labels_missing), "random")
    assert enough.corrected_rates


def test_without_a_design_no_corrected_rate_may_be_used() -> None:
    """Rows wait for labels and nobody said how the labelled ones were chosen: the reason names the flag."""
    decision = decided(drawn(8000, 800), None)
    assert (decision.decision, decision.corrected_rates) == ("rejected", False)
    assert "--label-design random, weighted or elsewhere" in decision.reason


def test_a_judge_whose_own_rate_is_right_is_certified() -> None:
    """Nothing is said of a correction where none is needed."""
    decision = decided(drawn(8000, 1500, hit=0.95, clear=0.98), "random")
    assert decision.decision == "certified"
    assert "corrected" not in decision.reason


def test_elsewhere_the_bias_is_that_of_the_unlabelled_rows() -> None:
    """A judge without bias where it was calibrated leans where positives are rare: the corrected rate tells, not the labels."""
    here = drawn(600, 600, hit=0.8, clear=0.8, rate=0.5)
    there = drawn(6000, 0, hit=0.8, clear=0.8, rate=0.1, seed=4)
    frame = pd.concat([here, there.assign(item_id="x" + there.item_id.astype(str))])
    decision = decided(frame, "elsewhere")
    (line,) = [r for r in decision.requirements if r.statistic == "prevalence_bias_corrected"]
    assert line.value == pytest.approx(0.16, abs=0.04)
    assert line.fails
    assert decision.decision == "rejected"
    assert "Its corrected rate is doubtful" in decision.reason
    assert "of the labelled rows positive" in decision.reason


def test_a_stated_prevalence_keeps_the_bias_that_follows_from_it() -> None:
    """Where the policy says how many are positive, the error rates say the bias, wherever labels come from."""
    decision = decided(drawn(4000, 400), "elsewhere", ja.Policy(purpose="rate", prevalence=0.1))
    assert [r.statistic for r in decision.requirements if r.subject == "j"] == ["prevalence_bias"]


def test_a_judge_that_tells_little_apart_has_no_corrected_rate() -> None:
    """Youden's J near 0: the reason says so."""
    decision = decided(drawn(6000, 600, hit=0.55, clear=0.5), "elsewhere")
    assert not decision.corrected_rates
    assert "tells positive and negative items apart too little" in decision.reason


@pytest.mark.parametrize(
    ("design", "statistic"), [("random", "prevalence_poststratified"), ("elsewhere", "prevalence_rogan_gladen")]
)
def test_a_policy_may_hold_a_corrected_rate(design: str, statistic: str) -> None:
    """A corrected rate is held at its one-sided bound like any other; without its design the requirement has no value."""
    met, failed, absent = (
        decided(
            drawn(8000, 800), given, ja.Policy(require=(ja.Require(statistic=statistic, at_most=most),))
        ).requirements[0]
        for given, most in ((design, 0.5), (design, 0.1), (None, 0.5))
    )
    assert (met.met, failed.fails, absent.undefined) == (True, True, "no_design")
    assert met.bound is not None
    assert met.bound < 0.5
    assert met.value is not None
    assert met.value < met.bound


@pytest.mark.parametrize("options", [{"cluster": "p"}, {"weight": "w"}])
def test_bounds_over_clusters_and_weights_match_the_interval(options: dict[str, str]) -> None:
    """At the interval's own level the gate's two bounds are the interval's limits."""
    frame = drawn(3000, 400).assign(p=np.arange(3000) // 6, w=np.where(np.arange(3000) % 3, "2", "5"))
    design = "weighted" if "weight" in options else "random"
    policy = ja.Policy(level=0.975, require=(ja.Require(statistic="prevalence_poststratified", at_most=0.5),))
    audit = ja.audit_table(
        frame, human=["h1", "h2"], judges=["j"], labels=["0", "1"], label_design=design, policy=policy, **options
    )
    (line,) = audit.decisions[0].requirements
    (f,) = [f for f in audit.result.findings if (f.statistic, f.stratum) == ("prevalence_poststratified", "all")]
    assert (line.lower, line.upper) == pytest.approx((f.low, f.high))


def test_p_values_turn_where_bounds_do() -> None:
    """A Rogan-Gladen rate passes a threshold at a level exactly where its p-value says so."""
    told = rates.Calibration(p=0.55, n=1000.0, sensitivity=0.9, m1=80.0, specificity=0.7, m0=90.0)
    sure = lang_reiczigel(CalibrationSpread(**told._asdict(), df=None, of="rate"))
    for confidence in (0.8, 0.95, 0.999):
        assert sure.p_above(sure.lower(confidence)) == pytest.approx(1 - confidence, abs=1e-6)
        assert sure.p_below(sure.upper(confidence)) == pytest.approx(1 - confidence, abs=1e-6)


def test_more_labels_from_elsewhere_cannot_make_up_for_few_judged_rows() -> None:
    """However many rows are labelled, the rate of 200 judged rows is not known to 0.05, and the gate promises nothing."""
    decision = decided(drawn(1000, 800), "elsewhere")
    assert "no number of labels would make it so, since only 200 rows are judged" in decision.reason
    plenty = decided(drawn(40_200, 40_000), "elsewhere")
    assert "not sure to 0.05" in plenty.reason


def test_no_more_labels_are_asked_for_than_rows_are_left() -> None:
    """In a random design all rows may be labelled and the rate still be unsure: more rows are asked for, not more labels."""
    decision = decided(drawn(200, 100), "random")
    assert "the 100 judged rows that are left to label would not make it so: let it judge more" in decision.reason


@pytest.mark.parametrize(("judged", "told"), [(20.0, False), (1e6, True)])
def test_labels_for_a_corrected_bias_know_how_many_rows_are_judged(judged: float, told: bool) -> None:
    """A bias against the corrected rate of few judged rows asks for no labels; of many rows so many that both bounds then hold."""
    told_by = rates.Calibration(p=0.33, n=judged, sensitivity=0.8, m1=83.0, specificity=0.9, m0=190.0)
    spread = CalibrationSpread(**told_by._asdict(), df=None, of="bias")
    sure = lang_reiczigel(spread)
    given: dict[str, Any] = {"statistic": "prevalence_bias_corrected", "stratum": "all", "value": 0.001}
    line = Requirement(**given, at_most=0.05, bound=0.1, met=None, lower=sure.lower(0.95), upper=sure.upper(0.95))
    finding = Finding(
        **given, question="q", subject="j", versus="reference", low=None, high=None, n_items=273, n_clusters=273,
        design_effect=None, method="", undefined=None, spread=spread,
    )  # fmt: skip
    counts = dict.fromkeys(("labelled", "without_reference", "cannot_judge"), 0)
    n = int(judged)
    about = {"question": "q", "judge": "j", "stratum": "all", "design": "elsewhere"}
    record = RateRecord(**about, judged=n, unlabelled=n, **counts)
    nothing: Any = None
    more = labels_for_line(line, finding, record, nothing, otherwise=99)
    assert (more is not None) is told
    if more is not None:
        grown = lang_reiczigel(replace(spread, m1=83.0 * (1 + more / 273), m0=190.0 * (1 + more / 273)))
        assert max(-grown.lower(0.95), grown.upper(0.95)) < 0.05


@pytest.mark.parametrize("design", ["random", "elsewhere"])
def test_fragility_is_not_told_where_a_corrected_rate_carries_the_decision(design: str) -> None:
    """The one verdict that was said to turn it does not: the corrected rate is not made anew for each change tried."""
    decision = decided(drawn(8000, 800), design)
    assert decision.corrected_rates
    assert decision.fragility is not None
    assert decision.fragility.changes is None
    assert "rests on a corrected rate" in decision.fragility.sentence


def test_fragility_is_told_where_the_judges_own_rate_is_right() -> None:
    """A certified judge needs no corrected rate, so that the change that turns it is told."""
    decision = decided(drawn(8000, 1500, hit=0.95, clear=0.98), "random")
    assert decision.fragility is not None
    assert decision.fragility.changes is not None
