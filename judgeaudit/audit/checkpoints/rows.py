"""Outputs of checkpoints as rows: which cell each is in, what is known of it before labelling, and what labels say."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from judgeaudit.domain.checkpoints import (
    ALL_BENCHMARKS,
    AS_JUDGED,
    NO_REFERENCE,
    READABLE,
    SILENT,
    UNASKED,
    UNLABELLED,
    CheckpointRatings,
    Floats,
    Mask,
    Numbers,
)
from judgeaudit.stats.agreement.two_raters import divide
from judgeaudit.stats.rates import outcome_shares as shares

#: the class of outputs without a usable verdict
_SILENT = 3


@dataclass(frozen=True, slots=True, kw_only=True)
class Rows:
    """n outputs that one judge was asked about, in one benchmark or all. Cells are checkpoints.

    known    (n,) class before labelling: safe, unsafe, gibberish by the screen, no answer
    judged   (n,) the same without a screen
    labels   reference rule -> (n,) outcome by its labels, UNLABELLED
    counts   (n,) what an output counts: 1, or where prompts were run unequally often one over the runs of its prompt
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
    counts: Floats

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
            counts=counts_of(self.cell[keep], self.prompt[keep]),
        )


def counts_of(cell: Numbers, prompt: Numbers) -> Floats:
    """(n,) 1 where every prompt of every cell was run equally often; else every prompt counts 1 in its cell, its runs a part each.

    >>> counts_of(np.array([0, 0, 0]), np.array([1, 1, 2])).tolist()
    [0.5, 0.5, 1.0]
    """
    if not len(cell):
        return np.ones(0)
    key = cell.astype(np.int64) * (int(prompt.max()) + 1) + prompt
    _, back, runs = np.unique(key, return_inverse=True, return_counts=True)
    mine = runs[back]
    return np.ones(len(cell)) if mine.min() == mine.max() else 1.0 / mine


def rows_of(ratings: CheckpointRatings, judge: str, benchmark: str) -> Rows:
    """The outputs of known checkpoints that the judge was asked about."""
    j = ratings.judges.index(judge)
    verdicts = ratings.verdicts[j]
    keep = (ratings.checkpoint >= 0) & (verdicts != UNASKED)
    if benchmark != ALL_BENCHMARKS and benchmark in ratings.benchmarks:
        keep &= ratings.benchmark == ratings.benchmarks.index(benchmark)
    judged = np.where(verdicts == SILENT, _SILENT, verdicts).astype(np.int64)
    whole = Rows(
        n_cells=len(ratings.checkpoints),
        n_clusters=int(ratings.clusters.max(initial=-1)) + 1,
        cell=ratings.checkpoint,
        cluster=ratings.clusters,
        prompt=ratings.prompts,
        known=np.where(ratings.screen[j], shares.GIBBERISH, judged).astype(np.int64),
        judged=judged,
        labels={rule: one.astype(np.int64) for rule, one in zip(ratings.references, ratings.outcomes, strict=True)},
        weights=ratings.weights,
        counts=np.ones(ratings.n_outputs),
    )
    return whole.where(np.asarray(keep))


@dataclass(frozen=True, slots=True, kw_only=True)
class Unknown:
    """Of every checkpoint (C,): shares of outputs that the verdicts leave open, for the bounds of a rate.

    surely   flagged and not held for gibberish; `silent` no verdict and not held for gibberish (`silent_of_coherent`: of those not
             held for it); `held` for gibberish
    """

    surely: Floats
    flagged: Floats
    silent: Floats
    silent_of_coherent: Floats
    held: Floats
    unanswered: Floats


def unknown_of(rows: Rows) -> Unknown:
    """The shares of each checkpoint's judged outputs."""
    n = np.bincount(rows.cell, rows.counts, minlength=rows.n_cells).astype(float)

    def share(of: Mask) -> Floats:
        return divide(np.bincount(rows.cell[of], rows.counts[of], minlength=rows.n_cells).astype(float), n)

    held = rows.known == shares.GIBBERISH
    return Unknown(
        surely=share((rows.judged == shares.UNSAFE) & ~held),
        flagged=share(rows.judged == shares.UNSAFE),
        silent=share((rows.judged == _SILENT) & ~held),
        silent_of_coherent=np.nan_to_num(divide(share((rows.judged == _SILENT) & ~held), 1.0 - share(held))),
        held=share(held),
        unanswered=share(rows.judged == _SILENT),
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class Shares:
    """The shares of every cell (C, M), and what each cluster of prompts adds to them, (C, G, M).

    `plain` (C,) where outputs stand for themselves: one a cluster, unweighted. `kish` (C,) the effective number of clusters.
    """

    found: shares.Estimated
    influence: Floats
    plain: Mask
    outputs: Numbers
    labels: Numbers
    clusters: Numbers
    kish: Floats


def shares_of(rows: Rows, reference: str, *, design: str | None) -> Shares:
    """By one reference rule, by "none" (the verdicts as they are, gibberish told apart by the screen), or AS_JUDGED (no screen).

    Without a design of the labels, or with labels from elsewhere, only cells whose every output is labelled are corrected.
    """
    known = rows.judged if reference == AS_JUDGED else rows.known
    flat = rows.cell * shares.N_CLASSES + known
    judged = _table(flat, rows)
    labels = np.zeros(rows.n_cells, dtype=np.int64)
    if reference in (AS_JUDGED, NO_REFERENCE):
        found = shares.believed(judged)
        adds = found.influence.transpose(0, 2, 1).reshape(-1, len(shares.MEASURES))[flat] * rows.counts[:, None]
        weighted = False
    else:
        z, w = _answered(rows, known, rows.labels[reference])
        counted = _counted(rows, known, z, w, judged)
        counted = _as_designed(counted, design)
        found = shares.corrected(counted)
        labels = counted.labels.sum(-1).astype(np.int64)
        weighted = rows.weights is not None
        adds = found.influence.transpose(0, 2, 1).reshape(-1, len(shares.MEASURES))[flat] * rows.counts[:, None]
        at = np.flatnonzero(z != UNLABELLED)
        of_label = found.of_label.transpose(0, 2, 3, 1).reshape(-1, len(shares.MEASURES))
        mine = of_label[flat[at] * shares.N_OUTCOMES + z[at]]
        adds[at] += mine * w[at, None]
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
        kish=np.nan_to_num(divide(count.sum(1).astype(float) ** 2, (count.astype(float) ** 2).sum(1))),
    )


def _table(flat: npt.NDArray[np.int64], rows: Rows) -> Floats:
    found: Floats = np.bincount(flat, rows.counts, minlength=rows.n_cells * shares.N_CLASSES).astype(float)
    return found.reshape(rows.n_cells, shares.N_CLASSES)


def _answered(rows: Rows, known: Numbers, z: Numbers) -> tuple[Numbers, Floats]:
    """Outcomes, and what each labelled output stands for. A readable output without a label of harm is stood for by those of its
    cell and class that have one, or of its cell where its class has none; a cell without any has no labels at all.
    """
    w = rows.counts if rows.weights is None else rows.counts * rows.weights
    bare = z == READABLE
    if not bare.any():
        return z, w
    out, told = w.copy(), (z == shares.SAFE) | (z == shares.UNSAFE)
    flat = rows.cell * shares.N_CLASSES + known
    n = rows.n_cells * shares.N_CLASSES
    there, lost = (np.bincount(flat[one], w[one], minlength=n).astype(float) for one in (told, bare))
    carried = np.where(there > 0, lost, 0.0)
    rest = (lost - carried).reshape(rows.n_cells, shares.N_CLASSES).sum(1)
    whole = (there + carried).reshape(rows.n_cells, shares.N_CLASSES).sum(1)
    more = divide(there + carried, there)[flat] * divide(whole + rest, whole)[rows.cell]
    out[told] *= more[told]
    empty = (whole <= 0) & (rest > 0)
    return np.where(bare | empty[rows.cell], UNLABELLED, z).astype(np.int64), out


def _counted(rows: Rows, known: Numbers, z: Numbers, weights: Floats, judged: Floats) -> shares.Counted:
    at = np.flatnonzero(z != UNLABELLED)
    flat = rows.cell[at] * shares.N_CLASSES + known[at]
    w = weights[at]
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
    whole = (np.abs(counted.labelled.sum((-2, -1)) - counted.judged.sum(-1)) < 1e-9)[:, None]
    return shares.Counted(
        judged=counted.judged,
        labelled=counted.labelled * whole[..., None],
        squares=counted.squares * whole,
        labels=counted.labels * whole,
    )
