"""How many more labels would make a corrected rate sure enough: the judged rows stay as they are, and may be too few."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from scipy.special import ndtri

from judgeaudit.domain.results.audit import Finding, Requirement
from judgeaudit.domain.results.estimates import CalibrationSpread, VerifiedSpread
from judgeaudit.domain.results.rates import RateRecord
from judgeaudit.gate.requirements.bounds import Evidence, Sureness, sureness_of
from judgeaudit.gate.requirements.labels_missing import POWER, items_for_value, thresholds_of
from judgeaudit.stats.sample_sizes.shares import first_number


def labels_for_rate(
    finding: Finding, record: RateRecord, evidence: Evidence, *, off: float, limit: float, level: float
) -> int | None:
    """Labels more with which both bounds lie within `limit` of the corrected rate; now one lies `off` from it.

    None where no number is enough: rows that are drawn for labels run out, and a calibration set tells no more of the rate
    than the judged rows hold.
    """
    if not isinstance(finding.spread, CalibrationSpread | VerifiedSpread):
        wanted = items_for_value(
            0.0, bound=-off, threshold=-limit, n=finding.n_items, link="identity", level=level, power=0.5
        )
        return _in_reach(None if wanted is None else max(1, wanted - finding.n_items), record)
    value = finding.value or 0.0

    def enough(sure: Sureness) -> bool:
        return max(value - sure.lower(level), sure.upper(level) - value) <= limit

    return _fewest(finding, record, evidence, enough)


def labels_for_line(
    line: Requirement, finding: Finding, record: RateRecord, evidence: Evidence, *, otherwise: int | None
) -> int | None:
    """Labels more that settle an undecided requirement on a corrected rate with 80% chance, if the value stays as it is.

    `otherwise` is the number for a bound that shrinks with 1/√n: it holds where the spread cannot be made anew.
    """
    if line.met is not None or line.value is None or finding.statistic == "prevalence_judge_target":
        return None
    if not isinstance(finding.spread, CalibrationSpread | VerifiedSpread):
        return _in_reach(otherwise, record)
    value = line.value
    stretched = 1.0 + float(ndtri(POWER)) / float(ndtri(line.level))

    def enough(sure: Sureness) -> bool:
        lower, upper = sure.lower(line.level), sure.upper(line.level)
        sides = thresholds_of(line, value, lower, upper)
        return all(abs(value - side) * stretched <= abs(value - t) for t, side in sides)

    return _fewest(finding, record, evidence, enough)


def no_labels_words(record: RateRecord) -> str:
    """Said where no number of labels is enough."""
    left = record.unlabelled
    if record.design == "elsewhere":
        return f"no number of labels would make it so, since only {left:,} rows are judged: let it judge more"
    return f"the {left:,} judged rows that are left to label would not make it so: let it judge more"


def _fewest(finding: Finding, record: RateRecord, evidence: Evidence, enough: Callable[[Sureness], bool]) -> int | None:
    def after(more: int) -> bool:
        sure = sureness_of(_grown(finding, 1.0 + more / finding.n_items), evidence)
        return sure is not None and enough(sure)

    most = None if record.design == "elsewhere" else record.unlabelled
    if most is not None and (most < 1 or not after(most)):
        return None
    return first_number(lambda more: after(more if most is None else min(more, most)))


def _grown(finding: Finding, times: float) -> Finding:
    """The finding with so many times its labels, at the same shares."""
    spread = finding.spread
    if isinstance(spread, CalibrationSpread):
        return replace(finding, spread=replace(spread, m1=spread.m1 * times, m0=spread.m0 * times))
    if isinstance(spread, VerifiedSpread):
        counts = [*spread.counts[:2], *(count * times for count in spread.counts[2:])]
        return replace(finding, spread=replace(spread, counts=counts))
    return finding


def _in_reach(more: int | None, record: RateRecord) -> int | None:
    if more is None or (record.design != "elsewhere" and more > record.unlabelled):
        return None
    return more
