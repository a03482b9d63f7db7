"""The command line: parses, calls, prints. Exit codes: 0 done, 1 gate failed, 2 unusable input, 3 cannot tell, 4 stale, 5 outside."""

from __future__ import annotations

import os
import sys
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import typer

INTERRUPTED = 130
BROKEN = 70  # an error of ours, as sysexits.h has it


def main() -> int:
    """Runs one command and returns its exit code; an error is one line on stderr, a traceback only with --debug."""
    arguments = [a for a in sys.argv[1:] if a != "--debug"]
    debug = len(arguments) < len(sys.argv) - 1
    try:
        return _run(arguments)
    except KeyboardInterrupt:
        if debug:
            raise
        return _say("interrupted; what was written is whole", INTERRUPTED)
    except BrokenPipeError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 0
    except MemoryError:
        if debug:
            raise
        return _say("out of memory; try fewer replicates or strata, or a smaller table", BROKEN)
    except Exception as error:
        from judgeaudit.domain.errors import JudgeAuditError, one_line

        if debug:
            raise
        if isinstance(error, JudgeAuditError):
            return _say(one_line(str(error), limit=2000), error.exit_code)
        name = f"{type(error).__name__}: {error}" if str(error) else type(error).__name__
        return _say(f"an error of judgeaudit itself ({one_line(name, limit=300)}); --debug shows where", BROKEN)


def _say(line: str, code: int) -> int:
    print(f"judgeaudit: {line}", file=sys.stderr)  # noqa: T201 - stderr is the place
    return code


def _run(arguments: list[str]) -> int:
    import typer

    from judgeaudit.cli.app import build

    command = typer.main.get_command(build())
    try:
        outcome = command.main(args=arguments, prog_name="judgeaudit", standalone_mode=False)
    except Exception as error:  # noqa: BLE001 - sorted by what it is, and raised again unless it is a wrong call
        return _usage(error)
    return outcome if isinstance(outcome, int) else 0


def _usage(error: Exception) -> int:
    """A mistake in how the command was called, as one line; anything else goes on."""
    name = type(error).__name__
    if name == "Exit":
        return int(getattr(error, "exit_code", 0))
    if name == "Abort":
        raise KeyboardInterrupt from error
    if name == "NoArgsIsHelpError":
        _say_help(error)
        return 2
    if not hasattr(error, "format_message"):
        raise error
    from judgeaudit.domain.errors import one_line

    context = getattr(error, "ctx", None)
    where = context.command_path if context is not None else "judgeaudit"
    message = one_line(error.format_message(), limit=500).rstrip(".")
    return _say(f"{message}; see `{where} --help`", 2)


def _say_help(error: Exception) -> None:
    print(error.format_message() if hasattr(error, "format_message") else "", file=sys.stderr)  # noqa: T201


def command_line() -> str:
    """The command that is running, fit to be pasted."""
    import shlex

    return shlex.join(["judgeaudit", *sys.argv[1:]])


if TYPE_CHECKING:
    _ = typer
