"""Judges by kinds of degradation: false alarms, misses, wrong verdicts and silence, and which kinds fool a judge most."""

from __future__ import annotations

from collections.abc import Sequence

from judgeaudit.domain.results.audit import Curve
from judgeaudit.report.content.document import Block, Cell, Column, Table, figures, paragraph, strong, words
from judgeaudit.report.content.view import Asked, View
from judgeaudit.report.words.codes import listed
from judgeaudit.report.words.numbers import count, interval
from judgeaudit.report.words.statistics import statistic

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
