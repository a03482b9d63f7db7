"""The audit of one question: every finding, contrast, curve and table, in a fixed order."""

from __future__ import annotations

from dataclasses import dataclass, field
from itertools import combinations
from typing import Any

import numpy as np

from judgeaudit.audit.agreement.leave_one_out import leave_one_out
from judgeaudit.audit.agreement.pairs import (
    MANY_PEOPLE,
    against_reference,
    between_raters,
    both_treatments,
    confusion,
    judge_codes,
    ties_of_two,
)
from judgeaudit.audit.agreement.people import people_findings
from judgeaudit.audit.baselines import baselines
from judgeaudit.audit.degradation.dose import dose_curves, dose_slopes
from judgeaudit.audit.degradation.gibberish_signal import signal_findings
from judgeaudit.audit.degradation.kinds import kind_curves
from judgeaudit.audit.disagreements import disagreements
from judgeaudit.audit.judge_contrasts.categorical import judge_contrasts
from judgeaudit.audit.judge_contrasts.continuous import judge_value_contrasts
from judgeaudit.audit.judge_contrasts.group import judges_together
from judgeaudit.audit.probabilities.findings import VOTE_SHARE, of_probabilities, probability_findings
from judgeaudit.audit.probabilities.ranking import SCORE, score_findings
from judgeaudit.audit.probabilities.recalibration import recalibration
from judgeaudit.audit.probabilities.selective import selective_use
from judgeaudit.audit.rates.corrected_rate import PRIMARY, RightRate, right_rate
from judgeaudit.audit.replacement.judge_among_people import AmongPeople, among_people
from judgeaudit.audit.setting.context import Context, make_context
from judgeaudit.audit.setting.options import AuditOptions
from judgeaudit.audit.strata_contrasts.differences import strata_contrasts
from judgeaudit.audit.strata_contrasts.homogeneity import strata_together
from judgeaudit.domain.ratings import Ratings
from judgeaudit.domain.results.audit import Confusion, Contrast, Curve, Finding


@dataclass(kw_only=True)
class QuestionAudit:
    """What was found for one question; lists are filled in a fixed order."""

    context: Context
    findings: list[Finding] = field(default_factory=list)
    contrasts: list[Contrast] = field(default_factory=list)
    comparisons: list[dict[str, Any]] = field(default_factory=list)
    curves: list[Curve] = field(default_factory=list)
    confusions: list[Confusion] = field(default_factory=list)
    treatments: list[dict[str, Any]] = field(default_factory=list)
    recalibrations: list[dict[str, Any]] = field(default_factory=list)
    selective: list[dict[str, Any]] = field(default_factory=list)
    replacement: list[dict[str, Any]] = field(default_factory=list)
    disagreements: dict[str, list[dict[str, Any]]] = field(default_factory=dict)
    about: dict[str, Any] = field(default_factory=dict)
    rates: RightRate = field(default_factory=RightRate)


def audit_question(ratings: Ratings, options: AuditOptions) -> QuestionAudit:
    """Every statistic of every judge and person in every stratum."""
    context = make_context(ratings, options)
    out = QuestionAudit(context=context)
    judges = context.ratings.judge_names
    plain = baselines(context) if judges else {}
    beside = {judge: among_people(context, judge) for judge in judges}
    for stratum in context.ratings.strata:
        for judge in judges:
            _judge(out, judge, stratum, beside[judge])
        for name, (words, codes) in plain.items():
            out.findings += against_reference(context, name, codes, stratum, seed_name=words)
        _people(out, stratum)
    out.findings += signal_findings(context)
    for judge in judges:
        _put_to_use(out, judge)
        out.curves += dose_curves(context, judge, out.findings)
        out.curves += kind_curves(context, judge, out.findings)
        out.contrasts += strata_contrasts(context, judge)
        out.comparisons += strata_together(context, judge)
        out.disagreements[judge] = disagreements(context, judge)
    out.contrasts += judge_value_contrasts(context) if context.scheme.many else judge_contrasts(context)
    out.contrasts += dose_slopes(context, judges)
    out.rates = right_rate(context)
    out.comparisons += judges_together(context)
    out.findings += out.rates.findings
    waiting = any(record["unlabelled"] for record in out.rates.records)
    out.about = _about(context, {name: words for name, (words, _) in plain.items()}, corrected=waiting)
    return out


def _judge(out: QuestionAudit, judge: str, stratum: str, beside: AmongPeople) -> None:
    context = out.context
    codes = judge_codes(context, judge)
    out.findings += against_reference(context, judge, codes, stratum)
    out.findings += ties_of_two(context, judge, codes, context.ratings.strata[stratum], stratum)
    for name, person in zip(context.ratings.people_names, context.ratings.people, strict=True):
        out.findings += between_raters(context, judge, codes, name, person, stratum)
    out.findings.append(leave_one_out(context, judge, codes, stratum))
    found, records = beside.in_stratum(stratum)
    out.findings += found
    out.replacement += records
    for build in (probability_findings, score_findings):
        findings, curves = build(context, judge, stratum)
        out.findings += findings
        out.curves += curves
    out.confusions.append(confusion(context, judge, stratum))
    both = both_treatments(context, judge, stratum, head_statistic(context))
    if both is not None:
        out.treatments.append(both)


def _put_to_use(out: QuestionAudit, judge: str) -> None:
    """What a judge's probabilities are good for: better ones, and leaving unsure verdicts out."""
    one = of_probabilities(out.context, judge, "all")
    if one is None:
        return
    gains, record = recalibration(one)
    out.findings += gains
    out.recalibrations.append(record)
    out.selective.append(selective_use(one))


def _people(out: QuestionAudit, stratum: str) -> None:
    context = out.context
    names, people = context.ratings.people_names, context.ratings.people
    out.findings += people_findings(context, stratum)
    has_reference = bool((context.reference.codes >= 0).any())
    outside = context.ratings.reference is not None
    if has_reference and context.reference.rule != "each" and (len(names) > 1 or outside):
        for name, codes in zip(names, people, strict=True):
            out.findings += against_reference(context, name, codes, stratum)
    if len(names) <= MANY_PEOPLE or context.options.all_pairs:
        for a, b in combinations(range(len(names)), 2):
            out.findings += between_raters(context, names[a], people[a], names[b], people[b], stratum)


def head_statistic(context: Context) -> str:
    """The one number that stands for agreement: kappa on binary and nominal scales, alpha where labels have an order."""
    return "krippendorff_alpha" if context.scheme.ordered else "cohen_kappa"


def _front(context: Context, *, corrected: bool) -> list[str]:
    if context.scheme.question.scale == "interval":
        middle = ["pearson_r", "spearman_rho", "mean_absolute_error", "icc_2_1"]
    elif context.scheme.ordered:
        middle = ["cohen_kappa_quadratic", "percent_agreement", "gwet_ac2", "spearman_rho"]
    elif context.scheme.has_positive:
        middle = ["percent_agreement", "sensitivity", "specificity", "false_positive_rate", "gwet_ac1"]
    else:
        middle = ["percent_agreement", "balanced_accuracy", "f1_macro", "gwet_ac1"]
    rate = ["prevalence_judge"] if context.scheme.has_positive else []
    if rate and context.ratings.label_design and corrected:
        rate += ["prevalence_judge_target", PRIMARY[context.ratings.label_design]]
    return [head_statistic(context), *middle, "matthews_corrcoef", *rate, "coverage", "leave_one_out_delta"]


def _about(context: Context, words: dict[str, str], *, corrected: bool) -> dict[str, Any]:
    question, ratings = context.ratings.question, context.ratings
    return {
        "name": question.name,
        "text": question.text,
        "scale": question.scale,
        "labels": list(question.labels) if not context.scheme.many else [],
        "n_labels": question.n_labels,
        **({"medians": list(question.medians)} if question.medians and not context.scheme.many else {}),
        "positive": list(question.positive),
        **({"label_design": ratings.label_design} if ratings.label_design else {}),
        **({"weighted": True} if np.ptp(context.design.weights) else {}),
        "reference": context.reference.rule,
        "reference_ties": context.reference.ties,
        "with_reference": int((context.reference.codes >= 0).sum()),
        "people": list(ratings.people_names),
        "people_labels": {
            name: int((codes >= 0).sum()) for name, codes in zip(ratings.people_names, ratings.people, strict=True)
        },
        "judges": list(ratings.judge_names),
        "baseline_judges": list(ratings.baselines),
        **_sure_by(ratings),
        "baselines": words,
        "head": head_statistic(context),
        "front": _front(context, corrected=corrected),
        "clusters": int(np.unique(context.design.clusters).size) if context.design.clustered else None,
    }


def _sure_by(ratings: Ratings) -> dict[str, Any]:
    """What each judge says how sure it is by; empty where no judge does."""
    known = {name: SCORE for name in ratings.scores if name not in ratings.probability}
    known |= {name: VOTE_SHARE if name in ratings.vote_shares else "probability" for name in ratings.probability}
    return {"sure_by": known} if known and ratings.question.positive else {}
