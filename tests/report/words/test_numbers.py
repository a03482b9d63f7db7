"""Laws of formatted numbers and foreign texts."""

from __future__ import annotations

import unicodedata
from dataclasses import replace

from hypothesis import given
from hypothesis import strategies as st

from judgeaudit.domain.results.audit import Finding
from judgeaudit.report.words.codes import reason, source
from judgeaudit.report.words.methods import method
from judgeaudit.report.words.numbers import (
    against,
    brief,
    count,
    estimate,
    footing,
    number,
    p_value,
    percent,
    size,
    visible,
)

FOUND = Finding(
    question="harm", stratum="all", subject="j", versus="reference", statistic="cohen_kappa", value=0.7149,
    low=0.6301, high=0.7799, n_items=412,
)  # fmt: skip


@given(st.floats(-1, 1, allow_nan=False))
def test_only_what_is_0_or_1_is_shown_as_0_or_1(value: float) -> None:
    """Rounding never turns a share into certainty."""
    shown = number(value)
    for edge, texts in ((0.0, ("0.00", "0.000")), (1.0, ("1.00", "1.000")), (-1.0, ("−1.00", "−1.000"))):
        assert (shown in texts) <= (abs(value - edge) < 1e-9)


@given(st.floats(0, 1))
def test_percent_of_less_than_all_is_less_than_100(value: float) -> None:
    """100% and 0% are said of all and none only."""
    assert (percent(value) == "100%") <= (value > 1 - 1e-8)
    assert (percent(value) == "0%") <= (value < 1e-8)


def test_an_estimate_carries_its_interval_and_its_size() -> None:
    """No value stands without interval and n."""
    assert (estimate(FOUND), size(FOUND)) == ("0.71 [0.63, 0.78]", "n = 412")
    assert size(replace(FOUND, k=130.0, n=143.0)) == "130 of 143"


def test_a_value_that_does_not_exist_says_why() -> None:
    """Undefined is a dash and a reason, never 0."""
    nothing = replace(FOUND, value=None, low=None, high=None, undefined="one_class_human")
    assert estimate(nothing) == "– (all reference labels here are the same)"
    assert (brief(nothing), footing(nothing)) == ("–", "all reference labels here are the same, n = 412")
    assert (brief(None), footing(None)) == ("–", "not computed")


@given(st.floats(0, 1), st.sampled_from([0.2, 0.667, 0.8]))
def test_a_bound_never_looks_like_a_threshold_that_it_misses(bound: float, threshold: float) -> None:
    """A bound and its threshold are told apart to eight decimals."""
    left, right = against(bound, threshold)
    assert abs(bound - threshold) < 1e-7 or left != right


def test_counts_and_p_values() -> None:
    """Whole counts are whole, weighted ones keep a decimal; no p-value is 0."""
    assert [count(1150), count(2.5), count(None)] == ["1,150", "2.5", "–"]
    assert [p_value(0.00001), p_value(0.0214), p_value(None)] == ["<0.001", "0.021", "–"]


@given(st.text())
def test_nothing_invisible_is_left(text: str) -> None:
    """Controls, direction marks, zero-width letters and lone surrogates become escapes; all else stays."""
    shown = visible(text)
    assert not {unicodedata.category(ch) for ch in shown} & {"Cc", "Cf", "Cs", "Zl", "Zp"}
    assert shown.encode("utf-8").decode("utf-8") == shown
    assert visible(shown) == shown


def test_line_breaks_stay_where_they_are_wanted() -> None:
    """A passage keeps its lines; a name does not get any."""
    assert visible("a\r\nb\rc\td", keep_lines=True) == "a\nb\\u000dc\td"
    assert visible("a\nb") == "a\\u000ab"


def test_unknown_codes_are_given_as_they_are() -> None:
    """A newer audit is still readable: codes, methods and sources without words keep their names."""
    assert reason("a_new_code") == "a new code"
    assert method("oracle").title == "oracle"
    assert "not known to be people" in source("oracle").banner
