"""Could the judge replace a person, what does it do to the people's agreement, and does it know where they differ?"""

from __future__ import annotations

from judgeaudit.domain.results.people import LabelAdvantage, PersonTest, Replacement
from judgeaudit.report.content.document import (
    Block,
    Cell,
    Column,
    Fold,
    Paragraph,
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
from judgeaudit.report.words.codes import listed, plural
from judgeaudit.report.words.numbers import count, interval, number, p_value, percent
from judgeaudit.report.words.statistics import statistic

TESTED = ("alt_test_winning_rate", "alt_test_advantage")
BESIDE = (*TESTED, "alpha_with_judge_delta", "pairwise_kappa_delta")
HALF = 0.5
SOFT = ("cross_entropy", "cross_entropy_delta", "soft_brier_score", "jensen_shannon", "total_variation")


def replacement_section(view: View) -> Section | None:
    """None where no judge stands beside people."""
    blocks = per_question(view, _replacement)
    title = "Could it replace a person?" if view.by_people else "Could it replace a rater?"
    return Section(anchor="replacement", title=title, blocks=blocks) if blocks else None


def _replacement(view: View, asked: Asked) -> list[Block]:
    blocks: list[Block] = []
    records = [one for one in view.result.replacement if one.question == asked.name]
    if any(_told(view, asked, judge, BESIDE, ALL) for judge in asked.judges):
        blocks += [
            _sentence(view, records),
            _table(view, asked, f"Each judge beside the {_crowd(view)}, all items", BESIDE),
        ]
    whole_records = [one for one in records if one.stratum == ALL]
    people = _people(view, whole_records)
    classes = _classes(view, whole_records)
    blocks += [fold_long(one) for one in (people, classes) if one is not None]
    blocks += [paragraph(told, tone="warning") for told in _hollow(view, asked, whole_records)]
    blocks += _strata_folded(view, asked) if records else []
    if any(_told(view, asked, judge, SOFT, ALL, valued=True) for judge in asked.judges):
        blocks += [
            paragraph(_SOFT.format(crowd=_crowd(view))),
            _table(view, asked, f"Labels as shares: each judge and the {_crowd(view)}", SOFT),
        ]
    return blocks


def _strata_folded(view: View, asked: Asked) -> list[Block]:
    strata = [one for one in view.strata(asked) if one != ALL]
    shown = strata if view.full else strata[:STRATA]
    if not shown:
        return []
    inner = _by_stratum(view, asked, shown)
    return [Fold(summary=f"By stratum: {plural(len(shown), 'stratum', 'strata')}", blocks=(inner,))]


def _crowd(view: View) -> str:
    return "people" if view.by_people else "raters"


_SOFT = (
    "Where raters differ, one label per item says too little. Here the judge’s probability, the shares of its runs, or its label is held "
    "against how the labels of the {crowd} are shared out, item by item; 0 is best. Jensen–Shannon and total variation are lessened by "
    "what a perfect judge would get with so few raters."
)


def _sentence(view: View, records: list[Replacement]) -> Paragraph:
    one, others = "person" if view.by_people else "rater", _crowd(view)
    epsilon = next((record.epsilon for record in records), None)
    allowed = "" if epsilon is None else f", allowing for ε = {epsilon:g} (the cost that a {one} is spared)"
    return paragraph(
        f"The judge wins against a {one} where it is shown to fit the other {others} no worse than that {one} does{allowed}; from half of "
        f"the {others} on it may stand in for one. Where everybody agrees both are right, so the advantage is high for any judge: "
        f"look at it label by label."
    )


def _hollow(view: View, asked: Asked, records: list[Replacement]) -> list[str]:
    """Judges that win against half of the people or more, and were the worse choice where most said one of the labels."""
    out = []
    for record in records:
        judge = record.judge
        rate = view.find(asked, judge, TESTED[0], versus=HUMANS)
        weak = [one for one in record.classes if _below(one)]
        if rate is not None and (rate.value or 0.0) >= HALF and weak:
            where = listed([f"'{one.label}' ({_advantage(one)})" for one in weak], "or")
            out.append(
                f"{judge} wins because most items are easy: where most of the others gave {where}, it was at least as near as a left-out "
                f"{'person' if view.by_people else 'rater'} in fewer than half of the cases. It should replace nobody there."
            )
    return out


def _advantage(one: LabelAdvantage) -> str:
    return interval(one.advantage, one.low, one.high)


def _below(one: LabelAdvantage) -> bool:
    return one.advantage is not None and one.advantage < HALF


def _told(view: View, asked: Asked, judge: str, names: tuple[str, ...], stratum: str, *, valued: bool = False) -> bool:
    found = [view.find(asked, judge, name, stratum=stratum, versus=HUMANS) for name in names]
    return any(one is not None and (one.value is not None or not valued) for one in found)


def _table(view: View, asked: Asked, caption: str, names: tuple[str, ...]) -> Table:
    judges = [judge for judge in asked.judges if _told(view, asked, judge, names, ALL)]
    return Table(
        caption=caption,
        columns=(
            Column(title="judge"),
            *(Column(title=statistic(name).title, under=name, numeric=True) for name in names),
        ),
        rows=tuple(
            (words(judge), *(measured(view.find(asked, judge, name, versus=HUMANS)) for name in names))
            for judge in judges
        ),
    )


def _by_stratum(view: View, asked: Asked, strata: list[str]) -> Table:
    return Table(
        caption=f"Each judge beside the {_crowd(view)}, by stratum",
        columns=(
            Column(title="judge"),
            Column(title="stratum"),
            *(Column(title=statistic(name).title, under=name, numeric=True) for name in TESTED),
        ),
        rows=tuple(
            (
                words(judge),
                words(stratum),
                *(measured(view.find(asked, judge, name, stratum=stratum, versus=HUMANS)) for name in TESTED),
            )
            for judge in asked.judges
            for stratum in strata
            if _told(view, asked, judge, TESTED, stratum)
        ),
    )


def _people(view: View, records: list[Replacement]) -> Table | None:
    rows = tuple(_person(record, person) for record in records for person in record.people)
    if not rows:
        return None
    one = "person" if view.by_people else "rater"
    columns = ("judge", one, "result", "advantage", f"{one} minus judge", "p", "p, adjusted", "n")
    return Table(
        caption=f"The test against each {one}, all items",
        columns=tuple(Column(title=name, numeric=place > 2) for place, name in enumerate(columns)),
        rows=rows,
        note="p of “the judge is worse by ε or more”; adjusted by Benjamini and Yekutieli, won at 0.05.",
    )


def _person(record: Replacement, one: PersonTest) -> tuple[Cell, ...]:
    return (
        words(record.judge),
        words(one.rater),
        words("won" if one.won else "not shown"),
        figures(percent(one.advantage)),
        figures(number(one.difference)),
        figures(p_value(one.p_value)),
        figures(p_value(one.p_adjusted)),
        figures(count(one.n_items)),
    )


def _classes(view: View, records: list[Replacement]) -> Table | None:
    labels = list(dict.fromkeys(one.label for record in records for one in record.classes))
    if len(labels) < 2:
        return None
    others = _crowd(view)
    rows = []
    for record in records:
        known = {one.label: one for one in record.classes}
        cells = [_class(known.get(label)) for label in labels]
        rows.append((words(record.judge), *cells))
    return Table(
        caption=f"Advantage by the label that most of the remaining {others} gave",
        columns=(Column(title="judge"), *(Column(title=label, numeric=True) for label in labels)),
        rows=tuple(rows),
        note="A judge that always gives the frequent label has an advantage there alone.",
    )


def _class(one: LabelAdvantage | None) -> Cell:
    if one is None:
        return figures("–", under="no item")
    return figures(_advantage(one), under=f"n = {count(one.n_items)}")
