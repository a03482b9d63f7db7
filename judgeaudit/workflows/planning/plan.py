"""`ja.plan`: how many labels something takes, what the present ones can show, and when to stop."""

from __future__ import annotations

import math
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from judgeaudit.domain.errors import InputError, one_line
from judgeaudit.domain.policy import Policy
from judgeaudit.stats.sample_sizes.corrected import needed_deviation
from judgeaudit.stats.sample_sizes.shares import first_number, neyman_split
from judgeaudit.workflows.planning.options import RATES, Asked, parse_seen, parse_strata
from judgeaudit.workflows.planning.sizes import LEAST, Record, size_records
from judgeaudit.workflows.planning.unused_options import flag_of, given, refuse_unused

if TYPE_CHECKING:
    from judgeaudit.domain.results.audit import AuditResult, Decision


#: said wherever one may look at any time
IN_ORDER = (
    "looking at any time is allowed only where labels come in random order, and what is looked at was fixed before: "
    "sort no items, and add none because of what was seen"
)


class Plan:
    """What was planned: `records` as data, `lines` for people."""

    def __init__(self, records: dict[str, Any], lines: Sequence[str]) -> None:
        self.records = records
        self.lines = tuple(lines)

    def to_dict(self) -> dict[str, Any]:
        """Plain lists, dicts and numbers."""
        return {**self.records, "lines": list(self.lines)}

    @property
    def labels(self) -> int | None:
        """Labels in all, where one number says it: the most that any statistic asks for."""
        known = [one.get("labels") for one in self.records.get("sizes", [])]
        strata = self.records.get("strata")
        known += [strata.get("labels")] if strata else []
        told = [int(n) for n in known if n is not None]
        return max(told) if told and len(told) == len(known) else None

    def __repr__(self) -> str:
        return "\n".join(self.lines)


def plan(
    source: str | Path | None = None,
    *,
    statistic: str | Sequence[str] = (),
    floor: float | None = None,
    ceiling: float | None = None,
    expect: float | None = None,
    width: float | None = None,
    prevalence: float | None = None,
    shares: Sequence[float] = (),
    sensitivity: float | None = None,
    specificity: float | None = None,
    judged: float | None = None,
    power: float = 0.8,
    level: float = 0.95,
    design_effect: float = 1.0,
    stratum: str | Sequence[str] = (),
    labels: int | None = None,
    sequential: bool = False,
    seen: str | None = None,
    policy: Policy | str | Path | None = None,
) -> Plan:
    """How many labels a wanted width or power takes; with `source`, an audit.json or its folder, what its labels can show.

    Arguments are the flags of `judgeaudit plan`. The decisions of an audit are those it was made with, or those of `policy`.
    Raises InputError for numbers that cannot be planned with.
    """
    names = (statistic,) if isinstance(statistic, str) else tuple(statistic)
    asked = Asked(
        statistics=names,
        floor=floor,
        ceiling=ceiling,
        expect=expect,
        width=width,
        prevalence=prevalence,
        shares=tuple(shares),
        sensitivity=sensitivity,
        specificity=specificity,
        judged=math.inf if judged is None else judged,
        power=power,
        level=level,
        design_effect=design_effect,
        strata=parse_strata((stratum,) if isinstance(stratum, str) else stratum),
        labels=labels,
        sequential=sequential,
        seen=None if seen is None else parse_seen(seen),
    )
    if source is None:
        if policy is not None:
            msg = "--policy is for the requirements of an audit; name an audit.json or a study"
            raise InputError(msg)
        return _plan_ahead(asked)
    refuse_beside_audit(asked)
    return _plan_of_audit(source, policy, sequential=sequential)


def _plan_of_audit(source: str | Path, policy: Policy | str | Path | None, *, sequential: bool) -> Plan:
    """What the labels of an audit can show under its own decisions, or under another policy."""
    from judgeaudit.workflows.auditing.audit_object import read_audit
    from judgeaudit.workflows.auditing.gate import decide, decisions_of, read_policy

    audit = read_audit(source)
    if policy is None:
        return plan_present(audit.result, decisions_of(audit), sequential=sequential)
    given = policy if isinstance(policy, Policy) else read_policy(policy)
    return plan_present(audit.result, decide(audit, given), sequential=sequential)


def refuse_beside_audit(asked: Asked) -> None:
    """An InputError where something is asked that an audit and its policy say themselves."""
    for name in given(asked):
        if name != "sequential":
            msg = f"an audit says by itself what is required and how many labels there are: leave {flag_of(name)} out"
            raise InputError(msg)


def plan_present(result: AuditResult, decisions: Sequence[Decision], *, sequential: bool) -> Plan:
    """What the labels of an audit can show under these decisions."""
    from judgeaudit.workflows.planning.present_labels import present_lines, present_records

    records = present_records(result, decisions, sequential=sequential)
    lines = present_lines(records)
    return Plan({"decisions": records}, [*lines, IN_ORDER] if sequential else lines)


def _plan_ahead(asked: Asked) -> Plan:
    if asked.seen is not None or asked.strata or asked.statistics:
        refuse_unused(asked)
    if asked.seen is not None:
        return _stopping(asked)
    if asked.strata:
        record = strata_record(asked)
        return Plan({"strata": record}, strata_lines(record))
    if not asked.statistics:
        msg = "nothing to plan: name a --statistic, give --stratum or --seen, or name an audit.json or a study"
        raise InputError(msg)
    from judgeaudit.workflows.planning.sizes import size_lines, size_records

    records = size_records(asked)
    lines = size_lines(records)
    return Plan({"sizes": records}, [*lines, IN_ORDER] if asked.sequential else lines)


def _stopping(asked: Asked) -> Plan:
    """After k of n labels: certified, futile, or go on."""
    from judgeaudit.stats.intervals.anytime import confidence_sequence, lower_sequence, state_of, upper_sequence
    from judgeaudit.stats.sample_sizes.shares import first_number

    assert asked.seen is not None
    if asked.design_effect > 1:
        msg = "--seen counts items that stand each for itself: no sequence is known for a --design-effect above 1"
        raise InputError(msg)
    k, n = asked.seen
    record: dict[str, Any] = {"k": k, "n": n, "level": asked.level}
    if asked.line is None:
        low, high = confidence_sequence(k, n, level=asked.level)
        record |= {"low": low, "high": high, "state": None}
        told = f"{k} of {n}: between {low:.3f} and {high:.3f} at {asked.level:.0%}, however often one has looked"
        return Plan({"stopping": record}, [told, IN_ORDER])
    up = asked.floor is not None
    floor = asked.floor if asked.floor is not None else 1 - float(asked.ceiling or 0)
    good = k if up else n - k
    state = state_of(good, n, floor=floor, level=asked.level)
    low, high = lower_sequence(k, n, level=asked.level), upper_sequence(k, n, level=asked.level)
    record |= {"low": low, "high": high, "state": state}
    lower = up == (state != "futile")
    shown = f"{low:.3f} at least" if lower else f"{high:.3f} at most"
    lines = [f"{state}: {k} of {n}, {shown} at one-sided {asked.level:.0%}, {asked.line_words} is wanted"]
    if state == "go on":
        share = good / n
        ends = first_number(lambda m: m >= n and state_of(share * m, m, floor=floor, level=asked.level) != "go on")
        record["ends_at"] = ends
        lines.append(
            "  at this rate no end is in sight: it lies on the line"
            if ends is None
            else f"  if the rest come out as until now, it ends at about {ends:,}"
        )
    return Plan({"stopping": record}, [*lines, IN_ORDER])


# How labels are split between strata: each large enough for a line of its own, or all together for one rate
# (Neyman).


def strata_record(asked: Asked) -> Record:
    """Labels in each stratum."""
    if asked.line is not None:
        return _each(asked)
    if asked.labels is None and asked.width is None:
        msg = "strata need --labels (how many there are to share out), --width (of the rate over all) or --floor (in each)"
        raise InputError(msg)
    return _together(asked)


def _each(asked: Asked) -> Record:
    """Every stratum passes the line by itself; a rate of positive or negative items needs so many of them there."""
    names = [name for name in asked.statistics if RATES.get(name) in ("positive", "negative", "")]
    if not names or len(names) < len(asked.statistics):
        msg = "--stratum with --floor or --ceiling is for rates of all, of positive or of negative items, as --statistic sensitivity"
        raise InputError(msg)
    needs = [one for one in size_records(asked) if one["items"] is not None]
    cells: list[dict[str, Any]] = []
    for stratum in asked.strata:
        wanted = []
        for one in needs:
            share = {"positive": stratum.share, "negative": 1 - stratum.share}.get(one["of"], 1.0)
            wanted.append(math.inf if share <= 0 else math.ceil(one["items"] / share - 1e-9))
        most = max(wanted, default=math.inf)
        enough = most <= stratum.items
        cells.append({"stratum": stratum.name, "items": stratum.items, "labels": int(most) if enough else None})
    return {"kind": "each", "statistics": names, "cells": cells}


def _together(asked: Asked) -> Record:
    sizes = [float(one.items) for one in asked.strata]
    deviations = [math.sqrt(one.share * (1 - one.share)) for one in asked.strata]
    total = asked.labels
    if total is None:
        wanted = needed_deviation(level=asked.level, power=asked.power, gap=None, width=asked.width)

        def enough(n: int) -> bool:
            split = neyman_split(sizes, deviations, total=n, least=LEAST)
            return _deviation(sizes, deviations, split) * math.sqrt(asked.design_effect) <= wanted

        total = first_number(enough)
        if total is None:
            msg = f"no number of labels of {sum(sizes):,.0f} items gives an interval no wider than {asked.width:g}"
            raise InputError(msg)
    split = neyman_split(sizes, deviations, total=total, least=LEAST)
    even = [sum(split) * size / sum(sizes) for size in sizes]
    z = needed_deviation(level=asked.level, power=asked.power, gap=None, width=1.0)
    effect = math.sqrt(asked.design_effect)
    cells = [{"stratum": s.name, "items": s.items, "labels": n} for s, n in zip(asked.strata, split, strict=True)]
    return {
        "kind": "together",
        "cells": cells,
        "labels": sum(split),
        "asked": asked.labels,
        "width": _deviation(sizes, deviations, split) * effect / z,
        "width_proportional": _deviation(sizes, deviations, even) * effect / z,
    }


def _deviation(sizes: list[float], deviations: list[float], labels: list[int] | list[float]) -> float:
    """Of the rate over all strata, whose items are a sample of many more, as an audit takes them."""
    whole = sum(sizes)
    parts = [
        (size / whole * spread) ** 2 / n for size, spread, n in zip(sizes, deviations, labels, strict=True) if n > 0
    ]
    return math.sqrt(sum(parts))


def strata_lines(record: Record) -> list[str]:
    """The table for people."""
    wide = max(len(one_line(cell["stratum"])) for cell in record["cells"])
    out = [f"{'stratum':<{max(wide, 7)}}  {'items':>10}  {'labels':>8}"]
    for cell in record["cells"]:
        labels = "too few" if cell["labels"] is None else f"{cell['labels']:,}"
        out.append(f"{one_line(cell['stratum']):<{max(wide, 7)}}  {cell['items']:>10,}  {labels:>8}")
    if record["kind"] == "each":
        short = [cell["stratum"] for cell in record["cells"] if cell["labels"] is None]
        if short:
            out.append(f"too few items to be decided even if all are labelled: {', '.join(map(one_line, short))}")
        return out
    if record["asked"] is not None and record["labels"] != record["asked"]:
        more = record["labels"] > record["asked"]
        why = f"too few for {LEAST} of each stratum" if more else "more than there are items"
        out.append(f"--labels {record['asked']:,} is {why}")
    return [
        *out,
        f"{record['labels']:,} labels, split by size times spread (Neyman), {LEAST} a stratum at least: the rate over all has "
        f"an interval {record['width']:.3f} wide; split by size alone, {record['width_proportional']:.3f}",
        "labels are then drawn with different chances: keep them as weights (`judgeaudit label sample` does)",
    ]
