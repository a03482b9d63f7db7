"""The shape of the package: folders that hold a handful of modules, modules of one subject, functions that fit on a screen."""

from __future__ import annotations

import ast
import sys
from collections import defaultdict
from collections.abc import Iterable, Iterator
from pathlib import Path

import pytest
from radon.complexity import cc_visit
from radon.visitors import Class, Function

MOST_MODULES = 20
MOST_SIBLINGS = 2
SHORTEST_MODULE, LONGEST_MODULE = 60, 500
LONGEST_FUNCTION = 60
MOST_COMPLEX = 15
#: Each command of the command line is one module, however short, and so is what it calls.
COMMANDS = "judgeaudit.cli"
#: A module may be the only door to any other package, however short it is.
NO_DOOR = {"judgeaudit", *sys.stdlib_module_names}


class Module:
    """A module of the package: its name, tree and imports, those inside functions and under TYPE_CHECKING too."""

    def __init__(self, path: Path, root: Path) -> None:
        parts = path.relative_to(root).with_suffix("").parts
        self.path = path
        self.is_package = parts[-1] == "__init__"
        self.name = ".".join(parts[:-1] if self.is_package else parts)
        self.text = path.read_text(encoding="utf-8")
        self.tree = ast.parse(self.text)

    @property
    def folder(self) -> str:
        """The package that the module stands in; a package stands in itself."""
        return self.name if self.is_package else self.name.rpartition(".")[0]

    @property
    def lines(self) -> int:
        return len(self.text.splitlines())

    def imported(self) -> Iterator[str]:
        """Every dotted name that an import mentions."""
        for node in ast.walk(self.tree):
            if isinstance(node, ast.Import):
                yield from (alias.name for alias in node.names)
            elif isinstance(node, ast.ImportFrom) and node.module:
                yield node.module
                yield from (f"{node.module}.{alias.name}" for alias in node.names)


@pytest.fixture(scope="module")
def modules(repository: Path) -> dict[str, Module]:
    """All modules of the package by name."""
    found = (Module(path, repository) for path in sorted((repository / "judgeaudit").rglob("*.py")))
    return {module.name: module for module in found}


@pytest.fixture(scope="module")
def imports(modules: dict[str, Module]) -> dict[str, set[str]]:
    """Module -> modules of the package that it imports. Nothing is imported from a package that holds only its docstring."""
    return {
        name: {one for one in module.imported() if one in modules and one != name} for name, module in modules.items()
    }


def circles(graph: dict[str, set[str]]) -> list[list[str]]:
    """Groups of nodes that reach each other: Tarjan's strongly connected components of two nodes or more."""
    index: dict[str, int] = {}
    low: dict[str, int] = {}
    stack: list[str] = []
    found: list[list[str]] = []

    def visit(node: str) -> None:
        index[node] = low[node] = len(index)
        stack.append(node)
        for one in graph.get(node, ()):
            if one not in index:
                visit(one)
                low[node] = min(low[node], low[one])
            elif one in stack:
                low[node] = min(low[node], index[one])
        if low[node] == index[node]:
            group = stack[stack.index(node) :]
            del stack[stack.index(node) :]
            if len(group) > 1:
                found.append(sorted(group))

    for node in graph:
        if node not in index:
            visit(node)
    return found


def test_circles_are_found() -> None:
    """The search names a circle of three and leaves what only leads to it."""
    assert circles({"a": {"b"}, "b": {"c"}, "c": {"b"}}) == [["b", "c"]]
    assert circles({"a": {"b"}, "b": {"c"}, "c": {"a"}, "d": {"a"}}) == [["a", "b", "c"]]
    assert circles({"a": {"b", "c"}, "b": {"c"}, "c": set()}) == []


def test_no_module_imports_itself_by_a_detour(imports: dict[str, set[str]]) -> None:
    """Modules form a directed acyclic graph, with imports inside functions and for types."""
    assert circles(imports) == []


def test_no_package_imports_itself_by_a_detour(modules: dict[str, Module], imports: dict[str, set[str]]) -> None:
    """Folders form a directed acyclic graph: two that need each other's modules are one folder, or a third is missing."""
    folders: dict[str, set[str]] = defaultdict(set)
    for name, found in imports.items():
        if name != "judgeaudit":  # loads what is public when it is asked for
            folders[modules[name].folder] |= {modules[one].folder for one in found} - {modules[name].folder}
    assert circles({folder: found - {"judgeaudit"} for folder, found in folders.items()}) == []


def in_folders(modules: Iterable[Module]) -> dict[str, list[str]]:
    """Folder -> the names of its modules, without the package's own."""
    folders: dict[str, list[str]] = defaultdict(list)
    for module in modules:
        if not module.is_package:
            folders[module.folder].append(module.name.rpartition(".")[2])
    return folders


def test_no_folder_is_crowded(modules: dict[str, Module]) -> None:
    """A folder holds at most twenty modules; a larger one lacks a folder inside."""
    sizes = {folder: len(names) for folder, names in in_folders(modules.values()).items()}
    assert {folder: size for folder, size in sizes.items() if size > MOST_MODULES} == {}


def test_a_shared_prefix_is_a_folder(modules: dict[str, Module]) -> None:
    """Three modules whose names begin with the same word stand in a folder of that name."""
    crowded = {}
    for folder, names in in_folders(modules.values()).items():
        prefixes: dict[str, list[str]] = defaultdict(list)
        for name in names:
            prefixes[name.split("_")[0]].append(name)
        crowded |= {f"{folder}: {word}": found for word, found in prefixes.items() if len(found) > MOST_SIBLINGS}
    assert crowded == {}


def test_modules_are_neither_dust_nor_heaps(modules: dict[str, Module], imports: dict[str, set[str]]) -> None:
    """A module has 60 to 500 lines.

    It may be shorter where two modules need it, where it is the one door to a package of others, or where it is a command
    of the command line or what one command calls.
    """
    importers: dict[str, set[str]] = defaultdict(set)
    for name, found in imports.items():
        for one in found:
            importers[one].add(name)
    doors: dict[str, set[str]] = defaultdict(set)
    for name, module in modules.items():
        for top in {one.split(".")[0] for one in module.imported()} - NO_DOOR:
            doors[top].add(name)
    alone = {name for users in doors.values() if len(users) == 1 for name in users}

    def may_be_short(name: str) -> bool:
        users = importers[name]
        return len(users) > 1 or name in alone or any(one.startswith(COMMANDS) for one in (name, *users))

    wrong = {
        name: module.lines
        for name, module in modules.items()
        if not module.is_package
        and name != "judgeaudit.__main__"
        and (module.lines > LONGEST_MODULE or (module.lines < SHORTEST_MODULE and not may_be_short(name)))
    }
    assert wrong == {}


def functions(blocks: Iterable[Function | Class]) -> Iterator[Function]:
    """All functions, with methods of classes and functions inside functions."""
    for block in blocks:
        if isinstance(block, Function):
            yield block
            yield from functions(block.closures)
        else:
            yield from functions([*block.methods, *block.inner_classes])


def test_functions_fit_on_a_screen(modules: dict[str, Module]) -> None:
    """A function has at most sixty lines, and at most fifteen ways through it as McCabe counts."""
    wrong = {}
    for name, module in modules.items():
        for one in functions(cc_visit(module.text)):
            lines = one.endline - one.lineno + 1
            if lines > LONGEST_FUNCTION or one.complexity > MOST_COMPLEX:
                wrong[f"{name}.{one.fullname}"] = (lines, one.complexity)
    assert wrong == {}


def test_each_package_says_what_is_inside(modules: dict[str, Module]) -> None:
    """The docstring of a package with modules names what is inside, and a file to start with where there are several."""
    wrong = []
    for folder, names in in_folders(modules.values()).items():
        told = ast.get_docstring(modules[folder].tree) or ""
        missing = not told or (len(names) > 2 and "Start in" not in told and ".py" not in told)
        wrong += [folder] if missing and folder != "judgeaudit" else []
    assert wrong == []


def test_what_a_docstring_of_a_package_names_is_there(modules: dict[str, Module], repository: Path) -> None:
    """Files and folders in backquotes in a package's docstring stand in that package, or are paths of the repository."""
    wrong = []
    for module in modules.values():
        if not module.is_package:
            continue
        told = ast.get_docstring(module.tree) or ""
        words = [word for word in told.replace("\n", " ").split("`")[1::2] if word.endswith((".py", "/"))]
        places = (module.path.parent, repository)
        wrong += [f"{module.name}: {word}" for word in words if not any((place / word).exists() for place in places)]
    assert wrong == []
