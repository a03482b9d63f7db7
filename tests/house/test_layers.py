"""The rooms import each other in one direction only."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path


def test_import_contracts_hold(repository: Path, tmp_path: Path) -> None:
    """Every contract of [tool.importlinter] is kept: the layers, the blinding, and that what computes does no I/O."""
    check = (
        f"import sys; from importlinter.cli import lint_imports; sys.exit(lint_imports(cache_dir={str(tmp_path)!r}))"
    )
    done = subprocess.run(
        [sys.executable, "-c", check],
        cwd=repository,
        capture_output=True,
        encoding="utf-8",
        env={**os.environ, "PYTHONPATH": str(repository)},
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
