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
    *["torch", "transformers", "openai", "anthropic", "httpx", "label_studio_sdk", "inspect_ai"],
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


def test_a_plain_table_is_audited_without_statsmodels(repository: Path, tmp_path: Path) -> None:
    """`audit`, `gate` and `report` of one table load neither statsmodels, which takes a second, nor scipy.stats below it."""
    rows = [f"i{n},{'ab'[n % 2]},{'ab'[n % 3 % 2]},{'ab'[n % 5 % 2]},{'ab'[n % 7 % 2]}" for n in range(60)]
    (tmp_path / "labels.csv").write_text("\n".join(["item_id,h1,h2,j1,j2", *rows]) + "\n", encoding="utf-8")
    code = f"""
import sys
from judgeaudit.cli.main import main

def run(*arguments):
    sys.argv = ["judgeaudit", *arguments]
    try:
        return main()
    except SystemExit as left:
        return left.code

folder = {str(tmp_path)!r}
table, audit = folder + "/labels.csv", folder + "/audit.json"
assert not run("audit", table, "--human", "h1,h2", "--judge", "j1,j2", "--labels", "a,b", "--positive", "b", "--json", audit)
assert run("gate", audit) in (0, 1, 3)
assert not run("report", audit, "--out", folder + "/reports")
assert not {{"statsmodels", "scipy.stats"}} & set(sys.modules)
"""
    assert "scipy" in modules_after(code, cwd=repository)
    assert (tmp_path / "reports" / "report.html").exists()


def test_modules_that_use_statsmodels_import_it_late(repository: Path) -> None:
    """Only a call that needs statsmodels loads it; a comparison or a probe that is not run costs nothing."""
    code = "import judgeaudit.stats.library, judgeaudit.audit.checkpoints.compare, judgeaudit.audit.probes"
    assert "statsmodels" not in modules_after(code, cwd=repository)
    code = "from judgeaudit.stats.library import share_interval; share_interval(1, 2, level=0.95, method='beta')"
    assert "statsmodels" in modules_after(code, cwd=repository)
