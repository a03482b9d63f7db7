"""`judgeaudit import` and `label pull --from`: files told by what they hold, and every refusal with its mend."""

from __future__ import annotations

import gzip
import io
import json
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

Call = Callable[..., Any]
Refused = Callable[..., str]


def export(*, gold: bool = False) -> bytes:
    result = [{"from_name": "harm", "to_name": "r", "type": "choices", "value": {"choices": ["safe"]}}]
    stamp = "2026-05-01T10:00:00Z"
    one = {"id": 1, "completed_by": 7, "result": result, "ground_truth": gold, "updated_at": stamp}
    return json.dumps([{"id": 1, "data": {"item_id": "i1", "response": "text"}, "annotations": [one]}]).encode()


TABLE = (
    b'"annotation_id","annotator","harm","id","item_id","response","updated_at"\n'
    b'1,7,"safe",1,"i1","text","2026-05-01T10:00:00Z"\n'
)


@pytest.fixture
def folder(call_command: Call, tmp_path: Path) -> Path:
    call_command(["init", "s"], cwd=tmp_path)
    return tmp_path


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("e.json.gz", gzip.compress(export(), mtime=0)),
        ("e.json", gzip.compress(export(), mtime=0)),
        ("e.csv", export()),
        ("e", export()),
        ("e.csv.gz", gzip.compress(TABLE, mtime=0)),
        ("e.txt", b"\xef\xbb\xbf" + TABLE),
        ("outputs.csv.gz", gzip.compress(b"item_id,response\ni1,text\n", mtime=0)),
        ("outputs.jsonl", b'{"item_id": "i1", "response": "text"}\n'),
    ],
)
def test_a_file_is_told_by_what_it_holds(call_command: Call, folder: Path, name: str, content: bytes) -> None:
    """Without KIND, packed and misnamed exports come in as exports and tables as tables."""
    (folder / name).write_bytes(content)
    ran = call_command(["import", name, "s"], cwd=folder)
    assert ran.code == 0
    assert "outputs: 1 rows added" in ran.out
    assert ("annotations: 1 rows added" in ran.out) == (not name.startswith("outputs"))


def zipped() -> bytes:
    with io.BytesIO() as stream:
        with zipfile.ZipFile(stream, "w") as archive:
            archive.writestr("result.json", export())
        return stream.getvalue()


@pytest.mark.parametrize(
    ("name", "content", "message"),
    [
        (
            "e.zip",
            zipped(),
            "e.zip: a zip archive; unzip it and name the file inside, or write `judgeaudit import label-studio e.zip`",
        ),
        ("e.csv", b"", "e.csv: the file is empty; there is nothing to import"),
        ("e.json", b"", "e.json: the file is empty; there is nothing to import"),
        (
            "e.json",
            b'{"images": [], "annotations": [], "categories": []}',
            "e.json: not a Label Studio export; expected tasks with annotations (JSON), or rows with id, annotator and "
            "annotation_id (JSON_MIN, CSV, TSV)",
        ),
        (
            "e.csv",
            TABLE[:-12],
            "e.csv: row 1 ends within a cell; the file was cut or edited, export the project again",
        ),
        (
            "e.csv",
            TABLE.partition(b"\n")[0] + b"\n",
            "e.csv: the export holds no annotations: nobody had labelled a task of the project when it was made",
        ),
    ],
)
def test_what_cannot_come_in_says_how_it_could(
    refused: Refused, folder: Path, name: str, content: bytes, message: str
) -> None:
    """One line, and nothing is written."""
    (folder / name).write_bytes(content)
    assert refused(["import", name, "s"], cwd=folder) == message
    assert not (folder / "s" / "outputs.jsonl").exists()


def test_a_study_that_is_not_there_is_named_as_it_was(refused: Refused, folder: Path) -> None:
    """`judgeaudit init` is proposed for the folder that was asked for, not for the one around it."""
    (folder / "e.json").write_bytes(export())
    said = refused(["import", "label-studio", "e.json", "new"], cwd=folder)
    assert said == "new/study.toml: no such file; `judgeaudit init new` makes a study"


def test_ground_truth_comes_in_by_its_flag(call_command: Call, refused: Refused, folder: Path) -> None:
    """What left it out names the flag that takes it; the flag belongs to exports alone."""
    (folder / "e.json").write_bytes(export(gold=True))
    assert "--keep-ground-truth" in call_command(["import", "e.json", "s"], cwd=folder).err
    ran = call_command(["import", "e.json", "s", "--keep-ground-truth"], cwd=folder)
    assert "annotations: 1 rows added" in ran.out
    (folder / "o.csv").write_text("item_id,response\ni1,text\n", encoding="utf-8")
    said = refused(["import", "o.csv", "s", "--keep-ground-truth"], cwd=folder)
    assert said == (
        "--keep-ground-truth: belongs to exports of Label Studio, and o.csv is imported as table; leave it away"
    )


def test_a_pull_from_a_file_wants_the_study_s_own_tasks(refused: Refused, folder: Path) -> None:
    """An export of another project is an import, which the refusal names."""
    (folder / "e.json").write_bytes(export())
    assert refused(["label", "pull", "s", "--from", "e.json"], cwd=folder) == (
        "e.json: no task of this export belongs to the plan of this study; labels of another project come in with "
        "`judgeaudit import label-studio e.json s`"
    )
