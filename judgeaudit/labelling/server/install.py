"""Label Studio in the user's cache: a virtual environment of its own, and an empty database whose tables are made already."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from judgeaudit.domain.errors import InputError, OutsideError, one_line
from judgeaudit.domain.packaged_models import cache_root
from judgeaudit.labelling.server.process import child_environment, last_words, launch

VERSION = "1.23.2"
#: written last, so that an environment without it is a half-made one
_STAMP = ".judgeaudit-complete"
_DATABASE = "label_studio.sqlite3"
#: what would make a new environment use another one's packages, or leave its own uncompiled (start: 7 s instead of 3)
_MISLEADING = ("PYTHONPATH", "PYTHONHOME", "VIRTUAL_ENV", "PYTHONDONTWRITEBYTECODE", "__PYVENV_LAUNCHER__")


def cache_home() -> Path:
    """Where Label Studio lies for the running Python: $JUDGEAUDIT_CACHE, $XDG_CACHE_HOME or ~/.cache holds it."""
    python = f"py{sys.version_info.major}.{sys.version_info.minor}"
    return cache_root() / f"labelstudio-{VERSION}-{python}"


def server_python(home: Path) -> Path:
    """The interpreter that has Label Studio."""
    return home / "venv" / "bin" / "python"


def template(home: Path) -> Path:
    """A database with every table and nobody in it; each data folder begins with a copy."""
    return home / "template.sqlite3"


def prepared(home: Path | None = None) -> bool:
    """Whether a server can start without anything being installed first."""
    home = home or cache_home()
    return _installed(home) and template(home).is_file()


def prepare(tell: Callable[[str], None] = lambda line: None) -> Path:
    """After this Label Studio is in the cache. Two that prepare at once wait for each other; what is half made is made anew."""
    home = cache_home()
    if prepared(home):
        return home
    try:
        home.mkdir(parents=True, exist_ok=True)
        with _alone(home, tell) as lock:
            for left in home.glob("making-*"):
                shutil.rmtree(left, ignore_errors=True)
            if not _installed(home):
                _install(home, lock, tell)
            if not template(home).is_file():
                _make_template(home, tell)
    except OSError as error:
        reason = error.strerror or str(error)
        msg = f"cannot write to the cache {home}: {one_line(reason)}; name another place in JUDGEAUDIT_CACHE"
        raise InputError(msg) from error
    return home


def _installed(home: Path) -> bool:
    """The stamp is there, and the Python that the environment was made with is, too."""
    stamp = home / "venv" / _STAMP
    return server_python(home).exists() and stamp.is_file() and stamp.read_text("utf-8") == VERSION


@contextmanager
def _alone(home: Path, tell: Callable[[str], None]) -> Iterator[int]:
    """Holds the cache's lock, which ends with the last process that has it open, however that ends."""
    import fcntl

    descriptor = os.open(home / "lock", os.O_RDWR | os.O_CREAT, 0o600)
    try:
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            tell("somebody else prepares Label Studio here; waiting")
            fcntl.flock(descriptor, fcntl.LOCK_EX)
        yield descriptor
    finally:
        os.close(descriptor)


def _install(home: Path, lock: int, tell: Callable[[str], None]) -> None:
    venv, python = home / "venv", str(server_python(home))
    if venv.is_symlink():
        venv.unlink()
    shutil.rmtree(venv, ignore_errors=True)
    tell(f"installing Label Studio {VERSION} in {home} (once; 1 GB, a minute or three)")
    package = f"label-studio=={VERSION}"
    uv = shutil.which("uv")
    if uv:
        commands = [
            [uv, "venv", "--quiet", "--python", sys.executable, str(venv)],
            [uv, "pip", "install", "--quiet", "--compile-bytecode", "--python", python, package],
        ]
    else:
        pip = [python, "-m", "pip", "install", "--quiet", "--disable-pip-version-check", "--no-input"]
        commands = [[sys.executable, "-m", "venv", str(venv)], [*pip, package]]
    for command in commands:
        _run(command, home, lock)
    (venv / _STAMP).write_text(VERSION, "utf-8")


def _run(command: Sequence[str], home: Path, lock: int) -> None:
    """One step of the installation; OutsideError with the installer's own last words."""
    env = {name: value for name, value in os.environ.items() if name not in _MISLEADING}
    log = home / "install.log"
    with log.open("wb") as written:
        # an installer that outlives this process keeps the lock, so that nobody clears the folder under its hands
        done = subprocess.run(
            command, stdin=subprocess.DEVNULL, stdout=written, stderr=written, env=env, pass_fds=(lock,), check=False
        )
    if done.returncode:
        msg = (
            f"Label Studio {VERSION} cannot be installed: {last_words(log)}; all of it is in {log}; "
            f"see to the network and run `judgeaudit label serve --prepare` again"
        )
        raise OutsideError(msg)


def _make_template(home: Path, tell: Callable[[str], None]) -> None:
    """Runs the server's migrations once, in a folder that is thrown away; the database moves into its place whole."""
    tell("making an empty database (once; half a minute)")
    making = Path(tempfile.mkdtemp(prefix="making-", dir=home))
    log = home / "template.log"
    try:
        process = launch(server_python(home), ["version"], child_environment(making), cwd=making, log=log)
        try:
            code = process.wait()
        finally:
            process.kill()
            process.communicate()
        if code:
            msg = f"Label Studio {VERSION} cannot make its database: {last_words(log)}; all of it is in {log}"
            raise OutsideError(msg)
        (making / _DATABASE).replace(template(home))
    finally:
        shutil.rmtree(making, ignore_errors=True)
