"""The audit on a terminal: a sentence and a decision per judge, and the statistics that matter most. No colours."""

from __future__ import annotations

from collections.abc import Iterator

from judgeaudit.domain.results.audit import AuditResult
from judgeaudit.report.content.terminal_layout import letters_wide, padded, widest, wrapped
from judgeaudit.report.content.view import HUMANS, Asked, View, view_of
from judgeaudit.report.sections.decision import decision_card, gates
from judgeaudit.report.words.codes import plural
from judgeaudit.report.words.numbers import cut, estimate, number, percent, visible
from judgeaudit.report.words.statistics import statistic

NAME = 28
LEAST = 40


def render_text(result: AuditResult, *, full: bool = False, width: int = 100) -> str:
    """Plain lines no wider than `width` (at least 40), ready to print; `full` lists every finding."""
    view = view_of(result, full=full)
    lines = list(_lines(view, max(width, LEAST)))
    return "\n".join(line.rstrip() for line in lines) + "\n"


def _lines(view: View, width: int) -> Iterator[str]:
    if view.source.banner:
        yield from (*wrapped(view.source.banner.upper(), width), "")
    for asked in view.questions:
        if not view.one_question:
            yield from (*wrapped(f"Question {asked.name}", width), "")
        yield from _decisions(view, asked, width)
        yield from _front(view, asked, width)
        yield from _left_out(view, asked, width)
        yield from _ceiling(view, asked, width)
        if view.full:
            yield from _everything(view, asked, width)
    for warning in view.warnings:
        yield from wrapped(f"warning: {warning}", width, hanging=9)


def _decisions(view: View, asked: Asked, width: int) -> Iterator[str]:
    for decision in view.decisions(asked):
        if decision.baseline:
            continue
        card = decision_card(view, asked, decision)
        scope = f" {', '.join(card.scope)}" if card.scope else ""
        yield from wrapped(f"{card.who}: {card.badge}{scope}", width)
        for sentence in (*card.sentences, card.quiet):
            yield from wrapped(sentence, width, indent=4) if sentence else ()
        yield ""


def _front(view: View, asked: Asked, width: int) -> Iterator[str]:
    """The front table; judges that do not fit beside each other come in a further block."""
    subjects = [*asked.judges, *asked.baselines]
    names = [name for name in asked.front if any(view.find(asked, one, name) for one in subjects)]
    if not names:
        return
    titles = ["", *(statistic(name).title for name in names)]
    heads = {one: one.removeprefix("baseline:").replace("_", " ") for one in asked.baselines}
    columns = [
        [cut(visible(heads.get(one, one)), NAME), *(_short(view, asked, one, name) for name in names)]
        for one in subjects
    ]
    yield from wrapped(f"Against the reference, all items, {percent(view.result.level)} intervals:", width)
    yield from _side_by_side(titles, columns, width)
    for one, says in asked.baselines.items():
        yield from wrapped(f"{heads[one]}: a baseline, {says}", width, indent=2)
    if asked.baselines:
        yield ""


def _left_out(view: View, asked: Asked, width: int) -> Iterator[str]:
    """Items that the table above does not speak of: those whose labels tie, and those that nobody labelled."""
    about = next((one for one in view.result.questions if one.name == asked.name), None)
    ties, known = (0, 0) if about is None else (about.reference_ties, about.with_reference)
    if ties:
        yield from wrapped(f"{ties:,} items have no reference, since their labels tie; {known:,} have one.", width)
    waiting = [one for one in view.result.rates if one.question == asked.name and one.refused == "no_design"]
    if waiting:
        n = max(one.unlabelled for one in waiting)
        yield from wrapped(
            f"{plural(n, 'judged item')} without labels: say how the labelled ones were chosen (--label-design), and the rate "
            "in all of them is given.",
            width,
        )
    if ties or waiting:
        yield ""


def _short(view: View, asked: Asked, subject: str, name: str) -> str:
    found = view.find(asked, subject, name)
    if found is not None and found.value is None:
        return "– (undefined)"
    return estimate(found) + (" flagged" if found is not None and "; flagged: " in (found.method or "") else "")


def _side_by_side(titles: list[str], columns: list[list[str]], width: int) -> Iterator[str]:
    """Columns beside the titles, in as many blocks as the width makes necessary."""
    left = max(letters_wide(title) for title in titles)
    while columns:
        taken, used = [columns.pop(0)], 0
        used = left + 2 + widest(taken[0])
        while columns and used + 2 + widest(columns[0]) <= width:
            used += 2 + widest(columns[0])
            taken.append(columns.pop(0))
        for place, title in enumerate(titles):
            row = [padded(column[place], widest(column)) for column in taken]
            yield "  ".join([padded(title, left), *row])
        yield ""


def _ceiling(view: View, asked: Asked, width: int) -> Iterator[str]:
    found = view.find(asked, HUMANS, "krippendorff_alpha", versus=HUMANS)
    if found is None:
        return
    who = view.crowd[:1].upper() + view.crowd[1:]
    told = f"{who} among themselves (Krippendorff's alpha): {estimate(found)}."
    asks = [
        f"The gate asks for {statistic(asked.head).title} of at least {number(gate, places=3)}."
        for gate in gates(view, asked)
    ]
    yield from (*wrapped(" ".join([told, *asks]), width), "")


def _everything(view: View, asked: Asked, width: int) -> Iterator[str]:
    yield from ("Every finding:",)
    for one in view.findings(asked):
        versus = "" if one.versus in ("reference", one.subject) else f" / {one.versus}"
        who = f"{asked.called(one.subject)}{versus}"
        yield from wrapped(f"{one.stratum}; {who}; {one.statistic}: {estimate(one)}", width, indent=2, hanging=4)
    yield ""
