"""What is resampled together: items, prompts (clusters) or weighted items; and the random numbers that belong to an estimate."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from judgeaudit.domain.ratings import Floats, Mask, Ratings

MANY_UNITS = 5000
GROUPS = 2048


@dataclass(frozen=True, kw_only=True)
class Design:
    """`units` is the (N,) unit of each item and `weights` its weight; `exchangeable` when every item stands for itself.

    Units number at most 5,000: of more clusters, `units` are random groups, and `clusters` (N,) the clusters themselves.
    `rank` (N,) is the place of each item by its id, and clusters are numbered by the first of theirs: what is drawn over either is the
    same whatever the order of a table's rows.
    """

    exchangeable: bool
    units: npt.NDArray[np.int64]
    weights: Floats
    clustered: bool
    clusters: npt.NDArray[np.int64]
    rank: npt.NDArray[np.int64]

    def n_clusters(self, mask: Mask) -> int:
        """Clusters that have an item in the mask (N,)."""
        if not self.clustered:
            return int(mask.sum())
        there = np.zeros(int(self.clusters.max(initial=-1)) + 1, bool)
        there[self.clusters[mask]] = True
        return int(there.sum())


def design_of(ratings: Ratings) -> Design:
    """The design that the data declare: clusters that repeat, or weights that differ, end exchangeability."""
    n = ratings.n_items
    rank = _rank(ratings.items)
    units = rank if ratings.clusters is None else _by_first(ratings.clusters, rank)
    weights = np.ones(n) if ratings.weights is None else _as_items(ratings.weights)
    clustered = ratings.clusters is not None and np.unique(units).size < n
    plain = not clustered and bool(np.all(weights == weights[0])) if n else True
    return Design(
        exchangeable=plain,
        units=_grouped(units),
        weights=np.ones(n) if plain else weights,
        clustered=clustered,
        clusters=units,
        rank=rank,
    )


def _rank(items: tuple[str, ...]) -> npt.NDArray[np.int64]:
    """(N,) places by id; of equal ids, by row."""
    rank = np.empty(len(items), np.int64)
    rank[sorted(range(len(items)), key=items.__getitem__)] = np.arange(len(items))
    return rank


def _by_first(clusters: npt.NDArray[np.int64], rank: npt.NDArray[np.int64]) -> npt.NDArray[np.int64]:
    """Clusters (N,) numbered anew by the least rank of their items."""
    _, dense = np.unique(clusters, return_inverse=True)
    dense = dense.ravel()
    least = np.full(int(dense.max(initial=-1)) + 1, rank.size, np.int64)
    np.minimum.at(least, dense, rank)
    return np.asarray(np.argsort(np.argsort(least))[dense], np.int64)


def _as_items(weights: Floats) -> Floats:
    """Weights of mean 1 where their mean is less: alpha's n − 1 counts labels, which weights that sum to 1 would take for two."""
    mean = float(weights.mean()) if weights.size else 1.0
    return weights / mean if 0.0 < mean < 1.0 else weights


def _grouped(units: npt.NDArray[np.int64]) -> npt.NDArray[np.int64]:
    """More than 5,000 units become 2,048 random groups of units: a delete-a-group jackknife whose cost stays bounded."""
    distinct, dense = np.unique(units, return_inverse=True)
    if distinct.size <= MANY_UNITS:
        return dense.ravel()
    group = np.random.default_rng(20_480).permutation(distinct.size) % GROUPS
    return np.asarray(group[dense.ravel()])


def ranked(units: npt.NDArray[np.int64]) -> tuple[npt.NDArray[np.int64], int]:
    """Units (n,) as ranks 0 … U − 1 of the units that are there, and U; numbers of units are small, so nothing is sorted."""
    there = np.zeros(int(units.max(initial=-1)) + 1, bool)
    there[units] = True
    rank = np.cumsum(there) - 1
    return rank[units], int(rank[-1]) + 1 if rank.size else 0


def generator(seed: int, *names: str) -> np.random.Generator:
    """Random numbers that belong to one estimate, whatever else is computed before it, and can be drawn again by the gate."""
    digest = hashlib.sha256("\x1f".join(names).encode("utf-8", "surrogatepass")).digest()
    words = np.frombuffer(digest[:16], np.uint32).tolist()
    return np.random.default_rng([seed, *words])
