"""Laws of the drawings."""

from __future__ import annotations

import xml.etree.ElementTree as ET

import pandas as pd
import pytest

import judgeaudit as ja
from judgeaudit.report.content.document import Forest, ForestRow, Plot
from judgeaudit.report.content.view import view_of
from judgeaudit.report.figures.canvas import VARIABLES
from judgeaudit.report.figures.draw import draw
from judgeaudit.report.sections.decision import forest_figure

NAMES = ("a <b> & 'c'", "$x_1$ and $\\frac{", "漢字 emoji 😀", "qq0qq", "x" * 90, "")


@pytest.fixture(scope="module")
def forest() -> Forest:
    rows = [ForestRow(label=name, value=0.4, low=-0.31, high=0.9, words="0.40 [−0.31, 0.90]") for name in NAMES]
    rows.append(ForestRow(label="none", value=None, low=None, high=None, words="no value: too few items"))
    return Forest(axis="Cohen's kappa", rows=tuple(rows), band=(0.7, 0.8), band_label="people", gates=(0.667,), key=())


PLOT = Plot(x_axis="x", y_axis="y", x=(0.1, 0.9), y=(0.2, 0.8), low=(0.1, None), high=(0.3, None), diagonal=True)


@pytest.mark.parametrize("narrow", [False, True])
def test_a_drawing_is_xml_with_a_name(forest: Forest, narrow: bool) -> None:
    """Whatever the labels are, the drawing is one well-formed element with role, title and description."""
    drawn = ET.fromstring(draw(forest, anchor="f", title="A <title>", description="d & e", narrow=narrow))
    assert (drawn.tag, drawn.attrib["role"]) == ("svg", "img")
    assert [one.text for one in list(drawn)[:2]] == ["A <title>", "d & e"]


def test_labels_are_drawn_as_they_are(forest: Forest) -> None:
    """No label is read as mathematics, markup, or a placeholder of ours; long ones are cut."""
    drawn = ET.fromstring(draw(forest, anchor="f", title="t", description="d"))
    words = [one.text for one in drawn.iter("text")]
    assert [name for name in NAMES if name and len(name) < 30 and name not in words] == []
    assert "x" * 30 + "…" in words


def test_colours_are_the_page_s(forest: Forest) -> None:
    """Every colour is a variable, so that a drawing follows the page into the dark."""
    for drawing in (forest, PLOT):
        svg = draw(drawing, anchor="f", title="t", description="d")
        assert "#0" not in svg.replace('"#f-', "")
        assert not [colour for colour in VARIABLES if colour in svg]


def test_the_same_drawing_is_the_same_bytes(forest: Forest) -> None:
    """Neither time nor a user's own matplotlib settings change a drawing."""
    import matplotlib as mpl

    for drawing in (forest, PLOT):
        before = draw(drawing, anchor="f", title="t", description="d")
        with mpl.rc_context({"font.size": 30, "lines.linewidth": 9, "svg.hashsalt": "other"}):
            assert draw(drawing, anchor="f", title="t", description="d") == before


def test_where_the_reference_has_one_label_the_figure_shows_what_decides() -> None:
    """Kappa has no value there; false alarms do, and people's alpha is no ceiling of those."""
    frame = pd.DataFrame({"item_id": range(40), "ann": "0", "bob": "0", "judge": ["1"] * 9 + ["0"] * 31})
    audit = ja.audit_table(frame, human=["ann", "bob"], judges="judge", labels=["0", "1"], positive="1", scale="binary")
    view = view_of(audit.result, full=False)
    figure = forest_figure(view, view.questions[0])
    assert figure is not None
    assert isinstance(figure.drawing, Forest)
    assert [row.value for row in figure.drawing.rows if row.label == "judge"] == [pytest.approx(9 / 40)]
    assert (figure.drawing.band, figure.drawing.gates) == (None, ())
