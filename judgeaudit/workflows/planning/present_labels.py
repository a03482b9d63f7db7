"""What the present labels can show of each requirement of a policy, and how many more would settle it."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from judgeaudit.domain.catalogue.statistics import STATISTICS, versus_of
from judgeaudit.domain.errors import one_line
from judgeaudit.domain.results.audit import AuditResult, Decision, Finding, Requirement
from judgeaudit.domain.results.estimates import BinomialSpread
from judgeaudit.gate.requirements.labels_missing import POWER, counted_of, passing_value
from judgeaudit.gate.words.labels_missing_words import about_how_many
from judgeaudit.gate.words.sentences import requirement_sentence
from judgeaudit.stats.intervals.anytime import lower_sequence, state_of, upper_sequence

Record = dict[str, Any]
_NOT_ALONE = "items hang together in clusters or have weights, for which no sequence is known"


def present_records(result: AuditResult, decisions: Iterable[Decision], *, sequential: bool) -> list[Record]:
    """One record for each decision, with one for each requirement that is undecided (all rates, with `sequential`)."""
    findings = {(f.question, f.subject, f.versus, f.stratum, f.statistic): f for f in result.findings}
    clustered = {about.name: about.clusters is not None for about in result.questions}
    out = []
    for decision in decisions:
        lines = []
        for line in decision.requirements:
            if line.met is not None and not sequential:
                continue
            finding = findings.get(_key(decision, line))
            record = _line(line, finding)
            if sequential:
                record["sequence"] = _sequence(line, finding, clustered=clustered.get(decision.question, False))
            lines.append(record)
        out.append(
            {
                "question": decision.question,
                "judge": decision.judge,
                "decision": decision.decision,
                "code": decision.code,
                "labels_missing": decision.labels_missing,
                "requirements": lines,
            }
        )
    return out


def _key(decision: Decision, line: Requirement) -> tuple[str, str, str, str, str]:
    subject = line.subject or decision.judge or "humans"
    return decision.question, subject, versus_of(line.statistic, subject), line.stratum, line.statistic


def _line(line: Requirement, finding: Finding | None) -> Record:
    known = STATISTICS.get(line.statistic)
    by_labels = known is not None and known.against != "itself"
    return {
        "statistic": line.contrast or line.statistic,
        "stratum": line.stratum,
        "subject": line.subject,
        **{k: v for k, v in (("at_least", line.at_least), ("at_most", line.at_most)) if v is not None},
        "value": line.value,
        "bound": line.bound,
        "level": line.level,
        "n_items": None if finding is None else finding.n_items,
        "met": line.met,
        "labels_missing": line.labels_missing,
        "passing_value": passing_value(line, counted=counted_of(finding)) if by_labels else None,
        "undefined": line.undefined,
        "sentence": requirement_sentence(line),
    }


def _sequence(line: Requirement, finding: Finding | None, *, clustered: bool) -> Record:
    """The bounds that hold however often one has looked; of shares of items that stand each for itself."""
    spread = None if finding is None else finding.spread
    if not isinstance(spread, BinomialSpread) or line.k is None or not line.n:
        return {"state": None, "why": "it is no share of items that are counted one by one"}
    if clustered or (spread.k, spread.n) != (line.k, line.n):
        return {"state": None, "why": _NOT_ALONE}
    k, n = line.k, line.n
    states = []
    if line.at_least is not None:
        states.append(state_of(k, n, floor=line.at_least, level=line.level))
    if line.at_most is not None:
        states.append(state_of(n - k, n, floor=1.0 - line.at_most, level=line.level))
    state = "futile" if "futile" in states else "go on" if "go on" in states else "certified"
    return {
        "state": state if states else None,
        "low": lower_sequence(k, n, level=line.level),
        "high": upper_sequence(k, n, level=line.level),
        "k": k,
        "n": n,
    }


def present_lines(records: Sequence[Record]) -> list[str]:
    """For people: each decision, and below it what is open."""
    out: list[str] = []
    for one in records:
        who = "people" if one["judge"] is None else one_line(one["judge"])
        out.append(f"{who} · {one_line(one['question'])}: {one['decision']}")
        if not one["requirements"]:
            out.append("  no requirement is open: more labels are not needed")
        for line in one["requirements"]:
            out += _shown(line)
    return out


def _shown(line: Record) -> list[str]:
    where = "" if line["stratum"] == "all" else f"{one_line(line['stratum'])}: "
    out = [f"  {where}{line['sentence']}"]
    if "sequence" in line:
        out.append(f"    {_sequence_words(line['sequence'])}")
    if line["met"] is not None or line["bound"] is None:
        return out
    missing = line["labels_missing"]
    if missing is None:
        out.append("    no number of labels is told: the value lies too near the line, or other evidence is needed")
    else:
        settle = "settles" if missing == 1 else "settle"
        out.append(f"    {_lower(about_how_many(missing))} {settle} it with {POWER:.0%} chance")
    if line["passing_value"] is not None:
        side = "at least" if "at_least" in line else "at most"
        out.append(
            f"    with as many labels as now a judge passes with {POWER:.0%} chance if its true value is {side} "
            f"{line['passing_value']:.3f}"
        )
    return out


def _lower(text: str) -> str:
    return text[0].lower() + text[1:]


def _sequence_words(sequence: Record) -> str:
    if sequence["state"] is None:
        return f"looking at any time: not told, since {sequence['why']}"
    return (
        f"looking at any time: {sequence['state']} (bounds {sequence['low']:.3f} and {sequence['high']:.3f}, "
        f"{sequence['k']:g} of {sequence['n']:g})"
    )
