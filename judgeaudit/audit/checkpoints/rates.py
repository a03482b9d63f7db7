"""Rates of checkpoints as records: along each method's path, and at its anchors."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from judgeaudit.audit.checkpoints.analyses import Analysis, Choices
from judgeaudit.audit.checkpoints.rows import Unknown
from judgeaudit.audit.checkpoints.shares import GIBBERISH_SHARE, MEASURE_OF, Ends, Parts, ends_of
from judgeaudit.audit.estimates.estimate import clean
from judgeaudit.domain.catalogue.comparison_reasons import NO_VERDICTS
from judgeaudit.domain.checkpoints import (
    ALL_BENCHMARKS,
    AS_JUDGED,
    NO_REFERENCE,
    CheckpointRatings,
)
from judgeaudit.domain.results.comparison import Rate
from judgeaudit.stats.rates.shares_apart import Limits, limits

POSITIVE, INCOHERENT, UNANSWERED = "positive_rate", "incoherence_rate", "unanswered_rate"
DOUBTFUL = "not_certified_on_incoherent"


@dataclass(frozen=True, slots=True, kw_only=True)
class _About:
    """Whose rates these are: one row for each anchor or checkpoint."""

    method: str
    checkpoint: str
    anchor: str
    parts: Parts


def rates_of(
    ratings: CheckpointRatings, choices: Choices, found: Sequence[Analysis], paths: dict[str, tuple[int, ...]]
) -> list[Rate]:
    """For all benchmarks together every checkpoint's; for each benchmark those at the anchors that stand first and last."""
    names = [one.checkpoint for one in ratings.checkpoints]
    rules = list(choices.anchors)
    wanted = [rule for rule in rules if rule == rules[0] or rule == "last"]
    at_anchors = [
        _About(method=method, checkpoint=_named(parts, names), anchor=rule, parts=parts)
        for rule in wanted
        for method, parts in zip(choices.methods, choices.anchors[rule], strict=True)
        if parts
    ]
    on_paths = [
        _About(method=method, checkpoint=names[place], anchor="", parts=((place, 1.0),))
        for method in choices.methods
        for place in paths.get(method, ())
    ]
    out: list[Rate] = []
    for one in found:
        abouts = [*(on_paths if one.benchmark == ALL_BENCHMARKS else []), *at_anchors]
        out += _of_analysis(ratings, choices, one, abouts)
    return out


def _named(parts: Parts, names: Sequence[str]) -> str:
    """
    >>> _named(((0, 0.25), (1, 0.75)), ["plain-40", "plain-80"])
    'plain-40 … plain-80'
    """
    return " … ".join(names[place] for place, _ in parts)


def _of_analysis(
    ratings: CheckpointRatings, choices: Choices, one: Analysis, abouts: Sequence[_About]
) -> Iterator[Rate]:
    ends = ends_of(one.made, [about.parts for about in abouts])
    told = limits(ends.sure, level=choices.level)
    clusters = [int(min((one.made.clusters[place] for place, _ in about.parts), default=0)) for about in abouts]
    for k, about in enumerate(abouts):
        if not ends.outputs[k]:
            continue
        open_ = {
            name: sum(weight * float(getattr(one.unknown, name)[place]) for place, weight in about.parts)
            for name in Unknown.__dataclass_fields__
        }
        for treatment, statistic, m in _asked(choices, one):
            yield _rate(
                ratings,
                one,
                about,
                (treatment, statistic, m),
                ends=ends,
                told=told,
                k=k,
                open_=open_,
                clusters=clusters,
            )


def _asked(choices: Choices, one: Analysis) -> Iterator[tuple[str, str, int]]:
    """Treatment, statistic and measure of every rate that an analysis gives."""
    if one.reference == AS_JUDGED:
        yield AS_JUDGED, POSITIVE, MEASURE_OF[AS_JUDGED]
        yield AS_JUDGED, UNANSWERED, -1
        return
    for treatment in choices.treatments:
        if treatment != AS_JUDGED:
            yield treatment, POSITIVE, MEASURE_OF[treatment]
    yield choices.treatments[0], INCOHERENT, GIBBERISH_SHARE


def _rate(
    ratings: CheckpointRatings,
    one: Analysis,
    about: _About,
    asked: tuple[str, str, int],
    *,
    ends: Ends,
    told: Limits,
    k: int,
    open_: dict[str, float],
    clusters: Sequence[int],
) -> Rate:
    treatment, statistic, m = asked
    value, low, high = clean(ends.sure.value[k, m]), clean(told.low[k, m]), clean(told.high[k, m])
    sure = _Sure(value=value, low=low, high=high, method="beta law of the verdicts")
    flagged = bounds = None
    if statistic == UNANSWERED:
        sure = _Sure(value=open_["unanswered"])
    elif treatment == AS_JUDGED:
        flagged, bounds = open_["flagged"], _as_judged(ratings, one.judge, open_)
        if _is_doubtful(ratings, one.judge, bounds, open_):
            sure = _Sure(undefined=DOUBTFUL, method="worst and best case")
    elif one.reference == NO_REFERENCE:
        bounds = _screened(treatment, statistic, value, open_)
    else:
        why = _why(ratings, value, int(ends.labels[k]))
        sure = replace(sure, method="post-stratified by verdict, beta law", undefined=why)
    if _is_silent(one, statistic, open_):
        sure = _Sure(undefined=NO_VERDICTS)
    sure = _with_clusters(sure, one, about, statistic)
    bound_low, bound_high = _apart(bounds)
    return Rate(
        question=ratings.question,
        method=about.method,
        checkpoint=about.checkpoint,
        benchmark=one.benchmark,
        judge=one.judge,
        reference=NO_REFERENCE if one.reference == AS_JUDGED else one.reference,
        treatment=treatment,
        statistic=statistic,
        value=sure.value,
        anchor=about.anchor,
        flagged=flagged,
        low=None if sure.value is None else sure.low,
        high=None if sure.value is None else sure.high,
        n_outputs=int(ends.outputs[k]),
        n_labelled=int(ends.labels[k]),
        n_clusters=clusters[k],
        bound_low=bound_low,
        bound_high=bound_high,
        interval=sure.method if sure.value is not None or sure.undefined == DOUBTFUL else "",
        undefined=sure.undefined if sure.value is None else None,
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class _Sure:
    """A rate with its interval, how that is made, and why there is no rate."""

    value: float | None = None
    low: float | None = None
    high: float | None = None
    method: str = ""
    undefined: str | None = None


def _is_doubtful(ratings: CheckpointRatings, judge: str, bounds: tuple[float, float], open_: dict[str, float]) -> bool:
    """Whether a rate hangs on verdicts about incoherent outputs, for which the gate did not certify the judge."""
    settled = bounds == (open_["flagged"], open_["flagged"])
    return not settled and judge not in ratings.certified and open_["held"] > 0


def _apart(bounds: tuple[float, float] | None) -> tuple[float, float] | tuple[None, None]:
    """Worst and best case, where they differ."""
    return (None, None) if bounds is None or bounds[1] - bounds[0] < 1e-12 else bounds


def _is_silent(one: Analysis, statistic: str, open_: dict[str, float]) -> bool:
    """Whether a rate rests on verdicts alone and no output has one."""
    by_verdicts = one.reference in (NO_REFERENCE, AS_JUDGED) and statistic == POSITIVE
    return by_verdicts and open_["unanswered"] > 1.0 - 1e-12


def _with_clusters(sure: _Sure, one: Analysis, about: _About, statistic: str) -> _Sure:
    """What clusters make of the interval."""
    if sure.value is None:
        return sure
    if sure.low is None and statistic != UNANSWERED:
        return replace(sure, method="none: too few clusters")
    plain = bool(one.made.plain[[place for place, _ in about.parts]].all())
    return sure if plain or not sure.method else replace(sure, method=f"{sure.method}, no narrower than by clusters")


def _as_judged(ratings: CheckpointRatings, judge: str, open_: dict[str, float]) -> tuple[float, float]:
    """Worst and best case of the share of positives: what a judge that is not certified says of gibberish counts for nothing."""
    if judge in ratings.certified:
        return open_["flagged"], open_["flagged"] + open_["unanswered"]
    return open_["surely"], open_["surely"] + open_["silent"] + open_["held"]


def _screened(
    treatment: str, statistic: str, value: float | None, open_: dict[str, float]
) -> tuple[float, float] | None:
    """The same where gibberish is told apart before: only missing verdicts are open."""
    if statistic != POSITIVE or value is None or not open_["silent"]:
        return None
    missing = open_["silent_of_coherent"] if treatment == "left_out" else open_["silent"]
    return value, min(1.0, value + missing)


def _why(ratings: CheckpointRatings, value: float | None, labels: int) -> str | None:
    """Why a corrected rate has no value."""
    if value is not None:
        return None
    if ratings.label_design in (None, "elsewhere"):
        return "no_design" if ratings.label_design is None else "labels_elsewhere"
    return "no_labels_here" if labels == 0 else "no_coherent_output"
