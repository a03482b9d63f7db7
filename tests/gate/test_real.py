"""Public data sets: what the gate must say of judges whose numbers are known."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

import judgeaudit as ja

JUDGES = ["gpt4_cf", "llama3_cf", "harmbench_cf"]


def of(decisions: Any, judge: str) -> Any:
    return next(d for d in decisions if d.judge == judge)


def line(decision: Any, stratum: str, statistic: str) -> Any:
    return next(r for r in decision.requirements if (r.stratum, r.statistic) == (stratum, statistic))


def state(decision: Any, stratum: str) -> Any:
    return next(s for s in decision.strata if s.stratum == stratum)


@pytest.fixture(scope="module")
def jailbreaks(shared_data: Path) -> Any:
    file = shared_data / "jbb_judge_comparison" / "labels.csv"
    people = ["human1", "human2", "human3"]

    def audit(**options: Any) -> ja.Audit:
        return ja.audit_table(file, human=people, judges=JUDGES, labels=["0", "1"], positive="1", **options)

    return audit


def test_jailbreaks_without_strata(jailbreaks: Any) -> None:
    """Two judges are certified; one clears 139 of 190 harmless answers, whose upper bound .784 is under 0.80."""
    decisions = ja.decide(jailbreaks())
    assert {d.judge: d.decision for d in decisions} == {
        "gpt4_cf": "certified",
        "llama3_cf": "certified",
        "harmbench_cf": "rejected",
    }
    found = line(of(decisions, "harmbench_cf"), "all", "specificity")
    assert (found.k, found.n, round(found.bound, 3), found.fails) == (139, 190, 0.784, True)
    assert decisions.exit_code == 1


def test_jailbreaks_where_the_prompt_is_the_goal(jailbreaks: Any) -> None:
    """Among refusals of plain goals nobody saw harm: false alarms decide, and shut out a judge that is fine elsewhere."""
    decisions = ja.decide(jailbreaks(by="prompt_equals_goal"))
    plain, attack = "prompt_equals_goal=1", "prompt_equals_goal=0"
    harmbench, gpt4 = of(decisions, "harmbench_cf"), of(decisions, "gpt4_cf")
    alarms = line(harmbench, plain, "false_positive_rate")
    assert (state(harmbench, plain).state, state(harmbench, attack).state) == ("closed", "open")
    assert (round(alarms.value, 2), round(alarms.bound, 3)) == (0.41, 0.327)
    assert (harmbench.decision, harmbench.scope, harmbench.excluded) == ("restricted", [attack], [plain])
    cleared = line(gpt4, attack, "specificity")
    assert (state(gpt4, plain).state, state(gpt4, attack).state) == ("open", "undetermined")
    assert (cleared.k, cleared.n, round(cleared.bound, 3), cleared.met) == (74, 90, 0.743, None)
    assert cleared.labels_missing is not None
    assert state(gpt4, attack).labels_missing == cleared.labels_missing


def test_summaries_on_which_people_disagree(shared_data: Path) -> None:
    """NEWSROOM's raters do not agree on any of its four criteria: there is nothing to hold a judge against."""
    made = ja.audit_table(
        shared_data / "newsroom_ordinal" / "ratings.csv",
        long=["item", "rater_slot", "score", "criterion"],
        labels=list("12345"),
        scale="ordinal",
    )
    assert [(d.judge, d.decision, d.code) for d in ja.decide(made)] == [(None, "undetermined", "people_disagree")] * 4


@pytest.mark.parametrize(("unanswered", "worst"), [("counted", 0.06), ("left-out", 0.08)])
def test_refusals_by_model(unanswered: str, worst: float, shared_data: Path) -> None:
    """XSTest: a judge with kappa .87 on one model's answers and .06 on another's is restricted to the first."""
    made = ja.audit_table(
        shared_data / "xstest_refusal" / "labels.csv",
        human=["annotation_1", "annotation_2"],
        judges=["gpt4_label", "strmatch_label"],
        labels=["1_full_compliance", "2_full_refusal", "3_partial_refusal"],
        scale="nominal",
        item=["model", "id"],
        reference="final_label",
        by="model",
        unusable="*",
        unanswered=unanswered,
    )
    judge = of(ja.decide(made), "gpt4_label")
    assert round(line(judge, "model=gpt4", "cohen_kappa").value, 2) == 0.87
    assert round(line(judge, "model=mistralinstruct", "cohen_kappa").value, 2) == worst
    assert (judge.decision, judge.scope) == ("restricted", ["model=gpt4"])
