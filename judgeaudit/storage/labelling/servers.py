"""Which Label Studio a study's labels come from: the one that `label serve` runs, and those that were met so far."""

from __future__ import annotations

import json
import os
from pathlib import Path

from judgeaudit.domain.errors import InputError
from judgeaudit.storage.files.write import cannot_read, shown, write_atomic
from judgeaudit.storage.labelling.locks import FOLDER

SERVERS = "servers.json"


def server_number(study: Path, server: str) -> int:
    """Which of the servers that this study's labels came from this one is, from 1; a new one is noted.

    People are numbers on their server, so that `rater-2` of another server is another person.
    """
    file = study / FOLDER / SERVERS
    try:
        known: object = json.loads(file.read_text(encoding="utf-8")) if file.is_file() else []
    except OSError as error:
        raise cannot_read(file, error) from error
    except ValueError:
        known = None
    if not isinstance(known, list):
        msg = f"{shown(file)}: not as it was written; put it back from a copy"
        raise InputError(msg)
    if server not in known:
        known.append(server)
        write_atomic(file, json.dumps(known) + "\n")
    return known.index(server) + 1


def server_of(study: Path) -> tuple[str, str] | None:
    """Address and token of the server that `label serve` runs for this study; None where it does not run."""
    file = study / FOLDER / "server.json"
    try:
        note: object = json.loads(file.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return None
    if not isinstance(note, dict) or not isinstance(note.get("url"), str) or not isinstance(note.get("token"), str):
        return None
    return (note["url"], note["token"]) if _lives(note.get("pid")) else None


def served_here(study: Path) -> bool:
    """Whether `label serve` keeps its labels and accounts in this study."""
    return (study / FOLDER / "server").is_dir()


def _lives(pid: object) -> bool:
    """Whether a process runs; where that cannot be told it is believed."""
    if not isinstance(pid, int) or os.name != "posix":
        return True
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except OSError:
        return True
    return True
