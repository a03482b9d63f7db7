"""Laws of the first sentences about checkpoints: each says under what it holds, what it could not say, and why."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest

from judgeaudit.domain.results.audit import AuditResult
from judgeaudit.domain.results.questions import Headline
from judgeaudit.report.checkpoints.lead import lead_sentences
from judgeaudit.report.checkpoints.rates import rate_cell
from judgeaudit.report.checkpoints.section import comparison_document
from judgeaudit.report.checkpoints.terminal import screen_text
from judgeaudit.report.checkpoints.view import compared_of
from judgeaudit.report.checkpoints.words import signed
from judgeaudit.report.content.document import Bullets, Fold
from judgeaudit.report.sections.headline import headline_of
from tests.report.compared import NEVER, make_comparison
from tests.report.conftest import STRATA

Row = dict[str, Any]


@pytest.fixture(scope="module")
def made() -> Row:
    return make_comparison(multiverse=False)


@pytest.fixture
def plain(made: Row) -> Row:
    return dict(json.loads(json.dumps(made)))


def lead(plain: Row, at: int = 0) -> list[str]:
    compared = compared_of(plain)
    return lead_sentences(compared, compared.questions[at])


def first(plain: Row, a: str, b: str) -> Row:
    [one] = [c for c in plain["contrasts"] if c["primary"] and (c["a"], c["b"]) == (a, b)]
    return dict(one)


def change(plain: Row, a: str, b: str, **changes: Any) -> None:
    for one in plain["contrasts"]:
        if one["primary"] and (one["a"], one["b"]) == (a, b):
            one.update(changes)


def stand(plain: Row, method: str, score: float) -> None:
    for one in plain["anchors"]:
        if (one["rule"], one["method"]) == ("goal", method):
            one["capability"][0].update(score=score, within=False)


@pytest.mark.parametrize(
    ("treatment", "told"),
    [
        ("safe", "with gibberish counted as safe"),
        ("unsafe", "with gibberish counted as unsafe"),
        ("left_out", "with gibberish left out"),
    ],
)
@pytest.mark.parametrize("adjusted", ["as it is", "open"])
def test_no_conclusion_stands_without_its_condition(plain: Row, treatment: str, told: str, adjusted: str) -> None:
    """Where gibberish is taken for one thing, every sentence of the declared analysis says for what."""
    plain["questions"][0]["primary"]["treatment"] = treatment
    for one in plain["contrasts"]:
        one["primary"] = all(one[key] == value for key, value in plain["questions"][0]["primary"].items())
        if one["primary"] and adjusted == "open":
            one["conclusion_adjusted"] = "open"
    found = [one for one in lead(plain) if not one.startswith(("The last checkpoint", "It would say"))]
    assert len(found) == (2 if adjusted == "as it is" else 3)
    assert [one for one in found if told not in one.replace("With", "with")] == []


def test_the_practice_says_what_it_does_not_look_at(plain: Row) -> None:
    """The last checkpoint by the judge alone is told as what it is, and contradicts nothing where nothing was said."""
    for one in plain["contrasts"]:
        if one["anchor"] == "last" and one["treatment"] == "as_judged":
            one.update(conclusion=first(plain, one["a"], one["b"])["conclusion"])
            one["conclusion_adjusted"] = one["conclusion"] if one["a"] != "safe-lora" else "higher"
            one["conclusion"] = one["conclusion_adjusted"]
    *_, same, would = lead(plain)
    practice = (
        "The last checkpoint by guard alone, verdicts taken as they are, gibberish not looked at, nothing corrected"
    )
    assert same == f"{practice}, says the same."
    assert would.startswith("It would say: safe-lora against base higher (")
    assert would.endswith(f"(the analysis that stands first can say nothing there: {NEVER.rstrip('.')}).")


def test_who_stands_past_the_goal_is_told_at_once(plain: Row) -> None:
    """The first sentence names the methods beyond the tolerance; a baseline that stands where it was declared is none."""
    assert lead(plain)[0].startswith("At 0.70 in boolq, full")
    stand(plain, "full", 0.763)
    stand(plain, "short", 0.733)
    start = (
        "At or past 0.70 in boolq (full stands at 0.763 and short at 0.733, beyond the tolerance of 0.02): full (+0.18"
    )
    assert lead(plain)[0].startswith(start)
    stand(plain, "base", 0.774)
    assert "(base stands at 0.774, full at 0.763 and short at 0.733, beyond" in lead(plain)[0]
    stand(plain, "base", 0.41)
    for one in plain["anchors"]:
        if one["method"] == "base":
            one["notes"] = [{"code": "reference_point", "sentence": "base is the baseline."}]
    assert lead(plain)[0].startswith(start)
    stand(plain, "short", 0.61)
    assert lead(plain)[0].startswith("At or near 0.70 in boolq (full stands at 0.763 and short at 0.610, ")


def test_methods_that_are_not_matched_are_told_at_once(plain: Row) -> None:
    """Also where each alone lies within the tolerance."""
    plain["notes"].append({"code": "not_matched", "sentence": "full and short are apart."})
    assert lead(plain)[0].startswith("At 0.70 in boolq (scores further apart than the tolerance of 0.02): full")


@pytest.mark.parametrize(
    ("code", "told"),
    [
        (
            "no_design",
            "how the labelled items were chosen is not stated, or does not allow this rate; state it with --label-design",
        ),
        ("labels_on_one_side", "only one side is labelled there; label outputs of both"),
        ("no_labels", "neither side is labelled there; label outputs of both"),
        ("no_common_prompts", "the two have no prompt in common there; let both answer the same prompts"),
        ("no_outputs", "there are no outputs of one side there; add them"),
        ("no_verdicts", "the judge gave no usable verdict there; judge these outputs again"),
        ("not_anchored", NEVER),
    ],
)
def test_who_cannot_be_compared_learns_why(plain: Row, code: str, told: str) -> None:
    """The reason stands in the first sentence with the way out."""
    change(plain, "safe-lora", "base", undefined=code, value=None)
    assert f"safe-lora cannot be compared with base there: {told}" in lead(plain)[0]


@pytest.mark.parametrize(
    ("other", "says"),
    [
        ((0.1, 0.03, 0.17), "unsafe or gibberish +0.10 [0.03, 0.17] says the opposite"),
        ((0.02, -0.05, 0.09), "unsafe or gibberish +0.02 [−0.05, 0.09] is open"),
        ((None, None, None), ""),
    ],
)
def test_the_reading_that_blocks_stands_under_its_row(plain: Row, other: tuple[float | None, ...], says: str) -> None:
    """An interval that leaves out 0 and concludes nothing shows what does not agree with it."""
    rest = dict(zip(("other_value", "other_low", "other_high"), other, strict=True))
    change(
        plain,
        "short",
        "base",
        value=-0.26,
        low=-0.37,
        high=-0.11,
        conclusion="open",
        conclusion_adjusted="open",
        **rest,
    )
    lines = screen_text(plain).splitlines()
    at = next(at for at, one in enumerate(lines) if one.startswith("short − base"))
    assert "not decided" in lines[at]
    assert (lines[at + 1].strip() == says) if says else lines[at + 1].startswith("safe-lora − base")


def as_bounds(one: Row) -> None:
    one.update(value=0.0, low=0.0, high=0.06, bound_low=0.0, bound_high=0.97)


def without_verdicts(one: Row) -> None:
    one.update(value=None, low=None, high=None, bound_low=0.0, bound_high=1.0, undefined="no_verdicts", flagged=0.0)


@pytest.mark.parametrize(
    ("make", "told", "on_the_page"),
    [
        (as_bounds, "0.00 to 0.97 (bounds)", "bounds 0.00 to 0.97"),
        (without_verdicts, "no usable verdict", "the judge gave no usable verdict"),
    ],
)
def test_no_narrow_interval_stands_for_what_is_not_known(
    plain: Row, make: Callable[[Row], None], told: str, on_the_page: str
) -> None:
    """Where bounds are apart the screen shows them instead of a value, and words where the judge said nothing."""
    for one in plain["rates"]:
        if one["method"] == "short" and one["judge"] == "guard" and one["statistic"] == "positive_rate":
            make(one)
            assert on_the_page in rate_cell(one).under
    [row] = [one for one in screen_text(plain).splitlines() if one.startswith("short ") and "−" not in one]
    assert row.count(told) == 2


def test_notes_keep_their_order_and_gibberish_by_signal_stands_first(plain: Row) -> None:
    """On the page as in the record; what a signal of the text alone called gibberish is told before, and in the lead."""
    codes = ("names_differ", "verdicts_missing", "not_asked", "b", "a", "gibberish_by_signal", "c", "d")
    plain["notes"] = [{"code": code, "sentence": f"harm: note {code}."} for code in codes]
    order = [f"harm: note {code}." for code in sorted(codes, key=lambda code: code != "gibberish_by_signal")]
    blocks = comparison_document(plain).sections[0].blocks
    [shown] = [one for one in blocks if isinstance(one, Bullets)]
    [fold] = [one for one in blocks if isinstance(one, Fold)]
    [rest] = [one for one in fold.blocks if isinstance(one, Bullets)]
    assert ["".join(run.text for run in one) for one in (*shown.lines, *rest.lines)] == order
    assert fold.summary == "2 more notes"
    assert "harm: note gibberish_by_signal." in lead(plain)
    assert f"{len(codes) - 4} more notes; --all shows all" in screen_text(plain)


def test_one_more_note_is_one(plain: Row) -> None:
    """A single one that is left is told in the singular, on the page and on the screen."""
    plain["notes"] = [{"code": "x", "sentence": f"Note {at}."} for at in range(7)]
    [fold] = [one for one in comparison_document(plain).sections[0].blocks if isinstance(one, Fold)]
    assert fold.summary == "1 more note"
    plain["notes"] = plain["notes"][:5]
    assert "1 more note; --all shows it" in screen_text(plain)


def test_a_note_on_one_question_is_told_of_it_alone(plain: Row) -> None:
    """With several questions the lead of each holds its own note."""
    plain["questions"].append({**plain["questions"][0], "name": "refusal"})
    plain["notes"] = [{"code": "gibberish_by_signal", "sentence": "refusal: a signal told gibberish."}]
    told = [["refusal: a signal told gibberish." in one for one in (lead(plain, at),)] for at in (0, 1)]
    assert told == [[False], [True]]


def test_a_difference_near_nothing_reads_as_nothing() -> None:
    """It keeps its sign and no comparison sign."""
    assert signed({"value": -0.0002, "low": -0.05, "high": 0.0004}) == "−0.00 [−0.05, 0.00]"


def test_the_first_sentence_of_an_audit_names_its_question(audit: AuditResult) -> None:
    """Where there are several; with one alone nothing is named."""
    record = Headline(
        question="harm",
        judge="gpt4_cf",
        statistic="error_rate",
        stratum=STRATA[3],
        against=STRATA[1],
        excess=0.1,
        p_adjusted=None,
        tested=0,
        seen_by_rater=None,
    )
    several = replace(audit, headline=record)
    alone = replace(
        several,
        questions=[one for one in audit.questions if one.name == "harm"],
        findings=[one for one in audit.findings if one.question == "harm"],
        decisions=[one for one in audit.decisions if one.question == "harm"],
    )
    assert headline_of(alone).startswith("gpt4_cf agreed with the reference on 74% [")
    assert headline_of(several) == f"harm: {headline_of(alone)}"
