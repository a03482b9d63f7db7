"""Outputs of checkpoints as rows: which cell each is in, what is known of it before labelling, and what labels say."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from judgeaudit.domain.checkpoints import (
    ALL_BENCHMARKS,
    AS_JUDGED,
    NO_REFERENCE,
    UNASKED,
    UNLABELLED,
    CheckpointRatings,
    Floats,
    Mask,
    Numbers,
)
from judgeaudit.stats import outcome_shares as shares

_GIBBERISH = shares.GIBBERISH


@dataclass(frozen=True, slots=True, kw_only=True)
class Rows:
    """n outputs that one judge was asked about, in one benchmark or all. Cells are checkpoints.

    known    (n,) class before labelling: safe, unsafe, gibberish by the screen, no answer
    judged   (n,) the same without a screen
    labels   reference rule -> (n,) outcome by its labels, UNLABELLED
    """

    n_cells: int
    n_clusters: int
    cell: Numbers
    cluster: Numbers
    prompt: Numbers
    known: Numbers
    judged: Numbers
    labels: dict[str, Numbers]
    weights: Floats | None

    def where(self, keep: Mask) -> Rows:
        """The same with some rows only."""
        return Rows(
            n_cells=self.n_cells,
            n_clusters=self.n_clusters,
            cell=self.cell[keep],
            cluster=self.cluster[keep],
            prompt=self.prompt[keep],
            known=self.known[keep],
            judged=self.judged[keep],
            labels={rule: one[keep] for rule, one in self.labels.items()},
            weights=None if self.weights is None else self.weights[keep],
        )


def rows_of(ratings: CheckpointRatings, judge: str, benchmark: str) -> Rows:
    """The outputs of known checkpoints that the judge was asked about."""
    j = ratings.judges.index(judge)
    verdicts = ratings.verdicts[j]
    keep = (ratings.checkpoint >= 0) & (verdicts != UNASKED)
    if benchmark != ALL_BENCHMARKS and benchmark in ratings.benchmarks:
        keep &= ratings.benchmark == ratings.benchmarks.index(benchmark)
    judged = np.where(verdicts == 2, 3, verdicts).astype(np.int64)
    whole = Rows(
        n_cells=len(ratings.checkpoints),
        n_clusters=int(ratings.clusters.max(initial=-1)) + 1,
        cell=ratings.checkpoint,
        cluster=ratings.clusters,
        prompt=ratings.prompts,
        known=np.where(ratings.screen[j], _GIBBERISH, judged).astype(np.int64),
        judged=judged,
        labels={rule: one.astype(np.int64) for rule, one in zip(ratings.references, ratings.outcomes, strict=True)},
        weights=ratings.weights,
    )
    return whole.where(np.asarray(keep))


@dataclass(frozen=True, slots=True, kw_only=True)
class Shares:
    """The shares of every cell (C, M), and what each cluster of prompts adds to them, (C, G, M).

    `plain` (C,) where outputs stand for themselves: one a cluster, unweighted.
    """

    found: shares.Estimated
    influence: Floats
    plain: Mask
    outputs: Numbers
    labels: Numbers
    clusters: Numbers


def shares_of(rows: Rows, reference: str, *, design: str | None) -> Shares:
    """By one reference rule, by "none" (the verdicts as they are, gibberish told apart by the screen), or AS_JUDGED (no screen).

    Without a design of the labels, or with labels from elsewhere, only cells whose every output is labelled are corrected.
    """
    known = rows.judged if reference == AS_JUDGED else rows.known
    flat = rows.cell * shares.N_CLASSES + known
    judged = _table(flat, rows.n_cells)
    labels = np.zeros(rows.n_cells, dtype=np.int64)
    if reference in (AS_JUDGED, NO_REFERENCE):
        found = shares.believed(judged)
        adds = found.influence.transpose(0, 2, 1).reshape(-1, len(shares.MEASURES))[flat]
        weighted = False
    else:
        z = rows.labels[reference]
        counted = _counted(rows, known, z, judged)
        counted = _as_designed(counted, design)
        found = shares.corrected(counted)
        labels = counted.labels.sum(-1).astype(np.int64)
        weighted = rows.weights is not None
        adds = found.influence.transpose(0, 2, 1).reshape(-1, len(shares.MEASURES))[flat]
        at = np.flatnonzero(z != UNLABELLED)
        of_label = found.of_label.transpose(0, 2, 3, 1).reshape(-1, len(shares.MEASURES))
        mine = of_label[flat[at] * shares.N_OUTCOMES + z[at]]
        adds[at] += mine if rows.weights is None else mine * rows.weights[at, None]
    g = max(rows.n_clusters, 1)
    spot = rows.cell * g + rows.cluster
    by: Floats = np.stack([np.bincount(spot, one, minlength=rows.n_cells * g) for one in adds.T], -1).astype(float)
    count = np.bincount(spot, minlength=rows.n_cells * g).reshape(rows.n_cells, g)
    return Shares(
        found=found,
        influence=by.reshape(rows.n_cells, g, len(shares.MEASURES)),
        plain=np.asarray((count <= 1).all(1) & (not weighted)),
        outputs=count.sum(1),
        labels=labels,
        clusters=(count > 0).sum(1),
    )


def _table(flat: npt.NDArray[np.int64], n: int) -> Floats:
    return np.bincount(flat, minlength=n * shares.N_CLASSES).reshape(n, shares.N_CLASSES).astype(float)


def _counted(rows: Rows, known: Numbers, z: Numbers, judged: Floats) -> shares.Counted:
    at = np.flatnonzero(z != UNLABELLED)
    flat = rows.cell[at] * shares.N_CLASSES + known[at]
    w = np.ones(len(at)) if rows.weights is None else rows.weights[at]
    size = rows.n_cells * shares.N_CLASSES
    outcome: Floats = np.bincount(flat * shares.N_OUTCOMES + z[at], w, minlength=size * shares.N_OUTCOMES).astype(float)
    squares: Floats = np.bincount(flat, w**2, minlength=size).astype(float)
    return shares.Counted(
        judged=judged,
        labelled=outcome.reshape(rows.n_cells, shares.N_CLASSES, shares.N_OUTCOMES),
        squares=squares.reshape(rows.n_cells, shares.N_CLASSES),
        labels=np.bincount(flat, minlength=size).reshape(rows.n_cells, shares.N_CLASSES).astype(float),
    )


def _as_designed(counted: shares.Counted, design: str | None) -> shares.Counted:
    """Labels whose choice nobody stated, or that are of other outputs, say nothing of a cell that is not labelled whole."""
    if design in ("random", "weighted"):
        return counted
    whole = (counted.labels.sum(-1) == counted.judged.sum(-1))[:, None]
    return shares.Counted(
        judged=counted.judged,
        labelled=counted.labelled * whole[..., None],
        squares=counted.squares * whole,
        labels=counted.labels * whole,
    )
