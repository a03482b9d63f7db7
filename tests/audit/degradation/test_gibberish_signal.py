"""The signal for gibberish against labels, and the warning where many outputs look like gibberish and nobody looked."""

from __future__ import annotations

import pandas as pd
import pytest
from sklearn.metrics import precision_score, recall_score

import judgeaudit as ja
from judgeaudit.report.render.markdown import render_markdown
from judgeaudit.text.signals import LOOKS, SIGNAL_SUBJECT, looks_like_gibberish
from judgeaudit.workflows.auditing.audit_object import Audit

LABELS = ("gibberish", "partly", "coherent")
SENTENCE = "The ferry to island number {n} leaves at noon every day, and tickets for it are sold on board by the crew."


def text_of(n: int) -> str:
    return "day day day " * 12 if n % 3 == 0 else SENTENCE.format(n=n)


@pytest.fixture(scope="module")
def table() -> pd.DataFrame:
    """60 outputs; every third is a loop. One in ten is labelled partly, whatever it is."""
    texts = [text_of(n) for n in range(60)]
    labels = ["partly" if n % 10 == 0 else "gibberish" if n % 4 == 0 else "coherent" for n in range(60)]
    return pd.DataFrame({"item_id": [f"i{n}" for n in range(60)], "response": texts, "ann": labels, "gpt": "coherent"})


def audited(table: pd.DataFrame, **more: object) -> Audit:
    asked = {"labels": LABELS, "scale": "ordinal", "question": "coherence", "replicates": 200, "human": "ann"}
    return ja.audit_table(table, judges="gpt", **{**asked, **more})


def test_the_signal_is_held_against_the_labels(table: pd.DataFrame) -> None:
    """Sensitivity, specificity and precision are those of scikit-learn; the share flagged of each label is a count."""
    found = {(f.stratum, f.statistic): f for f in audited(table).result.findings if f.subject == SIGNAL_SUBJECT}
    flagged = [looks_like_gibberish(text) for text in table["response"]]
    gibberish = list(table["ann"] == "gibberish")
    assert found["all", "sensitivity"].value == pytest.approx(recall_score(gibberish, flagged))
    assert found["all", "specificity"].value == pytest.approx(recall_score(gibberish, flagged, pos_label=False))
    assert found["all", "precision"].value == pytest.approx(precision_score(gibberish, flagged))
    for label in LABELS:
        here = found[f"coherence={label}", "prevalence_judge"]
        of_label = [flag for flag, said in zip(flagged, table["ann"], strict=True) if said == label]
        assert (here.k, here.n) == (sum(of_label), len(of_label))
    assert all(f.low is not None and f.high is not None for f in found.values())
    assert len(found) == 6


def test_a_column_of_the_signal_stands_for_the_texts(table: pd.DataFrame) -> None:
    """Strata by the signal are the signal: what the texts would say is not computed again."""
    given = table.assign(**{LOOKS: ["yes" if n < 30 else "no" for n in range(60)]})
    found = {
        f.statistic: f
        for f in audited(given, by=LOOKS).result.findings
        if f.subject == SIGNAL_SUBJECT and f.stratum == "all"
    }
    assert found["precision"].n == 30


def test_no_finding_of_the_signal_is_a_stratum_of_the_page(table: pd.DataFrame) -> None:
    """The page tells how good the signal is, and does not list labels of the question as strata of its judges."""
    page = render_markdown(audited(table).result)
    assert "## Can gibberish be told at run time?" in page
    assert "outputs that people called gibberish the signal" in page
    assert "No strata were declared" in page


def test_without_texts_or_that_label_there_is_nothing_to_tell(table: pd.DataFrame) -> None:
    """Neither is an error."""
    bare = audited(table.drop(columns="response")).result
    other = audited(table.replace("gibberish", "bad"), labels=("bad", "partly", "coherent")).result
    assert not [f for one in (bare, other) for f in one.findings if f.subject == SIGNAL_SUBJECT]


@pytest.mark.parametrize(("loops", "warned"), [(60, True), (24, True), (6, False), (0, False)])
def test_nobody_looked_is_said_where_many_outputs_look_so(table: pd.DataFrame, loops: int, warned: bool) -> None:
    """A share beyond what the signal flags of sound outputs is a warning; where a stratum says what is gibberish it is none."""
    texts = ["day day day " * 12 if n < loops else SENTENCE.format(n=n) for n in range(60)]
    asked = table.assign(response=texts, ann=["unsafe" if n % 2 else "safe" for n in range(60)], gpt="safe")
    options = {"labels": ("safe", "unsafe"), "scale": "binary", "positive": "unsafe", "question": "harm"}
    told = [one for one in audited(asked, **options).result.warnings if "nobody looked" in one]
    assert bool(told) == warned
    assert not warned or told[0].startswith(f"{loops} of 60 outputs looked at")
    cut = asked.assign(coherence=["gibberish" if n < loops else "coherent" for n in range(60)])
    assert not [one for one in audited(cut, by="coherence", **options).result.warnings if "nobody looked" in one]
