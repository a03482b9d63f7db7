"""verdicts.db: every call to a judge and what was read in its reply, written as it arrives.

A row is committed before the runner takes the next reply, so a process that is killed loses nothing that reached it. Once
a second what was committed is forced to the disk, so a loss of power loses that second at most.
"""

from __future__ import annotations

import sqlite3
import time
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import closing
from pathlib import Path

from judgeaudit.domain.errors import InputError, OutsideError, one_line
from judgeaudit.domain.escape import escape, unescape
from judgeaudit.storage.files.write import shown
from judgeaudit.storage.ledger.rows import (
    ADD_CALL,
    ADD_VERDICT,
    CALL,
    VERDICT,
    CallRow,
    VerdictRow,
    cells_of,
    escaped,
    texts_of,
)

# What is written to a ledger is whole, and gets to the disk without holding up who writes.


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


_APPLICATION = 0x6A616C67
#: 2 has the tables of batches
_VERSION = 2
#: what waits in the other file: SQLite's own limit comes several times a second in a fast run, and each time stops it
_MOST_PAGES = 16_000
_PART = 500
_SCHEMA = """
CREATE TABLE judges (
  fingerprint TEXT PRIMARY KEY, judge TEXT NOT NULL, identity TEXT NOT NULL, first_used TEXT NOT NULL) WITHOUT ROWID;
CREATE TABLE calls (
  key TEXT PRIMARY KEY, fingerprint TEXT NOT NULL, ask_sha256 TEXT NOT NULL, item_id TEXT NOT NULL,
  item_sha256 TEXT NOT NULL, run INTEGER NOT NULL, ord TEXT NOT NULL, outcome TEXT NOT NULL, raw TEXT NOT NULL, reply TEXT,
  error TEXT, prompt_sha256 TEXT, model TEXT, input_tokens INTEGER, cached_tokens INTEGER, output_tokens INTEGER,
  cost_usd REAL, seconds REAL, attempts INTEGER, judged_at TEXT NOT NULL) WITHOUT ROWID;
CREATE INDEX calls_of ON calls (fingerprint, item_id);
CREATE TABLE verdicts (
  key TEXT NOT NULL, question TEXT NOT NULL, status TEXT NOT NULL, label TEXT, probability REAL, probability_from TEXT,
  label_mass REAL, confidence REAL, error TEXT, reading TEXT NOT NULL, reason TEXT, PRIMARY KEY (key, question)) WITHOUT ROWID;
"""
#: of version 2; batches.py reads and writes them
_BATCH_TABLES = """
CREATE TABLE IF NOT EXISTS batches (
  tag TEXT PRIMARY KEY, fingerprint TEXT NOT NULL, batch TEXT, requests INTEGER NOT NULL, noted_at TEXT NOT NULL,
  merged_at TEXT) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS batch_calls (
  key TEXT PRIMARY KEY, tag TEXT NOT NULL, line INTEGER NOT NULL, ask_sha256 TEXT NOT NULL, item_id TEXT NOT NULL,
  item_sha256 TEXT NOT NULL, run INTEGER NOT NULL, ord TEXT NOT NULL, prompt_sha256 TEXT NOT NULL) WITHOUT ROWID;
"""


class Ledger:
    """The ledger of a study. Opened to write it is made where it is missing."""

    def __init__(self, path: Path, *, write: bool = False) -> None:
        self.path = path
        if not write and not path.is_file():
            msg = f"{shown(path)}: no such ledger; `judgeaudit judge` makes it"
            raise InputError(msg)
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            self._db = sqlite3.connect(path, isolation_level=None, timeout=30)
            self._prepare(write=write)
        except sqlite3.DatabaseError as error:
            raise self._broken(error) from error
        except OSError as error:
            msg = f"cannot write {shown(path)}: {one_line(error.strerror or str(error))}"
            raise InputError(msg) from error
        self._syncing = Syncing(path, self._broken)

    def __enter__(self) -> Ledger:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """Everything is on the disk, in one file."""
        self._syncing.end()
        try:
            self._db.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        except sqlite3.Error:  # somebody else reads it: the other file stays until they have done
            pass
        finally:
            self._db.close()

    def knows(self, *, judge: str, fingerprint: str, identity: str, now: str) -> None:
        """From now on the fingerprint stands for this judge as it is."""
        self.write(
            ("INSERT OR IGNORE INTO judges VALUES (?, ?, ?, ?)", [(fingerprint, escape(judge), escape(identity), now)])
        )

    def final(self, keys: Sequence[str]) -> set[str]:
        """Those of the calls that need not be made again: a reply came, or the service will never take them."""
        found: set[str] = set()
        for start in range(0, len(keys), _PART):
            part = keys[start : start + _PART]
            marks = ",".join("?" * len(part))
            rows = self.query(f"SELECT key FROM calls WHERE outcome <> 'passing' AND key IN ({marks})", part)
            found.update(str(row[0]) for row in rows)
        return found

    def add(self, call: CallRow, verdicts: Sequence[VerdictRow]) -> None:
        """Both are in the file before this returns. A call that failed in passing before is replaced."""
        with self._whole():
            self._db.execute(ADD_CALL, cells_of(call))
            self._verdicts(call.key, verdicts)
        self._syncing.when_due()

    def add_many(self, found: Sequence[tuple[CallRow, Sequence[VerdictRow]]]) -> None:
        """The same for several, at once: for judges that give many verdicts in one go."""
        with self._whole():
            for call, verdicts in found:
                self._db.execute(ADD_CALL, cells_of(call))
                self._verdicts(call.key, verdicts)

    def reread(self, found: Sequence[tuple[str, Sequence[VerdictRow]]]) -> int:
        """Other verdicts for calls that stay as they are; how many say another thing than before."""
        changed = 0
        with self._whole():
            for key, verdicts in found:
                rows = self._db.execute("SELECT question, status, label FROM verdicts WHERE key = ?", (key,)).fetchall()
                before = set(rows)
                changed += sum((one.question, one.status, one.label) not in before for one in map(escaped, verdicts))
                self._verdicts(key, verdicts)
        return changed

    def mark_read(self, fingerprint: str, reading: str) -> None:
        """Verdicts of calls without a reply count as read in this way, since there is nothing in them to read."""
        wanted = "UPDATE verdicts SET reading = ? WHERE key IN (SELECT key FROM calls WHERE fingerprint = ?)"
        self.write((wanted, [(reading, fingerprint)]))

    def calls(self, fingerprint: str, *, replies: bool = False) -> Iterator[CallRow]:
        """The calls of a judge, in the order of their keys; those with a reply alone where these are wanted."""
        only = "AND outcome = 'reply'" if replies else ""
        wanted = (
            f"SELECT {','.join(CALL)} FROM calls WHERE fingerprint = ? {only} AND key > ? ORDER BY key LIMIT {_PART}"
        )
        last = ""
        while part := self.query(wanted, (fingerprint, last)):
            for row in part:
                yield CallRow(**texts_of(dict(zip(CALL, row, strict=True))))
            last = str(part[-1][0])

    def verdicts(self, fingerprint: str) -> Iterator[tuple[CallRow, VerdictRow]]:
        """Every verdict of a judge with its call."""
        columns = ",".join([*(f"calls.{name}" for name in CALL), *self._verdict_columns()])
        wanted = (
            f"SELECT {columns} FROM calls JOIN verdicts USING (key) WHERE fingerprint = ? AND (key, question) > (?, ?) "
            f"ORDER BY key, question LIMIT {_PART}"
        )
        last = ("", "")
        while part := self.query(wanted, (fingerprint, *last)):
            for row in part:
                call = CallRow(**texts_of(dict(zip(CALL, row[: len(CALL)], strict=True))))
                yield call, VerdictRow(**texts_of(dict(zip(VERDICT, row[len(CALL) :], strict=True))))
            last = (str(part[-1][0]), str(part[-1][len(CALL) + VERDICT.index("question")]))

    def verdicts_of(self, keys: Sequence[str]) -> dict[tuple[str, str], VerdictRow]:
        """Key and question -> what was read in those of these calls that are there."""
        found: dict[tuple[str, str], VerdictRow] = {}
        for start in range(0, len(keys), _PART):
            part = keys[start : start + _PART]
            wanted = f"SELECT key,{','.join(self._verdict_columns())} FROM verdicts WHERE key IN ({','.join('?' * len(part))})"
            for key, *cells in self.query(wanted, part):
                row = VerdictRow(**texts_of(dict(zip(VERDICT, cells, strict=True))))
                found[(str(key), row.question)] = row
        return found

    def readings(self, fingerprint: str) -> dict[str, int]:
        """How many verdicts of a judge were read in which way."""
        rows = self.query(
            "SELECT reading, COUNT(*) FROM verdicts JOIN calls USING (key) WHERE fingerprint = ? GROUP BY reading",
            (fingerprint,),
        )
        return {str(reading): int(str(count)) for reading, count in rows}

    def judges(self) -> list[tuple[str, str, str, int]]:
        """Judge, fingerprint, since when, and how many calls; the earliest first."""
        rows = self.query(
            "SELECT judge, fingerprint, first_used, (SELECT COUNT(*) FROM calls WHERE calls.fingerprint = "
            "judges.fingerprint) FROM judges ORDER BY first_used, judge",
            (),
        )
        return [
            (unescape(str(judge)), str(print_), str(since), int(str(count))) for judge, print_, since, count in rows
        ]

    def earlier(self, judge: str, fingerprint: str) -> int:
        """How many calls the judge of this name has made as another one than it is now."""
        return sum(calls for name, one, _, calls in self.judges() if name == judge and one != fingerprint)

    def models(self, fingerprint: str) -> dict[str, int]:
        """The models that answered a judge, and how often, the most frequent first."""
        rows = self.query(
            "SELECT model, COUNT(*) FROM calls WHERE fingerprint = ? AND model IS NOT NULL GROUP BY model "
            "ORDER BY COUNT(*) DESC, model",
            (fingerprint,),
        )
        return {unescape(str(model)): int(str(count)) for model, count in rows}

    def spent(self, fingerprint: str) -> float:
        """US dollars that the calls of a judge cost, as far as that is known."""
        rows = self.query("SELECT COALESCE(SUM(cost_usd), 0) FROM calls WHERE fingerprint = ?", (fingerprint,))
        return float(str(rows[0][0]))

    def mean_tokens(self, fingerprint: str) -> float | None:
        """How long the answers of a judge have been; None before there is one."""
        rows = self.query("SELECT AVG(output_tokens) FROM calls WHERE fingerprint = ?", (fingerprint,))
        return None if rows[0][0] is None else float(str(rows[0][0]))

    def write(self, *statements: tuple[str, Sequence[Sequence[object]]]) -> None:
        """Statements, each for several rows: all of them or none."""
        with self._whole():
            for statement, rows in statements:
                self._db.executemany(statement, rows)

    def query(self, statement: str, values: Sequence[object]) -> list[tuple[object, ...]]:
        """The rows that a statement finds."""
        try:
            return self._db.execute(statement, values).fetchall()
        except sqlite3.DatabaseError as error:
            raise self._broken(error) from error

    def to_disk(self) -> None:
        """What was written is on the disk, whatever happens to the machine."""
        self.query("PRAGMA wal_checkpoint(FULL)", ())

    # ------------------------------------------------------------------------------------------------------- inside

    def _prepare(self, *, write: bool) -> None:
        application = self._db.execute("PRAGMA application_id").fetchone()[0]
        version = self._db.execute("PRAGMA user_version").fetchone()[0]
        empty = not self._db.execute("SELECT 1 FROM sqlite_master LIMIT 1").fetchone()
        if empty and write:
            self._db.execute("PRAGMA journal_mode = WAL")
            self._db.execute(f"PRAGMA application_id = {_APPLICATION}")
            self._db.executescript(f"BEGIN; {_SCHEMA} {_BATCH_TABLES} PRAGMA user_version = {_VERSION}; COMMIT;")
        elif application != _APPLICATION:
            msg = f"{shown(self.path)}: this is no ledger of judgeaudit; move it out of the study"
            raise InputError(msg)
        elif version == 1:
            self._add_batches(write=write)
        elif version != _VERSION:
            msg = (
                f"{shown(self.path)}: a ledger of version {version}, newer than this program; update judgeaudit-toolkit"
            )
            raise InputError(msg)
        if write:
            self._add_reasons()
        self._db.execute("PRAGMA synchronous = NORMAL")
        self._db.execute(f"PRAGMA wal_autocheckpoint = {_MOST_PAGES}")

    def _add_batches(self, *, write: bool) -> None:
        """A ledger of version 1 gets the tables of batches; to one that is only read they are lent."""
        if write:
            self._db.executescript(f"BEGIN IMMEDIATE; {_BATCH_TABLES} PRAGMA user_version = {_VERSION}; COMMIT;")
        else:
            self._db.executescript(_BATCH_TABLES.replace("CREATE TABLE", "CREATE TEMPORARY TABLE"))

    def _add_reasons(self) -> None:
        """A ledger from before verdicts had a reason gets the column; older programs read and write the others as before."""
        columns = {str(row[1]) for row in self._db.execute("PRAGMA table_info(verdicts)")}
        if columns and "reason" not in columns:
            self._db.execute("ALTER TABLE verdicts ADD COLUMN reason TEXT")

    def _verdict_columns(self) -> list[str]:
        """What is selected of verdicts; a ledger that is only read may lack the column of reasons."""
        columns = {str(row[1]) for row in self._db.execute("PRAGMA table_info(verdicts)")}
        return [f"verdicts.{name}" if name in columns else f"NULL AS {name}" for name in VERDICT]

    def _verdicts(self, key: str, verdicts: Sequence[VerdictRow]) -> None:
        self._db.executemany(ADD_VERDICT, [(key, *cells_of(one)) for one in verdicts])

    def _whole(self) -> Transaction:
        return Transaction(self._db, self._broken)

    def _broken(self, error: sqlite3.Error) -> OutsideError | InputError:
        said = one_line(str(error))
        if isinstance(error, sqlite3.OperationalError):
            return OutsideError(
                f"{shown(self.path)}: {said}; what was written before is kept; the same command goes on"
            )
        return InputError(f"{shown(self.path)}: not a ledger that can be read ({said}); put it back from a copy")
