"""The point value of Krippendorff's alpha from the `krippendorff` package, where it is installed and can compute it.

The package is the reference implementation and is installed by default. It is under the GPL, so somebody may have removed
it: then the value is that of `stats/agreement/many_raters.py`, which is equal and which all intervals come from anyway.
"""

from __future__ import annotations

from functools import cache
from types import ModuleType
from typing import Literal, cast

import numpy as np

from judgeaudit.audit.setting.context import Context
from judgeaudit.domain.ratings import Floats, Mask
from judgeaudit.stats.agreement.many_raters import label_counts
from judgeaudit.stats.agreement.two_raters import Metric

#: the package holds items × labels² numbers at once and goes through all of them; beyond this our own engine, which is
#: equal, takes over
MOST_CELLS = 400_000


def alpha_engine() -> Literal["krippendorff", "judgeaudit"]:
    """Which of the two gives point values of alpha in this installation; audit.json records it."""
    return "judgeaudit" if _package() is None else "krippendorff"


def package_alpha(context: Context, name: str, mask: Mask) -> float | None:
    """Alpha of the people by the package; None without it, for other statistics, weighted items, or tables too large for it."""
    if not name.startswith("krippendorff_alpha") or context.ratings.weights is not None:
        return None
    counts = label_counts(context.ratings.people[:, mask], n_labels=context.scheme.k)
    return _alpha(context, name, counts[counts.sum(1) >= 2])


def alpha_of_table(context: Context, name: str, table: Floats) -> float | None:
    """Alpha of two raters by the package, from their table of counts (K, K); None where `package_alpha` has none."""
    if not name.startswith("krippendorff_alpha") or table.sum() * table.size > MOST_CELLS:
        return None
    eye = np.eye(len(table))
    pairs = (eye[:, None, :] + eye[None, :, :]).reshape(-1, len(table))
    return _alpha(context, name, np.repeat(pairs, table.astype(int).ravel(), axis=0))


def _alpha(context: Context, name: str, counts: Floats) -> float | None:
    if counts.size * context.scheme.k > MOST_CELLS or np.count_nonzero(counts.sum(0)) < 2:
        return None
    package = _package()
    if package is None:
        return None
    return float(
        package.alpha(
            value_counts=counts.astype(int),
            value_domain=_domain(name, context),
            level_of_measurement=cast("Metric", _metric(name, context)),
        )
    )


@cache
def _package() -> ModuleType | None:
    """The `krippendorff` package; None where it is not installed."""
    try:
        import krippendorff
    except ImportError:
        return None
    return krippendorff


def _metric(name: str, context: Context) -> str:
    _, _, suffix = name.removeprefix("krippendorff_alpha").rpartition("_")
    return suffix or {"binary": "nominal"}.get(context.scheme.question.scale, context.scheme.question.scale)


def _domain(name: str, context: Context) -> list[float]:
    if name == "krippendorff_alpha_interval":
        from judgeaudit.domain.question import number_of

        return [number_of(label) or 0.0 for label in context.ratings.question.labels]
    return [float(v) for v in context.scheme.numbers]
