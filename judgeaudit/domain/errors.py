"""What can go wrong, said so that a person can mend it. Every message is one line."""

from __future__ import annotations


class JudgeAuditError(Exception):
    """Something that a person can mend. `exit_code` is what the command line ends with."""

    exit_code = 2


class InputError(JudgeAuditError):
    """A file, a table, an option or a study that cannot be used as it is."""


class StaleError(JudgeAuditError):
    """Judge, prompt, labels or policy changed since the audit was made."""

    exit_code = 4


class OutsideError(JudgeAuditError):
    """A service outside this program failed; what was done so far is saved."""

    exit_code = 5


class StoppedError(JudgeAuditError):
    """A person stopped a run that goes on with the same command."""

    exit_code = 130


def one_line(text: str, *, limit: int = 80) -> str:
    """A cell of a table, fit to be quoted in a message: one line, control characters escaped, cut at `limit`."""
    shown = "".join(ch if ch.isprintable() else ch.encode("unicode_escape").decode("ascii") for ch in text)
    return shown if len(shown) <= limit else shown[: limit - 1] + "…"


def nearest(value: str, offered: list[str]) -> str:
    """The offered word that a person most likely meant, as a phrase to append; empty when none is close."""
    import difflib

    folded = {word.casefold(): word for word in offered}
    close = difflib.get_close_matches(value.casefold(), list(folded), n=1, cutoff=0.6)
    return f" (did you mean {folded[close[0]]!r}?)" if close else ""
