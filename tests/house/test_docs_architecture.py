"""docs/architecture.md: one page, whose layers and names are those of the code."""

from __future__ import annotations

import ast
import re
import tomllib
from pathlib import Path

import pytest

MOST_LINES = 130
#: `folder/module.py: name`, or a path alone
NAMED = re.compile(r"`([a-z_]+(?:/[a-z_]+)*(?:\.py|/))(?:: ([A-Za-z_]+))?`")


@pytest.fixture(scope="module")
def page(repository: Path) -> str:
    """The text of the page."""
    return (repository / "docs/architecture.md").read_text(encoding="utf-8")


def defined(path: Path) -> set[str]:
    """Names of functions, classes and constants of a module."""
    tree = ast.parse(path.read_text(encoding="utf-8"))
    names = {node.name for node in tree.body if isinstance(node, ast.FunctionDef | ast.ClassDef)}
    targets = [target for node in tree.body if isinstance(node, ast.Assign) for target in node.targets]
    return names | {target.id for target in targets if isinstance(target, ast.Name)}


def test_every_file_and_function_is_there(page: str, repository: Path) -> None:
    """A path in the page leads to a file or folder of the package, and the name behind it is defined there."""
    found = NAMED.findall(page)
    assert len(found) > 30
    wrong = []
    for path, name in found:
        place = repository / "judgeaudit" / path
        if path.startswith(("tests/", "judgeaudit/")):
            place = repository / path
        if not place.exists() or (name and name not in defined(place)):
            wrong.append(f"{path}: {name}" if name else path)
    assert wrong == []


def test_layers_are_those_of_the_contract(page: str, repository: Path) -> None:
    """The picture lists the layers of the import contract, from top to bottom."""
    settings = tomllib.loads((repository / "pyproject.toml").read_text(encoding="utf-8"))
    layers = next(one["layers"] for one in settings["tool"]["importlinter"]["contracts"] if one["type"] == "layers")
    wanted = [re.findall(r"judgeaudit\.(\w+)", layer) for layer in layers]
    picture = page.split("```text\n")[1].split("```")[0].splitlines()
    shown = [re.findall(r"\w+", re.split(r"\s{3,}", line)[0]) for line in picture if not line.startswith(" ")]
    assert shown == wanted


def test_each_way_crosses_each_layer_once(page: str) -> None:
    """Once a way has left a layer it does not come back: each stands in one row of its table, and rows below belong to it."""
    for way in page.split("## The way of ")[1:]:
        layers = [
            cell for cell in re.findall(r"^\| ([a-z]+) \|", way.split("\n## ")[0], re.MULTILINE) if cell != "layer"
        ]
        assert len(layers) >= 2
        assert layers == [*dict.fromkeys(layers)], way.splitlines()[0]


def test_it_is_one_page(page: str) -> None:
    """What is longer belongs to the docstring of a folder."""
    assert len(page.splitlines()) <= MOST_LINES
