"""What a comparison takes from the audit of its study: which judges may be believed on incoherent outputs."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING

from judgeaudit.domain.results.audit import AuditResult, Decision

if TYPE_CHECKING:
    from judgeaudit.storage.config.schema import StudyConfig


def certified_judges(folder: Path, config: StudyConfig) -> dict[str, tuple[str, ...]]:
    """Question -> judges that the gate opened on incoherent outputs, by audit.json, or by an audit made now and not written.

    A StaleError where audit.json is not about the tables as they are. No audit is made where it could open nothing: without
    declared strata, or where no person gave the labels and the policy wants people.
    """
    from judgeaudit.storage.study.load import table_digests
    from judgeaudit.workflows.auditing.audit_object import read_audit
    from judgeaudit.workflows.auditing.gate import refuse_stale, under_policy
    from judgeaudit.workflows.auditing.study_audit import audit_study, fingerprint, study_policy

    file = folder / "audit.json"
    if file.exists():
        audit = read_audit(file)
        refuse_stale(audit, table_digests(folder), fingerprint(config))
        return opened_on_gibberish(
            audit.result, under_policy(audit, study_policy(config, None), fragility=False).decisions
        )
    if not config.strata or (config.label_source != "people" and study_policy(config, None).label_source != "any"):
        return {}
    audit = audit_study(folder, replicates=200, command="judgeaudit compare", brief=True)
    return opened_on_gibberish(audit.result, audit.decisions)


def opened_on_gibberish(result: AuditResult, decisions: Iterable[Decision]) -> dict[str, tuple[str, ...]]:
    """Question -> judges that are certified or restricted, with the stratum of gibberish open.

    Where several strata are gibberish, the first that could be decided on speaks, that of labels before that of the signal.
    """
    found: dict[str, tuple[str, ...]] = {}
    for one in decisions:
        if one.judge is not None and one.decision in ("certified", "restricted") and _is_open(result, one):
            found[one.question] = (*found.get(one.question, ()), one.judge)
    return found


def _is_open(result: AuditResult, decision: Decision) -> bool:
    from judgeaudit.gate.requirements.gibberish import gibberish_strata

    states = {one.stratum: one.state for one in decision.strata}
    told = [states[name] for name in gibberish_strata(result.strata, list(states)) if states[name] != "undetermined"]
    return told[:1] == ["open"]
