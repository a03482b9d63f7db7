"""Exact tests of counts."""

from __future__ import annotations

import numpy as np
from scipy.special import gammaln

from judgeaudit.stats.agreement.two_raters import Array


def fisher_exact(k: int, n: int, other_k: int, other_n: int) -> float:
    """Fisher's exact test that k of n and other_k of other_n come from one share, two-sided (Fisher 1935).

    The p-value sums the probabilities of all tables with these margins that are no likelier than the one seen. 1 where a side
    is empty. Below, his lady who told 3 of 4 cups of each kind of tea, and his twins of convicts: 10 of 13 identical ones were
    convicted, 2 of 17 others.

    >>> round(fisher_exact(3, 4, 1, 4), 4), round(fisher_exact(10, 13, 2, 17), 7)
    (0.4857, 0.0005367)
    """
    if not n or not other_n:
        return 1.0
    hits = k + other_k
    possible = np.arange(max(0, hits - other_n), min(n, hits) + 1, dtype=float)
    log_p = _log_ways(n, possible) + _log_ways(other_n, hits - possible) - _log_ways(n + other_n, np.array(float(hits)))
    seen = log_p[k - int(possible[0])]
    return float(min(1.0, np.exp(log_p[log_p <= seen + 1e-7]).sum()))


def _log_ways(n: int, k: Array) -> Array:
    return np.asarray(gammaln(n + 1.0) - gammaln(k + 1.0) - gammaln(n - k + 1.0))
