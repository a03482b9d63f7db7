"""What a policy passes over is said: people who do not agree, and strata that are too small."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

import judgeaudit as ja
from judgeaudit.domain.results.audit import Decision, StratumDecision
from judgeaudit.gate.words.decision_lines import small_strata_sentence

OWN = ja.Policy(require=(ja.Require(statistic="sensitivity", at_least=0.8),))
WITH_PEOPLE = ja.Policy(
    require=(*(OWN.require or ()), ja.Require(statistic="krippendorff_alpha", subject="humans", at_least=0.5))
)
SAID = "a judge cannot be shown reliable against people who do not agree"
TOML = '[[require]]\nstatistic = "sensitivity"\nat_least = 0.8\n'


def labelled(noise: float, *, n: int = 200) -> pd.DataFrame:
    """Three people who answer at random on a share of the items, and a judge who follows the first of them."""
    rng = np.random.default_rng(1)
    truth = rng.integers(0, 2, n)
    people = np.where(rng.random((3, n)) < noise, rng.integers(0, 2, (3, n)), truth)
    frame = {f"h{k + 1}": people[k].astype(str) for k in range(3)}
    side = np.where(np.arange(n) < 12, "few", "many")
    return pd.DataFrame({"item_id": [str(i) for i in range(n)], **frame, "j": people[0].astype(str), "s": side})


@pytest.mark.parametrize(
    ("noise", "policy", "warned"),
    [(0.9, OWN, True), (0.4, OWN, True), (0.0, OWN, False), (0.9, WITH_PEOPLE, False), (0.9, ja.Policy(), False)],
)
def test_a_policy_that_asks_nothing_of_people_who_disagree_is_warned_of(
    noise: float, policy: ja.Policy, warned: bool, audit: Any
) -> None:
    """The warning names the people's alpha and what to ask; not where people agree, or are asked something."""
    decisions = ja.decide(audit(labelled(noise)), policy)
    assert [SAID in one and "Krippendorff's alpha is" in one for one in decisions.warnings] == [True] * warned
    assert ("warning:" in repr(decisions)) is warned


@pytest.mark.slow
def test_the_warning_is_in_audit_report_and_gate(audit: Any, call_command: Callable[..., Any], tmp_path: Path) -> None:
    """Whoever reads any of them reads it: audit.json, both pages, the terminal, the gate; `gate --json` keeps stdout clean."""
    made = audit(labelled(0.9), policy=OWN)
    made.to_json(tmp_path / "audit.json")
    for text in (made.to_html(), made.to_markdown(), " ".join(made.to_text().split())):
        assert text.count(SAID) == 1
    assert SAID in json.loads((tmp_path / "audit.json").read_text(encoding="utf-8"))["policy"]["warnings"][0]
    (tmp_path / "p.toml").write_text(TOML, encoding="utf-8")
    for policy in ([], ["--policy", "p.toml"]):
        assert SAID in call_command(["gate", "audit.json", *policy], cwd=tmp_path).out
    alone = call_command(["gate", "audit.json", "--json"], cwd=tmp_path)
    assert json.loads(alone.out) and SAID in alone.err


def test_strata_that_were_too_small_are_named_by_the_gate(
    audit: Any, call_command: Callable[..., Any], tmp_path: Path
) -> None:
    """A stratum that was skipped is no stratum that passed: the gate says its name and its size."""
    made = audit(labelled(0.0), by="s")
    made.to_json(tmp_path / "audit.json")
    said = "Not judged, because too small: s=few (12 labelled items)."
    assert said in call_command(["gate", "audit.json"], cwd=tmp_path).out
    assert said in repr(ja.decide(made))
    assert "Not judged" not in repr(ja.decide(audit(labelled(0.0))))


def test_many_small_strata_are_counted_and_three_are_named() -> None:
    """A list of a dozen names says less than their number."""
    strata = [
        StratumDecision(
            stratum=f"s={n}", state="undetermined", code="too_few_items", reason=f"{n} labelled items, fewer"
        )
        for n in range(2, 14)
    ]
    decision = Decision(
        question="q", judge="j", decision="undetermined", scope=[], excluded=[], requirements=[], strata=strata, code="", reason=""
    )  # fmt: skip
    assert small_strata_sentence(decision) == (
        "Not judged, because too small: 12 strata, such as "
        "s=2 (2 labelled items), s=3 (3 labelled items), s=4 (4 labelled items)."
    )
