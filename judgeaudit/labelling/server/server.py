"""A Label Studio server for a study: started, filled with people, watched, and ended."""

from __future__ import annotations

import json
import os
import signal
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from types import FrameType

from judgeaudit.domain.errors import InputError
from judgeaudit.labelling.server.accounts import Person, enrol, known_as, new_person, personal_token, sign_in
from judgeaudit.labelling.server.data import (
    Kept,
    begin,
    held,
    new_log,
    read_kept,
    write_kept,
    write_private,
)
from judgeaudit.labelling.server.install import VERSION, prepare, prepared, server_python, template
from judgeaudit.labelling.server.process import Child, child_environment, choose_port, ended, start, stop

__all__ = [
    "VERSION",
    "Person",
    "Server",
    "prepare",
    "prepared",
    "running_server",
    "serve_until_stopped",
    "server_note",
]
MOST_RATERS = 200


@dataclass(frozen=True, slots=True, kw_only=True)
class Server:
    """A server that runs: its address, who can sign in, and where it keeps what they do. `pid` is its own process."""

    url: str
    admin: Person
    raters: tuple[Person, ...]
    data: Path
    personal_token: str
    pid: int


@contextmanager
def running_server(
    data: Path, *, raters: int = 3, port: int | None = None, tell: Callable[[str], None] = lambda line: None
) -> Iterator[Server]:
    """A server on the folder `data` with at least that many raters, on its port of last time; it ends with the block."""
    with _running(data, raters=raters, port=port, tell=tell) as (server, _):
        yield server


def serve_until_stopped(
    data: Path,
    *,
    raters: int,
    port: int | None,
    study: Path | None,
    tell: Callable[[str], None],
    ready: Callable[[Server], None],
) -> None:
    """Returns when somebody stops it (Ctrl-C, SIGTERM, the terminal closed); OutsideError when the server ends by itself."""
    with _interrupted_by_signals(), _running(data, raters=raters, port=port, tell=tell) as (server, child):
        try:
            with _noted(study, server):
                ready(server)
                child.process.wait()
        except KeyboardInterrupt:
            return
        raise ended(child)


def server_note(folder: Path) -> Path:
    """Where the running server of a study says its address and token, for the commands that send and fetch."""
    return folder / "labelling" / "server.json"


@contextmanager
def _running(
    data: Path, *, raters: int, port: int | None, tell: Callable[[str], None]
) -> Iterator[tuple[Server, Child]]:
    if sys.platform == "win32":
        msg = "label serve needs Linux or macOS; start Label Studio yourself and give its address and token"
        raise InputError(msg)
    if not 1 <= raters <= MOST_RATERS:
        msg = f"--raters {raters}: from 1 to {MOST_RATERS} people can be made"
        raise InputError(msg)
    data = data.absolute()
    with held(data):
        kept = read_kept(data)
        admin = kept.admin or new_person("admin")
        chosen = choose_port(port, kept.port)
        home = prepare(tell)
        if not kept.admin:
            begin(data, template(home))
        env = child_environment(data, {} if kept.admin else _first_person(admin))
        child = start(server_python(home), data, chosen, env, log=new_log(data))
        try:
            server = _with_people(child, data, replace(kept, port=chosen), admin, raters)
            yield server, child
        finally:
            stop(child)


def _first_person(admin: Person) -> dict[str, str]:
    """Label Studio makes this person when it starts; the environment, unlike the arguments, is shown to nobody else."""
    return {
        "LABEL_STUDIO_USERNAME": admin.email,
        "LABEL_STUDIO_PASSWORD": admin.password,
        "LABEL_STUDIO_USER_TOKEN": admin.token,
    }


def _with_people(child: Child, data: Path, kept: Kept, admin: Person, raters: int) -> Server:
    """Admin and raters, known to the server. Passwords are written down first, so that nobody is made and then lost."""
    found = known_as(child.url, admin.token)
    if found and found[1] == admin.email:
        admin = replace(admin, number=found[0])
    else:
        admin = sign_in(child.url, admin)
    token = kept.personal_token or personal_token(child.url, admin)
    # the admin is number 1, so that rater2@… becomes number 2, whom a study calls rater-2
    missing = range(len(kept.raters) + 2, raters + 2)
    people = (*kept.raters, *(new_person(f"rater{number}") for number in missing))
    write_kept(data, replace(kept, admin=admin, personal_token=token, raters=people))
    if any(not rater.number for rater in people):
        people = tuple(rater if rater.number else enrol(child.url, admin, rater) for rater in people)
        write_kept(data, replace(kept, admin=admin, personal_token=token, raters=people))
    return Server(url=child.url, admin=admin, raters=people, data=data, personal_token=token, pid=child.process.pid)


@contextmanager
def _noted(study: Path | None, server: Server) -> Iterator[None]:
    """The study's folder says where the server is for as long as it is there."""
    if study is None:
        yield
        return
    note = server_note(study)
    said = json.dumps({"url": server.url, "token": server.admin.token, "pid": os.getpid()}) + "\n"
    try:
        write_private(note, said)
    except OSError as error:
        msg = f"cannot write {note}: {error.strerror}"
        raise InputError(msg) from error
    try:
        yield
    finally:
        if note.exists() and note.read_text("utf-8") == said:
            note.unlink()


@contextmanager
def _interrupted_by_signals() -> Iterator[None]:
    """What ends a program raises KeyboardInterrupt, also where a shell starts it in the background with Ctrl-C ignored."""

    def interrupt(_number: int, _frame: FrameType | None) -> None:
        raise KeyboardInterrupt

    before = {number: signal.getsignal(number) for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)}
    for number in before:
        if number != signal.SIGHUP or before[number] != signal.SIG_IGN:  # nohup means what it says
            signal.signal(number, interrupt)
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
