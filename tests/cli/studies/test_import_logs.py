"""`judgeaudit import` of logs of evaluations: told by what they hold, options where they belong, every refusal in one line."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

Call = Callable[..., Any]
Refused = Callable[..., str]


@pytest.fixture
def folder(call_command: Call, repository: Path, tmp_path: Path) -> Path:
    """A folder with a study s and the small logs."""
    call_command(["init", "s"], cwd=tmp_path)
    shutil.copytree(repository / "tests" / "logs", tmp_path / "logs")
    return tmp_path


RUN = "logs/lm-eval-0.4.13/runs__sft__checkpoint-200"
STAMP = "2026-05-01T10-00-00.000000"


@pytest.mark.parametrize(
    ("path", "printed"),
    [
        ("logs/lm-eval-0.4.13", "capability: 3 rows added\noutputs: 4 rows added\n"),
        (RUN, "capability: 3 rows added\noutputs: 4 rows added\n"),
        (f"{RUN}/results_{STAMP}.json", "capability: 3 rows added\n"),
        (f"{RUN}/samples_mini_harm_{STAMP}.jsonl", "outputs: 4 rows added\n"),
        ("logs/lm-eval-0.4.2", "capability: 2 rows added\noutputs: 2 rows added\n"),
        ("logs/lm-eval-0.4.2/results.json", "capability: 2 rows added\n"),
        ("logs/inspect-0.3.285/sums.eval", "capability: 1 rows added\n"),
        ("logs/inspect-0.3.285/locks.json", "outputs: 4 rows added\n"),
        ("logs/inspect-0.3.285", "capability: 1 rows added\noutputs: 4 rows added\n"),
    ],
)
def test_logs_are_told_by_what_they_hold(call_command: Call, folder: Path, path: str, printed: str) -> None:
    """Without KIND, files and folders of both programs, old and new, come in as what they are."""
    ran = call_command(["import", path, "s"], cwd=folder)
    assert ran.code == 0, ran.err
    assert ran.out.endswith(printed)


def test_the_suffix_does_not_tell(call_command: Call, folder: Path) -> None:
    """An archive, and a log in JSON, are what they hold, whatever they are called."""
    shutil.move(folder / "logs/inspect-0.3.285/sums.eval", folder / "a.zip")
    shutil.move(folder / "logs/inspect-0.3.285/locks.json", folder / "b.txt")
    assert call_command(["import", "a.zip", "s"], cwd=folder).out.endswith("capability: 1 rows added\n")
    assert call_command(["import", "b.txt", "s"], cwd=folder).out.endswith("outputs: 4 rows added\n")


def test_what_was_left_out_is_said(call_command: Call, folder: Path) -> None:
    """On the screen, with the flag that takes it."""
    ran = call_command(["import", "lm-eval", "logs/lm-eval-0.4.13", "s"], cwd=folder)
    assert ran.out.splitlines() == [
        "lm-eval-0.4.13: mini_sums: exact_match,strict-match is the score; there are exact_match,flexible-extract, too: "
        "--metric takes another",
        "lm-eval-0.4.13: mini_sums: its texts were left out, since exact_match,strict-match scores it; --what both takes "
        "them, too",
        "capability: 3 rows added",
        "outputs: 4 rows added",
    ]


NO_RESULTS = "no 'results' with the scores of tasks and 'config', so it is no results_*.json of lm-evaluation-harness"
NAME_ONE = "name that, a samples_*.jsonl, or the folder that --output_path named"
NO_FILES = (
    "no results_*.json and no samples_*.jsonl of lm-evaluation-harness in this folder; name what --output_path named"
)
NOTHING = "there is nothing to import: neither a score nor a generated text that these options take; see --what and --capability-tasks"
OLD = "logs/lm-eval-0.4.2 is imported as lm-eval; leave it away"
BOTH = "logs of lm-eval and of inspect lie in this folder; say which, as in `judgeaudit import lm-eval logs`"


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["logs/none", "s"], "logs/none: no such file"),
        (["lm-eval"], "import lm-eval: name the file, too"),
        (["lm-eval", "empty", "s"], f"empty: {NO_FILES}"),
        (
            ["inspect", "empty", "s"],
            "empty: no log of Inspect (.eval or .json) in this folder; name what --log-dir named",
        ),
        (["empty", "s"], "empty is a folder; name the file to import, as in `judgeaudit import PATH empty`"),
        (["logs", "s"], f"logs: {BOTH}"),
        (
            ["lm-eval", "logs/inspect-0.3.285/sums.json", "s"],
            f"logs/inspect-0.3.285/sums.json: {NO_RESULTS}; {NAME_ONE}",
        ),
        (
            ["lm-eval", "logs/lm-eval-0.4.13", "s", "--what", "output"],
            "--what 'output' (did you mean 'outputs'?): it is capability, outputs, both",
        ),
        (
            ["t.csv", "s", "--model", "m"],
            "--model: belongs to logs of lm-eval and inspect, and t.csv is imported as table; leave it away",
        ),
        (["logs/lm-eval-0.4.2", "s", "--sep", ";"], f"--sep: belongs to tables, and {OLD}"),
        (
            ["logs/lm-eval-0.4.2", "s", "--keep-ground-truth"],
            f"--keep-ground-truth: belongs to exports of Label Studio, and {OLD}",
        ),
        (["logs/lm-eval-0.4.2/results.json", "s", "--what", "outputs"], f"logs/lm-eval-0.4.2/results.json: {NOTHING}"),
    ],
)
def test_what_cannot_be_imported_is_refused(refused: Refused, folder: Path, arguments: list[str], message: str) -> None:
    """With exit code 2, one line and nothing written."""
    (folder / "empty").mkdir()
    (folder / "t.csv").write_text("item_id,response\ni1,x\n", encoding="utf-8")
    assert refused(["import", *arguments], cwd=folder) == message
    assert [name for name in ("capability.csv", "outputs.jsonl") if (folder / "s" / name).exists()] == []


def capability(folder: Path, *rows: str) -> Path:
    (folder / "c.csv").write_text("\n".join(["model,checkpoint,task,score,n", *rows]) + "\n", encoding="utf-8")
    return folder / "c.csv"


TWICE = "has it with another value; keep one of the two"


@pytest.mark.parametrize(
    ("rows", "message"),
    [
        (["m,c,boolq,71%,9"], "c.csv row 2, column 'score': '71%' is not a number, which score has to be; write 0.71"),
        (["m,c,boolq,0.7,0"], "c.csv row 2, column 'n': '0' items were measured; write how many, or nothing"),
        (
            ["m,c,boolq,0.7,9", "m,c,boolq,0.6,9"],
            "c.csv row 3, column 'score': model 'm' checkpoint 'c' task 'boolq': row 2 " + TWICE,
        ),
    ],
)
def test_capability_that_cannot_be_read_is_refused(
    refused: Refused, folder: Path, rows: list[str], message: str
) -> None:
    """With the row, and how to write it."""
    capability(folder, *rows)
    assert refused(["import", "capability", "c.csv", "s"], cwd=folder) == message


def test_odd_capability_is_said(call_command: Call, folder: Path) -> None:
    """Scores that are no shares and scores without a number of items come in, and both are told."""
    capability(folder, "m,c,boolq,71.2,9", "m,d,boolq,0.6,")
    ran = call_command(["import", "capability", "c.csv", "s"], cwd=folder)
    assert (ran.code, ran.out) == (0, "capability: 2 rows added\n")
    assert ran.err.splitlines() == [
        "warning: c.csv: 1 of 2 scores are above 1, '71.2' first: a share is written 0.71, not 71; the goal in study.toml "
        "has to be on the scale of its task",
        "warning: c.csv: 1 of 2 scores have no n: how sure they are cannot be told",
    ]


def test_one_checkpoint_has_one_step(refused: Refused, folder: Path) -> None:
    """A table that gives the same checkpoint two of them is told."""
    rows = [{"model": "m", "checkpoint": "c", "step": step, "score": 0.5, "n": 9} for step in (1, 2)]
    (folder / "c.jsonl").write_text("".join(json.dumps(row) + "\n" for row in rows), encoding="utf-8")
    said = refused(["import", "capability", "c.jsonl", "s"], cwd=folder)
    assert (
        said
        == "c.jsonl row 2, column 'step': model 'm' checkpoint 'c': row 1 has it with another value; keep one of the two"
    )
