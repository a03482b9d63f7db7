"""How sure a finding is at any level: one-sided bounds and p-values from counts, posterior or standard error."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from judgeaudit.audit.estimates.table_estimates import posterior_tables
from judgeaudit.audit.rates.estimates import drawn, limit, p_not_above
from judgeaudit.audit.setting.pair_statistics import PairStatistic, statistics_for
from judgeaudit.audit.setting.scheme import Scheme
from judgeaudit.domain.question import Question, canonical, number_of
from judgeaudit.domain.ratings import Floats
from judgeaudit.domain.results.audit import AuditResult, Confusion, Contrast, Finding
from judgeaudit.domain.results.estimates import (
    BinomialSpread,
    CalibrationSpread,
    NamedSpread,
    NormalSpread,
    PValueSpread,
    SideRecord,
    TableSpread,
    VerifiedSpread,
)
from judgeaudit.domain.results.questions import QuestionRecord
from judgeaudit.stats.intervals.limits import (
    binomial_p_at_least,
    binomial_p_at_most,
    bound,
    clopper_pearson_lower,
    clopper_pearson_upper,
    tail,
)
from judgeaudit.stats.rates import confusion as rates
from judgeaudit.stats.rates.differences import Side, Sides, combined_limit, not_above


@dataclass(frozen=True, kw_only=True)
class Sureness:
    """Bounds of one estimate: `lower(c)` holds with confidence c, `p_above(t)` is the p-value of "not above t"."""

    lower: Callable[[float], float]
    upper: Callable[[float], float]
    p_above: Callable[[float], float]
    p_below: Callable[[float], float]
    method: str


@dataclass(frozen=True, kw_only=True)
class Evidence:
    """Everything about one question in an audit that bounds are made from."""

    scheme: Scheme
    unanswered: str
    seed: int
    draws: int
    confusions: dict[tuple[str, str], Confusion]
    cache: dict[tuple[str, str], Floats] = field(default_factory=dict)

    def table(self, judge: str, stratum: str) -> Floats | None:
        """The judge's table (V, V) under the audit's treatment of no answer."""
        known = self.confusions.get((judge, stratum))
        if known is None or not known.counts:
            return None
        v = self.scheme.k + 1
        t = np.zeros((v, v))
        t[:-1] = known.counts
        return treat(t, self.unanswered, self.scheme)

    def posterior(self, judge: str, stratum: str, *, scale: float = 1.0) -> Floats | None:
        """The same draws that the audit's interval came from."""
        table = self.table(judge, stratum)
        if table is None:
            return None
        if (judge, stratum) not in self.cache:
            names = (self.scheme.question.name, judge, "reference", stratum)
            self.cache[judge, stratum] = posterior_tables(table * scale, draws=self.draws, seed=self.seed, names=names)
        return self.cache[judge, stratum]


def treat(t: Floats, unanswered: str, scheme: Scheme) -> Floats:
    """A counted table with its no-answer column dropped, or added to a label's, as the option says."""
    if unanswered == "counted":
        return t
    out = t.copy()
    if unanswered.startswith("as:"):
        keys = [canonical(label) for label in scheme.question.labels]
        out[:, keys.index(canonical(unanswered.removeprefix("as:")))] += out[:, -1]
    out[:, -1] = 0
    return out


def evidence_of(result: AuditResult, about: QuestionRecord) -> Evidence:
    """The evidence on one question of an audit, from the audit alone."""
    return Evidence(
        scheme=Scheme(question=_question(about)),
        unanswered=str(result.options.get("unanswered", "counted")),
        seed=result.seed,
        draws=int(result.options.get("draws", 4000)),
        confusions={(c.judge, c.stratum): c for c in result.confusions if c.question == about.name},
    )


def _question(about: QuestionRecord) -> Question:
    labels = tuple(about.labels)
    values = tuple(number_of(label) or 0.0 for label in labels) if about.scale == "interval" else ()
    return Question(
        name=about.name,
        scale=about.scale,
        labels=labels,
        positive=tuple(about.positive),
        values=values,
        medians=tuple(about.medians),
    )


def statistic_named(evidence: Evidence, name: str) -> PairStatistic | None:
    """The shelf's entry of that name on this scale, if there is one."""
    return next((s for s in statistics_for(evidence.scheme, reference=True) if s.name == name), None)


def sureness_of(finding: Finding, evidence: Evidence) -> Sureness | None:
    """The bounds of a finding; None where it has no value or its interval cannot be made again."""
    if finding.value is None:
        return None
    match finding.spread:
        case BinomialSpread(k=k, n=n):
            return binomial(k, n)
        case NormalSpread() as spread:
            return _of_error(spread, evidence)
        case VerifiedSpread() as spread:
            return sampled(drawn(spread, draws=evidence.draws, seed=evidence.seed))
        case CalibrationSpread() as spread:
            return lang_reiczigel(spread)
        case TableSpread() as spread:
            return _of_table(finding, spread, evidence)
        case NamedSpread(kind="tested"):
            return tested(finding.value)
        case PValueSpread() | NamedSpread():
            return _of_table(finding, TableSpread(scale=1.0), evidence)
        case None:
            return None


def _of_error(spread: NormalSpread, evidence: Evidence) -> Sureness | None:
    """Bounds from a standard error, no narrower than those of the counts beside it."""
    sure = normal(spread.center, spread.se, spread.df, spread.link)
    if spread.counts is not None and spread.names is not None and spread.of is not None:
        counts = VerifiedSpread(counts=spread.counts, names=spread.names, of=spread.of)
        cells = sampled(drawn(counts, draws=evidence.draws, seed=evidence.seed))
        return None if cells is None else wider(sure, cells)
    return sure if spread.n is None or spread.k is None else wider(sure, binomial(spread.k, spread.n))


def _of_table(finding: Finding, spread: TableSpread, evidence: Evidence) -> Sureness | None:
    """Bounds from the posterior of the spread's own table, or of the judge's in the stratum."""
    name = finding.statistic
    if spread.table is not None:
        name = "scott_pi" if name == "fleiss_kappa" else name
        table, names = np.asarray(spread.table), tuple(spread.names or ())
        draws: Floats | None = posterior_tables(table, draws=evidence.draws, seed=evidence.seed, names=names)
    else:
        draws = evidence.posterior(finding.subject, finding.stratum, scale=spread.scale)
    statistic = statistic_named(evidence, name)
    if statistic is None or draws is None:
        return None
    return sampled(statistic.value(draws, evidence.scheme))


def tested(value: float) -> Sureness:
    """A count of tests that were passed, each at its own level: it is held as it is."""
    return Sureness(
        lower=lambda c: value,
        upper=lambda c: value,
        p_above=lambda t: 0.0 if value >= t else 1.0,
        p_below=lambda t: 0.0 if value <= t else 1.0,
        method="tests",
    )


def binomial(k: float, n: float) -> Sureness:
    """Clopper and Pearson's exact bounds."""
    return Sureness(
        lower=lambda c: clopper_pearson_lower(k, n, confidence=c),
        upper=lambda c: clopper_pearson_upper(k, n, confidence=c),
        p_above=lambda t: binomial_p_at_least(k, n, floor=t),
        p_below=lambda t: binomial_p_at_most(k, n, ceiling=t),
        method="Clopper-Pearson",
    )


def normal(center: float, se: float, df: float | None, link: Any) -> Sureness:
    """Bounds of a jackknife or delta estimate on its scale; `df` None stands for the normal distribution."""
    df = np.inf if df is None else df
    return Sureness(
        lower=lambda c: bound(center=center, se=se, df=df, link=link, confidence=1.0 - c),
        upper=lambda c: bound(center=center, se=se, df=df, link=link, confidence=c),
        p_above=lambda t: tail(center=center, se=se, df=df, link=link, threshold=t),
        p_below=lambda t: 1.0 - tail(center=center, se=se, df=df, link=link, threshold=t),
        method="jackknife",
    )


def put_together(sides: Sides) -> Sureness:
    """Bounds of a difference of shares from those of its sides."""
    return Sureness(
        lower=lambda c: combined_limit(sides, confidence=1.0 - c),
        upper=lambda c: combined_limit(sides, confidence=c),
        p_above=lambda t: not_above(sides, t),
        p_below=lambda t: 1.0 - not_above(sides, t),
        method="MOVER",
    )


def lang_reiczigel(record: CalibrationSpread) -> Sureness:
    """Lang and Reiczigel's bounds of a Rogan-Gladen rate, or of the judge's bias against it."""
    return Sureness(
        lower=lambda c: limit(record, confidence=1.0 - c),
        upper=lambda c: limit(record, confidence=c),
        p_above=lambda t: p_not_above(record, t),
        p_below=lambda t: 1.0 - p_not_above(record, t),
        method="Lang-Reiczigel",
    )


def wider(one: Sureness, other: Sureness) -> Sureness:
    """At every level the bound of the two that says less."""
    return Sureness(
        lower=lambda c: min(one.lower(c), other.lower(c)),
        upper=lambda c: max(one.upper(c), other.upper(c)),
        p_above=lambda t: max(one.p_above(t), other.p_above(t)),
        p_below=lambda t: max(one.p_below(t), other.p_below(t)),
        method=f"{one.method}, no narrower than {other.method}",
    )


def sampled(draws: Floats) -> Sureness | None:
    """Bounds of a posterior; None where more than one draw in a hundred is undefined."""
    good = draws[np.isfinite(draws)]
    if good.size < 0.99 * draws.size:
        return None
    return Sureness(
        lower=lambda c: float(np.quantile(good, 1.0 - c)),
        upper=lambda c: float(np.quantile(good, c)),
        p_above=lambda t: float((1 + (good <= t).sum()) / (1 + good.size)),
        p_below=lambda t: float((1 + (good >= t).sum()) / (1 + good.size)),
        method="posterior",
    )


def bias_of(
    evidence: Evidence, finding: Finding, rates_: list[Finding | None], *, prevalence: float
) -> tuple[float | None, Sureness | None]:
    """The bias that the judge's rate has where a share `prevalence` of items is positive, and its bounds.

    With clusters the two error rates' standard errors are added, as if they erred together: never too narrow.
    """
    table = evidence.table(finding.subject, finding.stratum)
    if table is None:
        return finding.value, None

    def bias(t: Floats) -> Floats:
        return rates.prevalence_bias(t, positive=evidence.scheme.positive, prevalence=prevalence)

    value = float(bias(table))
    shown = value if np.isfinite(value) else finding.value
    if isinstance(finding.spread, TableSpread):
        draws = evidence.posterior(finding.subject, finding.stratum, scale=finding.spread.scale)
        return shown, None if draws is None else sampled(bias(draws))
    spreads = [f.spread for f in rates_ if f is not None and isinstance(f.spread, NormalSpread)]
    if len(spreads) < 2 or not np.isfinite(value):
        return shown, None
    se = (1.0 - prevalence) * spreads[0].se + prevalence * spreads[1].se
    return shown, normal(value, se, min(s.df or np.inf for s in spreads), "identity")


def _sides_from(record: SideRecord) -> Sides:
    return Sides(
        shares=tuple(Side(*one) for one in record.shares),
        weights=tuple(record.weights),
        together=tuple(tuple(row) for row in record.together),
    )


def contrast_of(evidence: Evidence, contrast: Contrast) -> tuple[float | None, Sureness | None]:
    """A difference between two strata, and its bounds."""
    spread = contrast.spread
    if contrast.value is None or spread is None:
        return contrast.value, None
    if isinstance(spread, NormalSpread):
        sure = normal(spread.center, spread.se, spread.df, spread.link)
        return contrast.value, sure if spread.sides is None else wider(sure, put_together(_sides_from(spread.sides)))
    statistic = statistic_named(evidence, contrast.statistic)
    a, b = (evidence.posterior(contrast.subject, s) for s in (contrast.a, contrast.b))
    if statistic is None or a is None or b is None:
        return contrast.value, None
    return contrast.value, sampled(statistic.value(a, evidence.scheme) - statistic.value(b, evidence.scheme))
