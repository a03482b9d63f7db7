"""Raw and corrected values side by side: two points on a line, one line under another."""

from __future__ import annotations

from typing import TYPE_CHECKING

from judgeaudit.report.content.drawings import Dumbbell, DumbbellRow
from judgeaudit.report.figures.axes import limits, ticks_of
from judgeaudit.report.figures.canvas import ACCENT, GATE, LINE, PAPER, QUIET, Page, new_page
from judgeaudit.report.words.numbers import cut, visible

if TYPE_CHECKING:
    from matplotlib.axes import Axes


def draw_dumbbell(drawing: Dumbbell, *, narrow: bool) -> Page:
    """Wide: name, points and words side by side. Narrow: name and words above the points."""
    step, top = (52.0, 14.0) if narrow else (30.0, 14.0)
    bottom = top + step * len(drawing.rows)
    page = new_page(360.0 if narrow else 760.0, bottom + 44)
    left, right = (10.0, page.width - 10) if narrow else (230.0, page.width - 204)
    axes = page.axes(left, top, right, bottom)
    shown = [edge for row in drawing.rows for edge in _edges(row) if edge is not None]
    low, high = limits([0.0, *shown], zero=True)
    axes.set_xlim(low, high)
    axes.set_ylim(bottom - top, 0)
    axes.set_yticks([])
    ticks, words = ticks_of(low, high)
    axes.set_xticks(ticks, words)
    for side in ("left", "right", "top"):
        axes.spines[side].set_visible(False)
    axes.vlines(ticks, 0, bottom - top, color=LINE, linewidth=0.6, zorder=0)
    page.write((left + right) / 2, bottom + 34, drawing.axis, colour=QUIET, size=11.5, align="center")
    for at, row in enumerate(drawing.rows):
        y = step * at + (38 if narrow else step / 2)
        _row(axes, row, y)
        page.write(1, top + y - (24 if narrow else 0), cut(visible(row.label), 24 if narrow else 34), size=12.5)
        page.write(page.width - 1, top + y - (24 if narrow else 0), row.words, colour=QUIET, size=11.5, align="right")
    return page


def _edges(row: DumbbellRow) -> tuple[float | None, ...]:
    return row.raw, row.corrected, row.low, row.high, row.bound_low, row.bound_high


def _row(axes: Axes, row: DumbbellRow, y: float) -> None:
    if row.bound_low is not None and row.bound_high is not None:
        axes.plot(
            [row.bound_low, row.bound_high], [y, y], color=GATE, linewidth=1.4, linestyle=(0, (2, 2)), marker="|",
            markersize=11, markeredgewidth=1.6, zorder=2,
        )  # fmt: skip
    if row.raw is not None and row.corrected is not None:
        axes.plot([row.raw, row.corrected], [y, y], color=QUIET, linewidth=1.0, zorder=1)
    if row.low is not None and row.high is not None:
        axes.hlines(y, row.low, row.high, color=ACCENT, linewidth=2.4, zorder=3)
    if row.corrected is not None:
        axes.plot([row.corrected], [y], marker="o", markersize=7.5, color=ACCENT, zorder=4)
    if row.raw is not None:
        axes.plot(
            [row.raw], [y], marker="D", markersize=7, color=GATE, markerfacecolor=PAPER, markeredgewidth=1.7, zorder=5
        )
