"""Verdicts that are too unsure: the threshold that an audit guarantees, held against single verdicts."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from judgeaudit.domain.errors import InputError
from judgeaudit.domain.question import canonical, number_of
from judgeaudit.domain.results.judges import Selective


@dataclass(frozen=True, kw_only=True)
class Thresholds:
    """The audit's records of selective use, and by question which labels there are and which are positive."""

    records: Sequence[Selective]
    labels: Mapping[str, Sequence[str]]
    positive: Mapping[str, Sequence[str]]

    def refuse_looser(self, max_risk: float) -> None:
        """An InputError where the audit guarantees no risk as small as this one, or has no probabilities at all."""
        if not self.records:
            msg = "--max-risk: the audit holds no probabilities; audit the judge with --probability JUDGE=COL first"
            raise InputError(msg)
        looser = [one.risk for one in self.records if one.risk > max_risk + 1e-12]
        if looser:
            msg = f"--max-risk {max_risk:g}: the audit speaks of a risk of {looser[0]:g}; audit again with --max-risk {max_risk:g}"
            raise InputError(msg)

    def why_dropped(self, verdict: Mapping[str, Any]) -> str | None:
        """None for a verdict that is sure enough, else the reason in a few words."""
        judge, question = str(verdict.get("judge", "")), str(verdict.get("question") or "")
        found = [one for one in self.records if one.judge == judge and question in ("", one.question)]
        if len(found) != 1:
            return f"the audit holds no probabilities of {judge}, so no confidence is known to suffice"
        record = found[0]
        if record.threshold is None:
            return f"no confidence of {judge} is shown to keep its errors at {record.risk:g} or less"
        sure = self._confidence(verdict, record.question)
        if sure is None:
            return f"the verdict of {judge} has no probability, or no label of the question"
        if sure < record.threshold - 1e-12:
            return f"{judge} is less sure than {record.threshold:.4g}"
        return None

    def _confidence(self, verdict: Mapping[str, Any], question: str) -> float | None:
        """The probability of the side that the verdict takes, as the judge gave it, before any recalibration."""
        label = _text(verdict, "label")
        p = number_of(_text(verdict, "probability_raw") or _text(verdict, "probability"))
        known, positive = ({canonical(one) for one in of.get(question, ())} for of in (self.labels, self.positive))
        if canonical(label) not in known or p is None or not 0 <= p <= 1:
            return None
        return p if canonical(label) in positive else 1 - p


def _text(verdict: Mapping[str, Any], column: str) -> str:
    """A cell as text; 0 is one."""
    cell = verdict.get(column)
    return "" if cell is None else str(cell)
