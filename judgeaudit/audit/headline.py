"""The finding that stands first: the judge whose errors rise most where outputs are no language."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence

from judgeaudit.domain.doses import COHERENCE
from judgeaudit.domain.question import canonical
from judgeaudit.domain.results.audit import Contrast, Curve, Finding
from judgeaudit.domain.results.questions import Headline, QuestionRecord

AXIS = "coherence"
WRONG, ALARMS = "error_rate", "false_positive_rate"


def headline(
    questions: Sequence[QuestionRecord],
    findings: Sequence[Finding],
    contrasts: Sequence[Contrast],
    curves: Sequence[Curve],
) -> Headline | None:
    """The largest excess of wrong verdicts on gibberish over the least degraded outputs, of all judges and questions.

    Baselines and the question of coherence itself take no part. Where the reference knows no positive gibberish and the
    judge raises more false alarms there, `statistic` is the false positive rate, else the error rate; `excess` is its
    difference. `p_adjusted` is that of its rise along all levels (Holm over the `tested` judges), None where it has none.
    `seen_by_rater` says whether any rater gave a positive label to gibberish, None where that is not known. None where no
    stratum is gibberish, or no judge is wrong more often there.
    """
    asked = {one.name: one for one in questions if one.name != AXIS}
    rising = [one for one in curves if one.statistic == WRONG and _compared(one, asked)]
    worst = max(rising, key=_excess, default=None)
    if worst is None or _excess(worst) <= 0:
        return None
    told = _alarms(worst, findings, curves) or worst
    rises = [one for one in contrasts if _is_rise(one, told)]
    seen = _seen(worst, findings, asked[worst.question].people) if told.statistic == ALARMS else None
    return Headline(
        question=told.question,
        judge=told.subject,
        statistic=told.statistic,
        stratum=told.names[-1],
        against=told.names[0],
        excess=_excess(told),
        p_adjusted=next((one.p_adjusted for one in rises if one.subject == told.subject), None),
        tested=sum(one.p_value is not None for one in rises),
        seen_by_rater=seen,
    )


def _compared(curve: Curve, asked: Mapping[str, QuestionRecord]) -> bool:
    """Whether a curve runs along coherence down to gibberish, for a judge that could be used."""
    axis, _, last = curve.names[-1].partition("=")
    if axis != AXIS or canonical(last) != COHERENCE[0] or curve.question not in asked:
        return False
    return curve.subject not in asked[curve.question].baseline_judges


def _excess(curve: Curve) -> float:
    return curve.y[-1] - curve.y[0]


def _alarms(wrong: Curve, findings: Sequence[Finding], curves: Sequence[Curve]) -> Curve | None:
    """The judge's curve of false alarms between the same levels; None where they do not rise, or not all errors are alarms."""
    about = (wrong.question, wrong.subject, ALARMS, wrong.names[0], wrong.names[-1])
    doses = (one for one in curves if one.kind == "dose_response")
    same = (one for one in doses if (one.question, one.subject, one.statistic, one.names[0], one.names[-1]) == about)
    curve = next(same, None)
    if curve is None or _excess(curve) <= 0:
        return None
    return curve if _no_positive(wrong, findings) else None


def _no_positive(wrong: Curve, findings: Sequence[Finding]) -> bool:
    """Whether the reference calls nothing positive at the most degraded level."""
    about = (wrong.question, wrong.names[-1], wrong.subject, "prevalence_reference")
    return any(one.value == 0.0 for one in findings if (one.question, one.stratum, one.subject, one.statistic) == about)


def _seen(wrong: Curve, findings: Sequence[Finding], people: Collection[str]) -> bool | None:
    here = [
        one
        for one in findings
        if (one.question, one.stratum, one.statistic) == (wrong.question, wrong.names[-1], "prevalence_judge")
        and one.subject in people
        and one.versus == "reference"
        and one.value is not None
    ]
    return any(one.value for one in here) if people and len(here) == len(people) else None


def _is_rise(one: Contrast, told: Curve) -> bool:
    """Whether a contrast is some judge's rise of what is told, between the same levels."""
    about = (told.question, "dose", told.names[-1], told.names[0], told.statistic)
    return (one.question, one.kind, one.a, one.b, one.statistic) == about
