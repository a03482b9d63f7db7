"""What servers answered when they were asked, before a judge's first call, with its very parameters: once for each judge."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from judgeaudit.domain.escape import escape, unescape

if TYPE_CHECKING:
    from judgeaudit.storage.ledger.calls import Ledger

_TABLE = """
CREATE TABLE IF NOT EXISTS checks (
  fingerprint TEXT PRIMARY KEY, checked_at TEXT NOT NULL, raw TEXT NOT NULL, cost_usd REAL) WITHOUT ROWID
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class CheckRow:
    """One server's whole answer, and what it cost in US dollars; None where that is not known."""

    fingerprint: str
    checked_at: str
    raw: str
    cost_usd: float | None = None


def keep_check(ledger: Ledger, row: CheckRow) -> None:
    """An earlier answer for the same judge is replaced."""
    ledger.query(_TABLE, ())
    cells = (row.fingerprint, row.checked_at, escape(row.raw), row.cost_usd)
    ledger.write(("INSERT OR REPLACE INTO checks VALUES (?, ?, ?, ?)", [cells]))


def check_of(ledger: Ledger, fingerprint: str) -> CheckRow | None:
    """The answer for a judge; None before it was asked."""
    if not ledger.query("SELECT 1 FROM sqlite_master WHERE type = 'table' AND name = 'checks'", ()):
        return None
    wanted = "SELECT checked_at, raw, cost_usd FROM checks WHERE fingerprint = ?"
    for at, raw, cost in ledger.query(wanted, (fingerprint,)):
        return CheckRow(
            fingerprint=fingerprint,
            checked_at=str(at),
            raw=unescape(str(raw)),
            cost_usd=None if cost is None else float(str(cost)),
        )
    return None
