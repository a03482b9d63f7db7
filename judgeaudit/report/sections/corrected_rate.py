"""The right rate: what a judge says of all items, the rate corrected by the labels beside it, or why there is none."""

from __future__ import annotations

from collections.abc import Sequence

from judgeaudit.domain.results.rate_signs import sign_words
from judgeaudit.domain.results.rates import RateRecord
from judgeaudit.report.content.document import (
    Block,
    Bullets,
    Column,
    Fold,
    Section,
    Table,
    code,
    line,
    measured,
    paragraph,
    words,
)
from judgeaudit.report.content.view import ALL, Asked, View
from judgeaudit.report.sections.scores import STRATA, per_question
from judgeaudit.report.words.codes import plural
from judgeaudit.report.words.numbers import count
from judgeaudit.report.words.statistics import statistic

OWN, BIAS = "prevalence_judge_target", "prevalence_bias_corrected"
ALSO = ("prevalence_ppi", "prevalence_ppi_pp", "sensitivity_begg_greenes", "specificity_begg_greenes")
DESIGNS = {
    "random": "a random sample of the judged ones",
    "weighted": "a sample of the judged ones with known chances, which weights stand for",
    "elsewhere": "a calibration set from elsewhere, and the rate is wanted for the unlabelled ones",
}


def right_rate_section(view: View) -> Section | None:
    """None where every judged item is labelled and nobody stated a design."""
    blocks = per_question(view, _rates)
    return Section(anchor="rates", title="The right rate", blocks=blocks) if blocks else None


def _rates(view: View, asked: Asked) -> list[Block]:
    records = [one for one in view.result.rates if one.question == asked.name]
    everywhere = [one for one in records if one.stratum == ALL]
    if not everywhere:
        return []
    design = records[0].design
    if design is None:
        return _unstated(records)
    if all(one.refused == "no_unlabelled" for one in everywhere):
        return [paragraph(_nothing_waits(everywhere))]
    blocks: list[Block] = [paragraph(f"By the stated design the labelled items are {DESIGNS.get(design, design)}.")]
    blocks.append(_table(view, asked, everywhere, "Share of positive items, as judged and corrected"))
    blocks += _notes(everywhere, design)
    blocks += _by_stratum(view, asked, [one for one in records if one.stratum != ALL])
    also = [name for name in ALSO if any(view.find(asked, one.judge, name) for one in everywhere)]
    if also:
        blocks.append(Fold(summary="Other estimates of the same", blocks=(_also(view, asked, everywhere, also),)))
    return blocks


def _by_stratum(view: View, asked: Asked, records: Sequence[RateRecord]) -> list[Block]:
    shown = records if view.full else records[:STRATA]
    if not shown:
        return []
    table = _table(view, asked, shown, "The same by stratum")
    more = f", {len(records) - len(shown)} more in audit.json" if len(shown) < len(records) else ""
    return [Fold(summary=f"By stratum: {plural(len(shown), 'row')}{more}", blocks=(table,))]


def _nothing_waits(records: Sequence[RateRecord]) -> str:
    """Why nothing is corrected where no judged item waits for a label; what raters could not settle is no label."""
    most = max(records, key=lambda one: one.without_reference)
    lost = most.without_reference
    if not lost:
        return "Every judged item is labelled: the rate of the labels stands, and nothing is corrected."
    return (
        f"Nothing is corrected, for no judged item waits for a rater: {count(most.labelled)} items are labelled, and "
        f"{_lost(most)}. The rate of the labels speaks of the labelled ones alone."
    )


def _lost(one: RateRecord) -> str:
    """How many items were given to raters and have no reference, and why those are no random loss."""
    lost, refused = one.without_reference, one.cannot_judge
    told = f"{count(lost)} that raters were given have no reference"
    if not refused:
        return f"{told}, since raters tied"
    every = "all" if refused == lost else f"{count(refused)} of them"
    return (
        f"{told}, {every} since raters could not judge them: these are no random part of the items, and what is said of the "
        "others need not hold for them"
    )


def _unstated(records: Sequence[RateRecord]) -> list[Block]:
    waiting = max((one.unlabelled for one in records), default=0)
    told = (
        f"No rate is corrected: {count(waiting)} judged items have no label, and how the labelled ones were chosen is not "
        "stated. It is never guessed, since the wrong correction can be worse than none. State it with "
    )
    flags = ("--label-design random", "--label-design weighted --weight COL", "--label-design elsewhere")
    return [
        paragraph(told, code("--label-design"), ", or ", code("label_design"), " under [audit] in study.toml:"),
        Bullets(
            lines=tuple(
                line(code(flag), f": they are {DESIGNS[design]}.") for flag, design in zip(flags, DESIGNS, strict=True)
            )
        ),
    ]


def _table(view: View, asked: Asked, records: Sequence[RateRecord], caption: str) -> Table:
    """What the judge says, the corrected rate, and how far apart they are; the reason where there is no corrected rate."""
    by_stratum = any(one.stratum != ALL for one in records)
    name = records[0].statistic or ""
    rows = []
    for one in records:
        judge, stratum = one.judge, one.stratum
        found = (view.find(asked, judge, statistic_, stratum=stratum) for statistic_ in (OWN, name, BIAS))
        labelled, waiting = count(one.labelled), count(one.unlabelled)
        lost = one.without_reference
        sizes = f"{labelled} labelled, {waiting} not" + (f", {count(lost)} without a reference" if lost else "")
        cells = (words(asked.called(judge), under=sizes), *map(measured, found))
        rows.append((*cells[:1], *([words(stratum)] if by_stratum else []), *cells[1:]))
    where = [Column(title="stratum")] if by_stratum else []
    return Table(
        caption=caption,
        columns=(
            Column(title="judge"),
            *where,
            Column(title="the judge says", under=OWN, numeric=True),
            Column(title="corrected", under=name, numeric=True),
            Column(title="the judge's bias", under=BIAS, numeric=True),
        ),
        rows=tuple(rows),
    )


def _notes(records: Sequence[RateRecord], design: str) -> list[Block]:
    """Signs that the design does not hold, what is assumed without a check, and items that people could not settle."""
    told = []
    for one in records:
        signs = one.signs
        if signs:
            end = " Refused." if one.refused == "calibration_differs" else " The corrected rate is doubtful."
            seen = "; ".join(sign_words(sign) for sign in signs)
            told.append(line(f"{one.judge}, labelled items beside the others: {seen}.{end}"))
    blocks: list[Block] = [Bullets(lines=tuple(told))] if told else []
    if design == "elsewhere":
        blocks.append(
            paragraph(
                "Corrected rates suppose that a judge's sensitivity and false positive rate are the same in the unlabelled "
                "items. What can be seen was compared; that they are the same cannot be checked without labels there.",
                tone="quiet",
            )
        )
    most = max(records, key=lambda one: one.without_reference)
    if most.without_reference:
        told_lost = _lost(most)
        blocks.append(
            paragraph(f"{told_lost[0].upper()}{told_lost[1:]}. They count as judged, not as labelled.", tone="quiet")
        )
    return blocks


def _also(view: View, asked: Asked, records: Sequence[RateRecord], names: Sequence[str]) -> Table:
    return Table(
        caption="Prediction-powered rates, and the judge in all judged items",
        columns=(
            Column(title="judge"),
            *(Column(title=statistic(name).title, under=name, numeric=True) for name in names),
        ),
        rows=tuple(
            (
                words(asked.called(one.judge)),
                *(measured(view.find(asked, one.judge, name)) for name in names),
            )
            for one in records
        ),
    )
