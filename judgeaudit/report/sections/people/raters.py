"""The raters one by one: agreement with the others and with themselves, known answers, time, change, and warnings."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

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
from judgeaudit.report.content.view import Asked, View, part, whole
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
    rows = [one for one in view.result.raters if one.get("question") == asked.name]
    if not rows:
        return []
    blocks: list[Block] = [_overview(rows)]
    blocks.extend(Fold(summary=str(one.get("rater", "")), blocks=(_page(one),)) for one in rows)
    return blocks


def _overview(rows: list[dict[str, Any]]) -> Table:
    shares = [key for key in _SHARES if any(part(one, key).get("value") is not None for one in rows)]
    timed = any(part(one, "time").get("n") for one in rows)
    columns = [Column(title="rater"), Column(title="labels", numeric=True)]
    columns += [Column(title=_SHARES[key], numeric=True) for key in shares]
    columns += [Column(title="seconds an item", under="median", numeric=True)] if timed else []
    return Table(
        caption="Each rater; the others are those who labelled the same items",
        columns=tuple(columns),
        rows=tuple(
            (
                _who(one),
                figures(count(whole(one, "labels")), under=_passed(one)),
                *(_measured(part(one, key)) for key in shares),
                *([_seconds(part(one, "time"))] if timed else []),
            )
            for one in rows
        ),
        note=(
            "Beyond chance: 1 less the observed over the expected disagreement with the others (Cohen's kappa; quadratic "
            "where labels have an order)."
        ),
    )


def _who(one: Mapping[str, Any]) -> Cell:
    """The rater; a mark says that a warning at the top of the page is about this one."""
    warned = bool(one.get("warnings"))
    under = "may click through: see the warning at the top" if warned else ""
    return words(str(one.get("rater", "")), under=under, mark="undetermined" if warned else "")


def _passed(one: Mapping[str, Any]) -> str:
    said = {"skipped": "skipped", "cannot_judge": "cannot judge", "elsewhere": "in other rounds"}
    return ", ".join(f"{count(whole(one, key))} {word}" for key, word in said.items() if whole(one, key))


def _page(one: Mapping[str, Any]) -> Table:
    """Everything else that is known of a rater, one fact a row."""
    rows = [*_with_others(one), *_in_time(part(one, "time")), *_changes(part(one, "drift")), *_sittings(one)]
    run = part(one, "longest_run")
    if run.get("n"):
        rows.append((words("longest run of one label", under=str(run.get("label", ""))), figures(count(run["n"]))))
    for name, test in part(one, "tests").items():
        title = f"p, clicking through: {_TESTS.get(str(name), str(name))}"
        above = "above chance" if test.get("above_chance") else ""
        rows.append((words(title, under=above), figures(p_value(test.get("p_adjusted")))))
    return Table(
        caption=f"More about {one.get('rater', '')}",
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


def _with_others(one: Mapping[str, Any]) -> Iterable[Row]:
    yield words("agreement beyond chance"), _measured(part(one, "beyond_chance"))
    yield words("the others among themselves, same items"), _measured(part(one, "others_beyond_chance"))
    if one.get("self_distance") is not None:
        yield words("mean distance of both labels of an item shown twice"), figures(number(one["self_distance"]))


def _in_time(time: Mapping[str, Any]) -> Iterable[Row]:
    if not time.get("n"):
        return
    low, high = time["quartiles"]
    under = f"{plural(time['breaks'], 'break')} left out" if time.get("breaks") else ""
    middle = f"{number(low, places=1)} to {number(high, places=1)}"
    yield words("seconds an item, middle half", under=under), figures(middle, under=f"n = {count(time['n'])}")
    yield words("time over the others' on the same items"), _measured(time["ratio_to_others"])
    for key, title in (("faster_than_reading", "answers faster than reading"), ("within_a_second", "within a second")):
        yield words(title), figures(f"{count(time[key]['k'])} of {count(time[key]['n'])}")
    yield words("time grows with length to the power"), _measured(time["growth_with_length"])
    yield words("the others' time grows to the power"), _measured(time["growth_of_others"])


def _changes(drift: Mapping[str, Any]) -> Iterable[Row]:
    titles = {"agreement": "agreement", "labels": "share positive, or mean place", "seconds": "time, as a ratio"}
    for key, title in titles.items():
        found = drift.get(key) or {}
        if found.get("value") is not None:
            yield words(f"last third against first: {title}"), _measured(found)


def _sittings(one: Mapping[str, Any]) -> Iterable[Row]:
    for place, sitting in enumerate(one.get("sittings") or (), 1):
        seconds = f"{number(sitting.get('seconds'), places=1)} s an item"
        told = f"{plural(sitting['answers'], 'answer')} in {number(sitting['minutes'], places=1)} minutes, {seconds}"
        yield words(f"sitting {place}: agreement with another", under=told), _measured(sitting["agreement"])


def _measured(plain: Mapping[str, Any]) -> Cell:
    """An estimate of the record with what it stands on; a dash and the reason where there is none."""
    value, n, k = plain.get("value"), plain.get("n"), plain.get("k")
    if value is None:
        return figures(NO_VALUE, under=reason(plain.get("undefined")))
    size = f"{count(k)} of {count(n)}" if k is not None else f"n = {count(n)}"
    return figures(interval(value, plain.get("low"), plain.get("high")), under=size)


def _seconds(time: Mapping[str, Any]) -> Cell:
    if not time.get("n"):
        return figures(NO_VALUE, under=reason(time.get("undefined")))
    return figures(number(time["median"], places=1), under=f"n = {count(time['n'])}")
