"""Two judges in two groups of items, and no label at all: their error rates, if they err independently (Hui and Walter 1980)."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from judgeaudit.stats.agreement.two_raters import Array

_STEPS = 100_000
_STILL = 1e-13


class HuiWalter(NamedTuple):
    """What is estimated, all in [0, 1].

    rates                (2,) the rate of positives in each group
    sensitivity          (2,) of each judge
    false_positive_rate  (2,) of each judge
    """

    rates: Array
    sensitivity: Array
    false_positive_rate: Array


def hui_walter(counts: Array) -> HuiWalter:
    """Maximum likelihood by EM. `counts` (2, 4): in each group items that both flag, only A, only B, neither.

    Rests on three things that no data here can check: within a class the judges err independently, each errs alike in both
    groups, and the groups' rates differ. So it is a sensitivity analysis, never the rate that is reported: two judges that
    share a blind spot look better than they are. Of the two mirror solutions the one is told in which judges beat chance. nan
    where a group has no items. Below, two skin tests for tuberculosis in two populations.

    >>> told = hui_walter(np.array([[14, 4, 9, 528], [887, 31, 37, 367]]))
    >>> told.rates.round(4).tolist(), (1 - told.sensitivity).round(4).tolist(), told.false_positive_rate.round(4).tolist()
    ([0.0268, 0.7168], [0.0339, 0.0312], [0.0067, 0.0159])
    """
    n = np.asarray(counts, float)
    said = np.array([[1, 1], [1, 0], [0, 1], [0, 0]], float)
    nothing = np.full(2, np.nan)
    if n.shape != (2, 4) or not (n.sum(1) > 0).all():
        return HuiWalter(nothing, nothing, nothing)
    rates = np.clip(n @ said.mean(1) / n.sum(1), 0.02, 0.98)
    hit, alarm = np.full(2, 0.9), np.full(2, 0.1)
    for _ in range(_STEPS):
        yes = np.prod(np.where(said > 0, hit, 1 - hit), axis=1)
        no = np.prod(np.where(said > 0, alarm, 1 - alarm), axis=1)
        both = rates[:, None] * yes
        share = both / np.maximum(both + (1 - rates[:, None]) * no, 1e-300)
        positive, negative = n * share, n * (1 - share)
        new = (
            positive.sum(1) / n.sum(1),
            positive.sum(0) @ said / max(positive.sum(), 1e-300),
            negative.sum(0) @ said / max(negative.sum(), 1e-300),
        )
        moved = max(float(np.abs(a - b).max()) for a, b in zip(new, (rates, hit, alarm), strict=True))
        rates, hit, alarm = new
        if moved < _STILL:
            break
    if hit.sum() < alarm.sum():
        return HuiWalter(1 - rates, alarm, hit)
    return HuiWalter(rates, hit, alarm)
