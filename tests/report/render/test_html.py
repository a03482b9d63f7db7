"""Laws of the HTML page: well formed, alone in the world, deaf to what it quotes."""

from __future__ import annotations

import base64
import hashlib
import re
import subprocess
from dataclasses import replace
from html.parser import HTMLParser
from pathlib import Path

import pytest

from judgeaudit.domain.results.audit import AuditResult
from judgeaudit.report.render.html import head_html, render_html
from judgeaudit.report.words.numbers import visible
from judgeaudit.storage.files.records import record_from

VOID = {"meta", "br", "img", "link", "input", "hr"}
OUTSIDE = {"src", "srcset", "action", "data", "poster", "xlink:href", "background", "formaction", "ping"}


class Page(HTMLParser):
    """Tags, attributes and text of a page; fails where a tag is closed that is not open."""

    def __init__(self, text: str) -> None:
        super().__init__(convert_charrefs=True)
        self.open: list[str] = []
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.text: list[str] = []
        self.feed(text)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))
        assert len(dict(attrs)) == len(attrs), (tag, attrs)
        if tag not in VOID:
            self.open.append(tag)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))

    def handle_endtag(self, tag: str) -> None:
        assert self.open, tag
        assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        if not {"style", "script"} & set(self.open):
            self.text.append(data)

    def named(self, tag: str) -> list[dict[str, str | None]]:
        return [attributes for name, attributes in self.tags if name == tag]


@pytest.fixture(scope="module", params=["audit", "hostile", "bare"])
def page(request: pytest.FixtureRequest) -> str:
    return render_html(request.getfixturevalue(request.param), full=request.param == "hostile")


def test_every_tag_is_closed(page: str) -> None:
    """The page is balanced, whatever is quoted in it."""
    assert Page(page).open == []


def test_nothing_is_asked_of_the_network(page: str) -> None:
    """No attribute, style or script names an address; links stay on the page."""
    for tag, attributes in Page(page).tags:
        assert not OUTSIDE & set(attributes), (tag, attributes)
        assert attributes.get("href", "#").startswith("#")
        assert re.fullmatch(r"(url\(#|[^(]|(?<!url)\()*", attributes.get("style") or "")
    assert not re.search(r"@import|url\((?!#)", page)
    assert "://" not in re.sub(r">[^<]*<", "><", page).replace("(https://example.org/x)", "")


def test_only_the_page_s_own_script_may_run(page: str) -> None:
    """The content policy names the hash of the one script; no attribute is an event handler."""
    read = Page(page)
    [policy] = [one["content"] for one in read.named("meta") if "http-equiv" in one]
    [script] = re.findall(r"<script>(.*?)</script>", page, re.DOTALL)
    digest = base64.b64encode(hashlib.sha256(script.encode()).digest()).decode()
    assert f"script-src 'sha256-{digest}'" in str(policy)
    assert str(policy).startswith("default-src 'none';")
    assert not [name for _, attributes in read.tags for name in attributes if name.startswith("on")]
    assert not read.named("img")


def test_nothing_invisible_is_on_the_page(page: str) -> None:
    """Direction marks, control characters and lone surrogates stand as escapes, and the page is UTF-8."""
    assert visible(page, keep_lines=True) == page
    page.encode("utf-8")


def test_names_lead_somewhere(page: str) -> None:
    """Ids are unique, and what refers to an id finds it."""
    read = Page(page)
    ids = [str(attributes["id"]) for _, attributes in read.tags if "id" in attributes]
    assert len(ids) == len(set(ids))
    referred = [str(a["href"])[1:] for _, a in read.tags if "href" in a]
    referred += [name for _, a in read.tags for name in str(a.get("aria-labelledby", "")).split()]
    referred += re.findall(r"url\(#([^)]*)\)", page)
    assert set(referred) <= set(ids)


def test_the_page_can_be_read_without_eyes(page: str) -> None:
    """Language, skip link, landmarks, captions, header cells, and a name for every drawing."""
    read = Page(page)
    assert read.named("html") == [{"lang": "en"}]
    assert read.named("main")[0]["id"] == "main"
    assert {"class": "skip", "href": "#main"} in read.named("a")
    assert len(read.named("caption")) == len(read.named("table"))
    assert all(one.get("scope") in ("col", "row") for one in read.named("th"))
    drawn = [one for one in read.named("svg") if "aria-hidden" not in one]
    assert all(one["role"] == "img" and one["aria-labelledby"] for one in drawn)


def test_every_figure_has_its_table(page: str) -> None:
    """A picture holds no number that no table has."""
    figures = re.findall(r"<figure.*?</figure>", page, re.DOTALL)
    for figure in figures:
        tables = "".join(re.findall(r"<table>.*?</table>", figure, re.DOTALL))
        drawn = re.findall(r"\d\.\d\d \[.*?\]", "".join(re.findall(r"<svg.*?</svg>", figure, re.DOTALL)))
        assert "<td" in tables
        assert all(number in tables for number in drawn)


def test_hostile_texts_are_quoted_whole(hostile: AuditResult, hostile_texts: tuple[str, ...]) -> None:
    """Nothing that a model wrote is lost or obeyed: it stands on the page as text."""
    text = re.sub(r"\s+", " ", "".join(Page(render_html(hostile)).text))
    for one in hostile_texts:
        assert re.sub(r"\s+", " ", visible(one, keep_lines=True)) in text


def test_the_same_audit_makes_the_same_bytes(audit: AuditResult) -> None:
    """Rendering depends on nothing but the audit, not even on how it came into memory."""
    assert render_html(audit) == render_html(record_from(AuditResult, audit.as_dict()))


def test_a_small_audit_is_a_small_page(audit: AuditResult) -> None:
    """A page can be mailed."""
    assert len(render_html(audit).encode()) < 200_000


@pytest.mark.parametrize("label_source", ["models", "construction", "simulation", "something new"])
def test_labels_that_no_person_gave_are_announced_first(audit: AuditResult, label_source: str) -> None:
    """Before the title stands, in large, that no person labelled; and no sentence says that people did."""
    page = render_html(replace(audit, label_source=label_source))
    assert page.index('class="banner"') < page.index("<h1>")
    assert "that people called" not in page
    assert "with people" not in page.split("</header>")[0]


def test_people_s_labels_need_no_banner(audit: AuditResult) -> None:
    """Where people labelled nothing is announced."""
    assert 'class="banner"' not in render_html(audit)


def test_the_notebook_s_head_runs_nothing(hostile: AuditResult) -> None:
    """In a notebook stand decisions and figure, balanced, with no script and no document of their own."""
    head = head_html(hostile)
    read = Page(head)
    assert read.open == []
    assert not read.named("script") + read.named("html") + read.named("body")
    assert "TRUST ONLY ON" in head


def test_a_browser_obeys_the_page_and_not_its_quotes(hostile: AuditResult, tmp_path: Path, need_chromium: Path) -> None:
    """In Chromium our own script runs (the filter appears) and no quoted one does."""
    file = tmp_path / "page.html"
    file.write_text(render_html(hostile), encoding="utf-8")
    options = ["--headless", "--no-sandbox", "--disable-gpu", "--disable-background-networking"]
    done = subprocess.run(
        [str(need_chromium), *options, f"--user-data-dir={tmp_path / 'profile'}", "--dump-dom", file.as_uri()],
        capture_output=True, encoding="utf-8", timeout=120, check=True,
    )  # fmt: skip
    assert "<select>" in done.stdout
    assert done.stdout.count("<script") == 1
    assert "<img" not in done.stdout
