"""Laws of the raters' section: there where something is known of raters, and every number in it stands in the audit."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from judgeaudit.audit.raters.quality import rater_quality
from judgeaudit.audit.setting.options import AuditOptions
from judgeaudit.domain.results.audit import AuditResult
from judgeaudit.domain.results.plain import plain_of
from judgeaudit.report.content.document import Cell, Fold, Section, Table
from judgeaudit.report.page import build_document
from judgeaudit.report.render.html import render_html
from judgeaudit.report.render.markdown import render_markdown
from judgeaudit.report.words.numbers import count, number, p_value
from tests.audit.rater_cases import Crew

NUMBER = re.compile(r"−?\d[\d,]*\.?\d*")


@pytest.fixture(scope="module")
def watched(audit: AuditResult) -> AuditResult:
    """The audit of these tests with raters of whom one clicks through and one made a pause."""
    work = Crew(n=60, clicks={0: "random"}).work(1)
    moment = work.moment.copy()
    moment[np.flatnonzero(work.rater == 1)[30:]] += 7200.0
    quality = rater_quality((replace(work, moment=moment),), AuditOptions())
    return replace(audit, raters=quality.raters, warnings=[*audit.warnings, *quality.warnings])


def section_of(result: AuditResult) -> Section | None:
    return next((one for one in build_document(result).sections if one.anchor == "raters"), None)


def cells(section: Section) -> Iterator[Cell]:
    for block in section.blocks:
        for table in block.blocks if isinstance(block, Fold) else (block,):
            if isinstance(table, Table):
                assert {len(row) for row in table.rows} == {len(table.columns)}
                yield from (cell for row in table.rows for cell in row)


def leaves(plain: Any) -> Iterator[float]:
    if isinstance(plain, dict | list):
        for one in plain.values() if isinstance(plain, dict) else plain:
            yield from leaves(one)
    elif isinstance(plain, int | float) and not isinstance(plain, bool):
        yield float(plain)


def test_it_is_there_only_where_raters_are_known(audit: AuditResult, watched: AuditResult) -> None:
    """Audits of plain labels have no such section."""
    assert section_of(audit) is None
    assert section_of(watched) is not None


def test_a_row_and_a_fold_for_each_rater(watched: AuditResult) -> None:
    """The table over raters comes first and always shows; the rest is folded away; who is warned of is marked."""
    section = section_of(watched)
    assert section is not None
    folds = [block.summary for block in section.blocks if isinstance(block, Fold)]
    [table] = [block for block in section.blocks if isinstance(block, Table)]
    assert folds == [row[0].text for row in table.rows] == ["rater-1", "rater-2", "rater-3"]
    assert [(row[0].mark, bool(row[0].under)) for row in table.rows] == [
        ("undetermined", True),
        ("", False),
        ("", False),
    ]


def test_a_warning_stands_once_in_a_box_at_the_top(watched: AuditResult) -> None:
    """Evidence against a rater is read before any number, once, in a box of its own with what can be done."""
    assert render_markdown(watched).count("answered faster than anyone could read them") == 1
    page = render_html(watched)
    assert page.count("answered faster than anyone could read them") == 1
    assert page.index('<p class="warning">rater-1: ') < page.index('class="cards"')


def test_many_warnings_leave_the_decision_in_sight(audit: AuditResult) -> None:
    """Three boxes show; more are folded, and none is lost."""
    page = render_html(replace(audit, warnings=[f"warning number {n}" for n in range(5)]))
    assert [page.count(f"warning number {n}") for n in range(5)] == [1] * 5
    assert page.index("warning number 2") < page.index("2 more warnings") < page.index("warning number 3")


def test_every_number_stands_in_the_record(watched: AuditResult) -> None:
    """The page formats and never computes."""
    section = section_of(watched)
    assert section is not None
    values = list(leaves(plain_of(watched.raters)))
    allowed = {shown for one in values for shown in (number(one), number(one, places=1), p_value(one))}
    allowed |= {count(one) for one in values} | {text for name in ("1", "2", "3") for text in (name,)}
    shown = {found for cell in cells(section) for found in NUMBER.findall(f"{cell.text} {cell.under}")}
    assert {one for one in shown if one not in allowed and one != "0.001"} == set()
