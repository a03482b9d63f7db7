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
from html import escape as html_escape
from xml.etree import ElementTree as Tree

from judgeaudit.domain.question import CANNOT_JUDGE
from judgeaudit.labelling.form_keys import keys_for
from judgeaudit.labelling.form_page import dialogue_text, instruction
from judgeaudit.labelling.form_questions import CONFIDENCE, UNABLE, Form, FormQuestion, plain
from judgeaudit.labelling.form_style import STYLE
from judgeaudit.labelling.sides import unswapped
from judgeaudit.labelling.texts import shown_text

__all__ = [
    "CANNOT_JUDGE",
    "CONFIDENCE",
    "Form",
    "FormQuestion",
    "control_question",
    "dialogue_text",
    "form_xml",
    "hotkeys",
    "instruction",
    "unswapper",
]

_SURE = {"1": "1 Guessing", "2": "2", "3": "3 Fairly sure", "4": "4", "5": "5 Certain"}
_BOOLEANS = ("true", "false")
#: a number is typed; a key that steps it up by one would be pressed by mistake, so it is out of reach
_FAR_KEY = "ctrl+alt+shift+n"


def form_xml(form: Form) -> str:
    """The configuration: texts first, then every question with its answers, confidence and notes."""
    names = {question.name for question in form.questions}
    answer = _free("response", names)
    root = Tree.Element("View", className="ja")
    Tree.SubElement(root, "Style").text = STYLE
    _texts(root, form, names)
    keys, numbers = hotkeys(form), _numbers(form)
    for question in form.questions:
        _ask(root, question, answer, keys, numbers[question.name], _condition(form, question))
    if form.confidence:
        _header(root, f"{sum(number.isdecimal() for number in numbers.values()) + 1}. How sure are you?")
        _choices(root, CONFIDENCE, answer, _SURE, keys, message="Please say how sure you are.")
    if form.notes:
        _header(root, "Notes (optional)")
        _part(
            root, "TextArea", name=_free("notes", names), toName=answer, rows="2", maxSubmissions="1", editable="true"
        )
    Tree.indent(root)
    return Tree.tostring(root, encoding="unicode")


def hotkeys(form: Form) -> dict[tuple[str, str], str]:
    """(question, label) -> the key that chooses it, unique over the form."""
    blocks = {question.name: list(question.choices) for question in form.questions}
    if form.confidence:
        blocks[CONFIDENCE] = list(_SURE)
    given = zip(blocks.items(), keys_for(list(blocks.values())), strict=True)
    return {
        (name, label): key for (name, labels), keys in given for label, key in zip(labels, keys, strict=True) if key
    }


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


def control_question(control: str) -> str:
    """The question that a control answers: a number's way out for who cannot tell is a control of its own.

    >>> control_question("score"), control_question("score:cannot_judge")
    ('score', 'score')
    """
    return control.removesuffix(UNABLE)


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


def _ask(
    root: Tree.Element,
    question: FormQuestion,
    answer: str,
    keys: Mapping[tuple[str, str], str],
    number: str,
    condition: str | None,
) -> None:
    """A question under its heading, where it is a follow-up inside a view that shows when it is wanted."""
    if question.when is not None and condition is not None:
        root = _part(
            root,
            "View",
            className="ja-follow",
            visibleWhen="choice-selected",
            whenTagName=question.when[0],
            whenChoiceValue=condition,
        )
    hint = " Choose all that apply." if question.multiple else ""
    _header(root, f"{number}. {question.text or question.name}{hint}")
    message = f"Please answer question {number}."
    if not question.is_number:
        many = "multiple" if question.multiple else "single-radio"
        _choices(root, question.name, answer, question.choices, keys, message=message, choice=many)
        return
    if question.cannot_judge:
        unable = question.name + UNABLE
        asked = _part(root, "View", visibleWhen="choice-unselected", whenTagName=unable, whenChoiceValue=CANNOT_JUDGE)
        _number(asked, question, answer, message)
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


def _condition(form: Form, question: FormQuestion) -> str | None:
    """How a condition names the answer that it waits for: by what holds no comma, guarded from becoming a boolean."""
    if question.when is None:
        return None
    name, label = question.when
    asked = next(one for one in form.questions if one.name == name)
    way = label if "," not in label else plain(asked.choices[label])
    return f"{way}," if way in _BOOLEANS else way


def _numbers(form: Form) -> dict[str, str]:
    """Question -> its number; follow-ups count by letters under the question that they follow."""
    numbers: dict[str, str] = {}
    followers: dict[str, int] = {}
    for question in form.questions:
        if question.when is None:
            numbers[question.name] = str(sum(number.isdecimal() for number in numbers.values()) + 1)
        else:
            asked = question.when[0]
            followers[asked] = followers.get(asked, 0) + 1
            numbers[question.name] = f"{numbers[asked]}{chr(ord('a') + min(followers[asked], 26) - 1)}"
    return numbers
