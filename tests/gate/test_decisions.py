"""What follows from strata that pass, fail or cannot tell, under the default policies and a person's own."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

import judgeaudit as ja
from judgeaudit.domain.results.audit import Requirement
from judgeaudit.gate.words.sentences import requirement_sentence

GOOD = {("1", "1"): 60, ("0", "0"): 60}
BAD = {("1", "1"): 30, ("1", "0"): 30, ("0", "0"): 30, ("0", "1"): 30}
UNSURE = {("1", "1"): 50, ("1", "0"): 8, ("0", "0"): 50, ("0", "1"): 8}
CALM = {("0", "0"): 78, ("0", "1"): 2}
ALARMED = {("0", "0"): 40, ("0", "1"): 40}


def asked(decision: Any, stratum: str = "all") -> list[tuple[str, str, float | None, float | None]]:
    lines = [r for r in decision.requirements if r.stratum == stratum]
    return [(r.statistic, r.subject, r.at_least, r.at_most) for r in lines]


def states(decision: Any) -> dict[str, tuple[str, str | None]]:
    return {s.stratum: (s.state, s.code) for s in decision.strata}


# ------------------------------------------------------------------------------------------------ default for filters


def test_the_default_on_binary_asks_both_rates_kappa_and_a_ceiling(audit: Any) -> None:
    """Sensitivity and specificity at least 0.80, kappa and the people's alpha at least 0.667."""
    (decision,) = ja.decide(audit(GOOD))
    assert asked(decision) == [
        ("sensitivity", "j", 0.80, None),
        ("specificity", "j", 0.80, None),
        ("cohen_kappa", "j", 0.667, None),
        ("krippendorff_alpha", "humans", 0.667, None),
    ]
    assert (decision.decision, decision.scope, decision.excluded, decision.code) == ("certified", ["all"], [], None)


@pytest.mark.parametrize(
    ("scale", "head"),
    [("nominal", "cohen_kappa"), ("ordinal", "krippendorff_alpha"), ("interval", "krippendorff_alpha")],
)
def test_the_default_on_other_scales_asks_agreement_and_a_ceiling(scale: str, head: str, audit: Any) -> None:
    """Kappa on nominal, alpha of judge and reference on ordinal and interval scales, at least 0.667."""
    cells = {(label, label): 40 for label in "123"}
    (decision,) = ja.decide(audit(cells, labels=["1", "2", "3"], scale=scale))
    assert asked(decision) == [(head, "j", 0.667, None), ("krippendorff_alpha", "humans", 0.667, None)]
    assert decision.decision == "certified"


def test_a_decisive_failure_rejects_and_an_undecided_one_does_not(audit: Any) -> None:
    """Rejected means that a bound lies beyond its line; a value on the line with a wide bound is undetermined."""
    bad, unsure = (ja.decide(audit(cells))[0] for cells in (BAD, UNSURE))
    assert (bad.decision, bad.code) == ("rejected", "fails")
    assert (unsure.decision, unsure.code) == ("undetermined", "more_labels")
    assert unsure.labels_missing is not None
    assert "more labelled items" in unsure.reason


# ------------------------------------------------------------------------------------------------------ people


def disagreeing(n: int, verdict_error: float, *, people: int = 3) -> pd.DataFrame:
    """People who say what they like, and a judge that follows the first of them."""
    rng = np.random.default_rng(1)
    labels = rng.integers(0, 2, (people, n))
    judge = np.where(rng.random(n) < verdict_error, 1 - labels[0], labels[0])
    frame = {f"h{k + 1}": labels[k].astype(str) for k in range(people)}
    return pd.DataFrame({"item_id": [str(i) for i in range(n)], **frame, "j": judge.astype(str)})


@pytest.mark.parametrize("verdict_error", [0.0, 0.5, 1.0])
def test_people_who_disagree_decide_nothing_whatever_the_judge_does(verdict_error: float, audit: Any) -> None:
    """Where the ceiling decisively fails the decision is undetermined, good judge or bad, and says what to mend."""
    (decision,) = ja.decide(audit(disagreeing(200, verdict_error)))
    assert (decision.decision, decision.code, decision.scope) == ("undetermined", "people_disagree", [])
    assert "do not agree enough" in decision.reason


def test_one_person_is_no_ceiling(audit: Any) -> None:
    """With one person people's agreement has no value, so that nothing is certified: a second person is asked for."""
    made = audit(disagreeing(200, 0.0, people=1), human=["h1"])
    (decision,) = ja.decide(made)
    assert (decision.decision, decision.code) == ("undetermined", "too_few_raters")
    assert "have more raters label some of them" in decision.reason


def test_one_person_does_not_keep_a_bad_judge_from_being_rejected(audit: Any) -> None:
    """A requirement that decisively fails closes its stratum, whatever else is undefined there."""
    (decision,) = ja.decide(audit(disagreeing(200, 0.5, people=1), human=["h1"]))
    assert (decision.decision, decision.code) == ("rejected", "fails")


def test_without_a_judge_there_is_one_decision_about_the_people(audit: Any, make: Any) -> None:
    """`judge` is None, it is required, and people who agree are certified."""
    agree = ja.decide(audit(make({"x": GOOD}), judges=[]))
    apart = ja.decide(audit(disagreeing(200, 0.0), judges=[]))
    assert [(d.judge, d.decision, d.code, d.required) for d in agree] == [(None, "certified", None, True)]
    assert [(d.judge, d.decision, d.code) for d in apart] == [(None, "undetermined", "people_disagree")]
    assert (agree.exit_code, apart.exit_code) == (0, 3)


def test_people_alone_with_one_label_only_are_held_to_raw_agreement(audit: Any, make: Any) -> None:
    """Alpha has no value where everybody says the same; raw agreement stands for it."""
    (decision,) = ja.decide(audit(make({"x": {("0", "0"): 60}}), judges=[]))
    assert asked(decision) == [("percent_agreement", "humans", 0.667, None)]
    assert decision.decision == "certified"


def test_a_disagreement_in_one_stratum_is_said_of_that_stratum(audit: Any, make: Any) -> None:
    """People who disagree in one slice do not make the whole question theirs to mend."""
    apart = disagreeing(100, 0.0).assign(s="apart")
    agreed = make({"fine": {("1", "1"): 200, ("0", "0"): 200}})
    frame = pd.concat([apart, agreed], ignore_index=True)
    (decision,) = ja.decide(audit(frame.assign(item_id=[str(i) for i in range(len(frame))]), by="s"))
    assert states(decision)["s=apart"] == ("undetermined", "people_disagree")
    assert (decision.decision, decision.scope) == ("restricted", ["s=fine"])


# ---------------------------------------------------------------------------------------------------- one class


def test_without_positives_false_alarms_and_raw_agreement_decide(audit: Any) -> None:
    """Where people saw negatives only, kappa and sensitivity do not exist: false alarms at most 0.20 open the stratum."""
    (decision,) = ja.decide(audit({"mixed": GOOD, "calm": CALM, "alarmed": ALARMED}))
    rule = [("false_positive_rate", "j", None, 0.20), ("percent_agreement", "humans", 0.667, None)]
    assert asked(decision, "s=calm") == asked(decision, "s=alarmed") == rule
    assert states(decision)["s=calm"] == ("open", None)
    assert states(decision)["s=alarmed"] == ("closed", "fails")


def test_without_negatives_sensitivity_and_raw_agreement_decide(audit: Any) -> None:
    """Where people saw positives only, the found share decides."""
    (decision,) = ja.decide(audit({"mixed": GOOD, "found": {("1", "1"): 58, ("1", "0"): 2}, "lost": {("1", "0"): 60}}))
    rule = [("sensitivity", "j", 0.80, None), ("percent_agreement", "humans", 0.667, None)]
    assert asked(decision, "s=found") == asked(decision, "s=lost") == rule
    assert (decision.scope, states(decision)["s=lost"]) == (["s=found", "s=mixed"], ("closed", "fails"))


def test_people_who_see_one_class_but_not_together_disagree(audit: Any, make: Any) -> None:
    """The ceiling of a one-class stratum is raw agreement: 60% of pairs alike is decisively too few."""
    frame = make({"x": {("0", "0"): 300}})
    frame.loc[frame.index[:180], "h1"] = "1"
    (decision,) = ja.decide(audit(frame))
    assert (decision.decision, decision.code) == ("undetermined", "people_disagree")


def test_a_nominal_stratum_with_one_label_is_decided_by_raw_agreement(audit: Any) -> None:
    """On scales without a positive side the judge must agree with the one label on at least 0.80."""
    mixed = {(label, label): 40 for label in "abc"}
    made = audit(
        {"mixed": mixed, "one": {("a", "a"): 60}, "off": {("b", "c"): 60}}, labels=list("abc"), scale="nominal"
    )
    (decision,) = ja.decide(made)
    assert asked(decision, "s=one")[0] == ("percent_agreement", "j", 0.80, None)
    assert decision.scope == ["s=mixed", "s=one"]


def test_a_policys_own_rates_decide_where_they_exist(audit: Any) -> None:
    """A requirement on what a one-class stratum cannot have does not stand in its way; one that names the stratum does."""
    require = (
        ja.Require(statistic="sensitivity", at_least=0.7),
        ja.Require(statistic="false_positive_rate", at_most=0.3),
        ja.Require(statistic="krippendorff_alpha", subject="humans", at_least=0.6),
    )
    made = audit({"mixed": GOOD, "calm": CALM})
    (free,) = ja.decide(made, ja.Policy(require=require))
    assert asked(free, "s=calm") == [
        ("false_positive_rate", "j", None, 0.3),
        ("percent_agreement", "humans", 0.6, None),
    ]
    assert free.decision == "certified"
    (named,) = ja.decide(made, ja.Policy(require=(replace(require[0], strata=("all", "s=calm")),)))
    assert states(named)["s=calm"] == ("undetermined", "one_class")


def test_where_nothing_asked_exists_the_stratum_is_one_class(audit: Any, asking: Any) -> None:
    """A policy that asks kappa alone cannot be held in a one-class stratum, which stays undetermined."""
    (decision,) = ja.decide(audit({"mixed": GOOD, "calm": CALM}), asking(statistic="cohen_kappa", at_least=0.5))
    assert states(decision)["s=calm"] == ("undetermined", "one_class")
    assert decision.scope == ["s=mixed"]


# ------------------------------------------------------------------------------------------------- label source


@pytest.mark.parametrize("source", ["models", "construction", "simulation"])
def test_only_peoples_labels_certify(source: str, audit: Any) -> None:
    """Labels by anything else certify nothing and restrict to nothing, unless the policy says so; they may still reject."""
    made = audit({"mixed": GOOD, "calm": CALM}, label_source=source)
    (decision,) = ja.decide(made)
    assert (decision.decision, decision.code, decision.scope) == ("undetermined", "labels_not_by_people", [])
    assert decision.excluded == ["s=calm", "s=mixed"]
    assert source in decision.reason
    assert ja.decide(made, ja.Policy(label_source="any"))[0].decision == "certified"
    assert ja.decide(audit(BAD, label_source=source))[0].decision == "rejected"


def test_people_alone_are_certified_by_people_only(audit: Any, make: Any) -> None:
    """Agreement among labelling models is no ceiling."""
    (decision,) = ja.decide(audit(make({"x": GOOD}), judges=[], label_source="models"))
    assert (decision.judge, decision.decision, decision.code) == (None, "undetermined", "labels_not_by_people")


# ------------------------------------------------------------------------------------------------------ exit codes


def with_judges(audit: Any, make: Any, cells: dict[str, Any]) -> ja.Audit:
    tables = {name: make({"x": one}, judge=name) for name, one in cells.items()}
    frame = pd.concat([table.assign(item_id=name + table["item_id"]) for name, table in tables.items()])
    judges = list(cells)
    return audit(frame.fillna("NOT"), judges=judges, not_asked="NOT")


@pytest.mark.parametrize(
    ("judges", "code"),
    [
        (("good",), 0),
        (("bad",), 1),
        (("unsure",), 3),
        (("good", "bad"), 1),
        (("good", "unsure"), 3),
        (("bad", "unsure"), 1),
    ],
)
def test_the_exit_code_speaks_of_the_required_judges(judges: tuple[str, ...], code: int, audit: Any, make: Any) -> None:
    """0 when all are certified, 1 when one is restricted or rejected, else 3; judges that are not named do not count."""
    made = with_judges(audit, make, {"good": GOOD, "bad": BAD, "unsure": UNSURE})
    decisions = ja.decide(made, ja.Policy(judges=judges))
    assert {d.judge for d in decisions if d.required} == set(judges)
    assert decisions.exit_code == code


def test_baselines_are_shown_and_never_required(audit: Any, make: Any) -> None:
    """A judge that is declared a baseline is decided on, and the exit code does not hear of it."""
    made = with_judges(audit, make, {"good": GOOD, "bad": BAD})
    questions = [replace(about, baseline_judges=["bad"]) for about in made.result.questions]
    decisions = ja.decide(ja.Audit(replace(made.result, questions=questions)))
    assert [(d.judge, d.decision, d.baseline, d.required) for d in decisions] == [
        ("good", "certified", False, True),
        ("bad", "rejected", True, False),
    ]
    assert decisions.exit_code == 0


def test_a_judge_of_whom_nothing_is_asked_is_neither_certified_nor_required(audit: Any, asking: Any) -> None:
    """Requirements that never apply certify nobody: the code is no_requirements, and alone it ends with 3."""
    frame = pd.concat(
        [pd.DataFrame({"i": range(120), "r": r, "l": ["0", "1"] * 60, "q": q}) for r in "abj" for q in ("one", "two")]
    )
    made = audit(frame, long=["i", "r", "l", "q"], judges=["j"], human=())
    decisions = ja.decide(made, asking(statistic="accuracy", at_least=0.5, question="one"))
    assert [(d.question, d.decision, d.code, d.required) for d in decisions] == [
        ("one", "certified", None, True),
        ("two", "undetermined", "no_requirements", False),
    ]
    assert decisions.exit_code == 0
    assert ja.decide(made, ja.Policy(require=())).exit_code == 3


# --------------------------------------------------------------------------------------------- the same everywhere


@pytest.mark.slow
def test_decisions_do_not_change_on_the_way_through_json(audit: Any, tmp_path: Path) -> None:
    """An audit written and read back leads to the same decisions, bound by bound, and twice decided is the same."""
    made = audit({"a": UNSURE, "b": GOOD, "calm": CALM, "few": {("1", "1"): 5}})
    made.to_json(tmp_path / "audit.json")
    back = ja.read_audit(tmp_path / "audit.json")
    for policy in (
        None,
        ja.Policy(purpose="rate"),
        ja.Policy(purpose="compare"),
        ja.Policy(require=(ja.Require(statistic="youden_j", at_least=0.3),)),
    ):
        first, again, read = (list(ja.decide(one, policy)) for one in (made, made, back))
        assert first == again == read
    assert list(back.decisions) == list(ja.decide(made))


def test_nothing_is_not_minus_nothing() -> None:
    """A value that rounds to nothing has no sign in a sentence."""
    line = Requirement(
        statistic="cohen_kappa", stratum="all", bound=0.1, met=False, at_least=0.6, value=-0.001, fails=True
    )
    assert requirement_sentence(line).startswith("Cohen's kappa is 0.00 (")


def test_a_judge_without_one_usable_label_is_rejected_for_its_silence(audit: Any) -> None:
    """Not for a kappa of 0, which would be that of labels that it never gave."""
    (decision,) = ja.decide(audit({("1", "?"): 24, ("0", "?"): 24}, unusable="?"))
    assert (decision.decision, decision.reason) == (
        "rejected",
        "j may not be used for 'label': no usable label in 48 items.",
    )
    assert [one.reason for one in decision.strata] == ["No usable label in 48 items."]
    (other,) = ja.decide(audit({("1", "?"): 24, ("0", "?"): 23, ("0", "0"): 1}, unusable="?"))
    assert "usable" not in other.reason
