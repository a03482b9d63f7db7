"""The page of judges that say how sure they are: every number stands in the audit, and says what it is of."""

from __future__ import annotations

import json
import re

import numpy as np
import pandas as pd
import pytest
from scipy.special import expit

import judgeaudit as ja
from judgeaudit.report.words.numbers import number


def audited(n: int, *, certain: bool = False) -> ja.Audit:
    rng = np.random.default_rng(2)
    odds = rng.normal(0, 3, n)
    truth = (rng.random(n) < expit(odds)).astype(int)
    p = np.clip(np.round(expit(2 * odds), 4), 0.0001, 0.9999)
    if certain:
        p[:3] = 1 - truth[:3]
    table = pd.DataFrame({"item_id": range(n), "a": truth, "b": truth, "p": p, "mini": (p >= 0.5).astype(int)})
    table["score"], table["bench"] = np.round(10 * p).astype(int), np.where(np.arange(n) % 2, "x", "y")
    return ja.audit_table(
        table,
        human=["a", "b"],
        judges=["mini", "score"],
        labels=["0", "1"],
        probability={"mini": "p"},
        cut="score>=5",
        by="bench",
        replicates=200,
    )


@pytest.fixture(scope="module")
def large() -> ja.Audit:
    return audited(1500)


def section(page: str) -> str:
    found = re.search(r"## Do the judges know when they are wrong\?\n(.*?)\n## ", page, re.DOTALL)
    assert found is not None
    return found[1].replace("\\", "")


def test_what_to_do_is_said(large: ja.Audit) -> None:
    """Gain and threshold are those of the records, with the commands that apply them."""
    told = section(large.to_markdown())
    maps, limits = large.result.as_dict().get("recalibrations", [])[0], large.result.as_dict().get("selective", [])[0]
    assert f"{maps['method']}, fitted in 5 folds by items, lowers the Brier score by 0.0" in told
    assert "judgeaudit filter … --recalibrate applies it" in told
    assert f"verdicts given at least {number(limits['threshold'], places=3)} are wrong in at most 10%" in told
    assert f"({limits['errors']:,} of {limits['answered']:,} were" in told
    assert "judgeaudit filter … --max-risk 0.1" in told


def test_the_band_stands_in_the_table(large: ja.Audit) -> None:
    """Each point of the reliability diagram has its band beside it, and the drawing is there in HTML."""
    told = section(large.to_markdown())
    (curve,) = (c for c in large.result.curves if c.kind == "reliability" and c.stratum == "all")
    assert "| probability given | share that is positive | if calibrated | n |" in told
    for low, high in zip(curve.band_low, curve.band_high, strict=True):
        assert f"{number(low)} to {number(high)}" in told
    html = large.to_html()
    assert "Reliability: mini" in html
    assert "var(--band)" in html
    assert "ROC: mini" not in html
    assert "ROC: mini" in large.to_html(full=True)


def test_a_score_is_named_as_one(large: ja.Audit) -> None:
    """A judge that was cut from a score has rankings and a curve of risk, and is said to have no probability."""
    told = section(large.to_markdown()).partition("### score")[2]
    assert "Ranked by its score less its cut, which is no probability" in told
    assert "roc_auc" in told
    assert "Risk and coverage: score" in told
    assert "brier_score" not in told


@pytest.mark.slow
def test_nothing_is_promised_without_labels() -> None:
    """With few labels the page says why there is no map, and no threshold; an infinite loss is told with its count."""
    told = section(audited(16, certain=True).to_markdown())
    assert "no map was fitted (there are too few items here)" in told
    assert "no confidence is shown at which at most 10% of verdicts are wrong (there are too few items here)" in told
    assert "∞ (3 of 16 certain and wrong)" in told


def test_old_audits_still_have_a_page(large: ja.Audit) -> None:
    """An audit without bands, records and names renders as before."""
    plain = json.loads(large.to_json())
    for key in ("recalibrations", "selective"):
        del plain[key]
    for curve in plain["curves"]:
        curve.pop("band_low", None)
        curve.pop("band_high", None)
    for about in plain["questions"]:
        about.pop("sure_by")
    from judgeaudit.domain.results.audit import AuditResult
    from judgeaudit.storage.files.records import record_from

    page = ja.Audit(record_from(AuditResult, plain)).to_markdown()
    assert "Brier score" in section(page)
    assert "if calibrated" not in page
