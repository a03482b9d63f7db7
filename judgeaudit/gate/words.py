"""Decisions and rules in plain sentences."""

from __future__ import annotations

from typing import Any

from judgeaudit.domain.policy import Policy, Require
from judgeaudit.domain.results import AuditResult, Decision, Requirement
from judgeaudit.gate.defaults import requirements_for

_NAMES = {
    "cohen_kappa": "Cohen's kappa",
    "krippendorff_alpha": "Krippendorff's alpha",
    "percent_agreement": "raw agreement",
    "prevalence_bias": "the bias of its rate",
    "false_positive_rate": "the false positive rate",
    "false_negative_rate": "the false negative rate",
    "gwet_ac1": "Gwet's AC1",
    "matthews_corrcoef": "Matthews' correlation",
}
_UNDEFINED = {
    "one_class_human": "the people used one label only there",
    "one_class_judge": "the judge used one label only there",
    "no_pairable": "no item has both a label and a verdict there",
    "too_few_raters": "one person alone cannot show how far people agree; have a second person label some items",
    "too_few_clusters": "under 10 clusters carry no bound",
    "no_interval": "no interval could be made",
    "no_strata": "no two strata were declared to be compared",
    "not_for_this_scale": "it does not exist on this scale",
    "too_many_values": "the scale has too many values for it",
}


def name_of(statistic: str) -> str:
    """A statistic's name in a sentence."""
    return _NAMES.get(statistic, statistic.replace("_", " "))


def _percent(x: float) -> str:
    return f"{x:.3f}".rstrip("0").rstrip(".") if abs(x) < 10 else f"{x:.1f}"


def _threshold(r: Requirement | Require) -> str:
    parts = []
    if r.at_least is not None:
        parts.append(f"at least {_percent(r.at_least)}")
    if r.at_most is not None:
        parts.append(f"at most {_percent(r.at_most)}")
    return " and ".join(parts)


def requirement_sentence(r: Requirement) -> str:
    """What one requirement showed, with the bound that decided."""
    who = "people's " if r.subject == "humans" else ""
    what = f"{who}{name_of(r.statistic)}"
    if r.contrast:
        what = f"{name_of(r.statistic)} differs between {r.stratum}"
    if r.undefined:
        return f"{what} has no value or bound: {_UNDEFINED.get(r.undefined, r.undefined.replace('_', ' '))}"
    count = f" ({r.k:g} of {r.n:g})" if r.k is not None and r.n else ""
    value = "" if r.value is None else f" is {r.value:.2f}{count}"
    if r.bound is None:
        return f"{what}{value}"
    side = _side(r)
    verdict = "holds" if r.met else "fails" if r.fails else "cannot be told"
    return f"{what}{value}, {side} bound {_percent(r.bound)}, where {_threshold(r)} is required: {verdict}"


def _side(r: Requirement) -> str:
    if r.contrast or r.statistic == "prevalence_bias":
        return "its farthest" if not r.fails else "its nearest"
    if r.at_least is not None:
        return "upper" if r.fails else "lower"
    return "lower" if r.fails else "upper"


def stratum_sentence(
    stratum: str, state: str, code: str | None, lines: tuple[Requirement, ...], about: dict[str, Any]
) -> str:
    """Why one stratum is open, closed or undetermined."""
    one = _one_class_words(lines)
    if state == "open":
        return f"{stratum}: every requirement holds{one}."
    if code == "multiplicity":
        return f"{stratum}: passes alone, but not when the strata that could be picked are counted (Holm)."
    telling = [r for r in lines if r.fails] or [r for r in lines if r.met is None]
    detail = "; ".join(requirement_sentence(r) for r in telling) or "nothing is required there"
    need = [r.labels_missing for r in lines if r.labels_missing is not None]
    more = f" {about_how_many(max(need))} more labelled items of this kind would settle it." if need and state == "undetermined" else ""
    return f"{stratum}: {detail}{one}.{more}"


def about_how_many(n: int) -> str:
    """A sample size in words, no more exact than it is."""
    if n > 100_000:
        return "The value lies almost on the line: over 100,000"
    digits = -2 if n >= 1000 else -1 if n >= 100 else 0
    return f"About {round(n, digits):,}"


def _one_class_words(lines: tuple[Requirement, ...]) -> str:
    if any(r.statistic == "false_positive_rate" and r.at_most == 0.20 for r in lines) and len(lines) == 2:
        return " (people saw no positive item here, so false alarms decide; kappa and sensitivity do not exist)"
    return ""


def decision_sentence(decision: Decision, about: dict[str, Any], policy: Policy) -> str:
    """One plain sentence per judge: what may be done with it, and the reason that weighs most."""
    who = decision.judge or "the people"
    all_ = next((s for s in decision.strata if s.stratum == "all"), None)
    parts = {"open": [], "closed": [], "undetermined": []}  # type: dict[str, list[str]]
    for s in decision.strata:
        if s.stratum != "all":
            parts[s.state].append(s.stratum)
    if decision.code == "people_disagree":
        return _people_disagree(decision, about)
    if decision.judge is None:
        return _people_alone(decision, all_.reason if all_ else "")
    if decision.decision == "certified":
        where = f" in {_join(decision.scope)}" if len(decision.scope) > 1 else ""
        left = f" (not in {_join(parts['undetermined'])}: too few items)" if parts["undetermined"] else ""
        return f"{who} may be used for {about['name']!r}{where}: every requirement holds{left}."
    if decision.decision == "restricted" and decision.corrected_rates:
        return f"{who}'s own rate is off by more than {_percent(policy.max_bias)} or may be; it may be used for rates that are corrected with the labels, not for single verdicts."
    details = " ".join(s.reason for s in decision.strata if s.state != "open" and (s.stratum != "all" or not parts_any(parts)))
    if decision.decision == "restricted":
        return f"{who} may be used for {about['name']!r} only where {_join(decision.scope, 'or')}. {details}"
    if decision.decision == "rejected":
        reasons = " ".join(s.reason for s in decision.strata if s.state == "closed")
        return f"{who} may not be used for {about['name']!r}. {reasons}"
    reasons = " ".join(s.reason for s in decision.strata if s.state == "undetermined")
    return f"These labels cannot tell whether {who} may be used for {about['name']!r}. {reasons}".strip()


def parts_any(parts: dict[str, list[str]]) -> bool:
    """Whether any stratum but "all" was decided on."""
    return any(parts.values())


def _people_disagree(decision: Decision, about: dict[str, Any]) -> str:
    line = next((r for r in decision.requirements if r.subject == "humans" and r.fails), None)
    shown = "" if line is None else f" ({requirement_sentence(line)})"
    return f"The people do not agree enough on {about['name']!r} to audit anything against them{shown}. Mend the question or its guideline first: more labels of this kind will not help."


def _people_alone(decision: Decision, reason: str) -> str:
    if decision.decision == "certified":
        return "The people agree well enough that judges can be held against them."
    return f"It cannot be told yet whether the people agree well enough to hold judges against them. {reason}".strip()


def _join(names: list[str], word: str = "and") -> str:
    return names[0] if len(names) == 1 else f"{', '.join(names[:-1])} {word} {names[-1]}" if names else "nothing"


def policy_sentences(policy: Policy, result: AuditResult) -> list[str]:
    """The rules in words, question by question."""
    out = []
    columns = tuple(dict.fromkeys(s["column"] for s in result.strata.values() if s.get("column")))
    for about in result.questions:
        for r in requirements_for(
            policy, scale=about["scale"], has_positive=bool(about["positive"]), columns=columns
        ):
            if r.question in (None, about["name"]):
                out.append(f"{about['name']}: {_rule(r, policy, bool(columns))}")
    out.append(f"Every bound is one-sided at {policy.level:.0%}; labels must come from {policy.label_source}.")
    return out


def _rule(r: Require, policy: Policy, strata: bool) -> str:
    if r.contrast is not None:
        return f"{name_of(r.contrast)} may differ by {_threshold(r)} between any two strata of {_join(list(r.between))}"
    who = "people's " if r.subject == "humans" else ""
    where = f" in {_join(list(r.strata))}" if r.strata else (
        f" in all and in every stratum with at least {policy.least_items} items" if strata else ""
    )
    return f"{who}{name_of(r.statistic or '')} {_threshold(r)}{where}"
