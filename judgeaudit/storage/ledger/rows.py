"""Rows of a ledger as records, and records as cells."""

from __future__ import annotations

from dataclasses import asdict, dataclass, fields
from operator import attrgetter
from typing import Any

from judgeaudit.domain.escape import escape, unescape
from judgeaudit.domain.verdict import Read
from judgeaudit.storage.files.write import Cell


@dataclass(frozen=True, slots=True, kw_only=True)
class CallRow:
    """One call. outcome: `reply`, `rejected` (the service will not take it), or `passing` (tried again by the next run)."""

    key: str
    fingerprint: str
    ask_sha256: str
    item_id: str
    item_sha256: str
    run: int
    ord: str
    outcome: str
    raw: str
    judged_at: str
    reply: str | None = None
    error: str | None = None
    prompt_sha256: str | None = None
    model: str | None = None
    input_tokens: int | None = None
    cached_tokens: int | None = None
    output_tokens: int | None = None
    cost_usd: float | None = None
    seconds: float | None = None
    attempts: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class VerdictRow(Read):
    """What was read in a call about one question. `reading` is a fingerprint of how it was read."""

    question: str
    reading: str


CALL = tuple(field.name for field in fields(CallRow))
VERDICT = tuple(field.name for field in fields(VerdictRow))
_CALL_CELLS, _VERDICT_CELLS = attrgetter(*CALL), attrgetter(*VERDICT)
ADD_CALL = f"INSERT OR REPLACE INTO calls ({','.join(CALL)}) VALUES ({','.join('?' * len(CALL))})"
ADD_VERDICT = (
    f"INSERT OR REPLACE INTO verdicts ({','.join(('key', *VERDICT))}) VALUES ({','.join('?' * (len(VERDICT) + 1))})"
)
_TEXTS = ("item_id", "raw", "reply", "error", "label", "question", "model")


def cells_of(row: CallRow | VerdictRow) -> list[object]:
    """The values of a row; what UTF-8 cannot hold is escaped."""
    cells = _CALL_CELLS(row) if isinstance(row, CallRow) else _VERDICT_CELLS(row)
    return [escape(cell) if isinstance(cell, str) else cell for cell in cells]


def escaped(row: VerdictRow) -> VerdictRow:
    return VerdictRow(**dict(zip(VERDICT, cells_of(row), strict=True)))  # type: ignore[arg-type]


def texts_of(row: dict[str, Any]) -> dict[str, Any]:
    return {name: unescape(cell) if name in _TEXTS and isinstance(cell, str) else cell for name, cell in row.items()}


def as_cells(call: CallRow, verdict: VerdictRow, judge: str) -> dict[str, Cell]:
    """One row of a verdicts table, with the columns that such tables have."""
    plain = asdict(call)
    return {
        "item_id": call.item_id,
        "judge": judge,
        "question": verdict.question,
        "run": call.run,
        "order": call.ord,
        "status": verdict.status,
        "label": verdict.label,
        "probability": verdict.probability,
        "probability_from": verdict.probability_from,
        "label_mass": verdict.label_mass,
        "confidence": verdict.confidence,
        "reply": call.reply,
        **{name: plain[name] for name in ("prompt_sha256", "model", "input_tokens", "output_tokens", "cost_usd")},
        "seconds": call.seconds,
        "judged_at": call.judged_at,
        "reason": verdict.reason,
        "error": verdict.error or call.error,
    }
