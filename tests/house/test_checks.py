"""`make check`, `make test`, `make fuzz`, the workflow and the hooks before a commit agree with each other."""

from __future__ import annotations

import ast
import os
import re
import subprocess
import sys
import tomllib
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.conftest import REAL_PARTS
from tests.fuzzing import FACTOR, examples

#: a test with a marker of each kind, and one that is fast; `ask` is a fixture that asks for a real part
MARKED = """
import pytest
from hypothesis import given, settings, strategies as st
from tests.fuzzing import examples

@pytest.fixture
def ask(need_torch): ...

def test_fast(): ...
def test_of_a_real_part(ask): ...
@pytest.mark.simulation
def test_of_many_samples(): ...

drawn = []
@given(st.binary(min_size=16))
@settings(max_examples=examples(4))
def test_a_law(text): drawn.append(text)
def test_drawn(): print("drawn:", len(drawn), drawn)
"""


def markers(repository: Path) -> set[str]:
    """The markers that pyproject.toml declares."""
    options = tomllib.loads((repository / "pyproject.toml").read_text(encoding="utf-8"))["tool"]["pytest"][
        "ini_options"
    ]
    return {line.partition(":")[0] for line in options["markers"]}


def left_out(expression: str) -> set[str]:
    """The markers that `not (a or b)` leaves out."""
    inner = re.fullmatch(r"not \((.*)\)", expression)
    assert inner, expression
    return set(inner[1].split(" or "))


def test_make_check_leaves_out_every_marker(repository: Path) -> None:
    """The fast tests are those without a marker, in the Makefile and in the workflow alike; fixtures give known markers."""
    (of_make,) = re.findall(r"^FAST := (.*)$", (repository / "Makefile").read_text(encoding="utf-8"), re.MULTILINE)
    (of_workflow,) = re.findall(
        r'-m "(.*)"$', (repository / ".github" / "workflows" / "test.yml").read_text(encoding="utf-8"), re.MULTILINE
    )
    assert left_out(of_make) == left_out(of_workflow) == markers(repository)
    assert set(REAL_PARTS.values()) < markers(repository)


def test_fixtures_of_real_parts_are_there(repository: Path) -> None:
    """Each fixture that gives a marker is defined; a renamed one would leave its tests among the fast ones."""
    code = "".join(path.read_text(encoding="utf-8") for path in (repository / "tests").rglob("conftest.py"))
    assert [name for name in REAL_PARTS if f"def {name}(" not in code] == []


def test_the_workflow_runs_every_python(repository: Path) -> None:
    """The workflow names the releases that pyproject.toml declares, and the three systems."""
    project = tomllib.loads((repository / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    declared = re.findall(r"Python :: (3\.\d+)", " ".join(project["classifiers"]))
    text = (repository / ".github" / "workflows" / "test.yml").read_text(encoding="utf-8")
    (named,) = re.findall(r"^ +python: \[(.*)\]$", text, re.MULTILINE)
    assert re.findall(r"3\.\d+", named) == declared
    assert all(f"{system}-latest" in text for system in ("ubuntu", "macos", "windows"))


def test_hooks_run_the_tested_ruff(repository: Path) -> None:
    """Each hook that installs something installs the release of constraints.txt, and none needs another repository."""
    hooks = (repository / ".pre-commit-config.yaml").read_text(encoding="utf-8")
    wanted = re.findall(r'"([\w-]+==[^"]+)"', hooks)
    pinned = (repository / "constraints.txt").read_text(encoding="utf-8").splitlines()
    assert wanted
    assert set(wanted) <= set(pinned)
    assert set(re.findall(r"repo: (\S+)", hooks)) == {"local"}


def test_every_number_of_examples_can_be_raised(repository: Path) -> None:
    """A test that says how many examples it draws says it through `examples`, so that `make fuzz` raises it."""
    plain = []
    for path in (repository / "tests").rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.keyword) and node.arg == "max_examples":
                call = node.value
                if not (isinstance(call, ast.Call) and ast.unparse(call.func) == "examples"):
                    plain.append(f"{path.relative_to(repository)}:{call.lineno}")
    assert plain == []
    assert examples(3) == 3 * FACTOR


@pytest.fixture
def tried(repository: Path, tmp_path: Path) -> Callable[..., str]:
    """`tried("-m", "…", CI="true")`: what pytest prints for MARKED with the settings of this suite."""

    def run(*arguments: str, **environment: str) -> str:
        (tmp_path / "test_marked.py").write_text(MARKED, encoding="utf-8")
        (tmp_path / "conftest.py").write_text("from tests.conftest import *\n", encoding="utf-8")
        config = ["-c", str(repository / "pyproject.toml"), "--rootdir", str(tmp_path), "-p", "no:cacheprovider"]
        plain = {name: value for name, value in os.environ.items() if name not in ("CI", "JUDGEAUDIT_FUZZ")}
        done = subprocess.run(
            [sys.executable, "-m", "pytest", *config, "-qs", *arguments, str(tmp_path / "test_marked.py")],
            cwd=tmp_path,
            env={**plain, "PYTHONPATH": str(repository), **environment},
            capture_output=True,
            encoding="utf-8",
            check=False,
        )
        assert done.returncode == 0, done.stdout + done.stderr
        return done.stdout

    return run


@pytest.mark.slow
def test_markers_follow_from_fixtures_and_are_left_out(tried: Callable[..., str]) -> None:
    """A test that asks for a real part, through whatever fixtures, is not among the fast ones; `-m model` finds it."""
    assert "3 passed, 2 deselected" in tried("-m", "not (model or simulation)")
    assert "4 deselected" in tried("-m", "model", JUDGEAUDIT_CI="0")


@pytest.mark.slow
def test_only_ci_draws_the_same_examples_again(tried: Callable[..., str]) -> None:
    """Two runs in CI draw the same examples; two runs elsewhere do not."""
    first, second = (drawn(tried("-m", "not model", CI="true")) for _ in range(2))
    assert first == second
    assert len({drawn(tried("-m", "not model")) for _ in range(2)}) == 2


@pytest.mark.slow
def test_fuzzing_draws_more_and_its_seed_repeats_them(tried: Callable[..., str]) -> None:
    """`make fuzz` multiplies the examples, in CI too, and `SEED=` brings them back."""
    for environment in ({}, {"CI": "true"}):
        first, again, other = (
            drawn(tried("-m", "not model", f"--hypothesis-seed={seed}", JUDGEAUDIT_FUZZ="5", **environment))
            for seed in (1, 1, 2)
        )
        assert first.startswith("drawn: 20 ")
        assert first == again != other


def drawn(said: str) -> str:
    """What `test_drawn` printed."""
    (line,) = re.findall(r"drawn: .*", said)
    return str(line)
