"""When something happened, as a stamp in a table says it."""

from __future__ import annotations

from datetime import UTC, datetime


def moment_of(stamp: str) -> datetime:
    """The time that an ISO 8601 stamp spells, in UTC; the beginning of time where it spells none.

    >>> moment_of("2026-05-01T10:00:00Z") == moment_of("2026-05-01T12:00:00+02:00")
    True
    >>> moment_of("yesterday") < moment_of("1970-01-01")
    True
    """
    try:
        moment = datetime.fromisoformat(stamp)
        return moment.astimezone(UTC) if moment.tzinfo else moment.replace(tzinfo=UTC)
    except (ValueError, OverflowError):
        return datetime.min.replace(tzinfo=UTC)
