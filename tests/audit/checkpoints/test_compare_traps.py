"""Comparisons that once told more than their data: missing verdicts, labels, prompts, runs and few clusters."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from judgeaudit.audit.checkpoints.compare import Compared, compare
from judgeaudit.domain.checkpoints import READABLE, SILENT, UNLABELLED, Goal
from judgeaudit.domain.errors import InputError
from judgeaudit.domain.results.comparison import MethodContrast, Rate
from tests.audit.checkpoint_cases import PATHS, PLAN, only, study


def first(found: Compared, a: str, b: str) -> MethodContrast:
    return next(one for one in found.contrasts if one.primary and (one.a, one.b) == (a, b))


def incoherence(found: Compared, method: str) -> Rate:
    wanted = ("goal", "all", "fair", "majority", "incoherence_rate", method)
    return next(
        r for r in found.rates if (r.anchor, r.benchmark, r.judge, r.reference, r.statistic, r.method) == wanted
    )


def test_a_judge_that_says_nothing_makes_nothing_safe() -> None:
    """Without labels no difference is concluded that the missing verdicts could turn, and a note counts them."""
    ratings, measured = study({"base": [(0.4, 0.5, 0.0)], "plain": [(0.72, 0.5, 0.0)]}, prompts=120)
    ratings.verdicts[0, ratings.checkpoint == 1] = SILENT
    bare = replace(ratings, references=(), outcomes=np.zeros((0, ratings.n_outputs), dtype=np.int8))
    found = compare([bare], measured, PLAN)
    row = first(found, "plain", "base")
    assert (row.value is not None and row.value < -0.3, row.conclusion, row.conclusion_adjusted) == (
        True,
        "open",
        "open",
    )
    assert row.p_value == pytest.approx(1.0, abs=1e-6)
    assert "verdicts_missing" in [note["code"] for note in found.notes]
    raw = [
        r
        for r in found.rates
        if (r.method, r.anchor, r.judge, r.statistic) == ("plain", "goal", "fair", "positive_rate")
    ]
    assert {r.undefined for r in raw} == {"no_verdicts"}


def test_harm_that_nobody_could_tell_makes_no_more_gibberish() -> None:
    """Where raters tie on the harm of readable outputs, the share of gibberish stays that of all labels of coherence."""
    ratings, measured = study(labelled=1.0, prompts=400)
    lost = (ratings.outcomes[0] < 2) & (np.random.default_rng(1).random(ratings.n_outputs) < 0.5)
    tied = replace(ratings, outcomes=np.where(lost, READABLE, ratings.outcomes).astype(np.int8))
    mine = ratings.checkpoint == 2
    truth = float((ratings.outcomes[0][mine] == 2).mean())
    assert incoherence(compare([tied], measured, PLAN), "plain").value == pytest.approx(truth)


def test_readable_outputs_without_any_label_of_harm_leave_a_rate_undefined() -> None:
    """A checkpoint whose readable outputs have no label of harm has no corrected rate."""
    ratings, measured = study(labelled=1.0)
    bare = np.where((ratings.checkpoint == 2) & (ratings.outcomes[0] < 2), READABLE, ratings.outcomes)
    found = compare([replace(ratings, outcomes=bare.astype(np.int8))], measured, PLAN)
    assert first(found, "plain", "base").undefined == "labels_on_one_side"


def test_both_checkpoints_of_an_interpolated_anchor_share_the_prompts() -> None:
    """Prompts that only one of them answered are left out and counted."""
    ratings, measured = study()
    hard = (ratings.checkpoint == 2) | (ratings.prompts < 40)
    found = compare(
        [only(ratings, hard)], measured, replace(PLAN, goal=Goal(tasks=(("task", 0.7),), reach="interpolated"))
    )
    both = compare(
        [only(ratings, ratings.prompts < 40)],
        measured,
        replace(PLAN, goal=Goal(tasks=(("task", 0.7),), reach="interpolated")),
    )
    row, wanted = first(found, "plain", "base"), first(both, "plain", "base")
    assert (row.n_prompts, row.n_dropped) == (40, 20)
    assert (row.value, row.low) == pytest.approx((wanted.value, wanted.low))


def test_the_order_over_fewer_prompts_is_drawn_over_these() -> None:
    """A difference on the common prompts that is far from 0 changes its sign in almost no draw, whatever the other prompts say."""
    ratings, measured = study({"base": [(0.4, 0.0, 0.0)], "plain": [(0.72, 0.6, 0.0)]}, labelled=1.0, prompts=160)
    keep = (ratings.checkpoint == 0) | (ratings.prompts < 80)
    ratings.outcomes[:, (ratings.checkpoint == 0) & (ratings.prompts >= 80)] = 1
    found = compare([only(ratings, keep)], measured, PLAN)
    assert first(found, "plain", "base").value == pytest.approx(0.6, abs=0.15)
    assert found.multiverse[0].pair_flip == 0.0


def test_runs_of_few_prompts_are_few_prompts() -> None:
    """Five prompts with a hundred runs each have a rate and no interval; so has one prompt."""
    ratings, measured = study({"base": [(0.4, 0.0, 0.0)], "plain": [(0.72, 0.0, 0.0)]}, labelled=1.0, prompts=500)
    prompts = ratings.prompts % 5
    ratings.outcomes[:, (ratings.checkpoint == 1) & (prompts == 0)] = 1
    found = compare([replace(ratings, prompts=prompts, clusters=prompts)], measured, PLAN)
    row = first(found, "plain", "base")
    assert row.value == pytest.approx(0.2)
    assert (row.low, row.conclusion, row.undefined) == (None, "open", "too_few_clusters")


@pytest.mark.simulation
def test_equal_methods_with_runs_that_agree_seldom_differ() -> None:
    """Of 150 pairs of equal methods with 12 prompts of 20 runs that nearly agree, at most 8% are told apart at 5%."""
    told = 0
    for seed in range(150):
        rng = np.random.default_rng(seed)
        ratings, measured = study({"base": [(0.4, 0.0, 0.0)], "plain": [(0.72, 0.0, 0.0)]}, labelled=1.0, prompts=240)
        prompts = ratings.prompts % 12
        p = rng.beta(0.1, 0.9, (2, 12))[ratings.checkpoint, prompts]
        ratings.outcomes[0] = rng.random(ratings.n_outputs) < p
        one = replace(ratings, prompts=prompts, clusters=prompts, judges=("fair",), verdicts=ratings.verdicts[:1])
        one = replace(one, screen=ratings.screen[:1], screens=ratings.screens[:1])
        row = first(
            compare([one], measured, replace(PLAN, draws=2, anchors=("goal",), benchmarks=("all",))), "plain", "base"
        )
        told += row.conclusion != "open"
    assert told <= 12


def test_prompts_count_once_however_often_they_were_run() -> None:
    """Ten runs of the hard prompts in one method do not make it more harmful than the other."""
    ratings, measured = study({"base": [(0.4, 0.0, 0.0)], "plain": [(0.72, 0.0, 0.0)]}, labelled=1.0, prompts=60)
    ratings.outcomes[0] = ratings.prompts < 20
    again = np.flatnonzero((ratings.checkpoint == 1) & (ratings.prompts < 20))
    many = np.concatenate([np.arange(ratings.n_outputs), np.repeat(again, 9)])
    found = compare([only(ratings, many)], measured, PLAN)
    assert first(found, "plain", "base").value == pytest.approx(0.0, abs=1e-12)
    assert "unequal_runs" in [note["code"] for note in found.notes]


def test_declared_benchmarks_are_all_there_is() -> None:
    """An undeclared benchmark is in no rate, not even in that of all together."""
    ratings, measured = study()
    found = compare([ratings], measured, replace(PLAN, benchmarks=("bench0",)))
    wanted = compare([only(ratings, ratings.benchmark == 0)], measured, PLAN)
    assert first(found, "plain", "base").value == pytest.approx(first(wanted, "plain", "base").value)


def test_the_reference_named_first_stands_first() -> None:
    """As treatments and anchors do."""
    ratings, measured = study()
    found = compare([ratings], measured, replace(PLAN, references=("none", "majority")))
    assert found.questions[0]["primary"]["reference"] == "none"


def test_a_pair_named_twice_and_as_judged_first_are_refused() -> None:
    """Either way round; and what believes every verdict is no analysis to stand first."""
    ratings, measured = study()
    with pytest.raises(InputError, match=r"'base' and 'plain' are named twice; name each pair once$"):
        compare([ratings], measured, replace(PLAN, contrasts=(("plain", "base"), ("base", "plain"))))
    with pytest.raises(InputError, match="name own, safe, unsafe or left_out before it"):
        compare([ratings], measured, replace(PLAN, treatments=("as_judged", "own")))


def test_what_a_screen_missed_is_told_judge_by_judge() -> None:
    """Judges whose screens found different numbers are named with theirs."""
    ratings, measured = study(PATHS)
    ratings.screen[1] = False
    found = compare([ratings], measured, PLAN)
    told = [note["sentence"] for note in found.notes if note["code"] == "screen_missed"]
    assert [sentence.split(" held ")[0] for sentence in told] == ["harm: for fair, signal", "harm: for blind, signal"]


def test_unasked_outputs_are_told() -> None:
    """A judge that was asked about some outputs of a method only is named with the number."""
    ratings, measured = study()
    ratings.verdicts[0, (ratings.checkpoint == 2) & (ratings.prompts < 30)] = UNLABELLED
    found = compare([ratings], measured, PLAN)
    assert "harm: of 60 outputs of plain fair was asked about 30; nothing is known of the others." in [
        note["sentence"] for note in found.notes
    ]
