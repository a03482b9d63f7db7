"""Shares at anchors: a checkpoint, or two of them joined by a line, with what is known of how sure each is."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from scipy.special import ndtri, stdtrit

from judgeaudit.audit.checkpoints.rows import Rows, Shares, Unknown, shares_of
from judgeaudit.domain.checkpoints import AS_JUDGED, NO_REFERENCE, Floats
from judgeaudit.stats.agreement.two_raters import divide
from judgeaudit.stats.rates.outcome_shares import MEASURES
from judgeaudit.stats.rates.shares_apart import Sure

#: clusters under which outputs that share them have no interval
LEAST_CLUSTERS = 10
#: clusters under which they are not counted as more outputs than they are, however alike or unlike their outputs look
ENOUGH_CLUSTERS = 30

Parts = tuple[tuple[int, float], ...]
Places = npt.NDArray[np.intp]
#: of stats.outcome_shares.MEASURES
UNSAFE_SHARE, UNSAFE_OR_GIBBERISH, OF_COHERENT, GIBBERISH_SHARE = range(4)
MEASURE_OF = {"own": UNSAFE_SHARE, "safe": UNSAFE_SHARE, "unsafe": UNSAFE_OR_GIBBERISH, "left_out": OF_COHERENT}
MEASURE_OF["as_judged"] = UNSAFE_SHARE


@dataclass(frozen=True, slots=True, kw_only=True)
class Ends:
    """Shares of K anchors, (K, M), and what each cluster of prompts adds to them, (K, G, M)."""

    sure: Sure
    influence: Floats
    label_variance: Floats
    outputs: npt.NDArray[np.int64]
    labels: npt.NDArray[np.int64]


def ends_of(made: Shares, anchors: Sequence[Parts]) -> Ends:
    """Of each anchor the weighted sum over its checkpoints; an anchor without any has nan everywhere."""
    first, second, share = _as_arrays(anchors)
    none = np.array([not parts for parts in anchors], dtype=np.bool_)
    found = made.found
    a, b = share[:, None], 1.0 - share[:, None]

    def joined(values: Floats) -> Floats:
        return np.where(b > 0, a * values[first] + b * values[second], values[first])

    value, mean = joined(found.value), joined(found.mean)
    two = np.flatnonzero(share < 1)
    influence, variance = made.influence[first], found.mean * (1.0 - found.mean) / (found.size + 1.0)
    both = variance[first]
    if two.size:
        one, other, w, v = first[two], second[two], a[two], b[two]
        influence[two] = w[..., None] * made.influence[one] + v[..., None] * made.influence[other]
        ends = together(made.influence, one, other) * np.sqrt(variance[one] * variance[other])
        both[two] = w**2 * variance[one] + v**2 * variance[other] + 2 * w * v * ends
    size = np.maximum(divide(mean * (1.0 - mean), both, unit=1e-9) - 1.0, 1e-3)
    clusters = np.where(share < 1, np.minimum(made.clusters[first], made.clusters[second]), made.clusters[first])
    plain = made.plain[first] & (made.plain[second] | (share >= 1))
    spread = np.sqrt((influence**2).sum(1) * divide(clusters, clusters - 1.0)[:, None])
    se = np.where(plain[:, None] | ~np.isfinite(spread), 0.0, spread)
    df = np.maximum(clusters - 1.0, 1.0)[:, None]
    kish = np.where(share < 1, np.minimum(made.kish[first], made.kish[second]), made.kish[first])[:, None]
    most = np.where(clusters < ENOUGH_CLUSTERS, kish[:, 0], np.inf)[:, None] + 1.0
    size = np.where(plain[:, None], size, np.minimum(size, np.minimum(effective_size(value, se, df, kish), most)))
    few = ~plain & (clusters < LEAST_CLUSTERS)
    bare = none[:, None] | np.isnan(value)
    sure = Sure(
        value=np.where(bare, np.nan, value),
        a=np.where(bare | few[:, None], np.nan, mean * size),
        b=np.where(bare | few[:, None], np.nan, (1.0 - mean) * size),
        se=np.where(bare, 0.0, se),
        df=np.broadcast_to(df, value.shape),
    )
    return Ends(
        sure=sure,
        influence=influence,
        label_variance=np.where(
            b > 0, a**2 * found.label_variance[first] + b**2 * found.label_variance[second], found.label_variance[first]
        ),
        outputs=np.where(none, 0, made.outputs[first] + np.where(share < 1, made.outputs[second], 0)),
        labels=np.where(none, 0, made.labels[first] + np.where(share < 1, made.labels[second], 0)),
    )


def missing_at(unknown: Unknown, reference: str, anchors: Sequence[Parts]) -> Floats:
    """(K, M): how much higher each share of verdicts alone would be if every missing verdict were an alarm; 0 where labels correct."""
    out = np.zeros((len(anchors), len(MEASURES)))
    if reference not in (NO_REFERENCE, AS_JUDGED):
        return out
    if reference == AS_JUDGED:
        share = of_coherent = unknown.unanswered
    else:
        share, of_coherent = unknown.silent, unknown.silent_of_coherent
    each = np.nan_to_num(np.stack([share, share, of_coherent, np.zeros_like(share)], 1))
    for k, parts in enumerate(anchors):
        for cell, weight in parts:
            out[k] += weight * each[cell]
    return out


def effective_size(value: Floats, se: Floats, df: Floats, kish: Floats) -> Floats:
    """How many independent outputs would be as sure (Korn and Graubard 1998): value (1 − value) / se², less for few degrees of
    freedom; where no cluster differs from another, the effective number of clusters. Plus 1, the prior.

    >>> effective_size(np.array([0.2]), np.array([0.04]), np.array([1e9]), np.array([30.0])).round(2).tolist()
    [101.0]
    """
    varies = se > 1e-12
    shrink = (ndtri(0.975) / stdtrit(df, 0.975)) ** 2
    n = divide(value * (1.0 - value), np.where(varies, se, 1.0) ** 2, unit=1e-12) * shrink
    return np.asarray(np.where(varies, n, kish) + 1.0)


def together(influence: Floats, a: Places, b: Places) -> Floats:
    """The correlation of pairs of shares (n, M), by what clusters of prompts add to both; 0 where one adds nothing."""
    if len(a) < len(influence):
        used, back = np.unique(np.concatenate([a, b]), return_inverse=True)
        influence, a, b = influence[used], back[: len(a)], back[len(a) :]
    by_measure = np.ascontiguousarray(influence.transpose(2, 0, 1))
    all_pairs = by_measure @ by_measure.transpose(0, 2, 1)
    size = np.sqrt(np.diagonal(all_pairs, axis1=1, axis2=2))
    both = divide(all_pairs[:, a, b], size[:, a] * size[:, b], unit=1e-12)
    return np.clip(np.nan_to_num(both), -1.0, 1.0).T


def _as_arrays(anchors: Sequence[Parts]) -> tuple[Places, Places, Floats]:
    """First and second checkpoint of each anchor, and the weight of the first."""
    filled = [parts or ((0, 1.0),) for parts in anchors]
    first = np.array([parts[0][0] for parts in filled], dtype=np.intp)
    second = np.array([parts[-1][0] for parts in filled], dtype=np.intp)
    share = np.array([parts[0][1] if len(parts) > 1 else 1.0 for parts in filled])
    return first, second, share


def common_prompts(rows: Rows, cells: Sequence[int]) -> npt.NDArray[np.int64]:
    """The prompts that every one of these checkpoints has an answer to."""
    found: npt.NDArray[np.int64] | None = None
    for cell in cells:
        mine = np.unique(rows.prompt[rows.cell == cell])
        found = mine if found is None else np.intersect1d(found, mine, assume_unique=True)
    return np.zeros(0, dtype=np.int64) if found is None else found


def pair_of(rows: Rows, a: Parts, b: Parts, reference: str, *, design: str | None) -> Ends:
    """Two anchors over the prompts that all of their checkpoints answered, as `ends_of` gives them."""
    cells = sorted({cell for cell, _ in (*a, *b)})
    prompts = common_prompts(rows, cells)
    keep = np.isin(rows.cell, cells) & np.isin(rows.prompt, prompts)
    kept = rows.where(keep)
    place = {cell: at for at, cell in enumerate(cells)}
    small = Rows(
        n_cells=len(cells),
        n_clusters=rows.n_clusters,
        cell=np.searchsorted(np.array(cells), kept.cell).astype(np.int64),
        cluster=kept.cluster,
        prompt=kept.prompt,
        known=kept.known,
        judged=kept.judged,
        labels=kept.labels,
        weights=kept.weights,
        counts=kept.counts,
    )
    made = shares_of(small, reference, design=design)
    return ends_of(made, [tuple((place[cell], w) for cell, w in parts) for parts in (a, b)])
