"""What an export of Label Studio holds, before and after it is made into rows."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from datetime import datetime

from judgeaudit.domain.moments import moment_of

Row = dict[str, str]
_SHOWN = 20


@dataclass(frozen=True, slots=True, kw_only=True)
class ImportedAnnotation:
    """One row of annotations: one person's label for one question about one item, or that there is none.

    A row without a question speaks of all questions: the person skipped the item.
    """

    item_id: str
    rater: str
    question: str
    label: str
    status: str = "labelled"
    confidence: str = ""
    seconds: str = ""
    labelled_at: str = ""
    note: str = ""
    source: str = ""

    def as_row(self) -> Row:
        """The row under the columns of an annotations table; `source` tells which annotation it came from."""
        return {
            "item_id": self.item_id,
            "rater": self.rater,
            "question": self.question,
            "label": self.label,
            "status": self.status,
            "confidence": self.confidence,
            "seconds": self.seconds,
            "labelled_at": self.labelled_at,
            "note": self.note,
            "label_source": "people",
            "source": self.source,
        }


@dataclass(frozen=True, slots=True, kw_only=True)
class Export:
    """One export, read. `questions` holds the labels that each question was given; `counts` says what became of all."""

    annotations: tuple[ImportedAnnotation, ...]
    outputs: tuple[dict[str, object], ...]
    questions: dict[str, tuple[str, ...]]
    counts: dict[str, int]
    warnings: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Given:
    """One annotation as one person submitted it: all answers together."""

    item_id: str
    rater: str
    number: str
    stamp: str
    answers: dict[str, str]
    skipped: bool = False
    ground_truth: bool = False
    confidence: str = ""
    seconds: str = ""
    note: str = ""

    @property
    def when(self) -> tuple[datetime, int, str]:
        """What orders a person's annotations of one item: time, then number."""
        return moment_of(self.stamp), int(self.number) if self.number.isdecimal() else -1, self.number


@dataclass(slots=True, kw_only=True)
class Reading:
    """What a reader has gathered so far. Trouble with one annotation is counted and told, and stops nothing."""

    given: list[Given] = field(default_factory=list)
    outputs: dict[str, dict[str, object]] = field(default_factory=dict)
    counts: Counter[str] = field(default_factory=Counter)
    warnings: list[str] = field(default_factory=list)
    _troubles: list[str] = field(default_factory=list)

    def trouble(self, sentence: str) -> None:
        self.counts["malformed"] += 1
        self._troubles.append(sentence)

    def told(self) -> tuple[str, ...]:
        """Warnings, then troubles; of many troubles the first ones and how many more there are."""
        more = len(self._troubles) - _SHOWN
        rest = [f"and {more} more of this kind"] if more > 0 else []
        return (*self.warnings, *self._troubles[:_SHOWN], *rest)
