"""How sure a judge without probabilities is, told by its runs: the share of them that vote for the positive side."""

from __future__ import annotations

import numpy as np

from judgeaudit.audit.probabilities.ranking import ranked
from judgeaudit.audit.probabilities.scored import scored
from judgeaudit.audit.setting.context import Context
from judgeaudit.domain.ratings import Floats
from judgeaudit.domain.results.audit import Curve, Finding
from judgeaudit.domain.verdict_log import VerdictLog
from judgeaudit.stats.agreement.two_raters import divide


def vote_shares(context: Context, log: VerdictLog) -> tuple[list[Finding], list[Curve], dict[str, str]]:
    """Rank statistics of vote shares, in all strata, and what each such judge is sure by.

    Of judges with two answered runs on some item and no probabilities. A share of votes is a score, not a probability, so its
    calibration is not told.
    """
    findings: list[Finding] = []
    curves: list[Curve] = []
    names: dict[str, str] = {}
    if not context.scheme.has_positive:
        return findings, curves, names
    for number, judge in enumerate(log.judges):
        if judge in context.ratings.probability or judge in context.ratings.scores:
            continue
        votes, positive = _votes(context, log, number)
        if votes.max(initial=0.0) < 2:
            continue
        most = int(votes.max())
        names[judge] = f"vote share of {most} runs"
        share = np.where(votes >= 2, divide(positive, votes), np.nan)
        for stratum in context.ratings.strata:
            one = scored(context, judge, share, stratum, words=names[judge])
            found, drawn = ranked(one, np.where(one.verdict == 0, 1 - one.score, one.score))
            findings += found
            curves += drawn
    return findings, curves, names


def _votes(context: Context, log: VerdictLog, judge: int) -> tuple[Floats, Floats]:
    """(N,) answered runs of each item, in order ab, and those of them that are positive."""
    rows = log.of(judge, turned=False)
    rows = rows[(log.label[rows] >= 0) & (log.label[rows] < log.no_answer)]
    wanted = np.array([label in context.ratings.question.positive for label in log.question.labels], float)
    n = context.ratings.n_items
    votes = np.bincount(log.item[rows], minlength=n).astype(float)
    return votes, np.bincount(log.item[rows], wanted[log.label[rows]], minlength=n).astype(float)
