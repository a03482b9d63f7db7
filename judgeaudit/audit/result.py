"""Several audited questions as one result."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any, NamedTuple

from judgeaudit.audit.agreement.alpha_package import alpha_engine
from judgeaudit.audit.behaviour.no_answer import silence
from judgeaudit.audit.behaviour.self_agreement import steadiness
from judgeaudit.audit.behaviour.services import services
from judgeaudit.audit.cluster_warnings import few_clusters
from judgeaudit.audit.degradation.gibberish_signal import nobody_looked
from judgeaudit.audit.disagreements import MOST, disagreements
from judgeaudit.audit.fingerprints import item_marks
from judgeaudit.audit.headline import headline
from judgeaudit.audit.probabilities.findings import vote_shares
from judgeaudit.audit.question import QuestionAudit, audit_question
from judgeaudit.audit.raters.quality import rater_quality
from judgeaudit.audit.replacement.soft_labels import soft_findings
from judgeaudit.audit.setting.context import Context
from judgeaudit.audit.setting.dawid_skene import cautions
from judgeaudit.audit.setting.options import AuditOptions
from judgeaudit.domain.catalogue.reasons import refuse_unknown
from judgeaudit.domain.catalogue.statistics import entry_of
from judgeaudit.domain.rater_work import Work
from judgeaudit.domain.ratings import Ratings
from judgeaudit.domain.results.audit import AuditResult, Contrast, Curve, Finding
from judgeaudit.domain.results.questions import Counts, Disagreement, Flow, Headline, InputRecord, StratumRecord
from judgeaudit.domain.verdict_log import Calls, VerdictLog


class Voted(NamedTuple):
    """Findings and curves of vote shares."""

    findings: list[Finding]
    curves: list[Curve]


@dataclass(frozen=True, slots=True, kw_only=True)
class Audited:
    """The result; what makes all disagreements, of which the result keeps the first fifty of each judge; and what it was made from."""

    result: AuditResult
    disagreements: Callable[[], list[Disagreement]]
    contexts: tuple[Context, ...]


def audit_ratings(
    ratings: tuple[Ratings, ...],
    options: AuditOptions,
    *,
    version: str,
    created_at: str,
    command: str,
    inputs: dict[str, InputRecord],
    label_source: str,
    flow: list[Flow],
    warnings: list[str],
    extra_options: dict[str, Any],
    versions: dict[str, str],
    name: str = "",
    work: tuple[Work, ...] = (),
    logs: tuple[VerdictLog, ...] = (),
    calls: Calls | None = None,
) -> Audited:
    """The audit of all questions, without decisions: the gate adds them."""
    audits = [audit_question(one, options) for one in ratings]
    quality = rater_quality(work, options)
    logged = _logged(audits, logs)
    served = services(calls, [(one.context, log, one.about.head) for one, log in logged])
    voted = _voted(logged)
    result = AuditResult(
        judgeaudit=version,
        created_at=created_at,
        command=command,
        seed=options.seed,
        level=options.level,
        inputs=inputs,
        counts=_counts(audits),
        label_source=label_source,
        findings=[
            *_of_all(audits, "findings"),
            *_soft(audits, logs),
            *quality.findings,
            *_steady(logged),
            *voted.findings,
        ],
        contrasts=[*_of_all(audits, "contrasts"), *served.contrasts],
        curves=[*_of_all(audits, "curves"), *voted.curves],
        decisions=[],
        strata=_strata(audits, label_source),
        flow=flow,
        disagreements=_disagreements(audits, most=MOST),
        warnings=[*warnings, *_warnings(audits, label_source), *quality.warnings, *served.warnings],
        options={**options.record(), **extra_options},
        versions=versions,
        engines={"krippendorff_alpha": alpha_engine()},
        name=name,
        raters=quality.raters,
        silence=silence([(one.context, log) for one, log in logged]),
        services=served.records,
        headline=_headline(audits),
    )
    return Audited(
        result=_with_questions(result, audits),
        disagreements=lambda: _disagreements(audits, most=None),
        contexts=tuple(one.context for one in audits),
    )


def _with_questions(result: AuditResult, audits: list[QuestionAudit]) -> AuditResult:
    """The result with all records that are those of its questions, one after the other."""
    _refuse_unnamed(result.contrasts, result.curves)
    return replace(
        result,
        questions=[one.about for one in audits],
        marks=[item_marks(one.context) for one in audits],
        rates=[record for one in audits for record in one.rates.records],
        confusions=_of_all(audits, "confusions"),
        treatments=_of_all(audits, "treatments"),
        recalibrations=_of_all(audits, "recalibrations"),
        selective=_of_all(audits, "selective"),
        replacement=_of_all(audits, "replacement"),
        comparisons=_of_all(audits, "comparisons"),
    )


def _of_all(audits: list[QuestionAudit], name: str) -> list[Any]:
    """A list of records of all questions, in their order."""
    return [record for one in audits for record in getattr(one, name)]


def _disagreements(audits: list[QuestionAudit], *, most: int | None) -> list[Disagreement]:
    """The first `most` of each question and judge, or all."""
    asked = [(one.context, judge) for one in audits for judge in one.context.ratings.judge_names]
    return [found for context, judge in asked for found in disagreements(context, judge, most=most)]


def _headline(audits: list[QuestionAudit]) -> Headline | None:
    """Told by what questions found by themselves: what runs and services add says nothing of gibberish."""
    abouts = [one.about for one in audits]
    return headline(abouts, _of_all(audits, "findings"), _of_all(audits, "contrasts"), _of_all(audits, "curves"))


def _warnings(audits: list[QuestionAudit], label_source: str) -> list[str]:
    return [
        *(one for a in audits for one in few_clusters(a.context)),
        *_cautions(audits, label_source),
        *(w for a in audits for w in a.rates.warnings),
        *nobody_looked(tuple(a.context.ratings for a in audits)),
    ]


def _refuse_unnamed(contrasts: list[Contrast], curves: list[Curve]) -> None:
    """A ValueError for a statistic or a reason that is not catalogued; findings are checked where they are made."""
    for name in {one.statistic for one in contrasts} | {one.statistic for one in curves if one.statistic}:
        entry_of(name)
    for code in {one.undefined for one in contrasts}:
        refuse_unknown(code)


def _logged(audits: list[QuestionAudit], logs: tuple[VerdictLog, ...]) -> list[tuple[QuestionAudit, VerdictLog]]:
    """Each audited question of which more than first verdicts is known."""
    by_question = {log.question.name: log for log in logs}
    return [(one, by_question[one.about.name]) for one in audits if one.about.name in by_question]


def _steady(logged: list[tuple[QuestionAudit, VerdictLog]]) -> list[Finding]:
    return [found for one, log in logged for found in steadiness(one.context, log)]


def _voted(logged: list[tuple[QuestionAudit, VerdictLog]]) -> Voted:
    """What vote shares of several runs say; the questions' own words then name them."""
    out = Voted([], [])
    for one, log in logged:
        findings, curves, names = vote_shares(one.context, log)
        out.findings.extend(findings)
        out.curves.extend(curves)
        if names:
            one.about = replace(one.about, sure_by={**one.about.sure_by, **names})
    return out


def _cautions(audits: list[QuestionAudit], label_source: str) -> list[str]:
    contexts = [one.context for one in audits]
    return [
        line
        for c in contexts
        for line in cautions(c.question, c.ratings.people, rule=c.reference.rule, label_source=label_source)
    ]


def _soft(audits: list[QuestionAudit], logs: tuple[VerdictLog, ...]) -> list[Finding]:
    by_question = {log.question.name: log for log in logs}
    return [found for one in audits for found in soft_findings(one.context, by_question.get(one.about.name))]


def _counts(audits: list[QuestionAudit]) -> Counts:
    ratings = [a.context.ratings for a in audits]
    clusters = [a.about.clusters or a.context.ratings.n_items for a in audits]
    return Counts(
        items=max(len(set(r.items)) for r in ratings),
        clusters=max(clusters),
        raters=len({name for r in ratings for name in r.people_names}),
        judges=len({name for r in ratings for name in r.judge_names}),
        reference_ties=sum(a.context.reference.ties for a in audits),
    )


def _strata(audits: list[QuestionAudit], label_source: str) -> dict[str, StratumRecord]:
    """Each stratum with its column, where its values come from, and what they rest on in the end: who labelled, or what else."""
    out: dict[str, StratumRecord] = {}
    for audit in audits:
        ratings = audit.context.ratings
        columns = {stratum: column for column, names in ratings.columns.items() for stratum in names}
        for stratum, mask in ratings.strata.items():
            known = out.get(stratum, StratumRecord())
            source = ratings.stratum_source.get(stratum, "" if stratum == "all" else "column")
            out[stratum] = StratumRecord(
                column=columns.get(stratum, ""),
                source=source,
                rests_on=label_source if source == "label" else ratings.stratum_told.get(stratum, source),
                n_items=max(int(mask.sum()), known.n_items),
            )
    return out
