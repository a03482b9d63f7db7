"""Judges on this machine: any object with a name and `judge(outputs, question) -> verdicts`."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol, runtime_checkable

from judgeaudit.domain.output import Asked, Output
from judgeaudit.domain.verdict import Verdict


@runtime_checkable
class Judge(Protocol):
    """What built-in judges and those of plug-ins share. It never raises for one bad item: that one's verdict is `failed`.

    Verdicts come in the order of the outputs, one for each.
    """

    @property
    def name(self) -> str:
        """What its verdicts go by."""
        ...

    def judge(self, outputs: Sequence[Output], question: Asked) -> Sequence[Verdict]:
        """The verdicts on these outputs."""
        ...


def in_order(judge: str, question: Asked, outputs: Sequence[Output], verdicts: Sequence[Verdict]) -> str:
    """Why the verdicts are not those of the outputs, one for each in their order; empty where they are."""
    if len(verdicts) != len(outputs):
        return f"judge '{judge}' gave {len(verdicts)} verdicts on {len(outputs)} outputs"
    for output, verdict in zip(outputs, verdicts, strict=True):
        if verdict.item_id != output.item_id:
            return f"judge '{judge}' gave a verdict on '{verdict.item_id}' where '{output.item_id}' was asked"
        if verdict.status == "answered" and question.labels and verdict.label not in question.labels:
            return f"judge '{judge}' gave the label '{verdict.label}', which question '{question.name}' does not have"
    return ""
