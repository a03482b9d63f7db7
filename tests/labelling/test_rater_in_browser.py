"""A day of a rater, in a real browser on a real server: ten items labelled by keys, one skipped, one changed, all pulled."""

from __future__ import annotations

import json
import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from judgeaudit.labelling.form.xml import form_xml, hotkeys
from judgeaudit.labelling.server.server import Person, Server
from judgeaudit.storage.config.read import read_study
from judgeaudit.storage.files.resources import annotations_folder
from judgeaudit.workflows.labelling.form import form_of
from tests.labelling.browser import chosen, chromium, press, shown_texts, sign_in, submit, wait_for_task
from tests.labelling.people import ask, result_of
from tests.labelling.plain_http import new_project
from tests.labelling.studies import make_study, planned, reach, rows_of, sent_of

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page, Route

    from judgeaudit.study import Study

ITEMS = 11
SKIPPED, CHANGED, NOTED = 4, 6, 2
NOTE = "She repeats herself.\nTwice, I think."
OTHERS_NOTE = "what the other person thought of it"
OTHERS = {"coherence": "partly", "harm": "cannot_judge"}
COHERENCE, HARM = ("coherent", "partly", "gibberish", "cannot_judge"), ("safe", "unsafe", "cannot_judge")
#: of outputs and of the study, none of which anybody who labels may learn
SECRETS = ("secret-", "item-0", "prompt_id", "my-study", OTHERS_NOTE)


@dataclass(kw_only=True)
class Day:
    """What a rater saw and did. `given` holds answers by text, as they were when the rater stopped."""

    study: Study
    rater: Person
    other: Person
    url: str
    project: int
    shown: list[str] = field(default_factory=list)
    given: dict[str, dict[str, str]] = field(default_factory=dict)
    pages: list[str] = field(default_factory=list)
    payloads: list[tuple[str, str]] = field(default_factory=list)
    instruction: str = ""
    found_again: list[list[str]] = field(default_factory=list)
    end: str = ""
    end_after_reload: str = ""

    @property
    def labelled(self) -> list[str]:
        """The texts that were labelled and not skipped."""
        return [text for number, text in enumerate(self.shown) if number != SKIPPED]


@pytest.fixture(scope="module")
def browser(need_chromium: Path) -> Iterator[Browser]:
    pytest.importorskip("playwright.sync_api", reason="playwright is not installed")
    with chromium(need_chromium) as opened:
        yield opened


@pytest.fixture(scope="module")
def day(label_studio: Server, browser: Browser, tmp_path_factory: pytest.TempPathFactory) -> Day:
    """Another person has labelled every item before; then the rater works through the list, and looks back once."""
    folder = tmp_path_factory.mktemp("browser") / "study"
    study = make_study(folder, [f"Answer number {n}." for n in range(ITEMS)], raters_per_item=2, repeats=0.0)
    study.label.sample(items=ITEMS)
    done = study.label.push(**reach(label_studio))
    rater, other = label_studio.raters[0], label_studio.raters[1]
    for task in sent_of(study).values():
        label_with_note(label_studio, other, task)
    begin(label_studio, other, task, done.project_id)
    day = Day(study=study, rater=rater, other=other, url=label_studio.url, project=done.project_id)
    page = sign_in(browser, day.url, email=rater.email, password=rater.password)
    listen(page, day.payloads)
    open_link(page, day)
    read_instruction(page, day)
    for number in range(ITEMS):
        work(page, day, number)
        if number == CHANGED + 2:
            look_back(page, day)
    day.end = text_of_end(page)
    page.reload()
    day.end_after_reload = text_of_end(page)
    page.unroute_all(behavior="wait")
    page.context.close()
    return day


def label_with_note(server: Server, person: Person, task: int) -> None:
    note = {
        "id": "note",
        "from_name": "notes",
        "to_name": "response",
        "type": "textarea",
        "value": {"text": [OTHERS_NOTE]},
    }
    body = {"result": [*result_of(OTHERS), note], "lead_time": 3.0}
    ask(server.url, person.token, "POST", f"/api/tasks/{task}/annotations/", body)


def begin(server: Server, person: Person, task: int, project: int) -> None:
    """A draft, which the server hands out with its owner's e-mail."""
    draft = {"result": result_of({"harm": "unsafe"}), "lead_time": 3, "draft_id": 0, "project": str(project)}
    ask(server.url, person.token, "POST", f"/api/tasks/{task}/drafts?project={project}", {**draft, "task": task})


def listen(page: Page, payloads: list[tuple[str, str]]) -> None:
    """Keeps everything that the server sends from here on, but for programs, styles, fonts and pictures."""

    def pass_on(route: Route) -> None:
        answer = route.fetch(max_redirects=0)
        payloads.append((f"{route.request.method} {route.request.url}", answer.text()))
        route.fulfill(response=answer)

    page.route(lambda address: "/static/" not in address and "/react-app/" not in address, pass_on)


def open_link(page: Page, day: Day) -> None:
    """The address that `label push` prints."""
    page.goto(f"{day.url}/projects/{day.project}/data?labeling=1")
    wait_for_task(page)


def read_instruction(page: Page, day: Day) -> None:
    close = page.get_by_role("button", name="Close modal")
    close.wait_for()
    day.instruction = page.get_by_role("heading", name="How to label").locator("..").inner_text()
    close.click()
    close.wait_for(state="detached")


def work(page: Page, day: Day, number: int) -> None:
    """One item, answered by keys alone; one of them is skipped, which has no key."""
    text = shown_texts(page)[1]
    day.shown.append(text)
    day.pages.append(page.locator("body").inner_text())
    assert chosen(page) == []
    if number == SKIPPED:
        with page.expect_response(lambda answer: "/annotations" in answer.url and answer.request.method == "POST"):
            page.get_by_role("button", name="Skip").click()
        page.locator(".ja-text", has_text=text).first.wait_for(state="detached")
    else:
        answers = {"coherence": COHERENCE[number % 4], "harm": HARM[number % 3]}
        keys = hotkeys(form_of(read_study(day.study.folder)))
        press(page, *(keys[question, label] for question, label in answers.items()))
        day.given[text] = answers
        if number == NOTED:  # in the box for notes the key that submits does nothing
            page.locator(".ja textarea").first.fill(NOTE)
            page.get_by_test_id("bottombar-submit-button").click()
            page.locator(".ja-text", has_text=text).first.wait_for(state="detached")
        else:
            submit(page, text)
    if number < ITEMS - 1:
        wait_for_task(page)


def look_back(page: Page, day: Day) -> None:
    """Back to an item of before, one of whose answers is changed, and forward again to where the work goes on."""
    going_on = shown_texts(page)[1]
    wanted = day.shown[CHANGED]
    while shown_texts(page)[1] != wanted:
        turn(page, "Previous task")
        day.found_again.append(chosen(page))
    day.pages.append(page.locator("body").inner_text())
    new = "unsafe" if day.given[wanted]["harm"] != "unsafe" else "safe"
    press(page, hotkeys(form_of(read_study(day.study.folder)))["harm", new])
    day.given[wanted] = {**day.given[wanted], "harm": new}
    with page.expect_response(lambda answer: "/annotations" in answer.url and answer.request.method == "PATCH"):
        press(page, "Control+Enter")
    page.get_by_role("button", name="Next task").wait_for()
    page.wait_for_load_state("networkidle")
    day.pages.append(page.locator("body").inner_text())
    while shown_texts(page)[1] != going_on:
        turn(page, "Next task")


def turn(page: Page, button: str) -> None:
    text = shown_texts(page)[1]
    page.get_by_role("button", name=button).click()
    page.locator(".ja-text", has_text=text).first.wait_for(state="detached")
    wait_for_task(page)
    page.wait_for_load_state("networkidle")


def text_of_end(page: Page) -> str:
    page.get_by_text("No More Tasks Left").wait_for()
    return page.locator("body").inner_text()


def texts(day: Day) -> dict[str, str]:
    """Item -> text, from the study."""
    lines = (day.study.folder / "outputs.jsonl").read_text(encoding="utf-8").splitlines()
    return {row["item_id"]: row["response"] for row in map(json.loads, lines)}


def objects_in(value: Any) -> Iterator[dict[str, Any]]:
    """Every object of a payload, however deep."""
    if isinstance(value, dict):
        yield value
        value = list(value.values())
    for inside in value if isinstance(value, list) else ():
        yield from objects_in(inside)


def person_of(one: dict[str, Any]) -> object:
    who = one["completed_by"]
    return who["id"] if isinstance(who, dict) else who


def test_the_pull_is_what_the_rater_gave(day: Day, label_studio: Server) -> None:
    """Ten items with the last word about each, one skip, one note; and the other person's labels beside them, apart."""
    (pulled,) = day.study.label.pull(**reach(label_studio))
    text = texts(day)
    mine = [row for row in rows_of(day.study) if row["rater"] == f"rater-{day.rater.number}"]
    told: dict[str, dict[str, str]] = {}
    for row in mine:
        told.setdefault(text[row["item_id"]], {})[row["question"]] = row["label"] or row["status"]
    assert told == {**day.given, day.shown[SKIPPED]: {"": "skipped"}}
    assert len(mine) == 21
    assert {row["note"] for row in mine if text[row["item_id"]] == day.shown[NOTED]} == {NOTE}
    assert {row["note"] for row in mine if text[row["item_id"]] != day.shown[NOTED]} == {""}
    assert all(0 < float(row["seconds"]) < 300 for row in mine if row["status"] != "skipped")
    others = [row for row in rows_of(day.study) if row["rater"] == f"rater-{day.other.number}"]
    assert Counter((row["question"], row["label"] or row["status"]) for row in others) == dict.fromkeys(
        OTHERS.items(), ITEMS
    )
    assert (pulled.counts["skipped"], pulled.counts["usable"], pulled.warnings) == (1, 2 * ITEMS - 1, ())
    assert day.study.label.pull(**reach(label_studio))[0].added == 0


def test_nothing_in_the_study_says_who_labelled(day: Day, label_studio: Server) -> None:
    """Raters are numbers: no file of the study holds an e-mail of theirs, though drafts and annotations came with them."""
    (pulled,) = day.study.label.pull(**reach(label_studio), full=True)
    assert pulled.counts["drafts"] == 1
    files = [file for file in day.study.folder.rglob("*") if file.is_file()]
    assert len(files) > 5
    assert [file for file in files if re.search(r"\w@\w", file.read_text(encoding="utf-8"))] == []


def test_no_page_tells_models_or_other_peoples_answers(day: Day) -> None:
    """What a rater can read names no model, no benchmark, no item, nobody else and nobody else's note."""
    assert len(day.pages) == ITEMS + 2
    for page in [*day.pages, day.instruction, day.end]:
        assert [secret for secret in (*SECRETS, day.other.email) if secret in page] == []


def test_no_payload_tells_models_predictions_or_other_peoples_answers(day: Day) -> None:
    """Whatever the labelling page is sent, on the way back to an item too, the answers in it are the rater's own."""
    kinds = Counter(address.split("?")[0].rstrip("0123456789") for address, _ in day.payloads)
    assert kinds[f"GET {day.url}/api/tasks/"] >= 5
    assert kinds[f"POST {day.url}/api/dm/actions"] >= ITEMS
    for address, text in day.payloads:
        assert [secret for secret in SECRETS if secret in text] == [], address
        for one in objects_in(json.loads(text) if text[:1] in ("{", "[") else None):
            assert not one.get("annotations_results"), address
            assert not one.get("predictions"), address
            if one.get("result"):
                assert person_of(one) == day.rater.number, address


def test_items_come_in_the_order_of_the_plan(day: Day) -> None:
    """The order that keeps answers to one prompt apart is the one that a rater meets, and each comes once."""
    text = texts(day)
    assert day.shown == [text[task.item_id] for task in planned(day.study)]


def test_who_goes_back_finds_own_answers(day: Day) -> None:
    """An item that is opened again shows what was chosen there before."""
    words = {
        (question.name, label): shown
        for question in form_of(read_study(day.study.folder)).questions
        for label, shown in question.choices.items()
    }
    ways = [{"coherence": COHERENCE[n % 4], "harm": HARM[n % 3]} for n in (CHANGED + 2, CHANGED + 1, CHANGED)]
    assert day.found_again == [[words[answer] for answer in way.items()] for way in ways]


def test_the_end_is_told_and_a_skipped_item_does_not_come_back(day: Day) -> None:
    """After the last item the page says so, and it says so again whenever it is opened."""
    assert "All tasks in the queue have been completed" in day.end
    assert "All tasks in the queue have been completed" in day.end_after_reload
    assert Counter(day.shown).most_common(1)[0][1] == 1


def test_a_skipped_item_goes_to_somebody_else(day: Day, label_studio: Server, browser: Browser) -> None:
    """Two people are wanted for each item: a third one is offered what was skipped, and nothing else."""
    third = label_studio.raters[2]
    page = sign_in(browser, day.url, email=third.email, password=third.password)
    open_link(page, day)
    read_instruction(page, day)
    assert shown_texts(page)[1] == day.shown[SKIPPED]
    press(page, "3", "5")
    submit(page, day.shown[SKIPPED])
    assert "All tasks in the queue have been completed" in text_of_end(page)
    page.context.close()


def test_the_guideline_is_there_before_the_first_item(day: Day) -> None:
    """It opens by itself: how to label, then what each label means, one line each, in the order of the questions."""
    lines = [line.strip() for line in day.instruction.splitlines() if line.strip()]
    headings = ["How to label", "Coherence: gibberish, partly or coherent", "Harm: safe or unsafe"]
    assert [line for line in lines if line in headings] == headings
    meanings = [line.partition(" – ")[0] for line in lines if " – " in line]
    assert meanings == ["gibberish", "partly", "coherent", "safe", "unsafe"]
    assert not any(mark in day.instruction for mark in ("**", "```", "|---", "&lt;"))


@pytest.mark.parametrize("template", ["safety", "pairwise", "quality"])
def test_questions_are_in_sight_beside_long_texts(
    label_studio: Server, browser: Browser, tmp_path: Path, template: str
) -> None:
    """On a small screen every answer stands between the texts and the buttons, and nothing is cut off at the side."""
    form = form_of(read_study(annotations_folder() / "templates" / template))
    task = {"ja_id": "0", **dict.fromkeys(("prompt", "response", "response_b"), "A sentence among many.\n" * 200)}
    project = new_project(label_studio, form_xml(form), [task])
    rater = label_studio.raters[0]
    page = sign_in(browser, label_studio.url, email=rater.email, password=rater.password)
    for width, height in ((1440, 900), (1024, 700)):
        page.set_viewport_size({"width": width, "height": height})
        page.goto(f"{label_studio.url}/projects/{project}/data?labeling=1")
        wait_for_task(page)
        page.screenshot(path=tmp_path / f"{template}-{width}.png")
        bottom = page.get_by_test_id("bottombar-submit-button").bounding_box()
        boxes = [label.bounding_box() for label in page.locator(".ja label").all()]
        assert bottom
        assert all(box and box["y"] + box["height"] < bottom["y"] for box in boxes)
        assert page.evaluate("document.querySelector('.ja').scrollWidth <= document.querySelector('.ja').clientWidth")
    assert len(boxes) == sum(len(question.choices) for question in form.questions)
    page.context.close()
