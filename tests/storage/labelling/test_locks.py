"""Locks: one holder at a time, nothing left behind, and no second holder by way of a file that was removed."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from judgeaudit.storage.labelling.locks import BusyError, locked

pytest.importorskip("fcntl")
#: adds one to a number that only whoever holds the lock may touch, many times, waiting for its turn
_COUNTS = """
import sys, time
from pathlib import Path
from judgeaudit.storage.labelling.locks import BusyError, locked
folder, times = Path(sys.argv[1]), 150
while times:
    try:
        with locked(folder / "l.lock", "another"):
            number = int((folder / "n").read_text())
            time.sleep(0.0002)
            (folder / "n").write_text(str(number + 1))
        times -= 1
    except BusyError:
        time.sleep(0.0001)
"""


def test_a_lock_has_one_holder_and_leaves_nothing(tmp_path: Path) -> None:
    """A second one is told; after the first, also after an error in it, the file is gone and the lock is free."""
    file = tmp_path / "x.lock"
    with locked(file, "another"):
        assert file.exists()
        with pytest.raises(BusyError, match="another is at work"), locked(file, "another"):
            pass
        assert file.exists()
    with pytest.raises(ValueError, match="ours"), locked(file, "another"):
        raise ValueError("ours")
    assert list(tmp_path.iterdir()) == []
    with locked(file, "another"):
        pass


@pytest.mark.slow
def test_processes_that_take_and_remove_it_by_turns_never_hold_it_together(tmp_path: Path) -> None:
    """Each adds to a number that it read within the lock: a second holder would lose what the first one added."""
    (tmp_path / "n").write_text("0", encoding="utf-8")
    command = [sys.executable, "-c", _COUNTS, str(tmp_path)]
    processes = [subprocess.Popen(command) for _ in range(3)]
    assert [process.wait() for process in processes] == [0, 0, 0]
    assert int((tmp_path / "n").read_text(encoding="utf-8")) == 450
    assert [one.name for one in tmp_path.iterdir()] == ["n"]
