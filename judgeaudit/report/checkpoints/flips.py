"""What the conclusions hang on: all declared analyses together, how often they conclude otherwise, and which choice does it."""

from __future__ import annotations

from judgeaudit.report.checkpoints.flips_figures import bump_figure, curve_figures
from judgeaudit.report.checkpoints.view import Compared, Plain, rows
from judgeaudit.report.checkpoints.words import (
    CHOICE_WORDS,
    CONCLUSIONS,
    option_words,
    quoted_positive,
    share_of,
    why,
)
from judgeaudit.report.content.document import Block, Cell, Column, Fold, Table, figures, fold_long, paragraph, words
from judgeaudit.report.content.view import whole
from judgeaudit.report.words.codes import plural
from judgeaudit.report.words.numbers import NO_VALUE, count, interval, number, percent


def flip_blocks(compared: Compared, question: Plain) -> list[Block]:
    """Sentences, the table of contrasts, the choices that flip, the pictures; nothing where there is no multiverse."""
    name = str(question.get("name", ""))
    found = [one for one in rows(compared.plain, "multiverse") if one.get("question") == name]
    if not found:
        return []
    n = len(compared.specifications(name))
    opening = (
        f"{plural(n, 'analysis', 'analyses')} of the same outputs, all declared: every combination of benchmark, judge, way to "
        "correct, treatment of gibberish and checkpoint. Each concludes by its own interval, not adjusted for the number of contrasts. A "
        "conclusion that flips among them is not one that the data force."
    )
    told = [paragraph(str(one["sentence"])) for one in found if one.get("sentence")]
    blocks: list[Block] = [paragraph(opening), *told[:3]]
    if told[3:]:
        blocks.append(Fold(summary=f"{plural(len(told) - 3, 'more contrast')} in a sentence", blocks=tuple(told[3:])))
    table = _contrasts(compared, found)
    blocks.append(table if len(found) <= 24 else fold_long(table))
    choices = _choices(found)
    blocks += [fold_long(choices)] if choices.rows else []
    blocks += curve_figures(compared, question, found)
    blocks += bump_figure(compared, question, found)
    agreement = [one for one in rows(compared.plain, "rank_agreement") if one.get("question") == name]
    blocks += [fold_long(_agreement(question, agreement))] if agreement else []
    return blocks


def _contrasts(compared: Compared, found: list[Plain]) -> Table:
    level = f"{percent(whole(compared.plain, 'level'))} interval"
    columns = (
        Column(title="contrast"),
        Column(title="concluded", under="by its interval alone"),
        Column(title="analyses", under="that have a value", numeric=True),
        Column(title="higher", numeric=True),
        Column(title="lower", numeric=True),
        Column(title="flip rate", under=f"against that; {level}", numeric=True),
        Column(title="opposite", under=level, numeric=True),
        Column(title="places change", numeric=True),
        Column(title="rankable"),
    )
    return Table(
        caption="Each contrast over all analyses",
        columns=columns,
        rows=tuple(_contrast_row(one) for one in found),
        note="Every analysis concludes by its own interval, not adjusted for the number of contrasts; so does the one that stands first "
        "here. Flip rate: share of the other analyses that conclude something else than it does; opposite: the very opposite. What is "
        "neither higher nor lower is not decided. Places change: "
        "how often the two change places in the analysis that stands first when prompts are drawn anew. Rankable: the raw difference is "
        "larger than the judge's errors can make.",
    )


def _contrast_row(one: Plain) -> tuple[Cell, ...]:
    first = str(one.get("primary") or "")
    return (
        words(f"{one.get('a', '')} − {one.get('b', '')}"),
        words(CONCLUSIONS.get(first, first) or "not comparable"),
        figures(count(whole(one, "n_defined"))),
        figures(count(whole(one, "higher"))),
        figures(count(whole(one, "lower"))),
        figures(share_of(one, "flip")),
        figures(share_of(one, "opposite")),
        figures(percent(whole(one, "pair_flip"))),
        words(str(one.get("rankable") or NO_VALUE)),
    )


def _choices(found: list[Plain]) -> Table:
    names = list(dict.fromkeys(str(part.get("choice", "")) for one in found for part in rows(one, "decomposition")))
    rows_of = []
    for one in found:
        held = {str(part.get("choice", "")): part for part in rows(one, "decomposition")}
        if held:
            rows_of.append(
                (words(f"{one.get('a', '')} − {one.get('b', '')}"), *(_choice(held.get(name)) for name in names))
            )
    return Table(
        caption="Which choice flips most",
        columns=(Column(title="contrast"), *(Column(title=CHOICE_WORDS.get(one, one), numeric=True) for one in names)),
        rows=tuple(rows_of),
        note="Share of the variance of the estimates that lies between the options of a choice; under it, how many conclusions change "
        "when this choice alone is changed from the analysis that stands first. Shares need not add up to 100%.",
    )


def _choice(part: Plain | None) -> Cell:
    if part is None:
        return figures(NO_VALUE)
    flips = whole(part, "flips")
    under = "" if flips is None else f"{count(flips)} of {count(whole(part, 'of'))} flip"
    return figures(percent(whole(part, "share")), under=under)


def _agreement(question: Plain, found: list[Plain]) -> Table:
    columns = (
        Column(title="choice"),
        Column(title="one option"),
        Column(title="the other"),
        Column(title="tau-b", under="mean over all else", numeric=True),
        Column(title="least", numeric=True),
        Column(title="pairs", numeric=True),
    )
    return Table(
        caption="Order of the methods: how alike it is under two options of one choice",
        columns=columns,
        rows=tuple(_agreement_row(question, one) for one in found),
        note="Kendall's tau-b: 1 is the same order; below 0 more pairs are reversed than kept.",
    )


def _agreement_row(question: Plain, one: Plain) -> tuple[Cell, ...]:
    choice, positive, tau = str(one.get("choice", "")), quoted_positive(question), whole(one, "tau")
    told = NO_VALUE if tau is None else interval(tau, whole(one, "low"), whole(one, "high"))
    return (
        words(CHOICE_WORDS.get(choice, choice)),
        words(option_words(choice, str(one.get("a", "")), positive)),
        words(option_words(choice, str(one.get("b", "")), positive)),
        figures(told, under=why(one.get("undefined")) if tau is None else ""),
        figures(number(whole(one, "least"))),
        figures(count(whole(one, "n"))),
    )
