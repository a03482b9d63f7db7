"""What may stand in a tracked file."""

from __future__ import annotations

import ast
import re
import shutil
import subprocess
import tomllib
from pathlib import Path

import pytest
from packaging.requirements import Requirement

LARGEST_FILE = 1 << 20
#: Written in pieces, so that this file does not hold what it forbids.
FORBIDDEN = {
    "a path of one machine": r"(?<![\w.~-])/(?:" + "work|fa" + "rm|root|home/[a-z]+" + r")/[A-Za-z.]",
    "a machine's name": r"\bfa" + r"rm\b",
    "a registry's address": "pypi" + r"\.org/simple|" + "pythonhosted" + r"\.org|https?://[^\s\"]+(?:\.whl|/simple/)",
    "work left undone": r"\b(?:TO" + r"DO|FIX" + r"ME|XX" + r"X)\b",
    "a merge left undone": r"^(?:<{7}|>{7}) ",
}
#: where one of these is a word like any other: what models were asked, and answered
ALLOWED = {"a machine's name": "annotations/finetuned-smollm/"}


@pytest.fixture(scope="module")
def files(repository: Path) -> list[Path]:
    """Files that git tracks or would track."""
    if shutil.which("git") is None or not (repository / ".git").exists():
        pytest.skip("not a git checkout, so what is tracked is not known")
    listed = subprocess.run(
        ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"],
        cwd=repository,
        capture_output=True,
        encoding="utf-8",
        check=True,
    ).stdout
    return [path for name in listed.split("\0") if name and (path := repository / name).is_file()]


@pytest.mark.parametrize("what", FORBIDDEN)
def test_no_file_holds_what_belongs_elsewhere(files: list[Path], repository: Path, what: str) -> None:
    """No machine's paths, no registry's address, no note to oneself and no conflict mark is published."""
    pattern = re.compile(FORBIDDEN[what], re.IGNORECASE if "name" in what else 0)
    found = []
    for path in files:
        if what in ALLOWED and str(path.relative_to(repository)).startswith(ALLOWED[what]):
            continue
        lines = path.read_text(encoding="utf-8", errors="replace").splitlines()
        found += [
            f"{path.relative_to(repository)}:{n}: {line[:120]}"
            for n, line in enumerate(lines, 1)
            if pattern.search(line)
        ]
    assert found == []


def test_no_file_is_large(files: list[Path], repository: Path) -> None:
    """Nothing over 1 MiB is tracked, and no lock file that names a registry."""
    assert [str(path.relative_to(repository)) for path in files if path.stat().st_size > LARGEST_FILE] == []
    assert [path.name for path in files if path.name == "uv.lock"] == []


def test_modules_and_tests_say_what_they_are(repository: Path) -> None:
    """Every module that is not empty has a docstring, and every test states its law in one."""
    silent = []
    for path in [*(repository / "judgeaudit").rglob("*.py"), *(repository / "tests").rglob("*.py")]:
        tree = ast.parse(path.read_text(encoding="utf-8"))
        if tree.body and ast.get_docstring(tree) is None:
            silent.append(str(path.relative_to(repository)))
        tests = [node for node in ast.walk(tree) if isinstance(node, ast.FunctionDef) and node.name.startswith("test_")]
        silent += [f"{path.relative_to(repository)}::{test.name}" for test in tests if ast.get_docstring(test) is None]
    assert silent == []


def test_direct_dependencies_have_a_tested_release(repository: Path) -> None:
    """constraints.txt pins a release of each direct dependency of core, dev and docs that pyproject.toml allows."""
    project = tomllib.loads((repository / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    extras = project["optional-dependencies"]
    pins: dict[str, list[Requirement]] = {}
    for line in (repository / "constraints.txt").read_text(encoding="utf-8").splitlines():
        if line and not line.startswith("#"):
            pins.setdefault(Requirement(line).name, []).append(Requirement(line))
    wrong = []
    for wanted in map(Requirement, [*project["dependencies"], *extras["dev"], *extras["docs"]]):
        releases = [next(iter(pin.specifier)).version for pin in pins.get(wanted.name.lower(), [])]
        if not releases or not all(wanted.specifier.contains(release) for release in releases):
            wrong.append(f"{wanted}: pinned {releases or 'nowhere'}")
    assert wrong == []


def test_the_package_says_that_it_is_typed(repository: Path) -> None:
    """Type checkers of users read the annotations."""
    assert (repository / "judgeaudit" / "py.typed").is_file()
