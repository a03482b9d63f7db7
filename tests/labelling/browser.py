"""A rater at the page: Chromium without a window, signed in to Label Studio and answering by keys."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page, Response

#: a page of the editor may take this long on a busy machine
PATIENCE_MS = 60_000
WIDTH, HEIGHT = 1440, 900


@contextmanager
def chromium(path: Path) -> Iterator[Browser]:
    """A browser that ends with the block."""
    from playwright.sync_api import sync_playwright

    with sync_playwright() as play:
        browser = play.chromium.launch(
            executable_path=path, args=["--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage"]
        )
        try:
            yield browser
        finally:
            browser.close()


def sign_in(browser: Browser, url: str, *, email: str, password: str) -> Page:
    """A page of a person of their own: no cookie is shared with another page."""
    page = browser.new_context(viewport={"width": WIDTH, "height": HEIGHT}).new_page()
    page.set_default_timeout(PATIENCE_MS)
    page.goto(f"{url}/user/login/")
    page.fill("input[name=email]", email)
    page.fill("input[name=password]", password)
    page.click("button[type=submit]")
    page.wait_for_url(lambda address: "/user/login" not in address)
    return page


def open_labelling(page: Page, url: str, project_id: int, *, instruction: bool = False) -> None:
    """Starts labelling with the button that raters use; the next task of the queue is shown. Closes an instruction."""
    page.goto(f"{url}/projects/{project_id}/data")
    page.get_by_role("button", name="Label All Tasks").click()
    wait_for_task(page)
    if instruction:
        close = page.get_by_role("button", name="Close modal")
        close.click()
        close.wait_for(state="detached")


def wait_for_task(page: Page) -> None:
    """Waits until the texts and the answers of a task are there."""
    page.locator(".ja-text").first.wait_for()
    page.locator(".ja input").first.wait_for()


def press(page: Page, *keys: str) -> None:
    """Presses keys one after the other, as on a keyboard: `press(page, "1", "shift+q", "Control+Enter")`."""
    for key in keys:
        page.keyboard.press(key.replace("shift+", "Shift+"))


def submit(page: Page, shown: str) -> None:
    """Submits by keys; the server has the answers, and the task that showed this text is gone, when this returns."""
    with page.expect_response(_takes_answers) as taken:
        page.keyboard.press("Control+Enter")
    assert taken.value.ok, taken.value.status_text
    page.locator(".ja-text", has_text=shown).first.wait_for(state="detached")


def chosen(page: Page) -> list[str]:
    """The words of every answer that is ticked, in the order of the form, without the keys behind them."""
    ticked = page.locator(".ja label:has(input:checked)").all_inner_texts()
    return [re.sub(r"\[[^\[\]]*\]$", "", text.strip()) for text in ticked]


def shown_texts(page: Page) -> list[str]:
    """The texts in their boxes, as they can be read."""
    return page.locator(".ja-text .htx-richtext, .ja-text [class*=richtext__container]").all_inner_texts()


def _takes_answers(response: Response) -> bool:
    return "/annotations" in response.url and response.request.method in ("POST", "PATCH")
