"""What a form asks, as plain records that hold nothing Label Studio would refuse, cut or misread."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

from judgeaudit.domain.errors import InputError, one_line
from judgeaudit.domain.pair_sides import Swap
from judgeaudit.domain.question import CANNOT_JUDGE
from judgeaudit.labelling.texts import shown_text

CONFIDENCE = "confidence"
CANNOT_TELL = "Cannot tell"
#: declared numbers up to here are shown as choices, since a closed set is best asked for closed
MOST_NUMBERS = 20
#: stands after a question's name in the control that says that a number cannot be given
UNABLE = f":{CANNOT_JUDGE}"
_NO_XML = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


@dataclass(frozen=True, slots=True, kw_only=True)
class FormQuestion:
    """One question of a form. `words` are shown in place of labels; `swap` holds pairs that change with the sides."""

    name: str
    scale: Literal["binary", "nominal", "ordinal", "interval"]
    labels: tuple[str, ...]
    text: str = ""
    layout: Literal["single", "pairwise"] = "single"
    multiple: bool = False
    words: Mapping[str, str] = field(default_factory=dict)
    when: tuple[str, str] | None = None
    cannot_judge: bool = True
    swap: Swap = ()

    @property
    def is_number(self) -> bool:
        """Whether a number is typed rather than chosen."""
        return self.scale == "interval" and not 0 < len(self.labels) <= MOST_NUMBERS

    @property
    def choices(self) -> dict[str, str]:
        """Label -> what raters read, in order, with the way out for who cannot tell."""
        offered = {} if self.is_number else {label: self.words.get(label, label) for label in self.labels}
        return offered | ({CANNOT_JUDGE: CANNOT_TELL} if self.cannot_judge and CANNOT_JUDGE not in offered else {})


@dataclass(frozen=True, slots=True, kw_only=True)
class Form:
    """What stands on a page: one answer or two, the prompt where there is one, and the questions in their order."""

    questions: tuple[FormQuestion, ...]
    confidence: bool = False
    notes: bool = True
    pairwise: bool = False
    has_prompt: bool = True
    messages: bool = False

    def __post_init__(self) -> None:
        _refuse_names(self)
        for place, question in enumerate(self.questions):
            _refuse_labels(question)
            _refuse_condition(question, self.questions[:place])


def asked_in_words(question: FormQuestion) -> str:
    """The question as raters read it."""
    return f"{question.text or question.name}{' Choose all that apply.' if question.multiple else ''}"


def plain(text: str) -> str:
    """A text that the page shows as it is: `$word` would be replaced by the task's data."""
    return re.sub(r"\$(?=[\w[\].{}])", "$\u2060", shown_text(text))


def _refuse_names(form: Form) -> None:
    controls = Counter(question.name for question in form.questions)
    controls.update(f"{one.name}{UNABLE}" for one in form.questions if one.is_number and one.cannot_judge)
    for name, count in controls.items():
        fault = None
        if not name.strip() or _NO_XML.search(name) or name in ("true", "false") or "@" in name or "|" in name:
            fault = "Label Studio cannot hold that name (no @, no |, no control characters, neither true nor false)"
        elif name == CONFIDENCE:
            fault = "that name stands for how sure a rater is"
        elif count > 1:
            fault = "two controls of the form would have that name"
        if fault:
            msg = f"question {one_line(name)!r}: {fault}; rename it in study.toml"
            raise InputError(msg)


def _refuse_labels(question: FormQuestion) -> None:
    """Labels must come back as they are, and no words may be mistaken for another label or for other words."""
    seen: dict[str, str] = {}
    for label, words in question.choices.items():
        where = f"question {one_line(question.name)!r}"
        if not label or _NO_XML.search(label):
            msg = f"{where}: label {one_line(label)!r} holds a character that no form can; rename it in study.toml"
            raise InputError(msg)
        read = plain(words).strip()
        if not read:
            msg = f"{where}: label {one_line(label)!r} would be an empty answer; give it words in study.toml"
            raise InputError(msg)
        if read in seen or (words != label and words in question.choices):
            msg = f"{where}: {one_line(words)!r} would be shown for two answers; change words in study.toml"
            raise InputError(msg)
        seen[read] = label


def _refuse_condition(question: FormQuestion, before: tuple[FormQuestion, ...]) -> None:
    if question.when is None:
        return
    name, label = question.when
    if question.is_number:
        msg = (
            f"question {one_line(question.name)!r}: a number that is typed cannot have a when, since Label Studio sends it "
            f"even while it is hidden; declare up to {MOST_NUMBERS} labels in study.toml"
        )
        raise InputError(msg)
    asked = next((one for one in before if one.name == name), None)
    if asked is None or asked.is_number or label not in asked.choices:
        msg = (
            f"question {one_line(question.name)!r}: no question before it is called {one_line(name)!r} and has the "
            f"answer {one_line(label)!r}; correct its when in study.toml"
        )
        raise InputError(msg)
    if "," in label and "," in plain(asked.choices[label]):
        msg = (
            f"question {one_line(name)!r}: answer {one_line(label)!r} decides what is asked next, which Label Studio "
            "cannot do with a comma in it; give it words without one in study.toml"
        )
        raise InputError(msg)
