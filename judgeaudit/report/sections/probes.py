"""What controlled edits of the outputs did to each judge, as probes.json says."""

from __future__ import annotations

from typing import Any

from judgeaudit.report.content.document import Block, Cell, Column, Section, Table, figures, paragraph, words
from judgeaudit.report.content.view import View, whole
from judgeaudit.report.words.numbers import NO_VALUE, count, interval, p_value

_OUTCOMES = {
    "changes": "changes its mind",
    "misses": "does not see it",
    "quiet": "nothing found",
    "sees": "sees it",
    "few": "too few",
    "open": "nothing expected",
}


def probes_section(view: View) -> Section | None:
    """One table for each judge; None where no judge was probed."""
    records = [one for one in view.result.probes if one.get("findings")]
    if not records:
        return None
    told = paragraph(
        "Outputs were edited in one way at a time and judged again. An edit that adds nothing should leave a label where it "
        "was, and a text without sense should not come to get a positive label. No decision on this page rests on these probes."
    )
    return Section(anchor="probes", title="What moves the judges", blocks=(told, *map(_table, records)))


def _table(record: dict[str, Any]) -> Block:
    several = len({one.get("question") for one in record["findings"]}) > 1
    missing = whole(record, "missing")
    return Table(
        caption=f"Edits judged by {record.get('judge', '')}",
        columns=(
            Column(title="edit"),
            Column(title="labels changed", numeric=True),
            Column(title="shift", under="toward less away, of all pairs", numeric=True),
            Column(title="p", under="adjusted", numeric=True),
            Column(title="what was seen"),
        ),
        rows=tuple(_row(one, several=several) for one in record["findings"]),
        note=(
            f"{count(whole(record, 'items'))} outputs drawn at random (seed {record.get('seed')}); exact tests, adjusted for "
            "all edits of the run (Benjamini and Hochberg, 5% false discoveries)."
            + (f" The run was not finished: {count(missing)} calls are missing." if missing else "")
        ),
    )


def _row(one: dict[str, Any], *, several: bool) -> tuple[Cell, ...]:
    outcome, value = str(one.get("outcome", "")), whole(one, "value")
    title = _OUTCOMES.get(outcome, outcome)
    sentence = str(one.get("sentence", "")).removeprefix(f"{title}: ")
    against = outcome in ("changes", "misses")
    shift = NO_VALUE if value is None else interval(value, whole(one, "low"), whole(one, "high"))
    return (
        words(str(one.get("probe", "")), under=str(one.get("question", "")) if several else ""),
        figures(f"{count(whole(one, 'changed'))} of {count(whole(one, 'n'))}"),
        figures(shift),
        figures(p_value(whole(one, "p_adjusted"))),
        words(title, under=sentence, mark="rejected" if against else ""),
    )
