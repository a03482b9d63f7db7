"""Drawings as inline SVG. Colours are CSS variables, so that a drawing follows the page into the dark.

Same drawing, same bytes: no dates, fixed ids. Words that come from the audit never pass through matplotlib, which would
read `$` as mathematics; each stands as a token in the drawing and is put in, escaped, at the end.
"""

from __future__ import annotations

import math
import re
from dataclasses import dataclass, field
from html import escape
from typing import TYPE_CHECKING, Literal

from judgeaudit.report.document import Forest, ForestRow, Plot
from judgeaudit.report.format import cut, number, visible

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure as Canvas

#: placeholder colour -> the variable that the page declares, once for light and once for dark
INK, QUIET, LINE, ACCENT, BAND, GATE, PAPER = (
    "#010101",
    "#020202",
    "#030303",
    "#040404",
    "#050505",
    "#060606",
    "#070707",
)
VARIABLES = {
    INK: "var(--ink)",
    QUIET: "var(--quiet)",
    LINE: "var(--line)",
    ACCENT: "var(--accent)",
    BAND: "var(--band)",
    GATE: "var(--gate)",
    PAPER: "var(--paper)",
}
TEXT = 13.0


@dataclass(frozen=True, slots=True)
class Page:
    """A drawing area in pixels; `words` holds the audit's texts behind their tokens."""

    canvas: Canvas
    width: float
    height: float
    words: dict[str, str] = field(default_factory=dict)

    def token(self, text: str) -> str:
        """What matplotlib is given in place of a text of the audit."""
        return self.words.setdefault(text, f"qq{len(self.words)}qq")

    def write(
        self,
        x: float,
        y: float,
        text: str,
        *,
        colour: str = INK,
        size: float = TEXT,
        align: Literal["left", "center", "right"] = "left",
    ) -> None:
        """Write at `x` pixels from the left and `y` from the top."""
        place = (x / self.width, 1 - y / self.height)
        self.canvas.text(*place, self.token(text), color=colour, fontsize=size, ha=align, va="center")

    def axes(self, left: float, top: float, right: float, bottom: float) -> Axes:
        """Axes between these pixels, from the left and from the top."""
        box = (left / self.width, 1 - bottom / self.height, (right - left) / self.width, (bottom - top) / self.height)
        axes = self.canvas.add_axes(box)
        axes.patch.set_visible(False)
        axes.tick_params(colors=QUIET, labelsize=11.5, length=4, width=0.8)
        for spine in axes.spines.values():
            spine.set_color(LINE)
        return axes


def draw(drawing: Forest | Plot, *, anchor: str, title: str, description: str, narrow: bool = False) -> str:
    """The drawing as one `<svg>` element, with role, title and description; `narrow` fits a phone."""
    import matplotlib.style

    ours: dict[str, str | bool] = {
        "svg.fonttype": "none",
        "svg.hashsalt": "judgeaudit",
        "text.parse_math": False,
        "axes.unicode_minus": False,
    }
    with matplotlib.style.context(["default", ours]):
        page = _forest(drawing, narrow=narrow) if isinstance(drawing, Forest) else _plot(drawing)
        return _svg(page, anchor=anchor, title=title, description=description)


def _new_page(width: float, height: float) -> Page:
    from matplotlib.figure import Figure as Canvas

    canvas = Canvas(figsize=(width / 72, height / 72), dpi=72)
    canvas.patch.set_visible(False)
    return Page(canvas, width, height)


def _ticks(low: float, high: float) -> list[float]:
    """Fifths where the axis is that of agreement; where a value lies far below, at most about ten round numbers."""
    span = high - low
    per = 5.0 if span <= 3 else 10.0 ** -math.ceil(math.log10(span / 10))
    return [tick / per for tick in range(math.ceil(low * per), math.floor(high * per + 1e-9) + 1)]


def _forest(drawing: Forest, *, narrow: bool) -> Page:
    """Wide: label, interval and value side by side. Narrow: label and value above each interval."""
    step, top = (46.0, 42.0) if narrow else (32.0, 40.0)
    bottom = top + step * len(drawing.rows)
    page = _new_page(360.0 if narrow else 760.0, bottom + 44)
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


def _plot(drawing: Plot) -> Page:
    page = _new_page(420.0, 360.0)
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


def _svg(page: Page, *, anchor: str, title: str, description: str) -> str:
    """matplotlib's file, cut down to an element that can stand in a page among others."""
    from io import StringIO

    file = StringIO()
    page.canvas.savefig(file, format="svg", metadata={"Date": None, "Creator": None, "Format": None, "Type": None})
    drawn = file.getvalue()
    body = drawn[drawn.index(">", drawn.index("<svg")) + 1 : drawn.rindex("</svg>")]
    body = re.sub(r"<metadata>.*?</metadata>|<style.*?</style>|<!--.*?-->", "", body, flags=re.DOTALL)
    body = body.replace("xlink:href", "href")
    body = re.sub(r'<g id="[^"]*"', "<g", body)
    body = re.sub(r'\bid="', f'id="{anchor}-', body)
    body = re.sub(r'(href="|url\()#', rf"\1#{anchor}-", body)
    body = re.sub(r"font-family: [^;\"]*;? ?", "", re.sub(r"font: ([\d.]+px)[^;\"]*", r"font-size: \1", body))
    body = re.sub(r' transform="rotate\(-?0 [^"]*"', "", body)
    for placeholder, variable in VARIABLES.items():
        body = body.replace(placeholder, variable)
    tokens = {token: text for text, token in page.words.items()}
    body = re.sub(
        r"\d+\.\d{3,}", lambda found: f"{float(found[0]):.2f}".rstrip("0").rstrip("."), re.sub(" {2,}", " ", body)
    )
    body = re.sub(r"qq\d+qq", lambda found: escape(visible(tokens[found[0]])), body)
    body = re.sub(r">\s+<", "><", body).replace("\n", " ").strip()
    names = f"{anchor}-title {anchor}-desc"
    return (
        f'<svg viewBox="0 0 {page.width:g} {page.height:g}" role="img" aria-labelledby="{names}">'
        f'<title id="{anchor}-title">{escape(visible(title))}</title>'
        f'<desc id="{anchor}-desc">{escape(visible(description))}</desc>{body}</svg>'
    )
