"""What an installation of the core costs: seconds and megabytes in a new virtual environment, package by package.

The wall time depends on the package index and on pip's cache. The size is that of the files that each package lists,
without compiled bytecode. Run: python benchmarks/install.py [EXTRA,EXTRA]
"""

from __future__ import annotations

import json
import platform
import subprocess
import sys
import tempfile
import time
import venv
from pathlib import Path

REPOSITORY = Path(__file__).resolve().parents[1]
SHOWN = 12
SIZES = """
import importlib.metadata, json, pathlib
def size(package):
    paths = (pathlib.Path(package.locate_file(file)) for file in package.files or ())
    return sum(path.stat().st_size for path in paths if path.suffix != ".pyc" and path.is_file())
print(json.dumps({p.metadata["Name"]: [p.version, size(p)] for p in importlib.metadata.distributions()}))
"""


def main(extras: str) -> None:
    """Installs into a folder that is thrown away afterwards and prints what came."""
    with tempfile.TemporaryDirectory(prefix="judgeaudit-install-") as folder:
        venv.create(folder, with_pip=True)
        python = Path(folder) / ("Scripts" if sys.platform == "win32" else "bin") / "python"
        target = f"{REPOSITORY}[{extras}]" if extras else str(REPOSITORY)
        began = time.perf_counter()
        pip = [str(python), "-m", "pip", "install", "--quiet", "--disable-pip-version-check"]
        subprocess.run([*pip, "-c", str(REPOSITORY / "constraints.txt"), target], check=True)
        seconds = time.perf_counter() - began
        listed = subprocess.run([str(python), "-c", SIZES], check=True, capture_output=True, encoding="utf-8").stdout
    sizes = {name: size for name, size in json.loads(listed).items() if name not in ("pip", "setuptools")}
    print(f"pip install judgeaudit-toolkit{f'[{extras}]' if extras else ''}, Python {platform.python_version()}")
    print(f"{seconds:.0f} s, {sum(size for _, size in sizes.values()) / 1e6:.0f} MB in {len(sizes)} packages")
    for name, (version, size) in sorted(sizes.items(), key=lambda row: -row[1][1])[:SHOWN]:
        print(f"{size / 1e6:8.1f} MB  {name} {version}")


if __name__ == "__main__":
    main(sys.argv[1] if len(sys.argv) > 1 else "")
