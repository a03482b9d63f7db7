"""Several audited questions as one result."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, NamedTuple

from judgeaudit.audit.behaviour.no_answer import silence
from judgeaudit.audit.behaviour.self_agreement import steadiness
from judgeaudit.audit.behaviour.services import services
from judgeaudit.audit.cluster_warnings import few_clusters
from judgeaudit.audit.degradation.gibberish_signal import nobody_looked
from judgeaudit.audit.disagreements import disagreements
from judgeaudit.audit.fingerprints import item_marks
from judgeaudit.audit.headline import headline
from judgeaudit.audit.probabilities.vote_shares import vote_shares
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
from judgeaudit.domain.verdict_log import Calls, VerdictLog


class Voted(NamedTuple):
    """Findings and curves of vote shares."""

    findings: list[Finding]
    curves: list[Curve]


@dataclass(frozen=True, slots=True, kw_only=True)
class Audited:
    """The result; what makes all disagreements, of which the result keeps the first fifty of each judge; and what it was made from."""

    result: AuditResult
    disagreements: Callable[[], list[dict[str, Any]]]
    contexts: tuple[Context, ...]


def audit_ratings(
    ratings: tuple[Ratings, ...],
    options: AuditOptions,
    *,
    version: str,
    created_at: str,
    command: str,
    inputs: dict[str, dict[str, Any]],
    label_source: str,
    flow: list[dict[str, Any]],
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
    served = services(calls, [(one.context, log, one.about["head"]) for one, log in logged])
    abouts = [a.about for a in audits]
    contrasts, curves = [c for a in audits for c in a.contrasts], [c for a in audits for c in a.curves]
    findings = [f for a in audits for f in a.findings]
    voted = _voted(logged)
    _refuse_unnamed([*contrasts, *served.contrasts], curves)
    result = AuditResult(
        judgeaudit=version,
        created_at=created_at,
        command=command,
        seed=options.seed,
        level=options.level,
        inputs=inputs,
        counts=_counts(audits),
        label_source=label_source,
        findings=[*findings, *_soft(audits, logs), *quality.findings, *_steady(logged), *voted.findings],
        contrasts=[*contrasts, *served.contrasts],
        curves=[*curves, *voted.curves],
        decisions=[],
        confusions=[c for a in audits for c in a.confusions],
        questions=abouts,
        strata=_strata(audits, label_source),
        treatments=[t for a in audits for t in a.treatments],
        flow=flow,
        disagreements=[d for a in audits for rows in a.disagreements.values() for d in rows],
        warnings=[
            *warnings,
            *(one for a in audits for one in few_clusters(a.context)),
            *_cautions(audits, label_source),
            *(w for a in audits for w in a.rates.warnings),
            *nobody_looked(ratings),
            *quality.warnings,
            *served.warnings,
        ],
        options={
            "reference": options.reference,
            "unanswered": options.unanswered,
            "interval": options.interval,
            "replicates": options.replicates,
            "draws": options.draws,
            "max_risk": options.max_risk,
            "alt_test_epsilon": options.alt_test_epsilon,
            **extra_options,
        },
        versions=versions,
        name=name,
        raters=quality.raters,
        silence=silence([(one.context, log) for one, log in logged]),
        services=served.records,
        headline=headline(abouts, findings, contrasts, curves),
        marks=[item_marks(a.context) for a in audits],
        recalibrations=[one for a in audits for one in a.recalibrations],
        rates=[record for a in audits for record in a.rates.records],
        selective=[one for a in audits for one in a.selective],
        replacement=[record for a in audits for record in a.replacement],
        comparisons=[c for a in audits for c in a.comparisons],
    )
    asked = [(a.context, judge) for a in audits for judge in a.disagreements]
    return Audited(
        result=result,
        disagreements=lambda: [d for one, judge in asked for d in disagreements(one, judge, most=None)],
        contexts=tuple(one.context for one in audits),
    )


def _refuse_unnamed(contrasts: list[Contrast], curves: list[Curve]) -> None:
    """A ValueError for a statistic or a reason that is not catalogued; findings are checked where they are made."""
    for name in {one.statistic for one in contrasts} | {one.statistic for one in curves if one.statistic}:
        entry_of(name)
    for code in {one.undefined for one in contrasts}:
        refuse_unknown(code)


def _logged(audits: list[QuestionAudit], logs: tuple[VerdictLog, ...]) -> list[tuple[QuestionAudit, VerdictLog]]:
    """Each audited question of which more than first verdicts is known."""
    by_question = {log.question.name: log for log in logs}
    return [(one, by_question[one.about["name"]]) for one in audits if one.about["name"] in by_question]


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
            one.about["sure_by"] = {**one.about.get("sure_by", {}), **names}
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
    return [found for one in audits for found in soft_findings(one.context, by_question.get(one.about["name"]))]


def _counts(audits: list[QuestionAudit]) -> dict[str, Any]:
    ratings = [a.context.ratings for a in audits]
    clusters = [a.about["clusters"] or a.context.ratings.n_items for a in audits]
    return {
        "items": max(len(set(r.items)) for r in ratings),
        "clusters": max(clusters),
        "raters": len({name for r in ratings for name in r.people_names}),
        "judges": len({name for r in ratings for name in r.judge_names}),
        "reference_ties": sum(a.context.reference.ties for a in audits),
    }


def _strata(audits: list[QuestionAudit], label_source: str) -> dict[str, dict[str, Any]]:
    """Each stratum with its column, where its values come from, and what they rest on in the end: who labelled, or what else."""
    out: dict[str, dict[str, Any]] = {}
    for audit in audits:
        ratings = audit.context.ratings
        columns = {stratum: column for column, names in ratings.columns.items() for stratum in names}
        for stratum, mask in ratings.strata.items():
            known = out.get(stratum, {"n_items": 0})
            source = ratings.stratum_source.get(stratum, "" if stratum == "all" else "column")
            out[stratum] = {
                "column": columns.get(stratum, ""),
                "source": source,
                "rests_on": label_source if source == "label" else ratings.stratum_told.get(stratum, source),
                "n_items": max(int(mask.sum()), known["n_items"]),
            }
    return out
