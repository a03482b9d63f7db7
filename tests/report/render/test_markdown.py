"""Laws of the Markdown page: the same content as HTML, and nothing quoted becomes markup."""

from __future__ import annotations

import re
from html import unescape
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from judgeaudit.domain.results.audit import AuditResult
from judgeaudit.report.content.document import LONG, Column, Document, Figure, Fold, Section, Table, fold_long, words
from judgeaudit.report.page import build_document
from judgeaudit.report.render.html import render_html
from judgeaudit.report.render.markdown import block_start, inline, markdown_of, render_markdown
from judgeaudit.report.words.numbers import visible
from judgeaudit.storage.files.records import record_from


def cells(line: str) -> int:
    """Cells of a table's line, as GitHub counts them."""
    return len(re.findall(r"(?<!\\)\|", re.sub(r"\\\\", "", line))) - 1


@pytest.fixture(scope="module", params=["audit", "hostile", "bare"])
def any_audit(request: pytest.FixtureRequest) -> AuditResult:
    return request.getfixturevalue(request.param)


def test_every_row_of_a_table_has_as_many_cells_as_its_head(any_audit: AuditResult) -> None:
    """No label, name or text can end a cell or a row."""
    lines = render_markdown(any_audit, full=True).split("\n")
    for before, after in pairwise(lines):
        if before.startswith("|") and after.startswith("|"):
            assert cells(before) == cells(after), (before, after)
        assert not after.startswith("|") or after.endswith("|")


def test_a_folded_table_has_one_title() -> None:
    """What HTML folds under its caption stands open in Markdown, under the caption alone; other folds keep their summary."""
    table = Table(
        caption="Many rows", columns=(Column(title="n"),), rows=tuple((words(str(n)),) for n in range(LONG + 1))
    )
    folded, named = fold_long(table), Fold(summary="Baselines", blocks=(table,))
    assert isinstance(folded, Fold)
    page = Document(title="t", subtitle="s", banner="", banner_text="", footer="f", sections=(
        Section(anchor="a", title="A", blocks=(folded,)), Section(anchor="b", title="B", blocks=(named,)),
    ))  # fmt: skip
    bold = [line for line in markdown_of(page).split("\n") if line.startswith("**")]
    assert bold == ["**Many rows**", "**Baselines**", "**Many rows**"]


def test_both_pages_have_the_same_headings(any_audit: AuditResult) -> None:
    """What is a section in HTML is a section in Markdown, in the same order."""
    titles = re.findall(r"<h[23][^>]*>(.*?)</h[23]>", render_html(any_audit))
    headings = re.findall(r"^##+ (.*)$", render_markdown(any_audit), re.MULTILINE)
    assert [unescape(one) for one in titles] == [unescape(re.sub(r"\\(.)", r"\1", one)) for one in headings]


def test_nothing_quoted_is_markup(hostile: AuditResult) -> None:
    """No tag, no link, no mention, no invisible character."""
    page = render_markdown(hostile, full=True)
    assert not re.search(r"<[a-z/!]", page)
    assert not re.search(r"(?<!\\)\]\(", page)
    assert not re.search(r"@\w", page)
    assert visible(page, keep_lines=True) == page


@given(st.text(max_size=60))
def test_an_escaped_text_stays_itself(text: str) -> None:
    """One line, no markup; undoing the escapes gives the visible text back."""
    shown = inline(text)
    assert "\n" not in shown
    assert not re.search(r"[<>]|(?<!\\)(?:\\\\)*[`*_|\[\]~$]", shown)
    back = re.sub(r"\\([\\`*_\[\]|~$#{:.])", r"\1", unescape(shown.replace("&#8203;", "")))
    assert back == visible(text, keep_lines=True).replace("\n", " ↵ ").replace("\t", " ")


@pytest.mark.parametrize("text", ["- a", "+ a", "# a", "1. a", "2) a", "= a", "> a"])
def test_a_line_cannot_begin_a_block(text: str) -> None:
    """A sentence that begins like a list, heading or quotation is still a sentence."""
    assert block_start(inline(text))[0] in "\\1&2"
    assert not re.match(r"[-+#=>]|\d+[.)] ", block_start(inline(text)))


def test_the_same_audit_makes_the_same_text(audit: AuditResult) -> None:
    """Rendering depends on nothing but the audit."""
    assert render_markdown(audit) == render_markdown(record_from(AuditResult, audit.as_dict()))


def test_every_table_of_the_document_is_in_both_pages(any_audit: AuditResult) -> None:
    """HTML and Markdown come from one document: each caption stands in both."""

    def captions(blocks):
        for block in blocks:
            if isinstance(block, Fold):
                yield from captions(block.blocks)
            elif isinstance(block, Figure):
                yield block.table.caption
            elif isinstance(block, Table):
                yield block.caption

    html, markdown = render_html(any_audit), render_markdown(any_audit)
    said = [one for section in build_document(any_audit).sections for one in captions(section.blocks)]
    assert [inline(one) in markdown for one in said] == [True] * len(said)
    assert [visible(one) in unescape(html) for one in said] == [True] * len(said)
