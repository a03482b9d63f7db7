"""Kinds of degradation: what a judge does on each kind of spoilt output, so that the kinds that fool it are known by name."""

from __future__ import annotations

from collections.abc import Sequence

from judgeaudit.audit.degradation.rate_curves import curves_along, known_of
from judgeaudit.audit.setting.context import Context
from judgeaudit.domain.doses import tells_kinds
from judgeaudit.domain.ratings import Ratings
from judgeaudit.domain.results.audit import Curve, Finding


def kind_curves(context: Context, judge: str, findings: Sequence[Finding]) -> list[Curve]:
    """The judge's rates on each kind, with the intervals of the findings that they are; x numbers the kinds from 0."""
    known = known_of(judge, findings)
    return [
        curve
        for names in kinds_of(context.ratings)
        for curve in curves_along(
            context, judge, {name: float(at) for at, name in enumerate(names)}, known, kind="by_kind"
        )
    ]


def kinds_of(ratings: Ratings) -> list[tuple[str, ...]]:
    """The strata of each column that names kinds of degradation, two or more; levels of one degradation are doses instead."""
    return [
        names
        for column, names in ratings.columns.items()
        if tells_kinds(column) and len(names) > 1 and set(names) - ratings.doses.get(column, {}).keys()
    ]
