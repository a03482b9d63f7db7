"""`python -m judgeaudit` is the command line, with the name and the exit codes of the script `judgeaudit`."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

import judgeaudit


def as_module(repository: Path, arguments: list[str], *, cwd: Path) -> subprocess.CompletedProcess[str]:
    """What a process of `python -m judgeaudit` left."""
    return subprocess.run(
        [sys.executable, "-m", "judgeaudit", *arguments],
        cwd=cwd,
        env={**os.environ, "PYTHONPATH": str(repository), "PYTHONUTF8": "1"},
        capture_output=True,
        encoding="utf-8",
        check=False,
    )


@pytest.mark.slow
@pytest.mark.parametrize(
    ("arguments", "code"),
    [(["--version"], 0), (["audit", "--help"], 0), (["gate", "study"], 1), (["audit", "nowhere"], 2), (["gaet"], 2)],
    ids=lambda value: " ".join(value) if isinstance(value, list) else str(value),
)
def test_the_module_is_the_command(
    repository: Path, study: Path, run_command: Callable[..., object], arguments: list[str], code: int
) -> None:
    """Exit code, output and messages are those of the script; usage lines name `judgeaudit`, not `__main__.py`."""
    found = as_module(repository, arguments, cwd=study.parent)
    expected = run_command(arguments, cwd=study.parent)
    assert (found.returncode, found.stdout, found.stderr) == (expected.code, expected.out, expected.err)  # type: ignore[attr-defined]
    assert found.returncode == code
    assert "__main__" not in found.stdout + found.stderr


def test_it_prints_its_version(repository: Path, tmp_path: Path) -> None:
    """`--version` prints the version of the package, also where nothing is installed."""
    assert as_module(repository, ["--version"], cwd=tmp_path).stdout == f"judgeaudit {judgeaudit.__version__}\n"
