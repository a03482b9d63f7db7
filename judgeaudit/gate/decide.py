"""Decisions: may this judge be used for this question, and in which strata."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from judgeaudit.domain.catalogue.reasons import REASONS
from judgeaudit.domain.policy import Policy
from judgeaudit.domain.results.audit import AuditResult, Decided, Decision, StratumDecision
from judgeaudit.gate.fragility import fragility_of
from judgeaudit.gate.requirements.check import Case, case_of
from judgeaudit.gate.requirements.corrected_rate import correction_of
from judgeaudit.gate.requirements.default_policy import SMALL
from judgeaudit.gate.requirements.gibberish import gibberish_sentences
from judgeaudit.gate.requirements.policy_check import refuse_unusable
from judgeaudit.gate.requirements.strata import Held, hold_judge, hold_people, n_items
from judgeaudit.gate.words.sentences import crowd_of, decision_sentence, silence_words, stratum_sentence


def decide(result: AuditResult, policy: Policy, *, fragility: bool = True) -> list[Decision]:
    """One decision per judge and question, judges in order; with no judge one decision about the people.

    `fragility` asks for the smallest change that would turn each, which takes longest.
    """
    refuse_unusable(result, policy)
    out = []
    for about in result.questions:
        judges: list[str | None] = list(about.judges) or [None]
        for judge in judges:
            out.append(_decide_one(case_of(result, about, judge, policy), fragility=fragility))
    return out


def _decide_one(case: Case, *, fragility: bool) -> Decision:
    held, small = ([hold_people(case)], []) if case.judge is None else hold_judge(case)
    decision = _by_label_source(_conclude(case, held, small), case)
    if case.judge is None or not fragility:
        return decision
    decision = replace(decision, reason=f"{decision.reason} {gibberish_sentences(case, decision)}".rstrip())
    return replace(decision, fragility=fragility_of(case, decision, held, conclusion))


# ------------------------------------------------------------------------------------------------------- conclusion


@dataclass(frozen=True, kw_only=True)
class Conclusion:
    """What follows from a judge's strata: the word, where it may be used, and the reason code."""

    word: Decided
    scope: tuple[str, ...] = ()
    code: str | None = None
    corrected: bool = False


def conclusion(case: Case, held: Sequence[Held]) -> Conclusion:
    """All open: certified. Some strata open: restricted to them. A decisive failure: rejected. Else nothing is decided.

    Where strata are declared, passing in all opens none of them. Where rates are wanted, a judge that tells the classes apart
    may be used for rates that are corrected.
    """
    opened = tuple(h.stratum for h in held if h.state == "open" and h.stratum != "all")
    if held and all(h.state == "open" for h in held):
        return Conclusion(word="certified", scope=tuple(h.stratum for h in held))
    corrected = _correctable(case, held)
    if opened:
        return Conclusion(word="restricted", scope=opened, code="some_strata", corrected=corrected)
    if corrected:
        return Conclusion(word="restricted", code="corrected_rates", corrected=True)
    if any(h.state == "closed" for h in held):
        return Conclusion(word="rejected", code=_fail_code(held))
    return Conclusion(word="undetermined", code=_open_code(held))


def _correctable(case: Case, held: Sequence[Held]) -> bool:
    """Corrected rates need people who agree, and a corrected rate that is sure enough."""
    whole = next((h for h in held if h.stratum == "all"), None)
    if case.policy.purpose != "rate" or case.policy.require is not None or whole is None:
        return False
    if any(r.subject == "humans" and r.met is not True for r in whole.requirements):
        return False
    return correction_of(case).fit


def _fail_code(held: Sequence[Held]) -> str:
    return "fails_contrast" if any(r.fails and r.contrast for h in held for r in h.requirements) else "fails"


def _open_code(held: Sequence[Held]) -> str:
    """The code of what is missing. That people disagree is said where they do so in all, or wherever anything is open."""
    codes = [h.code for h in held if h.code]
    if any(h.code == "people_disagree" and h.stratum == "all" for h in held):
        return "people_disagree"
    if "more_labels" in codes:
        return "more_labels"
    return codes[0] if codes else "no_requirements"


def _conclude(case: Case, held: list[Held], small: list[str]) -> Decision:
    found = conclusion(case, held)
    strata = [_stratum_decision(case, h) for h in held] + [_too_small(case, s) for s in small]
    decision = Decision(
        question=case.about.name,
        judge=case.judge,
        decision=found.word,
        scope=list(found.scope),
        excluded=_excluded(case, found, held, small),
        requirements=[r for h in held for r in h.requirements],
        code=found.code,
        reason="",
        strata=strata,
        corrected_rates=found.corrected,
        baseline=case.judge in case.about.baseline_judges,
        required=_is_required(case, held),
        labels_missing=_missing(case, strata),
    )
    crowd = crowd_of(case.result.label_source)
    reason = decision_sentence(decision, case.about, case.policy, silent=_silent_in(case, "all"), crowd=crowd)
    return _with_correction(replace(decision, reason=reason), case)


def _with_correction(decision: Decision, case: Case) -> Decision:
    """Where rates are wanted and the judge's own is not good enough: its corrected rate, or why there is none."""
    if case.judge is None or case.policy.purpose != "rate" or case.policy.require is not None:
        return decision
    if decision.decision == "certified" or decision.code == "people_disagree":
        return decision
    told = correction_of(case)
    missing = decision.labels_missing
    if not decision.corrected_rates and told.labels_missing is not None:
        missing = max(told.labels_missing, missing or 0)
    return replace(decision, reason=f"{decision.reason} {told.sentence}".strip(), labels_missing=missing)


def _silent_in(case: Case, stratum: str) -> int:
    """In how many items the judge gave not one usable label; 0 where it gave any, or none was asked of it."""
    found = None if case.judge is None else case.finding(case.judge, stratum, "coverage")
    return found.n_items if found is not None and found.value == 0 else 0


def _excluded(case: Case, found: Conclusion, held: list[Held], small: list[str]) -> list[str]:
    """The declared strata that the judge may not be used in: of a certified one those that were too small to be asked of."""
    if case.judge is None:
        return []
    if found.word == "certified":
        return small
    by_stratum = small or any(h.stratum != "all" for h in held)
    return [s for s in case.strata if s != "all" and s not in found.scope] if by_stratum else []


def _is_required(case: Case, held: list[Held]) -> bool:
    """Whether the exit code speaks of this judge: not where nothing was asked of it, and of no baseline that is not named."""
    if case.judge is None:
        return not case.result.counts.judges
    if case.policy.judges is not None:
        return case.judge in case.policy.judges and bool(held)
    return case.judge not in case.about.baseline_judges and bool(held)


def _missing(case: Case, strata: list[StratumDecision]) -> int | None:
    """Labels that would settle every stratum: summed over the strata of a column, which share no items, then the largest sum."""
    sums: dict[str, int] = {}
    for s in strata:
        if s.labels_missing is not None and s.state == "undetermined":
            column = case.result.strata[s.stratum].column
            sums[column] = sums.get(column, 0) + s.labels_missing
    return max(sums.values(), default=None)


def _stratum_decision(case: Case, h: Held) -> StratumDecision:
    silent = _silent_in(case, h.stratum) if h.state == "closed" and h.code != "people_disagree" else 0
    said = (
        f"N{silence_words(silent)[1:]}."
        if silent
        else stratum_sentence(h.state, h.code, h.requirements, crowd_of(case.result.label_source))
    )
    settled = any(r.fails for r in h.requirements)
    missing = [r.labels_missing for r in h.requirements if r.labels_missing is not None and not settled]
    return StratumDecision(
        stratum=h.stratum,
        state=h.state,
        code=h.code,
        reason=said,
        labels_missing=max(missing) if missing and h.state == "undetermined" else None,
    )


def _too_small(case: Case, stratum: str) -> StratumDecision:
    n, least = n_items(case, stratum), case.policy.least_items
    return StratumDecision(
        stratum=stratum,
        state="undetermined",
        code=SMALL,
        reason=f"{n} labelled item{'' if n == 1 else 's'}, fewer than the {least} that a stratum needs to be decided on.",
        labels_missing=least - n,
    )


def _by_label_source(decision: Decision, case: Case) -> Decision:
    """Labels that people did not give certify nothing, unless the policy says that they may."""
    source, told = case.result.label_source, REASONS["labels_not_by_people"]
    if source == "people" or case.policy.label_source == "any" or decision.decision not in ("certified", "restricted"):
        return decision
    reason = f"Would be {decision.decision}, but the labels come from {source}, and {told.says} ({told.remedy})."
    return replace(
        decision,
        decision="undetermined",
        code="labels_not_by_people",
        reason=reason,
        scope=[],
        excluded=[s for s in case.strata if s != "all"],
        corrected_rates=False,
    )
