"""Pictures of a comparison: paths over capability, and raw beside corrected rates at the anchors."""

from __future__ import annotations

from collections.abc import Sequence

from judgeaudit.domain.checkpoints import AS_JUDGED, NO_REFERENCE
from judgeaudit.report.checkpoints.judge_rates import flagged_of
from judgeaudit.report.checkpoints.rates import rate_cell, score_cell
from judgeaudit.report.checkpoints.view import POSITIVE, Compared, Plain, beside, first_of, in_order, judges_of, rows
from judgeaudit.report.checkpoints.words import (
    anchor_words,
    bounds_of,
    estimate_of,
    option_words,
    quoted_positive,
    reference_words,
    treatment_words,
    why,
)
from judgeaudit.report.content.document import Block, Cell, Column, Figure, Fold, Table, figures, words
from judgeaudit.report.content.drawings import Dumbbell, DumbbellRow, Key, Path, PathPoint, Paths
from judgeaudit.report.content.view import part, whole
from judgeaudit.report.words.codes import plural
from judgeaudit.report.words.numbers import NO_VALUE, count, number

#: paths and rows that can be told apart in one drawing
_PATHS, _ROWS = 6, 16
#: a method, a judge, the rate as judged, the corrected one
_Row = tuple[str, str, Plain | None, Plain | None]


def picture_blocks(compared: Compared, question: Plain) -> list[Block]:
    """Paths of the methods, then what correction does at the anchors."""
    return [*path_figures(compared, question), *dumbbell_figures(compared, question)]


def path_figures(compared: Compared, question: Plain) -> list[Block]:
    """One picture for each task of the goal and each group of methods, the baseline in all; the first one open."""
    goal = part(compared.plain, "goal")
    others = [one for one in compared.methods if one != compared.baseline]
    groups = [others[at : at + _PATHS - 1] for at in range(0, len(others), _PATHS - 1)]
    made: list[Block] = []
    for task in rows(goal, "tasks"):
        for group in groups[: compared.room.paths]:
            anchor = f"paths-{compared.questions.index(question)}-{len(made)}"
            found = _paths(compared, question, task, [compared.baseline, *group], anchor)
            made += [found] if found is not None else []
    if len(made) < 2:
        return made
    return [made[0], Fold(summary=f"{plural(len(made) - 1, 'more picture')} of this kind", blocks=tuple(made[1:]))]


def _paths(compared: Compared, question: Plain, task: Plain, methods: Sequence[str], anchor: str) -> Figure | None:
    spec, positive, name = first_of(question), quoted_positive(question), str(task.get("task", ""))
    goal, tolerance = whole(task, "goal"), whole(part(compared.plain, "goal"), "tolerance") or 0.0
    found = [_path(compared, question, method, name) for method in methods]
    paths = [one for one, _ in found if any(point.y is not None for point in one.points)]
    if not paths or goal is None:
        return None
    below = any(point.below is not None for path in paths for point in path.points)
    how = f"{treatment_words(spec['treatment'], positive)}, {spec['judge']}"
    drawing = Paths(
        x_axis=f"{name}, score",
        y_axis=f"{positive} share ({how})",
        below_axis="gibberish share" if below else "",
        paths=tuple(paths),
        goal=goal,
        band=(goal - tolerance, goal + tolerance),
        key=_path_key(paths),
    )
    table = Table(
        caption=f"Every checkpoint: {name} and what was answered there",
        columns=(
            Column(title="method"), Column(title="checkpoint"), Column(title="score", under=name, numeric=True),
            Column(title=positive, under=how, numeric=True), Column(title="gibberish", numeric=True), Column(title="made by"),
        ),
        rows=tuple(row for _, table in found for row in table),
        note=f"The goal is {number(goal, places=3)}; the band holds scores within {number(tolerance, places=3)} of it.",
    )  # fmt: skip
    return Figure(
        anchor=anchor,
        title=f"Share of {positive} outputs along {name}, checkpoint by checkpoint",
        description=f"One path for each method, in the order of its checkpoints; from left to right {name}, upwards the {positive} "
        f"share, in the lower panel the gibberish share. The dashed line is the goal; rings mark where methods are compared.",
        drawing=drawing,
        table=table,
    )


def _path_key(paths: Sequence[Path]) -> Key:
    points = [one for path in paths for one in path.points if one.y is not None]
    key: Key = (("gate", "the goal"), ("band", "what still counts as matched"))
    if any(one.anchored for one in points):
        key = (*key, ("ring", "compared here, with its interval"))
    if any(one.corrected for one in points):
        key = (*key, ("filled", "corrected by labels"))
    if any(not one.corrected for one in points):
        key = (*key, ("hollow", "raw: the judge believed"))
    return key


def _path(compared: Compared, question: Plain, method: str, task: str) -> tuple[Path, list[tuple[Cell, ...]]]:
    """The path of a method, and its rows of the table. A checkpoint without a corrected rate shows the raw one, and says so."""
    spec, name = first_of(question), str(question.get("name", ""))
    anchored = {checkpoint for checkpoint, _ in compared.stands(method, spec["anchor"])}
    points: list[PathPoint] = []
    table: list[tuple[Cell, ...]] = []
    for one in compared.checkpoints(method):
        checkpoint = str(one.get("checkpoint", ""))
        score = next((cell for cell in rows(one, "capability") if cell.get("task") == task), None)
        made, way = _best(compared, name, method, checkpoint, POSITIVE, spec)
        gibberish, _ = _best(compared, name, method, checkpoint, "incoherence_rate", spec)
        step = whole(one, "step")
        wanted = compared.rate(name, method, checkpoint, POSITIVE, **spec)
        known = made is not None and made.get("value") is not None
        table.append(
            (
                words(method),
                words(checkpoint, under=f"step {count(step)}" if step is not None else ""),
                score_cell(score),
                rate_cell(made),
                figures(estimate_of(gibberish)),
                words(reference_words(way) if known else NO_VALUE, under=_why_raw(wanted) if known else ""),
            )
        )
        x = None if score is None else whole(score, "score")
        if x is not None:
            points.append(
                PathPoint(
                    x=x, y=_number(made, "value"), low=_number(made, "low"), high=_number(made, "high"),
                    below=_number(gibberish, "value"), corrected=way != NO_REFERENCE, anchored=checkpoint in anchored,
                )
            )  # fmt: skip
    return Path(label=method, points=tuple(points), baseline=method == compared.baseline), table


def _why_raw(wanted: Plain | None) -> str:
    """Why a rate is not the one that was wanted."""
    return why(wanted.get("undefined")) if wanted is not None and wanted.get("value") is None else ""


def _number(one: Plain | None, key: str) -> float | None:
    return None if one is None else whole(one, key)


def _best(
    compared: Compared, name: str, method: str, checkpoint: str, statistic: str, spec: dict[str, str]
) -> tuple[Plain | None, str]:
    """The corrected rate where it has a value, else the raw one; and which of the two it is."""
    for way in dict.fromkeys((spec["reference"], NO_REFERENCE)):
        found = compared.rate(name, method, checkpoint, statistic, **beside(spec, reference=way))
        if found is not None and found.get("value") is not None:
            return found, way
    return compared.rate(name, method, checkpoint, statistic, **spec), spec["reference"]


def dumbbell_figures(compared: Compared, question: Plain) -> list[Block]:
    """Raw and corrected rates at the anchors: by all judges at once where they fit, else by the first, the others folded one by one."""
    if first_of(question)["reference"] in ("", NO_REFERENCE):
        return []
    made: list[Block] = []
    for pairs in _pairs_by_picture(compared, question)[: compared.room.judges]:
        found = [one for one in (_raw_and_corrected(compared, question, *pair) for pair in pairs) if one is not None]
        if found:
            anchor = f"raw-{compared.questions.index(question)}" + (f"-{len(made)}" if made else "")
            several = len({judge for _, judge in pairs}) > 1
            made.append(_dumbbell(question, found, several=several, anchor=anchor))
    if len(made) < 2:
        return made
    return [made[0], Fold(summary=f"The same by {plural(len(made) - 1, 'other judge')}", blocks=tuple(made[1:]))]


def _pairs_by_picture(compared: Compared, question: Plain) -> list[list[tuple[str, str]]]:
    """Methods that have an anchor, each with a judge: all in one picture where they fit, else a picture for each judge."""
    spec = first_of(question)
    judges = in_order(judges_of(question), front=[spec["judge"]])
    standing = [one for one in compared.methods if compared.stands(one, spec["anchor"])]
    if len(judges) * len(standing) <= _ROWS:
        return [[(one, judge) for one in standing for judge in judges]]
    some = standing if compared.full else standing[:_ROWS]
    return [[(one, judge) for one in some] for judge in judges]


def _raw_and_corrected(compared: Compared, question: Plain, method: str, judge: str) -> _Row | None:
    """The share that a judge flags at a method's anchor, and as labels correct it; None where there is neither."""
    spec, name = first_of(question), str(question.get("name", ""))
    judged = AS_JUDGED if AS_JUDGED in compared.options(name, "treatment") else spec["treatment"]
    here = beside(spec, judge=judge)
    practice = beside(here, reference=NO_REFERENCE, treatment=judged)
    raw = compared.anchored(name, method, spec["anchor"], POSITIVE, **practice)
    corrected = compared.anchored(name, method, spec["anchor"], POSITIVE, **here)
    return None if raw is None and corrected is None else (method, judge, raw, corrected)


def _dumbbell(question: Plain, made: Sequence[_Row], *, several: bool, anchor: str) -> Figure:
    spec, positive = first_of(question), quoted_positive(question)
    drawn = tuple(
        DumbbellRow(
            label=f"{method} · {judge}" if several else method, raw=flagged_of(raw), corrected=_number(right, "value"),
            low=_number(right, "low"), high=_number(right, "high"), words=_words(raw, right),
            bound_low=_bound(raw, "bound_low"), bound_high=_bound(raw, "bound_high"),
        )
        for method, judge, raw, right in made
    )  # fmt: skip
    key: Key = (("hollow", "flagged by the judge, whatever it is about"), ("filled", "corrected, with its interval"))
    if any(one.bound_low is not None for one in drawn):
        key = (*key, ("bound", "best to worst case, where the judge is not certified on gibberish"))
    how = treatment_words(spec["treatment"], positive)
    table = Table(
        caption=f"{positive} share, {how}",
        columns=(
            Column(title="method"),
            Column(title="judge"),
            Column(title="raw", under="as judged", numeric=True),
            Column(title="corrected", numeric=True),
        ),
        rows=tuple(
            (words(method), words(judge), rate_cell(raw), rate_cell(right)) for method, judge, raw, right in made
        ),
    )
    return Figure(
        anchor=anchor,
        title=f"Raw and corrected: {positive} share {anchor_words(spec['anchor'])}{'' if several else f', {made[0][1]}'}",
        description=f"For each method{' and judge' if several else ''} the {positive} share as the judge says it and as corrected by "
        f"labels ({how}, {option_words('benchmark', spec['benchmark'], positive)}).",
        drawing=Dumbbell(axis=f"{positive} share, {how}", rows=drawn, key=key),
        table=table,
    )


def _bound(one: Plain | None, key: str) -> float | None:
    """A bound that is told in the table too."""
    return _number(one, key) if one is not None and bounds_of(one) else None


def _words(raw: Plain | None, corrected: Plain | None) -> str:
    return f"{number(flagged_of(raw))} raw, {estimate_of(corrected)}"
