"""How many items an agreement coefficient needs: the delta method on Fisher's scale, for a table that is expected.

The table supposes that judge and people use the labels equally often and, beyond chance, differ at random:
p_kl = κ π_k [k = l] + (1 − κ) π_k π_l.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Literal

import numpy as np
from scipy.special import ndtri

from judgeaudit.stats.agreement import two_raters as agreement
from judgeaudit.stats.agreement.two_raters import Array

Coefficient = Literal["cohen_kappa", "krippendorff_alpha", "scott_pi", "gwet_ac1", "brennan_prediger"]
_STEP = 1e-6


def _function(name: Coefficient, k: int) -> Callable[[Array], Array]:
    """(..., K, K) -> (...). Alpha is Scott's pi but for 1 / 2n, which does not matter to a sample size."""
    same = np.eye(k)
    return {
        "cohen_kappa": lambda t: agreement.cohen_kappa(t, weights=same),
        "scott_pi": lambda t: agreement.scott_pi(t, weights=same),
        "krippendorff_alpha": lambda t: agreement.scott_pi(t, weights=same),
        "gwet_ac1": lambda t: agreement.gwet_ac(t, weights=same, n_labels=k),
        "brennan_prediger": lambda t: agreement.brennan_prediger(t, weights=same, n_labels=k),
    }[name]


def expected_table(value: float, *, shares: Array, name: Coefficient) -> Array | None:
    """The table (K, K) of shares `shares` (K,) in which the coefficient is `value`; None where there is none.

    >>> expected_table(0.8, shares=np.array([0.5, 0.5]), name="cohen_kappa").round(2).tolist()
    [[0.45, 0.05], [0.05, 0.45]]
    """
    k = shares.size
    chance = float((shares**2).sum())
    p_e = {"gwet_ac1": (1 - chance) / (k - 1), "brennan_prediger": 1.0 / k}.get(name, chance)
    p_a = value * (1 - p_e) + p_e
    kappa = (p_a - chance) / (1 - chance)
    table = kappa * np.diag(shares) + (1 - kappa) * np.outer(shares, shares)
    return table if np.all(table >= -1e-12) else None


def deviation(table: Array, *, name: Coefficient) -> float:
    """σ of one item: √n times the standard error of the coefficient (Fleiss, Cohen and Everitt 1969, for kappa).

    >>> table = expected_table(0.8, shares=np.array([0.5, 0.5]), name="cohen_kappa")
    >>> round(deviation(table, name="cohen_kappa"), 6)
    0.6
    """
    f, k = _function(name, table.shape[0]), table.shape[0]
    steps = _STEP * np.eye(k * k).reshape(k * k, k, k)
    slope = (f(table + steps) - f(table - steps)) / (2 * _STEP)
    p = table.ravel()
    return math.sqrt(max(0.0, float(p @ slope**2 - (p @ slope) ** 2)))


def items_for_agreement(
    value: float, *, floor: float, shares: Array, name: Coefficient, level: float, power: float
) -> int | None:
    """Items for the one-sided lower bound to pass `floor` with chance `power`, n = ((z_level + z_power) σ_z / Δz)².

    σ_z and Δz are the deviation of one item and the distance to the floor on Fisher's scale. None where the value is not above
    the floor, or no such table exists.

    >>> half = np.array([0.5, 0.5])
    >>> items_for_agreement(0.8, floor=0.6, shares=half, name="cohen_kappa", level=0.95, power=0.8)
    105
    """
    per_item = _on_fisher(value, shares, name)
    if per_item is None or value <= floor:
        return None
    gap = math.atanh(value) - math.atanh(floor)
    return max(2, math.ceil(((float(ndtri(level)) + float(ndtri(power))) * per_item / gap) ** 2))


def items_for_agreement_width(
    value: float, *, width: float, shares: Array, name: Coefficient, level: float
) -> int | None:
    """Items for the two-sided interval on Fisher's scale to be no wider than `width`."""
    per_item = _on_fisher(value, shares, name)
    if per_item is None:
        return None
    z = math.atanh(value)
    # tanh(z + h) − tanh(z − h) = width, solved for h: it rises with h
    low, high = 0.0, 20.0
    for _ in range(100):
        middle = (low + high) / 2
        if math.tanh(z + middle) - math.tanh(z - middle) <= width:
            low = middle
        else:
            high = middle
    if low <= 0.0:
        return None
    return max(2, math.ceil((float(ndtri((1 + level) / 2)) * per_item / low) ** 2))


def _on_fisher(value: float, shares: Array, name: Coefficient) -> float | None:
    table = expected_table(value, shares=shares, name=name)
    if table is None or not -1 < value < 1:
        return None
    return deviation(table, name=name) / (1 - value**2)
