"""What a plan makes no use of, or what contradicts itself, is refused: a flag that is passed over in silence misleads."""

from __future__ import annotations

from dataclasses import fields

from judgeaudit.domain.errors import InputError
from judgeaudit.workflows.planning.options import AGREEMENT, CORRECTED, RATES, Asked

_FLAGS = {"statistics": "statistic", "strata": "stratum"}
_GOAL = {"statistics", "floor", "ceiling", "width", "expect", "level", "design_effect"}
_JUDGE = {"prevalence", "sensitivity", "specificity"}
#: how far an expected value may lie from what the other numbers make of it, which are rounded
_ROUNDED = 0.01


def given(asked: Asked) -> list[str]:
    """Names of what differs from the default."""
    plain = Asked()
    return [one.name for one in fields(asked) if getattr(asked, one.name) != getattr(plain, one.name)]


def flag_of(name: str) -> str:
    """As it is written on the command line.

    >>> flag_of("strata"), flag_of("design_effect")
    ('--stratum', '--design-effect')
    """
    return f"--{_FLAGS.get(name, name).replace('_', '-')}"


def refuse_unused(asked: Asked) -> None:
    """An InputError that names the first flag without a use, and the plan that has none for it."""
    used, what = _used(asked)
    for name in given(asked):
        if name not in used:
            msg = f"{flag_of(name)} has no use in a plan {what}; leave it out"
            raise InputError(msg)


def _used(asked: Asked) -> tuple[set[str], str]:
    if asked.seen is not None:
        return {"seen", "floor", "ceiling", "level", "sequential", "design_effect"}, "with --seen"
    if asked.strata and asked.line is not None:
        used = {"strata", "statistics", "floor", "ceiling", "expect", "level", "power", "design_effect"}
        return used, "of strata that each pass a line"
    if asked.strata:
        total = "labels" if asked.labels is not None else "width"
        return {"strata", total, "level", "design_effect"}, f"of strata with --{total}"
    used = set(_GOAL)
    for name in asked.statistics:
        used |= _used_by(name)
    if asked.line is not None:
        used |= {"power", "sequential"} if any(name in RATES for name in asked.statistics) else {"power"}
    goal = "" if asked.line is not None or asked.width is None else " with --width"
    return used, f"of {', '.join(asked.statistics)}{goal}"


def _used_by(name: str) -> set[str]:
    if name in AGREEMENT:
        return {"prevalence", "shares"}
    if name in CORRECTED:
        return {*_JUDGE, "judged"}
    return {"": set(), "positive": {"prevalence"}, "negative": {"prevalence"}}.get(RATES[name], _JUDGE)


def refuse_contradiction(name: str, expect: float | None, implied: float) -> None:
    """An InputError where the value that is expected is another than the one that prevalence, sensitivity and specificity make."""
    if expect is not None and abs(expect - implied) > _ROUNDED:
        msg = (
            f"--prevalence, --sensitivity and --specificity make {name} {implied:.3f}, and --expect says {expect:g}: "
            f"give --expect {implied:.3f}, or other numbers"
        )
        raise InputError(msg)
