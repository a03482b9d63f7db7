"""Laws of the section on checkpoints at a capability goal: its numbers are the comparison's, its sentences follow from the records."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator
from dataclasses import fields, replace
from typing import Any

import numpy as np
import pytest

from judgeaudit.audit.checkpoints.compare import compare
from judgeaudit.domain.checkpoints import CheckpointRatings, ComparePlan, Goal
from judgeaudit.domain.results.audit import AuditResult
from judgeaudit.domain.results.comparison import ComparisonResult
from judgeaudit.report.checkpoints.section import comparison_document
from judgeaudit.report.checkpoints.terminal import screen_text
from judgeaudit.report.checkpoints.words import change
from judgeaudit.report.content.document import Block, Bullets, Document, Figure, Fold, Paragraph, Table
from judgeaudit.report.content.drawings import Bump, Dumbbell, Paths, SpecCurve
from judgeaudit.report.page import build_document
from judgeaudit.report.render.html import html_of, render_html
from judgeaudit.report.render.markdown import markdown_of, render_markdown
from judgeaudit.report.words.numbers import count, number, p_value, percent, visible
from judgeaudit.storage.files.records import record_from
from tests.audit.checkpoint_cases import PLAN, study
from tests.report.compared import JUDGES, METHODS, NEVER, make_comparison
from tests.report.render.test_html import Page

NUMBER = re.compile(r"[−<>]*\d+(?:,\d{3})*(?:\.\d+)?%?")


@pytest.fixture(scope="module")
def plain() -> dict[str, Any]:
    return make_comparison()


@pytest.fixture(scope="module")
def page(plain: dict[str, Any]) -> Document:
    return comparison_document(plain)


def real(ratings: CheckpointRatings, plan: ComparePlan = PLAN) -> dict[str, Any]:
    """compare.json of a comparison that was really made."""
    found = compare([ratings], study()[1], plan)
    parts = {one.name: getattr(found, one.name) for one in fields(found)}
    tasks = [{"task": task, "goal": goal} for task, goal in plan.goal.tasks]
    made = ComparisonResult(
        judgeaudit="0",
        created_at="",
        command="",
        seed=1,
        level=0.95,
        inputs={},
        label_source="simulation",
        baseline=plan.baseline,
        goal={"tasks": tasks, "reach": plan.goal.reach, "tolerance": plan.goal.tolerance, "sha256": "0" * 64},
        **parts,
    )
    return dict(json.loads(json.dumps(made.as_dict())))


def blocks_of(blocks: Iterable[Block]) -> Iterator[Block]:
    """Blocks with those that are folded."""
    for block in blocks:
        yield block
        if isinstance(block, Fold):
            yield from blocks_of(block.blocks)


def figures_of(document: Document) -> list[Figure]:
    return [one for s in document.sections for one in blocks_of(s.blocks) if isinstance(one, Figure)]


def table_text(table: Table) -> str:
    assert {len(row) for row in table.rows} <= {len(table.columns)}
    cells = [f"{cell.text} {cell.under}" for row in table.rows for cell in row]
    heads = [f"{column.title} {column.under}" for column in table.columns]
    return " | ".join([table.caption, *heads, *cells, table.note])


def texts_of(document: Document) -> Iterator[str]:
    """All that the parts with numbers say; methods and provenance quote years and digests."""
    yield document.subtitle
    for section in document.sections:
        for block in blocks_of(section.blocks if section.anchor not in ("methods", "provenance") else ()):
            if isinstance(block, Table):
                yield table_text(block)
            elif isinstance(block, Figure):
                yield f"{block.title} {block.description} {table_text(block.table)}"
            elif isinstance(block, Paragraph):
                yield "".join(run.text for run in block.line)
            elif isinstance(block, Bullets):
                yield from ("".join(run.text for run in line) for line in block.lines)


def numbers_in(value: Any) -> Iterator[float]:
    if isinstance(value, dict):
        for one in value.values():
            yield from numbers_in(one)
    elif isinstance(value, list):
        yield float(len(value))
        for one in value:
            yield from numbers_in(one)
    elif isinstance(value, int | float):
        yield float(value)


def formats(value: float) -> set[str]:
    """Every way in which a page may write a number; a rank may end in a half."""
    told = {
        number(value),
        change(value),
        number(value, places=3),
        percent(value),
        count(value),
        p_value(value),
        f"{value:g}",
    }
    return {one for text in told for one in NUMBER.findall(text)}


def test_every_number_is_the_comparison_s(plain: dict[str, Any], page: Document) -> None:
    """What stands on the page stands in compare.json, or counts what the page itself says it left out."""
    allowed = {text for value in set(numbers_in(plain)) for text in formats(value)}
    names = sorted({one["checkpoint"] for one in plain["checkpoints"]}, key=len, reverse=True)
    shown = {str(len(figure.table.rows)) for figure in figures_of(page)}
    told = [*texts_of(page), screen_text(plain, all_rows=True)]
    for text in told:
        for name in (*names, NEVER, "tiny-1b", "sha256", plain["goal"]["sha256"][:12]):
            text = text.replace(name, "")
        unknown = set(NUMBER.findall(text)) - allowed - shown
        assert unknown <= {str(n) for n in (len(METHODS), len(JUDGES), len(plain["checkpoints"]))}, (
            unknown,
            text[:300],
        )


def test_the_answer_comes_first_and_says_what_else_would_have_been_said(page: Document) -> None:
    """Against the baseline, among each other, and by the last checkpoint and the judge alone."""
    told = ["".join(run.text for run in one.line) for one in page.sections[0].blocks if isinstance(one, Paragraph)]
    assert told[:4] == [
        "At 0.70 in boolq, full (+0.18 [0.12, 0.24]) has a higher share of unsafe outputs than base, whatever gibberish is taken "
        "for; whether short writes more or fewer unsafe outputs than base is not decided; safe-lora cannot be compared with base there: "
        "safe-lora reaches 0.664 of boolq at most; the goal is 0.7.",
        "Among each other, full is higher than short (+0.13 [0.07, 0.19]).",
        "The last checkpoint by guard alone, verdicts taken as they are, gibberish not looked at, nothing corrected, says otherwise: "
        "short against base higher (+0.46 [0.40, 0.52]) and full against short lower (−0.14 [−0.20, −0.08]).",
        "It would say: safe-lora against base higher (+0.10 [0.04, 0.16]) (the analysis that stands first can say nothing there: "
        "safe-lora reaches 0.664 of boolq at most; the goal is 0.7).",
    ]


def test_what_does_not_hold_among_all_contrasts_is_not_concluded(plain: dict[str, Any]) -> None:
    """What one interval says and all contrasts together do not is told as such with both p, and nowhere as a conclusion."""
    changed = json.loads(json.dumps(plain))
    for one in changed["contrasts"]:
        if one["primary"] and one["value"] is not None:
            one.update(p_adjusted=0.09, conclusion_adjusted="open")
    told = " ".join(texts_of(comparison_document(changed)))
    assert "whether full or short write more or fewer unsafe outputs than base is not decided" in told
    assert (
        "One interval alone would say full against base higher (p 0.004, adjusted 0.090) and full against short higher "
        "(p 0.004, adjusted 0.090), but not after adjusting for 3 contrasts." in told
    )
    assert "one interval alone: higher" in told
    assert "has a higher share" not in told


def test_what_gibberish_turns_is_told(plain: dict[str, Any]) -> None:
    """Where unsafe outputs alone and those with gibberish move apart, each beyond its interval, the lead says so."""
    changed = json.loads(json.dumps(plain))
    for one in changed["contrasts"]:
        if one["primary"] and (one["a"], one["b"]) == ("short", "base"):
            one.update(
                value=-0.11, low=-0.18, high=-0.04, other_value=0.1, other_low=0.03, other_high=0.17, conclusion="open"
            )
    assert (
        "What gibberish is taken for turns the answer: short against base lower in unsafe outputs alone (−0.11 [−0.18, −0.04]), "
        "higher with gibberish added to them (+0.10 [0.03, 0.17])." in list(texts_of(comparison_document(changed)))
    )
    assert "turns the answer" not in " ".join(texts_of(comparison_document(plain)))


@pytest.mark.parametrize(
    ("declared", "told"),
    [
        (True, "As declared in study.toml"),
        (False, "Not as declared in study.toml"),
        (None, "As it stood when compared"),
    ],
)
def test_a_goal_that_was_not_declared_is_told(plain: dict[str, Any], declared: bool | None, told: str) -> None:
    """Beside the digest stands whether the goal is the one of study.toml."""
    page = comparison_document({**plain, "goal": {**plain["goal"], "declared": declared}})
    assert any(one.startswith(f"{told}; sha256 of the goal: ab12cd34ab12") for one in texts_of(page))


def test_methods_that_are_not_comparable_stay_in_the_table(page: Document) -> None:
    """With the reason, in the same table as the others."""
    [table] = [one for s in page.sections if s.anchor == "goal" for one in s.blocks if isinstance(one, Table)]
    assert [row[0].text for row in table.rows] == list(METHODS)
    assert [cell.text for cell in table.rows[-1]] == ["safe-lora", "not comparable", "–", "–", NEVER]


def test_undefined_rates_show_why(page: Document) -> None:
    """A rate without a value shows its bounds, or a dash, and the reason in words."""
    told = " ".join(texts_of(page))
    assert "the judge was not opened on incoherent outputs" in told
    assert "no output here is labelled" in told
    assert "one side has no checkpoint there" in told
    assert "no two methods have a value under both" in told


def test_figure_tables_hold_every_drawn_number(page: Document) -> None:
    """A picture holds no number that its table has not."""
    kinds = set()
    for figure in figures_of(page):
        drawing, table = figure.drawing, table_text(figure.table)
        kinds.add(type(drawing))
        drawn: list[float | None] = []
        if isinstance(drawing, Paths):
            drawn = [edge for path in drawing.paths for p in path.points for edge in (p.y, p.low, p.high, p.below)]
            assert all(number(p.x, places=3) in table for path in drawing.paths for p in path.points)
            assert number(drawing.goal, places=3) in table
        elif isinstance(drawing, Dumbbell):
            drawn = [e for r in drawing.rows for e in (r.raw, r.corrected, r.low, r.high, r.bound_low, r.bound_high)]
        elif isinstance(drawing, SpecCurve):
            drawn = [*drawing.value, *drawing.low, *drawing.high]
            assert {len(one.at) for one in drawing.choices} == {len(drawing.value)} == {len(figure.table.rows)}
        elif isinstance(drawing, Bump):
            assert all(f"rank {rank:g}" in table for line in drawing.lines for rank in line.ranks)
        assert [one for one in drawn if one is not None and number(one) not in table] == []
    assert kinds == {Paths, Dumbbell, SpecCurve, Bump}


def test_a_curve_shows_the_ends_and_the_first_analysis(plain: dict[str, Any], page: Document) -> None:
    """Of many analyses some are drawn in order: the least, the largest, and that which stands first are among them."""
    curve = next(one.drawing for one in figures_of(page) if isinstance(one.drawing, SpecCurve))
    assert isinstance(curve, SpecCurve)
    many = next(one for one in plain["multiverse"] if (one["a"], one["b"]) == ("full", "base"))
    known = [one for one in many["value"] if one is not None]
    assert (curve.value[0], curve.value[-1]) == (min(known), max(known))
    assert list(curve.value) == sorted(curve.value)
    first = [one["primary"] for one in plain["specifications"]["harm"]].index(True)
    assert curve.primary is not None
    assert curve.value[curve.primary] == many["value"][first]


def test_nothing_is_drawn_for_an_empty_multiverse() -> None:
    """Without specifications there is no part about flips, and the rest stands."""
    page = comparison_document(make_comparison(multiverse=False))
    anchors = [one.anchor for one in page.sections]
    assert "flips" not in anchors
    assert {"answer", "goal", "contrasts", "rates", "paths"} <= set(anchors)
    assert not [one for one in figures_of(page) if isinstance(one.drawing, SpecCurve | Bump)]


def test_names_that_mean_harm_are_quoted(plain: dict[str, Any], hostile_texts: tuple[str, ...]) -> None:
    """Whatever methods, judges, checkpoints and benchmarks are called, they are text; nothing invisible is on the page."""
    swaps = dict(zip(("full", "guard", "sorry", "boolq", "unsafe", "harm", "majority"), hostile_texts, strict=False))
    swaps["short-200"] = hostile_texts[7]

    def swap(value: Any) -> Any:
        if isinstance(value, dict):
            return {swaps.get(key, key) if key == "harm" else key: swap(one) for key, one in value.items()}
        if isinstance(value, list):
            return [swap(one) for one in value]
        return swaps.get(value, value) if isinstance(value, str) else value

    document = comparison_document(swap(plain))
    html, markdown = html_of(document), markdown_of(document)
    read = Page(html)
    assert read.open == []
    assert (len(read.named("script")), read.named("img")) == (1, [])
    assert visible(html, keep_lines=True) == html
    ids = [str(attributes["id"]) for _, attributes in read.tags if "id" in attributes]
    assert len(ids) == len(set(ids))
    assert not re.search(r"<(?!/?(small|br)\b)[a-z]", markdown)
    text = "".join(read.text)
    assert all(visible(one) in text for one in (hostile_texts[0], hostile_texts[1], hostile_texts[7]))
    assert visible(screen_text(swap(plain)), keep_lines=True) == screen_text(swap(plain))


@pytest.mark.slow
def test_an_audit_shows_the_comparison_that_it_is_given(audit: AuditResult, plain: dict[str, Any]) -> None:
    """One section where there is one, none where there is not; the record comes back as it was."""
    compared = record_from(ComparisonResult, plain)
    given = replace(audit, comparison=compared)
    anchors = [one.anchor for one in build_document(given).sections]
    assert "checkpoints" in anchors
    assert "checkpoints" not in [one.anchor for one in build_document(audit).sections]
    assert "comparison" not in audit.as_dict()
    assert record_from(AuditResult, given.as_dict()).comparison == compared
    assert "compare.json" in build_document(given).footer
    html = render_html(given)
    assert Page(html).open == []
    assert len(html.encode()) < 700_000
    assert "Checkpoints at a capability goal" in render_markdown(given)


@pytest.mark.parametrize("label_source", ["models", "construction", "simulation", "something new"])
def test_labels_that_no_person_gave_are_announced(audit: AuditResult, plain: dict[str, Any], label_source: str) -> None:
    """Large on a page of its own, in the section of an audit, and first on the screen."""
    other = {**plain, "label_source": label_source}
    document = comparison_document(other)
    assert document.banner
    section = next(
        one for one in build_document(replace(audit, comparison=other)).sections if one.anchor == "checkpoints"
    )
    first = section.blocks[0]
    assert isinstance(first, Paragraph)
    assert first.line[0].text.startswith(document.banner)
    assert screen_text(other).startswith(document.banner.upper()[:40])


def test_the_screen_is_short_and_narrow(plain: dict[str, Any]) -> None:
    """At most 60 lines of at most 100 columns; with all rows it names every contrast."""
    lines = screen_text(plain).splitlines()
    assert len(lines) <= 60
    assert max(map(len, lines)) <= 100
    assert lines[0].startswith("At 0.70 in boolq, full")
    many = screen_text({**plain, "notes": [{"code": "x", "sentence": f"Note {at}."} for at in range(9)]}, all_rows=True)
    assert all(f"Note {at}." in many for at in range(9))


@pytest.mark.slow
def test_the_same_comparison_makes_the_same_bytes(plain: dict[str, Any]) -> None:
    """Rendering depends on nothing but the comparison."""
    again = json.loads(json.dumps(plain))
    assert html_of(comparison_document(plain)) == html_of(comparison_document(again))


def without_labels() -> dict[str, Any]:
    bare = study()[0]
    return real(replace(bare, references=(), outcomes=np.zeros((0, bare.n_outputs), dtype=np.int8)))


def without_judges() -> dict[str, Any]:
    ratings = study()[0]
    nothing = np.zeros((0, ratings.n_outputs))
    return real(replace(ratings, judges=(), screens=(), verdicts=nothing.astype(np.int8), screen=nothing.astype(bool)))


def interpolated() -> dict[str, Any]:
    return real(study()[0], replace(PLAN, goal=Goal(tasks=(("task", 0.7),), reach="interpolated")))


def undesigned() -> dict[str, Any]:
    return real(replace(study()[0], label_design=None))


def whole() -> dict[str, Any]:
    return real(study()[0])


@pytest.mark.slow
@pytest.mark.parametrize("make", [whole, without_labels, without_judges, interpolated, undesigned])
def test_real_comparisons_become_pages(make: Any) -> None:
    """Whatever is missing, the page stands, its tags close, and its numbers are the comparison's."""
    plain = make()
    document = comparison_document(plain)
    assert Page(html_of(document)).open == []
    assert markdown_of(document)
    screen_text(plain)
    allowed = {text for value in set(numbers_in(plain)) for text in formats(value)}
    told = json.dumps([one["sentence"] for one in (*plain["notes"], *plain["multiverse"])], ensure_ascii=False)
    told += json.dumps([note["sentence"] for one in plain["anchors"] for note in one["notes"]], ensure_ascii=False)
    told += json.dumps([one["sentence"] for one in plain["anchors"]], ensure_ascii=False)
    allowed |= set(NUMBER.findall(told)) | {str(n) for n in range(10)}
    drawn = {str(len(one.table.rows)) for one in figures_of(document)}
    for text in texts_of(document):
        bare = re.sub(r"(base|plain|short|bench)-?\d|sha256|0{12}", "", text)
        assert set(NUMBER.findall(bare)) - allowed - drawn == set(), text[:200]


def test_two_checkpoints_that_stand_together_are_both_named() -> None:
    """An interpolated anchor shows both with their weights."""
    told = " ".join(texts_of(comparison_document(interpolated())))
    assert "17% plain-0 + 83% plain-1" in told
    assert "between two checkpoints" in told
