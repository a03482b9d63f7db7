"""Labels that no person gave are nowhere called people's: whole pages, the screen and the account of the table."""

from __future__ import annotations

import re

import numpy as np
import pandas as pd
import pytest

import judgeaudit as ja

#: what may be said of people where none labelled
ALLOWED = (
    "no person gave",
    "not by people",
    "not from people",
    "what people think",
    "checked that people read it so",
    "labels must come from people",
)
TAGS = re.compile(r"<(script|style|head).*?</\1>|<[^>]+>", re.DOTALL)


def _table(sources: str) -> pd.DataFrame:
    """120 outputs: raters who agree on clear ones and not on odd ones, verdicts with probabilities, some left unlabelled."""
    rng = np.random.default_rng(3)
    n = 120
    odd = np.arange(n) % 3 == 0
    bad = rng.random(n) < 0.4
    rows = {"item_id": [f"i{at}" for at in range(n)], "text_kind": np.where(odd, "odd", "clear")}
    for rater in ("ann", "bob", "cem")[: 1 if sources == "construction" else 3]:
        flips = rng.random(n) < np.where(odd, 0.5, 0.05)
        rows[rater] = np.where(np.arange(n) < 100, np.where(bad ^ flips, "unsafe", "safe"), "")
    rows["p"] = np.clip(np.where(bad, 0.7, 0.3) + rng.normal(0, 0.2, n), 0.01, 0.99).round(3)
    rows["gpt"] = np.where(rows["p"] > 0.5, "unsafe", "safe")
    return pd.DataFrame(rows)


@pytest.fixture(scope="module", params=["models", "construction", "simulation"])
def audited(request: pytest.FixtureRequest) -> ja.Audit:
    source = request.param
    table = _table(source)
    return ja.audit_table(
        table,
        human=[name for name in ("ann", "bob", "cem") if name in table],
        judges="gpt",
        labels=["safe", "unsafe"],
        positive="unsafe",
        probability={"gpt": "p"},
        by="text_kind",
        label_design="random",
        replicates=200,
        label_source=source,
    )


def _people(text: str) -> list[str]:
    """Where a text speaks of people and may not, with what stands around it."""
    allowed = "|".join(map(re.escape, (*ALLOWED, "simulated people", "simulated person")))
    text = re.sub(allowed, "", " ".join(text.split()), flags=re.IGNORECASE)
    return [text[max(0, m.start() - 60) : m.end() + 30] for m in re.finditer(r"\b(people|persons?)\b", text, re.I)]


@pytest.mark.slow
@pytest.mark.parametrize("full", [False, True])
def test_no_page_calls_them_people(audited, full):
    """HTML, Markdown and text speak of people in the banner alone."""
    assert _people(TAGS.sub(" ", audited.to_html(full=full))) == []
    assert _people(audited.to_markdown(full=full)) == []
    assert _people(audited.to_text(full=full)) == []


def test_the_account_does_not_either(audited):
    """What was read from the table is told in lines that speak of raters."""
    assert _people("\n".join(audited.join)) == []
