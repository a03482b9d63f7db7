"""What the gate says about gibberish: which strata are it, how a judge errs there, both ways, and how far that is from coherent outputs."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from judgeaudit.domain.catalogue.reasons import says
from judgeaudit.domain.catalogue.statistics import title_of
from judgeaudit.domain.doses import COHERENCE
from judgeaudit.domain.policy import Policy
from judgeaudit.domain.results.audit import AuditResult, Contrast, Decision, Finding, StratumDecision
from judgeaudit.domain.results.questions import QuestionRecord, StratumRecord
from judgeaudit.gate.requirements.check import Case
from judgeaudit.gate.requirements.default_policy import AGREEMENT, FALSE_ALARMS, RATE, SMALL
from judgeaudit.text.signals import LOOKS

#: value of a stratum that is gibberish -> that of the stratum it is compared with
_AGAINST = {COHERENCE[0]: COHERENCE[-1], "yes": "no"}
_STATES = {
    "open": "what is required there holds",
    "closed": "what is required there does not hold",
    "undetermined": "these labels cannot tell whether what is required there holds",
}
#: statistic -> the rate that is told, itself or its complement, and the reason why there may be none
_FAULTS = {
    "false_positive_rate": ("false_positive_rate", "no_negatives"),
    "false_negative_rate": ("false_negative_rate", "no_positives"),
}
_WRONG = {"percent_agreement": ("error_rate", "no_pairable")}


def gibberish_strata(strata: Mapping[str, StratumRecord], names: Sequence[str]) -> dict[str, str]:
    """Those of the strata that are gibberish, each with the name of the one it is compared with, by labels before by the signal.

    Known are the value `gibberish` of any column, and `yes` of the signal `looks_like_gibberish`; crossed strata are not looked at.
    """
    found = {}
    for name in names:
        column = strata.get(name, StratumRecord()).column or name.partition("=")[0]
        value = name.removeprefix(f"{column}=")
        known = value.casefold() == COHERENCE[0] if column != LOOKS else value == "yes"
        if known and name.startswith(f"{column}="):
            found[name] = f"{column}={_AGAINST[value.casefold()]}"
    return dict(sorted(found.items(), key=lambda pair: strata.get(pair[0], StratumRecord()).source == "signal"))


def gibberish_sentences(case: Case, decision: Decision) -> str:
    """A sentence about gibberish; empty where no stratum is it, and of the people alone.

    Where labels say what is gibberish, and there are enough of them to decide on, the signal has no sentence of its own.
    """
    if case.judge is None:
        return ""
    strata = gibberish_strata(case.result.strata, case.strata)
    states = {one.stratum: one for one in decision.strata}
    told = [name for name in strata if _source(case, name) != "signal" and _decided_on(states.get(name))] or list(
        strata
    )
    return " ".join(_sentence(case, states.get(name), name, strata[name]) for name in told).rstrip()


def _source(case: Case, stratum: str) -> str:
    return case.result.strata.get(stratum, StratumRecord()).source


def _decided_on(state: StratumDecision | None) -> bool:
    return state is None or state.code != SMALL


def _sentence(case: Case, state: StratumDecision | None, stratum: str, against: str) -> str:
    told = _faults(case, stratum, against)
    if state is not None:
        told.append(_STATES[state.state] if _decided_on(state) else f"not judged there: {state.reason.rstrip('.')}")
    return f"On gibberish ({stratum}): {'; '.join(told)}." if told else ""


def _faults(case: Case, stratum: str, against: str) -> list[str]:
    """Error rates in both directions where they exist, each with its interval, its items and its distance from coherent outputs."""
    told, weighted = [], bool(case.about.weighted)
    for name, (rate, none) in (_FAULTS if case.evidence.scheme.has_positive else _WRONG).items():
        called, turned = title_of(rate).casefold(), rate != name
        found = case.finding(case.judge or "", stratum, name)
        if found is None:
            continue
        if found.value is None:
            told.append(f"no {called} can be counted, as {says(none)}")
            continue
        told.append(
            f"{called} {_value(found, turned=turned, weighted=weighted)}{_gap(case, name, stratum, against, turned=turned)}"
        )
    return told


def _value(found: Finding, *, turned: bool, weighted: bool) -> str:
    assert found.value is not None
    value, low, high = found.value, found.low, found.high
    if turned:
        value, low, high = 1.0 - value, _complement(high), _complement(low)
    n = found.n_items if found.n is None else found.n
    k = found.k if found.k is None or not turned else n - found.k
    by = " by weight" if weighted and found.n is not None else ""
    count = f" ({k:g} of {n:g}{by})" if k is not None else f" (of {n:g}{by})"
    return f"{value:z.2f}{_between(low, high)}{count}"


def _gap(case: Case, statistic: str, stratum: str, against: str, *, turned: bool) -> str:
    """How much more that is than on coherent outputs; empty where the two were not compared."""
    one = case.contrasts.get((statistic, stratum, against))
    other = case.contrasts.get((statistic, against, stratum))
    found, sign = (one, 1.0) if one is not None else (other, -1.0)
    if found is None or found.value is None:
        return ""
    low, high, value = _signed(found, -sign if turned else sign)
    than = "coherent outputs" if against.endswith(f"={COHERENCE[-1]}") else against
    plus = "+" if round(value, 2) > 0 else ""  # a difference that is 0.00 to two digits has no direction
    return f", {plus}{value:z.2f}{_between(low, high)} against {than}"


def _signed(found: Contrast, sign: float) -> tuple[float | None, float | None, float]:
    ends = [None if end is None else sign * end + 0.0 for end in (found.low, found.high)]
    low, high = ends if sign > 0 else ends[::-1]
    return low, high, sign * (found.value or 0.0) + 0.0


def _between(low: float | None, high: float | None) -> str:
    return "" if low is None or high is None else f" [{low:z.2f}, {high:z.2f}]"


def _complement(end: float | None) -> float | None:
    return None if end is None else 1.0 - end


def gibberish_rules(policy: Policy, result: AuditResult, about: QuestionRecord) -> list[str]:
    """What the default policy requires on gibberish, in words; empty for a policy of one's own, and without such a stratum.

    It is what holds in every stratum, said of this one: nothing is required twice.
    """
    shown = [one.stratum for one in result.confusions if one.question == about.name]
    strata = gibberish_strata(result.strata, list(dict.fromkeys(name for name in result.strata if name in shown)))
    if policy.require is not None or not strata:
        return []
    where = f"on gibberish ({' and '.join(strata)})"
    if policy.purpose == "compare":
        return [
            f"{where} error rates at most {policy.max_bias:g} from those on coherent outputs, as between any two strata"
        ]
    if policy.purpose == "rate":
        return [
            f"{where} its rate off by at most {policy.max_bias:g}; error rates and their gap to coherent outputs are told"
        ]
    if about.scale == "binary":
        asked = f"sensitivity and specificity at least {RATE:g} where both classes are, else false alarms at most {FALSE_ALARMS:g}"
    else:
        asked = f"agreement at least {AGREEMENT:g}, or {RATE:g} raw where the reference has one label"
    return [f"{where} {asked}; the gap to coherent outputs is told"]
