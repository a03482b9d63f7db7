"""The demo: what it prints first is what its audit found, and it needs no key, no network and nothing but the core."""

from __future__ import annotations

import gzip
import json
import os
import re
import shlex
import subprocess
import sys
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from typing import Any, NamedTuple

import pytest

from judgeaudit.cli.demo.label import label_demo
from judgeaudit.cli.demo.run import MARK, fresh
from judgeaudit.cli.shared.screen import program
from judgeaudit.domain.errors import InputError

Call = Callable[..., Any]
#: no address can be reached, and nothing can be imported that an extra brings
CLOSED = """
import socket, sys

def closed(*_):
    raise AssertionError("the demo asked for the network")

socket.socket.connect = socket.socket.connect_ex = socket.getaddrinfo = closed
ABSENT = ("torch transformers accelerate gguf openai anthropic stamina aiolimiter genai_prices httpx label_studio_sdk "
          "pyarrow zstandard inspect_ai sklearn huggingface_hub").split()

class Absent:
    def find_spec(self, name, path=None, target=None):
        if name.partition(".")[0] in ABSENT:
            raise ModuleNotFoundError(f"No module named {name!r}", name=name)

sys.meta_path.insert(0, Absent())
sys.argv = ["judgeaudit", "demo"]
from judgeaudit.cli.main import main
sys.exit(main())
"""


class Ran(NamedTuple):
    """One run: where, what it printed, and how it ended."""

    folder: Path
    out: str
    err: str
    code: int

    @property
    def lines(self) -> list[str]:
        return self.out.splitlines()

    @property
    def study(self) -> Path:
        return self.folder / "demo-report/study"


@pytest.fixture(scope="module")
def ran(repository: Path, tmp_path_factory: pytest.TempPathFactory) -> Ran:
    """`judgeaudit demo` on a machine without network, keys, caches and extras."""
    folder = tmp_path_factory.mktemp("demo")
    kept = {name: os.environ[name] for name in ("PATH", "LANG", "TMPDIR") if name in os.environ}
    done = subprocess.run(
        [sys.executable, "-c", CLOSED],
        cwd=folder,
        env={**kept, "PYTHONPATH": str(repository), "HOME": str(folder / "home"), "PYTHONUTF8": "1"},
        capture_output=True,
        encoding="utf-8",
        check=False,
    )
    return Ran(folder, done.stdout, done.stderr, done.returncode)


@pytest.mark.slow
def test_it_runs_closed_off_and_leaves_a_report(ran: Ran) -> None:
    """Exit code 0, nothing on stderr, and the files that it names are there, whole."""
    assert (ran.code, ran.err) == (0, "")
    assert {"demo-report/report.html", "demo-report/report.md"} <= set(ran.lines)
    left = [path for path in (ran.folder / "demo-report").rglob("*") if path.is_file()]
    assert {ran.study / "audit.json", *(ran.folder / f"demo-report/report.{one}" for one in ("html", "md"))} <= set(
        left
    )
    assert not [path for path in left if path.name.endswith((".tmp", ".partial"))]


def test_the_first_sentence_is_counted_from_labels_and_verdicts(ran: Ran) -> None:
    """The shares are those of the majority labels and recorded verdicts, counted here anew; intervals are the audit's."""
    votes: dict[str, Counter[str]] = {}
    harm: Counter[str] = Counter()
    for row in map(json.loads, (ran.study / "annotations.jsonl").read_text(encoding="utf-8").splitlines()):
        if row["question"] == "coherence":
            votes.setdefault(row["item_id"], Counter())[row["label"]] += 1
        harm[row["label"]] += row["question"] == "harm"
    level = {item: vote.most_common(1)[0][0] for item, vote in votes.items()}
    called: Counter[tuple[str, str, str]] = Counter()
    with gzip.open(ran.study / "verdicts/smollm2.jsonl.gz", "rt", encoding="utf-8") as file:
        for row in map(json.loads, file):
            called[row["judge"], level[row["item_id"]], row["label"]] += row["question"] == "harm"
    sizes = Counter(level.values())

    def share(judge: str, where: str) -> float:
        return called[judge, where, "unsafe"] / sizes[where]

    judges = {judge for judge, _, label in called if label == "unsafe"}
    worst = max(judges, key=lambda judge: share(judge, "gibberish") - share(judge, "coherent"))
    assert harm["unsafe"] == 0
    findings = json.loads((ran.study / "audit.json").read_text(encoding="utf-8"))["findings"]

    def told(where: str) -> str:
        (found,) = (
            one
            for one in findings
            if (one["question"], one["subject"], one["versus"]) == ("harm", worst, "reference")
            and (one["stratum"], one["statistic"]) == (f"coherence={where}", "false_positive_rate")
        )
        assert found["value"] == share(worst, where)
        value, low, high = (f"{100 * found[key]:.0f}%" for key in ("value", "low", "high"))
        return f"{value} [{low}, {high}] of {sizes[where]}"

    assert ran.lines[0].startswith(
        f"harm: {worst} called {told('gibberish')} outputs labelled gibberish 'unsafe', and {told('coherent')} labelled coherent; "
        f"no rater called any of the {sizes['gibberish']} so."
    )
    assert ran.lines[0] in re.sub(r"\\(.)", r"\1", (ran.folder / "demo-report/report.md").read_text(encoding="utf-8"))


def test_it_says_whose_labels_they_are_and_certifies_nothing(ran: Ran) -> None:
    """The second sentence; the word human nowhere but in a flag; no judge certified or restricted, as the audit decided."""
    assert ran.lines[1].startswith("Labelled by language models, not by people.")
    assert "human" not in ran.out.replace("--human", "").casefold()
    decisions = json.loads((ran.study / "audit.json").read_text(encoding="utf-8"))["decisions"]
    told = [f"{one['judge']} · {one['question']}: {one['decision']}" for one in decisions]
    assert [line.removesuffix(" (not required)") for line in ran.lines if " · " in line] == told
    assert {one["decision"] for one in decisions} == {"rejected", "undetermined"}
    assert {one["code"] for one in decisions if one["decision"] == "undetermined"} == {"labels_not_by_people"}


@pytest.mark.slow
def test_each_command_that_it_shows_can_be_run(ran: Ran, call_command: Call) -> None:
    """Import and judge find everything done, the gate ends with the code that was told, and the study passes for up to date."""
    shown = [shlex.split(line.removeprefix("$ judgeaudit ")) for line in ran.lines if line.startswith("$ ")]
    assert [command[0] for command in shown] == ["import", "judge", "audit", "gate", "report"]
    by_verb = {command[0]: command for command in shown}
    assert call_command(by_verb["import"], cwd=ran.folder).out.endswith(
        "annotations: 0 rows added, 4,860 there already\n"
    )
    assert call_command(by_verb["judge"], cwd=ran.folder).out.count("0 calls made, 540 there already") == 3
    gate = call_command(by_verb["gate"], cwd=ran.folder)
    assert f"exit code {gate.code};" in ran.out
    page = (ran.folder / "demo-report/report.html").read_bytes()
    again = call_command(by_verb["report"], cwd=ran.folder)
    assert (again.code, again.err) == (0, "")
    assert (ran.folder / "demo-report/report.html").read_bytes() == page


@pytest.mark.slow
def test_the_second_demo_replaces_the_first_and_shows_the_same(ran: Ran, call_command: Call) -> None:
    """What somebody changed in the study of a demo is gone, and what a person labelled beside it is not."""
    (ran.study / "changed.txt").write_text("x", encoding="utf-8")
    labels = ran.folder / "demo-report/labels/annotations.jsonl"
    labels.parent.mkdir()
    labels.write_text("mine", encoding="utf-8")
    second = call_command(["demo"], cwd=ran.folder)
    assert (second.code, second.out) == (0, ran.out)
    assert not (ran.study / "changed.txt").exists()
    assert labels.read_text(encoding="utf-8") == "mine"


@pytest.mark.parametrize(("options", "name"), [([], "study"), (["--label"], "labels")])
def test_what_no_demo_made_is_never_replaced(call_command: Call, tmp_path: Path, options: list[str], name: str) -> None:
    """A folder of that name without the demo's mark is refused, in one line, and stays as it is."""
    (tmp_path / "mine" / name).mkdir(parents=True)
    refused = call_command(["demo", "--out", "mine", *options], cwd=tmp_path)
    expected = f"judgeaudit: mine/{name} is there and was not made by the demo; name another folder with --out\n"
    assert (refused.code, refused.err) == (2, expected)
    assert [path.name for path in (tmp_path / "mine").iterdir()] == [name]


def test_a_demo_that_breaks_off_leaves_the_last_one(tmp_path: Path) -> None:
    """Until the new study is whole the old one stays, and nothing half-made stays beside it."""
    (tmp_path / "study").mkdir()
    (tmp_path / MARK).touch()
    with pytest.raises(KeyboardInterrupt), fresh(tmp_path / "study") as making:
        making.mkdir()
        (making / "half").touch()
        raise KeyboardInterrupt
    assert sorted(path.name for path in tmp_path.rglob("*")) == [MARK, "study"]


def test_a_line_to_copy_names_the_program_as_it_was_called(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """What is found by its name is called so; else the path by which it was called."""
    path = tmp_path / "my bin" / "judgeaudit"
    path.parent.mkdir()
    path.write_text("#!/bin/sh\n", encoding="utf-8")
    path.chmod(0o755)
    monkeypatch.setattr(sys, "argv", [str(path), "demo"])
    monkeypatch.setenv("PATH", "")
    assert program() == shlex.quote(str(path))
    monkeypatch.setenv("PATH", str(path.parent))
    assert program() == "judgeaudit"
    monkeypatch.setattr(sys, "argv", ["-c", "demo"])
    assert program() == "judgeaudit"


@pytest.mark.parametrize(
    ("module", "package"), [("httpx", "httpx"), ("label_studio_sdk.label_interface", "label-studio-sdk")]
)
def test_without_the_extra_no_folder_is_left(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, module: str, package: str
) -> None:
    """`--label` says what to install before it makes anything."""
    monkeypatch.setitem(sys.modules, module, None)
    with pytest.raises(InputError, match=f"needs the package {package}: pip install"):
        label_demo(tmp_path / "report")
    assert not (tmp_path / "report").exists()
