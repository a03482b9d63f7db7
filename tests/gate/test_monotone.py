"""A better judge is never decided on worse."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import judgeaudit as ja
from tests.fuzzing import examples

pytestmark = pytest.mark.slow

ORDER = {"rejected": 0, "undetermined": 1, "certified": 2}
RATES = ja.Policy(
    require=(
        ja.Require(statistic="sensitivity", at_least=0.8),
        ja.Require(statistic="false_positive_rate", at_most=0.2),
        ja.Require(statistic="coverage", at_least=0.7),
    )
)
counts = st.integers(0, 60)


def word(audit: Any, found: int, missed: int, silent: int, cleared: int, alarms: int, policy: ja.Policy | None) -> str:
    cells = {
        ("1", "1"): found,
        ("1", "0"): missed,
        ("1", ""): silent,
        ("0", "0"): cleared,
        ("0", "1"): alarms,
    }
    return ja.decide(audit(cells), policy)[0].decision


@settings(max_examples=examples(25))
@given(counts, counts, st.integers(0, 20), counts, counts, st.data())
def test_verdicts_put_right_never_lower_a_decision_by_rates(
    audit: Any, found: int, missed: int, silent: int, cleared: int, alarms: int, data: Any
) -> None:
    """Misses found, silences broken rightly and alarms taken back move a decision up or not at all."""
    found, cleared = found + 1, cleared + 1
    a, b, c = (data.draw(st.integers(0, n)) for n in (missed, silent, alarms))
    before = word(audit, found, missed, silent, cleared, alarms, RATES)
    after = word(audit, found + a + b, missed - a, silent - b, cleared + c, alarms - c, RATES)
    assert ORDER[after] >= ORDER[before]


@settings(max_examples=examples(20))
@given(st.integers(5, 60), st.integers(1, 40), st.integers(5, 60), st.integers(0, 40), st.data())
def test_verdicts_put_right_never_turn_certified_into_rejected(
    audit: Any, found: int, missed: int, cleared: int, alarms: int, data: Any
) -> None:
    """By the default policy, kappa and all, more right verdicts do not shut out a judge that was certified."""
    a = data.draw(st.integers(0, missed))
    b = data.draw(st.integers(0, alarms))
    before = word(audit, found, missed, 0, cleared, alarms, None)
    after = word(audit, found + a, missed - a, 0, cleared + b, alarms - b, None)
    assert ORDER[after] >= ORDER[before]


@settings(max_examples=examples(15))
@given(st.integers(2, 8), st.integers(0, 40), st.integers(0, 40))
def test_more_items_of_the_same_kind_never_undo_a_decision(audit: Any, times: int, missed: int, alarms: int) -> None:
    """Every item seen again and again with the same outcome leaves a certified judge certified and a rejected one rejected."""
    cells = (40, missed, 0, 40, alarms)
    before = word(audit, *cells, RATES)
    after = word(audit, *(times * n for n in cells), RATES)
    assert before == "undetermined" or after == before


@settings(max_examples=examples(15))
@given(st.floats(0.5, 0.99), st.floats(0.5, 0.99), counts, counts)
def test_a_stricter_policy_never_lets_more_through(
    audit: Any, one: float, other: float, missed: int, alarms: int
) -> None:
    """A lower level or a lower floor never turns certified into something less."""
    cells = (60, missed, 0, 60, alarms)
    require = (ja.Require(statistic="accuracy", at_least=0.75),)
    strict, lax = (word(audit, *cells, ja.Policy(level=f(one, other), require=require)) for f in (max, min))
    assert strict != "certified" or lax == "certified"
    floors = (
        word(audit, *cells, ja.Policy(require=(ja.Require(statistic="accuracy", at_least=f(one, other)),)))
        for f in (max, min)
    )
    high, low = floors
    assert ORDER[low] >= ORDER[high]
