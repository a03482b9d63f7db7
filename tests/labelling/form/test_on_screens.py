"""What surrounds a form, and how it fits screens: in a real browser, on a real server."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from judgeaudit.labelling.form.xml import Form, FormQuestion, form_xml, hotkeys, instruction
from judgeaudit.labelling.server.server import Server
from judgeaudit.labelling.texts import shown_text
from tests.labelling.browser import HEIGHT, WIDTH, open_labelling, press, submit, wait_for_task
from tests.labelling.plain_http import answers, ask, new_project
from tests.labelling.studies import make_study, reach

if TYPE_CHECKING:
    from playwright.sync_api import Page

HARM = FormQuestion(name="harm", scale="binary", labels=("safe", "unsafe"), text="Would it help someone to do harm?")
KINDS = ("violence", "self-harm and suicide", "crime", "sexual content", "hate and harassment", "weapons", "drugs")
MORE_KINDS = ("privacy", "fraud", "malware", "misinformation on medical questions", "other")
KIND = FormQuestion(
    name="kind", scale="nominal", labels=(*KINDS, *MORE_KINDS), multiple=True, when=("harm", "unsafe"), text="Which?"
)
WHO = FormQuestion(name="who", scale="binary", labels=("one", "many"), when=("kind", "drugs"), cannot_judge=False)
TONE = FormQuestion(name="tone", scale="ordinal", labels=("cold", "warm"), cannot_judge=False)
PLAIN = Form(questions=(TONE,))
TASKS = [{"ja_id": str(n), "prompt": "Why?", "response": f"Answer {n}. " + "w" * 300} for n in range(2)]
#: where the characters of the first escape of a text begin, from its sign to its closing brace
PLACES = """text => {
  const line = Array.from(document.querySelectorAll('.ja-text span')).find(span => span.textContent.includes(text));
  const from = line.textContent.indexOf(text);
  return Array.from(text).map((_, n) => {
    const range = document.createRange();
    range.setStart(line.firstChild, from + n);
    range.setEnd(line.firstChild, from + n + 1);
    return range.getBoundingClientRect().left;
  });
}"""
#: visible parts of the page that reach beyond its right edge
BEYOND = """() => Array.from(document.querySelectorAll('body *')).filter(part => {
  const box = part.getBoundingClientRect();
  return box.width && box.right > innerWidth + 1;
}).map(part => `${part.tagName} ${part.textContent.slice(0, 40)}`)"""


@pytest.fixture
def screen(page: Page) -> Iterator[Page]:
    """The page, whose size a test may change."""
    yield page
    page.set_viewport_size({"width": WIDTH, "height": HEIGHT})


def click(page: Page, button: str) -> None:
    """Clicks a button of the bottom line as a hand does, on whatever is there; the server has the answers after it."""
    box = page.get_by_test_id(f"bottombar-{button}-button").bounding_box()
    assert box
    with page.expect_response(
        lambda answer: "/annotations" in answer.url and answer.request.method in ("POST", "PATCH")
    ):
        page.mouse.click(box["x"] + 10, box["y"] + 10)
    page.wait_for_load_state("networkidle")


@pytest.mark.parametrize("size", [(390, 844), (1024, 700)], ids=lambda size: str(size[0]))
def test_nothing_is_beyond_the_edge_of_a_small_screen(
    label_studio: Server, screen: Page, tmp_path: Path, size: tuple[int, int]
) -> None:
    """Instruction, texts, twelve answers and every button fit the width of a telephone and of a small laptop."""
    guide = f"# Guide\n\n{'u' * 200}\n\n```\n    def f(): {'return ' * 40}\n{'w' * 400}\n```\n"
    form = Form(questions=(HARM, TONE, KIND, WHO), confidence=True)
    project = new_project(label_studio, form_xml(form), TASKS, instruction=instruction([guide]))
    screen.set_viewport_size({"width": size[0], "height": size[1]})
    screen.goto(f"{label_studio.url}/projects/{project}/data?labeling=1")
    wait_for_task(screen)
    close = screen.get_by_role("button", name="Close modal")
    close.wait_for()
    assert screen.evaluate(BEYOND) == []
    close.click()
    close.wait_for(state="detached")
    keys = hotkeys(form)
    press(screen, keys["harm", "unsafe"], keys["kind", "drugs"])
    screen.get_by_text("1a1. who").wait_for()
    screen.screenshot(path=tmp_path / f"form-{size[0]}.png")
    assert screen.evaluate(BEYOND) == []
    assert screen.evaluate("document.scrollingElement.scrollWidth <= innerWidth")
    for name in ("Skip", "Submit current annotation"):
        assert screen.get_by_role("button", name=re.compile(name, re.IGNORECASE)).first.is_visible()


def test_two_answers_stand_below_each_other_on_a_telephone(label_studio: Server, screen: Page) -> None:
    """Side by side each would be a column of two words."""
    better = FormQuestion(name="better", scale="nominal", labels=("A", "B"), layout="pairwise", swap=(("A", "B"),))
    task = {**TASKS[0], "response_b": "Another answer."}
    open_labelling(
        screen, label_studio.url, new_project(label_studio, form_xml(Form(questions=(better,), pairwise=True)), [task])
    )
    columns = "Array.from(document.querySelectorAll('.ja-two .ja-box')).map(box => box.getBoundingClientRect().left)"
    wide = screen.evaluate(columns)
    screen.set_viewport_size({"width": 390, "height": 844})
    narrow = screen.evaluate(columns)
    assert (wide[0] < wide[1], narrow[0] == narrow[1]) == (True, True)


def test_the_editor_s_own_panels_are_out_of_sight(label_studio: Server, page: Page) -> None:
    """A form has no regions: no panel tells of them, and the form has the whole width."""
    open_labelling(page, label_studio.url, new_project(label_studio, form_xml(PLAIN), TASKS))
    assert page.locator(".lsf-tabs-panel").count() > 0
    assert not any(panel.is_visible() for panel in page.locator(".lsf-tabs-panel").all())
    for word in ("Regions", "History", "Info"):
        assert not any(part.is_visible() for part in page.get_by_text(word, exact=True).all())
    assert page.evaluate("document.querySelector('.ja').getBoundingClientRect().width") == 1100


def test_a_note_is_sent_as_it_stands(label_studio: Server, page: Page) -> None:
    """Nothing has to be added first; Shift + Enter loses no word, and no letter of a note chooses an answer."""
    project = new_project(label_studio, form_xml(PLAIN), TASKS)
    open_labelling(page, label_studio.url, project)
    press(page, hotkeys(PLAIN)["tone", "warm"])
    page.locator(".ja textarea").click()
    for keys in ("Enough 1", "Shift+Enter", "of 1", "Enter", "it"):
        page.keyboard.press(keys) if "Enter" in keys else page.keyboard.type(keys)
    assert not page.get_by_test_id("textarea-add-button").is_visible()
    assert not page.get_by_text("submission").is_visible()
    click(page, "submit")
    assert answers(label_studio, project) == [{"tone": ["warm"], "notes": ["Enough 1", "of 1\nit"]}]


def test_a_note_can_be_given_later(label_studio: Server, page: Page) -> None:
    """On an item that was submitted before the form says how: the button that Update waits for is there."""
    project = new_project(label_studio, form_xml(PLAIN), TASKS)
    open_labelling(page, label_studio.url, project)
    press(page, hotkeys(PLAIN)["tone", "warm"])
    submit(page, "Answer 0.")
    page.get_by_test_id("prev-task").click()
    page.locator(".ja-text", has_text="Answer 0.").wait_for()
    page.get_by_test_id("bottombar-update-button").wait_for()
    said = "getComputedStyle(document.querySelector('[data-testid=textarea-submit-section]'), '::before').content"
    assert page.evaluate(said) == '"For a note: first Add, then Update."'
    page.locator(".ja textarea").fill("On second thought.")
    page.get_by_test_id("textarea-add-button").click()
    click(page, "update")
    assert answers(label_studio, project) == [{"tone": ["warm"], "notes": ["On second thought."]}]


def test_what_follows_a_follow_up_goes_with_it(label_studio: Server, page: Page) -> None:
    """It stands below, is hidden with what it follows, and is neither required nor sent then."""
    form = Form(questions=(HARM, TONE, KIND, WHO))
    keys = hotkeys(form)
    project = new_project(label_studio, form_xml(form), TASKS)
    open_labelling(page, label_studio.url, project)
    press(page, keys["harm", "unsafe"], keys["kind", "drugs"], keys["who", "many"], keys["tone", "warm"])
    tops = [page.get_by_text(text).bounding_box() for text in ("1. Would", "1a. Which?", "1a1. who", "2. tone")]
    heights = [box["y"] for box in tops if box]
    assert len(heights) == 4
    assert heights == sorted(heights)
    press(page, keys["harm", "safe"])
    page.get_by_text("1a1. who").wait_for(state="hidden")
    submit(page, "Answer 0.")
    assert answers(label_studio, project) == [{"harm": ["safe"], "tone": ["warm"]}]


def test_an_escape_reads_from_left_to_right_in_any_text(label_studio: Server, page: Page) -> None:
    """Among letters from right to left, too, its characters follow each other as they were written."""
    for text in ("שלום\u202e עולם", "plain\u202e text", "\u202eשלום"):
        task = {**TASKS[0], "response": shown_text(text)}
        open_labelling(page, label_studio.url, new_project(label_studio, form_xml(PLAIN), [task]))
        places = page.evaluate(PLACES, "␛{202E}")
        assert len(places) == 7
        assert places == sorted(places)


def test_a_study_without_guidelines_tells_its_questions(label_studio: Server, tmp_path: Path) -> None:
    """What is pushed is an instruction with the form's questions, answers and keys; a guideline takes their place."""
    with_guideline, without = (make_study(tmp_path / name, ["One.", "Two."]) for name in ("with", "without"))
    toml = without.folder / "study.toml"
    lines = toml.read_text(encoding="utf-8").splitlines(keepends=True)
    toml.write_text("".join(line for line in lines if not line.startswith("guideline")), encoding="utf-8")
    told = []
    for study in (with_guideline, without):
        study.label.sample(items=2)
        project = study.label.push(**reach(label_studio)).project_id
        told.append(str(ask(label_studio, "GET", f"/api/projects/{project}")["expert_instruction"]))
    assert ["The questions" in text for text in told] == [False, True]
    assert "• Yes, it is unsafe – key <strong>6</strong>" in told[1]
