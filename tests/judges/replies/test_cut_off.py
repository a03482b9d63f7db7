"""A reply that was cut off counts where its answer is whole, and only there; one that ran wild is read in no time."""

from __future__ import annotations

import re

import pytest

from judgeaudit.domain.output import Asked
from judgeaudit.judges.replies.parse import Parsing, read_reply
from judgeaudit.services.messages import Reply

STEPS = Asked(name="q", text="", scale="ordinal", labels=("1", "2", "10"))
NUMBER = Asked(name="q", text="", scale="interval", labels=())
PATTERN = Parsing(pattern=re.compile(r"Score: (\d+)"), own=True)


@pytest.mark.parametrize(
    ("asked", "text", "how", "label"),
    [
        (STEPS, "2", Parsing(), "2"),
        (STEPS, "1", Parsing(), None),
        (STEPS, "Score: 1", PATTERN, None),
        (STEPS, "Score: 1, since", PATTERN, "1"),
        (STEPS, '{"label": "1", "reasoning": "It', Parsing(), None),
        (STEPS, '{"label": "1"} since', Parsing(), "1"),
        (NUMBER, "Answer: 4", Parsing(), None),
        (NUMBER, '{"label": 4}', Parsing(), "4"),
    ],
)
def test_what_might_have_gone_on_is_no_answer(asked: Asked, text: str, how: Parsing, label: str | None) -> None:
    """`1` might have become `10`: no label is taken from it, and the reason says how to get a whole one."""
    read = read_reply(Reply(text=text, ending="truncated"), asked, how)
    assert read.label == label
    assert read.status == ("unparsed" if label is None else "answered")
    assert label is not None or read.error == "the reply was cut off before its answer; raise max_output_tokens"


@pytest.mark.parametrize("loop", ["[", "{", "[1,", '{"a":', '["'])
def test_an_answer_behind_a_fall_into_brackets_is_found(loop: str) -> None:
    """After a loop of 50,000 characters, at which a parser that backtracks would stay for hours."""
    wild = loop * (50_000 // len(loop))
    assert read_reply(Reply(text=wild), STEPS, Parsing()).status == "unparsed"
    assert read_reply(Reply(text=wild + '\n{"label": "2"}'), STEPS, Parsing(own=True)).label == "2"
