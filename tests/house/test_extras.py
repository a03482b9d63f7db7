"""What an extra brings is asked for by the extra's name, never by a traceback."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest

#: extra -> the modules without which it is of no use, each tried absent below
DOORS = {
    "openai": ("openai",),
    "anthropic": ("anthropic",),
    "transformers": ("transformers",),
    "labelstudio": ("httpx", "label_studio_sdk"),
    "parquet": ("pyarrow",),
    "zstd": ("zstandard",),
    "inspect": ("zstandard",),
}
READ = "from judgeaudit.storage.files.read import read_table; read_table(Path({path!r}))"
WRITE = "from judgeaudit.storage.files.write import write_table; write_table(Path({path!r}), ['item_id', 'label'], [['i1', 'a']])"
JUDGE = "from judgeaudit.study import Study; Study({path!r}).judge()"
LOG = "from judgeaudit.storage.eval_logs.inspect.logs import read_inspect; read_inspect(Path({path!r}))"
CONNECT = "from judgeaudit.labelling.client.client import connect; connect('http://127.0.0.1:9', 'x' * 40)"
CHECK = "from judgeaudit.labelling.extra import check_form; check_form('<View/>', {{}})"
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
#: (extra, the module that is absent, file name, what is tried without it)
CASES = [
    ("parquet", "pyarrow", "there.parquet", READ),
    ("parquet", "pyarrow", "new.parquet", WRITE),
    ("zstd", "zstandard", "there.csv.zst", READ),
    ("zstd", "zstandard", "there.jsonl.zst", READ),
    ("inspect", "zstandard", "sums.eval", LOG),
    ("openai", "openai", "study-openai", JUDGE),
    ("anthropic", "anthropic", "study-anthropic", JUDGE),
    ("transformers", "transformers", "study-transformers", JUDGE),
    ("openai", "openai", "study-openai", GENERATE),
    ("anthropic", "anthropic", "study-anthropic", GENERATE),
    ("transformers", "transformers", "study-transformers", GENERATE),
    ("labelstudio", "httpx", "", CONNECT),
    ("labelstudio", "label_studio_sdk", "", CHECK),
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
@pytest.mark.parametrize(("extra", "module", "name", "action"), CASES, ids=lambda value: str(value)[:24])
def test_an_absent_extra_is_named(
    repository: Path, tables: Path, extra: str, module: str, name: str, action: str
) -> None:
    """Without what an extra brings the answer is one line of InputError that says how to install it."""
    code = WITHOUT.format(module=module, action=action.format(path=str(tables / name)))
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


def test_every_door_of_an_extra_is_tried_shut(repository: Path) -> None:
    """Every extra has a door, and each module of a door is tried absent above."""
    declared = tomllib.loads((repository / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    assert set(declared["optional-dependencies"]) - {"dev", "docs"} == set(DOORS)
    assert {(extra, module) for extra, modules in DOORS.items() for module in modules} == {case[:2] for case in CASES}
