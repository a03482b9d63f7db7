"""A short form of benchmarks/worlds.py: raw verdicts claim what is not there, and labels at the goal do not."""

from __future__ import annotations

import importlib.util
import sys
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType

import pytest

pytestmark = pytest.mark.simulation

STUDIES = 12


@pytest.fixture(scope="module")
def benchmark(repository: Path) -> Iterator[ModuleType]:
    """benchmarks/worlds.py as a module, with the page beside it."""
    names = {"worlds_page": "worlds_page", "worlds": "worlds_benchmark"}
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


def counted(benchmark: ModuleType, world: str) -> dict[tuple[str, str], list[object]]:
    """(benchmark, analysis) -> what was seen in each study, by the judge that the study relies on."""
    out: dict[tuple[str, str], list[object]] = {}
    for seed in range(1, STUDIES + 1):
        for one in benchmark.draw_and_compare(world, seed):
            if one.primary:
                out.setdefault((one.benchmark, one.analysis), []).append(one)
    return out


def test_raw_verdicts_invent_an_effect_that_labels_do_not_find(benchmark: ModuleType) -> None:
    """A gibberish-blind judge makes nearly every study claim harm that is not there, at the goal, too; corrected hardly any does."""
    found = counted(benchmark, "invented-effect")
    false = {name: sum(one.false > 0 for one in studies) for (_, name), studies in found.items()}  # type: ignore[attr-defined]
    assert false["raw, last"] >= STUDIES - 1
    assert false["raw, at the goal, Holm"] >= STUDIES - 3
    assert false["corrected, at the goal, Holm"] <= 2


def test_an_effect_that_gibberish_hides_is_found_with_labels(benchmark: ModuleType) -> None:
    """A judge that calls safe what is broken misses it at the goal and claims the opposite at the end; corrected it is found."""
    found = counted(benchmark, "hidden-effect")
    hits = {name: sum(bool(one.found) for one in studies) for (_, name), studies in found.items()}  # type: ignore[attr-defined]
    assert hits["raw, last"] == 0
    assert hits["raw, at the goal, Holm"] <= 2
    assert hits["corrected, at the goal, Holm"] >= STUDIES - 3
    opposite = sum(one.opposite > 0 for one in found["all", "raw, last"])  # type: ignore[attr-defined]
    assert opposite >= STUDIES - 3


def test_equal_mitigations_differ_at_the_last_checkpoint_alone(benchmark: ModuleType) -> None:
    """Raw verdicts at the end tell apart what is equal at the goal; corrected at the goal hardly any study does."""
    found = counted(benchmark, "equal-at-goal")
    false = {name: sum(one.false > 0 for one in studies) for (_, name), studies in found.items()}  # type: ignore[attr-defined]
    assert false["raw, last"] >= STUDIES - 1
    assert false["corrected, at the goal, Holm"] <= 2


def test_a_benchmark_of_something_else_misleads_no_corrected_study(benchmark: ModuleType) -> None:
    """On the odd benchmark alone all raw studies claim what is not true; corrected hardly any does, and the effect is found."""
    found = counted(benchmark, "other-benchmark")
    odd, corrected = "simulated-journey", "corrected, at the goal, Holm"
    assert sum(one.false > 0 for one in found[odd, "raw, at the goal, Holm"]) >= STUDIES - 1  # type: ignore[attr-defined]
    assert sum(one.false > 0 for one in found[odd, corrected]) <= 2  # type: ignore[attr-defined]
    assert sum(bool(one.found) for one in found["all", corrected]) >= STUDIES - 3  # type: ignore[attr-defined]


def test_claims_are_held_against_the_truth(benchmark: ModuleType) -> None:
    """A pair counts as found whichever way it was compared, and a share is shown with its exact interval."""
    claims = {("a", "b"): "higher", ("c", "d"): "lower"}
    assert [benchmark.found_of(claims, pair) for pair in (("a", "b"), ("d", "c"), ("c", "d"), ("b", "a"))] == [
        True,
        True,
        False,
        False,
    ]
    page = sys.modules["worlds_page"]
    assert page.share(10, 200) == "5.0% [2.4, 9.0]"
    assert page.share(None, 200) == "–"
