"""Totals by distinct value of a score: what rankings, decompositions and risk curves are computed from.

`Cells` hold V values in ascending order with the weight of items `n` (..., V) and of hits `y` (..., V) at each; leading axes
are batches. A hit is a positive item, or for risks an error.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from judgeaudit.stats.agreement.two_raters import Array, divide
from judgeaudit.stats.intervals.limits import clopper_pearson_upper

Places = npt.NDArray[np.int64]


class Cells(NamedTuple):
    """Ascending values (V,), weight of items (..., V), weight of hits (..., V)."""

    value: Array
    n: Array
    y: Array

    def split(self, flat: Array) -> Cells:
        """The same values with other totals, flat (..., 2 V): items first, then hits."""
        v = self.value.size
        return Cells(self.value, flat[..., :v], flat[..., v:])


def places_of(score: Array) -> tuple[Array, Places]:
    """Ascending values and the place of each score (n,) among them."""
    value, place = np.unique(score, return_inverse=True)
    return value, place.ravel()


def coarser(value: Array, place: Places, *, most: int) -> tuple[Array, Places]:
    """At most so many values: neighbours, equally many of them, become one cell, whose value is their mean over items."""
    if value.size <= most:
        return value, place
    cell = np.arange(value.size) * most // value.size
    items = np.bincount(place, minlength=value.size)
    return np.bincount(cell, items * value) / np.bincount(cell, items), cell[place]


def cells_of(value: Array, place: Places, y: Array, weights: Array) -> Cells:
    """Totals of items (n,) at their places."""
    size = value.size
    n = np.bincount(place, weights, minlength=size).astype(float)
    return Cells(value, n, np.bincount(place, weights * y, minlength=size).astype(float))


def unit_totals(place: Places, y: Array, weights: Array, unit: Places, *, size: int) -> Array:
    """(U, 2 V): the totals of each unit's items, items first, then hits."""
    count = int(unit.max(initial=-1)) + 1
    where = unit * size + place
    parts = [np.bincount(where, w, minlength=count * size).astype(float) for w in (weights, weights * y)]
    return np.concatenate([part.reshape(count, size) for part in parts], 1)


def average_precision(c: Cells) -> Array:
    """Area under precision and recall as a sum of steps, Σ (R_k − R_{k−1}) P_k, equal values together. nan without hits."""
    hits, items = c.y[..., ::-1], c.n[..., ::-1]
    found = np.cumsum(hits, -1)
    precision = divide(found, np.cumsum(items, -1))
    return divide((hits * np.nan_to_num(precision)).sum(-1), found[..., -1])


def aurc(c: Cells) -> Array:
    """Mean over items of the risk among items that are at least as sure (Geifman and El-Yaniv 2017). Values are confidences, hits errors.

    Items of equal confidence come in random order: the mean over all their orders is taken, in closed form for whole counts,
    Σ_j (E + j e / m) / (N + j) over j = 1..m, and by an integral in j for weights. nan without items.
    """
    items, errors = c.n[..., ::-1], c.y[..., ::-1]
    before, wrong = np.cumsum(items, -1) - items, np.cumsum(errors, -1) - errors
    share = np.nan_to_num(divide(errors, items))
    return divide((share * items + (wrong - share * before) * _reciprocals(before, items)).sum(-1), c.n.sum(-1))


def _reciprocals(before: Array, items: Array) -> Array:
    """Σ_{j=1}^{m} 1 / (N + j): digamma does it for fractions, too."""
    from scipy.special import digamma

    return np.asarray(digamma(before + items + 1.0) - digamma(before + 1.0))


def placements(place: Places, positive: npt.NDArray[np.bool_], weights: Array) -> Array:
    """For each item the weighted share of the other side that it outranks, ties half, (n,) (DeLong et al. 1988).

    place (n,) is the place of its value. The mean over positives is the AUC, and so is the mean over negatives. nan where the
    other side is empty.
    """
    out = np.empty(place.size)
    for side in (True, False):
        of_side = positive == side
        other = np.bincount(place, weights * ~of_side, minlength=int(place.max(initial=-1)) + 1)
        below = np.cumsum(other) - other + 0.5 * other
        won = divide(below, other.sum()) if side else 1.0 - divide(below, other.sum())
        out[of_side] = won[place[of_side]]
    return out


class Area(NamedTuple):
    """An area under ROC with its standard error."""

    value: float
    se: float


def delong(place: Places, positive: npt.NDArray[np.bool_], weights: Array, unit: Places) -> Area:
    """The area under ROC with the standard error of its placements (DeLong et al. 1988), by cluster (Obuchowski 1997).

    place (n,) is the place of an item's value, unit (n,) says which items belong together; with a unit for each item and equal
    weights this is DeLong's variance S10 / m + S01 / n. nan with one class.
    """
    won = placements(place, positive, weights)
    heavy = [float(weights[positive == side].sum()) for side in (True, False)]
    if not min(heavy) > 0:
        return Area(np.nan, np.nan)
    value = float((weights * won)[positive].sum() / heavy[0])
    count = int(unit.max()) + 1
    sums, present = [], []
    for side, total in zip((True, False), heavy, strict=True):
        mine = np.where(positive == side, weights * (won - value), 0.0) / total
        sums.append(np.bincount(unit, mine, minlength=count))
        present.append(int(np.unique(unit[positive == side]).size))
    if min(present) < 2:
        return Area(value, np.nan)
    scale = [units / (units - 1.0) for units in present]
    variance = sum(s * float((part**2).sum()) for s, part in zip(scale, sums, strict=True))
    variance += 2.0 * float(np.sqrt(scale[0] * scale[1])) * float((sums[0] * sums[1]).sum())
    return Area(value, float(np.sqrt(max(variance, 0.0))))


def roc_points(c: Cells) -> tuple[Array, Array]:
    """False positive rates and sensitivities from no item called positive to all, (V + 1,) each."""
    misses = c.n - c.y
    rates = [np.concatenate([[0.0], np.cumsum(part[::-1]) / part.sum()]) for part in (misses, c.y)]
    return rates[0], rates[1]


def risk_points(c: Cells) -> tuple[Array, Array, Array]:
    """Confidences from the highest down, items that are at least so sure, and errors among them, (V,) each."""
    return c.value[::-1], np.cumsum(c.n[::-1]), np.cumsum(c.y[::-1])


# From which confidence on verdicts are wrong at most so often: a threshold with a guarantee.


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
