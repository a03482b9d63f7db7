"""A table and two studies that the tests of the command line share, and what it means to be refused."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

LABELS = ("safe", "unsafe")
#: ann, bob, gpt as positions in LABELS; probability; weight; bench; prompt
ROWS = [
    (0, 0, 0, 0.1, 1, "x", "p1"),
    (1, 1, 1, 0.9, 2, "y", "p2"),
    (0, 1, 0, 0.2, 1, "x", "p3"),
    (0, 0, 1, 0.8, 1, "y", "p4"),
    (1, 1, 1, 0.7, 1, "x", "p5"),
    (0, 0, 0, 0.3, 1, "y", "p6"),
]


def good_csv() -> str:
    """24 items, two people, one judge, and columns for every flag."""
    lines = ["item_id,ann,bob,gpt,prob,w,bench,prompt_id"]
    for number in range(24):
        ann, bob, gpt, *rest = ROWS[number % len(ROWS)]
        words = [LABELS[ann], LABELS[bob], LABELS[gpt], *map(str, rest)]
        lines.append(",".join([f"i{number}", *words]))
    return "\n".join(lines) + "\n"


@pytest.fixture
def good(tmp_path: Path) -> Path:
    """A folder whose `good.csv` can be audited with FLAGS."""
    (tmp_path / "good.csv").write_text(good_csv(), encoding="utf-8")
    return tmp_path


@pytest.fixture(scope="session")
def simulated(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A simulated and audited study; nobody writes into it, `study` copies it."""
    from judgeaudit.simulation.study import simulate_study
    from judgeaudit.study import Study

    folder = tmp_path_factory.mktemp("simulated") / "study"
    simulate_study(folder, items=60, seed=1)
    Study(folder).audit(replicates=200)
    return folder


@pytest.fixture
def study(simulated: Path, tmp_path: Path) -> Path:
    """A study of one's own, as `simulated`."""
    return Path(shutil.copytree(simulated, tmp_path / "study"))


@pytest.fixture
def refused(call_command: Callable[..., object]) -> Callable[..., str]:
    """`refused(arguments, cwd=...)`: the one line on stderr of a command that ends with 2 and prints nothing."""

    def call(arguments: list[str], *, cwd: Path) -> str:
        ran = call_command(arguments, cwd=cwd)
        assert (ran.code, ran.out) == (2, "")  # type: ignore[attr-defined]
        lines = ran.err.splitlines()  # type: ignore[attr-defined]
        assert len(lines) == 1
        assert lines[0].startswith("judgeaudit: ")
        return str(lines[0].removeprefix("judgeaudit: "))

    return call
