"""Decisions: may this judge be used for this question, and in which strata."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Literal

import numpy as np

from judgeaudit.domain.errors import InputError, nearest
from judgeaudit.domain.policy import Policy, Require
from judgeaudit.domain.ratings import Floats
from judgeaudit.domain.results import AuditResult, Decision, Requirement, StratumDecision
from judgeaudit.gate.defaults import one_class_requirements, requirements_for
from judgeaudit.gate.fragility import fragility_of
from judgeaudit.gate.requirements import Case, case_of, check
from judgeaudit.gate.words import decision_sentence, stratum_sentence
from judgeaudit.stats.resample import holm

State = Literal["open", "closed", "undetermined"]
YOUDEN_NEEDED = 0.10


@dataclass(frozen=True, kw_only=True)
class Held:
    """One stratum with every requirement held against it."""

    stratum: str
    requirements: tuple[Requirement, ...]
    state: State
    code: str | None

    @property
    def p_value(self) -> float:
        """The largest p-value of its requirements: all must hold (intersection-union test)."""
        return max((1.0 if r.p_value is None else r.p_value for r in self.requirements), default=1.0)


def decide(result: AuditResult, policy: Policy) -> list[Decision]:
    """One decision per judge and question, judges in order; with no judge one decision about the people."""
    _refuse_unknown(result, policy)
    out = []
    for about in result.questions:
        judges: list[str | None] = list(about["judges"]) or [None]
        for judge in judges:
            out.append(_decide_one(case_of(result, about, judge, policy)))
    return out


def exit_code(decisions: list[Decision]) -> int:
    """0 when all required judges are certified, 1 when one is restricted or rejected, 3 when it cannot be told."""
    required = [d.decision for d in decisions if d.required]
    if any(word in ("restricted", "rejected") for word in required):
        return 1
    return 0 if required and all(word == "certified" for word in required) else 3


def _refuse_unknown(result: AuditResult, policy: Policy) -> None:
    """Names in the policy that the audit does not know are mistakes, not requirements that never fail."""
    judges = sorted({j for about in result.questions for j in about["judges"]})
    questions = [about["name"] for about in result.questions]
    columns = sorted({s["column"] for s in result.strata.values() if s.get("column")})
    _known(policy, "judge", policy.judges or (), judges)
    for require in policy.require or ():
        _known(policy, "question", (require.question,) if require.question else (), questions)
        _known(policy, "stratum", require.strata or (), list(result.strata))
        _known(policy, "stratum column", require.between, columns)


def _known(policy: Policy, noun: str, named: tuple[str, ...], offered: list[str]) -> None:
    for name in named:
        if name not in offered:
            hint = "; declare it with --by or [strata]" if noun.startswith("stratum") else ""
            there = f"; there are {', '.join(offered[:8])}" if offered and not hint else ""
            msg = f"policy ({policy.source}): no {noun} {name!r} in this audit{nearest(name, offered)}{hint}{there}"
            raise InputError(msg)


# --------------------------------------------------------------------------------------------------------- one case


def _decide_one(case: Case) -> Decision:
    strata = list(case.result.strata)
    if case.judge is None:
        held = [_hold(case, "all", _people_only(case))]
        small: list[str] = []
    else:
        small = [s for s in strata if s != "all" and _n(case, s) < case.policy.least_items and not _named(case, s)]
        held = [_hold(case, s, _requirements(case, s)) for s in strata if s not in small]
        held = [h for h in held if h.requirements]
    held = _corrected_for_choice(held, case.policy.level)
    decision = _conclude(case, held, small)
    decision = _by_label_source(decision, case)
    return replace(decision, fragility=fragility_of(case, decision, held)) if case.judge is not None else decision


def _people_only(case: Case) -> tuple[Require, ...]:
    columns: tuple[str, ...] = ()
    every = requirements_for(case.policy, scale=case.about["scale"], has_positive=False, columns=columns)
    own = tuple(r for r in every if r.subject == "humans")
    return own or (Require(statistic="krippendorff_alpha", subject="humans", at_least=0.667),)


def _n(case: Case, stratum: str) -> int:
    table = case.evidence.confusions.get((case.judge or "", stratum))
    return 0 if table is None else table.n_items


def _named(case: Case, stratum: str) -> bool:
    return any(stratum in (r.strata or ()) for r in case.policy.require or ())


def _requirements(case: Case, stratum: str) -> tuple[Require, ...]:
    """What is required of this judge in this stratum."""
    about = case.about
    columns = tuple(dict.fromkeys(s["column"] for s in case.result.strata.values() if s.get("column")))
    rows = _reference_counts(case, stratum)
    if case.policy.require is None and rows is not None and np.count_nonzero(rows) == 1:
        positives = (
            bool(case.evidence.scheme.positive[int(rows.argmax())]) if case.evidence.scheme.has_positive else False
        )
        if case.policy.purpose != "compare":
            return one_class_requirements(case.policy, scale=about["scale"], positives=positives)
    every = requirements_for(
        case.policy, scale=about["scale"], has_positive=case.evidence.scheme.has_positive, columns=columns
    )
    return tuple(r for r in every if _applies(r, case, stratum))


def _applies(require: Require, case: Case, stratum: str) -> bool:
    if require.question is not None and require.question != case.about["name"]:
        return False
    if require.contrast is not None:
        return stratum == "all"
    if require.strata is not None:
        return stratum in require.strata
    return not (case.policy.purpose == "compare" and case.policy.require is None and stratum != "all")


def _reference_counts(case: Case, stratum: str) -> Floats | None:
    table = case.evidence.confusions.get((case.judge or "", stratum))
    return None if table is None or not table.counts else np.asarray(table.counts).sum(1)


def _hold(case: Case, stratum: str, requires: tuple[Require, ...]) -> Held:
    lines = tuple(line for require in requires for line in check(case, require, stratum))
    state, code = _state(lines)
    return Held(stratum=stratum, requirements=lines, state=state, code=code)


def _state(lines: tuple[Requirement, ...]) -> tuple[State, str | None]:
    """People who decisively disagree leave nothing to hold a judge against; else one decisive failure closes."""
    if any(r.fails and r.subject == "humans" for r in lines):
        return "undetermined", "people_disagree"
    if any(r.fails for r in lines):
        return "closed", "fails"
    if lines and all(r.met for r in lines):
        return "open", None
    reasons = [r.undefined for r in lines if r.undefined]
    if not reasons:
        return "undetermined", "more_labels"
    known = {"one_class_human": "one_class", "one_class_judge": "one_class"}
    return "undetermined", known.get(reasons[0], reasons[0])


def _corrected_for_choice(held: list[Held], level: float) -> list[Held]:
    """Where only some strata pass, picking those is a choice: they must pass with Holm over the strata not closed."""
    if all(h.state == "open" for h in held):
        return held
    family = [h for h in held if h.stratum != "all" and h.state != "closed"]
    if not family:
        return held
    adjusted = dict(zip((h.stratum for h in family), holm(np.array([h.p_value for h in family])).tolist(), strict=True))
    return [
        replace(h, state="undetermined", code="multiplicity")
        if h.state == "open" and h.stratum != "all" and adjusted[h.stratum] > 1.0 - level
        else h
        for h in held
    ]


# ------------------------------------------------------------------------------------------------------- conclusion


def _conclude(case: Case, held: list[Held], small: list[str]) -> Decision:
    strata = [_stratum_decision(h) for h in held] + [_too_small(case, s) for s in small]
    declared = [h for h in held if h.stratum != "all"]
    opened = [h.stratum for h in declared if h.state == "open"]
    lines = [r for h in held for r in h.requirements]
    word: Literal["certified", "restricted", "rejected", "undetermined"]
    corrected, scope, code = False, [], None
    if held and all(h.state == "open" for h in held):
        word, scope = "certified", [h.stratum for h in held]
    elif opened:
        word, scope, code = "restricted", opened, "some_strata"
    elif case.policy.purpose == "rate" and case.policy.require is None and _correctable(case, held):
        word, corrected, code = "restricted", True, "corrected_rates"
    elif any(h.state == "closed" for h in held):
        word, code = "rejected", _fail_code(held)
    else:
        word, code = "undetermined", _open_code(held)
    excluded = [s for s in case.result.strata if s not in scope and (s != "all" or word != "certified")]
    if word in ("restricted", "rejected", "undetermined") and not declared and not small:
        excluded = []
    if case.judge is None:
        excluded = []
    missing = [s.labels_missing for s in strata if s.labels_missing is not None and s.state == "undetermined"]
    decision = Decision(
        question=case.about["name"],
        judge=case.judge,
        decision=word,
        scope=scope,
        excluded=[s for s in excluded if s != "all"],
        requirements=lines,
        code=code,
        reason="",
        strata=strata,
        corrected_rates=corrected,
        baseline=case.judge in case.about.get("baseline_judges", []),
        required=_is_required(case),
        labels_missing=sum(missing) if missing and word == "undetermined" else (max(missing) if missing else None),
    )
    return replace(decision, reason=decision_sentence(decision, case.about, case.policy))


def _is_required(case: Case) -> bool:
    if case.judge is None:
        return not case.result.counts.get("judges")
    if case.policy.judges is not None:
        return case.judge in case.policy.judges
    return case.judge not in case.about.get("baseline_judges", [])


def _fail_code(held: list[Held]) -> str:
    return "fails_contrast" if any(r.fails and r.contrast for h in held for r in h.requirements) else "fails"


def _open_code(held: list[Held]) -> str:
    codes = [h.code for h in held if h.code]
    for first in ("people_disagree", "more_labels"):
        if first in codes:
            return first
    return codes[0] if codes else "no_requirements"


def _correctable(case: Case, held: list[Held]) -> bool:
    """Corrected rates need a judge that tells the classes apart: Youden's J decisively above 0.10, and people who agree."""
    whole = next((h for h in held if h.stratum == "all"), None)
    if whole is None or any(r.subject == "humans" and r.met is not True for r in whole.requirements):
        return False
    found = check(case, Require(statistic="youden_j", at_least=YOUDEN_NEEDED), "all")
    return bool(found[0].met)


def _stratum_decision(h: Held) -> StratumDecision:
    missing = [r.labels_missing for r in h.requirements if r.labels_missing is not None]
    return StratumDecision(
        stratum=h.stratum,
        state=h.state,
        code=h.code,
        reason=stratum_sentence(h.state, h.code, h.requirements),
        labels_missing=max(missing) if missing and h.state == "undetermined" else None,
    )


def _too_small(case: Case, stratum: str) -> StratumDecision:
    n, least = _n(case, stratum), case.policy.least_items
    return StratumDecision(
        stratum=stratum,
        state="undetermined",
        code="too_few_items",
        reason=f"{n} labelled items, fewer than the {least} that a stratum needs to be decided on.",
        labels_missing=least - n,
    )


def _by_label_source(decision: Decision, case: Case) -> Decision:
    """Labels that people did not give certify nothing, unless the policy says that they may."""
    source = case.result.label_source
    if source == "people" or case.policy.label_source == "any" or decision.decision not in ("certified", "restricted"):
        return decision
    reason = (
        f"Would be {decision.decision}, but the labels come from {source}, not from people, and such labels certify "
        f'nothing (a policy with label_source = "any" lifts this).'
    )
    return replace(
        decision,
        decision="undetermined",
        code="labels_not_by_people",
        reason=reason,
        scope=[],
        excluded=[s for s in case.result.strata if s != "all"],
        corrected_rates=False,
    )
