"""The raters one by one: agreement with the others and with themselves, known answers, time, change, and warnings."""

from __future__ import annotations

from collections.abc import Iterable

from judgeaudit.domain.results.estimates import EstimateRecord
from judgeaudit.domain.results.raters import DriftRecord, RaterRecord, TimeRecord
from judgeaudit.report.content.document import (
    Block,
    Cell,
    Column,
    Fold,
    Section,
    Table,
    figures,
    words,
)
from judgeaudit.report.content.view import Asked, View
from judgeaudit.report.sections.scores import per_question
from judgeaudit.report.words.codes import plural, reason
from judgeaudit.report.words.numbers import NO_VALUE, count, interval, number, p_value

_SHARES = {
    "agreement": "agrees with another",
    "beyond_chance": "beyond chance",
    "self_agreement": "with itself",
    "calibration": "known answers",
}


def raters_section(view: View) -> Section | None:
    """One table of all raters, and a fold for each; None where the audit knows no more of them than their labels."""
    blocks = per_question(view, _raters) if view.result.raters else ()
    return Section(anchor="raters", title="The raters", blocks=blocks) if blocks else None


def _raters(view: View, asked: Asked) -> list[Block]:
    rows = [one for one in view.result.raters if one.question == asked.name]
    if not rows:
        return []
    blocks: list[Block] = [_overview(rows)]
    blocks.extend(Fold(summary=one.rater, blocks=(_page(one),)) for one in rows)
    return blocks


def _overview(rows: list[RaterRecord]) -> Table:
    shares = [key for key in _SHARES if any(getattr(one, key).value is not None for one in rows)]
    timed = any(one.time.n for one in rows)
    columns = [Column(title="rater"), Column(title="labels", numeric=True)]
    columns += [Column(title=_SHARES[key], numeric=True) for key in shares]
    columns += [Column(title="seconds an item", under="median", numeric=True)] if timed else []
    return Table(
        caption="Each rater; the others are those who labelled the same items",
        columns=tuple(columns),
        rows=tuple(
            (
                _who(one),
                figures(count(one.labels), under=_passed(one)),
                *(_measured(getattr(one, key)) for key in shares),
                *([_seconds(one.time)] if timed else []),
            )
            for one in rows
        ),
        note=(
            "Beyond chance: 1 less the observed over the expected disagreement with the others (Cohen's kappa; quadratic "
            "where labels have an order)."
        ),
    )


def _who(one: RaterRecord) -> Cell:
    """The rater; a mark says that a warning at the top of the page is about this one."""
    warned = bool(one.warnings)
    under = "may click through: see the warning at the top" if warned else ""
    return words(one.rater, under=under, mark="undetermined" if warned else "")


def _passed(one: RaterRecord) -> str:
    said = {"skipped": "skipped", "cannot_judge": "cannot judge", "elsewhere": "in other rounds"}
    return ", ".join(f"{count(getattr(one, key))} {word}" for key, word in said.items() if getattr(one, key))


def _page(one: RaterRecord) -> Table:
    """Everything else that is known of a rater, one fact a row."""
    rows = [*_with_others(one), *_in_time(one.time), *_changes(one.drift), *_sittings(one)]
    run = one.longest_run
    if run.n:
        rows.append((words("longest run of one label", under=run.label or ""), figures(count(run.n))))
    for name, test in one.tests.items():
        title = f"p, clicking through: {_TESTS.get(name, name)}"
        above = "above chance" if test.above_chance else ""
        rows.append((words(title, under=above), figures(p_value(test.p_adjusted))))
    return Table(
        caption=f"More about {one.rater}",
        columns=(Column(title="what"), Column(title="value", numeric=True)),
        rows=tuple(rows),
        note="Values of p are adjusted for all raters and tests (Holm).",
    )


_TESTS = {
    "labels": "labels no better than chance",
    "runs": "runs of one label",
    "growth": "no more time for longer texts",
}
Row = tuple[Cell, Cell]


def _with_others(one: RaterRecord) -> Iterable[Row]:
    yield words("agreement beyond chance"), _measured(one.beyond_chance)
    yield words("the others among themselves, same items"), _measured(one.others_beyond_chance)
    if one.self_distance is not None:
        yield words("mean distance of both labels of an item shown twice"), figures(number(one.self_distance))


def _in_time(time: TimeRecord) -> Iterable[Row]:
    if not time.n:
        return
    if time.quartiles is not None:
        low, high = time.quartiles
        under = f"{plural(time.breaks, 'break')} left out" if time.breaks else ""
        middle = f"{number(low, places=1)} to {number(high, places=1)}"
        yield words("seconds an item, middle half", under=under), figures(middle, under=f"n = {count(time.n)}")
    yield words("time over the others' on the same items"), _measured(time.ratio_to_others)
    counted = (("answers faster than reading", time.faster_than_reading), ("within a second", time.within_a_second))
    for title, found in counted:
        if found is not None:
            yield words(title), figures(f"{count(found.k)} of {count(found.n)}")
    yield words("time grows with length to the power"), _measured(time.growth_with_length)
    yield words("the others' time grows to the power"), _measured(time.growth_of_others)


def _changes(drift: DriftRecord) -> Iterable[Row]:
    titles = (
        ("agreement", drift.agreement),
        ("share positive, or mean place", drift.labels),
        ("time, as a ratio", drift.seconds),
    )
    for title, found in titles:
        if found.value is not None:
            yield words(f"last third against first: {title}"), _measured(found)


def _sittings(one: RaterRecord) -> Iterable[Row]:
    for place, sitting in enumerate(one.sittings, 1):
        seconds = f"{number(sitting.seconds, places=1)} s an item"
        told = f"{plural(sitting.answers, 'answer')} in {number(sitting.minutes, places=1)} minutes, {seconds}"
        yield words(f"sitting {place}: agreement with another", under=told), _measured(sitting.agreement)


def _measured(one: EstimateRecord | None) -> Cell:
    """An estimate of the record with what it stands on; a dash and the reason where there is none."""
    if one is None or one.value is None:
        return figures(NO_VALUE, under=reason(None if one is None else one.undefined))
    size = f"{count(one.k)} of {count(one.n)}" if one.k is not None else f"n = {count(one.n)}"
    return figures(interval(one.value, one.low, one.high), under=size)


def _seconds(time: TimeRecord) -> Cell:
    if not time.n:
        return figures(NO_VALUE, under=reason(time.undefined))
    return figures(number(time.median, places=1), under=f"n = {count(time.n)}")
