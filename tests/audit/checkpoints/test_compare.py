"""Checkpoints at a capability goal: what is said of rates, contrasts, and of all that can be missing."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from judgeaudit.audit.checkpoints.compare import Compared, compare
from judgeaudit.domain.checkpoints import SILENT, Goal, Measurement
from judgeaudit.domain.errors import InputError
from judgeaudit.domain.results.comparison import MethodContrast, Rate
from tests.audit.checkpoint_cases import PATHS, PLAN, only, study, unlabelled

pytestmark = pytest.mark.slow


def primary(found: Compared, a: str, b: str) -> MethodContrast:
    return next(one for one in found.contrasts if one.primary and (one.a, one.b) == (a, b))


def rate(found: Compared, method: str, **wanted: str) -> Rate:
    """The one rate of a method at the anchor that stands first."""
    asked = {"anchor": "goal", "benchmark": "all", "judge": "fair", "statistic": "positive_rate", **wanted}
    rows = [r for r in found.rates if r.method == method and all(getattr(r, k) == v for k, v in asked.items())]
    assert len(rows) == 1
    return rows[0]


def codes(found: Compared) -> list[str]:
    return [note["code"] for note in found.notes]


def test_the_primary_analysis_is_anchored_corrected_and_gibberish_its_own() -> None:
    """One row for each contrast: against the baseline, then the others in pairs."""
    found = compare([study()[0]], study()[1], PLAN)
    rows = [one for one in found.contrasts if one.primary]
    assert [(one.a, one.b) for one in rows] == [("plain", "base"), ("short", "base"), ("short", "plain")]
    assert {(one.anchor, one.reference, one.treatment, one.judge, one.benchmark) for one in rows} == {
        ("goal", "majority", "own", "fair", "all")
    }
    assert found.questions[0]["primary"]["reference"] == "majority"


def test_raw_rates_are_counts_of_verdicts() -> None:
    """Gibberish by the screen, then the verdict: recounted by hand at the anchor."""
    ratings, measured = study()
    found = compare([ratings], measured, PLAN)
    mine = ratings.checkpoint == 2  # plain-1, the first at 0.7
    held, flagged = ratings.screen[0][mine], ratings.verdicts[0][mine] == 1
    raw = {
        one: rate(found, "plain", reference="none", treatment=one).value
        for one in ("own", "safe", "unsafe", "left_out")
    }
    n, unsafe = mine.sum(), (flagged & ~held).sum()
    assert raw == pytest.approx(
        {"own": unsafe / n, "safe": unsafe / n, "unsafe": (unsafe + held.sum()) / n, "left_out": unsafe / (~held).sum()}
    )
    incoherent = rate(found, "plain", reference="none", statistic="incoherence_rate")
    assert incoherent.value == pytest.approx(held.mean())


def test_a_judge_that_nobody_opened_on_gibberish_gives_bounds() -> None:
    """As judged: no value but worst and best case, until the gate opens the judge there."""
    ratings, measured = study()
    closed = rate(compare([ratings], measured, PLAN), "short", treatment="as_judged", judge="blind")
    mine = ratings.checkpoint == 4
    held, verdict = ratings.screen[1][mine], ratings.verdicts[1][mine]
    assert (closed.value, closed.undefined) == (None, "not_certified_on_incoherent")
    surely = ((verdict == 1) & ~held).mean()
    assert closed.bound_low == pytest.approx(surely)
    assert closed.bound_high == pytest.approx(surely + held.mean() + ((verdict == SILENT) & ~held).mean())
    assert closed.flagged == pytest.approx((verdict == 1).mean())
    opened = compare([replace(ratings, certified=("blind",))], measured, PLAN)
    one = rate(opened, "short", treatment="as_judged", judge="blind")
    assert one.value == pytest.approx((verdict == 1).mean())
    assert one.bound_high == pytest.approx((verdict != 0).mean())


def test_labels_of_all_outputs_give_the_truth_by_every_judge() -> None:
    """Then no judge matters, and the corrected difference is that of the labels."""
    ratings, measured = study(labelled=1.0)
    found = compare([ratings], measured, PLAN)
    truth = [float((ratings.outcomes[0][ratings.checkpoint == k] == 1).mean()) for k in (0, 2)]
    rows = [
        one
        for one in found.contrasts
        if (one.a, one.b, one.anchor, one.reference) == ("plain", "base", "goal", "majority")
    ]
    own = [one for one in rows if one.treatment == "own" and one.benchmark == "all"]
    assert [one.judge for one in own] == ["fair", "blind"]
    for one in own:
        assert one.value == pytest.approx(truth[1] - truth[0])


def test_whatever_gibberish_is_taken_for() -> None:
    """A conclusion with gibberish as an outcome of its own is that of both other readings; its p-value is the larger one."""
    found = compare([study()[0]], study()[1], PLAN)
    by = {
        (one.treatment, one.a, one.b): one
        for one in found.contrasts
        if (one.anchor, one.reference, one.judge, one.benchmark) == ("goal", "majority", "fair", "all")
    }
    for a, b in (("plain", "base"), ("short", "base"), ("short", "plain")):
        own, safe, unsafe = (by[name, a, b] for name in ("own", "safe", "unsafe"))
        assert own.conclusion == (safe.conclusion if safe.conclusion == unsafe.conclusion else "open")
        assert own.p_value is not None and safe.p_value is not None and unsafe.p_value is not None
        assert own.p_value == pytest.approx(max(safe.p_value, unsafe.p_value)) or own.p_value == 1.0
        assert (own.other_value, own.other_low) == (unsafe.value, unsafe.low)


def test_p_values_are_adjusted_by_holm() -> None:
    """Over the contrasts of one analysis, as statsmodels does it."""
    from statsmodels.stats.multitest import multipletests

    rows = [one for one in compare([study()[0]], study()[1], PLAN).contrasts if one.primary]
    wanted = multipletests([one.p_value for one in rows], method="holm")[1]
    assert [one.p_adjusted for one in rows] == pytest.approx(list(wanted))


def test_the_order_of_outputs_changes_nothing() -> None:
    """Rows in any order give the same comparison."""
    ratings, measured = study()
    order = np.random.default_rng(1).permutation(ratings.n_outputs)
    shuffled = only(ratings, order)  # type: ignore[arg-type]
    one, other = compare([ratings], measured, PLAN), compare([shuffled], measured, PLAN)
    assert [r.value for r in one.rates] == pytest.approx([r.value for r in other.rates], nan_ok=True)
    assert [c.low for c in one.contrasts] == pytest.approx([c.low for c in other.contrasts], nan_ok=True)
    assert [m.flip_rate for m in one.multiverse] == [m.flip_rate for m in other.multiverse]


def test_the_same_outputs_under_two_names_do_not_differ() -> None:
    """Paired by prompt, a method held against its copy gives 0, within a third of the width that one against another has."""
    ratings, measured = study(
        {"base": PATHS["base"], "plain": [PATHS["plain"][1]], "copy": [PATHS["plain"][1]]}, labelled=1.0
    )
    one, two = ratings.checkpoint == 1, ratings.checkpoint == 2
    for table in (ratings.verdicts, ratings.screen, ratings.outcomes):
        table[:, two] = table[:, one]
    found = compare([ratings], measured, PLAN)
    row, other = primary(found, "copy", "plain"), primary(found, "plain", "base")
    assert row.value == pytest.approx(0.0, abs=1e-12)
    assert row.low is not None and row.high is not None and other.low is not None and other.high is not None
    assert row.high - row.low < (other.high - other.low) / 3


def test_errors_of_the_judge_are_raw_less_corrected() -> None:
    """And a difference is rankable only if its sign stays within their limits."""
    found = compare([study(labelled=0.3, prompts=200)[0]], study()[1], PLAN)
    rows = {
        (one.reference, one.judge, one.a): one
        for one in found.contrasts
        if (one.treatment, one.anchor, one.b, one.benchmark) == ("own", "goal", "base", "all")
    }
    raw, right = rows["none", "fair", "plain"], rows["majority", "fair", "plain"]
    assert raw.value is not None and right.value is not None
    assert right.judge_error == pytest.approx(raw.value - right.value)
    assert right.rankable in ("yes", "no")


# ----------------------------------------------------------------------------------------------------- what is missing


def test_a_method_that_never_reaches_the_goal_is_listed() -> None:
    """It has no anchor, a note, and contrasts that say why they have no value; the others are compared all the same."""
    ratings, measured = study()
    high = replace(PLAN, goal=Goal(tasks=(("task", 0.79),)))
    found = compare([ratings], measured, high)
    anchor = next(one for one in found.anchors if one["rule"] == "goal" and one["method"] == "short")
    assert (anchor["parts"], anchor["code"]) == ([], "not_reached")
    assert primary(found, "short", "base").undefined == "not_anchored"
    assert primary(found, "plain", "base").value is not None
    assert "not_reached" in codes(found)


def test_a_checkpoint_without_outputs_is_told() -> None:
    """The next one that reaches the goal stands for the method."""
    ratings, measured = study()
    found = compare([only(ratings, ratings.checkpoint != 2)], measured, PLAN)
    anchor = next(one for one in found.anchors if one["rule"] == "goal" and one["method"] == "plain")
    assert [part["checkpoint"] for part in anchor["parts"]] == ["plain-2"]
    assert {"no_outputs", "no_outputs_at_goal"} <= set(codes(found))


def test_capability_that_falls_again_is_told() -> None:
    """The anchor stays the earliest checkpoint that reaches the goal."""
    ratings, measured = study()
    fallen = [replace(one, score=0.5) if one.checkpoint == 3 else one for one in measured]
    found = compare([ratings], fallen, PLAN)
    assert "not_held" in codes(found)
    assert primary(found, "plain", "base").value is not None


def test_a_method_with_one_checkpoint_is_compared_and_told() -> None:
    """It has no path, which a note says."""
    ratings, measured = study({**PATHS, "single": [(0.9, 0.1, 0.1)]})
    found = compare([ratings], measured, PLAN)
    assert primary(found, "single", "base").value is not None
    assert "one_checkpoint" in codes(found)


def test_prompts_that_one_method_never_answered() -> None:
    """The contrast is that of the prompts that both answered, and says how many answers are left out."""
    ratings, measured = study()
    gone = (ratings.checkpoint == 2) & (ratings.prompts < 20)
    found = compare([only(ratings, ~gone)], measured, PLAN)
    both = compare([only(ratings, ratings.prompts >= 20)], measured, PLAN)
    row, wanted = primary(found, "plain", "base"), primary(both, "plain", "base")
    assert (row.n_prompts, row.n_dropped) == (40, 20)
    assert (row.value, row.low, row.high) == pytest.approx((wanted.value, wanted.low, wanted.high))
    assert primary(found, "short", "base").n_dropped == 0
    assert "prompts_dropped" in codes(found)


def test_no_prompt_in_common() -> None:
    """Nothing is compared, and the result says so."""
    ratings, measured = study()
    odd = np.isin(ratings.checkpoint, (1, 2, 3)) == (ratings.prompts % 2 == 0)
    found = compare([only(ratings, odd)], measured, PLAN)
    assert primary(found, "plain", "base").undefined == "no_common_prompts"
    assert "no_common_prompts" in codes(found)


def test_labels_on_one_method_only() -> None:
    """The others have raw rates, corrected ones with a reason, and a note that says what to label."""
    ratings, measured = study()
    found = compare([unlabelled(ratings, ~np.isin(ratings.checkpoint, (1, 2, 3)))], measured, PLAN)
    assert primary(found, "plain", "base").undefined == "labels_on_one_side"
    assert primary(found, "plain", "base").rankable == "unknown"
    assert primary(found, "short", "base").undefined == "no_labels"
    assert rate(found, "base", reference="majority", treatment="own").undefined == "no_labels_here"
    assert rate(found, "base", reference="none", treatment="own").value is not None
    note = next(one["sentence"] for one in found.notes if one["code"] == "labels_missing")
    assert note == (
        "harm: labels at the goal are there of plain only; label outputs of base, short there, or their rates stay the judges' own."
    )


def test_no_labels_at_all() -> None:
    """The verdicts alone stand first then, and a note says so."""
    ratings, measured = study()
    bare = replace(ratings, references=(), outcomes=np.zeros((0, ratings.n_outputs), dtype=np.int8))
    found = compare([bare], measured, PLAN)
    assert found.questions[0]["primary"]["reference"] == "none"
    assert primary(found, "plain", "base").value is not None
    assert "no_labels" in codes(found)


@pytest.mark.parametrize(("design", "code"), [(None, "no_design"), ("elsewhere", "labels_elsewhere")])
def test_labels_whose_choice_is_not_known_correct_nothing(design: str | None, code: str) -> None:
    """Only the verdicts speak, and the reason stands in each corrected rate."""
    ratings, measured = study()
    found = compare([replace(ratings, label_design=design)], measured, PLAN)
    assert rate(found, "plain", reference="majority", treatment="own").undefined == code
    assert primary(found, "plain", "base").undefined == code
    assert code in codes(found)


def test_no_judge_is_told() -> None:
    """A question without verdicts has no rates."""
    ratings, measured = study()
    nothing = np.zeros((0, ratings.n_outputs))
    bare = replace(ratings, judges=(), screens=(), verdicts=nothing.astype(np.int8), screen=nothing.astype(bool))
    found = compare([bare], measured, PLAN)
    assert (found.rates, found.contrasts) == ([], [])
    assert "no_judge" in codes(found)


def test_unknown_names_are_refused_in_one_line() -> None:
    """A contrast, benchmark or reference that is not there is named with what there is."""
    ratings, measured = study()
    with pytest.raises(
        InputError,
        match=r"^compare.contrasts: no method 'plian' \(did you mean 'plain'\?\); there are base, plain, short$",
    ):
        compare([ratings], measured, replace(PLAN, contrasts=(("plian", "base"),)))
    with pytest.raises(InputError, match=r"compare.benchmarks: no 'x'"):
        compare([ratings], measured, replace(PLAN, benchmarks=("x",)))
    with pytest.raises(InputError, match="held against itself"):
        compare([ratings], measured, replace(PLAN, contrasts=(("plain", "plain"),)))


def test_interpolated_rates_lie_between_their_checkpoints() -> None:
    """At an interpolated anchor a rate is the weighted sum of the rates of both checkpoints."""
    ratings, measured = study()
    found = compare([ratings], measured, replace(PLAN, goal=Goal(tasks=(("task", 0.7),), reach="interpolated")))
    anchor = next(one for one in found.anchors if one["rule"] == "goal" and one["method"] == "plain")
    assert [round(part["weight"], 6) for part in anchor["parts"]] == [round(1 / 6, 6), round(5 / 6, 6)]
    joined = rate(found, "plain", reference="majority", treatment="unsafe")
    ends = [
        next(
            r.value
            for r in found.rates
            if (r.anchor, r.checkpoint, r.judge, r.reference, r.treatment, r.statistic)
            == ("", name, "fair", "majority", "unsafe", "positive_rate")
        )
        for name in ("plain-0", "plain-1")
    ]
    assert ends[0] is not None and ends[1] is not None
    assert joined.value == pytest.approx(ends[0] / 6 + ends[1] * 5 / 6)
    assert joined.checkpoint == "plain-0 … plain-1"


def test_several_runs_of_a_prompt_widen_the_interval() -> None:
    """The same outputs twice are no more prompts: the interval is not narrower than that of one run."""
    ratings, measured = study(labelled=1.0)
    twice = np.tile(np.arange(ratings.n_outputs), 2)
    found = compare([only(ratings, twice)], measured, PLAN)  # type: ignore[arg-type]
    one, two = (primary(c, "plain", "base") for c in (compare([ratings], measured, PLAN), found))
    assert one.low is not None and two.low is not None and one.high is not None and two.high is not None
    assert two.value == pytest.approx(one.value)
    assert two.high - two.low > 0.9 * (one.high - one.low)


def test_measurements_of_other_tasks_do_not_matter() -> None:
    """A task that is no part of the goal moves no anchor."""
    ratings, measured = study()
    more = [*measured, *(Measurement(checkpoint=k, task="other", score=0.99) for k in range(7))]
    assert compare([ratings], measured, PLAN).anchors == compare([ratings], more, PLAN).anchors


def test_a_claim_needs_both_the_interval_and_holm() -> None:
    """What may be claimed of several contrasts is the conclusion where its adjusted p-value is below one less the level."""
    for one in compare([study()[0]], study()[1], PLAN).contrasts:
        allowed = one.p_adjusted is not None and one.p_adjusted < 0.05
        assert one.conclusion_adjusted == (one.conclusion if allowed else "open")


def test_what_may_not_be_claimed_is_not_rankable() -> None:
    """Methods are ranked by a judge only where the difference is both surely there and larger than its errors."""
    for one in compare([study()[0]], study()[1], PLAN).contrasts:
        assert one.rankable != "yes" or one.conclusion_adjusted != "open"
