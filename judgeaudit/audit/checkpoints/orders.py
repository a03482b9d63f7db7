"""The methods in order, where one choice at a time leaves the primary analysis."""

from __future__ import annotations

from typing import Any

import numpy as np

from judgeaudit.audit.checkpoints.analyses import Choices
from judgeaudit.audit.checkpoints.shares import MEASURE_OF
from judgeaudit.audit.checkpoints.specifications import CHOICES, Found, analysis_of, methods_slot
from judgeaudit.audit.estimates.estimate import clean
from judgeaudit.domain.checkpoints import Floats
from judgeaudit.domain.results.comparison import Specification


def orders_of(
    question: str, specifications: tuple[Specification, ...], found: Found, choices: Choices
) -> list[dict[str, Any]]:
    """Choice by choice, option by option: each method's rate and its rank among those that have one (1 is the lowest)."""
    first = next(one for one in specifications if one.primary)
    out = []
    for choice in CHOICES:
        for one in specifications:
            if any(getattr(one, other) != getattr(first, other) for other in CHOICES if other != choice):
                continue
            option = getattr(one, choice)
            values = analysis_of(one, found).ends.sure.value[methods_slot(one, choices), MEASURE_OF[one.treatment]]
            there = np.isfinite(values)
            ranks = np.full(len(values), np.nan)
            if there.any():
                ranks[there] = _ranks(values[there].round(12))
            for method, value, rank in zip(choices.methods, values, ranks, strict=True):
                out.append(
                    {
                        "question": question,
                        "choice": choice,
                        "option": option,
                        "method": method,
                        "value": clean(value),
                        "rank": clean(rank),
                    }
                )
    return out


def _ranks(values: Floats) -> Floats:
    """Ranks from 1, ties share their mean.

    >>> _ranks(np.array([0.2, 0.1, 0.2])).tolist()
    [2.5, 1.0, 2.5]
    """
    below, equal = (values[None] < values[:, None]).sum(1), (values[None] == values[:, None]).sum(1)
    return np.asarray(below + (equal + 1) / 2.0, dtype=float)
