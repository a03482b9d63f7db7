"""What answered for each judge and what it took: models, calls, tokens, US$ and seconds."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from judgeaudit.report.content.document import Block, Cell, Column, Section, Table, figures, fold_long, words
from judgeaudit.report.content.view import View, part, whole
from judgeaudit.report.words.codes import listed
from judgeaudit.report.words.numbers import NO_VALUE, count, dollars, interval, number
from judgeaudit.report.words.statistics import statistic

_SUMS = {"input_tokens": "tokens read", "output_tokens": "tokens written", "cost_usd": "US$"}
MODELS = 3


def services_section(view: View) -> Section | None:
    """None where nothing is known of models, tokens, US$ or seconds."""
    rows = view.result.services
    if not rows:
        return None
    mixed = [one for one in rows if len(one.get("models") or ()) > 1]
    blocks: list[Block] = [fold_long(_costs(rows)), *([fold_long(_models(mixed))] if mixed else [])]
    return Section(anchor="services", title="What the judges took", blocks=tuple(blocks))


def _costs(rows: list[dict[str, Any]]) -> Table:
    kept = [key for key in _SUMS if any(part(one, key).get("n") for one in rows)]
    timed = any(part(one, "seconds").get("n") for one in rows)
    columns = [Column(title="judge"), Column(title="model"), Column(title="calls", numeric=True)]
    columns += [Column(title=_SUMS[key], numeric=True) for key in kept]
    columns += [Column(title="seconds a call", under="median", numeric=True)] if timed else []
    return Table(
        caption="Calls to each judge, all runs and orders, as far as the verdicts tell",
        columns=tuple(columns),
        rows=tuple(
            (
                words(str(one.get("judge", ""))),
                words(_named(one)),
                figures(count(whole(one, "calls"))),
                *(_known(one, key) for key in kept),
                *([_seconds(one)] if timed else []),
            )
            for one in rows
        ),
    )


def _named(one: Mapping[str, Any]) -> str:
    names = [str(model.get("model", "")) for model in one.get("models") or ()]
    more = [f"{len(names) - MODELS} more"] if names[MODELS:] else []
    return listed([*names[:MODELS], *more]) or NO_VALUE


def _known(one: Mapping[str, Any], key: str) -> Cell:
    told = part(one, key)
    value = whole(told, "sum")
    return figures(dollars(value) if key == "cost_usd" else count(value), under=_of(one, told))


def _seconds(one: Mapping[str, Any]) -> Cell:
    told = part(one, "seconds")
    return figures(number(whole(told, "median")), under=_of(one, told))


def _of(one: Mapping[str, Any], told: Mapping[str, Any]) -> str:
    """Of how many calls it is known, where that is not all of them."""
    n, calls = whole(told, "n"), whole(one, "calls")
    return "" if n == calls or not n else f"of {count(n)} calls"


def _models(rows: list[dict[str, Any]]) -> Table:
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


def _model_rows(rows: list[dict[str, Any]]) -> Iterable[tuple[Cell, ...]]:
    for one in rows:
        for model in one["models"]:
            told = [each for each in one.get("agreement") or () if each.get("model") == model.get("model")]
            start = (
                words(str(one.get("judge", ""))),
                words(str(model.get("model", ""))),
                figures(count(whole(model, "calls"))),
                words(str(model.get("first") or NO_VALUE)),
                words(str(model.get("last") or NO_VALUE)),
            )
            yield from ((*start, _agreement(each)) for each in told)
            if not told:
                yield *start, figures(NO_VALUE)


def _agreement(each: Mapping[str, Any]) -> Cell:
    value = interval(whole(each, "value"), whole(each, "low"), whole(each, "high"), each.get("undefined"))
    title = statistic(str(each.get("statistic", ""))).title
    return figures(value, under=f"{title}, {each.get('question', '')}, n = {count(whole(each, 'n_items'))}")
