"""Our values against what other libraries said in environments of their own; and that each script keeps the convention."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from judgeaudit.stats.agreement import many_raters as multirater
from judgeaudit.stats.agreement import two_raters as agreement

HERE = Path(__file__).parent
SCRIPTS = sorted(path for path in HERE.glob("*.py") if not path.name.startswith(("test_", "conftest")))
IRRCAC = json.loads((HERE / "irrcac.json").read_text("utf-8"))


@pytest.mark.parametrize("script", SCRIPTS, ids=lambda script: script.stem)
def test_a_script_says_what_it_needs_and_its_fixture_was_made_with_that(script: Path) -> None:
    """`make oracles` installs what the first line pins, and the JSON beside the script names the same versions."""
    first = script.read_text("utf-8").splitlines()[0]
    needs = re.fullmatch(r"# requires: (.+)", first)
    assert needs is not None
    pins = [one.split("==") for one in needs[1].split()]
    assert all(len(one) == 2 for one in pins)
    fixture = script.with_suffix(".json").read_text("utf-8")
    assert json.loads(fixture)
    assert [version for _, version in pins if version not in fixture] == []


@pytest.mark.parametrize("weights", ["identity", "linear", "quadratic"])
@pytest.mark.parametrize("case", IRRCAC["cases"], ids=lambda case: case["name"])
def test_coefficients_of_many_raters_are_those_of_irrcac(case: dict[str, Any], weights: Any) -> None:
    """AC1 and AC2, Brennan and Prediger's, Fleiss' kappa and alpha, with holes, weights and labels that nobody used."""
    labels, expected = case["labels"], case["expected"][weights]
    codes = np.array([[-1 if x is None else labels.index(x) for x in item] for item in case["ratings"]], np.int32).T
    values, k = np.asarray(labels), len(labels)
    counts = multirater.label_counts(codes, n_labels=k)
    w = agreement.agreement_weights(values, kind=weights, no_answer=False)
    totals = multirater.agreement_totals(counts, weights=w).sum(0)
    found = {
        "gwet": multirater.gwet_ac(totals, weights=w, n_labels=k),
        "brennan_prediger": multirater.brennan_prediger(totals, weights=w, n_labels=k),
        "fleiss_kappa": multirater.fleiss_kappa(totals, weights=w),
    }
    metric = {"identity": "nominal", "quadratic": "interval"}.get(weights)
    if metric is not None:  # linear weights are no metric of Krippendorff's
        delta = agreement.distances(values, metric=metric, no_answer=False)  # type: ignore[arg-type]
        together = multirater.coincidences(counts).sum(0).ravel()
        found["krippendorff_alpha"] = multirater.krippendorff_alpha(together, n_labels=k, delta=delta)
    assert {name: float(value) for name, value in found.items()} == pytest.approx(
        {name: expected[name] for name in found}, abs=2e-9
    )
