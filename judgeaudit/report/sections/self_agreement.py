"""Does a judge agree with itself: over runs of one item, and when the two answers of a pair change places."""

from __future__ import annotations

from judgeaudit.domain.catalogue.statistics import STATISTICS
from judgeaudit.report.content.document import Block, Column, Fold, Section, Table, measured, words
from judgeaudit.report.content.view import ALL, Asked, View
from judgeaudit.report.sections.scores import STRATA, per_question
from judgeaudit.report.words.codes import plural
from judgeaudit.report.words.statistics import statistic


def steadiness_section(view: View) -> Section | None:
    """None where no judge was run twice or in both orders."""
    blocks = per_question(view, _steadiness)
    return Section(anchor="steadiness", title="Does a judge agree with itself?", blocks=blocks) if blocks else None


def _steadiness(view: View, asked: Asked) -> list[Block]:
    of_itself = [name for name, one in STATISTICS.items() if one.against == "itself"]
    names = [name for name in of_itself if any(view.find(asked, judge, name, versus=judge) for judge in asked.judges)]
    if not names:
        return []
    strata = [one for one in view.strata(asked) if one != ALL]
    shown = strata if view.full else strata[:STRATA]
    blocks: list[Block] = [_table(view, asked, names, [ALL])]
    if shown:
        blocks.append(
            Fold(
                summary=f"By stratum: {plural(len(shown), 'stratum', 'strata')}",
                blocks=(_table(view, asked, names, shown),),
            )
        )
    return blocks


def _table(view: View, asked: Asked, names: list[str], strata: list[str]) -> Table:
    judges = [one for one in asked.judges if any(view.find(asked, one, name, versus=one) for name in names)]
    where = [] if strata == [ALL] else [Column(title="stratum")]
    return Table(
        caption="Each judge against itself, all items" if strata == [ALL] else "Each judge against itself, by stratum",
        columns=(
            Column(title="judge"),
            *where,
            *(Column(title=statistic(name).title, under=name, numeric=True) for name in names),
        ),
        rows=tuple(
            (
                words(judge),
                *([words(stratum)] if where else []),
                *(measured(view.find(asked, judge, name, stratum=stratum, versus=judge)) for name in names),
            )
            for judge in judges
            for stratum in strata
        ),
        note="Agreement with the reference is that of the first run in order ab.",
    )
