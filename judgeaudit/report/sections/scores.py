"""From the table to the numbers: data flow, scorecard, no answers, strata, and what was mistaken for what."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from judgeaudit.domain.results.audit import Confusion
from judgeaudit.domain.results.estimates import EstimateRecord
from judgeaudit.domain.results.people import ReferenceRule
from judgeaudit.domain.results.questions import Flow, Treatment
from judgeaudit.report.content.document import (
    Block,
    Cell,
    Column,
    Fold,
    Heading,
    Section,
    Table,
    figures,
    fold_long,
    measured,
    paragraph,
    words,
)
from judgeaudit.report.content.view import ALL, HUMANS, Asked, View
from judgeaudit.report.words.codes import plural
from judgeaudit.report.words.numbers import NO_VALUE, count, interval, number, percent
from judgeaudit.report.words.statistics import statistic

STRATA = 60
#: what a stratum rests on, in words
STRATUM_WORDS = {
    "people": "labels by people",
    "models": "labels by models",
    "construction": "labels by construction",
    "simulation": "simulated labels",
    "signal": "a signal computed from the text",
    "column": "a column",
}
HEATS = (0.5, 0.667, 0.8, 0.9)


def per_question(view: View, build: Callable[[View, Asked], list[Block]]) -> tuple[Block, ...]:
    """The blocks of every question, each under its name when there are several."""
    blocks: list[Block] = []
    for asked in view.questions:
        built = build(view, asked)
        if built and not view.one_question:
            blocks.append(Heading(text=asked.name))
        blocks.extend(built)
    return tuple(blocks)


def flow_section(view: View) -> Section:
    return Section(anchor="flow", title="From the table to the numbers", blocks=per_question(view, _flow))


def _flow(view: View, asked: Asked) -> list[Block]:
    return [block for one in view.result.flow if one.question == asked.name for block in _flow_tables(one)]


def _flow_tables(flow: Flow) -> list[Block]:
    blocks: list[Block] = []
    if flow.steps:
        told = tuple((words(step.what), figures(count(step.n))) for step in flow.steps)
        heads = (Column(title="step"), Column(title="n", numeric=True))
        blocks.append(Table(caption="Which items the numbers stand on", columns=heads, rows=told))
    keys = ("asked", "answered", "unanswered", "unparsed", "refused", "failed", "not_asked")
    kept = [key for key in keys if any(getattr(one, key) is not None for one in flow.judges)]
    if flow.judges:
        rows = tuple((words(one.judge), *(figures(count(getattr(one, key))) for key in kept)) for one in flow.judges)
        columns = (Column(title="judge"), *(Column(title=key.replace("_", " "), numeric=True) for key in kept))
        blocks.append(Table(caption="What each judge was asked, and what came back", columns=columns, rows=rows))
    return blocks


def scorecard_section(view: View) -> Section:
    return Section(anchor="scorecard", title="Scorecard", blocks=per_question(view, _scorecard))


def _scorecard(view: View, asked: Asked) -> list[Block]:
    subjects = [*asked.judges, *asked.baselines]
    if not subjects:
        return [paragraph(f"No judge was audited; see the {view.crowd} below.")]
    rows = []
    for name in asked.front:
        found = [view.find(asked, subject, name) for subject in subjects]
        if any(found):
            said = statistic(name)
            cells = (measured(one) for one in found)
            rows.append((words(said.title, under=name), *cells))
    note = "The glossary under “Methods” says what each statistic means."
    return [
        Table(
            caption=f"All items: each judge against the reference, {percent(view.result.level)} intervals",
            columns=(Column(title="statistic"), *(_judge_column(view, asked, one) for one in subjects)),
            rows=tuple(rows),
            note=note,
        )
    ]


def _judge_column(view: View, asked: Asked, subject: str) -> Column:
    if subject in asked.baselines:
        kind = subject.removeprefix("baseline:").replace("_", " ")
        return Column(title=asked.baselines[subject], under=f"baseline: {kind}", numeric=True)
    return Column(title=subject, under="baseline" if view.is_baseline(asked, subject) else "", numeric=True)


def treatment_blocks(view: View, asked: Asked) -> list[Block]:
    """The head number with no answer counted and left out, in all and by stratum."""
    rows = [one for one in view.result.treatments if one.question == asked.name]
    silent = [one for one in rows if view.full or one.unanswered]
    if not silent and (rows or _all_answered(view, asked)):
        return [paragraph("Every judge gave a usable label for every item that it was asked about.")]
    if not silent:
        return []
    whole_table = [one for one in silent if one.stratum == ALL]
    blocks: list[Block] = [_treatment_table(asked, whole_table)] if whole_table else []
    return [*blocks, *_treatments_by_stratum(view, asked, [one for one in silent if one.stratum != ALL])]


def _treatments_by_stratum(view: View, asked: Asked, rows: Sequence[Treatment]) -> list[Block]:
    if not rows:
        return []
    shown = rows if view.full else rows[:STRATA]
    told = f"By stratum: {plural(len(shown), 'row')}"
    told += f", {len(rows) - len(shown)} more in audit.json" if len(shown) < len(rows) else ""
    return [Fold(summary=told, blocks=(_treatment_table(asked, shown),))]


def _treatment_table(asked: Asked, rows: Sequence[Treatment]) -> Table:
    columns = ("judge", "stratum", "statistic", "counted as no label", "left out", "coverage", "unanswered")
    return Table(
        caption="The same statistics with unanswered items counted against the judge, and with them left out",
        columns=tuple(Column(title=one, numeric=place > 2) for place, one in enumerate(columns)),
        rows=tuple(_treatment_row(asked, one) for one in rows),
        note="A judge that keeps silent on hard items looks better when they are left out.",
    )


def _all_answered(view: View, asked: Asked) -> bool:
    """Whether the data flow says that no judge left an item of this question unanswered."""
    judges = [judge for one in view.result.flow if one.question == asked.name for judge in one.judges]
    return bool(judges) and all(judge.unanswered == 0 for judge in judges)


def _treatment_row(asked: Asked, one: Treatment) -> tuple[Cell, ...]:
    return (
        words(asked.called(one.judge)),
        words(one.stratum),
        words(statistic(one.statistic).title),
        figures(interval(one.counted.value, one.counted.low, one.counted.high)),
        figures(interval(one.left_out.value, one.left_out.low, one.left_out.high)),
        figures(number(one.coverage)),
        figures(count(one.unanswered)),
    )


def part_interval(one: EstimateRecord | ReferenceRule) -> str:
    """An estimate that is part of a record."""
    return interval(one.value, one.low, one.high, one.undefined or None)


def strata_section(view: View) -> Section:
    return Section(anchor="strata", title="Where it holds", blocks=per_question(view, _strata))


def _strata(view: View, asked: Asked) -> list[Block]:
    names = view.strata(asked)
    if len(names) < 2:
        return [paragraph("No strata were declared, so nothing is known about where the judge fails.")]
    shown = names if view.full else names[: STRATA + 1]
    others = ("sensitivity", "specificity") if asked.binary and asked.judges else ()
    tables = [_heat_table(view, asked, shown, one) for one in _valued_first(view, asked, (asked.head, *others))]
    rows = sum(len(one.rows) for one in tables)
    blocks: list[Block] = [tables[0], *(fold_long(one, rows=rows) for one in tables[1:])]
    steps = ", ".join(f"{step:g}" for step in HEATS)
    blocks.append(
        paragraph(f"Colours change at {steps}; they are for the eye, decisions rest on bounds.", tone="quiet")
    )
    if len(shown) < len(names):
        blocks.append(paragraph(f"{plural(len(names) - len(shown), 'more stratum', 'more strata')} in audit.json."))
    return blocks


def _valued_first(view: View, asked: Asked, names: Sequence[str]) -> list[str]:
    """The statistics, those first that any judge has a value of: the first table stands open."""
    have = {one.statistic for one in view.findings(asked) if one.subject in asked.judges and one.value is not None}
    return sorted(dict.fromkeys(names), key=lambda name: name not in have)


def _heat_table(view: View, asked: Asked, strata: list[str], name: str) -> Table:
    """Judges across, strata down: colour, number, interval and n in each field."""
    subjects = [*asked.judges]
    ceiling = name == asked.head
    columns = [Column(title="stratum"), *(_judge_column(view, asked, one) for one in subjects)]
    if ceiling:
        columns.append(Column(title=view.crowd, under="Krippendorff's alpha", numeric=True))
    rows = []
    for stratum in strata:
        cells = [heat_cell(view, asked, subject, name, stratum) for subject in subjects]
        if ceiling:
            cells.append(heat_cell(view, asked, HUMANS, "krippendorff_alpha", stratum))
        rows.append((words(stratum, under=_stratum_note(view, stratum)), *cells))
    return Table(
        caption=f"{statistic(name).title} by stratum",
        columns=tuple(columns),
        rows=tuple(rows),
    )


def heat_cell(view: View, asked: Asked, subject: str, name: str, stratum: str) -> Cell:
    versus = HUMANS if subject == HUMANS else None
    found = view.find(asked, subject, name, stratum=stratum, versus=versus)
    heat = None if found is None or found.value is None else sum(found.value >= step for step in HEATS)
    return measured(found, heat=heat)


def _stratum_note(view: View, stratum: str) -> str:
    """How many items a stratum has, and what it rests on; one made of labels is not known when the judge runs."""
    about = view.result.strata.get(stratum)
    if about is None:
        return ""
    rests_on = about.rests_on or (view.result.label_source if about.source == "label" else about.source)
    by = STRATUM_WORDS.get(rests_on, "")
    told = f"{by or 'labels'}, so unknown at run time" if about.source == "label" else by
    return ", ".join(one for one in (f"{count(about.n_items)} items", told) if one)


def confusion_section(view: View) -> Section:
    return Section(anchor="confusion", title="What was mistaken for what", blocks=per_question(view, _confusions))


def _confusions(view: View, asked: Asked) -> list[Block]:
    mine = [one for one in view.result.confusions if one.question == asked.name and one.counts]
    first = [confusion_table(asked, one) for one in mine if one.stratum == ALL and one.judge not in asked.baselines]
    others = [confusion_table(asked, one) for one in mine if one.stratum != ALL and one.judge not in asked.baselines]
    limit = None if view.full else STRATA
    blocks: list[Block] = [*first]
    if others:
        tables = tuple(others[:limit])
        blocks.append(Fold(summary=f"By stratum: {plural(len(tables), 'table')}", blocks=tables))
    if limit is not None and len(others) > limit:
        blocks.append(paragraph(f"{plural(len(others) - limit, 'more table')} in audit.json."))
    return blocks


def confusion_table(asked: Asked, confusion: Confusion) -> Table:
    """Counts of reference label (down) by verdict (across), each with its share of the row."""
    rows = []
    for label, counts in zip(confusion.labels, confusion.counts, strict=False):
        total = sum(counts)
        cells = (figures(count(one), under=percent(one / total) if total else NO_VALUE) for one in counts)
        rows.append((words(label), *cells, figures(count(total))))
    verdicts = (*confusion.labels, "no answer")
    return Table(
        caption=f"{asked.called(confusion.judge)}, {'all items' if confusion.stratum == ALL else confusion.stratum}: "
        f"{plural(confusion.n_items, 'item')}",
        columns=(
            Column(title="reference ↓ verdict →"),
            *(Column(title=one, numeric=True) for one in verdicts),
            Column(title="items", numeric=True),
        ),
        rows=tuple(rows),
    )
