"""A page as data: what it says, in order, with no word about how it looks. Renderers turn it into each format."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from judgeaudit.domain.results.audit import Finding
from judgeaudit.report.content.drawings import Bump, Dumbbell, KeyMark, Paths, SpecCurve
from judgeaudit.report.words.codes import plural
from judgeaudit.report.words.numbers import brief, footing

Style = Literal["plain", "strong", "quiet", "code"]
Tone = Literal["plain", "lead", "quiet", "warning"]
Mark = Literal["", "certified", "restricted", "rejected", "undetermined"]


@dataclass(frozen=True, slots=True)
class Run:
    """Some words in one style."""

    text: str
    style: Style = "plain"


Line = tuple[Run, ...]
#: rows from which on a table is folded
LONG = 12


@dataclass(frozen=True, slots=True, kw_only=True)
class Paragraph:
    line: Line
    tone: Tone = "plain"


@dataclass(frozen=True, slots=True, kw_only=True)
class Bullets:
    lines: tuple[Line, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Code:
    """Something to copy, such as a command."""

    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Heading:
    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Cell:
    """One field of a table: text, a smaller line under it, a mark (shape beside the words), heat from 0 (low) to 4."""

    text: str
    under: str = ""
    mark: Mark = ""
    heat: int | None = None
    numeric: bool = False
    code: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Column:
    title: str
    under: str = ""
    numeric: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Table:
    """Every row has one cell per column; the first cell names its row."""

    caption: str
    columns: tuple[Column, ...]
    rows: tuple[tuple[Cell, ...], ...]
    note: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class ForestRow:
    label: str
    value: float | None
    low: float | None
    high: float | None
    baseline: bool = False
    words: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Forest:
    """Intervals one under another, a shaded band for the human ceiling, dashed lines for what the gate asks.

    `key` explains the band, the lines and the hollow points in words, in this order and only where they occur.
    """

    axis: str
    rows: tuple[ForestRow, ...]
    band: tuple[float, float] | None
    band_label: str
    gates: tuple[float, ...]
    key: tuple[tuple[KeyMark, str], ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Plot:
    """One line with interval bars per point. `diagonal` is drawn where y = x is the ideal; a band where the ideal has one."""

    x_axis: str
    y_axis: str
    x: tuple[float, ...]
    y: tuple[float, ...]
    low: tuple[float | None, ...]
    high: tuple[float | None, ...]
    diagonal: bool
    band_low: tuple[float, ...] = ()
    band_high: tuple[float, ...] = ()


Drawing = Forest | Plot | Paths | Dumbbell | SpecCurve | Bump


@dataclass(frozen=True, slots=True, kw_only=True)
class Figure:
    """A drawing, and the table that holds every number in it."""

    anchor: str
    title: str
    description: str
    drawing: Drawing
    table: Table


@dataclass(frozen=True, slots=True, kw_only=True)
class Card:
    """A decision: shape, words, whom it is about, and sentences."""

    who: str
    mark: Mark
    badge: str
    scope: tuple[str, ...]
    sentences: tuple[str, ...]
    quiet: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Cards:
    cards: tuple[Card, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Passage:
    """A foreign text with its line breaks. `note` says what was cut."""

    title: str
    text: str
    note: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Case:
    """An item on which a judge and the reference differ. `group` is its place in `Cases.groups`."""

    group: int
    title: str
    line: Line
    passages: tuple[Passage, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Cases:
    groups: tuple[str, ...]
    cases: tuple[Case, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Fold:
    """Blocks that are out of the way until wanted."""

    summary: str
    blocks: tuple[Block, ...]


Block = Paragraph | Bullets | Code | Heading | Table | Figure | Cards | Cases | Fold


@dataclass(frozen=True, slots=True, kw_only=True)
class Section:
    anchor: str
    title: str
    blocks: tuple[Block, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Document:
    """`banner` is empty where people gave the labels; otherwise it stands large at the top."""

    title: str
    subtitle: str
    banner: str
    banner_text: str
    sections: tuple[Section, ...]
    footer: str


def fold_long(table: Table, *, rows: int | None = None) -> Table | Fold:
    """The table, folded where it, or the group of tables that it belongs to, has more rows than a screen shows at a glance."""
    if (len(table.rows) if rows is None else rows) <= LONG:
        return table
    return Fold(summary=f"{table.caption}: {plural(len(table.rows), 'row')}", blocks=(table,))


def line(*parts: str | Run) -> Line:
    """A line of runs; plain texts need no Run."""
    return tuple(Run(part) if isinstance(part, str) else part for part in parts)


def paragraph(*parts: str | Run, tone: Tone = "plain") -> Paragraph:
    return Paragraph(line=line(*parts), tone=tone)


def strong(text: str) -> Run:
    return Run(text, "strong")


def quiet(text: str) -> Run:
    return Run(text, "quiet")


def code(text: str) -> Run:
    return Run(text, "code")


def words(text: str, *, under: str = "", mark: Mark = "") -> Cell:
    """A cell of words."""
    return Cell(text=text, under=under, mark=mark)


def measured(finding: Finding | None, *, heat: int | None = None) -> Cell:
    """A cell with an estimate and what it stands on; the reason where there is no value."""
    return Cell(text=brief(finding), under=footing(finding), heat=heat, numeric=True)


def figures(text: str, *, under: str = "", heat: int | None = None) -> Cell:
    """A cell of numbers."""
    return Cell(text=text, under=under, heat=heat, numeric=True)
