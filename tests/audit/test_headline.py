"""The finding that stands first: chosen by a rule, told by the findings that it names, absent where nothing is to be told."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

import judgeaudit as ja
from judgeaudit.report.content.view import view_of
from judgeaudit.report.sections.decision import rates_sentence
from judgeaudit.report.sections.headline import headline_of

LEVELS = ("coherent", "partly", "gibberish")


def table(**alarms: tuple[float, float, float]) -> pd.DataFrame:
    """Forty outputs a level, all of which two people call safe; each judge raises alarms at exactly these shares."""
    rows = pd.DataFrame({"item_id": [f"i{k}" for k in range(120)], "coherence": np.repeat(LEVELS, 40)})
    rows["ann"] = rows["bob"] = "safe"
    for judge, shares in alarms.items():
        unsafe = np.concatenate([np.arange(40) < round(40 * share) for share in shares])
        rows[judge] = np.where(unsafe, "unsafe", "safe")
    return rows


def audited(frame: pd.DataFrame, *, by: str = "coherence") -> ja.Audit:
    judges = [name for name in frame.columns if name not in ("item_id", "coherence", "level", "ann", "bob")]
    return ja.audit_table(
        frame,
        human=["ann", "bob"],
        judges=judges,
        labels=["safe", "unsafe"],
        positive="unsafe",
        question="harm",
        by=[by],
        replicates=200,
    )


def test_the_judge_whose_errors_rise_most_is_named_with_its_findings() -> None:
    """Not the judge with the most errors: the one with the largest excess; the sentence holds the numbers of its findings."""
    audit = audited(table(harsh=(0.9, 0.9, 0.9), blind=(0.1, 0.3, 0.6), careful=(0.0, 0.0, 0.05)))
    record = audit.result.as_dict()["headline"]
    assert (record["judge"], record["statistic"], record["seen_by_rater"]) == ("blind", "false_positive_rate", False)
    assert (record["stratum"], record["against"]) == ("coherence=gibberish", "coherence=coherent")
    assert record["excess"] == pytest.approx(0.5)
    alarms = audit.findings.query("subject == 'blind' and statistic == 'false_positive_rate' and versus == 'reference'")
    here, there = (alarms[alarms["stratum"] == f"coherence={level}"].iloc[0] for level in ("gibberish", "coherent"))
    assert headline_of(audit.result) == (
        f"blind called 60% [{100 * here.low:.0f}%, {100 * here.high:.0f}%] of 40 outputs with coherence=gibberish 'unsafe', "
        f"and 10% [{100 * there.low:.0f}%, {100 * there.high:.0f}%] of 40 with coherence=coherent; "
        "no person called any of the 40 so."
    )


def test_a_rise_that_chance_makes_among_so_many_judges_says_so() -> None:
    """The p-value is that of the audit's own contrast, adjusted for the judges."""
    audit = audited(table(one=(0.1, 0.1, 0.2), two=(0.1, 0.1, 0.1)))
    contrast = audit.contrasts.query("kind == 'dose' and subject == 'one' and statistic == 'false_positive_rate'")
    assert audit.result.as_dict()["headline"]["p_adjusted"] == contrast["p_adjusted"].item() > 0.05
    assert headline_of(audit.result).endswith(
        f" The rise may be chance (p {contrast['p_adjusted'].item():.3f}, adjusted for 2 judges)."
    )


def test_errors_that_are_no_false_alarms_are_told_as_agreement() -> None:
    """Where people call some gibberish unsafe too, what is told is how often the judge agrees with them."""
    frame = table(blind=(0.0, 0.2, 0.5))
    frame.loc[118:, ["ann", "bob"]] = "unsafe"
    audit = audited(frame)
    assert audit.result.as_dict()["headline"]["statistic"] == "error_rate"
    assert headline_of(audit.result).startswith("blind agreed with the reference on 45% [")


def test_what_one_rater_saw_is_not_said_to_be_seen_by_none() -> None:
    """The reference calls all gibberish safe; that nobody called any of it unsafe is said only where it is so."""
    frame = table(blind=(0.1, 0.3, 0.6))
    frame["cid"] = "safe"
    frame.loc[119, "bob"] = "unsafe"
    audit = ja.audit_table(
        frame,
        human=["ann", "bob", "cid"],
        judges=["blind"],
        labels=["safe", "unsafe"],
        positive="unsafe",
        by=["coherence"],
        replicates=200,
    )
    assert audit.result.as_dict()["headline"]["seen_by_rater"] is True
    assert "no person" not in headline_of(audit.result)


def test_a_baseline_is_no_finding() -> None:
    """A judge that nobody would use is passed over, however much worse it gets."""
    from judgeaudit.audit.headline import headline

    result = audited(table(blind=(0.1, 0.3, 0.6), words=(0.0, 0.5, 1.0))).result
    assert result.as_dict()["headline"]["judge"] == "words"
    questions = [replace(one, baseline_judges=["words"]) for one in result.questions]
    found = headline(questions, result.findings, result.contrasts, result.curves)
    assert found is not None
    assert found.judge == "blind"


@pytest.mark.parametrize(
    ("frame", "by"),
    [
        (table(careful=(0.2, 0.1, 0.1)), "coherence"),
        (table(blind=(0.1, 0.3, 0.6)).query("coherence != 'gibberish'"), "coherence"),
        (table(blind=(0.1, 0.3, 0.6)).rename(columns={"coherence": "level"}), "level"),
    ],
    ids=["no judge is worse there", "no gibberish", "no stratum of coherence"],
)
def test_where_nothing_is_to_be_told_there_is_no_headline(frame: pd.DataFrame, by: str) -> None:
    """audit.json has no such key, and the page begins as before."""
    audit = audited(frame, by=by)
    assert "headline" not in audit.result.as_dict()
    assert headline_of(audit.result) == ""


def test_the_sentence_stands_at_the_head_of_the_report(tmp_path) -> None:
    """In HTML and Markdown before any warning or decision, also of an audit that was read back from its JSON."""
    audit = audited(table(blind=(0.1, 0.3, 0.6)))
    audit.to_json(tmp_path / "audit.json")
    again = ja.read_audit(tmp_path / "audit.json")
    page = again.to_markdown()
    assert page == audit.to_markdown()
    assert page.index("**blind called 60%") < page.index("may not be used")
    assert page.index("**blind called 60%") < min(
        page.index(one[:40]) for one in [*again.result.warnings, "DO NOT USE"]
    )
    assert "blind called 60%" in again.to_html()


def test_a_fall_of_agreement_that_may_be_chance_is_called_a_fall() -> None:
    """Where the sentence tells agreement, what may be chance is that it falls."""
    frame = table(one=(0.1, 0.1, 0.2), two=(0.1, 0.1, 0.1))
    frame.loc[[118, 119], ["ann", "bob"]] = "unsafe"
    audit = audited(frame)
    assert audit.result.as_dict()["headline"]["statistic"] == "error_rate"
    assert " agreed with the reference on " in headline_of(audit.result)
    assert " The fall may be chance (p " in headline_of(audit.result)


def weighted() -> ja.Audit:
    """The judge errs more on gibberish; every second output stands for 3.7."""
    frame = table(one=(0.1, 0.3, 0.6)).assign(w=[1.0, 3.7] * 60)
    frame.loc[frame.index[:12], ["ann", "bob", "one"]] = "unsafe"
    options = {
        "labels": ["safe", "unsafe"],
        "positive": "unsafe",
        "by": ["coherence"],
        "weight": "w",
        "replicates": 200,
    }
    return ja.audit_table(frame, human=["ann", "bob"], judges=["one"], **options)


def test_weights_are_not_told_as_outputs() -> None:
    """No sentence says how many outputs people labelled, where it has only sums of weights; nothing is said of changed items."""
    audit = weighted()
    assert " of outputs with coherence=gibberish 'unsafe', and " in headline_of(audit.result)
    assert "no person called any of the former so" in headline_of(audit.result)
    (decision,) = audit.decisions
    view = view_of(audit.result, full=False)
    assert rates_sentence(view, view.questions[0], "one").startswith(
        "Of the outputs that people called 'unsafe' it caught "
    )
    assert " by weight)" in decision.reason
    assert decision.fragility.changes is None
    assert "weight" in decision.fragility.sentence
