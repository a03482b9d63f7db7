"""Several audited questions as one result."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from judgeaudit.audit.disagreements import MOST
from judgeaudit.audit.few_clusters import few_clusters
from judgeaudit.audit.options import AuditOptions
from judgeaudit.audit.rater_quality import rater_quality
from judgeaudit.audit.run import QuestionAudit, audit_question
from judgeaudit.audit.services import services
from judgeaudit.audit.silence import silence
from judgeaudit.audit.steadiness import steadiness
from judgeaudit.domain.ratings import Ratings
from judgeaudit.domain.results import AuditResult, Finding
from judgeaudit.domain.verdict_log import Calls, VerdictLog
from judgeaudit.domain.work import Work


@dataclass(frozen=True, slots=True, kw_only=True)
class Audited:
    """The result, and all disagreements, of which the result keeps the first fifty of each judge."""

    result: AuditResult
    disagreements: list[dict[str, Any]]


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
    everything = [d for a in audits for rows in a.disagreements.values() for d in rows]
    result = AuditResult(
        judgeaudit=version,
        created_at=created_at,
        command=command,
        seed=options.seed,
        level=options.level,
        inputs=inputs,
        counts=_counts(audits),
        label_source=label_source,
        findings=[*(f for a in audits for f in a.findings), *quality.findings, *_steady(logged)],
        contrasts=[*(c for a in audits for c in a.contrasts), *served.contrasts],
        curves=[c for a in audits for c in a.curves],
        decisions=[],
        confusions=[c for a in audits for c in a.confusions],
        questions=[a.about for a in audits],
        strata=_strata(audits),
        treatments=[t for a in audits for t in a.treatments],
        flow=flow,
        disagreements=[d for a in audits for rows in a.disagreements.values() for d in rows[:MOST]],
        warnings=[
            *warnings,
            *(one for a in audits for one in few_clusters(a.context)),
            *quality.warnings,
            *served.warnings,
        ],
        options={
            "reference": options.reference,
            "unanswered": options.unanswered,
            "interval": options.interval,
            "replicates": options.replicates,
            "draws": options.draws,
            **extra_options,
        },
        versions=versions,
        name=name,
        raters=quality.raters,
        silence=silence([(one.context, log) for one, log in logged]),
        services=served.records,
        comparisons=[c for a in audits for c in a.comparisons],
    )
    return Audited(result=result, disagreements=everything)


def _logged(audits: list[QuestionAudit], logs: tuple[VerdictLog, ...]) -> list[tuple[QuestionAudit, VerdictLog]]:
    """Each audited question of which more than first verdicts is known."""
    by_question = {log.question.name: log for log in logs}
    return [(one, by_question[one.about["name"]]) for one in audits if one.about["name"] in by_question]


def _steady(logged: list[tuple[QuestionAudit, VerdictLog]]) -> list[Finding]:
    return [found for one, log in logged for found in steadiness(one.context, log)]


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


def _strata(audits: list[QuestionAudit]) -> dict[str, dict[str, Any]]:
    out: dict[str, dict[str, Any]] = {}
    for audit in audits:
        ratings = audit.context.ratings
        columns = {stratum: column for column, names in ratings.columns.items() for stratum in names}
        for stratum, mask in ratings.strata.items():
            known = out.get(stratum, {"n_items": 0})
            out[stratum] = {
                "column": columns.get(stratum, ""),
                "source": ratings.stratum_source.get(stratum, "" if stratum == "all" else "column"),
                "n_items": max(int(mask.sum()), known["n_items"]),
            }
    return out
