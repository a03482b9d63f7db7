"""The gate as a filter: which verdicts a pipeline may use, and why the others were dropped."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from judgeaudit.domain.question import canonical
from judgeaudit.domain.results.audit import Decision
from judgeaudit.domain.results.questions import StratumRecord


@dataclass(frozen=True, kw_only=True)
class Passport:
    """What one audit allows: decisions by question and judge, and what each stratum is read from."""

    decisions: tuple[Decision, ...]
    strata: Mapping[str, StratumRecord]

    def why_dropped(self, verdict: Mapping[str, Any]) -> str | None:
        """None for a verdict that may be used, else the reason in a few words."""
        decision = self._decision(verdict)
        if isinstance(decision, str):
            return decision
        if decision.decision in ("rejected", "undetermined"):
            return f"{decision.judge} is {decision.decision} for {decision.question}"
        if decision.corrected_rates and not decision.scope:
            return f"{decision.judge} may be used for corrected rates only, not for single verdicts"
        if decision.decision == "certified":
            return self._excluded(decision, verdict)
        return self._outside(decision, verdict)

    def _decision(self, verdict: Mapping[str, Any]) -> Decision | str:
        judge = str(verdict.get("judge", ""))
        question = str(verdict.get("question") or "")
        found = [d for d in self.decisions if d.judge == judge and question in ("", d.question)]
        if len(found) == 1:
            return found[0]
        if found:
            return "the verdict names no question, and the audit has several"
        known = any(d.judge == judge for d in self.decisions)
        return f"question {question!r} was not audited for {judge}" if known else f"judge {judge!r} was not audited"

    def _excluded(self, decision: Decision, verdict: Mapping[str, Any]) -> str | None:
        """A certified judge is dropped only where the verdict is seen to lie in an excluded stratum."""
        for stratum in decision.excluded:
            if self._lies_in(stratum, verdict) is True:
                return f"{decision.judge} is not certified where {stratum}"
        return None

    def _outside(self, decision: Decision, verdict: Mapping[str, Any]) -> str | None:
        """A restricted judge is used only where the verdict is seen to lie in its scope, and outside all that is closed."""
        answers = {stratum: self._lies_in(stratum, verdict) for stratum in decision.scope}
        opened = [stratum for stratum, answer in answers.items() if answer]
        if opened:
            by_signal = any(self._source(stratum) == "signal" for stratum in opened)
            return self._closed(decision, verdict, by_signal=by_signal)
        unknown = [stratum for stratum, answer in answers.items() if answer is None]
        if unknown:
            return self._cannot_say(decision, unknown[0])
        return f"{decision.judge} is certified only where {' or '.join(decision.scope)}"

    def _closed(self, decision: Decision, verdict: Mapping[str, Any], *, by_signal: bool) -> str | None:
        """Why a verdict in scope is dropped: a closed stratum holds it, or may hold it.

        Where a signal opened it, strata of people's labels that the verdict does not have count for nothing.
        """
        closed = [one.stratum for one in decision.strata if one.state == "closed" and one.stratum != "all"]
        for stratum in closed:
            inside = self._lies_in(stratum, verdict)
            if inside:
                return f"{decision.judge} is closed where {stratum}"
            if inside is None and not (by_signal and self._source(stratum) == "label"):
                return self._cannot_say(decision, stratum)
        return None

    def _cannot_say(self, decision: Decision, stratum: str) -> str:
        if self._source(stratum) == "label":
            return f"whether {decision.judge} may be used rests on people's labels ({stratum}), which these verdicts do not have"
        return f"stratum unknown: no value for {self._columns(stratum)[0]!r} in verdicts or outputs"

    def _lies_in(self, stratum: str, verdict: Mapping[str, Any]) -> bool | None:
        """Whether the verdict's own columns put it into the stratum; None where they cannot say."""
        columns = self._columns(stratum)
        if any(column not in verdict or verdict[column] in (None, "") for column in columns):
            return None
        return _is_named(stratum, [(column, str(verdict[column])) for column in columns])

    def _source(self, stratum: str) -> str:
        return self.strata.get(stratum, StratumRecord(source="column")).source

    def _columns(self, stratum: str) -> list[str]:
        """The columns that a stratum is cut by: one of that very name, else the parts of a crossing."""
        column = self.strata.get(stratum, StratumRecord()).column or stratum.partition("=")[0]
        return [column] if stratum.startswith(f"{column}=") else [part.strip() for part in column.split("&")]


def _is_named(stratum: str, values: list[tuple[str, str]]) -> bool:
    """Whether `stratum` spells these columns and values; values are equal as labels are, so that 1 is 1.0.

    >>> _is_named("a=1 & b=x & y", [("a", "1.0"), ("b", "x & y")]), _is_named("a=1", [("a", "10")])
    (True, False)
    """
    (column, value), rest = values[0], values[1:]
    if not stratum.startswith(f"{column}="):
        return False
    spelled = stratum.removeprefix(f"{column}=")
    if not rest:
        return canonical(spelled) == canonical(value)
    joint = f" & {rest[0][0]}="
    places = [at for at in range(len(spelled)) if spelled.startswith(joint, at)]
    return any(canonical(spelled[:at]) == canonical(value) and _is_named(spelled[at + 3 :], rest) for at in places)


def sift(verdicts: Iterable[Mapping[str, Any]], passport: Passport) -> list[str | None]:
    """The reason why each verdict is dropped, None where it is kept, in order."""
    return [passport.why_dropped(verdict) for verdict in verdicts]
