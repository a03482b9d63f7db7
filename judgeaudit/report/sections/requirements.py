"""What the policy asks, what was found, stratum by stratum, and how little would turn a decision."""

from __future__ import annotations

from collections import Counter

from judgeaudit.domain.results.audit import Decision, Requirement
from judgeaudit.report.content.document import (
    Block,
    Bullets,
    Cell,
    Column,
    Fold,
    Mark,
    Section,
    Table,
    figures,
    fold_long,
    line,
    paragraph,
    strong,
    words,
)
from judgeaudit.report.content.view import HUMANS, Asked, View
from judgeaudit.report.sections.decision import called, missing
from judgeaudit.report.sections.scores import per_question
from judgeaudit.report.words.codes import MET, STATES, badge, plural, reason
from judgeaudit.report.words.numbers import NO_VALUE, against, count, number, p_value, percent
from judgeaudit.report.words.statistics import statistic

_STATE_MARKS: dict[str, Mark] = {"open": "certified", "closed": "rejected", "undetermined": "undetermined"}


def requirement_section(view: View) -> Section:
    told = view.result.policy.sentences
    blocks: list[Block] = [Bullets(lines=tuple(line(one) for one in told))] if told else []
    blocks.extend(per_question(view, _requirements))
    return Section(anchor="requirements", title="What was asked of the judge, and what was found", blocks=tuple(blocks))


def _requirements(view: View, asked: Asked) -> list[Block]:
    decisions = view.decisions(asked)
    judges = [one for one in decisions if not one.baseline]
    baselines = [one for one in decisions if one.baseline]
    rows = sum(len(one.strata) for one in judges)
    blocks = [block for one in judges for block in _decision_blocks(view, one, rows=rows)]
    if baselines:
        inner = [block for one in baselines for block in _decision_blocks(view, one, rows=0)]
        blocks.append(Fold(summary="Baselines, held to the same requirements", blocks=tuple(inner)))
    return blocks


def _decision_blocks(view: View, decision: Decision, *, rows: int) -> list[Block]:
    who = called(view, decision.judge)
    blocks: list[Block] = []
    if decision.strata:
        blocks.append(fold_long(_strata_table(view, decision), rows=rows))
    elif decision.requirements:
        blocks.append(paragraph(strong(who), f": {badge(decision)}"))
    if decision.fragility:
        blocks.append(paragraph(strong(f"How firm is this for {who}? "), decision.fragility.sentence))
    if decision.requirements:
        met = Counter(one.met for one in decision.requirements)
        parts = [f"{n} {MET[state]}" for state, n in ((state, met[state]) for state in (True, False, None)) if n]
        table = requirement_table(view, decision)
        told = plural(len(decision.requirements), "requirement")
        blocks.append(Fold(summary=f"{who}: {told}, {', '.join(parts)}", blocks=(table,)))
    return blocks


def _strata_table(view: View, decision: Decision) -> Table:
    rows = tuple(
        (
            words(one.stratum),
            words(STATES.get(one.state, one.state), mark=_STATE_MARKS.get(one.state, "")),
            words(one.reason, under=_code(view, one.code)),
            figures(missing(one.labels_missing)),
        )
        for one in decision.strata
    )
    return Table(
        caption=f"{called(view, decision.judge)}: decision by stratum",
        columns=(
            Column(title="stratum"),
            Column(title="decision"),
            Column(title="why"),
            Column(title="labels missing", numeric=True),
        ),
        rows=rows,
    )


def _code(view: View, code: str | None) -> str:
    """A stratum's code in words: whoever is no person is not called one."""
    if code == "people_disagree" and not view.by_people:
        code = "raters_disagree"
    return (code or "").replace("_", " ")


def requirement_table(view: View, decision: Decision) -> Table:
    rows = tuple(_requirement_row(view, one) for one in decision.requirements)
    titles = ("statistic", "stratum", "asked", "found", "bound", "result", "labels missing")
    return Table(
        caption=f"{called(view, decision.judge)}: every requirement",
        columns=tuple(
            Column(title=one, numeric=one in ("asked", "found", "bound", "labels missing")) for one in titles
        ),
        rows=rows,
        note="A requirement is met when the whole one-sided bound is on the right side of what is asked.",
    )


def _requirement_row(view: View, need: Requirement) -> tuple[Cell, ...]:
    bound, floor = against(need.bound, need.at_least)
    ceiling = against(need.bound, need.at_most)
    if need.at_least is None:
        bound = ceiling[0]
    asks = [f"≥ {floor}"] if need.at_least is not None else []
    asks += [f"≤ {ceiling[1]}"] if need.at_most is not None else []
    found = number(need.value, places=3) if need.value is not None else f"{NO_VALUE} ({reason(need.undefined)})"
    met = MET[need.met] + (", and decisively fails" if need.fails else "")
    return (
        words(_about(view, need), under=need.contrast or need.statistic),
        words(need.stratum),
        figures(" and ".join(asks)),
        figures(
            found, under=f"{count(need.k)} of {count(need.n)}" if need.k is not None and need.n is not None else ""
        ),
        figures(bound, under=f"at {percent(need.level)}" + _adjusted(need)),
        words(met),
        figures(missing(need.labels_missing)),
    )


def _adjusted(need: Requirement) -> str:
    return f", p = {p_value(need.p_value)}" if need.p_value is not None else ""


def _about(view: View, need: Requirement) -> str:
    title = statistic(need.contrast or need.statistic).title
    if need.contrast:
        return f"{title}, difference"
    return f"{title} ({view.crowd})" if need.subject == HUMANS else title
