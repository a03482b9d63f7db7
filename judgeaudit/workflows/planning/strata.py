"""How labels are split between strata: each large enough for a line of its own, or all together for one rate (Neyman)."""

from __future__ import annotations

import math
from typing import Any

from judgeaudit.domain.errors import InputError, one_line
from judgeaudit.stats.sample_sizes.corrected import needed_deviation
from judgeaudit.stats.sample_sizes.shares import first_number, neyman_split
from judgeaudit.workflows.planning.options import RATES, Asked
from judgeaudit.workflows.planning.sizes import LEAST, Record, size_records


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
