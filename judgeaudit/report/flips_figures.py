"""Pictures of a multiverse: a specification curve for each contrast, and how the order of methods changes with one choice."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from judgeaudit.report.compared import CHOICES, Compared, Plain, beside, first_of, in_order
from judgeaudit.report.compared_words import (
    CHOICE_WORDS,
    CONCLUSIONS,
    estimate_of,
    option_words,
    quoted_positive,
    signed,
)
from judgeaudit.report.document import Block, Column, Figure, Fold, Table, figures, words
from judgeaudit.report.drawings import Bump, BumpLine, Choice, Key, SpecCurve
from judgeaudit.report.format import NO_VALUE
from judgeaudit.report.view import whole
from judgeaudit.report.words import plural

#: what can still be told apart in one drawing
_DRAWN, _LINES = 90, 8
_OPEN, _MOST = 3, 6
_CONCLUDED: dict[str, Key] = {
    "higher": (("up", "concluded: higher"),),
    "lower": (("down", "concluded: lower"),),
    "open": (("open", "not decided"),),
}


def curve_figures(compared: Compared, question: Plain, found: Sequence[Plain]) -> list[Block]:
    """The first three curves open, three more folded; all others are in the table of contrasts."""
    place = compared.questions.index(question)
    drawn = [one for one in found if any(value is not None for value in one.get("value") or ())]
    made: list[Block] = [
        _curve(compared, question, one, f"flips-{place}-{at}", most=_DRAWN if at < _OPEN else _DRAWN // 2)
        for at, one in enumerate(drawn[: None if compared.full else _MOST])
    ]
    if len(made) <= _OPEN:
        return made
    summary = f"Specification curves of {plural(len(made) - _OPEN, 'more contrast')}"
    return [*made[:_OPEN], Fold(summary=summary, blocks=tuple(made[_OPEN:]))]


def _curve(compared: Compared, question: Plain, one: Plain, anchor: str, *, most: int) -> Figure:
    name, positive = str(question.get("name", "")), quoted_positive(question)
    specs = compared.specifications(name)
    known = [at for at in range(len(specs)) if one["value"][at] is not None and one["conclusion"][at] is not None]
    order = _picked(sorted(known, key=lambda at: (one["value"][at], at)), specs, most)
    choices = [key for key in CHOICES if len({str(specs[at].get(key)) for at in order}) > 1]
    who = f"{one.get('a', '')} − {one.get('b', '')}"
    primary = next((place for place, at in enumerate(order) if specs[at].get("primary")), None)
    drawing = SpecCurve(
        axis=f"difference of the {positive} share, {who}",
        value=tuple(one["value"][at] for at in order),
        low=tuple(one["low"][at] for at in order),
        high=tuple(one["high"][at] for at in order),
        conclusion=tuple(str(one["conclusion"][at]) for at in order),
        primary=primary,
        choices=tuple(_choice(compared, question, key, [specs[at] for at in order]) for key in choices),
        key=_key({str(one["conclusion"][at]) for at in order}, first=primary is not None),
    )
    some = (
        f"{len(order)} of {len(known)} analyses, evenly taken from all in order"
        if len(order) < len(known)
        else "all analyses"
    )
    return Figure(
        anchor=anchor,
        title=f"Specification curve: {who}",
        description=f"Estimates of {who} in ascending order with their intervals, {some}; below, the options that each was made with.",
        drawing=drawing,
        table=_curve_table(question, one, [(at, specs[at]) for at in order], choices, some),
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
        options=tuple(option_words(key, one, positive) for one in options),
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
    order = {
        option: sorted((one for one in methods if (one, option) in cells), key=lambda one: -cells[one, option]["value"])
        for option in options
    }
    drawing = Bump(
        top=f"highest {positive} share on top",
        columns=heads,
        lines=tuple(_order_line(one, order, baseline=one == compared.baseline) for one in methods),
        first=options.index(first) if first in options else None,
        key=(("gate", "the option that stands first"),) if first in options else (),
    )
    return [
        Figure(
            anchor=f"flips-{compared.questions.index(question)}-order",
            title=f"Order of the methods by {told}",
            description=f"Methods in the order of their {positive} share under each option of the choice that flips most conclusions: "
            f"{told}. Everything else is as in the analysis that stands first; methods and options without a rate are left out, and equal "
            "values stand in the order of the table.",
            drawing=drawing,
            table=Table(
                caption=f"The {positive} share under each option",
                columns=(Column(title="method"), *(Column(title=one, numeric=True) for one in heads)),
                rows=tuple(
                    (words(one), *(figures(estimate_of(cells.get((one, option)))) for option in options))
                    for one in methods
                ),
            ),
        )
    ]


def _under_each(compared: Compared, question: Plain, choice: str) -> dict[tuple[str, str], Plain]:
    """Rates under each option, of the methods that have one where everything stands first; options under which one of these lacks a
    rate are left out, since places among fewer are no order of all."""
    name, first = str(question.get("name", "")), first_of(question)
    found: dict[tuple[str, str], Plain] = {}
    methods = compared.methods
    for option in in_order(compared.options(name, choice), front=[first[choice]]):
        spec = beside(first, **{choice: option})
        made = {one: compared.anchored(name, one, spec["anchor"], "harmful_rate", **spec) for one in methods}
        valued = {one: rate for one, rate in made.items() if rate is not None and rate.get("value") is not None}
        methods = methods if found else list(valued)[:_LINES]
        if len(methods) > 1 and all(one in valued for one in methods):
            found |= {(one, option): valued[one] for one in methods}
    return found


def _order_line(method: str, order: Mapping[str, Sequence[str]], *, baseline: bool) -> BumpLine:
    places = tuple(one.index(method) if method in one else None for one in order.values())
    return BumpLine(label=method, places=places, baseline=baseline)


def _flipping(found: Sequence[Plain]) -> str | None:
    """The choice that flips the most conclusions of any contrast; of equals the one with the largest share of the variance."""
    parts = [part for one in found for part in one.get("decomposition") or () if part.get("choice") in CHOICE_WORDS]
    if not parts:
        return None
    most = max(parts, key=lambda part: (whole(part, "flips") or 0.0, whole(part, "share") or 0.0))
    return str(most["choice"])
