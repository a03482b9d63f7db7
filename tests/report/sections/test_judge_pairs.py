"""Laws of the sections on judges against judges and on strata that differ: all numbers are the audit's, and the warning is there."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

import numpy as np
import pytest

from judgeaudit.audit.result import audit_ratings
from judgeaudit.audit.setting.options import AuditOptions
from judgeaudit.domain.question import make_question
from judgeaudit.domain.ratings import Ratings
from judgeaudit.domain.results.audit import AuditResult
from judgeaudit.report.content.document import Bullets, Fold, Paragraph, Section, Table
from judgeaudit.report.page import build_document
from judgeaudit.report.render.html import render_html
from judgeaudit.report.render.markdown import render_markdown
from judgeaudit.report.words.numbers import count, number, p_value, percent

NUMBER = re.compile(r"[−<>]?\d+(?:,\d{3})*(?:\.\d+)?%?")


@pytest.fixture(scope="module")
def compared() -> AuditResult:
    """Three judges and a panel on five strata, in one of which all are worse."""
    rng = np.random.default_rng(1)
    n = 600
    side = np.tile(np.arange(5), n // 5)
    truth = rng.integers(0, 2, n)
    doubt = rng.random(n)
    judges = [
        np.where(0.5 * doubt + 0.5 * rng.random(n) < np.where(side == 2, 0.4, 0.75), truth, 1 - truth) for _ in range(3)
    ]
    judges.append((sum(judges) > 1).astype(int))
    ratings = Ratings(
        question=make_question(name="harm", scale="binary", labels=("safe", "unsafe"), positive=("unsafe",)),
        items=tuple(map(str, range(n))),
        people_names=("ann",),
        judge_names=("a", "b", "c", "panel"),
        people=truth[None].astype(np.int32),
        judges=np.array(judges).astype(np.int32),
        strata={"all": np.ones(n, bool)} | {f"model={k}": side == k for k in range(5)},
        columns={"model": tuple(f"model={k}" for k in range(5))},
        panels={"panel": ("a", "b", "c")},
    )
    audited = audit_ratings(
        (ratings,),
        AuditOptions(replicates=300),
        version="0",
        created_at="",
        command="",
        inputs={},
        label_source="people",
        flow=[],
        warnings=[],
        extra_options={},
        versions={},
    )
    return audited.result


def section_of(result: AuditResult, anchor: str) -> Section | None:
    return next((one for one in build_document(result, full=True).sections if one.anchor == anchor), None)


def texts_of(section: Section) -> Iterator[str]:
    for block in section.blocks:
        for one in block.blocks if isinstance(block, Fold) else (block,):
            if isinstance(one, Table):
                assert {len(row) for row in one.rows} == {len(one.columns)}
                yield from (f"{cell.text} {cell.under}" for row in one.rows for cell in row)
            elif isinstance(one, Bullets):
                yield from ("".join(run.text for run in line) for line in one.lines)
            elif isinstance(one, Paragraph):
                yield "".join(run.text for run in one.line)


def leaves(plain: Any) -> Iterator[float]:
    if isinstance(plain, dict | list):
        for one in plain.values() if isinstance(plain, dict) else plain:
            yield from leaves(one)
    elif isinstance(plain, int | float) and not isinstance(plain, bool):
        yield float(plain)


@pytest.mark.parametrize("anchor", ["versus", "strata-apart"])
def test_every_number_stands_in_the_audit(compared: AuditResult, anchor: str) -> None:
    """The sections format and never compute; names of strata and numbers of judges are no findings."""
    section = section_of(compared, anchor)
    assert section is not None
    plain = compared.as_dict()
    values = list(leaves([plain["contrasts"], plain["comparisons"]]))
    allowed = {shown for one in values for shown in (number(one), percent(one), p_value(one), count(one))}
    allowed |= {str(k) for k in range(6)}
    shown = {found for text in texts_of(section) for found in NUMBER.findall(text)}
    assert {one for one in shown if one not in allowed} == set()


def test_judges_that_agree_are_warned_of_with_what_is_known(compared: AuditResult) -> None:
    """Wherever two judges stand, and the members of a panel have a row of their own."""
    section = section_of(compared, "versus")
    assert section is not None
    [warning] = [one for one in section.blocks if isinstance(one, Paragraph) and one.tone == "warning"]
    text = warning.line[0].text
    assert text.startswith("Judges that agree with each other are no evidence of being right")
    assert "these 3 are worth" in text
    assert "Where all of them gave the same label it was right on" in text
    assert "members of panel" in render_markdown(compared)


def test_error_rates_that_differ_are_named(compared: AuditResult) -> None:
    """A sentence for each judge and kind of error, with the strata that differ most; the worst stratum with its bound."""
    section = section_of(compared, "strata-apart")
    assert section is not None
    told = [
        text
        for text in texts_of(section)
        if ": false alarms differ between" in text or ": misses differ between" in text
    ]
    assert len(told) == 8
    assert all("model=2" in text for text in told)
    assert render_html(compared).count("bend every comparison between these") == 1


def test_one_judge_without_strata_has_neither(bare: AuditResult) -> None:
    """No empty section."""
    assert section_of(bare, "versus") is None
    assert section_of(bare, "strata-apart") is None
