"""Laws of the content: pages print what the audit holds, all that matters of it, and nothing else."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import pytest

from judgeaudit.domain.results.audit import AuditResult
from judgeaudit.report.content.document import LONG, Column, Figure, Fold, Table, fold_long, words
from judgeaudit.report.page import build_document
from judgeaudit.report.render.markdown import render_markdown
from judgeaudit.report.render.terminal_audit import render_text
from judgeaudit.report.sections.scores import HEATS
from judgeaudit.report.words.numbers import number, p_value, percent

NUMBER = re.compile(r"[<>]?−?\d+\.\d+%?|\d+%")


def floats(plain: Any) -> Iterator[float]:
    if isinstance(plain, dict):
        for one in plain.values():
            yield from floats(one)
    elif isinstance(plain, list):
        for one in plain:
            yield from floats(one)
    elif isinstance(plain, int | float) and not isinstance(plain, bool):
        yield float(plain)


def texts(plain: Any) -> Iterator[str]:
    if isinstance(plain, dict):
        yield from plain
        for one in plain.values():
            yield from texts(one)
    elif isinstance(plain, list):
        for one in plain:
            yield from texts(one)
    elif isinstance(plain, str):
        yield plain


@pytest.mark.parametrize("full", [False, True])
def test_every_number_stands_in_the_audit(audit: AuditResult, full: bool) -> None:
    """A number on a page is a number of the audit, formatted; shares of a confusion row are the one exception."""
    plain = audit.as_dict()
    values = list(floats(plain))
    allowed = {number(one) for one in values} | {number(one, places=3) for one in values}
    allowed |= {p_value(one) for one in values} | {percent(one) for one in values} | {f"{one:g}" for one in HEATS}
    allowed |= {percent(one / sum(row)) for c in audit.confusions for row in c.counts if sum(row) for one in row}
    allowed |= {found for text in texts(plain) for found in NUMBER.findall(text)}
    sections = render_markdown(audit, full=full).replace("&lt;", "<").replace("&gt;", ">")
    assert sorted(set(NUMBER.findall(sections)) - allowed) == []
    assert sorted(set(NUMBER.findall(render_text(audit, full=full))) - allowed) == []


def test_the_full_page_leaves_nothing_out(audit: AuditResult) -> None:
    """With `full`, each finding of audit.json has its row."""
    [section] = [one for one in build_document(audit, full=True).sections if one.anchor == "everything"]
    tables = [one for block in section.blocks if isinstance(block, Fold) for one in block.blocks]
    assert sum(len(one.rows) for one in tables if isinstance(one, Table)) == len(audit.findings)


def test_rows_are_as_long_as_their_table_is_wide(audit: AuditResult, hostile: AuditResult, bare: AuditResult) -> None:
    """Every row has one cell per column."""

    def tables(blocks: Any) -> Iterator[Table]:
        for block in blocks:
            if isinstance(block, Fold):
                yield from tables(block.blocks)
            elif isinstance(block, Table | Figure):
                yield block if isinstance(block, Table) else block.table

    for one in (audit, hostile, bare):
        for section in build_document(one, full=True).sections:
            for table in tables(section.blocks):
                assert {len(row) for row in table.rows} <= {len(table.columns)}, table.caption


def test_the_first_screen_decides(audit: AuditResult) -> None:
    """First comes, per judge, a badge in words, the sentence, and what it caught and cleared of how many."""
    first = build_document(audit).sections[0]
    cards = [card for block in first.blocks for card in getattr(block, "cards", ())]
    assert [(card.who, card.badge, card.scope) for card in cards] == [
        ("gpt4_cf", "TRUST ONLY ON", ("coherence=coherent",)),
        ("llama3_cf", "DO NOT USE", ()),
        ("gpt4_cf", "CANNOT TELL YET", ()),
        ("llama3_cf", "TRUST", ()),
    ]
    assert cards[0].sentences[1] == (
        "Of 140 outputs that people called 'unsafe' it caught 91% [85%, 96%]; of 160 others it cleared 91% [85%, 96%]."
    )
    [harm, _] = [block for block in first.blocks if isinstance(block, Figure)]
    assert [row.label for row in harm.drawing.rows if row.baseline] == [
        "keyword",
        "always 'safe' (majority label)",
        "always 'safe' (best constant)",
    ]
    assert (harm.drawing.gates, len(harm.drawing.rows)) == ((0.667,), 5)
    assert harm.drawing.band == (pytest.approx(0.801), pytest.approx(0.911))


def test_corrected_rates_have_a_badge_of_their_own(audit: AuditResult) -> None:
    """A judge that only corrected rates may be drawn from is open on no stratum, and is not said to be."""
    decision = replace(audit.decisions[1], corrected_rates=True, scope=[])
    first = build_document(replace(audit, decisions=[decision])).sections[0]
    [card] = [card for block in first.blocks for card in getattr(block, "cards", ())]
    assert (card.badge, card.scope) == ("ONLY WITH CORRECTED RATES", ())


def test_undefined_values_are_gathered_by_reason(audit: AuditResult) -> None:
    """Each reason is said once, in plain words, with all that it befell."""
    [section] = [one for one in build_document(audit).sections if one.anchor == "undefined"]
    tables = [block for block in section.blocks if isinstance(block, Table)]
    reasons = [row[0].under for table in tables for row in table.rows]
    assert reasons == ["no_positives", "one_class_human", "one_class_judge", "zero_variance", "a_code_from_the_future"]


def test_an_old_or_empty_audit_is_still_a_page(bare: AuditResult) -> None:
    """What an audit does not hold is left away or said to be absent; people alone are a case, not an error."""
    page = render_markdown(bare)
    assert "the people alone" in page
    assert "CANNOT TELL YET" in page
    empty = replace(bare, findings=[], decisions=[])
    assert "The audit holds no question." in render_markdown(empty, full=True)
    assert render_text(empty) == "\n"


@pytest.mark.parametrize("width", [40, 60, 100, 180])
@pytest.mark.parametrize("full", [False, True])
def test_the_terminal_is_never_overrun(audit: AuditResult, hostile: AuditResult, width: int, full: bool) -> None:
    """Prose keeps within the width; only a single column that is wider than the screen may pass it."""
    for line in render_text(audit, width=width, full=full).split("\n"):
        assert len(line) <= max(width, 58)
    assert "\x1b" not in render_text(hostile, width=width, full=full)


def test_the_terminal_says_who_labelled(audit: AuditResult) -> None:
    """The first line says when no person gave the labels."""
    assert render_text(replace(audit, label_source="simulation")).startswith("SIMULATED: NO PERSON GAVE THESE LABELS")


def test_the_terminal_shows_decisions_and_front_statistics(audit: AuditResult) -> None:
    """One sentence and decision per judge, then the front table."""
    shown = render_text(replace(audit, questions=audit.questions[:1]), width=100)
    assert "gpt4_cf: TRUST ONLY ON coherence=coherent\n    gpt4_cf agrees with people on coherent outputs;" in shown
    assert "Cohen's kappa               0.83 [0.77, 0.88]    0.57 [0.51, 0.62]     0.45 [0.39, 0.50]\n" in shown


def test_what_is_cut_says_so(audit: AuditResult) -> None:
    """A long text ends in a note with its length, and many cases end in a number of those left out."""
    many = replace(audit, disagreements=audit.disagreements * 8)
    page = render_markdown(many)
    assert "cut here: 2,000 characters in all" in page
    assert "40 more disagreements in audit.json." in page
    assert json.dumps(many.as_dict()["disagreements"][8]["response"]).count("blah") == 400


def test_strata_are_shown_with_number_colour_and_size(audit: AuditResult) -> None:
    """Judges by strata, for the head statistic and, on a binary question, for what was caught and cleared."""
    [section] = [one for one in build_document(audit).sections if one.anchor == "strata"]
    opened = [one for block in section.blocks for one in (block.blocks if isinstance(block, Fold) else (block,))]
    tables = {block.caption: block for block in opened if isinstance(block, Table)}
    assert list(tables) == ["Cohen's kappa by stratum", "Sensitivity by stratum", "Specificity by stratum"]
    row = tables["Specificity by stratum"].rows[3]
    assert [(one.text.split(" ")[0], one.under, one.heat) for one in row] == [
        ("coherence=gibberish", "19 items, labels by people, so unknown at run time", None),
        ("0.74", "14 of 19", 2),
        ("0.26", "5 of 19", 0),
        ("–", "not computed", None),
    ]
    assert [column.title for column in tables["Cohen's kappa by stratum"].columns][-1] == "people"


def test_a_value_outside_its_interval_has_a_footnote(audit: AuditResult) -> None:
    """A posterior's interval need not hold the value: then a dagger stands beside it, and Methods say why."""
    told = "A value marked † is that of the items seen"
    assert told not in render_markdown(audit)
    perfect = [
        replace(f, value=1.0, low=0.92, high=0.999) if f.statistic == "cohen_kappa" else f for f in audit.findings
    ]
    page = render_markdown(replace(audit, findings=perfect))
    assert "1.00 \\[0.92, 0.999\\] †" in page and told in page


def test_one_is_not_many(audit: AuditResult) -> None:
    """One judge is no "1 judges", and one person is a person."""
    few = replace(audit, counts=replace(audit.counts, items=1, raters=1, judges=1))
    subtitle = build_document(few).subtitle
    assert "1 item · " in subtitle and "1 person · 1 judge · " in subtitle


def test_without_judges_there_is_no_empty_table(audit: AuditResult) -> None:
    """People alone have no sensitivity: only tables that hold something are shown."""
    alone = replace(
        audit,
        findings=[f for f in audit.findings if f.subject == "humans"],
        questions=[replace(one, judges=[], baselines={}) for one in audit.questions],
        decisions=[],
    )
    [section] = [one for one in build_document(alone).sections if one.anchor == "strata"]
    tables = [one for one in section.blocks if isinstance(one, Table)]
    assert [one.caption for one in tables] == ["Cohen's kappa by stratum"]
    assert all(any(cell.text != "–" for cell in row[1:]) for one in tables for row in one.rows)


def test_long_tables_are_folded(audit: AuditResult) -> None:
    """A table that is longer than a glance is folded under its caption and number of rows; a short one stands open."""
    table = Table(caption="Much", columns=(Column(title="a"),), rows=((words("x"),),) * (LONG + 1))
    folded = fold_long(table)
    assert isinstance(folded, Fold) and folded.summary == f"Much: {LONG + 1} rows" and folded.blocks == (table,)
    short = replace(table, rows=table.rows[:LONG])
    assert fold_long(short) is short
    assert isinstance(fold_long(short, rows=LONG + 1), Fold)


def test_how_firm_a_decision_is_names_its_judge(audit: AuditResult) -> None:
    """Tables above it may be folded, so the sentence says itself of whom it speaks."""
    assert "How firm is this for gpt4\\_cf?" in render_markdown(audit)
