"""The server as a process: a clean environment, this machine only, and never alive for longer than whoever started it."""

from __future__ import annotations

import os
import random
import socket
import subprocess
import time
import urllib.request
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from judgeaudit.domain.errors import InputError, OutsideError, one_line
from judgeaudit.labelling.server.launcher import LAUNCHER

HOST = "127.0.0.1"
#: below the range from which systems take the ports of outgoing connections, so that it is free the next time, too
_PORTS = (20000, 32767)
_START_SECONDS, _STOP_SECONDS = 180.0, 10.0
#: everything else stays outside: the server reads HOST, PORT, DEBUG, SECRET_KEY and many more without any prefix
_KEPT = ("PATH", "HOME", "USER", "LOGNAME", "LANG", "LANGUAGE", "TZ", "TMPDIR", "LD_LIBRARY_PATH", "DYLD_LIBRARY_PATH")
_SWITCHES = {
    "DJANGO_DB": "sqlite",
    # the four without which the package index, an analytics service and an error collector are told of every start and request
    "SENTRY_DSN": "",
    "FRONTEND_SENTRY_DSN": "",
    "COLLECT_ANALYTICS": "false",
    "LATEST_VERSION_CHECK": "false",
    "LABEL_STUDIO_ENABLE_LEGACY_API_TOKEN": "true",
    "LABEL_STUDIO_DISABLE_SIGNUP_WITHOUT_LINK": "true",
    "PYTHONUTF8": "1",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Child:
    """A server process, its address, and the file that takes what it says."""

    process: subprocess.Popen[bytes]
    url: str
    log: Path


def child_environment(data: Path, extra: Mapping[str, str] | None = None) -> dict[str, str]:
    """What the server sees: the few variables that any program needs, and ours."""
    kept = {name: value for name, value in os.environ.items() if name in _KEPT or name.startswith("LC_")}
    return {**kept, **_SWITCHES, "LABEL_STUDIO_BASE_DATA_DIR": str(data), **(extra or {})}


def launch(
    python: Path, arguments: Sequence[str], env: Mapping[str, str], *, cwd: Path, log: Path
) -> subprocess.Popen[bytes]:
    """Label Studio's command line as a process that ends with this one. Ctrl-C in the terminal does not reach it."""
    with log.open("wb") as said:
        return subprocess.Popen(
            [str(python), "-c", LAUNCHER, *arguments],
            env=dict(env),
            cwd=cwd,
            stdin=subprocess.PIPE,
            stdout=said,
            stderr=subprocess.STDOUT,
            start_new_session=True,
            umask=0o077,
        )


def start(python: Path, data: Path, port: int, env: Mapping[str, str], *, log: Path) -> Child:
    """A server that answers, or an OutsideError with its last words."""
    arguments = ["start", "--no-browser", "--internal-host", HOST, "--port", str(port)]
    child = Child(process=launch(python, arguments, env, cwd=data, log=log), url=f"http://{HOST}:{port}", log=log)
    try:
        _wait_until_up(child)
    except BaseException:
        stop(child)
        raise
    return child


def stop(child: Child) -> None:
    """Asks the server to end, and makes it end when it does not."""
    process = child.process
    if process.stdin is not None:
        process.stdin.close()
    process.terminate()
    try:
        process.wait(_STOP_SECONDS)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()


def ended(child: Child) -> OutsideError:
    """What to say of a server that ended by itself."""
    return OutsideError(
        f"Label Studio ended by itself (exit code {child.process.returncode}): {last_words(child.log)}; "
        f"its log is {child.log}"
    )


def choose_port(wanted: int | None, last: int | None) -> int:
    """The wanted port; else the one of last time where it is free; else a free one."""
    if wanted is not None:
        if not 1 <= wanted <= 65535:
            msg = f"--port {wanted}: ports are numbers from 1 to 65535"
            raise InputError(msg)
        if not _soon_free(wanted):
            msg = f"port {wanted} cannot be had on this machine; name another with --port, or leave it out"
            raise InputError(msg)
        return wanted
    if last is not None and _soon_free(last):
        return last
    for _ in range(100):
        port = random.randint(*_PORTS)
        if _is_free(port):
            return port
    msg = "no free port found on this machine; name one with --port"
    raise InputError(msg)


def last_words(log: Path) -> str:
    """The line of a log that most likely says what went wrong: the last one marked as an error, else the last one."""
    with log.open("rb") as file:
        file.seek(max(0, log.stat().st_size - 20_000))
        lines = [line.strip() for line in file.read().decode("utf-8", "replace").splitlines() if line.strip()]
    marked = [line for line in lines[-20:] if line.lower().startswith("error:")]
    chosen = (marked or lines or ["it said nothing"])[-1]
    return one_line(chosen, limit=300).rstrip(".")


def _wait_until_up(child: Child) -> None:
    opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
    end = time.monotonic() + _START_SECONDS
    while time.monotonic() < end:
        if child.process.poll() is not None:
            raise ended(child)
        try:
            with opener.open(f"{child.url}/health", timeout=5) as answer:
                if answer.status == 200:
                    return
        except OSError:
            time.sleep(0.05)
    msg = f"Label Studio did not answer within {_START_SECONDS:.0f} s: {last_words(child.log)}; its log is {child.log}"
    raise OutsideError(msg)


def _soon_free(port: int) -> bool:
    """Free now or within two seconds, which a server whose parent was killed may need to end."""
    end = time.monotonic() + 2
    while not (free := _is_free(port)) and time.monotonic() < end:
        time.sleep(0.1)
    return free


def _is_free(port: int) -> bool:
    with socket.socket() as tried:
        tried.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            tried.bind((HOST, port))
        except OSError:
            return False
    return True
