"""`ja.diff`: what changed between two audits, decisions first."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

from judgeaudit.domain.errors import InputError
from judgeaudit.facade.audit import Audit, read_audit

if TYPE_CHECKING:
    import pandas as pd

    from judgeaudit.gate.diff import Differences


class AuditDiff:
    """Two audits compared. Nothing in it is computed when it is shown."""

    def __init__(self, found: Differences, *, full: bool = False) -> None:
        self._found = found
        self._full = full

    @property
    def decisions(self) -> list[dict[str, Any]]:
        """Decisions whose word or scope is another: `question`, `judge`, `old`, `new`, `opened`, `closed`, `reason`."""
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
        from judgeaudit.gate.diff_words import lines_of

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
    from judgeaudit.gate.diff import differences

    results = [(one if isinstance(one, Audit) else read_audit(one)).result for one in (old, new)]
    try:
        found = differences(*results)
    except (TypeError, KeyError, AttributeError, IndexError, ValueError) as error:
        if isinstance(error, InputError):
            raise
        msg = f"these audits cannot be compared: one is damaged ({type(error).__name__}: {error}); make it again with `judgeaudit audit`"
        raise InputError(msg) from error
    return AuditDiff(found, full=full)
