"""Real Label Studio servers: one for the whole run, private ones that a test may stop, kill and start again, and a page."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from judgeaudit.labelling.server.server import Person, Server, prepared, running_server
from tests.labelling.browser import chromium, sign_in

if TYPE_CHECKING:
    from playwright.sync_api import Page

REPOSITORY = Path(__file__).resolve().parents[2]
START_SECONDS = 900  # a new machine installs Label Studio first


class OwnServer:
    """A server of one test: `stop`, `kill` and `start` keep its folder, its people and its port."""

    def __init__(self, data: Path) -> None:
        self.data = data
        self.server: Server | None = None
        self._running = ExitStack()

    @property
    def url(self) -> str:
        return self._known.url

    @property
    def admin(self) -> Person:
        return self._known.admin

    @property
    def raters(self) -> tuple[Person, ...]:
        return self._known.raters

    @property
    def pid(self) -> int:
        return self._known.pid

    def start(self) -> None:
        """Ready when this returns; nothing happens where it runs already."""
        if not self._is_up:
            self.stop()
            port = None if self.server is None else int(self.server.url.rpartition(":")[2])
            self.server = self._running.enter_context(running_server(self.data, port=port))

    def stop(self) -> None:
        """The server is asked to end, and has ended when this returns."""
        self._running.close()

    def kill(self) -> None:
        """The server ends as if the power failed."""
        os.kill(self.pid, signal.SIGKILL)
        self.stop()

    @property
    def _known(self) -> Server:
        assert self.server is not None, "never started"
        return self.server

    @property
    def _is_up(self) -> bool:
        return self.server is not None and is_alive(self.server.pid)


def is_alive(pid: int) -> bool:
    """Whether a process runs; one that has ended and was not yet collected does not."""
    try:
        os.kill(pid, 0)
        if not Path("/proc/self").exists():
            return True
        return Path(f"/proc/{pid}/stat").read_text("utf-8", "replace").rpartition(")")[2].split()[0] != "Z"
    except (ProcessLookupError, FileNotFoundError):
        return False


@pytest.fixture(scope="session")
def need_label_studio(need_real_part: Callable[[object, str], None]) -> None:
    """Nobody gets 1 GB installed behind their back: without a prepared server a test skips, except where all is promised."""
    pytest.importorskip("fcntl", reason="Label Studio is served on POSIX only")
    if os.environ.get("JUDGEAUDIT_CI") != "1":
        need_real_part(prepared(), "Label Studio is not in the cache; `judgeaudit label serve --prepare` puts it there")


@pytest.fixture(scope="session")
def label_studio(need_label_studio: None, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """The one server of this run, shared by all its processes: make projects of your own, and leave others' alone."""
    import fcntl

    base = tmp_path_factory.getbasetemp()
    root = (base.parent if os.environ.get("PYTEST_XDIST_WORKER") else base) / "label-studio"
    root.mkdir(mode=0o700, exist_ok=True)
    with (root / "users").open("ab") as users:
        fcntl.flock(users, fcntl.LOCK_SH)
        server, keeper = _shared_server(root)
        yield server
    _wait_until_ended(root, keeper)


@pytest.fixture(scope="module")
def _own_server(need_label_studio: None, tmp_path_factory: pytest.TempPathFactory) -> Iterator[OwnServer]:
    own = OwnServer(tmp_path_factory.mktemp("own-server") / "data")
    yield own
    own.stop()


@pytest.fixture
def own_server(_own_server: OwnServer) -> OwnServer:
    """A server that one module has for itself, running at the beginning of each test, whatever the last one did."""
    _own_server.start()
    return _own_server


@pytest.fixture(scope="module")
def page(label_studio: Server, need_chromium: Path) -> Iterator[Page]:
    """A rater at the page of the one server."""
    pytest.importorskip("playwright.sync_api", reason="playwright is not installed")
    with chromium(need_chromium) as browser:
        rater = label_studio.raters[0]
        signed_in = sign_in(browser, label_studio.url, email=rater.email, password=rater.password)
        yield signed_in
        signed_in.context.close()


@contextmanager
def _locked(path: Path) -> Iterator[None]:
    import fcntl

    with path.open("ab") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        yield


def _shared_server(root: Path) -> tuple[Server, int]:
    """The server that runs, or a new one: whoever comes first starts its keeper, the others wait."""
    with _locked(root / "start.lock"):
        found = _ready(root)
        if found is None:
            (root / "ready.json").unlink(missing_ok=True)
            _start_keeper(root)
            found = _ready(root)
        if found is None:
            log = (root / "keeper.log").read_text("utf-8", "replace").strip().splitlines()
            pytest.fail(f"the shared Label Studio did not start: {(log or ['no word'])[-1]}")
        return found


def _start_keeper(root: Path) -> None:
    keeper = [sys.executable, "-u", str(Path(__file__).with_name("keep_server.py")), str(root)]
    env = {**os.environ, "PYTHONPATH": str(REPOSITORY)}
    with (root / "keeper.log").open("wb") as log:
        process = subprocess.Popen(
            keeper, env=env, stdin=subprocess.DEVNULL, stdout=log, stderr=log, start_new_session=True
        )
    end = time.monotonic() + START_SECONDS
    while process.poll() is None and not (root / "ready.json").exists() and time.monotonic() < end:
        time.sleep(0.05)
    process.returncode = process.returncode or 0  # it is left to itself from here on; no warning about that


def _ready(root: Path) -> tuple[Server, int] | None:
    try:
        plain = json.loads((root / "ready.json").read_text("utf-8"))
    except FileNotFoundError:
        return None
    if not is_alive(plain["keeper"]):
        return None
    server = Server(
        url=plain["url"],
        admin=Person(**plain["admin"]),
        raters=tuple(Person(**one) for one in plain["raters"]),
        data=Path(plain["data"]),
        personal_token=plain["personal_token"],
        pid=plain["pid"],
    )
    return server, plain["keeper"]


def _wait_until_ended(root: Path, keeper: int) -> None:
    """The last user leaves when the server has gone; the others leave at once."""
    import fcntl

    end = time.monotonic() + 15
    while is_alive(keeper) and time.monotonic() < end:
        with (root / "users").open("ab") as users:
            try:
                fcntl.flock(users, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                # the keeper has it, and is stopping the server, or another process still uses the server
                if (root / "ready.json").exists():
                    return
        time.sleep(0.1)
