"""A warning where clusters are too few for their intervals to be trusted."""

from __future__ import annotations

from judgeaudit.audit.agreement.pairs import reference_rows
from judgeaudit.audit.setting.context import Context
from judgeaudit.domain.errors import one_line

#: clusters below which the gate gives no bound, and below which it holds bounds at 99%
FEW_CLUSTERS, SOME_CLUSTERS = 10, 30
_NAMED = 5


def few_clusters(context: Context) -> list[str]:
    """One sentence for a question whose labelled items, all or those of a stratum, are in fewer than 30 clusters."""
    if not context.design.clustered:
        return []
    labelled = (reference_rows(context) >= 0).any(0)
    counts = {name: context.design.n_clusters(labelled & mask) for name, mask in context.ratings.strata.items()}
    known = {name: n for name, n in counts.items() if n}
    told = [
        f"{_where(named)}: {what}"
        for named, what in (
            ({s: n for s, n in known.items() if n < FEW_CLUSTERS}, "no bound is given, so nothing is certified there"),
            (
                {s: n for s, n in known.items() if FEW_CLUSTERS <= n < SOME_CLUSTERS},
                "intervals are rough, and the gate holds bounds at 99%",
            ),
        )
        if named
    ]
    if not told:
        return []
    return [f"question '{one_line(context.question)}': few clusters carry the intervals – {'; '.join(told)}"]


def _where(named: dict[str, int]) -> str:
    listed = [f"{n} in {'all items' if name == 'all' else one_line(name)}" for name, n in named.items()]
    more = len(listed) - _NAMED
    return ", ".join(listed[:_NAMED]) + (f" and {more} more strata" if more > 0 else "")
