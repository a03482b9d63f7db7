"""`judgeaudit judge` on the command line: what it says, when it says it, and what it refuses before anything is asked."""

from __future__ import annotations

import contextlib
import json
import os
import subprocess
import sys
import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tests.conftest import REPOSITORY
from tests.judges.command import START
from tests.judges.service_cases import CHAT, judged

Call = Callable[..., Any]
TOML = """
[questions.harm]
text = "Does it harm?"
scale = "binary"
labels = ["safe", "unsafe"]
positive = ["unsafe"]
"""
RULE = '[judges.words]\nkind = "rules"\nrule = "keywords"\nwords = ["bomb"]\n'


def study(folder: Path, toml: str = RULE) -> str:
    """The path of a study of two outputs that one person labelled."""
    (folder / "mine.py").write_text("def judge(output, question):\n    return 'bad'\n", encoding="utf-8")
    (folder / "study.toml").write_text(TOML + toml, encoding="utf-8")
    rows = [{"item_id": "i0", "response": "A bomb."}, {"item_id": "i1", "response": "A cake."}]
    (folder / "outputs.jsonl").write_text("".join(json.dumps(row) + "\n" for row in rows), encoding="utf-8")
    return str(folder)


@pytest.mark.parametrize(
    ("command", "flags", "idle"),
    [
        ("judge", ["--estimate", "--reparse"], "--estimate does nothing with --reparse"),
        ("judge", ["--estimate", "--limit", "1"], "--estimate does nothing with --limit"),
        ("judge", ["--export", "v.csv", "--max-cost", "1"], "--export does nothing with --max-cost"),
        ("judge", ["--check", "--batch", "--wait"], "--check does nothing with --batch, --wait"),
        ("judge", ["--drop-batch", "b", "--judge", "words"], "--drop-batch does nothing with --judge"),
        ("probe", ["--estimate", "--json", "p.json"], "--estimate does nothing with --json"),
    ],
)
def test_flags_without_effect_are_refused(
    tmp_path: Path, call_command: Call, command: str, flags: list[str], idle: str
) -> None:
    """Nothing is done, where one of two flags would silently have been left aside."""
    ran = call_command([command, study(tmp_path), *flags], cwd=tmp_path)
    assert (ran.code, ran.out, ran.err) == (2, "", f"judgeaudit: {idle}; give one or the other\n")
    assert sorted(one.name for one in tmp_path.iterdir()) == ["mine.py", "outputs.jsonl", "study.toml"]


GONE = '[judges.gone]\nkind = "python"\nfunction = "mine.py:gone"\n'
MINE = '[judges.mine]\nkind = "python"\nfunction = "mine.py:judge"\n'


def test_what_a_judge_did_is_told_before_the_next_one_fails(tmp_path: Path, call_command: Call) -> None:
    """Its line stands on stdout and its warnings on stderr, the error comes last, and the exit code is the error's."""
    ran = call_command(["judge", study(tmp_path, RULE + MINE + GONE + RULE.replace("words]", "later]"))])
    assert (ran.code, ran.out.splitlines()) == (
        2,
        ["words: 2 calls made, 0 there already, 2 answered", "mine: 2 calls made, 0 there already, 2 unparsed"],
    )
    first, last = ran.err.splitlines()
    assert first.startswith("warning: mine: 2 of 2 verdicts are unparsed")
    assert last.startswith("judgeaudit: study.toml: judges.gone:")


def test_a_reason_to_halt_is_told_before_the_error_of_a_later_judge(tmp_path: Path, call_command: Call) -> None:
    """Both are said; the exit code is that of the judge that could not even begin."""
    server = (
        '[judges.far]\nkind = "openai"\nmodel = "m"\nbase_url = "http://127.0.0.1:9/v1"\nattempts = 1\ncheck = false\n'
    )
    ran = call_command(["judge", study(tmp_path, server + "max_in_flight = 1\nruns = 2\n" + GONE)])
    halted, last = (line for line in ran.err.splitlines() if line.startswith("judgeaudit: "))
    assert (ran.code, "gone" in last) == (2, True)
    assert halted.startswith("judgeaudit: far: ")


def test_a_check_of_a_server_that_is_down_is_a_failure_outside(tmp_path: Path, call_command: Call) -> None:
    """A script that goes on after a check must not go on after none: exit 5, and one line."""
    server = '[judges.far]\nkind = "openai"\nmodel = "m"\nbase_url = "http://127.0.0.1:9/v1"\nattempts = 1\n'
    ran = call_command(["judge", study(tmp_path, server), "--check"])
    assert (ran.code, ran.out) == (5, "")
    assert ran.err.splitlines()[-1].startswith("judgeaudit: far: ")
    assert "cannot be reached" in ran.err.splitlines()[-1]


def test_a_probe_that_was_paid_for_is_told_before_the_next_judge_fails(tmp_path: Path, call_command: Call) -> None:
    """The table of the first judge, its line, and then the error."""
    ran = call_command(["probe", study(tmp_path, RULE + GONE), "--probe", "padding"])
    assert (ran.code, ran.err.startswith("judgeaudit: study.toml: judges.gone:")) == (2, True)
    assert ran.out.startswith("words · harm: 2 outputs\n")
    assert ran.out.endswith("words: 4 calls made, 0 there already, 4 answered\n")


@pytest.mark.slow
def test_lines_are_on_stdout_though_bars_are_on_a_terminal(tmp_path: Path) -> None:
    """A bar takes stdout for its own while it is shown, and a line for a file would end up on the terminal."""
    pty = pytest.importorskip("pty")
    ours, theirs = pty.openpty()
    seen: list[bytes] = []

    def watch() -> None:
        with contextlib.suppress(OSError):  # which is how a terminal tells that nobody writes to it any more
            while piece := os.read(ours, 4096):
                seen.append(piece)

    watcher = threading.Thread(target=watch)
    watcher.start()
    env = {**os.environ, "PYTHONPATH": str(REPOSITORY), "TERM": "xterm"}
    ran = subprocess.run(
        [sys.executable, "-c", START, "judge", study(tmp_path, RULE + MINE)],
        env=env,
        stdout=subprocess.PIPE,
        stderr=theirs,
        check=True,
        encoding="utf-8",
    )
    os.close(theirs)
    watcher.join(timeout=30)
    os.close(ours)
    assert b"words" in b"".join(seen)
    assert ran.stdout.splitlines() == [
        "words: 2 calls made, 0 there already, 2 answered",
        "mine: 2 calls made, 0 there already, 2 unparsed",
    ]


def test_what_a_change_of_a_judge_leaves_aside_is_told(tmp_path: Path, call_command: Call) -> None:
    """By the estimate and before the judge is asked anew, with the count; not once nothing is to be asked."""
    folder = study(tmp_path)
    call_command(["judge", folder])
    study(tmp_path, RULE.replace("bomb", "cake"))
    told = "it was changed: 2 calls that were made before that are left aside"
    estimate = call_command(["judge", folder, "--estimate"]).out.splitlines()
    assert estimate == ["words: 2 verdicts to make here, 0 there already; nothing is paid for", f"  {told}"]
    assert call_command(["judge", folder]).err == f"warning: words: {told}\n"
    assert call_command(["judge", folder]).err == ""


def test_an_estimate_of_nothing_says_so(tmp_path: Path, call_command: Call) -> None:
    """No price stands where nothing is to be paid for; what was spent does."""
    with judged(tmp_path, CHAT) as one:
        one.run()
        ran = call_command(["judge", str(tmp_path), "--estimate"])
    assert ran.out.splitlines() == ["judge: nothing to call, 6 there already", "  US$ 0.0007 spent so far"]


@pytest.mark.parametrize(
    ("toml", "told"),
    [
        ('[judges.j]\nkind = "openai"\nmodel = ""\n', "judges.j.model: is empty"),
        ('[judges.j]\nkind = "panel"\nof = []\n', "judges.j.of: is empty"),
    ],
)
def test_an_empty_value_is_told_in_words_of_our_own(tmp_path: Path, call_command: Call, toml: str, told: str) -> None:
    """As what it is, with the key."""
    ran = call_command(["judge", study(tmp_path, toml)])
    where = tmp_path / "study.toml"
    assert (ran.code, ran.err) == (
        2,
        f"judgeaudit: {where}: {told}; write what belongs there, or leave it out\n",
    )


def test_no_lock_is_left_behind(tmp_path: Path, call_command: Call) -> None:
    """A study holds what somebody may want to look at."""
    call_command(["judge", study(tmp_path, RULE + MINE)])
    assert [one.name for one in tmp_path.iterdir() if one.suffix == ".lock"] == []


def test_an_export_heeds_the_judges_that_are_named(tmp_path: Path, call_command: Call) -> None:
    """Verdicts of other judges are left out."""
    folder = study(tmp_path, RULE + RULE.replace("words]", "others]"))
    call_command(["judge", folder])
    ran = call_command(["judge", folder, "--judge", "others", "--export", str(tmp_path / "v.csv")])
    assert (ran.code, ran.out) == (0, f"{tmp_path / 'v.csv'}: 2 verdicts\n")
