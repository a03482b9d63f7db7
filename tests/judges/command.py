"""The command line in a process that is quick to start, for tests that start it many times and kill it."""

from __future__ import annotations

import multiprocessing
import os
import sys
from multiprocessing.context import ForkServerProcess
from pathlib import Path

#: what a run imports, so that a child has it when it begins
_PRELOADED = (
    *("judgeaudit.study", "judgeaudit.cli.app", "judgeaudit.cli.judge_command", "judgeaudit.facade.judging"),
    *("judgeaudit.storage.study_tables", "judgeaudit.storage.rows_by_id", "judgeaudit.judges.openai_service"),
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
