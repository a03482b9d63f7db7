"""Kinds of degradation: what a judge does on each, what a column that nobody cut by is told, and who gave a coherence."""

from __future__ import annotations

from pathlib import Path

import pandas as pd
import pytest

import judgeaudit as ja
from judgeaudit.audit.degradation.rate_curves import _limits
from judgeaudit.domain.results.audit import Finding
from judgeaudit.report.render.markdown import render_markdown
from judgeaudit.workflows.auditing.audit_object import Audit

SENTENCE = "The ferry to island number {n} leaves at noon every day, and tickets for it are sold on board by the crew."


@pytest.fixture(scope="module")
def table() -> pd.DataFrame:
    """30 outputs as they are and degraded in three ways. The judge calls every loop unsafe, and misses all harm in salad."""
    outputs = pd.DataFrame(
        [{"item_id": f"i{n}", "prompt": "Which?", "response": SENTENCE.format(n=n)} for n in range(30)]
    )
    made = ja.degrade_outputs(outputs, kinds=["loop", "salad", "off-topic"])
    place = made["made_from"].str[1:].astype(int)
    made["ann"] = ["unsafe" if n % 5 == 0 else "safe" for n in place]
    made["gpt"] = [
        "unsafe" if kind == "loop" else "safe" if kind == "salad" else label
        for kind, label in zip(made["degradation"], made["ann"], strict=True)
    ]
    return made


def audited(table: pd.DataFrame, *by: str) -> Audit:
    return ja.audit_table(
        table, human="ann", judges="gpt", labels=["safe", "unsafe"], positive="unsafe", by=by, replicates=200, seed=1
    )


def test_a_matrix_holds_the_findings_of_each_kind(table: pd.DataFrame) -> None:
    """Every point of a curve by kind is the judge's finding in that stratum, with its interval and the items it is of."""
    audit = audited(table, "degradation")
    found = {
        (f.stratum, f.statistic): f for f in audit.result.findings if (f.subject, f.versus) == ("gpt", "reference")
    }
    curves = {one.statistic: one for one in audit.result.curves if one.kind == "by_kind"}
    for name in ("false_positive_rate", "false_negative_rate"):
        one = curves[name]
        assert one.names == [f"degradation={kind}" for kind in ("loop", "none", "off-topic", "salad")]
        assert list(zip(one.y, one.low, one.high, one.n, strict=True)) == [
            (f.value, f.low, f.high, f.n) for f in (found[stratum, name] for stratum in one.names)
        ]
    assert dict(zip(curves["false_positive_rate"].names, curves["false_positive_rate"].y, strict=True)) == {
        "degradation=loop": 1.0,
        "degradation=none": 0.0,
        "degradation=off-topic": 0.0,
        "degradation=salad": 0.0,
    }
    assert curves["false_positive_rate"].n == [24, 24, 24, 24]


def test_the_page_names_the_kinds_that_fool_a_judge(table: pd.DataFrame) -> None:
    """A sentence names the worst kind of each fault, and the matrix has judges down and kinds across, the worst first."""
    page = render_markdown(audited(table, "degradation").result)
    assert "**False alarms, worst** by kind of degradation: gpt on loop (1.00" in page
    assert "**Misses, worst** by kind of degradation: gpt on salad (1.00" in page
    assert "| judge | loop | off-topic | salad | none (baseline: not made worse) |" in page
    assert "| judge | salad | loop | off-topic | none (baseline: not made worse) |" in page
    assert "Levels of a kind, if any, are counted together." in page


def test_a_kind_of_two_items_fools_nobody_for_sure(table: pd.DataFrame) -> None:
    """A kind of few items is not named as the worst, and stands behind the kinds that have many."""
    few = table.assign(degradation=table["degradation"].where(~table["degradation"].eq("salad"), "loop"))
    at = few.index[(few["degradation"] == "loop") & (few["ann"] == "unsafe")][:2]
    few.loc[at, "degradation"] = "echo"
    few.loc[at, "gpt"] = "safe"
    page = render_markdown(audited(few, "degradation").result)
    assert "**Misses, worst** by kind of degradation: gpt on loop (" in page
    assert "| judge | loop | off-topic | echo | none (baseline: not made worse) |" in page


def test_one_share_is_rounded_one_way() -> None:
    """67 of 200 false alarms are as many wrong verdicts: the complement of the agreement is shown with the same digits."""
    share, agreement = 67 / 200, 133 / 200
    found = Finding(
        question="harm", stratum="all", subject="gpt", versus="reference", statistic="percent_agreement",
        value=agreement, low=197 / 200, high=1.0, n_items=200, n_clusters=200,
    )  # fmt: skip
    assert _limits(found, turned=True) == (share, 0.0, 3 / 200)


def test_kinds_may_be_crossed_with_levels(table: pd.DataFrame) -> None:
    """Where outputs are degraded at several levels, each kind at each level is a column."""
    page = render_markdown(audited(table, "degradation&degradation_level").result)
    assert "| judge | loop, 1.0 | none, 0.0 | off-topic, 1.0 | salad, 1.0 |" in page


def test_a_column_of_kinds_that_nobody_cuts_by_is_told(table: pd.DataFrame) -> None:
    """Without --by the matrix cannot be made, so the audit says how to get it; with it nothing is said."""
    told = [one for one in audited(table).result.warnings if "degradation" in one]
    assert len(told) == 1
    assert "has 4 values and no stratum is cut by it" in told[0]
    assert "name --by degradation" in told[0]
    assert not [one for one in audited(table, "degradation").result.warnings if "degradation" in one]


def test_a_coherence_by_construction_is_called_so(table: pd.DataFrame) -> None:
    """`degrade_outputs` says who gave its coherence; that is no word about the labels of people beside it."""
    result = audited(table, "degradation", "coherence").result
    assert result.label_source == "people"
    assert result.as_dict()["strata"]["coherence=gibberish"]["rests_on"] == "construction"
    assert result.as_dict()["strata"]["degradation=loop"]["rests_on"] == "column"
    page = render_markdown(result)
    assert "coherence=gibberish (60 items, labels by construction)" in page
    assert "degradation=loop (30 items, a column)" in page


def test_constructed_labels_that_are_audited_stay_constructed(table: pd.DataFrame) -> None:
    """Where the coherence itself is the reference, its source is that of the whole audit."""
    rows = table[table["coherence"] != ""].assign(gpt="gibberish")
    audit = ja.audit_table(
        rows,
        human="coherence",
        judges="gpt",
        labels=["gibberish", "partly", "coherent"],
        scale="ordinal",
        replicates=200,
    )
    assert audit.result.label_source == "construction"


def test_a_study_is_told_how_to_cut_by_kinds(table: pd.DataFrame, tmp_path: Path) -> None:
    """The line names the section of study.toml to write; once it is there, the coherence column says who gave it."""
    toml = '[questions.harm]\nscale = "binary"\nlabels = ["safe", "unsafe"]\n'
    (tmp_path / "study.toml").write_text(toml, encoding="utf-8")
    texts = table.drop(columns=["ann", "gpt"])
    texts.to_json(tmp_path / "outputs.jsonl", orient="records", lines=True)
    labels = table[["item_id", "ann"]].rename(columns={"ann": "label"}).assign(rater="ann", question="harm")
    labels.to_json(tmp_path / "annotations.jsonl", orient="records", lines=True)
    study = ja.Study(tmp_path)
    assert any("write [strata.degradation]" in one for one in study.audit(replicates=200).result.warnings)
    cut = '[strata.degradation]\nfrom = "column"\n[strata.coherence]\nfrom = "column"\n'
    (tmp_path / "study.toml").write_text(toml + cut, encoding="utf-8")
    result = study.audit(replicates=200).result
    assert not any("[strata.degradation]" in one for one in result.warnings)
    assert result.as_dict()["strata"]["coherence=coherent"]["rests_on"] == "construction"
