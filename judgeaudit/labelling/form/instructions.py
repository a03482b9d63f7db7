"""The texts around a form: guidelines as instruction, dialogues as one text."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from html import escape as html_escape
from itertools import pairwise

from judgeaudit.domain.errors import InputError, one_line
from judgeaudit.domain.escape import SIGN
from judgeaudit.labelling.form.numbering import HOW_SURE, SURE, hotkeys, last_number, numbered
from judgeaudit.labelling.form.questions import CONFIDENCE, Form, FormQuestion, asked_in_words
from judgeaudit.labelling.texts import shown_text

#: what every rater needs to know before any guideline
HOW_TO = """\
# How to label

1. Read what is shown to the end; long texts scroll inside their box, and a grey line marks where each one ends.
   An empty box is an empty text.
2. Answer by clicking, or with the key that stands in brackets behind each answer.
3. **Submit**, at the bottom right, sends your answers and brings the next item; **Ctrl + Enter** does the same. While you
   write in the box for notes keys are letters: click **Submit** when you are done. A note is lost if you leave the item
   without that click.
4. The arrows at the bottom left lead back to earlier items. There **Update** stands in the place of *Submit*: what you
   change counts once you click it. For a note there is a button **Add** then, to be clicked before *Update*.
5. Each answer is yours alone: do not look at what others chose, and do not talk about items before all have finished.
6. Choose **Cannot tell** only after a second reading. **Skip** is for items that did not load or that you may not see.
7. `␛{202E}` and the like stand for one character each that cannot be seen, or that would turn the text around.
8. **Instructions**, at the top, opens this text again. You need nothing else that the page offers. Leave the menu, the
   links and **Settings** at the top alone: the table behind them shows what others chose. Should there be panels at the
   side (*Info*, *History*, *Regions*, *Relations*), ignore them.
"""
_SPEAKERS = {"user": "User", "human": "User", "assistant": "Assistant", "ai": "Assistant", "model": "Assistant"}


def instruction(guidelines: Sequence[str], form: Form | None = None) -> str:
    """The guidelines, as HTML that the server may show: mark-up inside them is text, and nothing is fetched for it.

    Where there are none, the questions of the form stand in their place, each answer behind its key.

    The page takes away margins, the numbers of lists and the borders of tables, and in one of its two windows shows line
    breaks of the source; so lines are laid out here: a list item after its number, a row of a table after its first cell.
    """
    texts = [text.removeprefix("\ufeff").replace("\r\n", "\n") for text in guidelines]
    pages = [_laid_out(text) for text in (HOW_TO, *(_visible(text) for text in texts))]
    return "<br><hr><br>".join([*pages, *([listed(form)] if form and not texts else [])])


def dialogue_text(messages_json: str) -> str:
    """A JSON list of messages as one text, speaker before speech; "" for "".

    >>> dialogue_text('[{"role": "user", "content": "Hi"}, {"role": "assistant", "content": "Hello"}]')
    'User: Hi\\n\\nAssistant: Hello'
    """
    if not messages_json:
        return ""
    try:
        messages: object = json.loads(messages_json)
    except (ValueError, RecursionError):
        messages = None
    if not isinstance(messages, list) or not all(isinstance(message, dict) for message in messages):
        msg = f"messages: {one_line(messages_json)!r} is not a JSON list of objects with role and content; correct the outputs"
        raise InputError(msg)
    return "\n\n".join(f"{_speaker(message.get('role'))}: {_speech(message)}" for message in messages)


def _visible(text: str) -> str:
    """Hidden characters written out; the sign for that may stand in a guideline, which need not be read back."""
    return shown_text(text).replace(f"{SIGN}{{241B}}", SIGN)


def _laid_out(markdown: str) -> str:
    lines = list(_lines(markdown))
    html = lines[0][1] if lines else ""
    for (kind, _), (following, text) in pairwise(lines):
        gap = 0 if kind == "heading" else 1 if kind == following != "text" else 2
        html += "<br>" * gap + text
    return html


def _lines(markdown: str) -> Iterator[tuple[str, str]]:
    """(heading, item, row, code or text, its HTML) for each line of the page."""
    from markdown_it import MarkdownIt

    page = MarkdownIt("commonmark", {"html": False}).enable("table").disable(["image", "link", "autolink", "reference"])
    for broken, mark in (("softbreak", " "), ("hardbreak", "<br>")):
        page.add_render_rule(broken, lambda *_, mark=mark: mark)
    inside, number, row = "", "", list[str]()
    for token in page.parse(markdown):
        if token.type == "inline":
            text = page.renderer.render(token.children or [], page.options, {})
            if inside in ("th", "td"):
                row.append(text)
            elif inside in ("h1", "h2", "h3", "h4", "h5", "h6"):
                yield "heading", f"<h3>{text}</h3>" if inside == "h1" else f"<h4>{text}</h4>"
            else:
                yield "item" if number else "text", number + text
            number = ""
        elif token.type == "list_item_open":
            number = "&nbsp;" * 4 * (token.level // 2) + (f"{token.info}. " if token.info else "• ")
        elif token.type == "tr_close":
            if inside == "td":
                yield "row", f"<strong>{row[0]}</strong> – {' – '.join(row[1:])}"
            row = []
        elif token.type in ("fence", "code_block"):
            yield "code", _code(token.content)
        elif token.nesting == 1:
            inside = token.tag


def _code(text: str) -> str:
    """Lines that stay lines, with their indents, and wrap: the page shows `<pre>` without wrapping and takes no style."""
    lines = [
        re.sub("^ +| (?= )", lambda gap: "\u00a0" * len(gap[0]), line)
        for line in text.expandtabs(4).removesuffix("\n").split("\n")
    ]
    return f"<code>{'<br>'.join(html_escape(line).replace(chr(0xA0), '&nbsp;') for line in lines)}</code>"


def _speaker(role: object) -> str:
    name = role if isinstance(role, str) and role else "Unnamed"
    return _SPEAKERS.get(name, name.capitalize())


def _speech(message: dict[str, object]) -> str:
    """What was said, with calls of tools as they were written; parts that are no text are named, not shown."""
    content = message.get("content")
    parts = content if isinstance(content, list) else [] if content is None else [content]
    texts = [_part(part) for part in parts]
    calls = message.get("tool_calls")
    if isinstance(calls, list):
        texts += [f"[calls {json.dumps(call, ensure_ascii=False)}]" for call in calls]
    return "\n".join(texts)


def _part(part: object) -> str:
    if isinstance(part, str):
        return part
    if isinstance(part, dict) and isinstance(part.get("text"), str):
        return str(part["text"])
    kind = part.get("type") if isinstance(part, dict) else None
    return (
        f"[{kind}]" if isinstance(kind, str) and re.fullmatch(r"[\w-]+", kind) else json.dumps(part, ensure_ascii=False)
    )


# The questions of a form as a list, for raters who have no guideline: what is asked, when, and the key of each
# answer.


def listed(form: Form) -> str:
    """HTML that holds a line for every question and every answer; what a study says in them is text."""
    keys, numbers = hotkeys(form), numbered(form)
    asked = {question.name: question for question in form.questions}
    parts = ["<br>".join(_question_lines(asked[name], number, asked, keys)) for name, number in numbers.items()]
    if form.confidence:
        sure = [_answer(words, keys.get((CONFIDENCE, label))) for label, words in SURE.items()]
        parts.append("<br>".join([f"<strong>{last_number(form)}. {HOW_SURE}</strong>", *sure]))
    return f"<h3>The questions</h3>{'<br><br>'.join(parts)}"


def _question_lines(
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
