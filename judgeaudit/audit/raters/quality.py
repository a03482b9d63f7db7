"""The quality of raters: one record for each question and rater, findings about repeats, and warnings with evidence."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from judgeaudit.audit.estimates.estimate import Estimate, finding_of
from judgeaudit.audit.raters.board import (
    Board,
    beyond_chance,
    board_of,
    estimate,
    others_among_themselves,
    percent,
    told,
)
from judgeaudit.audit.raters.careless import (
    DECISIVE,
    Run,
    Sign,
    fast_facts,
    figures,
    growth_sign,
    labels_sign,
    longest_run,
    run_sign,
)
from judgeaudit.audit.raters.drift import drift, sittings
from judgeaudit.audit.raters.reading import Reading, reading, reads
from judgeaudit.audit.raters.repeats import Trials, apart, calibration_of, repeats_of, right
from judgeaudit.audit.raters.timing import Times, growth, growth_of_others, quick, ratio_to_others, times_of
from judgeaudit.audit.setting.options import AuditOptions
from judgeaudit.domain.errors import one_line
from judgeaudit.domain.rater_work import Work
from judgeaudit.domain.results.audit import Finding
from judgeaudit.stats.intervals.resample import holm

HUMANS = "humans"


@dataclass(frozen=True, slots=True, kw_only=True)
class RaterQuality:
    """What was found: records for audit.json, findings, and sentences about raters who click through."""

    raters: list[dict[str, Any]] = field(default_factory=list)
    findings: list[Finding] = field(default_factory=list)
    warnings: list[str] = field(default_factory=list)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Looked:
    """One rater's record, and the signs that are judged when those of all raters are known."""

    rater: str
    question: str
    record: dict[str, Any]
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
    readers = {one.rater for one in looked if reads([other.reading for other in looked if other.rater == one.rater])}
    adjusted = holm(np.array([sign.p for one in looked for sign in one.signs]))
    out = RaterQuality(findings=[found for desk in desks for found in _findings(desk)])
    said: set[tuple[str, str]] = set()
    warned: dict[str, list[str]] = {}
    at = 0
    for one in looked:
        mine = adjusted[at : at + len(one.signs)]
        at += len(one.signs)
        for sign, p in zip(one.signs, mine, strict=True):
            one.record["tests"][sign.kind] = {
                "p_value": sign.p,
                "p_adjusted": float(p),
                "above_chance": not sign.chance,
            }
        facts = [] if one.rater in readers else one.facts
        evidence = [*facts, *(s.words for s, p in zip(one.signs, mine, strict=True) if s.chance and p <= DECISIVE)]
        sentence = _sentence(one, evidence, several=len(works) > 1)
        one.record["warnings"] = [sentence] if sentence else []
        # how fast a page was answered is the same for all its questions, and is said of the first
        if sentence and any((one.rater, words) not in said for words in evidence):
            warned.setdefault(one.rater, []).append(sentence)
        said |= {(one.rater, words) for words in evidence}
        out.raters.append(one.record)
    out.warnings.extend(_warning(rater, sentences) for rater, sentences in warned.items())
    return out


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
    record: dict[str, Any] = {
        "question": work.question.name,
        "rater": work.raters[a],
        "labels": int(mine.sum()),
        "skipped": int(work.skipped[a]),
        "cannot_judge": int((work.first & (work.rater == a) & (work.label < 0)).sum()),
        "elsewhere": int(work.elsewhere[a]),
        "agreement": told(agreement),
        "beyond_chance": told(beyond),
        "others_beyond_chance": told(theirs),
        "self_agreement": told(right(desk.repeats, a, level=level, why="no_repeats")),
        "self_distance": apart(desk.repeats, a, board.scheme),
        "calibration": told(right(desk.calibration, a, level=level, why="no_calibration")),
        "time": _time(desk, a, ratio),
        "drift": drift(board, desk.times, a),
        "sittings": sittings(board, desk.times, a),
        "longest_run": {"n": run.length, "label": run.label},
        "tests": {},
    }
    return _Looked(
        rater=work.raters[a],
        question=work.question.name,
        record=record,
        signs=_signs(desk, a, beyond, ratio, run),
        facts=_facts(desk, a, record["time"], ratio),
        reading=reading(board, a, desk.calibration),
        beyond=beyond,
    )


def _time(desk: _Desk, a: int, ratio: Estimate) -> dict[str, Any]:
    """Seconds per item: quartiles without breaks, the others on the same items, answers faster than reading, growth."""
    times = desk.times
    mine = times.rater == a
    found = quick(times, a)
    if not found.timed:
        return {"n": 0, "breaks": 0, "undefined": "no_times"}
    low, middle, high = (float(x) for x in np.exp(np.quantile(times.log[mine], [0.25, 0.5, 0.75])))
    length = np.exp(times.length[mine])
    shown = float(np.nanmedian(length)) if np.isfinite(length).any() else None
    slopes = (growth(times, a), growth_of_others(times, a))
    own, theirs = (told(estimate(s, link="identity", level=desk.level, why="zero_variance")) for s in slopes)
    return {
        "n": found.timed,
        "breaks": int(times.breaks[a]),
        "median": middle,
        "quartiles": [low, high],
        "characters": shown,
        "ratio_to_others": told(ratio),
        "faster_than_reading": {"k": found.unread, "n": found.with_length},
        "within_a_second": {"k": found.instant, "n": found.timed},
        "growth_with_length": own,
        "growth_of_others": theirs,
    }


def _signs(desk: _Desk, a: int, beyond: Estimate, ratio: Estimate, run: Run) -> list[Sign]:
    board = desk.board
    found = (
        labels_sign(board, a, beyond, desk.repeats, desk.calibration),
        run_sign(run, int((board.rater == a).sum())),
        growth_sign(desk.times, a, ratio),
    )
    return [sign for sign in found if sign is not None]


def _facts(desk: _Desk, a: int, time: dict[str, Any], ratio: Estimate) -> list[str]:
    return fast_facts(quick(desk.times, a), ratio, time.get("median"), time.get("characters"))


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
