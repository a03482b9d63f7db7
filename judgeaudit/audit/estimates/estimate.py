"""An estimate, and the finding that it becomes."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from judgeaudit.domain.catalogue.reasons import refuse_unknown
from judgeaudit.domain.catalogue.statistics import entry_of
from judgeaudit.domain.results.audit import Finding
from judgeaudit.domain.results.estimates import Spread


@dataclass(frozen=True, slots=True, kw_only=True)
class Estimate:
    """One number with its interval, or none with a reason code."""

    value: float | None
    low: float | None = None
    high: float | None = None
    method: str = ""
    undefined: str | None = None
    k: float | None = None
    n: float | None = None
    spread: Spread | None = None
    design_effect: float | None = None


def clean(x: float | None) -> float | None:
    """A bound as it may stand in audit.json: a finite number or none."""
    return None if x is None or not np.isfinite(x) else float(x)


def finding_of(
    e: Estimate,
    *,
    question: str,
    stratum: str,
    subject: str,
    versus: str,
    statistic: str,
    n_items: int,
    n_clusters: int,
) -> Finding:
    """What one estimate says, of whom, where and from how much; statistic and reason are catalogued, or a ValueError says so."""
    entry_of(statistic)
    refuse_unknown(e.undefined)
    return Finding(
        question=question,
        stratum=stratum,
        subject=subject,
        versus=versus,
        statistic=statistic,
        value=e.value,
        low=clean(e.low),
        high=clean(e.high),
        n_items=n_items,
        n_clusters=n_clusters,
        design_effect=e.design_effect,
        method=e.method,
        undefined=e.undefined,
        k=e.k,
        n=e.n,
        spread=e.spread,
    )
