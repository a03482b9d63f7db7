"""The folder of a server: its database, its secrets, and what must be the same the next time. For its owner's eyes only."""

from __future__ import annotations

import json
import os
import shutil
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path

from judgeaudit.domain.errors import InputError, one_line
from judgeaudit.labelling.server.accounts import Person

STATE, _LOCK = "serve.json", "serve.lock"
LOG, _LAST_LOG = "server.log", "server.old.log"
_DATABASE = "label_studio.sqlite3"


@dataclass(frozen=True, slots=True, kw_only=True)
class Kept:
    """What a folder remembers. Without an admin the server never became ready, so that its database holds nothing yet."""

    port: int | None = None
    admin: Person | None = None
    raters: tuple[Person, ...] = ()
    personal_token: str = ""


@contextmanager
def held(data: Path) -> Iterator[None]:
    """The folder is there and nobody else serves it; what is not a server's folder is never touched."""
    import fcntl

    _refuse_foreign(data)
    try:
        data.mkdir(parents=True, exist_ok=True)
        data.chmod(0o700)
        descriptor = os.open(data / _LOCK, os.O_RDWR | os.O_CREAT, 0o600)
    except OSError as error:
        raise _unusable(data, error) from error
    try:
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            raise _served(data) from error
        except OSError as error:
            raise _unusable(data, error) from error
        os.truncate(descriptor, 0)
        os.pwrite(descriptor, str(os.getpid()).encode("ascii"), 0)
        yield
    finally:
        os.close(descriptor)


def read_kept(data: Path) -> Kept:
    """What the folder remembers; nothing where it is new. Where its database is lost, starting empty would hide that."""
    file, database = data / STATE, data / _DATABASE
    try:
        plain = json.loads(file.read_text("utf-8"))
        admin = None if plain["admin"] is None else _person(plain["admin"])
        raters = tuple(_person(one) for one in plain["raters"])
        port = None if plain["port"] is None else int(plain["port"])
        # without the server's key, in .env, personal tokens are void
        personal = str(plain["personal_token"]) if (data / ".env").exists() else ""
        kept = Kept(port=port, admin=admin, raters=raters, personal_token=personal)
    except FileNotFoundError:
        return Kept()
    except OSError as error:
        raise _unusable(data, error) from error
    except (ValueError, KeyError, TypeError) as error:
        msg = f"{file} is not as `judgeaudit label serve` wrote it; put it back from a copy, or name a new folder with --data"
        raise InputError(msg) from error
    if kept.admin and not database.is_file():
        msg = f"{database} is gone; put it back from a copy, or name a new folder with --data"
        raise InputError(msg)
    return kept


def write_kept(data: Path, kept: Kept) -> None:
    """Replaced whole."""
    try:
        write_private(data / STATE, json.dumps(asdict(kept), indent=1) + "\n")
    except OSError as error:
        raise _unusable(data, error) from error


def begin(data: Path, template: Path) -> None:
    """An empty database of its own, in the place of one that nobody was ever able to use. The server makes its own key."""
    try:
        write_kept(data, Kept())
        write_private(data / ".gitignore", "# passwords and tokens\n*\n")
        for left in (*data.glob(f"{_DATABASE}*"), data / ".env"):
            left.unlink(missing_ok=True)
        shutil.copyfile(template, data / _DATABASE)
        (data / _DATABASE).chmod(0o600)
    except OSError as error:
        raise _unusable(data, error) from error


def new_log(data: Path) -> Path:
    """Where the server writes; what it wrote the last time stays beside it."""
    log = data / LOG
    try:
        if log.exists():
            log.replace(data / _LAST_LOG)
        log.touch(mode=0o600)
    except OSError as error:
        raise _unusable(data, error) from error
    return log


def write_private(path: Path, text: str) -> None:
    """All of the text or what was there before, readable by its owner alone."""
    path.parent.mkdir(parents=True, exist_ok=True)
    making = path.with_name(f".{path.name}.{os.getpid()}")
    making.unlink(missing_ok=True)
    descriptor = os.open(making, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "w", encoding="utf-8") as file:
        file.write(text)
        file.flush()
        os.fsync(file.fileno())
    making.replace(path)


def _refuse_foreign(data: Path) -> None:
    if data.exists() and not data.is_dir():
        msg = f"{one_line(str(data), limit=200)} is a file; --data names a folder"
        raise InputError(msg)
    try:
        names = {path.name for path in data.iterdir()} if data.is_dir() else set()
    except OSError as error:
        raise _unusable(data, error) from error
    if names - {_LOCK} and STATE not in names:
        msg = f"{one_line(str(data), limit=200)} holds files of something else; name a new or empty folder with --data"
        raise InputError(msg)


def _served(data: Path) -> InputError:
    number = (data / _LOCK).read_text("ascii", "replace").strip() or "unknown"
    port = read_kept(data).port
    where = f" at http://127.0.0.1:{port}" if port else ""
    return InputError(
        f"{one_line(str(data), limit=200)} is being served already{where}, by process {one_line(number)}; "
        f"use that one, or end it first with Ctrl-C where it runs"
    )


def _unusable(data: Path, error: OSError) -> InputError:
    reason = error.strerror or str(error)
    return InputError(
        f"{one_line(str(data), limit=200)} cannot be a server's folder: {reason}; name another with --data"
    )


def _person(plain: Mapping[str, object]) -> Person:
    number = plain["number"]
    if not isinstance(number, int):
        raise TypeError(number)
    return Person(number=number, email=str(plain["email"]), password=str(plain["password"]), token=str(plain["token"]))
