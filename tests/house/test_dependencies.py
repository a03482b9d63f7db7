"""What pyproject.toml declares is what the code imports, what constraints.txt pins and what the tests run with."""

from __future__ import annotations

import ast
import re
import tomllib
from importlib.metadata import version
from pathlib import Path

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name
from packaging.version import Version

#: distributions whose module has another name
MODULES = {"label-studio-sdk": "label_studio_sdk", "markdown-it-py": "markdown_it", "genai-prices": "genai_prices"}
FOR_WORK_ON_IT = ("dev", "docs")
#: package -> the modules that import it, below judgeaudit/
DOORS = {
    "statsmodels": {"stats/library.py"},
    "krippendorff": {"audit/agreement/alpha_package.py"},
    "httpx": {"labelling/client/requests.py", "labelling/extra.py"},
    "label_studio_sdk": {"labelling/extra.py"},
}


@pytest.fixture(scope="module")
def declared(repository: Path) -> dict[str, list[Requirement]]:
    """The requirements of the core, under "", and of each extra."""
    project = tomllib.loads((repository / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    lists = {"": project["dependencies"], **project["optional-dependencies"]}
    return {name: [Requirement(line) for line in lines] for name, lines in lists.items()}


@pytest.fixture(scope="module")
def pinned(repository: Path) -> dict[str, str]:
    """The releases of constraints.txt."""
    lines = (repository / "constraints.txt").read_text(encoding="utf-8").splitlines()
    pairs = [line.split("==") for line in lines if line and not line.startswith("#")]
    return {canonicalize_name(name): release.strip() for name, release in pairs}


def test_every_dependency_is_imported(repository: Path, declared: dict[str, list[Requirement]]) -> None:
    """A package is in the core, and an extra exists, only if code of judgeaudit imports it."""
    used = set().union(*(modules_of(path) for path in (repository / "judgeaudit").rglob("*.py")))
    for extra, requirements in declared.items():
        if extra not in FOR_WORK_ON_IT:
            assert {module(one) for one in requirements} - used == set(), f"never imported: [{extra}]"


@pytest.mark.parametrize("package", DOORS)
def test_a_package_has_one_door(repository: Path, package: str) -> None:
    """One module imports it, so one page of code says what it is used for."""
    home = repository / "judgeaudit"
    users = {path.relative_to(home).as_posix() for path in home.rglob("*.py") if package in modules_of(path)}
    assert users == DOORS[package]


def test_only_public_names_of_the_sdk_are_used(repository: Path) -> None:
    """Private attributes change without notice: the modules that talk to Label Studio read none of another object."""
    labelling = repository / "judgeaudit" / "labelling"
    for path in (labelling / "extra.py", *(labelling / "client").glob("*.py")):
        private = {
            node.attr
            for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
            if isinstance(node, ast.Attribute) and node.attr.startswith("_") and not node.attr.startswith("__")
            if not (isinstance(node.value, ast.Name) and node.value.id in ("self", "cls"))
        }
        assert private == set(), path


def test_constraints_fit_what_is_declared(declared: dict[str, list[Requirement]], pinned: dict[str, str]) -> None:
    """constraints.txt names one release of each declared package, and the declaration allows it."""
    for one in (one for requirements in declared.values() for one in requirements):
        release = pinned.get(canonicalize_name(one.name))
        assert release is not None, f"{one.name} is declared and not in constraints.txt"
        assert one.specifier.contains(release), f"constraints.txt has {one.name} {release}, declared is {one}"


def test_extras_for_work_repeat_the_others(declared: dict[str, list[Requirement]]) -> None:
    """A package that is declared twice is declared in the same words, so the tests run with what a user gets."""
    said: dict[str, str] = {}
    for one in (one for requirements in declared.values() for one in requirements):
        assert said.setdefault(canonicalize_name(one.name), str(one)) == str(one)


def test_the_sdk_of_label_studio_is_the_tested_one(
    repository: Path, declared: dict[str, list[Requirement]], pinned: dict[str, str]
) -> None:
    """One release is pinned, installed, allowed by the extra with its later corrections alone, and named in the decisions."""
    name = "label-studio-sdk"
    tested = Version(pinned[name])
    assert Version(version(name)) == tested
    allowed = next(one.specifier for one in declared["labelstudio"] if one.name == name)
    assert allowed.contains(str(tested))
    assert allowed.contains(f"{tested.major}.{tested.minor}.{tested.micro + 1}")
    others = (f"{tested.major}.{tested.minor}.{tested.micro - 1}", f"{tested.major}.{tested.minor + 1}.0")
    assert not any(allowed.contains(other) for other in others)
    decisions = (repository / "docs" / "decisions.md").read_text(encoding="utf-8")
    assert re.search(rf"label-studio-sdk`? {re.escape(str(tested))}\b", decisions)


def test_the_decisions_list_the_extras(repository: Path, declared: dict[str, list[Requirement]]) -> None:
    """docs/decisions.md names every extra that a user can install, and no other."""
    text = (repository / "docs" / "decisions.md").read_text(encoding="utf-8")
    told = next(line for line in text.splitlines() if line.startswith("What needs more is an extra"))
    assert set(re.findall(r"`(\w+)`", told)) == set(declared) - {"", *FOR_WORK_ON_IT}


def module(one: Requirement) -> str:
    return MODULES.get(one.name, one.name)


def modules_of(path: Path) -> set[str]:
    """The top-level modules that a file imports anywhere in it, by a statement or by a name for `import_module`."""
    nodes = list(ast.walk(ast.parse(path.read_text(encoding="utf-8"))))
    named = [name.name for node in nodes if isinstance(node, ast.Import) for name in node.names]
    named += [node.module for node in nodes if isinstance(node, ast.ImportFrom) and node.module]
    loaded = [name.name for node in nodes if isinstance(node, ast.ImportFrom) for name in node.names]
    if "import_module" in loaded:
        named += [node.value for node in nodes if isinstance(node, ast.Constant) and isinstance(node.value, str)]
    return {name.partition(".")[0] for name in named}
