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
    from judgeaudit.facade.audit import Audit as Audit
    from judgeaudit.facade.audit import read_audit as read_audit
    from judgeaudit.facade.compare_table import compare_checkpoints as compare_checkpoints
    from judgeaudit.facade.comparison import Comparison as Comparison
    from judgeaudit.facade.comparison import read_comparison as read_comparison
    from judgeaudit.facade.diff import AuditDiff as AuditDiff
    from judgeaudit.facade.diff import diff as diff
    from judgeaudit.facade.gate import Decisions as Decisions
    from judgeaudit.facade.gate import decide as decide
    from judgeaudit.facade.gate import filter_verdicts as filter_verdicts
    from judgeaudit.facade.gate import read_policy as read_policy
    from judgeaudit.facade.gibberish import GibberishReport as GibberishReport
    from judgeaudit.facade.gibberish import gibberish as gibberish
    from judgeaudit.facade.plan import Plan as Plan
    from judgeaudit.facade.plan import plan as plan
    from judgeaudit.facade.recalibrating import apply_recalibration as apply_recalibration
    from judgeaudit.facade.recalibrating import recalibrate as recalibrate
    from judgeaudit.facade.table import audit_table as audit_table
    from judgeaudit.facade.text_degrade import degrade_outputs as degrade_outputs
    from judgeaudit.study import Study as Study


__version__ = VERSION

_HOMES = {
    "Audit": "judgeaudit.facade.audit",
    "AuditDiff": "judgeaudit.facade.diff",
    "Comparison": "judgeaudit.facade.comparison",
    "Decisions": "judgeaudit.facade.gate",
    "GibberishReport": "judgeaudit.facade.gibberish",
    "InputError": "judgeaudit.domain.errors",
    "JudgeAuditError": "judgeaudit.domain.errors",
    "Plan": "judgeaudit.facade.plan",
    "Policy": "judgeaudit.domain.policy",
    "Require": "judgeaudit.domain.policy",
    "Study": "judgeaudit.study",
    "apply_recalibration": "judgeaudit.facade.recalibrating",
    "audit_table": "judgeaudit.facade.table",
    "compare_checkpoints": "judgeaudit.facade.compare_table",
    "decide": "judgeaudit.facade.gate",
    "degrade_outputs": "judgeaudit.facade.text_degrade",
    "diff": "judgeaudit.facade.diff",
    "filter_verdicts": "judgeaudit.facade.gate",
    "gibberish": "judgeaudit.facade.gibberish",
    "plan": "judgeaudit.facade.plan",
    "read_audit": "judgeaudit.facade.audit",
    "read_comparison": "judgeaudit.facade.comparison",
    "read_policy": "judgeaudit.facade.gate",
    "recalibrate": "judgeaudit.facade.recalibrating",
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
