"""One sentence for what a probe found."""

from __future__ import annotations

import math

from judgeaudit.text.edits.probe_finding import ProbeFinding


def sentence_of(one: ProbeFinding) -> str:
    """What was seen, in how many pairs, and what would have been seen."""
    return {
        "changes": _changes,
        "quiet": _quiet,
        "few": _few,
        "sees": _sees,
        "misses": _misses,
        "open": _open,
    }[one.outcome](one)


def _changes(one: ProbeFinding) -> str:
    if one.test == "mcnemar_exact_answered":
        return (
            f"changes its mind: it stopped answering on {one.stopped} of {one.n} texts, and began to on {one.started}"
        )
    return f"changes its mind: {_moved(one)}"


def _quiet(one: ProbeFinding) -> str:
    if one.changed and one.expected == "not positive":
        return (
            f"{_moved(one)}; only moves toward {one.direction} count here, and chance alone can make so many; "
            f"a shift of {_share(one.seen_from)} or more would have been seen"
        )
    if one.changed:
        return f"{_moved(one)}: chance alone can do so; a shift of {_share(one.seen_from)} or more would have been seen"
    return f"no change was seen; a change of {_share(one.seen_from)} or more would have been"


def _few(one: ProbeFinding) -> str:
    if one.n == 0:
        return f"too few: the edit applied to {one.applied} of {one.items} items, and no label is there to compare"
    if one.expected == "gibberish":
        return f"too few: {_missed(one)}, which tells little"
    wanted = f"shift toward {one.direction}" if one.expected == "not positive" else "change"
    return f"too few: {_moved(one)}, and only a larger {wanted} than half of all could have been seen"


def _sees(one: ProbeFinding) -> str:
    return f"sees it: {_missed(one)}"


def _misses(one: ProbeFinding) -> str:
    return f"does not see it: {_missed(one)}"


def _open(one: ProbeFinding) -> str:
    return f"nothing is expected here: {_moved(one)}" if one.n else "nothing is expected here, and nothing was judged"


def _missed(one: ProbeFinding) -> str:
    return f"{round((one.value or 0) * one.n)} of {one.n} texts without sense were not called gibberish"


def _moved(one: ProbeFinding) -> str:
    said = f"{one.changed} of {one.n} labels changed"
    if one.toward or one.away:
        said += f", {one.toward} toward {one.direction} and {one.away} away from it"
    if one.stopped or one.started:
        said += f"; {one.stopped} answers were lost, {one.started} gained"
    return said


def _share(value: float | None) -> str:
    return "–" if value is None else f"{math.ceil(100 * value)} %"
