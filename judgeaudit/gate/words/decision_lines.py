"""What the gate says of decisions that were made: lines for people, and an exit code for pipelines.

Nothing here computes, so that `judgeaudit gate` of an audit starts without what decisions are made with.
"""

from __future__ import annotations

from collections.abc import Sequence

from judgeaudit.domain.results.audit import Decision
from judgeaudit.gate.requirements.default_policy import SMALL

#: strata that are named where many are too small
NAMED = 3


def exit_code(decisions: Sequence[Decision]) -> int:
    """0 when all required judges are certified, 1 when one is restricted or rejected, 3 when it cannot be told."""
    required = [d.decision for d in decisions if d.required]
    if any(word in ("restricted", "rejected") for word in required):
        return 1
    return 0 if required and all(word == "certified" for word in required) else 3


def lines_of(decision: Decision) -> Sequence[str]:
    """What the gate says of one decision: the reason, what was too small, and how firm it is."""
    firm = decision.fragility
    told = firm.sentence if firm is not None and firm.changes is not None else ""
    return [one for one in (decision.reason, small_strata_sentence(decision), told) if one]


def small_strata_sentence(decision: Decision) -> str:
    """The strata that were too small to be judged, the first by name; empty where none was."""
    small = [f"{s.stratum} ({s.reason.partition(',')[0]})" for s in decision.strata if s.code == SMALL]
    if len(small) <= NAMED + 1:
        return f"Not judged, because too small: {', '.join(small)}." if small else ""
    return f"Not judged, because too small: {len(small)} strata, such as {', '.join(small[:NAMED])}."
