"""One requirement held against one stratum: met, decisively failed, or not to be told from these labels."""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import cached_property
from itertools import combinations

import numpy as np

from judgeaudit.audit.cluster_warnings import FEW_CLUSTERS, SOME_CLUSTERS
from judgeaudit.domain.catalogue.statistics import entry_of, versus_of
from judgeaudit.domain.policy import Policy, Require
from judgeaudit.domain.results.audit import AuditResult, Contrast, Finding, Requirement
from judgeaudit.domain.results.estimates import TableSpread
from judgeaudit.domain.results.questions import QuestionRecord
from judgeaudit.domain.results.rates import RateRecord
from judgeaudit.gate.requirements.bounds import Evidence, Sureness, bias_of, contrast_of, evidence_of, sureness_of
from judgeaudit.gate.requirements.corrected_rate_labels import labels_for_line
from judgeaudit.gate.requirements.labels_missing import Counted, counted_of, labels_missing

#: under so many items a bound that is drawn from a posterior fails nobody: a good judge would be rejected too often
LEAST_TO_FAIL = 10
#: what a statistic needs -> the reason why an audit without it holds no such finding
_ABSENT = {"runs": "one_run", "orders": "one_order", "label design": "no_design"}


@dataclass(frozen=True, kw_only=True)
class Case:
    """One judge (None: the people alone) and one question of an audit, with what its requirements are read from."""

    result: AuditResult
    about: QuestionRecord
    judge: str | None
    policy: Policy
    evidence: Evidence
    findings: dict[tuple[str, str, str, str], Finding]
    #: (statistic, a, b) -> this judge's difference between the strata a and b
    contrasts: dict[tuple[str, str, str], Contrast]
    #: whether to work out how many labels would settle what is undecided
    plan: bool = True

    @cached_property
    def strata(self) -> tuple[str, ...]:
        """The strata that this question is shown in: a question is not cut by its own labels."""
        shown = {stratum for judge, stratum in self.evidence.confusions if judge == self.judge}
        return tuple(s for s in self.result.strata if s == "all" or s in shown)

    def finding(self, subject: str, stratum: str, statistic: str) -> Finding | None:
        return self.findings.get((subject, versus_of(statistic, subject), stratum, statistic))

    def rate_record(self, stratum: str) -> RateRecord | None:
        """How this judge's rate in a stratum may be corrected, as the audit holds it."""
        mine = (self.about.name, self.judge, stratum)
        rows = self.result.rates
        return next((one for one in rows if (one.question, one.judge, one.stratum) == mine), None)

    def level_at(self, finding_clusters: int) -> float | None:
        """The level that bounds are held at: 99% for 10 to 29 clusters, None (no bound) under 10."""
        if self.about.clusters is None or finding_clusters >= SOME_CLUSTERS:
            return self.policy.level
        return None if finding_clusters < FEW_CLUSTERS else max(self.policy.level, 0.99)


def case_of(result: AuditResult, about: QuestionRecord, judge: str | None, policy: Policy) -> Case:
    """The case of one judge; findings by subject, versus, stratum and statistic."""
    return Case(
        result=result,
        about=about,
        judge=judge,
        policy=policy,
        evidence=evidence_of(result, about),
        findings={
            (f.subject, f.versus, f.stratum, f.statistic): f for f in result.findings if f.question == about.name
        },
        contrasts={
            (c.statistic, c.a, c.b): c
            for c in result.contrasts
            if c.kind == "strata" and c.question == about.name and c.subject == judge
        },
    )


def check(case: Case, require: Require, stratum: str) -> list[Requirement]:
    """The requirement in one stratum; a contrast gives one line per pair of strata."""
    if require.contrast is not None:
        return _contrasts(case, require, stratum)
    subject = "humans" if require.subject == "humans" else (case.judge or "humans")
    base = _base(require, stratum, subject, case.policy.level)
    finding = case.finding(subject, stratum, base.statistic)
    if finding is None:
        return [replace(base, undefined=_why_absent(case, base))]
    entry = entry_of(base.statistic)
    if finding.value is None:
        return [replace(base, undefined=finding.undefined)]
    value, sure = _value_of(case, finding)
    drawn = isinstance(finding.spread, TableSpread)
    may_fail = not drawn or finding.n_items >= LEAST_TO_FAIL
    line = _held_at(
        replace(base, value=value, k=finding.k, n=finding.n),
        sure,
        case.level_at(finding.n_clusters),
        two_sided=entry.bound == "within",
        may_fail=may_fail,
    )
    return [_with_labels_missing(case, line, finding, least=0 if may_fail else LEAST_TO_FAIL)]


def _value_of(case: Case, finding: Finding) -> tuple[float | None, Sureness | None]:
    """The value of a finding and how sure it is; a bias as it would be at the prevalence that the policy states."""
    sure = sureness_of(finding, case.evidence)
    prevalence = case.policy.prevalence
    if finding.statistic != "prevalence_bias" or prevalence is None:
        return finding.value, sure
    sides = [case.finding(finding.subject, finding.stratum, f"false_{side}_rate") for side in ("positive", "negative")]
    return bias_of(case.evidence, finding, sides, prevalence=prevalence)


def _with_labels_missing(case: Case, line: Requirement, finding: Finding, *, least: int) -> Requirement:
    """The requirement with how many more labels would settle it and bring its stratum to at least `least` items."""
    line = _planned(case, line, n_items=finding.n_items, counted=counted_of(finding))
    if line.labels_missing is not None:
        line = replace(line, labels_missing=max(line.labels_missing, least - finding.n_items))
    by_design = case.plan and entry_of(finding.statistic).needs == "label design"
    record = case.rate_record(finding.stratum) if by_design else None
    if record is None:
        return line
    more = labels_for_line(line, finding, record, case.evidence, otherwise=line.labels_missing)
    return replace(line, labels_missing=more)


def _why_absent(case: Case, line: Requirement) -> str:
    """Why an audit holds no such finding: it takes what was not given, or it is not made on this scale."""
    needs = entry_of(line.statistic).needs
    without = case.judge is None or case.finding(case.judge, "all", "brier_score") is None
    if needs == "probabilities" and line.subject != "humans" and case.evidence.scheme.has_positive and without:
        return "no_probability"
    return _ABSENT.get(needs or "", "not_for_this_scale")


def _planned(case: Case, line: Requirement, *, n_items: int, counted: Counted | None) -> Requirement:
    of_itself = entry_of(line.statistic).against == "itself"
    if not case.plan or of_itself:  # more labels would not help: it takes more verdicts
        return line
    return replace(line, labels_missing=labels_missing(line, n_items=n_items, counted=counted))


def _held_at(
    base: Requirement, sure: Sureness | None, level: float | None, *, two_sided: bool, may_fail: bool = True
) -> Requirement:
    """The requirement with its bounds, or with the reason why it has none."""
    if level is None:
        return replace(base, undefined="too_few_clusters")
    if sure is None:
        return replace(base, undefined="no_interval")
    return hold(replace(base, level=level, method=sure.method), sure, level, two_sided=two_sided, may_fail=may_fail)


def hold(base: Requirement, sure: Sureness, level: float, *, two_sided: bool, may_fail: bool = True) -> Requirement:
    """Bounds against thresholds. The bound shown is the one that decides: the failing side where it fails.

    Unless it `may_fail`, a requirement is met or not to be told.
    """
    lower, upper = sure.lower(level), sure.upper(level)
    if np.isnan(lower) or np.isnan(upper):
        return replace(base, undefined="no_interval")
    base = replace(base, lower=lower, upper=upper)
    if two_sided and base.at_most is not None and base.at_least is None:
        return _within(base, sure, base.at_most, may_fail=may_fail)
    sides: list[tuple[int, float, float]] = []
    if base.at_least is not None:
        p = sure.p_above(base.at_least)
        sides.append(_side(base.at_least, good=lower, bad=upper, sign=1.0, p=p, may_fail=may_fail))
    if base.at_most is not None:
        p = sure.p_below(base.at_most)
        sides.append(_side(base.at_most, good=upper, bad=lower, sign=-1.0, p=p, may_fail=may_fail))
    worst = max(sides, key=lambda side: side[0])
    met = True if worst[0] == 0 else False if worst[0] == 2 else None
    p_value = max(side[2] for side in sides)
    return replace(base, bound=worst[1], met=met, fails=met is False, p_value=p_value)


def _side(
    threshold: float, *, good: float, bad: float, sign: float, p: float, may_fail: bool
) -> tuple[int, float, float]:
    """(0 met, 1 not to be told, 2 fails; the bound that says so; p-value) of one threshold. `sign` is −1 for at_most."""
    if may_fail and sign * bad < sign * threshold:
        return 2, bad, p
    return (0 if sign * good >= sign * threshold else 1), good, p


def _within(base: Requirement, sure: Sureness, limit: float, *, may_fail: bool) -> Requirement:
    """|difference| at most `limit`: both one-sided bounds must lie inside (two one-sided tests)."""
    lower, upper = base.lower or 0.0, base.upper or 0.0
    far = max(abs(lower), abs(upper))
    fails = may_fail and (lower > limit or upper < -limit)
    bound = min(abs(lower), abs(upper)) if fails else far
    p = max(sure.p_below(limit), sure.p_above(-limit))
    met = True if far <= limit else False if fails else None
    return replace(base, bound=bound, met=met, fails=fails, p_value=p)


# -------------------------------------------------------------------------------------------------------- contrasts


def _contrasts(case: Case, require: Require, stratum: str) -> list[Requirement]:
    """A line for each pair of strata of each column; one that says why for a column without pairs."""
    base = _base(require, stratum, case.judge or "", case.policy.level)
    out = []
    for column in require.between:
        names = [s for s in case.strata if case.result.strata[s].column == column]
        large = [s for s in names if _items(case, s) >= case.policy.least_items]
        pairs = list(combinations(large, 2))
        known = [_contrast(case, base.statistic, a, b) for a, b in pairs]
        if not pairs:
            out.append(replace(base, stratum=f"{column}=…", undefined="no_strata"))
        elif None in known:
            out.append(replace(base, stratum=f"{column}=…", undefined="not_compared"))
        out += [_one_contrast(case, require, contrast) for contrast in known if contrast is not None]
    return out or [replace(base, undefined="no_strata")]


def _contrast(case: Case, statistic: str, a: str, b: str) -> Contrast | None:
    return case.contrasts.get((statistic, a, b)) or case.contrasts.get((statistic, b, a))


def _items(case: Case, stratum: str) -> int:
    table = case.evidence.confusions.get((case.judge or "", stratum))
    return 0 if table is None else table.n_items


def _one_contrast(case: Case, require: Require, contrast: Contrast) -> Requirement:
    base = _base(require, f"{contrast.a} − {contrast.b}", case.judge or "", case.policy.level)
    value, sure = contrast_of(case.evidence, contrast)
    if value is None:
        return replace(base, undefined=contrast.undefined)
    judge = case.judge or ""
    # a statistic of contrasts alone has no findings; its items are those of agreement
    sides = [
        case.finding(judge, s, base.statistic) or case.finding(judge, s, "percent_agreement")
        for s in (contrast.a, contrast.b)
    ]
    clusters = min((f.n_clusters for f in sides if f is not None), default=0)
    line = _held_at(replace(base, value=value), sure, case.level_at(clusters), two_sided=True)
    n_items = sum(f.n_items for f in sides if f is not None)
    return _planned(case, line, n_items=n_items, counted=None)


def _base(require: Require, stratum: str, subject: str, level: float) -> Requirement:
    return Requirement(
        statistic=require.statistic or require.contrast or "",
        stratum=stratum,
        bound=None,
        met=None,
        at_least=require.at_least,
        at_most=require.at_most,
        subject=subject,
        contrast=require.contrast,
        level=level,
    )
