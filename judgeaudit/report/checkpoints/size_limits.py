"""How much of a comparison fits on a page: what is drawn and told in full, less of it the larger the study."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from typing import NamedTuple

from judgeaudit.report.content.document import Block, Figure, Fold, Paragraph, Table
from judgeaudit.report.content.drawings import Bump, Dumbbell, Paths, SpecCurve


class Room(NamedTuple):
    """Of each question: the most that is drawn, None for all, and whether tables beyond the first ones are told.

    curves  specification curves; `points` estimates in each
    judges  judges whose raw and corrected rates are drawn
    paths   groups of methods whose paths are drawn
    rules   whether the other judges' rates stand there by other reference rules too
    anchors whether contrasts among the others stand there under rules of choosing checkpoints that few ask for
    tables  whether rates of other judges and benchmarks, and contrasts among the others at more than the first anchor, are told
    """

    curves: int | None = None
    points: int = 60
    judges: int | None = None
    paths: int | None = None
    rules: bool = True
    anchors: bool = True
    tables: bool = True


#: from the largest to the smallest; the last one is taken where nothing fits
ROOMS = (
    Room(curves=6),
    Room(curves=5, judges=3, rules=False, anchors=False),
    Room(curves=2, points=40, judges=1, rules=False, anchors=False),
    Room(curves=1, points=40, judges=1, paths=1, rules=False, anchors=False),
    Room(curves=1, points=40, judges=1, paths=1, rules=False, anchors=False, tables=False),
)
FULL = Room()


def fitting(build: Callable[[Room], Sequence[Block]], *, limit: int) -> Room:
    """The largest room in which the blocks make no more than so many bytes of HTML, as far as can be told before drawing them."""
    return next((room for room in ROOMS if weight(build(room)) <= limit), ROOMS[-1])


def weight(blocks: Iterable[Block]) -> int:
    """About how many bytes of HTML: tables by their letters and cells, drawings by their marks; a little more than it will be."""
    total = 0
    for one in blocks:
        if isinstance(one, Fold):
            total += weight(one.blocks)
        elif isinstance(one, Table):
            total += _table(one)
        elif isinstance(one, Figure):
            total += _table(one.table) + _drawing(one)
        else:
            total += 60 + sum(_letters(run.text) for run in one.line) if isinstance(one, Paragraph) else 600
    return total


def _table(one: Table) -> int:
    letters = sum(_letters(cell.text) + _letters(cell.under) for row in one.rows for cell in row)
    return 800 + letters + 34 * len(one.rows) * len(one.columns)


def _letters(text: str) -> int:
    """Bytes of a text that a model may have written."""
    return len(text.encode("utf-8", "surrogatepass"))


def _drawing(one: Figure) -> int:
    """Both drawings of a figure, for wide and narrow screens."""
    drawing = one.drawing
    if isinstance(drawing, Paths):
        return 8_000 + 650 * sum(len(path.points) for path in drawing.paths)
    if isinstance(drawing, SpecCurve):
        return 29_000 + 300 * len(drawing.value)
    if isinstance(drawing, Dumbbell):
        return 6_000 + 3_500 * len(drawing.rows)
    return 8_000 + 400 * len(drawing.lines) * len(drawing.columns) if isinstance(drawing, Bump) else 20_000
