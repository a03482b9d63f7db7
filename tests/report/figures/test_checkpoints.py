"""Laws of the drawings of a comparison: well formed, the page's colours, nothing by colour alone, labels as they are."""

from __future__ import annotations

import re
import xml.etree.ElementTree as ET

import pytest

from judgeaudit.report.content.document import Drawing
from judgeaudit.report.content.drawings import (
    Bump,
    BumpLine,
    Choice,
    Dumbbell,
    DumbbellRow,
    Path,
    PathPoint,
    Paths,
    SpecCurve,
)
from judgeaudit.report.figures.axes import apart, limits, ticks_of
from judgeaudit.report.figures.canvas import VARIABLES
from judgeaudit.report.figures.draw import draw
from judgeaudit.report.figures.paths import looks_of

NAMES = ("a <b> & 'c'", "$x_1$", "漢字", "qq0qq", "M 1 2 L 1 3 x", "")
POINTS = (PathPoint(x=0.5, y=0.1, below=0.2), PathPoint(x=0.7, y=0.3, low=0.2, high=0.4, anchored=True, corrected=True))
PATHS = Paths(
    x_axis="score",
    y_axis="share",
    below_axis="gibberish",
    paths=tuple(Path(label=name, points=POINTS, baseline=not at) for at, name in enumerate(NAMES)),
    goal=0.7,
    band=(0.68, 0.72),
    key=(),
)
DUMBBELL = Dumbbell(
    axis="share",
    rows=(
        *(DumbbellRow(label=name, raw=0.4, corrected=0.2, low=0.1, high=0.3, words="0.4") for name in NAMES),
        DumbbellRow(label="none", raw=None, corrected=None, bound_low=0.1, bound_high=0.9),
    ),
    key=(),
)
CURVE = SpecCurve(
    axis="difference",
    value=(-0.2, 0.0, 0.3),
    low=(-0.3, None, 0.1),
    high=(-0.1, None, 0.5),
    conclusion=("lower", "open", "higher"),
    primary=2,
    choices=(Choice(name="judge", options=NAMES, at=(0, 3, 5)),),
    key=(),
)
BUMP = Bump(
    top="highest on top",
    columns=NAMES,
    lines=tuple(BumpLine(label=name, ranks=(1.0, 2.5, 2.5, 4.0, 5.0, 6.0)) for name in NAMES),
    first=0,
    key=(),
)
DRAWINGS = (PATHS, DUMBBELL, CURVE, BUMP)


@pytest.mark.parametrize("narrow", [False, True])
@pytest.mark.parametrize("drawing", DRAWINGS, ids=lambda one: type(one).__name__)
def test_a_drawing_is_xml_with_a_name_and_the_page_s_colours(drawing: Drawing, narrow: bool) -> None:
    """One element with role, title and description; every colour a variable; the words as they are."""
    svg = draw(drawing, anchor="f", title="A <title>", description="d & e", narrow=narrow)
    drawn = ET.fromstring(svg)
    assert (drawn.tag, drawn.attrib["role"]) == ("svg", "img")
    assert [one.text for one in list(drawn)[:2]] == ["A <title>", "d & e"]
    assert not [colour for colour in VARIABLES if colour in svg]
    assert not re.search(r"(stroke|fill): #", svg)
    words = [one.text for one in drawn.iter("text")]
    assert [name for name in NAMES if name and len(name) < 13 and name not in words] == []


@pytest.mark.parametrize("drawing", DRAWINGS, ids=lambda one: type(one).__name__)
def test_the_same_drawing_is_the_same_bytes(drawing: Drawing) -> None:
    """A user's own matplotlib settings change nothing."""
    import matplotlib as mpl

    before = draw(drawing, anchor="f", title="t", description="d")
    with mpl.rc_context({"font.size": 30, "lines.linewidth": 9, "svg.hashsalt": "other"}):
        assert draw(drawing, anchor="f", title="t", description="d") == before


def test_what_is_referred_to_is_there() -> None:
    """Markers and clips are found under their short names, all of the drawing's own."""
    for drawing in DRAWINGS:
        svg = draw(drawing, anchor="f", title="t", description="d")
        ids = re.findall(r'\bid="([^"]*)"', svg)
        assert len(ids) == len(set(ids))
        assert {*re.findall(r'href="#([^"]*)"', svg), *re.findall(r"url\(#([^)]*)\)", svg)} <= set(ids)


def test_lines_are_told_apart_without_colour() -> None:
    """No two of the paths that stand in one picture share marker and dash."""
    looks = looks_of([True, *[False] * 6])
    assert len({(one.marker, one.dash) for one in looks}) == len(looks)


def test_names_do_not_lie_on_one_another() -> None:
    """Labels keep their order and their gap, and move no further than they must."""
    assert apart([10, 12, 50], gap=15, low=0, high=100) == [10.0, 25.0, 50.0]
    assert apart([99, 98, 97], gap=10, low=0, high=100) == [100.0, 90.0, 80.0]


def test_axes_hold_all_values() -> None:
    """Ticks are round and lie between the ends; a share's axis begins just below 0."""
    low, high = limits([0.0, 0.37], zero=True)
    assert low < 0 < 0.37 < high
    ticks, words = ticks_of(low, high)
    assert (ticks[0], words[0]) == (0.0, "0.0")
    assert all(low <= tick <= high for tick in ticks)
    assert ticks_of(-0.31, 0.12)[1] == ["−0.3", "−0.2", "−0.1", "0.0", "0.1"]
