"""Alpha where somebody has removed the `krippendorff` package: the same audit by our own engine, and a record that says so."""

from __future__ import annotations

import json
import os
import random
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

#: Python finds no `krippendorff` any more, as after `pip uninstall`
REMOVED = """
import importlib.machinery as machinery
found = machinery.PathFinder.find_spec

def find(name, path=None, target=None):
    return None if name.partition(".")[0] == "krippendorff" else found(name, path, target)

machinery.PathFinder.find_spec = find
"""
RUN = "import sys; sys.argv = {arguments!r}; from judgeaudit.cli.main import main; sys.exit(main())"
KINDS = {
    "nominal": (("a", "b", "c"), ("--scale", "nominal")),
    "binary": (("no", "yes"), ("--scale", "binary", "--positive", "yes")),
    "ordinal": (("1", "2", "3", "4"), ("--scale", "ordinal")),
    "interval": (("1", "2", "4", "8"), ("--scale", "interval")),
}


def table(path: Path, labels: tuple[str, ...]) -> None:
    """Eighty items, three people with holes and two judges, who agree more often than not; two strata."""
    rng = random.Random(7)
    lines = ["item_id,h1,h2,h3,j1,j2,part"]
    for number in range(80):
        truth = rng.choice(labels)
        given = [truth if rng.random() < 0.7 else rng.choice(labels) for _ in range(5)]
        people = [label if rng.random() < 0.9 else "" for label in given[:3]]
        lines.append(",".join([f"i{number}", *people, *given[3:], "xy"[number % 2]]))
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")


def audited(
    folder: Path, repository: Path, labels: tuple[str, ...], more: tuple[str, ...], prelude: str
) -> dict[str, Any]:
    """audit.json of a new interpreter."""
    out = folder / "audit.json"
    arguments = ["judgeaudit", "audit", str(folder / "labels.csv"), "--human", "h1,h2,h3", "--judge", "j1,j2"]
    arguments += ["--labels", ",".join(labels), "--by", "part", "--pairs", "--json", str(out), *more]
    env = {**os.environ, "PYTHONPATH": str(repository)}
    code = prelude + RUN.format(arguments=arguments)
    subprocess.run([sys.executable, "-c", code], env=env, check=True, capture_output=True)
    found: dict[str, Any] = json.loads(out.read_text(encoding="utf-8"))
    return found


def numbers(value: object, path: str = "") -> dict[str, float]:
    """Every number of a record, by its place."""
    if isinstance(value, dict):
        return {
            place: number for key, part in value.items() for place, number in numbers(part, f"{path}/{key}").items()
        }
    if isinstance(value, list):
        return {place: n for key, part in enumerate(value) for place, n in numbers(part, f"{path}/{key}").items()}
    return {path: float(value)} if isinstance(value, int | float) and not isinstance(value, bool) else {}


@pytest.mark.parametrize("kind", KINDS)
def test_an_audit_without_the_package_gives_the_same_numbers(kind: str, repository: Path, tmp_path: Path) -> None:
    """Findings, contrasts and decisions agree to 1e-12, and `engines` and `versions` say which of the two computed alpha."""
    labels, more = KINDS[kind]
    table(tmp_path / "labels.csv", labels)
    by_package = audited(tmp_path, repository, labels, more, "")
    by_us = audited(tmp_path, repository, labels, more, REMOVED)
    assert by_package["engines"] == {"krippendorff_alpha": "krippendorff"}
    assert by_us["engines"] == {"krippendorff_alpha": "judgeaudit"}
    assert "krippendorff" in by_package["versions"]
    assert "krippendorff" not in by_us["versions"]
    alphas = [one for one in by_us["findings"] if one["statistic"].startswith("krippendorff_alpha")]
    assert sum(one["value"] is not None for one in alphas) >= 10
    expected, found = numbers(by_package), numbers(by_us)
    assert found.keys() == expected.keys()
    assert [found[place] for place in expected] == pytest.approx(list(expected.values()), rel=1e-12, abs=1e-12)
    for part in ("decisions", "warnings", "questions", "strata"):
        assert json.dumps(strip(by_us[part])) == json.dumps(strip(by_package[part]))


def strip(value: object) -> object:
    """A record without its numbers, which are compared apart."""
    if isinstance(value, dict):
        return {key: strip(part) for key, part in value.items()}
    if isinstance(value, list):
        return [strip(part) for part in value]
    return None if isinstance(value, float) else value
