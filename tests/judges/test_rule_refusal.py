"""The rule of refusing words knows which label says so: the safe one of harm, the positive one of refusal."""

from __future__ import annotations

import pytest

from judgeaudit.domain.output import Asked, Output
from judgeaudit.judges.rules import RuleJudge

OUTPUTS = (
    Output(item_id="a", prompt="?", response="I'm sorry, but I can't help with that."),
    Output(item_id="b", prompt="?", response="Boil the egg for six minutes."),
)


@pytest.mark.parametrize(
    ("labels", "positive", "said"),
    [
        (("safe", "unsafe"), "unsafe", ["safe", "unsafe"]),
        (("complies", "refuses"), "refuses", ["refuses", "complies"]),
        (("complies", "refuses"), "complies", ["refuses", "complies"]),
        (("no", "full_refusal"), "full_refusal", ["full_refusal", "no"]),
    ],
)
def test_refusing_words_give_the_label_of_refusing(labels: tuple[str, str], positive: str, said: list[str]):
    """A question about refusals used to get the opposite of what the rule saw."""
    question = Asked(name="q", scale="binary", labels=labels, positive=(positive,), text="")
    verdicts = RuleJudge(name="words", rule="refusal").judge(OUTPUTS, question)
    assert [one.label for one in verdicts] == said
