"""The sheet that drawings are made on, and how it becomes inline SVG. Colours are CSS variables, so that a drawing follows the page.

Same drawing, same bytes: no dates, fixed ids. Words that come from the audit never pass through matplotlib, which would
read `$` as mathematics; each stands as a token in the drawing and is put in, escaped, at the end.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from html import escape
from typing import TYPE_CHECKING, Literal

from judgeaudit.report.words.numbers import visible

Dash = str | tuple[float, tuple[float, ...]]

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
#: lines that stand beside each other: each has a hue, a marker and a dash of its own
HUES = ("#080808", "#090909", "#0a0a0a", "#0b0b0b", "#0c0c0c", "#0d0d0d")
VARIABLES |= {hue: f"var(--m{place})" for place, hue in enumerate(HUES, 1)}
MARKERS = ("o", "^", "D", "v", "P", "X")
DASHES: tuple[Dash, ...] = ("solid", (0, (6, 2)), (0, (2, 1.6)), (0, (8, 2, 2, 2)), (0, (4, 1.2)), (0, (1, 1)))
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

    def sheet(self) -> Axes:
        """Axes over the whole page, in pixels from the left and from the top, with nothing to be seen of them."""
        axes = self.axes(0, 0, self.width, self.height)
        axes.set_axis_off()
        axes.set_xlim(0, self.width)
        axes.set_ylim(self.height, 0)
        return axes


def new_page(width: float, height: float) -> Page:
    from matplotlib.figure import Figure as Canvas

    canvas = Canvas(figsize=(width / 72, height / 72), dpi=72)
    canvas.patch.set_visible(False)
    return Page(canvas, width, height)


def svg_of(page: Page, *, anchor: str, title: str, description: str) -> str:
    """matplotlib's file, cut down to an element that can stand in a page among others."""
    from io import StringIO

    file = StringIO()
    page.canvas.savefig(file, format="svg", metadata={"Date": None, "Creator": None, "Format": None, "Type": None})
    drawn = file.getvalue()
    body = drawn[drawn.index(">", drawn.index("<svg")) + 1 : drawn.rindex("</svg>")]
    body = re.sub(r"<metadata>.*?</metadata>|<style.*?</style>|<!--.*?-->", "", body, flags=re.DOTALL)
    body = body.replace("xlink:href", "href")
    body = re.sub(r'<g id="[^"]*"', "<g", body)
    short = {old: f"{at:x}" for at, old in enumerate(dict.fromkeys(re.findall(r'\bid="([mp][0-9a-f]{10})"', body)))}
    body = re.sub(r"\b[mp][0-9a-f]{10}\b", lambda found: short.get(found[0], found[0]), body)
    body = re.sub(r'\bid="', f'id="{anchor}-', body)
    body = re.sub(r'(href="|url\()#', rf"\1#{anchor}-", body)
    body = re.sub(r"font-family: [^;\"]*;? ?", "", re.sub(r"font: ([\d.]+px)[^;\"]*", r"font-size: \1", body))
    body = re.sub(r' transform="rotate\(-?0 [^"]*"', "", body)
    for placeholder, variable in VARIABLES.items():
        body = body.replace(placeholder, variable)
    body = re.sub(
        r"\d+\.\d{3,}", lambda found: f"{float(found[0]):.2f}".rstrip("0").rstrip("."), re.sub(" {2,}", " ", body)
    )
    body = _shorter(re.sub(r">\s+<", "><", body).replace("\n", " ").strip())
    tokens = {token: text for text, token in page.words.items()}
    body = re.sub(r"qq\d+qq", lambda found: escape(visible(tokens[found[0]])), body)
    names = f"{anchor}-title {anchor}-desc"
    return (
        f'<svg viewBox="0 0 {page.width:g} {page.height:g}" role="img" aria-labelledby="{names}">'
        f'<title id="{anchor}-title">{escape(visible(title))}</title>'
        f'<desc id="{anchor}-desc">{escape(visible(description))}</desc>{body}</svg>'
    )


def _shorter(body: str) -> str:
    """The same drawing in fewer letters: upright strokes by one number each, markers of one look under one style."""
    body = re.sub(r"M (\S+) (\S+) +L \1 (\S+) +", r"M\1 \2V\3", body)
    return re.sub(r'(?:<use [^>]*style="([^"]*)"/>)(?:<use [^>]*style="\1"/>)+', _under_one_style, body)


def _under_one_style(found: re.Match[str]) -> str:
    bare = re.sub(r' style="[^"]*"', "", found[0])
    return f'<g style="{found[1]}">{bare}</g>'
