"""How well the signal for gibberish stands in for labels, which nobody has at run time."""

from __future__ import annotations

from judgeaudit.domain.results.audit import Finding
from judgeaudit.report.content.document import Block, Bullets, Cell, Column, Section, Table, figures, line, words
from judgeaudit.report.content.view import ALL, Asked, View
from judgeaudit.report.sections.scores import per_question
from judgeaudit.report.words.numbers import brief, count
from judgeaudit.text.signals import LOOKS, SIGNAL_SUBJECT


def recognised_section(view: View) -> Section | None:
    """None where no question has a label `gibberish`, or the outputs have no texts."""
    blocks = per_question(view, _recognised)
    return Section(anchor="recognised", title="Can gibberish be told at run time?", blocks=blocks) if blocks else None


def _recognised(view: View, asked: Asked) -> list[Block]:
    found = [one for one in view.findings(asked) if one.subject == SIGNAL_SUBJECT]
    if not found:
        return []
    sentences = {
        "sensitivity": f"Of {{n}} outputs {view.source.called} gibberish the signal {LOOKS} flags {{k}}: {{said}}.",
        "specificity": "Of {n} others it leaves {k} alone: {said}.",
        "precision": "Of {n} that it flags {k} are gibberish: {said}.",
    }
    told = [
        line(sentences[one.statistic].format(n=count(one.n), k=count(one.k), said=brief(one)))
        for one in found
        if one.stratum == ALL and one.value is not None
    ]
    return [Bullets(lines=tuple(told)), _table([one for one in found if one.stratum != ALL])]


def _table(found: list[Finding]) -> Table:
    rows: list[tuple[Cell, ...]] = [
        (words(one.stratum), figures(count(one.n)), figures(count(one.k)), figures(brief(one))) for one in found
    ]
    columns = (
        Column(title="reference"),
        Column(title="outputs", numeric=True),
        Column(title="flagged", numeric=True),
        Column(title="share flagged", numeric=True),
    )
    return Table(
        caption=f"What the signal {LOOKS} flags of each label",
        columns=columns,
        rows=tuple(rows),
        note=f"judgeaudit filter knows an output's stratum by {LOOKS}, never by the labels: where a judge may not be used on "
        "gibberish, this is how much of it the filter sees.",
    )
