"""What judges make of outputs as they degrade: false alarms, misses and silence, level by level, as a slope, and by kind."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from judgeaudit.domain.results.audit import Contrast, Curve
from judgeaudit.report.content.document import (
    Block,
    Bullets,
    Cell,
    Column,
    Figure,
    Line,
    Plot,
    Section,
    Table,
    figures,
    fold_long,
    line,
    strong,
    words,
)
from judgeaudit.report.content.view import Asked, View
from judgeaudit.report.sections.degradation.kinds import kind_blocks
from judgeaudit.report.sections.scores import per_question
from judgeaudit.report.words.numbers import brief, count, cut, interval, p_value
from judgeaudit.report.words.statistics import statistic

FIGURES = 6
#: what one curve shows, in this order
RESPONSES = ("error_rate", "false_positive_rate", "false_negative_rate", "prevalence_judge", "unanswered_rate")
_TOLD = ("false_positive_rate", "false_negative_rate", "percent_agreement", "coverage")


def degraded_section(view: View) -> Section | None:
    """None where no stratum column is a degradation."""
    blocks = per_question(view, _degraded)
    return Section(anchor="degraded", title="As outputs degrade", blocks=blocks) if blocks else None


def _degraded(view: View, asked: Asked) -> list[Block]:
    curves = [one for one in view.result.curves if one.question == asked.name and one.kind == "dose_response"]
    blocks: list[Block] = []
    for axis in dict.fromkeys(_axis(one.names[0]) for one in curves):
        blocks.extend(_along(view, asked, [one for one in curves if _axis(one.names[0]) == axis], axis))
    return [*blocks, *kind_blocks(view, asked)]


def _axis(stratum: str) -> str:
    return stratum.partition("=")[0]


def _along(view: View, asked: Asked, curves: Sequence[Curve], axis: str) -> list[Block]:
    slopes = [
        one
        for one in view.result.contrasts
        if one.kind == "dose" and one.question == asked.name and _axis(one.a) == axis
    ]
    place = view.questions.index(asked)
    errors = [one for one in curves if one.statistic == "error_rate"]
    shown = errors if view.full else errors[:FIGURES]
    return [
        *_sentences(view, asked, errors),
        fold_long(_levels(curves, axis)),
        *([_slope_table(slopes, asked, axis)] if slopes else []),
        *(_figure(f"degraded-{place}-{axis}-{at}", one, axis) for at, one in enumerate(shown)),
    ]


def _sentences(view: View, asked: Asked, curves: Iterable[Curve]) -> list[Block]:
    """One line for each judge: its faults at the most degraded level beside those at the least degraded one."""
    told: list[Line] = []
    for curve in curves:
        best, worst = curve.names[0], curve.names[-1]
        parts = []
        for name in _TOLD if asked.binary else _TOLD[2:]:
            there = view.find(asked, curve.subject, name, stratum=worst)
            here = view.find(asked, curve.subject, name, stratum=best)
            if there is not None and there.value is not None and (name != "percent_agreement" or not asked.binary):
                before = f" against {brief(here)}" if here is not None and here.value is not None else ""
                parts.append(f"{statistic(name).title.casefold()} {brief(there)}{before}")
        if parts:
            told.append(line(strong(asked.called(curve.subject)), f" on {worst} against {best}: {'; '.join(parts)}."))
    return [Bullets(lines=tuple(told))] if told else []


def _levels(curves: Sequence[Curve], axis: str) -> Table:
    """Judges and levels down, rates across."""
    kept = [name for name in RESPONSES if any(one.statistic == name for one in curves)]
    points = {
        (one.subject, one.statistic, name): figures(interval(y, low, high), under=f"n = {count(n)}")
        for one in curves
        for name, y, low, high, n in zip(one.names, one.y, one.low, one.high, one.n, strict=True)
    }
    rows: list[tuple[Cell, ...]] = []
    for judge in dict.fromkeys(one.subject for one in curves):
        levels = dict.fromkeys(name for one in curves if one.subject == judge for name in one.names)
        rows += [
            (words(judge), words(level), *(points.get((judge, name, level), figures("–")) for name in kept))
            for level in levels
        ]
    columns = (
        Column(title="judge"),
        Column(title="level"),
        *(Column(title=statistic(name).title, under=name, numeric=True) for name in kept),
    )
    return Table(caption=f"From the least degraded to the most, by {axis}", columns=columns, rows=tuple(rows))


def _slope_table(slopes: Sequence[Contrast], asked: Asked, axis: str) -> Table:
    kept = [name for name in RESPONSES if any(one.statistic == name for one in slopes)]
    found = {(one.subject, one.statistic): one for one in slopes}
    rows = tuple(
        (words(asked.called(judge)), *(_slope_cell(found.get((judge, name))) for name in kept))
        for judge in dict.fromkeys(one.subject for one in slopes)
    )
    columns = (Column(title="judge"), *(Column(title=statistic(name).title, numeric=True) for name in kept))
    return Table(
        caption=f"Rise along {axis}",
        columns=columns,
        rows=rows,
        note="How far each rate rises from the least degraded level to the most, along a straight line through all levels; p is "
        "adjusted for the number of judges (Holm).",
    )


def _slope_cell(one: Contrast | None) -> Cell:
    if one is None or one.value is None:
        return figures("–")
    under = "" if one.p_adjusted is None else f"p {p_value(one.p_adjusted)}"
    return figures(interval(one.value, one.low, one.high), under=under)


def _x_axis(curve: Curve) -> str:
    """What both ends are; the column is named once, and what would not fit below the figure is cut."""
    first, last = curve.names[0], curve.names[-1]
    column, _, start = first.partition("=")
    if column and last.startswith(f"{column}="):
        return f"{cut(column, 20)}: 0 is {cut(start, 20)}, 1 is {cut(last.partition('=')[2], 20)}"
    return f"0 is {cut(first, 28)}, 1 is {cut(last, 28)}"


def _figure(anchor: str, curve: Curve, axis: str) -> Figure:
    rows = tuple(
        (words(name), figures(interval(y, low, high)), figures(count(n)))
        for name, y, low, high, n in zip(curve.names, curve.y, curve.low, curve.high, curve.n, strict=True)
    )
    columns = (
        Column(title="level"),
        Column(title=statistic("error_rate").title, numeric=True),
        Column(title="n", numeric=True),
    )
    ends = f"0 is {curve.names[0]}, 1 is {curve.names[-1]}"
    return Figure(
        anchor=anchor,
        title=f"Wrong verdicts as outputs degrade: {curve.subject}",
        description=f"Share of wrong verdicts against {axis}; {ends}.",
        drawing=Plot(
            x_axis=_x_axis(curve),
            y_axis="share of wrong verdicts",
            x=tuple(curve.x),
            y=tuple(curve.y),
            low=tuple(curve.low),
            high=tuple(curve.high),
            diagonal=False,
        ),
        table=Table(caption=f"The numbers in the figure: {curve.subject}", columns=columns, rows=rows),
    )
