"""A run that is killed or interrupted: the same command makes what is missing, and pays for nothing twice."""

from __future__ import annotations

import os
import random
import signal
import time
from collections.abc import Callable
from itertools import pairwise
from pathlib import Path

import pytest

from judgeaudit.storage.ledger.calls import Ledger
from tests.judges.command import forked, started
from tests.judges.loopback import Act, Request, Says
from tests.judges.service_cases import CHAT, SCHEMA, Judged, Wire, judged, truths

pytestmark = [pytest.mark.slow, pytest.mark.skipif(os.name != "posix", reason="signals of POSIX")]

CALLS, KILLS, AT_LEAST, SECONDS, IN_FLIGHT = 2000, 50, 15, 40.0, 16


def after(seconds: float) -> Callable[[Request], Act]:
    """The right label, after so many seconds."""
    return lambda request: Says(label=request.truth, seconds=seconds)


def test_a_run_that_is_killed_again_and_again(tmp_path: Path) -> None:
    """Two thousand verdicts after up to fifty kills at random moments; only calls that were in flight were made twice."""
    moments = random.Random(20261126)
    began, lives = time.monotonic(), [0]
    with judged(tmp_path / "study", CHAT, responses=CALLS, max_in_flight=IN_FLIGHT, always=after(0.004)) as study:
        while len(lives) <= AT_LEAST or (len(lives) <= KILLS and time.monotonic() - began < SECONDS):
            process = forked(["judge", str(study.folder)], tmp_path / "said")
            _wait_until(study, lives[-1] + moments.randrange(45), process.is_alive)
            time.sleep(moments.uniform(0, 0.02))
            assert process.is_alive(), (tmp_path / "said").read_text("utf-8")
            process.kill()
            process.join()
            lives.append(len(study.server.asked))
        assert study.run().halted == ""
        asked = [request.judged for request in study.server.asked]
        labels = {item: row["label"] for item, row in study.rows.items()}
    assert labels == truths(CALLS)
    assert _calls(study.folder) == CALLS
    again = [len(set(asked[start:end]) & set(asked[end:])) for start, end in pairwise(lives)]
    assert max(again) <= IN_FLIGHT
    assert len(asked) <= CALLS + IN_FLIGHT * (len(lives) - 1)


@pytest.mark.parametrize("wire", [CHAT, SCHEMA], ids=lambda wire: wire.name)
def test_ctrl_c_lets_replies_come_in(wire: Wire, tmp_path: Path) -> None:
    """Exit code 130 and one line; what was in flight is in the ledger, and the next run makes the rest alone."""
    with judged(tmp_path, wire, responses=60, max_in_flight=4, always=after(0.2)) as study:
        process = started(["judge", str(tmp_path)])
        _wait_until(study, 10, lambda: process.poll() is None)
        process.send_signal(signal.SIGINT)
        out, err = process.communicate(timeout=60)
        asked = len(study.server.asked)
        assert (process.returncode, asked < 60) == (130, True)
        assert err == "judgeaudit: judge: interrupted; what arrived is saved, the same command goes on\n"
        assert out.startswith(f"judge: {asked} calls made, 0 there already, {60 - asked} still missing")
        assert _calls(tmp_path) == asked
        assert study.run().tally.made == 60 - asked
        assert {item: row["label"] for item, row in study.rows.items()} == truths(60)
        assert set(study.server.counts.values()) == {1}


def test_a_second_ctrl_c_waits_for_nothing(tmp_path: Path) -> None:
    """Exit code 130 at once, though a reply is under way for a long time; what arrived is there."""
    with judged(tmp_path, CHAT, responses=20, max_in_flight=2, always=_slow_from(6)) as study:
        process = started(["judge", str(tmp_path)])
        _wait_until(study, 8, lambda: process.poll() is None)
        began = time.monotonic()
        process.send_signal(signal.SIGINT)
        time.sleep(0.5)
        assert process.poll() is None
        process.send_signal(signal.SIGINT)
        _, err = process.communicate(timeout=60)
        assert time.monotonic() - began < 10
        assert (process.returncode, len(err.splitlines())) == (130, 1)
        assert _calls(tmp_path) == 6


def _slow_from(number: int) -> Callable[[Request], Act]:
    return lambda request: Says(label=request.truth, seconds=20.0 if request.number >= number else 0.0)


def _wait_until(study: Judged, asked: int, alive: Callable[[], bool]) -> None:
    """Until the server was asked so many times, or the process has ended."""
    while len(study.server.asked) < asked and alive():
        time.sleep(0.001)


def _calls(folder: Path) -> int:
    with Ledger(folder / "verdicts.db") as ledger:
        return sum(count for _, _, _, count in ledger.judges())
