"""What answered for each judge, what it took, and whether it is one and the same: models, calls, tokens, US$, seconds."""

from __future__ import annotations

from dataclasses import dataclass, field, replace

import numpy as np

from judgeaudit.audit.agreement.pairs import against_reference, judge_codes
from judgeaudit.audit.setting.context import Context
from judgeaudit.audit.strata_contrasts.differences import strata_contrasts
from judgeaudit.domain.errors import one_line
from judgeaudit.domain.ratings import Floats, Mask
from judgeaudit.domain.results.audit import Contrast
from judgeaudit.domain.results.judges import ModelAgreement, ModelRecord, Service, Total, Typical
from judgeaudit.domain.timestamps import moment_of
from judgeaudit.domain.verdict_log import Calls, VerdictLog

#: items that a model must have answered for its agreement with people to be told
LEAST = 30


@dataclass(frozen=True, slots=True, kw_only=True)
class Services:
    """One record for each judge of which something is known; contrasts between models that answered for one judge."""

    records: list[Service] = field(default_factory=list)
    contrasts: list[Contrast] = field(default_factory=list)
    warnings: list[str] = field(default_factory=list)


def services(calls: Calls | None, audits: list[tuple[Context, VerdictLog, str]]) -> Services:
    """`audits` holds the context and verdicts of each question, and the statistic that stands for agreement there."""
    out = Services()
    if calls is None:
        return out
    known = [judge for _, log, _ in audits for judge in log.judges]
    for judge in dict.fromkeys([*known, *calls.judge.tolist()]):
        record = _record(calls, judge)
        if record is None:
            continue
        if len(record.models) > 1:
            out.warnings.append(_warning(judge, record.models))
            for context, log, head in audits:
                told, contrasts = _side_by_side(context, log, judge, head)
                record = replace(record, agreement=[*record.agreement, *told])
                out.contrasts.extend(contrasts)
        out.records.append(record)
    return out


def _record(calls: Calls, judge: str) -> Service | None:
    """What is known of a judge's calls; None where nothing is."""
    mine = np.asarray(calls.judge == judge, bool)
    models = _models(calls, mine)
    seconds = calls.seconds[mine & ~np.isnan(calls.seconds)]
    read, written, cost = (_sum(values[mine]) for values in (calls.input_tokens, calls.output_tokens, calls.cost_usd))
    if not models and not seconds.size and all(one.n == 0 for one in (read, written, cost)):
        return None
    typical = Typical(median=float(np.median(seconds)) if seconds.size else None, n=int(seconds.size))
    return Service(
        judge=judge,
        calls=int(mine.sum()),
        models=models,
        input_tokens=read,
        output_tokens=written,
        cost_usd=cost,
        seconds=typical,
    )


def _sum(values: Floats) -> Total:
    """The sum of what is known, and of how many calls it is known."""
    known = values[~np.isnan(values)]
    return Total(sum=float(known.sum()) if known.size else None, n=int(known.size))


def _models(calls: Calls, mine: Mask) -> list[ModelRecord]:
    """The models that answered, with the stamps of their first and last answers; in the order of time."""
    found = []
    for model in dict.fromkeys(one for one in calls.model[mine].tolist() if one):
        stamps = sorted((one for one in calls.moment[mine & (calls.model == model)] if one), key=moment_of)
        first, last = (stamps[0], stamps[-1]) if stamps else (None, None)
        count = int((mine & (calls.model == model)).sum())
        found.append(ModelRecord(model=model, calls=count, first=first, last=last))
    return sorted(found, key=lambda one: moment_of(one.first or ""))


def _warning(judge: str, models: list[ModelRecord]) -> str:
    told = [
        f"{one_line(one.model)} ({one.calls:,} calls{', since ' + one.first if one.first else ''})" for one in models
    ]
    return (
        f"judge '{one_line(judge)}': {len(models)} models answered, {', '.join(told)}; its numbers are of all of them together "
        "and speak of none alone; name one dated version as its model"
    )


def _side_by_side(
    context: Context, log: VerdictLog, judge: str, head: str
) -> tuple[list[ModelAgreement], list[Contrast]]:
    """Agreement with the reference on the items that each model answered, and its differences."""
    if judge not in log.judges:
        return [], []
    first = log.first & (log.judge == log.judges.index(judge))
    labelled = (
        context.reference.codes >= 0 if context.reference.rule != "each" else (context.ratings.people >= 0).any(0)
    )
    masks = {}
    for model in dict.fromkeys(one for one in log.model[first].tolist() if one):
        mask = np.zeros(context.ratings.n_items, bool)
        mask[log.item[first & (log.model == model)]] = True
        if (mask & labelled).sum() >= LEAST:
            masks[model] = mask
    if len(masks) < 2:
        return [], []
    ratings = replace(context.ratings, strata=masks, columns={"model": tuple(masks)})
    apart = replace(context, ratings=ratings)
    told = []
    for model in masks:
        for one in against_reference(apart, judge, judge_codes(apart, judge), model):
            if one.statistic == head:
                told.append(
                    ModelAgreement(
                        question=context.question,
                        model=model,
                        statistic=one.statistic,
                        value=one.value,
                        low=one.low,
                        high=one.high,
                        n_items=one.n_items,
                        undefined=one.undefined,
                    )
                )
    return told, [replace(one, kind="runs") for one in strata_contrasts(apart, judge)]
