"""Formal and casual English by rules that can be turned back: no word is put in or left out but by contraction."""

from __future__ import annotations

import re

#: written out -> contracted; only what has one reading each way
_PAIRS = {
    **{f"{verb} not": f"{verb}n't" for verb in ("do", "does", "did", "is", "are", "was", "were", "has", "have", "had")},
    **{f"{verb} not": f"{verb}n't" for verb in ("could", "should", "would", "must")},
    "cannot": "can't",
    "will not": "won't",
    "I am": "I'm",
    **{f"{who} are": f"{who}'re" for who in ("you", "we", "they")},
    **{f"{who} have": f"{who}'ve" for who in ("I", "you", "we", "they")},
    **{f"{who} will": f"{who}'ll" for who in ("I", "you", "we", "they", "he", "she", "it")},
}
_EMOJI = "\N{SMILING FACE WITH SMILING EYES}"


def formal(text: str) -> str | None:
    """Contractions written out, and no emoji at the end; None where there is neither.

    >>> formal("You don't say."), formal("Do not.")
    ('You do not say.', None)
    """
    return _other(text, _written_out(text))


def casual(text: str) -> str | None:
    """Contracted, with an emoji at the end; None for an empty text.

    >>> formal(casual("They are late, and I cannot wait."))
    'They are late, and I cannot wait.'
    """
    if not text.strip():
        return None
    return _other(text, f"{_CONTRACT.sub(lambda found: _as(found[0], _CONTRACTED), _bare(text))} {_EMOJI}")


def _written_out(text: str) -> str:
    plain = _EXPAND.sub(lambda found: _as(found[0].replace("’", "'"), _EXPANDED), _bare(text))
    return plain if plain.strip() else text


def _bare(text: str) -> str:
    return text.removesuffix(f" {_EMOJI}")


def _other(text: str, made: str) -> str | None:
    return None if made == text else made


def _as(found: str, words: dict[str, str]) -> str:
    """The counterpart, with a capital where what was found has one."""
    made = words[found.lower()]
    return made[0].upper() + made[1:] if found[0].isupper() else made


def _pattern(words: dict[str, str]) -> re.Pattern[str]:
    listed = "|".join(sorted((re.escape(word).replace("'", "['’]") for word in words), key=len, reverse=True))
    return re.compile(rf"(?<![\w'’])(?:{listed})(?![\w'’])", re.IGNORECASE | re.ASCII)


_CONTRACTED = {written.lower(): short for written, short in _PAIRS.items()}
_EXPANDED = {short.lower(): written for written, short in _PAIRS.items()}
_CONTRACT, _EXPAND = _pattern(_CONTRACTED), _pattern(_EXPANDED)
