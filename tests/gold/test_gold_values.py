"""Worked examples of the collection beside the checkout: every one whose method this package has, within its tolerance."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import pytest

from judgeaudit.stats.agreement import correlation as ranks
from judgeaudit.stats.agreement import many_raters as multirater
from judgeaudit.stats.agreement import two_raters as agreement
from judgeaudit.stats.agreement.two_raters import Array, WeightKind
from judgeaudit.stats.intervals import limits as intervals
from judgeaudit.stats.intervals import resample
from judgeaudit.stats.probabilities import scores as probability
from judgeaudit.stats.rates import confusion

Entry = dict[str, Any]
Codes = npt.NDArray[np.int32]
METRICS = ("nominal", "interval", "ratio")
KINDS: tuple[WeightKind, ...] = ("identity", "linear", "quadratic")


@pytest.fixture(scope="module")
def gold(shared_data: Path) -> dict[str, Entry]:
    """Entries by id."""
    plain = json.loads((shared_data / "gold" / "gold_values.json").read_text("utf-8"))
    return {entry["id"]: entry for entry in plain["entries"]}


def coded(items: list[list[Any]]) -> tuple[Codes, Array]:
    """Labels (items × raters, None a hole) as codes (R, N), and the labels' numbers in ascending order."""
    labels = sorted({v for item in items for v in item if v is not None})
    codes = np.array([[-1 if v is None else labels.index(v) for v in item] for item in items], np.int32).T
    spelled = [float(v) for v in labels] if not isinstance(labels[0], str) else list(range(len(labels)))
    return codes, np.asarray(spelled, float)


def alphas(codes: Codes, values: Array) -> dict[str, float]:
    k = len(values)
    total = multirater.coincidences(multirater.label_counts(codes, n_labels=k)).sum(0).ravel()
    out = {"ordinal": float(multirater.krippendorff_alpha(total, n_labels=k, delta=None))}
    for metric in METRICS:
        delta = agreement.distances(values, metric=metric, no_answer=False)
        out[metric] = float(multirater.krippendorff_alpha(total, n_labels=k, delta=delta))
    return out


def check(found: dict[str, float], expected: dict[str, float], entry: Entry) -> None:
    tolerance = max(float(entry["tolerance"]), 1e-12)
    named = {name: found[name] for name in expected}
    assert named == pytest.approx(expected, abs=tolerance), entry["source"]


@pytest.mark.parametrize("name", ["krippendorff2011_4x12", "krippendorff2011_2x12_nominal"])
def test_krippendorff(gold: dict[str, Entry], name: str) -> None:
    """Alpha in the metrics that are printed."""
    entry = gold[name]
    items = [list(item) for item in zip(*entry["data"]["raters_by_units"], strict=True)]
    check(alphas(*coded(items)), entry["expected"], entry)
    check(alphas(*coded(items)), entry["recomputed"], {**entry, "tolerance": 1e-9})


def test_fleiss(gold: dict[str, Entry]) -> None:
    """Fleiss' kappa and its kappas of single labels."""
    entry = gold["fleiss1971_30x6x5"]
    codes, _ = coded(entry["data"]["units_by_raters"])
    counts = multirater.label_counts(codes, n_labels=5)
    found = {"kappa": _fleiss(counts)}
    names = ("kappa_depression", "kappa_personality", "kappa_schizophrenia", "kappa_neurosis", "kappa_other")
    for label, name in enumerate(names):
        found[name] = _fleiss(np.column_stack([counts[:, label], 6 - counts[:, label]]))
    check(found, {name: entry["recomputed"][name] for name in found}, {**entry, "tolerance": 1e-9})
    check(found, {name: entry["expected"][name] for name in found}, entry)


def _fleiss(counts: Array) -> float:
    eye = np.eye(counts.shape[1])
    return float(multirater.fleiss_kappa(multirater.agreement_totals(counts, weights=eye).sum(0), weights=eye))


def test_randolph(gold: dict[str, Entry]) -> None:
    """Fixed and free marginals of the same counts."""
    entry = gold["randolph_0"]
    counts = np.asarray(entry["data"]["units_by_category_counts"], float)
    eye = np.eye(counts.shape[1])
    total = multirater.agreement_totals(counts, weights=eye).sum(0)
    free = multirater.brennan_prediger(total, weights=eye, n_labels=counts.shape[1])
    check({"fleiss": _fleiss(counts), "free_marginal": float(free)}, entry["expected"], entry)


@pytest.mark.parametrize("name", ["cohen_sas_3x3", "cohen_wikipedia", "fc1990_balanced", "fc1990_prevalent"])
def test_cohen(gold: dict[str, Entry], name: str) -> None:
    """Kappa and its relations of one table, and kappa's standard error by the delta method where it is printed."""
    entry = gold[name]
    t = np.asarray(entry["data"]["table"], float)
    k = len(t)
    eye = np.eye(k)
    linear = agreement.agreement_weights(np.arange(float(k)), kind="linear", no_answer=False)

    def kappas(flat: Array) -> Array:
        tables = flat.reshape(*flat.shape[:-1], k, k)
        return np.stack([agreement.cohen_kappa(tables, weights=w) for w in (eye, linear)], -1)

    error = resample.linear_spread(np.eye(k * k)[t.ravel() > 0], counts=t.ravel()[t.ravel() > 0], f=kappas).se
    found = {
        "po": float(confusion.accuracy(np.pad(t, ((0, 1), (0, 1)))).value),
        "kappa": float(agreement.cohen_kappa(t, weights=eye)),
        "w_kappa": float(agreement.cohen_kappa(t, weights=linear)),
        "pabak": float(agreement.brennan_prediger(t, weights=eye, n_labels=k)),
        "ac1": float(agreement.gwet_ac(t, weights=eye, n_labels=k)),
        "scott_pi": float(agreement.scott_pi(t, weights=eye)),
        "ase": float(error[0]),
        "w_ase": float(error[1]),
    }
    check(found, {key: v for key, v in entry["expected"].items() if key in found}, entry)
    exact = {key: v for key, v in entry["recomputed"].items() if key in found and not key.endswith("ase")}
    check(found, exact, {**entry, "tolerance": 1e-9})


@pytest.mark.parametrize("name", ["gwet_raw_4raters", "gwet_raw_gender"])
def test_gwet_raw(gold: dict[str, Entry], name: str) -> None:
    """Gwet's coefficients of many raters with holes, under the weights that this package has."""
    entry = gold[name]
    codes, values = coded(entry["data"]["units_by_raters"])
    k = len(values)
    counts = multirater.label_counts(codes, n_labels=k)
    by_weights = entry["expected"]["by_weights"]
    assert set(by_weights) & set(KINDS)
    for kind in KINDS:
        if kind not in by_weights:
            continue
        w = agreement.agreement_weights(values, kind=kind, no_answer=False)
        total = multirater.agreement_totals(counts, weights=w).sum(0)
        found = {
            "gwet": float(multirater.gwet_ac(total, weights=w, n_labels=k)),
            "fleiss": float(multirater.fleiss_kappa(total, weights=w)),
            "bp": float(multirater.brennan_prediger(total, weights=w, n_labels=k)),
        }
        if kind != "linear":
            found["krippendorff"] = alphas(codes, values)["nominal" if kind == "identity" else "interval"]
        expected = {part: by_weights[kind][part]["coefficient_value"] for part in found}
        check(found, expected, entry)


def test_gwet_table(gold: dict[str, Entry]) -> None:
    """The same of two raters, from their table."""
    entry = gold["gwet_table_cont3x3abstractors"]
    t = np.asarray(entry["data"]["table"], float)
    x = np.arange(3.0)
    for kind, metric in (("identity", "nominal"), ("quadratic", "interval")):
        w = agreement.agreement_weights(x, kind=kind, no_answer=False)  # type: ignore[arg-type]
        delta = agreement.distances(x, metric=metric, no_answer=False)  # type: ignore[arg-type]
        found = {
            "cohen": float(agreement.cohen_kappa(t, weights=w)),
            "scott": float(agreement.scott_pi(t, weights=w)),
            "gwet": float(agreement.gwet_ac(t, weights=w, n_labels=3)),
            "bp": float(agreement.brennan_prediger(t, weights=w, n_labels=3)),
            "krippendorff": float(agreement.krippendorff_alpha(t, delta=delta, no_answer=False)),
        }
        parts = entry["expected"]["by_weights"][kind]
        check(found, {part: parts[part]["coefficient_value"] for part in found}, entry)


def test_shrout_fleiss(gold: dict[str, Entry]) -> None:
    """The intraclass correlations that this package has."""
    entry = gold["shrout_fleiss1979_6x4"]
    x = np.asarray(entry["data"]["units_by_raters"], float)
    block = ranks.Anova(np.asarray(float(len(x))), (x.sum(1) ** 2).sum(), (x**2).sum(), x.sum(0))
    found = dict(zip(("ICC(2,1)", "ICC(2,k)", "ICC(3,1)"), map(float, ranks.intraclass(block)), strict=True))
    check(found, {name: entry["expected"][name] for name in found}, entry)
    check(found, {name: entry["recomputed"][name] for name in found}, {**entry, "tolerance": 1e-9})


def test_hollander_wolfe(gold: dict[str, Entry]) -> None:
    """Three correlations of continuous numbers, as tables of their ranks and as moments."""
    entry = gold["hollander_wolfe_tuna"]
    x, y = (np.asarray(entry["data"][axis], float) for axis in ("x", "y"))
    t = np.zeros((x.size, x.size))
    t[x.argsort().argsort(), y.argsort().argsort()] = 1
    sums = (x.size, x.sum(), y.sum(), x @ x, y @ y, x @ y)
    found = {
        "pearson": float(ranks.pearson_r(ranks.Moments(*(np.asarray(float(s)) for s in sums)))),
        "spearman": float(ranks.spearman_rho(t)),
        "kendall": float(ranks.kendall_tau_b(t)),
    }
    check(found, {name: entry["expected"][name] for name in found}, entry)


@pytest.mark.parametrize("name", ["newcombe1998_81_263", "newcombe1998_15_148"])
def test_newcombe(gold: dict[str, Entry], name: str) -> None:
    """Two intervals of a share."""
    entry = gold[name]
    k, n = entry["data"]["k"], entry["data"]["n"]
    low, high = intervals.wilson(k, n, level=0.95)
    found = {
        "wilson_lo": low,
        "wilson_hi": high,
        "cp_lo": intervals.clopper_pearson_lower(k, n, confidence=0.975),
        "cp_hi": intervals.clopper_pearson_upper(k, n, confidence=0.975),
    }
    check(found, entry["expected"], entry)
    check(found, entry["recomputed"], {**entry, "tolerance": 1e-9})


def test_holm(gold: dict[str, Entry]) -> None:
    """Holm's adjusted p-values and how many survive at 5%."""
    entry = gold["bh1995_15p"]
    adjusted = resample.holm(np.asarray(entry["data"]["p"], float))
    np.testing.assert_allclose(adjusted, entry["recomputed"]["adjusted_holm"], atol=1e-12)
    assert int((adjusted <= 0.05).sum()) == entry["recomputed"]["n_rejected_holm"]


def test_probabilities(gold: dict[str, Entry]) -> None:
    """Brier score, log loss and calibration error in ten and five bins, of equal width and of equal mass."""
    entry = gold["corp_niamey_EMOS"]
    p, y = (np.asarray(entry["data"][key], float) for key in ("forecast", "obs"))
    found = {
        "brier": float(probability.brier_terms(p, y).mean()),
        "log_loss": float(probability.log_terms(p, y).mean()),
    }
    for bins in (5, 10):
        for name, cut in (("width", probability.equal_width_bins), ("mass", probability.equal_mass_bins)):
            held = probability.bin_totals(p, y, which=cut(p, bins=bins), bins=bins, weights=np.ones_like(p))
            found[f"ece_equal_{name}_{bins}"] = float(probability.calibration_error(np.stack(held)))
    check(found, {name: entry["recomputed"][name] for name in found}, {**entry, "tolerance": 1e-9})
    check(found, {"brier": entry["expected"]["brier"]}, entry)


def test_murphy(gold: dict[str, Entry]) -> None:
    """The Brier score of the hand-checkable example."""
    entry = gold["murphy_exact_toy"]
    p, y = (np.asarray(entry["data"][key], float) for key in ("forecast", "obs"))
    check({"brier": float(probability.brier_terms(p, y).mean())}, {"brier": entry["expected"]["brier"]}, entry)
