"""Whether a judge's rate may be used corrected: the corrected rate exists, and is as sure as the policy lets a rate err."""

from __future__ import annotations

from dataclasses import dataclass, replace

from judgeaudit.domain.catalogue.reasons import says, with_remedy
from judgeaudit.domain.policy import Require
from judgeaudit.domain.results.rate_signs import sign_words
from judgeaudit.domain.results.rates import RateRecord
from judgeaudit.gate.requirements.bounds import sureness_of
from judgeaudit.gate.requirements.check import Case, check
from judgeaudit.gate.requirements.corrected_rate_labels import labels_for_rate, no_labels_words

YOUDEN_NEEDED = 0.10


@dataclass(frozen=True, kw_only=True)
class Correction:
    """Whether corrected rates are fit for use, what is said of them, and how many more labels would make them so."""

    fit: bool
    sentence: str = ""
    labels_missing: int | None = None


def correction_of(case: Case) -> Correction:
    """Of all items. Where some judged rows wait for labels their corrected rate decides: it must not be refused, and its
    one-sided bounds must lie within `max_bias` of it. Where all are labelled nothing is corrected yet, and Youden's J
    decisively above 0.10 says that later rates can be.
    """
    record = case.rate_record("all")
    if record is None or record.refused == "no_unlabelled":
        found = check(case, Require(statistic="youden_j", at_least=YOUDEN_NEEDED), "all")
        return Correction(fit=bool(found[0].met))
    if record.refused or record.flagged:
        return Correction(fit=False, sentence=_why_not(record))
    finding = case.finding(str(case.judge), "all", record.statistic or "")
    sure = None if finding is None else sureness_of(finding, case.evidence)
    level = None if finding is None else case.level_at(finding.n_clusters)
    if finding is None or finding.value is None or sure is None or level is None:
        return Correction(
            fit=False, sentence="Its corrected rate has too few clusters, or nothing that varies, to be sure of."
        )
    low, high, limit = sure.lower(level), sure.upper(level), case.policy.max_bias
    off = max(finding.value - low, high - finding.value)
    told = f"The corrected rate is {finding.value:.3f} ({level:.0%} bounds {low:.3f} and {high:.3f})"
    if off <= limit:
        return Correction(fit=True, sentence=f"{told}.")
    if not case.plan or not finding.n_items:
        return Correction(fit=False, sentence=f"{told}, not sure to {limit:g}.")
    more = labels_for_rate(finding, record, case.evidence, off=off, limit=limit, level=level)
    need = _needed(record, more)
    return Correction(fit=False, sentence=f"{told}, not sure to {limit:g}; {need}.", labels_missing=more)


def _why_not(record: RateRecord) -> str:
    """Why no corrected rate may be used, whatever it is."""
    if record.refused:
        return f"Its rate cannot be corrected: {with_remedy(record.refused)}."
    seen = "; ".join(sign_words(sign) for sign in record.signs)
    return f"Its corrected rate is doubtful, since {says(str(record.flagged))} ({seen})."


def _needed(record: RateRecord, more: int | None) -> str:
    if more is None:
        return no_labels_words(record)
    return f"about {more:,} more labelled {'row' if more == 1 else 'rows'} would make it so"


def against_corrected(case: Case, asked: tuple[Require, ...]) -> tuple[Require, ...]:
    """The default policy's bias where labels come from elsewhere: that of the unlabelled rows, against their corrected rate.

    At a prevalence that the policy states, the bias follows from the error rates and stays as it is.
    """
    if case.policy.require is not None or case.policy.prevalence is not None:
        return asked
    record = case.rate_record("all")
    if record is None or record.design != "elsewhere" or record.refused == "no_unlabelled":
        return asked
    return tuple(
        replace(one, statistic="prevalence_bias_corrected") if one.statistic == "prevalence_bias" else one
        for one in asked
    )
