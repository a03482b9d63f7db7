"""Axes of drawings: round ticks, limits that hold everything, labels that do not lie on one another."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import TYPE_CHECKING

from judgeaudit.report.figures.canvas import LINE
from judgeaudit.report.words.numbers import number

if TYPE_CHECKING:
    from matplotlib.axes import Axes

_STEPS = (0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1.0, 2.0, 5.0, 10.0, 20.0, 50.0)


def limits(values: Sequence[float], *, zero: bool) -> tuple[float, float]:
    """Ends of an axis that holds all values with some air; just below 0 where `zero` and nothing lies below."""
    low, high = min(values, default=0.0), max(values, default=1.0)
    air = max((high - low) * 0.06, 0.01)
    return low - (air / 2 if zero and low >= 0 else air), high + air


def step_of(low: float, high: float, most: int) -> float:
    """The smallest round step that needs no more ticks than `most`."""
    return next((step for step in _STEPS if (high - low) / step <= most), 10.0 ** math.ceil(math.log10(high - low)))


def ticks_of(low: float, high: float, most: int = 6) -> tuple[list[float], list[str]]:
    """Round numbers between two ends, and how they are written.

    >>> ticks_of(0.0, 0.42)
    ([0.0, 0.1, 0.2, 0.3, 0.4], ['0.0', '0.1', '0.2', '0.3', '0.4'])
    """
    step = step_of(low, high, most)
    places = 2 if step < 0.1 else 1 if step < 1 else 0
    found = [round(at * step, 6) for at in range(math.ceil(low / step - 1e-9), math.floor(high / step + 1e-9) + 1)]
    return found, [number(tick, places=places) if tick else f"{tick:.{places}f}" for tick in found]


def ruled(axes: Axes, x: tuple[float, float], y: tuple[float, float], *, most_x: int = 6, most_y: int = 5) -> None:
    """Limits, round ticks and a quiet grid on both axes."""
    axes.set_xlim(*x)
    axes.set_ylim(*y)
    axes.set_xticks(*ticks_of(*x, most_x))
    axes.set_yticks(*ticks_of(*y, most_y))
    axes.grid(color=LINE, linewidth=0.6)
    axes.set_axisbelow(True)
    for side in ("top", "right"):
        axes.spines[side].set_visible(False)


def apart(wanted: Sequence[float], *, gap: float, low: float, high: float) -> list[float]:
    """Places as near to those wanted as a gap between them allows, in the same order.

    >>> apart([10, 12, 50], gap=15, low=0, high=100)
    [10.0, 25.0, 50.0]
    """
    order = sorted(range(len(wanted)), key=wanted.__getitem__)
    placed = [0.0] * len(wanted)
    at = low - gap
    for one in order:
        at = max(float(wanted[one]), at + gap)
        placed[one] = at
    ceiling = high + gap
    for one in reversed(order):
        ceiling = min(placed[one], ceiling - gap)
        placed[one] = ceiling
    return placed
