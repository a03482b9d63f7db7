"""The default policy names gibberish: what it requires there, how the judge errs both ways, and how far from coherent outputs."""

from __future__ import annotations

from dataclasses import replace
from functools import cache

import pandas as pd
import pytest

import judgeaudit as ja
from judgeaudit.domain.policy import Policy, Require
from judgeaudit.domain.results.audit import Decision
from judgeaudit.domain.results.questions import StratumRecord
from judgeaudit.gate.requirements.gibberish import gibberish_strata
from judgeaudit.workflows.auditing.audit_object import Audit
from judgeaudit.workflows.auditing.gate import under_policy


@cache
def audited(gibberish: int = 60, positives: bool = True, column: str = "coherence") -> Audit:
    """So many gibberish outputs and 120 coherent ones; the judge calls all gibberish unsafe and is right elsewhere."""
    words = ("gibberish", "coherent") if column == "coherence" else ("yes", "no")
    rows = []
    for n in range(gibberish + 120):
        spoilt = n < gibberish
        label = "unsafe" if n % 2 and (positives or not spoilt) else "safe"
        rows.append(
            {column: words[0] if spoilt else words[1], "ann": label, "bob": label, "gpt": "unsafe" if spoilt else label}
        )
    table = pd.DataFrame(rows).assign(item_id=range(len(rows)))
    options = {"labels": ["safe", "unsafe"], "positive": "unsafe", "question": "harm", "replicates": 200, "seed": 1}
    return ja.audit_table(table, human=["ann", "bob"], judges="gpt", by=column, **options)


def test_the_reason_says_how_the_judge_errs_on_gibberish() -> None:
    """Both directions, each with its items and its distance from coherent outputs, and whether what is required holds."""
    (decision,) = audited().decisions
    assert "On gibberish (coherence=gibberish): false alarms 1.00 [0.89, 1.00] (30 of 30), +1.00 [" in decision.reason
    assert "misses 0.00 [0.00, 0.11] (0 of 30), 0.00 [" in decision.reason
    assert decision.reason.endswith("against coherent outputs; what is required there does not hold.")


def test_where_nothing_is_positive_misses_are_not_made_up() -> None:
    """A stratum of one class has false alarms alone, and the sentence says why."""
    (decision,) = audited(positives=False).decisions
    assert "false alarms 1.00" in decision.reason
    assert "no misses can be counted, as no item here is positive by the reference" in decision.reason


def test_a_stratum_that_is_too_small_is_said_to_be() -> None:
    """Rates are told with their few items, and nothing is said to hold or to fail."""
    (decision,) = audited(gibberish=20).decisions
    assert "not judged there: 20 labelled items, fewer than the 30" in decision.reason
    assert "what is required there" not in decision.reason


def test_the_signal_stands_in_where_no_label_says_what_is_gibberish() -> None:
    """A stratum of the signal is told like one of labels, and by its own name."""
    (decision,) = audited(column="looks_like_gibberish").decisions
    assert "On gibberish (looks_like_gibberish=yes): false alarms 1.00" in decision.reason
    assert "against looks_like_gibberish=no" in decision.reason


@pytest.mark.parametrize(
    ("purpose", "told"),
    [
        ("filter", "sensitivity and specificity at least 0.8 where both classes are, else false alarms at most 0.2"),
        ("rate", "its rate off by at most 0.05"),
        ("compare", "error rates at most 0.05 from those on coherent outputs"),
    ],
)
def test_the_default_policy_names_gibberish(purpose: str, told: str) -> None:
    """One rule in words for the stratum, for each purpose."""
    rules = under_policy(audited(), Policy(purpose=purpose)).result.as_dict()["policy"]["sentences"]
    named = [one for one in rules if "on gibberish" in one]
    assert len(named) == 1
    assert told in named[0]


def test_naming_gibberish_asks_nothing_more_of_a_judge() -> None:
    """What is decided, and by which lines, is what it is where the stratum has another name."""
    (named,) = audited().decisions
    other = ja.audit_table(
        pd.DataFrame(_renamed()),
        human=["ann", "bob"], judges="gpt", by="coherence", labels=["safe", "unsafe"], positive="unsafe", question="harm",
        replicates=200, seed=1,
    )  # fmt: skip
    (plainly,) = other.decisions
    assert _bare(named) == _bare(plainly)
    assert "On gibberish" not in plainly.reason


def _renamed() -> list[dict[str, object]]:
    return [
        {
            "item_id": n,
            "coherence": "a" if n < 60 else "coherent",
            "ann": "unsafe" if n % 2 else "safe",
            "bob": "unsafe" if n % 2 else "safe",
            "gpt": "unsafe" if n < 60 or n % 2 else "safe",
        }
        for n in range(180)
    ]


def _bare(decision: Decision) -> tuple[object, ...]:
    """Word, code, and what was asked where, without names of strata."""
    asked = sorted((r.statistic, str(r.at_least), str(r.at_most), str(r.met)) for r in decision.requirements)
    return decision.decision, decision.code, len(decision.scope), asked


def test_a_policy_of_ones_own_has_no_rule_on_gibberish_that_it_does_not_name() -> None:
    """The rates are told all the same, so that nobody misses them."""
    own = Policy(require=(Require(statistic="coverage", at_least=0.5, strata=("all",)),))
    made = under_policy(audited(), own)
    assert not [one for one in made.result.as_dict()["policy"]["sentences"] if "gibberish" in one]
    (decision,) = made.decisions
    assert "On gibberish (coherence=gibberish): false alarms 1.00" in decision.reason


def test_crossed_strata_and_other_columns_are_no_gibberish() -> None:
    """Only a value that says so, of one column."""
    strata = {
        "coherence=gibberish": StratumRecord(column="coherence"),
        "coherence=coherent": StratumRecord(column="coherence"),
        "coherence=gibberish & benchmark=x": StratumRecord(column="coherence&benchmark"),
        "looks_like_gibberish=yes": StratumRecord(column="looks_like_gibberish", source="signal"),
        "flag=yes": StratumRecord(column="flag"),
    }
    assert gibberish_strata(strata, list(strata)) == {
        "coherence=gibberish": "coherence=coherent",
        "looks_like_gibberish=yes": "looks_like_gibberish=no",
    }


@pytest.mark.parametrize(
    ("source", "whose"),
    [("people", "people's"), ("models", "labelling models'"), ("simulation", "simulated people's")],
)
def test_those_who_labelled_are_called_what_they_are(source: str, whose: str) -> None:
    """No rule and no reason speaks of people where none labelled."""
    plain = audited()
    made = under_policy(Audit(replace(plain.result, label_source=source)), Policy())
    assert f"harm: {whose} Krippendorff's alpha at least 0.667" in " ".join(
        made.result.as_dict()["policy"]["sentences"]
    )


def test_a_difference_that_rounds_to_nothing_has_no_sign() -> None:
    """One of 211 against none is 0.00, neither +0.00 nor -0.00."""
    rows = (
        [("gibberish", "safe", "safe")] * 60 + [("coherent", "safe", "safe")] * 210 + [("coherent", "safe", "unsafe")]
    )
    rows += [("coherent", "unsafe", "unsafe")] * 60
    table = pd.DataFrame(rows, columns=["coherence", "ann", "gpt"]).assign(item_id=range(len(rows)))
    options = {"labels": ["safe", "unsafe"], "positive": "unsafe", "replicates": 200, "by": "coherence"}
    (decision,) = ja.audit_table(table, human=["ann"], judges="gpt", **options).decisions
    assert ", 0.00 [-0.0" in decision.reason
    assert "+0.00" not in decision.reason
