"""A judge's faults, stratum by stratum of one column, as a curve: the shares that findings hold, or their complements."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Literal, NamedTuple

from judgeaudit.audit.setting.context import Context
from judgeaudit.domain.results.audit import Curve, Finding

#: findings of one judge by stratum and statistic
Known = Mapping[tuple[str, str], Finding]


class Response(NamedTuple):
    """A curve, the statistic it is read from, and whether it is that statistic's complement."""

    name: str
    statistic: str
    turned: bool = False


class _Point(NamedTuple):
    """A stratum with a value, and where it stands."""

    stratum: str
    place: float
    found: Finding

    @property
    def looked_at(self) -> int:
        """Items that the share is of: the negative ones for false alarms."""
        return self.found.n_items if self.found.n is None else round(self.found.n)


_EVERYWHERE = (
    Response("error_rate", "percent_agreement", turned=True),
    Response("unanswered_rate", "coverage", turned=True),
)
_WITH_POSITIVE = (
    Response("prevalence_judge", "prevalence_judge"),
    Response("false_positive_rate", "false_positive_rate"),
    Response("false_negative_rate", "false_negative_rate"),
)


def responses_of(context: Context) -> tuple[Response, ...]:
    """What is told of a judge's verdicts on this question; nothing on a continuous scale."""
    if context.scheme.many:
        return ()
    return (*_EVERYWHERE, *(_WITH_POSITIVE if context.scheme.has_positive else ()))


def known_of(judge: str, findings: Sequence[Finding]) -> Known:
    """The judge's findings against the reference that have a value."""
    return {
        (one.stratum, one.statistic): one
        for one in findings
        if one.subject == judge and one.versus == "reference" and one.value is not None
    }


def curves_along(
    context: Context,
    judge: str,
    places: Mapping[str, float],
    known: Known,
    *,
    kind: Literal["dose_response", "by_kind"],
) -> list[Curve]:
    """One curve for each response over the strata in `places`; strata without a value, and curves of one point, are left out."""
    curves = []
    for response in responses_of(context):
        points = [
            _Point(name, place, one)
            for name, place in places.items()
            if (one := known.get((name, response.statistic))) is not None
        ]
        if len(points) > 1:
            curves.append(_curve(context, judge, response, points, kind))
    return curves


def _curve(
    context: Context, judge: str, response: Response, points: list[_Point], kind: Literal["dose_response", "by_kind"]
) -> Curve:
    limits = [_limits(point.found, turned=response.turned) for point in points]
    return Curve(
        question=context.question,
        kind=kind,
        subject=judge,
        stratum="all",
        statistic=response.name,
        names=[point.stratum for point in points],
        x=[point.place for point in points],
        y=[value for value, _, _ in limits],
        low=[low for _, low, _ in limits],
        high=[high for _, _, high in limits],
        n=[point.looked_at for point in points],
    )


def _limits(found: Finding, *, turned: bool) -> tuple[float, float | None, float | None]:
    """Value and interval of a finding, or of its complement."""
    assert found.value is not None
    if not turned:
        return found.value, found.low, found.high
    low, high = (None if end is None else _complement(end) for end in (found.high, found.low))
    return _complement(found.value), low, high


def _complement(share: float) -> float:
    """1 − x without what subtraction adds in the last digits, so that it is rounded like the same share counted directly."""
    return round(1.0 - share, 12)
