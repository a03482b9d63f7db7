"""Forests and plots as inline SVG; which drawing is drawn by whom."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import TYPE_CHECKING, Literal

from judgeaudit.report.content.document import Drawing, Forest, ForestRow, Plot
from judgeaudit.report.content.drawings import Bump, Dumbbell, Paths, SpecCurve
from judgeaudit.report.figures.bump import draw_bump
from judgeaudit.report.figures.canvas import (
    ACCENT,
    BAND,
    GATE,
    INK,
    LINE,
    PAPER,
    QUIET,
    Page,
    new_page,
    svg_of,
)
from judgeaudit.report.figures.dumbbell import draw_dumbbell
from judgeaudit.report.figures.paths import draw_paths
from judgeaudit.report.figures.specification_curve import draw_specs
from judgeaudit.report.words.numbers import cut, number, visible

if TYPE_CHECKING:
    from matplotlib.axes import Axes


def draw(drawing: Drawing, *, anchor: str, title: str, description: str, narrow: bool = False) -> str:
    """The drawing as one `<svg>` element, with role, title and description; `narrow` fits a phone."""
    import matplotlib.style

    ours: dict[str, str | bool] = {
        "svg.fonttype": "none",
        "svg.hashsalt": "judgeaudit",
        "text.parse_math": False,
        "axes.unicode_minus": False,
    }
    with matplotlib.style.context(["default", ours]):
        page = _DRAWERS[type(drawing)](drawing, narrow=narrow)
        return svg_of(page, anchor=anchor, title=title, description=description)


def _ticks(low: float, high: float) -> list[float]:
    """Fifths where the axis is that of agreement; where a value lies far below, at most about ten round numbers."""
    span = high - low
    per = 5.0 if span <= 3 else 10.0 ** -math.ceil(math.log10(span / 10))
    return [tick / per for tick in range(math.ceil(low * per), math.floor(high * per + 1e-9) + 1)]


def _forest(drawing: Forest, *, narrow: bool) -> Page:
    """Wide: label, interval and value side by side. Narrow: label and value above each interval."""
    step, top = (46.0, 42.0) if narrow else (32.0, 40.0)
    bottom = top + step * len(drawing.rows)
    page = new_page(360.0 if narrow else 760.0, bottom + 44)
    left, right = (10.0, page.width - 10) if narrow else (228.0, page.width - 160)
    axes = page.axes(left, top, right, bottom)
    low, high = _limits(drawing)
    axes.set_xlim(low, high)
    axes.set_ylim(bottom - top, 0)
    axes.set_yticks([])
    ticks = _ticks(low, high)
    axes.set_xticks(ticks, [number(tick, places=1) for tick in ticks])
    for side in ("left", "right", "top"):
        axes.spines[side].set_visible(False)
    axes.vlines(ticks, 0, bottom - top, color=LINE, linewidth=0.6, zorder=0)
    page.write((left + right) / 2, bottom + 34, drawing.axis, colour=QUIET, size=11.5, align="center")

    def pixel(x: float) -> float:
        return left + (x - low) / (high - low) * (right - left)

    if drawing.band:
        axes.axvspan(*drawing.band, color=BAND, linewidth=0, zorder=0.5)
        middle = _inside(pixel(sum(drawing.band) / 2), drawing.band_label, page)
        page.write(middle, top - 26, drawing.band_label, size=11.5, align="center")
    for gate in drawing.gates:
        axes.vlines(gate, -6, bottom - top, color=GATE, linewidth=1.4, linestyles=(0, (4, 3)), clip_on=False)
        page.write(pixel(gate), top - 12, "gate", colour=GATE, size=11.5, align="center")
    for at, row in enumerate(drawing.rows):
        _forest_row(page, axes, row, y=step * at + (32 if narrow else step / 2), top=top, left=left, narrow=narrow)
    return page


def _inside(x: float, text: str, page: Page) -> float:
    """The middle of a centred word, moved so that the word stays on the page."""
    half = len(text) * 3.4
    return min(max(x, half), page.width - half)


def _forest_row(page: Page, axes: Axes, row: ForestRow, *, y: float, top: float, left: float, narrow: bool) -> None:
    colour = QUIET if row.baseline else ACCENT
    words_y = top + y - 17 if narrow else top + y
    page.write(1.0, words_y, cut(visible(row.label), 28 if narrow else 31), colour=QUIET if row.baseline else INK)
    if row.value is None:
        place = (page.width - 1, "right") if narrow else (left + 6, "left")
        limit = 30 if narrow else 62
        align: Literal["left", "right"] = "right" if narrow else "left"
        page.write(float(place[0]), words_y, cut(row.words, limit), colour=QUIET, size=12, align=align)
        return
    if row.low is not None and row.high is not None:
        axes.hlines(y, row.low, row.high, color=colour, linewidth=2.4, clip_on=False, zorder=3)
    face = PAPER if row.baseline else colour
    axes.plot(
        [row.value], [y], marker="o", markersize=7.5, color=colour, markerfacecolor=face, markeredgewidth=1.8,
        linestyle="none", clip_on=False, zorder=4,
    )  # fmt: skip
    page.write(page.width - 1, words_y, row.words, colour=QUIET if row.baseline else INK, size=12.5, align="right")


def _limits(drawing: Forest) -> tuple[float, float]:
    """0 to 1, widened to hold every interval: a little below 0 as far as needed, further by whole fifths."""
    shown = [edge for row in drawing.rows for edge in (row.low, row.value, row.high) if edge is not None]
    shown += [*(drawing.band or ()), *drawing.gates]
    low, high = min([0.0, *shown]), max([1.0, *shown])
    return low if low > -0.1 else math.floor(low * 5) / 5, math.ceil(high * 5 - 1e-9) / 5


def _plot(drawing: Plot, *, narrow: bool) -> Page:  # noqa: ARG001 - one form fits all
    page = new_page(420.0, 360.0)
    axes = page.axes(58, 16, 404, 306)
    for side in ("top", "right"):
        axes.spines[side].set_visible(False)
    if drawing.diagonal:
        axes.plot([0, 1], [0, 1], color=GATE, linewidth=1.2, linestyle=(0, (4, 3)))
    if drawing.band_low:
        axes.fill_between(drawing.x, drawing.band_low, drawing.band_high, color=BAND, linewidth=0, zorder=0.5)
    for x, low, high in zip(drawing.x, drawing.low, drawing.high, strict=True):
        if low is not None and high is not None:
            axes.vlines(x, low, high, color=ACCENT, linewidth=1.8)
    few = len(drawing.x) <= 40
    axes.plot(drawing.x, drawing.y, color=ACCENT, linewidth=1.2, marker="o" if few else "", markersize=6)
    axes.set_xlim(-0.02, 1.02)
    axes.set_ylim(-0.02, 1.02)
    ticks = [tick / 5 for tick in range(6)]
    axes.set_xticks(ticks, [number(tick, places=1) for tick in ticks])
    axes.set_yticks(ticks, [number(tick, places=1) for tick in ticks])
    axes.grid(color=LINE, linewidth=0.6)
    axes.set_axisbelow(True)
    page.write(231, 346, drawing.x_axis, colour=QUIET, size=12, align="center")
    page.canvas.text(
        14 / 420, 0.55, page.token(drawing.y_axis), color=QUIET, fontsize=12, rotation=90, ha="center", va="center"
    )
    return page


_DRAWERS: dict[type, Callable[..., Page]] = {
    Forest: _forest,
    Plot: _plot,
    Paths: draw_paths,
    Dumbbell: draw_dumbbell,
    SpecCurve: draw_specs,
    Bump: draw_bump,
}
