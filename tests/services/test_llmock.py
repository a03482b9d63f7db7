"""Faults as another project makes them: llmock, a real server with the providers' own error bodies, headers and quotas."""

from __future__ import annotations

import json
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from judgeaudit.study import Study
from judgeaudit.workflows.judging.run import JudgeReport
from tests.judges.service_cases import CHAT, RESPONSES, SCHEMA, Wire, make_study, verdicts

PATHS = {"openai": "", "anthropic": "/anthropic"}
START_SECONDS = 60
every_sdk = pytest.mark.parametrize("wire", [CHAT, RESPONSES, SCHEMA], ids=lambda wire: wire.name)


@dataclass(frozen=True, slots=True)
class Mock:
    """A running llmock, told over HTTP what to do."""

    url: str

    def ask(self, method: str, path: str, body: object = None) -> Any:
        """What its control interface answers."""
        data = None if body is None else json.dumps(body).encode()
        request = urllib.request.Request(f"{self.url}/_llmock/{path}", method=method, data=data)
        with urllib.request.urlopen(request, timeout=30) as answer:
            return json.load(answer)

    def plan(self, *behaviours: dict[str, object]) -> None:
        """Every answer is a verdict; what is planned comes first."""
        self.ask("POST", "reset")
        reply = {"type": "reply", "text": '{"label": "unsafe"}', "times": None}
        self.ask("POST", "scenario", {"behaviors": [*behaviours, reply]})

    @property
    def statuses(self) -> list[int]:
        """The status of each answer, in order."""
        return [one["status"] for one in self.ask("GET", "requests")["requests"]]

    @property
    def faults_of_ours(self) -> list[object]:
        """What llmock holds against the client: waits cut short, errors retried that no attempt mends, …"""
        found = self.ask("GET", "verdict")["findings"]
        return [one for one in found if one["severity"] == "error"]


@contextmanager
def serving(*flags: str) -> Iterator[Mock]:
    """llmock as a process of its own; its plugin for pytest stays out of this suite."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    command = [sys.executable, "-c", "from llmock.cli import app; app()", "serve", "--port", str(port), *flags]
    process = subprocess.Popen([*command, "--log-level", "error"], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    mock = Mock(f"http://127.0.0.1:{port}")
    try:
        end = time.monotonic() + START_SECONDS
        while time.monotonic() < end:
            with suppress(OSError):
                mock.ask("GET", "scenario")
                break
            time.sleep(0.1)
        yield mock
    finally:
        process.terminate()
        process.wait(timeout=30)


@pytest.fixture(scope="module")
def mock(need_llmock: None) -> Iterator[Mock]:
    """One without quotas, for the module."""
    with serving() as found:
        yield found


def ran(folder: Path, wire: Wire, mock: Mock, *, responses: int = 4, **keys: object) -> JudgeReport:
    """What came of a run of a judge that asks the mock."""
    section = wire.section(mock.url + PATHS[wire.family])
    make_study(folder, {**section, "max_in_flight": 1, **keys}, responses)
    return Study(folder).judge()[0]


@every_sdk
@pytest.mark.parametrize("status", [408, 429, 500, 502, 503, 504, 529])
def test_errors_that_pass_leave_no_trace(wire: Wire, status: int, mock: Mock, tmp_path: Path) -> None:
    """Whatever the provider writes into such an error, the call is made again, and llmock has nothing to object."""
    mock.plan({"type": "fail", "status": status, "times": 2, "retry_after": 0.05})
    report = ran(tmp_path, wire, mock)
    assert (report.tally.statuses, report.halted) == ({"answered": 4}, "")
    assert mock.statuses == [status, status, 200, 200, 200, 200]
    assert mock.faults_of_ours == []


def test_what_it_drops_is_found(mock: Mock, tmp_path: Path) -> None:
    """llmock takes every parameter, gives no log-probabilities and holds no reply to a form: both are told beforehand."""
    mock.plan({"type": "reply", "text": "one two three", "times": 1})
    report = ran(tmp_path, CHAT, mock, check=True)
    assert [line.split(":")[0] for line in report.check] == [
        "does not hold answers to their form",
        "gives no log-probabilities",
    ]
    assert (report.checks, report.tally.statuses) == (1, {"answered": 4})


@every_sdk
def test_a_wait_is_kept(wire: Wire, mock: Mock, tmp_path: Path) -> None:
    """The provider's Retry-After is what is waited, where it is longer than ours would be."""
    mock.plan({"type": "fail", "status": 429, "times": 1, "retry_after": 1.2})
    started = time.monotonic()
    report = ran(tmp_path, wire, mock)
    assert time.monotonic() - started >= 1.2
    assert report.tally.statuses == {"answered": 4}
    assert mock.faults_of_ours == []


@every_sdk
def test_a_delay_beyond_the_time_out(wire: Wire, mock: Mock, tmp_path: Path) -> None:
    """The call is given up, and made again."""
    mock.plan({"type": "delay", "seconds": 3, "times": 1})
    report = ran(tmp_path, wire, mock, timeout=1.0)
    assert report.tally.statuses == {"answered": 4}
    assert len(verdicts(tmp_path)) == 4


@every_sdk
@pytest.mark.parametrize("status", [401, 403, 404])
def test_errors_that_stay_stop_at_once(wire: Wire, status: int, mock: Mock, tmp_path: Path) -> None:
    """One call, one line, no second attempt."""
    mock.plan({"type": "fail", "status": status, "times": None})
    report = ran(tmp_path, wire, mock)
    assert f"answered {status}" in report.halted
    assert (report.tally.made, mock.statuses) == (0, [status])


@pytest.mark.parametrize("wire", [CHAT, RESPONSES], ids=lambda wire: wire.name)
def test_no_quota_left_stops_at_once(wire: Wire, mock: Mock, tmp_path: Path) -> None:
    """A 429 that says the budget is used up is no reason to wait."""
    mock.plan({"type": "fail", "status": 429, "times": None, "code": "insufficient_quota"})
    report = ran(tmp_path, wire, mock)
    assert "the budget is used up" in report.halted
    assert mock.statuses == [429]


@every_sdk
def test_a_prompt_that_is_too_long_fails_alone(wire: Wire, mock: Mock, tmp_path: Path) -> None:
    """The provider's own words are the reason; the other items go on."""
    mock.plan({"type": "fail", "status": 400, "times": 1, "code": "context_length_exceeded", "message": "Too long."})
    report = ran(tmp_path, wire, mock)
    assert (report.tally.statuses, report.halted) == ({"answered": 3, "failed": 1}, "")
    assert "Too long." in next(row["error"] for row in verdicts(tmp_path).values() if row["status"] == "failed")


@every_sdk
def test_a_model_that_only_talks(wire: Wire, mock: Mock, tmp_path: Path) -> None:
    """llmock answers with words of its own: every item is unparsed, and none is taken for a label."""
    mock.ask("POST", "reset")
    report = ran(tmp_path, wire, mock, structured="none")
    assert report.tally.statuses == {"unparsed": 4}
    assert {row["label"] for row in verdicts(tmp_path).values()} == {None}


def batched(folder: Path, wire: Wire, mock: Mock) -> JudgeReport:
    """What came of submitting four calls to the mock, which holds a batch for three seconds, and waiting for them."""
    mock.ask("POST", "reset")
    section = wire.section(mock.url + PATHS[wire.family])
    make_study(folder, {**section, "first_wait": 0.1}, 4)
    first = Study(folder).judge(batch=True)[0]
    assert (first.halted, first.under_way, list(first.submitted.values())) == ("", 4, [4])
    return Study(folder).judge(batch=True, wait=True)[0]


def test_a_batch_goes_there_and_back(mock: Mock, tmp_path: Path) -> None:
    """llmock answers with words of its own: every item is unparsed, and asked once."""
    report = batched(tmp_path, CHAT, mock)
    assert (report.halted, report.tally.statuses, report.submitted) == ("", {"unparsed": 4}, {})
    assert {row["label"] for row in verdicts(tmp_path).values()} == {None}


def test_a_batch_whose_every_line_fails(mock: Mock, tmp_path: Path) -> None:
    """llmock takes no responses in batches: no verdict comes of them, and they are not submitted for ever."""
    report = batched(tmp_path, RESPONSES, mock)
    assert (report.halted, report.tally.made, report.under_way, report.missing) == ("", 0, 0, 4)
    assert len(report.submitted) == 3


def test_results_that_cannot_be_fetched(mock: Mock, tmp_path: Path) -> None:
    """llmock's address of the results leads nowhere: one line says so, and the batch stays what it is, under way."""
    report = batched(tmp_path, SCHEMA, mock)
    assert "answered 404" in report.halted
    assert (report.tally.made, report.under_way, report.submitted) == (0, 4, {})


@pytest.mark.parametrize("wire", [CHAT, SCHEMA], ids=lambda wire: wire.name)
def test_a_quota_by_the_minute_is_lived_with(wire: Wire, need_llmock: None, tmp_path: Path) -> None:
    """More calls than a minute allows: the rest waits as long as it is told, and every item has its verdict."""
    with serving("--rpm", "60") as mock:
        mock.plan()
        report = ran(tmp_path, wire, mock, responses=63, max_in_flight=4, attempts=6)
        assert (report.tally.statuses, report.halted) == ({"answered": 63}, "")
        assert 429 in mock.statuses
        assert mock.faults_of_ours == []
