"""Verdicts as they are at the goal: the share that a judge flags, whatever its verdicts are about, with worst and best case."""

from __future__ import annotations

from judgeaudit.domain.catalogue.comparison_reasons import NO_VERDICTS
from judgeaudit.domain.checkpoints import AS_JUDGED, NO_REFERENCE
from judgeaudit.report.checkpoints.view import POSITIVE, UNANSWERED, Compared, Plain, beside, rows
from judgeaudit.report.checkpoints.words import anchor_words, bounds_of, option_words, quoted_positive, why
from judgeaudit.report.content.document import Cell, Column, Table, figures, words
from judgeaudit.report.content.view import whole
from judgeaudit.report.words.numbers import NO_VALUE, count, interval, number

#: whether the gate opened a judge on incoherent outputs
_OPENED: dict[object, str] = {True: "yes", False: "no"}


def judged_table(compared: Compared, question: Plain, spec: dict[str, str]) -> Table:
    """One row for each method by one judge; without rows where nobody wanted verdicts as they are."""
    name, positive = str(question.get("name", "")), quoted_positive(question)
    practice = beside(spec, reference=NO_REFERENCE, treatment=AS_JUDGED)
    made, silent = (
        {method: compared.anchored(name, method, spec["anchor"], one, **practice) for method in compared.methods}
        for one in (POSITIVE, UNANSWERED)
    )
    judge = next((one for one in rows(question, "judges") if one.get("judge") == spec["judge"]), {})
    opened = _OPENED.get(judge.get("certified"), "not known")
    where = option_words("benchmark", spec["benchmark"], positive)
    return Table(
        caption=f"Verdicts as they are, whatever they are about: {spec['judge']}, {where}, {anchor_words(spec['anchor'])}",
        columns=(
            Column(title="method"),
            Column(title="outputs", numeric=True),
            Column(title=f"flagged as {positive}", numeric=True),
            Column(title="best to worst case", numeric=True),
            Column(title="no label", under="of all verdicts", numeric=True),
            Column(title="judge opened there", under="by the gate, on incoherent outputs"),
        ),
        rows=tuple(
            (words(method), *_cells(one, silent[method]), words(opened))
            for method, one in made.items()
            if one is not None or silent[method] is not None
        ),
        note="Nobody looked for gibberish. Best and worst case: verdicts that count for nothing taken for the one thing or the other. "
        "A share without an interval is no rate: it is what the judge said, incoherent outputs included.",
    )


def _cells(one: Plain | None, silent: Plain | None) -> tuple[Cell, ...]:
    """How many outputs, the share that is flagged, its bounds, and the share without a label; intervals only of rates."""
    known = one or silent or {}
    missing = why(one.get("undefined")) if one is not None and flagged_of(one) is None else ""
    return (
        figures(count(whole(known, "n_outputs"))),
        figures(_share(one), under=missing),
        figures(bounds_of(one) or NO_VALUE if one is not None else NO_VALUE),
        figures(_share(silent)),
    )


def _share(one: Plain | None) -> str:
    """A share, with its interval where it has one."""
    if one is None or whole(one, "value") is None or whole(one, "low") is None:
        return number(flagged_of(one))
    return interval(whole(one, "value"), whole(one, "low"), whole(one, "high"))


def flagged_of(one: Plain | None) -> float | None:
    """The share of verdicts that a raw rate stands on, also where it is no rate."""
    if one is None or one.get("undefined") == NO_VERDICTS:
        return None
    flagged = whole(one, "flagged")
    return whole(one, "value") if flagged is None else flagged
