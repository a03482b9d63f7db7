"""Agreement of any number of raters with holes, from counts of labels per item.

`counts` is (P, K): how many raters gave pattern p each label. All totals are linear in item weights, so `n_p @ totals(...)`
is the sum over items, and any resample or deletion is another `n_p`.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from judgeaudit.stats.agreement.two_raters import Array, alpha_of_coincidences, divide

Codes = npt.NDArray[np.int32]


class Patterns(NamedTuple):
    """Distinct rows of label counts: counts (P, K), how many items have them (P,), which one each item has (N,)."""

    counts: Array
    items: Array
    of_item: npt.NDArray[np.int64]


def label_counts(codes: Codes, *, n_labels: int) -> Array:
    """How many raters gave each item each label: (R, N) codes, below 0 a hole -> (N, K)."""
    n_items = codes.shape[1]
    where = np.arange(n_items) * n_labels
    out = np.zeros(n_items * n_labels)
    for row in codes:
        seen = row >= 0
        out += np.bincount(where[seen] + row[seen], minlength=n_items * n_labels)
    return out.reshape(n_items, n_labels)


def collapse(counts: Array) -> Patterns:
    """Items with equal label counts as one pattern: for these statistics who gave which label does not matter."""
    most = int(counts.max(initial=0)) + 1
    if most ** counts.shape[1] < 2**62:
        key = counts.astype(np.int64) @ (most ** np.arange(counts.shape[1], dtype=np.int64))
        _, first, inverse, n = np.unique(key, return_index=True, return_inverse=True, return_counts=True)
        return Patterns(counts[first], n.astype(float), inverse.ravel())
    rows, inverse, n = np.unique(counts, axis=0, return_inverse=True, return_counts=True)
    return Patterns(rows, n.astype(float), inverse.ravel())


def coincidences(counts: Array) -> Array:
    """Krippendorff's coincidences per pattern (P, K, K): o_ck = (r_c r_k − [c = k] r_c) / (m − 1); 0 where m < 2."""
    m = counts.sum(-1)
    o = counts[:, :, None] * counts[:, None, :]
    diagonal = np.arange(counts.shape[1])
    o[:, diagonal, diagonal] -= counts
    return np.where(m > 1, 1.0, 0.0)[:, None, None] * o / np.where(m > 1, m - 1.0, 1.0)[:, None, None]


def agreement_totals(counts: Array, *, weights: Array) -> Array:
    """Per pattern [m ≥ 2, agreement, m ≥ 1, r_1 / m … r_K / m], (P, 3 + K): the parts of Gwet's (2014) coefficients."""
    m = counts.sum(-1)
    paired = m >= 2
    agree = np.where(paired, (counts * (counts @ weights - 1.0)).sum(-1) / np.where(paired, m * (m - 1.0), 1.0), 0.0)
    shares = counts / np.where(m > 0, m, 1.0)[:, None]
    return np.column_stack([paired, agree, m > 0, shares]).astype(float)


def percent_agreement(totals: Array) -> Array:
    """Mean share of agreeing pairs of raters per item, over items with two or more. (..., 3 + K) -> (...)."""
    return divide(totals[..., 1], totals[..., 0])


def fleiss_kappa(totals: Array, *, weights: Array) -> Array:
    """Fleiss' kappa, generalised to holes and weights (Fleiss 1971, Gwet 2014). nan when only one label is used."""
    p_a, pi = _parts(totals)
    return _beyond(p_a, ((pi @ weights) * pi).sum(-1))


def gwet_ac(totals: Array, *, weights: Array, n_labels: int) -> Array:
    """Gwet's AC1 or AC2 of many raters with holes (Gwet 2014)."""
    p_a, pi = _parts(totals)
    spread = weights[:n_labels, :n_labels].sum() / (n_labels * (n_labels - 1)) if n_labels > 1 else np.nan
    return _beyond(p_a, spread * (pi * (1.0 - pi)).sum(-1))


def brennan_prediger(totals: Array, *, weights: Array, n_labels: int) -> Array:
    """Brennan and Prediger's coefficient of many raters with holes."""
    p_a, _ = _parts(totals)
    return _beyond(p_a, np.full_like(p_a, weights[:n_labels, :n_labels].sum() / n_labels**2))


def krippendorff_alpha(flat: Array, *, n_labels: int, delta: Array | None) -> Array:
    """Krippendorff's alpha from summed coincidences (..., K²) -> (...). `delta` None means ordinal."""
    return alpha_of_coincidences(flat.reshape(*flat.shape[:-1], n_labels, n_labels), delta=delta, no_answer=False)


def distance_totals(counts: Array, *, delta: Array) -> Array:
    """Per pattern [Σ o δ², pairable labels of each kind], (P, 1 + K): alpha's parts for fixed distances, without coincidences."""
    m = counts.sum(-1)
    paired = np.where(m > 1, 1.0, 0.0)
    apart = ((counts @ delta) * counts).sum(-1) * paired / np.where(m > 1, m - 1.0, 1.0)
    return np.column_stack([apart, counts * paired[:, None]])


def alpha_of_distances(totals: Array, *, delta: Array) -> Array:
    """Krippendorff's alpha from sums of `distance_totals`, (..., 1 + K) -> (...). nan when only one label occurs."""
    observed, n_c = totals[..., 0], totals[..., 1:]
    n = n_c.sum(-1)
    expected = ((n_c @ delta) * n_c).sum(-1)
    several = (n_c > 1e-12 * n[..., None]).sum(-1) >= 2
    return np.asarray(1.0 - np.maximum(n - 1.0, 0.0) * divide(observed, np.where(several, expected, 0.0), unit=0.0))


def stepped_up(alpha: Array, raters: Array) -> Array:
    """Reliability of the mean of k raters' labels from that of one: k α / (1 + (k − 1) α) (Spearman 1910, Brown 1910).

    Alpha is the intraclass correlation of single labels: of their numbers, or on nominal scales of the K indicators of a label
    taken together, so that this is the reliability of the k raters' mean, or of their shares of labels. nan at α ≤ 0, where
    raters say nothing of the items.

    >>> stepped_up(np.array([0.5, -0.1]), np.array([3.0, 3.0])).tolist()
    [0.75, nan]
    """
    good = alpha > 0.0
    kept = np.where(good, alpha, 1.0)
    return np.where(good, raters * kept / (1.0 + (raters - 1.0) * kept), np.nan)


def value_totals(values: Array) -> Array:
    """For numbers of any kind: per item [m, (m S₂ − S₁²) / (m − 1), S₂, S₁], zeros where m < 2. (R, N), nan a hole -> (N, 4)."""
    seen = ~np.isnan(values)
    m = seen.sum(0)
    paired = m >= 2
    clean = np.where(seen & paired, values, 0.0)
    s1, s2 = clean.sum(0), (clean**2).sum(0)
    within = np.where(paired, (m * s2 - s1**2) / np.where(paired, m - 1.0, 1.0), 0.0)
    return np.column_stack([np.where(paired, m, 0), within, s2, s1]).astype(float)


def alpha_of_values(totals: Array) -> Array:
    """Krippendorff's alpha (interval) without a V × V table: 1 − (n − 1) Σ within / (n ΣS₂ − (ΣS₁)²)."""
    n, within, s2, s1 = (totals[..., j] for j in range(4))
    expected = n * s2 - s1**2
    return 1.0 - (n - 1.0) * divide(within, expected, unit=np.abs(n * s2))


def pseudo_items(n_labels: int, raters: float) -> tuple[Array, Array]:
    """Items that never were, added for small-sample intervals only: counts (Q, K) and their weights (Q,), 1.5 in all.

    One item's weight spread over unanimous items of every label, half an item's over items split between two labels.
    """
    unanimous = np.eye(n_labels) * raters
    upper = np.triu_indices(n_labels, 1)
    split = np.zeros((upper[0].size, n_labels))
    split[np.arange(upper[0].size), upper[0]] = raters / 2
    split[np.arange(upper[0].size), upper[1]] = raters / 2
    weight = np.concatenate([np.full(n_labels, 1.0 / n_labels), np.full(len(split), 0.5 / max(len(split), 1))])
    return np.concatenate([unanimous, split]), weight


def _parts(totals: Array) -> tuple[Array, Array]:
    return divide(totals[..., 1], totals[..., 0]), divide(totals[..., 3:], totals[..., 2][..., None])


def _beyond(p_a: Array, p_e: Array) -> Array:
    return divide(p_a - p_e, 1.0 - p_e)
