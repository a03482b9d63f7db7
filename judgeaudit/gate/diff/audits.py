"""Two audits compared: decisions that changed, what changed beneath them, and which part of a change each cause made."""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import partial
from math import sqrt
from typing import Any

import numpy as np
from scipy.special import ndtri, stdtrit

from judgeaudit.audit.estimates.estimate import clean
from judgeaudit.audit.estimates.jackknife import cluster_df
from judgeaudit.audit.setting.design import generator
from judgeaudit.audit.setting.pair_statistics import PairStatistic, statistics_for
from judgeaudit.audit.setting.scheme import Scheme
from judgeaudit.domain.ratings import Floats
from judgeaudit.domain.results.audit import AuditResult, Decision, Finding
from judgeaudit.domain.results.questions import QuestionRecord, StratumRecord
from judgeaudit.gate.diff.causes import changes_of, marks_of, untold
from judgeaudit.gate.diff.items import joint_question, pairing_in, pairing_of, shared_items
from judgeaudit.stats.comparisons.swap import Change, change_of

Record = dict[str, Any]
Key = tuple[str, str, str, str, str]
PARTS = ("judge", "labels", "outputs")
#: values that differ by less are the same
_SAME = 1e-9
INDEPENDENT = "MOVER, as if the audits shared nothing"


@dataclass(frozen=True, kw_only=True)
class Differences:
    """What two audits differ in; every list is empty where nothing does."""

    decisions: list[Record] = field(default_factory=list)
    changes: list[Record] = field(default_factory=list)
    separated: list[Record] = field(default_factory=list)
    findings: list[Record] = field(default_factory=list)


def differences(old: AuditResult, new: AuditResult) -> Differences:
    """Everything, the new audit's level, draws and seed being used."""
    changes = changes_of(old, new)
    paired: dict[Key, Record] = {}
    separated = []
    for about in new.questions:
        before = next((one for one in old.questions if one.name == about.name), None)
        if before is None:
            continue
        strata = [stratum for stratum in new.strata if stratum in old.strata]
        for judge in about.judges:
            if judge in before.judges:
                paired |= _paired(old, new, before, about, judge, strata)
                separated += [_separated(old, new, about, judge, stratum, paired, changes) for stratum in strata]
    found = _findings(old, new, paired)
    return Differences(
        decisions=_decisions(old, new),
        changes=changes or (untold(old, new) if found else []),
        separated=[one for one in separated if one is not None],
        findings=found,
    )


# -------------------------------------------------------------------------------------------------------- decisions


def _decisions(old: AuditResult, new: AuditResult) -> list[Record]:
    """Decisions whose word or scope is another."""
    before, now = ({(d.question, d.judge): d for d in one.decisions} for one in (old, new))
    out = []
    for key in dict.fromkeys([*now, *before]):
        a, b = before.get(key), now.get(key)
        last = b or a
        earlier, later = (set(one.scope if one else []) for one in (a, b))
        if _word(a) == _word(b) and earlier == later:
            continue
        opened, closed = sorted(later - earlier), sorted(earlier - later)
        out.append(
            {
                "question": key[0],
                "judge": key[1],
                "old": _word(a),
                "new": _word(b),
                "opened": opened,
                "closed": closed,
                "asked_before": [name for name in opened if _asked(old, new, name)],
                "asked_now": [name for name in closed if _asked(new, old, name)],
                "required": last is not None and last.required,
                "reason": "" if b is None else b.reason,
            }
        )
    return out


def _asked(here: AuditResult, there: AuditResult, stratum: str) -> bool:
    """Whether an audit was cut by the column of a stratum that the other one holds, whether or not it has items of it."""
    column = there.strata.get(stratum, StratumRecord()).column
    return stratum in here.strata or any(one.column == column for one in here.strata.values())


def _word(decision: Decision | None) -> str | None:
    return None if decision is None else decision.decision


# ----------------------------------------------------------------------------------------------------- what is paired


def _paired(
    old: AuditResult, new: AuditResult, before: QuestionRecord, about: QuestionRecord, judge: str, strata: list[str]
) -> dict[Key, Record]:
    """Of a judge against the reference, in all and in each stratum: each statistic's change with its parts."""
    marks = (marks_of(old, about.name), marks_of(new, about.name))
    shared, question = shared_items(*marks), joint_question(before, about)
    if marks[0] is None or marks[1] is None or shared is None or question is None:
        return {}
    both = (marks[0], marks[1])
    rules = tuple(str(one.options.get("unanswered", "counted")) for one in (old, new))
    whole = pairing_of(both, shared, judge, question, (rules[0], rules[1]))
    scheme = Scheme(question=question)
    statistics = statistics_for(scheme, reference=True)
    if whole is None or not statistics:
        return {}
    out: dict[Key, Record] = {}
    for stratum in strata:
        pairing = whole if stratum == "all" else pairing_in(whole, shared, both, stratum)
        if pairing is None or not pairing.old.any() or not pairing.new.any():
            continue
        change = change_of(
            pairing,
            _stacked(statistics, scheme),
            level=new.level,
            draws=int(new.options.get("draws", 4000)),
            rng=generator(new.seed, "diff", about.name, judge, stratum),
            quantile=partial(_quantile, level=new.level, clustered=not pairing.exchangeable),
        )
        for place, statistic in enumerate(statistics):
            out[about.name, stratum, judge, "reference", statistic.name] = _change(change, place)
    return out


def _stacked(statistics: tuple[PairStatistic, ...], scheme: Scheme) -> Any:
    def f(tables: Floats) -> Floats:
        return np.stack([s.value(tables, scheme) for s in statistics], -1)

    return f


def _quantile(units: int, *, level: float, clustered: bool) -> float:
    tail = (1 + level) / 2
    return float(stdtrit(cluster_df(units), tail)) if clustered and units > 1 else float(ndtri(tail))


def _change(change: Change, place: int) -> Record:
    names = ("whole", *PARTS)
    return {
        "method": change.method,
        **{
            name: {
                "value": clean(change.value[row, place]),
                "low": clean(change.low[row, place]),
                "high": clean(change.high[row, place]),
            }
            for row, name in enumerate(names)
        },
    }


# --------------------------------------------------------------------------------------------------- head statistic


def _separated(
    old: AuditResult,
    new: AuditResult,
    about: QuestionRecord,
    judge: str,
    stratum: str,
    known: dict[Key, Record],
    changes: list[Record],
) -> Record | None:
    """The change of the one number that stands for agreement, and what the judge, the labels and the outputs made of it."""
    key = (about.name, stratum, judge, "reference", about.head)
    a, b = (_finding(one, key) for one in (old, new))
    if a is None or b is None:
        return None
    record: Record = {
        "question": about.name,
        "judge": judge,
        "stratum": stratum,
        "statistic": about.head,
        "old": a.value,
        "new": b.value,
    }
    if a.value is None or b.value is None:
        return {**record, "difference": None, "undefined": a.undefined or b.undefined}
    record |= {"difference": b.value - a.value, **_limits(a, b, known.get(key)), "undefined": None}
    parts = known.get(key)
    if parts is not None and all(parts[name]["value"] is not None for name in PARTS):
        return {**record, "parts": {name: parts[name] for name in PARTS}}
    causes = _causes(changes, about.name, judge)
    only = next(iter(causes)) if len(causes) == 1 else None
    if only in PARTS:
        return {**record, "parts": _whole_by(str(only), record)}
    if not causes and abs(b.value - a.value) < _SAME:
        return record
    return {**record, "undefined": "not_separable"}


def _whole_by(cause: str, record: Record) -> Record:
    """The parts of a change that one cause made alone."""
    whole = {"value": record["difference"], "low": record["low"], "high": record["high"]}
    nothing = {"value": 0.0, "low": 0.0, "high": 0.0}
    return {name: whole if name == cause else nothing for name in PARTS}


def _causes(changes: list[Record], question: str, judge: str) -> set[str]:
    """What changed that can move a number of one judge and question."""
    here = [one for one in changes if one["question"] in (None, question) and one["who"] in (None, judge)]
    return {one["what"] for one in here} & {*PARTS, "table", "question", "options"}


def _finding(result: AuditResult, key: Key) -> Finding | None:
    return next((f for f in result.findings if _key(f) == key), None)


def _key(f: Finding) -> Key:
    return f.question, f.stratum, f.subject, f.versus, f.statistic


def _limits(a: Finding, b: Finding, paired: Record | None) -> Record:
    """Limits of b − a: from the items that both share where they are known, else as if the audits were independent."""
    assert a.value is not None and b.value is not None
    whole = None if paired is None else paired["whole"]
    if whole is not None and whole["low"] is not None and abs((whole["value"] or 0.0) - (b.value - a.value)) < 1e-6:
        return {"low": whole["low"], "high": whole["high"], "method": paired["method"] if paired else ""}
    if a.low is None or a.high is None or b.low is None or b.high is None:
        return {"low": None, "high": None, "method": ""}
    d = b.value - a.value
    low = d - sqrt((b.value - b.low) ** 2 + (a.high - a.value) ** 2)
    high = d + sqrt((b.high - b.value) ** 2 + (a.value - a.low) ** 2)
    return {"low": low, "high": high, "method": INDEPENDENT}


# --------------------------------------------------------------------------------------------------------- findings


def _findings(old: AuditResult, new: AuditResult, paired: dict[Key, Record]) -> list[Record]:
    """Findings of both audits whose value is another; those that came to have a value, or lost it, too."""
    abouts = {about.name: about for about in new.questions}
    before = {_key(f): f for f in old.findings}
    out = []
    for now in new.findings:
        a = before.get(_key(now))
        if a is None or (a.value is None and now.value is None):
            continue
        if a.value is not None and now.value is not None and abs(a.value - now.value) < _SAME:
            continue
        out.append(_one_finding(a, now, paired.get(_key(now)), front=_at_the_front(now, abouts.get(now.question))))
    return out


def _at_the_front(f: Finding, about: QuestionRecord | None) -> bool:
    """What a report shows first: of judges against the reference or the people, and the people's ceiling."""
    if about is None:
        return False
    if f.subject == "humans":
        return f.statistic == "krippendorff_alpha"
    return f.subject in about.judges and f.versus in ("reference", "humans") and f.statistic in about.front


def _one_finding(a: Finding, b: Finding, paired: Record | None, *, front: bool) -> Record:
    record: Record = {
        "question": b.question,
        "stratum": b.stratum,
        "subject": b.subject,
        "versus": b.versus,
        "statistic": b.statistic,
        "old": a.value,
        "new": b.value,
        "front": front,
    }
    if a.value is None or b.value is None:
        return {**record, "difference": None, "low": None, "high": None, "method": "", "clear": False}
    limits = _limits(a, b, paired)
    clear = limits["low"] is not None and (limits["low"] > 0 or limits["high"] < 0)
    return {**record, "difference": b.value - a.value, **limits, "clear": clear}
