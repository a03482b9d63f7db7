"""The command line as a process: signals, pipes, screens that cannot hold a character."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

pytestmark = pytest.mark.slow

START = "import sys; sys.argv[0] = 'judgeaudit'; from judgeaudit.cli.main import main; sys.exit(main())"
needs_posix = pytest.mark.skipif(os.name != "posix", reason="signals and pipes of POSIX")


def started(repository: Path, arguments: list[str], *, cwd: Path, **options: Any) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [sys.executable, "-c", START, *arguments],
        cwd=cwd,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        encoding="utf-8",
        env={**os.environ, "PYTHONPATH": str(repository), **options},
        # a suite that runs in the background ignores SIGINT, and its children would inherit that
        preexec_fn=_heed_interrupts if os.name == "posix" else None,
    )


def _heed_interrupts() -> None:
    signal.signal(signal.SIGINT, signal.SIG_DFL)


def shell(repository: Path, line: str, *, cwd: Path, **options: str) -> subprocess.CompletedProcess[str]:
    """A line of bash in which `ja` is the command line."""
    function = f'ja() {{ {sys.executable} -c "{START}" "$@"; }}; {line}'
    environment = {**os.environ, "PYTHONPATH": str(repository), **options}
    return subprocess.run(
        ["bash", "-c", function], cwd=cwd, env=environment, capture_output=True, encoding="utf-8", check=False
    )


@needs_posix
def test_ctrl_c_in_a_demo(repository: Path, tmp_path: Path) -> None:
    """130, one line, no traceback; the folder holds only whole files, and the next demo replaces them."""
    process = started(repository, ["demo"], cwd=tmp_path)
    folder = tmp_path / "demo-report"
    deadline = time.monotonic() + 60
    while not list(folder.glob("**/annotations.jsonl")) and time.monotonic() < deadline and process.poll() is None:
        time.sleep(0.01)
    process.send_signal(signal.SIGINT)
    _, err = process.communicate(timeout=60)
    assert process.returncode == 130
    assert err.strip() == "judgeaudit: interrupted; what was written is whole"
    left = [path.name for path in folder.rglob("*")]
    assert not [name for name in left if name.endswith((".tmp", ".partial"))]
    assert (folder / "study").exists() == (folder / "study/study.toml").exists()


@needs_posix
@pytest.mark.parametrize("command", ["datasets list", "schema", "gate study", "--help"])
def test_a_reader_that_goes_away_is_no_error(repository: Path, study: Path, command: str) -> None:
    """A closed pipe is silent, whether it closes after a line or at once."""
    for reader in ("head -1", "true"):
        ran = shell(repository, f"ja {command} | {reader}", cwd=study.parent)
        assert (ran.returncode, ran.stderr) == (0, ""), reader


@needs_posix
def test_the_exit_code_of_a_gate_needs_no_reader(repository: Path, study: Path) -> None:
    """Nobody reading does not turn a rejected judge into a certified one."""
    ran = shell(repository, "ja gate study | true; echo ${PIPESTATUS[0]}", cwd=study.parent)
    assert (ran.stdout, ran.stderr) == ("1\n", "")
    closed = shell(repository, "ja gate study >&- 2>&-; echo $?", cwd=study.parent)
    assert closed.stdout == "1\n"


@needs_posix
def test_a_full_disk_under_stdout(repository: Path, tmp_path: Path) -> None:
    """What cannot be written is said in one line."""
    if not Path("/dev/full").exists():
        pytest.skip("no /dev/full here")
    ran = shell(repository, "ja schema > /dev/full", cwd=tmp_path)
    assert ran.returncode == 2
    assert ran.stderr.splitlines() == [
        "judgeaudit: cannot write to standard output: No space left on device; what else was written is whole"
    ]


@needs_posix
def test_a_screen_without_unicode(repository: Path, study: Path) -> None:
    """Characters that the screen's encoding cannot hold are escaped, not fatal."""
    ran = shell(repository, "ja gate study", cwd=study.parent, PYTHONIOENCODING="ascii", PYTHONUTF8="0")
    assert (ran.returncode, ran.stderr) == (1, "")
    assert "careful \\xb7 harm: " in ran.stdout


def test_debug_shows_a_traceback(run_command: Callable[..., Any], tmp_path: Path) -> None:
    """Only with --debug, anywhere on the line, does an error show where it came from."""
    plain = run_command(["gate", "none.json"], cwd=tmp_path)
    debug = run_command(["gate", "none.json", "--debug"], cwd=tmp_path)
    assert (plain.code, len(plain.err.splitlines())) == (2, 1)
    assert debug.err.startswith("Traceback (most recent call last):")
