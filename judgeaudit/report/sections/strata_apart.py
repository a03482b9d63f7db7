"""Strata that differ: whether a judge is equally good in all, its worst stratum, and error rates that bend comparisons."""

from __future__ import annotations

from collections.abc import Sequence

from judgeaudit.domain.results.audit import Contrast
from judgeaudit.domain.results.groups import StrataTogether
from judgeaudit.report.content.document import (
    Block,
    Bullets,
    Cell,
    Column,
    Fold,
    Section,
    Table,
    figures,
    fold_long,
    line,
    paragraph,
    strong,
    words,
)
from judgeaudit.report.content.view import Asked, View
from judgeaudit.report.sections.scores import STRATA, per_question
from judgeaudit.report.words.codes import plural, reason
from judgeaudit.report.words.numbers import NO_VALUE, count, interval, number, p_value, percent
from judgeaudit.report.words.statistics import statistic

_ERRORS = ("false_positive_rate", "false_negative_rate")


def strata_apart_section(view: View) -> Section | None:
    """None where no column has two strata."""
    blocks = per_question(view, _apart)
    return Section(anchor="strata-apart", title="Strata that differ", blocks=blocks) if blocks else None


def _apart(view: View, asked: Asked) -> list[Block]:
    records = [one for one in view.result.comparisons if isinstance(one, StrataTogether) and one.question == asked.name]
    if not records:
        return []
    blocks: list[Block] = [*_bent(view, asked), fold_long(_table(view, asked, records))]
    shrunken = [one for one in records if any(row.shrunken is not None for row in one.strata)]
    if shrunken:
        table = _shrunken(asked, shrunken, limit=None if view.full else STRATA)
        summary = f"Each stratum in the light of the others: {plural(len(table.rows), 'row')}"
        blocks.append(Fold(summary=summary, blocks=(table,)))
    return blocks


def _bent(view: View, asked: Asked) -> list[Block]:
    """The largest established difference in errors of each judge and column, as a sentence."""
    found: dict[tuple[str, str, str], Contrast] = {}
    for one in view.result.contrasts:
        if one.question != asked.name or one.kind != "strata" or one.statistic not in _ERRORS or one.value is None:
            continue
        if one.p_adjusted is None or one.p_adjusted > 1.0 - view.result.level:
            continue
        key = (one.subject, one.a.partition("=")[0], one.statistic)
        if key not in found or abs(one.value) > abs(found[key].value or 0.0):
            found[key] = one
    if not found:
        return []
    told = tuple(
        line(
            strong(asked.called(judge)),
            f": {statistic(name).title.casefold()} differ between {one.a} and {one.b} by {interval(one.value, one.low, one.high)} "
            f"(p {p_value(one.p_adjusted)}, adjusted).",
        )
        for (judge, _, name), one in found.items()
    )
    return [
        paragraph(
            "Error rates that differ between strata bend every comparison between these: part of a difference in the judge's rates is "
            "its own.",
            tone="warning",
        ),
        Bullets(lines=told),
    ]


def _table(view: View, asked: Asked, records: Sequence[StrataTogether]) -> Table:
    level = percent(view.result.level)
    return Table(
        caption="Is a judge equally good in all strata of a column?",
        columns=(
            Column(title="judge"),
            Column(title="column"),
            Column(title="of"),
            Column(title="all alike", under="p", numeric=True),
            Column(title="spread that is no chance", under="I²", numeric=True),
            Column(title="worst stratum"),
            Column(title="there", numeric=True),
            Column(title="at least", numeric=True),
        ),
        rows=tuple(_row(asked, one) for one in records),
        note=f"At least: a lower bound for the stratum that turned out worst, which holds for all strata together with {level} confidence, "
        "so it allows for having looked for the worst.",
    )


def _row(asked: Asked, one: StrataTogether) -> tuple[Cell, ...]:
    head = (
        words(asked.called(one.subject)),
        words(one.column, under=plural(len(one.strata), "stratum", "strata")),
        words(statistic(one.statistic).title),
    )
    worst = one.worst
    if worst is None:
        why = reason(one.undefined)
        return (*head, figures(NO_VALUE, under=why), *(figures(NO_VALUE) for _ in range(4)))
    return (
        *head,
        figures(p_value(one.p_value)),
        figures(percent(one.i_squared)),
        words(worst.stratum),
        figures(number(worst.value)),
        figures(number(worst.bound)),
    )


def _shrunken(asked: Asked, records: Sequence[StrataTogether], *, limit: int | None) -> Table:
    rows = [
        (
            words(asked.called(one.subject)),
            words(statistic(one.statistic).title),
            words(row.stratum, under=f"n = {count(row.n_items)}"),
            figures(number(row.value)),
            figures(interval(row.shrunken, row.shrunken_low, row.shrunken_high)),
            figures(number(row.bound)),
        )
        for one in records
        for row in one.strata
        if row.shrunken is not None
    ]
    return Table(
        caption="Each stratum alone, and drawn towards the mean of all the more the less is known of it",
        columns=(
            Column(title="judge"),
            Column(title="of"),
            Column(title="stratum"),
            Column(title="alone", numeric=True),
            Column(title="in the light of all", numeric=True),
            Column(title="at least", numeric=True),
        ),
        rows=tuple(rows[:limit]),
    )
