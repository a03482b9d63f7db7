"""Two audits compared, in words: decisions first."""

from __future__ import annotations

from typing import Any

from judgeaudit.domain.catalogue.reasons import says
from judgeaudit.domain.catalogue.statistics import phrase_of
from judgeaudit.domain.errors import one_line
from judgeaudit.gate.diff.audits import INDEPENDENT, PARTS, Differences

Record = dict[str, Any]
#: findings that are shown before --all
MOST = 12
_PART_WORDS = {"judge": "the judge", "labels": "the labels", "outputs": "the outputs"}
_ORDER = ("judge", "labels", "outputs", "table", "question", "options", "policy", "versions")


def lines_of(found: Differences, *, full: bool) -> list[str]:
    """Decisions, causes, the head statistic of each judge taken apart, and the findings that changed."""
    out = ["decisions:"] if found.decisions else ["decisions: none changed"]
    out += [f"  {_decision(one)}" for one in found.decisions]
    if not found.changes:
        out.append("what changed: nothing")
    else:
        out.append("what changed:")
        ordered = sorted(found.changes, key=lambda one: _ORDER.index(one["what"]))
        out += [f"  {_cause(one)}" for one in ordered]
    for one in found.separated:
        if full or one["stratum"] == "all" or _clear(one):
            out += _separated(one)
    return [*out, *_findings(found.findings, full=full)]


def _decision(one: Record) -> str:
    who = "people" if one["judge"] is None else one_line(one["judge"])
    old, new = (one[key] or "not there" for key in ("old", "new"))
    parts = []
    for word, kept, strange in (
        ("opened", "asked_before", "not asked for before"),
        ("closed", "asked_now", "not asked for any more"),
    ):
        if known := [name for name in one[word] if name in one[kept]]:
            parts.append(f"{word} in {', '.join(map(one_line, known))}")
        if other := [name for name in one[word] if name not in one[kept]]:
            parts.append(f"{strange}: {', '.join(map(one_line, other))}")
    told = f"{who} · {one_line(one['question'])}: {old} → {new}"
    return f"{told}{'' if one['required'] else ' (not required)'}{'; ' if parts else ''}{'; '.join(parts)}"


def _cause(one: Record) -> str:
    about = [one_line(part) for part in (one["who"], one["question"]) if part]
    return f"{' · '.join([one['what'], *about])}: {one['sentence']}"


def _clear(one: Record) -> bool:
    """Whether the interval of the change leaves 0 out."""
    low, high = one.get("low"), one.get("high")
    return low is not None and high is not None and (low > 0 or high < 0)


def _separated(one: Record) -> list[str]:
    where = "" if one["stratum"] == "all" else f" where {one_line(one['stratum'])}"
    head = f"{one_line(one['judge'])} · {one_line(one['question'])}{where}, {phrase_of(one['statistic'])}"
    if one["difference"] is None:
        return [f"{head}: {_value(one['old'])} → {_value(one['new'])}"]
    told = f"{head}: {one['old']:z.3f} → {one['new']:z.3f}, {_with_limits(one['difference'], one)}"
    if one["undefined"] == "not_separable":
        return [told, f"  {says('not_separable')}"]
    if "parts" not in one:
        return [told]
    parts = [f"{_PART_WORDS[name]} {_with_limits(one['parts'][name]['value'], one['parts'][name])}" for name in PARTS]
    return [told, f"  {', '.join(parts)}"]


def _with_limits(value: float, limits: Record) -> str:
    if limits["low"] is None:
        return f"{value:+z.3f}"
    if value == limits["low"] == limits["high"] == 0:
        return "0"
    return f"{value:+z.3f} [{limits['low']:+z.3f}, {limits['high']:+z.3f}]"


def _findings(findings: list[Record], *, full: bool) -> list[str]:
    if not findings:
        return ["findings: none changed"]
    chosen = findings if full else [one for one in findings if one["front"]]
    chosen = sorted(chosen, key=lambda one: not one["clear"])
    shown = chosen if full else chosen[:MOST]
    if not shown:
        return [f"findings that changed: {len(findings):,}, none of them at the front of a report: --all shows them"]
    out = [f"findings that changed ({len(findings):,}; * the interval of the difference leaves 0 out):"]
    out += [f"{'*' if one['clear'] else ' '} {_finding(one)}" for one in shown]
    if len(shown) < len(findings):
        out.append(f"  and {len(findings) - len(shown):,} more: --all shows them")
    if any(one["method"] == INDEPENDENT for one in shown):
        out.append("intervals marked ~ suppose that the audits share nothing, and are too wide where they do")
    return out


def _finding(one: Record) -> str:
    where = "" if one["stratum"] == "all" else f" where {one_line(one['stratum'])}"
    versus = "" if one["versus"] in ("reference", one["subject"]) else f" and {one_line(one['versus'])}"
    told = f"{one_line(one['subject'])}{versus} · {one_line(one['question'])}{where}, {phrase_of(one['statistic'])}: "
    told += f"{_value(one['old'])} → {_value(one['new'])}"
    if one["difference"] is None:
        return told
    return f"{told}, {_with_limits(one['difference'], one)}{' ~' if one['method'] == INDEPENDENT else ''}"


def _value(value: float | None) -> str:
    return "none" if value is None else f"{value:z.3f}"
