"""From which confidence on verdicts are wrong at most so often: a threshold with a guarantee."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from judgeaudit.stats.agreement.two_raters import Array
from judgeaudit.stats.intervals.limits import clopper_pearson_upper

STEPS = 20


class Guaranteed(NamedTuple):
    """The lowest threshold whose risk is guaranteed, how many items lie there, how many are wrong, and the risk's upper bound."""

    threshold: float
    answered: int
    errors: int
    upper: float


def least_items(risk: float, *, confidence: float) -> int:
    """How many items without an error it takes to show a risk of at most `risk`: (1 − risk)^n ≤ 1 − confidence.

    >>> least_items(0.1, confidence=0.95), least_items(0.05, confidence=0.95)
    (29, 59)
    """
    return int(np.ceil(np.log(1 - confidence) / np.log(1 - risk) - 1e-9))


def guaranteed_threshold(
    confidence: Array, wrong: npt.NDArray[np.bool_], *, risk: float, level: float
) -> Guaranteed | None:
    """The lowest confidence at which the risk is at most `risk`, with probability `level` (Angelopoulos et al. 2021).

    confidence and wrong (n,), independent items. Thresholds are tested from the surest twentieth of the items on downwards, each at
    the full 1 − level, up to the first whose Clopper–Pearson bound is above `risk`: a fixed sequence, whose places depend on
    confidences alone, needs no correction. It begins where one error may be borne, so that one slip of a sure judge does
    not end it. None where no threshold passes. The guarantee is for risks that do not fall as verdicts become less sure.
    """
    order = np.argsort(-confidence, kind="stable")
    sure, errors = confidence[order], np.cumsum(wrong[order])
    n = sure.size
    first = min(n, 2 * least_items(risk, confidence=level))
    passed: Guaranteed | None = None
    for rank in sorted({first, *(round(n * step / STEPS) for step in range(1, STEPS + 1))}):
        if rank < first or rank == 0:
            continue
        threshold = float(sure[rank - 1])
        answered = int(np.searchsorted(-sure, -threshold, side="right"))
        upper = clopper_pearson_upper(float(errors[answered - 1]), float(answered), confidence=level)
        if upper > risk:
            break
        passed = Guaranteed(threshold, answered, int(errors[answered - 1]), upper)
    return passed
