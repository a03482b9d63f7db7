"""`ja.diff`: what changed between two audits, decisions first."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

from judgeaudit.domain.errors import InputError, one_line
from judgeaudit.workflows.auditing.audit_object import Audit, read_audit

if TYPE_CHECKING:
    import pandas as pd

    from judgeaudit.domain.results.audit import AuditResult
    from judgeaudit.gate.diff.audits import Differences

#: what a record that lacks a part, or has one of another kind, makes of arithmetic
_DAMAGED = (TypeError, KeyError, AttributeError, IndexError, ValueError)


class AuditDiff:
    """Two audits compared. Nothing in it is computed when it is shown."""

    def __init__(self, found: Differences, *, full: bool = False) -> None:
        self._found = found
        self._full = full

    @property
    def decisions(self) -> list[dict[str, Any]]:
        """Decisions whose word or scope is another: `question`, `judge`, `old`, `new`, `opened`, `closed`, `reason`.

        `asked_before` and `asked_now` are those of `opened` and `closed` whose column the other audit was cut by, too.
        """
        return self._found.decisions

    @property
    def changes(self) -> list[dict[str, Any]]:
        """What changed: `what` is judge, labels, outputs, question, options, policy, versions, or table where it is not known."""
        return self._found.changes

    @property
    def separated(self) -> list[dict[str, Any]]:
        """For each judge and question the change of the head statistic, and its `parts`: judge, labels, outputs."""
        return self._found.separated

    @property
    def findings(self) -> pd.DataFrame:
        """One row for each finding whose value is another, with the difference and its interval."""
        import pandas as pd

        return pd.DataFrame(self._found.findings)

    @property
    def lines(self) -> tuple[str, ...]:
        """For people."""
        from judgeaudit.gate.diff.words import lines_of

        return tuple(lines_of(self._found, full=self._full))

    def to_dict(self) -> dict[str, Any]:
        """Plain lists, dicts and numbers."""
        return {
            "decisions": self.decisions,
            "changes": self.changes,
            "separated": self.separated,
            "findings": self._found.findings,
        }

    def __repr__(self) -> str:
        return "\n".join(self.lines)


def diff(old: Audit | str | Path, new: Audit | str | Path, *, full: bool = False) -> AuditDiff:
    """What changed from one audit to another: each an `Audit`, an audit.json, or a folder that holds one.

    `full` shows every finding that changed, not only those at the front of a report. Raises InputError for what is no audit.
    """
    from judgeaudit.gate.diff.audits import differences

    results = [(one if isinstance(one, Audit) else read_audit(one)).result for one in (old, new)]
    try:
        found = differences(*results)
    except _DAMAGED as error:
        if isinstance(error, InputError):
            raise
        names = [_name(one, word) for one, word in ((old, "the old audit"), (new, "the new audit"))]
        bent = [name for name, result in zip(names, results, strict=True) if not _whole(result)]
        told = (
            f"{' and '.join(bent)} {'is' if len(bent) == 1 else 'are'} damaged"
            if bent
            else "one does not fit the other"
        )
        msg = f"these audits cannot be compared: {told}; make both again with `judgeaudit audit`"
        raise InputError(msg) from error
    return AuditDiff(found, full=full)


def _name(one: Audit | str | Path, word: str) -> str:
    return word if isinstance(one, Audit) else one_line(str(one))


def _whole(result: AuditResult) -> bool:
    """Whether an audit can be compared with itself."""
    from judgeaudit.gate.diff.audits import differences

    try:
        differences(result, result)
    except _DAMAGED:
        return False
    return True
