"""Rates of each method at the goal: raw and corrected, gibberish taken four ways, bounds where a rate is not known."""

from __future__ import annotations

from dataclasses import replace

from judgeaudit.domain.checkpoints import AS_JUDGED, NO_REFERENCE
from judgeaudit.report.checkpoints.judge_rates import judged_table
from judgeaudit.report.checkpoints.view import (
    INCOHERENT,
    POSITIVE,
    Compared,
    Plain,
    beside,
    first_of,
    in_order,
    judges_of,
    rows,
    rules_of,
)
from judgeaudit.report.checkpoints.words import (
    anchor_words,
    bounds_of,
    estimate_of,
    option_words,
    quoted_positive,
    reference_words,
    treatment_words,
    why,
)
from judgeaudit.report.content.document import Block, Cell, Column, Fold, Table, figures, paragraph, words
from judgeaudit.report.content.view import whole
from judgeaudit.report.words.codes import plural
from judgeaudit.report.words.numbers import NO_VALUE, count, interval, number, percent

_NOTHING = "not made"


def rate_blocks(compared: Compared, question: Plain) -> list[Block]:
    """By the first judge open, with its verdicts as they are; other judges, reference rules and benchmarks folded below."""
    first, room = first_of(question), compared.room
    judges = in_order(
        judges_of(question) or compared.options(str(question.get("name", "")), "judge"), front=[first["judge"]]
    )
    told = judges if room.tables else judges[:1]
    ways = _ways(question)
    opened, *others = [_tables(compared, question, beside(first, judge=judge), ways) for judge in told] or [[]]
    if not opened:
        return []
    return [
        *_unopened(question),
        *opened,
        *_fold("The same by every other judge", [one for made in others for one in made]),
        *_fold("By other reference rules", _by_rule(compared, question, told if room.rules else told[:1])),
        *_fold("By benchmark", _by_benchmark(compared, question, judges if compared.full else judges[:1])),
    ]


def _by_rule(compared: Compared, question: Plain, judges: list[str]) -> list[Table]:
    """A table for each judge, by the reference rules that no table above shows."""
    shown = _ways(question)
    rules = [one for one in rules_of(question) if one not in shown]
    if not rules:
        return []
    made = (_table(compared, question, beside(first_of(question), judge=judge), rules) for judge in judges)
    return [one for one in made if one.rows]


def _by_benchmark(compared: Compared, question: Plain, judges: list[str]) -> list[Table]:
    """The tables of each judge on every benchmark but the first, where there is room for them."""
    first, ways = first_of(question), _ways(question)
    others = compared.options(str(question.get("name", "")), "benchmark") if compared.room.tables else []
    return [
        table
        for one in others
        if one != first["benchmark"]
        for judge in judges
        for table in _tables(compared, question, beside(first, benchmark=one, judge=judge), ways)
    ]


def _fold(title: str, tables: list[Table]) -> list[Block]:
    return [Fold(summary=f"{title}: {plural(len(tables), 'table')}", blocks=tuple(tables))] if tables else []


def _ways(question: Plain) -> list[str]:
    """Raw, and corrected as the analysis that stands first is."""
    return list(dict.fromkeys((NO_REFERENCE, first_of(question)["reference"] or NO_REFERENCE)))


def _tables(compared: Compared, question: Plain, spec: dict[str, str], ways: list[str]) -> list[Table]:
    """Rates with gibberish taken one way and the other, then verdicts as they are."""
    found = (_table(compared, question, spec, ways), judged_table(compared, question, spec))
    return [one for one in found if one.rows]


def _unopened(question: Plain) -> list[Block]:
    """Which judges no gate opened on incoherent outputs, and what that does to their rates."""
    closed = [str(one.get("judge", "")) for one in rows(question, "judges") if not one.get("certified")]
    if not closed:
        return []
    told = (
        f"Not certified on incoherent outputs: {', '.join(closed)}. What such a judge says of outputs held for gibberish counts for "
        "nothing. Where a rate would need it, best and worst case stand in its place."
    )
    return [paragraph(told, tone="quiet")]


def _table(compared: Compared, question: Plain, spec: dict[str, str], ways: list[str]) -> Table:
    """Methods down, raw and corrected under one another; what gibberish is taken for across."""
    name, positive = str(question.get("name", "")), quoted_positive(question)
    treatments = [one for one in in_order(compared.options(name, "treatment"), front=["own"]) if one != AS_JUDGED]
    gibberish = _any(compared, question, spec, ways, INCOHERENT)
    columns = [
        Column(title="method"),
        Column(title="made by"),
        Column(title="outputs", under="labelled ones", numeric=True),
    ]
    for one in treatments:
        columns.append(Column(title=positive, under=treatment_words(one, positive), numeric=True))
        if one == treatments[0] and gibberish:
            columns.append(Column(title="gibberish", under="of all outputs", numeric=True))
    found = []
    for method in compared.methods:
        under = "between two checkpoints" if len(compared.stands(method, spec["anchor"])) > 1 else ""
        for way in ways:
            cells = _cells(compared, name, method, beside(spec, reference=way), treatments, gibberish=gibberish)
            if any(cell.text != NO_VALUE or cell.under not in ("", _NOTHING) for cell in cells):
                found.append((words(method, under=under), *_sized(reference_words(way), cells)))
    where = option_words("benchmark", spec["benchmark"], positive)
    return Table(
        caption=f"{spec['judge']}, {where}, {anchor_words(spec['anchor'])}: {percent(whole(compared.plain, 'level'))} intervals",
        columns=tuple(columns),
        rows=tuple(found),
        note=_note(spec, apart=gibberish and "own" in treatments),
    )


def _sized(way: str, cells: list[Cell]) -> list[Cell]:
    """How a row was made, its sizes, then its cells; sizes stand apart where all cells share them."""
    known = {cell.under.partition("; ")[0] for cell in cells if cell.under.startswith("n = ")}
    made, _, rule = way.partition(" (")
    start = words(made, under=rule.removesuffix(")"))
    if len(known) != 1:
        return [start, figures(NO_VALUE), *cells]
    size = known.pop()
    n, _, labelled = size.removeprefix("n = ").partition("; ")[0].partition(", ")
    bare = (replace(cell, under=cell.under.removeprefix(size).removeprefix("; ")) for cell in cells)
    return [start, figures(n, under=labelled.removesuffix(" labelled")), *bare]


def _note(spec: dict[str, str], *, apart: bool) -> str:
    told = []
    if apart:
        told.append("Gibberish apart: the share beside that of gibberish, each of all outputs; the rest is neither.")
    return " ".join([*told, f"Labelled outputs correct the verdicts of {spec['judge']}."])


def _any(compared: Compared, question: Plain, spec: dict[str, str], ways: list[str], statistic: str) -> bool:
    name = str(question.get("name", ""))
    return any(
        compared.anchored(name, method, spec["anchor"], statistic, **beside(spec, reference=way)) is not None
        for method in compared.methods
        for way in ways
    )


def _cells(
    compared: Compared, name: str, method: str, spec: dict[str, str], treatments: list[str], *, gibberish: bool
) -> list[Cell]:
    cells = []
    for one in treatments:
        here = beside(spec, treatment=one)
        cells.append(rate_cell(compared.anchored(name, method, spec["anchor"], POSITIVE, **here)))
        if one == treatments[0] and gibberish:
            cells.append(rate_cell(compared.anchored(name, method, spec["anchor"], INCOHERENT, **here)))
    return cells


def rate_cell(one: Plain | None) -> Cell:
    """A rate with n; bounds in its place, or beside it, where something is not known; the reason where there is nothing."""
    if one is None:
        return figures(NO_VALUE, under=_NOTHING)
    bounds, size, flagged = bounds_of(one), sizes(one), whole(one, "flagged")
    if whole(one, "value") is None:
        raw = f"; {number(flagged)} flagged" if flagged is not None else ""
        told = f"bounds, best to worst case: {why(one.get('undefined'))}" if bounds else why(one.get("undefined"))
        return figures(bounds or NO_VALUE, under=f"{size}; {told}{raw}")
    shown = number(whole(one, "value")) if whole(one, "low") is None else estimate_of(one)
    return figures(shown, under=f"{size}; bounds {bounds}" if bounds else size)


def sizes(one: Plain) -> str:
    """`n = 400, 60 labelled`."""
    labelled = whole(one, "n_labelled")
    told = f"n = {count(whole(one, 'n_outputs'))}"
    return f"{told}, {count(labelled)} labelled" if labelled else told


def label_words(question: Plain) -> str:
    """How the labelled outputs were chosen, and how many there are."""
    n = whole(question, "n_labelled")
    design = question.get("label_design")
    how = {"random": "a random sample", "weighted": "a sample of known weights", "elsewhere": "chosen elsewhere"}
    if not n:
        return "No output is labelled, so nothing is corrected."
    return f"{count(n)} outputs are labelled: {how.get(str(design), 'how they were chosen is not stated')}."


def screens(question: Plain) -> list[str]:
    """By what each judge's outputs are held for gibberish before anybody labels."""
    return [
        f"{one.get('judge', '')} by {one.get('screen', '')}" for one in rows(question, "judges") if one.get("screen")
    ]


def score_cell(one: Plain | None) -> Cell:
    """A capability with its interval and n."""
    if one is None or whole(one, "score") is None:
        return figures(NO_VALUE, under="not measured")
    n = whole(one, "n")
    under = f"n = {count(n)}" if n is not None else "n not stated"
    return figures(interval(whole(one, "score"), whole(one, "low"), whole(one, "high"), places=3), under=under)
