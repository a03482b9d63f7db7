"""The chance to pass, told before anybody labels, is how often the gate would open that stratum."""

from __future__ import annotations

from collections.abc import Callable
from itertools import pairwise

import numpy as np
import pytest

import judgeaudit as ja
from judgeaudit.domain.errors import InputError
from judgeaudit.domain.policy import Policy, Require
from judgeaudit.domain.question import Question, make_question
from judgeaudit.gate.chance.to_pass import chance_to_pass, chances, not_simulated

HARM = make_question(name="harm", scale="binary", labels=("0", "1"))
COHERENCE = make_question(name="coherence", scale="ordinal", labels=("gibberish", "partly", "coherent"))
LENIENT = Policy(require=(Require(statistic="sensitivity", at_least=0.5),))


def chance(n: int, prevalence: float | None = 0.3, *, question: Question = HARM, **more: object) -> float | None:
    return chance_to_pass(question, n=n, prevalence=prevalence, **{"policy": Policy(), **more})  # type: ignore[arg-type]


@pytest.mark.simulation
@pytest.mark.parametrize(("n", "prevalence"), [(60, 0.3), (100, 0.5), (30, 0.1)])
def test_the_chance_is_how_often_audits_open_the_stratum(
    n: int, prevalence: float, audit: Callable[..., ja.Audit]
) -> None:
    """Forty studies of a good judge, audited and held by the whole gate, pass about as often as the chance says."""
    rng, passed, studies = np.random.default_rng(n), 0, 40
    for _ in range(studies):
        positive = int(rng.binomial(n, prevalence))
        hits, clear = int(rng.binomial(positive, 0.95)), int(rng.binomial(n - positive, 0.95))
        cells = {("1", "1"): hits, ("1", "0"): positive - hits, ("0", "0"): clear, ("0", "1"): n - positive - clear}
        decisions = audit({cell: count for cell, count in cells.items() if count}, scale="binary").result.decisions
        passed += decisions[0].strata[0].state == "open"
    told = chance(n, prevalence)
    assert told is not None
    assert abs(passed / studies - told) < 4.0 * np.sqrt(max(told * (1.0 - told), 0.02) * (1 / studies + 1 / 200))


@pytest.mark.slow
def test_more_labels_give_a_better_chance() -> None:
    """The chance climbs with the number of items, from next to nothing to next to certain."""
    found = [chance(n) or 0.0 for n in (40, 80, 160, 320)]
    assert all(a < b for a, b in pairwise(found))
    assert found[0] < 0.3 and found[-1] > 0.95


def test_rare_positives_need_more_items() -> None:
    """Sensitivity rests on the positive items alone, so few of them decide little."""
    assert (chance(200, 0.1) or 0.0) < 0.5 < (chance(200, 0.5) or 0.0)


def test_a_judge_that_is_too_weak_does_not_pass() -> None:
    """Right in 70% of cases is under the default policy's 80%, however many labels there are."""
    assert chance(500, 0.5, quality=0.7) == 0.0


def test_a_perfect_judge_passes_with_enough_items() -> None:
    """Nothing but the number of items stands between a judge without errors and its pass."""
    assert chance(200, 0.5, quality=1.0) == 1.0


def test_one_class_is_held_as_the_gate_holds_it() -> None:
    """Where nothing is positive the false positive rate alone decides, as in the gate."""
    assert (chance(200, 0.0) or 0.0) > 0.95


def test_the_seed_decides() -> None:
    """The same seed tells the same chance."""
    assert chance(80, 0.3, seed=3) == chance(80, 0.3, seed=3)


@pytest.mark.slow
def test_other_scales_and_purposes_have_a_chance_too() -> None:
    """Ordinal labels by alpha, rates by their bias, comparisons by the difference of two strata of n items each."""
    assert (chance(150, None, question=COHERENCE) or 0.0) > 0.9
    assert (chance(3000, 0.1, policy=Policy(purpose="rate", prevalence=0.1)) or 0.0) > 0.5
    few, many = (chance(n, 0.5, policy=Policy(purpose="compare")) for n in (200, 2000))
    assert (few or 0.0) < 0.1 and (many or 0.0) > 0.9


def test_requirements_of_named_strata_count_there_alone() -> None:
    """What a policy asks of one stratum is asked of that one."""
    policy = Policy(require=(Require(statistic="sensitivity", at_least=0.5, strata=("s=a",)),))
    assert (chance(20, 0.5, policy=policy, stratum="s=a") or 0.0) > 0.9
    assert chance(20, 0.5, policy=policy, stratum="s=b") is None
    assert chance(20, 0.5, policy=policy) is None


def test_a_stratum_under_the_least_number_of_items_cannot_pass() -> None:
    """The gate asks for 30 items of a stratum that no requirement names; "all" has no such limit."""
    assert chance(29, 0.5, policy=LENIENT, stratum="s=a") == 0.0
    assert (chance(29, 0.5, policy=LENIENT) or 0.0) > 0.5


def test_what_cannot_be_simulated_is_left_out_and_named() -> None:
    """Probabilities and people's agreement are not made up; a policy of such things alone has no chance to tell."""
    people = Require(statistic="krippendorff_alpha", subject="humans", at_least=0.8)
    calibrated = Require(statistic="brier_score", at_most=0.1)
    both = Policy(require=(people, calibrated, *(LENIENT.require or ())))
    assert chance(50, 0.5, policy=both) == chance(50, 0.5, policy=LENIENT)
    assert not_simulated(HARM, both) == ("brier_score",)
    assert chance(50, 0.5, policy=Policy(require=(people, calibrated))) is None


def test_numbers_without_a_table_of_labels_have_no_chance_to_tell() -> None:
    """A continuous scale, or one whose labels are still unknown, is not simulated."""
    open_scale = make_question(name="score", scale="interval", labels=())
    continuous = make_question(name="score", scale="interval", labels=tuple(map(str, range(30))))
    assert chance(100, None, question=open_scale) is None
    assert chance(100, None, question=continuous) is None


@pytest.mark.slow
def test_every_stratum_has_a_chance_for_every_share_of_positives() -> None:
    """A stratum too small to be required passes never; one large enough nearly always."""
    all_, small = chances(HARM, {"all": 400, "s=a": 20}, policy=Policy())
    assert (all_.stratum, all_.n, small.stratum, small.n) == ("all", 400, "s=a", 20)
    assert (all_.passes[0.3], all_.passes[0.5]) == (1.0, 1.0)
    assert small.passes == {0.1: 0.0, 0.3: 0.0, 0.5: 0.0}


def test_a_known_share_of_positives_is_used() -> None:
    """`prevalence` of the policy stands instead of the three guesses; a scale without positives has none."""
    assert chances(HARM, {"all": 400}, policy=Policy(prevalence=0.3))[0].passes == {0.3: 1.0}
    assert list(chances(COHERENCE, {"all": 60}, policy=Policy())[0].passes) == [None]


@pytest.mark.parametrize("wrong", [{"n": 0}, {"n": 10, "quality": 0.0}, {"n": 10, "prevalence": 1.5}])
def test_what_is_no_study_is_refused(wrong: dict[str, float]) -> None:
    """Items are 1 or more, quality and prevalence shares."""
    with pytest.raises(InputError):
        chance(**wrong)  # type: ignore[arg-type]
