"""The quality of raters: one record for each question and rater, findings about repeats, and warnings with evidence."""

from __future__ import annotations

import json
from dataclasses import dataclass, field, replace
from typing import NamedTuple

import numpy as np

from judgeaudit.audit.estimates.estimate import Estimate, finding_of
from judgeaudit.audit.raters.board import (
    Board,
    Measured,
    beyond_chance,
    board_of,
    estimate,
    jackknifed,
    others_among_themselves,
    percent,
    rows_of,
    share,
    shortfall,
    told,
)
from judgeaudit.audit.raters.careless import (
    DECISIVE,
    Run,
    Sign,
    above_nothing,
    fast_facts,
    figures,
    fisher_p,
    growth_sign,
    labels_sign,
    longest_run,
    run_sign,
)
from judgeaudit.audit.raters.repeats import Trials, apart, by_chance, calibration_of, repeats_of, right
from judgeaudit.audit.raters.timing import (
    Times,
    growth,
    growth_of_others,
    quick,
    ratio_of_medians,
    ratio_to_others,
    times_of,
)
from judgeaudit.audit.setting.options import AuditOptions
from judgeaudit.domain.errors import one_line
from judgeaudit.domain.rater_work import Work
from judgeaudit.domain.ratings import Floats, Mask
from judgeaudit.domain.results.audit import Finding
from judgeaudit.domain.results.estimates import CountOf
from judgeaudit.domain.results.raters import DriftRecord, RaterRecord, RunRecord, SignRecord, Sitting, TimeRecord
from judgeaudit.stats.agreement.two_raters import divide
from judgeaudit.stats.intervals.limits import binomial_p_at_least, tail
from judgeaudit.stats.intervals.resample import holm

# Whether a rater who is fast reads all the same: an acquittal, which asks for less than an accusation. How fast a
# page is answered belongs to the page, so one question, or known answers, that fit acquit the rater of all of them.


#: somebody who clicks is taken for a reader this often, over all questions together
LENIENT = 0.05
#: scales with more labels have no table to test
MOST_LABELS = 12


class Reading(NamedTuple):
    """What one question says for a rater: whether the labels fit, and p-values of "they have nothing to do with the items"."""

    fits: bool
    p_values: tuple[float, ...]


def reading(board: Board, rater: int, calibration: Trials) -> Reading:
    """Agreement with the others, and tests against the others' labels and the known answers."""
    found = (_association(board, rater), _known(calibration, rater, board.scheme.k))
    agrees = fits(beyond_chance(board, rater), others_among_themselves(board, rater), shortfall(board, rater))
    return Reading(agrees, tuple(p for p in found if p is not None))


def reads(said: list[Reading]) -> bool:
    """Whether any question acquits; the tests of all questions share one error."""
    ps = [p for one in said for p in one.p_values]
    return any(one.fits for one in said) or bool(ps and min(ps) * len(ps) <= LENIENT)


def fits(own: Measured, theirs: Measured, gap: Measured) -> bool:
    """Above chance and not below what the others reach among themselves; or nearer to that than to chance, where few items
    carry it: 0.80 [-1.00, 1.00] is no evidence against anybody.
    """
    below = not np.isnan(gap.value) and (
        tail(center=gap.value, se=gap.se, df=gap.df, link="identity", threshold=0.0) <= LENIENT
    )
    return not below and (above_nothing(own, "fisher") or own.value > max(theirs.value, 0.0) / 2.0)


def _association(board: Board, rater: int) -> float | None:
    """Fisher's exact test: the rater gives a label where somebody else does. For each label but the commonest, Bonferroni."""
    mine, k = rows_of(board, rater), board.scheme.k
    if not mine.any() or not 2 <= k <= MOST_LABELS:
        return None
    counts = np.zeros((board.work.n_items, k))
    np.add.at(counts, (board.item, board.label), 1.0)
    label = board.label[mine]
    others = counts[board.item[mine]]
    others[np.arange(label.size), label] -= 1.0
    ps = []
    for one in np.argsort(-others.sum(0), kind="stable")[1:]:
        given, wanted = label == one, others[:, one] > 0
        there, here = int((wanted & ~given).sum()), int((wanted & given).sum())
        ps.append(fisher_p(there, int((~given).sum()), here, int(given.sum())))
    return min(1.0, min(ps) * len(ps))


def _known(trials: Trials, rater: int, k: int) -> float | None:
    """The known answers are met more often than by somebody who gives labels as often, whatever is shown."""
    mine = trials.rater == rater
    if not mine.any():
        return None
    shares = np.bincount(trials.given[mine], minlength=k) / mine.sum()
    hits = int((trials.given == trials.wanted)[mine].sum())
    return binomial_p_at_least(hits, int(mine.sum()), floor=by_chance(trials, rater, shares))


HUMANS = "humans"


@dataclass(frozen=True, slots=True, kw_only=True)
class RaterQuality:
    """What was found: records for audit.json, findings, and sentences about raters who click through."""

    raters: list[RaterRecord] = field(default_factory=list)
    findings: list[Finding] = field(default_factory=list)
    warnings: list[str] = field(default_factory=list)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Looked:
    """One rater's record, and the signs that are judged when those of all raters are known."""

    rater: str
    question: str
    record: RaterRecord
    signs: list[Sign]
    facts: list[str]
    reading: Reading
    beyond: Estimate


@dataclass(frozen=True, slots=True, kw_only=True)
class _Desk:
    """What all raters of one question share."""

    work: Work
    board: Board
    times: Times
    repeats: Trials
    calibration: Trials
    level: float


def rater_quality(works: tuple[Work, ...], options: AuditOptions) -> RaterQuality:
    """Every rater of every question. The tests of all of them are one family, held to Holm's 1%."""
    desks = [_desk(work, options.level) for work in works]
    looked = [_look(desk, a) for desk in desks for a in range(len(desk.work.raters)) if _worked(desk, a)]
    readers = _readers(looked)
    adjusted = holm(np.array([sign.p for one in looked for sign in one.signs]))
    out = RaterQuality(findings=[found for desk in desks for found in _findings(desk)])
    said: set[tuple[str, str]] = set()
    warned: dict[str, list[str]] = {}
    for one, mine in zip(looked, _by_rater(adjusted, looked), strict=True):
        evidence = _evidence(one, mine, reads_all=one.rater in readers)
        sentence = _sentence(one, evidence, several=len(works) > 1)
        # how fast a page was answered is the same for all its questions, and is said of the first
        news = {(one.rater, words) for words in evidence} - said
        if sentence and news:
            warned.setdefault(one.rater, []).append(sentence)
        said |= news
        out.raters.append(replace(one.record, tests=_tests(one, mine), warnings=[sentence] if sentence else []))
    out.warnings.extend(_warning(rater, sentences) for rater, sentences in warned.items())
    return out


def _readers(looked: list[_Looked]) -> set[str]:
    """Raters who read what they label, by the page that fits best."""
    return {one.rater for one in looked if reads([other.reading for other in looked if other.rater == one.rater])}


def _evidence(one: _Looked, adjusted: Floats, *, reads_all: bool) -> list[str]:
    """Facts, but of a rater who reads none, and the signs that chance does not explain."""
    decisive = [sign.words for sign, p in zip(one.signs, adjusted, strict=True) if sign.chance and p <= DECISIVE]
    return decisive if reads_all else [*one.facts, *decisive]


def _tests(one: _Looked, adjusted: Floats) -> dict[str, SignRecord]:
    return {sign.kind: _sign_record(sign, float(p)) for sign, p in zip(one.signs, adjusted, strict=True)}


def _by_rater(adjusted: Floats, looked: list[_Looked]) -> list[Floats]:
    """The adjusted p-values of each rater's signs."""
    return np.split(adjusted, np.cumsum([len(one.signs) for one in looked])[:-1]) if looked else []


def _sign_record(sign: Sign, p_adjusted: float) -> SignRecord:
    return SignRecord(p_value=sign.p, p_adjusted=p_adjusted, above_chance=not sign.chance)


def _warning(rater: str, sentences: list[str]) -> str:
    """All evidence on one rater, and what can be done."""
    advice = f"After a look at these labels they can be left out: leave_out = [{json.dumps(rater)}] under [audit] in study.toml."
    return " ".join([*(f"{one}." for one in sentences), advice])


def _desk(work: Work, level: float) -> _Desk:
    return _Desk(
        work=work,
        board=board_of(work, level=level),
        times=times_of(work),
        repeats=repeats_of(work),
        calibration=calibration_of(work),
        level=level,
    )


def _worked(desk: _Desk, rater: int) -> bool:
    work = desk.work
    return bool((work.rater == rater).any() or work.skipped[rater] or work.elsewhere[rater])


def _look(desk: _Desk, a: int) -> _Looked:
    work, board, level = desk.work, desk.board, desk.level
    mine = board.rater == a
    agreement = percent(board, a)
    beyond = estimate(beyond_chance(board, a), link="fisher", level=level, why="one_class_human")
    theirs = estimate(others_among_themselves(board, a), link="fisher", level=level, why="one_class_human")
    ratio, run = ratio_to_others(desk.times, a, level=level), longest_run(board, a)
    record = RaterRecord(
        question=work.question.name,
        rater=work.raters[a],
        labels=int(mine.sum()),
        skipped=int(work.skipped[a]),
        cannot_judge=int((work.first & (work.rater == a) & (work.label < 0)).sum()),
        elsewhere=int(work.elsewhere[a]),
        agreement=told(agreement),
        beyond_chance=told(beyond),
        others_beyond_chance=told(theirs),
        self_agreement=told(right(desk.repeats, a, level=level, why="no_repeats")),
        self_distance=apart(desk.repeats, a, board.scheme),
        calibration=told(right(desk.calibration, a, level=level, why="no_calibration")),
        time=_time(desk, a, ratio),
        drift=drift(board, desk.times, a),
        sittings=sittings(board, desk.times, a),
        longest_run=RunRecord(n=run.length, label=run.label),
    )
    return _Looked(
        rater=work.raters[a],
        question=work.question.name,
        record=record,
        signs=_signs(desk, a, beyond, ratio, run),
        facts=_facts(desk, a, record.time, ratio),
        reading=reading(board, a, desk.calibration),
        beyond=beyond,
    )


def _time(desk: _Desk, a: int, ratio: Estimate) -> TimeRecord:
    """Seconds per item: quartiles without breaks, the others on the same items, answers faster than reading, growth."""
    times = desk.times
    mine = times.rater == a
    found = quick(times, a)
    if not found.timed:
        return TimeRecord(n=0, undefined="no_times")
    low, middle, high = (float(x) for x in np.exp(np.quantile(times.log[mine], [0.25, 0.5, 0.75])))
    length = np.exp(times.length[mine])
    shown = float(np.nanmedian(length)) if np.isfinite(length).any() else None
    slopes = (growth(times, a), growth_of_others(times, a))
    own, theirs = (told(estimate(s, link="identity", level=desk.level, why="zero_variance")) for s in slopes)
    return TimeRecord(
        n=found.timed,
        breaks=int(times.breaks[a]),
        median=middle,
        quartiles=(low, high),
        characters=shown,
        ratio_to_others=told(ratio),
        faster_than_reading=CountOf(k=found.unread, n=found.with_length),
        within_a_second=CountOf(k=found.instant, n=found.timed),
        growth_with_length=own,
        growth_of_others=theirs,
    )


def _signs(desk: _Desk, a: int, beyond: Estimate, ratio: Estimate, run: Run) -> list[Sign]:
    board = desk.board
    found = (
        labels_sign(board, a, beyond, desk.repeats, desk.calibration),
        run_sign(run, int((board.rater == a).sum())),
        growth_sign(desk.times, a, ratio),
    )
    return [sign for sign in found if sign is not None]


def _facts(desk: _Desk, a: int, time: TimeRecord, ratio: Estimate) -> list[str]:
    return fast_facts(quick(desk.times, a), ratio, time.median, time.characters)


def _sentence(one: _Looked, evidence: list[str], *, several: bool) -> str:
    """The rater, the evidence, and how far the rater agrees with the others, whatever the evidence is."""
    if not evidence:
        return ""
    who = f"{one_line(one.rater)}, question '{one_line(one.question)}'" if several else one_line(one.rater)
    agreement = "" if any("with the others no better" in words for words in evidence) else figures(one.beyond)
    return f"{who}: {'; '.join([*evidence, *([f'agreement with the others beyond chance {agreement}'] if agreement else [])])}"


def _findings(desk: _Desk) -> list[Finding]:
    """self_agreement of each rater with repeats, and of all together."""
    trials, names = desk.repeats, desk.work.raters
    raters: list[int | None] = [int(a) for a in np.unique(trials.rater)]
    out = []
    for a in [*raters, None] if raters else []:
        found = right(trials, a, level=desk.level, why="no_repeats")
        units = trials.unit if a is None else trials.unit[trials.rater == a]
        who = HUMANS if a is None else names[a]
        out.append(
            finding_of(
                found,
                question=desk.work.question.name,
                stratum="all",
                subject=who,
                versus=who,
                statistic="self_agreement",
                n_items=int(found.n or 0),
                n_clusters=int(np.unique(units).size),
            )
        )
    return out


# How a rater changes on the way: the last third of the work against the first, and one sitting after another.


#: seconds without an answer after which another sitting begins
PAUSE = 1800.0
FEWEST = 12
MOST_SITTINGS = 50
Thirds = tuple[Mask, Mask]


def drift(board: Board, times: Times, rater: int) -> DriftRecord:
    """Last third less first third: agreement with the others, labels (positive share or mean place), and time as a ratio."""
    thirds = _thirds(board, rater)
    if thirds is None:
        none = told(Estimate(value=None, undefined="no_order", n=0.0))
        return DriftRecord(agreement=none, labels=none, seconds=none)
    usable = rows_of(board, rater)
    same = divide(board.same, board.others)
    first, last = (_flagged(board, third)[times.row] for third in thirds)
    return DriftRecord(
        agreement=told(_difference(board, same, (thirds[0] & usable, thirds[1] & usable))),
        labels=told(_difference(board, _level_of_label(board), thirds)),
        seconds=told(ratio_of_medians(times.log[last], times.log[first], level=board.level)),
    )


def _thirds(board: Board, rater: int) -> Thirds | None:
    """(L,) first and last third of a rater's labels in time; None where the order is not known or the labels are few."""
    mine = np.flatnonzero(board.rater == rater)
    moment = board.work.moment[board.row[mine]]
    if mine.size < FEWEST or not np.isfinite(moment).all() or np.unique(moment).size < mine.size / 2:
        return None
    first, last = np.zeros(len(board.row), bool), np.zeros(len(board.row), bool)
    first[mine[: mine.size // 3]] = True
    last[mine[-(mine.size // 3) :]] = True
    return first, last


def _flagged(board: Board, third: Mask) -> Mask:
    """(M,) the rows of the work that are meant."""
    flags = np.zeros(len(board.work.rater), bool)
    flags[board.row[third]] = True
    return flags


def _level_of_label(board: Board) -> Floats:
    """(L,) 1 for a positive label where the scale has such a side, else the label's place between the scale's ends; nan."""
    scheme = board.scheme
    if scheme.has_positive:
        return scheme.positive[board.label].astype(float)
    if scheme.ordered:
        return np.asarray(board.points[board.label, 0])
    return np.full(len(board.label), np.nan)


def _difference(board: Board, values: Floats, thirds: Thirds) -> Estimate:
    first, last = (third & np.isfinite(values) for third in thirds)
    if not first.any() or not last.any():
        return Estimate(value=None, undefined="no_pairable", n=0.0)
    used = first | last
    y = values[used]
    per = np.column_stack([first[used], y * first[used], last[used], y * last[used]]).astype(float)
    found = jackknifed(lambda t: divide(t[..., 3], t[..., 2]) - divide(t[..., 1], t[..., 0]), per, board.unit[used])
    return estimate(found, link="identity", level=board.level, why="no_pairable")


def sittings(board: Board, times: Times, rater: int) -> list[Sitting]:
    """One record for each stretch of work without a pause of half an hour; none where there was one stretch only."""
    work = board.work
    rows = np.flatnonzero((work.rater == rater) & np.isfinite(work.moment))
    if rows.size < 2:
        return []
    moment = work.moment[rows]
    begun = moment - np.nan_to_num(work.seconds[rows])
    sitting = np.concatenate([[0], np.cumsum(begun[1:] - moment[:-1] > PAUSE)])
    if sitting[-1] == 0:
        return []
    of_row = np.full(len(work.rater), -1)
    of_row[rows] = sitting
    mine, timed = np.flatnonzero(rows_of(board, rater)), np.flatnonzero(times.rater == rater)
    of_label, of_time = of_row[board.row[mine]], of_row[times.row[timed]]
    out = []
    for number in range(min(int(sitting[-1]) + 1, MOST_SITTINGS)):
        inside, labels, taken = sitting == number, mine[of_label == number], np.exp(times.log[timed[of_time == number]])
        same = board.same[labels] / board.others[labels]
        out.append(
            Sitting(
                answers=int(inside.sum()),
                minutes=float((moment[inside].max() - begun[inside].min()) / 60.0),
                seconds=float(np.median(taken)) if taken.size else None,
                agreement=told(share(same, np.ones(len(same)), board.unit[labels], level=board.level)),
            )
        )
    return out
