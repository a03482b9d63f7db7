"""The first screen: may each judge be used, and how far it stands from chance, from the gate and from people."""

from __future__ import annotations

from dataclasses import replace

from judgeaudit.domain.results.audit import Decision
from judgeaudit.report.content.document import (
    Block,
    Card,
    Cards,
    Column,
    Figure,
    Fold,
    Forest,
    ForestRow,
    Heading,
    Section,
    Table,
    figures,
    measured,
    paragraph,
    quiet,
    strong,
    words,
)
from judgeaudit.report.content.drawings import KeyMark
from judgeaudit.report.content.view import ALL, HUMANS, Asked, View
from judgeaudit.report.sections.headline import headline_sentence
from judgeaudit.report.words.codes import badge, plural, quoted, reason
from judgeaudit.report.words.numbers import NO_VALUE, count, estimate, number, percent, percent_interval
from judgeaudit.report.words.statistics import statistic

CARDS = 12
#: what decides where the head statistic has no value
INSTEAD = ("false_positive_rate", "false_negative_rate")
WARNINGS = 3
LABELS = 12


def decision_section(view: View) -> Section:
    first = headline_sentence(view)
    blocks: list[Block] = [*([paragraph(strong(first))] if first else []), *warning_blocks(view)]
    for asked in view.questions:
        blocks.extend(question_head(view, asked))
        blocks.extend(decision_cards(view, asked))
        forest = forest_figure(view, asked)
        if forest:
            blocks.append(forest)
    if not view.questions:
        blocks.append(paragraph("The audit holds no question."))
    return Section(anchor="decision", title="May the judge be used?", blocks=tuple(blocks))


def warning_blocks(view: View) -> list[Block]:
    """Each warning once, in a box of its own, before any number; many are folded so that the decision stays in sight."""
    boxes = tuple(paragraph(one, tone="warning") for one in view.warnings)
    more = boxes[WARNINGS:]
    folded = [Fold(summary=f"{plural(len(more), 'more warning')}", blocks=more)] if more else []
    return [*boxes[:WARNINGS], *folded]


def question_head(view: View, asked: Asked) -> list[Block]:
    labels = ", ".join(asked.labels[:LABELS]) + (f", … ({len(asked.labels)} labels)" if asked.labels[LABELS:] else "")
    said = f"{asked.scale} scale: {labels}" if labels else ""
    if asked.positive and asked.positive != asked.labels:
        said += f"; positive: {', '.join(asked.positive)}"
    told = paragraph(strong(asked.text), " ", quiet(said)) if asked.text else paragraph(quiet(said))
    blocks: list[Block] = [] if view.one_question else [Heading(text=asked.name)]
    return [*blocks, told] if said or asked.text else blocks


def decision_cards(view: View, asked: Asked) -> list[Block]:
    """One card per judge that could be used; baselines get none, they only stand in the figure and tables."""
    cards = [decision_card(view, asked, one) for one in view.decisions(asked) if not one.baseline]
    if not cards:
        only = "Baselines alone were asked; a baseline is never put to use."
        told = only if view.decisions(asked) else "The audit holds no decision about this question."
        return [paragraph(told, tone="quiet")]
    blocks: list[Block] = [Cards(cards=tuple(cards[:CARDS]))]
    if cards[CARDS:]:
        blocks.append(
            Fold(summary=plural(len(cards) - CARDS, "more judge"), blocks=(Cards(cards=tuple(cards[CARDS:])),))
        )
    return blocks


def decision_card(view: View, asked: Asked, decision: Decision) -> Card:
    restricted = decision.decision == "restricted"
    rates = rates_sentence(view, asked, decision.judge) if decision.judge is not None else ""
    return Card(
        who=called(view, decision.judge),
        mark=decision.decision,
        badge=badge(decision),
        scope=tuple(decision.scope) if restricted else (),
        sentences=tuple(sentence for sentence in (decision.reason, rates) if sentence),
        quiet="" if decision.required or decision.judge is None else "The exit code does not speak of this judge.",
    )


def called(view: View, judge: str | None) -> str:
    return f"the {view.crowd} alone" if judge is None else judge


def rates_sentence(view: View, asked: Asked, judge: str) -> str:
    """What it caught and what it cleared, of how many; empty where the question has no positive side."""
    caught = view.find(asked, judge, "sensitivity")
    cleared = view.find(asked, judge, "specificity")
    if not asked.binary or caught is None or cleared is None or caught.value is None or cleared.value is None:
        return ""
    these = f"outputs {view.source.called} {quoted(asked.positive)}"
    if caught.n is None or cleared.n is None or asked.weighted:  # weights are no number of outputs
        told = f"Of the {these} it caught {percent_interval(caught)}"
        return f"{told}; of the others it cleared {percent_interval(cleared)}."
    return (
        f"Of {count(caught.n)} {these} it caught {percent_interval(caught)}; "
        f"of {count(cleared.n)} others it cleared {percent_interval(cleared)}."
    )


def gates(view: View, asked: Asked) -> tuple[float, ...]:
    """What the policy asks of the head statistic in `all`."""
    asked_for = {
        need.at_least
        for decision in view.decisions(asked)
        for need in decision.requirements
        if need.at_least is not None and need.statistic == asked.head and need.stratum == ALL
        if need.contrast is None and need.subject != HUMANS
    }
    return tuple(sorted(asked_for))


def forest_figure(view: View, asked: Asked) -> Figure | None:
    """The head statistic of every judge and baseline, beside the human ceiling and the gate.

    Where the reference uses one label only it has no value, and the figure shows what then decides: false alarms or misses.
    """
    place, asked = view.questions.index(asked), _with_values(view, asked)
    subjects = sorted(dict.fromkeys([*asked.judges, *asked.baselines]), key=lambda one: view.is_baseline(asked, one))
    rows = tuple(forest_row(view, asked, subject) for subject in subjects)
    if not rows:
        return None
    ceiling = None if asked.head in INSTEAD else view.find(asked, HUMANS, "krippendorff_alpha", versus=HUMANS)
    band = None
    if ceiling and ceiling.low is not None and ceiling.high is not None:
        band = (ceiling.low, ceiling.high)
    asks = gates(view, asked)
    title = f"{statistic(asked.head).title} with the reference, {percent(view.result.level)} intervals"
    described = [f"{row.label}: {row.words}" for row in rows]
    if ceiling:
        described.append(f"{view.crowd} among themselves (Krippendorff's alpha): {estimate(ceiling)}")
    described.extend(f"the gate asks for at least {number(gate, places=3)}" for gate in asks)
    drawing = Forest(
        axis=statistic(asked.head).title,
        rows=rows,
        band=band,
        band_label=view.crowd,
        gates=asks,
        key=_key(view, rows, estimate(ceiling) if ceiling else "", asks),
    )
    return Figure(
        anchor=f"forest-{place}",
        title=title if view.one_question else f"{asked.name}: {title}",
        description="; ".join(described) + ".",
        drawing=drawing,
        table=forest_table(view, asked, subjects, asks),
    )


def _with_values(view: View, asked: Asked) -> Asked:
    def told(name: str) -> bool:
        found = (view.find(asked, judge, name) for judge in asked.judges)
        return any(one is not None and one.value is not None for one in found)

    head = next((name for name in (asked.head, *INSTEAD) if told(name)), asked.head)
    return replace(asked, head=head)


def _key(
    view: View, rows: tuple[ForestRow, ...], ceiling: str, asks: tuple[float, ...]
) -> tuple[tuple[KeyMark, str], ...]:
    key: list[tuple[KeyMark, str]] = []
    if ceiling:
        key.append(("band", f"{view.crowd} among themselves, Krippendorff's alpha {ceiling}"))
    key.extend(("gate", f"the gate asks for at least {number(gate, places=3)}") for gate in asks)
    if any(row.baseline for row in rows):
        key.append(("baseline", "baseline, for comparison"))
    return tuple(key)


def forest_row(view: View, asked: Asked, subject: str) -> ForestRow:
    found = view.find(asked, subject, asked.head)
    said = f"no value: {reason(found.undefined)}" if found and found.value is None else estimate(found)
    return ForestRow(
        label=asked.briefly(subject),
        value=found.value if found else None,
        low=found.low if found else None,
        high=found.high if found else None,
        baseline=view.is_baseline(asked, subject),
        words=said if found else "not computed",
    )


def forest_table(view: View, asked: Asked, subjects: list[str], asks: tuple[float, ...]) -> Table:
    rows = [
        (words(asked.called(subject)), measured(found))
        for subject in subjects
        for found in [view.find(asked, subject, asked.head)]
    ]
    ceiling = None if asked.head in INSTEAD else view.find(asked, HUMANS, "krippendorff_alpha", versus=HUMANS)
    if ceiling:
        who = f"{view.crowd} among themselves, Krippendorff's alpha"
        rows.append((words(who), measured(ceiling)))
    rows.extend((words("the gate: at least"), figures(number(gate, places=3))) for gate in asks)
    title = statistic(asked.head).title
    return Table(
        caption=f"The numbers in the figure: {title}",
        columns=(Column(title="who"), Column(title=title, numeric=True)),
        rows=tuple(rows),
        note="The gate holds a one-sided bound against its line, not the interval that is drawn here.",
    )


def missing(labels: int | None) -> str:
    """How many labels a decision still needs."""
    return NO_VALUE if labels is None else f"{labels:,}"
