"""Decisions and rules in plain sentences."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import fields

from judgeaudit.domain.catalogue.reasons import REASONS, with_remedy
from judgeaudit.domain.catalogue.statistics import STATISTICS, phrase_of
from judgeaudit.domain.policy import Policy, Require
from judgeaudit.domain.results.audit import AuditResult, Decision, PolicyRecord, Requirement
from judgeaudit.domain.results.questions import QuestionRecord
from judgeaudit.gate.requirements.check import case_of, check
from judgeaudit.gate.requirements.default_policy import AGREEMENT, FALSE_ALARMS, people_requirements, requirements_for
from judgeaudit.gate.requirements.gibberish import gibberish_rules
from judgeaudit.gate.words.labels_missing_words import more_words

#: bounds at another level (few clusters are held at 99%) say so
POLICY_LEVEL = 0.95
PEOPLE = "people"
#: label source -> who gave the labels
CROWDS = {
    "people": PEOPLE,
    "models": "labelling models",
    "construction": "constructed labels",
    "simulation": "simulated people",
}


def crowd_of(label_source: str) -> str:
    """Who gave the labels, in words; a source that is unknown is not taken for people."""
    return CROWDS.get(label_source, "raters")


def whose(crowd: str) -> str:
    """The possessive, with a space after it.

    >>> whose("people"), whose("labelling models")
    ("people's ", "labelling models' ")
    """
    return f"{crowd}' " if crowd.endswith("s") else f"{crowd}'s "


def _percent(x: float) -> str:
    return f"{x:.3f}".rstrip("0").rstrip(".") if abs(x) < 10 else f"{x:.1f}"


def _threshold(r: Requirement | Require) -> str:
    parts = []
    if r.at_least is not None:
        parts.append(f"at least {_percent(r.at_least)}")
    if r.at_most is not None:
        parts.append(f"at most {_percent(r.at_most)}")
    return " and ".join(parts)


def requirement_sentence(r: Requirement, crowd: str = PEOPLE) -> str:
    """What one requirement showed: the value, the bound that decided, and what is required. `crowd` is who labelled."""
    who = whose(crowd) if r.subject == "humans" else ""
    what = f"{who}{phrase_of(r.statistic)}"
    if r.contrast:
        what = f"{phrase_of(r.statistic)}, {r.stratum},"
    if r.undefined:
        return f"{what} has no value or bound: {with_remedy(r.undefined)}"
    count = f"{r.k:g} of {r.n:g}{_by_weight(r)}; " if r.k is not None and r.n else ""
    value = "" if r.value is None else f" is {r.value:z.2f}"
    if r.bound is None:
        return f"{what}{value}"
    if r.method == "tests":
        return f"{what}{value} ({count.removesuffix('; ')}), {_threshold(r)} is required".replace(" ()", "")
    level = "" if r.level == POLICY_LEVEL else f"{r.level:.0%} "
    return f"{what}{value} ({count}{level}{_side(r)} bound {_bound_text(r)}), {_threshold(r)} is required"


def _by_weight(r: Requirement) -> str:
    """Said of counts with a fraction: sums of weights are no numbers of items."""
    whole = all(abs(x - round(x)) < 1e-9 for x in (r.k or 0.0, r.n or 0.0))
    return "" if whole else " by weight"


def _bound_text(r: Requirement) -> str:
    """The bound with as many digits as tell it from what is required."""
    assert r.bound is not None
    asked = [t for t in (r.at_least, r.at_most) if t is not None]
    for places in (3, 4, 5, 6):
        text = f"{r.bound:.{places}f}"
        if all(text != f"{t:.{places}f}" or r.bound == t for t in asked):
            return text.rstrip("0").rstrip(".") if places == 3 else text
    return f"{r.bound:.6f}"


def _side(r: Requirement) -> str:
    known = STATISTICS.get(r.statistic)
    if r.contrast or (known is not None and known.bound == "within"):
        return "its farthest" if not r.fails else "its nearest"
    if r.at_least is not None:
        return "upper" if r.fails else "lower"
    return "lower" if r.fails else "upper"


def stratum_sentence(state: str, code: str | None, lines: tuple[Requirement, ...], crowd: str = PEOPLE) -> str:
    """Why one stratum is open, closed or undetermined."""
    one = _one_class_words(lines)
    if state == "open":
        return f"Every requirement holds{one}."
    if code == "multiplicity":
        return _sentence(REASONS[code].says)
    telling = [r for r in lines if r.fails] or [r for r in lines if r.met is None]
    detail = "; ".join(requirement_sentence(r, crowd) for r in telling) or "nothing is required there"
    more = more_words(lines, telling[0] if len(telling) == 1 else None) if state == "undetermined" else ""
    return f"{detail[0].upper()}{detail[1:]}{one}. {more}".strip()


def short_reason(lines: Sequence[Requirement], crowd: str = PEOPLE) -> str:
    """The one requirement that says most about a stratum: the farthest failure, else the farthest from holding."""
    telling = _weightiest(lines)
    return "" if telling is None else requirement_sentence(telling, crowd) + _one_class_words(tuple(lines))


def _weightiest(lines: Sequence[Requirement]) -> Requirement | None:
    telling = [r for r in lines if r.fails] or [r for r in lines if r.met is None]
    telling = [r for r in telling if not r.undefined] or telling
    return max(telling, key=_distance, default=None)


def _distance(r: Requirement) -> float:
    if r.bound is None:
        return 0.0
    return abs(r.bound - (r.at_least if r.at_least is not None else r.at_most or 0.0))


def _one_class_words(lines: tuple[Requirement, ...]) -> str:
    asked = [(r.statistic, r.subject == "humans", r.at_least, r.at_most) for r in lines]
    people = ("percent_agreement", True, AGREEMENT, None)
    if asked == [("false_positive_rate", False, None, FALSE_ALARMS), people]:
        return " (no item here is labelled positive, so false alarms decide; kappa and sensitivity do not exist)"
    if len(asked) == 2 and asked[0][0] == "sensitivity" and asked[1] == people:
        return " (every item here is labelled positive, so misses decide; kappa and specificity do not exist)"
    return ""


def decision_sentence(
    decision: Decision, about: QuestionRecord, policy: Policy, *, silent: int = 0, crowd: str = PEOPLE
) -> str:
    """What may be done with one judge, and the reasons that weigh most; each stratum's own reason says the rest.

    `silent` is in how many items the judge gave not one usable label; 0 where it gave any. `crowd` is who labelled.
    """
    who, question = decision.judge or f"the {crowd}", repr(about.name)
    if decision.code == "people_disagree":
        return _people_disagree(decision, about, crowd)
    if decision.judge is None:
        return _people_alone(decision, crowd)
    if decision.decision == "certified":
        one = _one_class_words(tuple(_lines(decision, "all")))
        return f"{who} may be used for {question}{_everywhere(decision)}: every requirement holds{one}."
    if decision.corrected_rates:
        elsewhere = f", but for its own verdicts only where {_join(decision.scope, 'or')}" if decision.scope else ""
        single = elsewhere or ", not for single verdicts"
        return (
            f"{who}'s own rate for {question} is, or may be, off by more than {_percent(policy.max_bias)}: it may be used for "
            f"rates that are corrected with the labels{single}."
        )
    if decision.decision == "restricted":
        scope = [f"{name}{_one_class_words(tuple(_lines(decision, name)))}" for name in decision.scope]
        only = f"{who} may be used for {question} only where {_join(scope, 'or')}."
        return " ".join(part for part in (only, _nowhere(decision), _others(decision, crowd)) if part)
    if decision.decision == "rejected":
        why = silence_words(silent) if silent else _why_rejected(decision, crowd)
        return f"{who} may not be used for {question}: {why}."
    return f"These labels cannot tell whether {who} may be used for {question}. {_others(decision, crowd)}".strip()


def _nowhere(decision: Decision) -> str:
    """Said where the scope opens nothing, since each output also lies in a closed stratum of another column."""
    columns: dict[str, list[str]] = {}
    for one in decision.strata:
        column, _, value = one.stratum.partition("=")
        if value:
            columns.setdefault(column, []).append(one.state)
    shut = [column for column, states in columns.items() if set(states) == {"closed"}]
    return f"But it is closed in every stratum of {_join(shut)}, so `filter` keeps nothing." if shut else ""


def silence_words(items: int) -> str:
    """What is said of a judge instead of its statistics, which are those of nobody's labels."""
    return f"no usable label in {items:,} items"


def _everywhere(decision: Decision) -> str:
    strata = [s for s in decision.scope if s != "all"]
    small = [s.stratum for s in decision.strata if s.state != "open"]
    left = f" (not where {_join(small, 'or')}: too few items)" if small else ""
    return (f", in all and in each of {len(strata)} strata" if strata else "") + left


def _lines(decision: Decision, stratum: str) -> list[Requirement]:
    return [r for r in decision.requirements if r.stratum == stratum or (r.contrast and stratum == "all")]


def _why_rejected(decision: Decision, crowd: str) -> str:
    closed = [s.stratum for s in decision.strata if s.state == "closed"]
    first = "all" if "all" in closed else closed[0]
    rest = [s for s in closed if s != first]
    where = "" if first == "all" else f"where {first}, "
    more = f"; it fails in {len(rest)} {'stratum' if len(rest) == 1 else 'strata'} more" if rest else ""
    return f"{where}{short_reason(_lines(decision, first), crowd)}{more}"


def _others(decision: Decision, crowd: str, most: int = 3) -> str:
    """The strata that are not open, the closed ones first, each with its weightiest reason."""
    declared = [s for s in decision.strata if s.stratum != "all"]
    parts = []
    for state, words in (("closed", "Closed where"), ("undetermined", "Cannot be told")):
        strata = [s for s in declared or decision.strata if s.state == state]
        for s in strata[:most]:
            where = (
                f"{words} {s.stratum}"
                if state == "closed"
                else f"{words}{'' if s.stratum == 'all' else f' where {s.stratum}'}"
            )
            lines = _lines(decision, s.stratum)
            reason = short_reason(lines, crowd) if s.code != "multiplicity" and lines else s.reason.rstrip(".")
            more = more_words(tuple(lines), _weightiest(lines)) if state == "undetermined" else ""
            parts.append(f"{where}: {reason}. {more}".strip())
        if (rest := len(strata) - most) > 0:
            parts.append(f"{words.removesuffix(' where')} in {rest} {'stratum' if rest == 1 else 'strata'} more.")
    return " ".join(parts)


def _people_disagree(decision: Decision, about: QuestionRecord, crowd: str) -> str:
    line = next((r for r in decision.requirements if r.subject == "humans" and r.fails), None)
    shown = "" if line is None else f" ({requirement_sentence(line, crowd)})"
    where = "" if line is None or line.stratum == "all" else f" where {line.stratum}"
    return (
        f"The {crowd} do not agree enough on {about.name!r}{where} to audit anything against them{shown}. "
        f"{_sentence(REASONS['people_disagree'].remedy)}"
    )


def _people_alone(decision: Decision, crowd: str) -> str:
    if decision.decision == "certified":
        return f"The {crowd} agree well enough that judges can be held against them."
    return f"It cannot be told yet whether the {crowd} agree well enough to hold judges against them. {_others(decision, crowd)}".strip()


def _sentence(words: str) -> str:
    return f"{words[0].upper()}{words[1:]}."


def _join(names: list[str], word: str = "and") -> str:
    return names[0] if len(names) == 1 else f"{', '.join(names[:-1])} {word} {names[-1]}" if names else "nothing"


def policy_sentences(policy: Policy, result: AuditResult) -> list[str]:
    """The rules in words, question by question."""
    out = []
    columns = tuple(dict.fromkeys(s.column for s in result.strata.values() if s.column))
    for about in result.questions:
        for r in requirements_for(policy, scale=about.scale, has_positive=bool(about.positive), columns=columns):
            if r.question in (None, about.name):
                out.append(f"{about.name}: {_rule(r, policy, crowd_of(result.label_source), strata=bool(columns))}")
        out += [f"{about.name}: {told}" for told in gibberish_rules(policy, result, about)]
    source = "labels must come from people" if policy.label_source == "people" else "labels may come from any source"
    out.append(f"Every bound is one-sided at {policy.level:.0%}; {source}.")
    return out


def _rule(r: Require, policy: Policy, crowd: str, *, strata: bool) -> str:
    if r.contrast is not None:
        return (
            f"{phrase_of(r.contrast)} may differ by {_threshold(r)} between any two strata of {_join(list(r.between))}"
        )
    who = whose(crowd) if r.subject == "humans" else ""
    where = (
        f" in {_join(list(r.strata))}"
        if r.strata
        else (f" in all and in every stratum with at least {policy.least_items} items" if strata else "")
    )
    return f"{who}{phrase_of(r.statistic or '')} {_threshold(r)}{where}"


def policy_record(policy: Policy, result: AuditResult) -> PolicyRecord:
    """The policy as it stands in audit.json, with its rules in words."""
    rules = {one.name: getattr(policy, one.name) for one in fields(Policy)}
    return PolicyRecord(**rules, sentences=policy_sentences(policy, result))


# What a policy passes over in silence: people who do not agree.


def policy_warnings(result: AuditResult, policy: Policy) -> list[str]:
    """A warning for each question whose judges a policy of its own holds against people who are not shown to agree."""
    out = []
    for about in result.questions:
        asked = [r for r in policy.require or () if r.question in (None, about.name)]
        if not about.judges or not asked or any(r.subject == "humans" for r in asked):
            continue
        (line,) = check(case_of(result, about, None, policy), people_requirements(one_class=False)[0], "all")
        if line.bound is None or line.met:
            continue
        crowd = crowd_of(result.label_source)
        found = requirement_sentence(line, crowd).replace("is required", "is what the default policy asks")
        out.append(
            f"{about.name}: the policy asks nothing of the {crowd}, but a judge cannot be shown reliable against {crowd} who "
            f'do not agree: {found}. Add a requirement with subject = "humans", statistic = "krippendorff_alpha" and '
            f"at_least = {AGREEMENT}."
        )
    return out
