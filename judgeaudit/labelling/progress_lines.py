"""How far a round is, to be read on a terminal."""

from __future__ import annotations

from collections.abc import Sequence

from judgeaudit.domain.errors import one_line
from judgeaudit.labelling.progress import Cell, Outlook, Progress, RaterWork


def progress_lines(progress: Progress) -> list[str]:
    """The same, to be read on a terminal of 100 columns."""
    whole = progress.whole
    share = f" ({whole.given / whole.wanted:.0%})" if whole.wanted else ""
    lines = [
        f"round {progress.round}: {whole.complete:,} of {whole.items:,} items complete, "
        f"{whole.given:,} of {whole.wanted:,} labels{share}, {progress.overlap} people for each item"
    ]
    cells = [whole, *(cell for cell in progress.cells if len(progress.cells) > 1)]
    lines += [
        "",
        *_table(("stratum", "items", "sent", "begun", "complete", "labels"), [_cell_row(one) for one in cells]),
    ]
    if progress.raters:
        lines += ["", *_rater_table(progress.raters)]
    majority = f", {progress.tied:,} of them without a majority" if progress.disputed else ""
    dispute = f"in dispute: {progress.disputed:,} of the complete items{majority}"
    stuck = f"{progress.stuck:,} unfinished tasks wait for a new rater: all who label have answered or skipped them"
    return [*lines, "", dispute, *_outlook_lines(progress.outlook), *([stuck] if progress.stuck else [])]


def _cell_row(cell: Cell) -> tuple[str, ...]:
    numbers = (cell.items, cell.sent, cell.begun, cell.complete)
    return (one_line(cell.cell, limit=44), *(f"{number:,}" for number in numbers), f"{cell.given:,} / {cell.wanted:,}")


def _rater_table(raters: Sequence[RaterWork]) -> list[str]:
    """Columns that say nothing of anybody are left out."""
    names = [
        "rater",
        "items",
        "skipped",
        "cannot",
        "median s",
        "last hour",
        "seen (UTC)",
        "repeats",
        "known",
    ]
    rows = [_rater_row(one) for one in raters]
    kept = [place for place in range(len(names)) if any(row[place] not in ("", "0") for row in rows) or place < 2]
    return _table([names[place] for place in kept], [[row[place] for place in kept] for row in rows])


def _rater_row(one: RaterWork) -> tuple[str, ...]:
    return (
        one_line(one.rater, limit=14),
        f"{one.items:,}",
        f"{one.skipped:,}",
        f"{one.cannot_judge:,}",
        "" if one.median_seconds is None else f"{one.median_seconds:.1f}",
        f"{one.last_hour:,}",
        one.last_seen[5:16].replace("T", " "),
        f"{one.repeats:,}",
        f"{one.calibration_right}/{one.calibration_all}" if one.calibration_all else "",
    )


def _table(names: Sequence[str], rows: Sequence[Sequence[str]]) -> list[str]:
    """Names to the left, everything else to the right."""
    cells = [tuple(names), *map(tuple, rows)]
    widths = [max(map(len, column)) for column in zip(*cells, strict=True)]
    lines = []
    for first, *others in cells:
        padded = [text.rjust(width) for text, width in zip(others, widths[1:], strict=True)]
        lines.append("  ".join([first.ljust(widths[0]), *padded]).rstrip())
    return lines


def _outlook_lines(outlook: Outlook) -> list[str]:
    if not outlook.labels:
        return ["nothing is wanted any more"]
    checks = f", {outlook.checks:,} of them repeats and calibration" if outlook.checks else ""
    work = f": {_duration(outlook.work_seconds / 3600)} of work" if outlook.work_seconds is not None else ""
    wanted = f"still wanted: {outlook.labels:,} answers{checks}{work}"
    if outlook.hours is None:
        return [wanted, f"when that will be done cannot be told: {outlook.reason}"]
    return [wanted, f"at the present speed that is done in {_duration(outlook.hours)}"]


def _duration(hours: float) -> str:
    """Hours as one would say them.

    >>> _duration(0.3), _duration(0.01), _duration(5.25), _duration(100)
    ('18 minutes', 'a minute', '5.2 hours', '4.2 days')
    """
    if hours < 1:
        minutes = round(hours * 60)
        return f"{minutes} minutes" if minutes > 1 else "a minute"
    return f"{hours:.1f} hours" if hours < 48 else f"{hours / 24:.1f} days"
