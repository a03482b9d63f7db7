"""Paths of methods over their checkpoints: capability from left to right, a rate upwards, a second rate in a panel below."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, NamedTuple

from judgeaudit.report.content.drawings import Path, PathPoint, Paths
from judgeaudit.report.figures.axes import apart, limits, ruled
from judgeaudit.report.figures.canvas import (
    BAND,
    DASHES,
    GATE,
    HUES,
    INK,
    LINE,
    MARKERS,
    PAPER,
    QUIET,
    Dash,
    Page,
    new_page,
)
from judgeaudit.report.words.numbers import cut, visible

if TYPE_CHECKING:
    from matplotlib.axes import Axes


class Look(NamedTuple):
    """How a line is told from the others without its colour, and with it."""

    hue: str
    marker: str
    dash: Dash


class Panel(NamedTuple):
    """Axes with their place on the page, so that a value can be found in pixels."""

    axes: Axes
    left: float
    top: float
    right: float
    bottom: float

    def pixel(self, x: float, y: float) -> tuple[float, float]:
        (x0, x1), (y0, y1) = self.axes.get_xlim(), self.axes.get_ylim()
        return (
            self.left + (x - x0) / (x1 - x0) * (self.right - self.left),
            self.bottom - (y - y0) / (y1 - y0) * (self.bottom - self.top),
        )


class _Layout(NamedTuple):
    """Pixels of a page: its width, the right end of its panels, their heights; how many ticks and letters fit."""

    width: float
    right: float
    upper: float
    lower: float
    ticks: int
    letters: int


_WIDE = _Layout(width=760.0, right=600.0, upper=310.0, lower=130.0, ticks=8, letters=22)
_NARROW = _Layout(width=360.0, right=252.0, upper=266.0, lower=122.0, ticks=4, letters=12)
#: where panels begin, and what lies between two of them or below the last, in pixels
_LEFT, _TOP, _BETWEEN = 46.0, 40.0, 46.0


def looks_of(baselines: Sequence[bool]) -> list[Look]:
    """A look for each line: the baseline's is quiet with squares, the others take hue, marker and dash in turn."""
    looks, turn = [], 0
    for baseline in baselines:
        if baseline:
            looks.append(Look(QUIET, "s", "solid"))
        else:
            looks.append(
                Look(HUES[turn % len(HUES)], MARKERS[turn % len(MARKERS)], DASHES[turn // len(HUES) % len(DASHES)])
            )
            turn += 1
    return looks


def draw_paths(drawing: Paths, *, narrow: bool) -> Page:
    """The rate above, the second rate below where there is one; names stand beside the end of each path."""
    layout = _NARROW if narrow else _WIDE
    bottom = _TOP + layout.upper
    if drawing.below_axis:
        bottom += _BETWEEN + layout.lower
    page = new_page(layout.width, bottom + _BETWEEN)
    looks = looks_of([path.baseline for path in drawing.paths])
    _draw_rate(page, layout, drawing, looks)
    if drawing.below_axis:
        _draw_second_rate(page, layout, drawing, looks)
    page.write((_LEFT + layout.right) / 2, bottom + 34, drawing.x_axis, colour=QUIET, size=11.5, align="center")
    return page


def _draw_rate(page: Page, layout: _Layout, drawing: Paths, looks: Sequence[Look]) -> None:
    """The upper panel: the paths, the anchors with their intervals, and the names."""
    panel = _panel(page, layout, _TOP, _TOP + layout.upper)
    shown = [edge for path in drawing.paths for one in path.points for edge in (one.y, *_bars(one)) if edge is not None]
    ruled(panel.axes, _capability(drawing), limits([0.0, *shown], zero=True), most_x=layout.ticks)
    page.write(2, panel.top - 30, drawing.y_axis, colour=QUIET, size=11.5)
    _goal(page, panel, drawing, word=True)
    for path, look in zip(drawing.paths, looks, strict=True):
        _line(panel.axes, [(one.x, one.y, one.corrected) for one in path.points], look)
        _anchors(panel.axes, path, look)
    _names(page, panel, drawing.paths, looks, limit=layout.letters)


def _draw_second_rate(page: Page, layout: _Layout, drawing: Paths, looks: Sequence[Look]) -> None:
    """The lower panel: the same paths by their second rate, over the same capabilities."""
    top = _TOP + layout.upper + _BETWEEN
    panel = _panel(page, layout, top, top + layout.lower)
    shown = [one.below for path in drawing.paths for one in path.points if one.below is not None]
    ruled(panel.axes, _capability(drawing), limits([0.0, *shown], zero=True), most_x=layout.ticks, most_y=3)
    page.write(2, panel.top - 14, drawing.below_axis, colour=QUIET, size=11.5)
    _goal(page, panel, drawing, word=False)
    for path, look in zip(drawing.paths, looks, strict=True):
        _line(panel.axes, [(one.x, one.below, True) for one in path.points], look)


def _panel(page: Page, layout: _Layout, top: float, bottom: float) -> Panel:
    return Panel(page.axes(_LEFT, top, layout.right, bottom), _LEFT, top, layout.right, bottom)


def _capability(drawing: Paths) -> tuple[float, float]:
    """The ends of the horizontal axis: every checkpoint, the goal and its band lie between them."""
    shown = [one.x for path in drawing.paths for one in path.points]
    return limits([*drawing.band, drawing.goal, *shown], zero=False)


def _bars(one: PathPoint) -> tuple[float | None, float | None]:
    return (one.low, one.high) if one.anchored else (None, None)


def _goal(page: Page, panel: Panel, drawing: Paths, *, word: bool) -> None:
    panel.axes.axvspan(*drawing.band, color=BAND, linewidth=0, zorder=0.3)
    panel.axes.axvline(drawing.goal, color=GATE, linewidth=1.4, linestyle=(0, (4, 3)), zorder=0.6)
    if word:
        at, _ = panel.pixel(drawing.goal, panel.axes.get_ylim()[1])
        page.write(at, panel.top - 9, "goal", colour=GATE, size=11.5, align="center")


def _line(axes: Axes, points: Sequence[tuple[float, float | None, bool]], look: Look) -> None:
    """A path through the points that have a value; filled markers are corrected, hollow ones raw."""
    there = [(x, y, corrected) for x, y, corrected in points if y is not None]
    axes.plot([x for x, _, _ in there], [y for _, y, _ in there], color=look.hue, linewidth=1.7, linestyle=look.dash)
    for filled in (True, False):
        held = [(x, y) for x, y, corrected in there if corrected is filled]
        if held:
            axes.plot(
                [x for x, _ in held], [y for _, y in held], color=look.hue, marker=look.marker, markersize=6.5,
                markerfacecolor=look.hue if filled else PAPER, markeredgewidth=1.5, linestyle="none", zorder=3,
            )  # fmt: skip


def _anchors(axes: Axes, path: Path, look: Look) -> None:
    """A ring about each checkpoint at which methods are compared, and the interval there."""
    for one in path.points:
        if one.anchored and one.y is not None:
            axes.plot(
                [one.x],
                [one.y],
                marker="o",
                markersize=15,
                markerfacecolor="none",
                color=INK,
                markeredgewidth=1.5,
                zorder=4,
            )
            if one.low is not None and one.high is not None:
                axes.vlines(one.x, one.low, one.high, color=look.hue, linewidth=2.2, zorder=2)


def _names(page: Page, panel: Panel, paths: Sequence[Path], looks: Sequence[Look], *, limit: int) -> None:
    """Names in a column at the right, each with its marker and a thin line to where its path ends."""
    ends: list[tuple[int, float, float]] = []
    for place, path in enumerate(paths):
        known = [one for one in path.points if one.y is not None]
        if known:
            ends.append((place, *panel.pixel(known[-1].x, known[-1].y or 0.0)))
    placed = apart([y for _, _, y in ends], gap=17, low=panel.top, high=panel.bottom)
    sheet, column = page.sheet(), panel.right + 12
    for (place, x, y), at in zip(ends, placed, strict=True):
        sheet.plot([x + 6, column], [y, at], color=LINE, linewidth=0.9, zorder=0)
        sheet.plot([column + 5], [at], marker=looks[place].marker, color=looks[place].hue, markersize=6.5)
        page.write(column + 15, at, cut(visible(paths[place].label), limit), size=12)
