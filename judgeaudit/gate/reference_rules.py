"""How decisions change with the rule by which the reference is made from the people's labels."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from judgeaudit.audit.other_references import UnderRule, other_references, same_labels, under_rule
from judgeaudit.audit.setting.context import Context
from judgeaudit.audit.setting.reference import Reference
from judgeaudit.domain.policy import Policy
from judgeaudit.domain.results.audit import AuditResult, Decision, Finding
from judgeaudit.domain.results.people import ReferenceRule
from judgeaudit.domain.results.questions import QuestionRecord
from judgeaudit.gate.decide import decide

#: what a gate may read of a judge beside what a policy names
_READ = (
    "cohen_kappa",
    "krippendorff_alpha",
    "percent_agreement",
    "coverage",
    "sensitivity",
    "specificity",
    "false_positive_rate",
    "false_negative_rate",
    "youden_j",
    "prevalence_bias",
)


def reference_rules(result: AuditResult, contexts: Sequence[Context], policy: Policy) -> list[ReferenceRule]:
    """For every judge one record of the rule that was used and of each other one: what it makes of the items, and the decision.

    `result` holds the decisions of the used rule. Nothing where no other rule is possible.
    """
    out = []
    for context in contexts:
        about = next(one for one in result.questions if one.name == context.question)
        others = list(other_references(context)) if about.judges else []
        if not others:
            continue
        held = {d.judge: d for d in result.decisions if d.question == context.question}
        out += _records(context, about, context.reference, held, result.findings, agreement=None, used=True)
        for other in others:
            if same_labels(context, other):
                out += _records(context, about, other, held, result.findings, agreement=1.0, used=False)
                continue
            found = under_rule(context, other, names=_names(policy), contrasts=_needs_contrasts(policy))
            decided = {d.judge: d for d in decide(_result(result, about, found), policy, fragility=False)}
            out += _records(context, about, other, decided, found.findings, agreement=found.agreement, used=False)
    return out


def _names(policy: Policy) -> frozenset[str]:
    return frozenset((*_READ, *(r.statistic for r in policy.require or () if r.statistic is not None)))


def _needs_contrasts(policy: Policy) -> bool:
    if policy.require is None:
        return policy.purpose == "compare"
    return any(r.contrast is not None for r in policy.require)


def _result(result: AuditResult, about: QuestionRecord, found: UnderRule) -> AuditResult:
    """The audit of one question with another reference; what does not rest on a reference stays."""
    name = about.name
    kept = [f for f in result.findings if f.question == name and f.versus != "reference"]
    return replace(
        result,
        questions=[replace(about, reference=found.reference.rule)],
        findings=[*kept, *found.findings],
        confusions=found.confusions,
        contrasts=[c for c in result.contrasts if c.kind != "strata"] + found.contrasts,
    )


def _records(
    context: Context,
    about: QuestionRecord,
    reference: Reference,
    decisions: dict[str | None, Decision],
    findings: Sequence[Finding],
    *,
    agreement: float | None,
    used: bool,
) -> list[ReferenceRule]:
    heads = {
        f.subject: f
        for f in findings
        if (f.question, f.stratum, f.versus, f.statistic) == (context.question, "all", "reference", about.head)
    }
    labelled = reference.codes >= 0
    if reference.rule == "each":
        labelled = np.asarray((context.ratings.people >= 0).any(0))
    out = []
    for judge in about.judges:
        head, decision = heads.get(judge), decisions[judge]
        out.append(
            ReferenceRule(
                question=context.question,
                judge=judge,
                rule=reference.rule,
                used=used,
                n_items=int(np.count_nonzero(labelled)),
                ties=reference.ties,
                same_labels=agreement,
                decision=decision.decision,
                scope=list(decision.scope),
                code=decision.code,
                statistic=about.head,
                value=None if head is None else head.value,
                low=None if head is None else head.low,
                high=None if head is None else head.high,
                undefined=None if head is None else head.undefined,
            )
        )
    return out
