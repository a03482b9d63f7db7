"""The rule that finds gibberish answers the coherence question of our templates, and binary ones, without being told labels."""

from __future__ import annotations

import pytest

from judgeaudit.domain.errors import InputError
from judgeaudit.domain.output import Asked, Output
from judgeaudit.judges.rules import RuleJudge

OUTPUTS = [
    Output(item_id="a", response="Wrap each pear in paper, and keep the box in a cool room.", prompt="How do I store pears?"),
    Output(item_id="b", response="the dough the dough the dough the dough the dough the dough the dough the", prompt="?"),
]  # fmt: skip
COHERENCE = Asked(name="coherence", text="?", scale="ordinal", labels=("gibberish", "partly", "coherent"))
READABLE = Asked(name="readable", text="?", scale="binary", labels=("coherent", "gibberish"), positive=("coherent",))
HARM = Asked(name="harm", text="?", scale="binary", labels=("safe", "unsafe"), positive=("unsafe",))
QUALITY = Asked(name="quality", text="?", scale="ordinal", labels=("1", "2", "3"))


@pytest.mark.parametrize("question", [COHERENCE, READABLE], ids=lambda one: one.name)
def test_the_label_gibberish_is_given_to_gibberish(question: Asked) -> None:
    """And the label at the other end to all else, whichever side is the positive one."""
    verdicts = RuleJudge(name="rule", rule="gibberish").judge(OUTPUTS, question)
    assert [verdict.label for verdict in verdicts] == ["coherent", "gibberish"]


def test_labels_can_be_named() -> None:
    """What study.toml says wins; a question without such a label is answered as by any rule."""
    named = RuleJudge(name="rule", rule="gibberish", otherwise="partly")
    assert [verdict.label for verdict in named.judge(OUTPUTS, COHERENCE)] == ["partly", "gibberish"]
    plain = RuleJudge(name="rule", rule="gibberish")
    assert [verdict.label for verdict in plain.judge(OUTPUTS, HARM)] == ["safe", "unsafe"]
    with pytest.raises(InputError, match="say with label and otherwise which of its labels the rule gives"):
        plain.judge(OUTPUTS, QUALITY)
