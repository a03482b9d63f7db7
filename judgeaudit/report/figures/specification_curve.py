"""A specification curve: the estimates of one contrast in order, and below them what each was made with."""

from __future__ import annotations

import math
from collections.abc import Iterable
from typing import TYPE_CHECKING

from judgeaudit.report.content.drawings import SpecCurve
from judgeaudit.report.figures.axes import limits, ticks_of
from judgeaudit.report.figures.canvas import GATE, HUES, INK, LINE, PAPER, QUIET, Page, new_page
from judgeaudit.report.words.numbers import cut, visible

if TYPE_CHECKING:
    from matplotlib.axes import Axes

#: conclusion -> hue, marker, whether it is filled
LOOKS = {"higher": (HUES[1], "^", True), "lower": (HUES[0], "v", True), "open": (QUIET, "o", False)}
_LINE = 15.0


def draw_specs(drawing: SpecCurve, *, narrow: bool) -> Page:
    """Above the estimates with their intervals, below one row of ticks for each option."""
    lines = sum(1 + len(choice.options) for choice in drawing.choices)
    width, left = (360.0, 118.0) if narrow else (760.0, 214.0)
    top, high, foot = 34.0, 170.0, 26.0
    start = top + high + foot
    page = new_page(width, start + lines * _LINE + 8)
    n = len(drawing.value)
    upper = page.axes(left, top, width - 10, top + high)
    _estimates(upper, drawing)
    page.write(2, 10, drawing.axis, colour=QUIET, size=11.5)
    if drawing.primary is not None:
        upper.axvline(drawing.primary, color=GATE, linewidth=1.2, linestyle=(0, (4, 3)), zorder=0.5)
        at = left + (drawing.primary + 1) / (n + 1) * (width - 10 - left)
        page.write(min(max(at, left + 36), width - 46), top - 8, "stands first", colour=GATE, size=11, align="center")
    lower = page.axes(left, start, width - 10, start + lines * _LINE)
    lower.set_axis_off()
    lower.set_xlim(-1, n)
    lower.set_ylim(lines * _LINE, 0)
    if drawing.primary is not None:
        lower.axvline(drawing.primary, color=GATE, linewidth=1.2, linestyle=(0, (4, 3)), zorder=0.5)
    _matrix(page, lower, drawing, start, limit=15 if narrow else 30)
    return page


def _estimates(axes: Axes, drawing: SpecCurve) -> None:
    ends = [edge for edge in (*drawing.low, *drawing.value, *drawing.high) if edge is not None]
    low, high = limits([0.0, *ends], zero=False)
    axes.set_xlim(-1, len(drawing.value))
    axes.set_ylim(low, high)
    axes.set_xticks([])
    axes.set_yticks(*ticks_of(low, high, 5))
    for side in ("top", "right", "bottom"):
        axes.spines[side].set_visible(False)
    axes.axhline(0, color=INK, linewidth=1.0, zorder=0.6)
    for name, (hue, marker, filled) in LOOKS.items():
        held = [at for at, said in enumerate(drawing.conclusion) if said == name]
        if not held:
            continue
        known = [(at, drawing.low[at], drawing.high[at]) for at in held]
        xs, ys = _strokes((at, low, high) for at, low, high in known if low is not None and high is not None)
        axes.plot(xs, ys, color=hue, linewidth=1.3, alpha=0.45, zorder=1)
        axes.plot(
            held, [drawing.value[at] for at in held], color=hue, marker=marker, markersize=4.2, linestyle="none",
            markerfacecolor=hue if filled else PAPER, markeredgewidth=1.0, zorder=2,
        )  # fmt: skip


def _strokes(bars: Iterable[tuple[float, float, float]]) -> tuple[list[float], list[float]]:
    """Upright strokes as one line with gaps: far smaller in a file than a path for each."""
    xs: list[float] = []
    ys: list[float] = []
    for at, low, high in bars:
        xs += [at, at, math.nan]
        ys += [low, high, math.nan]
    return xs, ys


def _matrix(page: Page, axes: Axes, drawing: SpecCurve, start: float, *, limit: int) -> None:
    y = _LINE / 2
    for choice in drawing.choices:
        page.write(2, start + y, choice.name, size=11.5)
        y += _LINE
        for place, option in enumerate(choice.options):
            page.write(12, start + y, cut(visible(option), limit), colour=QUIET, size=11)
            axes.plot([-0.5, len(drawing.value) - 0.5], [y, y], color=LINE, linewidth=0.6, zorder=0)
            xs, ys = _strokes((at, y - 4.5, y + 4.5) for at, taken in enumerate(choice.at) if taken == place)
            if xs:
                axes.plot(xs, ys, color=INK, linewidth=1.8, solid_capstyle="butt", zorder=1)
            y += _LINE
