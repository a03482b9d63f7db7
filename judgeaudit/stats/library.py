"""Intervals and tests that statsmodels computes, for commands that do not run on every change.

`audit`, `gate` and `report` do not come here: importing statsmodels takes a second, and they need these functions for many
tables at once. What they use instead is in `intervals/` and `comparisons/`, and is tested against statsmodels.
"""

from __future__ import annotations

from typing import Literal

import numpy as np

from judgeaudit.stats.agreement.two_raters import Array
from judgeaudit.stats.intervals.limits import Interval

Method = Literal["wilson", "beta"]
_NOTHING = 1e-200


def share_interval(k: float, n: float, *, level: float, method: Method) -> Interval:
    """The two-sided interval of a share of k in n.

    Parameters
    ----------
    k, n
        Hits and items, `n` above 0. They may be fractions, as effective numbers of items are.
    level
        Confidence, such as 0.95.
    method
        "wilson" for the score interval (Wilson 1927), "beta" for the exact one (Clopper and Pearson 1934).

    Returns
    -------
    Interval
        Both limits, between 0 and 1.

    Notes
    -----
    `statsmodels.stats.proportion.proportion_confint`.

    Examples
    --------
    81 of 263, as Newcombe (1998) gives them in his table I:

    >>> [round(v, 4) for v in share_interval(81, 263, level=0.95, method="wilson")]
    [0.2553, 0.3662]
    >>> [round(v, 4) for v in share_interval(81, 263, level=0.95, method="beta")]
    [0.2527, 0.3676]
    """
    from statsmodels.stats.proportion import proportion_confint

    k = 0.0 if k < _NOTHING else k  # the beta law of so few hits overflows
    low, high = proportion_confint(k, n, alpha=1.0 - level, method=method)
    return Interval(max(0.0, float(low)), min(1.0, float(high)))


def share_lower(k: float, n: float, *, confidence: float) -> float:
    """The one-sided exact lower bound of a share: the lower limit of the two-sided interval at 2 · confidence − 1.

    >>> round(share_lower(81, 263, confidence=0.975), 4)
    0.2527
    """
    return share_interval(k, n, level=2.0 * confidence - 1.0, method="beta").low


def sign_test(up: int, down: int, *, upward: bool = False) -> float:
    """The exact p-value of "as many move up as down" (McNemar 1947 for two labels).

    Parameters
    ----------
    up, down
        How many pairs move each way; pairs that do not move say nothing.
    upward
        Test against more moves up alone.

    Returns
    -------
    float
        The p-value, 1 where nobody moves.

    Notes
    -----
    `mcnemar` of `statsmodels.stats.contingency_tables`; against one side `binom_test` of `statsmodels.stats.proportion`.

    Examples
    --------
    >>> round(sign_test(9, 1), 4), round(sign_test(9, 1, upward=True), 4), sign_test(0, 0)
    (0.0215, 0.0107, 1.0)
    """
    if upward:
        from statsmodels.stats.proportion import binom_test

        return float(binom_test(up, up + down, 0.5, alternative="larger"))
    from statsmodels.stats.contingency_tables import mcnemar

    return float(mcnemar([[0, up], [down, 0]], exact=True).pvalue)


def fdr_adjusted(p_values: Array) -> Array:
    """P-values such that those below q hold at most the share q of false ones (Benjamini and Hochberg 1995), (M,) -> (M,).

    `statsmodels.stats.multitest.multipletests`.

    >>> fdr_adjusted(np.array([0.01, 0.04, 0.03])).round(4).tolist()
    [0.03, 0.04, 0.04]
    """
    p = np.asarray(p_values, float)
    if not p.size:
        return p
    from statsmodels.stats.multitest import multipletests

    return np.asarray(multipletests(p, method="fdr_bh")[1], float)
