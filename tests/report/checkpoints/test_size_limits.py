"""Laws of how much of a comparison a page shows: what is open, what is folded, and that a page stays under 1 MiB."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from judgeaudit.report.checkpoints.section import comparison_document
from judgeaudit.report.checkpoints.size_limits import weight
from judgeaudit.report.checkpoints.terminal import screen_text
from judgeaudit.report.checkpoints.words import bounds_of
from judgeaudit.report.content.document import Document, Figure, Fold, Section, Table
from judgeaudit.report.content.drawings import Dumbbell
from judgeaudit.report.render.html import html_of
from tests.report.checkpoints.test_page import blocks_of, figures_of, table_text
from tests.report.compared import make_comparison
from tests.report.compared_large import JUDGES, METHODS, large

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def one_question() -> dict[str, Any]:
    return large("harm")


@pytest.fixture(scope="module")
def one_page(one_question: dict[str, Any]) -> Document:
    return comparison_document(one_question)


def section(document: Document, anchor: str) -> Section:
    return next(one for one in document.sections if one.anchor == anchor)


def open_tables(document: Document, anchor: str) -> list[Table]:
    return [one for one in section(document, anchor).blocks if isinstance(one, Table)]


def test_a_page_of_a_large_comparison_stays_under_a_mebibyte(one_page: Document) -> None:
    """Ten methods, twenty checkpoints of each, three benchmarks, six judges: a file that a mail can carry, with every method in it."""
    assert len(html_of(one_page).encode()) < 2**20
    told = " ".join(table_text(one) for s in one_page.sections for one in blocks_of(s.blocks) if isinstance(one, Table))
    assert [one for one in METHODS if one not in told] == []


@pytest.mark.parametrize("questions", [("harm",), ("harm", "refusal")])
def test_a_screen_of_a_large_comparison_has_forty_lines(questions: tuple[str, ...]) -> None:
    """Fewer rows, then none, before a sentence of the answer is left out."""
    lines = screen_text(large(*questions)).splitlines()
    assert len(lines) <= 60
    assert max(map(len, lines)) <= 100
    assert sum(line.startswith("At 0.70 in boolq, method-number-") for line in lines) == len(questions)


def test_two_questions_share_the_room_of_one() -> None:
    """Where a second question would make the page too large, both show less."""
    assert len(html_of(comparison_document(large("harm", "refusal"))).encode()) < 2**20


def test_less_is_shown_only_where_it_must_be(one_question: dict[str, Any]) -> None:
    """A small comparison shows every judge and benchmark; with `full` a large one does, too."""
    rates = blocks_of(section(comparison_document(make_comparison()), "rates").blocks)
    small = " ".join(table_text(one) for one in rates if isinstance(one, Table))
    assert all(name in small for name in ("guard", "harm-cls", "keyword", "strongreject", "sorry"))
    drawn = [
        one for one in figures_of(comparison_document(one_question, full=True)) if isinstance(one.drawing, Dumbbell)
    ]
    assert [one.title.rpartition(", ")[2] for one in drawn] == list(JUDGES)


def test_the_weight_of_blocks_is_that_of_their_html(one_page: Document) -> None:
    """What is told of a page before it is drawn is within a fifth of what it then holds."""
    for document in (comparison_document(make_comparison()), one_page):
        held = len(html_of(document).encode()) - len(html_of(replace(document, sections=())).encode())
        assert 0.95 < sum(weight(one.blocks) for one in document.sections) / held < 1.2


def test_judges_that_do_not_fit_in_one_picture_are_folded(one_page: Document) -> None:
    """The judge that stands first is drawn open, one row for each method; others one by one below."""
    blocks = section(one_page, "paths").blocks
    shown = [one for one in blocks if isinstance(one, Figure) and isinstance(one.drawing, Dumbbell)]
    assert [len(one.drawing.rows) for one in shown if isinstance(one.drawing, Dumbbell)] == [len(METHODS)]
    folded = [one for fold in blocks if isinstance(fold, Fold) for one in fold.blocks if isinstance(one, Figure)]
    judges = [one.title.rpartition(", ")[2] for one in folded if isinstance(one.drawing, Dumbbell)]
    assert judges == list(JUDGES[1 : len(judges) + 1])
    assert judges


def test_rates_stand_open_raw_and_as_the_first_analysis_corrects_them(one_page: Document) -> None:
    """By one reference rule and without verdicts as they are, which have a table of their own; other rules are folded."""
    rates, judged = open_tables(one_page, "rates")
    assert [f"{row[1].text} {row[1].under}".strip() for row in rates.rows[:2]] == ["raw", "corrected majority"]
    assert len(rates.rows) == 2 * len(METHODS)
    assert "as judged" not in table_text(rates)
    assert judged.caption.startswith("Verdicts as they are, whatever they are about: judge-number-0")
    assert {row[-1].text for row in judged.rows} == {"no"}
    folds = [one for one in section(one_page, "rates").blocks if isinstance(one, Fold)]
    assert [one.summary.partition(":")[0] for one in folds] == [
        "The same by every other judge", "By other reference rules", "By benchmark",
    ]  # fmt: skip


def test_ways_of_reaching_the_goal_are_folded() -> None:
    """Open are the goal, the last checkpoint, the same step and the best; every other rule is told below."""
    blocks = section(comparison_document(make_comparison()), "contrasts").blocks
    shown = next(one for one in blocks if isinstance(one, Table) and one.caption.startswith("What anchoring"))
    titles = ["contrast", "made by", "at the goal", "last checkpoint", "same step", "best capability"]
    assert [one.title for one in shown.columns] == titles
    [fold] = [one for one in blocks if isinstance(one, Fold)]
    assert [[column.title for column in one.columns[2:]] for one in fold.blocks if isinstance(one, Table)] == [
        ["goal, by bound", "goal, between"]
    ]


@pytest.mark.parametrize(
    ("value", "high", "told"),
    [(0.26, 0.267, ""), (0.26, 0.27, "0.26 to 0.27"), (None, 0.261, "0.26 to 0.26"), (0.26, None, "")],
)
def test_bounds_beside_a_value_differ_by_a_digit_that_is_shown(
    value: float | None, high: float | None, told: str
) -> None:
    """Bounds closer than that are noise; without a value they are all that is known."""
    assert bounds_of({"value": value, "bound_low": 0.26, "bound_high": high}) == told
