"""The figures that the authors of four public data sets printed, or that follow from their labels, to 1e-9."""

from __future__ import annotations

import json
from functools import cache
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

import judgeaudit as ja

EXACT = 1e-9
CLASSES = ("1_full_compliance", "2_full_refusal", "3_partial_refusal")
RATES = {
    "agreement": "percent_agreement",
    "balanced_accuracy": "balanced_accuracy",
    "cohen_kappa": "cohen_kappa",
    "f1": "f1",
    "fnr": "false_negative_rate",
    "fpr": "false_positive_rate",
    "gwet_ac1": "gwet_ac1",
    "human_rate": "prevalence_reference",
    "judge_rate": "prevalence_judge",
    "mcc": "matthews_corrcoef",
    "precision": "precision",
    "recall": "sensitivity",
    "scott_pi": "scott_pi",
}
PEOPLE = {
    "fleiss_kappa": "fleiss_kappa",
    "gwet_ac1": "gwet_ac1",
    "krippendorff_alpha_nominal": "krippendorff_alpha",
}


def expected(folder: Path) -> Any:
    return json.loads((folder / "expected.json").read_text(encoding="utf-8"))


def values(
    audit: ja.Audit, subject: str, versus: str, stratum: str = "all", question: str | None = None
) -> dict[str, float]:
    """Statistic -> value of one rater in one stratum."""
    f = audit.findings
    rows = f[(f["subject"] == subject) & (f["versus"] == versus) & (f["stratum"] == stratum)]
    if question is not None:
        rows = rows[rows["question"] == question]
    assert not rows["statistic"].duplicated().any(), "one row for each statistic"
    return dict(zip(rows["statistic"], rows["value"], strict=True))


def assert_same(got: dict[str, float], wanted: dict[str, float], names: dict[str, str]) -> None:
    for theirs, ours in names.items():
        assert got[ours] == pytest.approx(wanted[theirs], abs=EXACT), ours


# --------------------------------------------------------------------------------------------------- JailbreakBench

JUDGES = ("gpt4_cf", "harmbench_cf", "llama3_cf", "llamaguard2_cf")


@cache
def jailbreaks(data: Path) -> ja.Audit:
    return ja.audit_table(
        data / "jbb_judge_comparison" / "labels.csv",
        human=["human1", "human2", "human3"],
        judges=JUDGES,
        labels=["0", "1"],
        positive="1",
        scale="binary",
    )


@pytest.mark.parametrize("judge", JUDGES)
def test_jailbreak_judges_have_their_published_figures(shared_data: Path, judge: str) -> None:
    """Agreement, error rates, kappa, pi, AC1, MCC of each judge against the majority of three people."""
    want = expected(shared_data / "jbb_judge_comparison")["judges"][judge]
    got = values(jailbreaks(shared_data), judge, "reference")
    assert_same(got, want, RATES)


def test_jailbreak_counts_are_kept_with_the_rates(shared_data: Path) -> None:
    """A rate carries its numerator and denominator: HarmBench clears 139 of 190."""
    f = jailbreaks(shared_data).findings
    row = f[(f["subject"] == "harmbench_cf") & (f["versus"] == "reference") & (f["statistic"] == "specificity")].iloc[0]
    assert (row["k"], row["n"]) == (139, 190)


def test_jailbreak_people_agree_as_published(shared_data: Path) -> None:
    """Alpha, Fleiss' kappa and AC1 of three people, each pair's kappa, and each person against the majority."""
    want = expected(shared_data / "jbb_judge_comparison")
    audit = jailbreaks(shared_data)
    assert_same(values(audit, "humans", "humans"), want["human"], PEOPLE)
    for pair, figures in want["human"]["pairwise"].items():
        a, b = pair.split("-")
        got = values(audit, f"human{a}", f"human{b}")
        assert got["cohen_kappa"] == pytest.approx(figures["cohen_kappa"], abs=EXACT)
        assert got["percent_agreement"] == pytest.approx(figures["agreement"], abs=EXACT)
    for person, agreement in want["human_vs_majority"].items():
        assert values(audit, person, "reference")["percent_agreement"] == pytest.approx(agreement, abs=EXACT)


# ------------------------------------------------------------------------------------------------------------ XSTest


@cache
def refusals(data: Path, unanswered: str) -> ja.Audit:
    return ja.audit_table(
        data / "xstest_refusal" / "labels.csv",
        human=["annotation_1", "annotation_2"],
        judges=["gpt4_label", "strmatch_label"],
        labels=CLASSES,
        scale="nominal",
        positive=CLASSES[1:],
        item=["model", "id"],
        reference="final_label",
        unusable="*",
        unanswered=unanswered,
        by=["model"],
    )


@pytest.mark.parametrize("judge", ["gpt4_label", "strmatch_label"])
def test_refusal_judges_have_their_figures(shared_data: Path, judge: str) -> None:
    """Three classes against the adjudicated label, unreadable verdicts left out; counted, they are wrong."""
    want = expected(shared_data / "xstest_refusal")["overall"][judge]
    got = values(refusals(shared_data, "left-out"), judge, "reference")
    assert got["cohen_kappa"] == pytest.approx(want["cohen_kappa_valid_3class"], abs=EXACT)
    assert got["f1_macro"] == pytest.approx(want["macro_f1_valid"], abs=EXACT)
    binary = want["binary_any_refusal"]
    for theirs in ("f1", "fnr", "fpr", "human_rate", "judge_rate", "precision", "recall"):
        assert got[RATES[theirs]] == pytest.approx(binary[theirs], abs=EXACT), theirs
    counted = values(refusals(shared_data, "counted"), judge, "reference")
    assert counted["accuracy"] == pytest.approx(want["accuracy_all_unparsable_wrong"], abs=EXACT)
    assert counted["coverage"] == pytest.approx(want["n_valid"] / 2250, abs=EXACT)


@pytest.mark.parametrize("judge", ["gpt4_label", "strmatch_label"])
def test_any_refusal_against_compliance(shared_data: Path, judge: str) -> None:
    """Both kinds of refusal mapped to one: the authors' binary figures."""
    want = expected(shared_data / "xstest_refusal")["overall"][judge]["binary_any_refusal"]
    audit = ja.audit_table(
        shared_data / "xstest_refusal" / "labels.csv",
        human=["annotation_1", "annotation_2"],
        judges=[judge],
        labels=CLASSES[:2],
        positive=CLASSES[1],
        scale="binary",
        item=["model", "id"],
        reference="final_label",
        map=[f"{CLASSES[2]}={CLASSES[1]}"],
        unusable="*",
        unanswered="left-out",
    )
    assert_same(values(audit, judge, "reference"), want, RATES)


@pytest.mark.parametrize("model", ["gpt4", "llama2new", "llama2orig", "mistralguard", "mistralinstruct"])
def test_refusals_by_model(shared_data: Path, model: str) -> None:
    """Each model's stratum has the figures of the authors' table: two people, and both judges."""
    want = expected(shared_data / "xstest_refusal")["per_model"][model]
    audit, stratum = refusals(shared_data, "left-out"), f"model={model}"
    people = values(audit, "humans", "humans", stratum)
    pair = values(audit, "annotation_1", "annotation_2", stratum)
    assert people["fleiss_kappa"] == pytest.approx(want["human_fleiss_kappa"], abs=EXACT)
    assert people["percent_agreement"] == pytest.approx(want["human_agreement"], abs=EXACT)
    assert pair["cohen_kappa"] == pytest.approx(want["human_cohen_kappa"], abs=EXACT)
    for judge in ("gpt4_label", "strmatch_label"):
        got = values(audit, judge, "reference", stratum)
        assert got["cohen_kappa"] == pytest.approx(want[judge]["cohen_kappa_valid"], abs=EXACT)


def test_refusal_people_agree_as_published(shared_data: Path) -> None:
    """Alpha, Fleiss' kappa and AC1 of the two annotators."""
    want = expected(shared_data / "xstest_refusal")["overall"]["human"]
    assert_same(values(refusals(shared_data, "counted"), "humans", "humans"), want, PEOPLE)


def test_a_judge_can_be_good_on_one_model_and_useless_on_another(shared_data: Path) -> None:
    """GPT-4's kappa is .87 on GPT-4's outputs and .06 on Mistral's; leaving its silences out makes that .08."""
    kappas = {
        (unanswered, model): values(refusals(shared_data, unanswered), "gpt4_label", "reference", f"model={model}")
        for unanswered in ("counted", "left-out")
        for model in ("gpt4", "mistralinstruct")
    }
    shown = {key: round(found["cohen_kappa"], 2) for key, found in kappas.items()}
    assert shown == {
        ("counted", "gpt4"): 0.87,
        ("counted", "mistralinstruct"): 0.06,
        ("left-out", "gpt4"): 0.87,
        ("left-out", "mistralinstruct"): 0.08,
    }


# ----------------------------------------------------------------------------------------------------------- PandaLM


@cache
def comparisons(data: Path, unanswered: str) -> ja.Audit:
    return ja.audit_table(
        data / "pandalm_pairwise" / "labels.csv",
        item="idx",
        human=["annotator1", "annotator2", "annotator3"],
        judges=["judge_gpt35", "judge_pandalm7b"],
        labels=["0", "1", "2"],
        scale="nominal",
        map=["judge_gpt35:Tie=0"],
        unusable="garbage",
        unanswered=unanswered,
    )


def test_pairwise_people_agree_as_published(shared_data: Path) -> None:
    """Alpha, Fleiss' kappa, AC1 of three annotators, each pair's kappa, and how often each label wins."""
    want = expected(shared_data / "pandalm_pairwise")
    audit = comparisons(shared_data, "counted")
    assert_same(values(audit, "humans", "humans"), want["human"], PEOPLE)
    for pair, figures in want["human"]["pairwise"].items():
        a, b = pair.split("-")
        got = values(audit, f"annotator{a}", f"annotator{b}")
        assert got["cohen_kappa"] == pytest.approx(figures["cohen_kappa"], abs=EXACT)
    rows = audit.confusions["label", "judge_pandalm7b", "all"].sum(axis=1)
    assert rows.astype(int).to_dict() == want["majority_counts"]


def test_pairwise_judges_have_their_figures(shared_data: Path) -> None:
    """Unreadable replies are wrong for accuracy; kappa and macro F1 are of the readable ones."""
    want = expected(shared_data / "pandalm_pairwise")
    counted, left_out = (comparisons(shared_data, one) for one in ("counted", "left-out"))
    gpt, panda = want["judge_gpt35"], want["judge_pandalm7b"]
    assert values(counted, "judge_gpt35", "reference")["accuracy"] == pytest.approx(gpt["accuracy_all"], abs=EXACT)
    got = values(left_out, "judge_gpt35", "reference")
    assert got["cohen_kappa"] == pytest.approx(gpt["cohen_kappa_valid"], abs=EXACT)
    assert got["f1_macro"] == pytest.approx(gpt["macro_f1_valid"], abs=EXACT)
    whole = values(counted, "judge_pandalm7b", "reference")
    assert whole["accuracy"] == pytest.approx(panda["accuracy_all"], abs=EXACT)
    assert whole["cohen_kappa"] == pytest.approx(panda["cohen_kappa"], abs=EXACT)
    assert whole["f1_macro"] == pytest.approx(panda["macro_f1"], abs=EXACT)


# ---------------------------------------------------------------------------------------------------------- NEWSROOM


@pytest.mark.parametrize("scale", ["ordinal", "interval"])
def test_newsroom_people_hardly_agree(shared_data: Path, scale: str) -> None:
    """Alpha of three raters by every metric; on either scale the scale's own metric is `krippendorff_alpha`."""
    audit = ja.audit_table(
        shared_data / "newsroom_ordinal" / "ratings.csv",
        long=("item", "rater_slot", "score", "criterion"),
        scale=scale,
        labels=["1", "2", "3", "4", "5"],
    )
    for question, want in expected(shared_data / "newsroom_ordinal").items():
        got = values(audit, "humans", "humans", question=question)
        metrics = {metric: f"krippendorff_alpha_{metric}" for metric in want} | {scale: "krippendorff_alpha"}
        assert_same(got, want, metrics)


def test_a_frame_is_a_table_too(shared_data: Path) -> None:
    """The same labels as numbers in a DataFrame give the same findings as the file."""
    frame = pd.read_csv(shared_data / "jbb_judge_comparison" / "labels.csv")
    audit = ja.audit_table(
        frame, human=["human1", "human2", "human3"], judges=JUDGES, labels=[0, 1], positive=1, scale="binary"
    )
    pd.testing.assert_frame_equal(audit.findings, jailbreaks(shared_data).findings)
