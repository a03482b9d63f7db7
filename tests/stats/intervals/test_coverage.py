"""A short form of benchmarks/coverage.py: intervals hold the truth where others fail, as shipped and end to end."""

from __future__ import annotations

import importlib.util
import sys
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType

import pytest

pytestmark = pytest.mark.simulation

SAMPLES = 400
#: three standard errors of a share of 400 samples, at 92% coverage and at 4% of truths below
SLACK_COVERAGE, SLACK_LOWER = 0.041, 0.030
HARD = (
    "pair: prevalence 0.05, kappa 0.85, n 50",
    "judge: prevalence 0.9, sensitivity 0.98, specificity 0.95, n 50",
    "people: 4 raters, 20% holes, prevalence 0.05, n 50",
    "people: 3 raters, 20% holes, five ordered labels, 70% in one label, n 50",
    "clusters: sd 1.0, prevalence 0.5, 10 prompts of 20",
    "clusters: sd 1.0, prevalence 0.05, 20 prompts of 20",
    "people in clusters: 3 raters, prevalence 0.05, 10 prompts of 20",
    "delta: prevalence 0.05, judge 0.6/0.95, n 50",
)


@pytest.fixture(scope="module")
def benchmark(repository: Path) -> Iterator[ModuleType]:
    """benchmarks/coverage.py as a module, with those beside it."""
    beside = ("coverage_models", "coverage_cells", "coverage_differences", "coverage_rates")
    names = {**dict(zip(beside, beside, strict=True)), "coverage": "coverage_benchmark"}
    for file, name in names.items():
        spec = importlib.util.spec_from_file_location(name, repository / "benchmarks" / f"{file}.py")
        assert spec is not None
        assert spec.loader is not None
        module = importlib.util.module_from_spec(spec)
        sys.modules[name] = module
        spec.loader.exec_module(module)
    yield module
    for name in names.values():
        del sys.modules[name]


@pytest.mark.parametrize("name", HARD)
def test_hard_cell(benchmark: ModuleType, name: str) -> None:
    """Coverage is at least 92% and at most 4% of truths lie below, but for simulation error."""
    cell = benchmark.CELLS[name]
    tally = benchmark.chunk(cell, first=0, samples=SAMPLES, seed=1)
    for row in benchmark.rows_of(cell, [tally], samples=SAMPLES):
        assert row.coverage >= 0.92 - SLACK_COVERAGE, row
        assert row.lower_error <= 0.04 + SLACK_LOWER, row
        assert row.defined >= 0.9 * SAMPLES, row


def test_chunks_change_nothing(benchmark: ModuleType) -> None:
    """A sample's numbers depend on its number alone: two chunks are one."""
    cell = benchmark.CELLS["delta: prevalence 0.05, judge 0.6/0.95, n 50"]
    whole = benchmark.chunk(cell, first=0, samples=12, seed=3)
    parts = [benchmark.chunk(cell, first=first, samples=6, seed=3) for first in (0, 6)]
    one, two = (benchmark.rows_of(cell, tallies, samples=12)[0] for tallies in ([whole], parts))
    assert one._replace(width=0.0) == two._replace(width=0.0)
    assert one.width == pytest.approx(two.width)
