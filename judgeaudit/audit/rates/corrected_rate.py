"""What a judge says of all rows, and the rate of positives corrected by the labels, by the stated design of the labels."""

from __future__ import annotations

from dataclasses import dataclass, field, replace

import numpy as np

from judgeaudit.audit.estimates.estimate import Estimate, clean, finding_of
from judgeaudit.audit.rates.cells import Rows, Sample, rows_of, sample_of
from judgeaudit.audit.rates.checks import contradictions, mix_signs, rate_sign, refused, unjudged_signs
from judgeaudit.audit.rates.estimates import (
    judged_estimate,
    limit,
    ppi_estimate,
    rogan_gladen_estimates,
    verified_estimates,
    why_uncorrectable,
)
from judgeaudit.audit.setting.context import Context
from judgeaudit.domain.results.audit import Finding
from judgeaudit.domain.results.estimates import CalibrationSpread
from judgeaudit.domain.results.rate_words import unjudged_warning, warning
from judgeaudit.domain.results.rates import JudgeSign, NoShareSign, RateRecord, RateSign, Sign, UnjudgedSign
from judgeaudit.stats.rates import corrected as rates

#: the rate that stands for the others of its design
PRIMARY = {
    "random": "prevalence_poststratified",
    "weighted": "prevalence_poststratified",
    "elsewhere": "prevalence_rogan_gladen",
}
#: what a sign against the design is called where the rate is given all the same
FLAGS = {"random": "design_doubtful", "weighted": "design_doubtful", "elsewhere": "calibration_differs"}
_CORRECTED = {"elsewhere": ("prevalence_rogan_gladen", "prevalence_bias_corrected")}


@dataclass(kw_only=True)
class RightRate:
    """Findings, and one record for each judge and stratum about the design, what was checked, and why there is no rate."""

    findings: list[Finding] = field(default_factory=list)
    records: list[RateRecord] = field(default_factory=list)
    warnings: list[str] = field(default_factory=list)


def right_rate(context: Context) -> RightRate:
    """Every judge in every stratum; nothing where every judged row is labelled and no design is stated."""
    out = RightRate()
    design = context.ratings.label_design
    if not context.scheme.has_positive or context.scheme.many:
        return out
    rows = {judge: rows_of(context, judge) for judge in context.ratings.judge_names}
    if design is None:
        waiting = [judge for judge, one in rows.items() if (one.asked & ~one.labelled).any()]
        out.records += [
            replace(_about(context, judge, "all", None, rows[judge]), refused="no_design") for judge in waiting
        ]
        return out
    apart = _contradictions(context, rows) if design == "elsewhere" else {}
    for stratum in context.ratings.strata:
        _in_stratum(out, context, stratum, rows, apart)
    doubted = [s for r in out.records if r.stratum == "all" and r.flagged for s in r.signs if _lost(s)]
    if doubted:
        out.warnings.append(unjudged_warning(context.question, doubted[0]))
    return out


def _in_stratum(
    out: RightRate, context: Context, stratum: str, rows: dict[str, Rows], apart: dict[str, list[JudgeSign]]
) -> None:
    """Adds what is known of every judge in one stratum. Whether another mix is labelled is asked of all items alone."""
    design, mask = str(context.ratings.label_design), context.ratings.strata[stratum]
    if context.ratings.stratum_source.get(stratum) == "label":
        for judge, one in rows.items():
            _undefined(out, context, judge, stratum, one, "stratum_by_labels")
        return
    samples = {judge: sample_of(context, one, mask, design=design) for judge, one in rows.items()}
    belied = {judge: rate_sign(sample, design=design) for judge, sample in samples.items()}
    for judge, one in rows.items():
        signs: list[Sign] = [*(belied[judge] or _of_others(belied, design))]
        if stratum == "all":
            signs += [*(mix_signs(context, one) if design != "weighted" else []), *apart.get(judge, [])]
        signs += unjudged_signs(one, mask) if design != "elsewhere" else []
        _one(out, context, judge, stratum, one, samples[judge], signs)


def _lost(sign: Sign) -> bool:
    return isinstance(sign, UnjudgedSign)


def _of_others(belied: dict[str, list[RateSign]], design: str) -> list[RateSign]:
    """Whether labelled rows are a sample of the judged ones is a matter of the rows: what one judge's verdicts belie holds for all.

    Labels from elsewhere may be other rows, so there each judge's verdicts speak of that judge alone.
    """
    who = next((judge for judge, signs in belied.items() if signs), None)
    return [] if who is None or design == "elsewhere" else [replace(belied[who][0], code="rate_of_another", judge=who)]


def _contradictions(context: Context, rows: dict[str, Rows]) -> dict[str, list[JudgeSign]]:
    usable = {}
    for judge, one in rows.items():
        sample = sample_of(context, one, context.ratings.strata["all"], design="elsewhere")
        if judge not in context.ratings.baselines and not why_uncorrectable(sample, context):
            usable[judge] = one
    return contradictions(context, usable)


def _one(
    out: RightRate, context: Context, judge: str, stratum: str, rows: Rows, sample: Sample, signs: list[Sign]
) -> None:
    design = str(context.ratings.label_design)
    names = (context.question, judge, "corrected", stratum)
    found = _estimates(sample, context, design, names)
    if sample.n_unlabelled:
        own = judged_estimate(sample, context, everywhere=design != "elsewhere")
        found = {"prevalence_judge_target": own, **found}
    primary = found[PRIMARY[design]]
    signs = [*signs, *_no_share(primary)]
    why = primary.undefined
    if why is None and design == "elsewhere" and refused(signs):
        why = "calibration_differs"
        found |= {name: Estimate(value=None, undefined=why) for name in _CORRECTED[design]}
    flag = (FLAGS[design] if signs else None) if why is None else None
    elsewhere = design == "elsewhere"
    record = replace(
        _about(context, judge, stratum, design, rows),
        statistic=PRIMARY[design],
        refused=why,
        flagged=flag,
        youden_j=clean(sample.calibration().youden) if elsewhere else None,
        unclipped=clean(float(rates.rogan_gladen(sample.cells))) if elsewhere else None,
        signs=signs,
        assumes="same_errors" if elsewhere else "design_as_stated",
    )
    out.records.append(record)
    sizes = (sample.n_judged if design != "elsewhere" else sample.n_unlabelled, sample.n_labelled)
    for name, e in found.items():
        doubted = flag is not None and e.value is not None and name != "prevalence_judge_target"
        estimate = replace(e, method=f"{e.method}; flagged: {flag}") if doubted else e
        n = sizes[0] if name == "prevalence_judge_target" else sizes[1]
        out.findings.append(_finding(context, judge, stratum, name, estimate, n, sample.labelled_units))
    said = [sign for sign in signs if not _lost(sign)]
    if stratum == "all" and said:
        out.warnings.append(warning(judge, context.question, design, said, refused=why == "calibration_differs"))


def _estimates(sample: Sample, context: Context, design: str, names: tuple[str, ...]) -> dict[str, Estimate]:
    if design == "elsewhere":
        return rogan_gladen_estimates(sample, context)
    if not sample.n_unlabelled:
        return {PRIMARY[design]: Estimate(value=None, undefined="no_unlabelled")}
    everywhere = design == "weighted"
    return {
        **verified_estimates(sample, context, names),
        "prevalence_ppi": ppi_estimate(sample, context, tuned=False, everywhere=everywhere),
        "prevalence_ppi_pp": ppi_estimate(sample, context, tuned=True, everywhere=everywhere),
    }


def _no_share(primary: Estimate) -> list[NoShareSign]:
    """A Rogan-Gladen rate that even its interval leaves below 0 or above 1: the error rates cannot be those of these rows."""
    record = primary.spread
    if not isinstance(record, CalibrationSpread):
        return []
    low, high = (limit(record, confidence=c, clipped=False) for c in (0.0005, 0.9995))
    return [NoShareSign(low=low, high=high)] if low > 1.0 or high < 0.0 else []


def _about(context: Context, judge: str, stratum: str, design: str | None, rows: Rows) -> RateRecord:
    mask = rows.asked & context.ratings.strata[stratum]
    told = ~np.isnan(rows.label)
    return RateRecord(
        question=context.question,
        judge=judge,
        stratum=stratum,
        design=design,
        judged=int(mask.sum()),
        labelled=int((mask & told).sum()),
        unlabelled=int((mask & ~rows.labelled).sum()),
        without_reference=int((mask & rows.labelled & ~told).sum()),
        cannot_judge=int((mask & rows.unjudged).sum()),
    )


def _undefined(out: RightRate, context: Context, judge: str, stratum: str, rows: Rows, why: str) -> None:
    design = str(context.ratings.label_design)
    about = _about(context, judge, stratum, design, rows)
    out.records.append(replace(about, statistic=PRIMARY[design], refused=why))
    estimate = Estimate(value=None, undefined=why)
    out.findings.append(_finding(context, judge, stratum, PRIMARY[design], estimate, 0, 0))


def _finding(context: Context, judge: str, stratum: str, name: str, e: Estimate, n: int, clusters: int) -> Finding:
    return finding_of(
        replace(e, design_effect=None),
        question=context.question,
        stratum=stratum,
        subject=judge,
        versus="reference",
        statistic=name,
        n_items=n,
        n_clusters=clusters,
    )
