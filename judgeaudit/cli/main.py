"""The command line: parses, calls, prints. Exit codes: 0 done, 1 gate failed, 2 unusable input, 3 cannot tell, 4 stale, 5 outside."""

from __future__ import annotations

import sys

from judgeaudit.cli.shared.screen import flush, note
from judgeaudit.domain.errors import JudgeAuditError, one_line

INTERRUPTED = 130
BROKEN = 70  # an error of ours, as sysexits.h has it


def main() -> int:
    """Runs one command and returns its exit code; an error is one line on stderr, a traceback only with --debug."""
    arguments = [a for a in sys.argv[1:] if a != "--debug"]
    debug = len(arguments) < len(sys.argv) - 1
    try:
        code = _run(arguments)
        flush()
        return code
    except KeyboardInterrupt:
        if debug:
            raise
        return _say("interrupted; what was written is whole", INTERRUPTED)
    except MemoryError:
        if debug:
            raise
        return _say("out of memory; try fewer replicates or strata, or a smaller table", BROKEN)
    except Exception as error:
        if debug:
            raise
        if isinstance(error, JudgeAuditError):
            return _say(one_line(str(error), limit=2000), error.exit_code)
        name = f"{type(error).__name__}: {error}" if str(error) else type(error).__name__
        return _say(f"an error of judgeaudit itself ({one_line(name, limit=300)}); --debug shows where", BROKEN)


def _say(line: str, code: int) -> int:
    note(f"judgeaudit: {line}")
    return code


def _run(arguments: list[str]) -> int:
    import typer

    from judgeaudit.cli.app import build

    asked = next((one for one in arguments if not one.startswith("-")), "")
    command = typer.main.get_command(build(asked))
    try:
        outcome = command.main(args=arguments, prog_name="judgeaudit", standalone_mode=False)
    except Exception as error:  # noqa: BLE001 - sorted by what it is, and raised again unless it is a wrong call
        return _usage(error, arguments)
    if outcome == INTERRUPTED:
        raise KeyboardInterrupt
    return outcome if isinstance(outcome, int) else 0


def _usage(error: Exception, arguments: list[str]) -> int:
    """A mistake in how the command was called, as one line; anything else goes on."""
    name = type(error).__name__
    if name == "Exit":
        return int(getattr(error, "exit_code", 0))
    if name == "Abort":
        raise KeyboardInterrupt from error
    if name == "NoArgsIsHelpError":
        note(error.format_message() if hasattr(error, "format_message") else "")
        return 2
    if not hasattr(error, "format_message"):
        raise error
    context = getattr(error, "ctx", None)
    verb = [a for a in arguments[:1] if not a.startswith("-")]
    where = context.command_path if context is not None else " ".join(["judgeaudit", *verb])
    message = one_line(error.format_message(), limit=500).rstrip(".")
    return _say(f"{message}; see `{where} --help`", 2)
