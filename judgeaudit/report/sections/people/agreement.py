"""The people: how far they agree, each and in pairs, and the fair comparison; then contrasts."""

from __future__ import annotations

from collections.abc import Iterable

from judgeaudit.domain.results.audit import Contrast, Finding
from judgeaudit.report.content.document import (
    Block,
    Cell,
    Column,
    Fold,
    Section,
    Table,
    figures,
    fold_long,
    measured,
    paragraph,
    words,
)
from judgeaudit.report.content.view import ALL, HUMANS, Asked, View
from judgeaudit.report.sections.scores import STRATA, per_question
from judgeaudit.report.words.codes import plural
from judgeaudit.report.words.methods import method
from judgeaudit.report.words.numbers import interval, p_value, percent
from judgeaudit.report.words.statistics import statistic

FAIR = ("leave_one_out_delta",)


def people_section(view: View) -> Section:
    title = "The people" if view.by_people else f"Those who labelled: {view.crowd}"
    return Section(anchor="people", title=title, blocks=per_question(view, _people))


def _people(view: View, asked: Asked) -> list[Block]:
    blocks: list[Block] = []
    together = [one for one in view.findings(asked) if one.subject == HUMANS and one.stratum == ALL]
    if together:
        caption = f"The ceiling: {view.crowd} among themselves, all items"
        blocks.append(_listing(caption, ((statistic(one.statistic).title, one) for one in together)))
    each = _each(view, asked)
    if each:
        blocks.append(each)
    fair = _fair(view, asked)
    if fair:
        blocks.extend((paragraph(_fair_sentence(view)), fair))
    pairs = _pairs(view, asked)
    if pairs:
        blocks.append(Fold(summary=f"Pairs: {plural(len(pairs.rows), 'row')}", blocks=(pairs,)))
    return blocks or [paragraph("The audit holds nothing about agreement among those who labelled.", tone="quiet")]


def _called(view: View) -> tuple[str, str]:
    """One and all of those who labelled; whoever is no person is not called one."""
    return ("person", "people") if view.by_people else ("rater", "raters")


def _fair_sentence(view: View) -> str:
    one, all_of_them = _called(view)
    return (
        f"A {one} is part of the reference, so the table above flatters {all_of_them}. The fair comparison leaves one {one} out "
        f"at a time and holds judge and left-out {one} against the same others: above 0 the judge fits them better than "
        f"the {one} does, below 0 worse."
    )


def _listing(caption: str, rows: Iterable[tuple[str, Finding]]) -> Table:
    """One finding a row, with its name, estimate and size."""
    return Table(
        caption=caption,
        columns=(Column(title="statistic"), Column(title="value", numeric=True)),
        rows=tuple((words(title, under=one.statistic), measured(one)) for title, one in rows),
    )


def _grid(
    view: View, asked: Asked, caption: str, subjects: Iterable[str], names: Iterable[str], first: str
) -> Table | None:
    """Subjects down, statistics across; statistics that nobody has are left away. None where nothing is left."""
    listed = list(subjects)
    kept = [name for name in dict.fromkeys(names) if any(view.find(asked, one, name) for one in listed)]
    rows = []
    for subject in listed:
        found = [view.find(asked, subject, name) for name in kept]
        if any(found):
            rows.append((words(asked.called(subject)), *(measured(one) for one in found)))
    if not rows:
        return None
    columns = (Column(title=first), *(Column(title=statistic(one).title, under=one, numeric=True) for one in kept))
    return Table(caption=caption, columns=columns, rows=tuple(rows))


def _each(view: View, asked: Asked) -> Table | None:
    names = [asked.head, "percent_agreement", "sensitivity", "specificity", "coverage", "cannot_judge_rate"]
    one, _ = _called(view)
    caption = f"Each {one} against the reference that the {one} is part of"
    return _grid(view, asked, caption, asked.people, names, one)


def _fair(view: View, asked: Asked) -> Table | None:
    one, all_of_them = _called(view)
    caption = f"Judge and left-out {one}, held against the same {all_of_them}"
    return _grid(view, asked, caption, [*asked.judges, *asked.baselines], FAIR, "judge")


def _pairs(view: View, asked: Asked) -> Table | None:
    one_rater, _ = _called(view)
    people = set(asked.people)
    rows = tuple(
        (words(one.subject), words(one.versus), words(statistic(one.statistic).title), measured(one))
        for one in view.findings(asked)
        if one.stratum == ALL and one.subject in people and one.versus in people
        if view.full or one.statistic in (asked.head, "percent_agreement")
    )
    columns = (
        Column(title=one_rater),
        Column(title="with"),
        Column(title="statistic"),
        Column(title="value", numeric=True),
    )
    return (
        Table(caption=f"{one_rater.capitalize()} by {one_rater}, all items", columns=columns, rows=rows)
        if rows
        else None
    )


def contrast_section(view: View) -> Section | None:
    """Differences between strata and runs; None where the audit holds none."""
    blocks = per_question(view, _contrasts)
    return Section(anchor="contrasts", title="Differences", blocks=blocks) if blocks else None


def _contrasts(view: View, asked: Asked) -> list[Block]:
    elsewhere = ("dose", "judges")
    rows = [one for one in view.result.contrasts if one.question == asked.name and one.kind not in elsewhere]
    shown = rows if view.full else rows[:STRATA]
    if not rows:
        return []
    table = Table(
        caption=f"Each difference is the first less the second, with its {percent(view.result.level)} interval",
        columns=(
            Column(title="first"),
            Column(title="second"),
            Column(title="of"),
            Column(title="where"),
            Column(title="difference", numeric=True),
            Column(title="p", numeric=True),
            Column(title="p, adjusted", numeric=True),
            Column(title="test"),
        ),
        rows=tuple(_contrast_row(one, asked) for one in shown),
    )
    more = len(rows) - len(shown)
    told = [paragraph(f"{plural(more, 'more difference')} in audit.json.")] if more else []
    return [fold_long(table), *told]


def _contrast_row(one: Contrast, asked: Asked) -> tuple[Cell, ...]:
    subject = f"{asked.called(one.subject)}, " if one.subject else ""
    return (
        words(f"{subject}{asked.called(one.a)}"),
        words(asked.called(one.b)),
        words(statistic(one.statistic).title),
        words(one.stratum),
        figures(interval(one.value, one.low, one.high, one.undefined)),
        figures(p_value(one.p_value)),
        figures(p_value(one.p_adjusted)),
        words(method(one.test).title if one.test else ""),
    )
