"""Nothing heavy is imported before it is needed."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

HEAVY = [
    *["pandas", "scipy", "statsmodels", "krippendorff", "sklearn", "matplotlib", "pyarrow", "zstandard"],
    *["torch", "transformers", "openai", "anthropic", "label_studio_sdk", "ray", "inspect_ai", "typst"],
]
COMMAND_LINE = ["pydantic", "typer"]


def modules_after(code: str, *, cwd: Path) -> set[str]:
    """The top-level modules that a new interpreter has loaded once `code` has run."""
    tail = (
        "\nimport json, sys\nsys.__stdout__.write(chr(10) + json.dumps(sorted({n.split('.')[0] for n in sys.modules})))"
    )
    done = subprocess.run(
        [sys.executable, "-c", code + tail],
        capture_output=True,
        encoding="utf-8",
        env={**os.environ, "PYTHONPATH": str(cwd)},
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return set(json.loads(done.stdout.splitlines()[-1]))


def test_importing_the_package_loads_nothing_heavy(repository: Path) -> None:
    """`import judgeaudit` costs no SDK, no table library and no command line library."""
    loaded = modules_after("import judgeaudit", cwd=repository)
    assert loaded.intersection([*HEAVY, *COMMAND_LINE]) == set()


def test_an_audit_starts_without_scipys_slowest_rooms(repository: Path) -> None:
    """Distributions come from scipy.special: scipy.stats and scipy.optimize take longer to load than a small audit takes."""
    code = """
import judgeaudit.audit.result, judgeaudit.gate.decide, sys
assert not {"scipy.stats", "scipy.optimize"} & set(sys.modules), sorted(n for n in sys.modules if n.startswith("scipy."))
"""
    assert "scipy" in modules_after(code, cwd=repository)


@pytest.mark.parametrize("arguments", [["--help"], ["audit", "--help"]], ids=" ".join)
def test_help_loads_nothing_heavy(repository: Path, arguments: list[str]) -> None:
    """Help answers before any of the libraries that compute, draw or talk to a service is imported."""
    code = f"""
import sys
sys.argv = ["judgeaudit", *{arguments!r}]
from judgeaudit.cli.main import main
try:
    ended = main()
except SystemExit as left:
    ended = left.code
assert not ended, ended
"""
    assert modules_after(code, cwd=repository).intersection(HEAVY) == set()
