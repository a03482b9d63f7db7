"""What controlled edits of the outputs did to each judge, as probes.json says."""

from __future__ import annotations

from judgeaudit.domain.results.probes import JudgeProbes, ProbeFinding
from judgeaudit.report.content.document import Block, Cell, Column, Section, Table, figures, paragraph, words
from judgeaudit.report.content.view import View
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
    records = [one for one in view.result.probes if one.findings]
    if not records:
        return None
    told = paragraph(
        "Outputs were edited in one way at a time and judged again. An edit that adds nothing should leave a label where it "
        "was, and a text without sense should not come to get a positive label. No decision on this page rests on these probes."
    )
    return Section(anchor="probes", title="What moves the judges", blocks=(told, *map(_table, records)))


def _table(record: JudgeProbes) -> Block:
    several = len({one.question for one in record.findings}) > 1
    return Table(
        caption=f"Edits judged by {record.judge}",
        columns=(
            Column(title="edit"),
            Column(title="labels changed", numeric=True),
            Column(title="shift", under="toward less away, of all pairs", numeric=True),
            Column(title="p", under="adjusted", numeric=True),
            Column(title="what was seen"),
        ),
        rows=tuple(_row(one, several=several) for one in record.findings),
        note=(
            f"{count(record.items)} outputs drawn at random (seed {record.seed}); exact tests, adjusted for "
            "all edits of the run (Benjamini and Hochberg, 5% false discoveries)."
            + (f" The run was not finished: {count(record.missing)} calls are missing." if record.missing else "")
        ),
    )


def _row(one: ProbeFinding, *, several: bool) -> tuple[Cell, ...]:
    title = _OUTCOMES[one.outcome]
    sentence = one.sentence.removeprefix(f"{title}: ")
    shift = NO_VALUE if one.value is None else interval(one.value, one.low, one.high)
    return (
        words(one.probe, under=one.question if several else ""),
        figures(f"{count(one.changed)} of {count(one.n)}"),
        figures(shift),
        figures(p_value(one.p_adjusted)),
        words(title, under=sentence, mark="rejected" if one.defect else ""),
    )
