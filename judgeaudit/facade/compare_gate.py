"""What a comparison takes from the audit of its study: which judges may be believed on incoherent outputs."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING

from judgeaudit.domain.results import AuditResult, Decision

if TYPE_CHECKING:
    from judgeaudit.storage.study_schema import StudyConfig


def certified_judges(folder: Path, config: StudyConfig) -> dict[str, tuple[str, ...]]:
    """Question -> judges that the gate opened on incoherent outputs, by audit.json, or by an audit made now and not written.

    A StaleError where audit.json is not about the tables as they are. Without declared strata nothing is opened there, and
    no audit is made.
    """
    from judgeaudit.facade.audit import read_audit
    from judgeaudit.facade.gate import refuse_stale, under_policy
    from judgeaudit.facade.study_audit import audit_study, fingerprint, study_policy
    from judgeaudit.storage.study_tables import table_digests

    file = folder / "audit.json"
    if file.exists():
        audit = read_audit(file)
        refuse_stale(audit, table_digests(folder), fingerprint(config))
        return opened_on_gibberish(
            audit.result, under_policy(audit, study_policy(config, None), fragility=False).decisions
        )
    if not config.strata:
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
    from judgeaudit.gate.gibberish import gibberish_strata

    states = {one.stratum: one.state for one in decision.strata}
    told = [states[name] for name in gibberish_strata(result.strata, list(states)) if states[name] != "undetermined"]
    return told[:1] == ["open"]
