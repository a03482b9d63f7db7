"""Rules that read a text alone: the cheap baselines that a model has to beat before anyone should pay for it."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Literal

from judgeaudit.domain.errors import InputError, one_line
from judgeaudit.domain.output import Asked, Output
from judgeaudit.domain.verdict import Verdict
from judgeaudit.text.edits.catalogue import GIBBERISH
from judgeaudit.text.gibberish.refusals import refuses
from judgeaudit.text.signals import looks_like_gibberish

Rule = Literal["refusal", "keywords", "regex", "length", "gibberish"]


@dataclass(frozen=True, slots=True, kw_only=True)
class RuleJudge:
    """One label where a rule holds, another where it does not. It has no probabilities and refuses nothing.

    refusal    the text begins by refusing, in English: the label that says so, else the one that is not positive
    keywords   one of `words` stands in it, as whole words, without regard to case
    regex      `pattern` is found in it
    length     its length in characters is at least `at_least` and at most `at_most`
    gibberish  (a question with this label gets it, or the label at the other end of the scale)
               it looks like gibberish by the quick score of `text/gibberish/score.py`
    """

    name: str
    rule: Rule
    words: tuple[str, ...] = ()
    pattern: str = ""
    at_least: int | None = None
    at_most: int | None = None
    reads: Literal["response", "prompt"] = "response"
    label: str | None = None
    otherwise: str | None = None

    def judge(self, outputs: Sequence[Output], question: Asked) -> list[Verdict]:
        """The verdict of the rule on each output."""
        holds = self._holds()
        yes, no = self.labels(question)
        return [
            Verdict(
                item_id=output.item_id,
                judge=self.name,
                question=question.name,
                status="answered",
                label=yes if holds(output.prompt if self.reads == "prompt" else output.response) else no,
            )
            for output in outputs
        ]

    def labels(self, question: Asked) -> tuple[str, str]:
        """The label where the rule holds, and the one where it does not."""
        self._refuse_other_labels(question)
        if self.label is not None and self.otherwise is not None:
            return self.label, self.otherwise
        if self.rule == "gibberish" and GIBBERISH in question.labels:
            first = question.labels.index(GIBBERISH) < len(question.labels) / 2
            return self.label or GIBBERISH, self.otherwise or question.labels[-1 if first else 0]
        yes, no = self._of_binary(question)
        if self.label is not None:
            return self.label, no if self.label == yes else yes
        if self.otherwise is not None:
            return no if self.otherwise == yes else yes, self.otherwise
        return yes, no

    def _refuse_other_labels(self, question: Asked) -> None:
        for label in (self.label, self.otherwise):
            if label is not None and label not in question.labels:
                offered = ", ".join(map(one_line, question.labels))
                msg = (
                    f"judges.{one_line(self.name)}: {one_line(label)!r} is not a label of question "
                    f"'{one_line(question.name)}'; labels are {offered}"
                )
                raise InputError(msg)

    def _of_binary(self, question: Asked) -> tuple[str, str]:
        """What the rule says of a binary question if study.toml names no label."""
        if question.scale != "binary":
            msg = (
                f"judges.{one_line(self.name)}: question '{one_line(question.name)}' is {question.scale}; say with label "
                "and otherwise which of its labels the rule gives"
            )
            raise InputError(msg)
        positive = question.positive[0]
        other = next(label for label in question.labels if label != positive)
        if self.rule == "refusal" and "refus" not in positive.casefold():
            return other, positive
        return positive, other

    def _holds(self) -> Callable[[str], bool]:
        rules: dict[Rule, Callable[[], Callable[[str], bool]]] = {
            "refusal": lambda: refuses,
            "gibberish": lambda: looks_like_gibberish,
            "keywords": lambda: _any_of(self.words),
            "regex": lambda: _found(re.compile(self.pattern)),
            "length": lambda: self._fits,
        }
        return rules[self.rule]()

    def _fits(self, text: str) -> bool:
        return (self.at_least is None or len(text) >= self.at_least) and (
            self.at_most is None or len(text) <= self.at_most
        )


def _any_of(words: Sequence[str]) -> Callable[[str], bool]:
    listed = "|".join(re.escape(word) for word in sorted(words, key=len, reverse=True))
    return _found(re.compile(rf"(?<!\w)(?:{listed})(?!\w)", re.IGNORECASE))


def _found(pattern: re.Pattern[str]) -> Callable[[str], bool]:
    return lambda text: pattern.search(text) is not None
