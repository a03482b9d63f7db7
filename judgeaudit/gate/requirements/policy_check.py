"""What a policy may not say: names that the audit does not know, and requirements that nothing could meet or fail."""

from __future__ import annotations

import math

from judgeaudit.domain.catalogue.statistics import why_refused
from judgeaudit.domain.errors import InputError, nearest
from judgeaudit.domain.policy import Policy, Require
from judgeaudit.domain.results.audit import AuditResult

PURPOSES = ("filter", "rate", "compare")


def refuse_unusable(result: AuditResult, policy: Policy) -> None:
    """An InputError for the first thing in the policy that cannot be meant; silence for a policy that can be held."""
    _refuse_unsound(policy)
    _refuse_unknown(result, policy)


def _refuse_unsound(policy: Policy) -> None:
    if policy.purpose not in PURPOSES:
        _refuse(policy, f"no purpose {policy.purpose!r}; it is {', '.join(PURPOSES)}")
    if not 0.5 <= policy.level < 1.0:
        _refuse(policy, f"level {policy.level:g} is not between 0.5 and 1 (0.95 means bounds that hold in 95 of 100)")
    if policy.prevalence is not None and not 0.0 <= policy.prevalence <= 1.0:
        _refuse(policy, f"prevalence {policy.prevalence:g} is not a share between 0 and 1")
    if not (math.isfinite(policy.max_bias) and policy.max_bias > 0):
        _refuse(policy, f"max_bias {policy.max_bias:g} is not a number above 0")
    if policy.label_source not in ("people", "any"):
        _refuse(policy, f'label_source {policy.label_source!r} is neither "people" nor "any"')
    for number, require in enumerate(policy.require or (), 1):
        if fault := _fault(require):
            _refuse(policy, f"require#{number}: {fault}")


def _fault(require: Require) -> str | None:
    if (require.statistic is None) == (require.contrast is None):
        return "give exactly one of statistic and contrast"
    if fault := _fault_of_bounds(require):
        return fault
    if require.strata == ():
        return "strata is empty, so nothing would be required; leave it out, or name strata"
    if require.contrast is not None and not require.between:
        return 'a contrast needs between, such as between = ["checkpoint"]'
    if require.contrast is not None and require.strata not in (None, ("all",)):
        return "a contrast is held between all strata of its columns; leave strata out"
    if require.contrast is not None and require.subject == "humans":
        return "contrasts are made for judges, not for people; leave subject out"
    return why_refused(statistic=require.statistic, contrast=require.contrast, subject=require.subject)


def _fault_of_bounds(require: Require) -> str | None:
    bounds = [b for b in (require.at_least, require.at_most) if b is not None]
    if not bounds or not all(math.isfinite(b) for b in bounds):
        return "give at_least, at_most or both, as numbers"
    if require.at_least is not None and require.at_most is not None and require.at_least > require.at_most:
        return f"at_least {require.at_least:g} is above at_most {require.at_most:g}, which nothing can meet"
    return None


def _refuse_unknown(result: AuditResult, policy: Policy) -> None:
    judges = sorted({j for about in result.questions for j in about.judges})
    questions = [about.name for about in result.questions]
    columns = sorted({s.column for s in result.strata.values() if s.column})
    _known(policy, "judge", policy.judges or (), judges)
    for require in policy.require or ():
        _known(policy, "question", (require.question,) if require.question else (), questions)
        _known(policy, "stratum", require.strata or (), _strata_of(result, require.question))
        _known(policy, "stratum column", require.between, columns)


def _strata_of(result: AuditResult, question: str | None) -> list[str]:
    """The strata that a question is shown in; a question is not cut by its own labels."""
    if question is None:
        return list(result.strata)
    shown = {f.stratum for f in result.findings if f.question == question}
    return [s for s in result.strata if s in shown]


def _known(policy: Policy, noun: str, named: tuple[str, ...], offered: list[str]) -> None:
    for name in named:
        if name not in offered:
            hint = "; declare it with --by or [strata]" if noun.startswith("stratum") else ""
            few = 0 < len(offered) <= 8
            there = f"; there {'is' if len(offered) == 1 else 'are'} {', '.join(offered)}" if few and not hint else ""
            _refuse(policy, f"no {noun} {name!r} in this audit{nearest(name, offered)}{hint}{there}")


def _refuse(policy: Policy, sentence: str) -> None:
    msg = f"policy ({policy.source}): {sentence}"
    raise InputError(msg)
