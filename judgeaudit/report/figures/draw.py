"""Forests and plots as inline SVG; which drawing is drawn by whom."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING, Literal

from judgeaudit.report.content.document import Drawing, Forest, ForestRow, Plot
from judgeaudit.report.content.drawings import Bump, BumpLine, Dumbbell, DumbbellRow, Paths, SpecCurve
from judgeaudit.report.figures.axes import limits, ticks_of
from judgeaudit.report.figures.canvas import (
    ACCENT,
    BAND,
    GATE,
    HUES,
    INK,
    LINE,
    PAPER,
    QUIET,
    Page,
    new_page,
    svg_of,
)
from judgeaudit.report.figures.paths import Look, draw_paths, looks_of
from judgeaudit.report.words.numbers import cut, number, visible

if TYPE_CHECKING:
    from matplotlib.axes import Axes


# A specification curve: the estimates of one contrast in order, and below them what each was made with.


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


# Raw and corrected values side by side: two points on a line, one line under another.


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


# How the order of methods changes with one choice: a column for each option, a line for each method.


#: pixels of a rank, of a letter, and of a tier of column names where they do not fit side by side
_STEP, _LETTER, _TIER = 34.0, 6.4, 15


def draw_bump(drawing: Bump, *, narrow: bool) -> Page:
    """Names stand at both ends of a line, or at the right alone where there is no room."""
    width, left, right = (360.0, 24.0, 262.0) if narrow else (760.0, 166.0, 594.0)
    most = max((rank for line in drawing.lines for rank in line.ranks), default=1.0)
    heads = [cut(visible(one), 15 if narrow else 18) for one in drawing.columns]
    space = (right - left) / max(1, len(heads) - 1)
    columns = [left + at * space for at in range(len(heads))] if len(heads) > 1 else [(left + right) / 2]
    tiers = min(len(heads), math.ceil(max(len(one) for one in heads) * _LETTER / space))
    top = 30.0 + _TIER * tiers
    page = new_page(width, top + _STEP * most + 6)
    sheet = page.sheet()
    for at, (head, x) in enumerate(zip(heads, columns, strict=True)):
        _column(page, sheet, head, x, 26.0 + _TIER * (at % tiers), first=at == drawing.first)
    page.write(2, 9, drawing.top, colour=QUIET, size=11.5)
    for line, look in zip(drawing.lines, looks_of([one.baseline for one in drawing.lines]), strict=True):
        heights = [top + _STEP * (most - rank + 0.5) for rank in line.ranks]
        _line(page, sheet, line, look, columns, heights, narrow=narrow)
    return page


def _column(page: Page, sheet: Axes, head: str, x: float, y: float, *, first: bool) -> None:
    """The name of an option, moved so that it stays on the page, and the line below it; that of the first analysis stands out."""
    half = len(head) * _LETTER / 2
    page.write(min(max(x, half), page.width - half), y, head, size=11.5, align="center")
    colour, dash = (GATE, (0, (4, 3))) if first else (QUIET, (0, (1, 3)))
    sheet.plot([x, x], [y + 9, page.height - 6], color=colour, linewidth=1.0, linestyle=dash, zorder=0)


def _line(
    page: Page, sheet: Axes, line: BumpLine, look: Look, xs: list[float], ys: list[float], *, narrow: bool
) -> None:
    sheet.plot(xs, ys, color=look.hue, linewidth=2.0, linestyle=look.dash, zorder=2)
    sheet.plot(xs, ys, color=look.hue, marker=look.marker, markersize=8, linestyle="none", zorder=3)
    name = cut(visible(line.label), 13 if narrow else 22)
    page.write(xs[-1] + 12, ys[-1], name, size=12)
    if not narrow:
        page.write(xs[0] - 12, ys[0], name, size=12, align="right")


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
