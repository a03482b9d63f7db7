"""Texts on a terminal: how wide they are, and how they are broken and padded."""

from __future__ import annotations

import textwrap
import unicodedata

from judgeaudit.report.words.numbers import visible


def wrapped(text: str, width: int, *, indent: int = 0, hanging: int | None = None) -> list[str]:
    """Lines of at most this width; what follows the first may be set in further."""
    after = indent if hanging is None else hanging
    shown = visible(text)
    return textwrap.wrap(shown, width, initial_indent=" " * indent, subsequent_indent=" " * after) or [""]


def letters_wide(text: str) -> int:
    """Columns that a terminal takes for a text: wide letters take two, combining marks none."""
    return sum(0 if unicodedata.combining(ch) else 2 if unicodedata.east_asian_width(ch) in "WF" else 1 for ch in text)


def widest(column: list[str]) -> int:
    """The width of the widest text."""
    return max(letters_wide(text) for text in column)


def padded(text: str, width: int) -> str:
    """The text with blanks up to a width."""
    return text + " " * (width - letters_wide(text))
