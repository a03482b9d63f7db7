"""Texts on their way to raters: nothing is lost, nothing is hidden, nothing that a server refuses is sent."""

from __future__ import annotations

import json
import re
import unicodedata

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from judgeaudit.domain.escape import SIGN
from judgeaudit.labelling.texts import CRLF, raw_text, shown_text
from tests.fuzzing import examples

#: all of Unicode, and often what the escape is made of
ANY = st.text(st.characters(exclude_categories=())) | st.lists(
    st.sampled_from(
        [
            "\r",
            "\n",
            "\r\n",
            SIGN,
            "{",
            "}",
            "CRLF",
            "0",
            "D",
            "\0",
            "\ud800",
            "\udc00",
            "a",
            "\u202e",
            "\u2066",
            "\u2069",
            "ש",
        ]
    )
).map("".join)
HIDDEN = (
    *(0x00, 0x07, 0x0C, 0x1B, 0x7F, 0x85, 0x9F, 0xAD, 0x034F, 0x061C, 0x115F, 0x180E, 0x200B, 0x200E, 0x200F),
    *(0x2028, 0x2029, 0x202A, 0x202E, 0x2060, 0x2064, 0x2066, 0x2069, 0x3164, 0xFEFF, 0xFFFE),
    *(0xD800, 0xDFFF, 0xE0001, 0xE0041, 0xE007F),
)


@settings(max_examples=examples(500))
@given(ANY)
@example(f"a{SIGN}{CRLF}")
@example(f"\r\n{CRLF}")
@example(f"{SIGN}\0{SIGN}{{0}}")
@example("\ud83d\ude00")
def test_every_text_comes_back(text: str) -> None:
    """What is shown determines what was there: lone surrogates, signs of the escape itself and line ends included."""
    assert raw_text(shown_text(text)) == text


@settings(max_examples=examples(500))
@given(ANY)
def test_postgresql_can_hold_what_is_sent(text: str) -> None:
    """jsonb refuses an escaped NUL and an unpaired surrogate; neither is in what is sent, and it is valid UTF-8."""
    shown = shown_text(text)
    written = json.dumps(shown)
    assert "\\u0000" not in written.replace("\\\\", "")
    assert json.loads(written).encode("utf-8").decode("utf-8") == shown
    assert not any(0xD800 <= ord(character) <= 0xDFFF for character in shown)


@settings(max_examples=examples(500))
@given(ANY)
def test_nothing_is_hidden(text: str) -> None:
    """No control character is sent but line feed and tab; the only marks of direction stand around an escape."""
    kept = set("\n\t\u200c\u200d")
    hidden = [ch for ch in shown_text(text) if unicodedata.category(ch) in ("Cc", "Cs", "Zl", "Zp") and ch not in kept]
    assert hidden == []
    bare = re.sub(f"\u2066({SIGN}{{[0-9A-FCRL]+}})\u2069", r"\1", shown_text(text))
    assert not re.search("[\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069]", bare)


@pytest.mark.parametrize("point", HIDDEN, ids=lambda point: f"U+{point:04X}")
def test_each_hidden_character_is_written_out(point: int) -> None:
    """A character that a page would hide, or obey, stands there as its code point."""
    assert shown_text(f"a{chr(point)}b") == f"a{SIGN}{{{point:04X}}}b"


@pytest.mark.parametrize(
    "text",
    [
        "",
        "line\nline\n\n\tindented  twice",
        "می\u200cخواهم",
        "👩\u200d🔬 ❤\ufe0f 🇩🇪 𝒳",
        "שלום, world",
        "<script>alert(1)</script> &amp; $prompt",
        "␛ alone",
    ],
)
def test_what_people_write_is_left_alone(text: str) -> None:
    """Line breaks, tabs, emoji, Persian, Hebrew, mark-up and the bare sign are sent as they are."""
    assert shown_text(text) == text


@pytest.mark.parametrize("text", ["שלום \u202egnp", "\0\0سلام", "␛{D800} עברית\r\nab\r\n", "\U0001e900\u2066x\u2069"])
def test_escapes_stay_in_one_piece_among_letters_from_right_to_left(text: str) -> None:
    """Each stands in an isolate there, and nowhere else; isolates of the text itself are written out."""
    shown = shown_text(text)
    assert raw_text(shown) == text
    pieces = re.split("\u2066(.*?)\u2069", shown)
    assert len(pieces) > 1
    assert all(re.fullmatch(SIGN + r"\{[0-9A-FCRL]+\}", piece) for piece in pieces[1::2])
    assert not any(f"{SIGN}{{" in piece or "\u2066" in piece or "\u2069" in piece for piece in pieces[::2])
    assert "\u2066" not in shown_text("exe.\u202egnp")


def test_texts_that_were_sent_without_isolates_come_back() -> None:
    """A server that was filled earlier holds bare escapes beside such letters."""
    assert raw_text("שלום ␛{202E}gnp") == "שלום \u202egnp"
    assert raw_text("שלום\n␛{CRLF}") == "שלום\r\n"


def test_line_ends_of_two_characters_are_one_line_end() -> None:
    """CR LF throughout is one break a line; mixed line ends show their carriage returns."""
    assert shown_text("a\r\nb\r\n") == f"a\nb\n{CRLF}"
    assert shown_text("a\r\nb\nc") == f"a{SIGN}{{000D}}\nb\nc"
    assert shown_text("a\rb") == f"a{SIGN}{{000D}}b"


def test_long_lines_come_back() -> None:
    """One line of a million characters, astral and hidden ones among them, is there and back."""
    text = "plain text 😀\u202e" * 80_000
    assert raw_text(shown_text(text)) == text
