"""The form that raters fill in, as a labelling configuration of Label Studio. What goes out comes back as declared labels.

Peculiarities of its editor that stand behind what looks odd here (all reproduced):

- an attribute whose text is `true` or `false` becomes a boolean, but for `value`
- `$word` in a shown text is replaced by the task's data, so a word joiner stands between the two
- `whenChoiceValue` is cut at commas, and finds a choice by alias or by shown words, whichever comes first
- choices that are hidden are not sent, but a number that is typed and then hidden is
- what follows @ in a name is cut off, and a name with | stops the server
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from html import escape as html_escape
from xml.etree import ElementTree as Tree

from judgeaudit.domain.pair_sides import unswapped
from judgeaudit.domain.question import CANNOT_JUDGE
from judgeaudit.labelling.form.instructions import dialogue_text, instruction
from judgeaudit.labelling.form.numbering import HOW_SURE, SURE, followers, hotkeys, last_number, numbered
from judgeaudit.labelling.form.questions import (
    CONFIDENCE,
    UNABLE,
    Form,
    FormQuestion,
    asked_in_words,
    plain,
)
from judgeaudit.labelling.texts import shown_text

# How a form looks: texts keep their line breaks, each line its own direction, and every text shows where it ends.
# Long texts scroll in boxes that leave room for two questions below them, on a screen of 700 pixels, too. While a
# form is shown its rules hold for the whole page, so they also put away the editor's panels for marked regions, of
# which a form has none, and fit header, buttons and instruction to a narrow screen. Where another version names
# those parts differently the rules do nothing.


#: no > and no &: the editor takes the rules as they are written in XML
_FORM = """
.ja {max-width: 1100px; margin: 0 auto; overflow-wrap: anywhere}
.ja-two {display: flex; gap: 10px}
.ja-two .ja-box {flex: 1 1 0; min-width: 0; max-height: 44vh}
.ja-box {border: 1px solid var(--color-neutral-border, #ccc); border-radius: 6px; padding: 0 14px 6px; margin-bottom: 8px}
.ja-box {max-height: 36vh; overflow-y: auto}
.ja-box.ja-prompt {max-height: 20vh}
.ja-text * {white-space: pre-wrap; overflow-wrap: anywhere; unicode-bidi: plaintext}
.ja-text::after {content: "end of text"; display: block; border-top: 1px solid #ddd; color: #767676; font-size: 11px}
.ja label, .ja label * {white-space: normal}
.ja-follow {border-left: 3px solid var(--color-primary-border, #8ac); padding-left: 12px}
.ja-number sup {display: none}
"""
#: Submit takes a note along as it stands in its box, so what the editor has for "adding" it is put away; but Update, on an
#: item that was submitted before, stays closed to a new note until that is added
_NOTE_STYLE = """
.ja [data-testid=textarea-counts], .ja [data-testid=textarea-instruction] {display: none}
.ja [data-testid=textarea-submit-section]::before {content: "For a note: first Add, then Update."; font-size: 14px}
.lsf-editor:has([data-testid=bottombar-submit-button]) [data-testid=textarea-submit-section] {display: none}
"""
_AROUND = """
.lsf-sidepanels {padding: 0 !important}
.lsf-sidepanels__wrapper, .lsf-sidepanels .lsf-tabs-panel {display: none !important}
.lsf-modal-ls__content {max-width: 100vw}
.lsf-modal-ls__body, .ant-modal-body {overflow-wrap: anywhere}
"""
_NARROW = """
.ja-two {flex-direction: column; gap: 0}
.ja-two .ja-box {flex: none; max-height: 36vh}
.lsf-editor {width: 100%; min-width: 0; margin: 0}
.lsf-menu-header__trigger {min-width: 0; gap: 12px}
.lsf-menu-header__context-item_left, .lsf-menu-header__context-item_right a {display: none}
.lsf-menu-header__hotkeys, .lsf-menu-header [class*=themeToggle] {display: none}
.lsf-history-buttons, .lsf-action-buttons {display: none}
.lsf-current-task__task-id {white-space: nowrap}
.lsf-controls button {flex: none; width: auto; min-width: max-content}
.ant-modal {min-width: 0 !important; width: 100% !important}
"""
STYLE = (
    f"{_FORM.strip()}\n{_NOTE_STYLE.strip()}\n{_AROUND.strip()}\n@media (max-width: 760px) {{\n{_NARROW.strip()}\n}}"
)


__all__ = [
    "CANNOT_JUDGE",
    "CONFIDENCE",
    "Form",
    "FormQuestion",
    "dialogue_text",
    "form_xml",
    "hotkeys",
    "instruction",
    "shown_words",
    "unswapper",
]

_BOOLEANS = ("true", "false")
#: a number is typed; a key that steps it up by one would be pressed by mistake, so it is out of reach
_FAR_KEY = "ctrl+alt+shift+n"
_NOTES = {"rows": "2", "editable": "true", "placeholder": "Saved when you click Submit."}


@dataclass(frozen=True, slots=True, kw_only=True)
class _Asked:
    """What every question of a form needs to be asked."""

    form: Form
    #: the name of the text that the answers are about
    answer: str
    keys: Mapping[tuple[str, str], str]
    numbers: Mapping[str, str]


def form_xml(form: Form) -> str:
    """The configuration: texts first, then every question with its answers, confidence and notes."""
    names = {question.name for question in form.questions}
    answer = _free("response", names)
    root = Tree.Element("View", className="ja")
    Tree.SubElement(root, "Style").text = STYLE
    _texts(root, form, names)
    asked = _Asked(form=form, answer=answer, keys=hotkeys(form), numbers=numbered(form))
    _ask_all(root, asked, None)
    if form.confidence:
        _header(root, f"{last_number(form)}. {HOW_SURE}")
        _choices(root, CONFIDENCE, answer, SURE, asked.keys, message="Please say how sure you are.")
    if form.notes:
        _header(root, "Notes (optional)")
        _part(root, "TextArea", name=_free("notes", names), toName=answer, **_NOTES)
    Tree.indent(root)
    return Tree.tostring(root, encoding="unicode")


def unswapper(form: Form) -> Callable[[str, str], str]:
    """A function of question and label: the label as if the two answers of its item had not changed sides."""
    swaps = {question.name: question.swap for question in form.questions if question.layout == "pairwise"}
    several = {question.name for question in form.questions if question.multiple}

    def unswap(question: str, label: str) -> str:
        swap = swaps.get(question, ())
        if question not in several:
            return unswapped(label, swap)
        return "|".join(sorted(unswapped(one, swap) for one in label.split("|")))

    return unswap


def shown_words(form: Form) -> dict[str, dict[str, str]]:
    """Question -> what its choices show -> label, where no label reads so itself."""
    return {
        question.name: {
            shown: label
            for label, words in question.choices.items()
            for shown in (words, plain(words))
            if shown not in question.labels
        }
        for question in form.questions
    }


def _texts(root: Tree.Element, form: Form, names: set[str]) -> None:
    if form.has_prompt:
        heading = "The conversation so far" if form.messages else "What the user wrote"
        _box(root, heading, _free("prompt", names), "prompt", look="ja-box ja-prompt")
    if not form.pairwise:
        _box(root, "What the model answered", _free("response", names), "response")
        return
    both = Tree.SubElement(root, "View", className="ja-two")
    _box(both, "Answer A", _free("response", names), "response")
    _box(both, "Answer B", _free("response_b", names), "response_b")


def _box(root: Tree.Element, heading: str, name: str, key: str, *, look: str = "ja-box") -> None:
    box = Tree.SubElement(root, "View", className=look)
    _header(box, heading)
    text = Tree.SubElement(box, "View", className="ja-text")
    _part(text, "Text", name=name, value=f"${key}", selectionEnabled="false")


def _ask_all(root: Tree.Element, asked: _Asked, above: FormQuestion | None) -> None:
    """The questions that depend on one, or on none: each under its heading, and below it what depends on it in turn.

    A follow-up stands in a view that shows when it is wanted, and with it goes whatever follows from its own answer.
    """
    for question in followers(asked.form, above):
        place = root
        if question.when is not None and above is not None:
            condition = {"whenTagName": above.name, "whenChoiceValue": _condition(above, question.when[1])}
            place = _part(root, "View", className="ja-follow", visibleWhen="choice-selected", **condition)
        _ask(place, question, asked)
        _ask_all(place, asked, question)


def _ask(root: Tree.Element, question: FormQuestion, asked: _Asked) -> None:
    answer, keys, number = asked.answer, asked.keys, asked.numbers[question.name]
    _header(root, f"{number}. {asked_in_words(question)}")
    message = f"Please answer question {number}."
    if not question.is_number:
        many = "multiple" if question.multiple else "single-radio"
        _choices(root, question.name, answer, question.choices, keys, message=message, choice=many)
    elif question.cannot_judge:
        unable = question.name + UNABLE
        typed = _part(root, "View", visibleWhen="choice-unselected", whenTagName=unable, whenChoiceValue=CANNOT_JUDGE)
        _number(typed, question, answer, message)
        own = {(unable, CANNOT_JUDGE): keys.get((question.name, CANNOT_JUDGE), "")}
        _choices(root, unable, answer, question.choices, own, message=None, choice="single")
    else:
        _number(root, question, answer, message)


def _number(root: Tree.Element, question: FormQuestion, answer: str, message: str) -> None:
    values = sorted(question.labels, key=float)
    bounds = {"min": values[0].strip(), "max": values[-1].strip()} if values else {}
    box = _part(root, "View", className="ja-number")
    what = {"required": "true", "requiredMessage": message, "hotkey": _FAR_KEY}
    _part(box, "Number", name=question.name, toName=answer, **what, **bounds)


def _choices(
    root: Tree.Element,
    name: str,
    answer: str,
    offered: Mapping[str, str],
    keys: Mapping[tuple[str, str], str],
    *,
    message: str | None,
    choice: str = "single-radio",
) -> None:
    required = {"required": "true", "requiredMessage": message} if message else {}
    group = _part(root, "Choices", name=name, toName=answer, choice=choice, showInline="true", **required)
    for label, words in offered.items():
        key = {"hotkey": keys[name, label]} if keys.get((name, label)) else {}
        if label not in _BOOLEANS:
            _part(group, "Choice", value=plain(words), alias=label, **key)
        elif words == label:
            _part(group, "Choice", value=label, **key)
        else:
            _part(group, "Choice", value=label, html=f"<span>{html_escape(shown_text(words))}</span>", **key)


def _header(root: Tree.Element, text: str) -> None:
    _part(root, "Header", value=plain(text), size="5")


def _part(root: Tree.Element, tag: str, **attributes: str) -> Tree.Element:
    return Tree.SubElement(root, tag, attributes)


def _free(name: str, taken: set[str]) -> str:
    """A name for a part of the page that no question has."""
    while name in taken:
        name += "_"
    return name


def _condition(asked: FormQuestion, label: str) -> str:
    """How a condition names the answer that it waits for: by what holds no comma, guarded from becoming a boolean."""
    way = label if "," not in label else plain(asked.choices[label])
    return f"{way}," if way in _BOOLEANS else way
