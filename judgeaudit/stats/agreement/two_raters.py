"""Agreement of two raters as functions of their count table.

A table is (..., V, V): entry [r, c] counts the items that the first rater gave label r and the second gave label c. Leading
axes are batches. V is K or K + 1, K being the number of labels: where there is one more, the last index is "no answer", which
matches nothing. Totals are linear in item weights, so a stratum is a mask, a weight a multiplication, a resample a matrix product.
"""

from __future__ import annotations

from typing import Literal

import numpy as np
import numpy.typing as npt

Array = npt.NDArray[np.float64]
WeightKind = Literal["identity", "linear", "quadratic"]
Metric = Literal["nominal", "ordinal", "interval", "ratio"]

_TINY = 1e-12


def divide(a: Array, b: Array, *, unit: Array | float = 1.0) -> Array:
    """a / b, nan where b is 0 to rounding, that is in parts of `unit`: 1 for counts and shares. No warning.

    >>> divide(np.array([1.0, 1.0]), np.array([2.0, 0.0])).tolist()
    [0.5, nan]
    """
    a, b = np.broadcast_arrays(np.asarray(a, float), np.asarray(b, float))
    ok = np.abs(b) > _TINY * unit
    return np.where(ok, a / np.where(ok, b, 1.0), np.nan)


def agreement_weights(values: Array, *, kind: WeightKind, no_answer: bool) -> Array:
    """How much two labels agree, (V, V) in [0, 1]: 1 on the diagonal; `values` are the labels' positions or numbers.

    linear: 1 − |x − y| / range; quadratic: 1 − (x − y)² / range² (Cohen 1968). "No answer" agrees with no label.

    >>> agreement_weights(np.arange(3.0), kind="linear", no_answer=False).tolist()
    [[1.0, 0.5, 0.0], [0.5, 1.0, 0.5], [0.0, 0.5, 1.0]]
    """
    x = np.asarray(values, float)
    width = np.ptp(x) if x.size else 0.0
    gap = np.abs(x[:, None] - x) / (width or 1.0)
    inner = {"identity": np.eye(x.size), "linear": 1.0 - gap, "quadratic": 1.0 - gap**2}[kind]
    return _with_no_answer(inner, diagonal=1.0, off=0.0) if no_answer else inner


def distances(values: Array, *, metric: Literal["nominal", "interval", "ratio"], no_answer: bool) -> Array:
    """Krippendorff's squared difference of two labels, (V, V). "No answer" is as far from a label as two labels can be.

    nominal: 1 if different; interval: (x − y)²; ratio: ((x − y) / (x + y))² (Krippendorff 2011, section D).
    """
    x = np.asarray(values, float)
    if metric == "nominal":
        d = 1.0 - np.eye(x.size)
    elif metric == "interval":
        d = (x[:, None] - x) ** 2
    else:
        total = x[:, None] + x
        d = np.where(total != 0, (x[:, None] - x) / np.where(total != 0, total, 1.0), 0.0) ** 2
    return _with_no_answer(d, diagonal=0.0, off=float(d.max()) if d.size else 0.0) if no_answer else d


def ordinal_distances(n_c: Array, *, no_answer: bool) -> Array:
    """Ordinal squared differences from label counts (..., V) -> (..., V, V): (Σ_{g=c}^{k} n_g − (n_c + n_k) / 2)².

    Written with mid-cumulative counts, whose differences are the same sums. "No answer" has no place in the order; it is
    as far from every label as the two ends of the scale are from each other.
    """
    inner = n_c[..., :-1] if no_answer else n_c
    mid = np.cumsum(inner, axis=-1) - inner / 2
    d = (mid[..., :, None] - mid[..., None, :]) ** 2
    if not no_answer:
        return np.asarray(d)
    out = np.zeros((*n_c.shape, n_c.shape[-1]))
    out[..., :-1, :-1] = d
    far = (mid[..., -1] - mid[..., 0]) ** 2
    out[..., :-1, -1] = far[..., None]
    out[..., -1, :-1] = far[..., None]
    return out


def _with_no_answer(inner: Array, *, diagonal: float, off: float) -> Array:
    out = np.full((inner.shape[0] + 1, inner.shape[1] + 1), off)
    out[:-1, :-1] = inner
    out[-1, -1] = diagonal
    return out


def cohen_kappa(t: Array, *, weights: Array) -> Array:
    """Cohen's kappa, weighted by `weights` (Cohen 1960, 1968). nan when both raters use one and the same label.

    >>> cohen_kappa(np.array([[20.0, 5.0], [10.0, 15.0]]), weights=np.eye(2)).round(12)
    np.float64(0.4)
    """
    p_a, rows, columns = _shares(t, weights)
    return _beyond_chance(p_a, ((rows @ weights) * columns).sum(-1))


def cohen_kappa_of_margins(agree: Array, rows: Array, columns: Array, *, weights: Array) -> Array:
    """The same from Σ w n (...) and both margins (..., V), for tables too large to be kept."""
    n = rows.sum(-1)
    a, b = divide(rows, n[..., None]), divide(columns, n[..., None])
    return _beyond_chance(divide(agree, n), ((a @ weights) * b).sum(-1))


def scott_pi(t: Array, *, weights: Array) -> Array:
    """Scott's pi (Scott 1955): chance from the pooled shares of both raters. nan when only one label is used."""
    p_a, rows, columns = _shares(t, weights)
    q = (rows + columns) / 2
    return _beyond_chance(p_a, ((q @ weights) * q).sum(-1))


def gwet_ac(t: Array, *, weights: Array, n_labels: int) -> Array:
    """Gwet's AC1 (identity weights) or AC2 (Gwet 2008, 2014): p_e = T_w / (K (K − 1)) · Σ q (1 − q).

    T_w and Σ run over the declared labels, the first `n_labels` = K: no label else is given by chance. nan without items.
    AC1 is at least −1 / (K − 1); AC2 can be below −1, as where most pairs lie at opposite ends of a scale.

    >>> gwet_ac(np.array([[0.0, 0.0, 5.0], [0.0, 0.0, 5.0], [0.0, 0.0, 0.0]]), weights=np.eye(3), n_labels=2).round(12)
    np.float64(-0.6)
    """
    p_a, rows, columns = _shares(t, weights)
    q = ((rows + columns) / 2)[..., :n_labels]
    return _beyond_chance(p_a, _spread_of_weights(weights, n_labels) * (q * (1 - q)).sum(-1))


def brennan_prediger(t: Array, *, weights: Array, n_labels: int) -> Array:
    """Brennan and Prediger's kappa (1981), PABAK for two labels: p_e = T_w / K². nan without items."""
    p_a, _, _ = _shares(t, weights)
    return _beyond_chance(p_a, np.full_like(p_a, weights[:n_labels, :n_labels].sum() / n_labels**2))


def krippendorff_alpha(t: Array, *, delta: Array | None, no_answer: bool) -> Array:
    """Krippendorff's alpha of two raters without holes. `delta` None means ordinal, where it follows from the counts."""
    return alpha_of_coincidences(t + np.swapaxes(t, -1, -2), delta=delta, no_answer=no_answer)


def alpha_of_coincidences(o: Array, *, delta: Array | None, no_answer: bool) -> Array:
    """Krippendorff's alpha, 1 − (n − 1) Σ o δ² / Σ n_c n_k δ², from coincidences (..., V, V) (Krippendorff 2011).

    nan when only one label occurs, or nothing is pairable. At most 1, in draws that hold less than one label too.
    """
    n_c = o.sum(-1)
    d = ordinal_distances(n_c, no_answer=no_answer) if delta is None else delta
    n = n_c.sum(-1)
    observed = (o * d).sum((-2, -1))
    expected = (((n_c[..., None, :] @ d)[..., 0, :] if delta is None else n_c @ d) * n_c).sum(-1)
    several = (n_c > _TINY * n[..., None]).sum(-1) >= 2
    return np.asarray(1.0 - np.maximum(n - 1.0, 0.0) * divide(observed, np.where(several, expected, 0.0), unit=0.0))


def _shares(t: Array, weights: Array) -> tuple[Array, Array, Array]:
    n = t.sum((-2, -1))
    return divide((t * weights).sum((-2, -1)), n), divide(t.sum(-1), n[..., None]), divide(t.sum(-2), n[..., None])


def _spread_of_weights(weights: Array, n_labels: int) -> float:
    return float(weights[:n_labels, :n_labels].sum() / (n_labels * (n_labels - 1))) if n_labels > 1 else np.nan


def _beyond_chance(p_a: Array, p_e: Array) -> Array:
    return divide(p_a - p_e, 1.0 - p_e)
