"""References by other rules: latent labels at their edges, and what would be decided under each rule."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import judgeaudit as ja
from judgeaudit.audit.question import audit_question
from judgeaudit.audit.setting.dawid_skene import cautions, dawid_skene_labels
from judgeaudit.audit.setting.options import AuditOptions
from judgeaudit.domain.errors import InputError
from judgeaudit.domain.policy import Policy
from judgeaudit.domain.question import make_question
from judgeaudit.domain.ratings import Ratings
from judgeaudit.gate.reference_rules import reference_rules
from judgeaudit.workflows.auditing.audit_object import Audit
from tests.fuzzing import examples


def labelled(k: int, n: int, skills: tuple[float, ...], seed: int, holes: float = 0.0) -> tuple[np.ndarray, np.ndarray]:
    """The truth (n,), and what raters of these skills make of it."""
    rng = np.random.default_rng(seed)
    truth = rng.integers(0, k, n)
    wrong = (truth + rng.integers(1, k, (len(skills), n))) % k
    codes = np.where(rng.random((len(skills), n)) < np.array(skills)[:, None], truth, wrong)
    codes[rng.random(codes.shape) < holes] = -1
    return truth, codes.astype(np.int32)


@pytest.mark.parametrize("k", [2, 3])
def test_latent_labels_weigh_raters_by_skill(k: int) -> None:
    """Beside two good raters three poor ones outvote the majority and not the model."""
    truth, people = labelled(k, 2000, (0.95, 0.95, 0.55, 0.55, 0.55), seed=1)
    counts = np.stack([(people == c).sum(0) for c in range(k)])
    latent, _ = dawid_skene_labels(people, n_labels=k)
    assert (latent == truth).mean() > (counts.argmax(0) == truth).mean() + 0.02


@given(seed=st.integers(0, 1000), holes=st.sampled_from([0.0, 0.4]))
@settings(max_examples=examples(8))
def test_latent_labels_are_named_by_people(seed: int, holes: float) -> None:
    """Other numbers for the labels, another order of items or raters: the same items have the same labels."""
    _, people = labelled(3, 80, (0.9, 0.8, 0.7, 0.7), seed, holes)
    rng = np.random.default_rng(seed)
    turn, items, raters = np.array([2, 0, 1, -1]), rng.permutation(80), rng.permutation(4)
    latent, ties = dawid_skene_labels(people, n_labels=3)
    other, other_ties = dawid_skene_labels(turn[people[raters][:, items]].astype(np.int32), n_labels=3)
    same = other == turn[latent][items]
    assert same.mean() > 0.95  # starts differ, so that an item on the edge may fall to the other side
    assert abs(ties - other_ties) <= 4


def test_two_people_identify_nothing() -> None:
    """Where two people differ there is no latent label, as under majority, and the audit says so."""
    people = np.array([[0, 1, 0, 1, -1], [0, 1, 1, -1, -1]], np.int32)
    latent, ties = dawid_skene_labels(people, n_labels=2)
    assert (latent.tolist(), ties) == ([0, 1, -1, 1, -1], 1)
    told = cautions("q", people, rule="dawid-skene", label_source="people")
    assert len(told) == 1 and "needs three people" in told[0]
    assert cautions("q", people, rule="majority", label_source="models") == []


def test_models_of_one_family_are_warned_of() -> None:
    """Models that err together look accurate to a model of independent raters."""
    _, people = labelled(2, 40, (0.9, 0.8, 0.7), seed=2)
    [told] = cautions("q", people, rule="dawid-skene", label_source="models")
    assert "independently" in told


def test_numbers_have_no_latent_labels() -> None:
    """On an interval scale the rule is refused with the way out."""
    with pytest.raises(InputError, match="leave --reference out for the median"):
        ja.audit_table(
            _table(3), human=["p0", "p1", "p2"], judges=["j0"], labels=[], scale="interval", reference="dawid-skene"
        )


@pytest.mark.parametrize("n", [1, 2])
@pytest.mark.parametrize("people", [0, 1, 3])
def test_latent_labels_of_almost_nothing(people: int, n: int) -> None:
    """No item, one item, nobody: labels where there are any and no exception."""
    latent, ties = dawid_skene_labels(np.zeros((people, n), np.int32), n_labels=2)
    assert latent.tolist() == [0 if people else -1] * n and ties == 0


# ------------------------------------------------------------------------------------------- decisions under other rules


def _table(people: int, *, seed: int = 5, n: int = 240) -> pd.DataFrame:
    rng = np.random.default_rng(seed)
    truth = rng.integers(0, 2, n)
    columns = {"item_id": [f"i{i}" for i in range(n)]}
    for name, skill in [*((f"p{r}", 0.85) for r in range(people)), ("j0", 0.93), ("j1", 0.8)]:
        columns[name] = np.where(rng.random(n) < skill, truth, 1 - truth).astype(str).tolist()
    columns["j0"][::40] = [""] * len(columns["j0"][::40])
    columns["side"] = rng.choice(["left", "right"], n).tolist()
    columns["prompt"] = rng.integers(0, 40, n).astype(str).tolist()
    columns["weight"] = rng.choice(["1", "3"], n).tolist()
    columns["gold"] = truth.astype(str).tolist()
    return pd.DataFrame(columns)


def _audit(people: int = 3, **options: object) -> Audit:
    given = {"labels": ["0", "1"], "positive": "1", "scale": "binary", "by": ["side"], "replicates": 500, **options}
    return ja.audit_table(_table(people), human=[f"p{r}" for r in range(people)], judges=["j0", "j1"], **given)  # type: ignore[arg-type]


@pytest.mark.slow
@pytest.mark.parametrize(
    "design", [{}, {"cluster": "prompt"}, {"weight": "weight"}], ids=["items", "clusters", "weights"]
)
@pytest.mark.parametrize("unanswered", ["counted", "left-out"])
def test_what_would_be_decided_is_what_an_audit_by_that_rule_decides(design: dict[str, str], unanswered: str) -> None:
    """Decision, scope, code and head number under every other rule are those of an audit with that rule."""
    records = _audit(unanswered=unanswered, **design).result.as_dict().get("reference_rules", [])
    assert {r["rule"]: r["used"] for r in records} == {"majority": True, "dawid-skene": False, "each": False}
    for rule in ("dawid-skene", "each"):
        real = _audit(unanswered=unanswered, reference=rule, **design).result
        for d in real.decisions:
            [mine] = [r for r in records if (r["rule"], r["judge"]) == (rule, d.judge)]
            assert (mine["decision"], mine["scope"], mine["code"]) == (d.decision, d.scope, d.code)
            head = next(
                f
                for f in real.findings
                if (f.subject, f.versus, f.stratum, f.statistic) == (d.judge, "reference", "all", mine["statistic"])
            )
            assert mine["value"] == pytest.approx(head.value, abs=1e-9)
            assert mine["low"] == pytest.approx(head.low, abs=0.01)


@pytest.mark.slow
def test_a_column_stands_beside_the_rules() -> None:
    """With a reference of its own the people's rules are the others; with two people the model is none."""
    rules = {r["rule"] for r in _audit(reference="gold").result.as_dict().get("reference_rules", [])}
    assert rules == {"gold", "majority", "dawid-skene", "each"}
    assert {r["rule"] for r in _audit(people=2).result.as_dict().get("reference_rules", [])} == {"majority", "each"}
    assert _audit(people=1).result.as_dict().get("reference_rules", []) == []


@pytest.mark.slow
def test_another_policy_knows_nothing_of_other_rules() -> None:
    """Records stand for the policy of the audit, so they go with it."""
    from judgeaudit.workflows.auditing.gate import under_policy

    audit = _audit()
    assert audit.result.as_dict().get("reference_rules", [])
    assert under_policy(audit, Policy(purpose="compare")).result.as_dict().get("reference_rules", []) == []
    assert {r["rule"] for r in _audit(policy=Policy(purpose="compare")).result.as_dict().get("reference_rules", [])} > {
        "each"
    }


def test_an_adjudicated_column_is_one_more_rule() -> None:
    """Labels of a second look are held beside the used reference, and equal ones need no second decision."""
    _, people = labelled(2, 120, (0.9, 0.85, 0.8), seed=7)
    ratings = Ratings(
        question=make_question(name="q", scale="binary", labels=("no", "yes")),
        items=tuple(map(str, range(120))),
        people_names=("a", "b", "c"),
        judge_names=("j",),
        people=people,
        judges=people[:1],
        strata={"all": np.ones(120, bool)},
    )
    base = audit_question(ratings, AuditOptions(replicates=200)).context.reference.codes
    turned = np.where(np.arange(120) < 30, 1 - base, base).astype(np.int32)
    told = {}
    for name, codes in {"same": base, "turned": turned}.items():
        done = audit_question(replace(ratings, adjudicated=codes), AuditOptions(replicates=200))
        audit = _result_of(done)
        told[name] = next(r for r in reference_rules(audit, [done.context], Policy()) if r.rule == "adjudicated")
    assert told["same"].same_labels == 1.0
    assert told["turned"].same_labels == pytest.approx(0.75)
    assert told["turned"].value < told["same"].value


def _result_of(done):  # type: ignore[no-untyped-def]
    from judgeaudit.domain.results.audit import AuditResult
    from judgeaudit.domain.results.questions import StratumRecord
    from judgeaudit.gate.decide import decide

    result = AuditResult(
        judgeaudit="0",
        created_at="",
        command="",
        seed=1,
        level=0.95,
        inputs={},
        counts={"judges": 1},
        label_source="people",
        findings=done.findings,
        contrasts=done.contrasts,
        curves=[],
        decisions=[],
        confusions=done.confusions,
        questions=[done.about],
        strata={"all": StratumRecord(column="", source="", n_items=120)},
        options={"draws": 400, "unanswered": "counted"},
    )
    return replace(result, decisions=decide(result, Policy()))
