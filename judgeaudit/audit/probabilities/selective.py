"""From which probability of its own verdict on a judge errs at most so often: the record that `judgeaudit filter` applies."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from judgeaudit.audit.probabilities.scored import Scored, scored
from judgeaudit.audit.setting.context import Context
from judgeaudit.audit.setting.design import generator
from judgeaudit.domain.ratings import Floats, Mask
from judgeaudit.domain.results.judges import Selective, SelectiveStratum
from judgeaudit.stats.intervals.limits import clopper_pearson_upper
from judgeaudit.stats.probabilities.ranking import guaranteed_threshold, least_items


def selective_use(one: Scored) -> Selective:
    """The record of one judge's probabilities of all items: `threshold` with its guarantee, or null and why in `undefined`.

    A verdict's confidence is the probability of the side that it takes. Binomial bounds need independent items: where items
    share a cluster one of each is drawn with the audit's seed, and the guarantee is for a verdict on a random cluster.
    """
    context = one.context
    one = one.where(one.verdict >= 0)
    used = _one_of_each(one) if context.design.clustered else one
    risk, level = context.options.max_risk, context.options.level
    record = Selective(
        question=context.question,
        judge=one.judge,
        risk=risk,
        level=level,
        n=used.n,
        sampled="one item of each cluster" if context.design.clustered else "all items",
        undefined=_why_not(used, risk=risk, level=level),
    )
    if record.undefined is not None:
        return record
    found = guaranteed_threshold(_confidence(used), _wrong(used), risk=risk, level=level)
    if found is None:
        return replace(record, undefined="no_threshold")
    return replace(
        record,
        threshold=found.threshold,
        answered=found.answered,
        errors=found.errors,
        coverage=found.answered / used.n,
        upper=found.upper,
        strata=_in_strata(context, one.judge, found.threshold),
    )


def _confidence(one: Scored) -> Floats:
    return np.where(one.verdict == 1, one.score, 1 - one.score)


def _wrong(one: Scored) -> Mask:
    return np.asarray((one.verdict == 1) != one.positive)


def _why_not(one: Scored, *, risk: float, level: float) -> str | None:
    if not np.all(one.context.design.weights == one.context.design.weights.flat[0]):
        return "weighted"
    return "too_few_items" if one.n < least_items(risk, confidence=level) else None


def _one_of_each(one: Scored) -> Scored:
    """An item of each cluster, drawn at random: of the declared ones, since units of a large audit are groups of them."""
    rng = generator(one.context.options.seed, one.context.question, one.judge, "one of each cluster")
    order = rng.permutation(one.n)
    _, first = np.unique(one.context.design.clusters[one.item][order], return_index=True)
    keep = np.zeros(one.n, bool)
    keep[order[first]] = True
    return one.where(keep)


def _in_strata(context: Context, judge: str, threshold: float) -> list[SelectiveStratum]:
    """What the threshold does in each stratum: for the eye, since the guarantee speaks of all items together."""
    rows = []
    for stratum in context.ratings.strata:
        if stratum == "all":
            continue
        here = scored(context, judge, context.ratings.probability[judge], stratum)
        here = here.where(here.verdict >= 0)
        kept = _confidence(here) >= threshold
        answered, errors = int(kept.sum()), int(_wrong(here)[kept].sum())
        upper = clopper_pearson_upper(errors, answered, confidence=context.options.level) if answered else None
        rows.append(SelectiveStratum(stratum=stratum, n=here.n, answered=answered, errors=errors, upper=upper))
    return rows
