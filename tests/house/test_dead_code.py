"""Code that no command and no public name leads to is dead, whatever tests it."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

#: a name of a module: where it is defined, and how it is called there
Name = tuple[str, str]
SCRIPTS = ("benchmarks", "examples", "annotations")
ENTRY: Name = ("judgeaudit.cli.main", "main")
#: shipped before its caller: why
WAITING: dict[Name, str] = {
    ("judgeaudit.stats.rates.hui_walter", "hui_walter"): "a documented estimator that no audit calls yet",
}
#: called by name from outside: notebooks show an object by this method
BY_CONVENTION = {"_repr_html_"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Module:
    """A parsed file. `imported` maps a local name to what it stands for; a module stands for itself under the name ''."""

    name: str
    tree: ast.Module
    imported: dict[str, set[Name]]


@pytest.fixture(scope="module")
def modules(repository: Path) -> dict[str, Module]:
    """The package's files and the scripts that use it."""
    files = [path for folder in ("judgeaudit", *SCRIPTS) for path in (repository / folder).rglob("*.py")]
    trees = {module_name(path, repository): ast.parse(path.read_text(encoding="utf-8")) for path in files}
    return {name: Module(name=name, tree=tree, imported=imports(tree, trees)) for name, tree in trees.items()}


def module_name(path: Path, repository: Path) -> str:
    parts = path.relative_to(repository).with_suffix("").parts
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


def imports(tree: ast.Module, known: dict[str, ast.Module]) -> dict[str, set[Name]]:
    """What each imported name stands for, wherever in the file it is imported."""
    found: dict[str, set[Name]] = {}
    for node in ast.walk(tree):
        if isinstance(node, ast.ImportFrom) and node.module:
            for one in node.names:
                full = f"{node.module}.{one.name}"
                found.setdefault(one.asname or one.name, set()).add(
                    (full, "") if full in known else (node.module, one.name)
                )
    return found


def defined(node: ast.stmt) -> list[str]:
    """The names that a statement of a module defines."""
    if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
        return [node.name]
    targets = node.targets if isinstance(node, ast.Assign) else [node.target] if isinstance(node, ast.AnnAssign) else []
    return [part.id for target in targets for part in ast.walk(target) if isinstance(part, ast.Name)]


def references(module: Module, node: ast.AST) -> Iterator[Name]:
    """What a piece of code names: its own module's names, imported ones, those of an imported module, and names in strings."""
    for part in ast.walk(node):
        if isinstance(part, ast.Name):
            yield from looked_up(module, part.id)
        elif isinstance(part, ast.Attribute) and isinstance(part.value, ast.Name):
            yield from ((home, part.attr) for home, name in module.imported.get(part.value.id, ()) if not name)
        elif isinstance(part, ast.Constant) and isinstance(part.value, str) and re.fullmatch(r"[\w.:]+", part.value):
            home, _, name = part.value.replace(":", ".").rpartition(".")
            beside = f"{module.name.rpartition('.')[0]}.{home}"  # `auditing.audit:audit`, as the command line names its verbs
            yield from [(home, name), (beside, name)] if home else looked_up(module, name)


def looked_up(module: Module, name: str) -> set[Name]:
    return {(module.name, name), *module.imported.get(name, ())}


def roots(modules: dict[str, Module]) -> Iterator[Name]:
    """What is used from outside: the command, public names, scripts, and what runs when a module is imported."""
    yield ENTRY
    for module in modules.values():
        outside = not module.name.startswith("judgeaudit.")
        for node in module.tree.body:
            if outside or not defined(node):
                yield from references(module, node)
    for module in modules.values():
        yield from loaded_by_name(module)
    public = modules["judgeaudit"].tree
    homes = [node for node in ast.walk(public) if isinstance(node, ast.Dict)]
    yield from (
        (str(home.value), str(name.value))
        for one in homes
        for name, home in zip(one.keys, one.values, strict=True)
        if isinstance(name, ast.Constant) and isinstance(home, ast.Constant)
    )


def loaded_by_name(module: Module) -> Iterator[Name]:
    """What `import_module(NAME).attribute` leads to: the attribute in every module that a string of the file names."""
    attributes = {
        part.attr
        for part in ast.walk(module.tree)
        if isinstance(part, ast.Attribute)
        and isinstance(part.value, ast.Call)
        and isinstance(part.value.func, ast.Name)
        and part.value.func.id == "import_module"
    }
    homes = {
        part.value for part in ast.walk(module.tree) if isinstance(part, ast.Constant) and isinstance(part.value, str)
    }
    yield from ((home, name) for home in homes if home.startswith("judgeaudit.") for name in attributes)


def dead_names(modules: dict[str, Module], alive: set[Name]) -> set[Name]:
    """Names of the package that nothing in `alive` leads to."""
    nodes = {
        (module.name, name): node
        for module in modules.values()
        if module.name.startswith("judgeaudit.")
        for node in module.tree.body
        for name in defined(node)
        if not name.startswith("__")
    }
    seen: set[Name] = set()
    todo = list(alive)
    while todo:
        name = todo.pop()
        if name in seen:
            continue
        seen.add(name)
        if name in nodes:
            todo += references(modules[name[0]], nodes[name])
        elif name[0] in modules:
            todo += modules[name[0]].imported.get(name[1], ())
    return nodes.keys() - seen


def test_every_name_is_used(modules: dict[str, Module]) -> None:
    """A function, class or constant that only tests use is deleted, or moves into the test whose oracle it is."""
    used = set(roots(modules))
    assert dead_names(modules, {*used, *WAITING}) == set()
    assert dead_names(modules, used) >= WAITING.keys(), "these have a caller now: take them off the list"


def test_every_method_is_used(modules: dict[str, Module], repository: Path) -> None:
    """A method or property is named somewhere: in code, in a template of a page, or in the documentation."""
    pages = [*(repository / "docs").rglob("*.md"), *(repository / "judgeaudit").rglob("*.j2"), repository / "README.md"]
    words = {word for path in pages for word in re.findall(r"\w+", path.read_text(encoding="utf-8"))}
    nodes = [(module.name, node) for module in modules.values() for node in ast.walk(module.tree)]
    words |= {node.attr for _, node in nodes if isinstance(node, ast.Attribute)}
    methods = [
        (node.name, method.name)
        for home, node in nodes
        if isinstance(node, ast.ClassDef) and home.startswith("judgeaudit.")
        for method in node.body
        if isinstance(method, ast.FunctionDef) and not method.name.startswith("__")
        if not any("validator" in ast.unparse(decorator) for decorator in method.decorator_list)
    ]
    assert [f"{owner}.{name}" for owner, name in methods if name not in words | BY_CONVENTION] == []
