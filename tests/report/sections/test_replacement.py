"""What the page says of replacing people and of other references: only what the audit holds, and warnings where they belong."""

from __future__ import annotations

import json
from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

import judgeaudit as ja
from judgeaudit.domain.results.audit import AuditResult
from judgeaudit.storage.files.records import record_from
from judgeaudit.workflows.auditing.audit_object import Audit

SECTION = "## Could it replace a person?"
OTHERWISE = "## If the reference were made otherwise"


@pytest.fixture(scope="module")
def audit() -> Audit:
    """Three people at 15% positives; a good judge, and one that always says no."""
    rng = np.random.default_rng(1)
    n = 300
    truth = (rng.random(n) < 0.15).astype(int)
    columns: dict[str, list[str]] = {"item_id": [f"i{i}" for i in range(n)]}
    for name, wrong in {"ana": 0.06, "ben": 0.08, "cleo": 0.2, "good": 0.05}.items():
        columns[name] = np.where(rng.random(n) < wrong, 1 - truth, truth).astype(str).tolist()
    columns["never"] = ["0"] * n
    columns["side"] = rng.choice(["left", "right"], n).tolist()
    return ja.audit_table(
        pd.DataFrame(columns),
        human=["ana", "ben", "cleo"],
        judges=["good", "never"],
        labels=["0", "1"],
        positive="1",
        by=["side"],
        replicates=300,
    )


def section(page: str, title: str) -> str:
    return page.split(title, 1)[1].split("\n## ", 1)[0]


def test_every_person_and_label_of_the_test_is_shown(audit: Audit) -> None:
    """The records of all items are rows; strata are folded; the numbers are those of the audit."""
    told = section(audit.to_markdown(), SECTION)
    record = next(
        r for r in audit.result.as_dict().get("replacement", []) if r["judge"] == "good" and r["stratum"] == "all"
    )
    for person in record["people"]:
        assert f"| good | {person['rater']} | {'won' if person['won'] else 'not shown'} |" in told
    assert "ε = 0.2" in told and "side=left" in told
    assert "Labels as shares" in told


def test_a_judge_that_wins_by_the_frequent_label_is_warned_of(audit: Audit) -> None:
    """Only where it wins, and only the one whose advantage fails at a label."""
    told = section(audit.to_markdown(), SECTION)
    assert "never wins because most items are easy" in told
    assert "good wins because" not in told
    lost = [replace(f, value=0.0) if f.statistic == "alt_test_winning_rate" else f for f in audit.result.findings]
    page = Audit(replace(audit.result, findings=lost)).to_markdown()
    assert "never wins because" not in page


def test_each_rule_has_its_column(audit: Audit) -> None:
    """The used rule is marked; whether a decision turns is said in a sentence from the records."""
    told = section(audit.to_markdown(), OTHERWISE)
    assert "used here" in told and "Dawid–Skene" in told and "each label by itself" in told
    records = [replace(r, decision="certified", scope=["all"]) for r in audit.result.reference_rules]
    same = section(Audit(replace(audit.result, reference_rules=records)).to_markdown(), OTHERWISE)
    assert "No decision depends on the rule" in same
    records[0] = replace(records[0], decision="rejected", scope=[])
    other = section(Audit(replace(audit.result, reference_rules=records)).to_markdown(), OTHERWISE)
    assert f"The decision about {records[0].judge} depends on the rule" in other


def test_records_come_back_from_audit_json(audit: Audit) -> None:
    """Written and read they make the same page; an audit without them has no such keys and no such sections."""
    plain = json.loads(audit.to_json())
    assert Audit(record_from(AuditResult, plain)).to_markdown() == audit.to_markdown()
    bare = replace(audit.result, replacement=[], reference_rules=[], findings=[])
    assert not {"replacement", "reference_rules"} & set(bare.as_dict())
    page = Audit(bare).to_markdown()
    assert SECTION not in page and OTHERWISE not in page


def test_a_policy_may_ask_for_the_winning_rate(audit: Audit) -> None:
    """The tests are what it is sure of, so the value itself is held; people's statistics are found without naming them."""
    from judgeaudit.domain.policy import Policy, Require

    asked = (
        Require(statistic="alt_test_winning_rate", at_least=0.5),
        Require(statistic="alt_test_advantage", at_least=0.99),
    )
    [good, _] = ja.decide(audit, Policy(require=asked))
    held = {r.statistic: r for r in good.requirements if r.stratum == "all"}
    assert held["alt_test_winning_rate"].met is True and held["alt_test_winning_rate"].bound == 1.0
    assert held["alt_test_advantage"].met is not True and held["alt_test_advantage"].bound is not None
