"""A judge against itself: several runs on one item, and the two orders of a pair."""

from __future__ import annotations

from dataclasses import replace
from typing import NamedTuple

import numpy as np

from judgeaudit.audit.behaviour.repeats import both_orders, repeats, units_of
from judgeaudit.audit.estimates.estimate import Estimate, finding_of
from judgeaudit.audit.raters.board import jackknifed, share
from judgeaudit.audit.setting.context import Context, treated_codes
from judgeaudit.domain.rater_work import Numbers
from judgeaudit.domain.ratings import Codes, Floats
from judgeaudit.domain.results.audit import Finding
from judgeaudit.domain.results.estimates import NormalSpread
from judgeaudit.domain.verdict_log import VerdictLog
from judgeaudit.stats.agreement.two_raters import divide


class Shares(NamedTuple):
    """A statistic as a mean over items: which items, and the share of each; `why` it is undefined where there are none."""

    statistic: str
    item: Numbers
    hits: Floats
    why: str


def steadiness(context: Context, log: VerdictLog) -> list[Finding]:
    """Agreement over runs and over orders, in all strata, of judges that were run more than once or in both orders."""
    label = treated_codes(log.label, log.question, context.options.unanswered)
    out: list[Finding] = []
    for judge, name in enumerate(log.judges):
        found = [*over_runs(log, judge, label), *(over_orders(log, judge, label) if log.pairwise else [])]
        out += [_finding(context, name, one, stratum) for stratum in context.ratings.strata for one in found]
        out += repeats(context, log, judge, label)
    return out


def over_runs(log: VerdictLog, judge: int, label: Codes) -> list[Shares]:
    """self_agreement and flip_rate over the runs in order ab; nothing where no item has two.

    An item on which m runs gave the label k r_k times has the chance Σ r_k (r_k − 1) / (m (m − 1)) that two of its runs
    agree. No answer agrees with no answer, and with no label.
    """
    rows = log.of(judge, turned=False)
    rows = rows[label[rows] >= 0]
    values = log.no_answer + 1
    cell, times = np.unique(log.item[rows] * values + label[rows], return_counts=True)
    item, place = np.unique(cell // values, return_inverse=True)
    runs = np.bincount(place.ravel(), times)
    alike = np.bincount(place.ravel(), times * (times - 1.0))
    several = runs >= 2
    if not several.any():
        return []
    same = (alike / np.maximum(runs * (runs - 1.0), 1.0))[several]
    item = item[several]
    return [
        Shares("self_agreement", item, same, "one_run"),
        Shares("flip_rate", item, (same < 1.0 - 1e-12).astype(float), "one_run"),
    ]


def over_orders(log: VerdictLog, judge: int, label: Codes) -> list[Shares]:
    """position_consistency and first_shown_rate from the lowest run that has both orders; nothing where none has.

    A label of order ba is turned back, so in it the second response is the one that was shown first. A pair without a label
    in either order says nothing of orders; one without a label in one of them is not the same in both.
    """
    item, ab, ba = both_orders(log, judge, label)
    if not item.size:
        return []
    told = (label[ab] < log.no_answer) | (label[ba] < log.no_answer)
    item, ab, ba = item[told], ab[told], ba[told]
    spoken = (label[ab] < log.no_answer) & (label[ba] < log.no_answer)
    lean = np.where(spoken, log.side[label[ab]] - log.side[label[ba]], 0)
    why = "follows_no_place" if log.side.any() else "sides_unknown"
    return [
        Shares("position_consistency", item, (label[ab] == label[ba]).astype(float), "one_order"),
        Shares("first_shown_rate", item[lean != 0], (lean[lean != 0] > 0).astype(float), why),
    ]


def _finding(context: Context, judge: str, one: Shares, stratum: str) -> Finding:
    here = context.ratings.strata[stratum][one.item]
    item, hits = one.item[here], one.hits[here]
    return finding_of(
        _estimate(context, item, hits, one.why),
        question=context.question,
        stratum=stratum,
        subject=judge,
        versus=judge,
        statistic=one.statistic,
        n_items=int(item.size),
        n_clusters=int(np.unique(units_of(context, item)).size),
    )


def _estimate(context: Context, item: Numbers, hits: Floats, why: str) -> Estimate:
    """The weighted mean over items, with the errors of clusters where these repeat."""
    weight, units = context.design.weights[item], units_of(context, item)
    found = share(hits * weight, weight, units, level=context.options.level, why=why)
    if found.value is None or context.design.exchangeable:
        return replace(found, design_effect=None if found.value is None else 1.0)
    if not isinstance(found.spread, NormalSpread):
        return found
    plain = jackknifed(lambda t: divide(t[..., 0], t[..., 1]), np.column_stack([hits, np.ones(item.size)]), item)
    return replace(found, design_effect=(found.spread.se / plain.se) ** 2 if plain.se > 1e-9 else None)
