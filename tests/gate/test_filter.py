"""Which verdicts a pipeline may use: those that are known to lie where their judge was certified."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pandas as pd
import pytest

import judgeaudit as ja
from judgeaudit.workflows.auditing.gate import sift_rows

GOOD = {("1", "1"): 60, ("0", "0"): 60}
BAD = {("1", "1"): 30, ("1", "0"): 30, ("0", "0"): 30, ("0", "1"): 30}
UNSURE = {("1", "1"): 50, ("1", "0"): 8, ("0", "0"): 50, ("0", "1"): 8}


def kept(decisions: Any, **verdict: Any) -> bool:
    return sift_rows([{"judge": "j", **verdict}], decisions).kept == [True]


def why(decisions: Any, **verdict: Any) -> str:
    (reason,) = sift_rows([{"judge": "j", **verdict}], decisions).reasons
    return reason


def from_source(decisions: ja.Decisions, source: str) -> ja.Decisions:
    """The same decisions, with strata that come from people's labels or from signals."""
    decisions.strata = {name: replace(about, source=source) for name, about in decisions.strata.items()}
    return decisions


def test_a_certified_judges_verdicts_are_kept(audit: Any) -> None:
    """Certified everywhere: kept, whatever columns the verdicts have; another judge's are not."""
    decisions = ja.decide(audit(GOOD))
    assert kept(decisions)
    assert kept(decisions, s="unheard of")
    assert not kept(decisions, judge="k")
    assert "was not audited" in why(decisions, judge="k")


@pytest.mark.parametrize(("cells", "word"), [(BAD, "rejected"), (UNSURE, "undetermined")])
def test_what_is_not_certified_is_dropped(cells: Any, word: str, audit: Any) -> None:
    """Rejected and undetermined judges leave no verdict."""
    assert word in why(ja.decide(audit(cells)))


def test_a_certified_judge_is_not_used_where_too_few_items_were_labelled(audit: Any) -> None:
    """A verdict that is seen to lie in an excluded stratum is dropped."""
    decisions = ja.decide(audit({"a": GOOD, "few": {("1", "1"): 10}}))
    assert [kept(decisions, s=value) for value in ("a", "few", "new")] == [True, False, True]


def test_a_restricted_judge_is_used_only_where_a_verdict_is_known_to_lie_in_its_scope(audit: Any) -> None:
    """In scope: kept. Elsewhere, or with no value to tell by: dropped, with the reason."""
    decisions = ja.decide(audit({"a": GOOD, "b": BAD, "c": UNSURE}))
    assert [kept(decisions, s=value) for value in ("a", "b", "c", "new", "", None)] == [True, *[False] * 5]
    assert "certified only where s=a" in why(decisions, s="b")
    assert "no value for 's'" in why(decisions)


def test_a_verdict_in_scope_must_be_known_to_lie_in_no_closed_stratum(audit: Any, make: Any) -> None:
    """With two columns, lying in an open stratum of one does not help where the other one's is closed or unknown."""
    frame = make({"a": GOOD, "b": BAD})
    frame["t"] = frame["s"].map({"a": "x", "b": "y"})
    decisions = ja.decide(audit(frame, by=["s", "t"]))
    assert decisions[0].scope == ["s=a", "t=x"]
    assert kept(decisions, s="a", t="x")
    assert "closed where t=y" in why(decisions, s="a", t="y")
    assert "no value for 't'" in why(decisions, s="a")


def test_values_that_are_one_number_are_one_stratum(audit: Any, make: Any) -> None:
    """1, 1.0 and '1' name the same stratum, open or closed, alone or crossed."""
    frame = make({"1": GOOD, "2": BAD})
    frame["t"] = "x & y"
    alone, crossed = (ja.decide(audit(frame, by=[by])) for by in ("s", "s&t"))
    for value in ("1", "1.0", 1, 1.0):
        assert kept(alone, s=value)
        assert kept(crossed, s=value, t="x & y")
    for value in ("2", "2.0", 2.0):
        assert not kept(alone, s=value)
        assert not kept(crossed, s=value, t="x & y")
    excluded = ja.decide(audit({"1": GOOD, "2": {("1", "1"): 9}}))
    assert [kept(excluded, s=value) for value in ("2", 2.0, "3")] == [False, False, True]


def test_a_column_whose_name_holds_an_ampersand_is_one_column(audit: Any, make: Any) -> None:
    """Only a crossing is taken apart at &."""
    frame = make({"1": GOOD, "2": BAD}).rename(columns={"s": "R&D"})
    decisions = ja.decide(audit(frame, by=["R&D"]))
    assert decisions[0].scope == ["R&D=1"]
    assert [kept(decisions, **{"R&D": value}) for value in ("1", "2")] == [True, False]


def test_a_scope_on_peoples_labels_opens_nothing_for_new_verdicts(audit: Any) -> None:
    """New verdicts have no labels; the reason says so."""
    decisions = from_source(ja.decide(audit({"a": GOOD, "b": BAD})), "label")
    assert "people's labels" in why(decisions, prompt="hello")


def test_a_signal_stands_for_labels(audit: Any, make: Any) -> None:
    """A verdict in an open signal stratum is kept, though whether it lies in a closed stratum of labels is not known."""
    frame = make({"a": GOOD, "b": BAD})
    frame["t"] = frame["s"].map({"a": "x", "b": "y"})
    decisions = ja.decide(audit(frame, by=["s", "t"]))
    sources = {"s": "label", "t": "signal"}
    decisions.strata = {
        name: replace(about, source=sources.get(about.column, "")) for name, about in decisions.strata.items()
    }
    assert kept(decisions, t="x")
    assert not kept(decisions, t="y")


def test_corrected_rates_are_no_single_verdicts(audit: Any) -> None:
    """A judge for corrected rates leaves no verdict of its own, unless a stratum is open."""
    biased = {("1", "1"): 195, ("1", "0"): 5, ("0", "0"): 115, ("0", "1"): 85}
    even = {("1", "1"): 195, ("1", "0"): 5, ("0", "0"): 195, ("0", "1"): 5}
    rate = ja.Policy(purpose="rate")
    assert "corrected rates only" in why(ja.decide(audit(biased), rate))
    both = ja.decide(audit({"a": even, "b": biased}), rate)
    assert [kept(both, s=value) for value in ("a", "b")] == [True, False]


def test_a_verdict_without_a_question_needs_the_audit_to_have_one(audit: Any) -> None:
    """With several questions a verdict must say which one it answers."""
    frame = pd.concat(
        [pd.DataFrame({"i": range(120), "r": r, "l": ["0", "1"] * 60, "q": q}) for r in "abj" for q in ("one", "two")]
    )
    decisions = ja.decide(audit(frame, long=["i", "r", "l", "q"], judges=["j"], human=()))
    assert kept(decisions, question="one")
    assert "names no question" in why(decisions)
    assert "was not audited" in why(decisions, question="three")


# ------------------------------------------------------------------------------------------------- as a user calls


@pytest.fixture(scope="module")
def restricted(audit: Any) -> ja.Decisions:
    return ja.decide(audit({"a": GOOD, "b": BAD}))


def test_what_comes_in_comes_out_as_it_was(restricted: ja.Decisions) -> None:
    """A DataFrame keeps index, order, columns and types; a list of dicts keeps the very dicts."""
    frame = pd.DataFrame({"judge": "j", "s": ["b", "a", None, "a"], "label": [1, 0, 1, 1]}, index=["p", "q", "q", "r"])
    out = ja.filter_verdicts(frame, restricted)
    assert out.index.tolist() == ["q", "r"]
    assert out.dtypes.tolist() == frame.dtypes.tolist()
    rows = frame.to_dict("records")
    assert [row is one for row, one in zip(ja.filter_verdicts(rows, restricted), (rows[1], rows[3]), strict=True)] == [
        True,
        True,
    ]
    assert len(ja.filter_verdicts(frame.iloc[:0], restricted)) == 0
    assert ja.filter_verdicts([], restricted) == []


@pytest.mark.parametrize("nothing", [None, float("nan"), pd.NA, pd.NaT, ""])
def test_every_way_of_having_no_value_is_unknown(nothing: Any, audit: Any, make: Any) -> None:
    """A missing value lies in no scope, and is not taken for a value outside the closed strata."""
    frame = make({"a": GOOD, "b": BAD})
    frame["t"] = frame["s"].map({"a": "x", "b": "y"})
    decisions = ja.decide(audit(frame, by=["s", "t"]))
    verdicts = pd.DataFrame({"judge": ["j", "j"], "s": ["a", nothing], "t": [nothing, "x"]}, dtype=object)
    assert len(ja.filter_verdicts(verdicts, decisions)) == 0


def test_strata_are_read_from_outputs_where_verdicts_lack_them(restricted: ja.Decisions) -> None:
    """Outputs are joined on item_id by what the ids say, be they numbers or texts; an unknown item is dropped."""
    verdicts = pd.DataFrame({"judge": "j", "item_id": [3, 1, 2, 9]})
    outputs = pd.DataFrame({"item_id": ["1", "2", "3"], "s": ["a", "b", "a"]})
    assert ja.filter_verdicts(verdicts, restricted, outputs=outputs).item_id.tolist() == [3, 1]


@pytest.mark.parametrize(
    ("verdicts", "outputs", "said"),
    [
        (pd.DataFrame({"s": ["a"]}), None, "no column 'judge'"),
        (pd.DataFrame({"judge": ["j"]}), pd.DataFrame({"item_id": ["1"]}), "verdicts have no column 'item_id'"),
        (pd.DataFrame({"judge": ["j"], "item_id": ["1"]}), pd.DataFrame({"s": ["a"]}), "outputs have no column"),
        (
            pd.DataFrame({"judge": ["j"], "item_id": ["1"]}),
            pd.DataFrame({"item_id": ["1", "1"], "s": ["a", "b"]}),
            "twice",
        ),
        (pd.DataFrame([["j", "k"]], columns=["judge", "judge"]), None, "two columns of the name 'judge'"),
    ],
)
def test_verdicts_that_cannot_be_sifted_are_refused(
    verdicts: Any, outputs: Any, said: str, restricted: ja.Decisions
) -> None:
    """One line says what is missing."""
    with pytest.raises(ja.InputError, match=said) as caught:
        ja.filter_verdicts(verdicts, restricted, outputs=outputs)
    assert "\n" not in str(caught.value)


def test_decisions_without_their_strata_are_refused(restricted: ja.Decisions) -> None:
    """A bare list of decisions does not know what its strata are read from."""
    with pytest.raises(ja.InputError, match=r"ja\.decide"):
        ja.filter_verdicts(pd.DataFrame({"judge": ["j"]}), [replace(restricted[0])])


def test_the_outputs_say_which_model_wrote_an_output() -> None:
    """`model` of a verdict names the judge's model, of an output the model that wrote it: strata rest on outputs."""
    from judgeaudit.workflows.auditing.gate import with_outputs

    verdicts = [{"item_id": "a", "judge": "gpt", "model": "gpt-5"}]
    joined = with_outputs(verdicts, [{"item_id": "a", "model": "llama"}], _by_signal(column="model"))
    assert joined == [{"item_id": "a", "judge": "gpt", "model": "llama"}]


def test_strata_on_signals_are_computed_from_the_outputs_texts() -> None:
    """A scope on a signal can be applied to new outputs that hold nothing but their text; a column that is there wins."""
    from judgeaudit.workflows.auditing.gate import with_outputs

    verdicts = [{"item_id": "a", "judge": "j"}, {"item_id": "b", "judge": "j"}]
    outputs = [{"item_id": "a", "response": "Paris is the capital."}, {"item_id": "b", "response": ""}]
    decisions = _by_signal(column="looks_like_gibberish")
    assert [row["looks_like_gibberish"] for row in with_outputs(verdicts, outputs, decisions)] == ["no", "yes"]
    told = [{**row, "looks_like_gibberish": "no"} for row in outputs]
    assert [row["looks_like_gibberish"] for row in with_outputs(verdicts, told, decisions)] == ["no", "no"]


def _by_signal(*, column: str) -> ja.Decisions:
    """Decisions whose strata are cut by one signal."""
    from judgeaudit.domain.results.audit import AuditResult
    from judgeaudit.domain.results.questions import Counts, StratumRecord

    about = StratumRecord(column=column, source="signal", n_items=1)
    result = AuditResult(
        judgeaudit="",
        created_at="",
        command="",
        seed=1,
        level=0.95,
        inputs={},
        counts=Counts(),
        label_source="people",
        findings=[],
        contrasts=[],
        curves=[],
        decisions=[],
        strata={f"{column}=no": about},
    )
    return ja.Decisions([], result)
