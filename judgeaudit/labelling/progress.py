"""How far a round of labelling is: per stratum and rater, what is in dispute, and what is still wanted."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from statistics import median

from judgeaudit.domain.labelling.tasks import MAIN, PlannedTask
from judgeaudit.domain.question import Question, canonical
from judgeaudit.labelling.dispute import ABOUT_ITEMS, disputes_among
from judgeaudit.labelling.sync.standing import Showing, showings

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
    #: tasks that lack labels although everybody who labels has answered or skipped them
    stuck: int = 0


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
    people = _people_by_task(showing for showing in shown if showing.answered)
    given = [min(len(people[task.item_id, task.purpose]), overlap) for task in tasks]
    counted = [(task, count) for task, count in zip(tasks, given, strict=True) if task.purpose in ABOUT_ITEMS]
    complete = {task.item_id for task, count in counted if count >= overlap}
    disputes = disputes_among((one for one in shown if one.item_id in complete), questions)
    whole = _cell(ALL, counted, sent, overlap)
    missing = len(tasks) * overlap - sum(given)
    stuck = _stuck([task for task, count in zip(tasks, given, strict=True) if count < overlap], shown, overlap)
    return Progress(
        round=round_name,
        overlap=overlap,
        whole=whole,
        cells=_cells(counted, sent, overlap),
        raters=_raters(tasks, shown),
        disputed=len(disputes),
        tied=sum(one.tied for one in disputes),
        outlook=_outlook(missing, missing - whole.wanted + whole.given, shown, now),
        stuck=stuck,
    )


def _people_by_task(shown: Iterable[Showing]) -> defaultdict[tuple[str, str], set[str]]:
    """Item and purpose of a task -> the raters of these showings."""
    people: defaultdict[tuple[str, str], set[str]] = defaultdict(set)
    for showing in shown:
        people[showing.item_id, showing.purpose].add(showing.rater)
    return people


def _cells(counted: Sequence[tuple[PlannedTask, int]], sent: Collection[str], overlap: int) -> tuple[Cell, ...]:
    return tuple(
        _cell(name, [one for one in counted if one[0].cell == name], sent, overlap)
        for name in sorted({task.cell for task, _ in counted})
    )


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


def _stuck(short: Sequence[PlannedTask], shown: Sequence[Showing], overlap: int) -> int:
    """How many tasks that lack labels everybody who labels has answered or skipped already: the server gives them to nobody."""
    had = _people_by_task(shown)
    everybody = {showing.rater for showing in shown}
    if len(everybody) < overlap:  # somebody has yet to begin
        return 0
    return sum(had[task.item_id, task.purpose] >= everybody for task in short)


def _raters(tasks: Sequence[PlannedTask], shown: Sequence[Showing]) -> tuple[RaterWork, ...]:
    known = {task.item_id: dict(task.known) for task in tasks if task.known}
    by_rater: defaultdict[str, list[Showing]] = defaultdict(list)
    for showing in shown:
        by_rater[showing.rater].append(showing)
    return tuple(_rater(name, by_rater[name], known) for name in sorted(by_rater))


def _rater(name: str, shown: Sequence[Showing], known: Mapping[str, Mapping[str, str]]) -> RaterWork:
    answered = [one for one in shown if one.answered]
    kinds = Counter("item" if one.purpose in ABOUT_ITEMS else one.purpose for one in answered)
    moments, seconds = _moments(answered), _seconds(answered)
    right = [
        met
        for one in answered
        if one.purpose == "calibration"
        for met in _known_answers_met(one, known.get(one.item_id, {}))
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


def _moments(answered: Sequence[Showing]) -> list[datetime]:
    return [one.moment for one in answered if one.moment is not None]


def _seconds(answered: Sequence[Showing]) -> list[float]:
    return [one.seconds for one in answered if one.seconds is not None]


def _known_answers_met(showing: Showing, known: Mapping[str, str]) -> list[bool]:
    """For each question with a known answer that the rater answered, whether it was that answer."""
    return [
        canonical(label) == canonical(answer)
        for question, answer in {**known, **showing.known}.items()
        if (label := showing.answers.get(question)) is not None
    ]


def _outlook(missing: int, checks: int, shown: Sequence[Showing], now: datetime) -> Outlook:
    answered = [one for one in shown if one.answered]
    seconds = _seconds(answered)
    hours, reason = _hours(missing, _moments(answered), len(answered), now)
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
