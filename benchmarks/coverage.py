"""Do the intervals that an audit prints hold what they promise? Samples with known true values, defaults as shipped.

Every sample goes the way of an audit: `Ratings` arrays, then the function that makes the findings. A row counts how often
the 95% interval held the truth, how often the truth lay below its lower bound (the error that would certify a judge
wrongly, nominally 2.5%) or above its upper bound, and how many samples had no value.

Run: python benchmarks/coverage.py [--samples 2000] [--cells WORD ...] [--seed 1] [--json FILE] [--markdown FILE]
"""

from __future__ import annotations

import argparse
import json
import sys
import time
import zlib
from concurrent.futures import ProcessPoolExecutor
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, NamedTuple

import coverage_cells
import coverage_differences
import coverage_rates

#: what a cell is: it has a name, a group and the true values of its statistics; its module gives a sample's intervals
Cell = coverage_cells.Cell | coverage_differences.Cell | coverage_rates.RateCell
MODULES: tuple[Any, ...] = (coverage_cells, coverage_differences, coverage_rates)
CELLS: dict[str, Cell] = {name: cell for module in MODULES for name, cell in module.CELLS.items()}

TARGET = (0.92, 0.99)
LOWER = 0.04
PROCESSES = 2
CHUNK = 250


class Row(NamedTuple):
    """What was seen of one statistic in one cell; `defined` samples are those with a value and an interval."""

    cell: str
    group: str
    statistic: str
    truth: float
    samples: int
    defined: int
    below: int
    above: int
    width: float

    @property
    def coverage(self) -> float:
        return 1.0 - (self.below + self.above) / max(self.defined, 1)

    @property
    def lower_error(self) -> float:
        return self.below / max(self.defined, 1)

    @property
    def mark(self) -> str:
        """`!` where the interval promises too much, `+` where it is wider than it need be, else nothing."""
        if self.coverage < TARGET[0] or self.lower_error > LOWER:
            return "!"
        return "+" if self.coverage > TARGET[1] else ""


def chunk(cell: Cell, *, first: int, samples: int, seed: int) -> dict[str, list[float]]:
    """Samples first … first + samples − 1 of a cell: statistic -> [defined, below, above, sum of widths].

    A sample's random numbers depend on seed, cell and its number alone, so that chunks and processes change nothing.
    """
    tally = {name: [0.0, 0.0, 0.0, 0.0] for name in cell.truth}
    module = next(one for one in MODULES if cell.name in one.CELLS)
    for number in range(first, first + samples):
        found = module.intervals_of(cell, seed=[seed, zlib.crc32(cell.name.encode()), number])
        for name, (low, high) in found.items():
            truth = cell.truth[name]
            part = (1.0, float(truth < low), float(truth > high), high - low)
            tally[name] = [a + b for a, b in zip(tally[name], part, strict=True)]
    return tally


def rows_of(cell: Cell, tallies: list[dict[str, list[float]]], *, samples: int) -> list[Row]:
    """The chunks of one cell added up."""
    out = []
    for name, truth in cell.truth.items():
        defined, below, above, width = (sum(t[name][j] for t in tallies) for j in range(4))
        width /= max(defined, 1.0)
        out.append(Row(cell.name, cell.group, name, truth, samples, int(defined), int(below), int(above), width))
    return out


def _one(job: tuple[str, int, int, int]) -> tuple[str, dict[str, list[float]]]:
    name, first, samples, seed = job
    return name, chunk(CELLS[name], first=first, samples=samples, seed=seed)


def simulate(names: list[str], *, samples: int, seed: int) -> list[Row]:
    """Every named cell with so many samples, on two processes; progress goes to stderr."""
    jobs = [(n, first, min(CHUNK, samples - first), seed) for n in names for first in range(0, samples, CHUNK)]
    done: dict[str, list[dict[str, list[float]]]] = {name: [] for name in names}
    rows: list[Row] = []
    with ProcessPoolExecutor(PROCESSES) as pool:
        for name, tally in pool.map(_one, jobs):
            done[name].append(tally)
            if len(done[name]) == -(-samples // CHUNK):
                rows += rows_of(CELLS[name], done[name], samples=samples)
                print(f"{name}", file=sys.stderr, flush=True)
    return rows


def table(rows: list[Row]) -> str:
    """The rows as Markdown, one table per group."""
    lines: list[str] = []
    for group in dict.fromkeys(row.group for row in rows):
        lines += ["", f"## {group}", ""]
        lines.append("| cell | statistic | truth | coverage | truth below | truth above | undefined | width | |")
        lines.append("|---|---|--:|--:|--:|--:|--:|--:|---|")
        for r in rows:
            if r.group == group:
                shares = (r.coverage, r.lower_error, r.above / max(r.defined, 1), 1.0 - r.defined / r.samples)
                cells = [r.cell, f"`{r.statistic}`", f"{r.truth:.3f}", *(f"{100 * s:.1f}%" for s in shares)]
                lines.append("| " + " | ".join([*cells, f"{r.width:.3f}", r.mark]) + " |")
    return "\n".join(lines)


def summary(rows: list[Row]) -> str:
    """How many rows hold the target."""
    marks = [row.mark for row in rows]
    return f"{len(rows)} rows: {marks.count('!')} promise too much, {marks.count('+')} are wider than need be."


def page(rows: list[Row], *, command: str, samples: int, seed: int, seconds: float) -> str:
    """The whole page docs/coverage.md."""
    low, high, error = 100 * TARGET[0], 100 * TARGET[1], 100 * (0.05 * 0.95 / samples) ** 0.5
    head = f"""# Coverage of the intervals

How often a 95% interval of this package held the true value in simulated samples, with the defaults as shipped. *Truth
below* is the error that would certify a judge wrongly: the true value lay under the lower bound (nominally 2.5%).
*Undefined* samples (the reference saw one class, say) have no value and are left out of the shares.

The target of a row is {low:.0f}–{high:.0f}% coverage with at most {100 * LOWER:.0f}% of truths below. `!` marks a row that
promises too much, `+` one that is wider than it need be. {summary(rows)}

Prompts whose difficulty varies with sd 1.5 on the logit are a stress test: items of one prompt then count for about a
fifth of their number, and with up to about 50 such prompts the lower bound errs somewhat more often than it says. With
50 items and hardly any disagreement the leave-one-out difference is wider than it need be. From 100 labels of which 5 are positive
PPI++ promises too much; the post-stratified rate, which stands for the design, holds its 95%.

Made by `{command}` on {datetime.now(UTC):%Y-%m-%d}: {samples:,} samples a cell, seed {seed}, {seconds / 60:.0f} minutes on
two processes. Simulation error of a share near 95%: ±{error:.1f} points (one standard error)."""
    return f"{head}\n{table(rows)}\n"


def main() -> int:
    """Runs the cells and prints or writes the tables."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--samples", type=int, default=2000)
    parser.add_argument("--cells", nargs="*", default=[], metavar="WORD", help="only cells whose name holds a word")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--json", type=Path, metavar="FILE")
    parser.add_argument("--markdown", type=Path, metavar="FILE")
    asked = parser.parse_args()
    names = [name for name in CELLS if not asked.cells or any(word in name for word in asked.cells)]
    if not names:
        parser.error(f"no cell holds {', '.join(asked.cells)}; cells are {', '.join(CELLS)}")
    start = time.monotonic()
    rows = simulate(names, samples=asked.samples, seed=asked.seed)
    seconds = time.monotonic() - start
    print(table(rows))
    print(f"\n{summary(rows)} {seconds:.0f} s")
    if asked.json:
        plain = [{**r._asdict(), "coverage": r.coverage, "lower_error": r.lower_error, "mark": r.mark} for r in rows]
        asked.json.write_text(json.dumps(plain, indent=1) + "\n", "utf-8")
    if asked.markdown:
        words = [f"--cells {' '.join(asked.cells)}"] if asked.cells else []
        command = " ".join(["python benchmarks/coverage.py", f"--samples {asked.samples} --seed {asked.seed}", *words])
        text = page(rows, command=command, samples=asked.samples, seed=asked.seed, seconds=seconds)
        asked.markdown.write_text(text, "utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
