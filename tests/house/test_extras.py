"""What an extra brings is asked for by the extra's name, never by a traceback."""

from __future__ import annotations

import ast
import os
import shutil
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest

#: extra -> the module that it brings
DOORS = {
    "openai": "openai",
    "anthropic": "anthropic",
    "transformers": "transformers",
    "labelstudio": "label_studio_sdk",
    "parquet": "pyarrow",
    "zstd": "zstandard",
    "ray": "ray",
    "inspect": "zstandard",
    "pdf": "typst",
}
READ = "from judgeaudit.storage.files.read import read_table; read_table(Path({path!r}))"
WRITE = "from judgeaudit.storage.files.write import write_table; write_table(Path({path!r}), ['item_id', 'label'], [['i1', 'a']])"
JUDGE = "from judgeaudit.study import Study; Study({path!r}).judge()"
LOG = "from judgeaudit.storage.eval_logs.inspect.logs import read_inspect; read_inspect(Path({path!r}))"
GENERATE = "from judgeaudit.study import Study; Study({path!r}).generate()"
STUDY = """
[questions.harm]
scale = "binary"
labels = ["safe", "unsafe"]
[generate.models.model]
kind = {kind!r}
model = "m"
[judges.model]
kind = {kind!r}
model = "m"
"""
SERVER = 'base_url = "http://127.0.0.1:9"\n'
#: (extra, file name, what is tried without it)
CASES = [
    ("parquet", "there.parquet", READ),
    ("parquet", "new.parquet", WRITE),
    ("zstd", "there.csv.zst", READ),
    ("zstd", "there.jsonl.zst", READ),
    ("inspect", "sums.eval", LOG),
    ("openai", "study-openai", JUDGE),
    ("anthropic", "study-anthropic", JUDGE),
    ("transformers", "study-transformers", JUDGE),
    ("openai", "study-openai", GENERATE),
    ("anthropic", "study-anthropic", GENERATE),
    ("transformers", "study-transformers", GENERATE),
]
WITHOUT = """
import sys
from pathlib import Path

class Absent:
    def find_spec(self, name, path=None, target=None):
        if name.partition(".")[0] == {module!r}:
            raise ModuleNotFoundError(f"No module named {{name!r}}", name=name)

sys.meta_path.insert(0, Absent())
from judgeaudit.domain.errors import InputError
try:
    {action}
except InputError as error:
    print(error)
else:
    sys.exit("no InputError was raised")
"""


@pytest.fixture
def tables(repository: Path, tmp_path: Path) -> Path:
    """A folder with one small table in each format that needs an extra, and a study for each service that does."""
    import pyarrow as pa
    import pyarrow.parquet as pq
    import zstandard

    pq.write_table(pa.table({"item_id": ["i1"], "label": ["a"]}), tmp_path / "there.parquet")
    shutil.copy(repository / "tests" / "logs" / "inspect-0.3.285" / "sums.eval", tmp_path)
    pressed = zstandard.ZstdCompressor()
    (tmp_path / "there.csv.zst").write_bytes(pressed.compress(b"item_id,label\ni1,a\n"))
    (tmp_path / "there.jsonl.zst").write_bytes(pressed.compress(b'{"item_id": "i1", "label": "a"}\n'))
    for kind, more in (("openai", SERVER), ("anthropic", SERVER), ("transformers", "")):
        folder = tmp_path / f"study-{kind}"
        folder.mkdir()
        (folder / "study.toml").write_text(STUDY.format(kind=kind) + more, encoding="utf-8")
        (folder / "outputs.jsonl").write_text('{"item_id": "i1", "response": "a"}\n', encoding="utf-8")
        (folder / "prompts.jsonl").write_text('{"prompt_id": "p1", "prompt": "a"}\n', encoding="utf-8")
    return tmp_path


@pytest.mark.slow
@pytest.mark.parametrize(("extra", "name", "action"), CASES, ids=lambda value: str(value)[:24])
def test_an_absent_extra_is_named(repository: Path, tables: Path, extra: str, name: str, action: str) -> None:
    """Without what an extra brings the answer is one line of InputError that says how to install it."""
    code = WITHOUT.format(module=DOORS[extra], action=action.format(path=str(tables / name)))
    done = subprocess.run(
        [sys.executable, "-c", code],
        capture_output=True,
        encoding="utf-8",
        env={**os.environ, "PYTHONPATH": str(repository)},
        check=False,
    )
    assert done.returncode == 0, done.stderr
    assert f"judgeaudit-toolkit[{extra}]" in done.stdout
    assert len(done.stdout.strip().splitlines()) == 1


def test_every_extra_in_use_has_a_case(repository: Path) -> None:
    """A module of an extra that the package imports is tried absent above; an extra without a door is not forgotten."""
    declared = tomllib.loads((repository / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    assert set(declared["optional-dependencies"]) - {"dev", "docs"} == set(DOORS)
    used = set().union(*(imported_by(path) for path in (repository / "judgeaudit").rglob("*.py")))
    assert {extra for extra, module in DOORS.items() if module in used} - {case[0] for case in CASES} == set()


def imported_by(path: Path) -> set[str]:
    """The top-level modules that a file imports anywhere in it."""
    found: set[str] = set()
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            found.update(name.name.partition(".")[0] for name in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module:
            found.add(node.module.partition(".")[0])
    return found
