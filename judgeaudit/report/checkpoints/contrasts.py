"""Methods against each other: the contrasts that were declared to stand first, and the same under every other anchor."""

from __future__ import annotations

from typing import NamedTuple

from judgeaudit.report.checkpoints.lead import claimed, concluded, whatever
from judgeaudit.report.checkpoints.view import Compared, Plain, beside, first_of, in_order, raw_of
from judgeaudit.report.checkpoints.words import (
    CONCLUSIONS,
    RANKABLE,
    anchor_words,
    change_interval,
    option_words,
    quoted_positive,
    signed,
    treatment_words,
    why,
)
from judgeaudit.report.content.document import Block, Cell, Column, Fold, Table, figures, fold_long, words
from judgeaudit.report.content.view import part, whole
from judgeaudit.report.words.numbers import NO_VALUE, count, p_value, percent

#: more rows than these are folded: the first analysis is what a reader came for
_OPEN = 24
#: rules of choosing checkpoints that are compared at first sight, and columns that a page is wide enough for
_FRONT, _ACROSS = ("goal", "last", "same_step", "best"), 4


class _Group(NamedTuple):
    """Contrasts that stand in one table, and what its caption says of them."""

    of: str
    contrasts: list[Plain]


def contrast_blocks(compared: Compared, question: Plain) -> list[Block]:
    """The primary family, then what anchoring and correcting change."""
    found = compared.primary(str(question.get("name", "")))
    if not found:
        return []
    groups = _groups(compared, found)
    front, other = _anchors(compared, question)
    blocks = [_folded(_primary(compared, question, one)) for one in groups]
    if len(front) > 1:
        told = groups if compared.room.tables else groups[:1]
        blocks += [_folded(_anchoring(compared, question, one, front)) for one in told]
    if other:
        some = _Group("", found) if compared.room.anchors else groups[0]
        blocks.append(_by_other_anchors(compared, question, some, other))
    return blocks


def _groups(compared: Compared, found: list[Plain]) -> list[_Group]:
    """All contrasts together where a page holds them open, else those against the baseline and the others."""
    base = [one for one in found if compared.baseline in (one.get("a"), one.get("b"))]
    rest = [one for one in found if one not in base]
    if len(found) > _OPEN and base and rest:
        return [_Group(f"against {compared.baseline}, ", base), _Group("among the others, ", rest)]
    return [_Group("", found)]


def _by_other_anchors(compared: Compared, question: Plain, group: _Group, anchors: list[str]) -> Block:
    """The contrasts by the remaining rules, folded, in tables of as many columns as a page is wide enough for."""
    chunks = [anchors[at : at + _ACROSS] for at in range(0, len(anchors), _ACROSS)]
    names = "; ".join(anchor_words(one) for one in anchors)
    return Fold(
        summary=f"The same by other rules of choosing checkpoints: {names}",
        blocks=tuple(_anchoring(compared, question, group, one) for one in chunks),
    )


def _folded(table: Table) -> Block:
    return table if len(table.rows) <= _OPEN else fold_long(table)


def _primary(compared: Compared, question: Plain, group: _Group) -> Table:
    positive, own = quoted_positive(question), first_of(question)["treatment"] == "own"
    columns = [Column(title="contrast"), Column(title="concluded")]
    columns.append(
        Column(
            title=f"difference, {positive}", under=f"{percent(whole(compared.plain, 'level'))} interval", numeric=True
        )
    )
    if own:
        columns.append(Column(title=f"{positive} or gibberish", under="difference", numeric=True))
    columns += [
        Column(title="p", under="adjusted (Holm)", numeric=True),
        Column(title="raw difference", under="than the judge's errors, below it"),
        Column(title="prompts", numeric=True),
    ]
    told = ", ".join(option_words(key, option, positive) for key, option in first_of(question).items() if option)
    note = "a − b, paired by prompt; above 0 the first of the two has the higher share."
    if own:
        note += f" Higher or lower is concluded, with its p, only where both differences say so: then it holds {whatever(question)}."
    note += " Larger: the judge's errors cannot make the raw difference; not known without labels of both."
    return Table(
        caption=f"As declared to stand first: {group.of}{told}",
        columns=tuple(columns),
        rows=tuple(_primary_row(one, own=own) for one in group.contrasts),
        note=note,
    )


def _primary_row(one: Plain, *, own: bool) -> tuple[Cell, ...]:
    said = concluded(one)
    dropped = whole(one, "n_dropped")
    cells = [words(f"{one.get('a', '')} − {one.get('b', '')}"), _conclusion(said, one)]
    cells.append(figures(signed(one), under=why(one.get("undefined")) if said == "none" else ""))
    if own:
        cells.append(figures(signed(one, "other_")))
    cells += [
        figures(p_value(whole(one, "p_adjusted"))),
        words(NO_VALUE) if said == "none" else _errors(one),
        figures(count(whole(one, "n_prompts")), under=f"{count(dropped)} answered by one only" if dropped else ""),
    ]
    return tuple(cells)


def _conclusion(said: str, one: Plain) -> Cell:
    if said == "none":
        return words("not comparable")
    if said == "unadjusted":
        return words("not decided", under=f"one interval alone: {one.get('conclusion', '')}", mark="undetermined")
    return words(CONCLUSIONS[said], mark="undetermined" if said == "open" else "")


def _errors(one: Plain) -> Cell:
    rankable = RANKABLE.get(str(one.get("rankable", "")), "")
    error = whole(one, "judge_error")
    if error is None:
        return words(rankable or NO_VALUE)
    made = change_interval(error, whole(one, "judge_error_low"), whole(one, "judge_error_high"))
    return words(rankable or NO_VALUE, under=made)


def _anchoring(compared: Compared, question: Plain, group: _Group, anchors: list[str]) -> Table:
    """Every contrast under some anchors, corrected and raw; where another thing is concluded than first, a word says so."""
    name, first, positive = str(question.get("name", "")), first_of(question), quoted_positive(question)
    raw = raw_of(compared, question)
    ways = [first] if beside(raw, anchor=first["anchor"]) == first else [first, raw]
    rows = []
    for one in group.contrasts:
        a, b = str(one.get("a", "")), str(one.get("b", ""))
        for way in ways:
            made = [compared.contrast(name, a, b, **beside(way, anchor=anchor)) for anchor in anchors]
            if any(made):
                how = words(
                    option_words("reference", way["reference"], positive),
                    under=treatment_words(way["treatment"], positive),
                )
                cells = (
                    _changed(one, cell, primary=way is first and anchor == first["anchor"])
                    for cell, anchor in zip(made, anchors, strict=True)
                )
                rows.append((words(f"{a} − {b}"), how, *cells))
    return Table(
        caption=f"What anchoring changes: {group.of}{first['judge']}, {option_words('benchmark', first['benchmark'], positive)}",
        columns=(
            Column(title="contrast"),
            Column(title="made by"),
            *(
                Column(title=anchor_words(one), under="stands first" if one == first["anchor"] else "", numeric=True)
                for one in anchors
            ),
        ),
        rows=tuple(rows),
        note="The same outputs under each rule of choosing checkpoints. ≠: something else is concluded than by the analysis that "
        "stands first.",
    )


def _anchors(compared: Compared, question: Plain) -> tuple[list[str], list[str]]:
    """The rules of choosing checkpoints that stand open, that which stands first before all, and the others; without the one
    that says again how the goal is reached."""
    first = first_of(question)["anchor"]
    again = f"goal:{part(compared.plain, 'goal').get('reach', '')}"
    names = in_order(compared.options(str(question.get("name", "")), "anchor"), front=[first])
    names = [one for one in names if one == first or one != again or "goal" not in names]
    front = [one for one in names if one == first or one in _FRONT]
    return front, [one for one in names if one not in front]


def _changed(first: Plain, one: Plain | None, *, primary: bool) -> Cell:
    if one is None or whole(one, "value") is None:
        return figures(NO_VALUE, under="not comparable" if one is not None else "not made")
    said, stands = claimed(one), claimed(first)
    differs = stands != "none" and not primary and said != stands
    return figures(signed(one), under=("≠ " if differs else "") + CONCLUSIONS.get(said, said))
