"""How the order of methods changes with one choice: a column for each option, a line for each method."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from judgeaudit.report.content.drawings import Bump, BumpLine
from judgeaudit.report.figures.canvas import GATE, QUIET, Page, new_page
from judgeaudit.report.figures.paths import Look, looks_of
from judgeaudit.report.words.numbers import cut, visible

if TYPE_CHECKING:
    from matplotlib.axes import Axes

_STEP, _LETTER = 34.0, 6.4


def draw_bump(drawing: Bump, *, narrow: bool) -> Page:
    """Names stand at both ends of a line, or at the right alone where there is no room."""
    width = 360.0 if narrow else 760.0
    left, right = (24.0, 262.0) if narrow else (166.0, 594.0)
    most = max((rank for line in drawing.lines for rank in line.ranks), default=1.0)
    space = (right - left) / max(1, len(drawing.columns) - 1)
    heads = [cut(visible(one), 15 if narrow else 18) for one in drawing.columns]
    tiers = min(len(heads), math.ceil(max(len(one) for one in heads) * _LETTER / space))
    top = 30.0 + 15 * tiers
    page = new_page(width, top + _STEP * most + 6)
    sheet = page.sheet()
    for at, head in enumerate(heads):
        x = left + at * space if len(heads) > 1 else (left + right) / 2
        half = len(head) * _LETTER / 2
        y = 26.0 + 15 * (at % tiers)
        page.write(min(max(x, half), width - half), y, head, size=11.5, align="center")
        colour = GATE if at == drawing.first else QUIET
        dash = (0, (4, 3)) if at == drawing.first else (0, (1, 3))
        sheet.plot([x, x], [y + 9, page.height - 6], color=colour, linewidth=1.0, linestyle=dash, zorder=0)
    page.write(2, 9, drawing.top, colour=QUIET, size=11.5)
    for line, look in zip(drawing.lines, looks_of([one.baseline for one in drawing.lines]), strict=True):
        xs = [left + at * space if len(heads) > 1 else (left + right) / 2 for at in range(len(heads))]
        ys = [top + _STEP * (most - rank + 0.5) for rank in line.ranks]
        _line(page, sheet, line, look, xs, ys, narrow=narrow)
    return page


def _line(
    page: Page, sheet: Axes, line: BumpLine, look: Look, xs: list[float], ys: list[float], *, narrow: bool
) -> None:
    sheet.plot(xs, ys, color=look.hue, linewidth=2.0, linestyle=look.dash, zorder=2)
    sheet.plot(xs, ys, color=look.hue, marker=look.marker, markersize=8, linestyle="none", zorder=3)
    name = cut(visible(line.label), 13 if narrow else 22)
    page.write(xs[-1] + 12, ys[-1], name, size=12)
    if not narrow:
        page.write(xs[0] - 12, ys[0], name, size=12, align="right")
