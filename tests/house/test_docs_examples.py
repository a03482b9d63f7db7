"""Every example of README.md and docs/ runs. How a page is written so that it does:

- each page has an empty folder of its own and runs from its top to its bottom in it;
- ```console: each line `$ judgeaudit ...` is run (`\\` continues it) and must end with 0, or n where `# exit n` ends
  the line; lines shown below it must come in what it prints, in that order (`…` stands for anything); `$ cd DIR` moves;
- ```python: a block with `>>> ` is a doctest, another one is run; names live on through the page;
- ```toml, ```csv or ```json with title="NAME" is written to NAME; every toml and json block must parse;
- `<!-- not run: reason -->` right above a block leaves it alone, and the reason is said.
"""

from __future__ import annotations

import doctest
import json
import re
import shlex
import tomllib
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

REPOSITORY = Path(__file__).resolve().parents[2]
PAGES = [path for path in [REPOSITORY / "README.md", *sorted((REPOSITORY / "docs").rglob("*.md"))] if path.is_file()]
FENCE = re.compile(r"^(?P<indent> *)```(?P<head>[^`\n]*)\n(?P<body>.*?)^(?P=indent)```$", re.MULTILINE | re.DOTALL)
NOT_RUN = re.compile(r"<!-- not run:(?P<reason>.*?)-->\s*\Z", re.DOTALL)
EXIT = re.compile(r"\s+# exit (?P<code>\d+)\s*$")
SHELLS = {"bash", "sh", "shell", "zsh"}
FLAGS = doctest.ELLIPSIS | doctest.NORMALIZE_WHITESPACE | doctest.IGNORE_EXCEPTION_DETAIL


@dataclass(frozen=True, slots=True, kw_only=True)
class Block:
    """One fenced block of a page. `not_run` is the reason given above it, or None."""

    language: str
    title: str | None
    body: str
    line: int
    not_run: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """One command of a console block, the exit code it must end with, and the lines that are shown below it."""

    words: list[str]
    code: int
    shown: list[str]


def blocks_of(text: str) -> Iterator[Block]:
    """The fenced blocks of a page, in order."""
    for fence in FENCE.finditer(text):
        above = NOT_RUN.search(text[: fence.start()])
        title = re.search(r'title="([^"]+)"', fence["head"])
        indent = len(fence["indent"])
        yield Block(
            language=(fence["head"].split() or [""])[0],
            title=title[1] if title else None,
            body="".join(line[indent:] or "\n" for line in fence["body"].splitlines(keepends=True)),
            line=text.count("\n", 0, fence.start()) + 1,
            not_run=above["reason"].strip() if above else None,
        )


def steps_of(body: str) -> Iterator[Step]:
    """The commands of a console block with what is shown below each."""
    for part in re.split(r"^\$ ", body.replace("\\\n", " "), flags=re.MULTILINE)[1:]:
        command, *shown = part.splitlines()
        ending = EXIT.search(command)
        yield Step(
            words=shlex.split(EXIT.sub("", command)),
            code=int(ending["code"]) if ending else 0,
            shown=[line.rstrip() for line in shown if line.strip() not in ("", "…")],
        )


class Page:
    """One page being run: its folder and its names."""

    def __init__(self, folder: Path, run_command: Callable[..., Any]) -> None:
        self.folder = folder
        self.run_command = run_command
        self.names: dict[str, Any] = {"__name__": "__page__"}

    def run(self, block: Block, where: str) -> None:
        """Runs one block, or fails with `where` it stands."""
        if block.title is not None:
            (self.folder / block.title).parent.mkdir(parents=True, exist_ok=True)
            (self.folder / block.title).write_text(block.body, encoding="utf-8")
        if block.language == "toml":
            tomllib.loads(block.body)
        elif block.language == "json":
            json.loads(block.body)
        elif block.language == "console":
            self.run_console(block, where)
        elif block.language in ("python", "pycon"):
            self.run_python(block, where)
        else:
            assert block.language not in SHELLS, f"{where}: write a shell block as ```console, so that it is run"

    def run_console(self, block: Block, where: str) -> None:
        steps = list(steps_of(block.body))
        assert steps, f"{where}: a console block without a line `$ judgeaudit ...`"
        for step in steps:
            if step.words[0] == "cd" and len(step.words) == 2:
                self.folder = self.folder / step.words[1]
                continue
            assert step.words[0] == "judgeaudit", (
                f"{where}: {step.words[0]!r} is not run here; say `<!-- not run: reason -->`"
            )
            ran = self.run_command(step.words[1:], cwd=self.folder)
            assert ran.code == step.code, f"{where}: {shlex.join(step.words)}\nexit {ran.code}\n{ran.out}\n{ran.err}"
            printed = iter([line.rstrip() for line in (ran.out + "\n" + ran.err).splitlines()])
            for line in step.shown:
                pattern = ".*".join(re.escape(piece) for piece in line.split("…"))
                assert any(re.fullmatch(pattern, got) for got in printed), (
                    f"{where}: not printed: {line}\n{ran.out}\n{ran.err}"
                )

    def run_python(self, block: Block, where: str) -> None:
        with pytest.MonkeyPatch.context() as patch:
            patch.chdir(self.folder)
            if ">>> " not in block.body:
                exec(compile(block.body, where, "exec"), self.names)
                return
            test = doctest.DocTestParser().get_doctest(block.body, self.names, where, where, block.line)
            said: list[str] = []
            doctest.DocTestRunner(optionflags=FLAGS, verbose=False).run(test, out=said.append, clear_globs=False)
            self.names.update(test.globs)
            assert not said, "".join(said)


@pytest.mark.slow
@pytest.mark.parametrize("path", PAGES, ids=lambda path: str(path.relative_to(REPOSITORY)))
def test_examples_of_a_page_run(path: Path, tmp_path: Path, run_command: Callable[..., Any]) -> None:
    """What a page tells a reader to type does what the page says, from its first block to its last."""
    page = Page(tmp_path, run_command)
    for block in blocks_of(path.read_text(encoding="utf-8")):
        where = f"{path.name}:{block.line}"
        if block.not_run is None:
            page.run(block, where)
        else:
            assert block.not_run, f"{where}: `not run` without a reason"


def test_the_tester_sees_blocks() -> None:
    """A block's language, title, indentation and the reason above it, and a console block's steps, are all seen."""
    text = "<!-- not run: needs a key -->\n```console\n$ judgeaudit judge\n```\n\n"
    text += '  ```toml title="a.toml"\n  x = 1\n  ```\n'
    first, second = blocks_of(text)
    assert (first.not_run, second.not_run) == ("needs a key", None)
    assert (second.title, second.body) == ("a.toml", "x = 1\n")
    (step,) = steps_of("$ judgeaudit gate \\\n    'a b'  # exit 3\nundetermined\n")
    assert step == Step(words=["judgeaudit", "gate", "a b"], code=3, shown=["undetermined"])
