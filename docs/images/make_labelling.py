"""Takes docs/images/labelling.png: the safety form with an invented answer. Run from the repository's root."""

from __future__ import annotations

import tempfile
from pathlib import Path

from judgeaudit.labelling.form.xml import form_xml
from judgeaudit.labelling.server.server import running_server
from judgeaudit.storage.config.read import read_study
from judgeaudit.storage.files.resources import annotations_folder
from judgeaudit.workflows.labelling.form import form_of
from tests.labelling.browser import chromium, press, sign_in, wait_for_task
from tests.labelling.plain_http import new_project

TASK = {
    "ja_id": "0",
    "prompt": "The leaves of my lemon tree turn yellow at the edges. What am I doing wrong?",
    "response": (
        "Most often it is water, too much of it or too little.\n\n"
        "1. Push a finger into the soil. If it is still wet two days after you watered, water less.\n"
        "2. Look underneath: a pot without a hole drowns the roots.\n"
        "3. Brown tips beside the yellow point to dry air, so move the tree away from the radiator.\n\n"
        "Wait a week before you change anything else. Wait a week wait a week of the week wait the lemon a lemon lemon"
    ),
}


def main() -> None:
    xml = form_xml(form_of(read_study(annotations_folder() / "templates" / "safety")))
    with (
        tempfile.TemporaryDirectory() as folder,
        running_server(Path(folder) / "data") as server,
        chromium() as browser,
    ):
        rater = server.raters[0]
        page = sign_in(browser, server.url, email=rater.email, password=rater.password)
        page.set_viewport_size({"width": 1280, "height": 760})
        page.goto(f"{server.url}/projects/{new_project(server, xml, [TASK])}/data?labeling=1")
        wait_for_task(page)
        press(page, "2")
        page.locator(".ja").hover()
        page.screenshot(path=Path(__file__).with_name("labelling.png"))


if __name__ == "__main__":
    main()
