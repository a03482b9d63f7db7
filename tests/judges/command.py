"""The command line in a process that is quick to start, for tests that start it many times and kill it."""

from __future__ import annotations

import multiprocessing
import os
import signal
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

from tests.conftest import REPOSITORY

if TYPE_CHECKING:
    from multiprocessing.context import ForkServerProcess

START = "import sys; sys.argv[0] = 'judgeaudit'; from judgeaudit.cli.main import main; sys.exit(main())"
#: what a run imports, so that a child has it when it begins
_PRELOADED = (
    *("judgeaudit.study", "judgeaudit.cli.app", "judgeaudit.cli.judging.judge", "judgeaudit.workflows.judging.run"),
    *("judgeaudit.storage.study.load", "judgeaudit.storage.files.rows_by_id", "judgeaudit.services.openai"),
    *("judgeaudit.services.anthropic", "judgeaudit.workflows.judging.batches"),
    *("openai.resources.chat.completions", "anyio._backends._asyncio", "stamina", "aiolimiter"),
)


def forked(arguments: list[str], said: Path) -> ForkServerProcess:
    """A child that runs the command line and ends with its exit code; what it says goes to a file."""
    context = multiprocessing.get_context("forkserver")
    context.set_forkserver_preload([__name__, *_PRELOADED])
    process = context.Process(target=_run, args=(arguments, said))
    process.start()
    return process


def _run(arguments: list[str], said: Path) -> None:
    from judgeaudit.cli.main import main

    file = os.open(said, os.O_WRONLY | os.O_CREAT | os.O_APPEND)
    os.dup2(file, 1)
    os.dup2(file, 2)
    sys.argv = ["judgeaudit", *arguments]
    sys.exit(main())


def started(arguments: list[str]) -> subprocess.Popen[str]:
    """A process of its own that takes Ctrl-C as one on a terminal does."""
    options: dict[str, Any] = {"stdout": subprocess.PIPE, "stderr": subprocess.PIPE, "text": True, "encoding": "utf-8"}
    return subprocess.Popen(
        [sys.executable, "-c", START, *arguments],
        env={**os.environ, "PYTHONPATH": str(REPOSITORY)},
        preexec_fn=lambda: signal.signal(signal.SIGINT, signal.SIG_DFL),
        **options,
    )
