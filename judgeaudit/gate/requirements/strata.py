"""Requirements held against strata: open, closed or undetermined, and what picking strata costs."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Literal

import numpy as np

from judgeaudit.domain.policy import Require
from judgeaudit.domain.ratings import Floats
from judgeaudit.domain.results.audit import Requirement
from judgeaudit.gate.requirements.check import Case, check
from judgeaudit.gate.requirements.corrected_rate import against_corrected
from judgeaudit.gate.requirements.default_policy import (
    one_class_requirements,
    people_requirements,
    requirements_for,
    that_exist_in_one_class,
)
from judgeaudit.stats.intervals.resample import holm

State = Literal["open", "closed", "undetermined"]


@dataclass(frozen=True, kw_only=True)
class Held:
    """One stratum with every requirement held against it."""

    stratum: str
    requirements: tuple[Requirement, ...]
    state: State
    code: str | None

    def p_value(self, level: float) -> float:
        """The largest p-value of its requirements, since all must hold (intersection-union test).

        One that is held at a higher level, as few clusters ask, counts as the multiple that keeps "p ≤ 1 − level" its pass.
        """
        ps = [(1.0 if r.p_value is None else r.p_value) * (1 - level) / (1 - r.level) for r in self.requirements]
        return min(1.0, max(ps, default=1.0))


def hold_judge(case: Case) -> tuple[list[Held], list[str]]:
    """A judge's strata held against their requirements, and the strata that are too small to require anything of."""
    small = small_strata(case)
    held = [hold_stratum(case, s) for s in case.strata if s not in small]
    return corrected_for_choice([h for h in held if h.requirements], case.policy.level), small


def small_strata(case: Case) -> list[str]:
    """Declared strata under the least number of items that no requirement names."""
    named = {s for r in case.policy.require or () for s in r.strata or ()}
    return [s for s in case.strata if s != "all" and s not in named and n_items(case, s) < case.policy.least_items]


def n_items(case: Case, stratum: str) -> int:
    """Items of the stratum that have a reference and that the judge was asked about."""
    table = case.evidence.confusions.get((case.judge or "", stratum))
    return 0 if table is None else table.n_items


def hold_people(case: Case) -> Held:
    """The people alone: their agreement in all, by the policy's own ceiling or the default one."""
    about = case.about.name
    own = tuple(
        r
        for r in case.policy.require or ()
        if r.subject == "humans" and r.question in (None, about) and "all" in (r.strata or ("all",))
    )
    alpha = case.finding("humans", "all", "krippendorff_alpha")
    one_class = alpha is not None and alpha.undefined == "one_class_human"
    return _hold(case, "all", own or people_requirements(one_class=one_class))


def hold_stratum(case: Case, stratum: str) -> Held:
    """One stratum of a judge with everything that is required there."""
    return _hold(case, stratum, against_corrected(case, _requirements(case, stratum)))


def _hold(case: Case, stratum: str, requires: tuple[Require, ...]) -> Held:
    lines = tuple(line for require in requires for line in check(case, require, stratum))
    state, code = _state(lines)
    return Held(stratum=stratum, requirements=lines, state=state, code=code)


def _requirements(case: Case, stratum: str) -> tuple[Require, ...]:
    """What is required of this judge in this stratum."""
    scale, scheme = case.about.scale, case.evidence.scheme
    every = requirements_for(case.policy, scale=scale, has_positive=scheme.has_positive, columns=_comparable(case))
    asked = tuple(r for r in every if _applies(r, case, stratum))
    rows = _reference_counts(case, stratum)
    if (
        rows is None
        or np.count_nonzero(rows) != 1
        or (case.policy.require is None and case.policy.purpose == "compare")
    ):
        return asked
    positives = bool(scheme.positive[int(rows.argmax())]) if scheme.has_positive else None
    if case.policy.require is None:
        return one_class_requirements(case.policy, scale=scale, positives=bool(positives))
    return that_exist_in_one_class(asked, positives=positives)


def _comparable(case: Case) -> tuple[str, ...]:
    """Stratum columns with at least two strata."""
    columns = [case.result.strata[s].column for s in case.strata]
    return tuple(dict.fromkeys(c for c in columns if c and columns.count(c) > 1))


def _applies(require: Require, case: Case, stratum: str) -> bool:
    if require.question is not None and require.question != case.about.name:
        return False
    if require.contrast is not None:
        return stratum == "all"
    if require.strata is not None:
        return stratum in require.strata
    return not (case.policy.purpose == "compare" and case.policy.require is None and stratum != "all")


def _reference_counts(case: Case, stratum: str) -> Floats | None:
    table = case.evidence.confusions.get((case.judge or "", stratum))
    return None if table is None or not table.counts else np.asarray(table.counts).sum(1)


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


def corrected_for_choice(held: list[Held], level: float) -> list[Held]:
    """Where only some strata pass, picking those is a choice: they must pass with Holm over the strata not closed."""
    if all(h.state == "open" for h in held):
        return held
    family = [h for h in held if h.stratum != "all" and h.state != "closed"]
    if len(family) < 2:
        return held
    ps = holm(np.array([h.p_value(level) for h in family])).tolist()
    adjusted = dict(zip((h.stratum for h in family), ps, strict=True))
    return [
        replace(h, state="undetermined", code="multiplicity")
        if h.state == "open" and h.stratum != "all" and adjusted[h.stratum] > 1.0 - level
        else h
        for h in held
    ]
