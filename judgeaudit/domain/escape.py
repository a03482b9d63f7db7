"""One reversible escape for characters that a format or a server cannot hold.

A character that cannot be held is written as `␛{HEX}`: the visible sign for "escape" (U+241B), then its code point in
upper-case hexadecimal. The sign itself is written as `␛{241B}` where it stands before a brace, so that every text comes
back exactly as it was, and texts without the sign are never touched.

>>> escape("a\\ud800b").isascii(), unescape(escape("a\\ud800b")) == "a\\ud800b"
(False, True)
>>> unescape(escape("␛{D800}")), unescape("␛ alone")
('␛{D800}', '␛ alone')
"""

from __future__ import annotations

import re

SIGN = "␛"
_ESCAPED = re.compile(SIGN + r"\{([0-9A-F]{1,6})\}")
#: what UTF-8 cannot hold
SURROGATES = "\ud800-\udfff"


def escape(text: str, *, unheld: str = SURROGATES) -> str:
    """`text` without the characters of the regular-expression class `unheld`; `unescape` brings them back."""
    if text.isascii() and unheld == SURROGATES:
        return text
    return re.sub(f"[{unheld}]|{SIGN}(?=\\{{)", lambda found: f"{SIGN}{{{ord(found[0]):04X}}}", text)


def unescape(text: str) -> str:
    """What `escape` was given."""
    if SIGN not in text:
        return text
    return _ESCAPED.sub(lambda found: _character(found), text)


def _character(found: re.Match[str]) -> str:
    point = int(found[1], 16)
    return chr(point) if point <= 0x10FFFF else found[0]
