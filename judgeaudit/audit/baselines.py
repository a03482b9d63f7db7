"""Two judges that know nothing: every audit shows them, so that a number can be seen against them."""

from __future__ import annotations

import numpy as np

from judgeaudit.audit.setting.context import Context
from judgeaudit.domain.ratings import Codes, Floats

MAJORITY = "baseline:majority_label"
CONSTANT = "baseline:best_constant"


def baselines(context: Context) -> dict[str, tuple[str, Codes]]:
    """Name -> (plain words, codes): always the most common reference label, and the constant that errs least.

    Least error is counted by the scale: wrong labels on binary and nominal scales, then the smaller label; mean distance on
    ordinal and interval scales. None on a continuous scale or without a reference.
    """
    codes = context.reference.codes
    if context.scheme.many or not (codes >= 0).any():
        return {}
    known = codes >= 0
    counts = np.bincount(codes[known], context.design.weights[known], minlength=context.scheme.k).astype(float)
    majority = int(counts.argmax())
    best = int(_losses(context, counts).argmin())
    n = context.ratings.n_items
    words = [f"always {label!r}" for label in context.ratings.question.labels]
    return {
        MAJORITY: (words[majority], np.full(n, majority, np.int32)),
        CONSTANT: (words[best], np.full(n, best, np.int32)),
    }


def _losses(context: Context, counts: Floats) -> Floats:
    if not context.scheme.ordered:
        return -counts
    x = context.scheme.numbers
    return np.asarray(np.abs(x[:, None] - x) @ counts)
