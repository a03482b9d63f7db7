"""How long a person waits before anything happens: CPU seconds of `judgeaudit --help` beside imports that it avoids.

Everything is measured in one run and in turns, so that a busy machine disturbs all rows alike. The least of the rounds
is what the work costs; the median shows how busy the machine was. Run: python benchmarks/startup.py [ROUNDS]
"""

from __future__ import annotations

import platform
import resource
import statistics
import subprocess
import sys
from importlib.util import find_spec
from pathlib import Path

REPOSITORY = Path(__file__).resolve().parents[1]
WANTED = 0.3
HELP = "import sys; sys.argv = ['judgeaudit', '--help']; from judgeaudit.cli.main import main; sys.exit(main())"
ROWS = {
    "python -c pass": "pass",
    "judgeaudit --help": HELP,
    "import judgeaudit": "import judgeaudit",
    "import typer": "import typer",
    "import numpy": "import numpy",
    "import pandas": "import pandas",
    "import matplotlib": "import matplotlib.figure",
    "import statsmodels": "import statsmodels.stats.proportion",
    "import sklearn.metrics": "import sklearn.metrics",
}


def cpu_seconds(code: str) -> float:
    """User and system time of one interpreter that runs `code`; CalledProcessError when it fails."""
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    subprocess.run([sys.executable, "-c", code], check=True, stdout=subprocess.DEVNULL, cwd=REPOSITORY)
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    return after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime


def main(rounds: int) -> None:
    """Prints one line per row: least and median CPU seconds of `rounds` runs, the first run of each left out."""
    rows = {
        name: code for name, code in ROWS.items() if "import " not in name or find_spec(name.split()[1].split(".")[0])
    }
    seconds: dict[str, list[float]] = {name: [] for name in rows}
    for turn in range(rounds + 1):
        for name, code in rows.items():
            taken = cpu_seconds(code)
            if turn:
                seconds[name].append(taken)
    print(f"CPU seconds, {rounds} rounds, Python {platform.python_version()}, {platform.machine()}")
    print(f"{'':26}{'least':>8}{'median':>8}")
    for name, taken_all in seconds.items():
        print(f"{name:26}{min(taken_all):8.2f}{statistics.median(taken_all):8.2f}")
    least = min(seconds["judgeaudit --help"])
    print(f"judgeaudit --help: {least:.2f} s, {'within' if least < WANTED else 'OVER'} the allowed {WANTED} s")


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 7)
