"""Labels that a wanted width or power takes: one record and a few lines for each statistic."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import numpy as np

from judgeaudit.domain.catalogue.statistics import phrase_of
from judgeaudit.domain.errors import InputError
from judgeaudit.stats.intervals.anytime import state_of
from judgeaudit.stats.sample_sizes.agreement import Coefficient, items_for_agreement, items_for_agreement_width
from judgeaudit.stats.sample_sizes.corrected import (
    LEAST_YOUDEN,
    Judge,
    calibration_labels,
    needed_deviation,
    random_labels,
)
from judgeaudit.stats.sample_sizes.shares import counted_exactly, first_number, items_for_share, items_for_width
from judgeaudit.workflows.planning.options import AGREEMENT, CORRECTED, RATES, Asked
from judgeaudit.workflows.planning.unused_options import refuse_contradiction

#: what is told where the share of positive items is not given
USUAL = (0.02, 0.05, 0.1, 0.2, 0.5)
#: the fewest labels of a class, or of a cell
LEAST = 20
Record = dict[str, Any]


def size_records(asked: Asked) -> list[Record]:
    """One record for each statistic: how many items of its kind, and how many labels in all."""
    if asked.line is None or not all(name in CORRECTED for name in asked.statistics):
        asked.need_goal()
    return [record for name in asked.statistics for record in _records(name, asked)]


def _records(name: str, asked: Asked) -> list[Record]:
    if name in RATES:
        return [_rate(name, asked)]
    return _agreement(name, asked) if name in AGREEMENT else [_corrected(name, asked)]


# ------------------------------------------------------------------------------------------------------------ rates


def _rate(name: str, asked: Asked) -> Record:
    kind = RATES[name]
    share, implied = _share_of(kind, asked), _implied(kind, asked)
    if implied is not None:
        refuse_contradiction(name, asked.expect, implied)
    expect = asked.expect if asked.expect is not None else 0.5
    n: int | None
    method = "Clopper-Pearson"
    if asked.width is not None:
        n = items_for_width(expect, width=asked.width, level=asked.level)
    else:
        assert asked.line is not None
        true, line = (expect, asked.line) if asked.floor is not None else (1 - expect, 1 - asked.line)
        n = items_for_share(true, floor=line, level=asked.level, power=asked.power)
        if not counted_exactly(true, floor=line, level=asked.level, power=asked.power):
            method = "normal approximation"
    items = _grown(n, asked.design_effect)
    record = {**_head(name, asked, expect), "of": kind or "all", "items": items, "method": method}
    if share is None:
        record["labels"] = None
        record["labels_at"] = {f"{p:g}": _over(items, p if kind == "positive" else 1 - p) for p in USUAL}
    else:
        record["labels"] = _over(items, share)
    if asked.sequential and asked.line is not None:
        record["sequential_items"] = _grown(_sequential(expect, asked), asked.design_effect)
    return record


def _share_of(kind: str, asked: Asked) -> float | None:
    """The share of items that a rate is a share of; None where that is for the reader to say."""
    if not kind:
        return 1.0
    if kind in ("positive", "negative"):
        if asked.prevalence is None:
            return None
        return asked.prevalence if kind == "positive" else 1 - asked.prevalence
    rate = _judge(asked, "the share of items that the judge flags follows from it").rate
    return rate if kind == "flagged" else 1 - rate


def _implied(kind: str, asked: Asked) -> float | None:
    """What prevalence, sensitivity and specificity make of a share of flagged or cleared items; None of other shares."""
    if kind not in ("flagged", "cleared"):
        return None
    judge = _judge(asked, "the share of items that the judge flags follows from it")
    of, right = (
        (judge.rate, judge.prevalence * judge.sensitivity)
        if kind == "flagged"
        else (1 - judge.rate, (1 - judge.prevalence) * judge.specificity)
    )
    return right / of if of > 0 else None


def _sequential(expect: float, asked: Asked) -> int | None:
    """Items until a confidence sequence passes the line, if the share is all the way as expected."""
    floor = asked.floor if asked.floor is not None else 1 - float(asked.ceiling or 0)
    share = expect if asked.floor is not None else 1 - expect
    return first_number(lambda n: state_of(share * n, n, floor=floor, level=asked.level) == "certified")


# -------------------------------------------------------------------------------------------------------- agreement


def _agreement(name: str, asked: Asked) -> list[Record]:
    expect = asked.need("expect", "an interval of agreement is the narrower the nearer the value is to 1")
    if asked.ceiling is not None:
        msg = f"--ceiling is for rates of error; {name} has a --floor or a --width"
        raise InputError(msg)
    if abs(expect) >= 1:
        msg = f"--expect {expect:g}: at {expect:g} {name} has no spread to plan by; give a value nearer to 0, as 0.95"
        raise InputError(msg)
    if asked.shares:
        mixes = [asked.shares]
    else:
        mixes = [(1 - p, p) for p in (USUAL if asked.prevalence is None else (asked.prevalence,))]
    return [_one_agreement(name, asked, expect, mix) for mix in mixes]


def _one_agreement(name: Any, asked: Asked, expect: float, mix: Sequence[float]) -> Record:
    coefficient: Coefficient = name
    shares = np.asarray(mix, float)
    n: int | None
    if asked.width is not None:
        n = items_for_agreement_width(expect, width=asked.width, shares=shares, name=coefficient, level=asked.level)
    else:
        assert asked.floor is not None
        n = items_for_agreement(
            expect, floor=asked.floor, shares=shares, name=coefficient, level=asked.level, power=asked.power
        )
    items = _grown(n, asked.design_effect)
    method = "delta method, Fisher's scale, labels used equally often by judge and people"
    return {
        **_head(name, asked, expect),
        "of": "all",
        "shares": [float(p) for p in mix],
        "items": items,
        "labels": items,
        "method": method,
    }


# --------------------------------------------------------------------------------------------------- corrected rates


def _judge(asked: Asked, why: str) -> Judge:
    return Judge(*(asked.need(name, why) for name in ("prevalence", "sensitivity", "specificity")))


def _corrected(name: str, asked: Asked) -> Record:
    judge = _judge(asked, "a corrected rate is as sure as the judge is good")
    if asked.expect is not None and abs(asked.expect - judge.prevalence) > 1e-9:
        msg = f"--expect {asked.expect:g} and --prevalence {judge.prevalence:g} are both the rate that is expected; give one number"
        raise InputError(msg)
    gap = None if asked.line is None else abs(asked.line - judge.prevalence)
    if gap is not None:
        replace(asked, expect=judge.prevalence).need_goal()
    deviation = needed_deviation(level=asked.level, power=asked.power, gap=gap, width=asked.width)
    # clusters widen what labels tell; that many items are judged is taken as they are
    deviation /= math.sqrt(asked.design_effect)
    record = {**_head(name, asked, judge.prevalence), "of": "all", "judged": _finite(asked.judged)}
    record |= {"sensitivity": judge.sensitivity, "specificity": judge.specificity, "judge_rate": judge.rate}
    people = needed_deviation(level=asked.level, power=asked.power, gap=gap, width=asked.width)
    theta = judge.prevalence
    record["labels_without_judge"] = math.ceil(asked.design_effect * theta * (1 - theta) / people**2)
    if name == "prevalence_rogan_gladen":
        if judge.youden < LEAST_YOUDEN:
            msg = f"sensitivity + specificity − 1 is {judge.youden:.2f}, below {LEAST_YOUDEN:g}: such a judge's rate is not corrected"
            raise InputError(msg)
        split = calibration_labels(judge, deviation=deviation, judged=asked.judged, least=LEAST)
        total = None if split is None else sum(split)
        record |= {"items": total, "labels": total}
        record["split"] = None if split is None else {"positive": split.positives, "negative": split.negatives}
        return {**record, "method": "Rogan-Gladen, interval of Lang and Reiczigel, split of Lee et al."}
    total = random_labels(judge, deviation=deviation, judged=asked.judged)
    return {
        **record,
        "items": total,
        "labels": total,
        "method": "post-stratified by verdict, as PPI++ in large samples",
    }


# ------------------------------------------------------------------------------------------------------------ shared


def _head(name: str, asked: Asked, expect: float) -> Record:
    goal = {"floor": asked.floor, "ceiling": asked.ceiling, "width": asked.width}
    out: Record = {"statistic": name, "expect": expect, **{k: v for k, v in goal.items() if v is not None}}
    out |= {"level": asked.level, "design_effect": asked.design_effect}
    return out if asked.width is not None else {**out, "power": asked.power}


def _grown(n: int | None, effect: float) -> int | None:
    return None if n is None else math.ceil(n * effect - 1e-9)


def _over(items: int | None, share: float) -> int | None:
    return None if items is None or share <= 0 else math.ceil(items / share - 1e-9)


def _finite(value: float) -> float | None:
    return value if math.isfinite(value) else None


def size_lines(records: Sequence[Record]) -> list[str]:
    """The records for people to read."""
    out: list[str] = []
    for name in dict.fromkeys(one["statistic"] for one in records):
        mine = [one for one in records if one["statistic"] == name]
        out += _rate_lines(mine[0]) if name in RATES else _table_lines(mine) if name in AGREEMENT else []
        out += _corrected_lines(mine[0]) if name in CORRECTED else []
    several = [one for one in records if one["statistic"] in RATES and one.get("labels") is not None]
    if len(several) > 1:
        out.append(
            f"{'both' if len(several) == 2 else 'all'} at once: {max(one['labels'] for one in several):,} labels drawn at random"
        )
    return out


def _goal(one: Record, subject: str) -> str:
    if "width" in one:
        return f"for a {one['level']:.0%} interval no wider than {one['width']:g}, if {subject} is {one['expect']:g}"
    line = f"at least {one['floor']:g}" if "floor" in one else f"at most {one['ceiling']:g}"
    side = "lower" if "floor" in one else "upper"
    return (
        f"for a one-sided {one['level']:.0%} {side} bound of {line} with a chance of {one['power']:.0%}, "
        f"if {subject} is {one['expect']:g}"
    )


def _rate_lines(one: Record) -> list[str]:
    name = phrase_of(one["statistic"])
    if one["items"] is None:
        return [f"{name}: more than 10,000,000 items"]
    kind = "" if one["of"] == "all" else f"{one['of']} "
    out = [f"{name}: {_items(one['items'], kind)} {_goal(one, 'it')} ({one['method']})"]
    if one.get("labels") is not None and one["labels"] != one["items"]:
        out.append(f"  {one['labels']:,} labels drawn at random hold about so many")
    if one.get("labels_at"):
        told = ", ".join(f"{labels:,} ({float(p):.0%} positive)" for p, labels in one["labels_at"].items())
        out.append(f"  labels drawn at random, by the share of positive items: {told}; --prevalence says which")
    if "sequential_items" in one:
        n = one["sequential_items"]
        told = "more than 10,000,000 items" if n is None else f"about {_items(n, kind)}"
        out.append(f"  looking after every label (--seen K/N): {told}, fewer or more as luck has it")
    return out


def _table_lines(records: Sequence[Record]) -> list[str]:
    first = records[0]
    name = phrase_of(first["statistic"])
    if len(records) == 1:
        mix = ", ".join(f"{p:.0%}" for p in first["shares"])
        return [f"{name}: {_told(first)} {_goal(first, 'it')} (labels used in {mix} of items)"]
    told = ", ".join(f"{_told(one)} ({one['shares'][1]:.0%} positive)" for one in records)
    return [f"{name}, {_goal(first, 'it')}:", f"  {told}", "  --prevalence, or --shares of more labels, says which"]


def _told(one: Record) -> str:
    return "no number of items" if one["items"] is None else _items(one["items"])


def _items(n: int, kind: str = "") -> str:
    return f"{n:,} {kind}item{'' if n == 1 else 's'}"


def _corrected_lines(one: Record) -> list[str]:
    name = one["statistic"]
    if one["items"] is None:
        why = "" if one["judged"] is None else f" with {one['judged']:,.0f} items judged; judge more"
        return [f"{name}: no number of labels is enough{why}"]
    out = [f"{name}: {one['labels']:,} labels {_goal(one, 'the rate')}"]
    if one.get("split"):
        m1, m0 = one["split"]["positive"], one["split"]["negative"]
        out.append(
            f"  from elsewhere, {m1:,} of positive and {m0:,} of negative items (split of Lee et al., {LEAST} of each at least)"
        )
    else:
        out.append("  drawn at random from the judged items")
    out.append(f"  without the judge, by labels alone: {one['labels_without_judge']:,}")
    return out
