"""What repeating a judge is worth: a majority of its runs against one run; and its two orders of a pair, beyond chance."""

from __future__ import annotations

import numpy as np

from judgeaudit.audit.agreement.pairs import reference_rows
from judgeaudit.audit.estimates.estimate import Estimate, finding_of
from judgeaudit.audit.estimates.jackknife import cluster_df
from judgeaudit.audit.raters.board import Measured, estimate, jackknifed
from judgeaudit.audit.setting.context import Context
from judgeaudit.domain.rater_work import Numbers
from judgeaudit.domain.ratings import Codes, Floats
from judgeaudit.domain.results.audit import Finding
from judgeaudit.domain.verdict_log import VerdictLog
from judgeaudit.stats.agreement.two_raters import cohen_kappa, divide
from judgeaudit.stats.intervals.resample import jackknife

#: runs from which on a majority can differ from every single run
LEAST_RUNS = 3


def repeats(context: Context, log: VerdictLog, judge: int, label: Codes) -> list[Finding]:
    """majority_of_runs_gain where an item has three runs, position_kappa where a pair has both orders; in all strata."""
    out: list[Finding] = []
    name, strata = log.judges[judge], context.ratings.strata
    gained = _gains(context, log, judge, label)
    if gained is not None:
        item, gain = gained
        for stratum, mask in strata.items():
            at, gains = item[mask[item]], gain[mask[item]]
            out.append(_finding(context, name, "majority_of_runs_gain", stratum, at, _mean(context, at, gains)))
    item, ab, ba = both_orders(log, judge, label) if log.pairwise else (np.zeros(0, np.int64),) * 3
    told = (label[ab] < log.no_answer) | (label[ba] < log.no_answer)
    item, first, second = item[told], label[ab[told]], label[ba[told]]
    for stratum, mask in strata.items() if item.size else ():
        here = mask[item]
        found = _kappa(context, log, item[here], first[here], second[here])
        out.append(_finding(context, name, "position_kappa", stratum, item[here], found))
    return out


def _gains(context: Context, log: VerdictLog, judge: int, label: Codes) -> tuple[Numbers, Floats] | None:
    """Items, and by how much the label of most runs is right more often than one run, in order ab.

    Of m runs the first m, or m − 1 where m is even, count: a majority of an odd number, as one would take it. No answer is wrong, and
    so is a tie.
    """
    rows = log.of(judge, turned=False)
    rows = rows[label[rows] >= 0]
    by_item = rows[np.argsort(log.item[rows], kind="stable")]
    item, start, times = np.unique(log.item[by_item], return_index=True, return_counts=True)
    place = np.repeat(np.arange(item.size), times)
    taken = times - (times % 2 == 0)
    kept = (np.arange(by_item.size) - start[place] < taken[place]) & (times[place] >= LEAST_RUNS)
    place, said = place[kept], label[by_item[kept]]
    values = log.no_answer + 1
    counts = np.bincount(place * values + said, minlength=item.size * values).reshape(item.size, values).astype(float)
    several = times >= LEAST_RUNS
    reference = reference_rows(context)[:, item]
    several &= (reference >= 0).any(0)
    if not several.any():
        return None
    item, counts, reference, runs = item[several], counts[several], reference[:, several], taken[several]
    votes = counts[:, :-1]
    most = votes.max(1)
    alone = (votes == most[:, None]).sum(1) == 1
    winner = np.where(alone & (most > 0), votes.argmax(1), -2)
    known = reference >= 0
    times_right = np.take_along_axis(votes.T, np.where(known, reference, 0), axis=0)
    gain = (winner == reference) - times_right / runs
    return item, np.asarray((gain * known).sum(0) / known.sum(0))


def _mean(context: Context, item: Numbers, gain: Floats) -> Estimate:
    weight = context.design.weights[item]
    found = jackknifed(
        lambda t: divide(t[..., 0], t[..., 1]), np.column_stack([gain * weight, weight]), units_of(context, item)
    )
    return estimate(found, link="identity", level=context.options.level, why="no_pairable")


def _kappa(context: Context, log: VerdictLog, item: Numbers, first: Codes, second: Codes) -> Estimate:
    """Cohen's kappa of the labels in order ab and ba; no answer in one of them agrees with nothing."""
    v = log.no_answer + 1
    cell = first.astype(np.int64) * v + second
    if context.design.exchangeable:
        used, times = np.unique(cell, return_counts=True)
        units, counts = np.eye(v * v)[used], times.astype(float)
    else:
        _, dense = np.unique(context.design.units[item], return_inverse=True)
        g = int(dense.max(initial=-1)) + 1
        flat = np.bincount(dense.ravel() * v * v + cell, context.design.weights[item], minlength=g * v * v)
        units, counts = flat.astype(float).reshape(g, v * v), np.ones(g)
    if not item.size:
        return Estimate(value=None, undefined="no_pairable", n=0)

    def kappa(t: Floats) -> Floats:
        return cohen_kappa(t.reshape(*t.shape[:-1], v, v), weights=np.eye(v))[..., None]

    spread = jackknife(units, counts=counts, f=kappa)
    found = Measured(float(spread.estimate[0]), float(spread.se[0]), cluster_df(int(counts.sum())), item.size)
    return estimate(found, link="fisher", level=context.options.level, why="zero_variance")


def _finding(context: Context, judge: str, statistic: str, stratum: str, item: Numbers, found: Estimate) -> Finding:
    return finding_of(
        found,
        question=context.question,
        stratum=stratum,
        subject=judge,
        versus="reference" if statistic == "majority_of_runs_gain" else judge,
        statistic=statistic,
        n_items=int(item.size),
        n_clusters=int(np.unique(units_of(context, item)).size),
    )


def units_of(context: Context, item: Numbers) -> Numbers:
    """What is deleted in turn: the items, or the clusters that they are in."""
    return item if context.design.exchangeable else context.design.units[item]


def both_orders(log: VerdictLog, judge: int, label: Codes) -> tuple[Numbers, Numbers, Numbers]:
    """Items, and their rows in order ab and ba of one run."""
    _, run = np.unique(log.run, return_inverse=True)
    key = log.item * (int(run.max(initial=0)) + 1) + run.ravel()
    orders = [rows[label[rows] >= 0] for rows in (log.of(judge, turned=False), log.of(judge, turned=True))]
    _, here, there = np.intersect1d(key[orders[0]], key[orders[1]], return_indices=True)
    ab, ba = orders[0][here], orders[1][there]
    item, lowest = np.unique(log.item[ab], return_index=True)
    return item, ab[lowest], ba[lowest]
