"""What reading a table gives: ratings, and an account of every row that is said before any number."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np

from judgeaudit.domain.errors import one_line
from judgeaudit.domain.rater_work import Work
from judgeaudit.domain.ratings import MISSING, Ratings
from judgeaudit.domain.results.questions import Flow, InputRecord, JudgeFlow, Step
from judgeaudit.domain.verdict_log import Calls, VerdictLog
from judgeaudit.storage.table.ratings import Built, judged_mask, labelled_mask


@dataclass(frozen=True, slots=True, kw_only=True)
class Loaded:
    """Ratings by question, and what the audit says about how they came to be.

    join           lines that account for items, labels and verdicts
    warnings       lines about what a person should know or mend
    inputs         file name -> what was read
    flow           per question the counts down to the items that judges and people share
    work           how raters worked on each question, where more than their labels is known
    logs, calls    every verdict of the judges of a study, and the calls behind them
    left_out       rater -> annotations that study.toml leaves out
    judges         judge of a study -> what tells it from others
    """

    ratings: tuple[Ratings, ...]
    join: tuple[str, ...]
    warnings: tuple[str, ...]
    inputs: dict[str, InputRecord]
    flow: list[Flow]
    work: tuple[Work, ...] = ()
    logs: tuple[VerdictLog, ...] = ()
    calls: Calls | None = None
    left_out: dict[str, int] = field(default_factory=dict)
    judges: dict[str, dict[str, str]] = field(default_factory=dict)


def join_report(built: Sequence[Built], *, label_source: str = "people") -> tuple[str, ...]:
    """The account of each question; lines carry its name where there are several. Models are not counted as people."""
    who = ("rater", "raters") if label_source != "people" else ("person", "people")
    return tuple(
        f"{one_line(one.ratings.question.name)}: {line}" if len(built) > 1 else line
        for one in built
        for line in _join_lines(one, who)
    )


def flow_of(ratings: Ratings, steps: Sequence[tuple[str, int]]) -> Flow:
    """Counts from the rows that were read (`steps`) down to the items that judges and people share."""
    labelled, judged = labelled_mask(ratings), judged_mask(ratings)
    counted = [*steps, ("items", ratings.n_items), ("items labelled", int(labelled.sum()))]
    if ratings.judge_names:
        counted += [("items judged", int(judged.sum())), ("items labelled and judged", int((labelled & judged).sum()))]
    judges = [
        JudgeFlow(judge=judge, asked=asked, answered=answered, unanswered=asked - answered, not_asked=not_asked)
        for judge, asked, answered, not_asked in _by_judge(ratings)
    ]
    return Flow(question=ratings.question.name, steps=[Step(what=what, n=n) for what, n in counted], judges=judges)


def _join_lines(built: Built, who: tuple[str, str]) -> list[str]:
    ratings = built.ratings
    labelled, judged = labelled_mask(ratings), judged_mask(ratings)
    by = f"by {_count(len(ratings.people_names), *who)}" if ratings.people_names else ""
    if ratings.reference is not None:
        by += f"{' and ' if by else ''}by reference column '{one_line(ratings.reference_name or '')}'"
    line = f"{_count(ratings.n_items, 'item')}, {labelled.sum()} labelled {by}"
    if not ratings.judge_names:
        return [line, *_set_aside(built)]
    lines = [f"{line}, {judged.sum()} judged by {_count(len(ratings.judge_names), 'judge')}"]
    counts = _by_judge(ratings)
    if len({asked for _, asked, _, _ in counts}) > 1:
        lines.append("judged: " + ", ".join(f"{judge} {asked}" for judge, asked, _, _ in counts))
    lines += _listed("without a usable label", [(judge, asked - given) for judge, asked, given, _ in counts])
    lines += _listed("never asked for", [(judge, not_asked) for judge, _, _, not_asked in counts])
    if only := int((judged & ~labelled).sum()):
        lines.append(f"{_count(only, 'item')} judged but not labelled")
    if only := int((labelled & ~judged).sum()):
        lines.append(f"{_count(only, 'item')} labelled but not judged")
    return [*lines, *_set_aside(built)]


def _by_judge(ratings: Ratings) -> list[tuple[str, int, int, int]]:
    """Judge, items asked, items answered, items not asked."""
    asked = (ratings.judges != MISSING).sum(axis=1)
    answered = asked - (ratings.judges == ratings.no_answer).sum(axis=1)
    names = map(one_line, ratings.judge_names)
    return [
        (judge, int(a), int(b), ratings.n_items - int(a)) for judge, a, b in zip(names, asked, answered, strict=True)
    ]


def _listed(what: str, counts: Sequence[tuple[str, int]]) -> list[str]:
    some = [f"{judge} {count}" for judge, count in counts if count]
    total = int(np.sum([count for _, count in counts]))
    return [f"{_count(total, 'verdict')} {what}: {', '.join(some)}"] if some else []


def _set_aside(built: Built) -> list[str]:
    """Cells that --unusable took out of the labels, rater by rater, the most frequent text first."""
    lines = []
    for rater, found in built.set_aside.items():
        if found:
            first = max(found, key=lambda word: found[word])
            others = (
                f" and {len(found) - 1} other texts" if len(found) > 2 else " and one other text" * (len(found) - 1)
            )
            cells = _count(sum(found.values()), "cell")
            lines.append(f"{cells} of {one_line(rater)} set aside by --unusable: '{one_line(first, limit=40)}'{others}")
    return lines


def _count(n: int, one: str, many: str = "") -> str:
    return f"{n} {one if n == 1 else many or one + 's'}"
