"""judgeaudit: may this automated judge be trusted, for what, and how sure is that?

The names below are loaded when they are first used: importing this package imports no library.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from judgeaudit.domain.version import VERSION

if TYPE_CHECKING:
    from judgeaudit.domain.errors import InputError as InputError
    from judgeaudit.domain.errors import JudgeAuditError as JudgeAuditError
    from judgeaudit.domain.policy import Policy as Policy
    from judgeaudit.domain.policy import Require as Require
    from judgeaudit.study import Study as Study
    from judgeaudit.workflows.auditing.audit_object import Audit as Audit
    from judgeaudit.workflows.auditing.audit_object import read_audit as read_audit
    from judgeaudit.workflows.auditing.audit_table import audit_table as audit_table
    from judgeaudit.workflows.auditing.diff import AuditDiff as AuditDiff
    from judgeaudit.workflows.auditing.diff import diff as diff
    from judgeaudit.workflows.auditing.gate import Decisions as Decisions
    from judgeaudit.workflows.auditing.gate import decide as decide
    from judgeaudit.workflows.auditing.gate import filter_verdicts as filter_verdicts
    from judgeaudit.workflows.auditing.gate import read_policy as read_policy
    from judgeaudit.workflows.auditing.recalibrate import apply_recalibration as apply_recalibration
    from judgeaudit.workflows.auditing.recalibrate import recalibrate as recalibrate
    from judgeaudit.workflows.checkpoints.comparison_object import Comparison as Comparison
    from judgeaudit.workflows.checkpoints.comparison_object import read_comparison as read_comparison
    from judgeaudit.workflows.checkpoints.table import compare_checkpoints as compare_checkpoints
    from judgeaudit.workflows.generating.degrade_texts import degrade_outputs as degrade_outputs
    from judgeaudit.workflows.gibberish import GibberishReport as GibberishReport
    from judgeaudit.workflows.gibberish import gibberish as gibberish
    from judgeaudit.workflows.planning.plan import Plan as Plan
    from judgeaudit.workflows.planning.plan import plan as plan


__version__ = VERSION

_HOMES = {
    "Audit": "judgeaudit.workflows.auditing.audit_object",
    "AuditDiff": "judgeaudit.workflows.auditing.diff",
    "Comparison": "judgeaudit.workflows.checkpoints.comparison_object",
    "Decisions": "judgeaudit.workflows.auditing.gate",
    "GibberishReport": "judgeaudit.workflows.gibberish",
    "InputError": "judgeaudit.domain.errors",
    "JudgeAuditError": "judgeaudit.domain.errors",
    "Plan": "judgeaudit.workflows.planning.plan",
    "Policy": "judgeaudit.domain.policy",
    "Require": "judgeaudit.domain.policy",
    "Study": "judgeaudit.study",
    "apply_recalibration": "judgeaudit.workflows.auditing.recalibrate",
    "audit_table": "judgeaudit.workflows.auditing.audit_table",
    "compare_checkpoints": "judgeaudit.workflows.checkpoints.table",
    "decide": "judgeaudit.workflows.auditing.gate",
    "degrade_outputs": "judgeaudit.workflows.generating.degrade_texts",
    "diff": "judgeaudit.workflows.auditing.diff",
    "filter_verdicts": "judgeaudit.workflows.auditing.gate",
    "gibberish": "judgeaudit.workflows.gibberish",
    "plan": "judgeaudit.workflows.planning.plan",
    "read_audit": "judgeaudit.workflows.auditing.audit_object",
    "read_comparison": "judgeaudit.workflows.checkpoints.comparison_object",
    "read_policy": "judgeaudit.workflows.auditing.gate",
    "recalibrate": "judgeaudit.workflows.auditing.recalibrate",
}

__all__ = [
    "Audit",
    "AuditDiff",
    "Comparison",
    "Decisions",
    "GibberishReport",
    "InputError",
    "JudgeAuditError",
    "Plan",
    "Policy",
    "Require",
    "Study",
    "__version__",
    "apply_recalibration",
    "audit_table",
    "compare_checkpoints",
    "decide",
    "degrade_outputs",
    "diff",
    "filter_verdicts",
    "gibberish",
    "plan",
    "read_audit",
    "read_comparison",
    "read_policy",
    "recalibrate",
]


def __getattr__(name: str) -> Any:
    if name in _HOMES:
        from importlib import import_module

        return getattr(import_module(_HOMES[name]), name)
    msg = f"module 'judgeaudit' has no attribute {name!r}"
    raise AttributeError(msg)


def __dir__() -> list[str]:
    return sorted(__all__)
