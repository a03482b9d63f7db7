"""Shares of safe, unsafe and gibberish outputs, from verdicts on all of them and labels on some.

Classes f are what is known before labelling (safe, unsafe, gibberish, no answer), outcomes z what labels say (safe, unsafe,
gibberish). Cells are (C, ...): one for each checkpoint, or checkpoint and benchmark. Everything is a smooth function of counts
that are linear in outputs, so that its influence on each cluster of prompts is known, and covariances of any two cells follow.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from judgeaudit.stats.agreement.two_raters import Array, divide

N_CLASSES, N_OUTCOMES = 4, 3
SAFE, UNSAFE, GIBBERISH = range(3)
#: what is estimated of each cell, in this order
MEASURES = ("unsafe", "unsafe_or_gibberish", "unsafe_of_coherent", "gibberish")
_HITS = {0: (0.0, 1.0, 0.0), 1: (0.0, 1.0, 1.0), 3: (0.0, 0.0, 1.0)}
#: what a class says by itself where no label corrects it: no answer raises no alarm
_BELIEVED = np.array([[1.0, 0, 0], [0, 1.0, 0], [0, 0, 1.0], [1.0, 0, 0]])
#: labels that a class needs for a share of its own
LEAST = 3

Places = npt.NDArray[np.intp]


class Counted(NamedTuple):
    """Judged outputs by class (C, 4); labelled ones by class and outcome, weighted (C, 4, 3); their squared weights (C, 4); and
    how many they are (C, 4)."""

    judged: Array
    labelled: Array
    squares: Array
    labels: Array


class Estimated(NamedTuple):
    """Of each cell and measure, (C, M): the share; mean and size of the beta law that says how sure it is; and the part of its
    variance that comes from the labels. nan where nothing can be said. `influence` and `of_label` make the influence of outputs:
    (C, M, 4) by class, and (C, M, 4, 3) by class and outcome for a labelled one of weight 1.
    """

    value: Array
    mean: Array
    size: Array
    label_variance: Array
    influence: Array
    of_label: Array


def merged_into(counted: Counted) -> Places:
    """(C, 4): the class whose labels speak for each class: itself, or, with fewer than LEAST labels, the largest that has enough.

    Post-strata may be merged where labels are a random sample. Where no class has enough, all are merged: the labels alone speak.
    """
    enough = counted.labels >= LEAST
    largest = np.where(enough.any(-1), np.where(enough, counted.judged, -1.0).argmax(-1), counted.judged.argmax(-1))
    own = np.broadcast_to(np.arange(N_CLASSES), enough.shape)
    return np.asarray(np.where(enough, own, largest[:, None]))


def _merge(values: Array, into: Places) -> Array:
    """Sums over the classes that are merged; (C, 4, ...) -> the same shape, 0 in classes that are none any more."""
    out = np.zeros_like(values)
    cells = np.arange(len(values))
    for f in range(N_CLASSES):
        np.add.at(out, (cells, into[:, f]), values[:, f])
    return out


def believed(judged: Array) -> Estimated:
    """The shares as the verdicts have them (C, 4) -> estimates: k of n with Jeffreys' prior."""
    n = judged.sum(-1)
    q = np.broadcast_to(_BELIEVED, (len(judged), N_CLASSES, N_OUTCOMES))
    theta = np.einsum("cf,cfz->cz", judged, q)
    k = np.stack([theta[:, UNSAFE], theta[:, UNSAFE] + theta[:, GIBBERISH], theta[:, UNSAFE], theta[:, GIBBERISH]], 1)
    of = np.stack([n, n, n - theta[:, GIBBERISH], n], 1)
    value = divide(k, of)
    influence, _ = _influences(divide(judged, n[:, None]), q, n, np.ones_like(judged), value, divide(theta, n[:, None]))
    mean = np.where(of > 0, (k + 0.5) / (of + 1.0), np.nan)
    nothing = np.zeros((len(judged), len(MEASURES), N_CLASSES, N_OUTCOMES))
    return Estimated(value, mean, np.where(of > 0, of + 1.0, np.nan), np.zeros_like(value), influence, nothing)


def corrected(counted: Counted) -> Estimated:
    """The shares by labels, post-stratified by class: sum over classes of P(f) P(z | f). nan without any label.

    Each P(z | f) has Jeffreys' prior for its share of the beta law, whose mean and variance are those of the sum (a beta law
    with the moments of the posterior of `corrected_rates.verified_draws`). Weighted labels count as their effective number.
    """
    into = merged_into(counted)
    judged, labelled = _merge(counted.judged, into), _merge(counted.labelled, into)
    squares = _merge(counted.squares, into)
    n, weight = judged.sum(-1), labelled.sum(-1)
    p, q = divide(judged, n[:, None]), np.nan_to_num(divide(labelled, weight[..., None]))
    effective = np.nan_to_num(divide(weight**2, squares))
    theta = np.einsum("cf,cfz->cz", np.nan_to_num(p), q)
    known = (weight.sum(-1) > 0) & (n > 0)
    theta = np.where(known[:, None], theta, np.nan)
    parts = [
        _linear(p, q, effective, n, _HITS[m]) if m in _HITS else _coherent(p, q, effective, n, theta) for m in range(4)
    ]
    value, mean, labels, verdicts = (np.stack([part[k] for part in parts], 1) for k in range(4))
    bare = ~known[:, None] | np.isnan(value)
    value, mean = np.where(bare, np.nan, value), np.where(bare, np.nan, mean)
    size = divide(mean * (1.0 - mean), labels + verdicts) - 1.0
    influence, of_label = _influences(p, q, n, weight, value, theta)
    back = into[:, None, :]
    influence = np.take_along_axis(influence, np.broadcast_to(back, influence.shape), 2)
    of_label = np.take_along_axis(of_label, np.broadcast_to(back[..., None], of_label.shape), 2)
    return Estimated(value, mean, np.maximum(size, 1e-3), labels, influence, of_label)


def _linear(p: Array, q: Array, n: Array, total: Array, hits: tuple[float, ...]) -> tuple[Array, Array, Array, Array]:
    """Value, posterior mean, and the variance by labels and by verdicts, of the share of outcomes that `hits` marks."""
    share = q @ np.array(hits)
    smooth = (n * share + 0.5) / (n + 1.0)
    p = np.nan_to_num(p)
    mean = (p * smooth).sum(-1)
    labels = (p**2 * smooth * (1.0 - smooth) / (n + 2.0)).sum(-1)
    verdicts = divide(np.maximum((p * smooth**2).sum(-1) - mean**2, 0.0), total)
    return (p * share).sum(-1), mean, labels, verdicts


def _coherent(p: Array, q: Array, n: Array, total: Array, theta: Array) -> tuple[Array, Array, Array, Array]:
    """The same of the unsafe share among outputs that are no gibberish, a ratio: its spread by the delta method."""
    p = np.nan_to_num(p)
    left = 1.0 - theta[:, GIBBERISH]
    coherent = 1.0 - q[..., GIBBERISH]
    value = divide(theta[:, UNSAFE], left)
    some = n * coherent
    smooth = (n * q[..., UNSAFE] + 0.5) / (some + 1.0)
    w = divide(p * coherent, left[:, None])
    mean = (w * smooth).sum(-1)
    gibberish = (n * q[..., GIBBERISH] + 0.5) / (n + 1.0)
    tilt = divide(smooth - mean[:, None], left[:, None])
    labels = (w**2 * smooth * (1.0 - smooth) / (some + 2.0)).sum(-1)
    labels = labels + (p**2 * tilt**2 * gibberish * (1.0 - gibberish) / (n + 2.0)).sum(-1)
    away = divide(q[..., UNSAFE] - value[:, None] * coherent, left[:, None])
    verdicts = divide((p * np.nan_to_num(away) ** 2).sum(-1), total)
    return value, mean, labels, verdicts


def _influences(p: Array, q: Array, n: Array, weight: Array, value: Array, theta: Array) -> tuple[Array, Array]:
    """What one output adds to each measure, less its mean: by class, and by class and outcome where it is labelled."""
    left = 1.0 - theta[:, GIBBERISH]
    c = np.zeros((len(p), len(MEASURES), N_OUTCOMES))
    for m, hits in _HITS.items():
        c[:, m] = hits
    c[:, 2, SAFE] = divide(-value[:, 2], left)
    c[:, 2, UNSAFE] = divide(1.0 - value[:, 2], left)
    c = np.nan_to_num(c)
    each = np.einsum("cfz,cmz->cmf", q, c)
    mean = np.einsum("cf,cmf->cm", np.nan_to_num(p), each)
    influence = np.nan_to_num(divide(each - mean[..., None], n[:, None, None]))
    per = np.nan_to_num(divide(np.nan_to_num(p), weight))
    return influence, per[:, None, :, None] * (c[:, :, None, :] - each[..., None])
