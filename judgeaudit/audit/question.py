"""The audit of one question: every finding, contrast, curve and table, in a fixed order."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from itertools import combinations

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
from judgeaudit.audit.degradation.dose import dose_curves, dose_slopes, kind_curves
from judgeaudit.audit.degradation.gibberish_signal import signal_findings
from judgeaudit.audit.judge_contrasts.categorical import judge_contrasts
from judgeaudit.audit.judge_contrasts.continuous import judge_value_contrasts
from judgeaudit.audit.judge_contrasts.group import judges_together
from judgeaudit.audit.probabilities.findings import VOTE_SHARE, of_probabilities, probability_findings
from judgeaudit.audit.probabilities.ranking import SCORE, score_findings
from judgeaudit.audit.probabilities.recalibration import recalibration
from judgeaudit.audit.probabilities.selective import selective_use
from judgeaudit.audit.rates.corrected_rate import PRIMARY, RightRate, right_rate
from judgeaudit.audit.replacement.added_rater import AlphaParts, added_rater, alpha_parts
from judgeaudit.audit.replacement.alternative_annotator import nearness, replacement
from judgeaudit.audit.replacement.label_patterns import Rows, company_in, distinct_rows
from judgeaudit.audit.setting.context import Context, make_context, treated
from judgeaudit.audit.setting.options import AuditOptions
from judgeaudit.audit.strata_contrasts.differences import strata_contrasts
from judgeaudit.audit.strata_contrasts.homogeneity import strata_together
from judgeaudit.domain.ratings import Codes, Floats, Ratings
from judgeaudit.domain.results.audit import Confusion, Contrast, Curve, Finding
from judgeaudit.domain.results.groups import Together
from judgeaudit.domain.results.judges import Recalibration, Selective
from judgeaudit.domain.results.people import Replacement
from judgeaudit.domain.results.questions import QuestionRecord, Treatment
from judgeaudit.stats.agreement.alternative_annotator import Nearer


@dataclass(kw_only=True)
class QuestionAudit:
    """What was found for one question; lists are filled in a fixed order."""

    context: Context
    about: QuestionRecord
    findings: list[Finding] = field(default_factory=list)
    contrasts: list[Contrast] = field(default_factory=list)
    comparisons: list[Together] = field(default_factory=list)
    curves: list[Curve] = field(default_factory=list)
    confusions: list[Confusion] = field(default_factory=list)
    treatments: list[Treatment] = field(default_factory=list)
    recalibrations: list[Recalibration] = field(default_factory=list)
    selective: list[Selective] = field(default_factory=list)
    replacement: list[Replacement] = field(default_factory=list)
    rates: RightRate = field(default_factory=RightRate)


def audit_question(ratings: Ratings, options: AuditOptions) -> QuestionAudit:
    """Every statistic of every judge and person in every stratum."""
    context = make_context(ratings, options)
    judges = context.ratings.judge_names
    plain = baselines(context) if judges else {}
    words = {name: said for name, (said, _) in plain.items()}
    out = QuestionAudit(context=context, about=_about(context, words, corrected=False))
    beside = {judge: among_people(context, judge) for judge in judges}
    for stratum in context.ratings.strata:
        for judge in judges:
            _judge(out, judge, stratum, beside[judge])
        for name, (said, codes) in plain.items():
            out.findings += against_reference(context, name, codes, stratum, seed_name=said)
        _people(out, stratum)
    out.findings += signal_findings(context)
    for judge in judges:
        _put_to_use(out, judge)
        out.curves += dose_curves(context, judge, out.findings)
        out.curves += kind_curves(context, judge, out.findings)
        out.contrasts += strata_contrasts(context, judge)
        out.comparisons += strata_together(context, judge)
    out.contrasts += judge_value_contrasts(context) if context.scheme.many else judge_contrasts(context)
    out.contrasts += dose_slopes(context, judges)
    out.rates = right_rate(context)
    out.comparisons += judges_together(context)
    out.findings += out.rates.findings
    waiting = any(record.unlabelled for record in out.rates.records)
    out.about = replace(out.about, front=_front(context, corrected=waiting))
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
    if len(names) <= MANY_PEOPLE or context.options.pairs:
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


def _about(context: Context, words: dict[str, str], *, corrected: bool) -> QuestionRecord:
    question, ratings = context.ratings.question, context.ratings
    return QuestionRecord(
        name=question.name,
        text=question.text,
        scale=question.scale,
        labels=list(question.labels) if not context.scheme.many else [],
        n_labels=question.n_labels,
        medians=list(question.medians) if not context.scheme.many else [],
        positive=list(question.positive),
        label_design=ratings.label_design or None,
        weighted=bool(np.ptp(context.design.weights)),
        reference=context.reference.rule,
        reference_ties=context.reference.ties,
        with_reference=int((context.reference.codes >= 0).sum()),
        people=list(ratings.people_names),
        people_labels={
            name: int((codes >= 0).sum()) for name, codes in zip(ratings.people_names, ratings.people, strict=True)
        },
        judges=list(ratings.judge_names),
        baseline_judges=list(ratings.baselines),
        sure_by=_sure_by(ratings),
        baselines=words,
        head=head_statistic(context),
        front=_front(context, corrected=corrected),
        clusters=int(np.unique(context.design.clusters).size) if context.design.clustered else None,
    )


def _sure_by(ratings: Ratings) -> dict[str, str]:
    """What each judge says how sure it is by; empty where no judge does."""
    known = {name: SCORE for name in ratings.scores if name not in ratings.probability}
    known |= {name: VOTE_SHARE if name in ratings.vote_shares else "probability" for name in ratings.probability}
    return known if ratings.question.positive else {}


# Two judges that know nothing: every audit shows them, so that a number can be seen against them.


MAJORITY = "baseline:majority_label"
CONSTANT = "baseline:best_constant"


def baselines(context: Context) -> dict[str, tuple[str, Codes]]:
    """Name -> (plain words, codes): always the most common reference label, and the constant that errs least.

    Least error is counted by the scale: wrong labels on binary and nominal scales, then the smaller label; mean distance on
    ordinal and interval scales. None on a continuous scale or without a reference.
    """
    codes = context.reference.codes
    if context.scheme.many or not (codes >= 0).any():
        return {}
    known = codes >= 0
    counts = np.bincount(codes[known], context.design.weights[known], minlength=context.scheme.k).astype(float)
    majority = int(counts.argmax())
    best = int(_losses(context, counts).argmin())
    n = context.ratings.n_items
    words = [f"always {label!r}" for label in context.ratings.question.labels]
    return {
        MAJORITY: (words[majority], np.full(n, majority, np.int32)),
        CONSTANT: (words[best], np.full(n, best, np.int32)),
    }


def _losses(context: Context, counts: Floats) -> Floats:
    if not context.scheme.ordered:
        return -counts
    x = context.scheme.numbers
    return np.asarray(np.abs(x[:, None] - x) @ counts)


# One judge among the people, in every stratum: may it replace one of them, and what does it do to their agreement.


@dataclass(frozen=True, kw_only=True)
class AmongPeople:
    """The rows of labels and the comparisons in them, made once for all strata."""

    context: Context
    judge: str
    rows: Rows
    near: list[Nearer]
    parts: AlphaParts

    def in_stratum(self, stratum: str) -> tuple[list[Finding], list[Replacement]]:
        """Findings, and the record of the alternative annotator test where it could be made."""
        company = company_in(self.context, self.rows, self.context.ratings.strata[stratum])
        found, records = replacement(self.context, self.judge, stratum, company, self.near)
        return [*found, *added_rater(self.context, self.judge, stratum, company, self.parts)], records


def among_people(context: Context, judge: str) -> AmongPeople:
    """A judge's codes under the audit's treatment of no answer, and everybody's nearness to the remaining people."""
    ratings = context.ratings
    codes = treated(np.asarray(ratings.judges[ratings.judge_names.index(judge)]), context)
    rows = distinct_rows(ratings.people, codes, n_labels=context.scheme.k)
    return AmongPeople(
        context=context,
        judge=judge,
        rows=rows,
        near=nearness(context, rows.people, rows.judge),
        parts=alpha_parts(context, rows.people, rows.judge),
    )
