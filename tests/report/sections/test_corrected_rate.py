"""The section about rates: what the judge says, what is corrected, by which design, or which flag is missing."""

from __future__ import annotations

import re
from typing import Any

import numpy as np
import pandas as pd
import pytest

import judgeaudit as ja


def page(design: str | None, *, shifted: bool = False, **options: Any) -> tuple[ja.Audit, str]:
    rng = np.random.default_rng(7)
    y = rng.random(1200) < np.where(np.arange(1200) < 300, 0.5 if shifted else 0.3, 0.3 if not shifted else 0.05)
    j = np.where(y, rng.random(1200) < 0.9, rng.random(1200) < 0.2)
    label = np.where(np.arange(1200) < 300, y.astype(int).astype(str), "")
    frame = pd.DataFrame({"item_id": np.arange(1200), "h1": label, "h2": label, "j": j.astype(int).astype(str)})
    frame["s"] = np.where(np.arange(1200) % 2, "a", "b")
    audit = ja.audit_table(
        frame,
        human=["h1", "h2"],
        judges=["j"],
        labels=["0", "1"],
        label_design=design,
        replicates=300,
        by=["s"],
        **options,
    )
    markdown = audit.to_markdown()
    part = markdown.partition("## The right rate")[2].partition("\n## ")[0]
    return audit, part.replace("\\", "")


@pytest.mark.parametrize(
    ("design", "statistic"), [("random", "prevalence_poststratified"), ("elsewhere", "prevalence_rogan_gladen")]
)
def test_the_judge_and_the_corrected_rate_stand_side_by_side(design: str, statistic: str) -> None:
    """One row with what the judge says, the corrected rate and its interval, as the audit has them; strata below."""
    audit, part = page(design)
    row = next(line for line in part.splitlines() if line.startswith("| j (300 labelled, 900 not)"))
    for name in ("prevalence_judge_target", statistic):
        f = audit.findings.query(f"subject == 'j' and stratum == 'all' and statistic == '{name}'").iloc[0]
        assert f"{f.value:.2f} [{f.low:.2f}, {f.high:.2f}]" in row
    assert "By the stated design" in part
    assert "| s=a |" in part
    assert ("cannot be checked" in part) == (design == "elsewhere")


def test_without_a_design_the_flags_are_named() -> None:
    """No corrected rate, how many rows wait, and each of the three ways to state the design."""
    _, part = page(None)
    assert "900 judged items have no label" in part
    assert all(f"--label-design {name}" in part for name in ("random", "weighted", "elsewhere"))


def test_a_sign_is_told_where_the_rate_is() -> None:
    """What was seen stands below the table, in the audit's own numbers, and the rate is called doubtful."""
    audit, part = page("elsewhere", shifted=True)
    (record,) = [one for one in audit.result.as_dict().get("rates", []) if one["stratum"] == "all"]
    (sign,) = record["signs"]
    assert f"{sign['labelled']:.0%} of the labelled rows positive" in part
    assert "The corrected rate is doubtful." in part


def test_no_section_where_every_row_is_labelled() -> None:
    """Without an unlabelled row, and without a stated design, nothing is said of corrected rates."""
    frame = pd.DataFrame({"item_id": range(40), "h1": ["0", "1"] * 20, "h2": ["0", "1"] * 20, "j": ["0", "1"] * 20})
    audit = ja.audit_table(frame, human=["h1", "h2"], judges=["j"], labels=["0", "1"], replicates=200)
    assert not re.search("The right rate", audit.to_markdown())


def test_a_table_that_is_labelled_whole_says_so() -> None:
    """With a stated design and no unlabelled row: one sentence, no table of dashes, and no row on the front table."""
    frame = pd.DataFrame({"item_id": range(40), "h1": ["0", "1"] * 20, "h2": ["0", "1"] * 20, "j": ["0", "1"] * 20})
    audit = ja.audit_table(
        frame, human=["h1", "h2"], judges=["j"], labels=["0", "1"], label_design="random", replicates=200
    )
    part = audit.to_markdown().partition("## The right rate")[2].partition("\n## ")[0]
    assert part.strip() == "Every judged item is labelled: the rate of the labels stands, and nothing is corrected."
    assert "prevalence_poststratified" not in audit.result.as_dict()["questions"][0]["front"]
