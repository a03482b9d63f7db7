"""A case as it would be if items of one kind had been judged, or labelled, otherwise."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any, Literal

import numpy as np

from judgeaudit.audit.setting.catalogue import PairStatistic
from judgeaudit.domain.ratings import Floats
from judgeaudit.domain.results.audit import Confusion, Contrast, Finding
from judgeaudit.gate.requirements.bounds import Evidence, statistic_named
from judgeaudit.gate.requirements.check import Case

Cell = tuple[int, int]


@dataclass(frozen=True, slots=True, kw_only=True)
class Move:
    """Items of one stratum that lie in one cell (reference label, verdict) and would lie in another."""

    stratum: str
    start: Cell
    end: Cell

    @property
    def what(self) -> Literal["verdicts", "labels"]:
        return "verdicts" if self.start[0] == self.end[0] else "labels"


def moved_case(case: Case, move: Move, count: int) -> Case:
    """The case with `count` items moved, in their stratum and in all: tables, values and bounds as an audit would make them.

    Bounds from clusters keep their standard error, and people's agreement stays as it is.
    """
    judge = case.judge or ""
    confusions = dict(case.evidence.confusions)
    for stratum in {move.stratum, "all"}:
        confusions[judge, stratum] = _moved(confusions[judge, stratum], move, count)
    cache = {key: draws for key, draws in case.evidence.cache.items() if key[1] not in (move.stratum, "all")}
    evidence = replace(case.evidence, confusions=confusions, cache=cache)
    findings = {
        key: _finding(f, evidence) if key[:2] == (judge, "reference") and key[2] in (move.stratum, "all") else f
        for key, f in case.findings.items()
    }
    contrasts = {key: _contrast(c, evidence, move.stratum) for key, c in case.contrasts.items()}
    return replace(case, evidence=evidence, findings=findings, contrasts=contrasts)


def _moved(confusion: Confusion, move: Move, count: int) -> Confusion:
    counts = [list(row) for row in confusion.counts]
    counts[move.start[0]][move.start[1]] -= count
    counts[move.end[0]][move.end[1]] += count
    return replace(confusion, counts=counts)


def _finding(finding: Finding, evidence: Evidence) -> Finding:
    statistic = statistic_named(evidence, finding.statistic)
    table = evidence.table(finding.subject, finding.stratum)
    if statistic is None or table is None or statistic.name == "coverage":
        return finding
    value = float(statistic.value(table, evidence.scheme))
    if not np.isfinite(value) or (statistic.one_class and np.count_nonzero(table.sum(1)) == 1):
        return replace(finding, value=None, spread=None, k=None, n=None, undefined="one_class_human")
    if finding.spread is not None and finding.spread["kind"] == "normal" and finding.value is not None:
        spread = {**finding.spread, "center": finding.spread["center"] + value - finding.value}
        if "n" in spread:
            spread["k"] = value * spread["n"]
        return replace(finding, value=value, spread=spread)
    return _counted(finding, statistic, table, value, evidence)


def _counted(finding: Finding, statistic: PairStatistic, table: Floats, value: float, evidence: Evidence) -> Finding:
    scale = 1.0 if finding.spread is None else float(finding.spread.get("scale", 1.0))
    spread: dict[str, Any] = {"kind": "table", "scale": scale}
    if statistic.share is None:
        return replace(finding, value=value, spread=spread, undefined=None)
    k, n = (float(x) for x in statistic.share(table, evidence.scheme))
    # a share of clusters that do not vary is counted in clusters, not in items
    scale = 1.0 if finding.spread is None or not finding.n else float(finding.spread.get("n", finding.n)) / finding.n
    spread = {"kind": "binomial", "k": k * scale, "n": n * scale}
    return replace(finding, value=value, spread=spread, k=k, n=n, undefined=None)


def _contrast(contrast: Contrast, evidence: Evidence, stratum: str) -> Contrast:
    statistic = statistic_named(evidence, contrast.statistic)
    tables = [evidence.table(contrast.subject, s) for s in (contrast.a, contrast.b)]
    if stratum not in (contrast.a, contrast.b) or contrast.value is None or statistic is None:
        return contrast
    a, b = (np.nan if t is None else float(statistic.value(t, evidence.scheme)) for t in tables)
    if not np.isfinite(a - b):
        return replace(contrast, value=None, spread=None, undefined="one_class_human")
    spread = contrast.spread
    if spread is not None and spread["kind"] == "normal":
        spread = {**spread, "center": spread["center"] + (a - b) - contrast.value}
        if "sides" in spread:
            shares = [[to, *one[1:]] for to, one in zip((a, b), spread["sides"]["shares"], strict=True)]
            spread["sides"] = {**spread["sides"], "shares": shares}
    return replace(contrast, value=a - b, spread=spread)
