"""One requirement held against one stratum: met, decisively failed, or not to be told from these labels."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from judgeaudit.domain.policy import Policy, Require
from judgeaudit.domain.results import AuditResult, Contrast, Finding, Requirement
from judgeaudit.gate.bounds import Evidence, Sureness, bias_sureness, contrast_sureness, evidence_of, sureness_of
from judgeaudit.gate.missing import items_for_share, items_for_value
from judgeaudit.stats.intervals import Link

FEW_CLUSTERS = 10
SOME_CLUSTERS = 30
TWO_SIDED = ("prevalence_bias",)


@dataclass(frozen=True, kw_only=True)
class Case:
    """One judge (None: the people alone) and one question of an audit, with what its requirements are read from."""

    result: AuditResult
    about: dict[str, Any]
    judge: str | None
    policy: Policy
    evidence: Evidence
    findings: dict[tuple[str, str, str, str], Finding]

    def finding(self, subject: str, stratum: str, statistic: str) -> Finding | None:
        versus = "humans" if subject == "humans" or statistic == "leave_one_out_delta" else "reference"
        return self.findings.get((subject, versus, stratum, statistic))

    def level_at(self, finding_clusters: int) -> float | None:
        """The level that bounds are held at: 99% for 10 to 29 clusters, None (no bound) under 10."""
        if self.about.get("clusters") is None or finding_clusters >= SOME_CLUSTERS:
            return self.policy.level
        return None if finding_clusters < FEW_CLUSTERS else max(self.policy.level, 0.99)


def case_of(result: AuditResult, about: dict[str, Any], judge: str | None, policy: Policy) -> Case:
    """The case of one judge; findings by subject, versus, stratum and statistic."""
    return Case(
        result=result,
        about=about,
        judge=judge,
        policy=policy,
        evidence=evidence_of(result, about),
        findings={
            (f.subject, f.versus, f.stratum, f.statistic): f for f in result.findings if f.question == about["name"]
        },
    )


def check(case: Case, require: Require, stratum: str) -> list[Requirement]:
    """The requirement in one stratum; a contrast gives one line per pair of strata."""
    if require.contrast is not None:
        return _contrasts(case, require, stratum)
    subject = "humans" if require.subject == "humans" else (case.judge or "humans")
    assert require.statistic is not None
    finding = case.finding(subject, stratum, require.statistic)
    base = _base(require, stratum, subject, case.policy.level)
    if finding is None:
        return [_with(base, undefined="not_for_this_scale")]
    if finding.value is None:
        return [_with(base, undefined=finding.undefined)]
    sure = (
        bias_sureness(case.evidence, finding, case.policy.prevalence)
        if require.statistic == "prevalence_bias"
        else sureness_of(finding, case.evidence)
    )
    level = case.level_at(finding.n_clusters)
    if level is None:
        return [_with(base, value=finding.value, undefined="too_few_clusters")]
    if sure is None:
        return [_with(base, value=finding.value, undefined="no_interval")]
    base = _with(base, value=finding.value, k=finding.k, n=finding.n, level=level, method=sure.method)
    held = hold(base, sure, level, two_sided=require.statistic in TWO_SIDED)
    return [_with(held, labels_missing=_missing(held, finding))]


def hold(base: Requirement, sure: Sureness, level: float, *, two_sided: bool) -> Requirement:
    """Bounds against thresholds. The bound shown is the one that decides: the failing side where it fails."""
    lower, upper = sure.lower(level), sure.upper(level)
    if np.isnan(lower) or np.isnan(upper):
        return _with(base, undefined="no_interval")
    base = _with(base, lower=lower, upper=upper)
    if two_sided and base.at_most is not None:
        return _within(base, sure, base.at_most)
    met, fails, bounds, ps = True, False, [], [0.0]
    if base.at_least is not None:
        met &= lower >= base.at_least
        fails |= upper < base.at_least
        bounds.append(upper if upper < base.at_least else lower)
        ps.append(sure.p_above(base.at_least))
    if base.at_most is not None:
        met &= upper <= base.at_most
        fails |= lower > base.at_most
        bounds.append(lower if lower > base.at_most else upper)
        ps.append(sure.p_below(base.at_most))
    return _with(base, bound=bounds[0], met=_met(met=met, fails=fails), fails=fails, p_value=max(ps))


def _within(base: Requirement, sure: Sureness, limit: float) -> Requirement:
    """|difference| at most `limit`: both one-sided bounds must lie inside (two one-sided tests)."""
    assert base.lower is not None
    assert base.upper is not None
    far = max(abs(base.lower), abs(base.upper))
    fails = base.lower > limit or base.upper < -limit
    bound = min(abs(base.lower), abs(base.upper)) if fails else far
    p = max(sure.p_below(limit), sure.p_above(-limit))
    return _with(base, bound=bound, met=_met(met=far <= limit, fails=fails), fails=fails, p_value=p)


def _met(*, met: bool, fails: bool) -> bool | None:
    return True if met else False if fails else None


def _contrasts(case: Case, require: Require, stratum: str) -> list[Requirement]:
    wanted = [
        c
        for c in case.result.contrasts
        if c.question == case.about["name"]
        and c.kind == "strata"
        and c.subject == case.judge
        and c.statistic == require.contrast
        and _column(case, c.a) in require.between
    ]
    if not wanted:
        return [_with(_base(require, stratum, case.judge or "", case.policy.level), undefined="no_strata")]
    return [_one_contrast(case, require, contrast) for contrast in wanted]


def _column(case: Case, stratum: str) -> str:
    return str(case.result.strata.get(stratum, {}).get("column", stratum.partition("=")[0]))


def _one_contrast(case: Case, require: Require, contrast: Contrast) -> Requirement:
    base = _base(require, f"{contrast.a} − {contrast.b}", case.judge or "", case.policy.level)
    sure = contrast_sureness(contrast, case.evidence)
    if contrast.value is None:
        return _with(base, undefined=contrast.undefined)
    level = case.level_at(int(case.result.counts.get("clusters", 0)))
    if sure is None or level is None:
        return _with(base, value=contrast.value, undefined="no_interval" if level is not None else "too_few_clusters")
    base = _with(base, value=contrast.value, level=level, method=sure.method)
    return hold(base, sure, level, two_sided=True)


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


def _with(base: Requirement, **changes: Any) -> Requirement:
    from dataclasses import replace

    return replace(base, **changes)


_LINKS: dict[str, Link] = {"prevalence_bias": "identity", "leave_one_out_delta": "identity"}


def _missing(held: Requirement, finding: Finding) -> int | None:
    """Further items of this stratum that would settle an undecided requirement with 80% chance, if the value holds."""
    if held.met is not None or held.value is None or held.undefined or held.bound is None or not finding.n_items:
        return None
    threshold = held.at_least if held.at_least is not None else held.at_most
    assert threshold is not None
    if finding.k is not None and finding.n and finding.spread is not None and finding.spread["kind"] == "binomial":
        share, floor = finding.k / finding.n, threshold
        if held.at_most is not None and held.at_least is None:
            share, floor = 1.0 - share, 1.0 - threshold
        wanted = items_for_share(share, floor=floor, level=held.level)
        if wanted is None:
            wanted = items_for_share(1.0 - share, floor=1.0 - floor, level=held.level)
        of_class = finding.n / finding.n_items
        total = None if wanted is None else int(np.ceil(wanted / of_class))
    else:
        above = held.value >= threshold
        side = held.lower if above else held.upper
        link = _LINKS.get(held.statistic, "fisher")
        total = items_for_value(
            held.value, bound=float(side or 0.0), threshold=threshold, n=finding.n_items, link=link, level=held.level
        )
    return None if total is None else max(1, total - finding.n_items)
