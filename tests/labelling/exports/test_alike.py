"""What benchmarks/exports.py measures, is right: every format of one project is read to the same rows."""

from __future__ import annotations

import importlib.util
from pathlib import Path
from types import ModuleType

import pytest

TASKS = 500


@pytest.fixture(scope="module")
def benchmark(repository: Path) -> ModuleType:
    """benchmarks/exports.py as a module."""
    spec = importlib.util.spec_from_file_location("exports_benchmark", repository / "benchmarks" / "exports.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.fixture(scope="module")
def files(benchmark: ModuleType, tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    return benchmark.write_formats(tmp_path_factory.mktemp("formats"), TASKS)


def test_every_format_gives_the_same_rows(benchmark, files):
    """Of 500 tasks by three people about three questions no label is lost or read otherwise by any format."""
    rows = {name: sorted(map(alike, benchmark.ours(file))) for name, file in files.items()}
    assert len(rows["JSON"]) == TASKS * benchmark.PEOPLE * len(benchmark.QUESTIONS)
    assert rows["JSON"] == rows["snapshot"] == rows["JSON_MIN"] == rows["CSV"]


def alike(row: dict[str, str]) -> str:
    """A row without the number of its project, which flat formats do not hold."""
    return str({name: cell for name, cell in row.items() if name != "project"})
