"""What judges make of outputs as they degrade: false alarms, misses and silence, level by level, as a slope, and by kind."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from judgeaudit.domain.results.audit import Contrast, Curve, Finding
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
    paragraph,
    strong,
    words,
)
from judgeaudit.report.content.view import ALL, Asked, View
from judgeaudit.report.sections.scores import per_question
from judgeaudit.report.words.codes import listed
from judgeaudit.report.words.numbers import brief, count, cut, interval, p_value
from judgeaudit.report.words.statistics import statistic
from judgeaudit.text.signals import LOOKS, SIGNAL_SUBJECT

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


# Judges by kinds of degradation: false alarms, misses, wrong verdicts and silence, and which kinds fool a judge
# most.


#: what a matrix shows, in this order
MATRICES = ("false_positive_rate", "false_negative_rate", "error_rate", "unanswered_rate")
#: of fewer items a kind is not named as the worst, and stands last
LEAST = 5
#: what outputs are called that were not made worse
BASELINE = "none"
#: a fault is coloured the worse the more of these it reaches
HEATS = (0.1, 0.2, 0.4, 0.6)


def kind_blocks(view: View, asked: Asked) -> list[Block]:
    """A matrix for each fault that the question knows, judges down and kinds across; the worst kinds in a sentence before each."""
    curves = [one for one in view.result.curves if one.question == asked.name and one.kind == "by_kind"]
    blocks: list[Block] = []
    for column in dict.fromkeys(_column(one.names[0]) for one in curves):
        here = [one for one in curves if _column(one.names[0]) == column]
        for name in MATRICES:
            held = [one for one in here if one.statistic == name]
            if held and _wanted(name, held, asked):
                blocks += [_sentence(view, asked, held, column), _matrix(view, asked, held, column)]
    return blocks


def _column(stratum: str) -> str:
    return " & ".join(part.partition("=")[0] for part in stratum.split(" & "))


def _kind(stratum: str) -> str:
    """A kind without the name of its column.

    >>> _kind("degradation=loop & degradation_level=0.5")
    'loop, 0.5'
    """
    return ", ".join(part.partition("=")[2] or part for part in stratum.split(" & "))


def _wanted(name: str, curves: Sequence[Curve], asked: Asked) -> bool:
    """Wrong verdicts where the question has no sides; silence where there is any."""
    if name == "error_rate":
        return not asked.binary
    return name != "unanswered_rate" or any(y > 0 for one in curves for y in one.y)


def _sentence(view: View, asked: Asked, curves: Sequence[Curve], column: str) -> Block:
    """The kind on which each judge does worst; baselines are passed over where there is another judge."""
    judges = [one for one in curves if not view.is_baseline(asked, one.subject)] or list(curves)
    told = []
    for one in judges:
        worst = max(range(len(one.y)), key=lambda at: _rank(one, at))
        if one.y[worst] > 0 and one.n[worst] >= LEAST:
            said = interval(one.y[worst], one.low[worst], one.high[worst])
            told.append(f"{asked.called(one.subject)} on {_kind(one.names[worst])} ({said}, n = {count(one.n[worst])})")
    title = statistic(curves[0].statistic).title
    few = all(n < LEAST for one in judges for y, n in zip(one.y, one.n, strict=True) if y > 0)
    seen = any(y > 0 for one in judges for y in one.y)
    nothing = f"only in kinds of fewer than {LEAST} items" if seen and few else "none by any judge"
    rest = f" by kind of {column}: {listed(told) or nothing}."
    return paragraph(strong(f"{title}, worst"), rest)


def _rank(one: Curve, at: int) -> tuple[bool, float, float]:
    """How badly a judge does on a kind: a lower limit that two items reach by chance says nothing, so few items come last."""
    return one.n[at] >= LEAST, one.low[at] or 0.0, one.y[at]


def _matrix(view: View, asked: Asked, curves: Sequence[Curve], column: str) -> Table:
    """Kinds stand in the order of what is surely their worst value; kinds of few items, and what was not made worse, last."""
    cells = {
        (one.subject, name): figures(
            interval(y, low, high), under=f"n = {count(n)}", heat=sum(y < step for step in HEATS)
        )
        for one in curves
        for name, y, low, high, n in zip(one.names, one.y, one.low, one.high, one.n, strict=True)
    }
    highest: dict[str, tuple[bool, float, float]] = {}
    for one in curves:
        for at, name in enumerate(one.names):
            highest[name] = max(_rank(one, at), highest.get(name, (False, 0.0, 0.0)))
    kinds = sorted(sorted(highest, key=highest.__getitem__, reverse=True), key=lambda name: _kind(name) == BASELINE)
    rows: list[tuple[Cell, ...]] = [
        (
            words(asked.called(one.subject), under="baseline" if view.is_baseline(asked, one.subject) else ""),
            *(cells.get((one.subject, name), figures("–")) for name in kinds),
        )
        for one in curves
    ]
    columns = (
        Column(title="judge"),
        *(
            Column(title=_kind(name), under="baseline: not made worse" if _kind(name) == BASELINE else "", numeric=True)
            for name in kinds
        ),
    )
    merged = (
        "" if any(map(str.isdigit, "".join(map(_kind, kinds)))) else " Levels of a kind, if any, are counted together."
    )
    return Table(
        caption=f"{statistic(curves[0].statistic).title} of each judge by kind of {column}, the kinds that fool a judge most first",
        columns=columns,
        rows=tuple(rows),
        note="Intervals are those of each kind alone: the worst of many kinds looks worse than it would a second time."
        f" Kinds come by their lower limits, those of fewer than {LEAST} items last.{merged}",
    )


# How well the signal for gibberish stands in for labels, which nobody has at run time.


def recognised_section(view: View) -> Section | None:
    """None where no question has a label `gibberish`, or the outputs have no texts."""
    blocks = per_question(view, _recognised)
    return Section(anchor="recognised", title="Can gibberish be told at run time?", blocks=blocks) if blocks else None


def _recognised(view: View, asked: Asked) -> list[Block]:
    found = [one for one in view.findings(asked) if one.subject == SIGNAL_SUBJECT]
    if not found:
        return []
    sentences = {
        "sensitivity": f"Of {{n}} outputs {view.source.called} gibberish the signal {LOOKS} flags {{k}}: {{said}}.",
        "specificity": "Of {n} others it leaves {k} alone: {said}.",
        "precision": "Of {n} that it flags {k} are gibberish: {said}.",
    }
    told = [
        line(sentences[one.statistic].format(n=count(one.n), k=count(one.k), said=brief(one)))
        for one in found
        if one.stratum == ALL and one.value is not None
    ]
    return [Bullets(lines=tuple(told)), _table([one for one in found if one.stratum != ALL])]


def _table(found: list[Finding]) -> Table:
    rows: list[tuple[Cell, ...]] = [
        (words(one.stratum), figures(count(one.n)), figures(count(one.k)), figures(brief(one))) for one in found
    ]
    columns = (
        Column(title="reference"),
        Column(title="outputs", numeric=True),
        Column(title="flagged", numeric=True),
        Column(title="share flagged", numeric=True),
    )
    return Table(
        caption=f"What the signal {LOOKS} flags of each label",
        columns=columns,
        rows=tuple(rows),
        note=f"judgeaudit filter knows an output's stratum by {LOOKS}, never by the labels: where a judge may not be used on "
        "gibberish, this is how much of it the filter sees.",
    )
