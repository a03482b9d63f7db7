"""Calls that were handed to a service in batches: which batch, which calls, and what was meant before it was done.

A batch is noted before it is submitted, under a tag of its own, so that one whose submission was cut off is looked for
instead of being bought twice. While a call stands here it is under way; a call can be under way once.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from judgeaudit.domain.escape import escape, unescape
from judgeaudit.storage.ledger.calls import Ledger

_PART = 500


@dataclass(frozen=True, slots=True, kw_only=True)
class BatchRow:
    """A batch that is under way. `batch` is the service's name for it; None while it is not known to have been taken."""

    tag: str
    requests: int
    noted_at: str
    batch: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class BatchCall:
    """A call of a batch: its key is its custom id, `line` its place, counted from 1."""

    key: str
    line: int
    ask_sha256: str
    item_id: str
    item_sha256: str
    run: int
    ord: str
    prompt_sha256: str


@dataclass(frozen=True, slots=True)
class BatchBook:
    """The batches of one judge in a ledger."""

    ledger: Ledger
    fingerprint: str

    def note(self, tag: str, calls: Sequence[BatchCall], now: str) -> None:
        """These calls are about to be submitted; on the disk before this returns."""
        rows = [
            (
                *(one.key, tag, one.line, one.ask_sha256, escape(one.item_id), one.item_sha256),
                *(one.run, one.ord, one.prompt_sha256),
            )
            for one in calls
        ]
        self.ledger.write(
            ("INSERT INTO batches VALUES (?, ?, NULL, ?, ?, NULL)", [(tag, self.fingerprint, len(calls), now)]),
            ("INSERT INTO batch_calls VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)", rows),
        )
        self.ledger.to_disk()

    def taken(self, tag: str, batch: str) -> None:
        """The service has it, under this name."""
        self.ledger.write(("UPDATE batches SET batch = ? WHERE tag = ?", [(escape(batch), tag)]))
        self.ledger.to_disk()

    def forget(self, tag: str) -> None:
        """It was never taken, or never will be fetched: its calls are missing again."""
        gone = [(tag,)]
        self.ledger.write(("DELETE FROM batch_calls WHERE tag = ?", gone), ("DELETE FROM batches WHERE tag = ?", gone))

    def merged(self, tag: str, now: str) -> None:
        """Everything that came of it is in the ledger; what did not come is missing again."""
        self.ledger.write(
            ("DELETE FROM batch_calls WHERE tag = ?", [(tag,)]),
            ("UPDATE batches SET merged_at = ? WHERE tag = ?", [(now, tag)]),
        )

    def open(self) -> list[BatchRow]:
        """Batches that are not merged yet, the earliest first."""
        rows = self.ledger.query(
            "SELECT tag, requests, noted_at, batch FROM batches WHERE fingerprint = ? AND merged_at IS NULL "
            "ORDER BY noted_at, tag",
            (self.fingerprint,),
        )
        return [
            BatchRow(
                tag=str(tag),
                requests=int(str(requests)),
                noted_at=str(noted),
                batch=None if batch is None else unescape(str(batch)),
            )
            for tag, requests, noted, batch in rows
        ]

    def names(self) -> set[str]:
        """What the service calls the batches of this ledger, of whatever judge, merged or not."""
        return {
            unescape(str(row[0])) for row in self.ledger.query("SELECT batch FROM batches WHERE batch IS NOT NULL", ())
        }

    def calls(self, tag: str) -> dict[str, BatchCall]:
        """The calls of a batch by their keys."""
        rows = self.ledger.query(
            "SELECT key, line, ask_sha256, item_id, item_sha256, run, ord, prompt_sha256 FROM batch_calls WHERE tag = ?",
            (tag,),
        )
        return {
            str(key): BatchCall(
                key=str(key),
                line=int(str(line)),
                ask_sha256=str(ask),
                item_id=unescape(str(item_id)),
                item_sha256=str(item),
                run=int(str(run)),
                ord=str(order),
                prompt_sha256=str(prompt),
            )
            for key, line, ask, item_id, item, run, order, prompt in rows
        }


def under_way(ledger: Ledger, keys: Sequence[str]) -> set[str]:
    """Those of the calls that a batch holds."""
    found: set[str] = set()
    for start in range(0, len(keys), _PART):
        part = keys[start : start + _PART]
        marks = ",".join("?" * len(part))
        found.update(str(row[0]) for row in ledger.query(f"SELECT key FROM batch_calls WHERE key IN ({marks})", part))
    return found


def drop(ledger: Ledger, name: str) -> tuple[int | None, list[str]]:
    """Forgets a batch by its name or tag, whatever judge it is of: how many calls it held, or which there are instead."""
    rows = ledger.query("SELECT tag, batch, requests, fingerprint FROM batches WHERE merged_at IS NULL", ())
    for tag, batch, requests, fingerprint in rows:
        if name in (tag, None if batch is None else unescape(str(batch))):
            BatchBook(ledger, str(fingerprint)).forget(str(tag))
            return int(str(requests)), []
    return None, [str(tag) if batch is None else unescape(str(batch)) for tag, batch, _, _ in rows]


def of_changed(ledger: Ledger, judge: str, fingerprint: str) -> list[str]:
    """Batches that are under way for a judge of this name as it was before it was changed."""
    rows = ledger.query(
        "SELECT COALESCE(batch, tag) FROM batches JOIN judges USING (fingerprint) WHERE merged_at IS NULL AND judge = ? "
        "AND fingerprint <> ? ORDER BY noted_at, tag",
        (escape(judge), fingerprint),
    )
    return [unescape(str(row[0])) for row in rows]
