"""Texts as raters see them, and back: whatever a server cannot hold or a page would hide or obey is written out.

A character of the list below is written as `␛{HEX}`, the reversible escape of `judgeaudit.domain.escape`:

- what UTF-8 or PostgreSQL cannot hold: lone surrogates and NUL
- control characters: all of C0 but line feed and tab, DEL, all of C1
- carriage returns, which a page takes for a second line break. Where every line ends in CR LF, the lines end in LF and
  `␛{CRLF}` follows the last one
- what turns the direction of text: ALM, LRM, RLM, the embeddings, overrides and isolates
- what is there and cannot be seen: soft hyphen, zero-width space, word joiner, byte order mark, invisible operators and
  fillers, the combining grapheme joiner, tag characters, the other code points that Unicode calls ignorable, and two
  that are no characters (U+FFFE, U+FFFF)
- line and paragraph separators, which some pages break lines at and some do not

Not on the list, since writing needs them: zero-width joiner and non-joiner (Persian, Indic scripts, emoji) and variation
selectors (emoji). Line breaks, tabs and spaces stay as they are.

In a text with letters that run from right to left each escape stands between U+2066 and U+2069: it would be torn apart
otherwise. They are of this module's making wherever they occur, since those of a text are written out themselves.
"""

from __future__ import annotations

import re

from judgeaudit.domain.escape import SIGN, SURROGATES, escape, unescape

#: a regular-expression class, without its brackets
UNSHOWN = (
    SURROGATES
    + "\x00-\x08\x0b-\x1f\x7f-\x9f"
    + "\xad\u034f\u061c\u115f\u1160\u17b4\u17b5\u180e\u200b\u200e\u200f\u2028-\u202e\u2060-\u206f\u3164\ufeff\uffa0"
    + "\ufff0-\ufffb\ufffe\uffff\U0001bca0-\U0001bca3\U0001d173-\U0001d17a\U000e0000-\U000e00ff\U000e01f0-\U000e0fff"
)
#: stands after a text all of whose lines ended in CR LF
CRLF = SIGN + "{CRLF}"
_RIGHT_TO_LEFT = re.compile("[\u0590-\u08ff\ufb1d-\ufdff\ufe70-\ufefc\U00010800-\U00010fff\U0001e800-\U0001efff]")
_ESCAPE = re.compile(SIGN + r"\{(?:[0-9A-F]{4,6}|CRLF)\}")
_ISOLATED = re.compile(f"\u2066({_ESCAPE.pattern})\u2069")
_LONE_BREAK = re.compile(r"\r(?!\n)|(?<!\r)\n")


def shown_text(text: str) -> str:
    """`text` with everything unseen written out; `raw_text` brings it back to the letter.

    >>> shown_text("exe.\\u202egnp"), shown_text("two\\nlines, ünïcode, 👩\\u200d🔬")
    ('exe.␛{202E}gnp', 'two\\nlines, ünïcode, 👩\\u200d🔬')
    >>> shown_text("two\\r\\nlines"), shown_text("one\\rline")
    ('two\\nlines␛{CRLF}', 'one␛{000D}line')
    """
    if "\r" not in text or _LONE_BREAK.search(text):
        shown = escape(text, unheld=UNSHOWN)
    else:
        shown = escape(text.replace("\r\n", "\n"), unheld=UNSHOWN) + CRLF
    return _ESCAPE.sub("\u2066\\g<0>\u2069", shown) if _RIGHT_TO_LEFT.search(shown) else shown


def raw_text(sent: str) -> str:
    """What `shown_text` was given.

    >>> raw_text("two\\nlines␛{CRLF}"), raw_text("a␛{0000}b"), raw_text("untouched")
    ('two\\r\\nlines', 'a\\x00b', 'untouched')
    """
    escaped = _ISOLATED.sub(r"\1", sent)
    if not escaped.endswith(CRLF):
        return unescape(escaped)
    return unescape(escaped.removesuffix(CRLF).replace("\n", "\r\n"))
