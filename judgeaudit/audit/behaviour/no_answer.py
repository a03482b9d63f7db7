"""Why judges gave no label, stratum by stratum: refusing and answering outside the labels are two faults."""

from __future__ import annotations

from dataclasses import replace
from typing import NamedTuple

import numpy as np

from judgeaudit.audit.raters.careless import DECISIVE
from judgeaudit.audit.setting.context import Context
from judgeaudit.domain.rater_work import Numbers
from judgeaudit.domain.ratings import Mask
from judgeaudit.domain.results.judges import Silence, SilenceTest, Silent
from judgeaudit.domain.verdict import REASONS, STATUSES
from judgeaudit.domain.verdict_log import VerdictLog
from judgeaudit.stats.comparisons.exact import fisher_exact
from judgeaudit.stats.intervals.resample import holm

COMPARED: tuple[Silent, ...] = ("refused", *REASONS, "failed")


class _Desk(NamedTuple):
    """One judge's first verdicts (F,): the item of each, and a mask for each kind."""

    context: Context
    judge: str
    item: Numbers
    kinds: dict[str, Mask]


def silence(audits: list[tuple[Context, VerdictLog]]) -> list[Silence]:
    """One record for each question, judge and stratum. The tests of all of them are one family, held to Holm's 1%."""
    found = [(desk, stratum) for one in audits for desk in _desks(*one) for stratum in one[0].ratings.strata]
    tests = [_tests(desk, _here(desk, stratum)) for desk, stratum in found]
    adjusted = iter(holm(np.array([test.p_value for each in tests for test in each])).tolist())
    told = [[_adjusted(test, next(adjusted)) for test in each] for each in tests]
    return [_record(desk, stratum, each) for (desk, stratum), each in zip(found, told, strict=True)]


def _adjusted(test: SilenceTest, p: float) -> SilenceTest:
    more = test.k * test.elsewhere_n > test.elsewhere_k * test.n
    return replace(test, p_adjusted=p, decisive=bool(more and p <= DECISIVE))


def _desks(context: Context, log: VerdictLog) -> list[_Desk]:
    desks = []
    for judge, name in enumerate(log.judges):
        rows = np.flatnonzero((log.judge == judge) & log.first)
        status, reason = log.status[rows], log.reason[rows]
        kinds: dict[str, Mask] = {word: np.asarray(status == word, bool) for word in STATUSES}
        kinds |= {word: kinds["unparsed"] & np.asarray(reason == word, bool) for word in REASONS}
        desks.append(_Desk(context, name, log.item[rows], kinds))
    return desks


def _here(desk: _Desk, stratum: str) -> Mask:
    return np.asarray(desk.context.ratings.strata[stratum][desk.item])


def _record(desk: _Desk, stratum: str, tests: list[SilenceTest]) -> Silence:
    here = _here(desk, stratum)
    return Silence(
        question=desk.context.question,
        judge=desk.judge,
        stratum=stratum,
        asked=int(here.sum()),
        **{kind: int((mask & here).sum()) for kind, mask in desk.kinds.items()},
        against_elsewhere=tests,
    )


def _tests(desk: _Desk, here: Mask) -> list[SilenceTest]:
    """Each kind of silence here against all other items that the judge was asked about, by Fisher's exact test.

    Items of one cluster do not vote twice: the test takes one of them on each side; the counts told are those of all.
    """
    if here.all() or not here.any():
        return []
    once = _once(desk, here)
    out = []
    for kind in COMPARED:
        silent = desk.kinds[kind]
        if silent.any():
            k, n = int((silent & here & once).sum()), int((here & once).sum())
            far_k, far_n = int((silent & ~here & once).sum()), int((~here & once).sum())
            out.append(
                SilenceTest(
                    kind=kind,
                    k=int((silent & here).sum()),
                    n=int(here.sum()),
                    elsewhere_k=int((silent & ~here).sum()),
                    elsewhere_n=int((~here).sum()),
                    test="fisher_exact",
                    p_value=fisher_exact(k, n, far_k, far_n),
                )
            )
    return out


def _once(desk: _Desk, here: Mask) -> Mask:
    """The first item by id of each cluster on either side; every item where there are no clusters."""
    design = desk.context.design
    if not design.clustered:
        return np.ones(here.size, bool)
    once = np.zeros(here.size, bool)
    order = np.argsort(design.rank[desk.item])
    once[order[np.unique((design.clusters[desk.item] * 2 + here)[order], return_index=True)[1]]] = True
    return once
