"""Forms as raters see them: in a real browser, on a real server, answered by keys."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from judgeaudit.labelling.form.xml import Form, FormQuestion, form_xml, hotkeys, instruction
from judgeaudit.labelling.server.server import Server
from judgeaudit.labelling.texts import shown_text
from judgeaudit.storage.config.read import read_study
from judgeaudit.storage.files.resources import annotations_folder
from judgeaudit.workflows.labelling.form import form_of
from tests.labelling.browser import chosen, open_labelling, press, shown_texts, submit
from tests.labelling.plain_http import answers, ask, new_project

if TYPE_CHECKING:
    from playwright.sync_api import Page

EVIL = (
    '<b>bold</b> <script>document.title = "owned"</script> <img src=x onerror=alert(1)> &amp; $prompt ${x}\n'
    "\n\tindented twice  and \u202egnp.exe\x1b[31m\u200b\x00\ud800\r\nשלום (abc) 123\n" + "w" * 600
)
TASK = {"ja_id": "t1", "prompt": "How do I repot a fern?", "response": "With care.", "response_b": "With a spade."}
WORDS = (
    "<b>x</b>",
    "a & b \"q\" 's'",
    "$5 and $prompt",
    "😀 עברית",
    "x" * 300,
    "comma, here",
    "true",
    "1e400",
    "nan",
    "&amp;",
    " lead ",
    "tab\there",
    "new\nline",
    "{{idx}}",
    "$response",
    "é\u202e",
)


def template(name: str) -> Form:
    return form_of(read_study(annotations_folder() / "templates" / name))


def words_by_key(form: Form) -> dict[str, str]:
    words = {(question.name, label): text for question in form.questions for label, text in question.choices.items()}
    return {key: words[answer] for answer, key in hotkeys(form).items() if answer in words}


def overflow(page: Page) -> int:
    """By how many pixels the form is wider than its column."""
    return int(
        page.evaluate(
            "(() => {const form = document.querySelector('.ja'); return form.scrollWidth - form.clientWidth})()"
        )
    )


@pytest.mark.parametrize("name", ["safety", "quality", "pairwise"])
def test_every_key_of_a_form_chooses_its_answer(label_studio: Server, page: Page, tmp_path: Path, name: str) -> None:
    """Each template's form shows texts, then questions; each key ticks the answer that it stands behind, and no other."""
    form = template(name)
    project = new_project(
        label_studio, form_xml(form), [TASK], instruction=instruction(["# Guideline\n\n1. Read.\n2. Choose."])
    )
    open_labelling(page, label_studio.url, project, instruction=True)
    page.screenshot(path=tmp_path / f"{name}.png", full_page=True)
    texts = [TASK["prompt"], TASK["response"], *([TASK["response_b"]] if form.pairwise else [])]
    assert shown_texts(page) == texts
    assert overflow(page) <= 0
    keys = hotkeys(form)
    for question in form.questions:
        for label, words in question.choices.items():
            press(page, keys[question.name, label])
            assert chosen(page)[-1] == words
    last = {question.name: ["cannot_judge"] for question in form.questions}
    submit(page, "With care.")
    assert answers(label_studio, project) == [last]


def test_a_hostile_response_is_visible_and_inert(label_studio: Server, page: Page) -> None:
    """Mark-up is text, hidden characters are written out, lines and tabs are kept, and nothing is run or fetched."""
    outside: list[str] = []
    page.on("request", lambda request: outside.append(request.url) if label_studio.url not in request.url else None)
    task = {"ja_id": "t1", "prompt": "p", "response": shown_text(EVIL)}
    open_labelling(page, label_studio.url, new_project(label_studio, form_xml(template("safety")), [task]))
    assert shown_texts(page)[1] == shown_text(EVIL)
    isolated = "".join(f"\u2066␛{{{point}}}\u2069" for point in ("200B", "0000", "D800", "000D"))
    assert f"\u2066␛{{202E}}\u2069gnp.exe\u2066␛{{001B}}\u2069[31m{isolated}" in shown_texts(page)[1]
    assert page.title() != "owned"
    assert page.locator(".ja-text img, .ja-text script, .ja-text b").count() == 0
    assert overflow(page) <= 0
    assert [url for url in outside if not url.startswith(("data:", "blob:"))] == []


def test_an_empty_response_shows_that_it_is_empty(label_studio: Server, page: Page) -> None:
    """The mark for the end of a text stands in an empty box, too, so that nobody waits for one to load."""
    task = {"ja_id": "t1", "prompt": "p", "response": ""}
    open_labelling(page, label_studio.url, new_project(label_studio, form_xml(template("quality")), [task]))
    assert shown_texts(page) == ["p", ""]
    content = "Array.from(document.querySelectorAll('.ja-text')).map(e => getComputedStyle(e, '::after').content)"
    assert page.evaluate(content) == ['"end of text"'] * 2


def test_hostile_words_are_accepted_and_their_labels_come_back(label_studio: Server, page: Page) -> None:
    """Any words may name questions and labels: the server keeps the form as it is, and gives the labels as declared."""
    names = ("a, \"b\" <c> & 'd' 😀", "שאלה", "n" * 300, " lead", "tab\tname", "response", "prompt", "notes", "$prompt")
    questions = [
        FormQuestion(name=names[0], scale="nominal", labels=WORDS, multiple=True, text="Costs $5? <b>&amp;</b>")
    ]
    questions += [FormQuestion(name=name, scale="nominal", labels=("p", "q"), cannot_judge=False) for name in names[1:]]
    form = Form(questions=tuple(questions))
    project = new_project(label_studio, form_xml(form), [TASK])
    assert ask(label_studio, "GET", f"/api/projects/{project}")["label_config"] == form_xml(form)
    open_labelling(page, label_studio.url, project)
    keys = hotkeys(form)
    press(page, *(keys[names[0], label] for label in WORDS), *(keys[name, "q"] for name in names[1:]))
    assert overflow(page) <= 0
    assert page.get_by_text("1. Costs $\u20605? <b>&amp;</b> Choose all that apply.").count() == 1
    submit(page, "With care.")
    assert answers(label_studio, project) == [{names[0]: list(WORDS), **{name: ["q"] for name in names[1:]}}]


def test_follow_ups_are_asked_where_they_matter(label_studio: Server, page: Page) -> None:
    """A follow-up comes and goes with its answer, is required while it is there, and leaves nothing when it is gone."""
    form = Form(
        questions=(
            FormQuestion(name="harm", scale="nominal", labels=("true", "a, b"), words={"true": "Yes", "a, b": "Maybe"}),
            FormQuestion(name="kind", scale="nominal", labels=("crime", "hate"), multiple=True, when=("harm", "true")),
            FormQuestion(name="sure", scale="binary", labels=("no", "yes"), when=("harm", "a, b"), cannot_judge=False),
        )
    )
    keys = hotkeys(form)
    project = new_project(label_studio, form_xml(form), [TASK])
    open_labelling(page, label_studio.url, project)
    first, second = page.get_by_text("1a. kind"), page.get_by_text("1b. sure")
    assert (first.is_visible(), second.is_visible()) == (False, False)
    press(page, keys["harm", "true"])
    first.wait_for(state="visible")
    press(page, "Control+Enter")
    page.get_by_text("Please answer question 1a.").wait_for()
    page.get_by_role("button", name="OK").click()
    press(page, keys["kind", "crime"], keys["harm", "a, b"])
    second.wait_for(state="visible")
    assert first.is_visible() is False
    press(page, keys["sure", "yes"])
    submit(page, "With care.")
    assert answers(label_studio, project) == [{"harm": ["a, b"], "sure": ["yes"]}]


def test_a_number_is_typed_or_cannot_be_told(label_studio: Server, page: Page) -> None:
    """Without a number the form is not taken; who cannot tell ticks that, and no number is sent."""
    questions = tuple(FormQuestion(name=name, scale="interval", labels=()) for name in ("score", "other"))
    form = Form(questions=questions, notes=False)
    project = new_project(label_studio, form_xml(form), [TASK])
    open_labelling(page, label_studio.url, project)
    press(page, "1", "Control+Enter")
    assert page.locator("input[name=score]").is_visible() is False
    page.get_by_text("Please answer question 2.").wait_for()
    page.get_by_role("button", name="OK").click()
    press(page, "1", "2")
    page.locator("input[name=score]").fill("3.5")
    page.locator(".ja-text").first.click()
    submit(page, "With care.")
    assert answers(label_studio, project) == [{"score": 3.5, "other:cannot_judge": ["cannot_judge"]}]


def test_fifty_six_answers_have_a_key_each(label_studio: Server, page: Page) -> None:
    """Every key that is given works: digits, letters, and letters with shift."""
    form = Form(questions=(FormQuestion(name="q", scale="nominal", labels=tuple(f"label {n}" for n in range(55))),))
    keys = words_by_key(form)
    assert len(keys) == 56
    open_labelling(page, label_studio.url, new_project(label_studio, form_xml(form), [TASK]))
    wrong = {}
    for key, words in keys.items():
        press(page, key)
        if chosen(page) != [words]:
            wrong[key] = chosen(page)
    assert wrong == {}


def test_raters_can_read_the_guidelines(label_studio: Server, page: Page, tmp_path: Path) -> None:
    """They open before the first item, line by line, and mark-up in them is text."""
    text = "# Harm <script>alert(1)</script>\n\n| label | when |\n|---|---|\n| safe | never <b>mind</b> |\n\n1. One.\n2. Two."
    form = form_xml(template("quality"))
    project = new_project(label_studio, form, [TASK], instruction=instruction([text]))
    page.goto(f"{label_studio.url}/projects/{project}/data")
    page.get_by_role("button", name="Label All Tasks").click()
    heading = page.get_by_role("heading", name="Harm <script>alert(1)</script>")
    heading.wait_for()
    page.screenshot(path=tmp_path / "instruction.png")
    lines = heading.locator("..").inner_text().splitlines()
    assert [line for line in lines if line.startswith(("safe", "1. One", "2. Two"))] == [
        *("safe – never <b>mind</b>", "1. One.", "2. Two.")
    ]
    page.get_by_role("button", name="Close modal").click()
