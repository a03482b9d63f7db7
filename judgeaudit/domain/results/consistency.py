"""Whether the parts of an audit that was read back belong together, beyond the type of each."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field

from judgeaudit.domain.results.audit import AuditResult, Confusion


@dataclass(frozen=True, slots=True, kw_only=True)
class KnownOptions:
    """The options of an audit that are read again; others are shown as they are."""

    unanswered: str = "counted"
    draws: int = 4000
    label_design: str | None = None
    judges: dict[str, dict[str, str]] = field(default_factory=dict)
    join: list[str] = field(default_factory=list)
    leave_out: dict[str, int] = field(default_factory=dict)
    study_sha256: str | None = None


def contradiction(result: AuditResult) -> str:
    """The first part of an audit that does not go with another one, in one line; empty where all do."""
    return next(iter((*_of_confusions(result), *_of_curves(result), *_of_strata(result))), "")


def _of_confusions(result: AuditResult) -> Iterator[str]:
    labels = {one.name: one.labels for one in result.questions}
    held = {(one.question, one.judge, one.stratum) for one in result.confusions}
    for number, one in enumerate(result.confusions):
        known = labels.get(one.question)
        if known is None:
            yield f"confusions[{number}]: no question {one.question!r} is described"
        elif one.counts and (one.labels != known or not _is_table(one)):
            yield f"confusions[{number}]: counts, labels and those of question {one.question!r} do not go together"
        elif (one.question, one.judge, "all") not in held:
            yield f"confusions: judge {one.judge!r} has no table of all items"
    for about in result.questions:
        for judge in about.judges:
            if (about.name, judge, "all") not in held:
                yield f"confusions: judge {judge!r} of question {about.name!r} has no table of all items"


def _is_table(one: Confusion) -> bool:
    rows = len(one.labels)
    return len(one.counts) == rows and all(len(row) == rows + 1 for row in one.counts)


def _of_curves(result: AuditResult) -> Iterator[str]:
    for number, one in enumerate(result.curves):
        lengths = {len(one.x), len(one.y), len(one.low), len(one.high), len(one.n)}
        optional = {len(each) for each in (one.names, one.band_low, one.band_high) if each}
        if lengths | optional != lengths or len(lengths) != 1:
            yield f"curves[{number}]: its lists are of different lengths"


def _of_strata(result: AuditResult) -> Iterator[str]:
    for number, one in enumerate(result.decisions):
        for state in one.strata:
            if state.stratum not in result.strata:
                yield f"decisions[{number}]: stratum {state.stratum!r} is described nowhere"
    for number, table in enumerate(result.confusions):
        if table.stratum not in result.strata:
            yield f"confusions[{number}]: stratum {table.stratum!r} is described nowhere"
