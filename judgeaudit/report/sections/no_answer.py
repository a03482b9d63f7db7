"""What the numbers could be: no answer counted or left out, the worst case, and items on which two people tie."""

from __future__ import annotations

from judgeaudit.report.content.document import Block, Column, Section, Table, measured, paragraph, words
from judgeaudit.report.content.view import Asked, View
from judgeaudit.report.sections.scores import per_question, treatment_blocks
from judgeaudit.report.sections.silence import silence_blocks


def unanswered_section(view: View) -> Section:
    """Both treatments of no answer side by side, the worst case, and the bounds that ties allow."""
    told = paragraph("The audit holds no comparison of ways to treat unanswered items.", tone="quiet")
    blocks = per_question(view, _doubts) or (told,)
    return Section(anchor="no-answer", title="When a judge gave no answer", blocks=blocks)


def _doubts(view: View, asked: Asked) -> list[Block]:
    blocks = [*silence_blocks(view, asked), *treatment_blocks(view, asked)]
    silent = [one for one in asked.judges if view.find(asked, one, "accuracy_worst_case") is not None]
    if silent:
        names = (("accuracy_worst_case", "every silence wrong"), ("coverage", "share answered"))
        blocks.append(_table(view, asked, silent, "Accuracy in the worst case", names))
    tied = [one for one in asked.judges if view.find(asked, one, "accuracy_ties_wrong") is not None]
    if tied:
        names = (("accuracy_ties_wrong", "wrong on every tie"), ("accuracy_ties_right", "right wherever it can be"))
        caption = "Where two raters differ there is no reference: accuracy between these bounds once ties count"
        blocks.append(_table(view, asked, tied, caption, names))
    return blocks


def _table(view: View, asked: Asked, judges: list[str], caption: str, names: tuple[tuple[str, str], ...]) -> Table:
    columns = (("accuracy", "as audited"), *names)
    return Table(
        caption=caption,
        columns=(Column(title="judge"), *(Column(title=title, under=name, numeric=True) for name, title in columns)),
        rows=tuple(
            (words(judge), *(measured(view.find(asked, judge, name)) for name, _ in columns)) for judge in judges
        ),
    )
