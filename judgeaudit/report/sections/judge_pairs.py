"""Judge against judge: who is right more often on the same items, and why judges who agree need not be right."""

from __future__ import annotations

from collections.abc import Sequence

from judgeaudit.domain.results.audit import Contrast
from judgeaudit.domain.results.estimates import EstimateRecord, OmnibusRecord
from judgeaudit.domain.results.groups import JudgesTogether
from judgeaudit.report.content.document import (
    Block,
    Cell,
    Column,
    Fold,
    Section,
    Table,
    figures,
    fold_long,
    paragraph,
    words,
)
from judgeaudit.report.content.view import ALL, Asked, View
from judgeaudit.report.sections.scores import STRATA, part_interval, per_question
from judgeaudit.report.words.codes import listed, plural, reason
from judgeaudit.report.words.numbers import NO_VALUE, count, interval, number, p_value, percent
from judgeaudit.report.words.statistics import statistic

_SHOWN = ("accuracy", "", "sensitivity", "specificity", "roc_auc", "pearson_r", "mean_absolute_error")
_ALIKE = (
    "Judges that agree with each other are no evidence of being right: models that learned from the same texts share errors, "
    "and a panel of them votes for these."
)


def versus_section(view: View) -> Section | None:
    """None where no two judges were asked the same question."""
    blocks = per_question(view, _versus)
    return Section(anchor="versus", title="Judge against judge", blocks=blocks) if blocks else None


def _versus(view: View, asked: Asked) -> list[Block]:
    rows = [one for one in view.result.contrasts if one.question == asked.name and one.kind == "judges"]
    groups = [one for one in view.result.comparisons if isinstance(one, JudgesTogether) and one.question == asked.name]
    blocks: list[Block] = []
    if rows:
        blocks.append(fold_long(_table(view, asked, [one for one in rows if one.stratum == ALL], where=False)))
        strata = [one for one in rows if one.stratum != ALL]
        if strata:
            table = _table(view, asked, strata if view.full else _first_strata(strata), where=True)
            blocks.append(Fold(summary=f"By stratum: {plural(len(table.rows), 'row')}", blocks=(table,)))
    if groups:
        blocks += [paragraph(_alike(groups), tone="warning"), fold_long(_together(asked, groups))]
    return blocks


def _first_strata(rows: Sequence[Contrast]) -> list[Contrast]:
    kept = list(dict.fromkeys((one.stratum, one.a, one.b) for one in rows))[:STRATA]
    return [one for one in rows if (one.stratum, one.a, one.b) in set(kept)]


def _table(view: View, asked: Asked, rows: Sequence[Contrast], *, where: bool) -> Table:
    """A row for each pair (and stratum), a column for each statistic: difference, interval, p-values."""
    found = {(one.stratum, one.a, one.b, one.statistic): one for one in rows}
    names = [name or asked.head for name in _SHOWN]
    there = {one.statistic for one in rows}
    names = [name for name in names if name in there and not (name == "pearson_r" and "accuracy" in there)]
    keys = list(dict.fromkeys((one.stratum, one.a, one.b) for one in rows))
    return Table(
        caption=f"The first less the second on the items that both were asked, with {percent(view.result.level)} intervals",
        columns=(
            *((Column(title="stratum"),) if where else ()),
            Column(title="first"),
            Column(title="second"),
            *(Column(title=statistic(name).title, under=name, numeric=True) for name in names),
        ),
        rows=tuple(
            (
                *((words(key[0]),) if where else ()),
                words(asked.called(key[1])),
                words(asked.called(key[2])),
                *(_cell(found.get((*key, name))) for name in names),
            )
            for key in keys
        ),
        note="Under each difference: p, and p adjusted for all pairs (Holm), which is the one to claim a difference by. audit.json also "
        "has p adjusted for screening (Benjamini–Hochberg), and every other coefficient.",
    )


def _cell(one: Contrast | None) -> Cell:
    if one is None:
        return figures(NO_VALUE, under="not computed")
    if one.value is None:
        return figures(NO_VALUE, under=reason(one.undefined))
    size = "" if one.n_items is None else f"n = {count(one.n_items)}, "
    under = f"{size}p {p_value(one.p_value)}, adjusted {p_value(one.p_adjusted)}"
    return figures(interval(one.value, one.low, one.high), under=under)


def _alike(groups: Sequence[JudgesTogether]) -> str:
    """The warning, with what is known of all items and of all judges."""
    one = next((one for one in groups if one.stratum == ALL), groups[0])
    worth, right = one.effective_judges, one.right_where_all_agree
    told = _ALIKE
    if worth.value is not None:
        told += (
            f" By the correlation of their errors these {len(one.judges)} are worth {part_interval(worth)} "
            "independent judges."
        )
    if right.value is not None:
        known = (right.low, right.high)
        limits = f" [{percent(known[0])}, {percent(known[1])}]" if None not in known else ""
        told += f" Where all of them gave the same label it was right on {percent(right.value)}{limits}."
    return told


def _together(asked: Asked, groups: Sequence[JudgesTogether]) -> Table:
    columns = (
        Column(title="judges"),
        Column(title="stratum"),
        Column(title="all equally right", under="p", numeric=True),
        Column(title="correlation of errors", numeric=True),
        Column(title="worth independent judges", numeric=True),
        Column(title="all agree", numeric=True),
        Column(title="right where all agree", numeric=True),
    )
    rows = tuple(
        (
            _who(asked, one),
            words(one.stratum, under=f"n = {count(one.n_items)}"),
            _equal(one.equally_right),
            *map(_estimate, (one.error_correlation, one.effective_judges, one.all_agree, one.right_where_all_agree)),
        )
        for one in groups
    )
    return Table(
        caption="Judges as a group, on the items that all of them were asked",
        columns=columns,
        rows=rows,
        note="Worth independent judges: n / (1 + (n − 1) ρ), ρ the mean correlation of errors over pairs. All equally right: Cochran's Q, "
        "with clusters or weights Hotelling's T²; from three judges on.",
    )


def _who(asked: Asked, one: JudgesTogether) -> Cell:
    names = listed([asked.called(name) for name in one.judges])
    panels = listed([asked.called(name) for name in one.panels])
    return words(names, under=f"members of {panels}" if panels else "")


def _equal(one: OmnibusRecord | None) -> Cell:
    if one is None:
        return figures(NO_VALUE, under="two judges: see above")
    if one.p_value is None:
        return figures(NO_VALUE, under=reason(one.undefined))
    return figures(p_value(one.p_value), under=f"{number(one.q)} on {count(one.df)}")


def _estimate(one: EstimateRecord) -> Cell:
    if one.value is None:
        return figures(NO_VALUE, under=reason(one.undefined))
    return figures(part_interval(one), under="" if one.k is None else f"{count(one.k)} of {count(one.n)}")
