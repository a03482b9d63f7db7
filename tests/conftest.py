"""What all tests share: the repository, data beside it, the command line in two ways, parts that may be absent."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

import pytest
from hypothesis import settings

REPOSITORY = Path(__file__).resolve().parents[1]
SHARED_DATA = REPOSITORY / ".." / "shared" / "data"

#: Two runs of the suite draw the same examples, and no test fails because a machine is slow.
settings.register_profile("house", derandomize=True, deadline=None)
settings.load_profile("house")


@dataclass(frozen=True, slots=True, kw_only=True)
class Ran:
    """What one run of the command line left: exit code, stdout, stderr."""

    code: int
    out: str
    err: str


def pytest_configure() -> None:
    """Screens are plain and of one width, so that what a test reads does not depend on where it runs."""
    os.environ.update({"NO_COLOR": "1", "COLUMNS": "100", "TERM": "dumb"})


@pytest.fixture(scope="session")
def repository() -> Path:
    """The root of the checkout."""
    return REPOSITORY


@pytest.fixture(scope="session")
def shared_data() -> Path:
    """Public data sets beside the checkout; they are no part of the project, so without them a test skips."""
    if not SHARED_DATA.is_dir():
        pytest.skip("no ../shared/data beside this checkout")
    return SHARED_DATA.resolve()


@pytest.fixture(scope="session")
def need_real_part() -> Callable[[object, str], None]:
    """`need_real_part(found, reason)`: without it a test skips; where JUDGEAUDIT_CI=1 promises all parts it fails."""

    def need(found: object, reason: str) -> None:
        if found:
            return
        if os.environ.get("JUDGEAUDIT_CI") == "1":
            pytest.fail(f"JUDGEAUDIT_CI=1 and a real part is missing: {reason}")
        pytest.skip(reason)

    return need


@pytest.fixture(scope="session")
def run_command() -> Callable[..., Ran]:
    """`run_command(["audit", ...], cwd=...)`: the command line as a process of its own, as a shell would start it."""

    def run(
        arguments: Sequence[str], *, cwd: Path | None = None, stdin: str | None = None, timeout: float = 300
    ) -> Ran:
        start = "import sys; sys.argv[0] = 'judgeaudit'; from judgeaudit.cli.main import main; sys.exit(main())"
        paths = [str(REPOSITORY), *filter(None, [os.environ.get("PYTHONPATH")])]
        done = subprocess.run(
            [sys.executable, "-c", start, *arguments],
            cwd=cwd,
            input=stdin,
            capture_output=True,
            encoding="utf-8",
            timeout=timeout,
            env={**os.environ, "PYTHONPATH": os.pathsep.join(paths), "PYTHONUTF8": "1"},
            check=False,
        )
        return Ran(code=done.returncode, out=done.stdout, err=done.stderr)

    return run


@pytest.fixture
def call_command(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> Callable[..., Ran]:
    """`call_command(["audit", ...])`: the same command line inside this process, which is quicker."""

    def call(arguments: Sequence[str], *, cwd: Path | None = None) -> Ran:
        from judgeaudit.cli.main import main

        monkeypatch.setattr(sys, "argv", ["judgeaudit", *arguments])
        if cwd is not None:
            monkeypatch.chdir(cwd)
        capsys.readouterr()
        try:
            ended: object = main()
        except SystemExit as left:
            ended = left.code
        shown = capsys.readouterr()
        code = ended if isinstance(ended, int) else int(ended is not None)
        return Ran(code=code, out=shown.out, err=shown.err)

    return call
