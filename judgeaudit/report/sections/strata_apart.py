"""Strata that differ: whether a judge is equally good in all, its worst stratum, and error rates that bend comparisons."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from judgeaudit.domain.results.audit import Contrast
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
from judgeaudit.report.content.view import Asked, View, part, whole
from judgeaudit.report.sections.scores import STRATA, per_question
from judgeaudit.report.words.codes import plural, reason
from judgeaudit.report.words.numbers import NO_VALUE, count, interval, number, p_value, percent
from judgeaudit.report.words.statistics import statistic

Record = Mapping[str, Any]
_ERRORS = ("false_positive_rate", "false_negative_rate")


def strata_apart_section(view: View) -> Section | None:
    """None where no column has two strata."""
    blocks = per_question(view, _apart)
    return Section(anchor="strata-apart", title="Strata that differ", blocks=blocks) if blocks else None


def _apart(view: View, asked: Asked) -> list[Block]:
    records = [
        one for one in view.result.comparisons if one.get("question") == asked.name and one.get("kind") == "strata"
    ]
    if not records:
        return []
    blocks: list[Block] = [*_bent(view, asked), fold_long(_table(view, asked, records))]
    shrunken = [one for one in records if any("shrunken" in row for row in one.get("strata") or [])]
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


def _table(view: View, asked: Asked, records: Sequence[Record]) -> Table:
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


def _row(asked: Asked, one: Record) -> tuple[Cell, ...]:
    head = (
        words(asked.called(str(one.get("subject", "")))),
        words(str(one.get("column", "")), under=plural(len(one.get("strata") or []), "stratum", "strata")),
        words(statistic(str(one.get("statistic", ""))).title),
    )
    worst = part(one, "worst")
    if not worst:
        why = reason(str(one.get("undefined") or ""))
        return (*head, figures(NO_VALUE, under=why), *(figures(NO_VALUE) for _ in range(4)))
    return (
        *head,
        figures(p_value(whole(one, "p_value"))),
        figures(percent(whole(one, "i_squared"))),
        words(str(worst.get("stratum", ""))),
        figures(number(whole(worst, "value"))),
        figures(number(whole(worst, "bound"))),
    )


def _shrunken(asked: Asked, records: Sequence[Record], *, limit: int | None) -> Table:
    rows = [
        (
            words(asked.called(str(one.get("subject", "")))),
            words(statistic(str(one.get("statistic", ""))).title),
            words(str(row.get("stratum", "")), under=f"n = {count(whole(row, 'n_items'))}"),
            figures(number(whole(row, "value"))),
            figures(interval(whole(row, "shrunken"), whole(row, "shrunken_low"), whole(row, "shrunken_high"))),
            figures(number(whole(row, "bound"))),
        )
        for one in records
        for row in one.get("strata") or []
        if "shrunken" in row
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
