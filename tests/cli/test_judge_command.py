"""`judgeaudit judge` on the command line: what it says, when it says it, and what it refuses before anything is asked."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

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
    assert sorted(one.name for one in tmp_path.iterdir()) == ["outputs.jsonl", "study.toml"]


def test_an_export_heeds_the_judges_that_are_named(tmp_path: Path, call_command: Call) -> None:
    """Verdicts of other judges are left out."""
    folder = study(tmp_path, RULE + RULE.replace("words]", "others]"))
    call_command(["judge", folder])
    ran = call_command(["judge", folder, "--judge", "others", "--export", str(tmp_path / "v.csv")])
    assert (ran.code, ran.out) == (0, f"{tmp_path / 'v.csv'}: 2 verdicts\n")
