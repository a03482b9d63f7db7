# requires: irrCAC==0.4.4
"""Writes irrcac.json: coefficients of many raters with holes and weights, by irrCAC, in an environment of its own (`make oracles`)."""

from __future__ import annotations

import json
from importlib.metadata import version
from pathlib import Path

import numpy as np
import pandas as pd
from irrCAC.raw import CAC

#: raters, items, labels (numbers, on which weights rest), share of holes
CASES = {
    "two raters": (2, 40, [0.0, 1.0], 0.0),
    "two raters with holes": (2, 50, [1.0, 2.0, 3.0], 0.2),
    "three raters": (3, 30, [0.0, 1.0], 0.0),
    "four raters with holes": (4, 40, [1.0, 2.0, 3.0, 4.0], 0.3),
    "labels apart unevenly": (3, 40, [0.0, 1.0, 2.5, 7.0], 0.15),
    "a rare label": (5, 60, [0.0, 1.0], 0.25),
    "a label that nobody uses": (3, 30, [1.0, 2.0, 3.0, 4.0, 5.0], 0.1),
}
WEIGHTS = ("identity", "linear", "quadratic")


def ratings(name: str, seed: int) -> list[list[float | None]]:
    """Items by raters, None a hole; every item has a label."""
    raters, items, labels, holes = CASES[name]
    rng = np.random.default_rng(seed)
    used = labels[:-1] if name == "a label that nobody uses" else labels
    shares = np.array([12.0, 1.0]) if name == "a rare label" else np.arange(1.0, len(used) + 1)
    truth = rng.choice(used, items, p=shares / shares.sum())
    given = np.where(rng.random((raters, items)) < 0.75, truth, rng.choice(used, (raters, items)))
    given[rng.random((raters, items)) < holes] = np.nan
    given[0, np.isnan(given).all(0)] = used[0]
    return [[None if np.isnan(x) else float(x) for x in item] for item in given.T]


def coefficients(rows: list[list[float | None]], labels: list[float], weights: str) -> dict[str, float]:
    """What irrCAC says, to nine digits."""
    frame = pd.DataFrame(rows, columns=[f"r{j}" for j in range(len(rows[0]))], dtype=float)
    cac = CAC(frame, weights=weights, categories=labels, digits=9)
    found = {
        "gwet": cac.gwet,
        "brennan_prediger": cac.bp,
        "fleiss_kappa": cac.fleiss,
        "krippendorff_alpha": cac.krippendorff,
    }
    return {name: float(f()["est"]["coefficient_value"]) for name, f in found.items()}


def main() -> None:
    out: dict[str, object] = {"made_with": {name: version(name) for name in ("irrCAC", "numpy", "pandas", "scipy")}}
    cases = []
    for seed, name in enumerate(CASES):
        labels = CASES[name][2]
        rows = ratings(name, seed)
        said = {weights: coefficients(rows, labels, weights) for weights in WEIGHTS}
        cases.append({"name": name, "labels": labels, "ratings": rows, "expected": said})
    lines = ",\n".join(json.dumps(case) for case in cases)
    text = f'{{"made_with": {json.dumps(out["made_with"])}, "cases": [\n{lines}\n]}}\n'
    Path(__file__).with_suffix(".json").write_text(text, encoding="utf-8")


if __name__ == "__main__":
    main()
