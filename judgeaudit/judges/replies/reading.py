"""What was read in a reply about one question."""

from __future__ import annotations

from dataclasses import dataclass

from judgeaudit.domain.verdict import Source, Status


@dataclass(frozen=True, slots=True, kw_only=True)
class Read:
    """What a reply says about one question."""

    status: Status
    label: str | None = None
    probability: float | None = None
    probability_from: Source | None = None
    label_mass: float | None = None
    confidence: float | None = None
    error: str | None = None
