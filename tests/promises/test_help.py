"""Help is the command line's own documentation: every command has one, and it names every flag."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

import pytest

AUDIT = [
    "--human",
    "--judge",
    "--labels",
    "--positive",
    "--scale",
    "--question",
    "--item",
    "--long",
    "--probability",
    "--threshold",
    "--cut",
    "--map",
    "--unusable",
    "--cluster",
    "--by",
    "--not-asked",
    "--weight",
    "--reference",
    "--unanswered",
    "--label-source",
    "--interval",
    "--level",
    "--replicates",
    "--seed",
    "--max-risk",
    "--policy",
    "--json",
    "--html",
    "--md",
    "--disagreements",
    "--encoding",
    "--sep",
    "--all",
    "--pairs",
]
#: command -> the flags that it is documented with
FLAGS = {
    "demo": ["--out", "--label"],
    "audit": AUDIT,
    "report": ["--out", "--all"],
    "gate": ["--policy", "--json"],
    "filter": ["--audit", "-o", "--output", "--outputs", "--policy", "--max-risk", "--recalibrate"],
    "init": ["--template"],
    "import": ["--encoding"],
    "plan": [
        *["--statistic", "--floor", "--ceiling", "--expect", "--width", "--prevalence", "--shares", "--sensitivity"],
        *[
            "--specificity",
            "--judged",
            "--power",
            "--level",
            "--design-effect",
            "--stratum",
            "--labels",
            "--sequential",
        ],
        *["--seen", "--policy", "--json"],
    ],
    "diff": ["--all", "--json"],
    "probe": ["--judge", "--probe", "--items", "--seed", "--max-cost", "--json"],
    "schema": [],
    "simulate": [
        *[
            "--out",
            "--world",
            "--items",
            "--prompts",
            "--labelled",
            "--people",
            "--seed",
            "--gibberish",
            "--prevalence",
        ],
    ],
    "datasets list": [],
    "datasets get": ["--base-url"],
}


@pytest.mark.parametrize("command", FLAGS)
def test_help_names_every_flag(call_command: Callable[..., Any], command: str) -> None:
    """`--help` and `-h` end with 0 and one text on stdout, which names the command and each of its flags."""
    long, short = (call_command([*command.split(), flag]) for flag in ("--help", "-h"))
    assert (long.code, long.err) == (0, "")
    assert long == short
    assert long.out.startswith(f"Usage: judgeaudit {command}")
    shown = set(re.findall(r"(?<![\w-])--?[a-z][a-z-]*", long.out))
    assert set(FLAGS[command]) - shown == set()


def test_help_names_every_command(call_command: Callable[..., Any]) -> None:
    """The first help lists the commands with a sentence each, and says what the exit codes mean."""
    ran = call_command(["--help"])
    listed = set(re.findall(r"^  ([a-z]+)  +[A-Z]", ran.out, flags=re.MULTILINE))
    assert {command.split()[0] for command in FLAGS} <= listed
    told = " ".join(ran.out.split())
    assert all(f"{code} " in told for code in range(6))


def test_documented_flags_are_all_there_are(call_command: Callable[..., Any]) -> None:
    """No flag of `audit` is without its place in this list, so that a new one is documented here too."""
    options = call_command(["audit", "--help"]).out.partition("Options:")[2]
    shown = set(re.findall(r"^\s+(--[a-z][a-z-]*)", options, flags=re.MULTILINE))
    assert shown - {"--help"} <= {*AUDIT, "--label-design", "--alt-test-epsilon"}
