"""The ledger: what was added is there whatever happens next, and what changed is another judge."""

from __future__ import annotations

import os
import signal
import sqlite3
import subprocess
import sys
import textwrap
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from judgeaudit.domain.errors import InputError, JudgeAuditError
from judgeaudit.storage.ledger.calls import Ledger
from judgeaudit.storage.ledger.rows import CallRow, VerdictRow
from tests.fuzzing import examples

ANY = st.text(st.characters(codec=None), max_size=30)


def call(key: str = "k1", **more: object) -> CallRow:
    row = CallRow(
        key=key,
        fingerprint="f",
        ask_sha256="a",
        item_id="i1",
        item_sha256="s",
        run=0,
        ord="ab",
        outcome="reply",
        raw="{}",
        judged_at="2026-01-01T00:00:00+00:00",
    )
    return replace(row, **more)  # type: ignore[arg-type]


def said(label: str | None = "safe", **more: object) -> VerdictRow:
    row = VerdictRow(question="harm", status="answered" if label else "unparsed", reading="r", label=label)
    return replace(row, **more)  # type: ignore[arg-type]


def test_what_was_added_is_there_for_the_next_who_opens(tmp_path):
    """A call with its verdicts comes back as it was put in."""
    file = tmp_path / "verdicts.db"
    with Ledger(file, write=True) as ledger:
        ledger.add(call(cost_usd=0.25, output_tokens=3), [said(), said(None, question="coherence", error="empty")])
    with Ledger(file) as ledger:
        assert list(ledger.calls("f")) == [call(cost_usd=0.25, output_tokens=3)]
        assert [row for _, row in ledger.verdicts("f")] == [
            said(None, question="coherence", error="empty"),
            said(),
        ]
        assert ledger.final(["k1", "k2"]) == {"k1"}
        assert (ledger.spent("f"), ledger.mean_tokens("f")) == (0.25, 3.0)


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=examples(60))
@given(ANY, ANY, ANY)
def test_every_text_survives(tmp_path, item, raw, label):
    """NUL, lone surrogates and what looks like an escape come back to the letter."""
    file = tmp_path / "texts.db"
    file.unlink(missing_ok=True)
    row, verdict = call(item_id=item, raw=raw, reply=raw), said(label or None, error=raw)
    with Ledger(file, write=True) as ledger:
        ledger.add(row, [verdict])
    with Ledger(file) as ledger:
        assert list(ledger.verdicts("f")) == [(row, verdict)]


def test_a_failure_that_may_pass_is_made_again_and_replaced(tmp_path):
    """Only a call with a reply, or one that a service will never take, need not be made again."""
    with Ledger(tmp_path / "v.db", write=True) as ledger:
        ledger.add(call(outcome="passing", raw=""), [said(None, status="failed")])
        ledger.add(call("k2", outcome="rejected"), [said(None, status="failed")])
        assert ledger.final(["k1", "k2"]) == {"k2"}
        ledger.add(call(), [said()])
        assert ledger.final(["k1"]) == {"k1"}
        assert [row.status for one, row in ledger.verdicts("f") if one.key == "k1"] == ["answered"]


def test_many_calls_come_in_parts(tmp_path):
    """Every verdict comes exactly once, however many parts they are read in."""
    with Ledger(tmp_path / "v.db", write=True) as ledger:
        rows = [(call(f"k{n:05}", item_id=f"i{n}"), [said(), said(question="other")]) for n in range(1203)]
        ledger.add_many(rows)
        found = [(one.key, row.question) for one, row in ledger.verdicts("f")]
        assert len(found) == len(set(found)) == 2406
        assert sum(1 for _ in ledger.calls("f")) == 1203
        assert len(ledger.final([f"k{n:05}" for n in range(1203)])) == 1203


def test_reading_again_says_how_many_verdicts_are_others(tmp_path):
    """The call stays; its verdicts are replaced, and only those that changed are counted."""
    with Ledger(tmp_path / "v.db", write=True) as ledger:
        ledger.add(call(), [said("safe")])
        ledger.add(call("k2"), [said("safe")])
        assert ledger.reread([("k1", [said("unsafe", reading="r2")]), ("k2", [said("safe", reading="r2")])]) == 1
        assert ledger.readings("f") == {"r2": 2}


def test_a_process_that_is_killed_loses_nothing_that_it_added(tmp_path):
    """Rows that `add` had returned from are there after SIGKILL."""
    file = tmp_path / "v.db"
    script = textwrap.dedent(
        f"""
        import sys
        sys.path.insert(0, {str(Path(__file__).resolve().parents[3])!r})
        from pathlib import Path
        from judgeaudit.storage.ledger.calls import Ledger
        from judgeaudit.storage.ledger.rows import CallRow, VerdictRow
        ledger = Ledger(Path({str(file)!r}), write=True)
        for n in range(100000):
            ledger.add(CallRow(key=f"k{{n}}", fingerprint="f", ask_sha256="a", item_id="i", item_sha256="s", run=0,
                ord="ab", outcome="reply", raw="x" * 500, judged_at="now"), [VerdictRow(question="q", status="answered",
                reading="r", label="safe")])
            print(n, flush=True)
        """
    )
    with subprocess.Popen([sys.executable, "-c", script], stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        last = -1
        for line in process.stdout:
            last = int(line)
            if last >= 300:
                os.kill(process.pid, signal.SIGKILL)
                break
        last = max([last, *(int(line) for line in process.stdout.read().split())])
    with Ledger(file) as ledger:
        found = {one.key for one in ledger.calls("f")}
    assert {f"k{n}" for n in range(last + 1)} <= found


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (
            lambda file: file.write_bytes(b"not a database at all, but long enough to be one" * 100),
            "not a ledger that can be read",
        ),
        (
            lambda file: sqlite3.connect(file).execute("CREATE TABLE t (a)").connection.close(),
            "this is no ledger of judgeaudit",
        ),
        (lambda file: None, "no such ledger; `judgeaudit judge` makes it"),
    ],
)
def test_what_is_no_ledger_is_said(tmp_path, make, message):
    """One line, and the file is left as it is."""
    file = tmp_path / "verdicts.db"
    make(file)
    before = file.read_bytes() if file.exists() else None
    with pytest.raises(JudgeAuditError, match=message):
        Ledger(file)
    assert (file.read_bytes() if file.exists() else None) == before


def test_a_ledger_of_a_later_version_is_not_touched(tmp_path):
    """A program that is too old says so instead of guessing."""
    file = tmp_path / "verdicts.db"
    Ledger(file, write=True).close()
    with sqlite3.connect(file) as db:
        db.execute("PRAGMA user_version = 99")
    db.close()
    with pytest.raises(InputError, match="a ledger of version 99"):
        Ledger(file, write=True)


def test_a_ledger_from_before_reasons_is_read_and_goes_on(tmp_path: Path) -> None:
    """Its verdicts have no reason; whoever writes adds the column, and what was there stays as it was."""
    file = tmp_path / "verdicts.db"
    with Ledger(file, write=True) as ledger:
        ledger.add(call(), [said(None, error="the reply is empty"), said(question="coherence")])
    with sqlite3.connect(file) as db:
        db.execute("ALTER TABLE verdicts DROP COLUMN reason")
    old = [said(question="coherence"), said(None, error="the reply is empty")]
    with Ledger(file) as ledger:
        assert [row for _, row in ledger.verdicts("f")] == old
    with Ledger(file, write=True) as ledger:
        ledger.add(call("k2"), [said(None, reason="truncated", error="cut")])
        assert [row for _, row in ledger.verdicts("f")] == [*old, said(None, reason="truncated", error="cut")]
