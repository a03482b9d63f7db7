"""A short form of benchmarks/coverage_rates.py: the reported intervals of corrected rates hold the truth, end to end."""

from __future__ import annotations

import importlib.util
import sys
import zlib
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType

import pytest

pytestmark = pytest.mark.simulation

SAMPLES = 120
#: the number that one must not fall under: three standard errors below 92% of 120
LEAST = 101
HARD = {
    "random: rate 0.05, sensitivity 0.95, specificity 0.97, 100 labels": "prevalence_poststratified",
    "elsewhere: rate 0.05, sensitivity 0.95, specificity 0.97, 100 labels at rate 0.5": "prevalence_rogan_gladen",
    "random, in prompts: rate 0.3, sensitivity 0.9, specificity 0.8, 40 prompts of 10 labelled": "prevalence_poststratified",
    "elsewhere, in prompts: rate 0.3, sensitivity 0.9, specificity 0.8, 40 prompts of 10 labelled": "prevalence_rogan_gladen",
}


@pytest.fixture(scope="module")
def benchmark(repository: Path) -> Iterator[ModuleType]:
    """benchmarks/coverage_rates.py as a module."""
    spec = importlib.util.spec_from_file_location("coverage_rates", repository / "benchmarks" / "coverage_rates.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules["coverage_rates"] = module
    spec.loader.exec_module(module)
    yield module
    del sys.modules["coverage_rates"]


@pytest.mark.parametrize("name", HARD)
def test_hard_cell(benchmark: ModuleType, name: str) -> None:
    """Of 120 samples at least as many hold the truth as an interval of 92% would show, but for three standard errors."""
    cell, statistic = benchmark.CELLS[name], HARD[name]
    samples = [benchmark.intervals_of(cell, seed=[2, zlib.crc32(name.encode()), number]) for number in range(SAMPLES)]
    found = [one[statistic] for one in samples if statistic in one]
    assert len(found) >= 0.95 * SAMPLES
    held = sum(low <= cell.truth[statistic] <= high for low, high in found)
    assert held >= LEAST - (SAMPLES - len(found))


def test_a_sample_belongs_to_its_number(benchmark: ModuleType) -> None:
    """The same seed, cell and number give the same intervals."""
    cell = benchmark.CELLS[next(iter(HARD))]
    assert benchmark.intervals_of(cell, seed=[3, 1, 4]) == benchmark.intervals_of(cell, seed=[3, 1, 4])
