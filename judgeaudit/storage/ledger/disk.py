"""What is written to a ledger is whole, and gets to the disk without holding up who writes."""

from __future__ import annotations

import sqlite3
import time
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import closing
from pathlib import Path

_SECONDS = 1.0
Broken = Callable[[sqlite3.Error], Exception]


class Transaction:
    """All or nothing; an error of the file is said in one line."""

    def __init__(self, db: sqlite3.Connection, broken: Broken) -> None:
        self._db, self._broken = db, broken

    def __enter__(self) -> None:
        try:
            self._db.execute("BEGIN IMMEDIATE")
        except sqlite3.DatabaseError as error:
            raise self._broken(error) from error

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, _: object) -> None:
        try:
            self._db.execute("COMMIT" if kind is None else "ROLLBACK")
        except sqlite3.DatabaseError as failed:
            raise self._broken(failed) from failed
        if isinstance(error, sqlite3.DatabaseError):
            raise self._broken(error) from error


class Syncing:
    """Forces what was committed to the disk once a second, in a thread: a slow disk would hold up every call in flight."""

    def __init__(self, path: Path, broken: Broken) -> None:
        self._path, self._broken = path, broken
        self._thread = ThreadPoolExecutor(1, thread_name_prefix="ledger")
        self._last = time.monotonic()
        self._at_work: Future[None] | None = None

    def when_due(self) -> None:
        """Begins to, if the last time is over and a second old; what it could not do then is raised now."""
        if time.monotonic() - self._last < _SECONDS or (self._at_work is not None and not self._at_work.done()):
            return
        self._last = time.monotonic()
        if self._at_work is not None:
            try:
                self._at_work.result()
            except sqlite3.DatabaseError as error:
                raise self._broken(error) from error
        self._at_work = self._thread.submit(_checkpoint, self._path)

    def end(self) -> None:
        """Nothing is under way any more."""
        self._thread.shutdown()


def _checkpoint(path: Path) -> None:
    """Through a connection of its own: one is not shared between threads."""
    with closing(sqlite3.connect(path, timeout=30)) as db:
        db.execute("PRAGMA wal_checkpoint(PASSIVE)")
