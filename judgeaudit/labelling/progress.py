"""How far a round of labelling is: per stratum and rater, what is in dispute, and what is still wanted."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from statistics import median

from judgeaudit.domain.errors import one_line
from judgeaudit.domain.labelling import MAIN, PlannedTask
from judgeaudit.domain.question import Question, canonical
from judgeaudit.labelling.dispute import ABOUT_ITEMS, disputes_among
from judgeaudit.labelling.standing import Showing, showings

HOUR = timedelta(hours=1)
#: fewer labels than these in an hour tell no speed
_FEW = 5
ALL = "all"


@dataclass(frozen=True, slots=True, kw_only=True)
class Cell:
    """A cell of strata, or all of them. `given` of the `wanted` labels: of one item only as many count as are wanted."""

    cell: str
    items: int
    sent: int
    begun: int
    complete: int
    given: int
    wanted: int


@dataclass(frozen=True, slots=True, kw_only=True)
class RaterWork:
    """What one rater did in the round. Items are counted once, repeats and calibration items apart.

    cannot_judge  items with a question that the rater could not judge
    last_hour     answers in the hour up to the last one
    last_seen     when the last one came, by the server's clock, as ISO 8601; "" where answers carry no times
    calibration   known answers met, of `calibration_all` that the rater gave on items with a known answer
    """

    rater: str
    items: int
    skipped: int
    cannot_judge: int
    median_seconds: float | None
    last_hour: int
    last_seen: str
    repeats: int
    calibration_right: int
    calibration_all: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Outlook:
    """What the plan still wants: answers, of them those about repeats and calibration items, and how long they take.

    work_seconds  at the median time of an answer so far; None where answers carry no times
    hours         until the last one at the speed of the last hour; None, with the reason, where that cannot be told
    """

    labels: int
    checks: int
    work_seconds: float | None
    hours: float | None
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Progress:
    """A round at one moment. `disputed` complete items have differing labels, `tied` of them without a majority."""

    round: str
    overlap: int
    whole: Cell
    cells: tuple[Cell, ...]
    raters: tuple[RaterWork, ...]
    disputed: int
    tied: int
    outlook: Outlook


def progress(
    tasks: Sequence[PlannedTask],
    rows: Iterable[Mapping[str, str]],
    *,
    questions: Mapping[str, Question],
    sent: Collection[str],
    overlap: int,
    now: datetime,
    round_name: str = MAIN,
) -> Progress:
    """What came of a plan so far. An item is complete when `overlap` raters answered it; a skip is no answer."""
    shown = showings(rows, round_name=round_name)
    people: defaultdict[tuple[str, str], set[str]] = defaultdict(set)
    for showing in shown:
        if showing.answered:
            people[showing.item_id, showing.purpose].add(showing.rater)
    given = [min(len(people[task.item_id, task.purpose]), overlap) for task in tasks]
    counted = [(task, count) for task, count in zip(tasks, given, strict=True) if task.purpose in ABOUT_ITEMS]
    cells = tuple(
        _cell(name, [one for one in counted if one[0].cell == name], sent, overlap)
        for name in sorted({task.cell for task, _ in counted})
    )
    complete = {task.item_id for task, count in counted if count >= overlap}
    disputes = disputes_among((one for one in shown if one.item_id in complete), questions)
    whole = _cell(ALL, counted, sent, overlap)
    missing = len(tasks) * overlap - sum(given)
    return Progress(
        round=round_name,
        overlap=overlap,
        whole=whole,
        cells=cells,
        raters=_raters(tasks, shown),
        disputed=len(disputes),
        tied=sum(one.tied for one in disputes),
        outlook=_outlook(missing, missing - whole.wanted + whole.given, shown, now),
    )


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
    return [*lines, "", dispute, *_outlook_lines(progress.outlook)]


def _cell(name: str, counted: Sequence[tuple[PlannedTask, int]], sent: Collection[str], overlap: int) -> Cell:
    return Cell(
        cell=name,
        items=len(counted),
        sent=sum(task.ja_id in sent for task, _ in counted),
        begun=sum(count > 0 for _, count in counted),
        complete=sum(count >= overlap for _, count in counted),
        given=sum(count for _, count in counted),
        wanted=len(counted) * overlap,
    )


def _raters(tasks: Sequence[PlannedTask], shown: Sequence[Showing]) -> tuple[RaterWork, ...]:
    known = {task.item_id: dict(task.known) for task in tasks if task.known}
    by_rater: defaultdict[str, list[Showing]] = defaultdict(list)
    for showing in shown:
        by_rater[showing.rater].append(showing)
    return tuple(_rater(name, by_rater[name], known) for name in sorted(by_rater))


def _rater(name: str, shown: Sequence[Showing], known: Mapping[str, Mapping[str, str]]) -> RaterWork:
    answered = [one for one in shown if one.answered]
    kinds = Counter("item" if one.purpose in ABOUT_ITEMS else one.purpose for one in answered)
    moments = [one.moment for one in answered if one.moment is not None]
    seconds = [one.seconds for one in answered if one.seconds is not None]
    right = [
        canonical(label) == canonical(answer)
        for one in answered
        if one.purpose == "calibration"
        for question, answer in {**known.get(one.item_id, {}), **one.known}.items()
        if (label := one.answers.get(question)) is not None
    ]
    return RaterWork(
        rater=name,
        items=kinds["item"],
        skipped=sum(one.skipped for one in shown),
        cannot_judge=sum(bool(one.unable) for one in answered if one.purpose in ABOUT_ITEMS),
        median_seconds=median(seconds) if seconds else None,
        last_hour=sum(moment > max(moments) - HOUR for moment in moments),
        last_seen=max(moments).astimezone(UTC).isoformat() if moments else "",
        repeats=kinds["repeat"],
        calibration_right=sum(right),
        calibration_all=len(right),
    )


def _outlook(missing: int, checks: int, shown: Sequence[Showing], now: datetime) -> Outlook:
    answered = [one for one in shown if one.answered]
    seconds = [one.seconds for one in answered if one.seconds is not None]
    hours, reason = _hours(missing, [one.moment for one in answered if one.moment is not None], len(answered), now)
    work = missing * median(seconds) if seconds else None
    return Outlook(labels=missing, checks=checks, work_seconds=work, hours=hours, reason=reason)


def _hours(missing: int, moments: Sequence[datetime], answered: int, now: datetime) -> tuple[float | None, str]:
    """Hours until the end at the speed of the last hour, or of the shorter time since the first answer."""
    if not missing:
        return 0.0, ""
    if not answered:
        return None, "nobody has labelled yet"
    if not moments:
        return None, "labels carry no times"
    since = max(now - HOUR, min(moments))
    recent = sum(moment > now - HOUR for moment in moments)
    if recent < _FEW:
        return None, f"fewer than {_FEW} labels in the last hour"
    worked = max(now - since, timedelta(minutes=1))
    return missing / recent * (worked / HOUR), ""


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
