"""Published corrected rates: of the collection beside the checkout, and of real judges through the command line."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from scipy.special import ndtri

import judgeaudit as ja
from judgeaudit.stats.rates import corrected as rates
from judgeaudit.stats.rates.hui_walter import hui_walter

Z = float(ndtri(0.975))
PEOPLE = ("human1", "human2", "human3")
JUDGES = ("harmbench_cf", "gpt4_cf", "llamaguard2_cf", "llama3_cf")


@pytest.fixture(scope="module")
def gold(shared_data: Path) -> dict[str, dict[str, Any]]:
    """Entries by id."""
    plain = json.loads((shared_data / "gold" / "gold_values.json").read_text("utf-8"))
    return {entry["id"]: entry for entry in plain["entries"]}


def check(found: dict[str, float], entry: dict[str, Any]) -> None:
    expected = {name: entry["expected"][name] for name in found}
    assert found == pytest.approx(expected, abs=max(float(entry["tolerance"]), 1e-12)), entry["source"]


def test_rogan_gladen_with_lang_and_reiczigels_limits(gold: dict[str, dict[str, Any]]) -> None:
    """The rate and interval of every entry, the worked numbers of Lee et al. (2025) among them."""
    entries = [entry for name, entry in gold.items() if name.startswith("rogan_gladen_lang_reiczigel")]
    assert entries
    for entry in entries:
        d = entry["data"]
        told = rates.Calibration(
            p=d["p"], n=d["n"], sensitivity=d["sensitivity"], m1=d["m1"], specificity=d["specificity"], m0=d["m0"]
        )
        low, high = (float(np.clip(rates.lang_reiczigel(told, z=z), 0, 1)) for z in (-Z, Z))
        theta = (d["p"] + d["specificity"] - 1) / (d["sensitivity"] + d["specificity"] - 1)
        cells = [d["m1"] * d["sensitivity"], d["m0"] * (1 - d["specificity"])]
        cells += [d["m1"] - cells[0], d["m0"] - cells[1], 0, 0, d["n"] * d["p"], d["n"] * (1 - d["p"])]
        assert rates.rogan_gladen(np.array(cells)) == pytest.approx(theta)
        check({"theta": float(rates.rogan_gladen(np.array(cells))), "lr_lo": low, "lr_hi": high}, entry)


def test_ppi(gold: dict[str, dict[str, Any]]) -> None:
    """PPI and PPI++ of the authors' package."""
    entries = [entry for name, entry in gold.items() if name.startswith("ppi_")]
    assert entries
    for entry in entries:
        y, f, other = (np.array(entry["data"][name]) for name in ("Y", "Yhat", "Yhat_unlabeled"))
        pairs = [(y * f).sum(), ((1 - y) * f).sum(), (y * (1 - f)).sum(), ((1 - y) * (1 - f)).sum()]
        cells = np.array([*pairs, f.sum(), (1 - f).sum(), other.sum(), (1 - other).sum()], float)
        for name, tuned in (("ppi", False), ("ppipp", True)):
            made = rates.ppi(cells, tuned=tuned, everywhere=False)
            low, high = float(made.rate - Z * made.se), float(made.rate + Z * made.se)
            check({name: float(made.rate), f"{name}_lo": low, f"{name}_hi": high}, entry)


def test_begg_and_greenes(gold: dict[str, dict[str, Any]]) -> None:
    """Scans of the liver, of which the suspicious ones were mostly verified."""
    entry = gold["begg_greenes1983_liver"]
    plus, minus = entry["data"]["T_pos"], entry["data"]["T_neg"]
    pairs = [plus["D_pos"], plus["D_neg"], minus["D_pos"], minus["D_neg"]]
    cells = np.array([*pairs, sum(pairs[:2]), sum(pairs[2:]), plus["unverified"], minus["unverified"]], float)
    flagged = rates.flagged_share(cells, everywhere=True)
    found = rates.verified(flagged, rates.precision(cells), rates.omission(cells))
    naive = {
        "naive_se": float(rates.sensitivity(cells)),
        "naive_sp": 1 - float(rates.false_positive_rate(cells)),
    }
    check({"se": float(found.sensitivity), "sp": float(found.specificity), **naive}, entry)
    assert float(found.rate) == pytest.approx(entry["recomputed"]["prevalence"])


def test_begg_and_greenes_through_a_table(gold: dict[str, dict[str, Any]]) -> None:
    """The same scans as a table: weights are one over the chance of each verdict to be verified."""
    data = gold["begg_greenes1983_liver"]["data"]
    rows = []
    for verdict, side in (("1", data["T_pos"]), ("0", data["T_neg"])):
        verified = side["D_pos"] + side["D_neg"]
        weight = str((verified + side["unverified"]) / verified)
        rows += [("1", verdict, weight)] * side["D_pos"] + [("0", verdict, weight)] * side["D_neg"]
        rows += [("", verdict, "")] * side["unverified"]
    frame = pd.DataFrame(rows, columns=["h", "j", "w"]).assign(item_id=range(len(rows)))
    audit = ja.audit_table(
        frame, human=["h"], judges=["j"], labels=["0", "1"], weight="w", label_design="weighted", replicates=500
    )
    found = audit.findings.query("subject == 'j' and stratum == 'all'").set_index("statistic").value
    assert found["sensitivity_begg_greenes"] == pytest.approx(0.8364667, abs=1e-6)
    assert found["specificity_begg_greenes"] == pytest.approx(0.7383980, abs=1e-6)
    assert found["prevalence_poststratified"] == pytest.approx(0.6930292, abs=1e-6)


def test_hui_and_walter(gold: dict[str, dict[str, Any]]) -> None:
    """Two skin tests in two populations, without any label."""
    entry = gold["hui_walter1980_tb"]
    found = hui_walter(np.array(entry["data"]["populations"]))
    named = dict(zip(("prev1", "prev2"), found.rates.tolist(), strict=True))
    named |= dict(zip(("fpr_T1", "fpr_T2"), found.false_positive_rate.tolist(), strict=True))
    named |= dict(zip(("fnr_T1", "fnr_T2"), (1 - found.sensitivity).tolist(), strict=True))
    check(named, entry)
    assert named == pytest.approx(entry["recomputed"], abs=1e-6)


# ----------------------------------------------------------------------------------- JailbreakBench's four judges


@pytest.fixture(scope="module")
def jbb(shared_data: Path) -> Path:
    """Labels of three people and verdicts of four judges on 300 answers, with what follows from every third label."""
    return shared_data / "jbb_judge_comparison"


def masked(jbb: Path, out: Path, *, first: bool) -> Path:
    """The table with people's labels of items under 100 (`first`) or of every third item alone."""
    frame = pd.read_csv(jbb / "labels.csv", dtype=str).drop(columns="human_majority")
    number = frame.item_id.astype(int)
    frame.loc[number >= 100 if first else number % 3 != 0, list(PEOPLE)] = ""
    frame.to_csv(out, index=False)
    return out


def audited(
    call_command: Callable[..., Any], table: Path, design: str, *more: str, judges: tuple[str, ...] = JUDGES
) -> dict[str, Any]:
    raters = ["--human", ",".join(PEOPLE), "--judge", ",".join(judges), "--labels", "0,1"]
    asked = ["--label-design", design, "--replicates", "1000", "--json", "-", *more]
    ran = call_command(["audit", str(table), *raters, *asked])
    assert ran.code == 0, ran.err
    found: dict[str, Any] = json.loads(ran.out)
    return found


def of(audit: dict[str, Any], judge: str, statistic: str) -> dict[str, Any]:
    (one,) = [
        f
        for f in audit["findings"]
        if (f["subject"], f["statistic"], f["stratum"]) == (judge, statistic, "all") and f["versus"] == "reference"
    ]
    return one  # type: ignore[no-any-return]


def test_every_third_item_labelled(jbb: Path, call_command: Callable[..., Any], tmp_path: Path) -> None:
    """Rogan-Gladen with Lang and Reiczigel's limits where labels are from elsewhere, PPI and PPI++ where they are a sample."""
    table = masked(jbb, tmp_path / "jbb.csv", first=False)
    expected = json.loads((jbb / "expected.json").read_text("utf-8"))["debias_split_index_mod3"]
    elsewhere, random = (audited(call_command, table, design) for design in ("elsewhere", "random"))
    for judge, told in expected.items():
        found = of(elsewhere, judge, "prevalence_rogan_gladen")
        limits = [found["value"], found["low"], found["high"]]
        assert limits == pytest.approx([told["rogan_gladen"], *told["lee2025_v1_ci"]], abs=1e-9)
        assert of(elsewhere, judge, "prevalence_judge_target")["value"] == pytest.approx(told["p_judge"])
        # λ of ppi-python divides a covariance by n and a variance by n + N − 1; the stored λ by n − 1 and n + N
        for name, key, within in (("prevalence_ppi", "ppi_lam1", 1e-9), ("prevalence_ppi_pp", "ppi_pp", 3e-4)):
            found = of(random, judge, name)
            limits = [found["value"], found["low"], found["high"]]
            assert limits == pytest.approx([told[key]["est"], *told[key]["ci"]], abs=within)
        stratified = of(random, judge, "prevalence_poststratified")
        assert stratified["low"] < told["true_test_rate"] < stratified["high"]
    assert [one["signs"] for one in (*elsewhere["rates"], *random["rates"])] == [[]] * 8


def test_the_first_hundred_do_not_speak_of_the_others(
    jbb: Path, call_command: Callable[..., Any], tmp_path: Path
) -> None:
    """Calibrated there, harmbench_cf would be corrected to 0.81 where 0.335 is true: refused beside other judges."""
    table = masked(jbb, tmp_path / "jbb.csv", first=True)
    audit = audited(call_command, table, "elsewhere")
    found = of(audit, "harmbench_cf", "prevalence_rogan_gladen")
    assert (found["value"], found["undefined"]) == (None, "calibration_differs")
    (record,) = [one for one in audit["rates"] if one["judge"] == "harmbench_cf"]
    assert record["unclipped"] == pytest.approx(0.8149, abs=1e-4)
    assert [sign["code"] for sign in record["signs"]] == ["judge_rate", "other_judge"]
    assert any("harmbench_cf" in line and "so its rate is not corrected" in line for line in audit["warnings"])


def test_one_judge_alone_is_flagged(jbb: Path, call_command: Callable[..., Any], tmp_path: Path) -> None:
    """With no other judge and no column beside it, its own rate is all that differs: the value is there, with the flag."""
    table = masked(jbb, tmp_path / "jbb.csv", first=True)
    audit = audited(call_command, table, "elsewhere", judges=("harmbench_cf",))
    found = of(audit, "harmbench_cf", "prevalence_rogan_gladen")
    assert found["value"] == pytest.approx(0.8149, abs=1e-4)
    assert found["method"].endswith("flagged: calibration_differs")
    assert audit["rates"][0]["flagged"] == "calibration_differs"
    assert any("32% of the labelled rows positive and 57% of the others" in line for line in audit["warnings"])


def test_rows_of_a_kind_that_nobody_labelled_refuse_every_judge(
    jbb: Path, call_command: Callable[..., Any], tmp_path: Path
) -> None:
    """Half of the unlabelled answers are to plain prompts, of which no labelled one is."""
    table = masked(jbb, tmp_path / "jbb.csv", first=True)
    audit = audited(call_command, table, "elsewhere", "--by", "prompt_equals_goal")
    for judge in JUDGES:
        assert of(audit, judge, "prevalence_rogan_gladen")["undefined"] == "calibration_differs"
