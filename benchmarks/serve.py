"""How long a person waits for `judgeaudit label serve`: seconds until a server is ready, and until it has ended.

The least of the rounds is what the work costs; the median shows how busy the machine was. Installing and making the
empty database happen once and are not part of it. Run: python benchmarks/serve.py [ROUNDS]
"""

from __future__ import annotations

import platform
import statistics
import sys
import tempfile
import time
from pathlib import Path

from judgeaudit.labelling.server.server import VERSION, prepared, running_server

WANTED = 4.0
RATERS = 3


def main(rounds: int) -> None:
    """Prints one line per kind of start: least and median wall seconds of `rounds` runs."""
    if not prepared():
        print("left out: Label Studio is not in the cache; `judgeaudit label serve --prepare` puts it there")
        return
    seconds: dict[str, list[float]] = {"new folder": [], "folder of last time": [], "stop": []}
    for _ in range(rounds):
        with tempfile.TemporaryDirectory(prefix="judgeaudit-serve-") as folder:
            for kind in ("new folder", "folder of last time"):
                began = time.perf_counter()
                with running_server(Path(folder) / "data", raters=RATERS):
                    seconds[kind].append(time.perf_counter() - began)
                    began = time.perf_counter()
                seconds["stop"].append(time.perf_counter() - began)
    print(f"Label Studio {VERSION}, {RATERS} raters, {rounds} rounds, Python {platform.python_version()}, wall seconds")
    print(f"{'':22}{'least':>8}{'median':>8}")
    for kind, taken in seconds.items():
        print(f"{kind:22}{min(taken):8.2f}{statistics.median(taken):8.2f}")
    least = min(seconds["folder of last time"])
    print(f"folder of last time: {least:.2f} s, {'within' if least < WANTED else 'OVER'} the wanted {WANTED:.0f} s")


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 3)
