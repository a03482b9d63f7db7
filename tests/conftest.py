"""What all tests share: the repository, data beside it, the command line in two ways, parts that may be absent."""

from __future__ import annotations

import gc
import os
import shutil
import subprocess
import sys
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings

from tests.fuzzing import FACTOR, examples

REPOSITORY = Path(__file__).resolve().parents[1]
SHARED_DATA = REPOSITORY / ".." / "shared" / "data"

#: In CI two runs draw the same examples; elsewhere each run draws new ones, and one that failed is tried again first (.hypothesis/).
IN_CI = os.environ.get("CI", "").lower() not in ("", "0", "false") and FACTOR == 1
#: No test fails because a machine is slow.
settings.register_profile(
    "house",
    derandomize=IN_CI,
    deadline=None,
    max_examples=examples(100),
    suppress_health_check=[HealthCheck.too_slow],
)
settings.load_profile("house")


@dataclass(frozen=True, slots=True, kw_only=True)
class Ran:
    """What one run of the command line left: exit code, stdout, stderr."""

    code: int
    out: str
    err: str


#: a test that asks for one of these fixtures, itself or through others, bears the marker
REAL_PARTS = {
    "need_label_studio": "server",
    "need_llmock": "server",
    "need_chromium": "browser",
    "need_torch": "model",
}


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Tests of real parts are marked by the fixtures that start these parts, before `-m` looks at the markers."""
    for item in items:
        for fixture in getattr(item, "fixturenames", ()):
            if fixture in REAL_PARTS:
                item.add_marker(REAL_PARTS[fixture])


def pytest_collection_finish() -> None:
    """What collection leaves lives as long as the run: no later collection of garbage looks at it again."""
    gc.freeze()


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
def need_chromium(need_real_part: Callable[[object, str], None]) -> Path:
    """Where Chromium is."""
    names = ("chromium", "chromium-browser", "google-chrome")
    found = next((path for name in names if (path := shutil.which(name))), None)
    need_real_part(found, "Chromium is not installed")
    return Path(str(found))


@pytest.fixture(scope="session")
def need_llmock(need_real_part: Callable[[object, str], None]) -> None:
    """A server that answers as the services of judges do, and fails as they do."""
    need_real_part(find_spec("llmock"), "llmock is not installed")


@pytest.fixture(scope="session")
def need_torch(need_real_part: Callable[[object, str], None]) -> None:
    """Models in this process."""
    found = all(find_spec(name) is not None for name in ("torch", "transformers"))
    need_real_part(found, "torch and transformers are not installed (pip install 'judgeaudit-toolkit[transformers]')")


@pytest.fixture(scope="session")
def need_smollm2(need_torch: None, need_real_part: Callable[[object, str], None]) -> Path:
    """The folder of a small instruct model in the user's cache."""
    from judgeaudit.domain.packaged_models import PACKAGED, is_kept, model_home

    smollm2 = PACKAGED["smollm2"]
    need_real_part(is_kept(smollm2), "SmolLM2 is not in the cache (judgeaudit models get smollm2)")
    return model_home(smollm2)


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
