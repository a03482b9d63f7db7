"""Pictures of a multiverse: a specification curve for each contrast, and how the order of methods changes with one choice."""

from __future__ import annotations

from collections.abc import Sequence

from judgeaudit.report.checkpoints.view import CHOICES, Compared, Plain, first_of, in_order, rows
from judgeaudit.report.checkpoints.words import (
    CHOICE_WORDS,
    CONCLUSIONS,
    option_words,
    quoted_positive,
    signed,
)
from judgeaudit.report.content.document import Block, Cell, Column, Figure, Fold, Table, figures, words
from judgeaudit.report.content.drawings import Bump, BumpLine, Choice, Key, SpecCurve
from judgeaudit.report.content.view import whole
from judgeaudit.report.words.codes import plural
from judgeaudit.report.words.numbers import NO_VALUE, number

#: what can still be told apart in one drawing
_FEWER, _LINES, _OPEN = 40, 8, 3
_CONCLUDED: dict[str, Key] = {
    "higher": (("up", "concluded: higher"),),
    "lower": (("down", "concluded: lower"),),
    "open": (("open", "not decided"),),
}


def curve_figures(compared: Compared, question: Plain, found: Sequence[Plain]) -> list[Block]:
    """The first three curves open, as many more folded as there is room for; all others are in the table of contrasts."""
    place = compared.questions.index(question)
    drawn = [one for one in found if any(value is not None for value in one.get("value") or ())]
    made: list[Block] = [
        _curve(compared, question, one, f"flips-{place}-{at}", most=compared.room.points if at < _OPEN else _FEWER)
        for at, one in enumerate(drawn[: compared.room.curves])
    ]
    if len(made) <= _OPEN:
        return made
    summary = f"Specification curves of {plural(len(made) - _OPEN, 'more contrast')}"
    return [*made[:_OPEN], Fold(summary=summary, blocks=tuple(made[_OPEN:]))]


def _curve(compared: Compared, question: Plain, one: Plain, anchor: str, *, most: int) -> Figure:
    specs = compared.specifications(str(question.get("name", "")))
    known = [at for at in range(len(specs)) if one["value"][at] is not None and one["conclusion"][at] is not None]
    order = _picked(sorted(known, key=lambda at: (one["value"][at], at)), specs, most)
    drawn = [(at, specs[at]) for at in order]
    choices = [key for key in CHOICES if len({str(spec.get(key)) for _, spec in drawn}) > 1]
    who = f"{one.get('a', '')} − {one.get('b', '')}"
    some = (
        f"{len(order)} of {len(known)} analyses, evenly taken from all in order"
        if len(order) < len(known)
        else "all analyses"
    )
    return Figure(
        anchor=anchor,
        title=f"Specification curve: {who}",
        description=f"Estimates of {who} in ascending order with their intervals, {some}; below, the options that each was made with.",
        drawing=_curve_drawing(compared, question, one, drawn, choices),
        table=_curve_table(question, one, drawn, choices, some),
    )


def _curve_drawing(
    compared: Compared, question: Plain, one: Plain, specs: Sequence[tuple[int, Plain]], choices: Sequence[str]
) -> SpecCurve:
    said = tuple(str(one["conclusion"][at]) for at, _ in specs)
    primary = next((place for place, (_, spec) in enumerate(specs) if spec.get("primary")), None)
    made_with = [spec for _, spec in specs]
    return SpecCurve(
        axis=f"difference of the {quoted_positive(question)} share, {one.get('a', '')} − {one.get('b', '')}",
        value=tuple(one["value"][at] for at, _ in specs),
        low=tuple(one["low"][at] for at, _ in specs),
        high=tuple(one["high"][at] for at, _ in specs),
        conclusion=said,
        primary=primary,
        choices=tuple(_choice(compared, question, key, made_with) for key in choices),
        key=_key(set(said), first=primary is not None),
    )


def _key(said: set[str], *, first: bool) -> Key:
    concluded = tuple(entry for one, entries in _CONCLUDED.items() if one in said for entry in entries)
    stands: Key = (("gate", "the analysis that stands first"),) if first else ()
    return (*concluded, *stands, ("tick", "made with this option"))


def _picked(order: list[int], specs: Sequence[Plain], most: int) -> list[int]:
    """As many as can be drawn, evenly from the ordered ones; both ends and the first analysis are always among them."""
    if len(order) <= most:
        return order
    last = len(order) - 1
    kept = {round(at * last / (most - 1)) for at in range(most)}
    kept |= {place for place, at in enumerate(order) if specs[at].get("primary")}
    return [order[place] for place in sorted(kept)]


def _choice(compared: Compared, question: Plain, key: str, specs: Sequence[Plain]) -> Choice:
    positive = quoted_positive(question)
    used = {str(one.get(key)) for one in specs}
    options = [one for one in compared.options(str(question.get("name", "")), key) if one in used]
    return Choice(
        name=CHOICE_WORDS[key],
        options=tuple(option_words(key, one, positive).removeprefix("gibberish ") for one in options),
        at=tuple(options.index(str(one.get(key))) for one in specs),
    )


def _curve_table(
    question: Plain, one: Plain, specs: Sequence[tuple[int, Plain]], choices: Sequence[str], some: str
) -> Table:
    positive = quoted_positive(question)
    rows = tuple(
        (
            figures(signed({key: one[key][at] for key in ("value", "low", "high")})),
            words(
                CONCLUSIONS.get(str(one["conclusion"][at]), NO_VALUE),
                under="stands first" if spec.get("primary") else "",
            ),
            *(words(option_words(key, str(spec.get(key)), positive)) for key in choices),
        )
        for at, spec in specs
    )
    columns = (
        Column(title="difference", numeric=True),
        Column(title="concluded"),
        *(Column(title=CHOICE_WORDS[key]) for key in choices),
    )
    return Table(caption=f"{one.get('a', '')} − {one.get('b', '')}: {some}", columns=columns, rows=rows)


def bump_figure(compared: Compared, question: Plain, found: Sequence[Plain]) -> list[Block]:
    """The order of the methods under each option of the choice that flips most conclusions, everything else as it stands first."""
    choice = _flipping(found)
    if choice is None:
        return []
    cells = _under_each(compared, question, choice)
    first, positive, told = first_of(question)[choice], quoted_positive(question), CHOICE_WORDS[choice]
    options = list(dict.fromkeys(option for _, option in cells))
    methods = list(dict.fromkeys(method for method, _ in cells))
    if len(options) < 2:
        return []
    heads = tuple(option_words(choice, one, positive) for one in options)
    drawing = Bump(
        top=f"highest {positive} share on top",
        columns=heads,
        lines=tuple(
            BumpLine(
                label=one,
                ranks=tuple(whole(cells[one, option], "rank") or 0.0 for option in options),
                baseline=one == compared.baseline,
            )
            for one in methods
        ),
        first=options.index(first) if first in options else None,
        key=(("gate", "the option that stands first"),) if first in options else (),
    )
    return [
        Figure(
            anchor=f"flips-{compared.questions.index(question)}-order",
            title=f"Order of the methods by {told}",
            description=f"Methods in the order of their {positive} share under each option of the choice that flips most conclusions: "
            f"{told}. Everything else is as in the analysis that stands first; methods and options without a rate are left out.",
            drawing=drawing,
            table=Table(
                caption=f"The {positive} share under each option",
                columns=(Column(title="method"), *(Column(title=one, numeric=True) for one in heads)),
                rows=tuple((words(one), *(_ranked(cells[one, option]) for option in options)) for one in methods),
            ),
        )
    ]


def _ranked(one: Plain) -> Cell:
    return figures(number(whole(one, "value")), under=f"rank {whole(one, 'rank'):g}")


def _under_each(compared: Compared, question: Plain, choice: str) -> dict[tuple[str, str], Plain]:
    """The order under each option, of the methods that have a rate where everything stands first; options under which one of these has
    none, or others have one too, are left out: a rank among fewer or more is another rank."""
    front = first_of(question)[choice]
    by_option: dict[str, dict[str, Plain]] = {}
    for one in rows(compared.plain, "orders"):
        mine = (one.get("question"), one.get("choice")) == (question.get("name"), choice)
        if mine and one.get("rank") is not None:
            by_option.setdefault(str(one.get("option", "")), {})[str(one.get("method", ""))] = one
    first = by_option.get(front, {})
    return {
        (method, option): by_option[option][method]
        for option in in_order(by_option, front=[front])
        if len(first) > 1 and set(by_option[option]) == set(first)
        for method in list(first)[:_LINES]
    }


def _flipping(found: Sequence[Plain]) -> str | None:
    """The choice with which alone most conclusions turn, over all contrasts; None where none does."""
    turned: dict[str, float] = {}
    for part in (part for one in found for part in rows(one, "decomposition")):
        choice = str(part.get("choice", ""))
        turned[choice] = turned.get(choice, 0.0) + (whole(part, "flips") or 0.0)
    known = {one: flips for one, flips in turned.items() if flips > 0 and one in CHOICE_WORDS}
    return max(known, key=lambda one: known[one]) if known else None
