"""What the drawings of a comparison of checkpoints hold: paths, pairs of points, specification curves, orders."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

KeyMark = Literal[
    "judge", "baseline", "band", "gate", "ring", "filled", "hollow", "bound", "up", "down", "open", "tick"
]
Key = tuple[tuple[KeyMark, str], ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class PathPoint:
    """A checkpoint: its capability, the rate there, and the rate of the panel below. `anchored`: the comparison is made here."""

    x: float
    y: float | None
    low: float | None = None
    high: float | None = None
    below: float | None = None
    corrected: bool = False
    anchored: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Path:
    """The checkpoints of one method in the order of training."""

    label: str
    points: tuple[PathPoint, ...]
    baseline: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Paths:
    """Paths side by side, a dashed line at the goal and the band about it; a second panel below where its axis has words."""

    x_axis: str
    y_axis: str
    below_axis: str
    paths: tuple[Path, ...]
    goal: float
    band: tuple[float, float]
    key: Key


@dataclass(frozen=True, slots=True, kw_only=True)
class DumbbellRow:
    """A raw and a corrected value of one thing; bounds stand in where a raw value does not exist."""

    label: str
    raw: float | None
    corrected: float | None
    low: float | None = None
    high: float | None = None
    bound_low: float | None = None
    bound_high: float | None = None
    words: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Dumbbell:
    axis: str
    rows: tuple[DumbbellRow, ...]
    key: Key


@dataclass(frozen=True, slots=True, kw_only=True)
class Choice:
    """A choice and its options; `at` says for each specification which option it takes."""

    name: str
    options: tuple[str, ...]
    at: tuple[int, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class SpecCurve:
    """Estimates of one contrast in ascending order, and below them which options each was made with."""

    axis: str
    value: tuple[float, ...]
    low: tuple[float | None, ...]
    high: tuple[float | None, ...]
    conclusion: tuple[str, ...]
    primary: int | None
    choices: tuple[Choice, ...]
    key: Key


@dataclass(frozen=True, slots=True, kw_only=True)
class BumpLine:
    """One method: its rank in each column; 1 stands lowest, ties share the mean of their ranks."""

    label: str
    ranks: tuple[float, ...]
    baseline: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Bump:
    """The order of methods under each option of one choice; `first` is the column of the analysis that stands first."""

    top: str
    columns: tuple[str, ...]
    lines: tuple[BumpLine, ...]
    first: int | None
    key: Key
