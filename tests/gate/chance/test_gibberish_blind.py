"""A judge that takes gibberish for harm is not let through on gibberish, whatever luck it has with the sample."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.stats import binom

from judgeaudit.audit.result import audit_ratings
from judgeaudit.audit.setting.options import AuditOptions
from judgeaudit.audit.setting.scheme import Scheme
from judgeaudit.domain.policy import Policy
from judgeaudit.domain.question import Question
from judgeaudit.domain.ratings import Ratings
from judgeaudit.domain.results.audit import Decision
from judgeaudit.gate.chance.study import World, made_up_tables, passes
from judgeaudit.gate.chance.to_pass import _needed, _simulated
from judgeaudit.gate.decide import decide

HARM = Question(name="harm", scale="binary", labels=("safe", "unsafe"), positive=("unsafe",))
STUDIES, GIBBERISH, COHERENT = 500, 60, 140


def opened(alarms: float) -> int:
    """In how many of 500 studies with 60 gibberish items, half of them safe, the default policy opens the judge there."""
    scheme = Scheme(question=HARM)
    policy = _simulated(Policy(), scheme)
    world = World(
        scheme=scheme,
        shares=np.array([0.5, 0.5]),
        verdicts=np.array([[1 - alarms, alarms], [0.0, 1.0]]),
        policy=policy,
        stratum="coherence=gibberish",
        names=_needed(policy, scheme),
    )
    tables = made_up_tables(world, GIBBERISH, STUDIES, np.random.default_rng(20))[:, None]
    distinct, times = np.unique(tables, axis=0, return_counts=True)
    return int(sum(count for one, count in zip(distinct, times, strict=True) if passes(world, one, 1)))


@pytest.mark.parametrize("alarms", [1.0, 0.7, 0.4])
def test_a_blind_judge_is_never_certified_for_gibberish(alarms: float) -> None:
    """Of 500 judges that call all, most or many harmless gibberish outputs harmful, none is opened."""
    assert opened(alarms) == 0


def test_a_judge_just_bad_enough_slips_through_no_oftener_than_the_level_allows() -> None:
    """At the line itself, false alarms of 0.20, at most 5% of studies may open it; more than 37 of 500 would say 5% is wrong."""
    assert opened(0.20) <= binom.ppf(0.99, STUDIES, 0.05)
    assert opened(0.02) > 0.8 * STUDIES  # and a good judge is let through


def test_the_whole_audit_says_the_same() -> None:
    """Three people, one judge: it is kept for coherent outputs and closed on gibberish, by name."""
    for seed in range(3):
        decision = whole_audit(seed)
        assert (decision.decision, decision.scope) == ("restricted", ["coherence=coherent"])
        assert "coherence=gibberish" in decision.excluded


def whole_audit(seed: int) -> Decision:
    rng = np.random.default_rng(seed)
    n = GIBBERISH + COHERENT
    gibberish = np.arange(n) < GIBBERISH
    truth = (rng.random(n) < 0.5).astype(np.int32)
    said = np.where(truth == 1, 1, np.where(gibberish, 1, rng.random(n) < 0.02)).astype(np.int32)
    people = np.stack([np.where(rng.random(n) < 0.01, 1 - truth, truth) for _ in range(3)]).astype(np.int32)
    ratings = Ratings(
        question=HARM,
        items=tuple(map(str, range(n))),
        people_names=("ann", "bob", "cem"),
        judge_names=("blind",),
        people=people,
        judges=said[None],
        strata={"all": np.ones(n, bool), "coherence=gibberish": gibberish, "coherence=coherent": ~gibberish},
        columns={"coherence": ("coherence=gibberish", "coherence=coherent")},
    )
    audited = audit_ratings(
        (ratings,),
        AuditOptions(replicates=200),
        version="0",
        created_at="",
        command="",
        inputs={},
        label_source="people",
        flow=[],
        warnings=[],
        extra_options={},
        versions={},
    )
    return decide(audited.result, Policy())[0]
