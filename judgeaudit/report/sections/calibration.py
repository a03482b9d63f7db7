"""What judges' probabilities, scores and vote shares are worth: for each judge its figures, its curves, and what to do with them."""

from __future__ import annotations

from collections.abc import Sequence

from judgeaudit.domain.results.audit import Curve, Finding
from judgeaudit.domain.results.estimates import PValueSpread
from judgeaudit.report.content.document import (
    Block,
    Bullets,
    Cell,
    Column,
    Figure,
    Fold,
    Heading,
    Line,
    Plot,
    Section,
    Table,
    code,
    figures,
    line,
    measured,
    paragraph,
    strong,
    words,
)
from judgeaudit.report.content.view import ALL, Asked, View
from judgeaudit.report.sections.scores import per_question
from judgeaudit.report.words.codes import reason
from judgeaudit.report.words.numbers import NO_VALUE, count, interval, number, p_value, percent, size
from judgeaudit.report.words.statistics import statistic

CALIBRATION = (
    "smooth_ece",
    "smooth_ece_by_chance",
    "ece",
    "ece_equal_mass",
    "ece_squared_debiased",
    "calibration_slope",
    "calibration_intercept",
    "calibration_in_the_large",
    "spiegelhalter_z",
    "brier_score",
    "brier_miscalibration",
    "brier_discrimination",
    "brier_uncertainty",
    "brier_reliability",
    "brier_resolution",
    "log_loss",
)
RANKING = ("roc_auc", "average_precision", "aurc")
CURVES = {
    "reliability": ("Reliability", "probability given", "share that is positive", True),
    "roc": ("ROC", "false alarms", "sensitivity", True),
    "risk_coverage": ("Risk and coverage", "coverage", "risk", False),
}
_IDEAL = {
    "reliability": " A judge whose probabilities mean what they say lies on the dashed line, and by chance alone within the shaded band.",
    "roc": " A judge that knows nothing lies on the dashed line.",
    "risk_coverage": " The share of errors among the surest verdicts, from the few surest to all.",
}
#: what the first table shows; the rest is folded
_FIRST = (
    "smooth_ece",
    "smooth_ece_by_chance",
    "calibration_slope",
    "calibration_in_the_large",
    "brier_score",
    *RANKING,
)


def calibration_section(view: View) -> Section | None:
    """None where no judge says how sure it is."""
    blocks = per_question(view, _calibration)
    title = "Do the judges know when they are wrong?"
    return Section(anchor="calibration", title=title, blocks=blocks) if blocks else None


def _calibration(view: View, asked: Asked) -> list[Block]:
    curves = [one for one in view.result.curves if one.question == asked.name and one.kind in CURVES]
    judges = [one for one in asked.judges if any(curve.subject == one for curve in curves)]
    sure_by = next((one.sure_by for one in view.result.questions if one.name == asked.name), {})
    place = view.questions.index(asked)
    blocks: list[Block] = []
    for at, judge in enumerate(judges):
        by = sure_by.get(judge, "probability")
        mine = [one for one in curves if one.subject == judge]
        blocks += [Heading(text=judge), *_judge(view, asked, judge, by, mine, anchor=f"curve-{place}-{at}")]
    return blocks


def _judge(view: View, asked: Asked, judge: str, by: str, curves: Sequence[Curve], *, anchor: str) -> list[Block]:
    shown = [one for one in curves if view.full or (one.stratum == ALL and one.kind != "roc")]
    told = [*_recalibration(view, asked, judge), *_selective(view, asked, judge)]
    names = [name for name in (*CALIBRATION, *RANKING) if view.find(asked, judge, name)]
    first = [name for name in names if name in _FIRST]
    rest = [name for name in names if name not in _FIRST]
    blocks = _what_scores_are(view, asked, judge, by)
    if first:
        blocks.append(_table(view, asked, judge, f"{judge}, all items", first))
    blocks += [Bullets(lines=tuple(told))] if told else []
    if rest:
        table = _table(view, asked, judge, f"{judge}: more figures, all items", rest)
        blocks.append(Fold(summary=f"{table.caption}: {len(rest)} rows", blocks=(table,)))
    return [*blocks, *(_figure(f"{anchor}-{number}", one) for number, one in enumerate(shown))]


def _what_scores_are(view: View, asked: Asked, judge: str, by: str) -> list[Block]:
    """What a score is that is no probability of the model's own."""
    if by == "probability":
        return []
    if view.find(asked, judge, "brier_score"):
        told = (
            f"Its probabilities are each a {by}: how many members said so, not what any of them thinks of its chance."
        )
    else:
        told = f"Ranked by its {by}, which is no probability: a calibration is not asked of it."
    return [paragraph(told)]


def _table(view: View, asked: Asked, judge: str, caption: str, names: Sequence[str]) -> Table:
    rows = tuple((words(statistic(one).title, under=one), _measured(view, asked, judge, one)) for one in names)
    return Table(caption=caption, columns=(Column(title="statistic"), Column(title="value", numeric=True)), rows=rows)


def _measured(view: View, asked: Asked, judge: str, name: str) -> Cell:
    """The estimate; of a test its p-value, of an infinite loss how many probabilities were to blame."""
    found = view.find(asked, judge, name)
    if found is None:
        return measured(found)
    if isinstance(found.spread, PValueSpread):
        return figures(number(found.value), under=f"p {p_value(found.spread.p_value)}")
    if found.undefined == "infinite" and found.k is not None:
        return figures("∞", under=f"{count(found.k)} of {count(found.n)} certain and wrong")
    if found.value is None:
        return measured(found)
    return figures(_fine(found), under=size(found))


def _fine(found: Finding) -> str:
    """Three decimals: losses and errors are small."""
    return interval(found.value, found.low, found.high, found.undefined, places=3)


def _recalibration(view: View, asked: Asked, judge: str) -> list[Line]:
    record = next((r for r in view.result.recalibrations if (r.question, r.judge) == (asked.name, judge)), None)
    if record is None:
        return []
    method, gain = record.method, view.find(asked, judge, "recalibration_gain_brier")
    if not method:
        return [line(strong("Recalibration: "), f"no map was fitted ({reason(record.undefined)}).")]
    gained = NO_VALUE if gain is None else _fine(gain)
    folds = f"{record.folds} folds by {record.folds_by}"
    told = f"{method}, fitted in {folds}, lowers the Brier score by {gained}"
    if not record.shown_better:
        return [line(strong("Recalibration: "), f"no gain is shown: {told}.")]
    return [line(strong("Recalibration: "), f"{told}; ", code("judgeaudit filter … --recalibrate"), " applies it.")]


def _selective(view: View, asked: Asked, judge: str) -> list[Line]:
    record = next((r for r in view.result.selective if (r.question, r.judge) == (asked.name, judge)), None)
    if record is None:
        return []
    head, risk = strong("Leaving unsure verdicts out: "), percent(record.risk)
    if record.threshold is None:
        why = reason(record.undefined)
        return [line(head, f"no confidence is shown at which at most {risk} of verdicts are wrong ({why}).")]
    counted = f"{count(record.errors)} of {count(record.answered)}"
    told = (
        f"verdicts given at least {number(record.threshold, places=3)} are wrong in at most {risk} "
        f"({counted} were, bound {percent(record.upper)}, {percent(record.level)} sure); "
        f"{percent(record.coverage)} of verdicts are so sure. "
    )
    if record.sampled.startswith("one"):
        told += "This is counted on one item of each cluster. "
    over = [one.stratum for one in record.strata if (one.upper or 0.0) > (record.risk or 1.0)]
    if over:
        told += f"It is a promise for all items together; it is not shown for {', '.join(over)}. "
    return [line(head, told, code(f"judgeaudit filter … --max-risk {record.risk:g}"), " keeps these alone.")]


def _figure(anchor: str, curve: Curve) -> Figure:
    title, x_axis, y_axis, diagonal = CURVES[curve.kind]
    where = "" if curve.stratum == ALL else f", {curve.stratum}"
    bounded = any(one is not None for one in curve.low)
    banded = bool(curve.band_low)
    rows = []
    for place, (x, y, low, high, n) in enumerate(zip(curve.x, curve.y, curve.low, curve.high, curve.n, strict=True)):
        value = interval(y, low, high) if bounded else number(y)
        band = (figures(f"{number(curve.band_low[place])} to {number(curve.band_high[place])}"),) if banded else ()
        rows.append((figures(number(x)), figures(value), *band, figures(f"{n:,}")))
    heads = (x_axis, y_axis, *(("if calibrated",) if banded else ()), "n")
    return Figure(
        anchor=anchor,
        title=f"{title}: {curve.subject}{where}",
        description=f"{y_axis} against {x_axis}, {len(rows)} points.{_IDEAL[curve.kind]}",
        drawing=Plot(
            x_axis=x_axis,
            y_axis=y_axis,
            x=tuple(curve.x),
            y=tuple(curve.y),
            low=tuple(curve.low) if curve.kind == "reliability" else (None,) * len(curve.x),
            high=tuple(curve.high) if curve.kind == "reliability" else (None,) * len(curve.x),
            diagonal=diagonal,
            band_low=tuple(curve.band_low) or _solid(curve.low),
            band_high=tuple(curve.band_high) or _solid(curve.high),
        ),
        table=Table(
            caption=f"The numbers in the figure: {curve.subject}{where}",
            columns=tuple(Column(title=head, numeric=True) for head in heads),
            rows=tuple(rows),
        ),
    )


def _solid(limits: Sequence[float | None]) -> tuple[float, ...]:
    """Limits as a band, where every point has one."""
    known = tuple(one for one in limits if one is not None)
    return known if len(known) == len(limits) else ()
