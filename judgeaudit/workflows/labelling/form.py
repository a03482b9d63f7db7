"""A study's questions as the form that raters fill in."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from judgeaudit.domain.errors import InputError, one_line
from judgeaudit.domain.question import number_of

if TYPE_CHECKING:
    from judgeaudit.labelling.form.xml import Form, FormQuestion
    from judgeaudit.storage.config.questions import QuestionConfig
    from judgeaudit.storage.config.schema import StudyConfig


def form_of(config: StudyConfig) -> Form:
    """The form of a study, with a place for a prompt. Labels of pairwise questions know what they change into."""
    from judgeaudit.labelling.form.xml import Form

    layouts = {question.layout for question in config.questions.values()}
    if len(layouts) > 1:
        one, two = (
            next(name for name, question in config.questions.items() if question.layout == layout)
            for layout in ("single", "pairwise")
        )
        msg = (
            f"study.toml: question {one_line(one)!r} is about one answer and {one_line(two)!r} about two, and a form "
            "shows one or two; make a study for each"
        )
        raise InputError(msg)
    for name in config.questions:
        if number_of(name) is not None or name in ("true", "false"):
            msg = f"study.toml: question {one_line(name)!r}: a name that is a number, true or false is refused by Label Studio; rename it"
            raise InputError(msg)
    return Form(
        questions=tuple(_asked(name, question) for name, question in config.questions.items()),
        confidence=config.labelling.confidence,
        notes=config.labelling.notes,
        pairwise="pairwise" in layouts,
    )


def guidelines_of(study: Path, config: StudyConfig) -> list[str]:
    """The guidelines of the questions, in their order, each once."""
    from judgeaudit.storage.files.write import shown

    texts = []
    for name in dict.fromkeys(one.guideline for one in config.questions.values() if one.guideline):
        try:
            texts.append((study / name).read_text(encoding="utf-8"))
        except FileNotFoundError:
            msg = f"{shown(study / name)}: no such file; write the guideline there, or take it out of study.toml"
            raise InputError(msg) from None
        except (OSError, UnicodeDecodeError):
            msg = f"{shown(study / name)}: cannot be read as UTF-8; save the guideline so, or take it out of study.toml"
            raise InputError(msg) from None
    return texts


def _asked(name: str, question: QuestionConfig) -> FormQuestion:
    from judgeaudit.domain.pair_sides import plain_swap
    from judgeaudit.labelling.form.xml import FormQuestion

    swap = question.swap if question.swap is not None else ()
    if question.layout == "pairwise" and question.swap is None:
        swap = plain_swap(name, question.labels)
    return FormQuestion(
        name=name,
        scale=question.scale,
        labels=question.labels,
        text=question.text,
        layout=question.layout,
        multiple=question.multiple,
        words=question.words,
        when=(question.when.question, question.when.label) if question.when else None,
        cannot_judge=question.cannot_judge,
        swap=swap,
    )
