"""One judge in one stratum as the eight cells that a corrected rate is made from, and as how many rows each share counts."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np

from judgeaudit.audit.agreement.pairs import judge_codes, reference_rows
from judgeaudit.audit.estimates.jackknife import cluster_df
from judgeaudit.audit.setting.context import Context, treated
from judgeaudit.domain.ratings import Floats, Mask
from judgeaudit.stats.agreement.two_raters import divide
from judgeaudit.stats.intervals.resample import jackknife
from judgeaudit.stats.rates import corrected as rates


@dataclass(frozen=True, kw_only=True)
class Rows:
    """Of all items (N,): where the judge was asked, whether it said positive, where there is a label and how positive it is.

    `label` is 0 or 1, the share of people who said positive where each person is a reference of their own, and nan where
    people labelled the row and no reference came of it, or nobody labelled it. `unjudged` are rows that have none since
    somebody said "cannot judge" of them.
    """

    asked: Mask
    flagged: Mask
    label: Floats
    labelled: Mask
    unjudged: Mask


def rows_of(context: Context, judge: str) -> Rows:
    """The judge's verdicts as positive or not (no answer is not positive), and the labels."""
    codes = treated(judge_codes(context, judge), context)
    positive = np.append(context.scheme.positive, [False, False])
    ratings = context.ratings
    by_people = (ratings.people >= 0).any(0)
    refused = np.zeros(ratings.n_items, dtype=bool) if ratings.cannot_judge is None else ratings.cannot_judge.any(0)
    references = reference_rows(context)
    known = references >= 0
    label = divide((known & positive[references]).sum(0).astype(float), known.sum(0).astype(float))
    return Rows(
        asked=np.asarray(codes >= 0),
        flagged=np.asarray(positive[codes]) & (codes >= 0),
        label=label,
        labelled=np.asarray(by_people | refused | known.any(0)),
        unjudged=np.asarray(refused & ~known.any(0)),
    )


@dataclass(frozen=True, kw_only=True)
class Sample:
    """Cells (8,) with weights, the same without weights, and by unit (U, 8) with how often each occurs.

    A unit is a cluster or a weighted row; there are none where rows stand for themselves.
    """

    cells: Floats
    counts: Floats
    units: Floats
    repeats: Floats
    exchangeable: bool
    weighted: bool
    labelled_units: int

    @property
    def n_labelled(self) -> int:
        return round(float(self.counts[:4].sum()))

    @property
    def n_unlabelled(self) -> int:
        return int(self.counts[6:].sum())

    @property
    def n_judged(self) -> int:
        return int(self.counts[4:].sum())

    @property
    def df(self) -> float:
        """Degrees of freedom of a standard error over units; those with a label are the fewer."""
        return np.inf if self.exchangeable else cluster_df(self.labelled_units)

    @cached_property
    def effective(self) -> Floats:
        """(6,) how many independent rows each share is worth: the judge's share of all judged and of unlabelled rows, then
        precision, omission, sensitivity and false positive rate.

        Where rows stand for themselves it is how many there are. Else it is v (1 − v) / se² by a delete-one-unit jackknife, no
        more than there are, nor than Kish's number for weights; where nothing varies, Kish's number of units.
        """
        here = _denominators(self.counts)
        if self.exchangeable:
            return here
        spread = jackknife(self.units, counts=self.repeats, f=_shares)
        by_unit = _denominators(self.units)
        kish = divide(by_unit.sum(0) ** 2, (by_unit**2).sum(0))
        value = np.clip(np.nan_to_num(spread.estimate), 0.0, 1.0)
        varies = np.nan_to_num(spread.se) > 1e-9
        from_se = divide(value * (1.0 - value), np.where(varies, spread.se, 1.0) ** 2)
        found = np.where(varies, from_se, np.nan_to_num(kish))
        most = np.minimum(here, np.nan_to_num(kish)) if self.weighted else here
        return np.asarray(np.minimum(found, most))

    def effective_counts(self) -> Floats:
        """(6,) flagged and cleared judged rows, TP, FP, FN, TN, each share at its effective number."""
        value = np.nan_to_num(_shares(self.cells))
        n = self.effective
        parts = [(n[k] * value[k], n[k] * (1.0 - value[k])) for k in (0, 2, 3)]
        return np.array([x for pair in parts for x in pair])

    def calibration(self) -> rates.Calibration:
        """Sensitivity and specificity in the labelled rows and the judge's share in the unlabelled, at effective numbers."""
        value = _shares(self.cells)
        n = self.effective
        return rates.Calibration(
            p=float(value[1]),
            n=float(n[1]),
            sensitivity=float(value[4]),
            m1=float(n[4]),
            specificity=1.0 - float(value[5]),
            m0=float(n[5]),
        )


def _shares(cells: Floats) -> Floats:
    parts = (
        rates.flagged_share(cells, everywhere=True),
        rates.flagged_share(cells, everywhere=False),
        rates.precision(cells),
        rates.omission(cells),
        rates.sensitivity(cells),
        rates.false_positive_rate(cells),
    )
    return np.stack(parts, -1)


def _denominators(cells: Floats) -> Floats:
    tp, fp, fn, tn = (cells[..., k] for k in range(4))
    judged, waiting = cells[..., 4:].sum(-1), cells[..., 6:].sum(-1)
    return np.stack([judged, waiting, tp + fp, fn + tn, tp + fn, fp + tn], -1)


def sample_of(context: Context, rows: Rows, mask: Mask, *, design: str) -> Sample:
    """The cells of one stratum. Where labels are weighted, a labelled row weighs as told and every judged row counts once;
    elsewhere a row has one weight. Rows on which people reached no reference are judged, and neither labelled nor unlabelled.
    """
    item = np.flatnonzero(mask & rows.asked)
    told = item[~np.isnan(rows.label[item])]
    y, f = rows.label[told], rows.flagged[told].astype(float)
    pairs = np.stack([y * f, (1 - y) * f, y * (1 - f), (1 - y) * (1 - f)])
    side = 2 * ~rows.labelled[item] + ~rows.flagged[item]
    counts = np.concatenate([pairs.sum(1), np.bincount(side, minlength=4)])
    if context.design.exchangeable:
        return Sample(
            cells=counts,
            counts=counts,
            units=np.zeros((0, 8)),
            repeats=np.zeros(0),
            exchangeable=True,
            weighted=False,
            labelled_units=told.size,
        )
    weights = context.design.weights
    own = np.ones(item.size) if design == "weighted" else weights[item]
    distinct, dense = np.unique(context.design.units[item], return_inverse=True)
    place = np.full(context.ratings.n_items, -1)
    place[item] = dense.ravel()
    units = np.zeros((distinct.size, 8))
    for k in range(4):
        units[:, k] = np.bincount(place[told], pairs[k] * weights[told], minlength=distinct.size)
    units[:, 4:] = np.bincount(dense.ravel() * 4 + side, own, minlength=distinct.size * 4).reshape(-1, 4)
    return Sample(
        cells=units.sum(0),
        counts=counts,
        units=units,
        repeats=np.ones(distinct.size),
        exchangeable=False,
        weighted=bool(told.size and np.ptp(weights[told]) > 0),
        labelled_units=int(np.unique(place[told]).size),
    )
