"""A run of batches that is killed between any two of its steps: the same command finds what it bought."""

from __future__ import annotations

import json
import os
import signal
import sqlite3
import time
from pathlib import Path

import pytest

from judgeaudit.storage.ledger.batches import BatchBook
from tests.judges.command import forked, started
from tests.judges.loopback import Sends
from tests.judges.service_cases import CHAT, SCHEMA, Judged, Wire, judged, truths

pytestmark = [pytest.mark.slow, pytest.mark.skipif(os.name != "posix", reason="signals of POSIX")]

both = pytest.mark.parametrize("wire", [CHAT, SCHEMA], ids=lambda wire: wire.name)


class CrashError(BaseException):
    """The process ends here."""


class Killer:
    """Kills the process that runs the judge when the server comes to a step for the first time.

    lost: what was asked never arrives. late: it is done after so many seconds. after: it was done before the kill.
    """

    def __init__(self, study: Judged, step: str, *, lost: bool = False, late: float = 0.0, after: bool = False) -> None:
        self.study, self.step, self.lost, self.late, self.done = study, step, lost, late, False
        batches = study.server.batches
        if after:
            batches.after = self
        else:
            batches.before = self

    def __call__(self, step: str) -> None:
        if step != self.step or self.done:
            return
        self.done = True
        self.process.kill()
        time.sleep(self.late)
        if self.lost:
            raise ConnectionAbortedError

    def run(self, said: Path) -> None:
        self.process = forked(["judge", str(self.study.folder), "--batch"], said)
        self.process.join(60)
        assert self.process.exitcode == -signal.SIGKILL, said.read_text("utf-8") if said.exists() else ""


def finish(study: Judged, *, runs: int = 3) -> None:
    """The same command until nothing is under way; then every item has its verdict and was bought once."""
    for _ in range(runs):
        report = study.run(batch=True)
        assert report.halted == ""
    assert (report.under_way, report.missing, report.submitted) == (0, 0, {})
    assert {item: row["label"] for item, row in study.rows.items()} == truths(6)
    assert set(study.server.counts.values()) == {1}


@both
@pytest.mark.parametrize("step", ["upload", "create", "standing", "results"])
@pytest.mark.parametrize("how", ["lost", "late", "after"])
def test_killed_at_each_step(wire: Wire, step: str, how: str, tmp_path: Path) -> None:
    """Whether what was asked last never arrived, was done later, or was done and its answer lost."""
    if step == "upload" and wire.family == "anthropic":
        step = "create"
    # how long a batch is looked for goes with `first_wait`; a slow machine must not be slower than that
    with judged(tmp_path / "study", wire, first_wait=0.1 if how == "late" else 0.01) as study:
        if step in ("standing", "results"):
            study.run(batch=True)
        ways = {"lost": {"lost": True}, "late": {"late": 0.4}, "after": {"after": True}}
        Killer(study, step, **ways[how]).run(tmp_path / "said")  # type: ignore[arg-type]
        finish(study)


@both
def test_killed_while_what_was_submitted_goes_on(wire: Wire, tmp_path: Path) -> None:
    """A batch that was taken and not noted is found while it is under way, or waited for where that cannot be told."""
    with judged(tmp_path / "study", wire) as study:
        study.server.batches.hold = True
        Killer(study, "create", after=True).run(tmp_path / "said")
        report = study.run(batch=True)
        assert (report.under_way, report.submitted, len(study.server.batches.made)) == (6, {}, 1)
        unsure = "shows when msgbatch_0 has ended" in " ".join(report.standings.values())
        assert unsure == (wire.family == "anthropic")
        study.server.batches.release()
        finish(study)


def test_batches_of_others_are_not_taken_for_ours(tmp_path: Path) -> None:
    """Batches of the same size that hold other calls lie at the service, before and after the one that was cut off."""
    with judged(tmp_path / "study", SCHEMA) as study, judged(tmp_path / "other", SCHEMA) as other:
        other.run(batch=True)
        strangers = other.server.batches.made
        for number, one in enumerate(strangers):
            one.name = f"msgbatch_other{number}"
            for line in (*one.calls, *one.lines):
                line["custom_id"] = "0" * 64
        study.server.batches.made += strangers
        Killer(study, "create", after=True).run(tmp_path / "said")
        study.server.batches.made += [strangers[0]]
        finish(study)


def dropped(study: Judged, *, files: bool) -> None:
    """A server that keeps no metadata, and tells its files or not."""
    study.server.batches.tags = False
    if not files:
        study.server.batches.faults["files"] = [Sends(body=b"{}", status=404)] * 1000


@pytest.mark.parametrize("files", [True, False], ids=["files are told", "files are not told"])
def test_a_server_that_drops_the_tag_is_not_paid_twice(files: bool, tmp_path: Path) -> None:
    """The batch is found by the file that was uploaded for it, or by its results; until that shows nothing is bought."""
    with judged(tmp_path / "study", CHAT) as study:
        dropped(study, files=files)
        study.server.batches.hold = True
        Killer(study, "create", after=True).run(tmp_path / "said")
        report = study.run(batch=True)
        assert (report.under_way, report.submitted, len(study.server.batches.made)) == (6, {}, 1)
        assert ("shows when batch_0 has ended" in " ".join(report.standings.values())) != files
        study.server.batches.release()
        finish(study)


def test_a_batch_of_the_same_size_is_no_proof(tmp_path: Path) -> None:
    """Where neither tag nor file tells, a stranger's batch that has ended shows that it is another one."""
    with judged(tmp_path / "study", CHAT) as study, judged(tmp_path / "other", CHAT) as other:
        other.run(batch=True)
        stranger = other.server.batches.made[0]
        stranger.name, stranger.metadata, stranger.file = "batch_other", {}, "file-other"
        for line in (*stranger.calls, *stranger.lines):
            line["custom_id"] = "0" * 64
        study.server.batches.made.append(stranger)
        dropped(study, files=False)
        Killer(study, "create", lost=True).run(tmp_path / "said")
        finish(study)


def test_a_file_without_its_batch_is_deleted(tmp_path: Path) -> None:
    """Uploaded before a kill or before a refusal, it would lie at the service for good."""
    with judged(tmp_path / "killed", CHAT) as study:
        Killer(study, "upload", after=True).run(tmp_path / "said")
        assert len(study.server.batches.names) == 1
        finish(study)
        assert set(study.server.batches.names) == {study.server.batches.made[0].file}
    with judged(tmp_path / "refused", CHAT) as study:
        study.server.batches.faults["create"] = [Sends(body=b"{}", status=403)]
        assert study.run(batch=True).halted
        assert study.server.batches.names == {}


@both
def test_a_list_that_never_ends(wire: Wire, tmp_path: Path) -> None:
    """A server that gives the same page whatever is asked for is not asked for ever."""
    with judged(tmp_path / "study", wire) as study:
        Killer(study, "create", lost=True).run(tmp_path / "said")
        page = {"data": [{"id": "x", "created_at": None, "request_counts": {}}], "has_more": True}
        study.server.batches.faults["list"] = [Sends(body=json.dumps(page).encode())] * 1000
        finish(study)
        assert study.server.batches.steps.count("list") < 100


@both
@pytest.mark.parametrize("method", ["note", "taken", "merged"])
@pytest.mark.parametrize("before", [True, False], ids=["before", "after"])
def test_cut_off_around_each_note(
    wire: Wire, method: str, before: bool, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """The ledger's own steps: noting what is meant, that it was taken, that it is merged."""
    with judged(tmp_path, wire) as study:
        if method == "merged":
            study.run(batch=True)
        real = getattr(BatchBook, method)

        def crash(*given: object) -> None:
            if not before:
                real(*given)
            raise CrashError

        with monkeypatch.context() as patched:
            patched.setattr(BatchBook, method, crash)
            with pytest.raises(CrashError):
                study.run(batch=True)
        finish(study)


def test_killed_in_the_middle_of_merging(tmp_path: Path) -> None:
    """What was merged is there, the rest is fetched again, and nothing is bought again."""
    with judged(tmp_path / "study", CHAT, responses=600) as study:
        study.run(batch=True)
        process = forked(["judge", str(study.folder), "--batch"], tmp_path / "said")
        while _calls(study.folder) < 50 and process.is_alive():
            time.sleep(0.001)
        process.kill()
        process.join()
        there = _calls(study.folder)
        assert 50 <= there < 600
        report = study.run(batch=True)
        assert (report.tally.made, report.tally.there, report.missing) == (600 - there, there, 0)
        assert {item: row["label"] for item, row in study.rows.items()} == truths(600)
        assert len(study.server.asked) == 600


@both
def test_ctrl_c_while_waiting(wire: Wire, tmp_path: Path) -> None:
    """Exit code 130 and one line; the batch goes on without us, and is fetched later."""
    with judged(tmp_path, wire) as study:
        study.server.batches.hold = True
        process = started(["judge", str(tmp_path), "--batch", "--wait"])
        while study.server.batches.steps.count("standing") < 2 and process.poll() is None:
            time.sleep(0.01)
        process.send_signal(signal.SIGINT)
        out, err = process.communicate(timeout=60)
        assert (process.returncode, len(err.splitlines())) == (130, 1)
        assert err == "judgeaudit: judge: interrupted; what arrived is saved, the same command goes on\n"
        assert "6 under way in batches" in out
        study.server.batches.release()
        finish(study)


@both
def test_ctrl_c_while_submitting(wire: Wire, tmp_path: Path) -> None:
    """What is on its way is noted, and no further part is submitted."""
    with judged(tmp_path, wire, batch_size=2) as study:
        study.server.batches.before = lambda step: time.sleep(1.0 if step == "create" else 0.0)
        process = started(["judge", str(tmp_path), "--batch"])
        while "create" not in study.server.batches.steps and process.poll() is None:
            time.sleep(0.01)
        process.send_signal(signal.SIGINT)
        out, _ = process.communicate(timeout=60)
        assert (process.returncode, "2 under way in batches" in out) == (130, True)
        assert len(study.server.batches.made) == 1
        study.server.batches.before = lambda step: None
        finish(study)


def _calls(folder: Path) -> int:
    with sqlite3.connect(folder / "verdicts.db") as db:
        count = int(db.execute("SELECT COUNT(*) FROM calls").fetchone()[0])
    db.close()
    return count
