"""The questions of a form as a list, for raters who have no guideline: what is asked, when, and the key of each answer."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from html import escape as html_escape

from judgeaudit.labelling.form.numbering import HOW_SURE, SURE, hotkeys, last_number, numbered
from judgeaudit.labelling.form.questions import CONFIDENCE, Form, FormQuestion, asked_in_words
from judgeaudit.labelling.texts import shown_text


def listed(form: Form) -> str:
    """HTML that holds a line for every question and every answer; what a study says in them is text."""
    keys, numbers = hotkeys(form), numbered(form)
    asked = {question.name: question for question in form.questions}
    parts = ["<br>".join(_lines(asked[name], number, asked, keys)) for name, number in numbers.items()]
    if form.confidence:
        sure = [_answer(words, keys.get((CONFIDENCE, label))) for label, words in SURE.items()]
        parts.append("<br>".join([f"<strong>{last_number(form)}. {HOW_SURE}</strong>", *sure]))
    return f"<h3>The questions</h3>{'<br><br>'.join(parts)}"


def _lines(
    question: FormQuestion, number: str, asked: Mapping[str, FormQuestion], keys: Mapping[tuple[str, str], str]
) -> Iterator[str]:
    yield f"<strong>{number}. {_text(asked_in_words(question))}</strong>"
    if question.when is not None:
        before, label = question.when
        yield f"<em>asked only after the answer: {_text(asked[before].choices[label])}</em>"
    if question.is_number:
        yield "• a number, which you type"
    for label, words in question.choices.items():
        yield _answer(words, keys.get((question.name, label)))


def _answer(words: str, key: str | None) -> str:
    return f"• {_text(words)}" + (f" – key <strong>{key}</strong>" if key else "")


def _text(text: str) -> str:
    return html_escape(shown_text(text)).replace("\n", "<br>")
