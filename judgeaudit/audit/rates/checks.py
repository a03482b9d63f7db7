"""Whether labelled and unlabelled rows look alike: every sign that a design does not hold, as records.

A sign is a difference that chance makes once in a thousand samples and that is large enough to matter: 5 points of a judge's
rate, a tenth of the rows of a column. What is not seen here may still differ.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import combinations

import numpy as np
from scipy.special import chdtrc, stdtr

from judgeaudit.audit.rates.cells import Rows, Sample
from judgeaudit.audit.setting.context import Context
from judgeaudit.domain.ratings import Floats, Mask
from judgeaudit.domain.results.rates import JudgeSign, MixSign, RateSign, Sign, UnjudgedSign
from judgeaudit.stats.agreement.two_raters import divide
from judgeaudit.stats.comparisons.exact import fisher_exact
from judgeaudit.stats.intervals.resample import jackknife
from judgeaudit.stats.rates import corrected as rates

RARE = 0.001
LEAST_RATE = 0.05
LEAST_SHARE = 0.10


def rate_sign(sample: Sample, *, design: str) -> list[RateSign]:
    """The judge's share of positives among the labelled rows against that of the unlabelled ones; where labels are weighted,
    the weighted share against that of all judged rows.
    """
    weighted = design == "weighted"
    here, there = (float(x) for x in _both(sample.cells, weighted=weighted))
    if not abs(here - there) >= LEAST_RATE:
        return []
    if sample.exchangeable and not weighted:
        tp, fp, fn, tn = sample.counts[:4]
        flagged, waiting = int(sample.counts[rates.FLAGGED]), sample.n_unlabelled
        p = fisher_exact(round(float(tp + fp)), round(float(tp + fp + fn + tn)), flagged, waiting)
    elif sample.exchangeable:
        return []  # equal weights are no weights, and nothing is known of what they should fit
    else:
        spread = jackknife(sample.units, counts=sample.repeats, f=lambda c: _gap(c, weighted=weighted))
        p = _two_sided(float(spread.estimate[0]), float(spread.se[0]), sample.df)
    return [] if not p < RARE else [RateSign(labelled=here, others=there, p_value=p)]


def _both(cells: Floats, *, weighted: bool) -> tuple[Floats, Floats]:
    flagged = cells[..., rates.TP] + cells[..., rates.FP]
    return divide(flagged, cells[..., :4].sum(-1)), rates.flagged_share(cells, everywhere=weighted)


def _gap(cells: Floats, *, weighted: bool) -> Floats:
    here, there = _both(cells, weighted=weighted)
    return np.asarray(here - there)[..., None]


def _two_sided(gap: float, se: float, df: float) -> float:
    return float(2.0 * stdtr(df, -abs(gap) / se)) if se > 1e-12 else 1.0


def mix_signs(context: Context, rows: Rows) -> list[MixSign]:
    """Columns of strata whose values are another mix among the labelled rows than among the unlabelled (chi-squared).

    `unseen` is the share of unlabelled rows with a value that no labelled row has. With clusters the counts are taken down to
    one row a cluster.
    """
    ratings = context.ratings
    told, waiting = rows.asked & ~np.isnan(rows.label), rows.asked & ~rows.labelled
    out = []
    for column, names in ratings.columns.items():
        if any(ratings.stratum_source.get(name) == "label" for name in names):
            continue
        table = np.array([[(side & ratings.strata[name]).sum() for name in names] for side in (told, waiting)], float)
        table = table[:, table.sum(0) > 0]
        if table.shape[1] < 2 or not table.sum(1).all():
            continue
        shares = table / table.sum(1, keepdims=True)
        apart = float(np.abs(shares[0] - shares[1]).sum() / 2.0)
        scale = np.array([_per_cluster(context, side) for side in (told, waiting)])
        p = _chi_squared(table * scale[:, None])
        if apart >= LEAST_SHARE and p < RARE:
            unseen = float(shares[1][table[0] == 0].sum())
            out.append(MixSign(column=column, apart=apart, unseen=unseen, p_value=p))
    return out


def unjudged_signs(rows: Rows, mask: Mask) -> list[UnjudgedSign]:
    """Whether a tenth or more of the rows given to raters have no reference since these could not judge them.

    What cannot be judged is another kind of row, gibberish say, so that the others are no random sample of all.
    """
    given = rows.asked & rows.labelled & mask
    lost = int((given & rows.unjudged).sum())
    share = lost / max(int(given.sum()), 1)
    return [UnjudgedSign(rows=lost, share=share)] if share >= LEAST_SHARE else []


def _per_cluster(context: Context, side: Mask) -> float:
    return 1.0 if not context.design.clustered else context.design.n_clusters(side) / max(int(side.sum()), 1)


def _chi_squared(table: Floats) -> float:
    """Pearson's test of one mix in both rows."""
    expected = table.sum(1, keepdims=True) * table.sum(0) / table.sum()
    return float(chdtrc(table.shape[1] - 1, ((table - expected) ** 2 / expected).sum()))


def contradictions(context: Context, judges: Mapping[str, Rows]) -> dict[str, list[JudgeSign]]:
    """Judges whose Rogan-Gladen rates of the same rows differ: one of the two must err otherwise there than where it was checked.

    The difference is held to its delete-one standard error, p-values times the number of pairs (Bonferroni).
    """
    out: dict[str, list[JudgeSign]] = {name: [] for name in judges}
    pairs = list(combinations(judges, 2))
    for a, b in pairs:
        units, repeats = _pair_units(context, judges[a], judges[b])
        if not units.size:
            continue
        spread = jackknife(units, counts=repeats, f=_rate_gap)
        gap, se = float(spread.estimate[0]), float(spread.se[0])
        p = min(1.0, len(pairs) * _two_sided(gap, se, np.inf)) if np.isfinite(gap) and np.isfinite(se) else 1.0
        if p < RARE and abs(gap) >= LEAST_RATE:
            for one, other, sign in ((a, b, 1.0), (b, a, -1.0)):
                out[one].append(JudgeSign(judge=other, apart=sign * gap, p_value=p))
    return out


def _rate_gap(cells: Floats) -> Floats:
    return np.asarray(rates.rogan_gladen(cells[..., :8]) - rates.rogan_gladen(cells[..., 8:]))[..., None]


def _pair_units(context: Context, a: Rows, b: Rows) -> tuple[Floats, Floats]:
    """Units (U, 16) of two judges' cells side by side, and how often each occurs: kinds of rows, or clusters."""
    known = ~np.isnan(a.label)
    item = np.flatnonzero(a.asked & b.asked & (known | ~a.labelled))
    values, which = np.unique(a.label[item][known[item]], return_inverse=True)
    y = np.zeros(item.size, dtype=np.int64)
    y[known[item]] = which.ravel() + 1
    kind = y * 4 + 2 * a.flagged[item] + b.flagged[item]
    n_kinds = 4 * (values.size + 1)
    kinds = np.stack([_kind(values, k) for k in range(n_kinds)])
    if context.design.exchangeable:
        return kinds, np.bincount(kind, minlength=n_kinds).astype(float)
    distinct, dense = np.unique(context.design.units[item], return_inverse=True)
    weight = np.bincount(dense.ravel() * n_kinds + kind, context.design.weights[item], distinct.size * n_kinds)
    return weight.reshape(-1, n_kinds) @ kinds, np.ones(distinct.size)


def _kind(values: Floats, k: int) -> Floats:
    """(16,) the two judges' cells of one row of a kind."""
    label, flagged = k // 4, (k % 4 // 2, k % 2)
    out = np.zeros((2, 8))
    for cells, f in zip(out, flagged, strict=True):
        if label:
            y = float(values[label - 1])
            cells[:4] = (y * f, (1 - y) * f, y * (1 - f), (1 - y) * (1 - f))
            cells[rates.SEEN_FLAGGED if f else rates.SEEN_CLEARED] = 1.0
        else:
            cells[rates.FLAGGED if f else rates.CLEARED] = 1.0
    return out.ravel()


def refused(signs: Sequence[Sign]) -> bool:
    """Whether calibration rows visibly differ from those that the rate is wanted for: two signs of different kinds, rows of a
    kind that was never labelled, or a rate that no share can be.
    """
    kinds = {sign.code for sign in signs}
    unseen = any(isinstance(sign, MixSign) and sign.unseen >= LEAST_SHARE for sign in signs)
    return "no_share" in kinds or unseen or len(kinds) > 1
