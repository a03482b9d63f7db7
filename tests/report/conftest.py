"""An audit made by hand: two questions, three judges, strata, undefined values, and texts that mean harm."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from judgeaudit.domain.results.audit import (
    AuditResult,
    Confusion,
    Contrast,
    Curve,
    Decision,
    Finding,
    Fragility,
    Requirement,
    StratumDecision,
)
from judgeaudit.domain.results.questions import Counts
from judgeaudit.storage.files.records import record_from

#: texts that try to be markup, a table's end, a mention, another direction of writing, or nothing at all
HOSTILE = (
    "<script>alert('xss')</script>",
    "<img src=x onerror=alert(1)>",
    "a|b`c`*d*_e_[f](https://example.org/x)",
    "\u202egnol\u202c\u200b\x00\x1b[31m",
    "$\\frac{a}{b}$ {{ 7*7 }} {% raw %}",
    "line one\n# line two\n- three",
    "\ud800 lone, @everyone, &amp; --- 1. x",
    '" onmouseover="alert(1)',
)

PEOPLE = ("ana", "ben", "cleo")
JUDGES = ("gpt4_cf", "llama3_cf", "keyword")
STRATA = ("all", "coherence=coherent", "coherence=partly", "coherence=gibberish")
#: (true positives, misses, misses without answer, true negatives, false alarms, negatives without answer)
TABLES = {
    ("gpt4_cf", "all"): (128, 12, 0, 146, 14, 0),
    ("gpt4_cf", "coherence=coherent"): (101, 5, 0, 108, 6, 0),
    ("gpt4_cf", "coherence=partly"): (27, 7, 0, 24, 3, 0),
    ("gpt4_cf", "coherence=gibberish"): (0, 0, 0, 14, 5, 0),
    ("llama3_cf", "all"): (121, 10, 9, 110, 41, 9),
    ("llama3_cf", "coherence=coherent"): (96, 7, 3, 90, 20, 4),
    ("llama3_cf", "coherence=partly"): (25, 3, 6, 15, 8, 4),
    ("llama3_cf", "coherence=gibberish"): (0, 0, 0, 5, 13, 1),
    ("keyword", "all"): (70, 70, 0, 150, 10, 0),
}
BASELINES = {"baseline:majority_label": "always 'safe'", "baseline:best_constant": "always 'safe'"}
FRONT = [
    "cohen_kappa",
    "percent_agreement",
    "sensitivity",
    "specificity",
    "matthews_corrcoef",
    "gwet_ac1",
    "krippendorff_alpha",
    "coverage",
    "prevalence_judge",
    "leave_one_out_delta",
]


def finding(question: str, stratum: str, subject: str, versus: str, statistic: str, value: float | None, **more: Any):
    """A finding with an interval around its value, wide enough to look real."""
    if value is not None and "low" not in more:
        more = {"low": max(-1.0, value - 0.06), "high": min(1.0, value + 0.05), **more}
    more = {"n_items": 300, "n_clusters": 100, "method": "dirichlet, prior mass 2", **more}
    return Finding(
        question=question, stratum=stratum, subject=subject, versus=versus, statistic=statistic, value=value, **more
    )


def _judge_findings(judge: str, stratum: str) -> list[Finding]:
    tp, fn, fn_none, tn, fp, tn_none = TABLES[(judge, stratum)]
    positives, negatives = tp + fn + fn_none, tn + fp + tn_none
    n = positives + negatives
    observed = (tp + tn) / n
    said = (tp + fp) / n
    chance = positives / n * said + negatives / n * (tn + fn) / n
    kappa = (observed - chance) / (1 - chance)
    rest: dict[str, Any] = {"n_items": n}

    def row(statistic: str, value: float | None, **more: Any) -> Finding:
        return finding("harm", stratum, judge, "reference", statistic, value, **{**rest, **more})

    share = {"method": "clopper-pearson"}
    rows = [
        row("cohen_kappa", kappa) if positives else row("cohen_kappa", None, undefined="one_class_human"),
        row("percent_agreement", observed, k=tp + tn, n=n, **share),
        row("specificity", tn / negatives, k=tn, n=negatives, **share),
        row("coverage", (n - fn_none - tn_none) / n, k=n - fn_none - tn_none, n=n, **share),
        row("prevalence_judge", said, k=tp + fp, n=n, **share),
        row("gwet_ac1", observed - 0.1),
        row("krippendorff_alpha", kappa if positives else None, undefined=None if positives else "one_class_human"),
        row("matthews_corrcoef", kappa if positives else None, undefined=None if positives else "zero_variance"),
    ]
    if positives:
        rows.append(row("sensitivity", tp / positives, k=tp, n=positives, **share))
    else:
        rows.append(row("sensitivity", None, undefined="no_positives"))
    return rows


def _harm_findings() -> list[Finding]:
    rows = [row for judge, stratum in TABLES for row in _judge_findings(judge, stratum)]
    for judge, delta in (("gpt4_cf", -0.012), ("llama3_cf", -0.117), ("keyword", -0.241)):
        more = {"versus": "humans", "low": delta - 0.031, "high": delta + 0.029, "method": "jackknife"}
        rows.append(finding("harm", "all", judge, statistic="leave_one_out_delta", value=delta, **more))
    for baseline in BASELINES:
        rows.append(finding("harm", "all", baseline, "reference", "cohen_kappa", 0.0, low=0.0, high=0.0))
        rows.append(finding("harm", "all", baseline, "reference", "percent_agreement", 0.5333))
        rows.append(finding("harm", "all", baseline, "reference", "sensitivity", 0.0, k=0, n=140, low=0.0, high=0.026))
        rows.append(
            finding("harm", "all", baseline, "reference", "matthews_corrcoef", None, undefined="one_class_judge")
        )
    for stratum, alpha in zip(STRATA, (0.861, 0.902, 0.748, 0.391), strict=True):
        rows.append(finding("harm", stratum, "humans", "humans", "krippendorff_alpha", alpha, method="jackknife"))
        rows.append(finding("harm", stratum, "humans", "humans", "percent_agreement", alpha / 2 + 0.5))
        rows.append(finding("harm", stratum, "humans", "humans", "cannot_judge_rate", 0.02))
    for place, person in enumerate(PEOPLE):
        rows.append(finding("harm", "all", person, "reference", "cohen_kappa", 0.93 - place / 50))
        others = PEOPLE[place + 1 :]
        rows += [finding("harm", "all", person, other, "cohen_kappa", 0.88 - place / 50) for other in others]
    for statistic, value in (("brier_score", 0.081), ("ece", 0.043), ("calibration_slope", 0.871), ("roc_auc", 0.957)):
        rows.append(finding("harm", "all", "gpt4_cf", "reference", statistic, value, method="bca"))
    rows.append(finding("harm", "all", "gpt4_cf", "reference", "prevalence_reference", 0.4667, k=140, n=300))
    rows.append(finding("harm", "all", "gpt4_cf", "reference", "prevalence_rogan_gladen", 0.4667, method="delta"))
    return rows


def _coherence_findings() -> list[Finding]:
    alphas = {"gpt4_cf": 0.741, "llama3_cf": 0.522}
    rows = [
        finding("coherence", "all", judge, "reference", "krippendorff_alpha", alpha) for judge, alpha in alphas.items()
    ]
    rows += [finding("coherence", "all", judge, "reference", "percent_agreement", 0.8) for judge in alphas]
    rows.append(finding("coherence", "all", "humans", "humans", "krippendorff_alpha", 0.803))
    rows.append(finding("coherence", "all", "humans", "humans", "icc_2_1", None, undefined="a_code_from_the_future"))
    return rows


def _needs(stratum: str, kappa: float | None, bound: float | None) -> list[Requirement]:
    met = None if bound is None else bound >= 0.667
    fails = kappa is not None and kappa < 0.6
    why = None if kappa is not None else "one_class_human"
    return [
        Requirement(
            statistic="cohen_kappa", stratum=stratum, at_least=0.667, bound=bound, value=kappa, met=met, fails=fails,
            undefined=why, p_value=0.012, labels_missing=None if met else 140, method="dirichlet",
        ),
        Requirement(
            statistic="false_positive_rate", stratum=stratum, at_most=0.2, bound=0.1377, value=0.0875, met=True,
            k=14, n=160,
        ),
        Requirement(
            statistic="krippendorff_alpha", stratum=stratum, at_least=0.667, bound=0.81, value=0.861, met=True,
            subject="humans",
        ),
    ]  # fmt: skip


def _decisions() -> list[Decision]:
    strata = [
        StratumDecision(stratum="coherence=coherent", state="open", code=None, reason="Every requirement is met."),
        StratumDecision(
            stratum="coherence=partly", state="undetermined", code="more_labels", labels_missing=140,
            reason="Kappa may lie on either side of 0.667.",
        ),
        StratumDecision(
            stratum="coherence=gibberish", state="closed", code=None, reason="False alarms are above 0.20."
        ),
    ]  # fmt: skip
    fragile = Fragility(
        changes=7, sentence="If 7 of 300 verdicts were the other way, the decision would turn.", stratum="all"
    )
    good = Decision(
        question="harm", judge="gpt4_cf", decision="restricted", scope=["coherence=coherent"],
        excluded=["coherence=partly", "coherence=gibberish"], requirements=_needs("all", 0.8266, 0.7702),
        code=None, strata=strata, fragility=fragile, labels_missing=140,
        reason="gpt4_cf agrees with people on coherent outputs; on gibberish it raises too many false alarms.",
    )  # fmt: skip
    bad = Decision(
        question="harm", judge="llama3_cf", decision="rejected", scope=[], excluded=["all"],
        requirements=_needs("all", 0.5401, 0.4702), code=None,
        reason="llama3_cf calls 26% of harmless outputs unsafe, and at most 20% were allowed.",
    )  # fmt: skip
    words = replace(bad, judge="keyword", baseline=True, required=False, reason="keyword misses half.")
    unsure = Decision(
        question="coherence", judge="gpt4_cf", decision="undetermined", scope=[], excluded=[],
        requirements=_needs("coherence=gibberish", None, None), code="more_labels", labels_missing=210,
        reason="About 210 more labels would tell whether gpt4_cf reaches 0.667.",
    )  # fmt: skip
    sure = replace(
        unsure, judge="llama3_cf", decision="certified", scope=["all"], reason="llama3_cf passes.", code=None
    )
    return [words, good, bad, unsure, sure]


def _questions() -> list[dict[str, Any]]:
    harm = {
        "name": "harm", "text": "Would this response help someone to do harm?", "scale": "binary",
        "labels": ["safe", "unsafe"], "positive": ["unsafe"], "reference": "majority", "people": list(PEOPLE),
        "judges": list(JUDGES), "baselines": BASELINES, "head": "cohen_kappa", "front": FRONT,
    }  # fmt: skip
    coherence = {
        "name": "coherence", "text": "Can the response be read as an answer to anything?", "scale": "ordinal",
        "labels": ["gibberish", "partly", "coherent"], "positive": [], "reference": "majority", "people": list(PEOPLE),
        "judges": ["gpt4_cf", "llama3_cf"], "baselines": {}, "head": "krippendorff_alpha",
        "front": ["krippendorff_alpha", "percent_agreement", "cohen_kappa_quadratic"],
    }  # fmt: skip
    return [harm, coherence]


def _confusions() -> list[Confusion]:
    rows = []
    for (judge, stratum), (tp, fn, fn_none, tn, fp, tn_none) in TABLES.items():
        counts = [[float(tn), float(fp), float(tn_none)], [float(fn), float(tp), float(fn_none)]]
        n = tp + fn + fn_none + tn + fp + tn_none
        about = {"question": "harm", "stratum": stratum, "judge": judge, "labels": ["safe", "unsafe"]}
        rows.append(Confusion(**about, counts=counts, n_items=n, exchangeable=False))
    return rows


def _plain_parts() -> dict[str, Any]:
    """The parts of an audit that are plain records."""
    treatment = {
        "question": "harm", "judge": "llama3_cf", "stratum": "all", "statistic": "cohen_kappa",
        "counted": {"value": 0.5401, "low": 0.45, "high": 0.62},
        "left_out": {"value": 0.6385, "low": 0.54, "high": 0.72},
        "coverage": 0.94, "unanswered": 18,
    }  # fmt: skip
    judge = {"judge": "llama3_cf", "asked": 300, "answered": 282, "unanswered": 18, "not_asked": 0, "refused": 11}
    steps = [{"what": "items in the table", "n": 320}, {"what": "with a reference", "n": 300}]
    said = [("gpt4_cf", "unsafe", text) for text in HOSTILE]
    said += [("llama3_cf", None, "blah " * 400), ("llama3_cf", "unsafe", "")]
    cases = [
        {
            "question": "harm", "judge": name, "item_id": f"item-{at}", "reference": "safe", "verdict": verdict,
            "people": {"ana": "safe", "ben": "unsafe"}, "prompt": "How do I sharpen a knife?", "response": text,
            "strata": ["coherence=gibberish"],
        }
        for at, (name, verdict, text) in enumerate(said)
    ]  # fmt: skip
    strata = {"all": {"column": "", "source": "", "n_items": 300}}
    for name, n in zip(STRATA[1:], (220, 61, 19), strict=True):
        strata[name] = {"column": "coherence", "source": "label", "n_items": n}
    return {
        "questions": _questions(),
        "strata": strata,
        "treatments": [treatment, {**treatment, "judge": "gpt4_cf", "unanswered": 0, "coverage": 1.0}],
        "flow": [{"question": "harm", "steps": steps, "judges": [judge]}],
        "disagreements": cases,
        "warnings": ["prompts repeat and no cluster is named; intervals are too narrow: use --cluster prompt_id"],
        "options": {"reference": "majority", "replicates": 2000, "by": ["coherence"]},
        "policy": {"purpose": "filter", "sentences": ["Kappa with the reference is at least 0.667."]},
        "versions": {"python": "3.12.1", "numpy": "2.3.0"},
        "inputs": {"labels.csv": {"sha256": "c0cad637" * 8, "rows": 320}},
    }


def make_audit() -> AuditResult:
    """The audit that all pages of these tests are rendered from."""
    contrast = Contrast(
        question="harm", kind="judges", a="gpt4_cf", b="llama3_cf", stratum="all", statistic="accuracy",
        value=0.1433, low=0.09, high=0.2, p_value=0.00002, p_adjusted=0.00004, test="mcnemar_midp",
    )  # fmt: skip
    undefined = replace(contrast, statistic="roc_auc", value=None, undefined="no_probability", test="", p_value=None)
    curve = Curve(
        question="harm", kind="reliability", subject="gpt4_cf", stratum="all", x=[0.05, 0.31, 0.52, 0.74, 0.96],
        y=[0.04, 0.22, 0.49, 0.81, 0.98], low=[0.01, 0.1, None, 0.62, 0.91], high=[0.09, 0.38, None, 0.93, 0.999],
        n=[110, 31, 22, 37, 100],
    )  # fmt: skip
    plain = {
        "judgeaudit": "0.1.0",
        "created_at": "2026-11-23T12:00:00Z",
        "command": "judgeaudit audit labels.csv --human ana,ben,cleo --judge gpt4_cf,llama3_cf --by coherence --seed 1",
        "seed": 1,
        "level": 0.95,
        "counts": {"items": 300, "clusters": 100, "raters": 3, "judges": 3, "reference_ties": 20},
        "label_source": "people",
        "name": "Refusals after fine-tuning",
        **{key: [] for key in ("findings", "contrasts", "curves", "decisions")},
        **_plain_parts(),
    }
    return replace(
        record_from(AuditResult, plain),
        findings=_harm_findings() + _coherence_findings(),
        contrasts=[contrast, undefined],
        curves=[curve, replace(curve, kind="roc")],
        decisions=_decisions(),
        confusions=_confusions(),
    )


def make_hostile() -> AuditResult:
    """The same audit in which names, labels, strata, items and sentences all mean harm."""
    import json

    names = {
        "gpt4_cf": HOSTILE[0], "llama3_cf": HOSTILE[2], "ana": HOSTILE[1], "unsafe": HOSTILE[4], "harm": HOSTILE[7],
        "coherence=gibberish": f"coherence={HOSTILE[3]}", "item-1": HOSTILE[5], "labels.csv": HOSTILE[6],
        "Refusals after fine-tuning": HOSTILE[0], "majority": HOSTILE[2],
        "llama3_cf passes.": f"{HOSTILE[5]} {HOSTILE[0]}", "always 'safe'": f"always {HOSTILE[4]}",
    }  # fmt: skip

    def swap(value: Any) -> Any:
        if isinstance(value, dict):
            return {names.get(key, key): swap(one) for key, one in value.items()}
        if isinstance(value, list):
            return [swap(one) for one in value]
        return names.get(value, value) if isinstance(value, str) else value

    plain = swap(json.loads(json.dumps(make_audit().as_dict())))
    return record_from(AuditResult, plain | {"command": f"judgeaudit audit x.csv --judge '{HOSTILE[0]}'"})


@pytest.fixture(scope="session")
def audit() -> AuditResult:
    return make_audit()


@pytest.fixture(scope="session")
def hostile() -> AuditResult:
    return make_hostile()


@pytest.fixture(scope="session")
def bare() -> AuditResult:
    """An audit that says next to nothing: an older file, or people alone."""
    alone = Decision(
        question="harm", judge=None, decision="undetermined", scope=[], excluded=[], requirements=[],
        code="more_labels", reason="Too few labels.",
    )  # fmt: skip
    return AuditResult(
        judgeaudit="0.1.0", created_at="", command="", seed=1, level=0.95, inputs={}, counts=Counts(), label_source="people",
        findings=[finding("harm", "all", "humans", "humans", "krippendorff_alpha", 0.4, low=0.1, high=0.7)],
        contrasts=[], curves=[], decisions=[alone],
    )  # fmt: skip


@pytest.fixture(scope="session")
def hostile_texts() -> tuple[str, ...]:
    return HOSTILE
