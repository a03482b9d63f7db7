"""What a model said is kept as JSON and read again without the model; what is no number is no verdict."""

from __future__ import annotations

import math

import pytest

from judgeaudit.domain.output import Asked
from judgeaudit.judges.replies.parse import Parsing, read_reply
from judgeaudit.judges.transformers.replies import ModelReplies, Said
from judgeaudit.services.messages import RejectedError, Token

HARM = Asked(name="harm", text="", scale="binary", labels=("safe", "unsafe"), positive=("unsafe",))


def said(**given) -> Said:
    return Said(model="m", dtype="float32", input_tokens=7, **given)


def test_words_become_a_verdict_with_its_mass():
    """Shared out among the labels, the probability is the positive one's; the mass is what they had together."""
    reply = ModelReplies().read(said(words={"safe": 0.1, "unsafe": 0.3}).as_json())
    read = read_reply(reply, HARM, Parsing())
    assert (read.label, read.probability, read.label_mass) == ("unsafe", pytest.approx(0.75), pytest.approx(0.4))
    assert (reply.text, reply.model, reply.input_tokens) == ("unsafe", "m", 7)


def test_what_was_left_out_is_told_beside_the_label():
    """A label from a text without its middle is an answer that says so."""
    reply = ModelReplies().read(said(words={"safe": 0.6, "unsafe": 0.3}, left_out=1234).as_json())
    read = read_reply(reply, HARM, Parsing())
    assert (read.label, read.error) == ("safe", "too long: 1,234 characters were left out of the middle")


def test_a_text_is_read_like_a_services_reply():
    """With the log-probabilities of its tokens."""
    top = (("unsafe", math.log(0.8)), ("safe", math.log(0.2)))
    tokens = (Token(text="unsafe", logprob=math.log(0.8), top=top),)
    read = read_reply(ModelReplies().read(said(text="unsafe", tokens=tokens).as_json()), HARM, Parsing())
    assert (read.label, read.probability) == ("unsafe", pytest.approx(0.8))


@pytest.mark.parametrize("broken", [math.nan, math.inf])
def test_a_probability_that_is_no_number_is_refused(broken: float):
    """Broken weights give a failed item, never a label."""
    with pytest.raises(RejectedError, match="no numbers"):
        said(words={"safe": broken, "unsafe": 0.5}).as_json()


def test_no_probability_at_all_is_no_answer():
    """Where every word has none, no label is better than another."""
    reply = ModelReplies().read(said(words={"safe": 0.0, "unsafe": 0.0}).as_json())
    read = read_reply(reply, HARM, Parsing())
    assert (read.status, read.error) == ("unparsed", "no label had any probability")
