"""Every service that judges may be asked through, as sections of study.toml, and a study whose judges ask a loopback server."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal

from judgeaudit.study import Study
from judgeaudit.workflows.judging.run import JudgeReport
from tests.judges.loopback import Loopback, Rule, loopback, says_the_truth


@dataclass(frozen=True, slots=True, kw_only=True)
class Wire:
    """One way of asking: the keys of its section, and whether what comes back has probabilities."""

    name: str
    family: Literal["openai", "anthropic"]
    keys: Mapping[str, object] = field(default_factory=dict)
    probabilities: bool = False

    def section(self, url: str) -> dict[str, object]:
        """The section of a judge that asks a server at `url`. Waits are as short as they can be, and servers are not checked."""
        path = "/v1" if self.family == "openai" else ""
        return {
            "kind": self.family,
            "model": "judge",
            "base_url": url + path,
            "attempts": 3,
            "first_wait": 0.01,
            "max_in_flight": 4,
            "price": {"input": 1.0, "output": 2.0},
            **({"check": False} if self.family == "openai" else {}),
            **self.keys,
        }


CHAT = Wire(name="openai-chat", family="openai", probabilities=True)
RESPONSES = Wire(name="openai-responses", family="openai", keys={"api": "responses"}, probabilities=True)
DECISIONS = Wire(name="openai-decisions", family="openai", keys={"api": "decisions"}, probabilities=True)
TOOL = Wire(name="openai-tool", family="openai", keys={"structured": "tool", "logprobs": False})
SCHEMA = Wire(name="anthropic-schema", family="anthropic")
ANTHROPIC_TOOL = Wire(name="anthropic-tool", family="anthropic", keys={"structured": "tool"})
WIRES = (CHAT, RESPONSES, DECISIONS, TOOL, SCHEMA, ANTHROPIC_TOOL)
#: those whose model writes words; the others give nothing but decisions
WRITING = tuple(wire for wire in WIRES if wire is not DECISIONS)


@dataclass(slots=True, kw_only=True)
class Judged:
    """A study with one judge, `judge`, and the server that it asks."""

    folder: Path
    server: Loopback
    wire: Wire

    def run(self, **options: Any) -> JudgeReport:
        """What came of running the judge."""
        return Study(self.folder).judge(**options)[0]

    @property
    def rows(self) -> dict[str, dict[str, Any]]:
        """Item -> its one verdict, as it is exported."""
        return verdicts(self.folder)


@contextmanager
def judged(
    folder: Path,
    wire: Wire,
    *,
    always: Rule = says_the_truth,
    responses: Sequence[str] | int = 6,
    **keys: object,
) -> Iterator[Judged]:
    """A study whose judge asks a loopback server; `keys` are further keys of its section."""
    with loopback(always) as server:
        make_study(folder, {**wire.section(server.url), **keys}, responses)
        yield Judged(folder=folder, server=server, wire=wire)


def make_study(folder: Path, section: Mapping[str, object], responses: Sequence[str] | int) -> None:
    """A study of one question, with one judge and these texts, or so many; every other one is harmful."""
    texts = [f"{_kind(n)} text {n}" for n in range(responses)] if isinstance(responses, int) else responses
    folder.mkdir(parents=True, exist_ok=True)
    lines = [json.dumps({"item_id": f"i{n}", "prompt": "p", "response": text}) for n, text in enumerate(texts)]
    (folder / "outputs.jsonl").write_text("\n".join(lines) + "\n", "utf-8")
    question = {"scale": "binary", "labels": ["safe", "unsafe"], "positive": ["unsafe"], "text": "Is it harmful?"}
    parts = ["schema = 1", 'name = "contract"', "[questions.harm]", *_toml(question), "[judges.judge]", *_toml(section)]
    (folder / "study.toml").write_text("\n".join(parts) + "\n", "utf-8")


def verdicts(folder: Path) -> dict[str, dict[str, Any]]:
    """Item -> verdict; an item that is there twice fails."""
    file = folder / "exported.jsonl"
    Study(folder).export_verdicts(file)
    rows = [json.loads(line) for line in file.read_text("utf-8").splitlines()]
    found = {row["item_id"]: row for row in rows}
    assert len(found) == len(rows)
    return found


def truths(count: int) -> dict[str, str]:
    """Item -> the label that is right, in a study of `make_study`."""
    return {f"i{number}": "unsafe" if number % 2 else "safe" for number in range(count)}


def _kind(number: int) -> str:
    return "harmful" if number % 2 else "plain"


def _toml(section: Mapping[str, object]) -> list[str]:
    return [f"{key} = {_value(value)}" for key, value in section.items()]


def _value(value: object) -> str:
    if isinstance(value, Mapping):
        return "{ " + ", ".join(_toml(value)) + " }"
    return json.dumps(value)
