"""One made-up study with a good judge, put before the gate as an audit would put it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace

import numpy as np

from judgeaudit.audit.setting.pair_statistics import PairStatistic, statistics_for
from judgeaudit.audit.setting.scheme import Scheme
from judgeaudit.domain.policy import Policy
from judgeaudit.domain.question import Question
from judgeaudit.domain.ratings import Floats
from judgeaudit.domain.results.audit import AuditResult, Confusion, Contrast, Finding
from judgeaudit.domain.results.estimates import BinomialSpread, NamedSpread, NormalSpread, TableSpread
from judgeaudit.domain.results.questions import Counts, QuestionRecord, StratumRecord
from judgeaudit.gate.requirements.bounds import Evidence
from judgeaudit.gate.requirements.check import Case
from judgeaudit.gate.requirements.strata import hold_stratum

#: fewer than an audit draws; each made-up study draws its own, so that the errors average out
_DRAWS = 1000
_JUDGE = "judge"
_PAIR = ("pair=a", "pair=b")


@dataclass(frozen=True, slots=True, kw_only=True)
class World:
    """What a simulated study looks like: label shares, the judge's chances of each verdict by label, what is asked."""

    scheme: Scheme
    shares: Floats
    verdicts: Floats
    policy: Policy
    stratum: str
    names: frozenset[str]


def label_shares(scheme: Scheme, prevalence: float | None) -> Floats:
    """(K,) how frequent each label is; those of one side share it evenly."""
    if prevalence is None or not scheme.has_positive:
        return np.full(scheme.k, 1.0 / scheme.k)
    positive = scheme.positive
    return np.asarray(np.where(positive, prevalence / positive.sum(), (1.0 - prevalence) / (~positive).sum()))


def made_up_tables(world: World, n: int, count: int, rng: np.random.Generator) -> Floats:
    """(count, K, K + 1) tables of reference by verdict, the last column (no answer) empty."""
    k = world.scheme.k
    out = np.zeros((count, k, k + 1))
    rows = rng.multinomial(n, world.shares, size=count)
    for label in range(k):
        out[:, label, :k] = rng.multinomial(rows[:, label], world.verdicts[label])
    return out


def passes(world: World, study: Floats, seed: int) -> bool:
    return hold_stratum(_case(world, study, seed), world.stratum).state == "open"


def _case(world: World, study: Floats, seed: int) -> Case:
    """A judge's case as an audit of these tables (1 or 3, K, V) would make it; the people agree, whatever is asked of them."""
    question = world.scheme.question
    names = (world.stratum, *_PAIR[: len(study) - 1])
    confusions = {(_JUDGE, s): _confusion(question, s, table) for s, table in zip(names, study, strict=True)}
    findings = {
        (f.subject, f.versus, f.stratum, f.statistic): f
        for s, table in zip(names, study, strict=True)
        for f in (*_findings(world, s, table), *_people(question, s))
    }
    strata = {s: StratumRecord(column="pair" if s in _PAIR else "") for s in names}
    return Case(
        result=_result(strata, seed),
        about=QuestionRecord(
            name=question.name,
            scale=question.scale,
            labels=list(question.labels),
            positive=list(question.positive),
            judges=[_JUDGE],
        ),
        judge=_JUDGE,
        policy=replace(world.policy, least_items=0),
        evidence=Evidence(scheme=world.scheme, unanswered="counted", seed=seed, draws=_DRAWS, confusions=confusions),
        findings=findings,
        contrasts={(c.statistic, c.a, c.b): c for c in _differences(world, findings) if len(study) > 1},
        plan=False,
    )


def _findings(world: World, stratum: str, counts: Floats) -> list[Finding]:
    """The findings that requirements are read from, each with how its bounds are to be made."""
    table = np.vstack([counts, np.zeros((1, counts.shape[1]))])
    one_class = np.count_nonzero(counts.sum(1)) == 1
    return [
        _finding(world.scheme, s, stratum, table, one_class=one_class)
        for s in statistics_for(world.scheme, reference=True)
        if s.name in world.names
    ]


def _finding(scheme: Scheme, statistic: PairStatistic, stratum: str, table: Floats, *, one_class: bool) -> Finding:
    value = float(statistic.value(table, scheme))
    n = int(table.sum())
    found = Finding(
        question=scheme.question.name,
        stratum=stratum,
        subject=_JUDGE,
        versus="reference",
        statistic=statistic.name,
        value=None,
        n_items=n,
        n_clusters=n,
        undefined="one_class_human",
    )
    if np.isnan(value) or (one_class and statistic.one_class):
        return found
    if statistic.share is None:
        return replace(found, value=value, undefined=None, spread=TableSpread(scale=1.0))
    k, of = (float(x) for x in statistic.share(table, scheme))
    return replace(found, value=value, undefined=None, k=k, n=of, spread=BinomialSpread(k=k, n=of))


def _people(question: Question, stratum: str) -> list[Finding]:
    sure = NormalSpread(center=1.0, se=0.0, df=None, link="identity")
    return [
        Finding(
            question=question.name,
            stratum=stratum,
            subject="humans",
            versus="humans",
            statistic=name,
            value=1.0,
            spread=sure,
        )
        for name in ("krippendorff_alpha", "percent_agreement")
    ]


def _differences(world: World, findings: Mapping[tuple[str, str, str, str], Finding]) -> list[Contrast]:
    """The differences of the made-up pair."""
    a, b = _PAIR
    out = []
    for name in sorted(world.names):
        one, two = (findings.get((_JUDGE, "reference", s, name)) for s in _PAIR)
        if one is None or two is None:
            continue
        value = None if one.value is None or two.value is None else one.value - two.value
        out.append(
            Contrast(
                question=world.scheme.question.name,
                kind="strata",
                a=a,
                b=b,
                stratum="all",
                statistic=name,
                value=value,
                subject=_JUDGE,
                undefined="one_class_human" if value is None else None,
                spread=NamedSpread(kind="tables"),
            )
        )
    return out


def _confusion(question: Question, stratum: str, counts: Floats) -> Confusion:
    return Confusion(
        question=question.name,
        stratum=stratum,
        judge=_JUDGE,
        labels=list(question.labels),
        counts=counts.tolist(),
        n_items=int(counts.sum()),
        exchangeable=True,
    )


def _result(strata: dict[str, StratumRecord], seed: int) -> AuditResult:
    return AuditResult(
        judgeaudit="",
        created_at="",
        command="",
        seed=seed,
        level=0.95,
        inputs={},
        counts=Counts(judges=1),
        label_source="simulation",
        findings=[],
        contrasts=[],
        curves=[],
        decisions=[],
        questions=[],
        strata=strata,
    )
