"""What the numbers could be: no answer counted or left out, the worst case, and items on which two people tie."""

from __future__ import annotations

from collections.abc import Iterable

from judgeaudit.domain.catalogue.statistics import STATISTICS
from judgeaudit.domain.results.judges import ModelAgreement, Service, Silence, SilenceTest, Total
from judgeaudit.report.content.document import (
    Block,
    Bullets,
    Cell,
    Column,
    Fold,
    Line,
    Section,
    Table,
    figures,
    fold_long,
    line,
    measured,
    paragraph,
    quiet,
    words,
)
from judgeaudit.report.content.view import ALL, Asked, View
from judgeaudit.report.sections.scores import STRATA, per_question, treatment_blocks
from judgeaudit.report.words.codes import listed, plural
from judgeaudit.report.words.numbers import NO_VALUE, count, dollars, interval, number, p_value
from judgeaudit.report.words.statistics import statistic


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


# What came back where there is no label: refusals, answers outside the labels and failures, told apart by stratum.


SENTENCES = 12
ROWS = 120
#: kind of silence -> title of its column, and what a judge does that keeps it
KINDS = {
    "refused": ("refused", "refuses"),
    "outside_labels": ("outside the labels", "answers outside the labels"),
    "malformed": ("malformed", "answers in another form than it was asked for"),
    "truncated": ("cut off", "is cut off"),
    "empty": ("empty", "gives empty replies"),
    "unexplained": ("unparsed", "gives no label, for reasons that are not told,"),
    "failed": ("failed", "fails"),
}


def silence_blocks(view: View, asked: Asked) -> list[Block]:
    """Where a judge keeps silent decisively more often than elsewhere, and the counts; nothing where all answered."""
    rows = _silent(view, asked)
    if not rows:
        return []
    told = [_sentence(one, test) for one in rows for test in one.against_elsewhere if test.decisive]
    blocks: list[Block] = [Bullets(lines=tuple(told[:SENTENCES]))] if told else []
    if told[SENTENCES:]:
        blocks.append(paragraph(f"{plural(len(told) - SENTENCES, 'more difference')} in audit.json."))
    shown = rows if view.full else rows[:ROWS]
    blocks.append(fold_long(_silence_table(shown)))
    if len(shown) < len(rows):
        blocks.append(paragraph(f"{plural(len(rows) - len(shown), 'more row')} in audit.json."))
    return blocks


def _silent(view: View, asked: Asked) -> list[Silence]:
    """Records of the judges that left something unanswered."""
    rows = [one for one in view.result.silence if one.question == asked.name]
    silent = {one.judge for one in rows if any(getattr(one, kind) for kind in KINDS)}
    return [one for one in rows if one.judge in silent]


def _sentence(one: Silence, test: SilenceTest) -> Line:
    here = f"{count(test.k)} of {count(test.n)}"
    elsewhere = f"{count(test.elsewhere_k)} of {count(test.elsewhere_n)}"
    does = KINDS[test.kind][1]
    p = p_value(test.p_adjusted)
    return line(f"{one.judge} {does} on {one.stratum}: {here}, elsewhere {elsewhere}", quiet(f" (adjusted p {p})."))


def _silence_table(rows: list[Silence]) -> Table:
    kept = [kind for kind in KINDS if any(getattr(one, kind) for one in rows)]
    columns = [Column(title="judge"), Column(title="stratum")]
    columns += [
        Column(title=title, numeric=True) for title in ("asked", "answered", *(KINDS[kind][0] for kind in kept))
    ]
    return Table(
        caption="What came back from judges that left items without a label",
        columns=tuple(columns),
        rows=tuple(
            (
                words(one.judge),
                words("all items" if one.stratum == ALL else one.stratum),
                *(figures(count(getattr(one, key))) for key in ("asked", "answered", *kept)),
            )
            for one in rows
        ),
        note="Differences between strata are told where Fisher's exact test finds them at 1%, adjusted for all judges, "
        "strata and kinds (Holm); items of one cluster count once in it.",
    )


# Does a judge agree with itself: over runs of one item, and when the two answers of a pair change places.


def steadiness_section(view: View) -> Section | None:
    """None where no judge was run twice or in both orders."""
    blocks = per_question(view, _steadiness)
    return Section(anchor="steadiness", title="Does a judge agree with itself?", blocks=blocks) if blocks else None


def _steadiness(view: View, asked: Asked) -> list[Block]:
    of_itself = [name for name, one in STATISTICS.items() if one.against == "itself"]
    names = [name for name in of_itself if any(view.find(asked, judge, name, versus=judge) for judge in asked.judges)]
    if not names:
        return []
    strata = [one for one in view.strata(asked) if one != ALL]
    shown = strata if view.full else strata[:STRATA]
    blocks: list[Block] = [_self_agreement_table(view, asked, names, [ALL])]
    if shown:
        blocks.append(
            Fold(
                summary=f"By stratum: {plural(len(shown), 'stratum', 'strata')}",
                blocks=(_self_agreement_table(view, asked, names, shown),),
            )
        )
    return blocks


def _self_agreement_table(view: View, asked: Asked, names: list[str], strata: list[str]) -> Table:
    judges = [one for one in asked.judges if any(view.find(asked, one, name, versus=one) for name in names)]
    where = [] if strata == [ALL] else [Column(title="stratum")]
    return Table(
        caption="Each judge against itself, all items" if strata == [ALL] else "Each judge against itself, by stratum",
        columns=(
            Column(title="judge"),
            *where,
            *(Column(title=statistic(name).title, under=name, numeric=True) for name in names),
        ),
        rows=tuple(
            (
                words(judge),
                *([words(stratum)] if where else []),
                *(measured(view.find(asked, judge, name, stratum=stratum, versus=judge)) for name in names),
            )
            for judge in judges
            for stratum in strata
        ),
        note="Agreement with the reference is that of the first run in order ab.",
    )


# What answered for each judge and what it took: models, calls, tokens, US$ and seconds.


_SUMS = {"input_tokens": "tokens read", "output_tokens": "tokens written", "cost_usd": "US$"}
MODELS = 3


def services_section(view: View) -> Section | None:
    """None where nothing is known of models, tokens, US$ or seconds."""
    rows = view.result.services
    if not rows:
        return None
    mixed = [one for one in rows if len(one.models) > 1]
    blocks: list[Block] = [fold_long(_costs(rows)), *([fold_long(_models(mixed))] if mixed else [])]
    return Section(anchor="services", title="What the judges took", blocks=tuple(blocks))


def _costs(rows: list[Service]) -> Table:
    kept = [key for key in _SUMS if any(getattr(one, key).n for one in rows)]
    timed = any(one.seconds.n for one in rows)
    columns = [Column(title="judge"), Column(title="model"), Column(title="calls", numeric=True)]
    columns += [Column(title=_SUMS[key], numeric=True) for key in kept]
    columns += [Column(title="seconds a call", under="median", numeric=True)] if timed else []
    return Table(
        caption="Calls to each judge, all runs and orders, as far as the verdicts tell",
        columns=tuple(columns),
        rows=tuple(
            (
                words(one.judge),
                words(_named(one)),
                figures(count(one.calls)),
                *(_known(one, key) for key in kept),
                *([_seconds(one)] if timed else []),
            )
            for one in rows
        ),
    )


def _named(one: Service) -> str:
    names = [model.model for model in one.models]
    more = [f"{len(names) - MODELS} more"] if names[MODELS:] else []
    return listed([*names[:MODELS], *more]) or NO_VALUE


def _known(one: Service, key: str) -> Cell:
    told: Total = getattr(one, key)
    return figures(dollars(told.sum) if key == "cost_usd" else count(told.sum), under=_of(one, told.n))


def _seconds(one: Service) -> Cell:
    return figures(number(one.seconds.median), under=_of(one, one.seconds.n))


def _of(one: Service, n: int) -> str:
    """Of how many calls it is known, where that is not all of them."""
    return "" if n in (0, one.calls) else f"of {count(n)} calls"


def _models(rows: list[Service]) -> Table:
    """Judges for which several models answered, and the agreement of each where enough items have a label."""
    return Table(
        caption="Judges for which several models answered",
        columns=(
            Column(title="judge"),
            Column(title="model"),
            Column(title="calls", numeric=True),
            Column(title="first"),
            Column(title="last"),
            Column(title="agreement", numeric=True),
        ),
        rows=tuple(_model_rows(rows)),
        note="Agreement with the reference on the items that the model answered; told from 30 items for each of two models on.",
    )


def _model_rows(rows: list[Service]) -> Iterable[tuple[Cell, ...]]:
    for one in rows:
        for model in one.models:
            told = [each for each in one.agreement if each.model == model.model]
            start = (
                words(one.judge),
                words(model.model),
                figures(count(model.calls)),
                words(model.first or NO_VALUE),
                words(model.last or NO_VALUE),
            )
            yield from ((*start, _agreement(each)) for each in told)
            if not told:
                yield *start, figures(NO_VALUE)


def _agreement(each: ModelAgreement) -> Cell:
    value = interval(each.value, each.low, each.high, each.undefined)
    title = statistic(each.statistic).title
    return figures(value, under=f"{title}, {each.question}, n = {count(each.n_items)}")
