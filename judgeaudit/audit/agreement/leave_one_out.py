"""The fair comparison: a judge against the other people, beside a person against the same other people."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from judgeaudit.audit.estimates.estimate import Estimate, finding_of
from judgeaudit.audit.estimates.jackknife import cluster_df, normal_record, two_sided, unit_sums, varied
from judgeaudit.audit.setting.context import Context, treated
from judgeaudit.audit.setting.reference import plurality
from judgeaudit.domain.ratings import Codes, Floats
from judgeaudit.domain.results.audit import Finding
from judgeaudit.stats.intervals.resample import jackknife

Seen = npt.NDArray[np.bool_]


def leave_one_out(context: Context, judge: str, codes: Codes, stratum: str) -> Finding:
    """Δ = mean over persons a of [closeness(judge, others) − closeness(a, others)] on the items that a labelled.

    Closeness is 1 for the others' label on nominal scales (their strict plurality), 1 − distance / range to their median on
    ordinal and interval scales. Positive: the judge is nearer to the other people than one of them is. No answer is
    closeness 0. Needs three people; undefined `too_few_raters` otherwise.
    """
    verdicts = treated(codes, context)
    mask = context.ratings.strata[stratum] & (verdicts >= 0)
    people = context.ratings.people
    if (people[:, mask] >= 0).any(1).sum() < 3:
        return _undefined(context, judge, stratum, "too_few_raters")
    pairs = [_closeness(context, a, verdicts, mask) for a in range(people.shape[0])]
    per = np.concatenate([np.column_stack(pair) for pair in pairs], 1)
    used = per[:, 0::3].sum(1) > 0
    if not used.any() or not (per[:, 0::3].sum(0) > 0).any():
        return _undefined(context, judge, stratum, "no_pairable")
    return _estimate(context, judge, stratum, per * context.design.weights[:, None], used)


def _closeness(context: Context, a: int, codes: Codes, mask: Seen) -> tuple[Floats, Floats, Floats]:
    """Per item: 1 where person a can be compared, the judge's closeness to the others, and person a's."""
    people = context.ratings.people
    mine = np.flatnonzero(mask & (people[a] >= 0))
    others = np.delete(people[:, mine], a, axis=0)
    verdict, own = codes[mine], people[a, mine]
    if context.scheme.ordered:
        target, has = _median(context, others)
        numbers = np.append(context.scheme.numbers, np.nan)
        width = float(np.ptp(context.scheme.numbers)) or 1.0
        judge = np.nan_to_num(1.0 - np.abs(numbers[verdict] - target) / width)
        person = np.nan_to_num(1.0 - np.abs(numbers[own] - target) / width)
    else:
        label, _ = plurality(others, n_labels=context.scheme.k)
        has = label >= 0
        judge, person = (verdict == label).astype(float), (own == label).astype(float)
    out = np.zeros((3, people.shape[1]))
    out[:, mine] = has * np.stack([np.ones(mine.size), judge, person])
    return out[0], out[1], out[2]


def _median(context: Context, others: Codes) -> tuple[Floats, Seen]:
    x = np.where(others >= 0, context.scheme.numbers[np.maximum(others, 0)], np.nan)
    has = ~np.isnan(x).all(0)
    out = np.full(others.shape[1], np.nan)
    out[has] = np.nanmedian(x[:, has], axis=0)
    return out, np.asarray(has)


def _difference(totals: Floats) -> Floats:
    n, judge, person = totals[..., 0::3], totals[..., 1::3], totals[..., 2::3]
    some = n > 1e-12
    each = np.where(some, (judge - person) / np.where(some, n, 1.0), 0.0)
    return np.asarray((each.sum(-1) / np.maximum(some.sum(-1), 1))[..., None])


def _pseudo_items(per: Floats) -> Floats:
    """Two items that never were, for the interval only: one that the judge alone gets wrong, one that one person does.

    They keep a sample without any disagreement from being certain, as one more pair of either kind does for two proportions
    (Bonett and Price 2012). A wrong judge loses to all persons of its item, a wrong person is one of them; both are spread
    over the persons as the items are, so that many who labelled few items each are not drowned.
    """
    each = per[:, 0::3]
    share = each.mean(0)
    one = share * (each.max(1).mean() / share.sum())
    nothing = np.zeros_like(share)
    rows = [np.stack([share, nothing, share], 1), np.stack([one, one, nothing], 1)]
    return np.stack([row.ravel() for row in rows])


def _estimate(context: Context, judge: str, stratum: str, per: Floats, used: Seen) -> Finding:
    units = unit_sums(context.design.units[used], per[used])
    value = float(_difference(units.sum(0))[0])
    pseudo = _pseudo_items(per[used])
    spread = jackknife(np.concatenate([units, pseudo]), counts=np.ones(len(units) + 2), f=_difference)
    g = len(units)
    if g < 2:
        return _undefined(context, judge, stratum, "single_cluster")
    center, se, df = float(spread.estimate[0]), float(spread.se[0]), cluster_df(g)
    low, high = two_sided(context.options.level, center=center, se=se, df=df, link="identity")
    found = Estimate(
        value=value,
        low=max(-1.0, min(low, value)),
        high=min(1.0, max(high, value)),
        method=f"jackknife-t over {varied(context)}",
        spread=normal_record(center=center, se=se, df=df, link="identity"),
    )
    return _finding(context, judge, stratum, found, n_items=int(used.sum()), n_clusters=context.design.n_clusters(used))


def _undefined(context: Context, judge: str, stratum: str, reason: str) -> Finding:
    return _finding(context, judge, stratum, Estimate(value=None, undefined=reason), n_items=0, n_clusters=0)


def _finding(context: Context, judge: str, stratum: str, e: Estimate, *, n_items: int, n_clusters: int) -> Finding:
    return finding_of(
        e,
        question=context.question,
        stratum=stratum,
        subject=judge,
        versus="humans",
        statistic="leave_one_out_delta",
        n_items=n_items,
        n_clusters=n_clusters,
    )
