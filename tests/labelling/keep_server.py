"""Keeps one Label Studio for all processes of a test run: `python keep_server.py ROOT`.

Whoever uses it holds a shared lock on ROOT/users, which the system takes away when a process ends, however it ends. The
keeper stops the server as soon as it gets that lock for itself, so nothing outlives the run.
"""

from __future__ import annotations

import fcntl
import json
import os
import sys
import time
from dataclasses import asdict
from pathlib import Path

from judgeaudit.labelling.server.server import running_server


def main(root: Path) -> None:
    """Says in ROOT/ready.json who and where the server is, and waits until nobody needs it."""
    with (root / "users").open("rb") as users, running_server(root / "data", tell=print) as server:
        making = root / "ready.json.making"
        making.write_text(json.dumps({**asdict(server), "keeper": os.getpid()}, default=str), "utf-8")
        making.replace(root / "ready.json")
        while not _nobody(users.fileno()):
            time.sleep(0.2)
        (root / "ready.json").unlink()  # the lock is held until the server has ended, so newcomers wait for that


def _nobody(users: int) -> bool:
    try:
        fcntl.flock(users, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True


if __name__ == "__main__":
    main(Path(sys.argv[1]))
